"""Checks the interface catalogues against the sources and against the rules for texts: ``python -m tests.check_messages``."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from flows.text import LANGUAGES

ROOT = Path(__file__).parent.parent
PLURALS = "nplurals=1; plural=0;"  # neither language has plural forms; Babel's own default for both is wrong
_EMPHASIS = re.compile(r"\*[^\s*](?:[^*\n]*[^\s*])?\*")
_REMEDY = "run make messages"


def extract_messages(root: Path = ROOT) -> set[str]:
    """Extract the interface texts that stand in the sources now."""
    with (root / "locales" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "locales/babel.cfg")  # type: ignore[no-untyped-call]  # Babel gives none
    found = extract_from_dir(root, methods, options, {**DEFAULT_KEYWORDS, "N_": None})
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def find_faults(sources: set[str], root: Path = ROOT) -> list[str]:
    """List what is wrong with the template and the catalogues, one line each."""
    if not sources:
        return ["no messages were extracted: locales/babel.cfg matches no sources"]
    template = root / "locales" / "messages.pot"
    faults = list(_compare("messages.pot", sources, _read(template)))
    for language in LANGUAGES:
        path = root / "locales" / language / "LC_MESSAGES" / "messages.po"
        catalogue = _read(path)
        faults += _compare(language, sources, catalogue)
        faults += (f"{language}: obsolete: {_short(str(id_))}" for id_ in catalogue.obsolete)
        if f'"Plural-Forms: {PLURALS}\\n"' not in path.read_text(encoding="utf-8"):
            faults.append(f"{language}: the header does not say Plural-Forms: {PLURALS}")
        for entry in catalogue:
            if entry.id:
                faults += (f"{language}: {fault}: {_short(str(entry.id))}" for fault in faults_of(entry, language))
    return faults


def faults_of(entry: Message, language: str) -> Iterator[str]:
    """Say what is wrong with one translation."""
    if not isinstance(entry.id, str) or not isinstance(entry.string, str):
        yield "has plural forms"
        return
    if entry.fuzzy:
        yield "fuzzy"
    if not entry.string.strip():
        yield "empty"
        return
    try:
        same = placeholders(entry.id) == placeholders(entry.string)
    except ValueError as error:
        yield f"braces: {error}"
    else:
        if not same:
            yield "other placeholders than the source"
    if "*" in _EMPHASIS.sub("", entry.string):
        yield "unbalanced *"
    if language == "jv":
        if accented := sorted({char for char in entry.string if char.isalpha() and _is_accented(char)}):
            yield f"accented letters {' '.join(accented)}"
        if "dhusun" in entry.string.lower():
            yield "dhusun, which is read as hamlet; the word is desa"


def placeholders(text: str) -> Counter[str]:
    """Count the placeholders of a text.

    Raises:
        ValueError: a brace has no partner.
    """
    return Counter(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _compare(name: str, sources: set[str], catalogue: Catalog) -> Iterator[str]:
    listed = {str(entry.id) for entry in catalogue if entry.id}
    yield from (f"{name}: missing, {_REMEDY}: {_short(text)}" for text in sorted(sources - listed))
    yield from (f"{name}: not in the sources any more, {_REMEDY}: {_short(text)}" for text in sorted(listed - sources))


def _is_accented(char: str) -> bool:
    return any(unicodedata.combining(mark) for mark in unicodedata.normalize("NFD", char))


def _short(text: str) -> str:
    return repr(text if len(text) <= 70 else text[:69] + "…")


def main() -> int:
    """Print the faults; returns the exit status."""
    sources = extract_messages()
    faults = find_faults(sources)
    sys.stdout.writelines(fault + "\n" for fault in faults)
    if not faults:
        sys.stdout.write(f"{len(sources)} messages in {len(LANGUAGES)} languages: all right\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
