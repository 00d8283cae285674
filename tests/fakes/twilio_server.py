"""A Twilio that answers as Twilio does: messages, content templates, media, signed status callbacks, and seeded faults.

Control: ``POST /_media?path=…`` keeps a file, ``POST /_faults`` sets what goes wrong, ``GET /_journal`` tells every message
that was taken, ``GET /_contents`` every template.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

ACCOUNT = "AC" + "0" * 32  # not written out: scanners for leaked keys would stop at it
TOKEN = "fake-auth-token-for-tests"
SENDER = "whatsapp:+14155238886"
SERVICE = "MG" + "0" * 32
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_REPEATED = ("MediaUrl", "PersistentAction")
_OFFICE = "application/vnd.openxmlformats-officedocument."
# What WhatsApp takes, and what it must be smaller than.
_TAKEN = {
    "image/jpeg": 5 << 20, "image/png": 5 << 20, "application/pdf": 16 << 20, "application/msword": 16 << 20,
    f"{_OFFICE}wordprocessingml.document": 16 << 20, f"{_OFFICE}presentationml.presentation": 16 << 20,
    f"{_OFFICE}spreadsheetml.sheet": 16 << 20,
}  # fmt: skip


def sign(url: str, params: Mapping[str, str], token: str = TOKEN, algorithm: str = "sha1") -> str:
    """Sign a webhook call: written from Twilio's description, not with its library."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), algorithm).digest()).decode()


class Refusal(Exception):  # noqa: N818  an answer of the vendor
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Faults:
    """What goes wrong. Rates are shares of the calls to make a message, drawn from the seed.

    Attributes:
        concurrency: most messages being made at once; above it 20429.
        refused: a number, and the code its messages are refused with.
        window_closed: messages without a template fail with 63016 afterwards.
        pair_burst: most messages to one person; those above fail afterwards (WhatsApp's 131056).
        content_down: the Content API answers 503.
        variables_refused: every ContentVariables is refused with 21656.
        callbacks: states are reported to the StatusCallback of a message.
        callback_base: scheme and host really called, as a proxy would; the signature stays that of the address set.
        media_base: likewise for the files of messages; where it is empty they are not fetched.
    """

    seed: int = 0
    too_fast: float = 0.0
    bad_gateway: float = 0.0
    drop_before: float = 0.0
    drop_after: float = 0.0
    silent: float = 0.0
    garbled: float = 0.0
    retry_after: int | None = None
    concurrency: int | None = None
    refused: dict[str, int] = field(default_factory=dict)
    window_closed: bool = False
    pair_burst: int | None = None
    content_down: bool = False
    variables_refused: bool = False
    callbacks: bool = False
    callback_base: str = ""
    media_base: str = ""


class FakeTwilio:
    def __init__(self, seed: int = 0, token: str = TOKEN) -> None:
        self.token = token
        self.set_faults({"seed": seed})
        self.journal: list[dict[str, Any]] = []
        self.contents: dict[str, dict[str, Any]] = {}
        self.content_calls: list[str] = []
        self.media: dict[str, tuple[bytes, str]] = {}
        self.media_calls: list[tuple[str, str | None]] = []
        self.callback_answers: list[int] = []
        self._making = 0
        self._told: set[asyncio.Task[None]] = set()
        self._per_person: Counter[str] = Counter()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=20 << 20)
        app.router.add_get("/_journal", self._show_journal)
        app.router.add_get("/_contents", self._show_contents)
        app.router.add_post("/_media", self._take_media)
        app.router.add_post("/_faults", self._take_faults)
        app.router.add_post("/2010-04-01/Accounts/{account}/Messages.json", self._take_message)
        app.router.add_get("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", self._redirect_media)
        app.router.add_get("/cdn/{media}", self._give_media)
        app.router.add_get("/v1/Content", self._list_contents)
        app.router.add_post("/v1/Content", self._make_content)
        return app

    def set_faults(self, given: Mapping[str, Any]) -> None:
        unknown = given.keys() - {known.name for known in fields(Faults)}
        if unknown:
            raise ValueError(f"no such faults: {sorted(unknown)}")
        self.faults = Faults(**given)
        self._dice = random.Random(self.faults.seed)

    async def settle(self) -> None:
        """Wait until all states are reported."""
        while self._told:
            await asyncio.gather(*self._told)

    async def _show_journal(self, request: web.Request) -> web.Response:
        return web.json_response(self.journal)

    async def _show_contents(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.contents.values()))

    async def _take_media(self, request: web.Request) -> web.Response:
        self.media[request.query["path"]] = (await request.read(), request.content_type)
        return web.json_response(True)

    async def _take_faults(self, request: web.Request) -> web.Response:
        try:
            self.set_faults(await request.json())
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(True)

    def _is_ours(self, request: web.Request) -> bool:
        login = base64.b64encode(f"{ACCOUNT}:{self.token}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {login}"

    def _check_login(self, request: web.Request) -> None:
        if not self._is_ours(request):
            raise Refusal(401, 20003, "Authenticate")
        if request.match_info.get("account", ACCOUNT) != ACCOUNT:
            raise Refusal(404, 20404, "The requested resource was not found")

    def _draw(self, rate: float) -> bool:
        return rate > 0 and self._dice.random() < rate

    # Messages

    async def _take_message(self, request: web.Request) -> web.StreamResponse:
        self._making += 1
        try:
            self._check_login(request)
            if self.faults.concurrency is not None and self._making > self.faults.concurrency:
                raise Refusal(429, 20429, "Too Many Requests")
            return await self._take_checked(request)
        except Refusal as refusal:
            return _answer_refusal(refusal, self.faults.retry_after)
        finally:
            self._making -= 1

    async def _take_checked(self, request: web.Request) -> web.StreamResponse:
        posted = await request.post()
        form: dict[str, Any] = {name: str(value) for name, value in posted.items()}
        form |= {name: [str(value) for value in posted.getall(name)] for name in _REPEATED if name in posted}
        if self._draw(self.faults.too_fast):
            raise Refusal(429, 20429, "Too Many Requests")
        if self._draw(self.faults.bad_gateway):
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        if self._draw(self.faults.drop_before):
            return _drop(request)
        shown = self._check_message(form)
        error_code = await self._fetch_media(shown) or self._later_fault(form, shown)
        number = len(self.journal) + 1
        sid = f"SM{hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()}"
        self.journal.append({"sid": sid, "form": form, "error_code": error_code, **shown})
        if self.faults.callbacks and "StatusCallback" in form:
            task = asyncio.create_task(self._tell_states(form, sid, error_code))
            self._told.add(task)
            task.add_done_callback(self._told.discard)
        if self._draw(self.faults.drop_after):
            return _drop(request)
        if self._draw(self.faults.silent):
            await asyncio.Event().wait()
        if self._draw(self.faults.garbled):
            return web.Response(status=201, body=b'{"sid": "SM', content_type="application/json")
        answer = {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": shown["body"],
            "date_created": "Tue, 24 Nov 2026 03:00:00 +0000",
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "num_media": str(len(form.get("MediaUrl", []))),
            "num_segments": "1",
            "sid": sid,
            "status": "accepted" if "MessagingServiceSid" in form else "queued",
            "to": form["To"],
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}.json",
        }
        return web.json_response(answer, status=201)

    def _check_message(self, form: dict[str, Any]) -> dict[str, Any]:
        """Refuse what Twilio refuses at once; give what the person will see."""
        to = form.get("To", "")
        if form.get("From") != SENDER and form.get("MessagingServiceSid") != SERVICE:
            raise Refusal(400, 63007, "Twilio could not find a Channel with the specified From address")
        if to in self.faults.refused:
            raise Refusal(400, self.faults.refused[to], f"The message to {to} cannot be sent")
        if not re.fullmatch(r"whatsapp:(\+[1-9]\d{7,14}|ID\.\d+)", to):
            raise Refusal(400, 21211, f"The 'To' number {to} is not a valid phone number.")
        body, media = form.get("Body", ""), form.get("MediaUrl", [])
        if "ContentSid" not in form:
            if "ContentVariables" in form:
                raise Refusal(400, 21654, "ContentSid Required")
            if not body and not media:
                raise Refusal(400, 21619, "A text message body or media urls must be specified.")
            if len(body) > 1600:
                raise Refusal(400, 21617, "The concatenated message body exceeds the 1600 character limit")
            return {"kind": "media" if media else "text", "body": body, "media": media, "buttons": []}
        if body or media:
            raise Refusal(400, 21657, "Body and MediaUrl cannot be given with ContentSid")
        content = self.contents.get(form["ContentSid"])
        if content is None:
            raise Refusal(400, 21655, "The ContentSid is invalid")
        return _fill(content, self._read_variables(form.get("ContentVariables", "{}")))

    def _read_variables(self, given: str) -> dict[str, str]:
        invalid = Refusal(400, 21656, "The Content Variables parameter is invalid")
        try:
            variables = json.loads(given)
        except ValueError:
            raise invalid from None
        if self.faults.variables_refused or not isinstance(variables, dict):
            raise invalid
        for value in variables.values():
            if not isinstance(value, str) or not value or re.search(r"[\n\t]| {5}", value):
                raise invalid
        return variables

    async def _fetch_media(self, shown: dict[str, Any]) -> int | None:
        """Get the file of a message as Twilio does, and note what the person will see of it; or find what fails later."""
        shown["files"] = []
        if not self.faults.media_base or not shown["media"]:
            return None
        url = urlsplit(shown["media"][0])
        asked = f"{self.faults.media_base}{url.path}"
        async with aiohttp.ClientSession() as session:
            async with session.head(asked) as head:
                told = (head.status, head.content_type)
            async with session.get(asked) as response:
                content = await response.read()
        if told != (200, response.content_type) or response.status != 200 or not content:
            return 63019
        if len(content) >= _TAKEN.get(response.content_type, 0):
            return 63021
        if not response.content_type.startswith("image/"):
            shown["body"] = ""  # it is not shown with a document
        disposition = response.content_disposition
        shown["files"] = [(disposition.filename if disposition else None, response.content_type, len(content))]
        return None

    def _later_fault(self, form: Mapping[str, Any], shown: Mapping[str, Any]) -> int | None:
        """Find what WhatsApp refuses after Twilio took it."""
        self._per_person[form["To"]] += 1
        approved = "ContentSid" in form and shown["kind"] == "text"  # those with choices are never approved here
        if approved:
            return 63021 if len(shown["body"]) > 1024 else None
        if self.faults.window_closed:
            return 63016
        if self.faults.pair_burst is not None and self._per_person[form["To"]] > self.faults.pair_burst:
            return 63018
        titles = [title for title, _ in shown["buttons"]]
        if shown["kind"] == "media" and (len(shown["body"]) > 1024 or len(shown["media"]) > 1):
            return 63013
        if not titles:
            return None
        quick = shown["kind"] == "quick-reply"
        too_long = len(shown["body"]) > 1024 or any(len(title) > (20 if quick else 24) for title in titles)
        ids = {data for _, data in shown["buttons"]}
        same = (
            len(ids) < len(titles) or (quick and len(set(titles)) < len(titles)) or any(len(data) > 200 for data in ids)
        )
        return 63021 if too_long or same or len(titles) > (3 if quick else 10) else None

    async def _tell_states(self, form: Mapping[str, Any], sid: str, error_code: int | None) -> None:
        url = form["StatusCallback"]
        called = url
        if self.faults.callback_base:
            called = self.faults.callback_base + url.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        async with aiohttp.ClientSession() as session:
            for state in ("sent", "delivered", "read") if error_code is None else ("sent", "undelivered"):
                params = {
                    "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "From": form.get("From", SENDER), "To": form["To"],
                    "MessageSid": sid, "SmsSid": sid, "MessageStatus": state, "SmsStatus": state, "ChannelPrefix": "whatsapp",
                }  # fmt: skip
                if error_code is not None and state == "undelivered":
                    params["ErrorCode"] = str(error_code)
                headers = {"X-Twilio-Signature": sign(url, params, self.token)}
                async with session.post(called, data=params, headers=headers) as response:
                    self.callback_answers.append(response.status)

    # Contents

    async def _list_contents(self, request: web.Request) -> web.Response:
        self.content_calls.append("list")
        try:
            self._check_content_call(request)
        except Refusal as refusal:
            return _answer_refusal(refusal)
        size = min(int(request.query.get("PageSize", 50)), 1000)
        page = int(request.query.get("Page", 0))
        contents = list(self.contents.values())
        shown = contents[page * size : (page + 1) * size]
        following = f"https://content.twilio.com/v1/Content?PageSize={size}&Page={page + 1}&PageToken=DNHX%2B{page}"
        meta = {
            "page": page, "page_size": size, "key": "contents", "url": str(request.url), "previous_page_url": None,
            "next_page_url": following if (page + 1) * size < len(contents) else None,
        }  # fmt: skip
        return web.json_response({"contents": shown, "meta": meta})

    async def _make_content(self, request: web.Request) -> web.Response:
        self.content_calls.append("make")
        try:
            self._check_content_call(request)
            content = _check_content(await request.read(), request.content_type)
        except Refusal as refusal:
            return _answer_refusal(refusal)
        return web.json_response(self.add_content(content), status=201)

    def add_content(self, content: dict[str, Any]) -> dict[str, Any]:
        """Keep a template as if made earlier."""
        sid = f"HX{hashlib.md5(str(len(self.contents)).encode(), usedforsecurity=False).hexdigest()}"
        self.contents[sid] = {
            "sid": sid, "account_sid": ACCOUNT, "date_created": "2026-11-24T03:00:00Z", "date_updated": "2026-11-24T03:00:00Z",
            "url": f"https://content.twilio.com/v1/Content/{sid}", "links": {}, **content,
        }  # fmt: skip
        return self.contents[sid]

    def _check_content_call(self, request: web.Request) -> None:
        self._check_login(request)
        if self.faults.content_down:
            raise Refusal(503, 20503, "Service Unavailable")

    # Media people sent

    async def _redirect_media(self, request: web.Request) -> web.Response:
        self.media_calls.append((request.path, request.headers.get("Authorization")))
        try:
            self._check_login(request)
        except Refusal as refusal:
            return _answer_refusal(refusal)
        media = request.match_info["media"]
        if media.startswith("MEelsewhere"):
            return web.Response(status=307, headers={"Location": "http://169.254.169.254/latest/meta-data"})
        if media not in self.media:
            return _answer_refusal(Refusal(404, 20404, "The requested resource was not found"))
        return web.Response(status=307, headers={"Location": f"/cdn/{media}"})

    async def _give_media(self, request: web.Request) -> web.Response:
        self.media_calls.append((request.path, request.headers.get("Authorization")))
        content, mime = self.media[request.match_info["media"]]
        return web.Response(body=content, content_type=mime)


def _check_content(body: bytes, content_type: str) -> dict[str, Any]:
    """Refuse a template that Twilio would refuse."""
    if content_type != "application/json":
        raise Refusal(415, 20415, "Unsupported Media Type")
    content = json.loads(body)
    types = content.get("types") or {}
    if not content.get("language") or not types:
        raise Refusal(400, 20001, "language and types are required")
    used = set(_VARIABLE.findall(json.dumps(types)))
    if len(used) > 100 or any(len(name) > 16 for name in used) or used - set(content.get("variables") or {}):
        raise Refusal(400, 20001, "a variable has no sample, or there are too many")
    for name, definition in types.items():
        if name == "twilio/quick-reply":
            allowed = 1 <= len(definition["actions"]) <= 10 and all(action["title"] for action in definition["actions"])
        elif name == "twilio/list-picker":
            allowed = 1 <= len(definition["items"]) <= 10 and 0 < len(definition["button"]) <= 20
        else:
            allowed = False
        if not allowed or len(definition["body"]) > 1024:
            raise Refusal(400, 20001, f"{name} is not valid")
    return {name: content.get(name) for name in ("friendly_name", "language", "variables", "types")}


def _fill(content: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """Give what the person sees of a template; a variable not given shows its sample."""
    known = {**content["variables"], **variables}

    def fill(text: str) -> str:
        return _VARIABLE.sub(lambda found: known[found[1]], text)

    ((name, definition),) = content["types"].items()
    rows = definition.get("actions") or definition.get("items", [])
    buttons = [[fill(row.get("title") or row["item"]), fill(row["id"])] for row in rows]
    return {"kind": name.removeprefix("twilio/"), "body": fill(definition["body"]), "media": [], "buttons": buttons}


def _answer_refusal(refusal: Refusal, retry_after: int | None = None) -> web.Response:
    answer = {
        "code": refusal.code,
        "message": refusal.message,
        "more_info": f"https://www.twilio.com/docs/errors/{refusal.code}",
        "status": refusal.status,
    }
    headers = {"Retry-After": str(retry_after)} if refusal.status == 429 and retry_after is not None else {}
    return web.json_response(answer, status=refusal.status, headers=headers)


def _drop(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _serve(port: int, seed: int, token: str) -> None:
    runner = web.AppRunner(FakeTwilio(seed, token).app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    sys.stdout.write(f"ready {runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.seed, given.token))


if __name__ == "__main__":
    main()
