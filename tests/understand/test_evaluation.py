"""The evaluation set is sound, the weights are those learned from it, and what was reached is not lost again."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from flows.evaluation import Evaluation, LabelError, evaluate, read_labelled
from flows.understand import INTENTS
from flows.weights import WEIGHTS
from tests.talk import REGISTRY
from tests.understand.messages import DEV, TEST, TRAIN, digest

# What the test split gave when these weights were learned (docs/understanding.md), in percent.
REACHED = {"all": 94.9, "id": 95.7, "jv": 94.0, "sure": 98.6, "village": 97.5, "service": 92.9}
MAY_FALL = 2.0  # points, before the build fails


@pytest.fixture(scope="module")
def test_split() -> Evaluation:
    understand = partial(REGISTRY.understanding.understand, today=date(2026, 11, 25))
    return evaluate(understand, read_labelled(TEST))


def test_the_test_split_has_not_fallen(test_split: Evaluation) -> None:
    now = {
        "all": test_split.accuracy().rate * 100,
        "id": test_split.accuracy(language="id").rate * 100,
        "jv": test_split.accuracy(language="jv").rate * 100,
        "sure": test_split.accuracy(sure=True).rate * 100,
        "village": test_split.slots("village").f1 * 100,
        "service": test_split.slots("service").f1 * 100,
    }
    assert {name: now[name] for name in now if now[name] < REACHED[name] - MAY_FALL} == {}


def test_nothing_dangerous_is_surely_mistaken(test_split: Evaluation) -> None:
    assert [(label.text, found.intent) for label, found in test_split.dangerous(sure=True)] == []


def test_it_is_sure_often_enough_to_be_of_use(test_split: Evaluation) -> None:
    assert test_split.accuracy(sure=True).of >= 0.7 * len(test_split.pairs)


def test_the_weights_are_learned_from_these_messages_and_words() -> None:
    assert json.loads(WEIGHTS.read_text("utf-8"))["learned_from"] == digest(), "run `make understanding`"


def test_the_splits_share_no_message() -> None:
    texts = [" ".join(each.text.lower().split()) for path in (TRAIN, DEV, TEST) for each in read_labelled(path)]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("path", [DEV, TEST])
def test_a_split_is_large_and_has_every_intent_service_and_language(path: Path) -> None:
    messages = read_labelled(path)
    assert len(messages) >= 250
    assert {each.intent for each in messages} == set(INTENTS)
    assert {str(each.slots["service"]) for each in messages if "service" in each.slots} == REGISTRY.services.keys()
    assert min(Counter(each.language for each in messages).values()) >= 0.3 * len(messages)


@pytest.mark.parametrize("path", [TRAIN, DEV, TEST])
def test_labels_name_what_there_is(path: Path) -> None:
    villages = {place.name for place in REGISTRY.places._all_villages}
    districts = {place.name for place in REGISTRY.places.districts()}
    for each in read_labelled(path):
        assert each.slots.get("service", "kk") in REGISTRY.services, each
        assert each.slots.get("village", "Garum") in villages, each
        assert each.slots.get("district", "Garum") in districts, each


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("text,intent\nhalo,greet\n", "must name the columns"),
        ("text,language,intent,slots\nhalo,id,hello,{}\n", "row 2: 'hello' is no intent"),
        ("text,language,intent,slots\nhalo,,greet,{}\n", "row 2: no language"),
        ("text,language,intent,slots\nhalo,id,greet,[]\n", "row 2: the slots are no JSON object"),
        ("text,language,intent,slots\nhalo,id,greet,{\n", "row 2: the slots are no JSON"),
    ],
)
def test_a_file_that_is_not_right_is_told_with_its_row(content: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(LabelError, match=why):
        read_labelled(file)


def test_figures_are_counted_as_they_are_named(tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    rows = [
        ("batal", "id", "cancel", {}),
        ("menu", "id", "menu", {}),
        ("mboten", "jv", "yes", {}),
        ("stop", "id", "cancel", {}),
        ("surat domisili", "id", "request_service", {"service": "surat_domisili"}),
        ("kk", "id", "request_service", {"service": "ktp_el"}),
    ]
    lines = ["text,language,intent,slots"]
    lines += [f'"{text}",{language},{intent},"{json.dumps(slots).replace(chr(34), chr(34) * 2)}"' for text, language, intent, slots in rows]  # fmt: skip
    file.write_text("\n".join(lines), "utf-8")
    found = evaluate(partial(REGISTRY.understanding.understand, today=date(2026, 11, 25)), read_labelled(file))
    assert (found.accuracy().right, found.accuracy().of) == (4, 6)
    assert found.accuracy(language="jv").rate == 0
    assert [(label.text, got.intent) for label, got in found.dangerous(sure=True)] == [("stop", "unsubscribe")]
    counts = found.slots("service")
    assert (counts.right, counts.wrong, counts.missed) == (1, 1, 1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    report = "\n".join(found.report())
    assert "yes -> no" in report
    assert "cancel -> unsubscribe: stop" in report
