"""What many members cost: a tick that finds 500 due, memory, the file, a start; beside one job a member in APScheduler.

    .venv/bin/python bench/members.py [members ...]

Each member has what joining writes, four entries in the ledger and a daily thought, due at some moment of the day that
begins in an hour; a million take twelve gigabytes of the temporary folder (TMPDIR). Unsent is whole, in a process of
its own, with Telegram (bench/wire/), and is started on that file. Then its clock is moved to where 500 have come to be
due, which are chosen, written to the outbox and planned anew, in one tick; and again, once they are sent.

APScheduler has one job a member in its SQLAlchemy job store, in a SQLite file, of which 500 come to be due at once and
do nothing. Its jobs are added one by one, as there is no other way; where that takes longer than a minute it is left.
"""

import asyncio
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast
from urllib.request import urlopen
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import report

MEMBERS = (10_000, 100_000, 1_000_000)
DUE, ROUNDS = 500, 3
ENTRIES = 4
TIMES, MEMORY = 6.0, 200.0  # of a million: times the tick of the fewest; MB
SETUP = 60.0  # seconds that APScheduler may take to be told of its jobs
ZONE = "Europe/Lisbon"
IN_AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
RATE = 100  # messages a second: so slow that sending is not what is measured
SENT = 60.0  # seconds within which they have to be sent
FILE = "unsent.sqlite"
TOKEN = "1:AA" + "x" * 33


@dataclass(frozen=True)
class Found:
    """What was found with so many members, or jobs: seconds, MB, bytes."""

    tick: float  # at the median of the rounds
    lag: float  # the longest that the loop waited meanwhile
    memory: float
    size: float  # of the file, for each
    ready: float  # from the start of the process, or until all jobs are known


# -- the members


async def seed(folder: str, key: str, many: int) -> None:
    """Write so many members: each row as the code seals it, each table in the order in which it lies in the file."""
    from bot import app, due, people
    from bot.clock import Clock, floor_hour
    from bot.model import Account, Server
    from bot.settings import Settings
    from bot.store import Row, Tx, new_id
    from cogs import advice, stage, streaks
    from cogs.privacy import silence
    from cogs.questions import asked
    from cogs.questions import store as questions
    from tests.seed import set_up

    set_to = Settings(_env_file=None, data_dir=Path(folder), key=key)  # pyright: ignore[reportCallIssue, reportArgumentType]
    house = app.build_house(set_to, Clock(), first=True)
    await house.store.open()
    async with house.store.transaction() as tx:
        await set_up(tx, house.vault, Server("telegram", "home"))
    await house.store.close()

    vault, now, zone = house.vault, house.clock.now(), ZoneInfo(ZONE)
    dice = random.Random(many)
    ids = sorted(new_id() for _ in range(many))
    within = min(A_DAY, timedelta(hours=many / DUE))  # what is three hours late does not come
    at = [now + IN_AN_HOUR + within * (number / many) for number in range(many)]
    dice.shuffle(at)
    profile = {"zone": ZONE, "locale": "en", "day_start": 4, "floor": "0001-01-01", "seen": "0001-01-01"}

    def account(number: int, id: str, member: str) -> Row:
        who = Account("telegram", f"{number + 1}")
        reach = {"address": who.id, "unreachable": False}
        named = {"id": id, "member": member, "platform": who.platform}
        return named | {"lookup": people.lookup(vault, who), "reach": reach}

    def entry(number: int, id: str, member: str) -> Row:
        day = date.today() - timedelta(days=3 + number * 7 % 362)
        kind = "start" if number < many else "wrote"
        said = {"kind": kind, "day": day.isoformat(), "at": f"{day.isoformat()}T12:00+00:00"}
        return {"id": id, "member": member, "entry": said}

    def strewn(times: int) -> Iterator[tuple[int, str, str]]:
        """Yield ids in order, each with a number and with a member anywhere: those of one do not lie side by side."""
        whose = list(range(many * times))
        dice.shuffle(whose)
        for id, number in zip(sorted(new_id() for _ in whose), whose, strict=True):
            yield number, id, ids[number % many]

    def reading(member: str, when: datetime) -> Row:
        hour = when.astimezone(zone).hour
        return {"member": member, "state": {"hour": hour, "day": None, "piece": None, "had": []}}

    def looked_after(number: int, member: str) -> Row:
        # Whoever has long been silent is asked for once in 30 days: none of them on the day that is measured.
        when = now + 2 * A_DAY + 28 * A_DAY * (number / many)
        return {"job": silence.SILENCE, "key": member, "member": member, "at": when}

    joined, nothing_asked = floor_hour(now), asked._dump_asked(asked.Asked())  # pyright: ignore[reportPrivateUsage]
    db = sqlite3.connect(Path(folder) / FILE, isolation_level=None)
    for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
        db.execute(f"PRAGMA {pragma}")
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    db.execute("BEGIN")
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    seals = Tx(cast("Any", None), vault)._seal  # pyright: ignore[reportPrivateUsage]
    writes = partial(_insert, db, seals)
    writes(people.members, ({"id": id, "joined": joined, "terms": 1, "profile": profile} for id in ids))
    writes(people.accounts, (account(*each) for each in strewn(1)))
    writes(stage.roads, ({"member": id, "road": {"stage": "space", "whom": "any"}} for id in ids))
    writes(streaks.contacts, (entry(*each) for each in strewn(ENTRIES)))
    writes(advice.readings, (reading(id, when) for id, when in zip(ids, at, strict=True)))
    planned = zip(ids, at, strict=True)
    writes(questions.askers, ({"member": id, "asked": nothing_asked} for id in ids))
    writes(due.due, ({"job": advice.DROP, "key": id, "member": id, "at": when} for id, when in planned))
    writes(due.due, (looked_after(*each) for each in enumerate(ids)))
    for _, sql in indexes:
        db.execute(sql)
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


def _insert(db: sqlite3.Connection, seals: Any, into: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of one table, sealed."""
    rows = iter(rows)
    first = next(rows)
    names, marks = ", ".join(first), ", ".join("?" * len(first))
    sealed = (tuple(map(_bound, seals(into, row, row).values())) for row in chain([first], rows))
    db.executemany(f"INSERT INTO {into.name} ({names}) VALUES ({marks})", sealed)


def _bound(value: Any) -> Any:
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


# -- what is measured, each in a process of its own


class Lag:
    """Notes how long the loop waits at worst."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, time.perf_counter() - begun - 0.001)


async def ours(folder: str, key: str, port: int, many: int, started: float) -> Found:
    """Be Unsent."""
    from sqlalchemy import select

    from bot import app
    from bot.clock import Clock
    from bot.due import due
    from bot.settings import Settings
    from bot.store import Tx

    app.be_prompt()
    clock = Clock()
    set_to = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=Path(folder),
        key=key,  # pyright: ignore[reportArgumentType]
        operator="Kim (kim@example.org)",
        telegram_token=TOKEN,  # pyright: ignore[reportArgumentType]
        telegram_api_url=f"http://127.0.0.1:{port}",
        telegram_rate=RATE,
        web="127.0.0.1:0",
        log_level="ERROR",
    )
    running = app.App(set_to, clock)
    scheduler, store, ticks, lag = running.scheduler, running.house.store, list[float](), Lag()

    async def last(tx: Tx) -> datetime:
        """When so many have come to be due."""
        return (await tx.execute(select(due.c.at).order_by(due.c.at).offset(DUE - 1).limit(1))).scalar_one()

    async with running.running():
        ready = time.time() - started
        size = (Path(folder) / FILE).stat().st_size
        for number in range(ROUNDS):
            until = await store.read(last)
            while scheduler._beating.locked():  # noqa: ASYNC110 # pyright: ignore[reportPrivateUsage]
                await asyncio.sleep(0.001)
            clock.move(until - clock.now() + timedelta(milliseconds=1))
            scheduler.wake()
            watching = asyncio.create_task(lag.watch())
            begun = time.perf_counter()
            await scheduler.tick()
            ticks.append(time.perf_counter() - begun)
            watching.cancel()
            async with asyncio.timeout(SENT):
                while taken(port) < DUE * (number + 1):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)
        return Found(statistics.median(ticks), lag.worst, report.memory(), size / many, ready)


def taken(port: int) -> int:
    """Return how many messages Telegram has taken."""
    with urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return json.load(answer)["taken"]


done: list[float] = []  # when each job of APScheduler was done


def job() -> None:
    """Do nothing, but note when."""
    done.append(time.perf_counter())


async def apscheduler(folder: str, many: int) -> Found | None:
    """Be APScheduler; None where it takes too long to be told of its jobs."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    file = Path(folder) / "jobs.sqlite"
    scheduler: Any = AsyncIOScheduler(timezone=UTC, jobstores={"default": SQLAlchemyJobStore(f"sqlite:///{file}")})
    scheduler.start(paused=True)
    begun, now = time.perf_counter(), datetime.now(UTC)
    for number in range(many):
        # All are a day away; 500 are called to be due once all are there.
        scheduler.add_job(job, "interval", days=1, next_run_time=now + A_DAY, misfire_grace_time=None, id=f"{number}")
        if time.perf_counter() - begun > SETUP:
            return None
    ready, soon = time.perf_counter() - begun, datetime.now(UTC) + timedelta(seconds=1)
    chosen = random.Random(many).sample(range(many), min(DUE, many))
    while True:
        for number in chosen:
            scheduler.modify_job(f"{number}", next_run_time=soon)
        if datetime.now(UTC) < soon:
            break
        soon = datetime.now(UTC) + timedelta(seconds=5)
    lag = Lag()
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep((soon - datetime.now(UTC)).total_seconds())
    begun = time.perf_counter()
    scheduler.resume()
    while len(done) < len(chosen):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    watching.cancel()
    scheduler.shutdown(wait=False)
    return Found(max(done) - begun, lag.worst, report.memory(), file.stat().st_size / many, ready)


# -- what is run


def child(*what: object) -> Found | None:
    """Run this file as something; return what it found."""
    command = [sys.executable, __file__, *map(str, what)]
    came = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(came.stdout.splitlines()[-1])
    return Found(**found) if found else None


def measured(many: int) -> tuple[Found, Found | None]:
    """Measure with so many members, and so many jobs."""
    from bench.to_telegram import server
    from bot.vault import new_key

    with TemporaryDirectory() as folder, server() as port:
        key, begun = new_key(), time.monotonic()
        subprocess.run([sys.executable, __file__, "seed", folder, key, str(many)], check=True)
        print(f"{many:,} members, written in {time.monotonic() - begun:.0f} s", flush=True)
        mine = child("unsent", folder, key, port, many, time.time())
        assert mine is not None
        told("Unsent", mine, "a start")
        theirs = child("apscheduler", folder, many) if many <= MEMBERS[1] else None
        if theirs:
            told("APScheduler, one job a member", theirs, "to be told of all jobs")
        else:
            print("  APScheduler, one job a member: to tell it of all jobs takes longer than a minute")
    return mine, theirs


def told(name: str, found: Found, start: str) -> None:
    """Print what was found."""
    print(
        f"  {name:30} {DUE} due: {found.tick * 1000:.0f} ms, the loop waited {found.lag * 1000:.0f} ms at most; "
        f"{found.memory:.0f} MB, {found.size:,.0f} bytes each, {start} {found.ready:.1f} s",
        flush=True,
    )


def main(sizes: Sequence[int]) -> None:
    """Measure, with each number of members."""
    both = {many: measured(many) for many in sorted(sizes)}
    found = {many: mine for many, (mine, _) in both.items()}
    peers = {many: theirs for many, (_, theirs) in both.items() if theirs}
    fewest, most = min(found), max(found)
    few, all = found[fewest], found[most]
    aimed = most == MEMBERS[-1] and fewest == MEMBERS[0]

    def compared(what: str, unit: str, one: float, other: float) -> tuple[str, str]:
        digits = ",.1f" if unit == "s" else ",.0f"
        return f"{other:{digits}} {unit}; {fewest:,}: {one:{digits}} {unit}", f"{other / one:.1f} times"

    said, ratio = compared("tick", "ms", few.tick * 1000, all.tick * 1000)
    held = all.tick <= TIMES * few.tick if aimed else None
    report.result(
        f"{DUE} due, {most:,} members",
        f"{said}; the loop waited {all.lag * 1000:.0f} ms at most",
        target=f"at most {TIMES:g} times {MEMBERS[0]:,}",
        ratio=ratio,
        held=held,
    )
    said, ratio = compared("memory", "MB", few.memory, all.memory)
    held = all.memory < MEMORY if aimed else None
    report.result(
        f"memory, {most:,} members", said, target=f"under {MEMORY:.0f} MB at {MEMBERS[-1]:,}", ratio=ratio, held=held
    )
    said, ratio = compared("size", "bytes", few.size, all.size)
    report.result("the file, each member", said, ratio=ratio)
    said, ratio = compared("start", "s", few.ready, all.ready)
    report.result("start to ready", said, ratio=ratio)
    for many, theirs in peers.items():
        mine = found[many]
        report.result(
            f"{DUE} due, {many:,}: APScheduler, one job a member, which does nothing",
            f"{theirs.tick * 1000:.0f} ms, the loop waited {theirs.lag * 1000:.0f} ms, {theirs.memory:.0f} MB, "
            f"{theirs.ready:.0f} s to be told of all jobs; Unsent: {mine.tick * 1000:.0f} ms, the loop waited "
            f"{mine.lag * 1000:.0f} ms",
            ratio=f"the loop waited {mine.lag / theirs.lag:.2f} times as long",
        )
    shown = {f"Unsent, {many:,}": each for many, each in found.items()}
    shown |= {f"APScheduler, {many:,}": each for many, each in peers.items()}

    for title, of, scale, limit in (
        (f"{DUE} due until they are done, in milliseconds", "tick", 1000, TIMES * few.tick * 1000 if aimed else None),
        ("The loop waits meanwhile, milliseconds at most", "lag", 1000, None),
        ("Memory, in MB", "memory", 1, MEMORY),
        ("The file, bytes for each", "size", 1, None),
        ("Seconds to ready, or until APScheduler is told of all jobs", "ready", 1, None),
    ):
        report.bars(title, {name: vars(each)[of] * scale for name, each in shown.items()}, limit)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["seed", folder, key, many]:
            asyncio.run(seed(folder, key, int(many)))
        case ["unsent", folder, key, port, many, started]:
            print(json.dumps(vars(asyncio.run(ours(folder, key, int(port), int(many), float(started))))))
        case ["apscheduler", folder, many]:
            print(json.dumps((found := asyncio.run(apscheduler(folder, int(many)))) and vars(found)))
        case sizes:
            main([int(each) for each in sizes] or MEMBERS)
