"""The card of a streak: a ring to the next milestone, the last twelve weeks day by day, and the numbers in words."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import ceil, cos, pi, sin

from PIL import Image, ImageDraw

from bot.pictures.figures import Figure
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

DAYS, WEEK = 84, 7
KEPT = 256  # cards, of 20 to 60 kB each
MOST_LINES = 5
LONGEST, LONGEST_NAME, LONGEST_WORD = 60, 30, 12  # characters: so many of the widest Latin or Cyrillic letter fit

MARGIN, GAP, NEAR = 48 * FINER, 20 * FINER, 6 * FINER
PITCH, MARK = 38 * FINER, 28 * FINER  # of the calendar: from one day to the next, and what is drawn of it
CALENDAR = (DAYS // WEEK + 1) * PITCH - (PITCH - MARK)
LEFT, RIGHT = MARGIN, WIDTH - MARGIN - CALENDAR
COLUMN = RIGHT - 2 * GAP - LEFT
TALL = HEIGHT - 2 * MARGIN

RING, ALONE = 256 * FINER, 352 * FINER  # how wide the ring is: above words, and without any
TRACK, ARC = 4 * FINER, 18 * FINER
ROUND, BAR = 6 * FINER, 5 * FINER

DAYS_SIZE, UNIT_SIZE = 104 * FINER, 32 * FINER
LINE_SIZE, MONTH_SIZE, LEGEND_SIZE = 28 * FINER, 22 * FINER, 22 * FINER
MONTH_HEIGHT = 30 * FINER
FULL_MONTH = 4  # columns: what the shortest month has at least


class Day(StrEnum):
    """What the calendar says of a day."""

    HELD = "held"
    CONTACT = "contact"
    UNKNOWN = "unknown"
    UNAVOIDABLE = "unavoidable"
    BEFORE = "before"  # the beginning
    ASIDE = "aside"  # while the streak is set aside


@dataclass(frozen=True, slots=True)
class Streak:
    """All that the card of a streak shows.

    `ring` is how far it is from the last milestone to the next, 0 to 1. The last of the 84 days of the calendar is
    today; `first_weekday` is the weekday of the first of them, counted from the one that a week begins with for the
    reader, 0 to 6. `months` are the days of the calendar (0 to 83), in order, on which a month begins or is first seen,
    with its name. `legend` names states; those that do not occur are left out.

    Raises ValueError for another calendar, for what is not within these bounds, for over five lines, and for texts that
    could not be read: over 60 characters in a line, 30 in the legend and below the days, 12 in a month and the days.
    """

    days: Figure
    ring: float = field(repr=False)
    milestone: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    calendar: tuple[Day, ...] = field(repr=False)
    first_weekday: int = field(repr=False)
    months: tuple[tuple[int, str], ...] = field(repr=False)
    legend: tuple[tuple[Day, str], ...] = field(repr=False)
    light: bool = False
    discreet: bool = False

    def __post_init__(self) -> None:
        if len(self.calendar) != DAYS or not 0 <= self.first_weekday < WEEK:
            raise ValueError(f"a calendar that is not of {DAYS} days, or does not begin on a weekday")
        if not 0 <= self.ring <= 1:
            raise ValueError("a ring that is not within 0 and 1")
        if len(self.lines) > MOST_LINES:
            raise ValueError(f"{len(self.lines)} lines on a card; {MOST_LINES} are possible")
        begins = [day for day, _ in self.months]
        if begins != sorted({*begins} & {*range(DAYS)}):
            raise ValueError("months that are not in order, or not on the calendar")
        short([self.milestone, *self.lines], LONGEST)
        short([self.days.label, *(name for _, name in self.legend)], LONGEST_NAME)
        short([self.days.value, *(name for _, name in self.months)], LONGEST_WORD)


@dataclass(frozen=True, slots=True)
class Mark:
    """A day of the calendar or of the legend, and the corner of the square that it is drawn in."""

    day: Day = field(repr=False)
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything on the card stands, at twice its size. The ring is the square around it."""

    ring: tuple[int, int, int, int]
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]


@lru_cache(maxsize=KEPT)
def streak_card(streak: Streak) -> bytes:
    """Return a PNG, 1000 x 560, of a streak; the same one for the same values. The last 256 are kept.

    The states of the days differ in shape, not in colour alone. Of the words, a discreet card has the days and nothing
    else. What is long is wrapped and drawn smaller, never cut; a month that has less room than its name needs is not
    named. Characters are drawn as on the other card. Raises ValueError
    where texts fit at no legible size; in Latin, Greek and Cyrillic all do.
    """
    colours = LIGHT if streak.light else DARK
    plan = arrange(streak)
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.paper)
    pen = ImageDraw.Draw(image)
    _ring(pen, plan.ring, streak.ring, colours)
    for mark in plan.marks:
        _mark(pen, mark, colours)
    return finished(image, plan.lines)


def arrange(streak: Streak) -> Plan:
    """Return where everything on the card stands. Raises ValueError as `streak_card` does."""
    colours = LIGHT if streak.light else DARK
    if streak.discreet:
        streak = replace(streak, milestone="", lines=(), months=(), legend=())

    told = [(colours.strong, words(streak.milestone)), *((colours.text, words(each)) for each in streak.lines)]
    told = [(colour, text) for colour, text in told if text]
    below = fit([text for _, text in told], LINE_SIZE, COLUMN, TALL - RING - GAP, gap=NEAR)
    wide = RING if below.height else ALONE
    top = MARGIN + (TALL - wide - (below.height and GAP + below.height)) // 2
    left = LEFT + (COLUMN - wide) // 2
    ring = (left, top, left + wide, top + wide)
    inside = _inside(streak.days, ring, colours)
    numbers = below.stack(LEFT, top + wide + GAP, [colour for colour, _ in told], COLUMN)

    legend = [(day, words(name)) for day, name in streak.legend if day in streak.calendar]
    marks, names = _calendar(streak, legend, colours)
    return Plan(ring, tuple(marks), (*inside, *numbers, *names))


def _inside(days: Figure, ring: tuple[int, int, int, int], colours: Colours) -> list[Line]:
    """Return the lines of the days, in the middle of the ring."""
    left, top, right, bottom = ring
    radius = (right - left) // 2 - ARC - NEAR
    width, height = radius * 8 // 5, radius * 6 // 5
    larger = (right - left) / RING
    values, tall = [whole(days.value, bold=True)], height * 3 // 5
    value = fit(values, int(DAYS_SIZE * larger), width, tall, bold=True, unbroken=True, tight=True)
    unit = fit([words(days.label)], int(UNIT_SIZE * larger), width, height - tall - 2 * NEAR, tight=True)
    apart = 2 * NEAR if value.height and unit.height else 0
    begin = (top + bottom - value.height - apart - unit.height) // 2
    at = (left + right - width) // 2
    return [
        *value.lines(0, at, begin, colours.strong, centred=width),
        *unit.lines(0, at, begin + value.height + apart, colours.text, centred=width),
    ]


def _calendar(streak: Streak, legend: list[tuple[Day, list[str]]], colours: Colours) -> tuple[list[Mark], list[Line]]:
    """Return the days in columns of a week, the names of the months above, and the legend below."""
    above = MONTH_HEIGHT if streak.months else 0
    grid = WEEK * PITCH - (PITCH - MARK)
    rows, width = ceil(len(legend) / 2), (CALENDAR - GAP) // 2
    room = (TALL - above - grid - GAP) // max(rows, 1) - NEAR
    named = fit([name for _, name in legend], LEGEND_SIZE, width - MARK - 2 * NEAR, room)
    row_height = max(MARK, named.height) + NEAR
    below = GAP + rows * row_height - NEAR if rows else 0
    top = MARGIN + (TALL - above - grid - below) // 2

    lines = _months(streak, top, colours)
    marks: list[Mark] = []
    for number, day in enumerate(streak.calendar, streak.first_weekday):
        column, row = divmod(number, WEEK)
        marks.append(Mark(day, (RIGHT + column * PITCH, top + above + row * PITCH)))
    for number, (day, _) in enumerate(legend):
        row, column = divmod(number, 2)
        left = RIGHT + column * (width + GAP)
        middle = top + above + grid + GAP + row * row_height + (row_height - NEAR) // 2
        tall = len(named.texts[number]) * (named.up + named.down)
        marks.append(Mark(day, (left, middle - MARK // 2)))
        lines += named.lines(number, left + MARK + 2 * NEAR, middle - tall // 2, colours.text)
    return marks, lines


def _months(streak: Streak, top: int, colours: Colours) -> list[Line]:
    """Return the names of the months that have room, each above the column in which its month begins."""
    columns = [(day + streak.first_weekday) // WEEK for day, _ in streak.months]
    names = fit(
        [whole(name) for _, name in streak.months],
        MONTH_SIZE,
        FULL_MONTH * PITCH - (PITCH - MARK),
        MONTH_HEIGHT - NEAR,
        unbroken=True,
    )
    lines: list[Line] = []
    for number, (column, end) in enumerate(pairwise([*columns, DAYS // WEEK + 1])):
        for line in names.lines(number, RIGHT + column * PITCH, top, colours.text):
            left, _, right, _ = extent(line.text, line.font)
            if right - left <= (end - column) * PITCH - (PITCH - MARK):
                lines.append(line)
    return lines


def _ring(pen: ImageDraw.ImageDraw, box: tuple[int, int, int, int], part: float, colours: Colours) -> None:
    left, top, right, bottom = box
    inset = (ARC - TRACK) // 2
    pen.ellipse((left + inset, top + inset, right - inset - 1, bottom - inset - 1), outline=colours.quiet, width=TRACK)
    if not part:
        return
    pen.arc((left, top, right - 1, bottom - 1), -90, -90 + 360 * part, colours.strong, ARC)
    radius = (right - left - ARC) / 2
    for turn in (0, 2 * pi * part):
        x, y = (left + right) / 2 + radius * sin(turn), (top + bottom) / 2 - radius * cos(turn)
        pen.ellipse((x - ARC / 2, y - ARC / 2, x + ARC / 2 - 1, y + ARC / 2 - 1), colours.strong)


def _mark(pen: ImageDraw.ImageDraw, mark: Mark, colours: Colours) -> None:
    left, top = mark.at
    right, bottom = left + MARK - 1, top + MARK - 1
    middle, centre = left + MARK // 2, top + MARK // 2

    def dot(radius: int, colour: str) -> None:
        pen.ellipse((middle - radius, centre - radius, middle + radius - 1, centre + radius - 1), colour)

    match mark.day:
        case Day.HELD:
            pen.rounded_rectangle((left, top, right, bottom), ROUND, colours.held)
        case Day.UNAVOIDABLE:
            pen.rounded_rectangle((left, top, right, bottom), ROUND, colours.held)
            dot(MARK // 4, colours.paper)
        case Day.CONTACT:
            pen.ellipse((left, top, right, bottom), outline=colours.contact, width=5 * FINER)
        case Day.UNKNOWN:
            pen.rounded_rectangle((left, top, right, bottom), ROUND, outline=colours.quiet, width=2 * FINER)
        case Day.ASIDE:
            for bar in (left + MARK // 4, right - MARK // 4 - BAR + 1):
                pen.rectangle((bar, top + MARK // 6, bar + BAR - 1, bottom - MARK // 6), colours.quiet)
        case Day.BEFORE:
            dot(MARK // 8, colours.quiet)
