"""The card of a desk: week by week, within how long half of the answers came, and nine in ten of them."""

from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from bot.pictures.sheet import DARK, FINER, HEIGHT, WIDTH, Line, extent, finished, fit, short, whole, words

MOST = 12  # weeks
LONGEST, LONGEST_NAME = 30, 12  # characters of the legend, and of a week's or a level's name

MARGIN, GAP, NEAR = 48 * FINER, 28 * FINER, 6 * FINER
LEFT, RIGHT, TOP, BOTTOM = MARGIN, WIDTH - MARGIN, MARGIN, HEIGHT - MARGIN
LEGEND, NAMES, MARK = 34 * FINER, 40 * FINER, 22 * FINER
LEVEL_NAMES = 150 * FINER
SIZE, SMALLER = 24 * FINER, 20 * FINER
LINE, STROKE = 1 * FINER, 3 * FINER


@dataclass(frozen=True, slots=True)
class Span:
    """One week: `name` stands below it; `half` and `most` are levels, 1 and up, or None where nothing was answered."""

    name: str
    half: int | None = field(default=None, repr=False)
    most: int | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Waits:
    """All that the card shows: the weeks, the oldest first; the names of the levels from 1 up; the words for both bars.

    Raises ValueError for none or more than twelve weeks, for levels that have no name, and for texts over 30 characters
    in the legend or 12 elsewhere.
    """

    weeks: tuple[Span, ...]
    levels: tuple[str, ...]
    legend: tuple[str, str]

    def __post_init__(self) -> None:
        if not 1 <= len(self.weeks) <= MOST:
            raise ValueError(f"{len(self.weeks)} weeks; 1 to {MOST} are possible")
        told = [level for each in self.weeks for level in (each.half, each.most) if level is not None]
        if any(not 1 <= level <= len(self.levels) for level in told):
            raise ValueError("a level that has no name")
        short(self.legend, LONGEST)
        short([*self.levels, *(each.name for each in self.weeks)], LONGEST_NAME)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `hollow` where it is that of nine in ten."""

    hollow: bool
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything on the card stands, at twice its size. `rules` are heights of lines across."""

    bars: tuple[Bar, ...]
    rules: tuple[int, ...]
    lines: tuple[Line, ...]


def waits_card(waits: Waits) -> bytes:
    """Return a PNG, 1000 x 560, of the weeks of a desk; the same one for the same values.

    Half of the answers is a filled bar, nine in ten a hollow one, so that they differ in more than colour. Texts are
    drawn as on the other cards. Raises ValueError where they fit at no legible size.
    """
    plan = arrange(waits)
    image = Image.new("RGB", (WIDTH, HEIGHT), DARK.paper)
    pen = ImageDraw.Draw(image)
    for at in plan.rules:
        pen.rectangle((LEFT + LEVEL_NAMES, at, RIGHT - 1, at + LINE - 1), DARK.quiet)
    for bar in plan.bars:
        left, top, right, bottom = bar.box
        if bar.hollow:
            pen.rectangle((left, top, right - 1, bottom - 1), DARK.paper, outline=DARK.contact, width=STROKE)
        else:
            pen.rectangle((left, top, right - 1, bottom - 1), DARK.held)
    return finished(image, plan.lines)


def arrange(waits: Waits) -> Plan:
    """Return where everything on the card stands. Raises ValueError as `waits_card` does."""
    bars, lines = _legend(waits.legend)
    bottom, first = BOTTOM - NAMES, LEFT + LEVEL_NAMES
    level = (bottom - TOP - LEGEND - GAP) // len(waits.levels)
    rules = [bottom]
    block = fit([whole(each) for each in waits.levels], SMALLER, LEVEL_NAMES - 2 * NEAR, level - LINE, tight=True)
    for number in range(len(waits.levels)):
        at = bottom - (number + 1) * level
        rules.append(at)
        tall = len(block.texts[number]) * (block.up + block.down)
        lines += block.lines(number, LEFT, at - tall // 2, DARK.text)
    pitch = (RIGHT - first) // len(waits.weeks)
    wide = pitch * 3 // 8
    for number, each in enumerate(waits.weeks):
        left = first + number * pitch + (pitch - 2 * wide) // 2
        if each.half is not None:
            bars.append(Bar(False, (left, bottom - each.half * level, left + wide - NEAR // 2, bottom)))
        if each.most is not None:
            bars.append(Bar(True, (left + wide, bottom - each.most * level, left + 2 * wide, bottom)))
    names = fit([words(each.name) for each in waits.weeks], SMALLER, pitch - NEAR, NAMES - NEAR, tight=True)
    for number in range(len(waits.weeks)):
        lines += names.lines(number, first + number * pitch + NEAR // 2, bottom + NEAR, DARK.text, centred=pitch - NEAR)
    return Plan(tuple(bars), tuple(rules), tuple(lines))


def _legend(legend: tuple[str, str]) -> tuple[list[Bar], list[Line]]:
    width = (RIGHT - LEFT - GAP) // 2
    block = fit([words(each) for each in legend], SIZE, width - MARK - 2 * NEAR, LEGEND)
    bars: list[Bar] = []
    lines: list[Line] = []
    left = LEFT
    for number in range(2):
        top = TOP + (LEGEND - MARK) // 2
        bars.append(Bar(bool(number), (left, top, left + MARK, top + MARK)))
        tall = len(block.texts[number]) * (block.up + block.down)
        told = block.lines(number, left + MARK + 2 * NEAR, TOP + (LEGEND - tall) // 2, DARK.text)
        lines += told
        left = max([left, *(line.at[0] + extent(line.text, line.font)[2] for line in told)]) + GAP
    return bars, lines
