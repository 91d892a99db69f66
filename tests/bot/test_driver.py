"""The driver: a statement is one trip to the thread, and nothing that began is left open."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from bot import driver


class Counted(driver.Connection):
    """A connection that counts its trips."""

    trips = 0

    async def trip(self, run: Callable[[sqlite3.Connection], object]) -> None:
        """Count."""
        self.trips += 1
        await super().trip(run)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncGenerator[Counted]:
    """A connection to a new file."""
    made = Counted(str(tmp_path / "some.sqlite"))
    await made
    yield made
    await made.close()


async def run(connection: driver.Connection, sql: str) -> driver.Cursor:
    """Run a statement, as SQLAlchemy does."""
    cursor = await connection.cursor().__aenter__()
    await cursor.execute(sql)
    return cursor


async def test_a_statement_is_one_trip_and_its_rows_come_along(connection: Counted) -> None:
    cursor = await run(connection, "VALUES (1, 'a'), (2, 'b')")
    assert await cursor.fetchall() == [(1, "a"), (2, "b")]
    assert [name for name, *_ in cursor.description] == ["column1", "column2"]
    await cursor.close()
    assert connection.trips == 1


async def test_it_tells_how_many_rows_were_touched(connection: Counted) -> None:
    await run(connection, "CREATE TABLE t (a)")
    cursor = connection.cursor()
    await cursor.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    assert (cursor.rowcount, cursor.description, await cursor.fetchall()) == (2, None, [])
    assert (await run(connection, "UPDATE t SET a = 3 WHERE a = 2")).rowcount == 1


async def test_what_is_committed_needs_no_trip_to_be_rolled_back(connection: Counted) -> None:
    await run(connection, "BEGIN")
    await connection.commit()
    assert connection.trips == 2
    await connection.rollback()
    assert connection.trips == 2


async def test_what_has_begun_is_rolled_back(connection: Counted) -> None:
    await run(connection, "CREATE TABLE t (a)")
    await run(connection, "BEGIN")
    await run(connection, "INSERT INTO t VALUES (1)")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await run(connection, "SELECT * FROM nowhere")
    await connection.rollback()
    assert await (await run(connection, "SELECT * FROM t")).fetchall() == []


async def test_a_beginning_that_nobody_waits_for_any_more_is_rolled_back(connection: Counted, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "some.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        beginning = asyncio.create_task(run(connection, "BEGIN IMMEDIATE"))
        await asyncio.sleep(0)  # it is on its way
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
        rolled_back = asyncio.create_task(connection.rollback())
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
    await rolled_back
    await run(connection, "BEGIN")
    other.close()
