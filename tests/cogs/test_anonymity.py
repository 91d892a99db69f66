"""What the database must not tell of who asks, even to somebody who reads all that is plain in it."""

import pytest
from sqlalchemy import select, text

from bot import search
from bot.dispatch import calls
from bot.due import due
from cogs.questions import askers, drafts
from tests.harness import DESK, World


@pytest.mark.sqlite
async def test_no_table_keeps_the_order_in_which_its_rows_were_written(world: World) -> None:
    async with world.house.store.reading() as tx:
        made = (await tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))).all()
    # Their rows are numbered by the random ids of what is public: tests/bot/test_search.py
    indexes = [name for name, _ in made if search.is_index(name)]
    assert [
        name for name, sql in made if "WITHOUT ROWID" not in sql and name not in ("alembic_version", *indexes)
    ] == []
    assert len(made) > 10


async def test_everybody_has_a_row_for_questions_equally_long(world: World) -> None:
    await world.member("bob")
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        asked = (await tx.execute(select(askers.c.asked))).scalars().all()
    assert len(asked) == 2
    assert len({len(each) for each in asked}) == 1


async def test_nothing_is_left_of_having_written_a_question(world: World) -> None:
    ada = await world.member("ada")
    for last in ("Cancel", "Send"):
        await ada.says("/ask Is it me?")
        await ada.taps(last)
        async with world.house.store.reading() as tx:
            assert await tx.rows(drafts) == []
            assert await tx.rows(due, due.c.job == "questions.drop_draft") == []


async def test_what_a_coach_does_keeps_no_text_beside_the_question(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    async with world.house.store.reading() as tx:
        assert [row["reply"] for row in await tx.rows(calls, calls.c.member.is_(None))] == [None]


async def test_texts_of_one_question_are_equally_long_wherever_they_are_kept(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob")
    await ada.says(f"/ask {'long ' * 300}")
    await bob.says("/ask Why?")
    async with world.house.store.reading() as tx:
        drafted = (await tx.execute(select(drafts.c.text))).scalars().all()
        replied = (await tx.execute(select(calls.c.reply).where(calls.c.reply.is_not(None)))).scalars().all()
    assert len({len(each) for each in drafted}) == 1
    assert len({len(each) for each in replied}) == 1
