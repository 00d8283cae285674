"""What a guide is made of and found by: a link, a file, and words to search for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.chat import SKIP, Invalid, Json, Narrow, Option, Reply, Stale
from flows.choices import reads_as
from flows.fields import GO_ON, NONE, Pick, is_done
from flows.text import N_, Text
from flows.words import SKIP_LABEL, SKIP_WORDS

FOUND = "find:"  # before words that were searched for, where an option's id stands otherwise
MOST_SEARCH_CHARS = 40
MOST_SEARCH_WORDS = 4  # a longer message is no search: it may be something else that is wanted
# Scheme, a host with a dot and no name before it (https://bank.id@other.id), then anything a chat shows as one link.
_LINK = re.compile(r"https?://(?:[\w-]+\.)+[\w-]{2,}(?::\d{1,5})?(?:[/?#][^\s<>\"*\\^`{|}]*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address, kept as it was typed; only its form is looked at. It may be skipped; the value is then None.

    Not a Maybe: a half-typed address ("blitarkab.go.id") may be understood as a no, and would be lost.
    """

    most: int = 300
    wants: str = "text"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return (Option(SKIP, SKIP_LABEL, SKIP_WORDS),)

    def parse(self, reply: Reply) -> str | None:
        text = reply.text.strip()
        if "." not in text.rstrip(".)") and (reply.choice == SKIP or reads_as(text, SKIP_WORDS)):
            return None
        if len(text) > self.most:
            raise Invalid(N_("That link is too long: at most {most} characters, please.", most=self.most))
        if not _LINK.fullmatch(text):
            raise Invalid(N_("That is not a whole link. It begins with https://, for example https://blitarkab.go.id"))
        return text

    def dump(self, value: str | None) -> Json:
        return value

    def load(self, raw: Json) -> str | None:
        if raw is not None and (not isinstance(raw, str) or len(raw) > self.most or not _LINK.fullmatch(raw)):
            raise Stale
        return raw

    def show(self, value: str | None) -> Text:
        return value or "-"


@dataclass(frozen=True, slots=True)
class Files:
    """Up to ``most`` photos, one message each or an album, or one document; the value is our media ids."""

    most: int = 4
    wants: str = "photo"
    keeps: frozenset[str] = NONE

    def options(self) -> tuple[Option, ...]:
        return ()

    def parse(self, reply: Reply) -> tuple[str, ...]:
        held = tuple(item for item in reply.held if isinstance(item, str)) if isinstance(reply.held, list) else ()
        if held and is_done(reply):
            return held
        document = next((item.id for item in reply.media if item.kind == "document"), None)
        if document is not None:
            return (document,)
        photos = tuple(item.id for item in reply.media if item.kind == "photo")
        if not photos and not held:
            raise Invalid(N_("Please send a PDF or photos."))
        held = (held + photos)[: self.most]
        if len(held) == self.most:
            return held
        raise Narrow(
            N_("{count} photos received. Send another, or choose *go on*.", count=len(held)),
            (GO_ON,),
            list(held),
        )

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def load(self, raw: Json) -> tuple[str, ...]:
        ids = tuple(item for item in raw if isinstance(item, str)) if isinstance(raw, list) else ()
        if not isinstance(raw, list) or not 1 <= len(ids) == len(raw) <= self.most:
            raise Stale
        return ids

    def show(self, value: tuple[str, ...]) -> Text:
        return N_("{count} files", count=len(value))


@dataclass(frozen=True, slots=True)
class Search:
    """One of several options, or words to search for; the value is the option's id, or the words behind ``FOUND``.

    A word that stands in one title alone is searched for all the same: it may stand in the texts of others.
    """

    pick: Pick
    keeps: frozenset[str] = frozenset(("help", "learn", "services", "complaints"))  # words that guides have, too
    wants: str = "choice"

    def options(self) -> tuple[Option, ...]:
        return self.pick.options()

    def parse(self, reply: Reply) -> str:
        words = reply.text.split()
        if not words or reply.text.strip().rstrip(".)").isdecimal():
            return self.pick.parse(reply)
        titled = next((each.id for each in self.pick.choices if reads_as(reply.text, each.words)), None)
        turned = reply.choice if reply.choice is not None and reply.choice.startswith("page:") else None
        if titled or turned:
            return self.pick.parse(Reply(choice=titled or turned))
        text = " ".join(words)
        if len(words) > MOST_SEARCH_WORDS or len(text) > MOST_SEARCH_CHARS:
            raise Invalid(N_("Please choose one, or type one to {most} words to search for.", most=MOST_SEARCH_WORDS))
        if not any(char.isalnum() for char in text):
            raise Invalid(N_("Please choose one, or type a word to search for."))
        return FOUND + text

    def dump(self, value: str) -> Json:
        return value

    def load(self, raw: Json) -> str:
        if isinstance(raw, str) and raw.startswith(FOUND):
            return raw
        return self.pick.load(raw)

    def show(self, value: str) -> Text:
        return value.removeprefix(FOUND) if value.startswith(FOUND) else self.pick.show(value)
