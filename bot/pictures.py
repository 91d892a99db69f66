"""Pictures: a card with a few figures and the words for them, to be read on a phone at night."""

import asyncio
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from math import ceil, floor
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"

FINER = 2  # drawn so many times larger and then reduced, for smooth edges; every length below is of the larger one
WIDTH, HEIGHT = 1000 * FINER, 560 * FINER
MARGIN, GAP, NEAR = 64 * FINER, 44 * FINER, 4 * FINER
ENVELOPE = (96 * FINER, 64 * FINER)

# By the number of figures: columns, and the largest size of a value and of a label.
LOOKS = {
    1: (1, 168 * FINER, 42 * FINER),
    2: (2, 124 * FINER, 36 * FINER),
    3: (3, 92 * FINER, 32 * FINER),
    4: (2, 76 * FINER, 30 * FINER),
}
CAPTION_SIZE, CAPTION_HEIGHT = 30 * FINER, 84 * FINER
SMALLEST = 10 * FINER
LONGEST = 200  # characters: twice what a community's name may have; to fit more would take seconds

BACKGROUND, FAINT = "#231e2a", "#4f4659"
VALUE, LABEL, CAPTION = "#f6dcae", "#ece4d8", "#cdc4cf"  # 7:1 or more against the background: WCAG 2.2, 1.4.6

# Drawing holds the interpreter for milliseconds at a time. One card after another is as fast as many at once, and keeps
# the loop waiting for 6 ms at worst instead of 40.
_one_by_one = ThreadPoolExecutor(1, "pictures")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is to be read ("1,204"), and what it counts."""

    value: str = field(repr=False)
    label: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a card, at twice its size. `at` is where its baseline begins."""

    text: str = field(repr=False)
    font: ImageFont.FreeTypeFont
    colour: str
    at: tuple[int, int]


async def draw(figures: Sequence[Figure], caption: str = "") -> bytes:
    """Return what `card` does, drawn in a thread, so that nobody who is typing waits for it. Raises as `card` does."""
    return await asyncio.get_running_loop().run_in_executor(_one_by_one, card, figures, caption)


def card(figures: Sequence[Figure], caption: str = "") -> bytes:
    """Return a PNG, 1000 x 560, of one to four figures and a caption below; the same one for the same texts.

    What is long is wrapped and drawn smaller, never cut. A character that DejaVu lacks (an emoji, Chinese) is left out.
    Characters stand from left to right in the order in which they are stored: Arabic and Hebrew come out wrong. Raises
    ValueError for another number of figures, and for texts that are over 200 characters or fit at no legible size.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    pen = ImageDraw.Draw(image)
    _envelope(pen)
    for line in arrange(figures, caption):
        pen.text(line.at, line.text, line.colour, line.font, anchor="ls")
    png = BytesIO()
    image.reduce(FINER).save(png, "PNG")
    return png.getvalue()


def arrange(figures: Sequence[Figure], caption: str = "") -> list[Line]:
    """Return where each line of a card stands. Raises ValueError as `card` does."""
    if len(figures) not in LOOKS:
        raise ValueError(f"a card of {len(figures)} figures; 1 to {len(LOOKS)} are possible")
    longest = max(len(text) for text in (caption, *(text for each in figures for text in (each.value, each.label))))
    if longest > LONGEST:
        raise ValueError(f"a text of {longest} characters on a card; {LONGEST} is the limit")
    columns, value_size, label_size = LOOKS[len(figures)]
    rows = ceil(len(figures) / columns)

    below = _fit([_words(caption)], CAPTION_SIZE, WIDTH - 2 * MARGIN - ENVELOPE[0] - GAP, CAPTION_HEIGHT)
    foot = max(below.height, ENVELOPE[1])
    free = HEIGHT - 2 * MARGIN - foot
    width, height = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) // columns, free // rows - GAP
    values = _fit([_value(each.value) for each in figures], value_size, width, height * 3 // 5, bold=True)
    labels = _fit([_words(each.label) for each in figures], label_size, width, height - values.height - NEAR)
    row_height = values.height + NEAR + labels.height + GAP

    lines = below.lines(0, MARGIN, HEIGHT - MARGIN - (foot + below.height) // 2, CAPTION)
    for number in range(len(figures)):
        row, column = divmod(number, columns)
        left = MARGIN + column * (width + GAP)
        top = MARGIN + (free - rows * row_height) // 2 + row * row_height
        lines += values.lines(number, left, top, VALUE)
        lines += labels.lines(number, left, top + values.height + NEAR, LABEL)
    return lines


@dataclass(frozen=True, slots=True)
class _Block:
    """Texts in one size, each in lines. Every line takes `up` above its baseline and `down` below it."""

    texts: list[list[str]]
    font: ImageFont.FreeTypeFont
    up: int
    down: int

    @property
    def height(self) -> int:
        return max(map(len, self.texts)) * (self.up + self.down)

    def lines(self, number: int, left: int, top: int, colour: str) -> list[Line]:
        baselines = range(top + self.up, top + self.up + self.height, self.up + self.down)
        return [
            Line(text, self.font, colour, (left - _extent(text, self.font)[0], baseline))
            for text, baseline in zip(self.texts[number], baselines, strict=False)
        ]


def _fit(texts: Sequence[Sequence[str]], largest: int, width: int, height: int, *, bold: bool = False) -> _Block:
    """Set texts, given as their words, in the largest size at which all fit. Raises ValueError where none is.

    A value (they are bold) is one word and stays whole. Other words are broken only where two thirds of the size would
    not spare it.
    """

    def block(size: int, *, breaking: bool) -> _Block | None:
        font = _font(size, bold)
        lines = [_wrap(words, font, width, breaking=breaking) for words in texts]
        extents = [_extent(line, font) for each in lines for line in each]
        ascent, descent = font.getmetrics()
        up = max([ascent, *(-top for _, top, _, _ in extents)])
        down = max([descent, *(bottom for _, _, _, bottom in extents)])
        tall = max(map(len, lines)) * (up + down)
        if tall > height or any(right - left > width for left, _, right, _ in extents):
            return None
        return _Block(lines, font, up, down)

    if whole := _first(lambda size: block(size, breaking=False), largest, SMALLEST if bold else largest * 2 // 3):
        return replace(whole, texts=[_even(words, whole.font, width) for words in texts])
    broken = None if bold else _first(lambda size: block(size, breaking=True), largest, SMALLEST)
    if broken is None:
        raise ValueError("the texts of a card fit at no legible size")
    return broken


def _first(block: Callable[[int], _Block | None], largest: int, smallest: int) -> _Block | None:
    """Return the block of the largest size that makes one."""
    sizes = range(largest, smallest - 1, -FINER)
    at = bisect_left(sizes, True, key=lambda size: block(size) is not None)
    return block(sizes[at]) if at < len(sizes) else None


def _even(words: Sequence[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return as few lines as `width` allows, as even as they can be. A word that is wider is left whole."""
    fewest = len(_wrap(words, font, width, breaking=False))
    narrow = bisect_left(range(width), -fewest, key=lambda each: -len(_wrap(words, font, each, breaking=False)))
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


def _value(text: str) -> list[str]:
    whole = " ".join(_words(text, bold=True))
    return [whole] if whole else []


def _words(text: str, *, bold: bool = False) -> list[str]:
    composed = unicodedata.normalize("NFC", text)
    return "".join(each for each in composed if each.isspace() or _drawable(each, bold)).split()


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
    left, _, right, _ = _extent(text, font)
    return right - left


def _extent(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int, int, int]:
    """Return how far a text reaches to the left, up, right and down from where its baseline begins."""
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    return floor(left), floor(top), ceil(right), ceil(bottom)


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    # Pillow's other engine needs a library that not every machine has: the same card would look different there.
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(FONTS / name, size, layout_engine=ImageFont.Layout.BASIC)


def _envelope(pen: ImageDraw.ImageDraw) -> None:
    """Draw a letter that was not sent, in the corner."""
    right, bottom = WIDTH - MARGIN, HEIGHT - MARGIN
    left, top = right - ENVELOPE[0], bottom - ENVELOPE[1]
    stroke = 2 * FINER
    pen.rounded_rectangle((left, top, right, bottom), 8 * FINER, outline=FAINT, width=stroke)
    tip = ((left + right) // 2, top + ENVELOPE[1] * 5 // 9)
    pen.line([(left + stroke, top + stroke), tip, (right - stroke, top + stroke)], FAINT, stroke, joint="curve")
