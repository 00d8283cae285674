"""Rows in, rows out: tables, migrations, and functions of a connection."""
