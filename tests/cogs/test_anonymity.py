"""What the database must not tell of who asks, even to somebody who reads all that is plain in it."""

from sqlalchemy import select, text

from bot.due import due
from cogs.questions import askers, drafts
from tests.harness import World


async def test_no_table_keeps_the_order_in_which_its_rows_were_written(world: World) -> None:
    async with world.house.store.reading() as tx:
        made = (await tx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))).all()
    assert [name for name, sql in made if "WITHOUT ROWID" not in sql and name != "alembic_version"] == []
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
    for last in ("Send", "Cancel"):
        await ada.says("/ask Is it me?")
        await ada.taps(last)
        async with world.house.store.reading() as tx:
            assert await tx.rows(drafts) == []
            assert await tx.rows(due, due.c.job == "questions.drop_draft") == []
