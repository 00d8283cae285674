"""What must hold for every kind of visit there is, and for the check of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.chat import REVIEW, Reply
from flows.content import ContentError
from flows.outcomes import Visited
from flows.text import LANGUAGES
from flows.visit_content import VISITS, read_visit_kinds
from handlers.render import MOST_CHARS
from tests.flows.test_conformance import answer, check_buttons
from tests.talk import REGISTRY, Talk, photo

KINDS = sorted(REGISTRY.visit_kinds)
BEFORE = ("Ngaglik", "lewati", "kemarin", "30")
AFTER = (photo(1), "lanjut", "lewati")


def begun(kind: str, language: str = "id") -> Talk:
    return Talk(REGISTRY.flows["visit"], language).hears(Reply(choice=kind))


def steps(kind: str) -> list[str | Reply]:
    """Fitting answers to everything that is asked after the kind."""
    own: list[str | Reply] = []
    for ask in REGISTRY.visit_kinds[kind].questions:
        own += ["kode OTP", "lanjut"] if ask.field == "lessons" else [answer(ask)]
    return [*BEFORE, *own, *AFTER]


def test_the_four_kinds_are_found_by_their_files() -> None:
    assert sorted(path.stem for path in VISITS.glob("*.yaml")) == KINDS
    assert KINDS == ["digitalisasi", "literasi", "lomba_desa", "pendampingan"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_visit_reaches_its_end_and_each_message_fits(kind: str, language: str) -> None:
    talk = begun(kind, language)
    for given in steps(kind):
        assert 1 <= len("\n\n".join([*talk.said, talk.question])) <= MOST_CHARS
        check_buttons(talk)
        talk.hears(given)
    assert talk.key == REVIEW, talk.question
    outcome = talk.hears("ya").outcome
    assert isinstance(outcome, Visited)
    assert (outcome.kind, outcome.village, outcome.flagged) == (kind, "35.05.03.2016", False)
    asked = [ask.key for ask in REGISTRY.visit_kinds[kind].questions]
    assert list(outcome.answers) == ["kind", "village", "place", "day", "people", *asked, "photos", "note"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_can_go_back_from_every_question(kind: str) -> None:
    talk = begun(kind)
    for given in steps(kind):
        here = talk.key
        before = talk.hears(given).key
        if given == "lanjut" or talk.shown is None or talk.shown.narrowed:
            continue  # half answers and their ends: the whole question is gone back to below
        assert talk.goes_back()
        assert talk.key == here
        assert talk.hears(given).key == before
    assert talk.key == REVIEW
    for key in [*talk.journal][::-1]:
        assert talk.goes_back()
        assert talk.key == key


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("title: {id: A, jv: A}\nshort: {id: A, jv: A}\nnames: {id: [a], jv: [a]}\nquestions:\n  - {key: day, field: words, ask: {id: a, jv: a}, label: {id: a, jv: a}}", "belongs to the program"),
        ("title: {id: A, jv: A}\nshort: {id: A, jv: A}\nnames: {id: [a], jv: [a]}\nquestions:\n  - {key: ab, field: photos, ask: {id: a, jv: a}, label: {id: a, jv: a}}", "field must be one of"),
        ("title: {id: A}\nshort: {id: A, jv: A}\nnames: {id: [a], jv: [a]}\nquestions: []", "no 'jv'"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_right_is_named_with_its_line(tmp_path: Path, source: str, wrong: str) -> None:
    (tmp_path / "baru.yaml").write_text(source, "utf-8")
    with pytest.raises(ContentError, match=rf"baru\.yaml:\d+: .*{wrong}"):
        read_visit_kinds(tmp_path)
