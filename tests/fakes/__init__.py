"""Servers that answer as the vendors do."""
