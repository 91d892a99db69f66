"""What is kept of questions: their tables, whose is whose, and what was said after the first words.

Nothing in the database ties a question to its asker without the key: the asker is sealed in the question's row, and the
member's row holds, sealed and always equally long, which questions are theirs.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, ForeignKey, SmallInteger, String

from bot import communities
from bot.cog import Cog, Context, Work
from bot.errors import UserError
from bot.model import JSON, Account, Place
from bot.people import Member, members
from bot.store import ID, Holds, Instant, Row, Sealed, Tx, new_id

LENGTH = 3000  # of a question and of an answer: with the words around it, one message on every platform
SIZE = 4096  # bytes: texts of the same question, kept with the member and without, must not be told by their lengths
DRAFT_KEPT = timedelta(hours=1)
DROP_DRAFT = "questions.drop_draft"

cog = Cog("questions")


class State(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"  # for a coach, to begin with or after a follow-up
    ANSWERING = "answering"  # an answer is on its way
    ANSWERED = "answered"
    BACK = "back"  # a coach has asked something back
    CLOSED = "closed"  # nothing comes any more


OPEN_STATES = (State.WAITING, State.ANSWERING, State.BACK)


class Said(StrEnum):
    """What a line of a question's thread is."""

    FOLLOW_UP = "follow-up"  # the asker's
    ANSWER = "answer"
    BACK = "back"  # what a coach asked the asker
    NOTE = "note"  # for coaches alone


drafts = cog.table(
    "drafts",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),
    Column("text", Sealed(SIZE), nullable=False),
    Column("topic", Sealed(32)),
    Column("community", ID),  # whose coaches it is for
)

questions = cog.table(
    "questions",
    Column("id", ID, primary_key=True),
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("asked", Instant, nullable=False),  # rounded to the hour
    Column("asker", Sealed(160), nullable=False),  # member, platform, address
    Column("text", Sealed(SIZE), nullable=False),
    Column("card", Sealed(512)),  # see Card; none with what was asked before there were cards
    Column("claim", Sealed(192)),  # who has it at the desk: see Claim
    Column("claimed_until", Instant),
    holds=Holds.HOOKS,
)

lines = cog.table(
    "question_lines",
    Column("id", ID, primary_key=True),
    Column("question", ID, ForeignKey(questions.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("number", SmallInteger, nullable=False),  # the order within the question
    Column("said", Sealed(SIZE), nullable=False),  # see Line
    holds=Holds.HOOKS,
)

askers = cog.table(
    "askers",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("asked", Sealed(2048), nullable=False),  # see Asked
)


@dataclass(frozen=True)
class Card:
    """What stands with a question at the desk, and what the asker said of it."""

    alias: str = ""
    topic: str | None = None
    urgent: bool = False
    messages: int = 1  # that were posted at each desk: the last one stands for the question
    rating: int | None = None
    thanked: bool = False


@dataclass(frozen=True)
class Claim:
    """Which coach has a question: `coach` is communities.coach_key in hexadecimal, `name` what they sign with."""

    coach: str
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Line:
    """One thing that was said after the question. `name` is what its coach signs with; `fate` is what became of it.

    `at` is the instant it was written, to the second; it is sealed with the rest.
    """

    id: str
    kind: Said
    text: str = field(repr=False)
    at: datetime
    coach: str | None = None
    name: str | None = field(default=None, repr=False)
    fate: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a member's row holds: the ids of their questions, when they asked last, the aliases they have had."""

    ids: tuple[str, ...] = ()
    last: datetime | None = field(default=None, repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)


async def asked_by(tx: Tx, member: Member) -> Asked:
    """Return what a member has asked."""
    row = await tx.row(askers, askers.c.member == member.id)
    return _asked(row["asked"]) if row else Asked()


async def keep_asked(tx: Tx, member: Member, asked: Asked) -> None:
    """Write what a member has asked."""
    await tx.update(askers, {"member": member.id}, asked=_dump_asked(asked))


async def rows_of(tx: Tx, member: Member) -> list[Row]:
    """Return the member's questions, in the order they were asked."""
    ids = (await asked_by(tx, member)).ids
    found = {row["id"]: row for row in await tx.rows(questions, questions.c.id.in_(ids))} if ids else {}
    return [found[id] for id in ids if id in found]


async def open_of(tx: Tx, member: Member) -> int:
    """Return how many questions of a member's are open."""
    return sum(row["state"] in OPEN_STATES for row in await rows_of(tx, member))


async def mine(ctx: Context, id: str) -> Row:
    """Return a question of the member who calls. Raises UserError where it is not theirs, or not there any more."""
    row = await ctx.tx.row(questions, questions.c.id == id)
    if row is None or row["asker"]["member"] != ctx.me.id:
        raise UserError("questions.not-here")
    return row


async def at_this_desk(ctx: Context, id: str) -> Row:
    """Return a question of this desk's community. Raises UserError where it is not there any more."""
    row = await ctx.tx.row(questions, questions.c.id == id, questions.c.community == ctx.here.id)
    if row is None:
        raise UserError("questions.withdrawn")
    return row


async def move_on(tx: Tx, id: str, state: State, *frm: State, **values: Any) -> bool:
    """Let a question stand at `state`, if it stands at one of `frm` (compare and set); tell whether it did."""
    return await tx.update(questions, {"id": id}, questions.c.state.in_(frm), state=state, **values)


def card_of(row: Row) -> Card:
    """Return what stands with a question."""
    return Card(**row["card"]) if row["card"] else Card()


async def set_card(tx: Tx, row: Row, **changes: Any) -> Row:
    """Change what stands with a question; return its row as it is then."""
    card = asdict(replace(card_of(row), **changes))
    await tx.update(questions, {"id": row["id"]}, card=card)
    return row | {"card": card}


async def thread(tx: Tx, id: str) -> list[Line]:
    """Return what was said after a question, the oldest first."""
    rows = await tx.rows(lines, lines.c.question == id, order_by=(lines.c.number,))
    return [_line(row) for row in rows]


async def add_line(
    work: Work, id: str, kind: Said, text: str, *, coach: str | None = None, name: str | None = None
) -> Line:
    """Write what was said after a question; return it."""
    number = len(await work.tx.rows(lines, lines.c.question == id)) + 1
    line = Line(new_id(), kind, text, work.now, coach, name)
    await work.tx.insert(lines, id=line.id, question=id, number=number, said=_said(line))
    return line


async def change_line(tx: Tx, line: Line, **changes: Any) -> Line:
    """Change a line; return it as it is then."""
    changed = replace(line, **changes)
    await tx.update(lines, {"id": line.id}, said=_said(changed))
    return changed


async def drop_line(tx: Tx, line: Line) -> None:
    """Delete a line."""
    await tx.delete(lines, lines.c.id == line.id)


def private(row: Row) -> Place:
    """Return where the asker of a question is told things."""
    return Place(row["asker"]["platform"], row["asker"]["address"], private=True)


def desk_name(id: str, number: int = 1) -> str:
    """Return the name in the outbox of a question's `number`th message at the desk."""
    return f"q-{id}-desk" if number == 1 else f"q-{id}-desk-{number}"


def carried(id: str) -> str:
    """Return the subject in the outbox of all that is said to the asker of a question."""
    return f"q-{id}-answer"


@cog.joined
async def joined(work: Work, member: Member) -> None:
    """Give everybody the row in which their questions are listed: having one tells nothing."""
    await work.tx.insert(askers, member=member.id, asked=_dump_asked(Asked()))


@cog.merges(askers)
def merged(mine: Row, theirs: Row) -> Row:
    """The questions of both are theirs."""
    both = _asked(mine["asked"]), _asked(theirs["asked"])
    last = max((each.last for each in both if each.last), default=None)
    return {
        "asked": _dump_asked(
            Asked(
                tuple(id for each in both for id in each.ids),
                last,
                tuple(dict.fromkeys(alias for each in both for alias in each.aliases)),
            )
        )
    }


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Let the questions be theirs; answers go where it was asked. A draft lives as long as it would have."""
    await work.tx.reseal(
        questions,
        "asker",
        lambda row: row["asker"] | ({"member": kept.id} if row["asker"]["member"] == gone.id else {}),
    )
    until = await work.due.when(DROP_DRAFT, gone.id)
    if until and not await work.tx.row(drafts, drafts.c.member == kept.id):
        await work.due.at(DROP_DRAFT, kept.id, until, member=kept.id)


@cog.parting
async def parting(work: Work, member: Member, account: Account, other: Account) -> None:
    """Let answers to what was asked from an account that leaves go to one that stays."""
    left = {"member": member.id, "platform": account.platform, "address": account.id}
    theirs = [row["id"] for row in await rows_of(work.tx, member) if row["asker"] == left]
    stays = left | {"platform": other.platform, "address": other.id}
    await work.tx.reseal(questions, "asker", lambda row: stays if row["asker"] == left else row["asker"])
    for id in theirs:
        await work.outbox.readdress(carried(id), other.private)


@cog.returned
async def returned(work: Work, member: Member) -> None:
    """Let answers go out that waited for someone who could not be reached."""
    for id in (await asked_by(work.tx, member)).ids:
        await work.outbox.release(carried(id))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return the member's questions and what was said of them, but for what coaches noted among themselves."""
    kept = await rows_of(work.tx, member)
    asked = [
        {"asked": row["asked"].isoformat(), "topic": card_of(row).topic, "alias": card_of(row).alias}
        | {name: row[name] for name in ("id", "community", "state", "text")}
        for row in kept
    ]
    said = [
        {"question": row["id"], "kind": line.kind, "at": line.at.isoformat(), "name": line.name, "text": line.text}
        for row in kept
        for line in await thread(work.tx, row["id"])
        if line.kind is not Said.NOTE
    ]
    return {"questions": asked} | ({"question_lines": said} if said else {})


def _asked(kept: Any) -> Asked:
    if isinstance(kept, list):  # as it was before anything but the ids was kept
        return Asked(tuple(map(str, kept)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    last = kept.get("last")
    return Asked(tuple(kept["ids"]), datetime.fromisoformat(last) if last else None, tuple(kept.get("aliases", ())))


def _dump_asked(asked: Asked) -> JSON:
    last = asked.last.isoformat(timespec="seconds") if asked.last else None
    return {"ids": list(asked.ids), "last": last, "aliases": list(asked.aliases)}


def _said(line: Line) -> Row:
    said = asdict(line) | {"at": line.at.isoformat(timespec="seconds")}
    del said["id"]
    return {name: value for name, value in said.items() if value is not None}


def _line(row: Row) -> Line:
    said = row["said"]
    return Line(
        row["id"],
        Said(said["kind"]),
        said["text"],
        datetime.fromisoformat(said["at"]),
        said.get("coach"),
        said.get("name"),
        said.get("fate"),
    )
