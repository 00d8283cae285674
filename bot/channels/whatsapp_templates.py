"""Twilio's Content templates for buttons and lists: made once, found again by their names, filled at each message.

A template holds no words of a message. Body lines, labels and ids are variables, which Twilio supports in each of these
places (twilio.com/docs/content/twilio-quick-reply, .../twiliolist-picker). But a variable in the body may hold no line break,
tab or run of spaces, and none may be empty (twilio.com/docs/api/errors/21656; it does not say whether that holds inside the 24 h
window as well [?]). So each line has its own variable, the line breaks stand in the template, and there is one template for
each kind, number of buttons and layout of lines that occurs. They are used inside the window only, where none needs an approval.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from handlers.messages import Button, ChannelError, Outgoing

MOST_BODY_CHARS = 1024  # of twilio/quick-reply and twilio/list-picker
MOST_BUTTONS = 10  # items of a twilio/list-picker
_QUICK_BUTTONS = 3  # of a twilio/quick-reply without approval
_QUICK_CHARS = 20
_ITEM_CHARS = 24
_ID_CHARS = 200
_MOST_LINES = 24  # with 10 items 44 variables; Twilio takes 100
_MOST_TEMPLATES = 400  # people write reviews of any layout; what is beyond gets numbers
_QUIET_SECONDS = 300.0  # after a failure, messages are numbered this long without asking again
_PREFIX = "rewang_"
_OPEN_LIST = "Pilih"  # good Indonesian and good Javanese: a template has no language of its own here
_BREAKS = re.compile(r"\n\s*")

_log = logging.getLogger("rewang.whatsapp")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a template looks like.

    Attributes:
        kind: "quick" replies; a "list" whose items are also numbered in the body, for old phones; a "bare" list.
        layout: between each two body lines "1" for a line break, "2" for an empty line.
    """

    kind: Literal["quick", "list", "bare"]
    buttons: int
    layout: str = ""

    @property
    def name(self) -> str:
        """The name it has at Twilio; a new version gets a new name."""
        return f"{_PREFIX}{self.kind}_{self.buttons}_{self.layout or '0'}_v1"


# What most messages need, made at the first start: a body of one line.
_COMMON = tuple(Shape("quick" if n <= _QUICK_BUTTONS else "list", n) for n in range(1, MOST_BUTTONS + 1))


def fit_shape(message: Outgoing) -> tuple[Shape, dict[str, str]] | None:
    """Find the template a message fits and its variables; None if WhatsApp cannot show its buttons."""
    buttons = [Button(" ".join(button.label.split()), button.data) for button in message.buttons]
    lines, layout = _split(message.text)
    labels = {button.label for button in buttons}
    ids = {button.data for button in buttons}
    if not 0 < len(buttons) <= MOST_BUTTONS or not lines or len(lines) > _MOST_LINES:
        return None
    if len(labels) < len(buttons) or len(ids) < len(buttons) or "" in labels | ids:
        return None
    longest = max(map(len, labels))
    kind: Literal["quick", "list", "bare"]
    if len(buttons) <= _QUICK_BUTTONS and longest <= _QUICK_CHARS:
        kind = "quick"
    elif longest <= _ITEM_CHARS and max(map(len, ids)) <= _ID_CHARS:
        kind = "bare" if message.numbered else "list"
    else:
        return None
    body_chars = sum(map(len, lines)) + sum(map(int, layout))
    if kind == "list":
        body_chars += len(number_lines(tuple(buttons))) + 1
    if body_chars > MOST_BODY_CHARS:
        return None
    variables = {f"b{n}": line for n, line in enumerate(lines, start=1)}
    for n, button in enumerate(buttons, start=1):
        variables |= {f"l{n}": button.label, f"i{n}": button.data}
    return Shape(kind, len(buttons), layout), variables


def number_lines(buttons: tuple[Button, ...]) -> str:
    """List choices as numbered lines, each after a line break."""
    return "".join(f"\n{number}. {button.label}" for number, button in enumerate(buttons, start=1))


def define(shape: Shape) -> dict[str, Any]:
    """Write a template as the Content API takes it, with a sample for each variable."""
    numbers = range(1, shape.buttons + 1)
    body = "{{b1}}"
    for n, breaks in enumerate(shape.layout, start=2):
        body += "\n" * int(breaks) + f"{{{{b{n}}}}}"
    if shape.kind == "list":
        body += "\n" + number_lines(tuple(Button(f"{{{{l{n}}}}}", "") for n in numbers))
    samples = {f"b{n}": "Teks" for n in range(1, len(shape.layout) + 2)}
    for n in numbers:
        samples |= {f"l{n}": f"Pilihan {n}", f"i{n}": f"pilihan-{n}"}
    content: dict[str, Any]
    if shape.kind == "quick":
        actions = [{"type": "QUICK_REPLY", "title": f"{{{{l{n}}}}}", "id": f"{{{{i{n}}}}}"} for n in numbers]
        content = {"twilio/quick-reply": {"body": body, "actions": actions}}
    else:
        items = [{"item": f"{{{{l{n}}}}}", "id": f"{{{{i{n}}}}}"} for n in numbers]
        content = {"twilio/list-picker": {"body": body, "button": _OPEN_LIST, "items": items}}
    return {"friendly_name": shape.name, "language": "id", "variables": samples, "types": content}


class Templates:
    """The account's templates by name.

    Args:
        contents: the library's list of contents.
        clock: seconds that only grow.
    """

    def __init__(self, contents: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._contents, self._clock = contents, clock
        self._sids: dict[str, str] | None = None
        self._quiet_until = float("-inf")
        self._making = asyncio.Lock()

    async def ensure(self) -> None:
        """Look up what the account has, and make what most messages need. A failure is logged: buttons get numbers then."""
        for shape in _COMMON:
            if await self.find(shape) is None:
                return

    async def find(self, shape: Shape) -> str | None:
        """Find a template's SID, making it where there is none; None if that fails for now."""
        if self._sids is not None and (sid := self._sids.get(shape.name)) is not None:
            return sid
        async with self._making:
            if self._clock() < self._quiet_until:
                return None
            try:
                return await self._look_up_or_make(shape)
            except ChannelError as error:
                reason = error.reason
            except _faults() as error:
                reason = f"{type(error).__name__} {getattr(error, 'code', '')}"
            self._quiet_until = self._clock() + _QUIET_SECONDS
            _log.warning("template %s cannot be had, buttons become numbers for a while: %s", shape.name, reason)
            return None

    def forget(self, shape: Shape) -> None:
        """Drop a template that Twilio does not know any more; it is made anew, but not at once for each message."""
        if self._sids is not None:
            self._sids.pop(shape.name, None)
        self._quiet_until = self._clock() + _QUIET_SECONDS

    async def _look_up_or_make(self, shape: Shape) -> str | None:
        from twilio.rest.content.v1.content import ContentList

        if self._sids is None:
            found: dict[str, str] = {}
            async for content in await self._contents.stream_async(page_size=500):
                if (content.friendly_name or "").startswith(_PREFIX):
                    found.setdefault(content.friendly_name, content.sid)
            self._sids = found
        if shape.name in self._sids or len(self._sids) >= _MOST_TEMPLATES:
            return self._sids.get(shape.name)
        made = await self._contents.create_async(ContentList.ContentCreateRequest(define(shape)))
        self._sids[shape.name] = made.sid
        _log.info("template %s made: %s", shape.name, made.sid)
        return str(made.sid)


def _split(text: str) -> tuple[list[str], str]:
    """Cut a text into lines that a variable may hold, and the layout between them."""
    text = text.replace("\r", "").strip()
    breaks = _BREAKS.findall(text)
    lines = [" ".join(line.split()) for line in _BREAKS.split(text)]
    return [line for line in lines if line], "".join("1" if gap.count("\n") == 1 else "2" for gap in breaks)


def _faults() -> tuple[type[Exception], ...]:
    from twilio.base.exceptions import TwilioException

    return (TwilioException, ValueError, KeyError)
