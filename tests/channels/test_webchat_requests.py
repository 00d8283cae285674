"""What the page's endpoints take and refuse, without a browser."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.web_files import PAGE
from bot.web_visitors import COOKIE, MOST_MESSAGES, PER_SECONDS, Persona
from bot.webchat import MOST_WAITS, webchat_routes
from handlers.messages import Outgoing
from tests.web_desk import MemoryDesk, make_photo

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
OWN = {"X-Rewang": "1"}
PERSONAS = (Persona("villager", "Warga", "sample-villager"), Persona("officer", "Petugas", "sample-officer"))
LOOPBACK = "http://127.0.0.1:8080"
ELSEWHERE = "https://rewang.example.id"


class Site:
    """The page's server, and a browser's cookies."""

    def __init__(self, base: str = LOOPBACK, public_url: str = "", personas: Sequence[Persona] | None = None) -> None:
        self.desk = MemoryDesk()
        self.counted: list[str] = []
        self.seconds = 0.0
        routes = webchat_routes(
            self.desk, public_url, personas, self.counted.append, clock=lambda: AT, seconds=lambda: self.seconds
        )
        self._transport = httpx.ASGITransport(Starlette(routes=routes))
        self._base = base
        self.browser = self.open_browser()

    def open_browser(self, base: str = "") -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport, base_url=base or self._base)

    async def enter(self) -> str:
        """Open the page; returns the visitor's own address."""
        answer = await self.browser.get("/chat/lines", headers=OWN)
        assert answer.json() == {"lines": [], "new": True}
        return address_of(self.browser.cookies[COOKIE])

    async def send(self, number: int = 1, **sent: Any) -> httpx.Response:
        return await self.browser.post("/chat/send", json={"id": f"{number:032x}", **sent}, headers=OWN)

    async def lines(self, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.browser.get("/chat/lines", params={"after": after})
        lines: list[dict[str, Any]] = answer.json()["lines"]
        return lines


def address_of(token: str) -> str:
    return "w" + hashlib.sha256(token.encode()).hexdigest()[:32]


@pytest.fixture
async def site() -> Site:
    return Site()


# Visitors


async def test_a_new_visitor_gets_a_secret_and_is_known_by_its_hash() -> None:
    site = Site(ELSEWHERE, ELSEWHERE)
    answer = await site.browser.get("/chat/lines", headers=OWN)
    token = site.browser.cookies[COOKIE]
    given = answer.headers["set-cookie"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert given.split("; ")[1:] == ["HttpOnly", "Max-Age=7776000", "Path=/chat", "SameSite=strict", "Secure"]
    await site.send(text="halo")
    assert [incoming.address for incoming in site.desk.received] == [address_of(token)]
    assert token not in repr(site.desk.received)


async def test_the_cookie_goes_over_plain_http_on_the_machine_itself(site: Site) -> None:
    answer = await site.browser.get("/chat/lines", headers=OWN)
    assert "Secure" not in answer.headers["set-cookie"]


async def test_opening_the_page_takes_no_conversation_away(site: Site) -> None:
    """A browser that follows another site's link keeps a strict cookie back: the page must not give a new one then."""
    for path in ("/chat", "/chat/lines", "/chat/who", "/chat/chat.js"):
        assert "set-cookie" not in (await site.browser.get(path)).headers
    await site.enter()
    token = site.browser.cookies[COOKIE]
    await site.browser.get("/chat/lines", headers=OWN)
    assert site.browser.cookies[COOKIE] == token


async def test_two_visitors_do_not_see_each_other(site: Site) -> None:
    await site.enter()
    await site.send(text="rahasia saya")
    site.browser = site.open_browser()
    await site.enter()
    assert await site.lines() == []


@pytest.mark.parametrize("cookie", ["", "short", "x" * 44, "sample-officer", "../" * 14 + "x"])
async def test_a_cookie_that_is_none_of_ours_is_nobody(site: Site, cookie: str) -> None:
    site.browser.cookies.set(COOKIE, cookie)
    assert (await site.send(text="halo")).status_code == 401
    assert (await site.browser.get("/chat/lines")).json() == {"error": "no_session"}
    assert site.desk.received == []


async def test_the_next_person_at_the_device_starts_anew(site: Site) -> None:
    first = await site.enter()
    await site.send(text="halo")
    assert (await site.browser.post("/chat/leave", headers=OWN)).json() == {"ok": True}
    assert COOKIE not in site.browser.cookies
    assert await site.enter() != first
    assert await site.lines() == []


# Messages


async def test_each_kind_of_message_arrives_as_itself(site: Site) -> None:
    address = await site.enter()
    await site.send(1, text=" lampu *mati* <b> ")
    await site.send(2, choice="12|key|yes")
    await site.send(3, location=[-8.1, 112])
    heard = [(each.text, each.choice, each.location) for each in site.desk.received]
    assert heard == [(" lampu *mati* <b> ", None, None), ("", "12|key|yes", None), ("", None, (-8.1, 112.0))]
    assert [each.message_id for each in site.desk.received] == [f"{address}:{number:032x}" for number in (1, 2, 3)]
    assert {(each.channel, each.received_at) for each in site.desk.received} == {("web", AT)}


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"text": ""}, {"text": "   "}, {"text": 5}, {"text": "a" * 4001}, {"text": "a", "choice": "b"}, {"choice": ""},
        {"choice": "c" * 201}, {"choice": ["x"]}, {"location": [1]}, {"location": ["1", "2"]}, {"location": [91, 0]},
        {"location": [0, -181]}, {"location": {"latitude": 1}}, {"text": "a", "id": "short"}, {"text": "a", "id": None},
        {"text": "a", "id": "A" * 32},
    ],
)  # fmt: skip
async def test_a_message_that_is_none_is_refused(site: Site, sent: dict[str, object]) -> None:
    await site.enter()
    answer = await site.browser.post("/chat/send", json={"id": "0" * 32, **sent}, headers=OWN)
    assert (answer.status_code, answer.json()) == (400, {"error": "bad_request"})
    assert site.desk.received == []
    assert site.counted == ["web_bad_request"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 60_000, b'{"id": NaN, "location": [NaN, NaN]}'])
async def test_a_body_that_is_no_json_object_is_refused(site: Site, body: bytes) -> None:
    await site.enter()
    answer = await site.browser.post("/chat/send", content=body, headers=OWN)
    assert (answer.status_code, answer.json()) == (400, {"error": "bad_request"})


async def test_no_number_is_not_a_location(site: Site) -> None:
    await site.enter()
    body = json.dumps({"id": "0" * 32, "location": [float("nan"), 0.0]}).encode()
    assert (await site.browser.post("/chat/send", content=body, headers=OWN)).status_code == 400


async def test_a_body_that_is_too_large_is_refused_whatever_its_header_says(site: Site) -> None:
    await site.enter()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    told = await site.browser.post("/chat/send", content=b" " * 100_000, headers=OWN)
    untold = await site.browser.post("/chat/send", content=pieces(), headers=OWN)
    assert [(answer.status_code, answer.json()["error"]) for answer in (told, untold)] == [(413, "too_big")] * 2


async def test_what_is_not_kept_is_not_called_kept(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    await site.enter()
    site.desk.broken = True
    with caplog.at_level(logging.ERROR):
        answer = await site.send(text="kata rahasia")
    assert (answer.status_code, answer.json()) == (503, {"error": "not_stored"})
    assert "OSError" in caplog.text
    assert "rahasia" not in caplog.text
    site.desk.broken = False
    assert (await site.send(text="kata rahasia")).json() == {"ok": True}
    assert (await site.send(text="kata rahasia")).json() == {"ok": True}
    assert len(site.desk.received) == 1


async def test_too_many_messages_at_once_are_told_to_wait(site: Site) -> None:
    await site.enter()
    answers = [await site.send(number, text="halo") for number in range(MOST_MESSAGES + 1)]
    assert [answer.status_code for answer in answers] == [200] * MOST_MESSAGES + [429]
    assert (answers[-1].json(), answers[-1].headers["retry-after"]) == ({"error": "too_fast"}, "10")
    site.seconds = PER_SECONDS / 2
    assert (await site.send(99, text="halo")).headers["retry-after"] == "5"
    site.seconds = PER_SECONDS
    assert (await site.send(99, text="halo")).status_code == 200


# Photos


async def test_a_photo_is_kept_and_shown_to_its_own_visitor_only(site: Site) -> None:
    address = await site.enter()
    answer = await site.browser.post(
        "/chat/photo",
        params={"id": "a" * 32},
        content=make_photo(40, 30),
        headers={**OWN, "Content-Type": "image/jpeg"},
    )
    assert answer.json() == {"ok": True}
    (incoming,) = site.desk.received
    (item,) = incoming.media
    assert (incoming.message_id, item.kind, item.mime) == (f"{address}:{'a' * 32}", "photo", "image/jpeg")
    shown = await site.browser.get(f"/chat/media/{item.id}")
    assert (shown.content[:2], shown.headers["content-type"]) == (b"\xff\xd8", "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"
    site.browser = site.open_browser()
    await site.enter()
    assert (await site.browser.get(f"/chat/media/{item.id}")).status_code == 404


async def test_a_document_is_listed_by_name_and_saved_by_its_own_visitor_only(site: Site) -> None:
    address = await site.enter()
    media_id = site.desk.keep(address, b"%PDF-", "application/pdf")
    await site.desk.say(address, Outgoing("Rekap", media=(media_id,), file_name="rekap.pdf"))
    (line,) = await site.lines()
    assert (line["text"], line["media"]) == ("Rekap", [[media_id, "rekap.pdf"]])
    saved = await site.browser.get(f"/chat/media/{media_id}/rekap.pdf")
    assert (saved.content, saved.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert saved.headers["content-disposition"] == "attachment"
    assert saved.headers["cache-control"] == "no-store"
    site.browser = site.open_browser()
    await site.enter()
    assert (await site.browser.get(f"/chat/media/{media_id}/rekap.pdf")).status_code == 404


@pytest.mark.parametrize("media_id", ["0" * 20, "..%2f..", "%2e%2e%2fetc", "A" * 20, "x"])
async def test_no_other_file_is_shown(site: Site, media_id: str) -> None:
    await site.enter()
    assert (await site.browser.get(f"/chat/media/{media_id}")).status_code == 404


@pytest.mark.parametrize(
    ("content", "mime", "status", "reason"),
    [
        (b"", "image/jpeg", 422, "empty"),
        (b"\xff\xd8\xff nothing more", "image/jpeg", 422, "broken"),
        (b"MZ program", "image/jpeg", 422, "program"),
        (b"<svg onload=alert(1)>", "image/svg+xml", 422, "wrong_type"),
        (b"\x00" * (10 * 1024 * 1024 + 1), "image/jpeg", 413, "too_big"),
    ],
)
async def test_a_photo_that_is_none_is_refused_with_a_reason(
    site: Site, content: bytes, mime: str, status: int, reason: str
) -> None:
    await site.enter()
    answer = await site.browser.post(
        "/chat/photo", params={"id": "a" * 32}, content=content, headers={**OWN, "Content-Type": mime}
    )
    assert (answer.status_code, answer.json()) == (status, {"error": reason})
    assert (site.desk.received, site.counted) == ([], [f"web_{reason}"])


async def test_a_visitor_sends_one_photo_at_a_time(site: Site) -> None:
    await site.enter()
    go_on = asyncio.Event()
    begun = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        photo = make_photo(40, 30)
        yield photo[:100]
        begun.set()
        await go_on.wait()
        yield photo[100:]

    first = asyncio.create_task(
        site.browser.post("/chat/photo", params={"id": "a" * 32}, content=slowly(), headers=OWN)
    )
    await begun.wait()
    second = await site.browser.post("/chat/photo", params={"id": "b" * 32}, content=make_photo(4, 3), headers=OWN)
    go_on.set()
    assert (second.status_code, second.json()) == (429, {"error": "busy"})
    assert (await first).status_code == 200


# Lines


async def test_lines_carry_what_the_page_shows(site: Site) -> None:
    await site.enter()
    site.desk.answers = [Outgoing("Di *mana*?", ask="location")]
    await site.send(5, text="lapor")
    mine, theirs = await site.lines()
    assert (mine["number"], mine["mine"], mine["text"], mine["id"]) == (1, True, "lapor", f"{5:032x}")
    assert (theirs["number"], theirs["mine"], theirs["text"], theirs["ask"]) == (2, False, "Di *mana*?", "location")
    assert await site.lines(after=2) == []


async def test_waiting_ends_with_the_message(site: Site) -> None:
    address = await site.enter()
    waiting = asyncio.create_task(site.browser.get("/chat/lines", params={"after": 0, "wait": 25}))
    async with asyncio.timeout(5):
        await site.desk.until(lambda: site.desk.channel.waiting == 1)
        await site.desk.say(address, Outgoing("Kabar baru"))
        assert [line["text"] for line in (await waiting).json()["lines"]] == ["Kabar baru"]


async def test_only_a_few_pages_of_one_visitor_wait(site: Site) -> None:
    address = await site.enter()
    waits = [asyncio.create_task(site.browser.get("/chat/lines", params={"wait": 25})) for _ in range(MOST_WAITS)]
    async with asyncio.timeout(5):
        await site.desk.until(lambda: site.desk.channel.waiting == MOST_WAITS)
        more = await site.browser.get("/chat/lines", params={"wait": 25})
        assert (more.status_code, more.json()) == (429, {"error": "too_many_pages"})
        await site.desk.say(address, Outgoing("halo"))
        assert {answer.status_code for answer in await asyncio.gather(*waits)} == {200}


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 19, "²"])
async def test_a_wrong_cursor_is_refused(site: Site, after: str) -> None:
    await site.enter()
    assert (await site.browser.get("/chat/lines", params={"after": after})).status_code == 400


# Other sites


@pytest.mark.parametrize("path", ["/chat/send", "/chat/photo", "/chat/leave", "/chat/who"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Rewang": "0"},
        {**OWN, "Origin": "https://evil.example"},
        {**OWN, "Origin": "null"},
        {**OWN, "Origin": "http://127.0.0.1:9999"},
        {**OWN, "Sec-Fetch-Site": "cross-site"},
        {**OWN, "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_can_do_nothing(path: str, headers: dict[str, str]) -> None:
    site = Site(personas=PERSONAS)
    await site.enter()
    answer = await site.browser.post(path, json={"id": "0" * 32, "text": "halo", "key": "officer"}, headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"error": "other_site"})
    assert (site.desk.received, site.counted) == ([], ["web_other_site"])
    assert (await site.browser.get("/chat/who")).json()["chosen"] == ""


async def test_the_page_itself_can_also_behind_a_proxy() -> None:
    site = Site("http://10.0.0.7:8080", ELSEWHERE)
    site.browser.cookies.set(COOKIE, "x" * 43)  # the browser's own connection is secure, the proxy's is not
    headers = {**OWN, "Origin": ELSEWHERE, "Sec-Fetch-Site": "same-origin"}
    answer = await site.browser.post("/chat/send", json={"id": "0" * 32, "text": "halo"}, headers=headers)
    assert answer.json() == {"ok": True}


# The page's files


async def test_every_answer_has_the_headers_that_protect(site: Site) -> None:
    for path in ("/chat", "/chat/chat.css", "/chat/chat.js", "/chat/kawung.svg", "/chat/lines", "/chat/media/x"):
        headers = (await site.browser.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["permissions-policy"] == "geolocation=(self)"


@pytest.mark.parametrize("name", ["chat.css", "chat.js", "kawung.svg"])
async def test_a_file_that_has_not_changed_is_not_sent_again(site: Site, name: str) -> None:
    first = await site.browser.get(f"/chat/{name}", headers={"Accept-Encoding": "identity"})
    assert first.content == (PAGE / name).read_bytes()
    again = await site.browser.get(f"/chat/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_packed_for_those_who_take_it(site: Site) -> None:
    packed = await site.browser.get("/chat/chat.js", headers={"Accept-Encoding": "gzip, br"})
    plain = await site.browser.get("/chat/chat.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # the client unpacks
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2


async def test_the_page_and_what_was_said_are_not_left_on_the_device(site: Site) -> None:
    await site.enter()
    for path in ("/chat", "/chat/lines"):
        assert (await site.browser.get(path)).headers["cache-control"] == "no-store"


def test_the_page_is_light() -> None:
    assert sum(path.stat().st_size for path in PAGE.iterdir()) < 31_000


def test_the_page_is_written_for_old_browsers() -> None:
    """What came after ES2017 and the CSS of that time stops a page, or breaks its look, on an old tablet."""
    script, style = (PAGE / "chat.js").read_text("utf-8"), (PAGE / "chat.css").read_text("utf-8")
    newer = {
        "optional chaining": r"\w\?\.\w", "nullish": r"\?\?", "spread of objects": r"\{\s*\.\.\.", "bare catch": r"catch\s*\{",
        "newer methods": r"\.(flat|flatMap|at|replaceAll|replaceChildren|matchAll|finally)\(", "uuid": "randomUUID",
        "fields": r"#\w+\s*=", "numbers": r"\d_\d", "for await": "for await", "modules": r"^(import|export)\b",
    }  # fmt: skip
    assert [name for name, pattern in newer.items() if re.search(pattern, script, re.MULTILINE)] == []
    assert re.search(r"(?<![-\w])gap:|\binset:|aspect-ratio|\bclamp\(|:is\(|:has\(|@layer|@container", style) is None


def test_nothing_in_the_page_is_remote_or_inline() -> None:
    html = (PAGE / "chat.html").read_text("utf-8")
    assert re.findall(r"""\s(?:on\w+|style)=""", html) == []
    assert re.findall(r"<script(?! src=)|<style", html) == []
    everything = "".join(path.read_text("utf-8") for path in PAGE.iterdir())
    assert [url for url in re.findall(r"(?:https?:)?//[\w.]+\w", everything) if "www.w3.org" not in url] == []
    assert "innerHTML" not in everything


def test_both_languages_have_the_same_sentences() -> None:
    script = (PAGE / "chat.js").read_text("utf-8")
    table = script[script.index("const WORDS") : script.index("const SAME")]
    indonesian, javanese = table.split("jv: {")
    keys = [re.findall(r'(\w+): "', part) for part in (indonesian, javanese)]
    assert len(keys[0]) > 20
    assert keys[0] == keys[1]
    used = re.findall(
        r'words\.(\w+)|data-(?:word|label|hint)="(\w+)"', script + (PAGE / "chat.html").read_text("utf-8")
    )
    assert {one or other for one, other in used} - set(keys[0]) == set()


# Whom one can be


async def test_in_the_demo_one_can_be_somebody_of_the_sample_data() -> None:
    site = Site(personas=PERSONAS)
    own = await site.enter()
    assert 'data-who="on"' in (await site.browser.get("/chat")).text
    offered = (await site.browser.get("/chat/who")).json()
    assert offered == {
        "people": [{"key": "villager", "label": "Warga"}, {"key": "officer", "label": "Petugas"}], "chosen": "",
    }  # fmt: skip
    await site.send(1, text="saya")
    assert (await site.browser.post("/chat/who", json={"key": "officer"}, headers=OWN)).json() == {"ok": True}
    await site.send(2, text="petugas")
    await site.browser.post("/chat/who", json={"key": ""}, headers=OWN)
    await site.send(3, text="saya lagi")
    assert [each.address for each in site.desk.received] == [own, "sample-officer", own]


@pytest.mark.parametrize("key", ["admin", "sample-officer", None, 5, ["officer"]])
async def test_in_the_demo_one_can_be_nobody_else(key: object) -> None:
    site = Site(personas=PERSONAS)
    own = await site.enter()
    assert (await site.browser.post("/chat/who", json={"key": key}, headers=OWN)).status_code == 400
    await site.send(text="halo")
    assert [each.address for each in site.desk.received] == [own]


async def test_outside_the_demo_a_visitor_is_themselves_whatever_they_send(site: Site) -> None:
    own = await site.enter()
    assert 'data-who="off"' in (await site.browser.get("/chat")).text
    assert (await site.browser.get("/chat/who")).status_code == 404
    for key in ("officer", "sample-officer", ""):
        assert (await site.browser.post("/chat/who", json={"key": key}, headers=OWN)).status_code == 404
    forged = {"id": "0" * 32, "text": "halo", "address": "sample-officer", "key": "officer", "persona": "officer"}
    await site.browser.post(
        "/chat/send?key=officer&address=sample-officer", json=forged, headers={**OWN, "X-Who": "officer"}
    )
    assert [each.address for each in site.desk.received] == [own]
    assert re.fullmatch(r"w[0-9a-f]{32}", own)


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("http://rebound.example:8080", {}),
        ("http://127.0.0.1.rebound.example:8080", {}),
        ("http://10.0.0.7:8080", {}),
        (LOOPBACK, {"X-Forwarded-For": "203.0.113.9"}),
        (LOOPBACK, {"Forwarded": "for=203.0.113.9"}),
    ],
)
async def test_the_demo_is_for_the_machine_itself(base: str, headers: dict[str, str]) -> None:
    """Neither another name that was made to lead here, nor a proxy in front, opens it; nor a choice made before."""
    site = Site(personas=PERSONAS)
    own = await site.enter()
    token = site.browser.cookies[COOKIE]
    await site.browser.post("/chat/who", json={"key": "officer"}, headers=OWN)
    site.browser = site.open_browser(base)
    site.browser.cookies.set(COOKIE, token)
    site.browser.headers.update(headers)
    assert (await site.browser.get("/chat/who")).status_code == 404
    assert (await site.browser.post("/chat/who", json={"key": "officer"}, headers=OWN)).status_code == 404
    await site.send(text="halo")
    assert [each.address for each in site.desk.received] == [own]


@pytest.mark.parametrize("base", ["http://localhost:8080", "http://[::1]:8080"])
async def test_the_machine_has_more_names_than_one(base: str) -> None:
    site = Site(base, personas=PERSONAS)
    await site.enter()
    assert (await site.browser.get("/chat/who")).status_code == 200
