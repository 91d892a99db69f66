"""Insights: from enough of it alone, true to the last word, the same in the picture, and gone with everything else."""

import re
from datetime import datetime, timedelta

import pytest

from bot import people, pictures
from bot.model import Reply
from bot.store import new_id
from cogs import streaks, urges
from cogs.streaks import Kind, Trigger
from tests.harness import NOON, Person, World

FEW = "From 5 urges on I can say when they come: there are 3 so far."
SUNDAY = datetime.fromisoformat("2026-02-22T22:30+00:00")


async def urged(world: World, person: Person, *instants: datetime) -> None:
    """Have urges come at these instants."""
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        for at in instants:
            urge = {"at": at.isoformat(timespec="seconds"), "fate": "passed"}
            await tx.insert(urges.urges, id=new_id(), member=member.id, urge=urge)


async def logged(
    world: World, person: Person, at: datetime, day: str = "", kind: Kind = Kind.WROTE, trigger: Trigger | None = None
) -> None:
    """Have a contact be logged at an instant, of that day or another."""
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        entry = {"kind": kind, "day": day or at.date().isoformat(), "at": at.isoformat(timespec="minutes")}
        entry |= {"trigger": trigger} if trigger else {}
        await tx.insert(streaks.contacts, id=new_id(), member=member.id, entry=entry)


async def lines(person: Person) -> list[str]:
    """The sentences."""
    return (await person.says("/insights")).text.splitlines()


async def test_it_says_how_much_there_is_and_how_much_is_needed(world: World) -> None:
    ada = await world.member("ada", last="30")
    seen = await ada.says("/insights")
    assert seen.text.splitlines() == [
        "From 5 urges on I can say when they come.",
        "Your days have no contact in them.",
        "From 6 check-ins in twelve weeks on I can say how your days went.",
    ]
    assert seen.files == ()
    assert ada.labels == ["Check in", "Help lines"]
    await urged(world, ada, SUNDAY, SUNDAY, SUNDAY)
    await logged(world, ada, SUNDAY)
    await ada.says("/checkin good")
    assert await lines(ada) == [
        FEW,
        "One contact is logged: too few to see anything in, that takes 3.",
        "From 6 check-ins in twelve weeks on I can say how your days went: there is one so far.",
    ]
    assert ada.seen.files == ()


async def test_three_sentences_and_one_picture_from_enough(world: World) -> None:
    ada = await world.member("ada", last="40")
    await urged(world, ada, *(SUNDAY + timedelta(hours=each) for each in (0, 1, 2)), NOON, NOON - timedelta(days=9))
    for days in (0, 7, 9):
        await logged(world, ada, SUNDAY - timedelta(days=days), trigger=Trigger.LONELY if days else None)
    for mood in ("hard", "awful", "hard", "okay", "good", "okay", "okay"):
        await ada.says(f"/checkin {mood}")
        await world.moves(days=1)
    seen = await ada.says("/insights")
    assert seen.text.splitlines() == [
        "Most of your 5 urges came on Sundays, and most between 22:00 and 01:00.",
        "2 of 3 contacts were set off by feeling alone.",
        "In the last twelve weeks your days have gone from “hard” to “okay”: the middle of your first 3 check-ins, "
        "and of your last 3.",
    ]
    (file,) = seen.files
    assert file.alt.splitlines() == [
        "Urges by weekday: Monday 1, Wednesday 1, Sunday 3. By hour: 12:00 2, 22:00 1, 23:00 1, 00:00 1.",
        "Contacts by weekday: Friday 1, Sunday 2. By hour: 22:00 3.",
        "Check-ins of the last twelve weeks: awful 1, hard 2, okay 3, good 1. The last one: okay.",
    ]
    await ada.taps("Light")
    assert ada.seen.files[0].data != file.data
    assert ada.seen.files[0].alt == file.alt
    assert ada.labels == ["Dark", "Help lines"]


async def test_on_a_tie_nothing_is_most(world: World) -> None:
    ada = await world.member("ada", last="40")
    spread = [SUNDAY.replace(hour=4 + 3 * each) + timedelta(days=each % 3) for each in range(6)]
    await urged(world, ada, *spread)
    for days in (0, 1, 2, 3):
        await logged(world, ada, SUNDAY + timedelta(days=days), f"2026-02-{10 + days}")
    found = await lines(ada)
    assert found[0] == "Among your 6 urges no single day stands out, and no part of the day."
    assert found[1] == "Among the 4 contacts no single day stands out."
    assert "ost" not in found[0] + found[1]


@pytest.mark.parametrize(
    ("offsets", "told"),
    [
        ([0, 168, 336, 504, 672], "All 5 urges came on Sundays, and all between 22:00 and 23:00."),
        ([0, -1, -2, 9, 14], "All 5 urges came on Sundays, and most between 22:00 and 01:00."),
        (
            [0, 168, 24, 48, 72],
            "Of your 5 urges, 2 came on Sundays, more than on any other day; all came between 22:00 and 23:00.",
        ),
        (
            [0, 5, 34, 63, 92],
            "Of your 5 urges, 2 came on Sundays, more than on any other day.",
        ),
        ([0, 24, 48, 72, 96], "All 5 urges came between 22:00 and 23:00. No single day stands out."),
    ],
)
async def test_what_is_said_is_so(world: World, offsets: list[int], told: str) -> None:
    ada = await world.member("ada", last="60")
    await urged(world, ada, *(SUNDAY - timedelta(hours=each) for each in offsets))
    assert (await lines(ada))[0] == told


async def test_hours_are_those_of_their_own_clock(world: World) -> None:
    ada = await world.member("ada", last="40")
    await urged(world, ada, *[SUNDAY] * 5)
    await ada.says("/zone Tokyo")
    assert (await lines(ada))[0] == "All 5 urges came on Mondays, and all between 07:00 and 08:00."


async def test_a_contact_written_down_later_has_a_weekday_and_no_hour(world: World) -> None:
    ada = await world.member("ada", last="40")
    for day in ("2026-02-22", "2026-02-15", "2026-02-08"):
        await logged(world, ada, NOON, day)
    seen = await ada.says("/insights")
    assert seen.text.splitlines()[1] == "All 3 contacts were on Sundays."
    assert seen.files[0].alt == "Contacts by weekday: Sunday 3. By hour: hour not known 3."


async def test_only_contacts_of_ones_own_on_days_that_count_are_among_them(world: World) -> None:
    ada = await world.member("ada", last="40")
    for days in range(3):
        for kind in (Kind.THEY_WROTE, Kind.LOOKED, Kind.UNAVOIDABLE):
            await logged(world, ada, SUNDAY + timedelta(days=days), kind=kind)
    await logged(world, ada, SUNDAY, kind=Kind.ASIDE)
    for days in range(1, 4):
        await logged(world, ada, SUNDAY + timedelta(days=days))
    assert (await lines(ada))[1] == "Your days have no contact in them."
    await logged(world, ada, SUNDAY - timedelta(days=1), kind=Kind.VISITED)
    assert (await lines(ada))[1].startswith("One contact is logged")


async def test_what_is_deleted_is_not_counted(world: World) -> None:
    ada = await world.member("ada", last="40")
    for _ in range(3):
        await ada.says("/contact wrote")
        await world.moves(hours=1)
    assert (await lines(ada))[1] == "All 3 contacts were on Wednesdays, and most between 12:00 and 14:00."
    await ada.says("/history")
    menu = next(item for row in ada.seen.rows for item in row if hasattr(item, "options"))
    await ada.chooses(menu.options[0].value)
    await ada.taps("Delete")
    assert (await lines(ada))[1].startswith("2 contacts are logged")


async def test_an_urge_that_really_came_is_counted(world: World) -> None:
    ada = await world.member("ada")
    for _ in range(5):
        await ada.opens("/urge")
        await ada.fills(letter="")
        await world.moves(minutes=21)
        ada.reads()
        await ada.taps("It passed")
    assert (await lines(ada))[0] == "All 5 urges came on Wednesdays, and most between 12:00 and 13:00."


async def test_moods_are_those_of_twelve_weeks(world: World) -> None:
    ada = await world.member("ada")
    for _ in range(6):
        await ada.says("/checkin good")
        await world.moves(days=1)
    assert (await lines(ada))[2].startswith("In the last twelve weeks your days have stayed at “good”")
    await world.moves(days=80)
    assert (await lines(ada))[2].endswith("there are 3 so far.")


async def test_too_little_is_left_out_of_the_picture_too(world: World) -> None:
    ada = await world.member("ada", last="40")
    await urged(world, ada, *[SUNDAY] * 5)
    await logged(world, ada, SUNDAY)
    before = (await ada.says("/insights")).files[0]
    await logged(world, ada, SUNDAY - timedelta(days=3))
    after = (await ada.says("/insights")).files[0]
    assert (before.data, before.alt) == (after.data, after.alt)
    await logged(world, ada, SUNDAY - timedelta(days=4))
    assert (await ada.says("/insights")).files[0].data != before.data


@pytest.mark.parametrize("count", range(7))
async def test_a_zero_is_never_among_it(world: World, count: int) -> None:
    ada = await world.member("ada", last="40")
    await urged(world, ada, *[SUNDAY] * count)
    for days in range(count):
        await logged(world, ada, SUNDAY - timedelta(days=days))
    seen = await ada.says("/insights")
    assert not re.search(r"\b0\b(?!:)", "\n".join([seen.text, *(file.alt for file in seen.files)]))


async def test_the_longest_alt_text_fits_where_it_is_shown(world: World) -> None:
    ada = await world.member("ada", last="400")
    await urged(world, ada, *(SUNDAY - timedelta(hours=each) for each in range(600)))
    for each in range(300):
        await logged(world, ada, SUNDAY - timedelta(hours=each), "" if each % 3 else "2026-02-01")
    for mood in ("awful", "hard", "so-so", "okay", "good", "good"):
        await ada.says(f"/checkin {mood}")
        await world.moves(days=1)
    assert len((await ada.says("/insights")).files[0].alt) < 1024  # Discord: an attachment's description


async def test_no_picture_stays_in_memory_of_who_is_forgotten(world: World) -> None:
    ada = await world.member("ada", last="40")
    await urged(world, ada, *[SUNDAY] * 5)
    assert isinstance(await ada.says("/insights"), Reply)
    assert pictures.insights_card.cache_info().currsize
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert not pictures.insights_card.cache_info().currsize
