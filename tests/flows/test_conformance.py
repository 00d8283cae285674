"""What must hold for every service there is: whoever adds one file has it proved here, without writing a test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from flows.chat import REVIEW, Reply
from flows.content import SERVICES, Ask, Service, read_services
from flows.outcomes import Open, Submitted
from flows.spelling import fold
from flows.text import LANGUAGES, Both
from handlers.render import MOST_CHARS, button_data
from tests.talk import REGISTRY, TODAY, Talk, photo, spot

MOST_LABEL_CHARS = 20  # a quick reply of WhatsApp (twilio.com/docs/content/twilio-quick-reply)
LARGEST_CONVERSATION = 10**12  # so that a button's data fits for as long as the bot may live
SERVICE_IDS = sorted(REGISTRY.services)
ALL_FLOWS = sorted(REGISTRY.flows)
IN_BOTH = [(service, language) for service in SERVICE_IDS for language in LANGUAGES]
TWO_VILLAGES = ["35.05.01.2002", "35.05.01.2003"]
FACTS: dict[str, Any] = {
    "visits": {"visits": [[n, 1, "KNJ-7K3F", "Pendampingan", "Pendampingan", "Sumberingin Kidul", 25, n == 3] for n in range(8)], "waiting": 40},
    "visit_case": {"visit": 1, "version": 1, "code": "KNJ-7K3F"},
    "visit_drafts": {"drafts": [[n, "Pendampingan Sumberingin Kidul", "Pendampingan Sumberingin Kidul"] for n in range(8)]},
    "late_photos": {"visits": [[n, "KNJ-7K3F", "Pendampingan Sumberingin Kidul", "Pendampingan Sumberingin Kidul"] for n in range(3)]},
    "events": {"events": [[n, "Lokakarya jualan online untuk UMKM Kabupaten Blitar 2026", "2026-11-26T09:00:00+07:00", "to come" if n < 8 else "over", "maybe"] for n in range(28)]},
    "event_desk": {"events": [[n, "Lokakarya jualan online untuk UMKM Kabupaten Blitar 2026", "2026-11-26T09:00:00+07:00", "to come" if n < 8 else "cancelled", None] for n in range(28)]},
    "event_case": {"event": 3, "title": "Lokakarya", "actions": ["names", "present", "move", "cancel", "material"], "now": "2026-11-24T10:00:00+07:00"},
    "event_new": {"now": "2026-11-24T10:00:00+07:00"},
    "event_present": {"event": 3, "people": [[n, "Mochamad Abdul Rohman Hidayatulloh"] for n in range(8)]},
    "broadcast_new": {"now": "2026-11-24T10:00:00+07:00", "channels": ["telegram"], "events": [], "upcoming": [], "audiences": []},
    "broadcast_check": {"composed": {}, "answers": {}},
    "broadcast_decline": {"broadcast": 3, "seen": "0123456789abcdef"},
    "guides": {"guides": [[n, "Mendampingi warga mengaktifkan IKD di balai desa!!"] for n in range(100)], "count": 120},
    "guide_ask": {"guide": 3, "title": "Mendampingi warga mengaktifkan IKD di balai desa!!"},
    "guide_desk": {"guides": [[n, "Mendampingi warga mengaktifkan IKD di balai desa!!", n == 4, n] for n in range(50)]},
    "guide_case": {"guide": 3, "title": "IKD", "published": "Selasa", "withdrawn": None, "counts": {"sent": 200}, "open": 1, "threads": [[7, "Budi", 1]]},
    "guide_names": {"guide": 3, "state": "sent", "names": ["Budi"], "count": 1},
    "guide_thread": {"guide": 3, "volunteer": 7, "name": "Budi", "upto": 4},
    "tasks": {"mine": [[n, "BLT-7K3F", "Surat domisili", "Surat domisili", "checked"] for n in range(20)], "offered": [[n, "BLT-7K3F", "Surat domisili", "Surat domisili", "received"] for n in range(20)]},
    "task": {"request": 1, "code": "BLT-7K3F", "others": [[n, "Mochamad Abdul Rohman Hidayatulloh"] for n in range(20)]},
    "volunteers": {"volunteers": [[n, "Mochamad Abdul Rohman Hidayatulloh", "applied", TWO_VILLAGES] for n in range(20)]},
    "volunteer_case": {"volunteer": 3, "name": "Mochamad Abdul Rohman Hidayatulloh", "state": "active", "villages": TWO_VILLAGES, "history": True},
    "volunteer_replace": {"volunteer": 3, "name": "Mochamad Abdul Rohman Hidayatulloh", "villages": TWO_VILLAGES, "volunteers": [[n, "Budi", "active", TWO_VILLAGES] for n in range(20)]},
    "link": {"code": "1234-5678", "name": "M… A… R… H…", "village": "Kelurahan Bence, Kec. Garum", "channel": "WhatsApp", "staff": True},
    **{f"lesson:{lesson}": {"seed": 7} for lesson in REGISTRY.lessons},
    "lessons_found": {"lessons": [[lesson.id, lesson.short.id, lesson.short.jv] for lesson in list(REGISTRY.lessons.values())[:5]]},
    "learn": {"done": {"cakap": [3, 14], "aman": [14, 14], "budaya": [0, 10], "etika": [1, 10]}, "next": {"": "aman_otp", "cakap": "cakap_ikd"}, "again": 3},
    "either": {"wishes": [{"intent": "request_service", "service": "surat_pengantar"}, {"intent": "volunteer_register"}]},
    "my_requests": {"requests": [[n, "BLT-7K3F", "Surat domisili", "Surat domisili", "received"] for n in range(8)]},
    "desk": {"requests": [[n, "BLT-7K3F", "Surat domisili", "Surat domisili", "received"] for n in range(8)], "handovers": [[1, "Desa Olak Alen, Kec. Selorejo"]]},
    "supplement": {"request": 1, "code": "BLT-7K3F"},
    "reopen": {"request": 1, "code": "BLT-7K3F"},
    "case": {"request": 1, "code": "BLT-7K3F", "state": "checked", "sender": 3},
    "broadcast_case": {"broadcast": 12, "actions": ["refresh", "pause", "resume", "again_failed", "again_unknown", "cancel", "table"], "failed": 3, "unknown": 2, "waiting": 4000, "rows": 5000, "begun": True},
    "menu": {"drafts": [[1, "Surat domisili", "Surat domisili"]], "staff": True, "volunteer": True},
    "help": {"volunteer": True, "office": True},
}  # fmt: skip


def answer(ask: Ask, turn: int = 0) -> str | Reply:
    """Give a fitting answer to a question; another turn gives another answer, where the question has several."""
    match ask.field:
        case "whole":
            return str((ask.least or 0) + turn)
        case "day":
            earliest, latest = (-3650 if ask.least is None else ask.least), (730 if ask.most is None else ask.most)
            return (date.fromisoformat(TODAY) + timedelta(max(earliest, min(0, latest - 1)) + turn)).isoformat()
        case "pick":
            return Reply(choice=ask.options[turn % len(ask.options)].key)
        case "photos":
            return Reply(media=tuple(photo(number + 10 * turn).media[0] for number in range(ask.most or 3)))
        case "location":
            return spot(-8.1 - turn / 100, 112.1)
    return ("Bu Sri dan Pak Joko", "Mas Agus dan Mbak Wati")[turn]


def answers(service: Service, turn: int = 0) -> Iterator[str | Reply]:
    """Give fitting answers to everything a service asks before its review."""
    if service.kind == "service":
        yield "1"
    yield Reply(choice=("named", "anonymous")[turn]) if service.anonymous else ("Sri Lestari", "Agus Salim")[turn]
    yield ("Salam", "Olak Alen")[turn]
    for ask in service.questions:
        yield answer(ask, turn)


def begun(service_id: str, language: str = "id") -> Talk:
    return Talk(REGISTRY.flows[f"request:{service_id}"], language)


def reviewed(service_id: str, language: str = "id") -> Talk:
    """Play a service up to its review."""
    talk = begun(service_id, language).hears(*answers(REGISTRY.services[service_id]))
    assert talk.key == REVIEW, talk.said
    return talk


def texts_of(service: Service) -> Iterator[Both]:
    yield from filter(
        None,
        (
            service.title,
            service.short,
            service.about,
            service.handler,
            service.cost,
            service.time,
            service.note,
            service.safety,
        ),
    )
    yield from service.requirements
    for ask in service.questions:
        yield from (ask.ask, ask.label, *(option.label for option in ask.options))


def test_everything_is_found() -> None:
    files = sorted(path.stem for path in SERVICES.glob("*.yaml"))
    assert len(files) == 38
    assert files == SERVICE_IDS
    assert [service.id for service in REGISTRY.services.values()] == list(REGISTRY.services)
    assert {f"request:{service_id}" for service_id in files} <= set(REGISTRY.flows)
    assert read_services() == dict(REGISTRY.services), "reading twice gives the same versions"
    assert len({service.digest for service in REGISTRY.services.values()}) == 38


@pytest.mark.parametrize(("service_id", "language"), IN_BOTH)
def test_a_service_reaches_its_end(service_id: str, language: str) -> None:
    talk = reviewed(service_id, language)
    service = REGISTRY.services[service_id]
    outcome = talk.hears("ya").outcome
    assert isinstance(outcome, Submitted)
    assert outcome.service == service_id
    first = ["go"] if service.kind == "service" else []
    assert list(outcome.answers) == [
        *first,
        "anonymous" if service.anonymous else "name",
        "village",
        *(ask.key for ask in service.questions),
    ]


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_what_may_be_skipped_can_be(service_id: str) -> None:
    service = REGISTRY.services[service_id]
    first = list(answers(service))[: -len(service.questions)]
    talk = begun(service_id).hears(*first, *("lewati" if ask.optional else answer(ask) for ask in service.questions))
    assert talk.key == REVIEW
    outcome = talk.hears("nggih").outcome
    assert isinstance(outcome, Submitted)
    assert [key for key, value in outcome.answers.items() if value is None] == [
        ask.key for ask in service.questions if ask.optional
    ]


@pytest.mark.parametrize("service_id", [s for s in SERVICE_IDS if REGISTRY.services[s].kind == "service"])
def test_not_now_leads_back_to_the_menu(service_id: str) -> None:
    assert begun(service_id).hears("2").outcome == Open("menu")


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_one_can_go_back_from_every_question_and_forward_again(service_id: str) -> None:
    talk = begun(service_id)
    assert not talk.goes_back()
    before: list[tuple[str, str]] = []
    for given in answers(REGISTRY.services[service_id]):
        here = (talk.key, talk.question)
        talk.hears(given)
        there, journal = (talk.key, talk.question), dict(talk.journal)
        assert talk.goes_back()
        assert (talk.key, talk.question) == here
        assert (talk.hears(given).key, talk.question) == there
        assert talk.journal == journal
        before.append(here)
    for key, question in reversed(before):
        assert talk.goes_back()
        assert (talk.key, talk.question) == (key, question)
    assert not talk.goes_back()
    assert talk.journal == {}


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_every_line_of_the_review_can_be_changed(service_id: str) -> None:
    service = REGISTRY.services[service_id]
    talk = reviewed(service_id)
    keys = [key for key in talk.journal if key != "go"]
    others = list(answers(service, 1))[-len(keys) :]
    for number, (key, other) in enumerate(zip(keys, others, strict=True), start=1):
        before = dict(talk.journal)
        assert talk.hears(str(number)).key == key
        assert talk.goes_back(), "an edit can be left"
        assert (talk.key, talk.journal) == (REVIEW, before)
        assert talk.hears(str(number), other).key == REVIEW, talk.said
        assert {changed for changed in talk.journal if talk.journal[changed] != before[changed]} <= {key}
    fresh = begun(service_id).hears(*answers(service, 1))
    assert talk.journal == fresh.journal
    assert isinstance(talk.hears("ya").outcome, Submitted)


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_a_skipped_answer_can_be_given_in_the_review_and_the_edit_left(service_id: str) -> None:
    service = REGISTRY.services[service_id]
    first = list(answers(service))[: -len(service.questions)]
    talk = begun(service_id).hears(*first, *("lewati" if ask.optional else answer(ask) for ask in service.questions))
    lines = [option for option in talk.options if option.startswith("edit:")][-len(service.questions) :]
    for line, ask in zip(lines, service.questions, strict=True):
        before = dict(talk.journal)
        assert talk.hears(Reply(choice=line)).key == ask.key
        assert talk.goes_back()
        assert (talk.key, talk.journal) == (REVIEW, before)


@pytest.mark.parametrize(("service_id", "language"), IN_BOTH)
def test_every_message_is_one_message_on_every_channel(service_id: str, language: str) -> None:
    talk = begun(service_id, language)
    for given in [*answers(REGISTRY.services[service_id]), None]:
        message = "\n\n".join([*talk.said, talk.question])
        assert 1 <= len(message) <= MOST_CHARS, f"{len(message)} characters: {message}"
        if given is not None:
            talk.hears(given)


@pytest.mark.parametrize(("service_id", "language"), IN_BOTH)
def test_every_button_fits_every_channel(service_id: str, language: str) -> None:
    talk = begun(service_id, language)
    for given in [*answers(REGISTRY.services[service_id]), None]:
        check_buttons(talk)
        if given is not None:
            talk.hears(given)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in ALL_FLOWS if not name.startswith("request:")])
def test_every_first_question_fits_every_channel(name: str, language: str) -> None:
    talk = Talk(REGISTRY.flows[name], language, **FACTS.get(name, {}))
    message = "\n\n".join([*talk.said, talk.question])
    assert 1 <= len(message) <= MOST_CHARS
    if talk.outcome is None:
        check_buttons(talk, titles=name in FACTS)


def check_buttons(talk: Talk, *, titles: bool = False) -> None:
    """Check labels and data of a question's buttons; ``titles`` allows longer labels, which hold names and codes."""
    assert talk.shown is not None
    assert len(talk.shown.options) <= 10, "WhatsApp's list picker takes ten"
    labels = [label for _, label, _ in talk.shown.options]
    assert len(set(labels)) == len(labels) or titles, labels
    for option, label, _ in talk.shown.options:
        most = 60 if titles else MOST_LABEL_CHARS + 4 * (talk.key == REVIEW and option != "yes")
        assert 1 <= len(label.strip()) <= most, f"{label!r} has {len(label)} characters"
        assert button_data(LARGEST_CONVERSATION, talk.key, option)


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_both_languages_say_the_same(service_id: str) -> None:
    """Numbers, braces and emphasis agree: what is a price or a day in one language is it in the other."""
    for text in texts_of(REGISTRY.services[service_id]):
        for pattern in (r"\d+(?:[.,]\d+)*", r"[{}]", r"https?://\S+|\b[\w-]+\.(?:go\.id|id|com)\b"):
            assert Counter(re.findall(pattern, text.id)) == Counter(re.findall(pattern, text.jv)), (text.id, text.jv)


def test_no_everyday_name_means_two_services() -> None:
    owners: dict[str, set[str]] = {}
    for service in REGISTRY.services.values():
        for name in (service.title.id, service.title.jv, *service.names["id"], *service.names["jv"]):
            owners.setdefault(fold(name), set()).add(service.id)
    assert {name: sorted(ids) for name, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("service_id", SERVICE_IDS)
def test_a_service_is_found_by_its_title_and_each_of_its_names(service_id: str) -> None:
    service = REGISTRY.services[service_id]
    names = [service.title.id, service.title.jv, *service.names["id"], *service.names["jv"]]
    understand = partial(REGISTRY.understanding.understand, today=date(2026, 11, 25))
    found = {name: understand(name) for name in names}
    assert {name: each.slots.get("service") for name, each in found.items()} == dict.fromkeys(names, service_id)
    assert all(each.is_sure for each in found.values())


@pytest.mark.parametrize("service_id", [s for s in SERVICE_IDS if REGISTRY.services[s].kind == "service"])
def test_a_service_is_found_by_its_names_where_services_are_listed(service_id: str) -> None:
    """At once, or in its group where the name is the group's too: "ktp" shows all that has to do with a KTP."""
    service = REGISTRY.services[service_id]
    for name in (
        service.title.id,
        service.title.jv,
        service.short.id,
        service.short.jv,
        *service.names["id"],
        *service.names["jv"],
    ):
        talk = Talk(REGISTRY.flows["services"]).hears(name)
        if talk.outcome is None:
            assert (talk.key, talk.journal) == ("service", {"group": service.group}), name
            talk.hears(name)
        assert talk.outcome == Open(f"request:{service_id}"), name
