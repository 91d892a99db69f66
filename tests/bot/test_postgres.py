"""PostgreSQL: the schema is what is declared, and of two changes that cannot both be none is lost."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot import engines, registry
from bot.errors import SetupError
from bot.people import members
from bot.store import Store, Tx, metadata
from bot.vault import Vault, new_key, parse_keys
from tests import postgres
from tests.bot.test_store import declared
from tests.harness import NOON

KEY = new_key()

pytestmark = postgres.needed
server = postgres.own_server


@pytest.fixture
async def url(server: str) -> str:
    """The address of a database that is not there before."""
    return await postgres.fresh(server)


@pytest.fixture
async def store(url: str) -> AsyncGenerator[Store]:
    """An open store on it."""
    made = Store(url, Vault(parse_keys(KEY)))
    await made.open()
    yield made
    await made.close()


async def counted(tx: Tx, meanwhile: Callable[[], Awaitable[object]] | None = None) -> int:
    """Read a number that is sealed in a row, and write it back with one more."""
    row = await tx.row(members, members.c.id == "m1")
    assert row is not None
    if meanwhile is not None:
        await tx.aside(meanwhile)
    await tx.update(members, {"id": "m1"}, profile={"number": row["profile"]["number"] + 1})
    return row["profile"]["number"]


async def put(store: Store) -> None:
    """Write the row."""
    await store.write(lambda tx: tx.insert(members, id="m1", joined=NOON, terms=1, profile={"number": 0}))


async def test_the_migrations_make_what_is_declared(store: Store) -> None:
    registry.discover()

    def compare(connection: Connection) -> object:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": declared}
        return compare_metadata(MigrationContext.configure(connection, opts=opts), metadata)

    async with store.reading() as tx:
        assert await tx.run(compare) == []


async def test_of_two_that_change_what_they_read_none_is_lost(store: Store) -> None:
    await put(store)
    read, both = [0], asyncio.Event()

    async def until_both_have_read() -> None:
        read[0] += 1
        if read[0] == 2:
            both.set()
        await both.wait()

    async def change(tx: Tx) -> int:
        return await counted(tx, until_both_have_read)

    assert sorted(await asyncio.gather(store.write(change), store.write(change))) == [0, 1]
    assert read[0] == 3  # one of them was done again
    assert await store.write(counted) == 2


async def test_many_at_once_come_through(store: Store) -> None:
    await put(store)
    assert sorted(await asyncio.gather(*(store.write(counted) for _ in range(30)))) == list(range(30))


async def test_what_is_never_to_come_through_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(store)
    monkeypatch.setattr(engines, "TRIES", 2)
    tries: list[int] = []

    async def somebody_else() -> None:
        tries.append(1)
        await store.write(counted)

    async def meets(tx: Tx) -> None:
        await counted(tx, somebody_else)

    with pytest.raises(DBAPIError, match="could not serialize"):
        await store.write(meets)
    assert len(tries) == 2


async def test_any_other_error_is_not_tried_again(store: Store) -> None:
    await put(store)
    tries: list[int] = []

    async def twice(tx: Tx) -> None:
        tries.append(1)
        await tx.insert(members, id="m1", joined=NOON, terms=1, profile={})

    with pytest.raises(IntegrityError):
        await store.write(twice)
    assert tries == [1]


async def test_whoever_reads_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        await store.read(lambda tx: tx.insert(members, id="m1", joined=NOON, terms=1, profile={}))


async def test_several_that_start_at_once_make_the_schema_once(url: str) -> None:
    stores = [Store(url, Vault(parse_keys(KEY))) for _ in range(4)]
    await asyncio.gather(*(each.open() for each in stores))
    for each in stores:
        await each.ping()
        await each.close()


async def test_another_key_is_refused(store: Store) -> None:
    other = Store(store.url, Vault(parse_keys(new_key())))
    with pytest.raises(SetupError, match="This key does not open this database"):
        await other.open()
    await other.close()


async def test_a_server_that_is_not_there_is_named() -> None:
    store = Store("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere", Vault(parse_keys(KEY)))
    with pytest.raises(SetupError, match="The database cannot be used"):
        await store.open()
    await store.close()
