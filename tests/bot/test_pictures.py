"""Cards: whatever is on them can be read, is all there, and touches nothing else."""

import asyncio
import re
import threading
import unicodedata
from collections.abc import Sequence
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import communities, pictures
from bot.pictures import Figure, card, draw
from bot.pictures.figures import CAPTION, LABEL, VALUE, arrange
from bot.pictures.sheet import Line, png

Box = tuple[float, float, float, float]

THREE = (Figure("612", "days held together"), Figure("40", "urges ridden out"), Figure("23", "questions answered"))
NOTHING = (Figure("", ""),)
WIDEST = "\u1676"  # of all that DejaVu has in both weights
TALLEST = "\u1eb2\u0327"
ENVELOPE = (840, 432, 936, 496)

LETTERS = st.sampled_from(
    [
        chr(code)
        for low, high in ((0x21, 0x7E), (0xC0, 0x17F), (0x3B1, 0x3C9), (0x410, 0x44F))
        for code in range(low, high)
    ]
    + ["\u1eb2", "e\u0301\u0327", "\u2031", WIDEST]
)
WORDS = st.lists(st.lists(LETTERS, min_size=1, max_size=18).map("".join), max_size=12).map(" ".join)
NUMBERS = st.integers(0, 999_999_999).flatmap(
    lambda number: st.sampled_from([f"{number}", f"{number:,}", f"{number:,}".replace(",", "\u202f")])
)
FIGURES = st.lists(st.builds(Figure, NUMBERS, WORDS.map(lambda text: text[:60])), min_size=1, max_size=4)


def opened(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    assert image.format == "PNG"
    return image


def box(line: Line) -> Box:
    """Return what a line covers in the finished picture, ink and advance: left, top, right, bottom."""
    left, top, right, bottom = line.font.getbbox(line.text, anchor="ls")
    x, y = line.at
    return (x + left) / 2, (y + top) / 2, (x + right) / 2, (y + bottom) / 2


def apart(one: Box, other: Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def together(texts: Sequence[str]) -> str:
    return unicodedata.normalize("NFC", "".join("".join(texts).split()))


def all_there(figures: Sequence[Figure], caption: str) -> None:
    lines = arrange(figures, caption)
    for colour, texts in (
        (VALUE, [each.value for each in figures]),
        (LABEL, [each.label for each in figures]),
        (CAPTION, [caption]),
    ):
        assert together([line.text for line in lines if line.colour == colour]) == together(texts)
    boxes = [box(line) for line in lines]
    assert all(left >= 64 and top >= 64 and right <= 936 and bottom <= 496 for left, top, right, bottom in boxes)
    assert all(apart(one, other) for one, other in combinations([*boxes, ENVELOPE], 2))


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """WCAG 2.2, "contrast ratio"."""

    def luminance(colour: Sequence[int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_png_has_every_pixel(width: int, height: int, data: st.DataObject) -> None:
    pixels = data.draw(st.binary(min_size=3 * width * height, max_size=3 * width * height))
    found = opened(png(Image.frombytes("RGB", (width, height), pixels)))
    found.verify()  # the check sums
    read = opened(png(Image.frombytes("RGB", (width, height), pixels)))
    assert (read.mode, read.size, read.tobytes()) == ("RGB", (width, height), pixels)


async def test_a_card_is_a_png_and_the_same_for_the_same_texts() -> None:
    png = await draw(THREE, "Quiet Harbour")
    assert opened(png).size == (1000, 560)
    assert png == card(THREE, "Quiet Harbour")
    assert png != card(THREE, "Quiet Garden")


@given(FIGURES, WORDS.map(lambda text: text[: communities.NAME]))
@settings(max_examples=60, deadline=None)
def test_nothing_is_cut_and_nothing_touches(figures: list[Figure], caption: str) -> None:
    all_there(figures, caption)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("letter", [WIDEST, TALLEST, "W", "x "])
def test_the_longest_texts_fit(letter: str, count: int) -> None:
    all_there([Figure("987,654,321", (letter * 60)[:60])] * count, (letter * communities.NAME)[: communities.NAME])


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_margins_stay_empty(count: int) -> None:
    image = opened(card([Figure("987,654,321", f"{TALLEST * 20} gypsy" * 2)] * count, f"{TALLEST}{WIDEST} " * 33))
    for edge in ((0, 0, 1000, 64), (0, 0, 64, 560), (937, 0, 1000, 560), (0, 497, 1000, 560)):
        assert image.crop(edge).getcolors() is not None
        assert len(image.crop(edge).getcolors() or ()) == 1


def test_all_text_stands_out_from_the_dark_and_nothing_is_red() -> None:
    image = opened(card(THREE, "Quiet Harbour"))
    colours = {colour for _, colour in image.getcolors(1 << 20) or ()}
    night = image.getpixel((0, 0))
    assert isinstance(night, tuple)
    assert max(night) < 64
    for line in arrange(THREE, "Quiet Harbour"):
        left, top, right, bottom = map(int, box(line))
        inked = {colour for _, colour in image.crop((left, top, right, bottom)).getcolors(1 << 20) or ()}
        assert max(contrast(colour, night) for colour in inked) >= 7
    assert not [(r, g, b) for r, g, b in colours if r > 1.5 * max(g, b)]


def test_the_envelope_stays_faint() -> None:
    image = opened(card(NOTHING))
    colours = [colour for _, colour in image.crop(ENVELOPE).getcolors(1 << 20) or ()]
    assert 1 < max(contrast(one, other) for one, other in combinations(colours, 2)) < 2.5


def test_values_are_large_and_of_one_size_and_a_long_one_makes_all_smaller() -> None:
    def sizes(figures: Sequence[Figure], colour: str) -> set[float]:
        return {line.font.size for line in arrange(figures) if line.colour == colour}

    (values,), (labels,) = sizes(THREE, VALUE), sizes(THREE, LABEL)
    assert values > 2 * labels
    (smaller,) = sizes((*THREE[:2], Figure("123,456,789", "questions answered")), VALUE)
    assert smaller < values


def test_a_long_label_takes_as_few_lines_as_it_can_and_even_ones() -> None:
    assert [line.text for line in arrange(THREE) if line.colour == LABEL] == [
        "days held",
        "together",
        "urges",
        "ridden out",
        "questions",
        "answered",
    ]


def test_a_zero_looks_like_any_other_number() -> None:
    zero, eight = (arrange((Figure(value, "days held"), *THREE[1:])) for value in "08")
    assert [(line.font, line.colour, line.at) for line in zero] == [(line.font, line.colour, line.at) for line in eight]


@pytest.mark.parametrize(
    "text", ["Harbour \U0001f331\ufe0f", "\u4e2d\u6587 Harbour", "Har\xadbour\u202e", "Har\x00bour\ud800"]
)
def test_what_cannot_be_drawn_is_left_out(text: str) -> None:
    assert card(THREE, text) == card(THREE, "Harbour")
    assert card([Figure("7", text)]) == card([Figure("7", "Harbour")])


def test_an_accent_is_the_same_joined_or_not() -> None:
    assert card(THREE, "Cafe\u0301") == card(THREE, "Café")


@pytest.mark.parametrize("figures", [(), THREE + THREE[:2]])
def test_another_number_of_figures_is_refused(figures: tuple[Figure, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 4 are possible"):
        card(figures)


@pytest.mark.parametrize(
    ("figures", "caption", "why"),
    [
        ([Figure("9" * 200, "days")] * 4, "", "fit at no legible size"),
        (THREE, "W" * 201, "201 characters"),
        ([Figure("7", "W" * 10_000)], "", "10000 characters"),
        ([Figure("9" * 201, "days")], "", "201 characters"),
    ],
)
def test_what_could_not_be_read_is_refused(figures: Sequence[Figure], caption: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        card(figures, caption)


def test_a_figure_in_a_log_shows_nothing() -> None:
    assert repr(THREE[0]) == "Figure()"
    assert "612" not in re.sub("0x[0-9a-f]+", "", repr(arrange(THREE[:1])))  # addresses


async def test_the_loop_goes_on_while_cards_are_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, drawing, begun = threading.Event(), threading.Lock(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(figures: Sequence[Figure], caption: str) -> bytes:
        assert drawing.acquire(blocking=False)
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)
        drawing.release()
        return caption.encode()

    monkeypatch.setattr(pictures, "card", slowly)
    cards = asyncio.gather(*(draw(THREE, name) for name in ("a", "b", "c")))
    await begun.wait()
    go_on.set()
    assert await cards == [b"a", b"b", b"c"]
