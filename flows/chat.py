"""The kernel: plays a flow over its journal, by hand, without an event loop.

A flow is an ``async def flow(chat) -> Outcome`` that awaits nothing but the chat. On every message it runs again from the
top; questions that the journal answers return at once, the first that it does not answer suspends the run. So the
journal (answers under stable keys) and the question now shown are all the state there is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, NoReturn, Protocol, TypeVar

from flows.text import Text
from flows.words import REVIEW_HELP, YES_LABEL, YES_WORDS

T = TypeVar("T")
R_co = TypeVar("R_co", covariant=True)
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Facts = Mapping[str, Json]
Journal = dict[str, Json]

MOST_QUESTIONS = 200  # a run; design rule 14
MOST_JOURNAL_BYTES = 64 * 1024  # likewise
REVIEW = "review"
YES = "yes"
SKIP = "skip"


class FlowError(Exception):
    """A flow breaks a rule of the kernel: our mistake, never the person's."""


class Invalid(Exception):  # noqa: N818  it is not an error of the program but an answer that does not fit
    """The reply does not answer the question; ``why`` is said to the person and the question asked again."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


class Stale(Exception):  # noqa: N818  likewise: an old answer that today's question does not take
    """A journalled answer does not fit the question any more: it is asked again."""


class Narrow(Exception):  # noqa: N818  likewise: half an answer
    """The reply is half an answer: the same question is shown again, narrower.

    Args:
        prompt: what is said now.
        options: what can be chosen now; a choice comes back to the same field's ``parse``.
        held: what the reply has given so far; handed to the next ``parse`` as ``Reply.held``.
    """

    def __init__(self, prompt: Text, options: tuple[Option, ...] = (), held: Json = None) -> None:
        super().__init__(prompt)
        self.prompt, self.options, self.held = prompt, options, held


@dataclass(frozen=True, slots=True)
class Media:
    """A file a person sent, under our own id. Kind: photo, document, voice, video or sticker."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Location:
    """A point in WGS 84 degrees."""

    latitude: float
    longitude: float

    @property
    def is_on_earth(self) -> bool:
        """Tell whether there is such a point: what arrives may be anything, not-a-number too."""
        return abs(self.latitude) <= 90 and abs(self.longitude) <= 180


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person answered: words, or the id of a shown option, or something sent along."""

    text: str = ""
    choice: str | None = None
    media: tuple[Media, ...] = ()
    location: Location | None = None
    phone: str | None = None
    held: Json = None


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: a stable id (at most 40 bytes), its label, and further words that choose it."""

    id: str
    label: Text
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked now. ``lines`` are the label and value of each answer under review, numbered like the options."""

    key: str
    prompt: Text
    options: tuple[Option, ...] = ()
    wants: str = "text"
    lines: tuple[tuple[Text, Text], ...] = ()
    narrowed: bool = False
    keeps: frozenset[str] = frozenset()
    held: Json = None


@dataclass(frozen=True, slots=True)
class Shown:
    """The question as the person saw it: its key, the option ids with their labels and words, and half-given answers."""

    key: str
    options: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    narrowed: bool = False
    held: Json = None
    undo: Json = None
    keeps: frozenset[str] = frozenset()


class Field(Protocol[T]):
    """One kind of answer: how it is read from a reply, kept in the journal and shown.

    ``parse`` raises Invalid or Narrow; ``load`` raises Stale. ``wants`` tells a channel what to offer: text, choice,
    photo, location or phone. ``keeps`` names the global words that the field takes as its own answer.
    """

    @property
    def wants(self) -> str: ...
    @property
    def keeps(self) -> frozenset[str]: ...
    def options(self) -> tuple[Option, ...]: ...
    def parse(self, reply: Reply) -> T: ...
    def dump(self, value: T) -> Json: ...
    def load(self, raw: Json) -> T: ...
    def show(self, value: T) -> Text: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """The flow waits for an answer to ``question``.

    ``why`` is set when the last reply did not fit; ``unheard`` when the reply belonged to a question that is no longer
    the one to ask; ``visited`` are the answered keys before this question, in order.
    """

    question: Question
    said: tuple[Text, ...]
    journal: Journal
    why: Text | None = None
    unheard: bool = False
    undo: Json = None
    visited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done(Generic[R_co]):
    """The flow has ended with ``outcome``; ``answers`` are the visited ones only."""

    outcome: R_co
    said: tuple[Text, ...]
    answers: Journal


Turn = Waiting | Done[R_co]
Flow = Callable[["Chat"], Awaitable[R_co]]


@dataclass(frozen=True, slots=True)
class _Ask:
    """What a suspended flow hands to the driver."""

    question: Question
    why: Text | None = None
    edit: str | None = None


@dataclass(frozen=True, slots=True)
class _Suspend:
    ask: _Ask

    def __await__(self) -> Generator[_Ask, None, NoReturn]:
        yield self.ask
        raise FlowError("a suspended flow was resumed: it must be played again from the top")


class Chat:
    """All a flow author sees. See the module docstring for how a run goes."""

    def __init__(self, facts: Facts, journal: Journal, shown: Shown | None, reply: Reply | None) -> None:
        self.facts = facts
        self._journal = journal
        self._shown = shown
        self._reply = reply
        self._live = shown is None
        self._prefix = ""
        self._said: list[Text] = []
        self._answers: Journal = {}
        self._lines: list[tuple[str, Text, Text]] = []
        self._seen: set[str] = set()

    @property
    def answers(self) -> Facts:
        """The answers visited so far, as the journal keeps them."""
        return self._answers

    def say(self, text: Text) -> None:
        """Say something without asking. Silent while earlier answers are replayed."""
        if self._live:
            self._said.append(text)

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Put the keys asked inside under ``name/``: for loops and parts of flows that are used twice."""
        before, self._prefix = self._prefix, f"{self._prefix}{name}/"
        try:
            yield
        finally:
            self._prefix = before

    async def ask(
        self, key: str, prompt: Text, field: Field[T], *, label: Text | None = None, was: str | None = None
    ) -> T:
        """Ask a question and wait for its answer.

        Args:
            key: stable name of the answer; unique in a run, its meaning never changes.
            prompt: the question.
            field: the kind of answer.
            label: names the answer's line in a later review; without it the review leaves the answer out.
            was: the key's earlier name, for journals of earlier releases.

        Raises:
            FlowError: the key was asked before in this run, or the run asks more than 200 questions.
        """
        full = self._visit(key)
        if was is not None and self._prefix + was in self._journal:
            self._journal.setdefault(full, self._journal.pop(self._prefix + was))
        if full in self._journal:
            try:
                value = field.load(self._journal[full])
            except Stale:
                del self._journal[full]
            else:
                return self._answered(full, value, field, label)
        question = Question(full, prompt, field.options(), field.wants, keeps=field.keeps)
        shown = self._shown if self._shown is not None and self._shown.key == full else None
        if shown is None or (self._reply is None and shown.held is None):
            return await _Suspend(_Ask(question))
        # Asked again without a reply, a half answer goes on where it was: photos sent so far are not lost.
        reply, self._reply = replace(self._reply or Reply(), held=shown.held), None
        try:
            value = field.parse(reply)
        except Invalid as invalid:
            return await _Suspend(_Ask(replace(question, held=shown.held), invalid.why))
        except Narrow as narrow:
            narrower = replace(question, prompt=narrow.prompt, options=narrow.options, narrowed=True, held=narrow.held)
            return await _Suspend(_Ask(narrower))
        self._journal[full] = field.dump(value)
        self._live = True
        return self._answered(full, value, field, label)

    async def review(self, title: Text) -> None:
        """Show the labelled answers, let one be changed, and go on once the person says that they are right.

        The yes is kept as a digest of exactly the answers reviewed: when one changes, the review is shown again.
        """
        full = self._visit(REVIEW)
        digest = hashlib.blake2s(json.dumps(self._answers, sort_keys=True).encode(), digest_size=8).hexdigest()
        if self._journal.get(full) == digest:
            return
        self._journal.pop(full, None)
        edits = tuple(Option(f"edit:{n}", label) for n, (_, label, _) in enumerate(self._lines, start=1))
        yes = Option(YES, YES_LABEL, YES_WORDS)
        shown_lines = tuple((label, value) for _, label, value in self._lines)
        question = Question(full, title, (*edits, yes), "choice", shown_lines)
        if self._reply is None or self._shown is None or self._shown.key != full:
            await _Suspend(_Ask(question))
        reply, self._reply = self._reply, None
        if reply is not None and reply.choice == YES:
            self._journal[full] = digest
            self._live = True
        elif reply is not None and reply.choice is not None and any(reply.choice == edit.id for edit in edits):
            await _Suspend(_Ask(question, edit=self._lines[int(reply.choice[5:]) - 1][0]))
        else:
            await _Suspend(_Ask(question, REVIEW_HELP))

    def _visit(self, key: str) -> str:
        full = self._prefix + key
        if full in self._seen:
            raise FlowError(f"the key {full!r} is asked twice in one run: give each question its own, or use a scope")
        if len(self._seen) >= MOST_QUESTIONS:
            raise FlowError(f"more than {MOST_QUESTIONS} questions in one run, the last {full!r}: does a loop not end?")
        self._seen.add(full)
        return full

    def _answered(self, full: str, value: T, field: Field[T], label: Text | None) -> T:
        self._answers[full] = self._journal[full]
        if label is not None:
            self._lines.append((full, label, field.show(value)))
        return value


def play(
    flow: Flow[R_co], facts: Facts, journal: Mapping[str, Json], shown: Shown | None, reply: Reply | None
) -> Turn[R_co]:
    """Run a flow over its journal and, where it fits, the reply.

    Args:
        flow: the flow, from the registry.
        facts: what was known when the conversation began; read-only.
        journal: the answers so far; it is not changed, the new one is returned.
        shown: the question as last shown; None when the conversation begins.
        reply: the person's answer to ``shown``; None to ask (again) without an answer.

    Raises:
        FlowError: the flow awaits something else than the chat, repeats a key, or goes past a budget.
    """
    return _play(flow, facts, dict(journal), shown, reply, None)


def _play(
    flow: Flow[R_co], facts: Facts, journal: Journal, shown: Shown | None, reply: Reply | None, undo: Json
) -> Turn[R_co]:
    chat = Chat(facts, journal, shown, reply)
    run = flow(chat).__await__()
    try:
        asked: object = next(run)
    except StopIteration as end:
        return Done(end.value, tuple(chat._said), chat._answers)  # noqa: SLF001  the driver and the chat are one kernel
    finally:
        _close(run)
    if not isinstance(asked, _Ask):
        raise FlowError(f"a flow may await nothing but the chat; it awaited {type(asked).__name__}")
    if asked.edit is not None:
        old = journal.pop(asked.edit)
        return _play(flow, facts, journal, shown, None, [old])  # in a list, since the answer may be None: skipped
    if _may_be_large(journal, reply) and len(json.dumps(journal)) > MOST_JOURNAL_BYTES:
        raise FlowError(f"the journal is over {MOST_JOURNAL_BYTES} bytes at {asked.question.key!r}")
    if undo is None and shown is not None and shown.key == asked.question.key:
        undo = shown.undo
    unheard = chat._reply is not None  # noqa: SLF001
    return Waiting(asked.question, tuple(chat._said), journal, asked.why, unheard, undo, tuple(chat._answers))  # noqa: SLF001


def _may_be_large(journal: Journal, reply: Reply | None) -> bool:
    """Tell whether a journal is worth measuring: a few dozen short answers cannot reach the budget."""
    return len(journal) > 40 or (reply is not None and len(reply.text) > 100)


def _close(run: object) -> None:
    """End a suspended run; a flow that catches the suspension would go on, and is told so."""
    close = getattr(run, "close", None)
    if close is None:
        raise FlowError("a flow must be an async function")
    try:
        close()
    except RuntimeError as caught:
        raise FlowError("a flow caught its own suspension: do not catch BaseException or await in finally") from caught


def back(flow: Flow[R_co], facts: Facts, journal: Mapping[str, Json], shown: Shown) -> Waiting | None:
    """Go one question back: out of a narrowed question, out of an edit, or to the question before.

    Answers that were given from the start (``facts["given"]``) are not gone back to. Returns None at the first question.
    """
    kept = dict(journal)
    if shown.narrowed:
        return _waiting(flow, facts, kept, replace(shown, held=None))
    if isinstance(shown.undo, list):
        return _waiting(flow, facts, {**kept, shown.key: shown.undo[0]}, replace(shown, key="", undo=None))
    here = _waiting(flow, facts, kept, shown)
    given = facts.get("given")
    skipped = set(given) if isinstance(given, list) else set()
    asked = [key for key in here.visited if key not in skipped] if here is not None else []
    if not asked:
        return None
    del kept[asked[-1]]
    return _waiting(flow, facts, kept, replace(shown, key="", undo=None))


def _waiting(flow: Flow[R_co], facts: Facts, journal: Journal, shown: Shown) -> Waiting | None:
    turn = play(flow, facts, journal, shown, None)
    return turn if isinstance(turn, Waiting) else None
