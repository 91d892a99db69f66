"""A circle to breathe with: it grows while one breathes in and shrinks while one breathes out."""

from functools import cache
from io import BytesIO
from math import cos, pi

from PIL import Image, ImageColor, ImageDraw

from bot.pictures.sheet import DARK, FINER

SIDE = 320
IN, OUT, STEP = 4000, 6000, 80  # milliseconds: a breath in, a breath out, and how long each picture of them stands
SMALL, LARGE = 32, 96  # pixels: the circle's radius between two breaths, and when it is widest
RINGS = 2  # paler ones around the circle: each step from shade to shade in a row costs bytes, so there are few
WIDER = 1 / 8  # of the radius: how much wider each ring is than what it is around
SMOOTH = FINER**2  # shades between a ring and the next, which reducing makes


@cache
def breath() -> bytes:
    """Return a GIF, 320 x 320, of one breath, which goes on without end: 4 s in, 6 s out, without a word.

    A GIF, as it is all that moves on Discord, on Telegram and in a page alike: none of the others does on all three.
    It begins where a breath in does. Made once, and kept.
    """
    coming, going = IN // STEP, OUT // STEP
    widths = [_between(at / coming) for at in range(coming)] + [_between(1 - at / going) for at in range(going)]
    first, *others = map(_drawn, widths)
    gif = BytesIO()
    first.save(gif, "GIF", save_all=True, append_images=others, duration=STEP, loop=0, optimize=False)
    return gif.getvalue()


def _between(part: float) -> float:
    """Return the radius at a part of a breath, 0 to 1: slow at both ends, as breath is."""
    return SMALL + (LARGE - SMALL) * (1 - cos(pi * part)) / 2


def _drawn(radius: float) -> Image.Image:
    """Return the circle and its rings, in steps from the paper to the colour of a day that was held."""
    image, middle = Image.new("L", (SIDE * FINER, SIDE * FINER)), SIDE * FINER // 2
    pen = ImageDraw.Draw(image)
    for ring in range(RINGS, -1, -1):
        reach = round(radius * (1 + ring * WIDER) * FINER)
        box = (middle - reach, middle - reach, middle + reach - 1, middle + reach - 1)
        pen.ellipse(box, (RINGS + 1 - ring) * SMOOTH)
    image = image.reduce(FINER)
    paper, held = ImageColor.getrgb(DARK.paper), ImageColor.getrgb(DARK.held)
    last = (RINGS + 1) * SMOOTH
    image.putpalette(
        [round(a + (b - a) * shade / last) for shade in range(last + 1) for a, b in zip(paper, held, strict=True)]
    )
    return image
