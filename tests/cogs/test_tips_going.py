"""How a tip goes: taken back, over, or with its desk; and what of it follows."""

from datetime import timedelta

import pytest

from bot import communities
from bot.adapter import Delivery, Outcome, Refused
from bot.communities import Purpose
from bot.due import due
from bot.model import Call, Place, Reply
from cogs import questions, tips
from cogs.tips.store import KEPT, State
from tests.cogs.test_desk import coach
from tests.cogs.test_tips import GONE, TEXT, WITHIN, hours, kept, posted, presses, sends, sends_one, two_desks
from tests.harness import DESK, ELSEWHERE, HOME, OTHER_DESK, OTHER_TOWN, TOWN, World


async def test_the_code_takes_back_what_waits_what_comes_and_what_is_out(world: World) -> None:
    ada, rowan, eve = await world.member("ada"), coach(world, "rowan"), world.person("eve")
    for step in range(3):
        code = await sends_one(world, ada, f"Tip {step}")
        if step:
            await presses(rowan, "Publish", "Publish")
        if step == 2:
            await hours(world)
            assert len(posted(world, text="Tip 2")) == 1
        assert "It is taken down" in (await eve.says(f"/unpublish {code[:4]} {code[4:].lower()}")).text
        await world.settle()
        assert await kept(world) == []
        assert world.platform.at(DESK) == []
        await hours(world)
        assert posted(world, text="Tip ") == []
        assert "takes nothing down" in (await eve.says(f"/unpublish {code}")).text


async def test_a_wrong_code_takes_nothing(world: World) -> None:
    await sends(world)
    assert "takes nothing down" in (await world.person("eve").says("/unpublish BBBBBBBB")).text
    assert await kept(world) == [(State.WAITING, True)]


async def test_who_decides_after_it_was_taken_back_is_told_that_it_is_gone(world: World) -> None:
    ada, code = await sends(world)
    rowan = coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    await ada.says(f"/unpublish {code}")
    await world.settle()
    for last, label in ((seen, "Publish"), (seen, "Back")):
        rowan.last = last
        await rowan.taps(label)
        assert rowan.seen.text.startswith(GONE)
        assert TEXT not in rowan.seen.text


@pytest.mark.parametrize("decided", [False, True])
async def test_what_is_not_out_after_thirty_days_is_destroyed(world: World, decided: bool) -> None:
    world.clock.move(timedelta(minutes=17))
    ada, _ = await sends(world)
    if decided:
        world.platform.owners["ann"] = HOME
        await presses(coach(world, "rowan"), "Publish", "Publish")
        await world.person("ann", TOWN).says("/halt")
    await world.moves(seconds=(KEPT - timedelta(hours=1)).total_seconds())
    assert len(world.platform.at(DESK)) == 1
    await world.moves(hours=1)
    assert await kept(world) == []
    assert world.platform.at(DESK) == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job.startswith("tips.")) == []
    assert ada.reads() == []


async def test_what_is_out_is_not_destroyed(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await hours(world)
    await world.moves(days=40)
    assert len(posted(world)) == 1
    assert await kept(world) == [(State.OUT, False)]


async def test_what_the_platform_does_not_let_go_of_is_changed_there_and_tried_again(world: World) -> None:
    ada, code = await sends(world)
    world.platform.outcomes = [Refused("cannot-be-deleted"), Refused("cannot-be-edited")]
    await ada.says(f"/unpublish {code}")
    await world.settle()
    assert TEXT in world.platform.at(DESK)[0].text
    world.platform.outcomes = [Refused("cannot-be-deleted")]
    await world.moves(days=1)
    assert [reply.text for reply in world.platform.at(DESK)] == ["This is not here any more."]


# -- the desk moves, closes, becomes another's


async def runs(world: World, action: str, *args: str) -> Reply:
    """Have whoever runs the community press a button of /setup."""
    world.platform.owners["ann"] = HOME
    ann = world.person("ann")
    await ann.calls(Call("", ann.account, ann.place, None, f"setup.{action}", (world.community.id, *args)))
    await world.settle()
    return ann.seen


async def test_a_desk_that_moves_takes_along_what_is_not_out(world: World) -> None:
    ada, _ = await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await sends_one(world, ada, "Another one")
    there = Place("test", "desk-2")
    assert "desk-2" in (await runs(world, "desk", "desk-2")).text
    assert world.platform.at(DESK) == []
    said = sorted(reply.text.split("\n")[2] for reply in world.platform.at(there))
    assert said == ["Another one", TEXT]
    rowan = world.person("rowan", there)
    rowan.last = next(reply for reply in world.platform.at(there) if "Another one" in reply.text)
    await rowan.taps("Publish")
    await rowan.taps("Publish")
    await hours(world)
    assert (len(posted(world)), len(posted(world, text="Another one"))) == (1, 1)
    assert world.platform.at(there) == []


async def test_what_was_on_its_way_to_a_desk_that_moved_follows(world: World) -> None:
    ada, deliver = await world.member("ada"), world.platform.deliver
    await ada.says(f"/tip {TEXT}")
    await ada.taps("Send")

    async def delivering(what: Delivery) -> Outcome:
        world.platform.deliver = deliver
        async with world.house.store.transaction() as tx:
            work, here = world.house.work(tx), world.community
            await communities.set_place(tx, here, Purpose.DESK, Place("test", "desk-2"), HOME, name="#desk-2")
            await questions.move(work, await communities.load(tx, here.id))
        return await deliver(what)

    world.platform.deliver = delivering
    await world.settle()
    assert world.platform.at(DESK) == []
    assert len(world.platform.at(Place("test", "desk-2"))) == 1


async def test_one_desk_of_two_that_is_given_up_keeps_none(world: World) -> None:
    there = await two_desks(world)
    await sends(world)
    await runs(world, "undesk", ELSEWHERE.platform, ELSEWHERE.id)
    assert (len(world.platform.at(DESK)), world.platform.at(there)) == (1, [])


async def test_without_a_desk_what_waits_is_destroyed_and_what_was_decided_comes_out(world: World) -> None:
    ada, _ = await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await sends_one(world, ada, "Another one")
    await runs(world, "no_desk")
    assert world.platform.at(DESK) == []
    assert await kept(world) == [(State.COMING, True)]
    await hours(world)
    assert (len(posted(world)), posted(world, text="Another one")) == (1, [])


async def test_of_two_communities_that_become_one_what_waits_goes_and_the_rest_follows(world: World) -> None:
    old = await world.another()
    cal, rowan = await world.member("cal", of=(old,)), coach(world, "rowan", OTHER_DESK)
    codes: list[str] = []
    for number in range(3):
        codes.append(await sends_one(world, cal, f"Tip {number}"))
        if number < 2:
            await presses(rowan, "Publish", "Publish")
            await hours(world, WITHIN if number == 0 else 0)
    draft = await cal.says("/tip A draft")
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        await tips.hand_over(work, old, world.community)
        await communities.merge(tx, old, world.community)
        await communities.add_home(tx, world.community.id, ELSEWHERE)
    await world.settle()
    assert await kept(world) == [(State.COMING, True), (State.OUT, False)]
    assert (world.platform.at(OTHER_DESK), world.platform.at(DESK)) == ([], [])
    cal.last = draft
    await cal.taps("Send")
    assert "it is gone" in cal.seen.text
    await hours(world)
    assert len(posted(world, OTHER_TOWN, "Tip 1")) == len(posted(world, TOWN, "Tip 1")) == 1
    for code in codes[:2]:
        assert "It is taken down" in (await cal.says(f"/unpublish {code}")).text
    await world.settle()
    assert [posted(world, place, "Tip ") for place in (TOWN, OTHER_TOWN)] == [[], []]


async def test_the_group_that_joins_hands_over_through_the_door(world: World) -> None:
    old = await world.another()
    await world.member("cal", of=(old,))
    cal = world.person("cal")
    await sends_one(world, cal)
    world.platform.owners |= {"ann": HOME, "gus": ELSEWHERE}
    ann, gus = world.person("ann", TOWN), world.person("gus", OTHER_TOWN)
    await ann.says("/community_link")
    await ann.taps("Make a code")
    code = ann.seen.text.split()[0]
    await gus.says("/community_link")
    await gus.taps("I have a code")
    await gus.fills(code=code)
    await gus.taps("Yes, ask them")
    await ann.says("/community_link")
    await ann.taps("Join them")
    assert "is part of" in ann.seen.text
    await world.settle()
    assert await kept(world) == []
    assert world.platform.at(OTHER_DESK) == []
