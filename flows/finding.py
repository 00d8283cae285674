"""The question "which one?" over a long list: leafed through by page, or found by typing a word of it."""

from __future__ import annotations

from dataclasses import dataclass

from flows.chat import Invalid, Json, Narrow, Option, Reply, Stale
from flows.fields import NONE, PAGE, page_of
from flows.spelling import edits_between, fold
from flows.text import N_, Text

_LONGEST_CHARS = 60
_LONG_ENOUGH_CHARS = 5  # of a word, for one letter of it to be wrong
_SMALL_WORDS = frozenset(map(fold, ("desa", "ds", "kelurahan", "kel", "kecamatan", "kec", "pak", "bu", "mas", "mbak")))


@dataclass(frozen=True, slots=True)
class Listed:
    """One of many: its id, how it is shown, and every word it is found by."""

    id: str
    label: Text
    words: str


@dataclass(frozen=True, slots=True)
class Find:
    """One of many, by page or by typing; the value is its id.

    What is typed is looked for in all of them, not only in those shown: ``shown`` labels may hold the same words. While
    the pages of what was found are leafed through, the words that found them are held.
    """

    listed: tuple[Listed, ...]
    per_page: int = PAGE
    wants: str = "choice"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return self._page(self.listed, 1)

    def parse(self, reply: Reply) -> str:
        choice = reply.choice or ""
        held = reply.held if isinstance(reply.held, str) else ""
        if choice.startswith("page:"):
            found = self._find(held) if held else self.listed
            raise Narrow(N_("Please choose."), self._page(found, int(choice[5:])), held or None)
        typed = reply.text.strip().rstrip(".)")
        by_choice = choice and (not typed or typed.isdecimal())
        found = tuple(each for each in self.listed if each.id == choice) if by_choice else self._find(typed)
        if len(found) == 1:
            return found[0].id
        if not found:
            raise Invalid(N_("I find none. Press a choice, or type its number, a name, a village or a kecamatan."))
        raise Narrow(
            N_("Found with *{words}*: {count}. Which one?", words=typed[:_LONGEST_CHARS], count=len(found)),
            self._page(found, 1),
            typed[:_LONGEST_CHARS],
        )

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if not isinstance(raw, str) or all(each.id != raw for each in self.listed):
            raise Stale
        return raw

    def show(self, value: str) -> Text:
        return next(each.label for each in self.listed if each.id == value)

    def _page(self, found: tuple[Listed, ...], page: int) -> tuple[Option, ...]:
        return page_of(tuple(Option(each.id, each.label) for each in found), page, self.per_page)

    def _find(self, typed: str) -> tuple[Listed, ...]:
        """Find what has all the words typed, each at least begun; where nothing has, with one letter wrong in each."""
        wanted = [word for word in fold(typed[:_LONGEST_CHARS]).split() if word not in _SMALL_WORDS]
        if not wanted:
            return ()
        words = {each.id: fold(each.words).split() for each in self.listed}
        begun = tuple(
            each for each in self.listed
            if all(any(have.startswith(word) for have in words[each.id]) for word in wanted)
        )  # fmt: skip
        return begun or tuple(
            each for each in self.listed if all(any(_is_like(word, have) for have in words[each.id]) for word in wanted)
        )


def _is_like(word: str, have: str) -> bool:
    return have.startswith(word) or (len(word) >= _LONG_ENOUGH_CHARS and edits_between(word, have) <= 1)
