"""Whether whoever types waits longer while ten thousand daily pieces go out at one hour, and whose turn comes first.

    .venv/bin/python bench/drop.py [members]

The database is SQLite as it is in production, the platform is in memory. Somebody types /streak, which reads, and
somebody /contact they_wrote, which writes, five times a second each: first with nothing else to do, then while the
pieces are chosen, written and sent. The ratio is that of the medians.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.calls import AT_ONCE, PLATFORM, seed
from bot import due, outbox, people, registry
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.due import due as due_rows
from bot.house import House
from bot.model import Account, Call, Server
from bot.registry import Registry
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.store import Store
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from cogs import advice
from tests.harness import Double
from tests.seed import set_up

MEMBERS, TYPING = 10_000, 20
EVERY = 0.2  # seconds between two Calls of a kind
TARGET = 3.0  # times the median of a quiet hour


async def written(house: House, many: int) -> None:
    """Write the members, each with a ledger and a daily piece that was due a second ago."""
    store, now = house.store, house.clock.now()
    for first in range(0, many, AT_ONCE):
        async with store.transaction() as tx:
            await seed(tx, house.vault, range(first, min(first + AT_ONCE, many)), 12)
    async with store.transaction() as tx:
        await set_up(tx, house.vault, Server(PLATFORM, "home"))
        ids = [row.id for row in (await tx.execute(people.members.select())).all()]
        hour = now.hour
        state: dict[str, Any] = {"hour": hour, "day": None, "piece": None, "had": []}
        await tx.insert_many(advice.readings, [{"member": id, "state": state} for id in ids])
        at = now - timedelta(seconds=1)
        rows = [{"job": advice.DROP, "key": id, "member": id, "at": at} for id in ids]
        await tx.execute(due_rows.insert(), rows)


async def types(dispatch: Dispatch, text: str, numbers: "count[int]", taken: list[float]) -> None:
    """Type `text` again and again, as different members, until cancelled; note the milliseconds it takes."""
    for number in numbers:
        account = Account(PLATFORM, f"{number % TYPING}")
        action, _, rest = text[1:].partition(" ")
        call = Call(f"{text}-{number}", account, account.private, None, action, text=rest)
        begun = time.perf_counter()
        await dispatch.handle(call, modals=True)
        taken.append((time.perf_counter() - begun) * 1000)
        dispatch.given(call)
        await asyncio.sleep(EVERY)


async def measured(dispatch: Dispatch, numbers: "count[int]", until: asyncio.Future[None]) -> dict[str, list[float]]:
    """Let both type until then; return what each took."""
    taken: dict[str, list[float]] = {"/streak": [], "/contact they_wrote": []}
    typing = [asyncio.create_task(types(dispatch, text, numbers, each)) for text, each in taken.items()]
    await until
    for task in typing:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return taken


def told(name: str, taken: Sequence[float]) -> float:
    """Print what it took; return the median."""
    median, worst = statistics.median(taken), sorted(taken)[int(len(taken) * 0.99)]
    print(f"  {name:22} {median:7.2f} ms at the median, p99 {worst:7.2f} ms, of {len(taken)}")
    return median


async def main(many: int) -> bool:
    """Measure; tell whether whoever types waits little longer."""
    with TemporaryDirectory() as folder:
        vault, texts = Vault(parse_keys(new_key())), Texts()
        store = Store(f"sqlite+aiosqlite:///{Path(folder) / 'unsent.sqlite'}", vault)
        house = House(store, vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")
        platform = Double(PLATFORM)
        house.adapters[PLATFORM] = platform
        await store.open()
        await written(house, many)
        dispatch, numbers = Dispatch(house), count()
        scheduler, sender = Scheduler(house, dispatch), Sender(house, platform)
        store.listeners |= {due.WAKE: scheduler.wake, outbox.WAKE: sender.wake}
        for number in range(TYPING):
            account = Account(PLATFORM, f"{number}")
            await dispatch.handle(Call(f"first-{number}", account, account.private, None, "streak"), modals=True)

        async def quiet() -> None:
            await asyncio.sleep(20)

        async def busy() -> None:
            begun = time.perf_counter()
            ticking = asyncio.create_task(scheduler.tick())
            while len(platform.delivered) < many:
                if not await sender.drain():
                    await asyncio.wait([ticking], timeout=EVERY)
            print(f"{many:,} out in {time.perf_counter() - begun:.0f} s")

        print("Nothing else to do:")
        before = {k: told(k, v) for k, v in (await measured(dispatch, numbers, asyncio.ensure_future(quiet()))).items()}
        during = await measured(dispatch, numbers, asyncio.ensure_future(busy()))
        print("Meanwhile:")
        after = {name: told(name, taken) for name, taken in during.items()}
        await store.close()
        ratios = {name: after[name] / before[name] for name in after}
        print(", ".join(f"{name}: {ratio:.1f} times" for name, ratio in ratios.items()))
    return ratios["/streak"] < TARGET


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*(int(each) for each in sys.argv[1:] or [MEMBERS]))))
