"""What a community comes to: once a week, of five or more, and nothing of one person to be read out of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.communities import Community
from bot.model import Happening, Place
from cogs import totals
from tests.harness import DESK, HOME, OTHER_TOWN, TOWN, Person, World

FIRST = datetime(2026, 3, 9, 5, 0, tzinfo=UTC)  # the first Monday, when a week is added up
WEEK = timedelta(days=7)
NOT_YET = "There is nothing to show yet."


async def counting(world: World, *of: Community) -> None:
    """Begin to count, as opening a community does."""
    async with world.house.store.transaction() as tx:
        for each in of or (world.community,):
            await totals.plan(world.house.work(tx), each)


async def members(world: World, number: int, of: Community | None = None, **known: str) -> list[Person]:
    """Return so many new members, who have held since long ago."""
    of = of or world.community
    names = [f"{of.id}-{each}" for each in range(number)]
    return [await world.member(name, of=(of,), **{"last": "30", **known}) for name in names]


async def monday(world: World, number: int = 1, late: timedelta = timedelta()) -> None:
    """Let it be the first Monday, the second, the fifth, and all happen that is due then and on those before."""
    for each in range(number):
        at = FIRST + each * WEEK + (late if each == number - 1 else timedelta())
        if at > world.clock.now():
            world.clock.move(at - world.clock.now())
            await world.settle()


async def shown(world: World, place: Place = TOWN) -> str:
    """Return what anybody is shown."""
    return (await world.person("eve", place).says("/community")).text


async def days(world: World, of: Community | None = None) -> int | None:
    """Return the days that are shown, None where nothing is."""
    async with world.house.store.reading() as tx:
        row = await tx.row(totals.totals, totals.totals.c.community == (of or world.community).id)
    assert row is not None
    return row["shown"] and row["shown"]["days"]


async def counted(world: World) -> tuple[int, date]:
    """Return the days so far, and through which date."""
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(totals.totals)
    return row["counted"]["days"], date.fromisoformat(row["counted"]["through"])


async def answered(world: World, ada: Person, desk: Place = DESK) -> None:
    """A question is asked and answered."""
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan = world.person("rowan", desk)
    rowan.reads(desk)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)


async def weekly(world: World) -> Person:
    """Have the totals posted each week; return who runs the place."""
    world.platform.owners["ann"] = HOME
    ann = world.person("ann", TOWN)
    await ann.says("/setup")
    await ann.chooses("weekly_on")
    return ann


async def erased(who: Person) -> None:
    """Have everything erased."""
    await who.says("/forget")
    await who.taps("Yes, erase everything")


# -- what is counted


async def test_the_first_whole_week_of_five_is_shown_in_a_sentence_and_a_picture(world: World) -> None:
    await counting(world)
    (ada, *_) = await members(world, 5)
    await answered(world, ada)
    await monday(world)
    assert NOT_YET in await shown(world)
    await monday(world, 2)
    seen = await world.person("eve", TOWN).says("/community")
    assert seen.text == "Together: 35 days held, one question answered."
    (picture,) = seen.files
    assert (picture.data[:4], picture.alt) == (b"\x89PNG", seen.text)


async def test_of_four_nothing_is_shown_and_nothing_counted(world: World) -> None:
    await counting(world)
    await members(world, 4)
    for number in range(1, 5):
        await monday(world, number)
        assert NOT_YET in await shown(world)
    await world.member("new", last="30")
    assert NOT_YET in await shown(world)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(totals.totals)
    assert (row["counted"]["days"], row["shown"]) == (0, None)


async def test_what_was_shown_of_five_is_hidden_when_four_are_left_and_does_not_grow(world: World) -> None:
    await counting(world)
    (ada, *_) = await members(world, 5)
    await monday(world)
    await monday(world, 2)
    await erased(ada)
    assert await days(world) == 35
    await monday(world, 3)
    assert NOT_YET in await shown(world)
    await world.member("new", last="30")
    await monday(world, 4)
    assert NOT_YET in await shown(world)
    await monday(world, 5)
    assert await days(world) == 70


async def test_who_joins_counts_from_the_first_whole_week(world: World) -> None:
    await counting(world)
    await members(world, 5)
    await monday(world, 2)
    await world.member("new", last="30")
    await monday(world, 3)
    assert await days(world) == 70
    await monday(world, 4)
    assert await days(world) == 112


async def test_who_comes_back_counts_from_the_first_whole_week_again(world: World) -> None:
    await counting(world)
    (ada, *_) = await members(world, 6)
    await monday(world, 2)
    assert await days(world) == 42
    await world.dispatch.happened(Happening("left", account=ada.account, server=HOME))
    ada.place = TOWN
    await ada.says("/join")
    await ada.taps("Join it, too")
    await monday(world, 3)
    assert await days(world) == 77
    await monday(world, 4)
    assert await days(world) == 119


@pytest.mark.parametrize("how", ["leaves", "erases"])
async def test_who_goes_takes_nothing_away(world: World, how: str) -> None:
    await counting(world)
    (ada, *_) = await members(world, 6)
    await monday(world, 2)
    if how == "leaves":
        await world.dispatch.happened(Happening("left", account=ada.account, server=HOME))
    else:
        await erased(ada)
    assert "42 days held" in await shown(world)
    await monday(world, 3)
    assert await days(world) == 42 + 35


async def test_a_lapse_takes_its_day(world: World) -> None:
    await counting(world)
    (ada, bea, *_) = await members(world, 5)
    await monday(world)
    world.clock.move(timedelta(days=2))
    await ada.says("/contact wrote")
    await bea.says("/contact they_wrote")
    await monday(world, 2)
    assert await days(world) == 34
    await ada.says("/contact wrote yesterday")
    await monday(world, 3)
    assert await days(world) == 34 + 35


async def test_days_before_somebody_began_are_not_held(world: World) -> None:
    await counting(world)
    await members(world, 4)
    await world.member("new", last="0")
    await monday(world)
    await monday(world, 2)
    assert await days(world) == 35
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(totals.totals)
    assert row["counted"]["through"] == "2026-03-15"


async def test_between_mondays_the_numbers_stand(world: World) -> None:
    await counting(world)
    (ada, *_) = await members(world, 5)
    await monday(world, 2)
    before = await shown(world)
    await answered(world, ada)
    await ada.says("/contact wrote")
    await world.member("new")
    for _ in range(6):
        await world.moves(hours=23)
        assert await shown(world) == before
    await monday(world, 3)
    assert await shown(world) == "Together: 69 days held, one question answered."


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=3, hours=7)])
async def test_of_weeks_that_were_missed_the_last_is_counted_and_once(world: World, late: timedelta) -> None:
    await counting(world)
    (ada, *_) = await members(world, 5)
    await monday(world)
    await world.moves(seconds=(3 * WEEK + late).total_seconds())
    assert await days(world) == 5 * 7
    await monday(world, 5)
    assert await days(world) == 5 * (14 - late.days)
    await ada.says("/contact wrote yesterday")
    await monday(world, 6)
    assert await days(world) == 5 * (21 - late.days)


async def test_a_change_of_the_clock_counts_no_day_twice(world: World) -> None:
    await counting(world)
    await members(world, 5)
    world.platform.owners["ann"] = HOME
    ann = world.person("ann", TOWN)
    await monday(world)
    for number, where in enumerate(("Auckland", "Honolulu", "Tokyo", "UTC"), 2):
        await ann.says("/setup")
        await ann.chooses("clock")
        await ann.opens("Wrong time?")
        await ann.fills(where=where)
        await monday(world, number, timedelta(hours=23))
        held, through = await counted(world)
        assert 5 * 6 * (number - 1) <= held <= 5 * (through - date(2026, 3, 8)).days


async def test_a_zero_is_never_shown(world: World) -> None:
    await counting(world)
    people = await members(world, 5)
    await monday(world)
    for _ in range(7):
        for each in people:
            await each.says("/contact wrote")
        await world.moves(days=1)
    assert await days(world) == 0
    assert NOT_YET in await shown(world)
    await answered(world, people[0])
    for _ in range(7):
        for each in people:
            await each.says("/contact wrote")
        await world.moves(days=1)
    assert await shown(world) == "Together: one question answered."


async def test_who_has_no_streak_is_none_of_the_five(world: World) -> None:
    await counting(world)
    await members(world, 4)
    new = world.person("new", TOWN)
    await new.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await new.taps(label)
    await monday(world, 3)
    assert NOT_YET in await shown(world)


async def test_an_answer_that_does_not_arrive_is_not_counted(world: World) -> None:
    await counting(world)
    (ada, *_) = await members(world, 5)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await erased(ada)
    await world.member("new", last="30")
    await monday(world)
    await monday(world, 2)
    assert await shown(world) == "Together: 35 days held."


async def test_two_communities_are_counted_apart(world: World) -> None:
    other = await world.another()
    await counting(world, world.community, other)
    await members(world, 5)
    theirs = await members(world, 6, other)
    await world.member("both", of=(world.community, other), last="30")
    await answered(world, theirs[0], Place("test", "other-desk"))
    await monday(world, 2)
    assert await shown(world, TOWN) == "Together: 42 days held."
    assert await shown(world, OTHER_TOWN) == "Together: 49 days held, one question answered."


async def test_where_nobody_set_anything_up_no_other_places_numbers_are_shown(world: World) -> None:
    ada = await world.member("ada")
    ada.place = OTHER_TOWN
    for who in (ada, world.person("eve", OTHER_TOWN)):
        assert "type it in the server or the group" in (await who.says("/community")).text
    assert NOT_YET in (await world.person("eve").says("/community")).text


# -- the weekly post


async def test_it_is_posted_on_mondays_where_that_is_wanted(world: World) -> None:
    await counting(world)
    await members(world, 5)
    await weekly(world)
    await monday(world)
    assert world.platform.at(TOWN) == []
    await monday(world, 2)
    await world.moves(days=3)
    (post,) = world.platform.at(TOWN)
    assert post.text == "Together: 35 days held."
    assert len(post.files) == 1
    await monday(world, 3)
    assert [reply.text for reply in world.platform.at(TOWN)][1:] == ["Together: 70 days held."]


async def test_it_is_not_posted_where_nobody_asked_for_it(world: World) -> None:
    await counting(world)
    await members(world, 5)
    await monday(world, 2)
    assert world.platform.at(TOWN) == []


@pytest.mark.parametrize(("late", "posts"), [(timedelta(hours=3), 1), (timedelta(hours=3, seconds=1), 0)])
async def test_late_within_three_hours_it_is_posted_once_and_later_not(
    world: World, late: timedelta, posts: int
) -> None:
    await counting(world)
    await members(world, 5)
    await weekly(world)
    await monday(world)
    await monday(world, 2, late)
    await world.settle()
    assert len(world.platform.at(TOWN)) == posts
    assert await days(world) == 35


async def test_halted_nothing_is_posted_and_the_days_go_on(world: World) -> None:
    await counting(world)
    await members(world, 5)
    ann = await weekly(world)
    await ann.says("/halt")
    await monday(world)
    await monday(world, 2)
    assert world.platform.at(TOWN) == []
    assert await days(world) == 35


async def test_halt_stops_the_totals_that_are_about_to_be_posted(world: World) -> None:
    await counting(world)
    await members(world, 5)
    ann = await weekly(world)
    await monday(world)
    world.clock.move(WEEK)
    world.scheduler.wake()
    await world.scheduler.tick()
    await ann.says("/halt")
    await world.settle()
    assert world.platform.at(TOWN) == []
