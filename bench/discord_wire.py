"""Unsent on Discord's wire: how long a command takes, and what becomes of Discord's 50 requests a second.

    .venv/bin/python bench/discord_wire.py [commands|fifty] [--times 40] [--seconds 300]

`commands`: from the frame on the gateway until the callback has come in, as the server sees it. The whole process, as
`unsent run` starts it on its SQLite file, beside a discord.py client that answers a constant text; both are connected
to the same server, and take turns. One command in flight: /help and /streak of members with a ledger of a year. Twenty
in flight: /checkin, each kept on the disk before it is answered.

`fifty`: a drop, to people whose DM has to be opened first, which is a request too. The server enforces 50 a second
(generic cell rate algorithm) with a burst of a tenth of a second's, and answers at 50 ms round trip. That no more than
ten DMs are opened a second is lifted here: else there would be 20 requests a second.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import calls, report
from bench.to_telegram import asks, drained, limited, run, server, told, written
from bot import app, people
from bot.adapters.discord import Discord, limits
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.model import Server
from bot.settings import Settings
from bot.vault import new_key
from tests.seed import set_up

ROOT = Path(__file__).resolve().parent.parent
OURS, BARE = "unsent.wire.unsent", "unsent.wire.discordpy"  # tokens
ROUNDS = 25  # turns, short ones: what slows the machine down slows all of them
FIRST_TURN = 5  # times as many commands in the turn that is not counted
AT_ONCE, MANY = 20, 50  # in flight; times as many commands then
LEDGER = 60  # entries, of a year
HELP, STREAK, CHECKINS = 1.5, 8.0, 500  # times the bare handler at the median; a second
RATE, BURST = 50, 5
LATE = 60  # seconds over which it is broken off
FIRST = 10_000_000  # the first of those who are sent to


def variables(folder: str, key: str, port: int, gateway: str) -> dict[str, str]:
    """Return what an operator would have set."""
    return {
        "UNSENT_DATA_DIR": folder,
        "UNSENT_KEY": key,
        "UNSENT_OPERATOR": "Kim (kim@example.org)",
        "UNSENT_DISCORD_TOKEN": OURS,
        "UNSENT_DISCORD_API_URL": f"http://127.0.0.1:{port}/api/v10",
        "UNSENT_DISCORD_GATEWAY_URL": gateway,
        "UNSENT_WEB": "127.0.0.1:0",
        "UNSENT_LOG_LEVEL": "ERROR",
    }


def house_of(folder: str, key: str) -> app.House:
    """Return a house on the database in that folder."""
    set_to = Settings(_env_file=None, data_dir=Path(folder), key=key)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return app.build_house(set_to, Clock(), first=True)


async def prepare(folder: str, key: str, home: Mapping[str, Any]) -> None:
    """Write a community, and members with a ledger of a year."""
    calls.PLATFORM = "discord"
    house = house_of(folder, key)
    await house.store.open()
    async with house.store.transaction() as tx:
        await set_up(tx, house.vault, Server("discord", home["guild"]))
        await calls.seed(tx, house.vault, [int(each) for each in home["people"]], LEDGER)
    await house.store.close()


@contextmanager
def process(*command: object, **more: str) -> Generator[None]:
    """Let a process run until the context is left."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | more
    # A folder without a .env; what is on standard input ends with us.
    with subprocess.Popen([str(each) for each in command], stdin=subprocess.PIPE, env=environment, cwd="/") as made:
        try:
            yield
        finally:
            made.terminate()
            made.wait()


@dataclass(frozen=True)
class Took:
    """What commands took, in milliseconds."""

    median: float
    p99: float

    @classmethod
    def of(cls, taken: list[float]) -> "Took":
        """Return what is to be said of so many seconds."""
        ordered = sorted(each * 1000 for each in taken)
        return cls(statistics.median(ordered), ordered[int(len(ordered) * 0.99)])


def commands(times: int, _: float) -> None:
    """Commands, beside a bare handler."""
    with server("discord") as port, TemporaryDirectory() as folder:
        home, key = asks(port, "home"), new_key()
        asyncio.run(prepare(folder, key, home))
        unsent = process(sys.executable, "-m", "bot", "run", **variables(folder, key, port, home["gateway"]))
        with unsent, process(sys.executable, ROOT / "bench/wire/discord_peer.py", port, BARE):
            single(port, times)
            together(port, times)


@dataclass(frozen=True)
class Asked:
    """A command that is asked for: of whom, where, and how many times a bare handler it may take."""

    who: str
    command: str
    dm: bool = False
    most: float = 0.0


SINGLE = {
    "discord.py, a constant": Asked(BARE, "hello"),
    "discord.py, a constant, in a DM": Asked(BARE, "hello", dm=True),
    "/help": Asked(OURS, "help", most=HELP),
    "/help, in a DM": Asked(OURS, "help", dm=True, most=HELP),
    "/streak": Asked(OURS, "streak", most=STREAK),
    "/streak, in a DM": Asked(OURS, "streak", dm=True, most=STREAK),
}


def single(port: int, times: int) -> None:
    """One command in flight."""
    taken: dict[str, list[float]] = {name: [] for name in SINGLE}
    for turn in range(ROUNDS + 1):
        for name, asked in SINGLE.items():
            where = {"dm": 1} if asked.dm else {}
            many = times if turn else times * FIRST_TURN
            came = asks(port, "run", who=asked.who, command=asked.command, times=many, at_once=1, **where)
            if turn:  # whoever speaks for the first time today is written down, and has everything to load
                taken[name] += came["taken"]
    took = {name: Took.of(each) for name, each in taken.items()}
    print(f"Frame in to callback out, one in flight, {ROUNDS} turns of {times}:")
    for name, asked in SINGLE.items():
        bare = next(each for each, other in SINGLE.items() if other.who == BARE and other.dm == asked.dm)
        mine, base = took[name], took[bare]
        ratio = mine.median / base.median
        print(f"  {name:32} {mine.median:6.2f} ms at the median, p99 {mine.p99:6.2f} ms, {ratio:5.2f} times")
        if asked.most:
            report.result(
                f"{name}, at the median",
                f"{mine.median:.2f} ms, p99 {mine.p99:.2f} ms; {bare}: {base.median:.2f} ms, p99 {base.p99:.2f} ms",
                target=f"at most {asked.most:g} times",
                ratio=f"{ratio:.2f} times",
                held=ratio <= asked.most,
            )
    shown = {f"Unsent, {name}" if SINGLE[name].who == OURS else name: each for name, each in took.items()}
    report.bars("One in flight, milliseconds at the median", {name: each.median for name, each in shown.items()})
    report.bars("One in flight, milliseconds at p99", {name: each.p99 for name, each in shown.items()})


def together(port: int, times: int) -> None:
    """Twenty commands in flight."""
    many = times * MANY
    rates: dict[str, float] = {}
    for name, who, command, more in (
        ("/checkin", OURS, "checkin", {"option": "mood", "value": "okay"}),
        ("discord.py, a constant", BARE, "hello", {}),
    ):
        asks(port, "run", who=who, command=command, times=many // 10, at_once=AT_ONCE, **more)
        came = asks(port, "run", who=who, command=command, times=many, at_once=AT_ONCE, **more)
        rates[name], took = many / came["seconds"], Took.of(came["taken"])
        print(f"  {name:24} {rates[name]:7,.0f} a second, {took.median:.1f} ms at the median, p99 {took.p99:.1f} ms")
    mine, bare = rates.values()
    report.result(
        f"/checkin a second, durable, {AT_ONCE} in flight",
        f"{mine:,.0f}; discord.py, a constant: {bare:,.0f}",
        target=f"at least {CHECKINS}",
        ratio=f"{mine / bare:.2f} times as many",
        held=mine >= CHECKINS,
    )
    named = {"Unsent, /checkin": mine, "discord.py, a constant": bare}
    report.bars(f"{AT_ONCE} in flight, a second", named, CHECKINS)


# -- Discord's rate


def fifty(_: int, seconds: float) -> None:
    """A drop at Discord's rate."""
    print(f"{RATE}/s, burst {BURST}, 50 ms round trip:")
    with server("discord") as port:
        asks(port, "reset", rate=RATE, burst=BURST, delay=0.05)
        many = int(RATE * seconds / 2)
        came = run(sys.executable, __file__, "send", port, many, int(seconds + LATE))
        stats = asks(port, "stats")
        if came["sent"] < many:
            print(f"  {many - came['sent']:,.0f} of {many:,} were not sent within {came['seconds']:.0f} s")
            stats["seconds"] = came["seconds"]
        limited(told("Unsent, through the outbox", came, stats), RATE, BURST, seconds, "requests")
        print(f"    {stats['messages'] / stats['seconds']:.1f} messages a second, each with a DM that was opened first")


async def send(port: int, many: int, within: float) -> dict[str, float]:
    """Send so many rows of the outbox within so many seconds; return what came of it."""
    app.be_prompt()
    limits.OPENS = limits.RATE
    home, calls.PLATFORM = asks(port, "home"), "discord"
    with TemporaryDirectory() as folder:
        house = house_of(folder, new_key())
        await house.store.open()
        async with house.store.transaction() as tx:
            await calls.seed(tx, house.vault, [1], 2)
            member = (await tx.execute(people.members.select())).first().id
        await written(house, "discord", member, range(FIRST, FIRST + many))
        discord = Discord(
            Dispatch(house),
            token=OURS,
            memory=app.Memory(house.store),
            clock=house.clock,
            api_url=f"http://127.0.0.1:{port}/api/v10",
            gateway_url=home["gateway"],
        )
        house.adapters["discord"] = discord
        await discord.start()
        begun, cpu = time.monotonic(), time.process_time()
        left = await drained(house, discord, within)
        took, cpu = time.monotonic() - begun, time.process_time() - cpu
        await discord.stop()
        await house.store.close()
    return {"sent": many - left, "seconds": took, "cpu": cpu}


def main() -> None:
    """Run what was asked for."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="?", choices=("commands", "fifty"))
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=300)
    asked = parser.parse_args()
    for part in (commands, fifty):
        if asked.which in (None, part.__name__):
            part(asked.times, asked.seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        print(json.dumps(asyncio.run(send(*map(int, sys.argv[2:5])))))
    else:
        main()
