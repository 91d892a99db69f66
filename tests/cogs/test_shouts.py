"""The shout: only if it is wanted, in rough words, days later, under no name of theirs, and tied to nobody."""

import calendar
import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot import people
from bot.communities import Community
from bot.due import due
from bot.model import Call, Happening, Menu, Reply
from bot.store import metadata
from cogs import shouts, totals
from tests.harness import DESK, HOME, NOON, OTHER_TOWN, TOWN, Person, World, the_texts

OFFER = "If you like, the community hears of it"
ROUGH = {
    7: "past a week",
    30: "past a month",
    90: "past three months",
    180: "past half a year",
    365: "past a year",
}
NAMELESS = "A small good thing: somebody here is past a week. Be glad with them for a moment."
EVERYBODY = totals.PEOPLE


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def others(world: World, number: int = EVERYBODY - 1, of: tuple[Community, ...] | None = None) -> list[Person]:
    """Return so many others with a streak."""
    return [await world.member(f"other-{each}", of=of) for each in range(number)]


async def reaches(
    world: World, days: int = 7, name: str = "ada", *, of: tuple[Community, ...] | None = None, chosen: str = ""
) -> Person:
    """Return somebody who has just been told of a milestone in their daily thought, and gets no other."""
    ada = await world.member(name, last=str(days), of=of)
    if chosen:
        await ada.says("/settings")
        await ada.chooses(chosen)
    await ada.says(f"/daily {world.clock.now().hour + 1}")
    await world.moves(hours=1)
    assert len(ada.reads()) == 1
    told = ada.last, ada.shown
    await ada.says("/daily")
    await ada.chooses("off")
    ada.last, ada.shown = told
    return ada


async def days(world: World, number: int) -> None:
    """Let days pass, as a clock does."""
    for _ in range(8 * number):
        await world.moves(hours=3)


def town(world: World) -> list[str]:
    """What the community has read."""
    return [reply.text for reply in world.platform.at(TOWN)]


def name_in(text: str) -> str:
    """The name under which it comes."""
    found = re.search(r"A small good thing: (.*) is past", text)
    assert found
    return found[1]


async def waiting(world: World) -> list[datetime]:
    """When those that wait are out."""
    async with world.house.store.reading() as tx:
        return [row["at"] for row in await tx.rows(due, due.c.job == shouts.OUT)]


# -- asked


@pytest.mark.parametrize("reached", [1, 3, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365])
async def test_it_is_offered_with_five_milestones_and_with_no_other(world: World, reached: int) -> None:
    await others(world)
    ada = await reaches(world, reached)
    assert (OFFER in ada.seen.text) is (reached in ROUGH)
    assert ("Let the community know" in ada.labels) is (reached in ROUGH)
    assert {"Pause", "Help lines"} <= set(ada.labels)


async def test_nothing_happens_unless_it_is_wanted(world: World) -> None:
    await others(world)
    await reaches(world)
    await days(world, 12)
    assert town(world) == []


async def test_what_will_be_read_is_shown_first_and_then_read_days_later(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    said = await taps(ada, "Let the community know")
    assert not ada.seen.edit  # the thought stays where it is
    assert "Between two and nine days from now" in said
    assert "Harbour will read this:" in said
    (post,) = [line for line in said.splitlines() if line.startswith("A small good thing")]
    assert ada.labels == ["Another name", "Without a name", "Take it back", "Help lines"]
    (at,) = await waiting(world)
    assert timedelta(days=2) <= at - world.clock.now() <= timedelta(days=10)
    world.clock.move(at - world.clock.now() - timedelta(minutes=1))
    await world.settle()
    assert town(world) == []
    await world.moves(minutes=1)
    assert town(world) == [post]
    await days(world, 12)
    assert town(world) == [post]
    assert await waiting(world) == []


async def test_a_second_press_shows_the_same_and_plans_nothing_more(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    drop = ada.last
    first = await taps(ada, "Let the community know")
    ada.last = drop
    assert await taps(ada, "Let the community know") == first
    assert len(await waiting(world)) == 1


async def test_once_it_is_out_the_offer_has_passed(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    drop = ada.last
    await ada.taps("Let the community know")
    await days(world, 11)
    assert len(town(world)) == 1
    ada.last = drop
    assert "its day has passed" in await taps(ada, "Let the community know")
    assert await waiting(world) == []


async def test_on_the_day_after_it_still_stands_and_then_no_more(world: World) -> None:
    await others(world)
    ada, bob = await reaches(world), await reaches(world, name="bob")
    await world.moves(days=1)
    assert "will read this" in await taps(ada, "Let the community know")
    await world.moves(days=1)
    assert "its day has passed" in await taps(bob, "Let the community know")


async def test_in_discreet_mode_it_is_offered_behind_the_veil(world: World) -> None:
    await others(world)
    ada = await reaches(world, chosen="discreet_on")
    assert ada.labels == ["Show it"]
    assert OFFER in await taps(ada, "Show it")
    assert "will read this" in await taps(ada, "Let the community know")


# -- what it says


async def test_what_is_read_says_neither_when_nor_who_and_is_the_same_for_two(world: World) -> None:
    crowd = await others(world)
    said: dict[int, list[str]] = {}
    for reached in ROUGH:
        for name in ("zuzulela", "ada"):
            who = await reaches(world, reached, f"{name}-{reached}")
            await who.taps("Let the community know")
            if name == "ada":
                await who.taps("Another name")
            await who.taps("Without a name")
            before = len(town(world))
            while len(town(world)) == before:
                await world.moves(hours=3)
            said.setdefault(reached, []).append(town(world)[-1])
    assert said == {days: [f"A small good thing: somebody here is {rough}. Be glad with them for a moment."] * 2
                    for days, rough in ROUGH.items()}  # fmt: skip
    dates = [*calendar.month_name, *calendar.day_name, "today", "yesterday", "tomorrow", " day", "hour"]
    names = [person.account.name for person in crowd] + ["zuzulela", "ada"]
    for text in town(world):
        assert not re.search(r"\d", text)
        assert [word for word in filter(None, [*dates, *names]) if word.casefold() in text.casefold()] == []


@pytest.mark.parametrize("locale", the_texts().locales)
def test_the_names_are_gentle_short_and_many(locale: str) -> None:
    first, second = shouts.names(locale)
    assert len(first) * len(second) > 5000
    for words in (first, second):
        assert len(set(words)) == len(words)
        assert all(re.fullmatch(r"\w{3,12}", word) and word.islower() for word in words)
    assert set(first).isdisjoint(second)


async def test_another_name_can_be_drawn_and_left_away(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    drawn = [name_in(await taps(ada, "Let the community know"))]
    for _ in range(5):
        drawn.append(name_in(await taps(ada, "Another name")))
        assert ada.seen.edit
        assert drawn[-1] != drawn[-2]
    for name in drawn:
        first, second = shouts.names("en")
        assert name.split(" ")[0] in first
        assert name.split(" ")[1] in second
    assert NAMELESS in await taps(ada, "Without a name")
    await days(world, 11)
    assert town(world) == [NAMELESS]


async def test_a_name_that_was_out_is_never_out_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shouts, "names", lambda locale: (("quiet",), ("otter", "lake")))  # pyright: ignore
    await others(world)
    for number in range(3):
        ada = await reaches(world, name=f"ada-{number}")
        await ada.taps("Let the community know")
        before = len(town(world))
        while len(town(world)) == before:
            await world.moves(hours=3)
    assert sorted(map(name_in, town(world))) == ["quiet lake", "quiet otter", "somebody here"]


async def test_of_two_who_wait_under_one_name_the_second_comes_without(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shouts, "names", lambda locale: (("quiet",), ("otter",)))  # pyright: ignore
    await others(world)
    for name in ("ada", "bea"):
        person = await reaches(world, name=name)
        assert "quiet otter" in await taps(person, "Let the community know")
    await days(world, 20)
    assert list(map(name_in, town(world))) == ["quiet otter", "somebody here"]


# -- when


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe"]),
    st.sampled_from([(shouts.SOON, shouts.LATE), shouts.AGAIN]),
    st.integers(0, 10**6),
)
def test_it_is_drawn_among_waking_hours_of_the_community_and_never_too_soon(
    naive: datetime, zone: str, wait: tuple[int, int], seed: int
) -> None:
    now, community = naive.replace(tzinfo=UTC), Community("c", "C", zone=zone)
    at = shouts.some_day(now, community, *wait, random.Random(seed))
    assert at >= now + timedelta(days=wait[0])
    assert at.astimezone(community.tz).hour in shouts.WAKING
    assert (at.astimezone(community.tz).date() - now.astimezone(community.tz).date()).days <= wait[1]


def test_every_day_from_the_second_to_the_ninth_is_drawn() -> None:
    drawn = {(shouts.some_day(NOON, Community("c", "C"), 2, 9, random.Random(seed)) - NOON).days for seed in range(300)}
    assert drawn >= set(range(2, 9))


async def test_one_a_day_is_out_and_the_others_wait_for_another_day(world: World) -> None:
    await others(world)
    for name in ("ada", "bea", "cleo"):
        person = await reaches(world, name=name)
        await person.taps("Let the community know")
    same = world.clock.now() + timedelta(days=3)
    async with world.house.store.transaction() as tx:
        await tx.execute(due.update().where(due.c.job == shouts.OUT).values(at=same))
    await days(world, 3)
    assert len(town(world)) == 1
    later = await waiting(world)
    assert len(later) == 2
    assert all(timedelta(days=1) <= at - same <= timedelta(days=4) for at in later)
    async with world.house.store.transaction() as tx:
        await tx.execute(due.update().where(due.c.job == shouts.OUT).values(at=same + timedelta(days=1)))
    await days(world, 1)
    assert len(town(world)) == 2


async def test_another_community_has_its_own_day(world: World) -> None:
    there = await world.another()
    await others(world, of=(world.community, there))
    for name, of in (("ada", world.community), ("bea", there)):
        person = await reaches(world, name=name, of=(of,))
        await person.taps("Let the community know")
    async with world.house.store.transaction() as tx:
        await tx.execute(due.update().where(due.c.job == shouts.OUT).values(at=world.clock.now()))
    await world.settle()
    assert len(town(world)) == 1
    assert "A small good thing" in world.platform.at(OTHER_TOWN)[-1].text


async def test_after_a_night_without_power_it_waits_for_another_day(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    await world.moves(days=15)
    assert town(world) == []
    await days(world, 5)
    assert len(town(world)) == 1


# -- what comes in between


async def lapses(world: World, ada: Person) -> None:
    """They write after all."""
    await ada.says("/contact wrote")


async def pauses(world: World, ada: Person) -> None:
    """They pause."""
    await ada.says("/pause")


async def forgets(world: World, ada: Person) -> None:
    """They have everything erased."""
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")


async def sets_aside(world: World, ada: Person) -> None:
    """The two talk."""
    await ada.says("/stage")
    await ada.chooses("rebuilding")


async def corrects(world: World, ada: Person) -> None:
    """The last contact was later."""
    shown = await ada.says("/history")
    (menu,) = [item for row in shown.rows for item in row if isinstance(item, Menu)]
    await ada.chooses(menu.options[0].value)
    await ada.taps("It was another day")
    await ada.taps("Yesterday")


async def says_never(world: World, ada: Person) -> None:
    """They do not want it any more."""
    await ada.says("/settings")
    await ada.chooses("shout")
    await ada.chooses("never")


async def leaves(world: World, ada: Person) -> None:
    """They leave the server."""
    await world.dispatch.happened(Happening("left", account=ada.account, server=HOME))
    world.platform.left.add(("ada", HOME))


async def is_halted(world: World, ada: Person) -> None:
    """Whoever runs the place halts everything."""
    world.platform.owners["ann"] = HOME
    await world.person("ann", DESK).says("/halt")


async def too_few_are_left(world: World, ada: Person) -> None:
    """Of the others so many are gone that they are not five any more."""
    for number in range(2):
        await forgets(world, world.person(f"other-{number}"))


@pytest.mark.parametrize(
    "happens", [lapses, pauses, forgets, sets_aside, corrects, says_never, leaves, is_halted, too_few_are_left]
)
async def test_what_comes_in_between_lets_it_silently_not_happen(world: World, happens: object) -> None:
    await others(world, EVERYBODY)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    before = len(ada.reads())
    await happens(world, ada)  # pyright: ignore
    await days(world, 14)
    assert town(world) == []
    assert await waiting(world) == []
    assert len(ada.reads()) == before
    async with world.house.store.reading() as tx:
        assert await tx.rows(shouts.shouts) == []


async def test_a_week_after_a_lapse_is_not_the_week_that_was_meant(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    await ada.says("/contact wrote")
    async with world.house.store.transaction() as tx:
        at = world.clock.now() + timedelta(days=8)
        await tx.execute(due.update().where(due.c.job == shouts.OUT).values(at=at))
    await days(world, 9)
    assert town(world) == []


async def test_the_week_after_a_lapse_can_be_told_in_the_place_of_the_one_before(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    await ada.says("/contact wrote")
    async with world.house.store.transaction() as tx:
        at = world.clock.now() + timedelta(days=30)
        await tx.execute(due.update().where(due.c.job == shouts.OUT).values(at=at))
    await ada.says("/daily")
    await ada.chooses(str(world.clock.now().hour))
    await days(world, 7)
    assert OFFER in ada.reads()[-1]
    assert "will read this" in await taps(ada, "Let the community know")
    (when,) = await waiting(world)
    assert when < at
    await days(world, 11)
    assert len(town(world)) == 1


async def test_a_lapse_that_is_taken_back_lets_it_happen(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    await ada.says("/contact wrote")
    await ada.taps("Undo")
    await days(world, 11)
    assert len(town(world)) == 1


async def test_it_can_be_taken_back_until_it_is_out(world: World) -> None:
    await others(world)
    ada, bea = await reaches(world), await reaches(world, name="bea")
    await ada.taps("Let the community know")
    await bea.taps("Let the community know")
    mine, shown = ada.seen, bea.seen
    ada.last = shown
    assert "isn't waiting any more" in await taps(ada, "Take it back")  # another's
    ada.last = shown
    assert "isn't waiting any more" in await taps(ada, "Another name")
    ada.last = mine
    assert "Nobody hears of it." in await taps(ada, "Take it back")
    ada.last = mine
    assert "isn't waiting any more" in await taps(ada, "Take it back")
    await days(world, 11)
    assert len(town(world)) == 1
    bea.last = shown
    assert "isn't waiting any more" in await taps(bea, "Take it back")
    assert len(town(world)) == 1


# -- where


@pytest.mark.parametrize("number", [EVERYBODY - 2, EVERYBODY - 1])
async def test_only_where_five_have_a_streak(world: World, number: int) -> None:
    await others(world, number)
    ada = await reaches(world)
    assert (OFFER in ada.seen.text) is (number == EVERYBODY - 1)


async def test_only_where_there_is_a_place_for_posts(world: World) -> None:
    await others(world)
    async with world.house.store.transaction() as tx:
        await tx.delete(metadata.tables["places"], metadata.tables["places"].c.purpose == "posts")
    assert OFFER not in (await reaches(world)).seen.text


async def test_of_several_communities_one_is_chosen(world: World) -> None:
    there = await world.another()
    await others(world, of=(world.community, there))
    ada = await reaches(world, of=(world.community, there))
    assert "Which community" in await taps(ada, "Let the community know")
    assert await waiting(world) == []
    assert "Elsewhere will read this" in (await ada.chooses(there.id)).text
    await days(world, 11)
    assert town(world) == []
    said = [reply.text for reply in world.platform.at(OTHER_TOWN) if "small good thing" in reply.text]
    assert len(said) == 1


async def test_nobody_is_told_in_a_community_they_do_not_belong_to(world: World) -> None:
    there = await world.another()
    await others(world, of=(world.community, there))
    ada = await reaches(world)
    answer = await ada.calls(Call("", ada.account, ada.place, None, "shouts.tell", (there.id,)))
    assert isinstance(answer, Reply)
    assert "can't be told just now" in answer.text
    assert await waiting(world) == []


# -- chosen once and for all


async def test_always_plans_it_without_a_tap_and_it_can_be_taken_back(world: World) -> None:
    await others(world)
    ada = await world.member("ada", last="7")
    await ada.says("/settings")
    await ada.chooses("shout")
    assert "without your name: always" in (await ada.chooses("always")).text
    await ada.says(f"/daily {world.clock.now().hour + 1}")
    await world.moves(hours=1)
    assert "As you chose, the community hears of it" in ada.reads()[0]
    assert len(await waiting(world)) == 1
    assert "will read this" in await taps(ada, "See it, or take it back")
    await ada.taps("Take it back")
    assert await waiting(world) == []


async def test_always_asks_where_there_are_several_communities(world: World) -> None:
    there = await world.another()
    await others(world, of=(world.community, there))
    ada = await world.member("ada", last="7", of=(world.community, there))
    await ada.says("/settings")
    await ada.chooses("shout")
    await ada.chooses("always")
    await ada.says(f"/daily {world.clock.now().hour + 1}")
    await world.moves(hours=1)
    assert OFFER in ada.reads()[0]
    assert await waiting(world) == []


async def test_never_ends_the_question(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    assert "I don't ask any more" in await taps(ada, "Don't ask me this")
    assert "without your name: never" in (await ada.says("/settings")).text
    await ada.says("/daily")
    await ada.chooses(str(world.clock.now().hour))
    await days(world, 24)  # past a month
    assert [text for text in ada.reads() if OFFER in text] == [ada.reads()[0]]


# -- whose it was


async def rows_with(world: World, mark: str) -> set[str]:
    """In which tables something is kept, opened with the key, that has `mark` in it."""
    found: set[str] = set()
    async with world.house.store.reading() as tx:
        for table in metadata.sorted_tables:
            for row in (await tx.execute(select(table))).mappings():
                if mark in repr(tx.unseal(table, row)):
                    found.add(table.name)
    return found


async def test_while_it_waits_nothing_plain_ties_it_to_anybody(world: World) -> None:
    await others(world)
    for number, name in enumerate(("ada", "bea")):
        person = await reaches(world, name=name)
        await person.taps("Let the community know")
        if number:
            await person.taps("Without a name")
    async with world.house.store.reading() as tx:
        rows = (await tx.execute(select(shouts.shouts))).mappings().all()
        assert len({len(row["shout"]) for row in rows}) == 1
        assert [row["member"] for row in await tx.rows(due, due.c.job == shouts.OUT)] == [None, None]
        assert {column.name for column in shouts.shouts.columns} == {"id", "shout"}


async def test_once_it_is_out_nothing_ties_it_to_anybody_with_the_key_either(world: World) -> None:
    await others(world)
    ada = await reaches(world)
    await ada.taps("Let the community know")
    alias, id = name_in(ada.seen.text), ada.buttons["Take it back"].args[0]
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    await days(world, 11)
    await world.scheduler.tidy()
    assert name_in(town(world)[0]) == alias
    assert await rows_with(world, alias) == {"aliases"}
    assert await rows_with(world, id) == set()
    async with world.house.store.reading() as tx:
        told = [row for row in await tx.rows(metadata.tables["sent"]) if row["name"].startswith("shout-")]
    assert [row["member"] for row in told] == [None]
    assert member.id not in repr(told)
