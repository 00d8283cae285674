"""Draws a year's visits as stacked bars: a small picture that can be read on a phone 320 points wide.

Drawn three times as large as that, in a font that comes with Pillow, so that it looks alike on every machine. The colours
differ in brightness too: 54, 103, 166 and 219 of 255 when printed in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SIDE = 960
MARGIN = 36
COLOURS = ("#1F3B5C", "#B5483A", "#6DBFB8", "#F7DC8C", "#D9D9D9", "#8A8A8A")
INK = "#222222"
PAPER = "#FFFFFF"
_TITLE, _PLAIN, _SMALL = 46, 34, 30  # a third of it on such a phone: 15, 11 and 10 points
_LINE = 46
_GAP = 0.14  # of a bar's place, on either side
_LIGHT = 140  # of 255: on lighter bars numbers are dark
_PALETTE = 64  # colours kept: enough for smooth letters, and a third of the bytes

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Series:
    """One part of each bar, from the bottom up: its name, and a value for each bar."""

    name: str
    values: Sequence[int]


def draw_bars(title: str, notes: Sequence[str], bars: Sequence[str], series: Sequence[Series], empty: str) -> bytes:
    """Draw stacked bars and give the PNG.

    Args:
        title: what it shows.
        notes: lines below the title.
        bars: the name of each bar, at most four letters.
        series: the parts of the bars; each has as many values as there are bars.
        empty: said in the middle where all values are 0.
    """
    image = Image.new("RGB", (SIDE, SIDE), PAPER)
    pen = ImageDraw.Draw(image)
    top = MARGIN
    top = _write(pen, top, title, _TITLE)
    for note in notes:
        top = _write(pen, top, note, _PLAIN)
    top = _legend(pen, top + 8, series)
    bottom = SIDE - MARGIN - _LINE
    _bars(pen, top + _LINE, bottom, bars, series)
    pen.line((MARGIN, bottom, SIDE - MARGIN, bottom), INK, 3)
    if not any(any(part.values) for part in series):
        pen.text((SIDE / 2, (top + bottom) / 2), empty, INK, _font(_PLAIN), "mm")
    written = BytesIO()
    image.quantize(_PALETTE, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def short(value: int) -> str:
    """Write a number so that it fits a bar: 950, 1,2rb, 12rb (ribu: thousand)."""
    if value < 1000:
        return str(value)
    return f"{value / 1000:.1f}rb".replace(".", ",") if value < 9950 else f"{round(value / 1000)}rb"


def _bars(pen: ImageDraw.ImageDraw, top: float, bottom: float, bars: Sequence[str], series: Sequence[Series]) -> None:
    place = (SIDE - 2 * MARGIN) / len(bars)
    totals = [sum(part.values[at] for part in series) for at in range(len(bars))]
    highest = max(*totals, 1)
    font = _font(_SMALL)
    for at, name in enumerate(bars):
        left = MARGIN + place * at
        middle = left + place / 2
        pen.text((middle, bottom + 10), name, INK, font, "ma")
        foot, below = bottom, 0
        for part, colour in zip(series, _colours(series), strict=True):
            below += part.values[at]
            head = bottom - (bottom - top) * below / highest
            if part.values[at]:
                near, far = round(left + place * _GAP), round(left + place * (1 - _GAP))
                pen.rectangle((near, round(head), far, round(foot)), colour)
                if below < totals[at]:
                    pen.line((near, round(head), far, round(head)), PAPER, 2)
                shown = short(part.values[at])
                has_room = foot - head > _SMALL + 6 and font.getlength(shown) <= far - near
                if has_room and totals[at] > part.values[at]:  # a bar of one part has its number above
                    pen.text((middle, (head + foot) / 2), shown, _ink_on(colour), font, "mm")
            foot = head
        if totals[at]:
            pen.text((middle, foot - 6), short(totals[at]), INK, font, "ms")


def _legend(pen: ImageDraw.ImageDraw, top: int, series: Sequence[Series]) -> int:
    """Name the colours, two in a line."""
    font = _font(_PLAIN)
    column = (SIDE - 2 * MARGIN) // 2
    for at, (part, colour) in enumerate(zip(series, _colours(series), strict=True)):
        left, line = MARGIN + column * (at % 2), top + _LINE * (at // 2)
        pen.rectangle((left, line + 6, left + 30, line + 36), colour, INK, 1)
        pen.text((left + 44, line + 21), _cut(part.name, font, column - 60), INK, font, "lm")
    return top + _LINE * -(-len(series) // 2)


def _write(pen: ImageDraw.ImageDraw, top: int, text: str, size: int) -> int:
    font = _font(size)
    pen.text((MARGIN, top), _cut(text, font, SIDE - 2 * MARGIN), INK, font)
    return top + round(size * 1.35)


def _cut(text: str, font: Font, width: int) -> str:
    """Cut a text that is wider than its place; the dots say so."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _colours(series: Sequence[Series]) -> list[str]:
    return [COLOURS[at % len(COLOURS)] for at in range(len(series))]


def _ink_on(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT else PAPER


def _font(size: int) -> Font:
    return ImageFont.load_default(size)
