"""Messages to a Twilio on loopback: every shape, every kind of failure, and nothing personal in the log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from starlette.applications import Starlette
from starlette.requests import Request

from bot.channels.whatsapp import WhatsAppChannel, fill_in, open_whatsapp
from bot.channels.whatsapp_templates import Shape, define, fit_shape
from bot.links import Links
from bot.whatsapp_intake import Signed, status
from handlers.attachments import Attachment, list_attachments
from handlers.bulk import BULK
from handlers.media import Checked, Kind, MediaStore, new_id
from handlers.messages import Button, ChannelError, ChannelRefused, Outgoing, Sending
from tests.fakes.twilio_server import ACCOUNT, SENDER, SERVICE, TOKEN, FakeTwilio

SOMEBODY = "whatsapp:+6281200000001"
PUBLIC = "https://rewang.example.id"
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
YES_NO = (Button("Ya", "1|k|ya"), Button("Mboten", "1|k|tidak"))
SEVEN = tuple(Button(f"Pilihan {n}", f"1|p|{n}") for n in range(1, 8))
SEVEN_LINES = "\n".join(f"{n}. Pilihan {n}" for n in range(1, 8))


def sending(text: str = "Sugeng rawuh", row: int = 1, address: str = SOMEBODY, **other: Any) -> Sending:
    return Sending(row, "whatsapp", address, 5, 0, 1, Outgoing(text, **other))


def link(file: Attachment) -> str:
    return "/".join(filter(None, (PUBLIC, "media", file.id, file.name)))


class Line:
    """A fake Twilio on loopback, and channels that speak to it; files are those of a folder."""

    def __init__(self, twilio: FakeTwilio, url: str, folder: Path) -> None:
        self.twilio, self.url, self.folder = twilio, url.rstrip("/"), folder
        self.keep("m1.jpg", "m2.jpg", "m3.png")
        self._opened: list[WhatsAppChannel] = []
        self.channel = self.open()

    def open(self, token: str = TOKEN, **other: Any) -> WhatsAppChannel:
        usual = {
            "sender": SENDER, "public_url": PUBLIC, "api_url": self.url, "find_file": self.find, "link": link,
        }  # fmt: skip
        opened = open_whatsapp(ACCOUNT, token, **{**usual, **other})
        self._opened.append(opened)
        return opened

    def keep(self, *names: str, size: int = 10) -> None:
        for name in names:
            with (self.folder / name).open("wb") as file:
                file.truncate(size)

    def find(self, media_id: str) -> Path | None:
        return next(self.folder.glob(f"{media_id}.*"), None)

    async def seen(self, given: Sending) -> list[tuple[str, str, Any]]:
        """Send one message, and give what the person sees of it: kind, words, photos or buttons."""
        before = len(self.twilio.journal)
        await self.channel.send(given)
        new = self.twilio.journal[before:]
        assert [entry["error_code"] for entry in new] == [None] * len(new)
        return [(entry["kind"], entry["body"], entry["media"] or entry["buttons"]) for entry in new]

    async def close(self) -> None:
        for opened in self._opened:
            await opened.close()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    twilio = FakeTwilio(seed=7)
    async with TestServer(twilio.app()) as server:
        made = Line(twilio, str(server.make_url("")), tmp_path)
        yield made
        await made.close()


async def test_a_text_goes_out_as_it_is_with_its_emphasis(line: Line) -> None:
    vendor_id = await line.channel.send(sending("*Rewang* & <kanca>\n\nbaris 2"))
    assert [(entry["sid"], entry["form"]) for entry in line.twilio.journal] == [
        (
            vendor_id,
            {
                "To": SOMEBODY,
                "From": SENDER,
                "Body": "*Rewang* & <kanca>\n\nbaris 2",
                "StatusCallback": f"{PUBLIC}/whatsapp/status",
            },
        )
    ]


async def test_a_service_may_choose_the_number_and_states_are_only_asked_for_where_we_can_be_reached(
    line: Line,
) -> None:
    channel = line.open(sender="", messaging_service_sid=SERVICE, public_url="")
    await channel.send(sending())
    assert line.twilio.journal[0]["form"] == {"To": SOMEBODY, "MessagingServiceSid": SERVICE, "Body": "Sugeng rawuh"}


async def test_a_person_without_a_number_is_written_to_by_id(line: Line) -> None:
    await line.channel.send(sending(address="whatsapp:ID.4566000000000001"))
    assert line.twilio.journal[0]["form"]["To"] == "whatsapp:ID.4566000000000001"


async def test_up_to_three_short_choices_are_quick_replies(line: Line) -> None:
    text = "Punika leres?\n\n• Nama:  Sri\n• Désa: Kanigoro"
    assert await line.seen(sending(text, buttons=YES_NO)) == [
        ("quick-reply", "Punika leres?\n\n• Nama: Sri\n• Désa: Kanigoro", [["Ya", "1|k|ya"], ["Mboten", "1|k|tidak"]])
    ]


async def test_four_to_ten_choices_are_a_list_that_is_numbered_as_well(line: Line) -> None:
    buttons = [[button.label, button.data] for button in SEVEN]
    assert await line.seen(sending("Pilih layanan:", buttons=SEVEN)) == [
        ("list-picker", f"Pilih layanan:\n\n{SEVEN_LINES}", buttons)
    ]
    assert await line.seen(sending("Pilih:\n1. a\n2. b", buttons=SEVEN, numbered=True)) == [
        ("list-picker", "Pilih:\n1. a\n2. b", buttons)
    ]


@pytest.mark.parametrize(
    "buttons",
    [
        tuple(Button(f"Pilihan {n}", str(n)) for n in range(11)),
        (Button("Label yang lebih panjang dari 24", "a"), Button("b", "b")),
        (Button("Sama", "a"), Button("Sama", "b")),
        (Button("a", "sama"), Button("b", "sama")),
        (Button(" ", "a"), Button("b", "b")),
        tuple(Button(str(n), "x" * 200 + str(n)) for n in range(4)),
    ],
)
async def test_choices_whatsapp_cannot_show_become_numbers(line: Line, buttons: tuple[Button, ...]) -> None:
    numbers = "\n".join(f"{n}. {button.label}" for n, button in enumerate(buttons, start=1))
    assert await line.seen(sending("Pilih:", buttons=buttons)) == [("text", f"Pilih:\n\n{numbers}", [])]
    assert await line.seen(sending("Pilih: 1 atau 2", buttons=buttons, numbered=True)) == [
        ("text", "Pilih: 1 atau 2", [])
    ]
    assert line.twilio.contents == {}


async def test_labels_of_21_to_24_characters_make_a_list_even_of_few(line: Line) -> None:
    buttons = (Button("a" * 24, "a"), Button("b", "b"))
    assert [kind for kind, _, _ in await line.seen(sending("Pilih:", buttons=buttons))] == ["list-picker"]


@pytest.mark.parametrize(("chars", "kind"), [(1024, "quick-reply"), (1025, "text")])
async def test_buttons_stand_under_at_most_1024_characters(line: Line, chars: int, kind: str) -> None:
    assert [shown for shown, _, _ in await line.seen(sending("a" * chars, buttons=YES_NO))] == [kind]


@pytest.mark.parametrize("text_chars", [1024 - len(f"\n\n{SEVEN_LINES}"), 1024 - len(f"\n\n{SEVEN_LINES}") + 1])
async def test_the_numbers_of_a_list_count_as_well(line: Line, text_chars: int) -> None:
    ((kind, body, _),) = await line.seen(sending("a" * text_chars, buttons=SEVEN))
    assert (kind, len(body)) == (
        ("list-picker", 1024) if text_chars + len(f"\n\n{SEVEN_LINES}") <= 1024 else ("text", 1025)
    )


async def test_choices_that_do_not_fit_the_text_follow_it_and_none_is_lost(line: Line) -> None:
    shown = await line.seen(sending("a" * 1500, buttons=tuple(Button(f"Pilihan nomor {n}", str(n)) for n in range(60))))
    assert [kind for kind, _, _ in shown] == ["text", "text"]
    assert all(len(body) <= 1600 for _, body, _ in shown)
    joined = "\n".join(body for _, body, _ in shown)
    assert [f"{n + 1}. Pilihan nomor {n}" in joined.split("\n") for n in range(60)] == [True] * 60


async def test_a_text_of_many_lines_has_no_line_break_in_any_variable(line: Line) -> None:
    text = "a\n\n\n b\r\n\tc   d\n\n"
    assert await line.seen(sending(text, buttons=YES_NO)) == [
        ("quick-reply", "a\n\nb\nc d", [["Ya", "1|k|ya"], ["Mboten", "1|k|tidak"]])
    ]
    assert await line.seen(sending("\n".join("abcdefghijklmnopqrstuvwxyz"), buttons=YES_NO)) == [
        ("text", "\n".join("abcdefghijklmnopqrstuvwxyz") + "\n\n1. Ya\n2. Mboten", [])
    ]


async def test_a_photo_carries_the_text_and_others_follow(line: Line) -> None:
    assert await line.seen(sending("Fotone", media=("m1", "gone", "m2"))) == [
        ("media", "Fotone", [f"{PUBLIC}/media/m1"]),
        ("media", "", [f"{PUBLIC}/media/m2"]),
    ]
    long = "a" * 1025
    assert await line.seen(sending(long, media=("m1",))) == [("media", "", [f"{PUBLIC}/media/m1"]), ("text", long, [])]
    assert await line.seen(sending("", media=("m1",))) == [("media", "", [f"{PUBLIC}/media/m1"])]
    assert [kind for kind, _, _ in await line.seen(sending("Leres?", media=("m1",), buttons=YES_NO))] == [
        "media",
        "quick-reply",
    ]


async def test_a_document_goes_before_its_words_since_those_sent_with_it_are_not_shown(line: Line) -> None:
    line.keep("d1.pdf", "d2.xlsx")
    words = sending("Rekape", media=("d1", "m1", "d2"), file_name="rekap november.pdf")
    assert await line.seen(words) == [
        ("media", "Rekape", [f"{PUBLIC}/media/m1"]),
        ("media", "", [f"{PUBLIC}/media/d1/rekap-november.pdf"]),
        ("media", "", [f"{PUBLIC}/media/d2/rekap-november-2.xlsx"]),
    ]
    assert await line.seen(sending("Rekape", media=("d1",))) == [
        ("media", "", [f"{PUBLIC}/media/d1/berkas.pdf"]),
        ("text", "Rekape", []),
    ]
    assert [kind for kind, _, _ in await line.seen(sending("Leres?", media=("d1",), buttons=YES_NO))] == [
        "media",
        "quick-reply",
    ]


async def test_a_kind_whatsapp_does_not_take_is_a_link_under_the_words(line: Line) -> None:
    line.keep("d1.csv")
    assert await line.seen(sending("Rekape", media=("d1",), file_name="rekap.csv")) == [
        ("text", f"Rekape\n\n📎 rekap.csv\n{PUBLIC}/media/d1/rekap.csv", [])
    ]
    assert await line.seen(sending("", media=("d1",))) == [("text", f"📎 berkas.csv\n{PUBLIC}/media/d1/berkas.csv", [])]
    assert await line.seen(sending("Leres?", media=("d1",), buttons=YES_NO)) == [
        ("quick-reply", f"Leres?\n\n📎 berkas.csv\n{PUBLIC}/media/d1/berkas.csv", [["Ya", "1|k|ya"], ["Mboten", "1|k|tidak"]])
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "most"), [("d.pdf", 16 << 20), ("d.jpg", 5 << 20)])
async def test_what_is_too_large_for_whatsapp_is_a_link_too(line: Line, name: str, most: int) -> None:
    line.keep(name, size=most - 1)
    kinds = [kind for kind, _, _ in await line.seen(sending("Niki", media=("d",)))]
    assert kinds[0] == "media"
    line.keep(name, size=most)
    ((kind, body, _),) = await line.seen(sending("Niki", media=("d",)))
    assert kind == "text"
    assert f"{PUBLIC}/media/d" in body


async def test_a_document_that_went_out_before_a_failure_does_not_go_out_again(line: Line) -> None:
    line.keep("d1.pdf")
    line.twilio.set_faults({"seed": 3, "bad_gateway": 0.5})
    for _ in range(40):
        with suppress(ChannelError):
            vendor_id = await line.channel.send(sending("Rekape", media=("d1",)))
            break
    assert [(entry["body"], len(entry["media"])) for entry in line.twilio.journal] == [("", 1), ("Rekape", 0)]
    assert vendor_id == line.twilio.journal[1]["sid"]


@asynccontextmanager
async def serving_files(store: MediaStore, clock: Callable[[], datetime]) -> AsyncIterator[tuple[str, Links]]:
    """Our links behind a proxy, on loopback."""
    links = Links(PUBLIC, "secret", store, clock)
    ours = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=links.routes())), base_url=PUBLIC)

    async def proxy(request: web.Request) -> web.Response:
        answer = await ours.request(request.method, request.path)
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        return web.Response(status=answer.status_code, headers=headers, body=answer.content)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), links


@pytest.mark.parametrize(
    ("ending", "kind", "mime", "name"),
    [
        ("pdf", "document", "application/pdf", "rekap.pdf"),
        ("xlsx", "document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "rekap.xlsx"),
        ("jpg", "photo", "image/jpeg", None),
        ("png", "photo", "image/png", None),
    ],
)
async def test_twilio_gets_each_kind_with_its_type_and_name(
    line: Line, tmp_path: Path, ending: str, kind: Kind, mime: str, name: str | None
) -> None:
    store, media_id = MediaStore(tmp_path / "media"), new_id()
    store.write(media_id, Checked(kind, mime, b"content", ending))
    async with serving_files(store, lambda: AT) as (base, links):
        channel = line.open(find_file=store.find, link=links.url)
        line.twilio.set_faults({"media_base": base})
        await channel.send(sending("Rekape", media=(media_id,), file_name="rekap.pdf"))
    entry = line.twilio.journal[0]
    assert (entry["error_code"], entry["files"]) == (None, [(name, mime, 7)])
    assert [entry["body"] for entry in line.twilio.journal] == (["Rekape"] if kind == "photo" else ["", "Rekape"])


async def test_a_link_ends_after_a_day_and_no_part_of_it_can_be_changed(tmp_path: Path) -> None:
    store, media_id = MediaStore(tmp_path / "media"), new_id()
    store.write(media_id, Checked("document", "text/csv", b"a;b", "csv"))
    now = [AT]
    async with serving_files(store, lambda: now[0]) as (base, links), httpx.AsyncClient() as browser:
        (file,) = list_attachments(Outgoing("", media=(media_id,), file_name="rekap.csv"), store.find)
        path = links.url(file).removeprefix(PUBLIC)
        answer = await browser.get(base + path)
        assert (answer.status_code, answer.content) == (200, b"a;b")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'inline; filename="rekap.csv"'
        assert (await browser.head(base + path)).headers["content-type"] == "text/csv; charset=utf-8"
        token = path.split("/")[2]
        forged = token[:-1] + ("1" if token.endswith("0") else "0")
        for other in (f"/media/{token}", f"/media/{token}/x.exe", f"/media/{forged}/rekap.csv", "/media/x/y"):
            assert (await browser.get(base + other)).status_code == 404, other
        now[0] = AT + timedelta(days=1)
        assert (await browser.get(base + path)).status_code == 404
        now[0] = AT
        store.remove(media_id)
        assert (await browser.get(base + path)).status_code == 404


async def test_nothing_to_say_is_refused(line: Line) -> None:
    with pytest.raises(ChannelRefused, match=r"^empty$"):
        await line.channel.send(sending("", media=("gone",)))


async def test_what_went_out_before_a_failure_does_not_go_out_again(line: Line) -> None:
    first, second = sending("Fotone", media=("m1", "m2", "m3")), sending("Liyane", row=2)
    line.twilio.set_faults({"seed": 3, "bad_gateway": 0.5})
    vendor_ids: list[str | None] = []
    for _ in range(40):
        try:
            vendor_ids.append(await line.channel.send(first))
            break
        except ChannelError:
            continue
    line.twilio.set_faults({})
    await line.channel.send(second)
    assert [(entry["body"], entry["media"]) for entry in line.twilio.journal] == [
        ("Fotone", [f"{PUBLIC}/media/m1"]),
        ("", [f"{PUBLIC}/media/m2"]),
        ("", [f"{PUBLIC}/media/m3"]),
        ("Liyane", []),
    ]
    assert vendor_ids == [line.twilio.journal[0]["sid"]]


# Templates


async def test_templates_are_made_once_and_found_again_after_a_restart(line: Line) -> None:
    for number in range(1200):
        line.twilio.add_content({"friendly_name": f"other_{number}", "language": "en", "variables": {}, "types": {}})
    await line.channel.ensure_templates()
    made = sorted(content["friendly_name"] for content in line.twilio.contents.values() if content["variables"])
    assert made == sorted(
        [f"rewang_quick_{n}_0_v1" for n in (1, 2, 3)] + [f"rewang_list_{n}_0_v1" for n in range(4, 11)]
    )
    assert line.twilio.content_calls == ["list"] * 3 + ["make"] * 10
    restarted = line.open()
    await restarted.ensure_templates()
    await restarted.send(sending("Leres?", buttons=YES_NO))
    assert line.twilio.content_calls == ["list"] * 3 + ["make"] * 10 + ["list"] * 3


async def test_a_layout_gets_its_template_when_it_first_occurs_and_holds_no_words(line: Line) -> None:
    for name in ("Sri", "Budi"):
        await line.seen(sending(f"Nama: {name}\n\nLeres?\nNgge", buttons=YES_NO))
    assert [content["friendly_name"] for content in line.twilio.contents.values()] == ["rewang_quick_2_21_v1"]
    assert "Sri" not in str(line.twilio.contents)
    assert line.twilio.content_calls == ["list", "make"]


async def test_without_templates_buttons_become_numbers_and_the_content_api_is_left_alone_for_a_while(
    line: Line,
) -> None:
    line.twilio.set_faults({"content_down": True})
    await line.channel.ensure_templates()
    for _ in range(2):
        assert await line.seen(sending("Leres?", buttons=YES_NO)) == [("text", "Leres?\n\n1. Ya\n2. Mboten", [])]
    assert line.twilio.content_calls == ["list"]


async def test_a_template_deleted_at_twilio_is_replaced_by_numbers_and_other_templates_still_serve(line: Line) -> None:
    await line.channel.ensure_templates()
    deleted = next(
        sid for sid, content in line.twilio.contents.items() if content["friendly_name"] == "rewang_quick_2_0_v1"
    )
    kept = dict(line.twilio.contents)
    line.twilio.contents = {sid: content for sid, content in kept.items() if sid != deleted}
    for _ in range(2):
        assert [kind for kind, _, _ in await line.seen(sending("Leres?", buttons=YES_NO))] == ["text"]
    assert [kind for kind, _, _ in await line.seen(sending("Pilih:", buttons=SEVEN))] == ["list-picker"]
    assert line.twilio.content_calls.count("make") == 10


async def test_variables_twilio_does_not_take_are_replaced_by_numbers(line: Line) -> None:
    line.twilio.set_faults({"variables_refused": True})
    for _ in range(2):
        assert [kind for kind, _, _ in await line.seen(sending("Leres?", buttons=YES_NO))] == ["text"]
    assert line.twilio.content_calls == ["list", "make"]


async def test_templates_do_not_grow_without_end(line: Line) -> None:
    for number in range(400):
        line.twilio.add_content(
            {"friendly_name": f"rewang_old_{number}", "language": "id", "variables": {}, "types": {}}
        )
    assert [kind for kind, _, _ in await line.seen(sending("Leres?", buttons=YES_NO))] == ["text"]
    assert "make" not in line.twilio.content_calls


@pytest.mark.parametrize("kind", ["quick", "list", "bare"])
def test_a_definition_has_a_sample_for_each_variable_and_exactly_those_a_message_gives(kind: str) -> None:
    buttons = YES_NO if kind == "quick" else SEVEN
    fitting = fit_shape(Outgoing("a\nb\n\nc", buttons, numbered=kind == "bare"))
    assert fitting is not None
    shape, variables = fitting
    assert shape == Shape(kind, len(buttons), "12")  # type: ignore[arg-type]  # one of the kinds
    assert define(shape)["variables"].keys() == variables.keys()


# Failures


@pytest.mark.parametrize(
    ("code", "reason", "gone"),
    [
        (63016, "window_closed", False),
        (21610, "opted_out", True),
        (63014, "blocked", True),
        (63024, "invalid_number", True),
        (63003, "invalid_number", True),
        (21211, "invalid_number", True),
        (63032, "twilio_63032", False),
        (21617, "twilio_21617", False),
    ],
)
async def test_a_refusal_is_told_by_its_code(line: Line, code: int, reason: str, gone: bool) -> None:
    line.twilio.set_faults({"refused": {SOMEBODY: code}})
    with pytest.raises(ChannelRefused) as refused:
        await line.channel.send(sending())
    assert (refused.value.reason, refused.value.gone) == (reason, gone)


@pytest.mark.parametrize(
    ("code", "reason"), [(63018, "rate_limited"), (21611, "queue_full"), (63007, "sender_not_found")]
)
async def test_what_passes_or_is_our_own_setting_waits(line: Line, code: int, reason: str) -> None:
    line.twilio.set_faults({"refused": {SOMEBODY: code}})
    with pytest.raises(ChannelError) as error:
        await line.channel.send(sending())
    assert (error.value.reason, error.value.taken) == (reason, False)


@pytest.mark.parametrize(
    ("faults", "reason", "retry_after", "taken", "journal"),
    [
        ({"too_fast": 1.0}, "too_fast", None, False, 0),
        ({"concurrency": 0}, "too_fast", None, False, 0),
        ({"too_fast": 1.0, "retry_after": 3}, "too_fast", timedelta(seconds=3), False, 0),
        ({"bad_gateway": 1.0}, "twilio_502", None, False, 0),
        ({"drop_before": 1.0}, "unanswered", None, True, 0),
        ({"drop_after": 1.0}, "unanswered", None, True, 1),
        ({"garbled": 1.0}, "bad_answer", None, True, 1),
    ],
)
async def test_a_failure_says_whether_the_message_may_have_been_taken(
    line: Line, faults: dict[str, float], reason: str, retry_after: timedelta | None, taken: bool, journal: int
) -> None:
    line.twilio.set_faults(faults)
    with pytest.raises(ChannelError) as error:
        await line.channel.send(sending())
    assert (error.value.reason, error.value.retry_after, error.value.taken) == (reason, retry_after, taken)
    assert len(line.twilio.journal) == journal


async def test_an_answer_that_never_comes_is_not_waited_for_for_ever(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.twilio_http._READ_SECONDS", 0.05)
    line.twilio.set_faults({"silent": 1.0})
    with pytest.raises(ChannelError) as error:
        await line.channel.send(sending())
    assert (error.value.reason, error.value.taken) == ("unanswered", True)


async def test_no_connection_means_not_taken(line: Line) -> None:
    channel = line.open(api_url=f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(ChannelError) as error:
        await channel.send(sending())
    assert (error.value.reason, error.value.taken) == ("not_connected", False)


async def test_refused_credentials_keep_the_message(line: Line) -> None:
    with pytest.raises(ChannelError, match=r"^credentials_refused$"):
        await line.open(token="wrong").send(sending())


# Files


async def test_a_file_is_fetched_with_our_credentials_and_its_redirect_without(line: Line) -> None:
    line.twilio.media["ME1"] = (b"\xff\xd8photo", "image/jpeg")
    fetched = await line.channel.fetch(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1")
    assert (fetched.content, fetched.mime) == (b"\xff\xd8photo", "image/jpeg")
    assert [(path, login is not None) for path, login in line.twilio.media_calls] == [
        (f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1", True),
        ("/cdn/ME1", False),
    ]


@pytest.mark.parametrize(
    "ref",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com.attacker.example/x",
        "https://attackertwilio.com/x",
        "https://api.twilio.com@attacker.example/x",
        "https://attacker.example\\.twilio.com/x",
        "https://attacker.example#.twilio.com/x",
        "https://127.0.0.1/x",
        "http://localhost:8080/_journal",
        "file:///etc/passwd",
        "//api.twilio.com/x",
        "/etc/passwd",
        "https://[::1/x",
        "",
    ],
)
async def test_a_file_elsewhere_is_never_asked_for(line: Line, ref: str) -> None:
    for channel in (line.channel, line.open(api_url="")):
        with pytest.raises(ChannelRefused, match=r"^foreign_host$"):
            await channel.fetch(ref)
    assert line.twilio.media_calls == []


async def test_a_redirect_into_a_private_network_is_not_followed(line: Line) -> None:
    with pytest.raises(ChannelRefused, match=r"^bad_redirect$"):
        await line.channel.fetch(f"{line.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/MEelsewhere")


async def test_a_file_that_is_gone_or_too_large_is_refused(line: Line) -> None:
    place = f"{line.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media"
    with pytest.raises(ChannelRefused, match=r"^file_gone$"):
        await line.channel.fetch(f"{place}/ME404")
    line.twilio.media["MEbig"] = (b"a" * ((16 << 20) + 1), "video/mp4")
    with pytest.raises(ChannelRefused, match=r"^file_too_big$"):
        await line.channel.fetch(f"{place}/MEbig")


async def test_a_file_is_asked_for_again_when_credentials_or_the_connection_fail(line: Line) -> None:
    ref = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
    with pytest.raises(ChannelError, match=r"^credentials_refused$"):
        await line.open(token="wrong").fetch(ref)
    with pytest.raises(ChannelError, match=r"^file_unanswered$"):
        await line.open(api_url=f"http://127.0.0.1:{unused_port()}").fetch(ref)


# States, and what is written down


@asynccontextmanager
async def status_server(states: list[tuple[str, str, str | None]]) -> AsyncIterator[str]:
    """Our endpoint behind a proxy that changes the host."""

    async def on_status(sid: str, state: str, error_code: str | None) -> None:
        states.append((sid, state, error_code))

    endpoint = status(Signed(PUBLIC, TOKEN, pytest.fail), on_status)

    async def proxy(request: web.Request) -> web.Response:
        body = await request.read()
        headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
        scope = {"type": "http", "method": "POST", "path": request.path, "query_string": b"", "headers": headers}

        async def take() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        answer = await endpoint(Request(scope, take))
        return web.Response(status=answer.status_code)

    app = web.Application()
    app.router.add_post("/whatsapp/status", proxy)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_states_of_a_sent_message_come_back_signed(line: Line) -> None:
    states: list[tuple[str, str, str | None]] = []
    async with status_server(states) as base:
        line.twilio.set_faults({"callbacks": True, "callback_base": base})
        taken = await line.channel.send(sending())
        await line.twilio.settle()
        line.twilio.set_faults({"callbacks": True, "callback_base": base, "window_closed": True})
        late = await line.channel.send(sending(row=2))
        await line.twilio.settle()
    assert line.twilio.callback_answers == [204] * 5
    assert states == [
        (taken, "sent", None), (taken, "delivered", None), (taken, "read", None), (late, "sent", None), (late, "undelivered", "63016"),
    ]  # fmt: skip


async def test_the_log_names_no_one_and_no_secret(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.twilio.media["ME1"] = (b"x", "image/jpeg")
    await line.channel.ensure_templates()
    await line.channel.send(sending("rahasia", buttons=YES_NO))
    await line.channel.fetch(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1")
    for faults in ({"variables_refused": True}, {"content_down": True}):
        line.twilio.set_faults(faults)
        await line.channel.send(sending("rahasia\nliyane", buttons=YES_NO))
    failing: tuple[dict[str, Any], ...] = ({"refused": {SOMEBODY: 21211}}, {"drop_after": 1.0})
    for failure in failing:
        line.twilio.set_faults(failure)
        with pytest.raises((ChannelError, ChannelRefused)):
            await line.channel.send(sending("rahasia\nliyane", buttons=YES_NO))
    written = "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "template rewang_quick_2_0_v1 made: HX" in written
    assert [secret for secret in ("rahasia", "6281200000001", TOKEN, "Mboten", "Basic ") if secret in written] == []


def test_the_channel_says_what_it_can() -> None:
    channel = open_whatsapp(ACCOUNT, TOKEN, sender=SENDER)
    ability = channel.ability
    assert (channel.name, ability.per_second, ability.window) == ("whatsapp", 80, timedelta(hours=24))


def test_opening_asks_nothing_of_the_network_nor_of_an_event_loop() -> None:
    assert open_whatsapp(ACCOUNT, TOKEN, sender=SENDER).name == "whatsapp"


def approved(line: Line) -> str:
    """Keep an approved text at Twilio; gives its SID."""
    text = {"twilio/text": {"body": "Kabar dari Kominfo: {{1}} Terima kasih."}}
    content = {"friendly_name": "kabar", "language": "id", "variables": {"1": "Teks"}, "types": text}
    return str(line.twilio.add_content(content)["sid"])


async def test_a_broadcast_outside_the_window_goes_into_its_template(line: Line) -> None:
    line.twilio.set_faults({"window_closed": True})
    sid = approved(line)
    text = "Besok ada *bazar*.\nMulai   jam 8\tpagi.\n\nTidak mau berita lagi? Ketik *stop berita*."
    message = sending(text, buttons=(Button("Datang", "!a"), Button("Tidak", "!b")), media=("m1",), template=sid)
    await line.channel.send(message)
    [entry] = line.twilio.journal
    assert entry["error_code"] is None
    assert entry["form"].keys() == {"To", "From", "StatusCallback", "ContentSid", "ContentVariables"}
    assert entry["body"] == "Kabar dari Kominfo: Besok ada *bazar*. Mulai jam 8 pagi. Tidak mau berita lagi? Ketik *stop berita*. 1. Datang 2. Tidak Terima kasih."  # fmt: skip


@pytest.mark.parametrize("length", [10, 899, 901, 5000])
def test_a_long_text_is_cut_before_the_buttons_and_how_to_stop(length: int) -> None:
    how = "Tidak mau berita lagi? Ketik *stop berita*."
    filled = fill_in(Outgoing(f"{'kata ' * (length // 5)}\n\n{how}", (Button("Datang", "!a"),)))
    assert len(filled) <= 900
    assert filled.endswith(f"{how} 1. Datang")
    assert ("…" in filled) == (length > 840)


@pytest.mark.parametrize("text", ["", "Satu", "a\n\nb", "x" * 2000, "\n\n" + "y " * 900])
def test_any_text_fits_a_template(text: str) -> None:
    filled = fill_in(Outgoing(text))
    assert len(filled) <= 900
    assert not any(mark in filled for mark in "\n\t")
    assert "  " not in filled


@pytest.mark.parametrize(
    ("fault", "reason"), [({}, "template_unknown"), ({"variables_refused": True}, "variables_refused")]
)
async def test_a_template_that_is_refused_is_not_sent_as_a_text(line: Line, fault: dict[str, Any], reason: str) -> None:
    line.twilio.set_faults(fault)
    sid = approved(line) if fault else "HX" + "0" * 32
    with pytest.raises(ChannelRefused) as refused:
        await line.channel.send(sending("Halo", template=sid))
    assert (refused.value.reason, refused.value.gone) == (reason, False)
    assert line.twilio.journal == []


async def test_a_broadcast_of_which_a_part_has_gone_is_never_mixed_up_with_another_persons(line: Line) -> None:
    other = "whatsapp:+6281200000002"
    document = sending("Undangan\n" * 30, row=0, media=("m1", "m2"))
    bulk = replace(document, lane=BULK)
    calls = 0
    create = line.channel._create

    async def failing(address: str, fields: Any) -> str:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ChannelError("too_fast")
        return await create(address, fields)

    line.channel._create = failing  # type: ignore[method-assign]
    with pytest.raises(ChannelError) as error:
        await line.channel.send(bulk)
    assert error.value.taken, "a part is there: it is in doubt, and not begun anew"
    await line.channel.send(replace(bulk, address=other))
    assert [entry["form"]["To"] for entry in line.twilio.journal].count(other) == 2


def test_the_tier_and_the_templates_are_the_channels(line: Line) -> None:
    channel = open_whatsapp(ACCOUNT, TOKEN, sender=SENDER, templates={"any_id": "HX1"}, new_people_a_day=250, senders=4)
    ability = channel.ability
    assert (ability.per_second, ability.new_people_a_day, ability.tells_later) == (20, 250, True)
    assert ability.find_template("news", "jv") == "HX1"
