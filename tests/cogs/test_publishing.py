"""Publishing: worded by a coach, and only with the asker's yes to that wording."""

from bot.model import Reply
from cogs.faq import published
from tests.cogs.test_answering import answers
from tests.cogs.test_desk import asks, named
from tests.harness import DESK, Person, World


async def offered(world: World) -> tuple[Person, Person]:
    """A coach has worded it, and the asker is asked."""
    ada = await asks(world)
    (rowan,) = await named(world, "rowan")
    await answers(rowan)
    await world.moves(hours=20)
    rowan.reads(DESK)
    await rowan.taps("More")
    form = await rowan.opens("Publish")
    assert [field.value for field in form.fields] == ["Should I write to her mother?", "Wait a day."]
    await rowan.fills(question="Should I write to their family?", answer="Wait a day, then another.")
    await world.settle()
    return ada, rowan


async def test_with_their_yes_it_is_published_in_that_wording_and_they_get_the_code(world: World) -> None:
    ada, rowan = await offered(world)
    assert "“Should I write to their family?”\n\nWait a day, then another." in ada.reads()[-1]
    await ada.taps("Yes, publish it")
    code = ada.seen.text.split()[-1]
    async with world.house.store.reading() as tx:
        assert [(row["question"], row["signed"]) for row in await tx.rows(published)] == [
            ("Should I write to their family?", "Rowan")
        ]
    await world.settle()
    assert "has been asked whether it may be published" in rowan.reads(DESK)[-1]
    await world.moves(hours=20)
    assert "\nPublished." in rowan.reads(DESK)[-1]
    await ada.says(f"/unpublish {code}")
    async with world.house.store.reading() as tx:
        assert await tx.rows(published) == []


async def test_a_no_publishes_nothing_and_is_told_late(world: World) -> None:
    ada, rowan = await offered(world)
    ada.reads()
    asked = ada.last
    await ada.taps("No")
    await world.settle()
    before = rowan.reads(DESK)[-1]
    assert "has been asked whether it may be published" in before
    await world.moves(hours=2)
    assert rowan.reads(DESK)[-1] == before
    await world.moves(hours=18)
    assert "Not published." in rowan.reads(DESK)[-1]
    ada.last = asked
    await ada.taps("Yes, publish it")
    assert "answered before" in ada.seen.text
    await rowan.taps("More")
    said = await rowan.taps("Publish")
    assert isinstance(said, Reply)
    assert "does not want it published" in said.text
    async with world.house.store.reading() as tx:
        assert await tx.rows(published) == []


async def test_nobody_else_says_yes(world: World) -> None:
    ada, _ = await offered(world)
    eve = await world.member("eve")
    ada.reads()
    eve.last = ada.last
    await eve.taps("Yes, publish it")
    assert "not here any more" in eve.seen.text
    async with world.house.store.reading() as tx:
        assert await tx.rows(published) == []


async def test_without_an_answer_there_is_nothing_to_publish(world: World) -> None:
    await asks(world)
    (rowan,) = await named(world, "rowan")
    await rowan.taps("More")
    said = await rowan.taps("Publish")
    assert isinstance(said, Reply)
    assert "no answer yet" in said.text
