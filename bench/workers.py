"""What a second process on one PostgreSQL brings: rows delivered a second, and how soon it goes on after a kill -9.

    .venv/bin/python bench/workers.py [rows] [kills]

The platforms are out of the way: two of them, which take everything at once. One process sends on both. Then two do,
each on one, as with --no-discord and --no-telegram. Then two, of which either may send on both: so one does, and the
other waits for its death. The server is Debian's on this machine, with its disk waited for, as in production.

In the end the process that sends is killed at a moment that nobody chose, again and again; what is timed is from the
kill to the first row that the other one delivers.
"""

import asyncio
import random
import signal
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from bench import report
from bot import outbox, registry
from bot.adapter import Delivery, Outcome, Send, Sent
from bot.clock import Clock
from bot.house import House
from bot.leases import LASTS, RENEW, Leases
from bot.model import Place, Ref, Reply
from bot.outbox import PAYLOADS, Kind, Lane, Payload, State
from bot.registry import Registry
from bot.sender import Sender
from bot.store import Store, new_id
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from tests import postgres
from tests.harness import Double

ROWS, KILLS, RUNS = 5_000, 5, 3
PLATFORMS = ("one", "two")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "autovacuum=on")
WITHIN = 10.0  # seconds


class Taker(Double):
    """A platform that takes everything at once. It says so on the first that it takes since it was asked to."""

    quiet = True

    async def deliver(self, what: Delivery) -> Outcome:
        """Take it."""
        if not self.quiet:
            self.quiet = True
            print(f"delivered {time.time()}", flush=True)
        return Sent((Ref(what.place, "1"),)) if isinstance(what, Send) else Sent()


async def work(url: str, key: str, platforms: list[str]) -> None:
    """Be a process that sends on these platforms, until it is killed. A line on standard input asks it to speak up."""
    house = the_house(url, key)
    await house.store.open()
    leases = Leases(house.store, [f"sender-{each}" for each in platforms], lambda note: house.store.listeners[note]())
    senders: list[Sender] = []
    house.store.listeners[outbox.WAKE] = lambda: [each.wake() for each in senders]
    await leases.start()
    for name in platforms:
        house.adapters[name] = Taker(name)
        senders.append(Sender(house, house.adapters[name], leases[f"sender-{name}"]))
        senders[-1].start()
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        for each in house.adapters.values():
            assert isinstance(each, Taker)
            each.quiet = False
        print("listens", flush=True)


def the_house(url: str, key: str) -> House:
    """Return a house on that database."""
    texts = Texts()
    vault = Vault(parse_keys(key))
    return House(Store(url, vault), vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")


@asynccontextmanager
async def worker(url: str, key: str, *platforms: str) -> AsyncGenerator[Process]:
    """Give a process that sends on these platforms."""
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, "work", url, key, *platforms), stdin=PIPE, stdout=PIPE
    )
    assert made.stdout is not None
    assert await made.stdout.readline() == b"ready\n"
    try:
        yield made
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()


async def write(store: Store, many: int) -> None:
    """Let so many rows be due on each platform, and everybody be told."""
    now = Clock().now()

    def row(platform: str, number: int) -> dict[str, Any]:
        id = new_id()
        payload = PAYLOADS.dump_python(
            Payload(Place(platform, str(number), private=True), Reply("A thought.")), mode="json"
        )
        named = {"id": id, "name": id, "subject": id, "step": 1, "kind": Kind.SEND, "platform": platform}
        return named | {"lane": Lane.DROP, "due_at": now, "state": State.WAITING, "attempts": 0, "payload": payload}

    async with store.transaction() as tx:
        for platform in PLATFORMS:
            await tx.insert_many(outbox.outbox, [row(platform, number) for number in range(many)])
    async with store.transaction() as tx:
        await tx.execute(select(func.pg_notify("unsent", f"bench {outbox.WAKE}")))


async def left(store: Store) -> int:
    """Count what is not delivered yet."""
    async with store.reading() as tx:
        return (await tx.execute(select(func.count()).select_from(outbox.outbox))).scalar_one()


async def emptied(store: Store, many: int) -> float:
    """Write rows; return how many of them were delivered a second."""
    await write(store, many)
    begun = time.perf_counter()
    while await left(store):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return len(PLATFORMS) * many / (time.perf_counter() - begun)


async def took(store: Store, holder: Process, other: Process) -> float:
    """Kill the process that sends; return the seconds until the other one does."""
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(b"\n")
    await other.stdout.readline()
    await asyncio.sleep(random.uniform(0, RENEW))
    holder.send_signal(signal.SIGKILL)
    killed = time.time()
    await write(store, 1)
    return float((await other.stdout.readline()).split()[1]) - killed


async def main(many: int, kills: int) -> bool:
    """Measure; tell whether another one goes on in time."""
    bin = postgres.binaries()
    if bin is None:
        sys.exit("There is no PostgreSQL: apt install postgresql")
    key = new_key()
    with postgres.server(bin, *DURABLE) as server:
        url = await postgres.fresh(server)
        store = the_house(url, key).store
        await store.open()
        runs: dict[str, list[float]] = {"one": [], "two, one platform each": [], "two, either may send on both": []}
        for _ in range(RUNS):
            async with worker(url, key, *PLATFORMS):
                runs["one"].append(await emptied(store, many))
            await asyncio.sleep(LASTS)
            async with worker(url, key, PLATFORMS[0]), worker(url, key, PLATFORMS[1]):
                runs["two, one platform each"].append(await emptied(store, many))
            await asyncio.sleep(LASTS)
            async with worker(url, key, *PLATFORMS), worker(url, key, *PLATFORMS):
                runs["two, either may send on both"].append(await emptied(store, many))
            await asyncio.sleep(LASTS)
        print(f"{len(PLATFORMS) * many:,} rows, {RUNS} runs each, by turns:")
        for name, rates in runs.items():
            told = ", ".join(f"{rate:,.0f}" for rate in sorted(rates))
            ratio = statistics.median(rates) / statistics.median(runs["one"])
            print(f"  {name:30} {statistics.median(rates):7,.0f} rows a second ({told}), {ratio:.2f} times one")
        taken: list[float] = []
        for _ in range(kills):
            async with worker(url, key, *PLATFORMS) as holder, worker(url, key, *PLATFORMS) as other:
                taken.append(await took(store, holder, other))
            await asyncio.sleep(LASTS)
        found(runs, taken)
        await store.close()
    return max(taken) < WITHIN


def found(runs: Mapping[str, Sequence[float]], taken: Sequence[float]) -> None:
    """Report what was measured."""
    rates = {name: statistics.median(each) for name, each in runs.items()}
    for name, rate in list(rates.items())[1:]:
        said = f"{rate:,.0f} (one: {rates['one']:,.0f})"
        report.result(f"rows delivered a second: {name}", said, ratio=f"{rate / rates['one']:.2f} times one")
    if taken:
        report.result(
            f"taken over after kill -9, {len(taken)} times",
            f"{statistics.median(taken):.1f} s at the median, {max(taken):.1f} s at most",
            target=f"under {WITHIN:.0f} s",
            held=max(taken) < WITHIN,
        )
        shown = {"Unsent, at the median": statistics.median(taken), "Unsent, at most": max(taken)}
        report.bars("Seconds from kill -9 to the first row of the other", shown, WITHIN)
    report.bars("Rows delivered a second", {f"Unsent, {name}": rate for name, rate in rates.items()})


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        asyncio.run(work(sys.argv[2], sys.argv[3], sys.argv[4:]))
    else:
        given = [int(each) for each in sys.argv[1:]]
        sys.exit(not asyncio.run(main(*(given + [ROWS, KILLS][len(given) :]))))
