"""The database: one writer, readers beside it, all or nothing, sealed where it says so, never with another's key."""

import asyncio
import random
import resource
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import communities, people, registry, search
from bot import store as store_module
from bot.communities import Purpose, Spot, Step
from bot.engines import BUSY_MS
from bot.errors import SetupError
from bot.forms import forms
from bot.model import Account, Place, Server
from bot.people import accounts, members
from bot.store import RESEALED, SCRUB, Sealed, Store, Tx, meta, metadata
from bot.vault import Vault, WrongKey, new_key, parse_keys
from tests.harness import NOON

KEY = new_key()
PROFILE = {"zone": "Europe/Zuzu", "locale": None, "day_start": 4, "floor": "0001-01-01"}


def store_at(folder: Path, key: str = KEY) -> Store:
    """A store on the file in `folder`."""
    return Store(f"sqlite+aiosqlite:///{folder / 'unsent.sqlite'}", Vault(parse_keys(key)))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[Store]:
    """An open store on a new file."""
    made = store_at(tmp_path)
    await made.open()
    yield made
    await made.close()


async def put(store: Store, id: str = "m1", profile: object = PROFILE) -> None:
    """Write a member."""
    async with store.transaction() as tx:
        await tx.insert(members, id=id, joined=NOON, terms=1, profile=profile)


async def ids(store: Store) -> list[str]:
    """The members there are."""
    async with store.reading() as tx:
        return [row["id"] for row in await tx.rows(members, order_by=(members.c.id,))]


async def test_a_glance_waits_beside_the_loop_for_a_file_that_is_held(store: Store, tmp_path: Path) -> None:
    await put(store)

    async def look(tx: Tx) -> int:
        return len(await tx.rows(members))

    with closing(sqlite3.connect(tmp_path / "unsent.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        await store.close()  # so that it is alone with the file
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        task = asyncio.create_task(store.glance(look))
        await asyncio.sleep(0)
        assert not task.done()
    assert await task == 1


async def test_there_is_one_writer(store: Store) -> None:
    inside, leave, steps = asyncio.Event(), asyncio.Event(), list[str]()

    async def first() -> None:
        async with store.transaction() as tx:
            inside.set()
            await leave.wait()
            await tx.insert(members, id="first", joined=NOON, terms=1, profile=PROFILE)
            steps.append("first")

    async def second() -> None:
        await inside.wait()
        leave.set()
        async with store.transaction() as tx:
            steps.append("second")
            assert await tx.row(members, members.c.id == "first")

    await asyncio.gather(first(), second())
    assert steps == ["first", "second"]


async def test_another_process_waits_for_the_writer(store: Store, tmp_path: Path) -> None:
    other = store_at(tmp_path)
    async with store.transaction() as tx:
        waiting = asyncio.create_task(put(other, "other"))
        await tx.insert(members, id="first", joined=NOON, terms=1, profile=PROFILE)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(tmp_path / "unsent.sqlite", timeout=0).execute("BEGIN IMMEDIATE")
    await waiting
    await other.close()
    assert await ids(store) == ["first", "other"]


async def test_readers_go_on_beside_the_writer_and_see_one_moment(store: Store) -> None:
    await put(store, "before")
    async with store.reading() as early:
        assert len(await early.rows(members)) == 1
        async with store.transaction() as tx:
            await tx.insert(members, id="now", joined=NOON, terms=1, profile=PROFILE)
            assert await ids(store) == ["before"]
        assert len(await early.rows(members)) == 1
    assert await ids(store) == ["before", "now"]


async def test_what_fails_is_undone_altogether(store: Store) -> None:
    async def half() -> None:
        async with store.transaction() as tx:
            await tx.insert(members, id="m1", joined=NOON, terms=1, profile=PROFILE)
            raise KeyError

    with pytest.raises(KeyError):
        await half()
    assert await ids(store) == []
    await put(store)
    assert await ids(store) == ["m1"]


async def test_who_listens_is_woken_after_the_commit_and_never_after_a_rollback(store: Store) -> None:
    seen: list[int] = []
    store.listeners["note"] = lambda: seen.append(1)

    async def half() -> None:
        async with store.transaction() as tx:
            tx.notes.add("note")
            raise KeyError

    with pytest.raises(KeyError):
        await half()
    assert seen == []
    async with store.transaction() as tx:
        tx.notes |= {"note", "nobody listens to this"}
        assert seen == []
    assert seen == [1]


async def test_a_row_hangs_from_a_member_who_is_there_and_goes_with_them(store: Store) -> None:
    with pytest.raises(IntegrityError):
        async with store.transaction() as tx:
            await tx.insert(forms, key=b"k", member="nobody", at=NOON, state={})
    await put(store)
    async with store.transaction() as tx:
        await tx.insert(forms, key=b"k", member="m1", at=NOON, state={})
    async with store.transaction() as tx:
        await people.erase(tx, "m1")
        assert await tx.rows(forms) == []


async def test_the_reader_cannot_write(store: Store) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        async with store.reading() as tx:
            await tx.upsert(meta, name="a", value="b")


async def test_nothing_acknowledged_is_lost_and_nothing_deleted_is_left(store: Store) -> None:
    async with store.transaction() as tx:
        found = [
            (await tx.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        ]
    assert found == ["wal", 2, 1, 1]


async def test_scrub_leaves_nothing_of_what_was_deleted(store: Store, tmp_path: Path) -> None:
    for number in range(50):
        await put(store, f"m-zuzu-{number}")
    assert b"m-zuzu-" in _bytes(tmp_path)
    async with store.transaction() as tx:
        await tx.delete(members)
    await store.scrub()
    assert b"m-zuzu-" not in _bytes(tmp_path)
    assert (tmp_path / "unsent.sqlite-wal").stat().st_size == 0


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files, as Linux can")
async def test_the_log_is_emptied_as_soon_as_the_file_has_room_to_grow(store: Store, tmp_path: Path) -> None:
    await store.trim()
    file, log = tmp_path / "unsent.sqlite", tmp_path / "unsent.sqlite-wal"
    for number in range(200):
        await put(store, f"m{number}", PROFILE | {"more": "x" * 500})
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, limit[1]))
    try:
        with pytest.raises(sqlite3.OperationalError):
            await store.trim()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert log.stat().st_size > 0
    await store.trim()
    assert log.stat().st_size == 0


async def test_the_log_is_emptied_of_what_was_written(store: Store, tmp_path: Path) -> None:
    log = tmp_path / "unsent.sqlite-wal"
    await put(store, "m-zuzu")
    assert b"m-zuzu" in log.read_bytes()
    await store.trim()
    assert log.stat().st_size == 0
    reader = sqlite3.connect(tmp_path / "unsent.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM members").fetchall()
    await put(store, "m2")
    await store.trim()  # it waits for nobody
    assert b"m2" in log.read_bytes()
    reader.close()
    await store.trim()
    assert log.stat().st_size == 0
    async with store.transaction() as tx:
        assert (await tx.execute(text("PRAGMA busy_timeout"))).scalar_one() == BUSY_MS


async def test_scrub_leaves_no_copies_where_pages_were_split_and_joined(store: Store, tmp_path: Path) -> None:
    # Most seeds leave copies without a VACUUM; this is one.
    dice, marks, others = random.Random(4), list[str](), list[str]()
    raw = sqlite3.connect(tmp_path / "unsent.sqlite")
    raw.execute("PRAGMA secure_delete=ON")
    raw.execute("PRAGMA foreign_keys=ON")
    for number in range(900):
        id = f"{dice.getrandbits(64):016x}"
        (marks if number % 3 == 1 else others).append(id)
        raw.execute("INSERT INTO members VALUES (?, 0, 1, ?)", (id, dice.randbytes(dice.choice((60, 300, 900)))))
        for _ in range(dice.randint(1, 6)):
            account = (f"{dice.getrandbits(64):016x}", id, dice.randbytes(16))
            raw.execute("INSERT INTO accounts VALUES (?, ?, 'test', ?, x'00')", account)
        if dice.random() < 0.4 and others:
            raw.execute("DELETE FROM members WHERE id = ?", (others.pop(dice.randrange(len(others))),))
    raw.executemany("DELETE FROM members WHERE id = ?", [(id,) for id in marks])
    raw.commit()
    raw.close()
    await store.scrub()
    assert [id for id in marks if id.encode() in _bytes(tmp_path)] == []


async def test_a_scrub_that_a_reader_stands_in_the_way_of_is_to_be_done_again(store: Store, tmp_path: Path) -> None:
    async with store.transaction() as tx:
        await tx.execute(text("PRAGMA busy_timeout=1"))
    await put(store)
    reader = sqlite3.connect(tmp_path / "unsent.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM members").fetchall()
    await put(store, "m2")
    await store.scrub()
    assert store.to_scrub
    reader.close()
    await store.scrub()
    assert not store.to_scrub
    assert (tmp_path / "unsent.sqlite-wal").stat().st_size == 0


def declared(name: str | None, kind: str, parents: object) -> bool:
    """Leave out what finds words: no metadata can say what it is. tests/bot/test_search.py uses it."""
    return kind != "table" or not search.is_index(name)


async def test_the_migrations_make_what_is_declared(store: Store, tmp_path: Path) -> None:
    registry.discover()
    engine = create_engine(f"sqlite:///{tmp_path / 'unsent.sqlite'}")
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": True, "include_name": declared}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


@dataclass(frozen=True)
class Old:
    """Where the one community of the settings had its desk and its posts, and what there is of that afterwards."""

    desk: Place | None
    posts: Place | None
    homes: tuple[Server, ...] = ()
    spots: tuple[Spot, ...] = ()


GROUP, COACHES = Server("telegram", "-1001"), Server("telegram", "-1002")
TOPIC = Place("telegram", "-1001", "7")
OLD = {
    "on Telegram": Old(
        Place("telegram", "-1002"),
        Place("telegram", "-1001"),
        (GROUP,),
        (
            Spot(Purpose.DESK, Place("telegram", "-1002"), COACHES),
            Spot(Purpose.POSTS, Place("telegram", "-1001"), GROUP),
        ),
    ),
    "in one group": Old(
        TOPIC,
        Place("telegram", "-1001"),
        (GROUP,),
        (Spot(Purpose.DESK, TOPIC, GROUP), Spot(Purpose.POSTS, Place("telegram", "-1001"), GROUP)),
    ),
    "on Discord": Old(Place("discord", "1"), Place("discord", "2")),
    "on both": Old(
        Place("discord", "1"),
        Place("telegram", "-1001"),
        (GROUP,),
        (Spot(Purpose.POSTS, Place("telegram", "-1001"), GROUP),),
    ),
    "nowhere": Old(None, None),
}


def first_schema(connection: Connection) -> None:
    """Make the tables as the first migration left them."""
    config = store_module._alembic()  # pyright: ignore[reportPrivateUsage]
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


async def write_old(store: Store, old: Old, operator: str = "Ann, ann@example.org") -> None:
    """Write a database of the first schema: two members, their questions, what waits for them."""
    async with store.transaction() as tx:
        await tx.run(first_schema)
        for name in ("ada", "bob"):
            await people.join(tx, store.vault, Account("test", name), zone="Europe/Zuzu", now=NOON)
        main = text("INSERT INTO communities VALUES ('main', :operator, 'UTC', 9, 0)")
        await tx.execute(main, [{"operator": operator}])
        for purpose, place in (("desk", old.desk), ("posts", old.posts)):
            if place is not None:
                row = {"purpose": purpose, "platform": place.platform, "channel": place.channel, "thread": place.thread}
                insert = text("INSERT INTO places VALUES ('main', :purpose, :platform, :channel, :thread)")
                await tx.execute(insert, [row])
        (ada, bob) = [row["id"] for row in await tx.rows(members)]
        questions, askers, drafts = (metadata.tables[name] for name in ("questions", "askers", "drafts"))
        for id, asker in (("q1", ada), ("q2", bob)):
            asked = {"id": id, "community": "main", "state": "open", "asked": NOON, "asker": {"member": asker}}
            await tx.insert(questions, **asked, text=f"the text of {id}")
            await tx.insert(askers, member=asker, asked=[id])
        await tx.insert(drafts, member=ada, id="d1", text="a draft")


@pytest.mark.parametrize("old", OLD.values(), ids=OLD)
async def test_a_database_of_one_community_becomes_one_of_many_and_loses_nothing_of_anybody(
    tmp_path: Path, old: Old
) -> None:
    registry.discover()
    store = store_at(tmp_path)
    await write_old(store, old)
    await store.open()
    async with store.reading() as tx:
        community = await communities.load(tx, "main")
        theirs = await tx.rows(members)
        assert {row["profile"]["zone"] for row in theirs} == {"Europe/Zuzu"}
        for name in ("ada", "bob"):
            member = await people.find(tx, store.vault, Account("test", name))
            assert member is not None
            # Where nothing tells its server, nobody could halt it, and it would never be halted for who belongs to it.
            assert await communities.of(tx, member.id) == ([community] if old.spots else [])
        assert {row["since"] for row in await tx.rows(communities.memberships)} == ({NOON} if old.spots else set())
        kept = {row["id"]: (row["text"], row["asker"]["member"]) for row in await tx.rows(metadata.tables["questions"])}
        assert kept == {f"q{n + 1}": (f"the text of q{n + 1}", row["id"]) for n, row in enumerate(theirs)}
        assert [row["asked"] for row in await tx.rows(metadata.tables["askers"])] == [["q1"], ["q2"]]
        (draft,) = await tx.rows(metadata.tables["drafts"])
        assert (draft["text"], draft["community"]) == ("a draft", None)
        for server in {spot.server for spot in old.spots}:
            assert await communities.at(tx, server) == community
        assert (await tx.execute(text("PRAGMA foreign_key_check"))).all() == []
    assert (community.operator, community.zone) == ("Ann, ann@example.org", "UTC")
    assert [spot.plan for spot in community.posts] == [{"hour": 9}] * len(community.posts)
    assert (community.step, community.asks, community.halted) == (Step.RESPONSIBLE, False, False)
    assert community.homes == old.homes
    assert tuple(replace(spot, key="", plan=None) for spot in community.spots) == old.spots
    await store.close()


@pytest.mark.parametrize("posts", [None, Place("discord", "2")])
async def test_a_group_of_the_settings_that_only_coaches_are_in_is_not_left_for_nobody_to_set_up(
    tmp_path: Path, posts: Place | None
) -> None:
    registry.discover()
    store = store_at(tmp_path)
    await write_old(store, Old(Place("telegram", "-1002"), posts))
    await store.open()
    async with store.reading() as tx:
        community = await communities.at(tx, COACHES)
    await store.close()
    assert community is None or community.homes  # else no owner of any group may act on it, nor begin another


async def test_who_comes_from_the_settings_is_reached_by_halting_where_they_are_now(tmp_path: Path) -> None:
    registry.discover()
    store = store_at(tmp_path)
    await write_old(store, OLD["on Discord"])
    await store.open()
    async with store.transaction() as tx:
        new = await communities.create(tx, Server("discord", "9"), name="New", locale="en")
        ada = await people.find(tx, store.vault, Account("test", "ada"))
        assert ada is not None
        await communities.enter(tx, ada.id, new.id, NOON)
        await communities.halt(tx, new.id, halted=True)
        halted = await communities.is_halted_for(tx, ada.id)
    await store.close()
    assert halted


@pytest.mark.parametrize(
    ("operator", "name"), [("Ann", "Ann"), ("", "Unsent"), ("x" * 200, "x" * communities.NAME)], ids=len
)
async def test_a_community_of_the_settings_has_a_name_that_a_button_can_show(
    tmp_path: Path, operator: str, name: str
) -> None:
    registry.discover()
    store = store_at(tmp_path)
    await write_old(store, OLD["on Telegram"], operator)
    await store.open()
    async with store.reading() as tx:
        community = await communities.load(tx, "main")
    await store.close()
    assert community.name == name


async def test_a_database_is_opened_again_and_again(store: Store, tmp_path: Path) -> None:
    await put(store)
    again = store_at(tmp_path)
    await again.open()
    assert await ids(again) == ["m1"]
    await again.close()


async def test_another_key_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    await store.open()
    await put(store)
    await store.close()
    before = _bytes(tmp_path)
    other = store_at(tmp_path, new_key())
    with pytest.raises(SetupError, match=r"This key does not open this database.*Nothing was changed"):
        await other.open()
    await other.close()
    assert _bytes(tmp_path) == before


@pytest.mark.parametrize("opens", [True, False])
async def test_a_ring_opens_the_database_if_the_key_that_people_are_found_by_comes_last(
    tmp_path: Path, opens: bool
) -> None:
    store = store_at(tmp_path)
    await store.open()
    await put(store)
    await store.close()
    ring = store_at(tmp_path, f"{new_key()} {KEY}" if opens else f"{KEY} {new_key()}")
    with nullcontext() if opens else pytest.raises(SetupError, match="This key does not open"):
        await ring.open()
    await ring.close()


async def test_sealed_columns_are_sealed_in_the_file_and_open_here(store: Store, tmp_path: Path) -> None:
    await put(store)
    assert b"Zuzu" not in _bytes(tmp_path)
    async with store.reading() as tx:
        row = await tx.row(members, members.c.id == "m1")
    assert row is not None
    assert row["profile"] == PROFILE
    assert row["joined"] == NOON


async def test_a_sealed_value_is_worth_nothing_in_another_row(store: Store) -> None:
    await put(store, "m1")
    await put(store, "m2")
    async with store.transaction() as tx:
        await tx.execute(
            text("UPDATE members SET profile = (SELECT profile FROM members WHERE id = 'm1') WHERE id = 'm2'")
        )
    with pytest.raises(WrongKey):
        await ids(store)


async def test_every_text_of_a_person_is_sealed(store: Store) -> None:
    """A column that could hold words or an id of theirs is Sealed, or is one of these."""
    registry.discover()
    harmless = {
        *("id", "member", "name", "subject", "platform", "kind", "state", "settled", "why", "job", "key", "community"),
        *("question", "made_in", "claimed_by"),
    }
    open_text = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        if table.info["holds"] != "nothing"
        for column in table.columns
        if column.type.python_type is str and not isinstance(column.type, Sealed) and column.name not in harmless
    }
    assert open_text == set()


async def test_compare_and_set_tells_who_was_first(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.insert(meta, name="a", value="waiting")
        assert await tx.update(meta, {"name": "a"}, meta.c.value == "waiting", value="done")
        assert not await tx.update(meta, {"name": "a"}, meta.c.value == "waiting", value="done twice")
        assert not await tx.insert_new(meta, name="a", value="new")
        assert await tx.insert_new(meta, name="b", value="new")
        await tx.upsert(meta, name="b", value="changed")
        row = await tx.row(meta, meta.c.name == "b")
        assert row == {"name": "b", "value": "changed"}
        assert await tx.delete(meta, meta.c.name.in_(("a", "b", "c"))) == 2


async def test_rows_are_found_changed_and_deleted_by_what_is_in_them(store: Store) -> None:
    async with store.transaction() as tx:
        for name in ("a", "b", "c"):
            await tx.insert(meta, name=name, value="c" if name == "c" else "ab")
        assert [row["name"] for row in await tx.rows(meta, value="ab", order_by=(meta.c.name,))] == ["a", "b"]
        assert await tx.rows(meta, meta.c.name != "a", value="ab") == [{"name": "b", "value": "ab"}]
        assert await tx.row(meta, name="c", value="ab") is None
        assert not await tx.update(meta, {"name": "a", "value": "c"}, value="d")
        assert await tx.update(meta, {"name": "a", "value": "ab"}, value="d")
        await tx.upsert(meta, name="a", value="e")
        assert await tx.row(meta, name="a") == {"name": "a", "value": "e"}
        assert await tx.delete(meta, meta.c.value != "c", name="c") == 0
        assert await tx.delete(meta, value="ab") == 1
        with pytest.raises(ValueError, match="NULL"):
            await tx.row(meta, name=None)


async def test_an_update_of_a_sealed_column_is_sealed_for_its_row(store: Store) -> None:
    await put(store)
    async with store.transaction() as tx:
        await tx.update(members, {"id": "m1"}, profile={"zone": "UTC"})
    async with store.reading() as tx:
        row = await tx.row(members)
    assert row is not None
    assert row["profile"] == {"zone": "UTC"}


@pytest.mark.parametrize("instant", [NOON, NOON + timedelta(milliseconds=1), datetime(1969, 12, 31, tzinfo=UTC)])
async def test_an_instant_comes_back_as_it_went_in(store: Store, instant: datetime) -> None:
    async with store.transaction() as tx:
        await tx.insert(members, id="m1", joined=instant, terms=1, profile=PROFILE)
    async with store.reading() as tx:
        row = await tx.row(members)
    assert row is not None
    assert row["joined"] == instant


async def test_an_error_of_the_database_tells_no_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as error:
        async with store.transaction() as tx:
            await tx.insert(
                accounts,
                id="a",
                member="zuzu",
                platform="test",
                lookup=b"zuzu",
                reach={"address": "zuzu", "unreachable": False},
            )
    assert "zuzu" not in str(error.value)


def _bytes(folder: Path) -> bytes:
    return b"".join(
        file.read_bytes() for file in sorted(folder.glob("unsent.sqlite*")) if not file.name.endswith("-shm")
    )


async def test_a_scrub_that_was_never_come_to_is_known_to_the_next_start(tmp_path: Path) -> None:
    vault, url = Vault(parse_keys(new_key())), f"sqlite+aiosqlite:///{tmp_path}/unsent.sqlite"
    first, second, third = (Store(url, vault) for _ in range(3))
    await first.open()
    async with first.transaction() as tx:
        tx.notes.add(SCRUB)
    assert first.to_scrub
    await first.close()
    await second.open()
    assert second.to_scrub
    await second.scrub()
    await second.close()
    await third.open()
    assert not third.to_scrub
    await third.close()


async def test_what_is_sealed_anew_is_another_in_every_row_and_says_the_same(store: Store) -> None:
    async with store.transaction() as tx:
        for number in range(RESEALED + 1):
            await tx.insert(members, id=f"m{number}", joined=NOON, terms=1, profile={"zone": str(number)})
    async with store.reading() as tx:
        before = (await tx.execute(select(members.c.id, members.c.profile))).all()
    async with store.transaction() as tx:
        await tx.reseal(members, "profile", lambda row: row["profile"] | ({"new": 1} if row["id"] == "m7" else {}))
    async with store.reading() as tx:
        after = (await tx.execute(select(members.c.id, members.c.profile))).all()
        rows = {row["id"]: row["profile"] for row in await tx.rows(members)}
    assert len(before) == len(after) == len({*map(tuple, before), *map(tuple, after)}) / 2
    assert len({len(profile) for _, profile in after}) == 1
    assert rows == {f"m{n}": {"zone": str(n)} | ({"new": 1} if n == 7 else {}) for n in range(RESEALED + 1)}
