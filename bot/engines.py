"""The two databases that Unsent keeps things in: SQLite, with one writer, and PostgreSQL, with many."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, func, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from bot import driver

BUSY_MS = 10_000  # how long another command on the same file may hold the write lock before we give up
READERS = 4  # connections to SQLite that only read
POOL = 10  # connections to PostgreSQL
CAME_BETWEEN = ("40001", "40P01")  # PostgreSQL: serialization_failure, deadlock_detected
MIGRATING = 0x756E73656E74  # PostgreSQL: the number of the lock that whoever migrates holds
TRIES = 20
PAUSE = 0.02  # seconds, at most, times the number of the try

T = TypeVar("T")


class Running(Protocol):
    """How a function of SQLAlchemy's connection is run: in SQLite's thread, where it is; elsewhere, through asyncio."""

    def __call__(self, what: Callable[[Connection], T], /) -> Awaitable[T]:
        """Run it."""
        ...


Body = Callable[[Running], Coroutine[Any, Any, T]]


class Engine(Protocol):
    """What a Store asks of a database."""

    async def write(self, body: Body[T]) -> T:
        """Do all of `body` in one transaction; return what it returns."""
        ...

    async def read(self, body: Body[T]) -> T:
        """Do all of `body` in one transaction that only reads, in one snapshot; return what it returns."""
        ...

    def writing(self) -> AbstractAsyncContextManager[Running]:
        """Give a transaction in which other things may be awaited."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Running]:
        """Give a transaction that only reads, in which other things may be awaited."""
        ...

    def migrating(self) -> AbstractAsyncContextManager[Running]:
        """Give a transaction beside which nobody else changes the schema."""
        ...

    async def scrub(self) -> bool:
        """Have what was deleted leave the files; tell whether that was done."""
        ...

    async def trim(self) -> bool:
        """Have the log of the last changes leave the files; tell whether that was done."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class Sqlite:
    """One file, one writer. Each connection has a thread of its own, in which a whole transaction is done."""

    def __init__(self, url: str) -> None:
        self.path = make_url(url).database or ""
        self._write = asyncio.Lock()
        self._read = asyncio.Semaphore(READERS)
        self._writer: driver.Connection | None = None
        self._readers: list[driver.Connection] = []  # that nobody uses now

    async def write(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._writing() as writer:
            return await writer.transact(lambda connection: body(_at_once(connection)))

    async def read(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._reading() as reader:
            return await reader.transact(lambda connection: body(_at_once(connection)))

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Running]:
        """See Engine."""
        async with self._writing() as writer, writer.transaction() as connection:
            yield _by_trips(writer, connection)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Running]:
        """See Engine."""
        async with self._reading() as reader, reader.transaction() as connection:
            yield _by_trips(reader, connection)

    def migrating(self) -> AbstractAsyncContextManager[Running]:
        """See Engine. There is one writer."""
        return self.writing()

    async def scrub(self) -> bool:
        """See Engine."""
        async with self._writing() as writer:
            return await writer.scrub()

    async def trim(self) -> bool:
        """See Engine."""
        async with self._writing() as writer:
            return await writer.trim()

    async def close(self) -> None:
        """See Engine."""
        async with self._write:
            open = [*self._readers, *([self._writer] if self._writer else [])]
            self._readers, self._writer = [], None
            for each in open:
                await each.close()

    @asynccontextmanager
    async def _writing(self) -> AsyncGenerator[driver.Connection]:
        async with self._write:
            if self._writer is None:
                self._writer = await self.connect("BEGIN IMMEDIATE", self.pragmas(write=True))
            yield self._writer

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[driver.Connection]:
        async with self._read:
            reader = self._readers.pop() if self._readers else await self.connect("BEGIN", self.pragmas(write=False))
            try:
                yield reader
            finally:
                self._readers.append(reader)

    async def connect(self, begin: str, pragmas: tuple[str, ...]) -> driver.Connection:
        """Open a connection."""
        return await driver.connect(self.path, begin, pragmas)

    def pragmas(self, *, write: bool) -> tuple[str, ...]:
        """Return how a connection is set."""
        own = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON") if write else ("query_only=ON",)
        return f"busy_timeout={BUSY_MS}", "foreign_keys=ON", *own


class Postgres:
    """A server, to which any number of processes write. What two of them cannot both do, one of them does again."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(url, hide_parameters=True, pool_size=POOL, max_overflow=0)
        self._writes = self._engine.execution_options(isolation_level="SERIALIZABLE")
        self._reads = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, body: Body[T]) -> T:
        """See Engine. `body` is done again from the start where another transaction came in between."""
        tried = 0
        while True:
            try:
                async with self._writes.begin() as connection:
                    return await body(connection.run_sync)
            except DBAPIError as error:
                tried += 1
                if getattr(error.orig, "sqlstate", None) not in CAME_BETWEEN or tried == TRIES:
                    raise
            await asyncio.sleep(random.uniform(0, PAUSE * tried))  # noqa: S311 # they must not meet again

    async def read(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._reads.begin() as connection:
            return await body(connection.run_sync)

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Running]:
        """See Engine."""
        async with self._writes.begin() as connection:
            yield connection.run_sync

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Running]:
        """See Engine."""
        async with self._reads.begin() as connection:
            yield connection.run_sync

    @asynccontextmanager
    async def migrating(self) -> AsyncGenerator[Running]:
        """See Engine. Others may be starting beside us: what they did while we waited is seen, unlike in a snapshot."""
        async with self._engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
            yield connection.run_sync

    async def scrub(self) -> bool:
        """Do nothing: what was deleted leaves the files when the server vacuums. docs/privacy.md says so."""
        return True

    async def trim(self) -> bool:
        """Do nothing: the server keeps its log as it is set to."""
        return True

    async def close(self) -> None:
        """See Engine."""
        await self._engine.dispose()


def _at_once(connection: Connection) -> Running:
    """Run what is to be run at once: we are in the thread."""

    async def run(what: Callable[[Connection], T]) -> T:
        return what(connection)

    return run


def _by_trips(thread: driver.Connection, connection: Connection) -> Running:
    """Run what is to be run in the thread, and bring along the rows of what it finds."""

    def found(what: Callable[[Connection], Any]) -> Any:
        result = what(connection)
        rows = isinstance(result, CursorResult) and result.returns_rows
        return result.freeze()() if rows else result  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]

    async def run(what: Callable[[Connection], T]) -> T:
        return await thread.trip(partial(found, what))

    return run
