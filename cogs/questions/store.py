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
from bot.model import JSON, Account, Place, Server
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


@dataclass(frozen=True)
class Asked:
    """What a member's row holds: the ids of their questions, when they asked last, the aliases they have had.

    `tips` is how many tips they sent on the last day on which they sent any, and which day (a date of UTC) that was.
    """

    ids: tuple[str, ...] = ()
    last: datetime | None = field(default=None, repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)
    tips: tuple[str, int] = field(default=("", 0), repr=False)


async def asked_by(tx: Tx, member: Member) -> Asked:
    """Return what a member has asked."""
    row = await tx.row(askers, member=member.id)
    return _asked(row["asked"]) if row else Asked()


async def keep_asked(tx: Tx, member: Member, asked: Asked) -> None:
    """Write what a member has asked."""
    await tx.update(askers, {"member": member.id}, asked=_dump_asked(asked))


async def had(tx: Tx, row: Row, **changes: Any) -> None:
    """Change what the asker of a question is remembered to have asked; see Asked. Nothing, where they are gone."""
    kept = await tx.row(askers, askers.c.member == row["asker"]["member"])
    if kept:
        await tx.update(
            askers, {"member": kept["member"]}, asked=_dump_asked(replace(_asked(kept["asked"]), **changes))
        )


async def forget_id(tx: Tx, row: Row) -> None:
    """Take a question out of what its asker has asked."""
    kept = await tx.row(askers, askers.c.member == row["asker"]["member"])
    if kept:
        await had(tx, row, ids=tuple(id for id in _asked(kept["asked"]).ids if id != row["id"]))


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
                tuple(dict.fromkeys(alias for each in both for alias in each.aliases))[-ALIASES:],
                _tips_of(*(each.tips for each in both)),
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
        if line.kind in SEEN
    ]
    return {"questions": asked} | ({"question_lines": said} if said else {})


def _asked(kept: Any) -> Asked:
    if isinstance(kept, list):  # as it was before anything but the ids was kept
        return Asked(tuple(map(str, kept)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    last = kept.get("last")
    return Asked(
        tuple(kept["ids"]),
        datetime.fromisoformat(last) if last else None,
        tuple(kept.get("aliases", ())),
        tuple(kept.get("tips", ("", 0))),
    )


def _dump_asked(asked: Asked) -> JSON:
    last = asked.last.isoformat(timespec="seconds") if asked.last else None
    tips = {"tips": list(asked.tips)} if asked.tips[1] else {}
    return {"ids": list(asked.ids), "last": last, "aliases": list(asked.aliases)} | tips


def _tips_of(*each: tuple[str, int]) -> tuple[str, int]:
    day = max(day for day, _ in each)
    return day, sum(count for on, count in each if on == day)


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
