"""The sheet that every picture is drawn on, and texts set in the largest size that fits, never cut."""

import struct
import unicodedata
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil, floor
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent.parent / "fonts"

FINER = 2  # drawn so many times larger and then reduced, for smooth edges; every length is of the larger one
WIDTH, HEIGHT = 1000 * FINER, 560 * FINER
SMALLEST = 10 * FINER

SIGNATURE, RGB = b"\x89PNG\r\n\x1a\n", 2
EFFORT = 3  # of zlib's 9: 4 ms a card; 6 takes twice that for a fifth fewer bytes


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a card. Against `paper`, text reaches 7:1 and shapes 3:1: WCAG 2.2, 1.4.6 and 1.4.11."""

    paper: str
    strong: str
    text: str
    held: str
    contact: str
    quiet: str


DARK = Colours("#231e2a", strong="#f6dcae", text="#ece4d8", held="#cbb284", contact="#9cc9dc", quiet="#857c91")
LIGHT = Colours("#faf6ee", strong="#4a3a68", text="#3a3342", held="#75639c", contact="#1d6580", quiet="#847d8c")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a card, at twice its size. `at` is where its baseline begins."""

    text: str = field(repr=False)
    font: ImageFont.FreeTypeFont
    colour: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """Texts in one size, each in lines. Every line takes `up` above its baseline and `down` below it.

    The texts stand side by side, or one below the other with a `gap` between them.
    """

    texts: list[list[str]]
    font: ImageFont.FreeTypeFont
    up: int
    down: int
    gap: int | None

    @property
    def height(self) -> int:
        """How tall the tallest of the texts is, or all of them where one stands below the other."""
        heights = [len(each) * (self.up + self.down) for each in self.texts]
        if self.gap is None:
            return max(heights, default=0)
        return sum(heights) + max(len(heights) - 1, 0) * self.gap

    def lines(self, number: int, left: int, top: int, colour: str, *, centred: int = 0) -> list[Line]:
        """Return the lines of one text, from `top` down: from `left` on, or in the middle of the width `centred`."""
        placed: list[Line] = []
        for row, text in enumerate(self.texts[number]):
            begins, _, ends, _ = extent(text, self.font)
            inset = (centred - (ends - begins)) // 2 if centred else 0
            baseline = top + self.up + row * (self.up + self.down)
            placed.append(Line(text, self.font, colour, (left + inset - begins, baseline)))
        return placed

    def stack(self, left: int, top: int, colours: Sequence[str], width: int) -> list[Line]:
        """Return the lines of all texts, one text below the other, each in its colour and in the middle of `width`."""
        placed: list[Line] = []
        for number, colour in enumerate(colours):
            placed += self.lines(number, left, top, colour, centred=width)
            top += len(self.texts[number]) * (self.up + self.down) + (self.gap or 0)
        return placed


def fit(
    texts: Sequence[Sequence[str]],
    largest: int,
    width: int,
    height: int,
    *,
    bold: bool = False,
    unbroken: bool = False,
    gap: int | None = None,
    tight: bool = False,
) -> Block:
    """Set texts, given as their words, in the largest size at which all fit. Raises ValueError where none is.

    Words are broken only where two thirds of the size would not spare it, and never where they are to stay `unbroken`.
    Each text has the whole height, or they share it, one below the other, with a `gap` between them. Lines stand as far
    apart as the font asks for; `tight` ones as far as their ink reaches.
    """

    def block(size: int, *, breaking: bool) -> Block | None:
        font = _font(size, bold)
        lines = [_wrap(words, font, width, breaking=breaking) for words in texts]
        extents = [extent(line, font) for each in lines for line in each]
        ascent, descent = (0, 0) if tight else font.getmetrics()
        up = max([ascent, *(-top for _, top, _, _ in extents)])
        down = max([descent, *(bottom for _, _, _, bottom in extents)])
        made = Block(lines, font, up, down, gap)
        if made.height > height or any(right - left > width for left, _, right, _ in extents):
            return None
        return made

    smallest = SMALLEST if unbroken else largest * 2 // 3
    if spared := _first(lambda size: block(size, breaking=False), largest, smallest):
        return replace(spared, texts=[_even(words, spared.font, width) for words in texts])
    broken = None if unbroken else _first(lambda size: block(size, breaking=True), largest, SMALLEST)
    if broken is None:
        raise ValueError("the texts of a card fit at no legible size")
    return broken


def _first(block: Callable[[int], Block | None], largest: int, smallest: int) -> Block | None:
    """Return the block of the largest size that makes one."""
    sizes = range(largest, smallest - 1, -FINER)
    at = bisect_left(sizes, True, key=lambda size: block(size) is not None)
    return block(sizes[at]) if at < len(sizes) else None


def _even(words: Sequence[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return as few lines as `width` allows, as even as they can be. A word that is wider is left whole."""
    widest = _wrap(words, font, width, breaking=False)
    if len(widest) <= 1:
        return widest
    narrow = bisect_left(range(width), -len(widest), key=lambda each: -len(_wrap(words, font, each, breaking=False)))
    return _wrap(words, font, narrow, breaking=False)


def _wrap(words: Sequence[str], font: ImageFont.FreeTypeFont, width: int, *, breaking: bool) -> list[str]:
    """Return lines of words; one that is wider than `width` has a line of its own, or is broken."""
    lines: list[str] = []
    for word in words:
        if lines and _width(f"{lines[-1]} {word}", font) <= width:
            lines[-1] += f" {word}"
            continue
        rest = word
        while breaking and _width(rest, font) > width and len(rest) > 1:
            cut = max(1, bisect_right(range(1, len(rest)), width, key=lambda end, rest=rest: _width(rest[:end], font)))
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines


def words(text: str, *, bold: bool = False) -> list[str]:
    """Return the words of a text, without the characters that the font lacks."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(each for each in composed if each.isspace() or _drawable(each, bold)).split()


def whole(text: str, *, bold: bool = False) -> list[str]:
    """Return a text as the one word that it is to be on a card, or as none where nothing of it can be drawn."""
    joined = " ".join(words(text, bold=bold))
    return [joined] if joined else []


def short(texts: Sequence[str], longest: int) -> None:
    """Raise ValueError where a text has more than `longest` characters: to fit more would take seconds."""
    length = max(map(len, texts), default=0)
    if length > longest:
        raise ValueError(f"a text of {length} characters on a card; {longest} is the limit")


def finished(image: Image.Image, lines: Sequence[Line]) -> bytes:
    """Return a sheet with its lines written on it, in its final size, as a PNG."""
    pen = ImageDraw.Draw(image)
    for line in lines:
        pen.text(line.at, line.text, line.colour, line.font, anchor="ls")
    return png(image.reduce(FINER))


def png(image: Image.Image) -> bytes:
    """Return an RGB image as a PNG (https://www.w3.org/TR/png-3/), its rows unfiltered: they are flat.

    Pillow weighs five filters for each of them and holds the interpreter meanwhile; that takes three times as long.
    """
    stride = 3 * image.width
    pixels = image.tobytes()
    rows = b"".join(b"\0" + pixels[begin : begin + stride] for begin in range(0, len(pixels), stride))
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, RGB, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, EFFORT)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@lru_cache(maxsize=4096)
def _drawable(character: str, bold: bool) -> bool:
    if unicodedata.category(character).startswith("C"):
        return False
    return _ink(character, bold) != _ink("\uffff", bold)  # that is never a character: the font shows what it lacks


def _ink(character: str, bold: bool) -> bytes:
    image = Image.new("L", (4 * SMALLEST, 4 * SMALLEST))
    ImageDraw.Draw(image).text((SMALLEST, 2 * SMALLEST), character, 255, _font(SMALLEST, bold), anchor="ls")
    return image.tobytes()


def _width(text: str, font: ImageFont.FreeTypeFont) -> int:
    left, _, right, _ = extent(text, font)
    return right - left


@lru_cache(maxsize=1024)  # a card asks for a few hundred, and each of them again while it looks for a size
def extent(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int, int, int]:
    """Return how far a text reaches to the left, up, right and down from where its baseline begins."""
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    return floor(left), floor(top), ceil(right), ceil(bottom)


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # Pillow's other engine needs a library that not every machine has: the same card would look different there.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)
