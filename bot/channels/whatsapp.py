"""WhatsApp through Twilio: webhook forms to Incoming, Outgoing to calls of the Messages API."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from bot.channels.whatsapp_files import Link, arrange
from bot.channels.whatsapp_templates import Shape, Templates, fit_shape, number_lines
from handlers.attachments import Find
from handlers.bulk import BULK
from handlers.messages import (
    MOST_TEXT_CHARS,
    Ability,
    ChannelError,
    ChannelRefused,
    Fetched,
    Incoming,
    IncomingMedia,
    Outgoing,
    Sending,
)

if TYPE_CHECKING:
    from bot.channels.twilio_http import TwilioHttp

STATUS_PATH = "/whatsapp/status"
MOST_CHARS = 1600  # of a Body (21617)
_CAPTION_CHARS = 1024  # of a photo at WhatsApp
_MOST_MEDIA = 10  # of an incoming message; WhatsApp itself sends one
_ABILITY = Ability(
    per_second=80,  # developers.facebook.com/documentation/business-messaging/whatsapp/throughput
    in_flight=16,  # Twilio answers 20429 when too many calls are on their way
    window=timedelta(hours=24),
    tells_later=True,
)
_VARIABLE_CHARS = (
    900  # a filled template stays under 1,024 with its own words around (twilio.com/docs/api/errors/63021)
)
_WORDLESS = ("unsupported", "reaction", "system", "unknown")  # what Body holds there was not said to us

# twilio.com/docs/api/errors: what a refused call means.
_GONE = {
    21211: "invalid_number",
    21610: "opted_out",
    63003: "invalid_number",
    63014: "blocked",
    63024: "invalid_number",
}
_LATER = {
    20404: "account_not_found",  # of ours; fixed by the operator, so the message waits
    20429: "too_fast",
    21611: "queue_full",
    63007: "sender_not_found",
    63018: "rate_limited",
}
_CONTENT = {21655: "template_unknown", 21656: "variables_refused"}  # it can go without its template
_REFUSED = {63016: "window_closed", **_CONTENT}

_log = logging.getLogger("rewang.whatsapp")


def decode(form: Mapping[str, str], received_at: datetime) -> Incoming | None:
    """Read a webhook's form; None if it says not who wrote, or has no id. Fields that are not known here do not matter.

    A person's address is ``From``; where that is missing, since people with a user name may hide their number,
    ``ExternalUserId`` (their id for our business); last ``WaId``. So it stays the same as long as Twilio sends ``From``.
    """
    address = form.get("From") or form.get("ExternalUserId") or ""
    wa_id = form.get("WaId", "")
    phone = f"+{wa_id}" if wa_id.isascii() and wa_id.isdecimal() and 8 <= len(wa_id) <= 15 else None
    if not address and wa_id:
        address = f"whatsapp:{phone or wa_id}"
    message_id = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid") or ""
    if not address or not message_id or form.get("MessageStatus", "received") != "received":
        return None
    wordless = form.get("MessageType", "").lower() in _WORDLESS
    choice = form.get("ButtonPayload") or form.get("ListId") or None
    text = form.get("Body") or form.get("ButtonText") or form.get("ListTitle") or ""
    return Incoming(
        channel="whatsapp",
        message_id=message_id,
        address=address,
        received_at=received_at,
        text="" if wordless else text[:MOST_TEXT_CHARS],
        choice=choice,
        media=_read_media(form),
        location=_read_location(form),
        phone=phone,
        name=form.get("ProfileName") or None,
        event="left" if form.get("OptOutType", "").upper() == "STOP" else None,
        reply_to=_read_replied(form),
    )


def _read_replied(form: Mapping[str, str]) -> str | None:
    """Give the SID of the message that was replied to, unless it is the person's own. A pressed button is a reply too."""
    author = form.get("OriginalRepliedMessageSender")
    return None if author and author == form.get("From") else form.get("OriginalRepliedMessageSid") or None


def _read_media(form: Mapping[str, str]) -> tuple[IncomingMedia, ...]:
    found = []
    for number in range(_MOST_MEDIA):
        url = form.get(f"MediaUrl{number}")
        if not url:
            break
        mime = form.get(f"MediaContentType{number}", "").partition(";")[0].strip().lower()
        found.append(IncomingMedia(_kind_of(mime), url, mime or "application/octet-stream"))
    return tuple(found)


def _kind_of(mime: str) -> Literal["photo", "document", "voice", "video", "sticker"]:
    if mime == "image/webp":
        return "sticker"
    match mime.partition("/")[0]:
        case "image":
            return "photo"
        case "audio":
            return "voice"
        case "video":
            return "video"
    return "document"


def _read_location(form: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form["Longitude"])
    except (KeyError, ValueError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


@dataclass(frozen=True, slots=True)
class _Part:
    """One call of the Messages API; with ``instead``, what goes out if Twilio does not take the template."""

    fields: dict[str, Any]
    shape: Shape | None = None
    instead: tuple[_Part, ...] = ()


@dataclass(slots=True)
class _Course:
    """How far the sending of one row has come."""

    parts: list[_Part]
    vendor_id: str | None = None


class WhatsAppChannel:
    """One WhatsApp sender at Twilio.

    A text with files, or one too long with its numbered choices, takes several calls; when a later one fails, the next
    attempt goes on there. A file that WhatsApp does not take, by its kind or its size, becomes a link under the text.

    Args:
        client: the library's client over ``http``.
        auth: account SID and auth token, for fetching files.
        sender: the fields that say who sends, and where states are reported.
        find_file: finds the file of one of our media ids.
        link: says where Twilio, or the person, can get a file of ours.
        ability: how fast it may be, and which approved templates open a conversation.
    """

    name = "whatsapp"

    def __init__(
        self,
        client: Any,
        http: TwilioHttp,
        auth: tuple[str, str],
        sender: Mapping[str, str],
        find_file: Find,
        link: Link,
        ability: Ability = _ABILITY,
    ) -> None:
        self.ability = ability
        self._client, self._http, self._auth = client, http, auth
        self._sender, self._find_file, self._link = sender, find_file, link
        self._templates: Templates | None = None
        self._opening = asyncio.Lock()
        self._courses: dict[int, _Course] = {}

    async def ensure_templates(self) -> None:
        """Look up the account's templates and make the common ones that are missing; never raises."""
        await (await self._open_templates()).ensure()

    async def send(self, sending: Sending) -> str | None:
        known = self._courses.pop(sending.id, None) if sending.lane != BULK else None
        course = known or _Course(await self._plan(sending.message))
        if not course.parts:
            raise ChannelRefused("empty")
        while course.parts:
            part = course.parts[0]
            try:
                sid = await self._create(sending.address, part.fields)
            except ChannelRefused as refused:
                if part.shape is None or refused.reason not in _CONTENT.values():
                    raise
                _log.warning("template %s failed, buttons become numbers: %s", part.shape.name, refused.reason)
                if refused.reason == _CONTENT[21655]:
                    (await self._open_templates()).forget(part.shape)
                course.parts[:1] = part.instead
                continue
            except ChannelError as error:
                if course.vendor_id is not None and sending.lane == BULK:  # a part is there: never begun anew by itself
                    raise ChannelError(error.reason, retry_after=error.retry_after, taken=True) from None
                if course.vendor_id is not None:
                    self._courses[sending.id] = course
                raise
            course.parts.pop(0)
            if course.vendor_id is None or "media_url" not in part.fields:
                course.vendor_id = sid  # the state of the words is what counts
        return course.vendor_id

    async def fetch(self, ref: str) -> Fetched:
        return await self._http.fetch(ref, self._auth)

    async def close(self) -> None:
        await self._http.close()

    async def _plan(self, message: Outgoing) -> list[_Part]:
        if message.template is not None:  # twilio.com/docs/api/errors/63016: then neither a Body nor a MediaUrl
            words = fill_in(message)
            filled = json.dumps({"1": words}, ensure_ascii=False)
            return [_Part({"content_sid": message.template, "content_variables": filled})] if words else []
        message, files = arrange(message, self._find_file, self._link)
        media = [_Part({"media_url": [file.url]}) for file in files]
        if (fitting := fit_shape(message)) is not None:
            shape, variables = fitting
            sid = await (await self._open_templates()).find(shape)
            if sid is not None:
                fields = {"content_sid": sid, "content_variables": json.dumps(variables, ensure_ascii=False)}
                instead = tuple(_Part({"body": body}) for body in _number(message))
                return [*media, _Part(fields, shape, instead)]
        bodies = _number(message)
        if files and files[0].takes_words and bodies and len(bodies[0]) <= _CAPTION_CHARS:
            media[0].fields["body"] = bodies.pop(0)
        return media + [_Part({"body": body}) for body in bodies]

    async def _create(self, address: str, fields: Mapping[str, Any]) -> str:
        from twilio.base.exceptions import TwilioException

        try:
            created = await self._client.messages.create_async(to=address, **self._sender, **fields)
        except TwilioException as error:  # its words may hold the number: only the code goes on
            raise _read_refusal(getattr(error, "code", None)) from None
        except ValueError:  # an answer of success that is no JSON
            raise ChannelError("bad_answer", taken=True) from None
        return str(created.sid)

    async def _open_templates(self) -> Templates:
        """Open the library's APIs: in a thread, since their import holds up a first message for a tenth of a second."""
        if self._templates is None:
            async with self._opening:
                if self._templates is None:
                    _, contents = await asyncio.to_thread(
                        lambda: (self._client.messages, self._client.content.v1.contents)
                    )
                    self._templates = Templates(contents)
        return self._templates


def fill_in(message: Outgoing) -> str:
    """Give the one variable of an approved template: no line breaks, tabs or runs of spaces, and not too long (21656, 63021).

    Its buttons are listed to be typed, since the template has none. What is too long is cut before them and before the
    last paragraph, which says how to get no more of it.
    """
    text, _, last = message.text.strip().rpartition("\n\n")
    tail = " ".join(f"{last}{number_lines(message.buttons)}".split())
    head = " ".join(text.split())
    room = _VARIABLE_CHARS - len(tail) - 2
    if len(head) > room:
        head = head[: max(room, 0)].rsplit(" ", 1)[0].rstrip() + "…"
    return f"{head} {tail}".strip()[:_VARIABLE_CHARS]


def _number(message: Outgoing) -> list[str]:
    """Write the choices as numbered lines under the text; what is too long for one Body goes on in the next."""
    text = message.text.strip()
    listed = "" if message.numbered else number_lines(message.buttons)
    whole = f"{text}\n{listed}" if text and listed else text + listed.lstrip("\n")
    if len(whole) <= MOST_CHARS:
        return [whole] if whole else []
    bodies: list[str] = []
    for line in (f"{text}\n{listed}").split("\n"):
        if not bodies or len(bodies[-1]) + 1 + len(line) > MOST_CHARS:
            bodies.append(line[:MOST_CHARS])
        else:
            bodies[-1] += f"\n{line}"
    return [body.strip() for body in bodies if body.strip()]


def _read_refusal(code: int | None) -> ChannelError | ChannelRefused:
    """Say what a refused call means for the message: later again, or never."""
    if code in _LATER:
        return ChannelError(_LATER[code])
    if code in _GONE:
        return ChannelRefused(_GONE[code], gone=True)
    return ChannelRefused(_REFUSED.get(code or 0) or f"twilio_{code}")


def open_whatsapp(
    account_sid: str,
    auth_token: str,
    *,
    sender: str = "",
    messaging_service_sid: str = "",
    public_url: str = "",
    api_url: str = "",
    find_file: Find = lambda _: None,
    link: Link = lambda file: file.name,
    templates: Mapping[str, str] | None = None,
    new_people_a_day: int | None = None,
    senders: int = 1,
) -> WhatsAppChannel:
    """Open the channel; nothing is asked of the network before the first call.

    Args:
        account_sid: the account, "AC…".
        auth_token: its secret.
        sender: our number, "whatsapp:+62…".
        messaging_service_sid: a service that chooses the number, or has ``sender`` in its pool.
        public_url: our own address; with it, Twilio reports states to STATUS_PATH.
        api_url: where calls go instead of Twilio.
        find_file: finds the file of one of our media ids.
        link: says where Twilio, or the person, can get a file of ours.
        templates: the ContentSids of approved texts, by kind of broadcast and language.
        new_people_a_day: how many people we may write to first in 24 hours.
        senders: how many processes send.
    """
    from twilio.rest import Client

    from bot.channels.twilio_http import TwilioHttp

    http = TwilioHttp(api_url)
    client = Client(account_sid, auth_token, http_client=http)
    fields = {
        "from_": sender,
        "messaging_service_sid": messaging_service_sid,
        "status_callback": f"{public_url}{STATUS_PATH}" if public_url else "",
    }
    return WhatsAppChannel(
        client,
        http,
        (account_sid, auth_token),
        {name: value for name, value in fields.items() if value},
        find_file,
        link,
        replace(
            _ABILITY,
            per_second=_ABILITY.per_second / senders,
            templates=templates or {},
            new_people_a_day=new_people_a_day,
        ),
    )
