"""Drains the outbox of one platform: claims what is due, delivers it, settles what came of it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.adapter import Adapter, Delete, Delivery, Edit, OpenThread, Outcome, Retry, Send, Sent
from bot.claims import Claims
from bot.flight import Flight
from bot.house import House
from bot.leases import ALWAYS, Lease, always
from bot.settling import UNSETTLED, Settling, Unsettled
from bot.store import Row, Tx

log = logging.getLogger(__name__)

BATCH = 96  # rows claimed in one transaction: it holds the writer for a few milliseconds
AFTER_FAULT = 1.0  # seconds
NOT_DELIVERED = timedelta(seconds=2)  # after an adapter's own fault
IDLE = 30.0  # seconds until the outbox is looked at again when nothing wakes us
LATE = 10.0  # seconds between looks at what a process claimed that is not the one that sends any more


class Sender:
    """Sends what is due on one platform while `lease` is held.

    Rows of one subject go out one after the other, the rest side by side.
    """

    def __init__(self, house: House, adapter: Adapter, lease: Lease | None = None) -> None:
        self._house = house
        self._adapter = adapter
        self._platform = adapter.name
        self._lease = lease or always(f"sender-{adapter.name}")
        self.settling = Settling(house, self._platform)
        self.claims = Claims(house, self._platform, self._lease, self.settling)
        self._flight: Flight[tuple[Row, int], Outcome] = Flight(adapter.at_once)  # with how many had been sent before
        self._sent = 0
        self._look = True  # whether something more may be due
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._seen = datetime.min.replace(tzinfo=UTC)  # the latest that the clock has shown
        self._left: Sequence[tuple[Row, Outcome]] = ()  # what was done, and could not be settled yet
        self._trouble: list[tuple[Row, Retry, int]] = []  # see _told_apart

    def start(self) -> None:
        """Begin, once it is ours to do: with what an earlier process left on its way."""
        self._task = asyncio.create_task(self._lease.during(self._hold), name=f"sender-{self._platform}")

    async def stop(self, within: float) -> None:
        """Finish what is in flight within so many seconds; what is not done by then is tried again after a restart."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            if not self._lease.held:
                self._task.cancel()
            _, late = await asyncio.wait([self._task], timeout=within)
            for task in late:
                task.cancel()

    def wake(self) -> None:
        """Look at the outbox now."""
        self._look = True
        self._wake.set()
        self._flight.wake()

    async def take_up(self) -> None:
        """Let what is on its way, and was never settled, be claimed again."""
        await self._house.store.write(self.claims.give_back)

    async def _hold(self) -> None:
        late = asyncio.create_task(self._take_up_late())
        try:
            await self._run()
        finally:
            late.cancel()

    async def _run(self) -> None:
        lost = True  # an earlier process, or one that sent until now, may have left something
        while not self._ends:
            self._wake.clear()
            try:
                if lost:
                    await self._settle_all()
                    await self.take_up()
                lost = False
                done = await self.drain()
                wait = 0.0 if done else await self._until_next()
            except Exception as error:
                log.exception("sender-failed", extra={"platform": self._platform, "error": type(error).__name__})
                lost, wait = True, AFTER_FAULT
            if wait and not self._ends:
                try:
                    await asyncio.wait_for(self._wake.wait(), wait)
                except TimeoutError:
                    continue

    @property
    def _ends(self) -> bool:
        return self._stopping or self.settling.stopped

    async def _take_up_late(self) -> None:
        """Now and then take up what a process claimed just before it lost the lease, seen only now."""
        while self._lease.holder != ALWAYS:
            await asyncio.sleep(LATE)
            try:
                if await self._house.store.write(self.claims.give_back_others):
                    self.wake()
            except Exception as error:
                log.exception("sender-failed", extra={"platform": self._platform, "error": type(error).__name__})

    async def drain(self) -> int:
        """Claim, deliver and settle until nothing more is due, or we are stopped; return how many rows there were.

        What is slow holds up nothing: as one comes back, another goes, also while something is being found out.
        """
        count, flight, ended = 0, self._flight, self._ends
        self._look, finding = True, _Finding(self.settling, flight.wake)
        try:
            while True:
                now = await self._now()
                room = 0 if self._trouble else min(flight.room, BATCH)
                if self._look and room and self._ends == ended and now >= self.settling.paused:
                    count += await self._send_off(now, room)
                if flight.is_over and (finding.is_over or self._ends != ended):
                    break
                await self._batch()
                if back := flight.take():
                    await self._take_in(back)
                finding.go_on()
            finding.cancel()
        except BaseException as error:
            finding.cancel()
            # What is on its way must be over before it is taken up again; that nobody waits for it is not its fault.
            await flight.end(cancel=not isinstance(error, Exception))
            trouble = [(row, outcome) for row, outcome, _ in self._trouble]
            back = [(row, outcome) for (row, _), outcome in flight.take()]
            self._left, self._trouble = [*self._left, *trouble, *back], []
            raise
        return count

    async def _batch(self) -> None:
        """Wait for a batch of what is on its way; where nothing is, until something is found out or more is due."""
        wait = await self._until_next() if self._flight.is_over else None
        try:
            async with asyncio.timeout(wait):
                await self._flight.batch()
        except TimeoutError:
            self._look = True

    async def _now(self) -> datetime:
        now, seen = self._house.clock.now(), self._seen
        if now < seen:
            await self._house.store.write(lambda tx: self.claims.set_back(tx, seen, now))
            self.settling.set_back(seen, now)
        self._seen = now
        return now

    async def _send_off(self, now: datetime, room: int) -> int:
        """Claim so many rows and let them go; return how many there were."""
        self._look = False
        batch = await self._house.store.write(lambda tx: self.claims.take(tx, now, room))
        for row, what in batch:
            self._flight.start((row, self._sent), self._deliver(what))
        self._look |= len(batch) == room
        return len(batch)

    async def _deliver(self, what: Delivery | Outcome) -> Outcome:
        if not isinstance(what, Send | Edit | Delete | OpenThread):
            return what
        try:
            async with self._lease.bound():
                return await self._adapter.deliver(what)
        except Exception as error:
            log.exception("deliver-failed", extra={"platform": self._platform, "error": type(error).__name__})
            return Retry(NOT_DELIVERED, maybe=True)

    async def _take_in(self, back: Sequence[tuple[tuple[Row, int], Outcome]]) -> None:
        """Settle what has come back, but trouble when all has; then the next of a subject may be due."""
        left: list[tuple[Row, Outcome]] = []
        for (row, before), outcome in back:
            self._sent += isinstance(outcome, Sent)
            if isinstance(outcome, Retry) and outcome.scope == "platform" and not outcome.limited:
                self._trouble.append((row, outcome, before))
            else:
                left.append((row, outcome))
        if self._flight.is_over:
            left += _told_apart(self._trouble, self._sent)
            self._trouble = []
        self._left = left
        await self._settle_all()
        self._look = True

    async def _settle_all(self) -> None:
        """Settle what was done. What the database does not take now is kept, and settled before anything else."""
        while self._left:
            try:
                self._left = await self._house.store.write(partial(self._settle_some, left=self._left))
            except Unsettled as poison:
                rest = [each for each in self._left if each[0] is not poison.row]
                self._left = [(poison.row, UNSETTLED), *rest]

    async def _settle_some(self, tx: Tx, left: Sequence[tuple[Row, Outcome]]) -> Sequence[tuple[Row, Outcome]]:
        return await self.settling.some(tx, await self.claims.still_ours(tx, left))

    async def _until_next(self) -> float:
        """Return the seconds until something is due, at most IDLE."""
        now = self._house.clock.now()
        paused = (self.settling.paused - now).total_seconds()
        if paused > 0:
            return min(paused, IDLE)
        at = await self._house.store.read(self.claims.soonest)
        return IDLE if at is None else min(max((at - now).total_seconds(), 0.01), IDLE)


class _Finding:
    """Finds out why something could not be said, beside what is sent: asking the platform takes its time."""

    def __init__(self, settling: Settling, ended: Callable[[], object]) -> None:
        """`ended` is called when something has been found out."""
        self._settling = settling
        self._ended = ended
        self._task: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether there is no more to be found out."""
        return self._task is None and not self._settling.has_to_find_out

    def go_on(self) -> None:
        """Begin with what there is to be found out, if nothing is being found out now. Raises what that raised."""
        if self._task is not None and self._task.done():
            done, self._task = self._task, None
            done.result()
        if self._task is None and self._settling.has_to_find_out:
            self._task = asyncio.create_task(self._settling.find_out())
            self._task.add_done_callback(lambda _: self._ended())

    def cancel(self) -> None:
        """Do no more."""
        if self._task is not None:
            self._task.cancel()


def _told_apart(trouble: Sequence[tuple[Row, Retry, int]], sent: int) -> Sequence[tuple[Row, Outcome]]:
    """Tell a platform that has trouble from rows that it has trouble with: it took more of those that went beside them.

    Each has how many had been `sent` when it went. Else one such would hold up the platform again and again, and be
    tried for ever.
    """
    beside = sent - min((before for *_, before in trouble), default=sent)
    if beside <= len(trouble):
        return [(row, outcome) for row, outcome, _ in trouble]
    return [(row, replace(outcome, scope="row")) for row, outcome, _ in trouble]
