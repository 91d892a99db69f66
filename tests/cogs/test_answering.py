"""Answering: seen before it goes, taken back, refused, worded anew; and what became of it, shown late."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapter import Refused, Retry, Unreachable
from bot.model import Call, Form, Reply
from bot.outbox import outbox, sent
from cogs import crisis
from cogs.questions import fates, lines, questions
from cogs.questions.store import Said, State
from tests.cogs.test_desk import asks, named, row
from tests.harness import DESK, NOON, Person, World


async def answers(who: Person, text: str = "Wait a day.", label: str = "Answer") -> Reply:
    """Answer the question that stands at the desk."""
    who.reads(who.place)
    await who.opens(label)
    answer = await who.fills(answer=text)
    await who.world.settle()
    return answer


async def both(world: World) -> tuple[Person, Person, Person]:
    """One who asked, and two coaches."""
    ada = await asks(world)
    rowan, noor = await named(world, "rowan", "noor")
    return ada, rowan, noor


# -- before it goes


async def test_a_coach_sees_what_the_asker_will_see(world: World) -> None:
    ada, rowan, _ = await both(world)
    seen = await answers(rowan)
    assert seen.text.startswith("Going out in 60 seconds, signed: Rowan, a coach of this community. They will see:")
    await world.moves(seconds=61)
    assert seen.text.partition("They will see:\n\n")[2] == ada.reads()[-1].replace(
        "Should I write to her mother?", "their words"
    )


async def test_no_word_of_the_asker_is_in_what_stays_below_a_coachs_words(world: World) -> None:
    _, rowan, _ = await both(world)
    rowan.modals = False
    await rowan.taps("Answer")
    seen = await rowan.replies("Wait a day.")
    assert "mother" not in repr(seen)
    rowan.shown = None
    await rowan.taps("Undo")
    assert "mother" not in repr(rowan.seen)
    assert "Wait a day." in rowan.seen.text


async def test_words_that_answer_the_message_at_the_desk_are_an_answer(world: World) -> None:
    ada, rowan, _ = await both(world)
    rowan.modals = False
    seen = await rowan.answers("Wait a day.")
    assert "Going out in 60 seconds" in seen.text
    await world.moves(seconds=61)
    assert "Wait a day." in ada.reads()[-1]


async def test_who_is_no_coach_answers_nothing_by_words(world: World) -> None:
    ada, _, _ = await both(world)
    eve = world.person("eve", DESK, modals=False)
    eve.reads(DESK)
    assert (await eve.answers("Hello.")).text == "That is for the coaches here."
    await world.moves(seconds=61)
    assert ada.reads() == []


async def test_an_answer_that_another_coach_has_is_given_only_when_they_insist(world: World) -> None:
    ada, rowan, noor = await both(world)
    await rowan.taps("Claim")
    await world.settle()
    noor.reads(DESK)
    noor.shown = None
    said = await noor.taps("Answer")
    assert isinstance(said, Reply)
    assert "Rowan has it, until about 12:30 UTC." in said.text
    await noor.opens("Answer anyway")
    assert "Going out" in (await noor.fills(answer="From Noor.")).text
    await world.moves(seconds=61)
    assert "From Noor." in ada.reads()[-1]


async def test_that_another_has_taken_it_meanwhile_is_said_before_anything_is_sent(world: World) -> None:
    ada, rowan, noor = await both(world)
    await noor.opens("Answer")
    await rowan.taps("Claim")
    said = await noor.fills(answer="From Noor.")
    assert "Rowan has taken this meanwhile. Nothing has gone out. Yours was:\n\nFrom Noor." in said.text
    await world.moves(seconds=61)
    assert ada.reads() == []
    await noor.taps("Send it all the same")
    await world.moves(seconds=61)
    assert "From Noor." in ada.reads()[-1]


async def test_that_another_has_answered_meanwhile_is_said_and_the_text_comes_back(world: World) -> None:
    ada, rowan, noor = await both(world)
    await noor.opens("Answer")
    await answers(rowan, "From Rowan.")
    await world.moves(seconds=61)
    said = await noor.fills(answer="From Noor.")
    assert "Rowan has answered this meanwhile." in said.text
    form = await noor.opens("Edit")
    assert form.fields[0].value == "From Noor."
    await noor.fills(answer="And from Noor.")
    await world.moves(seconds=61)
    assert ["From Rowan." in ada.reads()[0], "And from Noor." in ada.reads()[1], len(ada.reads())] == [True, True, 2]


async def test_what_was_answered_can_be_added_to(world: World) -> None:
    ada, rowan, _ = await both(world)
    await answers(rowan, "One.")
    await world.moves(seconds=61)
    await answers(rowan, "Two.", "Add to it")
    await world.moves(seconds=61)
    assert ["One." in ada.reads()[0], "Two." in ada.reads()[1]] == [True, True]
    async with world.house.store.reading() as tx:
        from cogs.totals import totals

        assert [each["counted"]["answered"] for each in await tx.rows(totals)] == [1]


# -- what is refused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Call me on +44 20 7946 0958.", "phone number"),
        ("Write to rowan@example.org.", "e-mail"),
        ("I'm @rowan_coach there.", "another platform"),
        ("Let's meet for a coffee.", "offers to meet"),
    ],
)
async def test_a_way_to_a_coach_is_refused_and_the_text_given_back(world: World, text: str, why: str) -> None:
    ada, rowan, _ = await both(world)
    said = await answers(rowan, text)
    assert why in said.text
    assert text in said.text
    await world.moves(seconds=61)
    assert ada.reads() == []
    assert (await row(world))["state"] == State.WAITING
    rowan.last = said
    form = await rowan.opens("Edit")
    assert form.fields[0].value == text
    assert "Going out" in (await rowan.fills(answer="Wait a day.")).text


async def test_a_help_line_may_be_named(world: World) -> None:
    ada, rowan, _ = await both(world)
    phone = crisis.lines()["countries"]["US"]["suicide"][0]["phone"][0]
    assert "Going out" in (await answers(rowan, f"Please call {phone}.")).text
    await world.moves(seconds=61)
    assert phone in ada.reads()[-1]


async def test_what_was_not_sent_is_gone_after_an_hour(world: World) -> None:
    _, rowan, _ = await both(world)
    said = await answers(rowan, "Write to rowan@example.org.")
    await world.moves(minutes=61)
    async with world.house.store.reading() as tx:
        assert await tx.rows(lines) == []
    rowan.last = said
    assert "kept for an hour" in (await rowan.taps("Edit")).text  # type: ignore[union-attr]


# -- taking back, wording anew


async def test_edit_holds_what_is_on_its_way_and_opens_it(world: World) -> None:
    ada, rowan, _ = await both(world)
    await answers(rowan, "Wait a day.")
    form = await rowan.opens("Edit")
    assert form.fields[0].value == "Wait a day."
    await world.moves(minutes=5)
    assert ada.reads() == []
    await rowan.fills(answer="Wait two days.")
    await world.moves(seconds=61)
    assert ["Wait two days." in said for said in ada.reads()] == [True]


async def test_undo_works_after_a_restart_too(world: World) -> None:
    ada, rowan, _ = await both(world)
    await answers(rowan)
    world.restart()
    rowan.reads(DESK)
    await rowan.taps("Undo")
    await world.moves(minutes=5)
    assert ada.reads() == []


@pytest.mark.parametrize("reached", [True, False])
async def test_for_a_quarter_of_an_hour_it_can_be_worded_anew(world: World, reached: bool) -> None:
    ada, rowan, _ = await both(world)
    seen = await answers(rowan)
    if not reached:
        world.platform.outcomes = [Unreachable()]
    await world.moves(seconds=61)
    await world.moves(minutes=14)
    rowan.last, rowan.shown = seen, None
    assert isinstance(await rowan.taps("Edit"), Form)
    assert "It is changed." in (await rowan.fills(answer="Wait two days.")).text
    await world.settle()
    assert ["Wait two days." in said for said in ada.reads()] == [True] * reached
    await world.moves(minutes=3)
    rowan.last = seen
    assert "more than a quarter of an hour ago" in (await rowan.taps("Edit")).text  # type: ignore[union-attr]
    async with world.house.store.reading() as tx:
        await world.moves(minutes=10)
        assert [each["name"] for each in await tx.rows(sent) if "-answer" in each["name"]] == []
    if not reached:
        await ada.says("/help")
        await world.settle()
        assert "Wait two days." in ada.reads()[-1]


# -- what became of it


async def test_that_somebody_cannot_be_reached_is_seen_no_sooner_than_hours_later(world: World) -> None:
    ada, rowan, _ = await both(world)
    bob = await asks(world, "The second?", "bob")
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Two.")
    rowan.last, rowan.shown = world.platform.said[DESK][0][1], world.platform.said[DESK][0][0]
    await rowan.opens("Answer")
    await rowan.fills(answer="One.")
    deliver = world.platform.deliver

    async def delivering(what: object) -> object:
        if getattr(getattr(what, "place", None), "channel", "") == "ada":
            world.platform.delivered.append(what)  # type: ignore[arg-type]
            return Unreachable()
        return await deliver(what)  # type: ignore[arg-type]

    world.platform.deliver = delivering  # type: ignore[method-assign,assignment]
    await world.moves(seconds=61)
    left = world.clock.now()
    assert "Two." in bob.reads()[-1]
    while True:
        shown = [(said.text.partition("It has gone out")[1:], said.rows) for said in world.platform.at(DESK)]
        texts = [text for text, _ in shown]
        if texts[0] != texts[1] or "It has gone out" not in texts[0][0]:
            break
        first, second = ([item.label for line in rows for item in line] for _, rows in shown)
        assert first == second
        await world.moves(minutes=7)
    assert world.clock.now() - left >= timedelta(hours=3)
    await world.moves(hours=1)
    assert [("can't be reached" in each.text, "Delivered." in each.text) for each in world.platform.at(DESK)] == [
        (True, False),
        (False, True),
    ]
    assert ada.reads() == []


async def test_by_trying_to_take_it_back_nobody_learns_who_cannot_be_reached(world: World) -> None:
    said: list[list[str]] = []
    for reached in (True, False):
        await asks(world, f"Question {reached}?", f"ada{reached}")
        (rowan,) = await named(world, "rowan")
        rowan.reads(DESK)
        seen = await answers(rowan)
        world.platform.outcomes = [] if reached else [Unreachable()]
        await world.moves(seconds=61)
        rowan.last, rowan.shown = seen, None
        undone = await rowan.taps("Undo")
        assert isinstance(undone, Reply)
        shown = rowan.reads(DESK)[-1].partition("\n")[2].replace(f"Question {reached}?", "")
        said.append([undone.text, shown, *rowan.labels])
    assert said[0] == said[1]


def test_no_fate_is_shown_sooner_than_three_hours_after_it() -> None:
    class Some:
        dice = random.Random(3)
        now = datetime(2026, 3, 4, tzinfo=UTC)

    for minutes in range(0, 48 * 60, 7):
        Some.now = NOON + timedelta(minutes=minutes)
        shown = fates.shown_at(Some())  # type: ignore[arg-type]
        assert timedelta(hours=3) <= shown - Some.now <= timedelta(hours=17)
        assert shown.hour in fates.DIGESTS


@pytest.mark.parametrize(("outcome", "said"), [(Refused("50001"), "could not be delivered"), (None, "Delivered.")])
async def test_what_became_of_it_is_shown_in_the_end(world: World, outcome: Refused | None, said: str) -> None:
    _, rowan, _ = await both(world)
    await answers(rowan)
    world.platform.outcomes = [outcome] if outcome else []
    await world.moves(seconds=61)
    assert said not in rowan.reads(DESK)[-1]
    await world.moves(hours=20)
    assert said in rowan.reads(DESK)[-1]


async def test_an_answer_waits_for_a_platform_that_is_down(world: World) -> None:
    ada, rowan, _ = await both(world)
    await answers(rowan)
    world.platform.outcomes = [Retry(timedelta(minutes=1), scope="platform")] * 3
    await world.moves(seconds=61)
    assert ada.reads() == []
    for _ in range(5):
        await world.moves(minutes=2)
    assert "Wait a day." in ada.reads()[-1]


# -- asking back


async def test_something_is_asked_back_and_can_be_taken_back(world: World) -> None:
    ada, rowan, _ = await both(world)
    rowan.reads(DESK)
    await rowan.opens("Ask back")
    await rowan.fills(text="How long ago was it?")
    await world.settle()
    assert (await row(world))["state"] == State.BACK
    rowan.reads(DESK)
    await rowan.taps("Undo")
    assert (await row(world))["state"] == State.WAITING
    await rowan.opens("Ask back")
    await rowan.fills(text="How long is it ago?")
    await world.moves(seconds=61)
    assert ["How long is it ago?" in said for said in ada.reads()] == [True]
    assert "Rowan asked back:\nHow long is it ago?" in rowan.reads(DESK)[-1]


async def test_nothing_of_it_stays_when_the_asker_forgets(world: World) -> None:
    ada, rowan, _ = await both(world)
    await answers(rowan, "Write to rowan@example.org.")
    await answers(rowan)
    await world.moves(seconds=61)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    async with world.house.store.reading() as tx:
        for table in (questions, lines, outbox, sent):
            assert await tx.rows(table) == [], table.name
    assert Said.DRAFT


async def test_who_is_back_gets_what_was_held_also_where_their_press_comes_to_nothing(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/ask Should I write to her?")
    await ada.taps("Send")
    await world.settle()
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait a day.")
    await world.settle()
    world.platform.outcomes = [Unreachable()]
    await world.moves(seconds=61)
    assert not any("Wait a day." in text for text in ada.reads())
    await ada.calls(Call("", ada.account, ada.place, None, "questions.open", ("nothing",)))
    assert "not here any more" in ada.seen.text
    await world.settle()
    assert any("Wait a day." in text for text in ada.reads())
