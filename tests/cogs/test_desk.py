"""How a question stands at the desks, and what coaches do with it there."""

import asyncio
from datetime import timedelta

import pytest

from bot import communities
from bot.adapter import Refused
from bot.communities import Purpose
from bot.model import Call, Form, Place, Reply, Role, Server, length
from bot.outbox import sent
from cogs.questions import LENGTH, questions
from cogs.questions.store import State
from tests.harness import DESK, NOON, OTHER_DESK, Person, World

NOT_YOURS = "That is for the coaches here."


async def asks(world: World, text: str = "Should I write to her mother?", name: str = "ada") -> Person:
    """A member has asked."""
    who = await world.member(name)
    await who.says(f"/ask {text}")
    await who.taps("Send")
    await world.settle()
    return who


def coach(world: World, name: str, place: Place = DESK) -> Person:
    """A coach who looks at the question that came last."""
    world.platform.coaches.add(name)
    who = world.person(name, place)
    who.reads(place)
    return who


async def named(world: World, *names: str) -> list[Person]:
    """Coaches who were named by the owner and sign with their names."""
    async with world.house.store.transaction() as tx:
        for name in names:
            account = world.person(name).account
            await communities.name_coach(tx, world.house.vault, world.community.id, account, coach=True)
    found = [coach(world, name) for name in names]
    for who in found:
        await who.says(f"/sign {who.account.id.title()}")
        who.reads(DESK)
    return found


async def row(world: World) -> dict[str, object]:
    """The one question there is."""
    async with world.house.store.reading() as tx:
        (found,) = await tx.rows(questions)
        return found


async def presses(who: Person, label: str) -> Reply:
    """Press a button of the question that stands at the desk now."""
    who.reads(who.place)
    answer = await who.taps(label)
    await who.world.settle()
    who.reads(who.place)
    assert isinstance(answer, Reply)
    return answer


# -- claiming


async def test_of_twenty_who_claim_at_once_one_has_it(world: World) -> None:
    await asks(world)
    coaches = await named(world, *(f"coach{number}" for number in range(20)))
    await asyncio.gather(*(who.taps("Claim") for who in coaches))
    winners = {who.seen.text.partition(" has it")[0].rpartition("\n")[2] for who in coaches}
    assert len(winners) == 1
    await world.settle()
    assert f"{winners.pop()} has it, until about 12:30 UTC." in world.platform.at(DESK)[0].text


async def test_who_has_it_is_shown_and_can_give_it_back(world: World) -> None:
    await asks(world)
    rowan, noor = await named(world, "rowan", "noor")
    await presses(rowan, "Claim")
    assert "Rowan has it" in noor.reads(DESK)[0]
    await presses(noor, "Release")
    assert "Rowan has it" in noor.reads(DESK)[0]
    await presses(rowan, "Release")
    assert "has it" not in noor.reads(DESK)[0]
    await presses(noor, "Claim")
    assert "Noor has it" in noor.reads(DESK)[0]


async def test_it_falls_free_after_half_an_hour(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await presses(rowan, "Claim")
    await world.moves(minutes=29)
    assert "Rowan has it" in rowan.reads(DESK)[0]
    await world.moves(minutes=2)
    assert "Rowan has it" not in rowan.reads(DESK)[0]
    assert rowan.labels[0] == "Claim"
    assert (await row(world))["claim"] is None


async def test_what_they_press_makes_it_longer_and_what_others_press_does_not(world: World) -> None:
    await asks(world)
    rowan, noor = await named(world, "rowan", "noor")
    await presses(rowan, "Claim")
    await world.moves(minutes=20)
    rowan.shown = None
    await rowan.taps("More")
    await world.moves(minutes=20)
    assert "Rowan has it, until about 12:50" in rowan.reads(DESK)[0]
    await presses(noor, "More")
    await world.moves(minutes=11)
    assert "Rowan has it" not in rowan.reads(DESK)[0]


async def test_what_is_shown_of_more_stays_where_it_was_pressed(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await presses(rowan, "Claim")
    await world.moves(minutes=5)
    seen = len(world.platform.delivered)
    await rowan.taps("More")
    await world.settle()
    assert world.platform.delivered[seen:] == []


async def test_opening_the_form_makes_it_longer_too(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await presses(rowan, "Claim")
    await world.moves(minutes=20)
    await rowan.opens("Answer")
    assert (await row(world))["claimed_until"] == NOON + timedelta(minutes=50)


async def test_it_can_be_handed_over_to_one_who_signs_or_to_anyone(world: World) -> None:
    await asks(world)
    rowan, noor = await named(world, "rowan", "noor")
    await presses(rowan, "Claim")
    await presses(rowan, "More")
    rowan.last = await rowan.taps("More")
    await rowan.taps("Hand over")
    menu = next(item for line in rowan.seen.rows for item in line if item.label == "Who shall have it?")
    assert [option.label for option in menu.options] == ["Anyone", "Noor"]  # type: ignore[union-attr]
    await rowan.chooses(menu.options[1].value)  # type: ignore[union-attr]
    await world.settle()
    assert "Noor has it" in noor.reads(DESK)[0]
    await noor.taps("More")
    await noor.taps("Hand over")
    await noor.chooses("anyone")
    await world.settle()
    assert "has it" not in noor.reads(DESK)[0]


# -- who may


async def test_nothing_of_it_is_for_anybody_but_coaches_at_the_desk(world: World) -> None:
    ada = await asks(world)
    made = await world.another()
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    handlers = [each for each in world.house.registry.handlers.values() if each.cog == "questions"]
    theirs = [each for each in handlers if each.access is not Role.MEMBER]
    assert {each.access for each in theirs} == {Role.COACH}
    assert len(theirs) >= 15
    id = str((await row(world))["id"])
    people = [
        world.person("eve", DESK),
        world.person("ada", DESK),
        world.person("rowan"),
        world.person("rowan", Place("test", "town")),
    ]
    assert made.id
    for who in people:
        for handler in theirs:
            fields = [field.name for field in handler.form.fields] if isinstance(handler.form, Form) else ["answer"]
            values = dict.fromkeys(fields, "x") if handler.opens_form else {}
            args = tuple(id for param in handler.params if param.name not in values)
            for given in ({}, values):
                call = Call("", who.account, who.place, None, handler.id, args, given)
                await who.calls(call)
                assert who.seen.text in (NOT_YOURS, "I can't tell which community that is about."), handler.id
    # At another community's desk, which is theirs, there is no such question.
    there = world.person("rowan", OTHER_DESK)
    for handler in theirs:
        if handler.command or not handler.params or handler.id == "questions.next":
            continue
        needed = [param for param in handler.params if param.name != "answer" and param.required]
        args = tuple(param.choices[0] if param.choices else id for param in needed)
        answer = await there.calls(Call("", there.account, there.place, None, handler.id, args))
        assert isinstance(answer, Form) or "not here any more" in there.seen.text, handler.id
    assert (await row(world))["state"] == State.WAITING
    assert ada.reads() == []


# -- how it stands


async def test_a_question_says_how_long_it_has_waited_in_coarse_words(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    for hours, said in ((0, "came just now"), (5, "some hours"), (20, "since yesterday"), (24, "has waited 2 days")):
        await world.moves(hours=hours)
        assert said in rowan.reads(DESK)[0].partition("\n")[0]


async def test_the_last_thing_said_stands_whole_and_what_is_before_it_has_the_room_that_is_left(world: World) -> None:
    await asks(world, "q" * LENGTH)
    (rowan,) = await named(world, "rowan")
    await rowan.opens("Answer")
    await rowan.fills(answer="a" * LENGTH)
    await world.settle()
    text = rowan.reads(DESK)[0]
    assert "a" * LENGTH in text
    assert "q" * 700 in text
    assert length(text) <= 4000


async def test_every_desk_shows_the_same(world: World) -> None:
    back, back_desk = Server("test", "back"), Place("test", "back-desk")
    world.platform.servers["back-desk"] = back
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.DESK, back_desk, back, name="#back")
    ada = await asks(world)
    (rowan,) = await named(world, "rowan")
    assert rowan.reads(DESK) == rowan.reads(back_desk)
    await presses(rowan, "Claim")
    there = coach(world, "rowan", back_desk)
    assert rowan.reads(DESK) == there.reads(back_desk)
    assert "Rowan has it" in there.reads(back_desk)[0]
    await there.opens("Answer")
    await there.fills(answer="Wait a day.")
    await world.moves(seconds=61)
    assert "Wait a day." in ada.reads()[-1]
    assert len(ada.reads()) == 1
    assert rowan.reads(DESK) == there.reads(back_desk)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    assert world.platform.at(DESK) == world.platform.at(back_desk) == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(sent) == []


# -- what else is done


async def test_urgent_is_shown_and_taken_back(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await presses(rowan, "More")
    await rowan.taps("More")
    await rowan.taps("Urgent")
    await world.settle()
    assert " · urgent" in rowan.reads(DESK)[0]
    await rowan.taps("More")
    await rowan.taps("Not urgent")
    await world.settle()
    assert "urgent" not in rowan.reads(DESK)[0]


async def test_a_note_is_for_coaches_alone(world: World) -> None:
    ada = await asks(world)
    (rowan,) = await named(world, "rowan")
    await rowan.taps("More")
    await rowan.opens("Note")
    await rowan.fills(text="Marknote: talk to Noor first.")
    await world.settle()
    assert "Rowan noted, for coaches alone:\nMarknote" in rowan.reads(DESK)[0]
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait.")
    await world.moves(hours=20)
    await ada.says("/export")
    assert isinstance(ada.last, Reply)
    assert "Marknote" not in repr([*ada.reads(), *(file.data for file in ada.last.files)])


@pytest.mark.parametrize("word", ["", "Go well."])
async def test_closing_asks_once_and_may_say_a_word(world: World, word: str) -> None:
    ada = await asks(world)
    (rowan,) = await named(world, "rowan")
    await rowan.taps("More")
    await rowan.taps("Close")
    assert (await row(world))["state"] == State.WAITING
    if word:
        await rowan.opens("Close with a word")
        await rowan.fills(text=word)
    else:
        await rowan.taps("Close")
    await world.settle()
    assert (await row(world))["state"] == State.CLOSED
    assert "Closed." in rowan.reads(DESK)[0]
    assert rowan.labels == []
    assert [word in said and "closed now" in said for said in ada.reads()] == ([True] if word else [])


async def test_what_is_on_its_way_has_to_be_taken_back_before_it_is_closed(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait.")
    await world.settle()
    rowan.reads(DESK)
    await rowan.taps("More")
    await rowan.taps("Close")
    await rowan.taps("Close")
    assert "An answer is going out" in rowan.seen.text


# -- the desk changes


async def test_a_further_desk_gets_what_waits_and_one_that_is_taken_away_loses_it(world: World) -> None:
    there = world.also("other")
    home, place = Server("other", "there"), Place("other", "coaches")
    there.servers["coaches"] = there.servers["square"] = home
    there.owners["ann"] = home
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, home)
    await asks(world)
    ann = world.person("ann", Place("other", "square"), platform="other")
    await ann.says("/setup")
    await ann.chooses("desk")
    assert "They go to #desk already." in ann.seen.text
    await ann.chooses("coaches", "channel")
    assert "Questions go to #coaches now, and to #desk as well." in ann.seen.text
    assert "Coaches' desk: #desk, #coaches" in ann.seen.text
    await world.settle()
    assert there.at(place) == world.platform.at(DESK)
    assert len(there.at(place)) == 1
    await asks(world, "The second?", "bob")
    assert [len(at) for at in (there.at(place), world.platform.at(DESK))] == [2, 2]
    await ann.chooses("desk")
    await ann.taps("Not to #desk any more")
    await world.settle()
    assert [len(at) for at in (there.at(place), world.platform.at(DESK))] == [2, 0]
    assert "Coaches' desk: #coaches\n" in ann.seen.text


async def test_what_stood_at_the_one_desk_there_could_be_is_brought_along_at_the_start(world: World) -> None:
    ada = await asks(world)
    id = (await row(world))["id"]
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        (name,) = await work.outbox.names(f"q-{id}-desk")
        (ref,) = await work.outbox.refs(name)
        await work.outbox.forget_where(name)
        await work.outbox.adopt(f"q-{id}-desk", f"q-{id}-desk", ref)
    for _ in range(2):
        async with world.house.store.transaction() as tx:
            for start in (run for cog in world.house.registry.cogs if cog.name == "questions" for run in cog.starters):
                await start(world.house.work(tx))
        await world.settle()
    (rowan,) = await named(world, "rowan")
    assert len(rowan.reads(DESK)) == 1
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait.")
    await world.moves(seconds=61)
    assert "Wait." in ada.reads()[-1]


async def test_where_one_desk_takes_nothing_the_others_do(world: World) -> None:
    there = world.also("other")
    home, place = Server("other", "there"), Place("other", "coaches")
    there.servers["coaches"] = home
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.DESK, place, home, name="#coaches")
    there.outcomes = [Refused("50001")]
    ada = await asks(world)
    assert ada.reads() == []
    assert (await row(world))["state"] == State.WAITING
    there.outcomes = [Refused("50001")]
    world.platform.outcomes = [Refused("50001")]
    bob = await asks(world, "Is it me?", "bob")
    await world.settle()
    assert "could not reach the coaches" in bob.reads()[-1]


async def test_who_chooses_another_place_instead_of_one_that_is_gone_moves_the_desk(world: World) -> None:
    there = world.also("other")
    home = Server("other", "there")
    there.servers["coaches"] = there.servers["square"] = home
    there.owners["ann"] = home
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, home)
    world.platform.gone.add(DESK)
    ann = world.person("ann", Place("other", "square"), platform="other")
    await ann.says("/setup")
    await ann.chooses("desk")
    await ann.chooses("coaches", "channel")
    assert "Coaches' desk: #coaches\n" in ann.seen.text


async def test_who_is_blocked_asks_nothing_here_for_a_while_and_nobody_learns_who(world: World) -> None:
    ada = await asks(world)
    rowan = coach(world, "rowan")
    await rowan.taps("More")
    await rowan.taps("Block")
    await rowan.taps("30 days")
    await world.settle()
    (at_desk,) = world.platform.at(DESK)
    assert "Whoever asked can ask nothing here for 30 days." in at_desk.text
    await world.moves(days=29)
    await rowan.says("/desk")
    await rowan.taps("Take questions again")
    assert "take no questions from you for now" in (await ada.says("/ask Another?")).text
    await world.moves(days=3)
    assert "Coaches will see only this" in (await ada.says("/ask Another?")).text
