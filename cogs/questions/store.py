"""What is kept of questions: their tables, whose is whose, and what was said after the first words.

Nothing in the database ties a question to its asker without the key: the asker is sealed in the question's row, and the
member's row holds, sealed and always equally long, which questions are theirs.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, ForeignKey, SmallInteger, String, func, select

from bot import clock, communities, people
from bot.cog import Cog, Context, Work
from bot.errors import UserError
from bot.model import Place, Server
from bot.people import Member, members
from bot.store import ID, Holds, Instant, Row, Sealed, Tx, new_id

LENGTH = 3000  # of a question and of an answer: with the words around it, one message on every platform
SIZE = 4096  # bytes: texts of the same question, kept with the member and without, must not be told by their lengths
DRAFT_KEPT = timedelta(hours=1)
DROP_DRAFT = "questions.drop_draft"
STILL, CLOSING, DESTROY = "questions.still", "questions.closing", "questions.destroy"  # due for a question: see ends.py
SHOWN = "questions.shown"  # at the desk, as it is by then
TAKEN_BACK = "questions.taken_back"  # is told what came of taking a message from the desk
FIRST_LOOK = timedelta(hours=24)  # after which an asker without an answer is told that it still waits
UNANSWERED = timedelta(days=14)  # after which a question without an answer closes
ALIASES = 40  # that a member is remembered to have had: with the ids of their questions they fit into one length

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

    FOLLOW_UP = "further"  # the asker's
    LOST = "lost"  # the asker's too, and no desk took it
    ANSWER = "answer"
    BACK = "back"  # what a coach asked the asker
    WORD = "word"  # a coach's, when they close it
    NOTE = "note"  # for coaches alone
    DRAFT = "draft"  # what a coach has written and not sent
    PUBLISH = "publish"  # the wording that the asker is asked about: see publishing.py


TOLD = (Said.ANSWER, Said.BACK, Said.WORD)  # what is carried to the asker
THEIRS = (Said.FOLLOW_UP, *TOLD)  # what the asker knows of, and the desk
SEEN = (*THEIRS, Said.LOST)  # all that the asker knows of


drafts = cog.table(
    "drafts",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),
    Column("text", Sealed(SIZE), nullable=False),
    Column("community", ID),  # whose coaches it is for
    Column("about", Sealed(160)),  # topic, urgent, alias; the question that it follows
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

desks = cog.table(
    "desks",
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("jitter", SmallInteger, nullable=False, server_default="10"),
    Column("kept_days", SmallInteger, nullable=False, server_default="30"),
    Column("unclaimed_hours", SmallInteger, nullable=False, server_default="4"),
    Column("unanswered_hours", SmallInteger, nullable=False, server_default="24"),
    holds=Holds.NOTHING,
)


@dataclass(frozen=True)
class DeskRules:
    """How a community keeps its desk.

    `jitter`: minutes within which a question goes to the desk, at a random moment. `kept_days`: after it has closed all
    that was said is destroyed; 0: at once. The hours are those after which the desk is reminded.
    """

    jitter: int = 10
    kept_days: int = 30
    unclaimed_hours: int = 4
    unanswered_hours: int = 24


@dataclass(frozen=True)
class Card:
    """What stands with a question at the desk, and what the asker said of it."""

    alias: str = ""
    topic: str | None = None
    urgent: bool = False
    lost: bool = False  # no desk took it, and its asker was told
    rating: int | None = None
    rated: str | None = None  # whose answer it was, as in Claim
    thanked: bool = False
    reported: tuple[str, ...] = ()  # the lines that were


@dataclass(frozen=True)
class Claim:
    """Which coach has a question: `coach` is communities.coach_key in hexadecimal, `name` what they sign with."""

    coach: str
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Line:
    """One thing that was said after the question. `name` is what its coach signs with; `fate` is what became of it, and
    `told` what the desk has been told of that, which is later.

    `at` is the instant it was written, to the second; it is sealed with the rest.
    """

    id: str
    kind: Said
    text: str = field(repr=False)
    at: datetime
    coach: str | None = None
    name: str | None = field(default=None, repr=False)
    fate: str | None = None
    told: str | None = field(default=None, repr=False)


async def mine(ctx: Context, id: str) -> Row:
    """Return a question of the member who calls. Raises UserError where it is not theirs, or not there any more."""
    row = await ctx.tx.row(questions, id=id)
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


async def close_row(work: Work, row: Row) -> None:
    """Let nothing come to a question any more, and plan when all of it is destroyed, to the hour."""
    await work.tx.update(questions, {"id": row["id"]}, state=State.CLOSED, claim=None, claimed_until=None)
    for job in (STILL, CLOSING):
        await work.due.cancel(job, row["id"])
    kept = timedelta(days=(await rules_of(work.tx, row["community"])).kept_days)
    await work.due.at(DESTROY, row["id"], clock.floor_hour(work.now) + kept)


def claim_of(row: Row, now: datetime) -> Claim | None:
    """Return which coach has a question now, or None."""
    if row["claim"] is None or row["claimed_until"] is None or row["claimed_until"] <= now:
        return None
    return Claim(**row["claim"])


async def line_of(tx: Tx, question: str, id: str) -> Line | None:
    """Return one thing that was said after a question, or None."""
    row = await tx.row(lines, lines.c.id == id, lines.c.question == question)
    return _line(row) if row else None


def card_of(row: Row) -> Card:
    """Return what stands with a question."""
    card = row["card"]
    return Card(**card | {"reported": tuple(card.get("reported", ()))}) if card else Card()


async def aliases_at(tx: Tx, community: str) -> set[str]:
    """Return under which names questions stand at a community's desks: also what is answered or closed does."""
    found = await tx.execute(select(questions.c.id, questions.c.card).where(questions.c.community == community))
    return {card_of(tx.unseal(questions, row)).alias for row in found.mappings()}


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
    last = select(func.coalesce(func.max(lines.c.number), 0)).where(lines.c.question == id)
    number = (await work.tx.execute(last)).scalar_one() + 1
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


def waits_since(row: Row, said: Sequence[Line]) -> datetime:
    """Return since when a question waits, to the hour: since it was asked, or since what was said further."""
    return max([row["asked"], *(clock.floor_hour(line.at) for line in said if line.kind is Said.FOLLOW_UP)])


async def asker_of(tx: Tx, row: Row) -> Member | None:
    """Return the member who asked, or None where they are gone."""
    found = await people.load(tx, row["asker"]["member"])
    return found[0] if found else None


async def rules_of(tx: Tx, community: str) -> DeskRules:
    """Return how a community keeps its desk: as all do where nothing else was set."""
    row = await tx.row(desks, community=community)
    return DeskRules(**{name: value for name, value in row.items() if name != "community"}) if row else DeskRules()


async def set_rules(work: Work, community: str, **changes: int) -> None:
    """Change how a community keeps its desk; see DeskRules. What is closed already goes by the new `kept_days` too."""
    before = await rules_of(work.tx, community)
    rules = replace(before, **changes)
    await work.tx.upsert(desks, community=community, **asdict(rules))
    sooner = timedelta(days=rules.kept_days - before.kept_days)
    if sooner:
        closed = questions.c.community == community, questions.c.state == State.CLOSED
        for row in await work.tx.rows(questions, *closed):
            at = await work.due.when(DESTROY, row["id"]) or clock.floor_hour(work.now)
            await work.due.at(DESTROY, row["id"], max(at + sooner, clock.floor_hour(work.now)))


def private(row: Row) -> Place:
    """Return where the asker of a question is told things."""
    return Place(row["asker"]["platform"], row["asker"]["address"], private=True)


def desk_names(id: str) -> str:
    """Return what the subject in the outbox begins with of all that stands of a question at any desk."""
    return f"q-{id}-desk"


def desk_name(id: str, server: Server) -> str:
    """Return the name, and the subject, in the outbox of a question's message at the desk in a server."""
    return name_at(desk_names(id), server)


def name_at(names: str, server: Server) -> str:
    """Return the one of the names that begin with `names` which is that of the desk in a server."""
    return f"{names}-{sha256(f'{server.platform}:{server.id}'.encode()).hexdigest()[:8]}"


def told_name(id: str, line: str) -> str:
    """Return the name in the outbox of one thing that is said to the asker of a question."""
    return f"{carried(id)}-{line}"


def carried(id: str) -> str:
    """Return the subject in the outbox of all that is said to the asker of a question."""
    return f"q-{id}-answer"


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
        said.get("told"),
    )
