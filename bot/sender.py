"""Drains the outbox of one platform: claims what is due, delivers it, settles what came of it."""

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from bot import clock, communities, errors, people
from bot.adapter import (
    Adapter,
    Delete,
    Delivery,
    Edit,
    Gone,
    Moved,
    OpenThread,
    Outcome,
    Refused,
    Retry,
    Send,
    Sent,
    Stop,
    Unknown,
    Unreachable,
)
from bot.cog import Fate
from bot.communities import GONE, REFUSED, REMOVED
from bot.engines import came_between
from bot.house import House
from bot.leases import ALWAYS, Lease, always
from bot.model import TEXT, Account, Happening, Place, Ref, Reply, Server, length
from bot.notices import note
from bot.observe import DELIVERIES
from bot.outbox import PAYLOADS, REFS, Kind, Lane, Outbox, Payload, State, outbox, sent, settle_sent, taken_back
from bot.store import TURN, Instant, Row, Tx
from bot.upkeep import Upkeep
from bot.vault import WrongKey

log = logging.getLogger(__name__)

BATCH = 32
TRIES = 8
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
AFTER_FAULT = 1.0  # seconds
BROKEN_WAIT = timedelta(minutes=15)  # what goes to a broken place is tried again so often,
BROKEN_UNTIL = timedelta(hours=25)  # and for so long, by the full hour
IDLE = 30.0  # seconds until the outbox is looked at again when nothing wakes us
UNSETTLED = Refused("unsettled")

LATE = 10.0  # seconds between looks at what a process claimed that is not the one that sends any more

EARLIER = outbox.alias()

# Built once: the outbox is looked at after everything that is written.
DUE = (
    select(outbox)
    .where(
        outbox.c.platform == bindparam("platform"),
        outbox.c.state == State.WAITING,
        outbox.c.due_at <= bindparam("now"),
        ~exists().where(
            EARLIER.c.subject == outbox.c.subject,
            EARLIER.c.step < outbox.c.step,
            EARLIER.c.state.in_((State.WAITING, State.SENDING)),
            # A thread that waits to be tried again holds up nothing: what was said stands without it.
            or_(EARLIER.c.kind != Kind.THREAD, EARLIER.c.due_at <= bindparam("now")),
        ),
    )
    .order_by(outbox.c.lane, outbox.c.due_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=outbox)
)
CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=State.SENDING,
        tried_at=func.coalesce(outbox.c.tried_at, bindparam("now", type_=Instant)),
        claimed_by=bindparam("holder"),
    )
)


class Unsettled(Exception):
    """What came of `row` could not be written down, by a fault that is its own and not the database's."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


class Sender:
    """Sends what is due on one platform, while `lease` is held.

    Rows of one subject go out one after the other, the rest side by side.
    """

    def __init__(self, house: House, adapter: Adapter, lease: Lease | None = None) -> None:
        self._house = house
        self._adapter = adapter
        self._platform = adapter.name
        self._lease = lease or always(f"sender-{adapter.name}")
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._paused = datetime.min.replace(tzinfo=UTC)
        self._seen = datetime.min.replace(tzinfo=UTC)  # the latest that the clock has shown
        self._left: Sequence[tuple[Row, Outcome]] = ()  # what was done, and could not be settled yet
        self._resting: dict[Place, datetime] = {}  # places whose own limit is reached, and until when
        self._upkeep = Upkeep(house)
        self._failed: dict[Server, set[Place]] = {}  # where a community's place refused something just now
        self._away: set[Account] = set()  # who could not be reached just now
        self._moves: set[tuple[Server, Server]] = set()  # which servers have another id now

    async def start(self) -> None:
        """Begin, once it is ours to do: with what an earlier process left on its way."""
        if self._lease.held:
            await self._take_up()
        self._task = asyncio.create_task(self._lease.during(self._hold), name=f"sender-{self._platform}")

    async def stop(self, within: float) -> None:
        """Finish what is in flight within so many seconds; what is not done by then is tried again after a restart."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            if not self._lease.held:
                self._task.cancel()
            _, late = await asyncio.wait([self._task], timeout=within)
            for task in late:
                task.cancel()

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def _hold(self) -> None:
        late = asyncio.create_task(self._take_up_late())
        try:
            await self._run()
        finally:
            late.cancel()

    async def _run(self) -> None:
        lost = True  # an earlier process, or one that sent until now, may have left something
        while not self._stopping:
            self._wake.clear()
            try:
                if lost:
                    await self._settle_all()
                    await self._take_up()
                lost = False
                done = await self.drain()
                wait = 0.0 if done else await self._until_next()
            except Exception as error:
                log.exception("sender-failed", extra={"platform": self._platform, "error": type(error).__name__})
                lost, wait = True, AFTER_FAULT
            if wait and not self._stopping:
                try:
                    await asyncio.wait_for(self._wake.wait(), wait)
                except TimeoutError:
                    continue

    async def drain(self) -> int:
        """Claim, deliver and settle one batch; return how many rows there were.

        Each is settled when it has come back, not when the slowest has: what is on its way when the process dies may
        have arrived, and nobody knows.
        """
        now = self._house.clock.now()
        if now < self._seen:
            await self._set_back(now)
        self._seen = now
        if now < self._paused:
            return 0
        batch = await self._house.store.write(lambda tx: self._claim(tx, now))
        if not batch:
            return 0
        await self._settle_as_they_come({asyncio.create_task(self._deliver(what)): row for row, what in batch})
        await self._follow_up()
        return len(batch)

    async def _set_back(self, now: datetime) -> None:
        """Let what was waited for until some time be waited for no longer than it was to be: the clock was set back."""
        mine = outbox.c.platform == self._platform, outbox.c.state == State.WAITING
        late = outbox.c.due_at > now, or_(outbox.c.due_at <= self._seen, outbox.c.attempts > 0)
        was_due = update(outbox).where(*mine, *late).values(due_at=now)
        await self._house.store.write(lambda tx: tx.execute(was_due))
        by = self._seen - now
        self._paused = max(self._paused, self._seen) - by
        self._resting = {place: until - by for place, until in self._resting.items()}

    async def _follow_up(self) -> None:
        """Find out why something could not be said, now that what came of it is settled."""
        moves, self._moves = self._moves, set()
        failed, self._failed = self._failed, {}
        away, self._away = self._away, set()
        for old, new in moves:
            await self._upkeep.happened(Happening("moved", server=old, now=new))
        for server, places in failed.items():
            await self._upkeep.look_at(server, places, anew=False)
        for account in away:
            await self._upkeep.find_out_who_left(account)

    async def _take_up(self) -> None:
        """Let what is on its way, and was never settled, be claimed again."""
        await self._house.store.write(lambda tx: self._let_wait(tx))

    async def _take_up_late(self) -> None:
        """Now and then do so with what a process claimed just before it lost the lease, seen only now."""
        not_ours = outbox.c.claimed_by.is_distinct_from(self._lease.holder)
        while self._lease.holder != ALWAYS:
            await asyncio.sleep(LATE)
            try:
                if await self._house.store.write(lambda tx: self._let_wait(tx, not_ours)):
                    self._wake.set()
            except Exception as error:
                log.exception("sender-failed", extra={"platform": self._platform, "error": type(error).__name__})

    async def _let_wait(self, tx: Tx, *those: ColumnElement[bool]) -> int:
        """Let what is on its way wait again; return how many rows. One that a stopped process has locked is let be."""
        here = outbox.c.platform == self._platform, outbox.c.state == State.SENDING
        free = select(outbox.c.id).where(*here, *those).with_for_update(skip_locked=True)
        return (await tx.execute(update(outbox).where(outbox.c.id.in_(free)).values(state=State.WAITING))).rowcount

    async def _still_ours(self, tx: Tx, left: Sequence[tuple[Row, Outcome]]) -> Sequence[tuple[Row, Outcome]]:
        """Leave out the rows that another process has taken up meanwhile."""
        if self._lease.holder == ALWAYS:
            return left
        taken = or_(outbox.c.state != State.SENDING, outbox.c.claimed_by != self._lease.holder)
        found = select(outbox.c.id).where(outbox.c.id.in_([row["id"] for row, _ in left]), taken)
        theirs = set((await tx.execute(found)).scalars())
        return [each for each in left if each[0]["id"] not in theirs]

    # -- claim

    async def _claim(self, tx: Tx, now: datetime) -> list[tuple[Row, Delivery | Outcome]]:
        """Take the rows that are due, and say what to do with each, or at once what becomes of it."""
        rows: list[Row] = []
        payloads: list[Payload] = []
        waiting = await tx.execute(DUE, {"platform": self._platform, "now": now})
        for found in waiting.mappings().all():
            try:
                row = tx.unseal(outbox, found)
                payloads.append(PAYLOADS.validate_python(row["payload"]))
                rows.append(row)
            except (WrongKey, ValueError):  # it must not stand in the way of the others
                await self._bury(tx, dict(found), "unreadable")
        if not rows:
            return []
        private = (payload.place for payload in payloads if payload.place.private)
        away = await people.unreachable(tx, self._house.vault, private)
        refs = await self._refs(tx, [payload.target for payload in payloads if payload.target])
        batch: list[tuple[Row, Delivery | Outcome]] = []
        for row, payload in zip(rows, payloads, strict=True):
            if row["until"] and row["until"] < now:
                batch.append((row | {"expired": True}, Gone()))
            elif payload.place in away:
                batch.append((row, Unreachable()))
            elif (rests_until := self._resting.get(payload.place, now)) > now:
                batch.append((row, Retry(rests_until - now, limited=True)))
            else:
                batch.append((row, _delivery(row, payload, refs)))
        holder = self._lease.holder
        await tx.execute(CLAIM, {"ids": [row["id"] for row in rows], "now": now, "holder": holder})
        return batch

    async def _refs(self, tx: Tx, names: list[str]) -> dict[str, tuple[Ref, ...] | None]:
        """Return where each was said, None where that cannot be read."""
        refs: dict[str, tuple[Ref, ...] | None] = {}
        if not names:
            return refs
        for found in (await tx.execute(select(sent).where(sent.c.name.in_(names)))).mappings().all():
            try:
                refs[found["name"]] = REFS.validate_python(tx.unseal(sent, found)["refs"])
            except (WrongKey, ValueError):
                refs[found["name"]] = None
        return refs

    async def _deliver(self, what: Delivery | Outcome) -> Outcome:
        if not isinstance(what, Send | Edit | Delete | OpenThread):
            return what
        try:
            async with self._lease.bound():
                return await self._adapter.deliver(what)
        except Exception as error:
            log.exception("deliver-failed", extra={"platform": self._platform, "error": type(error).__name__})
            return Retry(FIRST_WAIT, maybe=True)

    async def _until_next(self) -> float:
        """Return the seconds until something is due, at most IDLE."""
        now = self._house.clock.now()
        paused = (self._paused - now).total_seconds()
        if paused > 0:
            return min(paused, IDLE)
        waits = outbox.c.platform == self._platform, outbox.c.state == State.WAITING
        first = select(func.min(outbox.c.due_at)).where(*waits)

        async def soonest(tx: Tx) -> datetime | None:
            return (await tx.execute(first)).scalar_one()

        at = await self._house.store.read(soonest)
        return IDLE if at is None else min(max((at - now).total_seconds(), 0.01), IDLE)

    # -- settle

    async def _settle_as_they_come(self, on_their_way: dict[asyncio.Task[Outcome], Row]) -> None:
        """Settle each delivery when it has come back, but trouble when all have: see _told_apart."""
        trouble: list[tuple[Row, Retry]] = []
        taken = 0
        try:
            while on_their_way:
                done, _ = await asyncio.wait(on_their_way, return_when=asyncio.FIRST_COMPLETED)
                left: list[tuple[Row, Outcome]] = []
                for each in done:
                    row, outcome = on_their_way.pop(each), each.result()
                    taken += isinstance(outcome, Sent)
                    if isinstance(outcome, Retry) and outcome.scope == "platform" and not outcome.limited:
                        trouble.append((row, outcome))
                    else:
                        left.append((row, outcome))
                self._left = left
                await self._settle_all()
            self._left, trouble = _told_apart(trouble, taken), []
            await self._settle_all()
        except Exception:
            self._left = [*self._left, *trouble, *[(row, await each) for each, row in on_their_way.items()]]
            raise
        finally:
            for each in on_their_way:
                each.cancel()

    async def _settle_all(self) -> None:
        """Settle what was done. What the database does not take now is kept, and settled before anything else."""
        while self._left:
            try:
                self._left = await self._house.store.write(partial(self._settle_some, left=self._left))
            except Unsettled as poison:
                rest = [each for each in self._left if each[0] is not poison.row]
                self._left = [(poison.row, UNSETTLED), *rest]

    async def _settle_some(self, tx: Tx, left: Sequence[tuple[Row, Outcome]]) -> Sequence[tuple[Row, Outcome]]:
        """Settle as many as fit into one turn; return the rest."""
        left = await self._still_ours(tx, left)
        done, begun = 0, perf_counter()
        while done < len(left) and (done == 0 or perf_counter() - begun < TURN):
            row, outcome = left[done]
            try:
                await self._settle(tx, row, outcome)
            except Exception as error:
                if isinstance(error, DBAPIError | sqlite3.Error | OSError) or outcome is UNSETTLED:
                    raise
                log.exception("settle-failed", extra={"platform": self._platform, "error": type(error).__name__})
                raise Unsettled(row) from error
            done += 1
        return left[done:]

    async def _settle(self, tx: Tx, row: Row, outcome: Outcome) -> None:
        now = self._house.clock.now()
        name = "expired" if row.get("expired") else type(outcome).__name__.lower()
        DELIVERIES.labels(self._platform, name).inc()
        match outcome:
            case Sent(refs):
                await settle_sent(tx, row, refs, now)
                await self._works(tx, row)
                await self._tell(tx, row, "sent")
            case Retry():
                await self._retry(tx, row, outcome, now)
            case Gone() if row.get("expired"):
                await self._let_go(tx, row, "expired")
            case Gone() if row["kind"] in (Kind.EDIT, Kind.DELETE):
                await settle_sent(tx, row, (), now)
            case Gone() if row["kind"] == Kind.THREAD and row["payload"]["target"]:
                await self._let_go(tx, row, "dead")  # the message is not there: never sent, or deleted since
            case Gone() | Refused(here=True) | Unreachable() if await self._is_broken(tx, row):
                # Of a question no time may be told: all that waits for a place is tried at the same moments.
                until = row["until"] or clock.floor_hour(now + BROKEN_UNTIL)
                again = clock.floor_hour(now) + BROKEN_WAIT * ((now - clock.floor_hour(now)) // BROKEN_WAIT + 1)
                await self._back(tx, row, again, until=until, tried_at=row["tried_at"])
            case Unreachable():
                await self._unreachable(tx, row)
            case Gone():
                await self._bury(tx, row, "gone")
            case Moved(place):
                await self._move(tx, row, place, now)
            case Refused() if row["kind"] == Kind.DELETE and row["payload"]["reply"]:
                await self._back(tx, row, row["due_at"], kind=Kind.EDIT, tried_at=None)
            case Refused(why=why):
                await self._bury(tx, row, why, maybe=outcome is UNSETTLED)
            case Unknown() if Lane(row["lane"]).again:
                await self._again(tx, row, now)
            case Unknown():
                await self._let_go(tx, row, "unknown")
            case Stop(why):
                await self._back(tx, row, row["due_at"], tried_at=row["tried_at"])
                self._stopping = True
                self._house.health.stop(self._platform)
                log.error("sender-stopped", extra={"platform": self._platform, "why": why})

    async def _retry(self, tx: Tx, row: Row, outcome: Retry, now: datetime) -> None:
        counts = not outcome.limited and outcome.scope != "platform"
        attempts = row["attempts"] + counts
        if attempts >= TRIES:
            await self._bury(tx, row, "tries", maybe=outcome.maybe)
            return
        wait = outcome.after
        if counts:
            longest = min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
            wait = max(wait, longest * self._house.dice.uniform(0.5, 1))
        if outcome.scope == "platform":
            self._paused = max(self._paused, now + wait)
        elif outcome.scope == "place":
            place = PAYLOADS.validate_python(row["payload"]).place
            self._resting = {each: at for each, at in self._resting.items() if at > now} | {place: now + wait}
        # `row` is as it was before this try, whose time stands in the database already. It stays there where this try
        # may have been taken; that an earlier one may have been is never forgotten.
        tried = {} if outcome.maybe else {"tried_at": row["tried_at"]}
        await self._back(tx, row, now + wait, attempts=attempts, **tried)

    async def _is_broken(self, tx: Tx, row: Row) -> bool:
        """Tell whether a community's own place has refused something new: it waits there until that is mended.

        Where a thread is refused, the place is looked at, and may take what is said all the same; it waits anywhere, as
        nobody has to see to it.
        """
        place = PAYLOADS.validate_python(row["payload"]).place
        if place.private or row["kind"] in (Kind.EDIT, Kind.DELETE):
            return False
        servers = {spot.server for _, spot in await communities.spots_at(tx, place)}
        for server in servers:
            self._failed.setdefault(server, set()).update([place] if row["kind"] == Kind.SEND else [])
        return bool(servers) or row["kind"] == Kind.THREAD

    async def _works(self, tx: Tx, row: Row) -> None:
        """Note that a place which refused everything takes things again. A switch that is off may not be needed yet."""
        place = PAYLOADS.validate_python(row["payload"]).place
        if row["kind"] == Kind.SEND and not place.private:
            spots = [(id, spot) for id, spot in await communities.spots_at(tx, place) if spot.place == place]
            well = [(id, spot, ()) for id, spot in spots if {REFUSED, GONE, REMOVED} & set(spot.broken)]
            house = self._house
            await note(tx, Outbox(tx, house.clock.now()), house.texts, house.vault, well)

    async def _unreachable(self, tx: Tx, row: Row) -> None:
        place = PAYLOADS.validate_python(row["payload"]).place
        if not place.private:
            await self._bury(tx, row, "unreachable")
            return
        account = Account(place.platform, place.channel)
        await people.set_unreachable(tx, self._house.vault, account, unreachable=True)
        if row["member"]:  # else it is an answer: that its asker has left would tell who they are
            self._away.add(account)
        if Lane(row["lane"]).held and row["member"] is None:
            await tx.update(outbox, {"id": row["id"]}, state=State.HELD, tried_at=None)
            await self._tell(tx, row, "unreachable")
        else:
            await self._let_go(tx, row, "unreachable")

    async def _move(self, tx: Tx, row: Row, place: Place, now: datetime) -> None:
        payload = PAYLOADS.validate_python(row["payload"])
        self._moves.add((Server(place.platform, payload.place.channel), Server(place.platform, place.channel)))
        if row["kind"] in (Kind.EDIT, Kind.DELETE):  # what was said before stays where it was, out of reach
            await settle_sent(tx, row, (), now)
            return
        moved = replace(payload, place=replace(place, thread=payload.place.thread))
        await self._back(tx, row, row["due_at"], tried_at=None, payload=PAYLOADS.dump_python(moved, mode="json"))

    async def _again(self, tx: Tx, row: Row, now: datetime) -> None:
        """Send once more what may have arrived, and say so where there is room."""
        payload = PAYLOADS.validate_python(row["payload"])
        reply, notice = payload.reply, self._house.texts.say(None, "core", "again")
        if reply is not None and row["kind"] == Kind.SEND and not reply.text.startswith(notice):
            told = f"{notice}\n\n{reply.text}"
            reply = Reply(told, reply.rows, reply.files) if length(told) <= TEXT else reply
        payload = PAYLOADS.dump_python(replace(payload, reply=reply), mode="json")
        if row["attempts"] + 1 >= TRIES:
            await self._bury(tx, row, "unknown", maybe=True)
        else:
            await self._back(tx, row, now, attempts=row["attempts"] + 1, tried_at=None, payload=payload)

    async def _back(self, tx: Tx, row: Row, due_at: datetime, **values: object) -> None:
        await tx.update(outbox, {"id": row["id"]}, state=State.WAITING, due_at=due_at, **values)

    async def _let_go(self, tx: Tx, row: Row, fate: Fate) -> None:
        await tx.delete(outbox, id=row["id"])
        await self._tell(tx, row, fate)

    async def _bury(self, tx: Tx, row: Row, why: str, *, maybe: bool = False) -> None:
        """Give it up, under a reference. That this try `maybe` was taken is kept for whoever has it tried again."""
        reference = errors.reference()
        log.error("delivery-dead", extra={"platform": self._platform, "why": why, "reference": reference})
        if await taken_back(tx, row):
            await self._let_go(tx, row, "dead")
            return
        tried = {} if maybe else {"tried_at": row["tried_at"]}
        await tx.update(outbox, {"id": row["id"]}, state=State.DEAD, why=f"{why} {reference}"[:64], **tried)
        await self._tell(tx, row, "dead")

    async def _tell(self, tx: Tx, row: Row, fate: Fate) -> None:
        """Tell the cog that asked what came of the row. What it does wrong undoes nothing of ours."""
        if not row["settled"]:
            return
        try:
            async with tx.savepoint():
                await self._house.registry.settlers[row["settled"]](self._house.work(tx), row["name"], fate)
        except Exception as error:
            if came_between(error):
                raise
            log.exception("settled-failed", extra={"action": row["settled"], "error": type(error).__name__})


def _told_apart(trouble: Sequence[tuple[Row, Retry]], taken: int) -> Sequence[tuple[Row, Outcome]]:
    """Tell a platform that has trouble from rows that it has trouble with: it has `taken` most of the others.

    Else one such would hold up the platform again and again, and be tried for ever.
    """
    if taken <= len(trouble):
        return trouble
    return [(row, replace(outcome, scope="row")) for row, outcome in trouble]


def _delivery(row: Row, payload: Payload, refs: dict[str, tuple[Ref, ...] | None]) -> Delivery | Outcome:
    target = refs.get(payload.target or "", ())
    if target is None:
        return Refused("unreadable")
    match row["kind"]:
        case Kind.SEND if payload.reply is not None:
            return Send(payload.place, payload.reply, row["id"], row["tried_at"])
        case Kind.THREAD if target or payload.target is None:
            return OpenThread(payload.place, payload.title, target[0] if target else None)
        case Kind.EDIT if target and payload.reply is not None:
            return Edit(target[0], payload.reply)
        case Kind.DELETE if target:
            return Delete(target[0])
        case _:
            return Gone()
