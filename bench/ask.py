"""How long it takes from Send until the desk's platform is asked to take a question, with nothing held back.

    .venv/bin/python bench/ask.py [questions] [at once]

The database is SQLite as it is in production, the platform is in memory and notes when it is asked. First one member
after the other presses Send; then many at once, until the last question is at the desk. The ratio is to a transaction
that reads and writes one row, measured in the same run, on the same file. The others were measured once, each as a
whole and with its own Discord on the wire, which was slower than ours: they say how such things are, not how much.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import report
from bench.calls import PLATFORM, timed
from bot import due, outbox, people, registry
from bot.adapter import Delivery, Outcome, Send
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.house import House
from bot.model import Account, Button, Call, Place, Reply, Server
from bot.registry import Registry
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.store import Store
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from cogs.questions import askers
from tests.harness import Double
from tests.seed import joins, set_up

QUESTIONS, AT_ONCE = 300, 30
TARGET_MS, TARGET_ALL = 100.0, 500.0
OTHERS = {"Modmail": 5_200, "Dragory's modmailbot": 11_500}  # the same on Discord's wire, measured once: milliseconds
AT_DESK = Place(PLATFORM, "desk")
WITHIN = 30.0  # seconds, beyond which something is wrong


@dataclass
class Noting(Double):
    """The platform in memory; it notes when it was asked to take what, at the desk."""

    came: dict[str, float] = field(default_factory=dict[str, float])
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, what: Delivery) -> Outcome:
        """Note it, and take it."""
        if isinstance(what, Send) and what.place == AT_DESK:
            self.came[next(word for word in what.reply.text.split() if word.startswith("words-"))] = time.perf_counter()
            self.arrived.set()
        return await super().deliver(what)

    async def has(self, words: Sequence[str]) -> None:
        """Wait until all of it was asked."""
        async with asyncio.timeout(WITHIN):
            while not all(each in self.came for each in words):
                self.arrived.clear()
                await self.arrived.wait()


async def main(many: int, at_once: int) -> bool:
    """Measure; tell whether it takes no longer than it should."""
    with TemporaryDirectory() as folder:
        vault, texts = Vault(parse_keys(new_key())), Texts()
        store = Store(f"sqlite+aiosqlite:///{Path(folder) / 'unsent.sqlite'}", vault)
        house = House(store, vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")
        platform = Noting(PLATFORM)
        house.adapters[PLATFORM] = platform
        await store.open()
        async with store.transaction() as tx:
            made = await set_up(tx, vault, Server(PLATFORM, "home"), desk=AT_DESK)
            for number in range(many + at_once):
                await joins(house.work(tx), Account(PLATFORM, f"{number}"), made)
        dispatch, numbers = Dispatch(house), count()
        scheduler, sender = Scheduler(house, dispatch), Sender(house, platform)
        store.listeners |= {due.WAKE: scheduler.wake, outbox.WAKE: sender.wake}
        scheduler.start()
        sender.start()

        async def call(number: int, action: str, *args: str, text: str = "") -> Reply:
            account = Account(PLATFORM, f"{number}")
            made = Call(f"{next(numbers)}", account, account.private, None, action, args, text=text)
            answer = await dispatch.handle(made, modals=True)
            dispatch.given(made)
            assert isinstance(answer, Reply), answer
            return answer

        async def drafts(number: int) -> Button:
            shown = await call(number, "ask", text=f"Should I write? words-{number}")
            return next(
                item for row in shown.rows for item in row if isinstance(item, Button) and item.action.endswith(".send")
            )

        async def sends(number: int, button: Button) -> float:
            begun = time.perf_counter()
            await call(number, button.action, *button.args)
            await platform.has([f"words-{number}"])
            return (platform.came[f"words-{number}"] - begun) * 1000

        async def write(number: int) -> None:
            async with store.transaction() as tx:
                member = await people.find(tx, vault, Account(PLATFORM, f"{number}"))
                assert member is not None
                asked = await tx.row(askers, askers.c.member == member.id)
                assert asked is not None
                await tx.update(askers, {"member": member.id}, asked=asked["asked"])

        base, _ = await timed(many, write)
        print(f"one row read and one written: {base:.2f} ms")
        taken = sorted([await sends(number, await drafts(number)) for number in range(many)])
        median, p99 = statistics.median(taken), taken[int(len(taken) * 0.99)]
        print(f"from Send to the desk: {median:.2f} ms, p99 {p99:.2f} ms, of {many}; {median / base:.1f} times")
        last = range(many, many + at_once)
        buttons = {number: await drafts(number) for number in last}
        begun = time.perf_counter()
        await asyncio.gather(*(sends(number, buttons[number]) for number in last))
        until = (max(platform.came[f"words-{number}"] for number in last) - begun) * 1000
        print(f"{at_once} at once, until the last is there: {until:.0f} ms; {until / base:.1f} times")
        report.result(
            f"from Send to the desk, of {many}, one after the other",
            f"{median:.1f} ms at the median, p99 {p99:.1f} ms",
            target=f"at most {TARGET_MS:.0f} ms",
            ratio=f"{median / base:.1f} times one row read and one written",
            held=median < TARGET_MS,
        )
        report.result(
            f"{at_once} at once, until the last is at the desk",
            f"{until:.0f} ms",
            target=f"under {TARGET_ALL:.0f} ms",
            ratio=", ".join(f"{until / other:.2f} of {name} ({other / 1000} s)" for name, other in OTHERS.items()),
            held=until < TARGET_ALL,
        )
        report.bars(f"{at_once} ask at once: milliseconds until the last is there", {"Unsent": until}, TARGET_ALL)
        await sender.stop(within=1.0)
        await scheduler.stop()
        await store.close()
    return median < TARGET_MS and until < TARGET_ALL


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(not asyncio.run(main(*(given + [QUESTIONS, AT_ONCE][len(given) :]))))
