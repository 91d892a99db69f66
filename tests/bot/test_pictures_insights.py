"""The card of insights: it can be read, it is all there, every urge is in it, and it needs no colours."""

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.pictures import Count, Insights, draw_insights, insights_card
from bot.pictures.insights import APART, DOT, LINE, ROOMY, Bar, Plan, arrange
from bot.pictures.sheet import DARK, FINER, LIGHT
from tests.bot.test_pictures import LETTERS, TALLEST, WIDEST, Box, apart, box, contrast, opened, together

EDGES = (48, 48, 952, 512)
HOURS = tuple(Count("" if hour % 4 else f"{hour:02}:00", hour % 5, hour % 3) for hour in range(24))
WEEKDAYS = tuple(Count(name, len(name) + 3, 2) for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
MOODS = tuple(None if day % 7 == 3 else day % 5 + 1 for day in range(84))
TOO_WIDE = (WIDEST, "‱")


def insights(**changed: Any) -> Insights:
    """Return insights with everything in them, or changed ones."""
    usual = Insights(
        hours=HOURS,
        weekdays=WEEKDAYS,
        no_counts="From 5 urges on, this shows when they come.",
        moods=MOODS,
        no_moods="From 6 check-ins on, this shows how your days went.",
        levels=("awful", "hard", "so-so", "okay", "good"),
        months=((0, "Dec"), (20, "January"), (51, "February"), (79, "March")),
        legend=("urges", "contacts"),
    )
    return replace(usual, **changed)


def words(longest: int) -> st.SearchStrategy[str]:
    """Return texts of at most so many characters."""
    some = st.lists(
        st.lists(LETTERS.filter(lambda letter: letter not in TOO_WIDE), min_size=1, max_size=18).map("".join),
        max_size=12,
    )
    return some.map(lambda each: " ".join(each)[:longest])


MANY = st.integers(0, 3) | st.integers(0, 400)
COUNTS = st.builds(Count, words(6), MANY, MANY)
ALL = st.builds(
    Insights,
    hours=st.lists(COUNTS, min_size=24, max_size=25).map(
        lambda hours: tuple(replace(each, name="" if at % 4 else each.name) for at, each in enumerate(hours))
    ),
    weekdays=st.lists(COUNTS, min_size=7, max_size=7).map(tuple),
    no_counts=words(120),
    moods=st.just(()) | st.lists(st.none() | st.integers(1, 5), min_size=84, max_size=84).map(tuple),
    no_moods=words(120),
    levels=st.tuples(*[words(12)] * 5),
    months=st.lists(st.tuples(st.integers(0, 83), words(12)), max_size=4, unique_by=lambda month: month[0]).map(
        lambda months: tuple(sorted(months))
    ),
    legend=st.tuples(words(20), words(20)),
    light=st.booleans(),
)


def final(some: tuple[int, ...]) -> Box:
    """Return a box as it is in the finished picture."""
    left, top, right, bottom = (each / FINER for each in some)
    return left, top, right, bottom


def charts(plan: Plan) -> tuple[list[Bar], list[Bar], list[Bar]]:
    """Return the bars of the legend, of the hours and of the weekdays."""
    middle = next((right for left, right, _ in plan.rules if right < 1800), 0)
    legend = [bar for bar in plan.bars if bar.box[3] <= 80 * FINER]
    rest = [bar for bar in plan.bars if bar not in legend]
    return legend, [bar for bar in rest if bar.box[2] <= middle], [bar for bar in rest if bar.box[0] > middle]


def all_there(shown: Insights) -> None:
    """Check that every text and every count is there, and that nothing is cut or touches anything else."""
    plan = arrange(shown)
    boxes = [box(line) for line in plan.lines]
    bars = [final(bar.box) for bar in plan.bars]
    dots = [final((x - DOT, y - DOT, x + DOT, y + DOT)) for x, y in plan.dots]
    for left, top, right, bottom in (*boxes, *bars, *dots):
        assert left >= EDGES[0]
        assert top >= EDGES[1]
        assert right <= EDGES[2]
        assert bottom <= EDGES[3]
        assert left <= right
        assert top < bottom
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(apart(one, other) for one, other in combinations(bars, 2))
    assert all(apart(one, other) for one in boxes for other in (*bars, *dots))
    texts = [each.name for each in (*shown.hours, *shown.weekdays)]
    texts += list(shown.levels) if shown.moods else [shown.no_moods]
    texts += [] if shown.hours else [shown.no_counts]
    lines = "".join(sorted(together([line.text for line in plan.lines])))
    for text in texts:
        assert all(lines.count(letter) >= together([text]).count(letter) for letter in together([text]))
    assert len(plan.dots) == sum(mood is not None for mood in shown.moods)


@given(ALL)
@settings(max_examples=60, deadline=None)
def test_nothing_is_cut_and_nothing_touches(shown: Insights) -> None:
    all_there(shown)


@pytest.mark.parametrize("letter", [TALLEST, "W", "Щ", "x "])
def test_the_longest_texts_fit(letter: str) -> None:
    def filled(length: int) -> str:
        return (letter * length)[:length]

    hours = tuple(replace(each, name=filled(6) if each.name else "") for each in HOURS)
    weekdays = tuple(Count(filled(6), 9, 9) for _ in range(7))
    long = insights(
        hours=hours,
        weekdays=weekdays,
        levels=(filled(12),) * 5,
        legend=(filled(30), filled(30)),
        months=tuple((day, filled(12)) for day in (0, 28, 56)),
    )
    all_there(long)
    all_there(replace(long, hours=(), weekdays=(), moods=(), no_counts=filled(120), no_moods=filled(120)))


@pytest.mark.parametrize("most", [1, 5, 13, 14, 15, 40, 1000])
def test_what_is_more_is_never_lower_and_a_few_can_be_counted(most: int) -> None:
    hours = tuple(Count("", each * most // 24, (each % 4) * most // 24) for each in range(1, 25))
    _, bars, _ = charts(arrange(insights(hours=hours)))
    columns = sorted({bar.box[0] for bar in bars})
    there = [each for each in hours if each.urges + each.contacts]
    assert len(columns) == len(there)
    tops = [min(bar.box[1] for bar in bars if bar.box[0] == column) for column in columns]
    counted = zip(there, tops, strict=True)
    ordered = [top for _, top in sorted(counted, key=lambda each: each[0].urges + each[0].contacts)]
    least_that_is_seen = 13 * FINER  # of a hollow one above a filled one
    assert all(later <= earlier + least_that_is_seen for earlier, later in pairwise(ordered))
    apart = [bar.box[3] - bar.box[1] for bar in bars]
    if min(apart) == max(apart) and min(apart) >= ROOMY - APART:  # one for each
        for column, each in zip(columns, there, strict=True):
            kinds = [bar.contacts for bar in bars if bar.box[0] == column]
            assert (kinds.count(False), kinds.count(True)) == (each.urges, each.contacts)
    elif most < 12:
        pytest.fail("a few are to be counted")


async def test_a_card_is_a_png_and_the_same_for_the_same_values() -> None:
    png = await draw_insights(insights())
    assert opened(png).size == (1000, 560)
    insights_card.cache_clear()
    assert png == insights_card(insights())
    others = [insights(light=True), insights(moods=()), insights(hours=(), weekdays=()), insights(legend=("a", "b"))]
    assert len({png, *map(insights_card, others)}) == 5


async def test_the_last_256_are_kept() -> None:
    insights_card.cache_clear()
    assert await draw_insights(insights()) is insights_card(insights())
    assert insights_card.cache_info()[:3] == (1, 1, 256)


def painted(shown: Insights) -> Image.Image:
    return opened(insights_card(shown)).convert("RGB")


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("changed", [{}, {"hours": (), "weekdays": ()}, {"moods": ()}])
def test_there_is_nothing_but_what_is_planned(light: bool, changed: dict[str, Any]) -> None:
    shown = insights(light=light, **changed)
    image, plan = painted(shown), arrange(shown)
    paper = (LIGHT if light else DARK).paper
    planned = [box(line) for line in plan.lines] + [final(bar.box) for bar in plan.bars]
    planned += [final((left, at, right, at + LINE)) for left, right, at in plan.rules]
    planned += [final((x - DOT, y - DOT, x + DOT, y + DOT)) for x, y in plan.dots]
    planned += [
        final((min(x, to_x) - 4, min(y, to_y) - 4, max(x, to_x) + 4, max(y, to_y) + 4))
        for x, y, to_x, to_y in plan.threads
    ]
    for left, top, right, bottom in planned:
        image.paste(paper, (int(left), int(top), int(right + 1), int(bottom + 1)))
    assert len(image.getcolors() or ()) == 1


@pytest.mark.parametrize("light", [False, True])
def test_text_and_shapes_stand_out_and_nothing_is_red(light: bool) -> None:
    shown = insights(light=light)
    image, plan = painted(shown), arrange(shown)
    paper = image.getpixel((0, 0))
    assert isinstance(paper, tuple)
    assert min(paper) > 224 if light else max(paper) < 64

    def strongest(part: Box) -> float:
        inked = [colour for _, colour in image.crop(tuple(map(int, part))).getcolors(1 << 20) or ()]
        return max(contrast(colour, paper) for colour in inked if isinstance(colour, tuple))

    assert min(strongest(box(line)) for line in plan.lines) >= 7
    assert min(strongest(final(bar.box)) for bar in plan.bars) >= 3
    assert min(strongest(final((x - DOT, y - DOT, x + DOT, y + DOT))) for x, y in plan.dots) >= 3
    colours = [colour for _, colour in image.getcolors(1 << 20) or () if isinstance(colour, tuple)]
    assert not [colour for colour in colours if colour[0] > 1.5 * max(colour[1:])]


@pytest.mark.parametrize("light", [False, True])
def test_a_contact_is_hollow_and_an_urge_is_filled(light: bool) -> None:
    shown = insights(light=light)
    image, paper = painted(shown), painted(shown).getpixel((0, 0))
    _, hours, weekdays = charts(arrange(shown))
    assert {bar.contacts for bar in hours} == {bar.contacts for bar in weekdays} == {False, True}
    for bar in (*hours, *weekdays):
        left, top, right, bottom = final(bar.box)
        middle = image.getpixel((int(left + right) // 2, int(top + bottom) // 2))
        assert (middle == paper) is bar.contacts


def test_a_mood_is_told_by_its_height_and_only_days_in_a_row_are_joined() -> None:
    plan = arrange(insights(moods=(1, 2, None, 5, *[None] * 79, 3)))
    heights = [y for _, y in plan.dots]
    assert heights == sorted(heights, key=lambda y: -y)[:0] or heights[2] < heights[3] < heights[1] < heights[0]
    assert [(thread[:2], thread[2:]) for thread in plan.threads] == [(plan.dots[0], plan.dots[1])]
    columns = [x for x, _ in plan.dots]
    assert columns == sorted(columns)
    assert 2 * (columns[1] - columns[0]) == pytest.approx(columns[2] - columns[1], abs=2)


def test_what_has_no_hour_stands_apart_from_the_last_one() -> None:
    one = (Count("", 1, 0),) * 24
    _, bars, _ = charts(arrange(insights(hours=(*one, Count("?", 0, 1)))))
    columns = [bar.box[0] for bar in bars]
    assert columns[-1] - columns[-2] == 2 * (columns[1] - columns[0])


def test_the_legend_names_what_is_there() -> None:
    no_contacts = (
        tuple(replace(each, contacts=0) for each in HOURS),
        tuple(replace(each, contacts=0) for each in WEEKDAYS),
    )
    texts = [line.text for line in arrange(insights(hours=no_contacts[0], weekdays=no_contacts[1])).lines]
    assert "urges" in texts
    assert "contacts" not in texts


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"hours": HOURS[:23]}, "24 hours"),
        ({"hours": (*HOURS, *HOURS[:2])}, "24 hours"),
        ({"weekdays": WEEKDAYS[:6]}, "seven weekdays"),
        ({"hours": ()}, "seven weekdays"),
        ({"moods": MOODS[:83]}, "84 days"),
        ({"levels": ("a",) * 4}, "5 levels"),
        ({"moods": (0, *MOODS[1:])}, "within 1 and 5"),
        ({"moods": (6, *MOODS[1:])}, "within 1 and 5"),
        ({"hours": (Count("", -1, 0), *HOURS[1:])}, "below nothing"),
        ({"months": ((84, "May"),)}, "among the days"),
        ({"months": ((9, "May"), (3, "June"))}, "in order"),
        ({"no_counts": "W" * 121}, "121 characters"),
        ({"levels": ("W" * 13,) * 5}, "13 characters"),
        ({"legend": ("W" * 31, "")}, "31 characters"),
        ({"weekdays": (Count("W" * 7, 0, 0), *WEEKDAYS[1:])}, "7 characters"),
        ({"months": ((0, "W" * 13),)}, "13 characters"),
    ],
)
def test_what_could_not_be_shown_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        insights(**changed)


def test_insights_in_a_log_show_nothing() -> None:
    shown = repr(insights())
    assert not [word for word in ("urges=", "contacts=", "moods=", "months=") if word in shown]
    assert "contacts=" not in repr(arrange(insights()))


def test_a_name_alone_at_the_end_stays_within_the_card() -> None:
    alone = (*(Count("", 1, 1),) * 5, Count("WWWWWW", 1, 1))
    all_there(insights(weekdays=(Count("WWWWWW", 1, 1), *alone)))
