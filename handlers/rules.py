"""All rules of reminders, from the use-cases they belong to; the clock applies each every minute."""

from __future__ import annotations

from handlers import event_rules, help_rules, recap_digest, suspicion_rules, visit_reminders
from handlers.reminders import Rule

RULES: tuple[Rule, ...] = (
    *visit_reminders.RULES,
    *recap_digest.RULES,
    *event_rules.RULES,
    *help_rules.RULES,
    *suspicion_rules.RULES,
)
