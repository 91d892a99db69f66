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
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import calls
from bot import people, registry
from bot.adapters.telegram import Telegram
from bot.app import SWITCH
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
UNPACED, UNPACED_AT_ONCE = 1_000_000, 128
PEOPLE, TYPED = 20, 10  # who type, and how often a second in all
BURSTS = {1000: 100, 30: 3}  # a tenth of a second
SEED_AT_ONCE = 5000


async def send(port: int, rate: int, many: int, seconds: float) -> dict[str, float]:
    """Send `many` rows of the outbox, or for `seconds` where that is longer; return what it took."""
    calls.PLATFORM = "telegram"
    sys.setswitchinterval(SWITCH)
    with TemporaryDirectory() as folder:
        vault, texts = Vault(parse_keys(new_key())), Texts()
        store = Store(f"sqlite+aiosqlite:///{Path(folder) / 'unsent.sqlite'}", vault)
        house = House(store, vault, texts, Registry(registry.discover(), texts), Clock(), operator="Kim")
        await store.open()
        async with store.transaction() as tx:
            await calls.seed(tx, vault, range(1, PEOPLE + 1), 12)
            member = (await tx.execute(people.members.select())).first().id
        reply, now = Reply(TEXT), house.clock.now()
        for first in range(0, many, SEED_AT_ONCE):
            rows: list[dict[str, Any]] = []
            for number in range(first, min(first + SEED_AT_ONCE, many)):
                name, place = f"drop-{number}", Place("telegram", f"{10_000 + number}", private=True)
                payload = _dump(Payload(place, reply, keep=False))
                named = {"id": new_id(), "name": name, "subject": name, "member": member, "payload": payload}
                stands = {"state": State.WAITING, "due_at": now, "step": 1, "attempts": 0, "settled": DROP}
                rows.append({"kind": "send", "platform": "telegram", "lane": Lane.DROP} | named | stands)
            async with store.transaction() as tx:
                await tx.insert_many(outbox, rows)
        dispatch = Dispatch(house)
        telegram = Telegram(
            dispatch, token=TOKEN, clock=house.clock, api_url=f"http://127.0.0.1:{port}", rate=float(rate)
        )
        house.adapters["telegram"] = telegram
        await telegram.start()
        if rate == UNPACED:
            telegram.at_once = UNPACED_AT_ONCE
        sender = Sender(house, telegram)
        begun, cpu = time.monotonic(), time.process_time()
        while True:
            await sender.drain()
            async with store.reading() as tx:
                if not (await tx.execute(outbox.select().limit(1))).first():
                    break
            await asyncio.sleep(0.05)  # somebody has said 429
        took, cpu = time.monotonic() - begun, time.process_time() - cpu
        await asyncio.sleep(max(0.0, seconds - took))
        await telegram.stop()
        await store.close()
    return {"sent": many, "failed": 0, "seconds": took, "cpu": cpu}


# -- what is run


@contextmanager
def server() -> Generator[int]:
    """Run the server; give its port."""
    command = [sys.executable, str(ROOT / "bench/wire/telegram_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        yield int(process.stdout.readline())
        process.stdin.close()


def asks(port: int, what: str, **values: float) -> dict[str, Any]:
    """Ask the server."""
    query = "&".join(f"{name}={value}" for name, value in values.items())
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


def told(name: str, came: dict[str, float], stats: dict[str, Any]) -> float:
    """Print what came of it; return the microseconds a message took of the processor."""
    each = came["cpu"] / max(1, came["sent"]) * 1e6
    rate = stats["taken"] / max(stats["seconds"], 0.001)
    print(
        f"  {name:34} {rate:7.1f}/s taken, {stats['refused']} of 429, {came['seconds']:5.1f} s, "
        f"{each:5.0f} us of CPU a message, {came['cpu'] / came['seconds']:4.0%} of a core",
        flush=True,
    )
    return each


def paced(port: int, seconds: float, aiogram: str) -> None:
    """1,000 a second, 50 ms round trip."""
    limit = {"rate": 1000, "burst": BURSTS[1000], "delay": 0.05}
    print(f"1,000/s, burst {BURSTS[1000]}, 50 ms round trip:")
    asks(port, "reset", **limit)
    mine = told("through the outbox", ours(port, 1000, int(1000 * seconds)), asks(port, "stats"))
    for python, who, name in (
        (sys.executable, "ptb", "python-telegram-bot, its request"),
        (aiogram, "aiogram", "aiogram, bare"),
        (sys.executable, "aiohttp", "aiohttp, bare"),
    ):
        if python:
            asks(port, "reset", **limit)
            theirs = told(name, peer(python, who, port, 1000, min(seconds, 20)), asks(port, "stats"))
            print(f"    CPU through the outbox: {mine / theirs:.2f} times")


def fast(port: int, seconds: float, aiogram: str) -> None:
    """As fast as it goes."""
    print("As fast as it goes, no round trip:")
    asks(port, "reset")
    many = int(1500 * seconds)
    came = ours(port, UNPACED, many)
    told("through the outbox", came, asks(port, "stats"))
    for python, who, name in ((sys.executable, "aiohttp", "aiohttp, bare"), (aiogram, "aiogram", "aiogram, bare")):
        if python:
            asks(port, "reset")
            other = peer(python, who, port, 0, min(seconds, 10))
            told(name, other, asks(port, "stats"))
            ratio = (many / came["seconds"]) / (other["sent"] / other["seconds"])
            print(f"    through the outbox: {ratio:.2f} times as many a second")


def thirty(port: int, seconds: float, _: str) -> None:
    """The free rate."""
    print(f"30/s, burst {BURSTS[30]}, 50 ms round trip:")
    asks(port, "reset", rate=30, burst=BURSTS[30], delay=0.05)
    many = int(30 * seconds)
    came = ours(port, 30, many)
    stats = asks(port, "stats")
    told("through the outbox", came, stats)
    print(f"    {(stats['taken'] - 1) / stats['seconds'] / 30:.1%} of the limit, {stats['refused']} of 429")


def typing(port: int, seconds: float, _: str) -> None:
    """Whoever types, with a drop and without."""
    print(f"/streak typed {TYPED} times a second, no round trip:")
    worst: list[float] = []
    for name, many in (("nothing else to do", 0), ("meanwhile 1,000/s", int(1000 * seconds))):
        asks(port, "reset", rate=1000, burst=BURSTS[1000], typing=TYPED)
        came = ours(port, 1000, many, seconds)
        stats = asks(port, "stats")
        waited = sorted(each * 1000 for each in stats["answered"][PEOPLE:])  # who begins has everything to load
        worst.append(waited[int(len(waited) * 0.99)])
        drop = f", {many / came['seconds']:.0f}/s" if many else ""
        median = statistics.median(waited)
        print(f"  {name:34} {median:6.1f} ms at the median, p99 {worst[-1]:6.1f} ms, {len(waited)}{drop}")
    print(f"    p99 {worst[1] - worst[0]:+.1f} ms, {worst[1] / worst[0]:.1f} times")


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
        print(json.dumps(asyncio.run(send(*map(int, sys.argv[2:5]), float(sys.argv[5])))))
    else:
        main()
