"""The lessons: complete, in both languages, of the right length, and their questions cannot be guessed by form."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from flows.content import ContentError
from flows.lesson_content import LESSONS, LEVELS, PILLARS, Lesson, read_lessons
from flows.text import LANGUAGES, Both
from tests.talk import REGISTRY

IDS = sorted(REGISTRY.lessons)
GOOD = yaml.safe_load((LESSONS / "aman_otp.yaml").read_text("utf-8"))


def texts_of(lesson: Lesson) -> list[Both]:
    quiz = lesson.quiz
    return [
        lesson.title,
        lesson.lesson,
        lesson.try_now,
        quiz.ask,
        quiz.right,
        quiz.wrong,
        *(o.label for o in quiz.options),
    ]


def test_all_topics_of_the_four_pillars_are_there() -> None:
    assert sorted(path.stem for path in LESSONS.glob("*.yaml")) == IDS
    found = Counter(lesson.pillar for lesson in REGISTRY.lessons.values())
    assert found == {"cakap": 14, "aman": 14, "budaya": 10, "etika": 10}
    assert set(found) == set(PILLARS)
    assert {lesson.level for lesson in REGISTRY.lessons.values()} == set(LEVELS)
    topics = [lesson.source for lesson in REGISTRY.lessons.values()]
    assert len(set(topics)) == len(topics) == 48


@pytest.mark.parametrize("lesson_id", IDS)
def test_a_lesson_teaches_and_leads_on(lesson_id: str) -> None:
    lesson = REGISTRY.lessons[lesson_id]
    assert lesson.help is None or lesson.help in REGISTRY.services
    for language in LANGUAGES:
        assert len(lesson.lesson[language]) >= 250
        assert len(lesson.names[language]) >= 3
    for text in texts_of(lesson):
        for pattern in (r"[{}]", r"\d+(?:[.,]\d+)*(?=\s*(?:%|jam|menit))", r"[\w-]+\.(?:go\.id|ojk\.go\.id)"):
            assert Counter(re.findall(pattern, text.id)) == Counter(re.findall(pattern, text.jv)), (text.id, text.jv)
        assert text.jv.isascii() or "’" in text.jv or "–" in text.jv, text.jv


def broken(change: str) -> dict[str, object]:
    """Give a lesson that is right but for one thing."""
    lesson = yaml.safe_load(yaml.safe_dump(GOOD))
    options = lesson["quiz"]["options"]
    match change:
        case "two right":
            options[0]["right"] = options[1]["right"] = options[2]["right"] = True
        case "none right":
            for option in options:
                option.pop("right", None)
        case "same label":
            options[0]["label"] = options[1]["label"]
        case "too long":
            lesson["lesson"]["jv"] = "a" * 601
        case "one language":
            del lesson["quiz"]["wrong"]["jv"]
        case "other pillar":
            lesson["pillar"] = "cakap"
        case "level":
            lesson["level"] = "sulit"
    return dict(lesson)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("two right", "exactly one option is right"),
        ("none right", "exactly one option is right"),
        ("same label", "two options say the same"),
        ("too long", "601 characters"),
        ("one language", "no 'jv'"),
        ("other pillar", "must begin with 'cakap_'"),
        ("level", "level must be one of"),
    ],
)
def test_a_lesson_that_is_not_right_is_named(tmp_path: Path, change: str, wrong: str) -> None:
    (tmp_path / "aman_coba.yaml").write_text(yaml.safe_dump(broken(change)), "utf-8")
    with pytest.raises(ContentError, match=rf"aman_coba\.yaml:\d+: .*{wrong}"):
        read_lessons(tmp_path)


def write(folder: Path, number: int, right: int, label: str) -> None:
    lesson = yaml.safe_load(yaml.safe_dump(GOOD))
    lesson["title"] = lesson["short"] = {"id": f"Soal {number}", "jv": f"Soal {number}"}
    lesson["names"] = {"id": [f"soal ke {number}"], "jv": [f"soal kaping {number}"]}
    for at, option in enumerate(lesson["quiz"]["options"]):
        option["right"] = at == right
        text = label if at == right else f"pilihan {at}"
        option["label"] = {"id": text, "jv": text}
    (folder / f"aman_{number}.yaml").write_text(yaml.safe_dump(lesson), "utf-8")


def test_right_answers_that_are_mostly_the_longest_are_refused(tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path, number, number % 3, "jawaban yang benar dan paling panjang")
    with pytest.raises(ContentError, match="the right option is the longest"):
        read_lessons(tmp_path)


def test_right_answers_that_stand_mostly_in_one_place_are_refused(tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path, number, 1, "ya")
    with pytest.raises(ContentError, match="same place"):
        read_lessons(tmp_path)


def test_two_lessons_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, 1, 1, "ya")
    (tmp_path / "aman_2.yaml").write_text((tmp_path / "aman_1.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(ContentError, match="both called"):
        read_lessons(tmp_path)
