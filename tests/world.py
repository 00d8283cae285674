"""A whole office in a test: real database, real content, a clock that is set by hand; channels are lists.

Each message goes through ``turn`` in a transaction of its own, as the inbox does it.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.broadcast_progress import COUNT_EVERY, note
from handlers.broadcast_texts import outgoing
from handlers.filling import fill_step, sweep_step
from handlers.hours import read_hours
from handlers.inbox import turn
from handlers.intake import clean
from handlers.messages import Ability, Incoming, IncomingMedia, Outgoing, Sending
from handlers.office import Office
from handlers.people import add_staff
from handlers.reminders import apply_rule
from handlers.rules import RULES
from handlers.tip_rounds import Step, release, send_due
from handlers.topics import TOPIC_OF_KIND
from storage import broadcasts, conversations, deliveries, subscriptions, volunteers
from storage.contacts import Person, find_person
from storage.deliveries import Mark
from tests.talk import REGISTRY, VOICES

ZONE = ZoneInfo("Asia/Jakarta")
TUESDAY_MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # 10.00 in Blitar
ABILITIES = {
    "telegram": Ability(30, 16, edits=True),
    "whatsapp": Ability(80, 16, timedelta(hours=24)),
    "web": Ability(1000, 64, keeps_history=True),
}
PHOTO = IncomingMedia("photo", "vendor-1", "image/jpeg", 1000)


@dataclass
class World:
    """An office with people who write to it. An address is ``channel:address``; bare ones are on Telegram."""

    engine: sa.Engine
    office: Office = field(
        default_factory=lambda: Office(
            REGISTRY, VOICES, ABILITIES, ZONE, read_hours("1-5 07.30-15.30"), clock=lambda: TUESDAY_MORNING
        )
    )
    inboxes: dict[str, list[Outgoing]] = field(default_factory=dict)
    edited: dict[str, list[Outgoing]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def says(self, who: str, text: str = "", **more: Any) -> str:
        """Let somebody say something; returns what they read then, all messages in one text."""
        return "\n---\n".join(message.text for message in self.hears(self.incoming(who, text, **more)))

    def presses(self, who: str, label: str) -> str:
        """Let somebody press a button of the last message they got, by (the beginning of) its label."""
        buttons = self.last(who).buttons
        data = next((button.data for button in buttons if button.label.startswith(label)), None)
        assert data is not None, f"no button {label!r} among {[button.label for button in buttons]}"
        return self.says(who, choice=data)

    def replies(self, who: str, text: str = "", **more: Any) -> str:
        """Let somebody reply to the last message they got; on the way the vendor has given it an id."""
        channel, _, address = who.rpartition(":")
        with self.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE outbox SET vendor_id = 'v' || id WHERE vendor_id IS NULL")
        row = self.value("SELECT max(id) FROM outbox WHERE channel = :channel AND address = :address", channel=channel or "telegram", address=address)  # fmt: skip
        return self.says(who, text, reply_to=f"v{row}", **more)

    def picks(self, who: str, option: str) -> str:
        """Let somebody press the button of an option of the last message they got, or of a command."""
        data = next(
            (button.data for button in self.last(who).buttons if button.data.endswith((f"|{option}", f"!{option}"))),
            None,
        )
        assert data is not None, f"no option {option!r} among {[button.data for button in self.last(who).buttons]}"
        return self.says(who, choice=data)

    def asks(self, who: str) -> str:
        """Say which question somebody has before them: flow and key."""
        conversation = self.person(who).conversation
        return "" if conversation is None else f"{conversation.flow}/{json.loads(conversation.shown)['key']}"

    def incoming(self, who: str, text: str = "", **more: Any) -> Incoming:
        """Make a message of somebody."""
        channel, _, address = who.rpartition(":")
        more.setdefault("message_id", f"m{next(self._numbers)}")
        return Incoming(channel or "telegram", address=address, received_at=self.office.clock(), text=text, **more)

    def hears(self, incoming: Incoming) -> list[Outgoing]:
        """Handle a message; returns what its sender got for it."""
        cleaned, masked = clean(incoming)
        with self.engine.begin() as connection:
            sendings, removed, _ = turn(connection, self.office, cleaned, masked=masked)
        self.removed += removed
        for sending in sendings:
            self.inboxes.setdefault(_who(sending), []).append(sending.message)
        me = (incoming.channel, incoming.address)
        return [sending.message for sending in sendings if (sending.channel, sending.address) == me]

    def last(self, who: str) -> Outgoing:
        """Give the last message somebody got."""
        return self.inboxes[who][-1]

    def arrives(self, who: str, language: str = "id", village: str = "Salam") -> None:
        """Let somebody go through the first contact."""
        self.says(who, "halo")
        self.says(who, "Basa Jawi" if language == "jv" else "Bahasa Indonesia")
        self.says(who, "1")
        self.says(who, village)
        assert self.person(who).consent, self.last(who)

    def employs(self, who: str, name: str = "Dewi", role: str = "admin", village: str | None = None) -> None:
        """Make somebody staff."""
        channel, _, address = who.rpartition(":")
        with self.engine.begin() as connection:
            add_staff(connection, channel or "telegram", address, name, role, village, self.office.clock())

    def makes_volunteer(self, who: str, *villages: str, name: str = "Budi", state: str = "active") -> int:
        """Make somebody who has arrived a volunteer of villages (official codes; Ngaglik unless said); returns their id."""
        contact = self.person(who).contact_id
        now = self.office.clock()
        with self.engine.begin() as connection:
            volunteers.put_application(connection, contact, name, "HP", villages or ("35.05.03.2016",), now)
            volunteers.change_state(connection, contact, ["applied"], state, reason=None, by=contact, at=now)
        return contact

    def ticks(self) -> list[Outgoing]:
        """Let the clock tick once: every rule is applied; returns what goes out for it at once."""
        sent: list[Outgoing] = []
        for rule in RULES:
            with self.engine.begin() as connection:
                sendings = apply_rule(connection, self.office, rule)
            for sending in sendings:
                self.inboxes.setdefault(_who(sending), []).append(sending.message)
                sent.append(sending.message)
        return sent

    def sends_broadcasts(self, kind: str | None = None) -> list[tuple[str, str]]:
        """Let every broadcast that runs (of a kind) reach all whom it may now; returns who got what, as (address, first line)."""
        sent: list[tuple[str, str]] = []
        now = self.office.clock()
        with self.engine.begin() as connection:
            while fill_step(connection, self.office):
                pass
            running = [
                each for each in broadcasts.list_running(connection) if each.urgent or self.office.may_disturb(now)
            ]
            for broadcast in (each for each in running if kind in (None, each.kind)):
                for channel in self.office.abilities:
                    topic = TOPIC_OF_KIND[broadcast.kind].name
                    for row in deliveries.claim(connection, channel, broadcast.id, topic, now, now, 1000):
                        message = outgoing(self.office, broadcast, row.language)
                        assert row.address is not None
                        who = row.address if channel == "telegram" else f"{channel}:{row.address}"
                        self.inboxes.setdefault(who, []).append(message)
                        sent.append((who, message.text.split("\n")[0]))
                        mark = Mark(broadcast.id, row.contact_id, now, "sent", None, now)
                        deliveries.mark(connection, [mark])
        return sent

    def tips(self) -> list[tuple[str, str]]:
        """Let the clock send the tips that are due, held ones too; returns who got which, as (address, title)."""
        with self.engine.begin() as connection:
            back = list(connection.execute(subscriptions.select_back()).scalars())
            sendings = release(connection, self.office, back)
        step = Step([], None)
        while True:
            with self.engine.begin() as connection:
                step = send_due(connection, self.office, step.after, most=3)
            sendings = [*sendings, *step.sendings]
            if step.after is None:
                break
        for sending in sendings:
            self.inboxes.setdefault(_who(sending), []).append(sending.message)
        return self.sends_broadcasts("tip")

    def broadcasts(self, author: str | None, text: str = "Besok ada bazar.", **values: Any) -> int:
        """Begin a broadcast of somebody to everybody who has arrived, and line its recipients up; returns its number."""
        now = self.office.clock()
        values = {"kind": "news", "author_id": self.person(author).contact_id if author else None, **values}
        with self.engine.begin() as connection:
            number = broadcasts.add(connection, state="scheduled", text_id=text, digest="", created_at=now, **values)
            assert broadcasts.begin(connection, number, now)
            while fill_step(connection, self.office):
                pass
        return number

    def delivers(self, broadcast: int, *people: str, state: str = "sent", reason: str | None = None) -> None:
        """Let a broadcast's waiting deliveries to some people, or to all, end in a state; it is done when none waits."""
        now, some = self.office.clock(), [self.person(who).contact_id for who in people]
        with self.engine.begin() as connection:
            while sweep_step(connection, self.office):
                pass
            for channel in self.office.abilities:
                for each in deliveries.claim(
                    connection, channel, broadcast, "news", now, now + timedelta(minutes=1), 1000
                ):
                    mine = not some or each.contact_id in some
                    ended = (state, reason) if mine else ("queued", None)
                    mark = deliveries.Mark(broadcast, each.contact_id, now, *ended, now)
                    deliveries.mark(connection, [mark])
            if not deliveries.has_waiting(connection, broadcast, list(self.office.abilities)):
                broadcasts.end(connection, broadcast, now)

    def reports(self) -> list[Outgoing]:
        """Let broadcasts be counted and their authors be told, as every ten seconds; returns what goes out for it at once.

        What was sent before has an id of the vendor by then; a message that is changed is put into ``edited``.
        """
        sent: list[Outgoing] = []
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE outbox SET state = 'sent', vendor_id = 'v' || id WHERE state = 'claimed'"
            )
            found = connection.execute(broadcasts.select_watched(self.office.clock() - COUNT_EVERY)).all()
        for seen in [broadcasts.Broadcast(*row) for row in found]:
            with self.engine.begin() as connection:
                rows = [tuple(row) for row in connection.execute(deliveries.count_states(seen.id))]
                sendings = note(connection, self.office, seen, rows)
            for sending in sendings:
                box = self.edited if sending.message.edits else self.inboxes
                box.setdefault(_who(sending), []).append(sending.message)
                sent.append(sending.message)
        return sent

    def person(self, who: str) -> Person:
        """Look somebody up."""
        channel, _, address = who.rpartition(":")
        with self.engine.begin() as connection:
            found = find_person(connection, channel or "telegram", address)
        assert found is not None, f"nobody is {who!r}"
        return found

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Read rows with a query."""
        with self.engine.begin() as connection:
            return list(connection.execute(sa.text(query), values))

    def value(self, query: str, **values: Any) -> Any:
        """Read one value with a query."""
        return self.rows(query, **values)[0][0]

    def later(self, **units: float) -> None:
        """Let time pass."""
        moment = self.office.clock() + timedelta(**units)
        self.office = replace(self.office, clock=lambda: moment)

    def keeps_contents(self) -> None:
        """Keep the sources of today's content, as the process does at its start."""
        from flows.content import SERVICES

        with self.engine.begin() as connection:
            for service in self.office.registry.services.values():
                source = (SERVICES / f"{service.id}.yaml").read_text("utf-8")
                conversations.keep_content(connection, service.digest, f"request:{service.id}", source)


def _who(sending: Sending) -> str:
    return sending.address if sending.channel == "telegram" else f"{sending.channel}:{sending.address}"
