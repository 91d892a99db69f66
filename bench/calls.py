"""What a Call costs inside the process, from the Call to its Reply, with many members in the database.

    .venv/bin/python bench/calls.py [members] [times]

The database is SQLite as it is in production. Whoever calls has a ledger of a year: sixty entries, twenty urges waited
out. The ratio is to a transaction that reads and writes one row, measured in between, on the same file.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot import clock, people, registry
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.house import House
from bot.model import Account, Call, Server
from bot.people import accounts, members
from bot.registry import Registry
from bot.store import Row, Store, Tx, new_id
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from cogs import stage, streaks, urges
from tests.seed import set_up

MEMBERS, TIMES, AT_ONCE = 100_000, 200, 5_000
TARGET_MS = 5.0
NOW = datetime.now(UTC)
CALLS = ("/streak", "/history", "/settings", "/stage", "/contact", "/contact they_wrote", "/urge", "/advice", "/join")
PLATFORM = "bench"


def ledger(member: str, entries: int) -> list[Row]:
    """Return the rows of a ledger that began a year ago."""
    begun, dice = date.today() - timedelta(days=365), random.Random(member)
    days = [0, *(dice.randrange(1, 365) for _ in range(entries - 1))]
    kinds = ["start", *dice.choices(("wrote", "they_wrote", "looked", "unavoidable"), k=entries - 1)]
    at = NOW.isoformat(timespec="minutes")
    return [
        {
            "id": new_id(),
            "member": member,
            "entry": {"kind": kind, "day": (begun + timedelta(day)).isoformat(), "at": at},
        }
        for kind, day in zip(kinds, days, strict=True)
    ]


async def seed(tx: Tx, vault: Vault, numbers: Sequence[int], entries: int) -> None:
    """Write members as joining writes them, each with a ledger and a stage. Their accounts have these numbers."""
    ids = [new_id() for _ in numbers]
    profile = {"zone": "Europe/Lisbon", "locale": "en", "day_start": 4, "floor": "0001-01-01", "seen": "0001-01-01"}
    joined = clock.floor_hour(NOW)
    await tx.insert_many(members, [{"id": id, "joined": joined, "terms": 1, "profile": profile} for id in ids])
    who = [Account(PLATFORM, f"{number}") for number in numbers]
    await tx.insert_many(
        accounts,
        [
            {
                "id": new_id(),
                "member": id,
                "platform": PLATFORM,
                "lookup": people.lookup(vault, account),
                "reach": {"address": account.id, "unreachable": False},
            }
            for id, account in zip(ids, who, strict=True)
        ],
    )
    await tx.insert_many(stage.roads, [{"member": id, "road": {"stage": "space", "whom": "any"}} for id in ids])
    await tx.insert_many(streaks.contacts, [row for id in ids for row in ledger(id, entries)])
    if entries > 2:
        at = NOW.isoformat(timespec="seconds")
        kept = [{"id": new_id(), "member": id, "urge": {"at": at, "fate": "passed"}} for id in ids for _ in range(20)]
        await tx.insert_many(urges.urges, kept)


async def timed(times: int, work: Callable[[int], Awaitable[object]]) -> tuple[float, float]:
    """Return the milliseconds that `work` takes at the median and at the 99th of a hundred."""
    taken: list[float] = []
    for number in range(times):
        begun = time.perf_counter()
        await work(number)
        taken.append((time.perf_counter() - begun) * 1000)
    taken.sort()
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


async def main(many: int, times: int) -> bool:
    """Measure; tell whether every Call is answered within the target."""
    with TemporaryDirectory() as folder:
        vault, texts = Vault(parse_keys(new_key())), Texts()
        store = Store(f"sqlite+aiosqlite:///{Path(folder) / 'unsent.sqlite'}", vault)
        house = House(store, vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")
        await store.open()
        begun = time.perf_counter()
        for first in range(times, many, AT_ONCE):
            async with store.transaction() as tx:
                await seed(tx, vault, range(first, min(first + AT_ONCE, many)), 2)
        async with store.transaction() as tx:
            await seed(tx, vault, range(times), 60)
            await set_up(tx, vault, Server(PLATFORM, "home"))
        print(f"{many:,} members written in {time.perf_counter() - begun:.0f} s")

        dispatch, numbers = Dispatch(house), count()

        def call(number: int, text: str) -> Call:
            account = Account(PLATFORM, f"{number}")
            action, _, rest = text[1:].partition(" ")
            return Call(f"{next(numbers)}", account, account.private, None, action, text=rest)

        async def write(number: int) -> None:
            found = await member(number)
            async with store.transaction() as tx:
                await tx.update(stage.roads, {"member": found}, road={"stage": "space", "whom": "any"})

        async def member(number: int) -> str:
            async with store.reading() as tx:
                found = await people.find(tx, vault, Account(PLATFORM, f"{number}"))
            assert found is not None
            return found.id

        for number in range(times):  # who speaks for the first time today is written down; that is once a day
            await dispatch.handle(call(number, "/streak"), modals=True)
        base, _ = await timed(times, write)
        print(f"{'one row read and one written':32} {base:6.2f} ms")
        worst = 0.0
        for text in CALLS:

            async def say(number: int, text: str = text) -> None:
                made = call(number, text)
                if text == "/urge":
                    made = Call(made.id, made.account, made.place, None, "urge", values={"letter": "Come back."})
                answer = await dispatch.handle(made, modals=True)
                assert "wrong on our side" not in getattr(answer, "text", answer.__class__.__name__)
                dispatch.given(made)

            median, p99 = await timed(times, say)
            worst = max(worst, median)
            print(f"{text:32} {median:6.2f} ms   p99 {p99:6.2f} ms   {median / base:5.1f} times")
        size = (Path(folder) / "unsent.sqlite").stat().st_size
        print(
            f"{size / many:,.0f} bytes a member. Target: {TARGET_MS:.0f} ms at the median; the slowest: {worst:.2f} ms."
        )
        await store.close()
    return worst < TARGET_MS


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(not asyncio.run(main(*(given + [MEMBERS, TIMES][len(given) :]))))
