"""Questions: asked without a name, answered at the desk, carried back, once."""

import pytest

from bot.adapter import Delivery, Outcome, Refused, Unreachable
from bot.model import Form, Reply, length
from bot.outbox import Lane, State, outbox, sent
from cogs.questions import LENGTH
from tests.harness import DESK, Person, World


async def asked(world: World, text: str = "Should I write to her mother?", name: str = "ada") -> tuple[Person, Person]:
    """A member has asked, and a coach looks at the question."""
    ada, rowan = await world.member(name), world.person("rowan", DESK)
    await ada.opens("/ask")
    seen = await ada.fills(question=text)
    assert text in seen.text
    await ada.taps("Send")
    await world.settle()
    assert text in rowan.reads(DESK)[-1]
    return ada, rowan


async def test_an_answer_reaches_the_asker_after_a_minute(world: World) -> None:
    ada, rowan = await asked(world)
    await rowan.opens("Answer")
    seen = await rowan.fills(answer="Wait a day.")
    assert "Going out in 60 seconds" in seen.text
    await world.settle()
    assert ada.reads() == []
    await world.moves(seconds=61)
    assert "Wait a day." in ada.reads()[-1]
    assert "It has gone out." in rowan.reads(DESK)[-1]
    await world.moves(hours=20)
    assert "Delivered." in rowan.reads(DESK)[-1]


async def test_the_desk_never_sees_who_asked(world: World) -> None:
    await asked(world, name="zuzu")  # which no random id spells
    assert "zuzu" not in repr(world.platform.said[DESK]).casefold()


async def test_an_answer_can_be_taken_back_within_the_minute(world: World) -> None:
    ada, rowan = await asked(world)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    await rowan.taps("Undo")
    assert rowan.labels == ["Release", "Answer", "Ask back", "More"]
    await world.moves(seconds=120)
    assert ada.reads() == []
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait two days.")
    await world.moves(seconds=61)
    assert "Wait two days." in ada.reads()[-1]


async def test_the_undo_that_comes_too_late_says_so(world: World) -> None:
    _, rowan = await asked(world)
    await rowan.opens("Answer")
    undo = await rowan.fills(answer="Wait a day.")
    await world.moves(seconds=61)
    rowan.last = undo
    await rowan.taps("Undo")
    assert "It has gone out." in rowan.seen.text
    rowan.last, rowan.shown = undo, None
    await rowan.taps("Undo")
    assert rowan.seen.text == "It has gone out already."


async def test_of_two_coaches_the_first_answers(world: World) -> None:
    ada, rowan = await asked(world)
    world.platform.coaches.add("noor")
    noor = world.person("noor", DESK)
    noor.reads(DESK)
    await rowan.opens("Answer")
    await noor.opens("Answer")
    await rowan.fills(answer="First.")
    assert "answered this meanwhile" in (await noor.fills(answer="Second.")).text
    await world.moves(seconds=61)
    assert [text for text in ada.reads() if "First." in text or "Second." in text] == ada.reads()[-1:]
    assert "First." in ada.reads()[-1]


async def test_send_pressed_twice_sends_once(world: World) -> None:
    ada = await world.member("ada")
    await ada.opens("/ask")
    preview = await ada.fills(question="Once?")
    await ada.taps("Send")
    ada.last = preview
    await ada.taps("Send")
    assert "sent already" in ada.seen.text
    await world.settle()
    assert len(world.platform.at(DESK)) == 1


async def test_who_is_no_coach_cannot_answer(world: World) -> None:
    await asked(world)
    bob = await world.member("bob")
    bob.place = DESK
    bob.reads(DESK)
    seen = await bob.taps("Answer")
    assert isinstance(seen, Reply)
    assert "for the coaches" in seen.text


async def test_a_coach_cannot_answer_from_elsewhere(world: World) -> None:
    _, rowan = await asked(world)
    rowan.place = rowan.account.private
    seen = await rowan.taps("Answer")
    assert isinstance(seen, Reply)
    assert "for the coaches" in seen.text


async def test_edit_opens_the_question_again(world: World) -> None:
    ada = await world.member("ada")
    await ada.opens("/ask")
    await ada.fills(question="First try")
    form = await ada.opens("Edit")
    assert form.fields[0].value == "First try"
    await ada.fills(question="Second try")
    await ada.taps("Send")
    await world.settle()
    assert "Second try" in world.platform.at(DESK)[0].text


async def test_a_cancelled_question_is_gone(world: World) -> None:
    ada = await world.member("ada")
    await ada.opens("/ask")
    preview = await ada.fills(question="Never mind")
    await ada.taps("Cancel")
    ada.last = preview
    await ada.taps("Send")
    await world.settle()
    assert world.platform.at(DESK) == []


async def test_a_draft_is_gone_after_an_hour(world: World) -> None:
    ada = await world.member("ada")
    await ada.opens("/ask")
    await ada.fills(question="Later")
    await world.moves(minutes=61)
    await ada.taps("Send")
    await world.settle()
    assert world.platform.at(DESK) == []


async def test_three_may_wait(world: World) -> None:
    ada = await world.member("ada")
    for number in range(3):
        await ada.opens("/ask")
        await ada.fills(question=f"Question {number}")
        await ada.taps("Send")
        await world.moves(hours=1)
    assert "3 questions of yours are waiting" in (await ada.says("/ask")).text


async def test_forget_takes_the_question_from_the_desk(world: World) -> None:
    ada, rowan = await asked(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    assert world.platform.at(DESK) == []
    assert isinstance(rowan.last, Reply)
    seen = await rowan.taps("Answer")
    assert isinstance(seen, Reply)
    assert "not here any more" in seen.text


async def test_what_cannot_be_taken_from_the_desk_is_replaced_there(world: World) -> None:
    ada, rowan = await asked(world)
    world.platform.outcomes = [Refused("cannot-be-deleted")]
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    assert rowan.reads(DESK) == ["This question is not here any more."]
    assert rowan.labels == []


async def test_who_forgets_while_the_desk_refuses_leaves_no_question_behind(world: World) -> None:
    ada, deliver = await world.member("ada"), world.platform.deliver
    await ada.says("/ask Is it me?")
    await ada.taps("Send")

    async def delivering(what: Delivery) -> Outcome:
        world.platform.deliver = deliver
        await ada.says("/forget")
        await ada.taps("Yes, erase everything")
        return Refused("50001")

    world.platform.deliver = delivering
    await world.settle()
    async with world.house.store.reading() as tx:
        assert await tx.rows(outbox) == []
    assert ada.reads() == []


async def test_who_forgets_leaves_no_edit_behind_that_the_desk_refused(world: World) -> None:
    ada, rowan = await asked(world)
    world.platform.outcomes = [Refused("50001")]
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    await world.settle()
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    async with world.house.store.reading() as tx:
        assert await tx.rows(outbox) == []


async def test_an_asker_learns_that_the_desk_was_not_reached_and_may_ask_again(world: World) -> None:
    ada = await world.member("ada")
    for number in range(3):
        world.platform.outcomes = [Refused("50001")]
        await ada.says(f"/ask Question {number}")
        await ada.taps("Send")
        await world.settle()
    assert ["could not reach the coaches" in said for said in ada.reads()] == [True] * 3
    assert "You asked: “Question 2”" in ada.reads()[-1]
    assert ada.labels == ["Help lines"]
    assert "Coaches will see" in (await ada.says("/ask Question 4")).text


async def test_who_forgets_is_not_told_that_the_desk_was_not_reached(world: World) -> None:
    ada = await world.member("ada")
    world.platform.outcomes = [Refused("50001"), Unreachable()]
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    async with world.house.store.reading() as tx:
        lost = await tx.rows(outbox, outbox.c.lane == Lane.ANSWER)
    assert [(row["state"], row["member"]) for row in lost] == [(State.HELD, None)]
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await tx.rows(outbox) == []


async def test_a_question_that_gets_to_the_desk_after_all_can_be_answered(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    world.platform.outcomes = [Refused("50001")]
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    async with world.house.store.transaction() as tx:
        await tx.execute(outbox.update().values(state=State.WAITING))
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)
    assert "No." in ada.reads()[-1]


async def test_nothing_remembers_which_messages_were_answers(world: World) -> None:
    ada, rowan = await asked(world)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    await world.moves(seconds=61)
    assert "Wait a day." in ada.reads()[-1]
    await world.moves(minutes=21)
    async with world.house.store.reading() as tx:
        assert [row["name"].split("-")[2] for row in await tx.rows(sent) if row["member"] is None] == ["desk"]


async def test_without_modals_the_question_is_asked_for_in_words(world: World) -> None:
    ada = await world.member("ada")
    ada.modals = False
    assert "Your question" in (await ada.says("/ask")).text
    assert "Is it me?" in (await ada.says("Is it me?")).text
    await ada.taps("Send")
    await world.settle()
    assert "Is it me?" in world.platform.at(DESK)[0].text


async def test_without_modals_a_coach_answers_by_a_reply(world: World) -> None:
    ada, rowan = await asked(world)
    rowan.modals = False
    seen = await rowan.taps("Answer")
    assert not isinstance(seen, Form)
    assert "Reply to this message" in rowan.seen.text
    assert "Going out" in (await rowan.replies("Be kind to yourself.")).text
    await world.moves(seconds=61)
    assert "Be kind to yourself." in ada.reads()[-1]


async def test_an_answer_in_a_group_goes_to_the_question_whose_prompt_it_replies_to(world: World) -> None:
    ada, rowan = await asked(world, "The first?")
    rowan.modals = False
    first = await rowan.taps("Answer")
    assert isinstance(first, Reply)
    bob = await world.member("bob")
    await bob.says("/ask The second?")
    await bob.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    second = await rowan.taps("Answer")
    assert isinstance(second, Reply)
    assert "To the first." in (await rowan.replies("To the first.", first)).text
    assert "To the second." in (await rowan.replies("To the second.", second)).text
    await world.moves(seconds=61)
    assert ["To the first." in ada.reads()[-1], "To the second." in bob.reads()[-1]] == [True, True]


async def test_a_question_may_be_typed_with_the_command(world: World) -> None:
    ada = await world.member("ada")
    assert "Is it me?" in (await ada.says("/ask Is it me?")).text
    await ada.taps("Send")
    await world.settle()
    assert "Is it me?" in world.platform.at(DESK)[0].text


@pytest.mark.parametrize("letter", ["x", "é", "🙂"])
async def test_a_question_and_an_answer_may_be_as_long_as_the_form_takes(world: World, letter: str) -> None:
    long = letter * (LENGTH // length(letter))
    ada, rowan = await asked(world, long)
    await rowan.opens("Answer")
    await rowan.fills(answer=long)
    await world.moves(seconds=61)
    assert long in ada.reads()[-1]
