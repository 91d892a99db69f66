"""The card of the insights: when urges and contacts came, by hour and by weekday, and below it how the days were."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

from bot.pictures.sheet import (
    DARK,
    FINER,
    HEIGHT,
    LIGHT,
    WIDTH,
    Colours,
    Line,
    extent,
    finished,
    fit,
    short,
    whole,
    words,
)

DAYS, WEEK, HOURS, LEVELS = 84, 7, 24, 5
KEPT = 256  # cards, of 20 to 40 kB each
LONGEST, LONGEST_NAME, LONGEST_WORD = 120, 30, 12  # characters
LONGEST_SHORT = 6  # a weekday; and an hour, of which every fourth is named

MARGIN, GAP, NEAR = 48 * FINER, 28 * FINER, 6 * FINER
LEFT, RIGHT, TOP, BOTTOM = MARGIN, WIDTH - MARGIN, MARGIN, HEIGHT - MARGIN
LEGEND, NAMES, MONTHS = 30 * FINER, 38 * FINER, 30 * FINER  # heights of the legend, and of what is below the charts
MARK = 22 * FINER  # of the legend
TICK = 40 * FINER  # how wide the number at the top of a chart may be
BY_HOUR = 532 * FINER  # of the width; the rest is that of the weekdays
LEVEL = 30 * FINER  # from one mood to the next
LEVEL_NAMES = 112 * FINER
FULL_MONTH = 250 * FINER  # what the shortest one has
MOODS = LEVELS * LEVEL
CHART = BOTTOM - TOP - LEGEND - NEAR - NAMES - GAP - MOODS - MONTHS

SIZE, SMALLER = 22 * FINER, 20 * FINER
DOT, THREAD, LINE, STROKE = 5 * FINER, 3 * FINER, 1 * FINER, 3 * FINER
TALLEST, ROOMY = 26 * FINER, 12 * FINER  # how tall one of a bar is at most; from where on they stand apart
APART = 2 * FINER  # between two
LEAST, LEAST_HOLLOW = 3 * FINER, 10 * FINER  # how tall all of a kind are at least


@dataclass(frozen=True, slots=True)
class Count:
    """How many urges and contacts came at one hour, or on one weekday; `name` stands below, where it is not empty."""

    name: str
    urges: int = field(repr=False)
    contacts: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Insights:
    """All that the card shows.

    `hours` are the 24 in the order of a day of theirs, perhaps with one more for what has none; `weekdays` are seven.
    Both are empty where there is too little to show: then `no_counts` says so in their place. `moods` are those of the
    84 days up to today, 1 to 5 or None, or empty, with `no_moods` in their place; `levels` are the names of 1 to 5.
    `months` are the days (0 to 83), in order, on which a month begins or is first seen. `legend` has the words for
    urges and for contacts.

    Raises ValueError for other numbers of these, and for texts that could not be read: over 120 characters in a note,
    30 in the legend, 12 in the levels and months, 6 in the other names.
    """

    hours: tuple[Count, ...]
    weekdays: tuple[Count, ...]
    no_counts: str = field(repr=False)
    moods: tuple[int | None, ...] = field(repr=False)
    no_moods: str = field(repr=False)
    levels: tuple[str, ...]
    months: tuple[tuple[int, str], ...] = field(repr=False)
    legend: tuple[str, str]
    light: bool = False

    def __post_init__(self) -> None:
        if len(self.hours) not in (0, HOURS, HOURS + 1) or len(self.weekdays) != (WEEK if self.hours else 0):
            raise ValueError("counts that are not of 24 hours and seven weekdays")
        if len(self.moods) not in (0, DAYS) or len(self.levels) != LEVELS:
            raise ValueError(f"moods that are not of {DAYS} days, or not of {LEVELS} levels")
        if not {*self.moods} <= {None, *range(1, LEVELS + 1)}:
            raise ValueError(f"a mood that is not within 1 and {LEVELS}")
        if min((least for each in self._counts for least in (each.urges, each.contacts)), default=0) < 0:
            raise ValueError("a count below nothing")
        begins = [day for day, _ in self.months]
        if begins != sorted({*begins} & {*range(DAYS)}):
            raise ValueError("months that are not in order, or not among the days")
        short([self.no_counts, self.no_moods], LONGEST)
        short(self.legend, LONGEST_NAME)
        short([*self.levels, *(name for _, name in self.months)], LONGEST_WORD)
        short([each.name for each in self._counts], LONGEST_SHORT)

    @property
    def _counts(self) -> tuple[Count, ...]:
        return (*self.hours, *self.weekdays)


@dataclass(frozen=True, slots=True)
class Bar:
    """Some of the urges, or of the contacts, of one hour or weekday: the box that they fill."""

    contacts: bool = field(repr=False)
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything on the card stands, at twice its size. `rules` are lines across, from left to right at a height.

    `dots` are days by their middle; `threads` join two that follow each other.
    """

    bars: tuple[Bar, ...]
    rules: tuple[tuple[int, int, int], ...]
    dots: tuple[tuple[int, int], ...]
    threads: tuple[tuple[int, int, int, int], ...]
    lines: tuple[Line, ...]


@lru_cache(maxsize=KEPT)
def insights_card(insights: Insights) -> bytes:
    """Return a PNG, 1000 x 560, of insights; the same one for the same values. The last 256 are kept.

    Urges are filled and contacts hollow, so that they differ in more than colour; a mood is told by its height. What is
    long is wrapped and drawn smaller, never cut; a month that has less room than its name needs is not named.
    Characters are drawn as on the other cards. Raises ValueError where texts fit at no legible size.
    """
    colours = LIGHT if insights.light else DARK
    plan = arrange(insights)
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.paper)
    pen = ImageDraw.Draw(image)
    for left, right, at in plan.rules:
        pen.rectangle((left, at, right - 1, at + LINE - 1), colours.quiet)
    for bar in plan.bars:
        left, top, right, bottom = bar.box
        if bar.contacts:
            pen.rectangle((left, top, right - 1, bottom - 1), outline=colours.contact, width=STROKE)
        else:
            pen.rectangle((left, top, right - 1, bottom - 1), colours.held)
    for thread in plan.threads:
        pen.line(thread, colours.held, THREAD)
    for x, y in plan.dots:
        pen.ellipse((x - DOT, y - DOT, x + DOT - 1, y + DOT - 1), colours.strong)
    return finished(image, plan.lines)


def arrange(insights: Insights) -> Plan:
    """Return where everything on the card stands. Raises ValueError as `insights_card` does."""
    colours = LIGHT if insights.light else DARK
    bars, rules, lines = _counted(insights, colours)
    dots, threads, levels, names = _moods(insights, colours)
    return Plan(tuple(bars), (*rules, *levels), tuple(dots), tuple(threads), (*lines, *names))


def _counted(insights: Insights, colours: Colours) -> tuple[list[Bar], list[tuple[int, int, int]], list[Line]]:
    """Return the upper half: the legend, the hours and the weekdays, or the note instead of them."""
    top = TOP + LEGEND + NEAR
    if not insights.hours:
        return [], [], _note(insights.no_counts, TOP, top + CHART + NAMES, colours)
    bars, lines = _legend(insights, colours)
    rules: list[tuple[int, int, int]] = []
    for counts, left, right in (
        (insights.hours, LEFT, LEFT + BY_HOUR),
        (insights.weekdays, LEFT + BY_HOUR + GAP, RIGHT),
    ):
        drawn, ruled, named = _chart(counts, (left, top, right, top + CHART), colours)
        bars, rules, lines = bars + drawn, rules + ruled, lines + named
    return bars, rules, lines


def _legend(insights: Insights, colours: Colours) -> tuple[list[Bar], list[Line]]:
    """Return the marks for what is there, each with its word."""
    there = [any(each.urges for each in insights.hours), any(each.contacts for each in insights.weekdays)]
    named = [(bool(kind), words(insights.legend[kind])) for kind in range(2) if there[kind]]
    width = (RIGHT - LEFT - GAP) // 2
    block = fit([name for _, name in named], SIZE, width - MARK - 2 * NEAR, LEGEND)
    bars: list[Bar] = []
    lines: list[Line] = []
    left = LEFT
    for number, (kind, _) in enumerate(named):
        top = TOP + (LEGEND - MARK) // 2
        bars.append(Bar(kind, (left, top, left + MARK, top + MARK)))
        tall = len(block.texts[number]) * (block.up + block.down)
        told = block.lines(number, left + MARK + NEAR + NEAR, TOP + (LEGEND - tall) // 2, colours.text)
        lines += told
        left = max([left, *(line.at[0] + extent(line.text, line.font)[2] for line in told)]) + GAP
    return bars, lines


def _chart(
    counts: Sequence[Count], box: tuple[int, int, int, int], colours: Colours
) -> tuple[list[Bar], list[tuple[int, int, int]], list[Line]]:
    """Return the bars of one chart, what they stand on and reach up to, and the names below."""
    left, top, right, bottom = box
    highest = max(each.urges + each.contacts for each in counts)
    first = left + TICK
    places = [number + (number == HOURS) for number in range(len(counts))]  # what has no hour stands apart
    pitch = (right - first) // (places[-1] + 1)
    wide = pitch * 4 // 5
    room = bottom - top - SMALLER // 2
    one = min(TALLEST, room // max(highest, 1))
    bars: list[Bar] = []
    for number, each in zip(places, counts, strict=True):
        at = first + number * pitch + (pitch - wide) // 2
        bars += _bar(each, highest, one, (at, bottom - room, at + wide, bottom))
    rules = [(first, right, bottom)]
    lines: list[Line] = []
    if highest:
        reach = bottom - (one * highest if one >= ROOMY else room)
        tick = fit([whole(str(highest))], SMALLER, TICK - NEAR, SMALLER * 2, unbroken=True, tight=True)
        rules.append((first, right, reach - LINE))
        lines += tick.lines(0, left, reach - tick.height // 2, colours.text, centred=TICK - NEAR)
    names = [(number, whole(each.name)) for number, each in zip(places, counts, strict=True) if each.name]
    step = min((after - before for (before, _), (after, _) in pairwise(names)), default=len(counts))
    last = first + (names[-1][0] if names else 0) * pitch + pitch // 2
    spread = min(min(step, 3) * pitch, 2 * (right - last)) - NEAR // 2
    block = fit([name for _, name in names], SMALLER, spread, NAMES - NEAR, tight=True)
    for place, (number, _) in enumerate(names):
        middle = first + number * pitch + pitch // 2
        lines += block.lines(place, middle - spread // 2, bottom + NEAR, colours.text, centred=spread)
    return bars, rules, lines


def _bar(count: Count, highest: int, one: int, box: tuple[int, int, int, int]) -> list[Bar]:
    """Return the bars of one count from its foot up, urges below contacts: one for each, or one for all of a kind.

    Where there are many, each kind that is there is as tall as it has to be to be seen.
    """
    left, top, right, foot = box
    if one >= ROOMY:
        kinds = [False] * count.urges + [True] * count.contacts
        return [
            Bar(kind, (left, foot - (step + 1) * one, right, foot - step * one - APART))
            for step, kind in enumerate(kinds)
        ]
    room = foot - top
    urges = max(count.urges * room // highest, count.urges and LEAST)
    contacts = max(count.contacts * room // highest, count.contacts and LEAST_HOLLOW)
    urges = min(urges, room - contacts)
    bars = [Bar(False, (left, foot - urges, right, foot))] if urges else []
    bars += [Bar(True, (left, foot - urges - contacts, right, foot - urges - APART))] if contacts else []
    return bars


def _moods(
    insights: Insights, colours: Colours
) -> tuple[list[tuple[int, int]], list[tuple[int, int, int, int]], list[tuple[int, int, int]], list[Line]]:
    """Return the lower half: the days at the heights of their moods, or the note instead of them."""
    bottom = BOTTOM - MONTHS
    top = bottom - MOODS
    if not insights.moods:
        return [], [], [], _note(insights.no_moods, top, BOTTOM, colours)
    block = fit([words(each) for each in insights.levels], SMALLER, LEVEL_NAMES, LEVEL - LINE, tight=True)
    first = LEFT + LEVEL_NAMES + 2 * NEAR
    pitch = (RIGHT - first - 2 * DOT) / (DAYS - 1)
    lines: list[Line] = []
    levels: list[tuple[int, int, int]] = []
    for number in range(LEVELS):
        middle = bottom - number * LEVEL - LEVEL // 2
        tall = len(block.texts[number]) * (block.up + block.down)
        lines += block.lines(number, LEFT, middle - tall // 2, colours.text)
        levels.append((first, RIGHT, middle))
    points = [
        None if mood is None else (round(first + DOT + day * pitch), bottom - (mood - 1) * LEVEL - LEVEL // 2)
        for day, mood in enumerate(insights.moods)
    ]
    threads = [(*one, *other) for one, other in pairwise(points) if one and other]
    named = fit([whole(name) for _, name in insights.months], SMALLER, FULL_MONTH, MONTHS - NEAR, unbroken=True)
    for number, (begin, end) in enumerate(pairwise([*(day for day, _ in insights.months), DAYS])):
        for line in named.lines(number, round(first + begin * pitch), bottom + NEAR, colours.text):
            left, _, right, _ = extent(line.text, line.font)
            if right - left <= (end - begin) * pitch - NEAR:
                lines.append(line)
    return [point for point in points if point], threads, levels, lines


def _note(text: str, top: int, bottom: int, colours: Colours) -> list[Line]:
    """Return the lines of a note in the middle of what it stands for."""
    width = (RIGHT - LEFT) * 2 // 3
    block = fit([words(text)], SIZE, width, bottom - top)
    return block.lines(0, (WIDTH - width) // 2, (top + bottom - block.height) // 2, colours.text, centred=width)
