"""How a question ends: a word that it still waits, closing by itself, and nothing of it kept for ever."""

import pytest

from bot import communities
from bot.adapter import Delete, Delivery, Edit, Outcome, Refused
from bot.due import due
from bot.model import Account, Menu, Reply
from bot.outbox import outbox, sent
from cogs.questions import desks, ends, lines, questions
from cogs.questions.store import Said, State, add_line, asker_of, askers
from cogs.questions.tallies import tallies
from tests.harness import DESK, Person, World

OWNER = Account("test", "ann", locale="en")


async def asked(world: World, text: str = "Should I write to her?") -> tuple[Person, Person]:
    """Somebody has asked; a coach looks at it."""
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    await ada.says(f"/ask {text}")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    return ada, rowan


async def answers(world: World, rowan: Person, text: str = "Wait a day.") -> None:
    """Answer the question last seen at the desk."""
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer=text)
    await world.moves(seconds=61)


async def keeps(world: World, days: int) -> None:
    """Let closed questions be kept for so many days."""
    async with world.house.store.transaction() as tx:
        await tx.upsert(desks, community=world.community.id, kept_days=days)


async def state(world: World) -> str | None:
    """Return where the one question stands, None where there is none."""
    async with world.house.store.reading() as tx:
        rows = await tx.rows(questions)
    return rows[0]["state"] if rows else None


async def counted(world: World) -> dict[str, int]:
    """Return what was counted."""
    async with world.house.store.reading() as tx:
        return {row["what"]: row["count"] for row in await tx.rows(tallies)}


async def looks(world: World, ada: Person) -> str:
    """Open one's newest question."""
    listed = await ada.says("/questions")
    (menu,) = [item for row in listed.rows for item in row if isinstance(item, Menu)]
    return (await ada.chooses(menu.options[0].value)).text


async def test_who_waits_for_a_day_is_told_so_once(world: World) -> None:
    ada, _ = await asked(world)
    await world.moves(hours=23, minutes=59)
    assert ada.reads() == []
    await world.moves(minutes=1)
    (told,) = ada.reads()
    assert told.startswith("A note for you.\n\nYou asked: “Should I write to her?”\n\nIt still waits")
    assert ada.labels == ["Look at it", "Help lines"]
    await ada.taps("Look at it")
    assert "Where it stands: waiting." in ada.seen.text
    await world.moves(days=10)
    assert len(ada.reads()) == 1


async def test_who_has_an_answer_is_not_told_that_it_waits(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan)
    await world.moves(days=2)
    assert len(ada.reads()) == 1


async def test_in_discreet_mode_it_shows_nothing(world: World) -> None:
    ada, _ = await asked(world)
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await world.moves(days=1)
    assert ada.reads() == ["Something is here for you."]
    await ada.taps("Show it")
    assert "Where it stands: waiting." in ada.seen.text


async def test_a_week_after_its_last_answer_a_question_closes(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan)
    await world.moves(days=6, hours=23)
    assert await state(world) == State.ANSWERED
    await world.moves(hours=1)
    assert await state(world) == State.CLOSED
    assert len(ada.reads()) == 1  # it is not news
    assert world.platform.at(DESK)[-1].text.endswith("\nClosed.")
    assert "closed. On Friday, 10 April all of it is destroyed" in await looks(world, ada)


async def test_a_follow_up_begins_the_wait_anew(world: World) -> None:
    ada, rowan = await asked(world)
    await answers(world, rowan)
    ada.reads()
    await world.moves(days=6)
    await ada.opens("Follow up")
    await ada.fills(more="And then?")
    await ada.taps("Send")
    await world.moves(days=8)
    assert await state(world) == State.WAITING
    await world.moves(days=6)
    assert await state(world) == State.CLOSED


async def test_two_weeks_without_an_answer_end_it_with_a_kind_word_and_it_is_counted(world: World) -> None:
    ada, _ = await asked(world)
    await world.moves(days=13, hours=23)
    assert await state(world) == State.WAITING
    await world.moves(hours=1)
    assert await state(world) == State.CLOSED
    assert "That is no word about you or your question" in ada.reads()[-1]
    assert ada.labels == ["Ask a coach", "Help lines"]
    assert await counted(world) == {"unanswered": 1}


async def test_how_long_the_first_answer_took_is_counted_coarsely_and_once(world: World) -> None:
    ada, rowan = await asked(world)
    await world.moves(hours=2)
    await answers(world, rowan)
    ada.reads()
    await ada.opens("Follow up")
    await ada.fills(more="And then?")
    await ada.taps("Send")
    await world.settle()
    await answers(world, rowan, "Then wait.")
    assert await counted(world) == {"took-3": 1, "took-2026W10-3": 1}


@pytest.mark.parametrize("days", [30, 3, 0])
async def test_after_its_time_all_of_it_is_destroyed(world: World, days: int) -> None:
    await keeps(world, days)
    ada, rowan = await asked(world, "question-zuzu?")
    await answers(world, rowan, "answer-zuzu")
    await world.moves(days=7)
    if days:
        await world.moves(days=days - 1)
        assert await state(world) == State.CLOSED
        await world.moves(days=1)
    await world.settle()
    assert await state(world) is None
    assert world.platform.at(DESK) == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(lines) == await tx.rows(outbox) == []
        assert [row for row in await tx.rows(sent) if row["member"] is None] == []
        assert [row for row in await tx.rows(due) if row["job"].startswith("questions.")] == []
        (row,) = await tx.rows(askers)
    assert row["asked"]["ids"] == []
    assert "nothing of it is kept" in (await ada.says("/questions")).text


async def test_nothing_that_is_due_for_a_question_names_anybody_or_a_minute(world: World) -> None:
    world.clock.move(world.clock.now().replace(minute=17) - world.clock.now())
    ada, rowan = await asked(world)
    await answers(world, rowan)
    await world.moves(days=8)
    await ada.says("/ask Another?")
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        rows = [row for row in await tx.rows(due) if row["job"].startswith("questions.")]
        (asker,) = {(await asker_of(tx, row)).id for row in await tx.rows(questions)}  # pyright: ignore[reportOptionalMemberAccess]
    assert len(rows) == 4
    assert {(row["member"], row["at"].minute, row["at"].second) for row in rows} == {(None, 0, 0)}
    assert all(asker not in row["key"] for row in rows)


# -- where the platform does not let go of it


async def refuses(world: World) -> list[Delivery]:
    """Let the platform refuse to delete and to change anything; return what it was asked."""
    tried: list[Delivery] = []
    deliver = world.platform.deliver

    async def deliver_or_not(what: Delivery) -> Outcome:
        if isinstance(what, Delete | Edit):
            tried.append(what)
            return Refused("50001")
        return await deliver(what)

    world.platform.deliver = deliver_or_not
    return tried


async def test_where_the_desk_does_not_let_go_it_is_tried_each_day_and_told_once(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, OWNER)
    ada, _ = await asked(world)
    deliver = world.platform.deliver
    tried = await refuses(world)
    await looks(world, ada)
    await ada.taps("Forget this one now")
    await ada.taps("Yes, forget it")
    await world.settle()
    assert await state(world) is None
    (told,) = world.platform.at(OWNER.private)
    assert "In Harbour a message at #desk should be gone" in told.text
    assert "Should I write" not in told.text
    before = len(tried)
    await world.moves(days=1)
    assert len(tried) > before
    assert len(world.platform.at(OWNER.private)) == 1
    world.platform.deliver = deliver
    await world.moves(days=1)
    assert world.platform.at(DESK) == []
    await world.moves(days=1)
    async with world.house.store.reading() as tx:
        assert [row for row in await tx.rows(due) if row["job"].startswith("questions.")] == []
        assert [row for row in await tx.rows(sent) if row["member"] is None] == []


# -- from before


async def test_what_was_asked_before_there_were_ends_has_one_from_the_next_start(world: World) -> None:
    ada, _ = await asked(world)
    async with world.house.store.transaction() as tx:
        await tx.delete(due, due.c.job.startswith("questions."))
    for _ in range(2):
        async with world.house.store.transaction() as tx:
            await ends.start(world.house.work(tx))
    async with world.house.store.reading() as tx:
        jobs = sorted(row["job"] for row in await tx.rows(due) if row["job"].startswith("questions."))
    assert jobs == ["questions.closing", "questions.still"]
    await world.moves(hours=23)
    assert ada.reads() == []
    await world.moves(hours=1)
    assert "It still waits" in ada.reads()[-1]
    await world.moves(days=13)
    assert await state(world) == State.CLOSED
    await world.moves(days=30)
    assert await state(world) is None


async def test_a_question_that_the_desk_did_not_take_ends_too_and_costs_no_hour(world: World) -> None:
    ada = await world.member("ada")
    world.platform.outcomes = [Refused("50001")]
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    assert "closed. On Friday, 3 April" in await looks(world, ada)
    answer = await ada.says("/ask Again?")
    assert isinstance(answer, Reply)
    assert "Coaches will see only this" in answer.text


async def test_what_a_coach_asks_back_is_no_silence_and_begins_the_week_anew(world: World) -> None:
    ada, _ = await asked(world)
    for days in (1, 13):
        await world.moves(days=days, hours=-2 if days == 1 else 0)
        async with world.house.store.transaction() as tx:
            (row,) = await tx.rows(questions)
            await add_line(world.house.work(tx), row["id"], Said.BACK, "Since when?")
            if days == 13:
                await tx.update(questions, {"id": row["id"]}, state=State.BACK)
        await world.moves(hours=2)
    assert ada.reads() == []
    await world.moves(days=6)
    assert await state(world) == State.BACK
    await world.moves(days=1)
    assert await state(world) == State.CLOSED
