"""What is to be said later: written in the transaction that made it so, sent by the sender.

A row has a name, which is its dedupe key and by which what was sent is found again. Rows of one subject go out in the
order they were written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)

from bot import clock
from bot.model import Place, Ref, Reply
from bot.people import members
from bot.store import ID, Instant, Row, Sealed, Tx, new_id, table


class Lane(IntEnum):
    """Who goes first. Someone waits for an answer; nobody waits for a post."""

    ANSWER = 0
    DESK = 1
    URGE = 2
    REMINDER = 3
    DROP = 4
    POST = 5

    @property
    def again(self) -> bool:
        """Whether what may have arrived is sent again, saying so. The rest is let go."""
        return self in (Lane.ANSWER, Lane.DESK)

    @property
    def held(self) -> bool:
        """Whether it waits for someone who cannot be reached until they speak again. The rest is let go.

        So is what names a member: that something waits for them would tell that they cannot be reached.
        """
        return self is Lane.ANSWER


class State(StrEnum):
    """Where a row stands. What was sent, let go or cancelled has no row any more."""

    WAITING = "waiting"
    SENDING = "sending"
    HELD = "held"
    DEAD = "dead"


UNSENT = (State.WAITING, State.HELD, State.DEAD)  # not on its way: can still be changed or dropped
EDIT = ":edit-"
DELETE = ":delete"
GONE = "gone-"  # what the names of all begin with that was withdrawn


class Kind(StrEnum):
    """What a row does."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    THREAD = "thread"


outbox = table(
    "outbox",
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("subject", String(64), nullable=False),
    Column("step", SmallInteger, nullable=False),  # the order within the subject
    Column("kind", String(8), nullable=False),
    Column("platform", String(16), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), index=True),  # none in the question lane
    Column("due_at", Instant, nullable=False),
    Column("until", Instant),  # later than this it is not sent any more
    Column("state", String(8), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("tried_at", Instant),
    Column("settled", String(64)),  # the handler that is told what came of it
    Column("why", String(64)),
    Column("claimed_by", ID),  # the process that has it on its way
    Column("payload", Sealed(1024), nullable=False),  # place and reply, or what to edit
    Index("ix_outbox_due", "platform", "state", "lane", "due_at"),
    Index("ix_outbox_order", "subject", "step"),
)

sent = table(
    "sent",
    Column("name", String(64), primary_key=True),
    Column("subject", String(64), nullable=False, index=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), index=True),
    Column("at", Instant, nullable=False, index=True),  # rounded to the hour
    Column("refs", Sealed, nullable=False),
)


NOT_THERE = or_(
    outbox.c.state.in_((State.HELD, State.DEAD)),
    and_(outbox.c.state == State.WAITING, outbox.c.tried_at.is_(None)),
)
"""What has certainly not arrived. One that was on its way when the process died waits again, and may be there."""


@dataclass(frozen=True)
class Payload:
    """What a row says, sealed in it."""

    place: Place
    reply: Reply | None = None
    target: str | None = None  # of an edit, a delete, a thread: the name of what was sent
    title: str = field(default="", repr=False)
    keep: bool = True  # where it was said


SETTLED = delete(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True))).returning(outbox.c.id)
LAST = select(func.coalesce(func.max(outbox.c.step), 0)).where(outbox.c.subject == bindparam("subject"))
WAKE = "outbox"
PAYLOADS = TypeAdapter(Payload)
REFS = TypeAdapter(tuple[Ref, ...])
REPLIES = TypeAdapter(Reply)


class Outbox:
    """The outbox, inside one transaction."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self._tx = tx
        self._now = now

    async def send(
        self,
        place: Place,
        reply: Reply,
        *,
        name: str,
        lane: Lane,
        subject: str | None = None,
        member: str | None = None,
        due: datetime | None = None,
        until: datetime | None = None,
        settled: str | None = None,
        keep: bool = True,
    ) -> bool:
        """Write what is to be said; tell whether it is new (a row or a message of that `name` is not written twice).

        `settled` is the action told what came of it. `member` is None for questions, whose rows nobody can be told by.
        Without `keep` nothing remembers that it was said: it can be neither changed nor taken back then.
        """
        if await self._tx.row(sent, name=name):
            return False
        payload = Payload(place, reply, keep=keep)
        return await self._write(
            Kind.SEND, name, payload, lane, subject or name, member, due, until=until, settled=settled
        )

    async def edit(self, name: str, reply: Reply) -> bool:
        """Change what was said under `name`, or is about to be. Tell whether there is such a thing."""
        waiting = await self._row(name)
        if waiting and waiting["state"] in UNSENT:
            payload = _dump(replace(PAYLOADS.validate_python(waiting["payload"]), reply=reply))
            changed = await self._tx.update(outbox, {"id": waiting["id"]}, outbox.c.state.in_(UNSENT), payload=payload)
            if changed and not _may_be_there(waiting):
                return True
        if (known := await self._known(name)) is None:
            return False
        await self._drop_edits(name)
        place, subject, member, lane = known
        edit = f"{name}{EDIT}{new_id()}"  # its own each: one that is on its way must not stand in the next one's way
        return await self._write(Kind.EDIT, edit, Payload(place, reply, name), lane, subject, member, None)

    async def delete(self, name: str, instead: Reply | None = None, *, settled: str | None = None) -> bool:
        """Take back what was said under `name`, or is about to be. Tell whether there is such a thing.

        Where the platform does not let it be deleted, it is changed to `instead`. `settled` is told what came of it.
        """
        if await self.cancel(name):
            return True
        if (known := await self._known(name)) is None:
            return False
        await self._drop_edits(name)
        place, subject, member, lane = known
        payload = Payload(place, instead, name)
        return await self._write(Kind.DELETE, f"{name}{DELETE}", payload, lane, subject, member, None, settled=settled)

    async def open_thread(
        self,
        place: Place,
        title: str,
        *,
        name: str,
        lane: Lane,
        on: str | None = None,
        subject: str | None = None,
        until: datetime | None = None,
    ) -> bool:
        """Open a thread in `place` or, with `on`, let people answer below what is sent under that name.

        `subject` is that of what is sent, `on` itself where none is given: so it is sent first. What was not, or is not
        kept, has nothing opened below it. Later than `until` nothing is; until then a platform that refuses is asked
        again, and whatever else is to be said does not wait for it. What is opened is found again under `name`.
        """
        payload = Payload(place, None, on, title)
        return await self._write(Kind.THREAD, name, payload, lane, subject or on or name, None, None, until=until)

    async def cancel(self, name: str) -> bool:
        """Drop what is not sent yet; tell whether it was there and not yet on its way, nor may have arrived."""
        return await self._tx.delete(outbox, outbox.c.name == name, NOT_THERE) > 0

    async def drop_unasked(self, whose: ColumnElement[bool]) -> list[Row]:
        """Drop what nobody waits for and is not on its way yet, of the rows `whose` says: reminders, pieces, posts.

        That something of it is taken back stays: who wants it gone waits for that. Return what was dropped: somebody
        may want to know, see Work.drop_unasked.
        """
        unasked = outbox.c.lane.in_((Lane.REMINDER, Lane.DROP, Lane.POST)), outbox.c.kind != Kind.DELETE
        these = *unasked, whose, outbox.c.state == State.WAITING
        told = select(outbox.c.name, outbox.c.settled, outbox.c.tried_at).where(*these)
        rows = [dict(each) for each in (await self._tx.execute(told)).mappings().all()]
        await self._tx.delete(outbox, *these)
        return rows

    async def hasten(self, place: Place) -> None:
        """Let what waits to be said in `place`, which could not be written to, go out now."""
        later = outbox.c.platform == place.platform, outbox.c.state == State.WAITING, outbox.c.due_at > self._now
        for row in await self._tx.rows(outbox, *later, outbox.c.member.is_(None)):
            if PAYLOADS.validate_python(row["payload"]).place == place:
                await self._tx.update(outbox, {"id": row["id"]}, due_at=self._now)
        self._wake()

    async def withdraw(self, name: str, instead: Reply) -> None:
        """Take back what was said under `name`, as `delete` does; it can then be said anew, elsewhere."""
        if row := await self._tx.row(sent, sent.c.name == name):
            old = f"{GONE}{new_id()}"  # under no name that anything is looked for by
            await self._tx.insert(sent, **row | {"name": old, "subject": old})
            await self._tx.delete(sent, name=name)
            await self.delete(old, instead)
        about = or_(outbox.c.name == name, outbox.c.name.startswith(f"{name}:", autoescape=True))
        await self._tx.delete(outbox, about, NOT_THERE)

    async def rename(self, name: str, new: str) -> None:
        """Let what was said under `name` be found by `new`. What is still to be changed of it is not any more."""
        if row := await self._tx.row(sent, sent.c.name == name):
            await self._drop_edits(name)
            await self._tx.delete(sent, name=name)
            await self._tx.insert(sent, **row | {"name": new})

    async def forget(self, subject: str) -> None:
        """Drop what is to be said about `subject`, whatever its state, and where it was said. What was said stays."""
        await self._tx.delete(outbox, outbox.c.subject == subject)
        await self._tx.delete(sent, sent.c.subject == subject)

    async def forget_where(self, name: str) -> None:
        """Drop where it was said that was said under `name`: it can be neither changed nor taken back then."""
        await self._tx.delete(sent, sent.c.name == name)

    async def changes(self, name: str) -> bool:
        """Tell whether what was said under `name` is still to be changed or taken back."""
        about = outbox.c.name.startswith(f"{name}:", autoescape=True), outbox.c.state != State.DEAD
        return (await self._tx.execute(select(outbox.c.id).where(*about).limit(1))).first() is not None

    async def names(self, subjects: str) -> list[str]:
        """Return the names of what was said, or is to be said, about every subject that begins with `subjects`."""
        found: set[str] = set()
        for each, which in ((sent, ()), (outbox, (outbox.c.kind == Kind.SEND,))):
            about = each.c.subject >= subjects, each.c.subject < f"{subjects}\x7f"
            found |= set((await self._tx.execute(select(each.c.name).where(*about, *which))).scalars())
        return sorted(found)

    async def adopt(self, name: str, subject: str, ref: Ref) -> None:
        """Note that what is said under `name` stands at `ref`, a message that the answer to a Call replaces."""
        sealed = REFS.dump_python((ref,), mode="json")
        await self._tx.upsert(
            sent, name=name, subject=subject, member=None, at=clock.floor_hour(self._now), refs=sealed
        )

    async def readdress(self, subject: str, place: Place) -> None:
        """Let what is to be said about `subject`, and is not on its way yet, be said at `place`."""
        for row in await self._tx.rows(outbox, outbox.c.subject == subject, outbox.c.state.in_(UNSENT)):
            payload = replace(PAYLOADS.validate_python(row["payload"]), place=place)
            await self._tx.update(outbox, {"id": row["id"]}, platform=place.platform, payload=_dump(payload))
        await self.release(subject)

    async def leave(self, place: Place, member: str) -> list[Row]:
        """Drop all that is to be said to a member at `place`, whatever its state, and where it was said there.

        Return what was dropped: somebody may want to know, see Work.leave.
        """
        rows = await self._tx.rows(outbox, member=member)
        rows = [row for row in rows if PAYLOADS.validate_python(row["payload"]).place == place]
        await self._tx.delete(outbox, outbox.c.id.in_([row["id"] for row in rows]))
        for row in await self._tx.rows(sent, member=member):
            if any(ref.place == place for ref in REFS.validate_python(row["refs"])):
                await self._tx.delete(sent, name=row["name"])
        return rows

    async def release(self, subject: str) -> None:
        """Let what was held for someone who could not be reached go out now."""
        await self._tx.execute(
            outbox.update()
            .where(outbox.c.subject == subject, outbox.c.state == State.HELD)
            .values(state=State.WAITING, due_at=self._now, attempts=0, tried_at=None)
        )
        self._wake()

    async def where(self, name: str) -> Place | None:
        """Return where it was said, or is to be said, that goes by `name`; None where there is no such thing."""
        known = await self._known(name)
        return known[0] if known else None

    async def refs(self, name: str) -> tuple[Ref, ...]:
        """Return where what was sent under `name` is; empty where it was not sent."""
        row = await self._tx.row(sent, name=name)
        return REFS.validate_python(row["refs"]) if row else ()

    async def _write(
        self,
        kind: Kind,
        name: str,
        payload: Payload,
        lane: Lane,
        subject: str,
        member: str | None,
        due: datetime | None,
        **rest: Any,
    ) -> bool:
        step = (await self._tx.execute(LAST, {"subject": subject})).scalar_one() + 1
        now = self._now if member else clock.floor_hour(self._now)
        written = await self._tx.insert_new(
            outbox,
            id=new_id(),
            name=name,
            subject=subject,
            step=step,
            kind=kind,
            platform=payload.place.platform,
            lane=lane,
            member=member,
            due_at=due or now,
            state=State.WAITING,
            attempts=0,
            payload=_dump(payload),
            **rest,
        )
        self._wake()
        return written

    async def _drop_edits(self, name: str) -> None:
        edits = outbox.c.name.startswith(f"{name}{EDIT}", autoescape=True)
        await self._tx.delete(outbox, edits, outbox.c.state.in_(UNSENT))

    async def _row(self, name: str) -> Row | None:
        return await self._tx.row(outbox, name=name)

    async def _known(self, name: str) -> tuple[Place, str, str | None, Lane] | None:
        """Place, subject, member and lane of what was sent, or is on its way, under `name`."""
        if row := await self._row(name):
            place = PAYLOADS.validate_python(row["payload"]).place
            return place, row["subject"], row["member"], Lane(row["lane"])
        if row := await self._tx.row(sent, name=name):
            refs = REFS.validate_python(row["refs"])
            return (refs[0].place, row["subject"], row["member"], Lane.DESK) if refs else None
        return None

    def _wake(self) -> None:
        self._tx.notes.add(WAKE)


FORGET_REFS_AFTER = timedelta(days=30)  # nothing sent to a member is edited later than that


async def settle_sends(tx: Tx, said: Sequence[tuple[Row, tuple[Ref, ...]]], now: datetime) -> None:
    """Do for many sends at once what settle_sent does for one; `keep` is in the row. What it raises of its own comes
    before anything is written.
    """
    kept = {row["id"]: _said(row, refs, now) for row, refs in said if row["keep"]}
    there = (await tx.execute(SETTLED, {"ids": [row["id"] for row, _ in said]})).scalars().all()
    await tx.upsert_many(sent, [kept[id] for id in there if id in kept])


async def settle_sent(tx: Tx, row: Row, refs: tuple[Ref, ...], now: datetime) -> None:
    """Put the refs of what was sent in the place of its row. Where that is gone, it was forgotten on its way."""
    if not await tx.delete(outbox, id=row["id"]):
        return
    if row["name"].endswith(DELETE):
        await tx.delete(sent, sent.c.name == row["name"].removesuffix(DELETE))
    elif row["kind"] in (Kind.SEND, Kind.THREAD) and PAYLOADS.validate_python(row["payload"]).keep:
        await tx.upsert(sent, **_said(row, refs, now))


async def taken_back(tx: Tx, row: Row) -> bool:
    """Tell whether what a row says, or changes, is to be deleted."""
    delete = row["name"].partition(EDIT)[0] + DELETE
    return (await tx.execute(select(outbox.c.id).where(outbox.c.name == delete))).first() is not None


def _said(row: Row, refs: tuple[Ref, ...], now: datetime) -> Row:
    """Return the row of `sent` that takes the place of one of the outbox."""
    named = {each: row[each] for each in ("name", "subject", "member")}
    return named | {"at": clock.floor_hour(now), "refs": REFS.dump_python(refs, mode="json")}


def _may_be_there(row: Row) -> bool:
    return row["state"] == State.WAITING and row["tried_at"] is not None


def _dump(payload: Payload) -> Any:
    return PAYLOADS.dump_python(payload, mode="json")
