"""What only one of many processes may do at a time: sending on a platform, polling it, doing what is due.

Each is a name in the table `leases`, taken by compare and set, by the clock of the database, in one statement of its
own: no process that is stopped in the middle of it holds anything up. Whoever holds a name renews it every RENEW
seconds, and counts with it for OURS seconds from before it asked. LASTS is longer than that: what was on its way when
the last of our seconds ended has the difference to arrive, before another process may begin.

What may be done once in so many seconds by all processes together is taken in the same way, and not renewed: `spaced`.

On SQLite there is one process, which has every name.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Column, String, cast, extract, func, not_, or_, select, type_coerce
from sqlalchemy.dialects import postgresql

from bot.engines import Line
from bot.pace import Spaced, Usage
from bot.store import ID, Holds, Instant, Store, new_id, table

log = logging.getLogger(__name__)

RENEW = 3.0  # seconds
OURS = 5.0  # seconds after the last renewal was asked for
LASTS = 7.0  # seconds after it was given, until another process may take the name
PATIENCE = 2.0  # seconds for the database to answer: what was asked for in time is asked for once more before it ends
LOOK = 0.5  # seconds between looks at what another one holds: it is taken over within LASTS + LOOK, and a moment
SHORTEST = 0.01  # seconds until it is asked again for a turn that is about to be free
SET_BACK = 1.0  # seconds that the server's clock may be set back, and no name is taken from who holds it
TELL = 0.02  # seconds between two words to the others
RELEASE = 2.0  # seconds for giving back at a stop what would be free by itself soon after
CHANNEL = "unsent"
FREE = "leases"  # what is told when names are given back

leases = table(
    "leases",
    Column("name", String(32), primary_key=True),
    Column("holder", ID, nullable=False),
    Column("until", Instant, nullable=False),
    holds=Holds.NOTHING,
)

# When it is looked at, which in a statement that had to wait for another one is later than when that one began.
NOW = cast(extract("epoch", func.clock_timestamp()) * 1000, BigInteger)


def monotonic() -> float:
    """Return seconds that only grow, also while the machine sleeps where its clocks tell of that."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """One name, and whether this process holds it. `holder` is the process."""

    def __init__(self, name: str, holder: str, *, always: bool = False) -> None:
        self.name = name
        self.holder = holder
        self._until = float("inf") if always else float("-inf")
        self._taken = asyncio.Event()
        self._doing: set[asyncio.Future[Any]] = set()
        self._losses = 0
        self._end: asyncio.TimerHandle | None = None
        if always:
            self._taken.set()

    @property
    def held(self) -> bool:
        """Whether it is held now, by this process's own clock."""
        return monotonic() < self._until

    @asynccontextmanager
    async def bound(self) -> AsyncGenerator[None]:
        """Do what may not go on when it is lost: the task that we are in is cancelled then, and at once if it is."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 # we are in a coroutine
        self._doing.add(task)
        try:
            if not self.held:
                self.lose()
                await asyncio.sleep(0)
            yield
        finally:
            self._doing.discard(task)

    async def during(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do `work` while the name is held: cancelled when it is lost, begun anew when it is taken again.

        Return when `work` does; raise what it raises.
        """
        while True:
            await self._taken.wait()
            doing, losses = asyncio.ensure_future(work()), self._losses
            self._doing.add(doing)
            try:
                await asyncio.wait({doing})
            finally:
                self._doing.discard(doing)
                if not doing.done():
                    doing.cancel()
                    await asyncio.wait({doing})
            if not doing.cancelled() or losses == self._losses:
                return doing.result()

    def renewed(self, asked: float) -> None:
        """Note that the database gave it to us, which we asked it for at `asked`, by `monotonic`."""
        self._until = asked + OURS
        if self._end is not None:
            self._end.cancel()
        left = self._until - monotonic()
        if left <= 0:
            self.lose()
            return
        self._end = asyncio.get_running_loop().call_later(left, self.lose)
        if not self._taken.is_set():
            log.info("lease-taken", extra={"job": self.name})
        self._taken.set()

    def lose(self) -> None:
        """Note that it is not ours, or not surely."""
        self._until = float("-inf")
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if self._taken.is_set():
            log.warning("lease-lost", extra={"job": self.name})
        self._taken.clear()
        self._losses += 1
        for doing in self._doing:  # now, not a turn of the loop later: what waited for its moment does not begin
            doing.cancel()

    def give_back(self) -> None:
        """Note that we want it no more."""
        self._taken.clear()
        self.lose()


ALWAYS = ""  # the holder where there is one process


def always(name: str) -> Lease:
    """Return a lease that is held for good."""
    return Lease(name, ALWAYS, always=True)


class Leases:
    """The names that this process would have; it holds those that no other one does. And its line to the others.

    `heard` is called with the name of each note that another process's transaction left: see Tx.notes. `spaced` gives
    turns of which there is one in so many seconds, whichever process has it.

    What is used of something that `usage` names is told to the others, as notes are; each counts what it hears.
    """

    def __init__(self, store: Store, names: Iterable[str], heard: Callable[[str], object]) -> None:
        self.holder = ALWAYS if store.is_sqlite else new_id()
        self.spaced = Spaced(None if store.is_sqlite else self._take)
        self._all = {name: Lease(name, self.holder, always=store.is_sqlite) for name in sorted(names)}
        self._store = store
        self._heard = heard
        self._line: Line | None = None
        self._look = asyncio.Event()
        self._to_tell: set[str] = set()
        self._used: Counter[str] = Counter()  # what is to be told, too: by its name, and what it was used of
        self._usage: dict[str, Usage] = {}
        self._telling = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def __getitem__(self, name: str) -> Lease:
        """Return the lease of that name, one of those that this process would have."""
        return self._all[name]

    def usage(self, what: str) -> Usage | None:
        """Return how the use of `what` is told and heard; None where there are no others."""
        if self._store.is_sqlite:
            return None
        return self._usage.setdefault(what, Usage(partial(self._use, what)))

    async def start(self) -> None:
        """Take what is free, and go on taking, renewing and listening in the background."""
        if self._store.is_sqlite:
            return
        self._line = Line(self._store.url, CHANNEL, self._hear)
        self._store.tell_others = self._tell
        await self._ask()
        self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._tell_all())]

    async def others(self, beginning: str) -> list[str]:
        """Return the names with this beginning that other processes hold."""
        if self._line is None:
            return []
        found = _held(LASTS), leases.c.holder != self.holder, leases.c.name.startswith(beginning, autoescape=True)
        return [row.name for row in await self._line.execute(select(leases.c.name).where(*found))]

    async def stop(self) -> None:
        """Give back what we hold: another process begins at once."""
        if self._line is None:
            return
        line, self._line = self._line, None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lease in self._all.values():
            lease.give_back()
        try:
            async with asyncio.timeout(RELEASE):
                await line.drop()  # something may have been in the middle of a statement on it
                await line.execute(leases.delete().where(leases.c.holder == self.holder))
                await line.execute(self._says({FREE} | self._to_tell, self._used))
        except Exception as error:  # noqa: BLE001 # it is free by itself after LASTS
            log.warning("leases-not-given-back", extra={"error": type(error).__name__})
        await line.close()

    async def _keep(self) -> None:
        answered = True
        while True:
            self._look.clear()
            well = answered and all(lease.held for lease in self._all.values())
            try:
                async with asyncio.timeout(RENEW if well else LOOK):
                    await self._look.wait()
            except TimeoutError:
                pass
            answered = await self._ask()

    async def _ask(self) -> bool:
        """Take or renew every name that can be; tell whether the database answered.

        Where it did not, a name that is ours is ours until it was to end anyway.
        """
        assert self._line is not None  # noqa: S101 # not on SQLite
        asked = monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                ours = {row.name for row in await self._line.execute(_takes(tuple(self._all), self.holder))}
                await self._line.listen()
        except Exception as error:  # noqa: BLE001 # whatever it is, we ask again
            log.warning("leases-not-renewed", extra={"error": type(error).__name__})
            await self._line.drop()
            return False
        for name, lease in self._all.items():
            if name in ours:
                lease.renewed(asked)
            else:
                lease.lose()
        return True

    async def _take(self, name: str, seconds: float) -> float:
        """Take `name` for so long, whoever had it last; see `bot.pace.Ask`. Nobody has to give it back."""
        line = self._line
        if line is None:
            raise RuntimeError("not started, or stopped")

        async def ask() -> float:
            if await line.execute(_takes((name,), new_id(), seconds)):
                return 0.0
            left = type_coerce(leases.c.until, BigInteger) - NOW
            rows = await line.execute(select(left.label("left")).where(leases.c.name == name))
            return max(SHORTEST, rows[0].left / 1000) if rows else SHORTEST

        # Who waits may be cancelled, and in the middle of a statement that would be the end of the line.
        return await asyncio.shield(asyncio.ensure_future(ask()))

    def _hear(self, said: str) -> None:
        """Take in what somebody said on the line; nothing at all says that something may have been missed."""
        holder, *notes = said.split() if said else ("", *sorted(self._store.listeners))
        if holder == self.holder:
            return
        if FREE in notes:
            self._look.set()
        for note in notes:
            name, is_used, many = note.partition("=")
            if is_used:
                what, _, of = name.partition("/")
                if what in self._usage:
                    self._usage[what].heard(of, int(many))
            else:
                self._heard(note)

    def _tell(self, notes: set[str]) -> None:
        if told := notes & set(self._store.listeners):
            self._to_tell |= told
            self._telling.set()

    def _use(self, what: str, of: str, many: int) -> None:
        self._used[f"{what}/{of}"] += many
        self._telling.set()

    async def _tell_all(self) -> None:
        """Pass on what our transactions left to be known, and what was used, much of it in one word."""
        assert self._line is not None  # noqa: S101 # not on SQLite
        while True:
            await self._telling.wait()
            self._telling.clear()
            told, self._to_tell = self._to_tell, set()
            used, self._used = self._used, Counter()
            try:
                await self._line.execute(self._says(told, used))
            except Exception as error:  # noqa: BLE001 # they look by themselves
                log.warning("others-not-told", extra={"error": type(error).__name__})
            await asyncio.sleep(TELL)

    def _says(self, notes: set[str], used: Counter[str]) -> Any:
        words = self.holder, *sorted(notes), *(f"{name}={many}" for name, many in used.items())
        return select(func.pg_notify(CHANNEL, " ".join(words)))


def _takes(names: tuple[str, ...], holder: str, lasts: float | None = None) -> Any:
    """Return the statement that takes each of `names` that is free or ours already, and tells which those were.

    It lasts so many seconds, usually LASTS.
    """
    lasts = LASTS if lasts is None else lasts
    latest = NOW + round(lasts * 1000)
    statement = postgresql.insert(leases).values([{"name": n, "holder": holder, "until": latest} for n in names])
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": statement.excluded.holder, "until": statement.excluded.until},
        where=or_(leases.c.holder == holder, not_(_held(lasts))),
    ).returning(leases.c.name)


def _held(lasts: float) -> Any:
    """Return the condition that a name which is taken for so many seconds is somebody's.

    One that would last longer than any can was written before the server's clock was set back.
    """
    return leases.c.until.between(NOW, NOW + round((lasts + SET_BACK) * 1000))
