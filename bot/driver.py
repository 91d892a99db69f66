"""The driver between SQLAlchemy and SQLite: aiosqlite, with one trip to its thread for a statement instead of four."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import aiosqlite

STATEMENTS = 512  # prepared statements that a connection keeps: all that there are


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that gives out our cursors, and goes nowhere to roll back what has not begun."""

    def __init__(self, path: str, pragmas: Sequence[str] = ()) -> None:
        super().__init__(partial(_open, path, pragmas), iter_chunk_size=0)
        self._thread.daemon = True  # as SQLAlchemy does it: a connection that nobody closed holds up no exit
        self._back = False  # whether the last trip came back: then `in_transaction` can be asked from outside

    async def trip(self, run: Callable[[sqlite3.Connection], object]) -> None:
        """Have `run` done in the connection's thread. Raises what it raises."""
        self._back = False
        await self._execute(run, self._conn)  # pyright: ignore[reportUnknownMemberType]
        self._back = True

    def cursor(self) -> "Cursor":  # pyright: ignore[reportIncompatibleMethodOverride] # making one takes no trip
        """Return a cursor."""
        return Cursor(self)

    async def commit(self) -> None:
        """Commit the transaction, if there is one."""
        await self.trip(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Roll the transaction back, if there is one: SQLAlchemy asks for it after each commit, too."""
        if not self._back or self.in_transaction:
            await self.trip(sqlite3.Connection.rollback)


class Cursor:
    """What SQLAlchemy asks of an asyncio driver's cursor. Whoever runs a statement has its rows at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement. Raises what sqlite3 raises."""
        await self._connection.trip(partial(self._run, sqlite3.Cursor.execute, sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of `parameters`. Raises what sqlite3 raises."""
        await self._connection.trip(partial(self._run, sqlite3.Cursor.executemany, sql, parameters))

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Do nothing: what holds on to the database was closed on the trip."""

    def _run(
        self,
        execute: Callable[[sqlite3.Cursor, str, Sequence[Any]], object],
        sql: str,
        parameters: Sequence[Any],
        connection: sqlite3.Connection,
    ) -> None:
        with closing(connection.cursor()) as cursor:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid


async def connect(path: str, pragmas: Sequence[str]) -> aiosqlite.Connection:
    """Open the database at `path`, with `pragmas`. Whoever uses it says BEGIN. Raises what sqlite3 raises."""
    return await Connection(path, pragmas)


def _open(path: str, pragmas: Sequence[str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=STATEMENTS)
    try:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
