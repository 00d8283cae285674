"""The interface catalogues: complete, and by the rules for texts; and the checker notices each kind of fault."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from flows.text import LANGUAGES
from handlers.render import read_catalogue
from handlers.words import find_command
from tests.check_messages import ROOT, extract_messages, faults_of, find_faults

_WORDS_TO_TYPE = re.compile(r"\*([a-z][^*:]*)\*")


@pytest.fixture(scope="module")
def sources() -> set[str]:
    found = extract_messages()
    assert len(found) > 100
    return found


def test_every_text_in_the_sources_is_extracted(sources: set[str]) -> None:
    """Babel does not see a text inside another text's arguments."""
    files = [path for folder in ("bot", "flows", "handlers") for path in (ROOT / folder).rglob("*.py")]
    written = {text for path in files for text in _texts_in(path)}
    assert len(written) > 100
    assert written <= sources


def _texts_in(path: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    firsts = (call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "N_")
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}


def test_catalogues_have_no_faults(sources: set[str]) -> None:
    assert find_faults(sources) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_to_type_do_what_the_source_says(sources: set[str], language: str) -> None:
    catalogue = read_catalogue(language)
    named = {source: _commands(source) for source in sources if _commands(source)}
    assert len(named) > 5
    assert {source: _commands(catalogue[source]) for source in named} == named


@pytest.mark.parametrize(
    ("language", "source", "translation", "fault"),
    [
        ("id", "Yes", "", "empty"),
        ("id", "Yes", " ", "empty"),
        ("id", "Hello {name}", "Halo", "other placeholders than the source"),
        ("id", "Hello {name}", "Halo {nama}", "other placeholders than the source"),
        ("id", "{a} and {b}", "{a} dan {a}", "other placeholders than the source"),
        ("id", "Hello {name}", "Halo {name", "braces: expected '}' before end of string"),
        ("id", "Type *menu*", "Ketik *menu", "unbalanced *"),
        ("id", "Type *menu*", "Ketik * menu*", "unbalanced *"),
        ("jv", "name", "jenengé", "accented letters é"),
        ("jv", "village", "Dhusun", "dhusun, which is read as hamlet; the word is desa"),
    ],
)
def test_a_faulty_translation_is_noticed(language: str, source: str, translation: str, fault: str) -> None:
    assert list(faults_of(Message(source, translation), language)) == [fault]


def test_a_fuzzy_translation_is_noticed() -> None:
    assert list(faults_of(Message("Yes", "Ya", flags=("fuzzy",)), "id")) == ["fuzzy"]


def test_accents_are_only_a_javanese_matter() -> None:
    assert list(faults_of(Message("*Menu* {n}", "*Menú* {n}"), "id")) == []


def test_stale_catalogues_are_noticed(sources: set[str]) -> None:
    gone = min(sources)
    faults = find_faults(sources - {gone} | {"A new text"})
    assert [fault.partition(":")[0] for fault in faults] == ["messages.pot", "messages.pot", "id", "id", "jv", "jv"]
    assert sum("A new text" in fault and "missing" in fault for fault in faults) == 3
    assert sum(gone in fault and "not in the sources" in fault for fault in faults) == 3


def test_a_wrong_header_and_leftovers_are_noticed(sources: set[str], tmp_path: Path) -> None:
    template = (ROOT / "locales" / "messages.pot").read_text(encoding="utf-8")
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "messages.pot").write_text(template, encoding="utf-8")
    for language in LANGUAGES:
        text = (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
        text = (
            text.replace("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);")
            + '\n#~ msgid "Old"\n#~ msgstr "Lama"\n'
        )
        folder = tmp_path / "locales" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "messages.po").write_text(text, encoding="utf-8")
    assert find_faults(sources, tmp_path) == [
        f"{language}: {fault}"
        for language in LANGUAGES
        for fault in ("obsolete: 'Old'", "the header does not say Plural-Forms: nplurals=1; plural=0;")
    ]


def test_no_sources_are_a_fault_too() -> None:
    assert len(find_faults(set())) == 1


def _commands(text: str) -> list[str]:
    """Name the commands that a text tells people to type, in its order."""
    return [command.name for word in _WORDS_TO_TYPE.findall(text) if (command := find_command(word))]
