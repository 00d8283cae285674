"""The picture of a certificate: drawn after the turn, from the row that anybody can check by its code."""

from __future__ import annotations

import asyncio
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from flows.lesson_content import PILLARS
from flows.text import N_
from handlers.learning import CERTIFICATE_MAKER
from handlers.made import Maker
from handlers.media import Checked
from handlers.messages import ChannelRefused
from handlers.office import Office
from handlers.render import Voice
from storage import learning
from storage.db import Database
from storage.learning import Certificate

WIDTH, HEIGHT = 1200, 848  # the shape of A4, readable on a phone and printable on a page
_PAPER, _INK, _BAND, _GOLD, _GREY = "#fffdf7", "#2b1a0c", "#4a2c12", "#c8963e", "#6b5a4a"
_MARGIN = 40
_WIDEST = WIDTH - 4 * _MARGIN
_SMALLEST = 24


def makers(database: Database, office: Office) -> dict[str, Maker]:
    """Give the maker of certificates by its name."""

    async def make(code: str) -> Checked:
        async with database.read() as connection:
            row = (await connection.execute(learning.select_certificate(code))).first()
        if row is None:  # its holder was erased meanwhile
            raise ChannelRefused("gone")
        certificate = Certificate(*row[:4])
        return await asyncio.to_thread(draw_certificate, certificate, office.voices.of(row[4]))

    return {CERTIFICATE_MAKER: make}


def draw_certificate(certificate: Certificate, voice: Voice) -> Checked:
    """Draw a certificate in a language; names that are long are written smaller."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((_MARGIN, _MARGIN, WIDTH - _MARGIN, HEIGHT - _MARGIN), outline=_BAND, width=10)
    draw.rectangle((_MARGIN + 18, _MARGIN + 18, WIDTH - _MARGIN - 18, HEIGHT - _MARGIN - 18), outline=_GOLD, width=3)
    rows = (
        (130, 30, _GOLD, voice.say(N_("Village services of Kabupaten Blitar"))),
        (180, 76, _BAND, voice.say(N_("CERTIFICATE"))),
        (300, 30, _GREY, voice.say(N_("is given to"))),
        (350, 64, _INK, certificate.name or voice.say(N_("a learner"))),
        (455, 30, _GREY, voice.say(N_("who has finished all lessons of"))),
        (505, 52, _BAND, voice.say(PILLARS[certificate.pillar])),
        (610, 28, _INK, voice.day(certificate.at.astimezone(voice.zone).date())),
        (680, 28, _GREY, voice.say(N_("Number {code}: type it to Rewang to check it.", code=certificate.code))),
        (725, 28, _GOLD, "#onlinelebihasik"),
    )
    for top, size, colour, text in rows:
        font = _fitting(draw, text, size)
        draw.text((WIDTH / 2, top), text, fill=colour, font=font, anchor="ma")
    output = BytesIO()
    image.quantize(64).save(output, "PNG", optimize=True)
    return Checked("photo", "image/png", output.getvalue(), "png")


def _fitting(draw: ImageDraw.ImageDraw, text: str, size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    while True:
        font = ImageFont.load_default(size)
        if size <= _SMALLEST or draw.textlength(text, font=font) <= _WIDEST:
            return font
        size -= 2
