"""A year of silence: one warning, thirty days, erased. Whoever comes by in between, however briefly, stays."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot import people
from bot.adapter import Outcome, Send, Unknown, Unreachable
from bot.due import due
from bot.model import Reply
from cogs.privacy import silence
from cogs.privacy.silence import LAST, SILENCE
from tests.harness import DESK, NOON, Person, World

WARNED = "You were not here for a year."
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


async def goes_on(world: World, each: Callable[[], Awaitable[None]] | None = None, /, **by: float) -> None:
    """Let time pass while Unsent runs: everything is done when it is due, and `each` time it is looked at."""
    until = world.clock.now() + timedelta(**by)
    while True:
        async with world.house.store.reading() as tx:
            first = (await tx.execute(select(func.min(due.c.at)))).scalar_one()
        moment = until if first is None else min(first, until)
        world.clock.move(max(moment - world.clock.now(), timedelta(0)))
        await world.settle()
        if each is not None:
            await each()
        if world.clock.now() == until and (first is None or first > until):
            return


async def begin(world: World) -> None:
    """Do what is done at a start."""
    async with world.house.store.transaction() as tx:
        await silence.begin(world.house.work(tx))


async def there(world: World, person: Person) -> people.Member | None:
    """Return the member that somebody is, or None."""
    async with world.house.store.reading() as tx:
        return await people.find(tx, world.house.vault, person.account)


async def planned(world: World) -> dict[str, list[datetime]]:
    """Return what is planned, by its work."""
    async with world.house.store.reading() as tx:
        found: dict[str, list[datetime]] = {}
        for row in await tx.rows(due, due.c.job.in_((SILENCE, LAST))):
            found.setdefault(row["job"], []).append(row["at"])
        return found


def warnings(world: World) -> int:
    """Return how often somebody was warned, whether or not it arrived."""
    return sum(isinstance(each, Send) and WARNED in each.reply.text for each in world.platform.delivered)


async def silent(world: World, days: float = 367) -> Person:
    """Return somebody who was here once, so many days ago, and had all days counted."""
    ada = await world.member("ada")
    await ada.says("/streak")
    await goes_on(world, days=days)
    return ada


async def test_after_a_year_there_is_one_warning_and_after_thirty_days_everything_is_gone(world: World) -> None:
    ada = await silent(world, 365)
    assert ada.reads() == []
    await goes_on(world, days=2)
    (warned,) = ada.reads()
    assert warned.startswith("A note about this chat.")
    assert "In 30 days everything kept of you is erased" in warned
    assert ada.labels == ["Keep it", "Erase it now", "Help lines"]
    await goes_on(world, days=28)
    assert await there(world, ada)
    await goes_on(world, days=2)
    assert await there(world, ada) is None
    assert await planned(world) == {}
    await goes_on(world, days=400)
    assert len(ada.reads()) == 1
    assert "once you have joined" in (await ada.says("/streak")).text


@pytest.mark.parametrize("how", ["Keep it", "hello?", "/help", "/contact nonsense"])
async def test_whoever_does_anything_stays_for_another_year(world: World, how: str) -> None:
    ada = await silent(world)
    ada.reads()
    await goes_on(world, days=28)
    if how == "Keep it":
        kept = await ada.taps(how)
        assert isinstance(kept, Reply)
        assert kept.text.startswith("It all stays.")
        assert kept.edit
    else:
        await ada.says(how)
    await goes_on(world, days=364)
    assert await there(world, ada)
    assert (warnings(world), await planned(world)) == (1, {SILENCE: (await planned(world))[SILENCE]})
    await goes_on(world, days=3)
    assert warnings(world) == 2
    await goes_on(world, days=31)
    assert await there(world, ada) is None


async def test_it_can_be_had_at_once(world: World) -> None:
    ada = await silent(world)
    ada.reads()
    await ada.taps("Erase it now")
    await ada.taps("Yes, erase everything")
    assert await there(world, ada) is None
    assert await planned(world) == {}


async def test_in_discreet_mode_it_shows_nothing_of_itself(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await goes_on(world, days=367)
    assert ada.reads() == ["Something is here for you."]
    shown = await ada.taps("Show it")
    assert isinstance(shown, Reply)
    assert "You are here now, and it stays" in shown.text
    assert ada.labels == ["Erase it now", "Help lines"]
    await goes_on(world, days=300)
    assert await there(world, ada)


async def test_neither_a_pause_nor_a_halt_keeps_it_back(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/pause")
    world.platform.owners["ann"] = world.community.homes[0]
    member = await there(world, ada)
    assert member is not None
    world.clock.move(silence.over(member) - NOON)
    await world.scheduler.tick()
    await world.person("ann", DESK).says("/halt")  # while it is on its way
    await world.settle()
    assert warnings(world) == 1


async def test_it_never_comes_in_quiet_hours(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/zone Pacific/Auckland")
    ada_seen = await there(world, ada)
    assert ada_seen is not None
    world.clock.move(silence.over(ada_seen) + timedelta(hours=12) - NOON)  # midnight there: we were away at noon
    await world.settle()
    assert warnings(world) == 0
    await goes_on(world, hours=13)
    assert warnings(world) == 1


@pytest.mark.parametrize("outcome", [Unreachable(), Unknown()])
async def test_whoever_cannot_be_reached_is_erased_in_the_same_time(world: World, outcome: Outcome) -> None:
    ada = await world.member("ada")
    await ada.says("/streak")
    world.platform.outcomes = [outcome]
    await goes_on(world, days=395)
    assert await there(world, ada)
    await goes_on(world, days=2)
    assert await there(world, ada) is None


async def test_the_days_begin_when_the_warning_is_there(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/streak")
    member = await there(world, ada)
    assert member is not None
    world.clock.move(silence.over(member) - NOON)
    await world.scheduler.tick()  # written down, and then the power goes for a year
    world.clock.move(YEAR)
    await world.settle()
    assert warnings(world) == 1
    await goes_on(world, days=29)
    assert await there(world, ada)
    await goes_on(world, days=2)
    assert await there(world, ada) is None


async def test_a_day_that_we_were_away_in_is_not_counted(world: World) -> None:
    ada = await silent(world)
    await goes_on(world, days=20)
    world.clock.move(timedelta(days=90))  # nobody could have pressed anything meanwhile
    await world.settle()
    await goes_on(world, days=8)
    assert await there(world, ada)
    await goes_on(world, days=2)
    assert await there(world, ada) is None


async def test_who_was_never_seen_is_as_if_they_were_here_at_the_first_look(world: World) -> None:
    ada = await world.member("ada")
    assert (member := await there(world, ada)) is not None
    assert member.seen == date.min
    await goes_on(world, days=31)
    assert (member := await there(world, ada)) is not None
    assert NOON.date() < member.seen <= NOON.date() + timedelta(days=31)
    await goes_on(world, days=334)
    assert warnings(world) == 0
    await goes_on(world, days=33)
    assert warnings(world) == 1


@given(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.sampled_from(["UTC", "Pacific/Apia", "+14:00", "-10:00"]))
def test_twelve_months_are_never_less(seen: date, zone: str) -> None:
    member = people.Member("0", "0", zone, None, 6, date.min, seen)
    over = silence.over(member).astimezone(member.tz)
    assert over.hour == 12
    # The day they were here may last until six in the morning of the next one.
    last = datetime.combine(seen + DAY, datetime.min.time().replace(hour=6), member.tz)
    assert last + YEAR <= over <= last + 2 * DAY + YEAR


async def test_when_it_is_looked_tells_nothing_of_when_they_were_here(world: World) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    ids = [member.id for each in (ada, bea) if (member := await there(world, each))]
    await ada.says("/streak")
    await bea.says("/streak")
    for _ in range(20):
        await goes_on(world, days=11)
        await ada.says("/streak")
        await bea.says("/streak")
        for id in ids:
            async with world.house.store.reading() as tx:
                row = await tx.row(due, due.c.job == SILENCE, due.c.key == id)
            assert row is not None
            assert (round(row["at"].timestamp()) - int(id, 16)) % (30 * 24 * 3600) == 0
            assert world.clock.now() < row["at"] <= world.clock.now() + timedelta(days=30)


async def test_a_start_plans_it_for_all_who_have_none_and_for_nobody_twice(world: World) -> None:
    ada, _ = await silent(world), await world.member("bea")
    async with world.house.store.transaction() as tx:
        await tx.delete(due, due.c.job == SILENCE)
    await begin(world)
    before = await planned(world)
    assert {job: len(rows) for job, rows in before.items()} == {SILENCE: 1, LAST: 1}
    assert world.clock.now() <= before[SILENCE][0] <= world.clock.now() + timedelta(days=30)
    await begin(world)
    assert await planned(world) == before
    await ada.says("/streak")
