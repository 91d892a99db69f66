"""The card of a streak: it can be read, it is all there, it needs no colours, and a discreet one tells nothing."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import cos, hypot, pi, sin
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot import pictures
from bot.pictures import Day, Figure, Streak, draw, draw_streak, streak_card
from bot.pictures.sheet import FINER, Line
from bot.pictures.streak import ARC, DARK, LIGHT, MARK, Mark, Plan, arrange
from tests.bot.test_pictures import LETTERS, TALLEST, WIDEST, Box, apart, box, contrast, opened, together

LEGEND = tuple((day, f"{day} days") for day in Day)
MIXED = tuple(Day) * 14
TOO_WIDE = (WIDEST, "\u2031")
EDGES = (48, 48, 952, 512)


def streak(**changed: Any) -> Streak:
    """Return a streak of 47 days, or a changed one."""
    usual = Streak(
        days=Figure("47", "days"),
        ring=2 / 15,
        milestone="13 days to day 60",
        lines=("since 8 January", "longest: 61 days", "61 of 64 days held"),
        calendar=(Day.BEFORE,) * 36 + (Day.CONTACT,) + (Day.HELD,) * 47,
        first_weekday=3,
        months=((0, "Dec"), (20, "January"), (51, "February"), (79, "March")),
        legend=LEGEND,
    )
    return replace(usual, **changed)


def words(longest: int) -> st.SearchStrategy[str]:
    """Return texts of at most so many characters."""
    some = st.lists(
        st.lists(LETTERS.filter(lambda letter: letter not in TOO_WIDE), min_size=1, max_size=18).map("".join),
        max_size=12,
    )
    return some.map(lambda each: " ".join(each)[:longest])


STREAKS = st.builds(
    Streak,
    days=st.builds(Figure, words(12), words(30)),
    ring=st.floats(0, 1),
    milestone=words(60),
    lines=st.lists(words(60), max_size=5).map(tuple),
    calendar=st.lists(st.sampled_from(Day), min_size=84, max_size=84).map(tuple),
    first_weekday=st.integers(0, 6),
    months=st.lists(st.tuples(st.integers(0, 83), words(12)), max_size=4, unique_by=lambda month: month[0]).map(
        lambda months: tuple(sorted(months))
    ),
    legend=st.lists(st.tuples(st.sampled_from(Day), words(30)), max_size=6, unique_by=lambda named: named[0]).map(
        tuple
    ),
    light=st.booleans(),
    discreet=st.booleans(),
)


def square(mark: Mark) -> Box:
    """Return what a mark covers in the finished picture."""
    left, top = mark.at
    return left / FINER, top / FINER, (left + MARK) / FINER, (top + MARK) / FINER


def ring(plan: Plan) -> Box:
    """Return the square around the ring in the finished picture."""
    left, top, right, bottom = plan.ring
    return left / FINER, top / FINER, right / FINER, bottom / FINER


def in_ring(plan: Plan, line: Line) -> bool:
    """Whether a line begins within the square around the ring."""
    left, top, right, bottom = ring(plan)
    x, y, *_ = box(line)
    return left < x < right and top < y < bottom


def all_there(shown: Streak) -> None:
    """Check that every text is there, and that nothing is cut or touches anything else."""
    plan = arrange(shown)
    inside = [line for line in plan.lines if in_ring(plan, line)]
    outside = [line for line in plan.lines if not in_ring(plan, line)]
    assert together([line.text for line in inside]) == together([shown.days.value, shown.days.label])
    legend = [name for day, name in shown.legend if day in shown.calendar]
    above = min(square(mark)[1] for mark in plan.marks)
    months = [line for line in outside if box(line)[0] > square(plan.marks[0])[0] - 40 and box(line)[3] <= above]
    texts = [] if shown.discreet else [shown.milestone, *shown.lines, *legend]
    assert together([line.text for line in outside if line not in months]) == together(texts)
    columns = [(day + shown.first_weekday) // 7 for day, _ in shown.months]
    ends = [*columns[1:], 13]
    roomy = [together([name]) for (_, name), at, end in zip(shown.months, columns, ends, strict=False) if end - at >= 4]
    named = {together([line.text]) for line in months}
    assert {*roomy} - {""} <= named or shown.discreet
    assert named <= {together([name]) for _, name in shown.months}
    assert not (shown.discreet and months)

    left, top, right, bottom = ring(plan)
    radius = (right - left) / 2 - ARC / FINER
    for line in inside:
        corners = [(x - (left + right) / 2, y - (top + bottom) / 2) for x in box(line)[::2] for y in box(line)[1::2]]
        assert max(hypot(*corner) for corner in corners) < radius
    boxes = [*map(box, outside), *map(square, plan.marks), (left, top, right, bottom)]
    assert all(x >= EDGES[0] and y >= EDGES[1] and to_x <= EDGES[2] and to_y <= EDGES[3] for x, y, to_x, to_y in boxes)
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(apart(box(one), box(other)) for one, other in combinations(inside, 2))
    assert len(plan.marks) == 84 + (0 if shown.discreet else len(legend))


def painted(shown: Streak) -> Image.Image:
    return opened(streak_card(shown)).convert("RGB")


async def test_a_card_is_a_png_and_the_same_for_the_same_values() -> None:
    png = await draw_streak(streak())
    assert opened(png).size == (1000, 560)
    streak_card.cache_clear()
    assert png == streak_card(streak())
    others = [streak(**{name: True}) for name in ("light", "discreet")] + [streak(ring=0.5), streak(first_weekday=4)]
    assert len({png, *map(streak_card, others)}) == 5


async def test_the_last_256_are_kept() -> None:
    streak_card.cache_clear()
    assert await draw_streak(streak()) is streak_card(streak())
    assert streak_card.cache_info()[:3] == (1, 1, 256)


@given(STREAKS)
@settings(max_examples=60, deadline=None)
def test_nothing_is_cut_and_nothing_touches(shown: Streak) -> None:
    all_there(shown)


@pytest.mark.parametrize("count", [0, 1, 6])
@pytest.mark.parametrize("letter", [TALLEST, "W", "Щ", "x "])
def test_the_longest_texts_fit(letter: str, count: int) -> None:
    def filled(length: int) -> str:
        return (letter * length)[:length]

    all_there(
        streak(
            days=Figure(filled(12), filled(30)),
            milestone=filled(60) if count else "",
            lines=(filled(60),) * max(count - 1, 0),
            months=tuple((day, filled(12)) for day in (0, 28, 56)[:count]),
            legend=tuple((day, filled(30)) for day in tuple(Day)[:count]),
            calendar=MIXED,
            first_weekday=0,
        )
    )


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("discreet", [False, True])
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_there_is_nothing_but_what_is_planned(part: float, light: bool, discreet: bool) -> None:
    shown = streak(calendar=MIXED, ring=part, light=light, discreet=discreet)
    image, plan = painted(shown), arrange(shown)
    paper = (LIGHT if light else DARK).paper
    for left, top, right, bottom in (*map(box, plan.lines), *map(square, plan.marks), ring(plan)):
        image.paste(paper, (int(left), int(top), int(right + 0.5), int(bottom + 0.5)))
    assert len(image.getcolors() or ()) == 1


@pytest.mark.parametrize("light", [False, True])
def test_text_and_shapes_stand_out_and_nothing_is_red(light: bool) -> None:
    shown = streak(calendar=MIXED, light=light)
    image, plan = painted(shown), arrange(shown)
    paper = image.getpixel((0, 0))
    assert isinstance(paper, tuple)
    assert min(paper) > 224 if light else max(paper) < 64

    def strongest(part: Box) -> float:
        inked = [colour for _, colour in image.crop(tuple(map(int, part))).getcolors(1 << 20) or ()]
        return max(contrast(colour, paper) for colour in inked if isinstance(colour, tuple))

    assert min(strongest(box(line)) for line in plan.lines) >= 7
    assert min(strongest(square(mark)) for mark in plan.marks) >= 3
    left, top, right, bottom = ring(plan)
    track = (left, (top + bottom) / 2, left + ARC / FINER, (top + bottom) / 2 + 1)
    arc = ((left + right) / 2 + 4, top, (left + right) / 2 + 8, top + ARC / FINER)
    assert strongest(track) >= 3
    assert strongest(arc) >= 3
    colours = [colour for _, colour in image.getcolors(1 << 20) or () if isinstance(colour, tuple)]
    assert not [colour for colour in colours if colour[0] > 1.5 * max(colour[1:])]


@pytest.mark.parametrize("light", [False, True])
def test_each_state_has_a_shape_of_its_own(light: bool) -> None:
    shown = streak(calendar=MIXED, light=light, legend=())
    grey = painted(shown).convert("L")
    paper = grey.getpixel((0, 0))
    assert isinstance(paper, int)
    ink = grey.point([255 if abs(shade - paper) > 40 else 0 for shade in range(256)])
    shapes = [ink.crop(tuple(map(int, square(mark)))) for mark in arrange(shown).marks[: len(Day)]]
    assert all(shape.getbbox() for shape in shapes)
    for one, other in combinations(shapes, 2):
        differing = ImageChops.difference(one, other).histogram()[255]
        assert differing > 0.08 * (MARK / FINER) ** 2


@pytest.mark.parametrize("light", [False, True])
def test_a_discreet_card_has_the_days_and_not_another_word(light: bool) -> None:
    quiet = streak(discreet=True, light=light)
    assert [line.text for line in arrange(quiet).lines] == ["47", "days"]
    assert streak_card(quiet) == streak_card(
        streak(discreet=True, light=light, milestone="soon", lines=("no",), months=((2, "May"),), legend=())
    )


@pytest.mark.parametrize("part", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_the_ring_is_filled_as_far_as_it_is_to_the_milestone(part: float) -> None:
    shown = streak(ring=part)
    image = painted(shown)
    left, top, right, bottom = ring(arrange(shown))

    def filled(at: float) -> bool:
        radius = (right - left - ARC / FINER) / 2 + 5
        x, y = (left + right) / 2 + radius * sin(2 * pi * at), (top + bottom) / 2 - radius * cos(2 * pi * at)
        return image.getpixel((int(x), int(y))) == (0xF6, 0xDC, 0xAE)

    steps = [step / 100 for step in range(100)]
    wrong = [at for at in steps if filled(at) != (at < part) and 0.03 < (at - part) % 1 < 0.97 and 0.03 < at < 0.97]
    assert wrong == []
    assert [at for at in steps if filled(at)] if part else not [at for at in steps if filled(at)]


@pytest.mark.parametrize("part", [0.0, 0.2, 0.7, 1.0])
def test_the_ring_is_round_to_its_ends(part: float) -> None:
    shown = streak(ring=part, days=Figure("", ""))
    image, (left, top, right, bottom) = painted(shown), ring(arrange(shown))
    radius, paper = (right - left) / 2, image.getpixel((0, 0))
    inked = [
        hypot(x + 0.5 - (left + right) / 2, y + 0.5 - (top + bottom) / 2)
        for x in range(int(left), int(right))
        for y in range(int(top), int(bottom))
        if image.getpixel((x, y)) != paper
    ]
    assert radius - ARC / FINER - 1 < min(inked) <= max(inked) < radius + 1


@pytest.mark.parametrize("weekday", range(7))
def test_each_column_is_a_week_and_today_is_the_last_day(weekday: int) -> None:
    marks = arrange(streak(first_weekday=weekday, legend=())).marks
    assert [mark.day for mark in marks] == list(streak().calendar)
    columns = sorted({mark.at[0] for mark in marks})
    rows = sorted({mark.at[1] for mark in marks})
    assert (len(columns), len(rows)) == (12 if weekday == 0 else 13, 7)
    placed = [(columns.index(mark.at[0]), rows.index(mark.at[1])) for mark in marks]
    assert placed == [divmod(day + weekday, 7) for day in range(84)]


def test_a_month_stands_above_the_week_in_which_it_begins_if_there_is_room() -> None:
    plan = arrange(streak(first_weekday=0, months=((0, "December"), (3, "January"), (34, "February"), (62, "March"))))
    found = {line.text: box(line) for line in plan.lines}
    assert "December" not in found
    for name, day in (("January", 3), ("February", 34), ("March", 62)):
        column = square(plan.marks[day // 7 * 7])
        assert column[0] == pytest.approx(found[name][0], abs=1.5)
        assert column[1] - 30 < found[name][1] < found[name][3] <= column[1]


@pytest.mark.parametrize("day", range(49, 84))
def test_the_last_month_stays_within_the_margin(day: int) -> None:
    for letters in ("W" * 12, "Щ" * 12, "March I", *("i" * count for count in range(1, 13))):
        plan = arrange(streak(first_weekday=6, months=((0, "December"), (day, letters)), legend=()))
        assert max(box(line)[2] for line in plan.lines) <= EDGES[2]


def test_only_states_that_occur_are_named() -> None:
    texts = [line.text for line in arrange(streak()).lines]
    assert [text for text in texts if text in dict(LEGEND).values()] == ["held days", "contact days", "before days"]


def test_the_days_are_the_largest_and_larger_where_they_are_alone() -> None:
    plain, quiet = (arrange(streak(discreet=discreet)).lines for discreet in (False, True))
    assert plain[0].font.size > 2 * max(line.font.size for line in plain[1:])
    assert quiet[0].font.size > plain[0].font.size


def test_an_empty_line_takes_no_room() -> None:
    assert streak_card(streak(lines=("\U0001f331", "", "since 8 January"))) == streak_card(
        streak(lines=("since 8 January",))
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"calendar": (Day.HELD,) * 83}, "84 days"),
        ({"first_weekday": 7}, "weekday"),
        ({"first_weekday": -1}, "weekday"),
        ({"ring": 1.01}, "within 0 and 1"),
        ({"ring": float("nan")}, "within 0 and 1"),
        ({"lines": ("",) * 6}, "5 are possible"),
        ({"lines": ("W" * 61,)}, "61 characters"),
        ({"milestone": "W" * 61}, "61 characters"),
        ({"days": Figure("7", "W" * 31)}, "31 characters"),
        ({"days": Figure("7" * 13, "")}, "13 characters"),
        ({"legend": ((Day.HELD, "W" * 31),)}, "31 characters"),
        ({"months": ((0, "W" * 13),)}, "13 characters"),
        ({"months": ((84, "May"),)}, "on the calendar"),
        ({"months": ((9, "May"), (3, "June"))}, "in order"),
        ({"months": ((9, "May"), (9, "June"))}, "in order"),
    ],
)
def test_what_could_not_be_shown_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        streak(**changed)


def test_what_fits_at_no_legible_size_is_refused() -> None:
    with pytest.raises(ValueError, match="fit at no legible size"):
        streak_card(streak(months=((0, WIDEST * 12),)))


def test_a_streak_in_a_log_shows_nothing() -> None:
    assert repr(streak()) == "Streak(days=Figure(), light=False, discreet=False)"
    shown = repr(arrange(streak()))
    assert not [text for text in ("47", "January", "CONTACT") if f"'{text}" in shown or f".{text}" in shown]


async def test_the_loop_goes_on_while_all_kinds_of_cards_are_drawn_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, drawing, begun = threading.Event(), threading.Lock(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(*_: object) -> bytes:
        assert drawing.acquire(blocking=False)
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(10)
        drawing.release()
        return b"drawn"

    monkeypatch.setattr(pictures, "card", slowly)
    monkeypatch.setattr(pictures, "streak_card", slowly)
    figures: Sequence[Figure] = [Figure("7", "days")]
    cards = asyncio.gather(draw_streak(streak()), draw(figures), draw_streak(streak(light=True)))
    await begun.wait()
    go_on.set()
    assert await cards == [b"drawn"] * 3
