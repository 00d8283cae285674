"""Reminders about visits."""

from __future__ import annotations

from handlers.reminders import Rule

RULES: tuple[Rule, ...] = ()
