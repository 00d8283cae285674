"""Decisions about order, locks, transactions and rights: the use-cases that chat, clock and console all call."""
