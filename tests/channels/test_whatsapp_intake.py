"""Twilio's calls: only signed ones count, and none is answered with success before the commit."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message

from bot.whatsapp_intake import MOST_BODY_BYTES, Signed, status, webhook
from handlers.messages import Incoming
from tests.fakes.twilio_server import TOKEN, sign

PUBLIC = "https://rewang.example.id"
WEBHOOK, STATUS = "/whatsapp/webhook", "/whatsapp/status"
SHARED_KEY = "a-shared-key-for-tests"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
FORM = {
    "MessageSid": "SM1", "From": "whatsapp:+6281200000001", "Body": " rahasia & lampu = mati ", "ProfileName": "Sri",
    "WaId": "6281200000001", "FieldOfTomorrow": "", "NumMedia": "0",
}  # fmt: skip


class Desk:
    """Both endpoints, what they handed on, and what they counted."""

    def __init__(self, public_url: str = PUBLIC, shared_key: str = "") -> None:
        self.received: list[Incoming] = []
        self.states: list[tuple[str, str, str | None]] = []
        self.counted: list[str] = []
        self.broken = False
        signed = Signed(public_url, TOKEN, self.counted.append, shared_key)
        routes = [
            Route(WEBHOOK, webhook(signed, self.receive, lambda: AT), methods=["POST"]),
            Route(STATUS, status(signed, self.on_status), methods=["POST"]),
        ]
        self.app = Starlette(routes=routes)

    async def receive(self, incoming: Incoming) -> None:
        if self.broken:
            raise OSError(f"no space for {incoming.text}")
        self.received.append(incoming)

    async def on_status(self, sid: str, state: str, error_code: str | None) -> None:
        if self.broken:
            raise OSError("no space")
        self.states.append((sid, state, error_code))

    async def post(
        self, form: dict[str, str], signature: str | None, path: str = WEBHOOK, **headers: str
    ) -> tuple[int, bytes]:
        given = {} if signature is None else {"X-Twilio-Signature": signature}
        return await self.post_raw(urlencode(form).encode(), path, {"Host": "10.0.0.7:8080", **given, **headers})

    async def post_raw(self, body: bytes, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """Call the application as a server does, the body in two pieces."""
        half = len(body) // 2
        pieces = [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": False},
        ]
        answers: list[Message] = []

        async def take() -> Message:
            return pieces.pop(0)

        async def give(message: Message) -> None:
            answers.append(message)

        path, _, query = path.partition("?")
        scope = {
            "type": "http", "method": "POST", "scheme": "http", "path": path, "query_string": query.encode(), "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        await self.app(scope, take, give)
        return answers[0]["status"], b"".join(answer.get("body", b"") for answer in answers)


async def test_a_signed_message_is_received_and_answered_with_nothing() -> None:
    desk = Desk()
    assert await desk.post(FORM, sign(PUBLIC + WEBHOOK, FORM)) == (204, b"")
    assert [(incoming.message_id, incoming.text) for incoming in desk.received] == [("SM1", " rahasia & lampu = mati ")]
    assert desk.counted == []


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (None, "whatsapp_no_signature"),
        ("", "whatsapp_no_signature"),
        ("bm90IGEgc2lnbmF0dXJl", "whatsapp_wrong_signature"),
        (sign(PUBLIC + WEBHOOK, FORM, "another token"), "whatsapp_wrong_signature"),
        (sign(PUBLIC + WEBHOOK, {**FORM, "Body": "other"}), "whatsapp_wrong_signature"),
        (sign("https://elsewhere.example" + WEBHOOK, FORM), "whatsapp_wrong_signature"),
        (sign("http://10.0.0.7:8080" + WEBHOOK, FORM), "whatsapp_wrong_signature"),
        (sign(PUBLIC + STATUS, FORM), "whatsapp_wrong_signature"),
    ],
)
async def test_a_call_that_is_not_twilios_is_refused_and_counted(signature: str | None, reason: str) -> None:
    desk = Desk()
    assert await desk.post(FORM, signature) == (403, b"")
    assert (desk.received, desk.counted) == ([], [reason])


async def test_a_state_that_is_not_twilios_is_refused_and_counted() -> None:
    desk = Desk()
    form = {"MessageSid": "SM7", "MessageStatus": "delivered"}
    assert await desk.post(form, None, STATUS) == (403, b"")
    assert await desk.post(form, sign(PUBLIC + WEBHOOK, form), STATUS) == (403, b"")
    assert (desk.states, desk.counted) == ([], ["whatsapp_no_signature", "whatsapp_wrong_signature"])


async def test_every_field_is_signed_even_an_unknown_one() -> None:
    desk = Desk()
    signature = sign(PUBLIC + WEBHOOK, FORM)
    assert await desk.post({**FORM, "Added": "x"}, signature) == (403, b"")
    assert await desk.post({name: value for name, value in FORM.items() if value}, signature) == (403, b"")


async def test_the_host_a_caller_names_does_not_matter() -> None:
    desk = Desk()
    forged = sign("https://attacker.example" + WEBHOOK, FORM)
    hosts = {"Host": "attacker.example", "X-Forwarded-Host": "attacker.example", "X-Forwarded-Proto": "https"}
    assert await desk.post(FORM, forged, **hosts) == (403, b"")
    assert await desk.post(FORM, sign(PUBLIC + WEBHOOK, FORM), **hosts) == (204, b"")


@pytest.mark.parametrize("public_url", ["https://rewang.example.id:8443", "https://example.id/rewang"])
async def test_a_public_address_with_a_port_or_a_path_is_checked_as_it_is_set(public_url: str) -> None:
    assert await Desk(public_url).post(FORM, sign(public_url + WEBHOOK, FORM)) == (204, b"")


async def test_the_query_of_the_address_is_signed() -> None:
    desk = Desk()
    assert await desk.post(FORM, sign(f"{PUBLIC}{WEBHOOK}?from=twilio", FORM), f"{WEBHOOK}?from=twilio") == (204, b"")
    assert await desk.post(FORM, sign(f"{PUBLIC}{WEBHOOK}", FORM), f"{WEBHOOK}?from=twilio") == (403, b"")


async def test_a_shared_key_signs_with_sha_256_and_nothing_else() -> None:
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    by_key = sign(PUBLIC + WEBHOOK, FORM, SHARED_KEY, "sha256")
    by_token = sign(PUBLIC + WEBHOOK, FORM, TOKEN, "sha256")
    assert await Desk(shared_key=SHARED_KEY).post(FORM, by_key, **settings) == (204, b"")
    assert await Desk(shared_key=SHARED_KEY).post(FORM, by_token, **settings) == (403, b"")
    assert await Desk().post(FORM, by_key, **settings) == (403, b"")
    assert await Desk().post(FORM, sign(PUBLIC + WEBHOOK, FORM, "", "sha256"), **settings) == (403, b"")
    unknown = {"X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}
    assert await Desk(shared_key=SHARED_KEY).post(FORM, by_key, **unknown) == (403, b"")


async def test_what_is_not_stored_is_asked_for_again(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    desk.broken = True
    with caplog.at_level(logging.DEBUG):
        assert await desk.post(FORM, sign(PUBLIC + WEBHOOK, FORM)) == (503, b"")
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("rewang", "twilio")))
    assert "call SM1 not stored: OSError" in said
    assert "rahasia" not in caplog.text
    assert "6281200000001" not in caplog.text
    desk.broken = False
    assert await desk.post(FORM, sign(PUBLIC + WEBHOOK, FORM)) == (204, b"")
    assert len(desk.received) == 1


async def test_a_body_over_the_limit_is_refused_unread() -> None:
    desk = Desk()
    form = {**FORM, "Body": "a" * MOST_BODY_BYTES}
    assert await desk.post(form, sign(PUBLIC + WEBHOOK, form)) == (413, b"")
    assert desk.counted == ["whatsapp_too_large"]


@pytest.mark.parametrize("content", [b"Body=\xff", "&".join(f"f{n}=1" for n in range(501)).encode()])
async def test_a_form_that_twilio_would_not_send_is_refused(content: bytes) -> None:
    desk = Desk()
    answer = await desk.post_raw(content, WEBHOOK, {"X-Twilio-Signature": "x"})
    assert (answer, desk.counted) == ((400, b""), ["whatsapp_bad_form"])


async def test_a_signed_form_without_a_message_is_taken_and_counted() -> None:
    desk = Desk()
    form = {"AccountSid": "AC1"}
    assert await desk.post(form, sign(PUBLIC + WEBHOOK, form)) == (204, b"")
    assert (desk.received, desk.counted) == ([], ["whatsapp_no_message"])


async def test_states_are_handed_on_and_passing_ones_are_not() -> None:
    desk = Desk()
    for state, code in [
        ("queued", ""),
        ("sent", ""),
        ("read", ""),
        ("delivered", ""),
        ("undelivered", "63016"),
        ("failed", "63018"),
    ]:
        form = {"MessageSid": "SM7", "MessageStatus": state, "To": "whatsapp:+6281200000001"} | (
            {"ErrorCode": code} if code else {}
        )
        assert await desk.post(form, sign(PUBLIC + STATUS, form), STATUS) == (204, b"")
    assert desk.states == [
        ("SM7", "sent", None), ("SM7", "read", None), ("SM7", "delivered", None), ("SM7", "undelivered", "63016"), ("SM7", "failed", "63018"),
    ]  # fmt: skip


async def test_a_state_that_is_not_stored_is_asked_for_again() -> None:
    desk = Desk()
    desk.broken = True
    form = {"MessageSid": "SM7", "MessageStatus": "delivered"}
    assert await desk.post(form, sign(PUBLIC + STATUS, form), STATUS) == (503, b"")


def test_secrets_are_not_shown() -> None:
    shown = repr(Signed(PUBLIC, TOKEN, print, SHARED_KEY))
    assert TOKEN not in shown
    assert SHARED_KEY not in shown
