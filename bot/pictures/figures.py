"""A card with a few figures and the words for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from PIL import Image, ImageDraw

from bot.pictures.sheet import FINER, HEIGHT, WIDTH, Line, finished, fit, short, whole, words

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
LONGEST = 200  # characters: twice what a community's name may have

BACKGROUND, FAINT = "#231e2a", "#4f4659"
VALUE, LABEL, CAPTION = "#f6dcae", "#ece4d8", "#cdc4cf"  # 7:1 or more against the background: WCAG 2.2, 1.4.6


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is to be read ("1,204"), and what it counts."""

    value: str = field(repr=False)
    label: str = field(repr=False)


def card(figures: Sequence[Figure], caption: str = "") -> bytes:
    """Return a PNG, 1000 x 560, of one to four figures and a caption below; the same one for the same texts.

    What is long is wrapped and drawn smaller, never cut. A character that DejaVu lacks (an emoji, Chinese) is left out.
    Characters stand from left to right in the order in which they are stored: Arabic and Hebrew come out wrong. Raises
    ValueError for another number of figures, and for texts that are over 200 characters or fit at no legible size.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), BACKGROUND)
    _envelope(ImageDraw.Draw(image))
    return finished(image, arrange(figures, caption))


def arrange(figures: Sequence[Figure], caption: str = "") -> list[Line]:
    """Return where each line of a card stands. Raises ValueError as `card` does."""
    if len(figures) not in LOOKS:
        raise ValueError(f"a card of {len(figures)} figures; 1 to {len(LOOKS)} are possible")
    short([caption, *(text for each in figures for text in (each.value, each.label))], LONGEST)
    columns, value_size, label_size = LOOKS[len(figures)]
    rows = ceil(len(figures) / columns)

    below = fit([words(caption)], CAPTION_SIZE, WIDTH - 2 * MARGIN - ENVELOPE[0] - GAP, CAPTION_HEIGHT)
    foot = max(below.height, ENVELOPE[1])
    free = HEIGHT - 2 * MARGIN - foot
    width, height = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) // columns, free // rows - GAP
    figured = [whole(each.value, bold=True) for each in figures]
    values = fit(figured, value_size, width, height * 3 // 5, bold=True, unbroken=True)
    labels = fit([words(each.label) for each in figures], label_size, width, height - values.height - NEAR)
    row_height = values.height + NEAR + labels.height + GAP

    lines = below.lines(0, MARGIN, HEIGHT - MARGIN - (foot + below.height) // 2, CAPTION)
    for number in range(len(figures)):
        row, column = divmod(number, columns)
        left = MARGIN + column * (width + GAP)
        top = MARGIN + (free - rows * row_height) // 2 + row * row_height
        lines += values.lines(number, left, top, VALUE)
        lines += labels.lines(number, left, top + values.height + NEAR, LABEL)
    return lines


def _envelope(pen: ImageDraw.ImageDraw) -> None:
    """Draw a letter that was not sent, in the corner."""
    right, bottom = WIDTH - MARGIN, HEIGHT - MARGIN
    left, top = right - ENVELOPE[0], bottom - ENVELOPE[1]
    stroke = 2 * FINER
    pen.rounded_rectangle((left, top, right, bottom), 8 * FINER, outline=FAINT, width=stroke)
    tip = ((left + right) // 2, top + ENVELOPE[1] * 5 // 9)
    pen.line([(left + stroke, top + stroke), tip, (right - stroke, top + stroke)], FAINT, stroke, joint="curve")
