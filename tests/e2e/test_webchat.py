"""The page of the web chat in a real browser, against a server on loopback."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from io import BytesIO
from typing import Any, Protocol

import pytest
import pytest_asyncio
import uvicorn
from PIL import Image
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    FileChooser,
    FilePayload,
    Page,
    Route,
    expect,
)
from starlette.applications import Starlette

from bot.web_visitors import Persona
from bot.webchat import webchat_routes
from handlers.messages import Button, Outgoing
from tests.web_desk import MemoryDesk, ask, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PERSONAS = (
    Persona("villager", "Warga: Bu Sri", "sample-villager"),
    Persona("officer", "Petugas: Bu Dewi", "sample-officer"),
)
BLITAR = (-8.0983, 112.1681)
SMALL, LARGE = (320, 568), (1280, 800)
# What the browser itself writes when a test takes the network away or has a call refused.
_EXPECTED = re.compile(r"Failed to load resource")


class Server(uvicorn.Server):
    """A server that leaves the test run's own signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(desk: MemoryDesk, personas: Sequence[Persona] | None) -> AsyncIterator[str]:
    """Serve the page on a free port; gives its address."""
    routes = webchat_routes(desk, "", personas, lambda name: None)
    config = uvicorn.Config(
        Starlette(routes=routes), ws="none", lifespan="off", log_level="warning", timeout_graceful_shutdown=5
    )
    server = Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await desk.channel.close()
            await task


class Visit:
    """Somebody at the page."""

    def __init__(self, desk: MemoryDesk, base: str, context: BrowserContext, page: Page) -> None:
        self.desk, self.base, self.context, self.page = desk, base, context, page
        self.lines = page.locator("#log .line")
        self.bubbles = page.locator("#log .bubble > p:not(.meta)")
        self.newest = page.locator(".newest .choices button")
        self.signal, self.notice = page.locator("#signal"), page.locator("#notice")

    async def say(self, text: str) -> None:
        """Send a text and wait for the answer."""
        before = len(self.desk.received)
        await self.page.fill("#text", text)
        await self.page.click("#send")
        await self.heard(before + 1)
        await expect(self.page.locator(".line:not(.mine)").last).to_be_visible()

    async def heard(self, count: int) -> None:
        """Wait until the desk has received so many messages."""
        async with asyncio.timeout(10):
            await self.desk.until(lambda: len(self.desk.received) >= count)

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.desk.received]


def a_file(content: bytes) -> FilePayload:
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": content}


async def accept(dialog: Dialog) -> None:
    await dialog.accept()


class Visits(Protocol):
    def __call__(
        self, *answers: Outgoing, size: tuple[int, int] = ..., personas: Sequence[Persona] | None = None, **options: Any
    ) -> AbstractAsyncContextManager[Visit]: ...


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> Visits:
    """Opens the page anew. At the end nothing may have gone wrong in it, nor have left for another host."""

    @asynccontextmanager
    async def opened(
        *answers: Outgoing, size: tuple[int, int] = LARGE, personas: Sequence[Persona] | None = None, **options: Any
    ) -> AsyncIterator[Visit]:
        desk, wrong, asked = MemoryDesk(), list[str](), list[str]()
        desk.answers = list(answers)
        async with serve(desk, personas) as base:
            context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)

            def note(message: ConsoleMessage) -> None:
                if not _EXPECTED.match(message.text):
                    wrong.append(message.text)

            context.on("console", note)
            context.on("weberror", lambda error: wrong.append(str(error.error)))
            context.on("request", lambda request: asked.append(request.url))
            try:
                page = await context.new_page()
                page.set_default_timeout(10_000)
                await page.goto(f"{base}/chat")
                yield Visit(desk, base, context, page)
            finally:
                await context.close()
            assert wrong == []
            assert [url for url in asked if not url.startswith(base + "/chat")] == []

    return opened


async def test_a_villager_writes_and_is_answered(visit: Visits) -> None:
    async with visit(Outgoing("Saya *Rewang*.\nAda yang bisa saya bantu?")) as here:
        await expect(here.page.locator("#welcome")).to_be_visible()
        await here.say("halo")
        await expect(here.bubbles).to_have_text(["halo", "Saya Rewang.\nAda yang bisa saya bantu?"])
        await expect(here.page.locator(".bubble strong")).to_have_text(["Rewang"])
        await expect(here.page.locator("#welcome")).to_be_hidden()
        assert await here.page.input_value("#text") == ""
        mine, theirs = [await line.bounding_box() for line in await here.page.locator(".bubble").all()]
        assert mine is not None
        assert theirs is not None
        assert mine["x"] > theirs["x"]


async def test_one_press_begins(visit: Visits) -> None:
    async with visit() as here:
        await here.page.get_by_role("button", name="Mulai").click()
        await here.heard(1)
        assert here.texts == ["mulai"]


async def test_pressing_a_button_sends_its_choice(visit: Visits) -> None:
    async with visit(ask("Menu", "Layanan", "Lapor"), ask("Lapor apa?", "Jalan", "Lampu")) as here:
        await here.say("halo")
        await here.newest.get_by_text("Lapor").click()
        await expect(here.bubbles).to_have_text(["halo", "Menu", "Lapor", "Lapor apa?"])
        await expect(here.newest).to_have_text(["Jalan", "Lampu"])
        # An earlier question's buttons are quieter, and still send: what they mean then is not the page's to say.
        await here.page.get_by_role("button", name="Layanan").click()
        await here.heard(3)
        assert [incoming.choice for incoming in here.desk.received] == [None, "1|key|Lapor", "1|key|Layanan"]


async def test_the_conversation_is_there_again_after_a_reload(visit: Visits) -> None:
    async with visit(ask("Menu", "Layanan")) as here:
        await here.say("halo")
        await expect(here.newest).to_have_text(["Layanan"])
        await here.page.reload()
        await expect(here.bubbles).to_have_text(["halo", "Menu"])
        await here.newest.click()
        await expect(here.bubbles).to_have_text(["halo", "Menu", "Layanan", "Saya dengar: Layanan"])


async def test_what_the_office_says_later_comes_by_itself(visit: Visits) -> None:
    async with visit() as here:
        await here.say("halo")
        await here.desk.say(here.desk.received[0].address, Outgoing("Permohonan *BLT-7K3F* selesai."))
        await expect(here.bubbles.last).to_have_text("Permohonan BLT-7K3F selesai.")


async def test_a_photo_is_made_smaller_upright_and_shown(visit: Visits) -> None:
    photo, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: a reader must turn the picture
    Image.linear_gradient("L").resize((2400, 1200)).save(photo, "JPEG", exif=exif, quality=95)
    async with visit() as here:
        await here.page.set_input_files("#file", a_file(photo.getvalue()))
        await here.heard(1)
        with Image.open(BytesIO(here.desk.uploads[0])) as sent:
            assert (sent.format, sent.size) == ("JPEG", (800, 1600))
        shown = here.page.locator(".mine img")
        await expect(shown).to_be_visible()
        await expect(shown).to_have_js_property("naturalHeight", 1600)
        await expect(here.lines).to_have_count(2)


async def test_a_document_is_a_link_with_its_name_that_saves_it(visit: Visits) -> None:
    async with visit() as here:
        await here.say("rekap")
        address = here.desk.received[0].address
        table = here.desk.keep(address, b"desa;kunjungan\nSalam;3\n", "text/csv; charset=utf-8")
        photo = here.desk.keep(address, make_photo(40, 30), "image/jpeg")
        await here.desk.say(address, Outgoing("Rekap November", media=(photo, table), file_name="rekap-november.csv"))
        link = here.page.get_by_role("link", name="rekap-november.csv")
        await expect(link).to_be_visible()
        await expect(here.lines.last.locator("img")).to_have_count(1)
        box = await link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        async with here.page.expect_download() as started:
            await link.click()
        download = await started.value
        assert download.suggested_filename == "rekap-november.csv"
        assert (await download.path()).read_bytes() == b"desa;kunjungan\nSalam;3\n"
        await expect(here.bubbles.last).to_have_text("Rekap November")
        await here.desk.say(address, Outgoing("", media=(table,), file_name="lagi.csv"))
        await expect(here.page.get_by_role("link", name="lagi.csv")).to_be_visible()


async def test_a_file_that_is_no_photo_is_refused_in_words(visit: Visits) -> None:
    async with visit() as here:
        await here.page.set_input_files("#file", a_file(b"no photo at all"))
        await expect(here.notice).to_have_text("Berkas itu bukan foto. Silakan kirim foto (JPEG atau PNG).")
        await expect(here.lines).to_have_count(0)
        await here.say("halo")
        await expect(here.notice).to_be_empty()


async def test_a_location_is_asked_for_and_sent(visit: Visits) -> None:
    place = {"latitude": BLITAR[0], "longitude": BLITAR[1]}
    async with visit(ask("Di mana?", location=True), geolocation=place, permissions=["geolocation"]) as here:
        button = here.page.get_by_role("button", name="Lokasi")
        await expect(button).not_to_have_class("wanted")
        await here.say("lapor")
        await expect(button).to_have_class("wanted")
        await button.click()
        await here.heard(2)
        assert here.desk.received[1].location == BLITAR
        await expect(button).not_to_have_class("wanted")
        await expect(here.notice).to_be_empty()


async def test_without_a_location_one_is_told_what_to_do(visit: Visits) -> None:
    async with visit(permissions=[]) as here:
        await here.context.grant_permissions([])
        await here.page.get_by_role("button", name="Lokasi").click()
        await expect(here.notice).to_have_text("Lokasi tidak dapat dibaca. Silakan ketik nama desa Anda.")


async def test_messages_wait_for_the_signal(visit: Visits) -> None:
    async with visit() as here:
        await here.say("halo")
        await here.context.set_offline(True)
        await expect(here.signal).to_contain_text("Menunggu sinyal…")
        for text in ("satu", "dua"):
            await here.page.fill("#text", text)
            await here.page.keyboard.press("Enter")
        await expect(here.page.locator(".mine .meta").last).to_have_text("mengirim…")
        await expect(here.signal).to_have_text("Menunggu sinyal… Pesan Anda disimpan dan dikirim nanti.")
        await here.context.set_offline(False)
        await expect(here.bubbles.last).to_have_text("Saya dengar: dua")
        await expect(here.signal).to_be_empty()
        assert here.texts == ["halo", "satu", "dua"]
        await expect(here.page.locator(".mine")).to_have_count(3)


async def test_messages_wait_also_when_the_page_is_closed(visit: Visits) -> None:
    async with visit() as here:
        await here.say("halo")
        await here.context.set_offline(True)
        await here.page.fill("#text", "satu")
        await here.page.click("#send")
        await here.page.set_input_files("#file", a_file(make_photo(40, 30)))
        await expect(here.lines).to_have_count(4)
        await here.page.close()
        await here.context.set_offline(False)
        page = await here.context.new_page()
        await page.goto(f"{here.base}/chat")
        await here.heard(3)
        assert here.texts == ["halo", "satu", ""]
        assert len(here.desk.received[2].media) == 1
        await expect(page.locator(".mine")).to_have_count(3)
        await page.reload()
        await expect(page.locator(".mine")).to_have_count(3)
        assert len(here.desk.received) == 3


async def test_a_message_whose_answer_got_lost_arrives_once(visit: Visits) -> None:
    async with visit() as here:

        async def lose(route: Route) -> None:
            await route.fetch()
            await route.abort()

        await here.page.route("**/chat/send", lose, times=1)
        async with here.page.expect_response("**/chat/send") as answered:  # of the second try
            await here.page.fill("#text", "sekali saja")
            await here.page.click("#send")
        assert (await answered.value).status == 200
        await expect(here.bubbles).to_have_text(["sekali saja", "Saya dengar: sekali saja"])
        assert here.texts == ["sekali saja"]


async def test_somebody_elses_answer_is_not_taken_for_ours(visit: Visits) -> None:
    """The sign-in page of a village hall's Wi-Fi answers everything with 200."""
    async with visit() as here:

        async def sign_in(route: Route) -> None:
            await route.fulfill(status=200, content_type="text/html", body="<h1>Masuk Wi-Fi</h1>")

        await here.page.route("**/chat/send", sign_in, times=1)
        await here.say("halo")
        await expect(here.bubbles).to_have_text(["halo", "Saya dengar: halo"])


async def test_too_many_messages_are_told_so_and_still_sent(visit: Visits) -> None:
    async with visit() as here:

        async def slow_down(route: Route) -> None:
            await route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "too_fast"})

        await here.page.route("**/chat/send", slow_down, times=1)
        await here.page.fill("#text", "halo")
        await here.page.click("#send")
        await expect(here.notice).to_have_text(re.compile("^Terlalu banyak pesan"))
        await expect(here.bubbles).to_have_text(["halo", "Saya dengar: halo"])
        await expect(here.notice).to_be_empty()


async def test_everything_works_from_the_keyboard(visit: Visits) -> None:
    async with visit(ask("Menu", "Layanan", "Lapor")) as here:
        chosen: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        # From the beginning: the browser takes a while until it tells of a chooser instead of opening one.
        async def note(chooser: FileChooser) -> None:
            chosen.set_result(await chooser.element.get_attribute("id"))

        here.page.on("filechooser", note)
        press = here.page.keyboard.press
        focused = here.page.locator("*:focus")
        await expect(focused).to_have_id("text")
        await here.page.keyboard.type("halo")
        await press("Shift+Enter")
        await here.page.keyboard.type("lagi")
        await press("Enter")
        await expect(here.newest).to_have_count(2)
        assert here.texts == ["halo\nlagi"]
        await press("Shift+Tab")
        await expect(focused).to_have_text("Lapor")
        outline = await focused.evaluate("element => getComputedStyle(element).outline")
        assert "3px" in outline
        assert "none" not in outline
        await press("Enter")
        await here.heard(2)
        assert here.desk.received[1].choice == "1|key|Lapor"
        for name in ("text", "send", "photo"):
            await press("Tab")
            await expect(focused).to_have_id(name)
        await press("Enter")
        assert await asyncio.wait_for(chosen, 10) == "file"
        await press("Tab")
        await expect(focused).to_have_id("location")


async def test_the_keyboard_reaches_the_text_at_once(visit: Visits) -> None:
    async with visit() as here:
        await here.page.evaluate("document.activeElement.blur(); document.body.focus()")
        await here.page.evaluate("document.querySelector('.skip').focus()")
        skip = here.page.locator(".skip")
        await expect(skip).to_be_in_viewport()
        await here.page.keyboard.press("Enter")
        await expect(here.page.locator("*:focus")).to_have_id("text")


async def test_whatever_is_said_stays_text(visit: Visits) -> None:
    evil = (
        '<img src=x onerror="alert(1)"><script>alert(2)</script> *<b>tebal</b>* javascript:alert(3) https://x.example'
    )
    answer = Outgoing(evil, (Button("<i onclick=alert(4)>tekan</i>", '"><script>alert(5)</script>'),))
    async with visit(answer, answer) as here:
        dialogs: list[str] = []

        async def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            await dialog.dismiss()

        here.page.on("dialog", note)
        await here.say(evil)
        await expect(here.bubbles).to_have_text([evil, evil.replace("*", "")])
        await expect(here.page.locator(".bubble strong")).to_have_text(["<b>tebal</b>"])
        await expect(here.newest).to_have_text(["<i onclick=alert(4)>tekan</i>"])
        await here.newest.click()
        await here.heard(2)
        assert here.desk.received[1].choice == '"><script>alert(5)</script>'
        await here.page.reload()
        await expect(here.lines).to_have_count(4)
        inside = here.page.locator("#log .line").locator("img, script, b, i, a")
        await expect(inside).to_have_count(0)
        assert dialogs == []


async def test_the_page_speaks_both_languages(visit: Visits) -> None:
    async with visit() as here:
        page = here.page
        await page.get_by_role("button", name="Jawa").click()
        await expect(page.locator("html")).to_have_attribute("lang", "jv")
        await expect(page.get_by_role("textbox", name="Serat pesen")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("button", name="Wiwiti")).to_be_visible()
        assert here.texts == []  # with nobody spoken to yet, only the page changes
        await here.say("halo")
        await page.get_by_role("button", name="Indonesia").click()
        await expect(page.locator("html")).to_have_attribute("lang", "id")
        await here.heard(2)
        assert here.texts == ["halo", "bahasa indonesia"]


async def test_the_next_person_finds_nothing(visit: Visits) -> None:
    async with visit() as here:
        here.page.on("dialog", accept)
        await here.say("rahasia saya")
        await here.page.get_by_role("button", name="Jawa").click()
        await here.heard(2)
        await here.page.fill("#text", "belum terkirim")
        await here.page.get_by_role("button", name="Rampung").click()
        await expect(here.page.get_by_role("button", name="Mulai")).to_be_visible()
        assert await here.page.input_value("#text") == ""
        await expect(here.lines).to_have_count(0)
        await here.say("orang lain")
        assert here.desk.received[2].address != here.desk.received[0].address
        await here.page.go_back()
        await expect(here.page.get_by_text("rahasia saya")).to_have_count(0)


async def test_the_next_person_finds_nothing_also_without_a_signal(visit: Visits) -> None:
    async with visit() as here:
        here.page.on("dialog", accept)
        await here.say("rahasia saya")
        await here.context.set_offline(True)
        await here.page.fill("#text", "belum terkirim")
        await here.page.click("#send")
        await here.page.get_by_role("button", name="Selesai").click()
        await expect(here.page.get_by_text("rahasia saya")).to_have_count(0)
        await expect(here.page.locator("#text")).to_be_hidden()
        await here.context.set_offline(False)
        await expect(here.page.get_by_role("button", name="Mulai")).to_be_visible()
        await here.say("orang lain")
        assert here.texts == ["rahasia saya", "orang lain"]


async def test_in_the_demo_one_chooses_whom_to_be(visit: Visits) -> None:
    async with visit(personas=PERSONAS) as here:
        await here.say("saya")
        choose = here.page.get_by_label("Coba sebagai")
        await choose.select_option("Petugas: Bu Dewi")
        await expect(here.page.get_by_role("button", name="Mulai")).to_be_visible()
        await expect(choose).to_have_value("officer")
        await here.say("petugas")
        await choose.select_option("Saya sendiri")
        await expect(here.bubbles).to_have_text(["saya", "Saya dengar: saya"])
        assert [incoming.address for incoming in here.desk.received][1] == "sample-officer"


async def test_outside_the_demo_nothing_is_to_choose(visit: Visits) -> None:
    async with visit() as here:
        await here.say("halo")
        await expect(here.page.locator("select")).to_have_count(0)
        await expect(here.page.locator("#who")).to_be_hidden()
        await expect(here.page.locator("#loading")).to_have_count(0)


async def test_where_no_script_runs_the_page_says_where_to_go(visit: Visits) -> None:
    async with visit(java_script_enabled=False) as here:
        await expect(here.page.get_by_text("Jika halaman ini tetap kosong")).to_be_visible()


async def test_a_long_answer_is_read_from_its_beginning(visit: Visits) -> None:
    async with visit(Outgoing("awal\n" + "panjang\n" * 60), size=SMALL) as here:
        await here.say("halo")
        answer = here.bubbles.last
        await expect(answer).to_contain_text("awal")
        top = await answer.evaluate(
            "element => element.getBoundingClientRect().top - element.closest('#log').getBoundingClientRect().top"
        )
        assert 0 <= top < 60


# Everyone can read and press it

_NAMELESS = """() => [...document.querySelectorAll('button, textarea, select, input')].filter(element =>
  !(element.getAttribute('aria-label') || element.textContent.trim() || (element.labels && element.labels.length)))
  .map(element => element.id || element.outerHTML)"""
_SMALL_TEXT = """() => [...document.querySelectorAll('body *')].filter(element => element.offsetParent &&
  [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()) &&
  parseFloat(getComputedStyle(element).fontSize) < 16).map(element => element.outerHTML)"""
_SMALL_TARGETS = """() => [...document.querySelectorAll('button, textarea, select')].filter(element => element.offsetParent)
  .filter(element => element.offsetHeight < 44 || element.offsetWidth < 44).map(element => element.outerHTML)"""
_CONTRASTS = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const rgb = parse(getComputedStyle(element).backgroundColor);
      if (rgb.length < 4 || rgb[3] > 0) return rgb;
    }
  };
  const found = {};
  for (const element of document.querySelectorAll('body *')) {
    if (!element.offsetParent || ![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    const [one, other] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const name = element.id || element.className || element.tagName;
    found[name] = Math.min(found[name] || 99, ratio);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_everyone_can_read_and_press_it(visit: Visits, scheme: str, size: tuple[int, int]) -> None:
    long = "Perpanjangan-surat-keterangan-tempat-tinggal-sementara " * 2
    answers = (
        ask("Menu", "Layanan"),
        ask("*Menu*\n" + "x" * 200, "Lapor", long),
        ask("Di mana?", "Ubah", location=True),
    )
    async with visit(*answers, size=size, personas=PERSONAS, color_scheme=scheme) as here:
        page = here.page
        await expect(page.locator("#welcome")).to_be_visible()
        first: dict[str, float] = await page.evaluate(_CONTRASTS)
        for text in ("halo", "y" * 200, "lapor"):
            await here.say(text)
        await expect(here.newest).to_have_text(["Ubah"])
        await page.evaluate("document.getElementById('notice').textContent = 'Mencari lokasi…'")
        await page.evaluate("document.getElementById('signal').textContent = 'Menunggu sinyal…'")
        later: dict[str, float] = await page.evaluate(_CONTRASTS)
        assert len(first | later) > 10
        assert {name: ratio for name, ratio in (first | later).items() if ratio < 4.5} == {}
        assert await page.evaluate(_NAMELESS) == []
        assert await page.evaluate(_SMALL_TEXT) == []
        assert await page.evaluate(_SMALL_TARGETS) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
        assert await page.evaluate("document.getElementById('log').scrollWidth") <= size[0]
        await expect(page.get_by_role("log", name="Percakapan")).to_have_attribute("aria-live", "polite")
        await expect(page.locator("html")).to_have_attribute("lang", "id")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Rewang")


async def test_with_the_keyboard_of_an_old_phone_there_is_room_left(visit: Visits) -> None:
    async with visit(size=(320, 300)) as here:
        await here.say("halo")
        height = await here.page.evaluate("document.getElementById('log').clientHeight")
        assert height >= 100
        await expect(here.page.locator("#send")).to_be_in_viewport()
