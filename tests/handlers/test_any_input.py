"""Whatever people send, in whatever order: nothing breaks, nobody is left without an answer, nothing secret is kept.

Runs the same examples every time. For a longer hunt with other examples: ``REWANG_EXAMPLES=2000 pytest tests/handlers/test_any_input.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from flows.chat import Waiting, play
from handlers.intake import clean
from handlers.messages import MOST_TEXT_CHARS, Incoming, IncomingMedia, Outgoing
from handlers.render import load_shown
from handlers.sweeps import tidy
from handlers.words import find_command
from storage import handovers
from storage.contacts import Person, find_person
from storage.db import open_engine
from storage.migrate import migrate
from storage.tables import metadata
from tests.talk import REGISTRY
from tests.world import World

EXAMPLES = os.environ.get("REWANG_EXAMPLES")
NIK = "3505014107900002"
TWO_OPEN = sa.text("SELECT contact_id FROM conversations WHERE NOT parked GROUP BY contact_id HAVING count(*) > 1")
KEPT_NUMBERS = sa.text(
    " UNION ALL ".join(
        f"SELECT '{column}', {column.name} FROM {table.name} WHERE {column.name} GLOB '*{'[0-9]' * 16}*'"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.String) and table.name != "contents"
    )
)
VILLAGERS = ["sri", "whatsapp:+6281234567890", "web:wati", "baru", "web:tamu"]
OFFICERS = ["dewi", "web:joko"]
EVERYBODY = [*VILLAGERS, *OFFICERS]

WORDS = [
    "menu", "/menu", "/start", "kembali", "batal", "status", "stop", "langganan", "bahasa", "basa jawa", "bahasa indonesia", "hapus data",
    "data saya", "petugas", "layanan", "lapor", "ganti desa", "belajar", "meja", "tutup", "buka", "talk 1", "talk 999999999999999999999", "tambah",
    "/start layanan-kk", "/start desa-35.05.01.2002", "/start desa-99", "/start layanan-", "bantuan", "halo", "assalamualaikum", "nuwun sewu",
    "surat domisili", "ktp ilang", "dalan rusak", "bupati korupsi", "BLT-7K3F", "buka BLT-2222", "open BLT-", "confirm blt7k3f", "acara", "acara baru", "hadir", "hadir 4821", "4821",
    "panduan", "panduan 1", "terbitkan panduan", "cek pesan", "apa ini penipuan?", "apa ini penipuan? selamat anda mendapat hadiah, klik bit.ly/xx",
    "PLN: listrik akan diputus hari ini juga, bayar lewat tinyurl.com/pln", "waspada",
]  # fmt: skip
ANSWERS = [
    "ya", "tidak", "nggih", "lewati", "lanjut", "setuju", "Sri Lestari", "Salam", "Kauman", "Sukorejo", "Wonodadi", "kota blitar", "besok", "17-8",
    "29 Februari", "31-12-9999", "0-0-0", "1", "2", "3", "7", "8", "9", "10", "99", "-1", "٣", "²", "1e9", "9" * 15, "0812-3456-7890", "keperluan sekolah",
]  # fmt: skip
HOSTILE = [
    "", " ", "\x00", "a\x00b", "\ud800", "x\udfffy", "😭" * 50, "👨‍👩‍👧‍👦", "ꦱꦸꦒꦼꦁꦲꦺꦚ꧀ꦗꦶꦁ", "مرحبا بالعالم", "\u202eabc", "à́̂̃̄" * 300, "<b>x</b>&amp;<script>", "*tebal* _x_ `y`",
    "{name} {0} {} %s %(x)s $x", "'; DROP TABLE contacts; --", "x" * 100_000, "kata " * 20_000, "\n" * 5000, "1 " * 50_000, f"NIK {NIK}", NIK, " ".join(NIK),
    f"{NIK[:8]}\x00{NIK[8:]}", f"{NIK[:4]} {NIK[4:8]} {NIK[8:12]} {NIK[12:]}", NIK * 3, "x" * 3990 + NIK, "٣" * 16, "ada kebakaran tolong", "!menu", "!", "||",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(ANSWERS), st.sampled_from(HOSTILE), st.text(st.characters(), max_size=70)
)
MEDIA = st.lists(
    st.builds(
        IncomingMedia,
        st.sampled_from(["photo", "document", "voice", "video", "sticker"]),
        st.just("vendor-1"),
        st.sampled_from(
            ["image/jpeg", "application/pdf", "application/vnd.android.package-archive", "", "x" * 300, "a\x00b"]
        ),
        st.sampled_from([None, 0, 1000, 2**62]),
    ),
    min_size=1,
    max_size=7,
)
DEGREES = st.one_of(st.floats(), st.sampled_from([-8.021654, 111.973073, 999.0, -90.0, 180.0, 188.021654, 291.973073]))
PLACES = st.one_of(st.just((-8.021654, 111.973073)), st.tuples(DEGREES, DEGREES))
FORGED = st.one_of(
    st.sampled_from(["!open BLT-2222", "!talk 1", "!desk", "!tutup", "!menu", "!hapus data", "!x", "!", "", "1|review|yes", "1|choice|desk", "2|consent|yes", "999|x|y", "|||",
                     "1|action|take", "!event 1", "!rsvp 1 coming", "!rsvp 1 x", "!hadir 4821", "!guides 1", "!guide_new", "!guide_ask 1", "!guide_seen 1", "!guide_talk 1",
                     "!guide_answer 1", "!guide_answer x", "!lesson aman_apk", "!lesson x_x_x", "!suspicion_report 1.4.99", "!suspicion_report ..", "!waspada", "\ud800|a|b", f"!{NIK}", "9" * 30 + "|a|b", "x" * 5000]),
    st.text(max_size=70),
)  # fmt: skip


class Crowd(RuleBasedStateMachine):
    """Some people write to one office: villagers known and new, an admin and an inspector, on all channels."""

    template: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "rewang.db"
        shutil.copy(self.template, path)
        self.engine = open_engine(f"sqlite:///{path}")
        sa.event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self.world = World(self.engine)
        numbers = count(7)
        self.world.office = replace(self.world.office, random_below=lambda most: next(numbers) * 7919 % most)
        self.world._numbers = count(1000)  # the first ones were used when the office was set up
        self.past: list[Incoming] = []
        self.checked: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    @rule(who=st.sampled_from(EVERYBODY), text=TEXTS)
    def says(self, who: str, text: str) -> None:
        self.hears(self.world.incoming(who, text))

    @rule(who=st.sampled_from(VILLAGERS), text=st.sampled_from(ANSWERS))
    def answers(self, who: str, text: str) -> None:
        self.hears(self.world.incoming(who, text))

    @rule(who=st.sampled_from(EVERYBODY), text=st.one_of(st.just(""), TEXTS), media=MEDIA)
    def sends_files(self, who: str, text: str, media: list[IncomingMedia]) -> None:
        self.hears(self.world.incoming(who, text, media=tuple(media)))

    @rule(who=st.sampled_from(EVERYBODY), place=PLACES)
    def shares_location(self, who: str, place: tuple[float, float]) -> None:
        self.hears(self.world.incoming(who, location=place))

    @rule(who=st.sampled_from(EVERYBODY), phone=st.sampled_from(["+6281234567890", "", "x", NIK]))
    def shares_contact(self, who: str, phone: str) -> None:
        self.hears(self.world.incoming(who, phone=phone, name=NIK))

    @rule(who=st.sampled_from(EVERYBODY), which=st.integers(0, 40))
    def presses(self, who: str, which: int) -> None:
        """Press a button of the last message."""
        self.press(who, self.world.inboxes.get(who, [])[-1:], which)

    @rule(who=st.sampled_from(EVERYBODY), which=st.integers(0, 40))
    def presses_again(self, who: str, which: int) -> None:
        """As before: most of a conversation is pressing buttons, and only so is its end reached."""
        self.press(who, self.world.inboxes.get(who, [])[-1:], which)

    @rule(who=st.sampled_from(EVERYBODY), whose=st.sampled_from(EVERYBODY), which=st.integers(0, 400))
    def presses_an_old_one(self, who: str, whose: str, which: int) -> None:
        """Press a button of any earlier message, of somebody else too."""
        self.press(who, self.world.inboxes.get(whose, []), which)

    @rule(who=st.sampled_from(EVERYBODY), data=FORGED)
    def forges_a_button(self, who: str, data: str) -> None:
        self.hears(self.world.incoming(who, choice=data))

    @rule(who=st.sampled_from(EVERYBODY), event=st.sampled_from(["left", "joined"]))
    def comes_and_goes(self, who: str, event: str) -> None:
        self.hears(self.world.incoming(who, event=event))

    @rule(who=st.sampled_from(EVERYBODY), text=TEXTS)
    def edits(self, who: str, text: str) -> None:
        self.hears(self.world.incoming(who, text, event="edited"))

    @precondition(lambda self: self.past)
    @rule(which=st.integers(0, 400))
    def is_repeated_by_the_vendor(self, which: int) -> None:
        assert self.world.hears(self.past[which % len(self.past)]) == []

    @rule(hours=st.sampled_from([1, 9, 30, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        self.world.later(hours=hours)
        if hours > 48:
            self.past.clear()  # no vendor repeats a message for so long
        with self.engine.begin() as connection:
            tidy(connection, self.world.office.clock(), draft_days=30, chat_days=30)

    @rule(
        who=st.sampled_from(["sri", "web:wati"]),
        service=st.sampled_from(sorted(REGISTRY.services)),
        steps=st.sampled_from([2, 4, 6, 20, 20]),
    )
    def asks_for_a_service(self, who: str, service: str, steps: int) -> None:
        """Answer some of a service's questions sensibly, or all, and send it."""
        self.hears(self.world.incoming(who, "batal"))
        self.hears(self.world.incoming(who, f"/start layanan-{service}"))
        for _ in range(steps):
            with self.engine.begin() as connection:
                person = self.person(connection, who)
            open_one = person.conversation if person is not None else None
            if open_one is None or open_one.flow != f"request:{service}":
                return
            self.hears(self.world.incoming(who, **fitting(service, load_shown(open_one.shown).key)))

    @rule(who=st.sampled_from(OFFICERS), which=st.integers(0, 20), then=st.lists(st.integers(0, 6), max_size=3))
    def handles_a_request(self, who: str, which: int, then: list[int]) -> None:
        codes = [row.code for row in self.rows(sa.text("SELECT code FROM requests ORDER BY id"))]
        if codes:
            self.hears(self.world.incoming(who, f"buka {codes[which % len(codes)]}"))
            for button in then:
                self.press(who, self.world.inboxes[who][-1:], button)
            self.hears(self.world.incoming(who, "Mohon dilengkapi nggih"))

    @rule(who=st.sampled_from(VILLAGERS), officer=st.sampled_from(OFFICERS))
    def talks_with_an_officer(self, who: str, officer: str) -> None:
        self.hears(self.world.incoming(who, "petugas"))
        self.hears(self.world.incoming(who, "badhe nyuwun pirsa"))
        self.press(officer, self.world.inboxes.get(officer, [])[-1:], 0)

    @rule(
        who=st.sampled_from(VILLAGERS),
        words=st.sampled_from(
            [("hapus data", "ya"), ("halo", "1", "1", "Salam"), ("menu", "batal", "menu", "10"), ("halo", "2", "2")]
        ),
    )
    def says_several(self, who: str, words: tuple[str, ...]) -> None:
        """Be erased, arrive, take up a draft, or refuse."""
        for text in words:
            self.hears(self.world.incoming(who, text))

    def press(self, who: str, messages: list[Outgoing], which: int) -> None:
        data = [button.data for message in messages for button in message.buttons]
        if data:
            self.hears(self.world.incoming(who, choice=data[which % len(data)]))

    def hears(self, incoming: Incoming) -> None:
        """Handle a message, and see that its sender was answered, unless silence is meant."""
        self.past.append(incoming)
        with self.engine.begin() as connection:
            silence = why_silent(connection, self.person(connection, _name(incoming)), incoming)
        assert self.world.hears(incoming) or silence, f"no answer to {incoming!r}"

    @staticmethod
    def person(connection: sa.Connection, who: str) -> Person | None:
        channel, _, address = who.rpartition(":")
        return find_person(connection, channel or "telegram", address)

    @invariant()
    def every_message_can_be_sent(self) -> None:
        for who, messages in self.world.inboxes.items() if hasattr(self, "world") else ():
            for message in messages[self.checked.get(who, 0) :]:
                assert message.text.strip(), who
                assert len(message.text) <= 1500, message.text
                assert len(message.buttons) <= 30, message.buttons
                for button in message.buttons:
                    assert 1 <= len(button.label.strip()) <= len(button.label) <= 60, button
                    assert 1 <= len(button.data.encode()) <= 64, button
            self.checked[who] = len(messages)

    @invariant()
    def every_conversation_goes_on_where_it_stopped(self) -> None:
        for row in self.rows(sa.text("SELECT * FROM conversations")):
            flow = REGISTRY.find(row.flow)
            assert flow is not None
            shown = load_shown(row.shown)
            turn = play(flow, json.loads(row.facts), json.loads(row.journal), shown, None)
            assert isinstance(turn, Waiting)
            assert (turn.question.key, turn.question.held) == (shown.key, shown.held)

    @invariant()
    def nobody_has_two_open_conversations(self) -> None:
        assert self.rows(TWO_OPEN) == []

    @invariant()
    def no_identity_number_is_kept(self) -> None:
        assert self.rows(KEPT_NUMBERS) == []

    def rows(self, query: sa.TextClause) -> list[Any]:
        if not hasattr(self, "engine"):
            return []
        with self.engine.begin() as connection:
            return list(connection.execute(query))


def why_silent(connection: sa.Connection, person: Person | None, incoming: Incoming) -> str:
    """Say why a message deliberately gets no answer; "" where it must get one. Repeats have a rule of their own."""
    if incoming.event in ("left", "joined"):
        return "nothing was said"
    if person is None:
        return ""
    if person.handover_id is not None:
        return "an officer reads it and answers"
    talks = person.role is not None and handovers.find_open(connection, officer_id=person.contact_id) is not None
    if talks and incoming.choice is None and find_command(clean(incoming)[0].text) is None:
        return "it went to the person the officer talks with"
    return ""


def _name(incoming: Incoming) -> str:
    return incoming.address if incoming.channel == "telegram" else f"{incoming.channel}:{incoming.address}"


def fitting(service: str, key: str) -> dict[str, Any]:
    """Give a fitting answer to a question of a service."""
    kinds = {question.key: question.field for question in REGISTRY.services[service].questions}
    match {"name": "words", "village": "village", "review": "review"}.get(key) or kinds.get(key):
        case "words":
            return {"text": "Sri Lestari"}
        case "village":
            return {"text": "Salam"}
        case "photos":
            return {"media": (IncomingMedia("photo", "vendor-1", "image/jpeg"),)}
        case "location":
            return {"location": (-8.021654, 111.973073)}
        case "day":
            return {"text": "minggu depan"}
        case "review":
            return {"text": "ya"}
    return {"text": "1"}


@pytest.fixture(scope="session")
def settled_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which some have arrived: what every example of the crowd begins with."""
    path = tmp_path_factory.mktemp("crowd") / "settled.db"
    migrate(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    world = World(engine)
    world.arrives("sri", "jv")
    world.arrives("whatsapp:+6281234567890", village="Olak Alen")
    world.arrives("web:wati")
    world.employs("dewi")
    world.employs("web:joko", "Joko", "inspector")
    world.keeps_contents()
    engine.dispose()  # the last connection to close leaves everything in the one file
    return path


@pytest.mark.timeout(900)  # a failing example takes minutes to be made short
def test_any_crowd_is_served(settled_office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Crowd.template = settled_office
    numbers = count()  # a file's own id is random, and could look like an identity number
    monkeypatch.setattr("handlers.intake.new_id", lambda: f"file-{next(numbers)}")
    run_state_machine_as_test(
        Crowd,
        settings=settings(
            max_examples=int(EXAMPLES or 40),
            stateful_step_count=40,
            deadline=None,
            derandomize=EXAMPLES is None,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_hostile_messages_are_served_on_every_database(world: World) -> None:
    world.arrives("sri")
    for text in [*HOSTILE, *WORDS]:
        assert world.hears(world.incoming("sri", text)) or world.person("sri").handover_id, text
        assert world.hears(world.incoming("sri", choice=text)) or world.person("sri").handover_id, text
    for mime in ("x" * 300, "a\x00b", "\ud800"):
        assert world.hears(world.incoming("agus", media=(IncomingMedia("document", mime, mime, 2**62),)))


def test_a_very_long_text_is_cut_before_anything_looks_at_it(world: World) -> None:
    """The work is bounded by the cut, not by what was sent: a hundred times the text may not take ten times as long."""
    world.arrives("sri")
    world.says("sri", "petugas")

    def seconds(text: str) -> float:
        message = world.incoming("sri", text)
        begun = time.process_time()
        for _ in range(20):
            clean(message)
        world.hears(message)
        return time.process_time() - begun

    for piece in ("x", "1 ", "kebakaran ", "😭", "\u0301", "*", "\n"):
        short, long = piece * (MOST_TEXT_CHARS // len(piece)), piece * (100 * MOST_TEXT_CHARS // len(piece))
        assert len(clean(world.incoming("sri", long))[0].text) <= MOST_TEXT_CHARS
        assert seconds(long) < max(10 * seconds(short), 0.5), repr(piece)
