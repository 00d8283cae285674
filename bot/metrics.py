"""Figures for Prometheus. Labels are names of ours, never of people."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TURN_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The process's own figures, in a registry of their own so that tests do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "rewang_events", "What was refused, skipped or went wrong, by name.", ["name"], registry=self.registry
        )
        self.turns = Histogram(
            "rewang_turn_seconds",
            "From a message in to its commit.",
            ["channel"],
            buckets=TURN_SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge(
            "rewang_outbox_waiting", "Messages that wait to be sent.", ["channel"], registry=self.registry
        )

    def count(self, name: str) -> None:
        """Count one event."""
        self._events.labels(name).inc()

    def page(self) -> bytes:
        """Give the figures as Prometheus reads them."""
        return generate_latest(self.registry)
