"""Ten minutes before bed: what waits, and one after the other of it."""

from bot.model import Menu, Reply
from cogs import faq
from cogs.questions import questions
from cogs.questions.store import State
from tests.cogs.test_desk import asks, named
from tests.cogs.test_ends import refuses
from tests.harness import DESK, Person, World


async def queues(who: Person) -> Reply:
    """Type /queue; what is answered stands at the desk, as on a platform that shows it to all."""
    answer = await who.says("/queue")
    who.shown = who.world.platform.put(DESK, answer)
    who.last = answer
    return answer


async def taps(who: Person, label: str) -> Reply:
    """Press a button of the message looked at, which the answer takes the place of."""
    answer = await who.taps(label)
    assert isinstance(answer, Reply)
    here = who.world.platform.said[DESK]
    here[:] = [(ref, answer if ref == who.shown and answer.edit else reply) for ref, reply in here]
    return answer


async def test_three_taps_a_question(world: World) -> None:
    ada = await asks(world, "The first?")
    await world.moves(hours=9)
    bob = await asks(world, "The second?", "bob")
    (rowan,) = await named(world, "rowan")
    assert (await queues(rowan)).text == "2 wait. The oldest has waited some hours."
    first = await taps(rowan, "Next")
    assert "The first?" in first.text
    assert rowan.labels == ["Answer", "Pass", "I'm worried", "More"]
    await rowan.opens("Answer")
    assert "Going out in 60 seconds, signed: Rowan" in (await rowan.fills(answer="One.")).text
    second = await taps(rowan, "Next")
    assert "The second?" in second.text
    await rowan.opens("Answer")
    await rowan.fills(answer="Two.")
    assert (await taps(rowan, "Next")).text == "Nothing waits. Good night."
    await world.moves(seconds=61)
    assert ["One." in ada.reads()[-1], "Two." in bob.reads()[-1]] == [True, True]


async def test_pass_gives_it_back_and_hands_out_the_next_until_it_comes_round(world: World) -> None:
    for name, text in (("ada", "The first?"), ("bob", "The second?"), ("cal", "The third?")):
        await asks(world, text, name)
        await world.moves(hours=1)
    rowan, noor = await named(world, "rowan", "noor")
    await queues(rowan)
    seen = [await taps(rowan, "Next"), await taps(rowan, "Pass"), await taps(rowan, "Pass"), await taps(rowan, "Pass")]
    assert [next(each for each in ("first", "second", "third") if each in said.text) for said in seen] == [
        "first",
        "second",
        "third",
        "first",
    ]
    await queues(noor)
    assert "The second?" in (await taps(noor, "Next")).text
    async with world.house.store.reading() as tx:
        claimed = [row["text"] for row in await tx.rows(questions) if row["claim"]]
    assert sorted(claimed) == ["The first?", "The second?"]


async def test_what_somebody_is_worried_about_comes_first_and_says_so(world: World) -> None:
    await asks(world, "The first?")
    await world.moves(hours=1)
    await asks(world, "The second?", "bob")
    rowan, noor = await named(world, "rowan", "noor")
    await queues(rowan)
    await taps(rowan, "Next")
    await taps(rowan, "Pass")
    assert "Somebody else can take it." in (await taps(rowan, "I'm worried")).text
    assert "2 wait." in (await queues(noor)).text
    assert "One is urgent." in noor.seen.text
    said = await taps(noor, "Next")
    assert "The second?" in said.text
    assert "· urgent" in said.text
    assert "Rowan noted, for coaches alone:\nI'm worried about this one." in said.text


async def test_what_was_handed_out_changes_and_goes_with_the_question(world: World) -> None:
    ada = await asks(world, "Markquestion?")
    (rowan,) = await named(world, "rowan")
    await queues(rowan)
    await taps(rowan, "Next")
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    assert "Markquestion" not in repr(world.platform.said[DESK])


async def test_what_was_handed_out_and_the_desk_does_not_let_go_of_is_tried_each_day(world: World) -> None:
    ada = await asks(world, "Markquestion?")
    (rowan,) = await named(world, "rowan")
    await queues(rowan)
    await taps(rowan, "Next")
    deliver = world.platform.deliver
    await refuses(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.settle()
    assert len(world.platform.at(DESK)) == 2
    world.platform.deliver = deliver
    await world.moves(days=1)
    assert world.platform.at(DESK) == []


async def test_what_was_published_like_it_is_at_hand(world: World) -> None:
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        await faq.publish(work, world.community, "Should I send a letter for her birthday?", "Let the day pass.", None)
    for _ in range(60):
        await world.moves(hours=1)
    await asks(world, "Her birthday comes. Shall I send a letter?")
    (rowan,) = await named(world, "rowan")
    await queues(rowan)
    await taps(rowan, "Next")
    (menu,) = [item for row in rowan.seen.rows for item in row if isinstance(item, Menu)]
    assert [option.label for option in menu.options] == ["Should I send a letter for her birthday?"]


async def test_a_passage_begins_an_answer(world: World) -> None:
    ada = await asks(world, "When does the pain of no contact end?")
    (rowan,) = await named(world, "rowan")
    await rowan.says("/snippets")
    await rowan.opens("Add a passage")
    await rowan.fills(title="Pain", text="Pain comes in waves.")
    rowan.reads(DESK)
    await rowan.taps("More")
    await rowan.taps("Passages")
    (menu,) = [item for row in rowan.seen.rows for item in row if isinstance(item, Menu)]
    rowan.last = await rowan.calls(_chosen(rowan, menu, menu.options[0].value))
    form = rowan.last
    assert form.fields[0].value == "Pain comes in waves."  # type: ignore[union-attr]
    await rowan.fills(answer="Pain comes in waves. They get smaller.")
    await world.moves(seconds=61)
    assert "They get smaller." in ada.reads()[-1]
    async with world.house.store.reading() as tx:
        assert [row["state"] for row in await tx.rows(questions)] == [State.ANSWERED]


def _chosen(who: Person, menu: Menu, value: str):
    from bot.model import Call

    return Call("", who.account, who.place, None, menu.action, (*menu.args, value), message=who.shown)
