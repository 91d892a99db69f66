"""For whoever runs a place: halting it, and letting it go on."""

from datetime import timedelta

from bot import communities
from cogs import posts
from tests.harness import DESK, ELSEWHERE, HOME, OTHER_TOWN, TOWN, Person, World


async def runs_it(world: World) -> Person:
    """Someone who runs the place."""
    world.platform.owners["ann"] = HOME
    return world.person("ann", TOWN)


async def test_halt_stops_thoughts_and_posts_until_they_may_go_on(world: World) -> None:
    ann, ada = await runs_it(world), await world.member("ada")
    await ada.says("/daily 8")
    async with world.house.store.transaction() as tx:
        await posts.plan_all(world.house.work(tx))
    await ann.says("/halt")
    await world.moves(hours=21.5)
    assert ada.reads() == []
    assert world.platform.at(TOWN) == []
    await ann.says("/resume_all")
    await world.moves(hours=24)
    assert len(ada.reads()) == 1
    assert len(world.platform.at(TOWN)) == 1


async def test_halt_stops_what_is_about_to_be_said(world: World) -> None:
    ann, ada = await runs_it(world), await world.member("ada")
    await ada.says("/daily 8")
    world.clock.move(timedelta(hours=20))
    world.scheduler.wake()
    await world.scheduler.tick()
    await ann.says("/halt")
    await world.settle()
    assert ada.reads() == []


async def test_halt_closes_questions_and_lets_answers_through(world: World) -> None:
    ann, ada, rowan = await runs_it(world), await world.member("ada"), world.person("rowan", DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await ann.says("/halt")
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)
    assert "No." in ada.reads()[-1]
    assert "Questions are closed here for now" in (await ada.says("/ask")).text
    assert "Help lines" in ada.labels


async def test_a_draft_is_not_sent_once_it_is_halted(world: World) -> None:
    ann, ada = await runs_it(world), await world.member("ada")
    preview = await ada.says("/ask Is it me?")
    await ann.says("/halt")
    await ada.taps("Send")
    assert "Questions are closed" in ada.seen.text
    await ann.says("/resume_all")
    ada.last = preview
    await ada.taps("Send")
    assert "goes to the coaches" in ada.seen.text


async def test_saying_it_twice_says_how_it_is(world: World) -> None:
    ann = await runs_it(world)
    await ann.says("/halt")
    assert "stopped already" in (await ann.says("/halt")).text
    await ann.taps("Let it go on")
    assert "It goes on" in ann.seen.text
    assert "Nothing was stopped" in (await ann.says("/resume_all")).text


async def test_only_who_runs_the_place_may(world: World) -> None:
    ada = await world.member("ada")
    ada.place = TOWN
    assert "whoever runs this place" in (await ada.says("/halt")).text
    rowan = world.person("rowan", DESK)
    assert "whoever runs this place" in (await rowan.says("/halt")).text


async def test_who_runs_another_place_may_not(world: World) -> None:
    world.platform.owners["mallory"] = ELSEWHERE
    mallory = world.person("mallory", OTHER_TOWN)
    assert "whoever runs this place" in (await world.person("mallory", TOWN).says("/halt")).text
    await mallory.says("/halt")
    assert not await halted(world)
    await world.another()
    await mallory.says("/halt")
    assert not await halted(world)


async def test_the_button_of_one_place_does_nothing_for_another(world: World) -> None:
    ann, other = await runs_it(world), await world.another()
    await ann.says("/halt")
    world.platform.owners["mallory"] = ELSEWHERE
    mallory = world.person("mallory", OTHER_TOWN)
    mallory.last = ann.last
    await mallory.taps("Let it go on")
    assert "whoever runs this place" in mallory.seen.text
    assert await halted(world)
    assert other.id != world.community.id


async def test_a_halt_is_for_those_who_are_in_no_other_community(world: World) -> None:
    ann, other = await runs_it(world), await world.another()
    ada, bea = await world.member("ada"), await world.member("bea", of=(world.community, other))
    for each in (ada, bea):
        await each.says("/daily 8")
    await ann.says("/halt")
    await world.moves(hours=20.5)
    assert ada.reads() == []
    assert len(bea.reads()) == 1


async def halted(world: World) -> bool:
    """Whether the first community is halted."""
    async with world.house.store.reading() as tx:
        return (await communities.load(tx, world.community.id)).halted
