"""A desk that does not answer takes nothing new, says so, and opens again; and how a desk is kept is chosen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import communities
from bot.due import due
from bot.model import Account, Call, Menu, Reply
from cogs.questions import rules_of, watch
from cogs.questions.store import DESTROY, DeskRules
from tests.cogs.test_desk_nudges import begins, hours, labels
from tests.cogs.test_desk_numbers import answers, asks, looks
from tests.harness import DESK, HOME, TOWN, Person, World

SHUT = "Nothing was answered here for three days"
TOLD = "In Harbour the coaches have answered nothing for three days"
CLOSED = "The coaches have not answered for three days"


async def runs(world: World) -> Person:
    """Somebody runs the community, and set it up."""
    world.platform.owners["ann"] = HOME
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, Account("test", "ann", locale="en"))
    return world.person("ann", TOWN)


async def days(world: World, number: int) -> None:
    """Let days pass, hour by hour as they do."""
    await hours(world, 24 * number)


def stands(world: World) -> list[Reply]:
    """Return what says at the desk that it takes nothing new."""
    return [reply for reply in world.platform.at(DESK) if reply.text.startswith(SHUT)]


async def silent(world: World) -> Person:
    """A question has waited for three days; return who runs the community."""
    ann = await runs(world)
    await begins(world, 10)
    await asks(world)
    await days(world, 3)
    return ann


async def asked(world: World, name: str) -> str:
    """Return what somebody is told who wants to ask."""
    who = await world.member(name)
    return (await who.says("/ask Is it me?")).text


async def test_after_three_days_without_an_answer_nothing_new_is_taken(world: World) -> None:
    ann = await runs(world)
    await begins(world, 10)
    await asks(world)
    await hours(world, 71)
    assert "will see only this" in await asked(world, "bob")
    await hours(world, 1)
    assert (await asked(world, "cal")).startswith(CLOSED)
    (shut,) = stands(world)
    assert labels(shut) == ["Take questions again"]
    assert [text for text in ann.reads(ann.account.private) if text.startswith(TOLD)] == ann.reads(ann.account.private)
    await days(world, 3)
    assert len(ann.reads(ann.account.private)) == len(stands(world)) == 1


async def test_a_question_about_to_be_sent_is_not_taken_either(world: World) -> None:
    await runs(world)
    await begins(world, 10)
    await asks(world)
    await hours(world, 71)
    await world.moves(minutes=10)
    bob = await world.member("bob")
    await bob.says("/ask Is it me?")
    await world.moves(minutes=50)
    await bob.taps("Send")
    assert bob.seen.text.startswith(CLOSED)
    assert bob.labels == ["Help lines"]


async def test_what_is_said_further_is_still_taken(world: World) -> None:
    await silent(world)
    ada = world.person("ada")
    menu = next(item for row in (await ada.says("/questions")).rows for item in row if isinstance(item, Menu))
    await ada.chooses(menu.options[0].value)
    await ada.opens("Follow up")
    await ada.fills(more="And another thing.")
    await ada.taps("Send")
    assert ada.seen.text.startswith("It goes to the coaches, with your question.")


async def test_an_answer_opens_it_again(world: World) -> None:
    await silent(world)
    await asks_nothing(world)
    await answers(world, world.person("rowan", DESK))
    assert "will see only this" in await asked(world, "bob")
    assert stands(world) == []


@pytest.mark.parametrize("how", ["Claim", "Ask back"])
async def test_a_claim_and_something_asked_back_open_it_too(world: World, how: str) -> None:
    await silent(world)
    rowan = world.person("rowan", DESK)
    looks(world, rowan)
    if how == "Claim":
        await rowan.taps("Claim")
    else:
        await rowan.opens("Ask back")
        await rowan.fills(text="How long ago?")
    await world.settle()
    assert "will see only this" in await asked(world, "bob")
    assert stands(world) == []


async def asks_nothing(world: World) -> None:
    """See that nothing can be asked."""
    assert (await asked(world, "zoe")).startswith(CLOSED)


@pytest.mark.parametrize("who", ["coach", "steward", "setup"])
async def test_it_is_opened_by_a_press(world: World, who: str) -> None:
    ann = await silent(world)
    if who == "coach":
        rowan = world.person("rowan", DESK)
        await rowan.says("/desk")
        assert rowan.seen.text.startswith("New questions aren't taken for now")
        await rowan.taps("Take questions again")
    elif who == "steward":
        ann.reads(ann.account.private)
        ann.place = ann.account.private
        await ann.taps("Take questions again")
        assert ann.seen.text == "Questions are taken again."
    else:
        assert "Questions: closed, the coaches have not answered" in (await ann.says("/setup")).text
        await ann.chooses("asks_open")
        assert "Questions: open" in ann.seen.text
    await world.settle()
    assert "will see only this" in await asked(world, "bob")
    assert stands(world) == []
    async with world.house.store.reading() as tx:
        assert (await communities.load(tx, world.community.id)).asks
    await hours(world, 71)
    assert stands(world) == []
    await hours(world, 1)
    assert len(stands(world)) == 1


async def test_only_who_runs_it_or_coaches_open_it(world: World) -> None:
    ann = await silent(world)
    ann.reads(ann.account.private)
    eve = world.person("eve")
    eve.last = ann.last
    await eve.taps("Take questions again")
    assert eve.seen.text != "Questions are taken again."
    await asks_nothing(world)


async def test_what_the_owner_chose_stays(world: World) -> None:
    await runs(world)
    await begins(world, 10)
    await asks(world)
    async with world.house.store.transaction() as tx:
        await communities.change(tx, world.community.id, asks=False)
    await days(world, 4)
    assert stands(world) == []
    assert not (await asked(world, "bob")).startswith(CLOSED)


async def test_at_night_it_closes_and_is_said_in_the_morning(world: World) -> None:
    ann = await runs(world)
    await begins(world, 2)
    await asks(world)
    await days(world, 3)
    await asks_nothing(world)
    assert (stands(world), ann.reads(ann.account.private)) == ([], [])
    await hours(world, 6)
    assert (len(stands(world)), len(ann.reads(ann.account.private))) == (1, 1)


async def test_a_desk_that_answers_others_is_not_closed(world: World) -> None:
    await begins(world, 10)
    await asks(world)
    await hours(world, 40)
    await asks(world, "bob")
    await answers(world, world.person("rowan", DESK))
    await days(world, 2)
    assert stands(world) == []
    async with world.house.store.reading() as tx:
        assert not (await watch.of(tx, world.community.id)).closed


# -- how a desk is kept


async def chooses(world: World, which: str, value: str) -> Reply:
    """Choose one thing of how the desk is kept, as whoever runs the community does."""
    ann = await runs(world)
    await ann.says("/setup")
    await ann.chooses("rules")
    menus = [item for row in ann.seen.rows for item in row if isinstance(item, Menu)]
    menu = next(each for each in menus if each.args[1] == which)
    ann.last = Reply("One of them.", ((menu,),))
    return await ann.chooses(value)


@pytest.mark.parametrize(
    ("which", "value", "said"),
    [
        ("jitter", "5", "Questions reach the desk at a random moment within 5 minutes"),
        ("kept_days", "7", "Closed questions are destroyed after 7 days."),
        ("unclaimed_hours", "8", "A question that is nobody's: a reminder after 8 hours."),
        ("unanswered_hours", "0", "A question without an answer: no reminder."),
    ],
)
async def test_how_the_desk_is_kept_is_chosen_by_a_tap(world: World, which: str, value: str, said: str) -> None:
    assert said in (await chooses(world, which, value)).text
    async with world.house.store.reading() as tx:
        assert await rules_of(tx, world.community.id) == replace(DeskRules(jitter=0), **{which: int(value)})


async def test_what_was_not_offered_is_not_taken(world: World) -> None:
    ann = await runs(world)
    await ann.says("/setup")
    await ann.chooses("rules")
    menu = next(item for row in ann.seen.rows for item in row if isinstance(item, Menu) and item.args[1] == "kept_days")
    call = Call("", ann.account, ann.place, None, menu.action, (*menu.args, "400"))
    await ann.calls(call)
    async with world.house.store.reading() as tx:
        assert await rules_of(tx, world.community.id) == DeskRules(jitter=0)


@pytest.mark.parametrize(("value", "goes"), [("7", 7), ("0", 0), ("30", 30)])
async def test_what_is_closed_already_is_kept_as_chosen_now(world: World, value: str, goes: int) -> None:
    await begins(world, 12)
    await asks(world)
    await answers(world, world.person("rowan", DESK))
    await world.moves(days=7)
    await world.moves(days=3)
    await chooses(world, "kept_days", value)
    async with world.house.store.reading() as tx:
        (row,) = [each for each in await tx.rows(due) if each["job"] == DESTROY]
    closed = datetime(2026, 3, 11, 12, tzinfo=UTC)
    assert row["at"] == max(closed + timedelta(days=goes), closed + timedelta(days=3))
    await world.settle()
    if not goes:
        assert world.platform.at(DESK) == []
