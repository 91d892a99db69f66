"""After a contact: two taps, what was held first, the rest offered, and another tone where there has to be one."""

import pytest

from bot import people
from bot.model import Menu, Reply
from cogs.streaks import Plan, Trigger, plan_for
from tests.harness import Person, World

FRIGHTENED = "They may be frightened. If they asked you to stop, more may be a crime. Stop here tonight."


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def plan_of(world: World, person: Person, trigger: Trigger) -> Plan | None:
    """What they mean to do when it comes again."""
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        return await plan_for(tx, member, trigger)


@pytest.mark.parametrize("label", ["I wrote", "I answered"])
async def test_a_lapse_takes_two_taps_and_can_end_there(world: World, label: str) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact")
    assert await taps(ada, label) == "27 of 28 days held. That stays."
    assert "enough for tonight" in await taps(ada, "Enough for tonight")
    assert ada.labels == ["Help lines"]


async def test_what_set_it_off_a_plan_and_a_coach_are_offered_and_can_be_left(world: World) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact wrote")
    assert ada.buttons["Ask a coach"].action == "ask"
    await taps(ada, "What set it off?")
    (menu,) = (item for row in ada.seen.rows for item in row if isinstance(item, Menu))
    assert [option.label for option in menu.options] == [
        *("Feeling alone", "The night", "Alcohol", "Their birthday, or a date", "Seeing them, or a photo"),
        *("They wrote", "Anger", "Something else"),
    ]
    assert "Enough for tonight" in ada.labels
    await ada.chooses("night")
    assert ada.labels == ["Make a plan", "Enough for tonight", "Ask a coach", "Help lines"]
    form = await ada.opens("Make a plan")
    assert [(field.label, field.max) for field in form.fields] == [("When …", 120), ("I will …", 120)]
    said = await ada.fills(when="I lie awake", will="put the phone in the kitchen")
    assert said.text == "Kept. When I lie awake, I will put the phone in the kitchen."
    assert "Enough for tonight" in ada.labels
    assert await plan_of(world, ada, Trigger.NIGHT) == Plan("I lie awake", "put the phone in the kitchen")
    assert await plan_of(world, ada, Trigger.ANGER) is None


async def test_a_plan_is_shown_again_where_it_belongs_and_can_be_changed(world: World) -> None:
    ada = await world.member("ada", last="28")
    for typed in ("3 days ago", ""):
        await ada.says(f"/contact wrote {typed}")
        await taps(ada, "What set it off?")
        await ada.chooses("night")
        if typed:
            await ada.opens("Make a plan")
            await ada.fills(when="I lie awake", will="read")
    assert ada.seen.text == "Kept. Your plan for that:\nWhen I lie awake, I will read."
    form = await ada.opens("Change it")
    assert [field.value for field in form.fields] == ["I lie awake", "read"]
    await ada.fills(when="I lie awake", will="walk")
    shown = await ada.says("/history")
    (menu,) = (item for row in shown.rows for item in row if isinstance(item, Menu))
    assert [option.label for option in menu.options][:2] == [
        "Wednesday, 4 March: I wrote (The night)",
        "Sunday, 1 March: I wrote (The night)",
    ]
    for option in menu.options[:2]:
        ada.last = shown
        assert "Your plan: when I lie awake, I will walk." in (await ada.chooses(option.value)).text


async def test_half_a_plan_is_asked_for_field_by_field_where_there_are_no_modals(world: World) -> None:
    ada = await world.member("ada", last="28")
    ada.modals = False
    await ada.says("/contact wrote")
    await taps(ada, "What set it off?")
    await ada.chooses("alcohol")
    assert await taps(ada, "Make a plan") == "When …"
    assert (await ada.says("I have had a drink")).text == "I will …"
    assert (await ada.says("give my phone to Jo")).text.startswith("Kept. When I have had a drink, I will give")


async def test_a_plan_that_is_too_long_is_not_taken(world: World) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact wrote")
    await taps(ada, "What set it off?")
    await ada.chooses("other")
    await ada.opens("Make a plan")
    assert "120 fit" in (await ada.fills(when="x" * 121, will="y")).text
    assert await plan_of(world, ada, Trigger.OTHER) is None


async def test_what_set_it_off_is_offered_after_a_look_and_not_for_what_they_do(world: World) -> None:
    ada = await world.member("ada", last="28")
    for what, offered in (("looked", True), ("they_wrote", False), ("unavoidable", False)):
        await ada.says(f"/contact {what}")
        assert ("What set it off?" in ada.labels) is offered, what


async def test_an_entry_that_was_taken_back_has_nothing_that_set_it_off(world: World) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact wrote")
    said = ada.seen
    await taps(ada, "Undo")
    ada.last = said
    assert "isn't there any more" in await taps(ada, "What set it off?")


async def writes(world: World, person: Person, times: int) -> str:
    """Write so many times in one evening; return the last answer."""
    said = ""
    for _ in range(times):
        await world.moves(minutes=10)
        await person.says("/contact")
        said = await taps(person, "I wrote")
    return said


async def test_the_third_message_in_seven_days_brings_another_tone(world: World) -> None:
    ada = await world.member("ada", last="28")
    assert "held" in await writes(world, ada, 2)
    assert (await writes(world, ada, 1)).startswith(FRIGHTENED)
    assert ada.labels == ["I fear what I may do next", "Enough for tonight", "Ask a coach", "Undo"]
    assert ada.buttons["I fear what I may do next"].action == "crisis.afraid"
    await world.moves(days=7)
    assert "held" in await writes(world, ada, 1)


async def test_taking_the_third_back_takes_the_tone_back(world: World) -> None:
    ada = await world.member("ada", last="28")
    await writes(world, ada, 3)
    await taps(ada, "Undo")
    await ada.says("/contact answered")
    assert "held" in ada.seen.text


@pytest.mark.parametrize(
    "label", ["I went where they are", "I sent word through someone", "I wrote from a new account"]
)
async def test_going_round_them_brings_the_other_tone_at_once_and_ends_the_streak(world: World, label: str) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact")
    await taps(ada, "More")
    said = await taps(ada, label)
    assert said.startswith(FRIGHTENED)
    assert "fear what they may do next" in said
    assert (await ada.says("/streak")).text.startswith("Today is where it begins. Tomorrow is day 1.\n27 of 28")


@pytest.mark.parametrize("aside", [False, True])
@pytest.mark.parametrize("what", ["wrote", "answered"])
async def test_under_a_court_order_every_contact_brings_the_other_tone(world: World, what: str, aside: bool) -> None:
    ada = await world.member("ada", last="28")
    if aside:
        await ada.says("/stage")
        await ada.chooses("rebuilding")
    await ada.says("/settings")
    await ada.chooses("court_order_on")
    assert (await ada.says(f"/contact {what}")).text.startswith(FRIGHTENED)
    assert "Noted." in (await ada.says("/contact they_wrote")).text
