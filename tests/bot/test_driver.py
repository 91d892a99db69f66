"""The driver: a transaction is one trip to the thread, and nothing that began is left open."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from bot import driver
from bot.driver import Aside, Glance

T = TypeVar("T")
PUT = text("INSERT INTO t VALUES (1)")
ALL = text("SELECT a FROM t")


class Counted(driver.Connection):
    """A connection that counts its trips."""

    trips = 0

    async def trip(self, run: Callable[[], T]) -> T:
        """Count."""
        self.trips += 1
        return await super().trip(run)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncGenerator[Counted]:
    """A connection to a file with one table, empty."""
    made = Counted(str(tmp_path / "some.sqlite"), "BEGIN IMMEDIATE")
    await made.open()

    async def create(sql: Connection) -> None:
        sql.execute(text("CREATE TABLE t (a)"))

    await made.transact(create)
    made.trips = 0
    yield made
    await made.close()


async def kept(connection: Counted) -> list[Any]:
    """Return what is in the table."""

    async def look(sql: Connection) -> list[Any]:
        return list(sql.execute(ALL).scalars())

    return await connection.transact(look)


async def test_a_transaction_is_one_trip_to_another_thread(connection: Counted) -> None:
    threads: list[int] = []

    async def work(sql: Connection) -> int:
        sql.execute(PUT)
        threads.append(threading.get_ident())
        return len(sql.execute(ALL).all())

    assert await connection.transact(work) == 1
    assert connection.trips == 1
    assert threads != [threading.get_ident()]
    assert await kept(connection) == [1]


async def test_what_is_not_the_databases_is_awaited_here(connection: Counted) -> None:
    here: list[bool] = []

    async def draw() -> str:
        here.append(asyncio.current_task() is not None)
        await asyncio.sleep(0)
        return "drawn"

    async def work(sql: Connection) -> str:
        sql.execute(PUT)
        return await Aside(draw)

    assert await connection.transact(work) == "drawn"
    assert here == [True]
    assert connection.trips == 2
    assert await kept(connection) == [1]


async def test_what_goes_wrong_aside_is_the_transactions(connection: Counted) -> None:
    async def fails() -> None:
        raise LookupError

    async def work(sql: Connection) -> str:
        sql.execute(PUT)
        try:
            await Aside(fails)
        except LookupError:
            return "known"
        return "unknown"

    assert await connection.transact(work) == "known"
    assert await kept(connection) == [1]


async def test_what_raises_is_rolled_back(connection: Counted) -> None:
    async def work(sql: Connection) -> None:
        sql.execute(PUT)
        raise KeyError

    with pytest.raises(KeyError):
        await connection.transact(work)
    assert await kept(connection) == []


async def test_it_waits_for_nothing_else(connection: Counted) -> None:
    async def work(sql: Connection) -> None:
        sql.execute(PUT)
        await asyncio.sleep(0)

    with pytest.raises(TypeError, match="its statements alone"):
        await connection.transact(work)
    assert await kept(connection) == []


async def test_who_stops_waiting_aside_has_it_rolled_back(connection: Counted) -> None:
    begun = asyncio.Event()

    async def waits() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def work(sql: Connection) -> None:
        sql.execute(PUT)
        await Aside(waits)

    task = asyncio.create_task(connection.transact(work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await kept(connection) == []


async def test_who_stops_waiting_for_the_thread_leaves_nothing_open(connection: Counted, tmp_path: Path) -> None:
    async def work(sql: Connection) -> None:
        sql.execute(PUT)
        await Aside(asyncio.Event().wait)

    with sqlite3.connect(tmp_path / "some.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(connection.transact(work))
        await asyncio.sleep(0)  # it is on its way, and stands behind the other one
        task.cancel()
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await kept(connection) == []


async def test_a_statement_a_trip_commits_or_rolls_back(connection: Counted) -> None:
    async def put(then: Callable[[], object]) -> None:
        async with connection.transaction() as sql:
            await connection.trip(lambda: sql.execute(PUT).rowcount)
            then()

    await put(list)
    with pytest.raises(ZeroDivisionError):
        await put(lambda: 1 / 0)
    assert await kept(connection) == [1]


async def test_a_beginning_that_nobody_waits_for_any_more_is_rolled_back(connection: Counted, tmp_path: Path) -> None:
    async def begins() -> None:
        async with connection.transaction():
            await asyncio.Event().wait()

    with sqlite3.connect(tmp_path / "some.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(begins())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await kept(connection) == []


async def test_what_cannot_be_committed_is_rolled_back(connection: Counted) -> None:
    async def forbid(sql: Connection) -> None:
        sql.execute(text("CREATE TABLE u (a REFERENCES v DEFERRABLE INITIALLY DEFERRED)"))
        sql.execute(text("CREATE TABLE v (a PRIMARY KEY)"))

    async def orphan(sql: Connection) -> None:
        sql.execute(text("INSERT INTO u VALUES (1)"))

    await connection.trip(lambda: connection._conn.execute("PRAGMA foreign_keys=ON"))  # pyright: ignore
    await connection.transact(forbid)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await connection.transact(orphan)
    assert await kept(connection) == []
    with pytest.raises(Exception, match="FOREIGN KEY"):
        async with connection.transaction() as sql:
            await connection.trip(lambda: sql.execute(text("INSERT INTO u VALUES (1)")).rowcount)
    assert await kept(connection) == []


@pytest.fixture
async def glance(connection: Counted, tmp_path: Path) -> AsyncGenerator[Glance]:
    """A glance at the file of `connection`."""
    made = Glance(str(tmp_path / "some.sqlite"), ["query_only=ON"])
    yield made
    made.close()


async def test_a_glance_is_read_here_and_sees_what_was_written_since(connection: Counted, glance: Glance) -> None:
    threads: list[int] = []

    async def look(sql: Connection) -> list[Any]:
        threads.append(threading.get_ident())
        return list(sql.execute(ALL).scalars())

    async def put(sql: Connection) -> None:
        sql.execute(PUT)

    assert glance.read(look) == []
    await connection.transact(put)
    assert glance.read(look) == [1]
    assert set(threads) == {threading.get_ident()}


async def test_a_glance_that_fails_or_would_wait_leaves_nothing_open(connection: Counted, glance: Glance) -> None:
    async def fails(sql: Connection) -> None:
        sql.execute(ALL)
        raise KeyError

    async def waits(sql: Connection) -> None:
        sql.execute(ALL)
        await asyncio.sleep(0)

    async def draws(sql: Connection) -> None:
        sql.execute(ALL)
        await Aside(asyncio.Event().wait)

    with pytest.raises(KeyError):
        glance.read(fails)
    for each in (waits, draws):
        with pytest.raises(TypeError, match="its statements alone"):
            glance.read(each)
    assert not glance._conn.in_transaction  # pyright: ignore[reportPrivateUsage]
    assert await connection.scrub()  # no reader stands in the way


async def test_a_glance_writes_nothing(glance: Glance) -> None:
    async def put(sql: Connection) -> None:
        sql.execute(PUT)

    with pytest.raises(OperationalError):
        glance.read(put)
