"""The database: its engine, its one writer, its column types, and the transaction that everything happens in."""

import secrets
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Delete,
    Executable,
    Insert,
    LargeBinary,
    MetaData,
    String,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeDecorator

from bot.driver import Aside
from bot.engines import Engine, Postgres, Running, Sqlite
from bot.errors import SetupError
from bot.query import Query, Row
from bot.vault import HOW_TO_MEND, Vault, WrongKey

ID = String(16)
TURN = 0.005  # seconds after which what nobody waits for begins no further row: whoever is typing waits no longer
RESEALED = 200  # rows at once: others who only read wait for no more than that
KEY_CHECK = "key-check"
SCRUB = "scrub"  # a note on a transaction: what it deleted must leave the files before the reply is given

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

T = TypeVar("T")


class Holds(StrEnum):
    """What a table holds of people, and so how erasure and export reach it."""

    MEMBER = "member"  # rows belong to a member through a foreign key that cascades
    HOOKS = "hooks"  # rows cannot be told to be a member's; the cog's erase and export find them
    NOTHING = "nothing"  # nothing of any person


class Instant(TypeDecorator[datetime]):
    """An instant: an aware datetime here, milliseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the milliseconds."""
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the instant, in UTC."""
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Sealed(TypeDecorator[bytes]):
    """A column whose value the Tx seals for its row and column. `size` makes every value equally long."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, size: int | None = None) -> None:
        super().__init__()
        self.size = size


def table(name: str, *items: SchemaItem, holds: Holds = Holds.MEMBER) -> Table:
    """Declare a table and what it holds of people.

    On SQLite its rows lie in the order of their primary key: a hidden row number would tell who wrote when.
    """
    return Table(name, metadata, *items, info={"holds": holds}, sqlite_with_rowid=False)


meta = table(
    "meta",
    Column("name", String(64), primary_key=True),
    Column("value", String, nullable=False),
    holds=Holds.NOTHING,
)


def new_id() -> str:
    """Return a random id that means nothing: 16 hexadecimal digits."""
    return secrets.token_hex(8)


class Tx:
    """One transaction. Sealed columns go in and come out as plain values; all else is SQLAlchemy's.

    `inside` says that whoever uses it is in SQLite's thread, where there is no loop; see `aside`. `sqlite` tells which
    of the two dialects is spoken.
    """

    def __init__(self, run: Running, vault: Vault, *, sqlite: bool = True, inside: bool = False) -> None:
        self.run = run
        self.notes: set[str] = set()  # what to wake once this is committed
        self._vault = vault
        self.sqlite = sqlite
        self._inside = inside

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> Any:
        """Run a statement and return SQLAlchemy's result. Sealed columns are left as they are: see `unseal`."""
        return await self.run(lambda connection: connection.execute(statement, rows))

    async def find(self, query: Query, **values: Any) -> list[Row]:
        """Return the rows that `query` finds for these values. Sealed columns are left as they are: see `unseal`."""
        return await self.run(lambda connection: query.rows(connection, values))

    async def aside(self, work: Callable[[], Awaitable[T]]) -> T:
        """Await what is not the database's, such as a picture that is drawn; return what it returns."""
        return await (Aside(work) if self._inside else work())

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """Undo what is done within, and no more, where it raises."""
        point = await self.run(Connection.begin_nested)
        try:
            yield
        except BaseException:
            await self.run(lambda _: point.rollback())
            raise
        await self.run(lambda _: point.commit())

    async def insert(self, into: Table, **values: Any) -> None:
        """Add a row."""
        await self.execute(_inserts(into), [self._seal(into, values, values)])

    async def insert_many(self, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, all of the same columns, at once."""
        if rows:
            await self.execute(_inserts(into), [self._seal(into, row, row) for row in rows])

    async def insert_new(self, into: Table, **values: Any) -> bool:
        """Add a row unless one stands in its way; tell whether it was added."""
        statement = _adds(into, self.sqlite)
        return (await self.execute(statement, [self._seal(into, values, values)])).rowcount == 1

    async def upsert(self, into: Table, **values: Any) -> None:
        """Add a row, or change the one with the same primary key."""
        statement = _upserts(into, tuple(values), self.sqlite)
        await self.execute(statement, [self._seal(into, values, values)])

    async def upsert_many(self, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, all of the same columns, or change those with the same primary keys, at once."""
        if rows:
            statement = _upserts(into, tuple(rows[0]), self.sqlite)
            await self.execute(statement, [self._seal(into, row, row) for row in rows])

    async def add(self, into: Table, key: Mapping[str, Any], **by: int) -> None:
        """Add to numbers of the row with primary key `key`; one that is not there yet begins with them."""
        await self.execute(_sums(into, tuple(key), tuple(by), self.sqlite), [{**key, **by}])

    async def update(self, into: Table, key: Mapping[str, Any], *where: ColumnElement[bool], **values: Any) -> bool:
        """Change the row with primary key `key` if `where` holds of it; tell whether it did (compare and set)."""
        statement = _updates(into, tuple(key), tuple(values))
        bound = _bound(key) | {f"new_{name}": value for name, value in self._seal(into, key, values).items()}
        return (await self.execute(statement.where(*where) if where else statement, bound)).rowcount == 1

    async def reseal(self, table: Table, column: str, change: Callable[[Row], Any]) -> None:
        """Seal a column of every row anew, with what `change` makes of the row (its primary key, and that column).

        Somebody who compares two copies of the file does not learn which of them have changed.
        """
        keys, shape = list(table.primary_key), _shape(table)
        found = (await self.execute(select(*keys, table.c[column]))).mappings().all()
        here = [key == bindparam(f"key_{key.name}") for key in keys]
        statement = update(table).where(*here).values({column: bindparam("sealed")})
        for first in range(0, len(found), RESEALED):
            rows: list[Row] = []
            for each in found[first : first + RESEALED]:
                row = self.unseal(table, each)
                where = _where(table.name, column, _key(shape, row))
                sealed = self._vault.seal(where, change(row), shape.sealed[column])
                rows.append({f"key_{key.name}": row[key.name] for key in keys} | {"sealed": sealed})
            await self.execute(statement, rows)

    async def delete(self, table: Table, *where: ColumnElement[bool], **key: Any) -> int:
        """Delete the rows that `where` holds of and whose columns are what `key` says (not None); return how many."""
        statement = _deletes(table, tuple(key))
        return (await self.execute(statement.where(*where) if where else statement, _bound(key))).rowcount

    async def rows(
        self,
        table: Table,
        *where: ColumnElement[bool],
        order_by: Sequence[Any] = (),
        limit: int | None = None,
        **key: Any,
    ) -> list[Row]:
        """Return the whole rows that `where` holds of and whose columns are what `key` says (not None), unsealed.

        Raises WrongKey where a value was tampered with.
        """
        query = _finds(table, tuple(key))
        if not (where or order_by) and limit is None:
            return [self.unseal(table, row) for row in await self.find(query, **_bound(key))]
        found = await self.execute(query.statement.where(*where).order_by(*order_by).limit(limit), _bound(key))
        return [self.unseal(table, row) for row in found.mappings()]

    async def row(self, table: Table, *where: ColumnElement[bool], **key: Any) -> Row | None:
        """Return the one row that `where` holds of and whose columns are what `key` says (not None), or None."""
        query = _finds(table, tuple(key))
        if where:
            found = (await self.execute(query.statement.where(*where), _bound(key))).mappings().first()
        else:
            found = next(iter(await self.find(query, **_bound(key))), None)
        return None if found is None else self.unseal(table, found)

    def unseal(self, table: Table, row: Mapping[Any, Any]) -> Row:
        """Return a row of `table` (its primary key must be in it) with its sealed values opened."""
        opened = dict(row)
        shape = _shape(table)
        if not shape.sealed:
            return opened
        key = _key(shape, opened)
        for name in shape.sealed:
            if (value := opened.get(name)) is not None:
                opened[name] = self._vault.open(_where(table.name, name, key), value)
        return opened

    def opened(self, column: Column[Any], key: str, sealed: bytes) -> Any:
        """Return what is sealed in `column` of the row whose primary key is `key` alone. Raises WrongKey."""
        return self._vault.open(_where(column.table.name, column.name, key), sealed)

    def _seal(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
        sealed = dict(values)
        shape = _shape(table)
        for name, size in shape.sealed.items():
            if (value := values.get(name)) is not None:
                sealed[name] = self._vault.seal(_where(table.name, name, _key(shape, key)), value, size)
        return sealed


# The statements that a table and the names of its columns say all of: made once, and known by SQLAlchemy as the same.


@cache
def _finds(table: Table, key: tuple[str, ...]) -> Query:
    return Query(select(table).where(*_is(table, key)))


@cache
def _deletes(table: Table, key: tuple[str, ...]) -> Delete:
    return delete(table).where(*_is(table, key))


@cache
def _updates(table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Update:
    return update(table).where(*_is(table, key)).values({name: bindparam(f"new_{name}") for name in names})


@cache
def _inserts(table: Table) -> Insert:
    return insert(table)


@cache
def _adds(table: Table, on_sqlite: bool) -> Insert:
    return _insert(table, on_sqlite).on_conflict_do_nothing()


@cache
def _upserts(table: Table, names: tuple[str, ...], on_sqlite: bool) -> Insert:
    keys = [column.name for column in table.primary_key]
    statement = _insert(table, on_sqlite)
    if rest := {name: statement.excluded[name] for name in names if name not in keys}:
        return statement.on_conflict_do_update(index_elements=keys, set_=rest)
    return statement.on_conflict_do_nothing()


@cache
def _sums(table: Table, key: tuple[str, ...], names: tuple[str, ...], on_sqlite: bool) -> Insert:
    statement = _insert(table, on_sqlite)
    sums = {name: table.c[name] + statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=key, set_=sums)


def _insert(table: Table, on_sqlite: bool) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


def _is(table: Table, key: Iterable[str]) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"key_{name}") for name in key]


def _bound(key: Mapping[str, Any]) -> Row:
    """Return the values of `key` by the names they have in a statement."""
    if None in key.values():
        raise ValueError("what is NULL is found by a condition of its own")
    return {f"key_{name}": value for name, value in key.items()}


@dataclass(frozen=True)
class _Shape:
    """What sealing has to know of a table: the names of its primary key, and its sealed columns with their sizes."""

    key: tuple[str, ...]
    sealed: dict[str, int | None]


@cache
def _shape(table: Table) -> _Shape:
    sealed = {column.name: column.type.size for column in table.columns if isinstance(column.type, Sealed)}
    return _Shape(tuple(column.name for column in table.primary_key), sealed)


def _key(shape: _Shape, row: Mapping[Any, Any]) -> str:
    """Return the primary key of `row` as what is sealed in it is bound to it."""
    values = [row[name] for name in shape.key]
    return ":".join([value.hex() if isinstance(value, bytes) else str(value) for value in values])


def _where(table: str, column: str, key: str) -> str:
    """Return what a sealed value is bound to: it opens nowhere else."""
    return f"{table}.{column}:{key}"


def by_key(table: Table, row: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition that finds `row` again by its primary key."""
    return and_(*(column == row[column.name] for column in table.primary_key))


class Store:
    """The database of one Unsent. On SQLite there is one writer; reads go on beside it."""

    def __init__(self, url: str, vault: Vault) -> None:
        self.url = url
        self.vault = vault
        self.is_sqlite = url.startswith("sqlite")
        self.to_scrub = False
        self.failing = False  # whether it did not do what it was last asked, though it may still be read
        self._to_trim = True  # whether anything was written since the log was last emptied
        self.listeners: dict[str, Callable[[], object]] = {}
        self.tell_others: Callable[[set[str]], object] = _nobody
        self._engine = self._make_engine()

    async def open(self) -> None:
        """Check the key, then bring the schema up to date. Raises SetupError on a wrong key, with nothing touched."""
        with told():
            await self._open()

    async def _open(self) -> None:
        async with self.reading() as tx:
            if await tx.run(lambda connection: inspect(connection).has_table(meta.name)):
                await self._check_key(tx)
        async with self._engine.migrating() as run:
            tx = Tx(run, self.vault, sqlite=self.is_sqlite)
            await tx.run(_migrate)
            index = self.vault.index(KEY_CHECK, KEY_CHECK).hex()
            await tx.insert_new(meta, name=KEY_CHECK, value=f"{self.vault.seal(KEY_CHECK, KEY_CHECK).hex()} {index}")
            self.to_scrub = await tx.row(meta, meta.c.name == SCRUB) is not None

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.close()

    async def ping(self) -> None:
        """Ask the database anything. Raises what it raises where it does not answer."""
        async with self.reading() as tx:
            await tx.execute(select(meta.c.name).limit(1))

    async def check(self) -> None:
        """Read all of the file, to see whether it is whole. Raises SetupError where it is not."""
        await self.ping()
        if not self.is_sqlite:
            return
        async with self.reading() as tx:
            found = (await tx.execute(text("PRAGMA quick_check(1)"))).scalar_one()
        if found != "ok":
            raise SetupError(
                "The database is damaged. Nothing was deleted. Stop Unsent, keep the file, and put a backup in its "
                "place: docs/running.md says how."
            )

    async def write(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Do `work` in a writing transaction; return what it returns. It is rolled back on any exception.

        It is quick, and so `work` awaits nothing but what is its transaction's; see `Tx.aside` for all else. Where
        another transaction came in between, which SQLite's one writer cannot meet, it is done again from the start.
        """

        async def whole(run: Running) -> tuple[T, set[str]]:
            tx = self._tx(run)
            value = await work(tx)
            await _remember(tx)
            return value, tx.notes

        with self._noting():
            value, notes = await self._engine.write(whole)
        self.failing = False
        self._to_trim = True
        self._tell(notes)
        return value

    async def read(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Do `work` in a transaction that only reads, one snapshot, beside the writer; see `write`."""
        with self._noting():
            return await self._engine.read(lambda run: work(self._tx(run)))

    async def glance(self, work: Callable[[Tx], Coroutine[Any, Any, T]]) -> T:
        """Do `work`, which reads a few rows that it finds by their keys, and awaits nothing else; see `read`."""
        with self._noting():
            return await self._engine.glance(lambda run: work(self._tx(run)))

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Tx]:
        """Give a writing transaction, a trip a statement, for who awaits other things in between; see `write`."""
        with self._noting():
            async with self._engine.writing() as run:
                tx = Tx(run, self.vault, sqlite=self.is_sqlite)
                yield tx
                await _remember(tx)
        self.failing = False
        self._to_trim = True
        self._tell(tx.notes)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Tx]:
        """Give a transaction that only reads, one snapshot, beside the writer, a trip a statement; see `read`."""
        async with self._engine.reading() as run:
            yield Tx(run, self.vault, sqlite=self.is_sqlite)

    async def scrub(self) -> None:
        """Have what was deleted leave the files: the write-ahead log, and unused parts of pages.

        On SQLite secure_delete alone leaves copies of rows where pages were split or joined, so the file is written
        anew. Where a reader stands in the way it is done by a later call.
        """
        self.to_scrub = True
        if await self._engine.scrub():
            await self.write(lambda tx: tx.delete(meta, meta.c.name == SCRUB))
            self.to_scrub = False

    async def trim(self) -> None:
        """Empty SQLite's write-ahead log: what was written together stands together there.

        Where a reader stands in the way, or the disk is full, it is done by a later call.
        """
        if not self._to_trim:
            return
        self._to_trim, done = False, False
        try:
            done = await self._engine.trim()
        finally:
            self._to_trim |= not done

    def _tx(self, run: Running) -> Tx:
        """Return the transaction of work that awaits nothing else: on SQLite it is done where the database is."""
        return Tx(run, self.vault, sqlite=self.is_sqlite, inside=self.is_sqlite)

    async def _check_key(self, tx: Tx) -> None:
        row = await tx.row(meta, meta.c.name == KEY_CHECK)
        if row is None:
            return
        sealed, index = row["value"].split()
        try:
            self.vault.open(KEY_CHECK, bytes.fromhex(sealed))
            if self.vault.index(KEY_CHECK, KEY_CHECK).hex() != index:
                raise WrongKey
        except WrongKey:
            raise SetupError(f"This key does not open this database. {HOW_TO_MEND}") from None

    @contextmanager
    def _noting(self) -> Generator[None]:
        """Note it where the database does not do what it is asked: its disk is full, it is held, it is damaged."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            if not isinstance(error, IntegrityError | sqlite3.IntegrityError):
                self.failing = True
            raise

    def _tell(self, notes: set[str]) -> None:
        self.to_scrub |= SCRUB in notes
        for note in notes:
            self.listeners.get(note, _nobody)()
        self.tell_others(notes)

    def _make_engine(self) -> Engine:
        return Sqlite(self.url) if self.is_sqlite else Postgres(self.url)


@contextmanager
def told() -> Generator[None]:
    """Tell whoever runs it what they can mend where the database does not do what it is asked. Raises SetupError."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        orig = error.orig if isinstance(error, DBAPIError) else error
        raise SetupError(
            f"The database cannot be used ({type(orig).__name__}: {orig}). Is the disk full, is it another user's, is "
            "another program holding it, is it damaged? Nothing was deleted; docs/running.md says how to go on."
        ) from None


async def _remember(tx: Tx) -> None:
    """Write down that there is something to scrub: should we be stopped before it is done, the next start knows."""
    if SCRUB in tx.notes:
        await tx.upsert(meta, name=SCRUB, value="")


def _nobody(_: object = None) -> None:
    """Stand in for a listener that a command without a sender or a scheduler does not have, and for other processes."""


def _migrate(connection: Connection) -> None:
    config = _alembic()
    if set(MigrationContext.configure(connection).get_current_heads()) != _heads():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _heads() -> set[str]:
    """Return where the migrations end: a schema that is there already is not gone through again at each start."""
    return set(ScriptDirectory.from_config(_alembic()).get_heads())
