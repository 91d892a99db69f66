"""How fast the outbox reaches Telegram: beside its rate, beside others that send, and beside a command that is typed.

    .venv/bin/python bench/to_telegram.py [paced|fast|thirty|typing] [--seconds 60] [--aiogram VENV/bin/python]

`paced`: 1,000 a second, 50 ms round trip; beside python-telegram-bot with its own request and, where a Python that has
it is given, aiogram's bare send. `fast`: no rate and no round trip; beside bare aiohttp. `thirty`: 30 a second, for
five minutes unless `--seconds` says else. `typing`: how long people who type /streak wait, with a drop of 1,000 a
second and without, no round trip. Without a word all four, one after the other.

What is ours is the whole way: rows in SQLite as it is in production, as daily pieces are, claimed, sent, settled with a
commit that is on the disk. The others send the same text, and keep nothing. Server and senders are processes of their
own (bench/wire/); the server enforces the rate (generic cell rate algorithm) with a burst of a tenth of a second's, 100
or 3, and answers 429 to what is too much. CPU is of the sending process, all threads. Where there is other load on the
machine, read the ratios.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select

from bench import calls, report
from bot import people, registry
from bot.adapter import Adapter
from bot.adapters.telegram import Telegram
from bot.app import be_prompt
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.house import House
from bot.model import Place, Reply
from bot.outbox import Lane, Payload, State, _dump, outbox  # pyright: ignore[reportPrivateUsage]
from bot.registry import Registry
from bot.sender import Sender
from bot.store import Store, new_id
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from cogs.advice.drop import DROP

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "1:AA" + "x" * 33
TEXT = "Hello. " * 30
OURS, PTB, AIOGRAM, AIOHTTP = "Unsent, through the outbox", "python-telegram-bot", "aiogram, bare", "aiohttp, bare"
UNPACED, UNPACED_AT_ONCE = 1_000_000, 128
PEOPLE, TYPED = 20, 10  # who type, and how often a second in all
BURSTS = {1000: 100, 30: 3}  # a tenth of a second
SEED_AT_ONCE = 5000
PACED, FAST = 990, 3_000  # delivered a second, at least
USED = 0.98  # of a limit, at least
WAITS = 20.0  # milliseconds that p99 may be longer beside a drop


async def send(port: int, rate: int, many: int, seconds: float) -> dict[str, float]:
    """Send `many` rows of the outbox, or for `seconds` where that is longer; return what it took."""
    calls.PLATFORM = "telegram"
    with TemporaryDirectory() as folder:
        vault, texts = Vault(parse_keys(new_key())), Texts()
        store = Store(f"sqlite+aiosqlite:///{Path(folder) / 'unsent.sqlite'}", vault)
        house = House(store, vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")
        await store.open()
        async with store.transaction() as tx:
            await calls.seed(tx, vault, range(1, PEOPLE + 1), 12)
            member = (await tx.execute(people.members.select())).first().id
        await written(house, "telegram", member, range(10_000, 10_000 + many))
        dispatch = Dispatch(house)
        telegram = Telegram(
            dispatch, token=TOKEN, clock=house.clock, api_url=f"http://127.0.0.1:{port}", rate=float(rate)
        )
        house.adapters["telegram"] = telegram
        await telegram.start()
        if rate == UNPACED:
            telegram.at_once = UNPACED_AT_ONCE
        be_prompt()
        begun, cpu = time.monotonic(), time.process_time()
        await drained(house, telegram)
        took, cpu = time.monotonic() - begun, time.process_time() - cpu
        await asyncio.sleep(max(0.0, seconds - took))
        await telegram.stop()
        await store.close()
    return {"sent": many, "failed": 0, "seconds": took, "cpu": cpu}


async def written(house: House, platform: str, member: str, whom: range) -> None:
    """Write a row of the outbox for each of these people, due now; all hang from one member."""
    reply, now = Reply(TEXT), house.clock.now()
    for first in range(0, len(whom), SEED_AT_ONCE):
        rows: list[dict[str, Any]] = []
        for number in whom[first : first + SEED_AT_ONCE]:
            name, place = f"drop-{number}", Place(platform, f"{number}", private=True)
            payload = _dump(Payload(place, reply, keep=False))
            named = {"id": new_id(), "name": name, "subject": name, "member": member, "payload": payload}
            stands = {"state": State.WAITING, "due_at": now, "step": 1, "attempts": 0, "settled": DROP}
            rows.append({"kind": "send", "platform": platform, "lane": Lane.DROP} | named | stands)
        async with house.store.transaction() as tx:
            await tx.insert_many(outbox, rows)


async def drained(house: House, adapter: Adapter, within: float | None = None) -> int:
    """Send what is in the outbox until nothing is, or for so many seconds; return how many are left."""
    sender = Sender(house, adapter)
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while True:
                await sender.drain()
                if not await left(house):
                    break
                await asyncio.sleep(0.05)  # somebody has said 429
    return await left(house)


async def left(house: House) -> int:
    """Count what is in the outbox."""
    async with house.store.reading() as tx:
        return (await tx.execute(select(func.count()).select_from(outbox))).scalar_one()


# -- what is run


@contextmanager
def server(which: str = "telegram") -> Generator[int]:
    """Run the server of a platform; give its port."""
    command = [sys.executable, str(ROOT / f"bench/wire/{which}_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield int(process.stdout.readline())
        process.stdin.close()


def asks(port: int, what: str, **values: float | str) -> dict[str, Any]:
    """Ask the server."""
    query = urlencode(values)
    with urlopen(f"http://127.0.0.1:{port}/{what}?{query}") as answer:
        return json.load(answer)


def run(*command: object) -> dict[str, float]:
    """Run a sender; return what it printed."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout.splitlines()[-1])


def ours(port: int, rate: int, many: int, seconds: float = 0) -> dict[str, float]:
    """Send through the outbox, in a process of its own."""
    return run(sys.executable, __file__, "send", port, rate, many, seconds)


def peer(python: str, who: str, port: int, rate: int, seconds: float) -> dict[str, float]:
    """Send as another."""
    return run(python, ROOT / "bench/wire/telegram_peers.py", who, port, rate, seconds)


@dataclass(frozen=True)
class Came:
    """What came of a sender, by what it says and what the server has counted."""

    rate: float  # taken a second
    refused: int
    each: float  # microseconds of the processor a message


def told(name: str, came: dict[str, float], stats: dict[str, Any]) -> Came:
    """Print what came of it, and return it."""
    found = Came(
        (stats["taken"] - 1) / max(stats["seconds"], 0.001),
        stats["refused"],
        came["cpu"] / max(1, came["sent"]) * 1e6,
    )
    print(
        f"  {name:34} {found.rate:7.1f}/s taken, {found.refused} of 429, {came['seconds']:5.1f} s, "
        f"{found.each:5.0f} us of CPU a message, {came['cpu'] / came['seconds']:4.0%} of a core",
        flush=True,
    )
    return found


def paced(port: int, seconds: float, aiogram: str) -> None:
    """1,000 a second, 50 ms round trip."""
    limit = {"rate": 1000, "burst": BURSTS[1000], "delay": 0.05}
    print(f"1,000/s, burst {BURSTS[1000]}, 50 ms round trip:")
    asks(port, "reset", **limit)
    mine = told(OURS, ours(port, 1000, int(1000 * seconds)), asks(port, "stats"))
    theirs: dict[str, Came] = {}
    for python, who, name in (
        (sys.executable, "ptb", PTB),
        (aiogram, "aiogram", AIOGRAM),
        (sys.executable, "aiohttp", AIOHTTP),
    ):
        if python:
            asks(port, "reset", **limit)
            theirs[name] = told(name, peer(python, who, port, 1000, min(seconds, 20)), asks(port, "stats"))
    used = f"{mine.rate / 1000:.1%} of the limit"
    report.result(
        f"delivered a second, {seconds:.0f} s",
        f"{mine.rate:,.1f}",
        target=f"at least {PACED}",
        ratio=used,
        held=mine.rate >= PACED,
    )
    refused(mine, BURSTS[1000])
    for name, other in theirs.items():
        target, held = ("at most 1 time", mine.each <= other.each) if name == AIOGRAM else ("—", None)
        found = f"{mine.each:.0f} us; {name}: {other.each:.0f} us, {other.rate:,.1f} a second"
        ratio = f"{mine.each / other.each:.2f} times"
        report.result("CPU a message", found, target=target, ratio=ratio, held=held)
    if not aiogram:
        report.result("CPU a message", f"{mine.each:.0f} us; {AIOGRAM}: not installed", target="at most 1 time")
    shown = {OURS: mine} | theirs
    report.bars("Delivered a second", {name: each.rate for name, each in shown.items()}, PACED)
    report.bars("CPU a message, in microseconds", {name: each.each for name, each in shown.items()})


def fast(port: int, seconds: float, aiogram: str) -> None:
    """As fast as it goes."""
    print("As fast as it goes, no round trip:")
    asks(port, "reset")
    mine = told(OURS, ours(port, UNPACED, int(1500 * seconds)), asks(port, "stats"))
    theirs: dict[str, Came] = {}
    for python, who, name in ((sys.executable, "aiohttp", AIOHTTP), (aiogram, "aiogram", AIOGRAM)):
        if python:
            asks(port, "reset")
            theirs[name] = told(name, peer(python, who, port, 0, min(seconds, 10)), asks(port, "stats"))
    ratio = ", ".join(f"{mine.rate / other.rate:.2f} of {name}" for name, other in theirs.items())
    report.result(
        "delivered a second, durable",
        f"{mine.rate:,.0f}; " + ", ".join(f"{name}: {other.rate:,.0f}" for name, other in theirs.items()),
        target=f"at least {FAST:,}",
        ratio=ratio,
        held=mine.rate >= FAST,
    )
    rates = {OURS: mine.rate} | {name: other.rate for name, other in theirs.items()}
    report.bars("Delivered a second", rates, FAST)


def thirty(port: int, seconds: float, _: str) -> None:
    """The free rate."""
    print(f"30/s, burst {BURSTS[30]}, 50 ms round trip:")
    asks(port, "reset", rate=30, burst=BURSTS[30], delay=0.05)
    came = ours(port, 30, int(30 * seconds))
    limited(told(OURS, came, asks(port, "stats")), 30, BURSTS[30], seconds, "messages")


def limited(found: Came, rate: int, burst: int, seconds: float, what: str) -> None:
    """Report how much of a limit was used, and that nothing was refused."""
    part = found.rate / rate
    report.result(
        f"{what} a second, {seconds:.0f} s",
        f"{found.rate:.2f}",
        target=f"at least {USED * rate:.1f}",
        ratio=f"{part:.1%} of the limit",
        held=part >= USED,
    )
    refused(found, burst)
    report.bars(f"{what.capitalize()} a second, and what is asked of it", {OURS: found.rate}, USED * rate)


def refused(found: Came, burst: int) -> None:
    """Report that nothing was too much."""
    name = f"answered 429 (generic cell rate algorithm, burst {burst})"
    report.result(name, f"{found.refused}", target="none", held=not found.refused)


def typing(port: int, seconds: float, _: str) -> None:
    """Whoever types, with a drop and without."""
    print(f"/streak typed {TYPED} times a second, no round trip:")
    medians: list[float] = []
    worst: list[float] = []
    pace = ""
    for name, many in (("nothing else to do", 0), ("meanwhile 1,000/s", int(1000 * seconds))):
        asks(port, "reset", rate=1000, burst=BURSTS[1000], typing=TYPED)
        came = ours(port, 1000, many, seconds)
        stats = asks(port, "stats")
        waited = sorted(each * 1000 for each in stats["answered"][PEOPLE:])  # who begins has everything to load
        worst.append(waited[int(len(waited) * 0.99)])
        pace = f", {many / came['seconds']:.0f}/s" if many else ""
        medians.append(statistics.median(waited))
        print(f"  {name:34} {medians[-1]:6.1f} ms at the median, p99 {worst[-1]:6.1f} ms, {len(waited)}{pace}")
    report.result(
        "p99 of /streak with a drop, over that without",
        f"{worst[1] - worst[0]:+.1f} ms: {worst[1]:.1f} ms, {worst[0]:.1f} ms without{pace}",
        target=f"at most {WAITS:.0f} ms",
        ratio=f"{worst[1] / worst[0]:.1f} times",
        held=worst[1] - worst[0] <= WAITS,
    )
    names = ("Unsent, nothing else to do", "Unsent, meanwhile 1,000/s")
    report.bars("/streak, milliseconds at the median", dict(zip(names, medians, strict=True)))
    report.bars("/streak, milliseconds at p99", dict(zip(names, worst, strict=True)), worst[0] + WAITS)


def main() -> None:
    """Run what was asked for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=("paced", "fast", "thirty", "typing"))
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--aiogram", default="", help="a Python that has aiogram")
    asked = parser.parse_args()
    with server() as port:
        for part, default in ((paced, 60), (fast, 20), (thirty, 300), (typing, 30)):
            if asked.which in (None, part.__name__):
                part(port, asked.seconds or default, asked.aiogram)


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        to, at, of = map(int, sys.argv[2:5])
        print(json.dumps(asyncio.run(send(to, at, of, float(sys.argv[5])))))
    else:
        main()
