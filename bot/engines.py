"""The two databases that Unsent keeps things in: SQLite, with one writer, and PostgreSQL, with many."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, Executable, Row, func, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot import driver

BUSY_MS = 10_000  # how long another command on the same file may hold the write lock before we give up
READERS = 4  # connections to SQLite that only read
POOL = 10  # connections to PostgreSQL
CAME_BETWEEN = ("40001", "40P01")  # PostgreSQL: serialization_failure, deadlock_detected
MIGRATING = 0x756E73656E74  # PostgreSQL: the number of the lock that whoever migrates holds
STUCK_MS = 10_000  # PostgreSQL: a transaction in which a process was stopped, or cut off, holds its rows no longer
TRIES = 20
PAUSE = 0.02  # seconds, at most, times the number of the try

T = TypeVar("T")


def came_between(error: BaseException) -> bool:
    """Tell whether another transaction came in between: the whole of ours is done again, whoever would catch this."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CAME_BETWEEN


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

    async def glance(self, body: Body[T]) -> T:
        """Do what `read` does, where it is a few rows that are found by their keys."""
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
        self._glance: driver.Glance | None = None

    async def write(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._writing() as writer:
            return await writer.transact(lambda connection: body(_at_once(connection)))

    async def read(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._reading() as reader:
            return await reader.transact(lambda connection: body(_at_once(connection)))

    async def glance(self, body: Body[T]) -> T:
        """See Engine. It is done on the loop, and in a reader's thread only where somebody holds the file."""
        try:
            if self._glance is None:
                self._glance = driver.Glance(self.path, self.pragmas(write=False))
            return self._glance.read(lambda connection: body(_at_once(connection)))
        except (OperationalError, sqlite3.OperationalError):
            return await self.read(body)

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
            if self._glance is not None:
                self._glance.close()
                self._glance = None
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
        settings = {"idle_in_transaction_session_timeout": str(STUCK_MS)}
        self._engine = create_async_engine(
            url,
            hide_parameters=True,
            pool_size=POOL,
            max_overflow=0,
            connect_args={"server_settings": settings},
        )
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
                if not came_between(error) or tried == TRIES:
                    raise
            await asyncio.sleep(random.uniform(0, PAUSE * tried))  # noqa: S311 # they must not meet again

    async def read(self, body: Body[T]) -> T:
        """See Engine."""
        async with self._reads.begin() as connection:
            return await body(connection.run_sync)

    async def glance(self, body: Body[T]) -> T:
        """See Engine."""
        return await self.read(body)

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


class Line:
    """A connection to PostgreSQL that nobody waits for: each statement is by itself, and what others notify is heard.

    `heard` is called with each payload on `channel`, and with "" where some may have been missed: after connecting.
    """

    def __init__(self, url: str, channel: str, heard: Callable[[str], object]) -> None:
        self._engine = create_async_engine(url, hide_parameters=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._channel = channel
        self._heard = heard
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None
        self._listens = False

    async def execute(self, statement: Executable) -> Sequence[Row[Any]]:
        """Execute a statement; return its rows. It is committed by the server itself, whatever becomes of us."""
        async with self._turn:
            result = await (await self._connected()).execute(statement)
            return result.all() if result.returns_rows else []

    async def listen(self) -> None:
        """Listen, where we do not yet since connecting."""
        if self._listens:
            return
        async with self._turn:
            connection = await self._connected()
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.add_listener(self._channel, self._hear)
            self._listens = True
        self._heard("")

    async def drop(self) -> None:
        """Let the connection go, which did not do its work: the next statement opens another one."""
        dropped, self._connection, self._listens = self._connection, None, False
        if dropped is not None:
            try:
                driver: Any = (await dropped.get_raw_connection()).driver_connection
                driver.terminate()
                await dropped.invalidate()
                await dropped.close()
            except Exception:  # noqa: BLE001, S110 # it is broken already
                pass

    async def close(self) -> None:
        """Close the connection."""
        await self.drop()
        await self._engine.dispose()

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self._engine.connect()
        return self._connection

    def _hear(self, *args: Any) -> None:
        self._heard(args[-1])


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
