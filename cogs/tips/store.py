"""What is kept of tips: one table, in which nothing says whose they are.

While it is a draft, for an hour at most, whose it is stands sealed in its row, or they could not send it. What is sent
has another id and no writer: the key does not tell either. What takes it away is the code that its writer was given,
of which only a keyed hash is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, String, func, select

from bot import codes, communities
from bot.cog import Cog, Work
from bot.communities import Community
from bot.model import JSON
from bot.people import Member
from bot.store import ID, SCRUB, Holds, Row, Sealed, Tx, new_id
from bot.vault import INDEX_BYTES

LENGTH = 1000  # characters: read in a channel, on a phone
SIZE = 4096  # bytes: how long a tip is must not be told by its length
A_DAY = 3  # tips a member may send in a day of UTC
DRAFT_KEPT = timedelta(hours=1)
KEPT = timedelta(days=30)  # what is not out by then is destroyed
DROP, DESTROY, OUT = "tips.drop", "tips.destroy", "tips.out"

cog = Cog("tips")


class State(StrEnum):
    """Where a tip stands."""

    DRAFT = "draft"
    WAITING = "waiting"  # for a coach to decide
    COMING = "coming"  # it was decided: it comes out at the hour that was drawn
    OUT = "out"


NOT_OUT = (State.WAITING, State.COMING)

tips = cog.table(
    "tips",
    Column("id", ID, primary_key=True),
    # whose coaches it is for; none while its writer has not said yet
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), index=True),
    Column("state", String(8), nullable=False),
    Column("said", Sealed(SIZE)),  # the words; of a draft its writer, of what comes out the name; none once it is out
    Column("code", LargeBinary(INDEX_BYTES), unique=True),  # that takes it away; a draft has none
    Column("places", SmallInteger, nullable=False, default=0),  # in how many it was posted
    holds=Holds.HOOKS,
)


@dataclass(frozen=True)
class Tip:
    """A tip. `community` is "" until it is known whose coaches it is for; `writer` is a draft's, `alias` may be ""."""

    id: str
    community: str
    state: State
    text: str = field(repr=False)
    writer: str = field(default="", repr=False)
    alias: str = field(default="", repr=False)
    places: int = 0


async def one(tx: Tx, id: str) -> Tip | None:
    """Return a tip, or None."""
    row = await tx.row(tips, id=id)
    return _read(row) if row else None


async def at_desks(tx: Tx, community: str, states: Sequence[State] = NOT_OUT) -> list[Tip]:
    """Return the tips of a community that stand at one of `states`."""
    return [_read(row) for row in await tx.rows(tips, tips.c.community == community, tips.c.state.in_(states))]


async def waiting(tx: Tx, community: str) -> int:
    """Return how many tips wait at a community's desks for a decision."""
    here = tips.c.community == community, tips.c.state == State.WAITING
    return (await tx.execute(select(func.count()).select_from(tips).where(*here))).scalar_one()


async def move_on(tx: Tx, tip: Tip, to: State, **values: Any) -> bool:
    """Let a tip stand at `to` if it still stands where it did (compare and set); tell whether it does."""
    return await tx.update(tips, {"id": tip.id}, tips.c.state == tip.state, state=to, **values)


async def drop(tx: Tx, id: str, *states: State) -> bool:
    """Delete a tip that stands at one of `states`; tell whether it was there (compare and set)."""
    if not await tx.delete(tips, tips.c.id == id, tips.c.state.in_(states)):
        return False
    tx.notes.add(SCRUB)
    return True


def sealed(text: str, *, writer: str = "", alias: str = "") -> JSON:
    """Return what is sealed of a tip."""
    said = {"text": text, "writer": writer, "alias": alias}
    return {name: value for name, value in said.items() if value}


def code_key(work: Work, code: str) -> bytes:
    """Return by what a tip is found whose code somebody has."""
    return work.vault.index("tip", code)


# -- drafts


async def keep_draft(work: Work, member: Member, text: str, community: str = "", *, id: str = "") -> Tip:
    """Keep a member's draft for an hour, in the place of what they had, under `id` if one is given; return it."""
    await drop_draft(work, member)
    draft = Tip(id or new_id(), community, State.DRAFT, text, member.id)
    kept = {"community": community or None, "state": State.DRAFT, "said": sealed(text, writer=member.id), "places": 0}
    await work.tx.insert(tips, id=draft.id, **kept)
    await work.due.at(DROP, draft.id, work.now + DRAFT_KEPT)  # of no member: whose is sealed
    return draft


async def draft_of(tx: Tx, member: Member, id: str = "") -> Tip | None:
    """Return the draft of a member's, the one of that id or any, or None. Only opening all tells."""
    these = (tips.c.id == id,) if id else ()
    rows = await tx.rows(tips, tips.c.state == State.DRAFT, *these)
    return next((each for each in map(_read, rows) if each.writer == member.id), None)


async def drop_draft(work: Work, member: Member) -> bool:
    """Leave nothing of a member's draft; tell whether there was one."""
    draft = await draft_of(work.tx, member)
    if draft is None or not await work.tx.delete(tips, id=draft.id):
        return False
    await work.due.cancel(DROP, draft.id)
    return True


async def send(work: Work, draft: Tip, community: Community) -> tuple[Tip, str]:
    """Put what nobody can be told by in the place of a draft; return it, and the code that takes it away.

    The code is kept nowhere: it has to be given to whoever wrote it now.
    """
    await work.tx.delete(tips, id=draft.id)
    await work.due.cancel(DROP, draft.id)
    work.tx.notes.add(SCRUB)
    tip, code = Tip(new_id(), community.id, State.WAITING, draft.text), codes.new()
    kept = {"community": community.id, "state": tip.state, "said": sealed(tip.text), "places": 0}
    await work.tx.insert(tips, id=tip.id, code=code_key(work, code), **kept)
    return tip, code


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Drop what a member has not sent. What they have sent is nobody's."""
    await drop_draft(work, member)


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return what a member has not sent."""
    draft = await draft_of(work.tx, member)
    return {"tips": [{"community": draft.community, "text": draft.text}]} if draft else {}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Let a draft be theirs, and of two the one that is theirs already."""
    mine, other = await draft_of(work.tx, kept), await draft_of(work.tx, gone)
    if mine is not None:
        await drop_draft(work, gone)
    elif other is not None:
        await work.tx.update(tips, {"id": other.id}, said=sealed(other.text, writer=kept.id))


def _read(row: Row) -> Tip:
    said = row["said"] or {"text": ""}
    return Tip(row["id"], row["community"] or "", State(row["state"]), places=row["places"], **said)
