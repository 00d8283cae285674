"""Which of the options shown a typed word means: its number, its words, a piece of them, or a near miss.

The surer way counts first, and a way by which several options could be meant counts as none.
"""

from __future__ import annotations

from rapidfuzz import fuzz

from flows.chat import Option
from flows.spelling import fold
from flows.words import ADDRESS_WORDS

LONGEST_CHARS = 60  # a choice is a few words; longer texts are not looked at
CLOSE_ENOUGH = 84  # of 100: one wrong letter in six


def choose(typed: str, options: tuple[tuple[str, str, tuple[str, ...]], ...]) -> str | None:
    """Find the id of the option meant by a typed text, or None where none or several could be meant.

    Args:
        typed: what the person wrote.
        options: id, label as shown and further words of each option, in the order shown.
    """
    if not options or len(typed) > LONGEST_CHARS:
        return None
    plain = typed.strip().rstrip(".)").strip()
    if plain.isdecimal() and len(plain) <= 3:
        number = int(plain)
        return options[number - 1][0] if 1 <= number <= len(options) else None
    wanted = fold(plain)
    if not wanted:
        return None
    names = [(option_id, fold(name)) for option_id, label, words in options for name in (label, *words)]
    found = _only({option_id for option_id, name in names if name == wanted})
    if found is None and len(wanted) >= 3:
        labels = {(option_id, fold(label)) for option_id, label, _ in options}
        found = (
            _only({option_id for option_id, name in labels if name.startswith(wanted)})
            or _only({option_id for option_id, name in names if name.startswith(wanted)})
            or _only({option_id for option_id, name in names if f" {wanted} " in f" {name} "})
        )
    if found is None and len(wanted) >= 4:
        found = _only({option_id for option_id, name in names if fuzz.ratio(name, wanted) >= CLOSE_ENOUGH})
    return found


def seen(options: tuple[Option, ...]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Give options the form ``choose`` reads where no person has seen them: their labels need no language."""
    return tuple((option.id, option.label if isinstance(option.label, str) else "", option.words) for option in options)


def reads_as(typed: str, words: tuple[str, ...]) -> bool:
    """Tell whether the whole typed text is one of these words, whatever its spelling."""
    wanted = fold(typed[: LONGEST_CHARS + 1])
    return bool(wanted) and any(fold(word) == wanted for word in words)


def is_bare(typed: str, words: tuple[str, ...]) -> bool:
    """Tell whether a text is nothing but one of these words, with or without a "pak" or "bu" behind it."""
    plain = fold(typed[: LONGEST_CHARS + 1])
    head, _, last = plain.rpartition(" ")
    return reads_as(plain, words) or (bool(head) and reads_as(last, ADDRESS_WORDS) and reads_as(head, words))


def _only(found: set[str]) -> str | None:
    return found.pop() if len(found) == 1 else None
