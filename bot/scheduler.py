"""The heartbeat: once a second it asks, in memory, whether anything is due; only then does it ask the database."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import bindparam, func, select

from bot import errors
from bot.cog import DueRow
from bot.dispatch import Dispatch
from bot.due import due
from bot.engines import came_between
from bot.house import House
from bot.leases import Lease, always
from bot.store import TURN, Row, Tx
from bot.upkeep import Upkeep

log = logging.getLogger(__name__)

BEAT = 1  # second
TIDY = 60  # seconds
BATCH = 50  # rows a transaction, at most; see TURN
LOOK_AGAIN = timedelta(seconds=30)  # for what another process wrote
AFTER_FAULT = timedelta(hours=1)

# Built once: they are asked each time that time has passed. Of those that are due at one instant, nobody is the last
# each day.
NOW = (
    select(due)
    .where(due.c.at <= bindparam("now"))
    .order_by(due.c.at, func.random())
    .limit(BATCH)
    .with_for_update(skip_locked=True)  # another process may have been stopped in the middle of some
)
NEXT = select(func.min(due.c.at))


class Scheduler:
    """Does what is due, while `lease` is held."""

    def __init__(self, house: House, dispatch: Dispatch, lease: Lease | None = None) -> None:
        self._house = house
        self._dispatch = dispatch
        self._lease = lease or always("scheduler")
        self._upkeep = Upkeep(house)
        self._next = datetime.min.replace(tzinfo=UTC)
        self._beating = asyncio.Lock()
        self._heart: Any = AsyncIOScheduler(timezone=UTC)  # it has no types

    def start(self) -> None:
        """Begin to beat."""
        self._heart.add_job(self.tick, "interval", seconds=BEAT, coalesce=True, max_instances=1)
        self._heart.add_job(self.trim, "interval", seconds=BEAT, coalesce=True, max_instances=1)
        self._heart.add_job(self.tidy, "interval", seconds=TIDY, coalesce=True, max_instances=1)
        self._heart.start()

    async def stop(self) -> None:
        """Stop beating; what is being done is finished."""
        if self._heart.running:
            self._heart.shutdown(wait=False)
        async with self._beating:
            await self.tidy()

    def wake(self) -> None:
        """Look at the next beat: something was planned, or the clock was moved."""
        self._next = datetime.min.replace(tzinfo=UTC)

    async def tick(self) -> None:
        """Do all that is due now."""
        if not self._lease.held:
            self.wake()  # as soon as it is
            return
        now = self._house.clock.now()
        if now < self._next <= now + LOOK_AGAIN or self._beating.locked():  # further ahead, the clock was set back
            return
        async with self._beating:
            try:
                self._next = datetime.max.replace(tzinfo=UTC)
                more = True
                while more:
                    more = await self._house.store.write(self._batch)
                self._next = min(self._next, await self._planned())
            except Exception as error:
                self._next = datetime.min.replace(tzinfo=UTC)
                log.exception("tick-failed", extra={"error": type(error).__name__})

    async def trim(self) -> None:
        """Empty the log of the last changes."""
        try:
            await self._house.store.trim()
        except Exception as error:
            log.exception("trim-failed", extra={"error": type(error).__name__})

    async def tidy(self) -> None:
        """Drop what is over, and look whether what was broken is mended."""
        try:
            await self._dispatch.tidy()
            if self._house.store.to_scrub:
                await self._house.store.scrub()
            await self._upkeep.look_again()
        except Exception as error:
            log.exception("tidy-failed", extra={"error": type(error).__name__})

    async def _batch(self, tx: Tx) -> bool:
        """Do a batch of what is due; tell whether there may be more."""
        found = (await tx.execute(NOW, {"now": self._house.clock.now()})).mappings()
        rows = [dict(each) for each in found]
        done, begun = 0, perf_counter()
        while done < len(rows) and (done == 0 or perf_counter() - begun < TURN):
            await self._do(tx, rows[done])
            done += 1
        return done == BATCH or done < len(rows)

    async def _do(self, tx: Tx, row: Row) -> None:
        """Do one row's work. What it does wrong is undone, and tried again in an hour; the others go on."""
        run = self._house.registry.jobs.get(row["job"])
        again: datetime | None = None
        if run is not None:
            try:
                async with tx.savepoint():
                    again = await run(self._house.work(tx), DueRow(row["key"], row["member"], row["at"]))
            except Exception as error:
                if came_between(error):
                    raise
                again = self._house.clock.now() + AFTER_FAULT
                log.exception(
                    "due-failed",
                    extra={"job": row["job"], "error": type(error).__name__, "reference": errors.reference()},
                )
        if again is None:
            await tx.delete(due, job=row["job"], key=row["key"], at=row["at"])
        else:
            await tx.update(due, {"job": row["job"], "key": row["key"], "at": row["at"]}, at=again)

    async def _planned(self) -> datetime:
        async def soonest(tx: Tx) -> datetime | None:
            return (await tx.execute(NEXT)).scalar_one()

        at = await self._house.store.read(soonest)
        soon = self._house.clock.now() + LOOK_AGAIN
        return soon if at is None else min(at, soon)
