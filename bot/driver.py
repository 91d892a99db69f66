"""Connections to SQLite: aiosqlite's, with its thread, and SQLAlchemy's around it, which stays in there.

A transaction is one trip to the thread. What is done in it is a coroutine that waits for nothing but its statements,
and those are done at once over there; what else it has to wait for (a picture that is drawn) it hands back.

A few rows that are read by their keys are worth no trip, which takes ten times as long: see Glance.
"""

import sqlite3
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import aiosqlite
import sqlalchemy
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection as Sql
from sqlalchemy.pool import NullPool

STATEMENTS = 512  # prepared statements that a connection keeps: all that there are

T = TypeVar("T")
Body = Callable[[Sql], Coroutine[Any, Any, T]]


@dataclass(frozen=True)
class Aside(Generic[T]):
    """What a transaction has to wait for that is not the database's: it is awaited on the loop, and it goes on then."""

    work: Callable[[], Awaitable[T]]

    def __await__(self) -> Generator["Aside[T]", T, T]:
        return (yield self)


@dataclass(frozen=True)
class Done(Generic[T]):
    """What a transaction came to."""

    value: T


class Connection(aiosqlite.Connection):
    """A connection whose transactions begin with `begin`. Whatever touches the database is done in its thread."""

    def __init__(self, path: str, begin: str, pragmas: Sequence[str] = ()) -> None:
        super().__init__(partial(_open, path, pragmas), iter_chunk_size=0)
        self._thread.daemon = True  # a connection that nobody closed holds up no exit
        self._begin = begin
        self._sql: Any = None

    async def open(self) -> None:
        """Open it. Raises what sqlite3 raises."""
        await self
        self._sql = await self.trip(self._around)

    async def close(self) -> None:
        """Close it."""
        if self._connection is not None and self._sql is not None:
            await self.trip(self._sql.close)
        await super().close()

    async def trip(self, run: Callable[[], T]) -> T:
        """Have `run` done in the thread. Raises what it raises."""
        return await self._execute(run)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]

    async def transact(self, body: Body[T]) -> T:
        """Do all of `body` in one transaction, and return what it returns. Raises what it raises; nothing is kept then.

        It runs in the thread, where no loop is: it awaits its statements, and an Aside for all else.
        """
        whole = self._whole(body)
        resume: Callable[[], Any] = partial(whole.send, None)
        try:
            while True:
                stands = await self.trip(partial(_step, resume))
                if isinstance(stands, Done):
                    return stands.value
                try:
                    resume = partial(whole.send, await stands.work())
                except Exception as error:  # noqa: BLE001 # it is the transaction's, which may know what to do
                    resume = partial(whole.throw, error)
        except BaseException:
            await self.trip(whole.close)  # nobody waits for it any more: where it is not over, it is rolled back
            raise

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Sql]:
        """Give SQLAlchemy's connection within a transaction, for one trip a statement. It is used on trips alone."""
        begun: list[sqlalchemy.RootTransaction] = []

        def begin() -> None:
            begun.append(self._sql.begin())
            self._conn.execute(self._begin)

        def end() -> None:
            for each in begun:
                each.close()
            self._conn.rollback()

        try:
            await self.trip(begin)
            yield self._sql
            await self.trip(lambda: begun[0].commit())
        except BaseException:
            await self.trip(end)
            raise

    async def scrub(self) -> bool:
        """Write the file anew, and empty the write-ahead log; tell whether no reader stood in the way of that."""

        def scrub() -> bool:
            self._conn.execute("VACUUM")
            busy, *_ = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

        return await self.trip(scrub)

    async def trim(self) -> bool:
        """Empty the write-ahead log; tell whether no reader stood in the way, for whom nobody waits."""

        def trim() -> bool:
            patience = self._conn.execute("PRAGMA busy_timeout").fetchone()[0]
            self._conn.execute("PRAGMA busy_timeout=0")
            try:
                busy, *_ = self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._conn.execute(f"PRAGMA busy_timeout={patience}")
            return not busy

        return await self.trip(trim)

    async def _whole(self, body: Body[T]) -> T:
        try:
            with self._sql.begin():
                self._conn.execute(self._begin)
                return await body(self._sql)
        finally:
            if self._conn.in_transaction:  # it could not be committed: the disk is full
                self._conn.rollback()

    def _around(self) -> Sql:
        _here.connection = self._conn
        return _engine.connect()


class Glance:
    """A connection that reads where it is, without a thread: on the loop, which waits meanwhile. It waits for nobody.

    Raises sqlalchemy.exc.OperationalError where somebody holds the file.
    """

    def __init__(self, path: str, pragmas: Sequence[str]) -> None:
        self._conn = _open(path, (*pragmas, "busy_timeout=0"))
        _here.connection = self._conn
        self._sql = _engine.connect()

    def read(self, body: Body[T]) -> T:
        """Do all of `body` in one snapshot, and return what it returns. Raises what it raises."""
        whole = self._whole(body)
        try:
            stands = _step(partial(whole.send, None))
        finally:
            whole.close()
        if isinstance(stands, Done):
            return stands.value
        raise TypeError("a glance awaits its statements alone: it reads in a moment")

    def close(self) -> None:
        """Close it."""
        self._sql.close()
        self._conn.close()

    async def _whole(self, body: Body[T]) -> T:
        self._conn.execute("BEGIN")  # what SQLAlchemy begins beside it, once, is of no use to who only reads
        try:
            return await body(self._sql)
        finally:
            self._conn.rollback()


async def connect(path: str, begin: str, pragmas: Sequence[str]) -> Connection:
    """Open the database at `path`, with `pragmas`. Raises what sqlite3 raises."""
    connection = Connection(path, begin, pragmas)
    await connection.open()
    return connection


def _step(resume: Callable[[], Any]) -> Aside[Any] | Done[Any]:
    try:
        stands = resume()
    except StopIteration as over:
        return Done(over.value)
    if isinstance(stands, Aside):
        return stands  # pyright: ignore[reportUnknownVariableType]
    raise TypeError("a transaction awaits its statements alone; for all else there is Aside")


def _open(path: str, pragmas: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=STATEMENTS)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


# One engine for them all, so that a statement is compiled once; each connection hands it what it has opened. It has no
# events: where there is one, SQLAlchemy asks at every statement whether somebody listens.
_here = threading.local()
_engine = create_engine("sqlite://", creator=lambda: _here.connection, poolclass=NullPool, hide_parameters=True)
