"""The circle to breathe with: as slow as a breath, without end, small enough for a phone, and drawn aside."""

import asyncio
import threading
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageColor

from bot import pictures
from bot.pictures import breath, draw_breath
from bot.pictures.streak import DARK
from tests.bot.test_pictures import contrast

PAPER = ImageColor.getrgb(DARK.paper)


def frames() -> list[tuple[int, Image.Image]]:
    """Return every picture of the GIF in full, and when it comes, in milliseconds from the beginning."""
    found: list[tuple[int, Image.Image]] = []
    at = 0
    with Image.open(BytesIO(breath())) as moving:
        for number in range(getattr(moving, "n_frames", 1)):
            moving.seek(number)
            found.append((at, moving.convert("RGB")))
            at += moving.info["duration"]
    return found


def width(image: Image.Image) -> int:
    """Return how wide whatever is not paper is."""
    left, _, right, _ = box(image)
    return right - left


def box(image: Image.Image) -> tuple[int, int, int, int]:
    """Return what covers whatever is not paper."""
    found = ImageChops.difference(image, Image.new("RGB", image.size, PAPER)).getbbox()
    assert found
    return found


def test_it_is_a_gif_that_is_small_and_never_ends() -> None:
    assert len(breath()) < 250_000
    with Image.open(BytesIO(breath())) as moving:
        assert (moving.format, moving.size) == ("GIF", (320, 320))
        assert moving.info["loop"] == 0


def test_a_breath_takes_ten_seconds_and_no_picture_stands_long() -> None:
    with Image.open(BytesIO(breath())) as moving:
        times: list[int] = []
        for number in range(getattr(moving, "n_frames", 1)):
            moving.seek(number)
            times.append(moving.info["duration"])
    assert sum(times) == 10_000
    assert len(times) > 100
    assert max(times) <= 400  # where it hardly moves, equal ones are one


def test_it_grows_for_four_seconds_and_shrinks_for_six_without_a_jump() -> None:
    shown = [(at, width(image)) for at, image in frames()]
    widest = max(wide for _, wide in shown)
    assert min(at for at, wide in shown if wide == widest) in range(3700, 4001)
    assert widest > 2.5 * shown[0][1]
    growing = [wide for at, wide in shown if at <= 4000]
    assert growing == sorted(growing)
    shrinking = [wide for at, wide in shown if at >= 4000]
    assert shrinking == sorted(shrinking, reverse=True)
    assert max(abs(one - other) for (_, one), (_, other) in pairwise([*shown, shown[0]])) <= 8


def test_it_stays_in_the_middle_and_can_be_seen() -> None:
    for _, image in frames()[::10]:
        left, top, right, bottom = box(image)
        assert left + right == top + bottom == 320
        inside = image.getpixel((160, 160))
        assert isinstance(inside, tuple)
        assert contrast(inside, PAPER) >= 3  # WCAG 2.2, 1.4.11


async def test_it_is_made_once_and_the_loop_goes_on_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await draw_breath() is await draw_breath()
    go_on, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly() -> bytes:
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)
        return b"drawn"

    monkeypatch.setattr(pictures, "breath", slowly)
    drawing = asyncio.create_task(draw_breath())
    await begun.wait()
    go_on.set()
    assert await drawing == b"drawn"
