"""What becomes of a row of the outbox by what came of its delivery, and what is to be found out about that."""

import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

from sqlalchemy.exc import DBAPIError

from bot import clock, communities, errors, people
from bot.adapter import Gone, Moved, Outcome, Refused, Retry, Sent, Stop, Unknown, Unreachable
from bot.cog import Fate
from bot.communities import GONE, REFUSED, REMOVED
from bot.engines import came_between
from bot.house import House
from bot.model import TEXT, Account, Happening, Place, Ref, Reply, Server, length
from bot.notices import note
from bot.observe import DELIVERIES
from bot.outbox import (
    PAYLOADS,
    Kind,
    Lane,
    Outbox,
    State,
    outbox,
    settle_sends,
    settle_sent,
    taken_back,
)
from bot.store import TURN, Row, Tx
from bot.upkeep import Upkeep

log = logging.getLogger(__name__)

MANY = 96  # rows settled as sent in one transaction: it holds the writer for a few milliseconds
TRIES = 8
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=1)
BROKEN_WAIT = timedelta(minutes=15)  # what goes to a broken place is tried again so often,
BROKEN_UNTIL = timedelta(hours=25)  # and for so long, by the full hour
UNSETTLED = Refused("unsettled")


class Unsettled(Exception):
    """What came of `row` could not be written down, by a fault that is its own and not the database's."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


class Settling:
    """Settles what was sent on one platform.

    `paused` is until when nothing is to be sent there at all, `resting` until when nothing to a place whose own limit
    is reached, `stopped` whether the platform takes nothing from us any more.
    """

    def __init__(self, house: House, platform: str) -> None:
        self._house = house
        self._platform = platform
        self.paused = datetime.min.replace(tzinfo=UTC)
        self.resting: dict[Place, datetime] = {}
        self.stopped = False
        self._upkeep = Upkeep(house)
        self._failed: dict[Server, set[Place]] = {}  # where a community's place refused something just now
        self._away: set[Account] = set()  # who could not be reached just now
        self._moves: set[tuple[Server, Server]] = set()  # which servers have another id now

    def set_back(self, seen: datetime, now: datetime) -> None:
        """Wait no longer than was to be waited, though the clock, which had shown `seen`, was set back."""
        self.paused = max(self.paused, seen) - (seen - now)
        self.resting = {place: until - (seen - now) for place, until in self.resting.items()}

    @property
    def has_to_find_out(self) -> bool:
        """Whether there is something for `find_out`."""
        return bool(self._moves or self._failed or self._away)

    async def find_out(self) -> None:
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

    async def some(self, tx: Tx, left: Sequence[tuple[Row, Outcome]]) -> Sequence[tuple[Row, Outcome]]:
        """Settle as many as fit into one turn; return the rest. Raises Unsettled.

        Most were sent, and there is no more to say of them: those first, at once.
        """
        plain = [(row, came.refs) for row, came in left if isinstance(came, Sent) and self._is_plain(row)][:MANY]
        if plain and await self._were_sent(tx, plain):
            settled = {row["id"] for row, _ in plain}
            return [each for each in left if each[0]["id"] not in settled]
        done, begun = 0, perf_counter()
        while done < len(left) and (done == 0 or perf_counter() - begun < TURN):
            row, outcome = left[done]
            try:
                await self.settle(tx, row, outcome)
            except Exception as error:
                if _is_the_databases(error) or outcome is UNSETTLED:
                    raise
                log.exception("settle-failed", extra={"platform": self._platform, "error": type(error).__name__})
                raise Unsettled(row) from error
            done += 1
        return left[done:]

    async def _were_sent(self, tx: Tx, plain: Sequence[tuple[Row, tuple[Ref, ...]]]) -> bool:
        """Settle so many at once; tell whether that could be done. Else one is poison, and nothing has changed."""
        try:
            await settle_sends(tx, plain, self._house.clock.now())
        except Exception as error:
            if _is_the_databases(error):
                raise
            return False
        DELIVERIES.labels(self._platform, "sent").inc(len(plain))
        return True

    def _is_plain(self, row: Row) -> bool:
        """Tell whether nobody wants to know that it was sent: no cog, and no community whose place it is."""
        told = row["settled"] and row["settled"] not in self._house.registry.only_unsent
        return row["kind"] == Kind.SEND and row["private"] and not told and "expired" not in row

    async def settle(self, tx: Tx, row: Row, outcome: Outcome) -> None:
        """Settle one."""
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
                await self.bury(tx, row, "gone")
            case Moved(place):
                await self._move(tx, row, place, now)
            case Refused() if row["kind"] == Kind.DELETE and row["payload"]["reply"]:
                await self._back(tx, row, row["due_at"], kind=Kind.EDIT, tried_at=None)
            case Refused(why=why):
                await self.bury(tx, row, why, maybe=outcome is UNSETTLED)
            case Unknown() if Lane(row["lane"]).again:
                await self._again(tx, row, now)
            case Unknown():
                await self._let_go(tx, row, "unknown")
            case Stop(why):
                await self._back(tx, row, row["due_at"], tried_at=row["tried_at"])
                self.stopped = True
                self._house.health.stop(self._platform)
                log.error("sender-stopped", extra={"platform": self._platform, "why": why})

    async def _retry(self, tx: Tx, row: Row, outcome: Retry, now: datetime) -> None:
        counts = not outcome.limited and outcome.scope != "platform"
        attempts = row["attempts"] + counts
        if attempts >= TRIES:
            await self.bury(tx, row, "tries", maybe=outcome.maybe)
            return
        wait = outcome.after
        if counts:
            longest = min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
            wait = max(wait, longest * self._house.dice.uniform(0.5, 1))
        if outcome.scope == "platform":
            self.paused = max(self.paused, now + wait)
        elif outcome.scope == "place":
            place = PAYLOADS.validate_python(row["payload"]).place
            self.resting = {each: at for each, at in self.resting.items() if at > now} | {place: now + wait}
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
            await self.bury(tx, row, "unreachable")
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
            await self.bury(tx, row, "unknown", maybe=True)
        else:
            await self._back(tx, row, now, attempts=row["attempts"] + 1, tried_at=None, payload=payload)

    async def _back(self, tx: Tx, row: Row, due_at: datetime, **values: object) -> None:
        await tx.update(outbox, {"id": row["id"]}, state=State.WAITING, due_at=due_at, **values)

    async def _let_go(self, tx: Tx, row: Row, fate: Fate) -> None:
        await tx.delete(outbox, id=row["id"])
        await self._tell(tx, row, fate)

    async def bury(self, tx: Tx, row: Row, why: str, *, maybe: bool = False) -> None:
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
        if not row["settled"] or (fate == "sent" and row["settled"] in self._house.registry.only_unsent):
            return
        try:
            async with tx.savepoint():
                await self._house.registry.settlers[row["settled"]](self._house.work(tx), row["name"], fate)
        except Exception as error:
            if came_between(error):
                raise
            log.exception("settled-failed", extra={"action": row["settled"], "error": type(error).__name__})


def _is_the_databases(error: Exception) -> bool:
    return isinstance(error, DBAPIError | sqlite3.Error | OSError)
