"""What is to be gone is gone: from the very bytes of the database."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from bot import people
from bot.people import members
from bot.store import metadata
from tests.cogs.test_privacy import CROWD, ID, NAME, WORDS, among_many, files
from tests.harness import DESK, World

WINDOW = 32  # bytes: a page may end within a value, seldom within its first ones


async def marks(world: World) -> dict[str, bytes]:
    """Collect every value of Ada's that is told apart: her row's ids, indexes and ciphertexts, in every table."""
    found: dict[str, bytes] = {}
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, world.person(ID).account)
        assert member is not None
        owned = [(members, members.c.id), *people.owned_tables()]
        for table, column in owned:
            for row in (await tx.execute(select(table).where(column == member.id))).mappings():
                found |= dict(_told_apart(table, row))
        for name in ("questions", "shouts", "outbox", "sent"):
            table = metadata.tables[name]
            for row in (await tx.execute(select(table))).mappings():
                opened = repr(tx.unseal(table, row))
                if member.id in opened or ID in opened or "zuzu" in opened:
                    found |= dict(_told_apart(table, row))
    return found


def _told_apart(table: Any, row: Any) -> Iterator[tuple[str, bytes]]:
    key = "/".join(str(row[column.name]) for column in table.primary_key)
    for column in table.columns:
        value = row[column.name]
        if isinstance(value, bytes):
            yield f"{table.name}.{column.name} {key}", value[:WINDOW]
            for at in range(WINDOW, len(value) - WINDOW, WINDOW):  # a long one lies on several pages
                yield f"{table.name}.{column.name} {key} #{at}", value[at : at + WINDOW]
        elif isinstance(value, str) and len(value) >= 16:
            yield f"{table.name}.{column.name} {key}", value.encode()


async def test_after_forget_nothing_of_the_person_is_left_in_the_bytes(world: World) -> None:
    ada = await among_many(world)
    before = await marks(world)
    assert {mark.partition(".")[0] for mark in before} == {
        *(table.name for table, _ in people.owned_tables()),
        "members",
        "questions",
        "shouts",
    }
    raw = files(world)
    before = {mark: value for mark, value in before.items() if "#" not in mark or value in raw}
    assert [mark for mark, value in before.items() if value not in raw] == []
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "erased" in ada.seen.text
    raw = files(world)
    desk = {mark for mark in before if "-desk" in mark or mark.startswith("questions.id ")}
    assert [mark for mark, value in before.items() if value in raw and mark not in desk] == []
    await world.settle()  # the desk takes its messages back
    await world.house.store.scrub()
    raw = files(world)
    assert [mark for mark, value in before.items() if value in raw] == []
    assert [word for word in (ID, NAME, *WORDS) if word.encode() in raw] == []
    assert world.platform.at(DESK) == []
    async with world.house.store.reading() as tx:
        assert len(await tx.rows(members)) == CROWD - 2 * (CROWD // 8) + 1  # the one who was to be linked with her
