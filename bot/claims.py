"""Which rows of the outbox go out next on one platform, and what is to be done with each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, union_all, update

from bot import people
from bot.adapter import Delete, Delivery, Edit, Gone, OpenThread, Outcome, Refused, Retry, Send, Unreachable
from bot.house import House
from bot.leases import ALWAYS, Lease
from bot.model import Ref
from bot.outbox import PAYLOADS, REFS, Kind, Lane, Payload, State, outbox, sent
from bot.settling import Settling
from bot.store import Instant, Row, Tx
from bot.vault import WrongKey

IN_TURN = 8  # of so many rows one is the lanes' in turn, whoever goes first otherwise

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
    .limit(bindparam("room"))
)
BEHIND = (
    select(outbox.c.id)
    .where(
        outbox.c.platform == bindparam("platform"),
        outbox.c.state == State.WAITING,
        outbox.c.lane > bindparam("lane"),
        outbox.c.due_at <= bindparam("now"),
    )
    .limit(1)
)
HEADS = union_all(
    *(
        select(
            DUE.with_only_columns(outbox.c.id, outbox.c.lane)
            .where(outbox.c.lane == lane)
            .order_by(None)
            .order_by(outbox.c.due_at)
            .subquery()
        )
        for lane in Lane
    )
)
THESE = (
    select(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), outbox.c.state == State.WAITING)
    .with_for_update(skip_locked=True)
)
NEXT = DUE.with_for_update(skip_locked=True, of=outbox)
CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=State.SENDING,
        tried_at=func.coalesce(outbox.c.tried_at, bindparam("now", type_=Instant)),
        claimed_by=bindparam("holder"),
    )
)


class Claims:
    """Claims rows for one platform, in the name of whoever holds `lease`.

    The lanes say who goes first, but every eighth row is the lanes' in turn: so none waits for ever.
    """

    def __init__(self, house: House, platform: str, lease: Lease, settling: Settling) -> None:
        self._house = house
        self._platform = platform
        self._holder = lease.holder
        self._settling = settling
        self._claimed = 0

    async def take(self, tx: Tx, now: datetime, room: int) -> list[tuple[Row, Delivery | Outcome]]:
        """Take at most `room` rows that are due, and say what to do with each, or at once what becomes of it."""
        rows: list[Row] = []
        payloads: list[Payload] = []
        for found in await self._due(tx, now, room):
            try:
                row = tx.unseal(outbox, found)
                payload = PAYLOADS.validate_python(row["payload"])
            except (WrongKey, ValueError):  # it must not stand in the way of the others
                await self._settling.bury(tx, dict(found), "unreadable")
            else:
                payloads.append(payload)
                rows.append(row | {"keep": payload.keep, "private": payload.place.private})
        if not rows:
            return []
        private = (payload.place for payload in payloads if payload.place.private)
        away = await people.unreachable(tx, self._house.vault, private)
        refs = await self._refs(tx, [payload.target for payload in payloads if payload.target])
        resting = self._settling.resting
        batch: list[tuple[Row, Delivery | Outcome]] = []
        for row, payload in zip(rows, payloads, strict=True):
            if row["until"] and row["until"] < now:
                batch.append((row | {"expired": True}, Gone()))
            elif payload.place in away:
                batch.append((row, Unreachable()))
            elif (rests_until := resting.get(payload.place, now)) > now:
                batch.append((row, Retry(rests_until - now, limited=True)))
            else:
                batch.append((row, _delivery(row, payload, refs)))
        await tx.execute(CLAIM, {"ids": [row["id"] for row in rows], "now": now, "holder": self._holder})
        return batch

    async def _due(self, tx: Tx, now: datetime, room: int) -> Sequence[Any]:
        """Return at most so many rows that are due: by lane, but for those that are the lanes' in turn."""
        here = {"platform": self._platform, "now": now}
        found = (await tx.execute(NEXT, here | {"room": room})).mappings().all()
        turns = range(self._claimed // IN_TURN, (self._claimed + room) // IN_TURN)
        self._claimed += len(found)
        if len(found) < room or not turns:
            return found
        if (await tx.execute(BEHIND, here | {"lane": found[-1]["lane"]})).first() is None:
            return found
        heads: dict[int, list[str]] = {}
        for id, lane in (await tx.execute(HEADS, here | {"room": len(turns)})).all():
            heads.setdefault(lane, []).append(id)
        lanes = sorted(heads)
        ids = {heads[lane].pop(0) for turn in turns if heads[lane := lanes[turn % len(lanes)]]}
        theirs = (await tx.execute(THESE, {"ids": list(ids)})).mappings().all()
        return [*theirs, *(row for row in found if row["id"] not in ids)][:room]

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

    async def soonest(self, tx: Tx) -> datetime | None:
        """Return when the first row is due, None where none waits."""
        waits = outbox.c.platform == self._platform, outbox.c.state == State.WAITING
        return (await tx.execute(select(func.min(outbox.c.due_at)).where(*waits))).scalar_one()

    async def set_back(self, tx: Tx, seen: datetime, now: datetime) -> None:
        """Let what was waited for until some time be waited for no longer than it was to be.

        The clock had shown `seen`, and was set back.
        """
        mine = outbox.c.platform == self._platform, outbox.c.state == State.WAITING
        late = outbox.c.due_at > now, or_(outbox.c.due_at <= seen, outbox.c.attempts > 0)
        await tx.execute(update(outbox).where(*mine, *late).values(due_at=now))

    async def give_back(self, tx: Tx, *those: ColumnElement[bool]) -> int:
        """Let what is on its way wait again; return how many rows. One that a stopped process has locked is let be."""
        here = outbox.c.platform == self._platform, outbox.c.state == State.SENDING
        free = select(outbox.c.id).where(*here, *those).with_for_update(skip_locked=True)
        return (await tx.execute(update(outbox).where(outbox.c.id.in_(free)).values(state=State.WAITING))).rowcount

    async def give_back_others(self, tx: Tx) -> int:
        """Do so with what another process has claimed."""
        return await self.give_back(tx, outbox.c.claimed_by.is_distinct_from(self._holder))

    async def still_ours(self, tx: Tx, left: Sequence[tuple[Row, Outcome]]) -> Sequence[tuple[Row, Outcome]]:
        """Leave out the rows that another process has taken up meanwhile."""
        if self._holder == ALWAYS:
            return left
        taken = or_(outbox.c.state != State.SENDING, outbox.c.claimed_by != self._holder)
        found = select(outbox.c.id).where(outbox.c.id.in_([row["id"] for row, _ in left]), taken)
        theirs = set((await tx.execute(found)).scalars())
        return [each for each in left if each[0]["id"] not in theirs]


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
