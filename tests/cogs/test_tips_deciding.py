"""What coaches do with a tip: one of them decides, it is seen as it will look, and comes out at a drawn hour."""

import asyncio
from datetime import timedelta

import pytest

from bot import communities
from bot.communities import Purpose
from bot.due import due
from bot.model import Button, Reply, Role
from bot.outbox import sent
from bot.wire import ID_BYTES, pack
from cogs import shouts, tips
from cogs.tips import store
from cogs.tips.store import State
from tests.cogs.test_desk import coach, named
from tests.cogs.test_tips import GONE, TEXT, WITHIN, hours, items, kept, posted, presses, sends, sends_one, two_desks
from tests.harness import DESK, HOME, OTHER_DESK, TOWN, World


async def test_it_is_shown_as_it_will_look_and_comes_out_at_a_drawn_waking_hour(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    assert "It comes out within two days" in seen.text
    assert f"A tip from somebody here:\n\n{TEXT}" in seen.text
    assert items(seen) == ["Publish", "Back"]
    assert await kept(world) == [(State.WAITING, True)]
    await rowan.taps("Publish")
    await world.settle()
    assert rowan.reads(DESK) == [f"A tip\n\n{TEXT}\n\nIt comes out within two days, under nobody's name."]
    assert rowan.labels == ["Hold it back"]
    assert posted(world) == []
    for _ in range(WITHIN):
        await world.moves(hours=1)
        if posted(world):
            break
    (post,) = posted(world)
    assert post.text == f"A tip from somebody here:\n\n{TEXT}"
    assert items(post) == ["Read yours in private", "Send a tip, too", "Help lines"]
    assert 9 <= world.clock.now().hour <= 21
    await world.settle()
    assert world.platform.at(DESK) == []
    assert await kept(world) == [(State.OUT, False)]
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job.startswith("tips.")) == []
    await hours(world)
    assert len(posted(world)) == 1


async def test_when_it_comes_out_does_not_tell_when_it_was_decided(world: World) -> None:
    ada, rowan = await world.member("ada"), coach(world, "rowan")
    found: set[int] = set()
    for number in range(6):
        await sends_one(world, ada, f"Tip {number}")
        await presses(rowan, "Publish", "Publish")
        for hour in range(WITHIN):
            await world.moves(hours=1)
            if posted(world, text=f"Tip {number}"):
                found.add(hour)
                break
    assert len(found) > 2


async def test_a_name_is_drawn_that_never_was_out_and_never_is_again(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    first = name_in(await presses(rowan, "Publish with an alias"))
    assert items(rowan.seen) == ["Publish", "Another name", "Back"]
    await rowan.taps("Another name")
    assert (second := name_in(rowan.seen)) != first
    await rowan.taps("Publish")
    await world.settle()
    assert f"It comes out within two days, under the name {second}." in rowan.reads(DESK)[0]
    await hours(world)
    assert [post.text for post in posted(world)] == [f"A tip from {second}:\n\n{TEXT}"]
    async with world.house.store.reading() as tx:
        assert [row["alias"] for row in await tx.rows(shouts.aliases)] == [second]


def name_in(seen: Reply) -> str:
    """Return the name under which a tip would be out."""
    line = next(line for line in seen.text.split("\n") if line.startswith("A tip from "))
    return line.removeprefix("A tip from ").rstrip(":")


async def test_a_name_that_somebody_else_was_given_meanwhile_is_another(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    name = name_in(await presses(rowan, "Publish with an alias"))
    async with world.house.store.transaction() as tx:
        assert await shouts.give_out(tx, name)
    await rowan.taps("Publish")
    assert rowan.seen.text.startswith("That name is out already, so here is another.")
    assert name_in(rowan.seen) != name
    await rowan.taps("Publish")
    assert (await kept(world)) == [(State.COMING, True)]


async def test_no_name_comes_out_that_was_not_drawn(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish with an alias")
    id = rowan.buttons["Publish"].args[0]
    rowan.last = Reply("Forged", ((Button("Forged", "tips.go", [id, "ada lovelace"]),),))
    await rowan.taps("Forged")
    assert await kept(world) == [(State.WAITING, True)]


@pytest.mark.parametrize("locale", ["en"])
def test_every_name_fits_into_a_button(locale: str) -> None:
    first, second = (max(words, key=lambda word: len(word.encode())) for words in shouts.names(locale))
    assert len(pack("tips.named", ["0" * 16, f"{first} {second}"]).encode()) <= ID_BYTES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Call me: +44 20 7946 0958", "phone number"),
        ("Write to me at sam@example.org", "e-mail address"),
        ("I am @sam_on_x there", "another platform"),
        ("Shall we meet for a coffee?", "offers to meet"),
    ],
)
async def test_how_to_reach_somebody_is_never_published(world: World, text: str, why: str) -> None:
    ada = await world.member("ada")
    seen = await ada.says(f"/tip {text}")
    assert why in seen.text
    assert "can't be published" in seen.text
    await ada.taps("Send")
    await world.settle()
    rowan = coach(world, "rowan")
    for label in ("Publish", "Publish with an alias"):
        assert why in (await presses(rowan, label)).text
    assert "can't be published" in rowan.seen.text
    rowan.reads(DESK)
    button = rowan.buttons["Publish"]
    rowan.last = Reply("Forged", ((Button("Forged", "tips.go", button.args),),))
    await rowan.taps("Forged")
    assert await kept(world) == [(State.WAITING, True)]


async def test_a_help_line_may_stand_in_it(world: World) -> None:
    await sends(world, "I called the Samaritans, 116 123, and somebody listened.")
    assert "looks like this" in (await presses(coach(world, "rowan"), "Publish")).text


async def test_a_coach_is_shown_what_may_give_its_writer_away(world: World) -> None:
    await sends(world, "My sister Tilda helped me.")
    seen = await presses(coach(world, "rowan"), "Publish")
    assert "It may give its writer away here: ‘Tilda’" in seen.text


async def test_back_leaves_it_as_it_is(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    for label in ("Publish", "Publish with an alias", "Decline"):
        seen = await presses(rowan, label, "Back")
        assert seen.text == f"A tip\n\n{TEXT}"
        assert items(seen) == ["Publish", "Publish with an alias", "Decline"]
    rowan.shown = None  # where the preview was seen by this coach alone
    await rowan.taps("Decline")
    assert TEXT not in rowan.seen.text
    await rowan.taps("Back")
    assert rowan.seen.text == "Left as it is."


async def test_what_is_declined_is_destroyed_at_once_and_nobody_is_told(world: World) -> None:
    ada, code = await sends(world)
    rowan = coach(world, "rowan")
    asked = await presses(rowan, "Decline")
    assert "Its writer is told nothing" in asked.text
    assert asked.text.startswith(f"A tip\n\n{TEXT}\n\n")  # where it stands it can still be read
    assert await kept(world) == [(State.WAITING, True)]
    await rowan.taps("Yes, decline it")
    assert rowan.seen.text == "Declined, and destroyed."
    await world.settle()
    assert await kept(world) == []
    assert world.platform.at(DESK) == []
    await hours(world)
    assert ada.reads() == []
    assert "takes nothing down" in (await ada.says(f"/unpublish {code}")).text
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job.startswith("tips.")) == []
        assert [row["name"] for row in await tx.rows(sent) if row["name"].startswith("t-")] == []


async def test_what_was_decided_can_be_held_back_until_it_is_out(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish", "Publish")
    rowan.reads(DESK)
    coming = rowan.last
    await presses(rowan, "Hold it back")
    assert rowan.reads(DESK) == [f"A tip\n\n{TEXT}"]
    assert "Decline" in rowan.labels
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job == "tips.out") == []
    await hours(world)
    assert posted(world) == []
    rowan.last = coming
    await rowan.taps("Hold it back")
    await presses(rowan, "Publish", "Publish")
    await hours(world)
    assert len(posted(world)) == 1
    rowan.last = coming
    await rowan.taps("Hold it back")
    assert rowan.seen.text == "This tip is out already."
    assert await kept(world) == [(State.OUT, False)]


async def test_it_stands_at_every_desk_and_what_is_decided_shows_at_all(world: World) -> None:
    there = await two_desks(world)
    await sends(world)
    rowan, noor = coach(world, "rowan"), coach(world, "noor", there)
    assert noor.reads(there) == rowan.reads(DESK) == [f"A tip\n\n{TEXT}"]
    before = noor.last
    await presses(rowan, "Publish", "Publish")
    assert noor.reads(there) == rowan.reads(DESK)
    assert "It comes out within two days" in noor.reads(there)[0]
    noor.last = before
    await noor.taps("Decline")
    assert "It comes out within two days" in noor.seen.text
    assert await kept(world) == [(State.COMING, True)]


@pytest.mark.parametrize("declines", [False, True])
async def test_of_twenty_who_decide_at_once_one_does_and_the_others_see_what_became_of_it(
    world: World, declines: bool
) -> None:
    await sends(world)
    coaches = await named(world, *(f"coach{number}" for number in range(20)))
    ways = [("Publish", "Publish"), ("Publish with an alias", "Publish"), ("Decline", "Yes, decline it")]
    ways = ways if declines else ways[:2]
    for number, who in enumerate(coaches):
        who.shown = None  # as where the preview is seen by one alone
        await who.taps(ways[number % len(ways)][0])
    await asyncio.gather(*(who.taps(ways[number % len(ways)][1]) for number, who in enumerate(coaches)))
    await world.settle()
    said = {who.seen.text for who in coaches}
    states = await kept(world)
    async with world.house.store.reading() as tx:
        given = [row["alias"] for row in await tx.rows(shouts.aliases)]
        planned = await tx.rows(due, due.c.job == "tips.out")
    if states == []:
        assert len([who for who in coaches if who.seen.text == "Declined, and destroyed."]) == 1
        assert all(each.startswith((GONE, "Declined")) for each in said)
        assert (given, planned) == ([], [])
        return
    assert states == [(State.COMING, True)]
    assert len(said) == 1
    assert len(planned) == 1
    assert len(given) == ("under the name" in said.pop())
    await hours(world)
    assert len(posted(world)) == 1


async def test_what_was_seen_before_somebody_else_decided_changes_nothing(world: World) -> None:
    await sends(world)
    async with world.house.store.transaction() as tx:
        (seen,) = await store.at_desks(tx, world.community.id)
        assert await store.move_on(tx, seen, State.COMING)
        assert not await store.move_on(tx, seen, State.COMING)
        assert not await store.drop(tx, seen.id, State.WAITING)
        assert await store.drop(tx, seen.id, State.WAITING, State.COMING)
        assert not await store.drop(tx, seen.id, State.WAITING, State.COMING)


async def test_only_coaches_decide_and_only_at_their_own_desk(world: World) -> None:
    there = await world.another()
    world.platform.coaches |= {"noor"}
    async with world.house.store.transaction() as tx:
        for name, where, yes in (("noor", world.community, False), ("rowan", there, False)):
            account = world.person(name).account
            await communities.name_coach(tx, world.house.vault, where.id, account, coach=yes)
    await sends(world)
    bob, noor = await world.member("bob"), world.person("noor", OTHER_DESK)
    bob.place = DESK
    for who, label, said in (
        (bob, "Publish", "for the coaches"),
        (bob, "Decline", "for the coaches"),
        (noor, "Publish", GONE),
        (noor, "Decline", GONE),
    ):
        who.reads(DESK)
        await who.taps(label)
        assert said in who.seen.text
        assert TEXT not in who.seen.text
    assert await kept(world) == [(State.WAITING, True)]


async def test_who_is_no_coach_any_more_cannot_go_on(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish")
    world.platform.coaches.clear()
    await rowan.taps("Publish")
    assert "for the coaches" in rowan.seen.text
    assert await kept(world) == [(State.WAITING, True)]


def test_every_press_at_the_desk_is_a_coachs() -> None:
    at_desk = {"publish", "named", "go", "hold", "decline", "declined", "back"}
    access = {handler.id: (handler.access, handler.private) for handler in tips.cog.handlers}
    assert {access[f"tips.{each}"] for each in at_desk} == {(Role.COACH, False)}
    others = {id: each for id, each in access.items() if id.removeprefix("tips.") not in at_desk}
    assert set(others.values()) == {(Role.MEMBER, True)}


async def test_the_desk_says_how_many_wait_to_be_looked_at(world: World) -> None:
    ada, rowan = await world.member("ada"), coach(world, "rowan")
    for number, said in ((0, "One tip waits to be looked at."), (1, "2 tips wait to be looked at.")):
        await sends_one(world, ada, f"Tip {number}")
        assert said in (await rowan.says("/desk")).text
    await presses(rowan, "Publish", "Publish")
    assert "One tip waits" in (await rowan.says("/desk")).text
    await presses(rowan, "Hold it back")
    rowan.last = world.platform.at(DESK)[0]
    for label in ("Decline", "Yes, decline it"):
        await rowan.taps(label)
    rowan.last = world.platform.at(DESK)[1]
    for label in ("Decline", "Yes, decline it"):
        await rowan.taps(label)
    assert "tip" not in (await rowan.says("/desk")).text


# -- halted, no place for posts


async def test_halted_or_without_a_place_for_posts_a_coach_is_told(world: World) -> None:
    await sends(world)
    world.platform.owners["ann"] = HOME
    ann, rowan = world.person("ann", TOWN), coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    await ann.says("/halt")
    await rowan.taps("Publish")
    assert "Everything is paused here" in rowan.seen.text
    assert "Everything is paused here" in (await presses(rowan, "Publish with an alias")).text
    await ann.says("/resume_all")
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    rowan.last = seen
    await rowan.taps("Publish")
    assert "There is no place for posts here" in rowan.seen.text
    assert await kept(world) == [(State.WAITING, True)]


async def test_what_was_decided_waits_while_all_is_halted_or_nowhere_is_a_place(world: World) -> None:
    await sends(world)
    world.platform.owners["ann"] = HOME
    ann, rowan = world.person("ann", TOWN), coach(world, "rowan")
    await presses(rowan, "Publish", "Publish")
    await ann.says("/halt")
    await hours(world, 3 * 24)
    await ann.says("/resume_all")
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    await hours(world, 3 * 24)
    assert posted(world) == []
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.POSTS, TOWN, HOME, name="#town")
    await hours(world)
    assert len(posted(world)) == 1


async def test_after_a_night_off_it_comes_at_another_hour_and_not_at_once(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(due, due.c.job == "tips.out")
    world.clock.move(row["at"] - world.clock.now() + timedelta(hours=4))
    await world.settle()
    assert posted(world) == []
    await hours(world)
    assert len(posted(world)) == 1
