"""What Twilio calls: the webhook for messages, and the one for their states.

A call counts only with Twilio's signature over our public address; the host the request names is never used.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.whatsapp import decode
from handlers.messages import Incoming

MOST_BODY_BYTES = 64 << 10
STATES = ("sent", "delivered", "read", "failed", "undelivered")
_MOST_FIELDS = 500
_SIGNATURE = "X-Twilio-Signature"
_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"

Form = ImmutableMultiDict[str, str]
Endpoint = Callable[[Request], Awaitable[Response]]
OnStatus = Callable[[str, str, str | None], Awaitable[None]]

_log = logging.getLogger("rewang.whatsapp")


@dataclass(frozen=True, slots=True)
class Signed:
    """Checks that a call is Twilio's.

    Attributes:
        public_url: our address as it is set at Twilio, without a slash at the end.
        auth_token: the account's secret, that signs with SHA-1.
        count: told of each refused call.
        shared_key: the secret of a SharedKey, where a Webhooks Rule at Twilio makes it sign with SHA-256.
    """

    public_url: str
    auth_token: str = field(repr=False)
    count: Callable[[str], None]
    shared_key: str = field(default="", repr=False)

    async def read(self, request: Request) -> Form | Response:
        """Read a call's form; a Response where it is refused."""
        if not request.headers.get(_SIGNATURE):
            return self._refuse("whatsapp_no_signature", 403)
        body = await _read_body(request)
        if body is None:
            return self._refuse("whatsapp_too_large", 413)
        try:
            form: Form = ImmutableMultiDict(
                parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
            )
        except ValueError:
            return self._refuse("whatsapp_bad_form", 400)
        if not self._is_twilios(request, form):
            return self._refuse("whatsapp_wrong_signature", 403)
        return form

    def _is_twilios(self, request: Request, form: Form) -> bool:
        from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator, get_signature_algorithm

        algorithm = get_signature_algorithm(request.headers.get(_SETTINGS)).upper()
        secret = {HMAC_SHA1: self.auth_token, HMAC_SHA256: self.shared_key}.get(algorithm)
        if not secret:
            return False
        query = request.scope["query_string"].decode("latin-1")
        url = self.public_url + request.scope["path"] + (f"?{query}" if query else "")
        signature = request.headers[_SIGNATURE]
        return bool(RequestValidator(secret).validate(url, form, signature, algorithm))

    def _refuse(self, reason: str, status: int) -> Response:
        self.count(reason)
        _log.warning("call refused: %s", reason)
        return Response(status_code=status)


def webhook(signed: Signed, receive: Callable[[Incoming], Awaitable[None]], clock: Callable[[], datetime]) -> Endpoint:
    """Make the endpoint for messages: 204 after the commit; 503 where there was none, so that Twilio calls again."""

    async def endpoint(request: Request) -> Response:
        form = await signed.read(request)
        if isinstance(form, Response):
            return form
        incoming = decode(form, clock())
        if incoming is None:
            signed.count("whatsapp_no_message")
            return Response(status_code=204)
        return await _answer_after(receive(incoming), form.get("MessageSid"))

    return endpoint


def status(signed: Signed, on_status: OnStatus) -> Endpoint:
    """Make the endpoint for states. They may come twice and out of order; each of STATES goes to ``on_status``."""

    async def endpoint(request: Request) -> Response:
        form = await signed.read(request)
        if isinstance(form, Response):
            return form
        sid, state = form.get("MessageSid", ""), form.get("MessageStatus", "")
        if not sid or state not in STATES:
            return Response(status_code=204)
        return await _answer_after(on_status(sid, state, form.get("ErrorCode") or None), sid)

    return endpoint


async def _answer_after(work: Awaitable[Any], sid: str | None) -> Response:
    try:
        await work
    except Exception as error:  # noqa: BLE001  whatever it is, nothing is stored: the vendor must send it again
        # Without a trace: it could hold the message.
        _log.error("call %s not stored: %s", sid, type(error).__name__)
        return Response(status_code=503)
    return Response(status_code=204)


async def _read_body(request: Request) -> bytes | None:
    """Read at most MOST_BODY_BYTES; None if there is more."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            return None
    return body
