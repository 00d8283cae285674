"""The harness for flows: no bot, database, event loop or mock.

Between two messages the journal and the question shown go through their stored form, and every turn is played twice, so
that a flow which depends on anything but its answers is caught.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flows.chat import Done, Flow, Json, Location, Media, Reply, Shown, Turn, Waiting, back, play
from flows.choices import choose
from flows.outcomes import Outcome
from flows.registry import load_registry
from handlers.render import Voice, Voices, dump_shown, load_shown, load_voices, show_question

REGISTRY = load_registry()
VOICES: Voices = load_voices(ZoneInfo("Asia/Jakarta"))
TODAY = "2026-11-24"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 10.00 in Blitar


class Talk:
    """A conversation with one flow."""

    def __init__(
        self, flow: Flow[Outcome], language: str = "id", given: Mapping[str, Json] | None = None, **facts: Json
    ) -> None:
        self.flow = flow
        self.voice: Voice = VOICES.of(language)
        self.facts: dict[str, Json] = {"today": TODAY, "given": list(given or ()), **facts}
        self.journal: dict[str, Json] = {}
        self.shown: Shown | None = None
        self.said: list[str] = []
        self.question = ""
        self.outcome: Outcome | None = None
        self._take(self._play(dict(given or {}), None, None))

    def hears(self, *messages: str | Reply) -> Talk:
        """Hear messages one after another; a text is matched with the options shown, as the inbox does."""
        for message in messages:
            assert self.shown is not None, f"the flow has ended before {message!r}"
            reply = Reply(text=message) if isinstance(message, str) else message
            if reply.text and reply.choice is None:
                reply = replace(reply, choice=choose(reply.text, self.shown.options))
            self._take(self._play(self.journal, self.shown, reply))
        return self

    def goes_back(self) -> bool:
        """Go one question back."""
        assert self.shown is not None
        waiting = back(self.flow, self.facts, self.journal, self.shown)
        if waiting is None:
            return False
        self._take(waiting)
        return True

    @property
    def key(self) -> str:
        """The key of the question shown."""
        assert self.shown is not None
        return self.shown.key

    @property
    def options(self) -> list[str]:
        """The ids of the options shown."""
        assert self.shown is not None
        return [option for option, _, _ in self.shown.options]

    def _play(self, journal: Mapping[str, Json], shown: Shown | None, reply: Reply | None) -> Turn[Outcome]:
        first = play(self.flow, self.facts, journal, shown, reply)
        assert play(self.flow, self.facts, journal, shown, reply) == first, "the flow does not play the same twice"
        return first

    def _take(self, turn: Turn[Outcome]) -> None:
        self.said = [self.voice.say(text) for text in turn.said]
        if isinstance(turn, Done):
            self.outcome, self.shown, self.question = turn.outcome, None, ""
            return
        self._wait(turn)

    def _wait(self, turn: Waiting) -> None:
        if turn.why is not None:
            self.said.append(self.voice.say(turn.why))
        message, shown = show_question(turn.question, self.voice, 1, turn.undo)
        self.question = message.text
        self.journal = json.loads(json.dumps(turn.journal))
        self.shown = load_shown(dump_shown(shown))


def photo(number: int = 1) -> Reply:
    """A photo sent."""
    return Reply(media=(Media(f"m{number}", "photo"),))


def spot(latitude: float, longitude: float) -> Reply:
    """A location shared."""
    return Reply(location=Location(latitude, longitude))
