"""One holder a name: taken when it is free, lost when it cannot be renewed, taken over by another; and the line."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text

from bot import due, leases, outbox
from bot.leases import Leases
from bot.pace import Usage
from bot.store import Store, Tx
from bot.vault import Vault, new_key, parse_keys
from tests import postgres
from tests.harness import World

KEY = new_key()
NAMES = ("scheduler", "sender-test")

server = postgres.own_server


@pytest.fixture
async def stores(server: str) -> AsyncGenerator[tuple[Store, Store]]:
    """One database, as two processes have it."""
    url = await postgres.fresh(server)
    made = Store(url, Vault(parse_keys(KEY))), Store(url, Vault(parse_keys(KEY)))
    for each in made:
        await each.open()
    yield made
    for each in made:
        await each.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second be a quarter of one. What the server may take is left as it is: it is on a busy machine."""
    for name in ("RENEW", "OURS", "LASTS", "LOOK"):
        monkeypatch.setattr(leases, name, getattr(leases, name) / 4)


@asynccontextmanager
async def process(store: Store, heard: Callable[[str], object] = lambda _: None) -> AsyncGenerator[Leases]:
    """What a process has of leases."""
    made = Leases(store, NAMES, heard)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def until(what: Callable[[], bool], within: float = 5) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not what():  # noqa: ASYNC110 # it is the time itself that is tested
            await asyncio.sleep(0.005)  # it is the time itself that is tested


def held(by: Leases) -> list[bool]:
    """Which of the names it holds."""
    return [by[name].held for name in NAMES]


async def test_on_sqlite_the_one_process_has_every_name(world: World) -> None:
    if not world.house.store.is_sqlite:
        pytest.skip("of SQLite")
    async with process(world.house.store) as only:
        assert held(only) == [True, True]
        assert only.usage("test") is None
        await only["scheduler"].during(lambda: asyncio.sleep(0))


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_one_holds_a_name_and_gives_it_back(stores: tuple[Store, Store]) -> None:
    async with process(stores[1]) as second, process(stores[0]) as first:
        assert (held(first), held(second)) == ([False, False], [True, True])
        for _ in range(40):  # renewed meanwhile
            await asyncio.sleep(0.05)
            assert held(second) == [True, True]
            assert held(first) == [False, False]
        await second.stop()
        assert held(second) == [False, False]
        await until(lambda: held(first) == [True, True], within=leases.LASTS / 2)  # at once, as it was told


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_a_holder_that_cannot_renew_has_lost_it_before_another_one_takes_it(stores: tuple[Store, Store]) -> None:
    async with process(stores[0]) as first, process(stores[1]) as second:
        async with stores[1].transaction() as tx:  # nobody can renew, nor take
            await tx.execute(text("LOCK TABLE leases IN ACCESS EXCLUSIVE MODE"))
            await until(lambda: held(first) == [False, False], within=leases.OURS + 0.2)
        await until(lambda: any(held(first) + held(second)))
        assert [a and b for a, b in zip(held(first), held(second), strict=True)] == [False, False]


@postgres.needed
async def test_who_waited_for_another_ones_statement_does_not_take_what_that_took(stores: tuple[Store, Store]) -> None:
    made = Leases(stores[0], NAMES, lambda _: None)
    async with stores[1].transaction() as tx:
        for name in NAMES:
            await tx.insert(leases.leases, name=name, holder="other", until=datetime.now(UTC))
        starting = asyncio.create_task(made.start())
        await asyncio.sleep(0.3)  # its statement has begun
        latest = datetime.now(UTC) + timedelta(seconds=leases.LASTS)
        await tx.execute(leases.leases.update().values(until=latest))
    await starting
    assert held(made) == [False, False]
    await made.stop()


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_what_a_holder_does_ends_with_the_lease_and_is_begun_by_the_next(stores: tuple[Store, Store]) -> None:
    said: list[str] = []

    async def work(who: str) -> None:
        said.append(f"{who} begins")
        try:
            await asyncio.sleep(60)
        finally:
            said.append(f"{who} ends")

    async with process(stores[0]) as first, process(stores[1]) as second:
        doing = [
            asyncio.create_task(each["scheduler"].during(lambda who=who: work(who)))
            for who, each in (("first", first), ("second", second))
        ]
        await until(lambda: said == ["first begins"])
        first._tasks[0].cancel()  # pyright: ignore[reportPrivateUsage] # it renews no more
        await until(lambda: len(said) == 3)
        assert said == ["first begins", "first ends", "second begins"]
        for each in doing:
            each.cancel()
        await asyncio.gather(*doing, return_exceptions=True)


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_one_that_was_taken_before_the_servers_clock_was_set_back_is_free(stores: tuple[Store, Store]) -> None:
    async with stores[0].transaction() as tx:
        far = (await tx.execute(select(func.now()))).scalar_one().replace(year=2999)
        for name in NAMES:
            await tx.insert(leases.leases, name=name, holder="gone", until=far)
    async with process(stores[0]) as first:
        assert held(first) == [True, True]


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_the_others_hear_what_a_transaction_left_also_after_the_line_was_cut(
    stores: tuple[Store, Store],
) -> None:
    heard: list[str] = []

    async def write(tx: Tx) -> None:
        tx.notes.update((outbox.WAKE, due.WAKE, "scrub"))

    for store in stores:
        store.listeners |= dict.fromkeys((outbox.WAKE, due.WAKE), lambda: None)
    async with process(stores[0]), process(stores[1], heard.append):
        heard.clear()
        await stores[0].write(write)
        await until(lambda: heard == [due.WAKE, outbox.WAKE])
        async with stores[0].transaction() as tx:
            await tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        await until(lambda: heard[2:4] == [due.WAKE, outbox.WAKE])  # it looks, as it may have missed something
        await until(lambda: stores[0].tell_others is not None)
        heard.clear()
        async with asyncio.timeout(5):
            while not heard:
                await stores[0].write(write)
                await asyncio.sleep(0.02)


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_what_waits_for_its_moment_does_not_begin_when_that_comes_with_the_end(
    stores: tuple[Store, Store],
) -> None:
    done: list[str] = []
    moment: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with process(stores[0]) as only:
        lease = only["scheduler"]

        async def waits() -> None:
            async with lease.bound():
                await moment
                done.append("sent")

        async def begins() -> None:
            async with lease.bound():
                done.append("sent")

        waiting = asyncio.create_task(waits())
        await asyncio.sleep(0)
        moment.set_result(None)  # as a timer would, in the same turn of the loop
        lease.lose()
        came = await asyncio.gather(waiting, asyncio.create_task(begins()), return_exceptions=True)
        assert [type(each) for each in came] == [asyncio.CancelledError] * 2
        assert done == []


@postgres.needed
async def test_of_all_processes_one_has_a_turn_in_so_many_seconds_also_when_it_has_ended(
    stores: tuple[Store, Store],
) -> None:
    had: list[float] = []

    async def twice(by: Leases) -> None:
        for _ in range(2):
            await by.spaced.turn("identify-0", 1.0)
            had.append(time.monotonic())

    async with process(stores[0]) as first:
        async with process(stores[1]) as second:
            await asyncio.gather(twice(first), twice(second))
            await second.spaced.turn("identify-1", 60.0)  # there is another turn of another name
        last = asyncio.create_task(first.spaced.turn("identify-1", 60.0))
        assert await asyncio.wait({last}, timeout=0.5) == (set(), {last})
        last.cancel()
    gaps = [later - earlier for earlier, later in pairwise(had)]
    assert all(gap >= 0.6 for gap in gaps), gaps  # each from when it was heard of: the server's own are one second


@postgres.needed
@pytest.mark.usefixtures("quick")
async def test_who_holds_what_is_told_for_as_long_as_they_do(stores: tuple[Store, Store]) -> None:
    async with process(stores[0]) as first, process(stores[1]) as second:
        assert await first.others("sender") == []
        assert await second.others("sender") == ["sender-test"]
        assert await second.others("sender_") == []
        first._tasks[0].cancel()  # pyright: ignore[reportPrivateUsage] # it renews no more
        await until(lambda: all(held(second)))
        assert await second.others("s") == []


@postgres.needed
async def test_what_one_uses_of_something_the_others_hear_and_it_does_not(stores: tuple[Store, Store]) -> None:
    heard: list[tuple[str, str, int]] = []
    notes: list[str] = []
    async with process(stores[0]) as first, process(stores[1], notes.append) as second:
        sides: list[Usage] = []
        for who, each in (("first", first), ("second", second)):
            side = each.usage("test")
            assert side is not None
            assert each.usage("test") is side
            side.heard = lambda name, many, who=who: heard.append((who, name, many))
            sides.append(side)
        first.usage("another")
        notes.clear()
        sides[0].tell("", 1)
        await until(lambda: heard == [("second", "", 1)])
        for _ in range(3):
            sides[0].tell("", 1)
            sides[0].tell("-1", 2)
        await until(lambda: sorted(heard[1:]) == [("second", "", 3), ("second", "-1", 6)])
        another = second.usage("another")
        assert another is not None
        another.tell("", 1)
        sides[1].tell("", 4)
        await until(lambda: heard[3:] == [("first", "", 4)])
        assert notes == []
