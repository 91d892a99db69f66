"""The ledger as it is kept: its tables, and what is read from and written into them."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Boolean, Column, ForeignKey, false

from bot.cog import Cog, Context, DueRow, Work
from bot.errors import UserError
from bot.people import Member, members
from bot.store import ID, Row, Sealed, Tx, new_id
from cogs.streaks import rules
from cogs.streaks.rules import LAPSES, Entry, Kind, Trigger, standing

OLDEST = timedelta(days=365 * 20)
ONE_TAP = timedelta(minutes=2)  # the same, told again within that, is a second tap
KEPT = timedelta(days=1)  # what was deleted or replaced can be had back for so long
NOTE = 500
HALF_PLAN = 120
SETTLE = "streaks.settle"

cog = Cog("streaks")

contacts = cog.table(
    "contacts",
    Column("id", ID, primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("entry", Sealed(96), nullable=False),  # kind, day, the instant it was written, perhaps what set it off
    Column("gone", Boolean, nullable=False, default=False, server_default=false()),  # deleted within the last day
)

notes = cog.table(
    "notes",
    Column("id", ID, ForeignKey(contacts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("note", Sealed(2048), nullable=False),  # the text, and for a day the one before it
)

plans = cog.table(
    "plans",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("plans", Sealed(4096), nullable=False),  # by what sets it off: when, will, at which hour it comes back
)


@dataclass(frozen=True)
class Line:
    """A line of the ledger with its id and the instant it was written."""

    id: str
    entry: Entry
    at: datetime


@dataclass(frozen=True)
class Turn:
    """What setting the streak aside, or starting it again, changed in the ledger: ids of its entries."""

    wrote: tuple[str, ...] = ()
    took_out: tuple[str, ...] = ()


class Days(StrEnum):
    """On which days of the member's a plan comes back: every one, or one of the week, Monday first."""

    EVERY = "every"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True)
class Back:
    """When a plan comes back: at an `hour` of the member's clock. `key` is random: what a plan is for is not plain."""

    key: str
    hour: int
    days: Days


@dataclass(frozen=True)
class Plan:
    """What a member will do, and when; and when they want to be reminded of it, if they do."""

    when: str = field(repr=False)
    will: str = field(repr=False)
    back: Back | None = None


async def entries(tx: Tx, member: Member) -> list[Entry]:
    """Return the member's ledger, in no order."""
    return [each.entry for each in await lines(tx, member)]


async def lines(tx: Tx, member: Member) -> list[Line]:
    """Return the member's ledger with the ids, the newest first."""
    rows = await tx.rows(contacts, member=member.id, gone=False)
    return sorted(map(_line, rows), key=lambda line: (line.entry.day, line.at, line.id), reverse=True)


async def lapses(tx: Tx, member: Member, today: date) -> list[Line]:
    """Return the contacts of the member's own up to `today`, without those on days that were set aside."""
    ledger = await lines(tx, member)
    counting = rules.counting((each.entry for each in ledger), today)
    own = [each for each in ledger if each.entry.kind in LAPSES]
    return [each for each in own if any(first <= each.entry.day <= last for first, last in counting)]


async def line(ctx: Context, id: str) -> Line:
    """Return one line of the ledger of the member who calls. Raises UserError where it is not there (any more)."""
    return _line(await _row(ctx, id))


async def write(ctx: Context, kind: Kind, day: date) -> tuple[Line, list[Line]]:
    """Write an entry; return its line, and the ledger as it is then.

    A second tap finds the first one's, so that one Undo takes both back.
    """
    ledger = await lines(ctx.tx, ctx.me)
    for each in ledger:
        if (each.entry.kind, each.entry.day) == (kind, day) and ctx.now - each.at < ONE_TAP:
            return each, ledger
    written = {"kind": kind, "day": day.isoformat(), "at": ctx.now.isoformat(timespec="minutes")}
    row = {"id": new_id(), "member": ctx.me.id, "entry": written}
    await ctx.tx.insert(contacts, **row)
    return (line := _line(row)), [line, *ledger]


async def change(
    ctx: Context, id: str, *, kind: Kind | None = None, day: date | None = None, trigger: Trigger | None = None
) -> Line:
    """Change what is given in an entry; return it as it was. Raises UserError where it is not there (any more)."""
    row = await _row(ctx, id)
    given = {"kind": kind, "day": day.isoformat() if day else None, "trigger": trigger}
    changed = row["entry"] | {name: value for name, value in given.items() if value is not None}
    await ctx.tx.update(contacts, {"id": id}, entry=changed)
    return _line(row)


async def take_out(ctx: Context, id: str) -> None:
    """Delete an entry; for a day it can be brought back. Raises UserError where it is not there (any more)."""
    await _row(ctx, id)
    await ctx.tx.update(contacts, {"id": id}, gone=True)
    await ctx.due.at(SETTLE, id, ctx.now + KEPT, member=ctx.me.id)


async def bring_back(ctx: Context, id: str) -> None:
    """Bring back what was deleted. Raises UserError where it is gone for good."""
    if not await ctx.tx.update(contacts, {"id": id}, contacts.c.member == ctx.me.id, gone=False):
        raise UserError("streaks.entry-gone")


async def remove(ctx: Context, id: str) -> bool:
    """Delete an entry for good; tell whether it was there."""
    return await ctx.tx.delete(contacts, contacts.c.id == id, contacts.c.member == ctx.me.id) > 0


async def note_of(ctx: Context, id: str) -> str:
    """Return the note at an entry of the member who calls, or ""."""
    row = await ctx.tx.row(notes, id=id, member=ctx.me.id)
    return row["note"]["text"] if row else ""


async def set_note(ctx: Context, id: str, text: str) -> None:
    """Put a note at an entry; for a day the one before can be had back. Raises UserError where there is no entry."""
    await _row(ctx, id)
    note = {"text": text, "before": await note_of(ctx, id)}
    await ctx.tx.upsert(notes, id=id, member=ctx.me.id, note=note)
    await ctx.due.at(SETTLE, id, ctx.now + KEPT, member=ctx.me.id)


async def swap_note(ctx: Context, id: str) -> None:
    """Have the note before this one back. Raises UserError where it is gone for good."""
    row = await ctx.tx.row(notes, id=id, member=ctx.me.id)
    if row is None or "before" not in row["note"]:
        raise UserError("streaks.entry-gone")
    await set_note(ctx, id, row["note"]["before"])


@cog.due("settle")
async def settle(work: Work, row: DueRow) -> datetime | None:
    """Let what was deleted or replaced a day ago be gone for good."""
    await work.tx.delete(contacts, contacts.c.id == row.key, contacts.c.gone.is_(True))
    note = await work.tx.row(notes, id=row.key)
    if note is not None and note["note"]["text"]:
        await work.tx.update(notes, {"id": row.key}, note={"text": note["note"]["text"]})
    else:
        await work.tx.delete(notes, notes.c.id == row.key)
    return None


@cog.merges(plans)
def merged(mine: Row, theirs: Row) -> Row:
    """The plans of both, their own where both have one for the same."""
    return {"plans": theirs["plans"] | mine["plans"]}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Let what both have logged, the same on the same day, be one line, unless each has something of its own to say."""
    standing = contacts.c.gone.is_(False)
    mine: dict[tuple[str, str], list[Row]] = {}
    for row in await work.tx.rows(contacts, contacts.c.member == kept.id, standing, order_by=(contacts.c.id,)):
        mine.setdefault((row["entry"]["kind"], row["entry"]["day"]), []).append(row)
    for row in await work.tx.rows(contacts, contacts.c.member == gone.id, standing, order_by=(contacts.c.id,)):
        same = mine.get((row["entry"]["kind"], row["entry"]["day"]), [])
        if same and await _is_one(work, same[0], row):
            same.pop(0)


async def _is_one(work: Work, mine: Row, theirs: Row) -> bool:
    """Let one line take in what another one says, which then goes; tell whether that was possible."""
    ours, other = ([each["entry"].get("trigger")] for each in (mine, theirs))
    said = [await work.tx.row(notes, notes.c.id == each["id"]) for each in (mine, theirs)]
    if all(said) or len({*ours, *other} - {None}) > 1:
        return False
    if said[1]:
        await work.tx.insert(notes, **said[1] | {"id": mine["id"], "member": mine["member"]})
        if settles := await work.due.when(SETTLE, theirs["id"]):
            await work.due.at(SETTLE, mine["id"], settles, member=mine["member"])
    if "trigger" in theirs["entry"]:
        await work.tx.update(contacts, {"id": mine["id"]}, entry=mine["entry"] | {"trigger": other[0]})
    await work.due.forget(theirs["id"])
    await work.tx.delete(contacts, contacts.c.id == theirs["id"])
    return True


async def plan_for(tx: Tx, member: Member, trigger: Trigger) -> Plan | None:
    """Return what the member means to do when `trigger` comes again, or None."""
    return (await plans_of(tx, member)).get(trigger)


async def plans_of(tx: Tx, member: Member) -> dict[Trigger, Plan]:
    """Return all that a member means to do, by what sets it off."""
    row = await tx.row(plans, member=member.id)
    return {Trigger(trigger): _plan(kept) for trigger, kept in row["plans"].items()} if row else {}


async def keep_plan(ctx: Context, trigger: Trigger, plan: Plan) -> None:
    """Keep the plan for `trigger`; it takes the place of an earlier one."""
    changed = await plans_of(ctx.tx, ctx.me) | {trigger: plan}
    kept = {each: {name: value for name, value in asdict(one).items() if value} for each, one in changed.items()}
    await ctx.tx.upsert(plans, member=ctx.me.id, plans=kept)


async def is_aside(ctx: Context) -> bool:
    """Tell whether the streak of the member who calls is set aside."""
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    return now is not None and now.aside is not None


async def set_aside(ctx: Context) -> Turn:
    """Set the streak aside from today on, its numbers kept; return what that changed: nothing where there is none."""
    before = await _ids(ctx)
    if standing(await entries(ctx.tx, ctx.me), ctx.today) is None or await is_aside(ctx):
        return Turn()
    await write(ctx, Kind.ASIDE, ctx.today)
    if not await is_aside(ctx):
        await _take_out_todays(ctx, Kind.START)  # it had been set aside and started again today
    return await _turned(ctx, before)


async def start_again(ctx: Context) -> Turn:
    """Count again from today, where the streak was set aside; return what that changed."""
    before = await _ids(ctx)
    if not await is_aside(ctx):
        return Turn()
    await write(ctx, Kind.START, ctx.today)
    if await is_aside(ctx):
        await _take_out_todays(ctx, Kind.ASIDE)  # it had been started and set aside today
    return await _turned(ctx, before)


async def turn_back(ctx: Context, turn: Turn) -> None:
    """Undo what setting aside or starting again changed, within a day; what else was logged since stays."""
    for id in turn.wrote:
        await remove(ctx, id)
    for id in turn.took_out:
        await ctx.tx.update(contacts, {"id": id}, contacts.c.member == ctx.me.id, gone=False)


async def _take_out_todays(ctx: Context, kind: Kind) -> None:
    for each in await lines(ctx.tx, ctx.me):
        if (each.entry.kind, each.entry.day) == (kind, ctx.today):
            await take_out(ctx, each.id)


async def _ids(ctx: Context) -> set[str]:
    return {each.id for each in await lines(ctx.tx, ctx.me)}


async def _turned(ctx: Context, before: set[str]) -> Turn:
    now = await _ids(ctx)
    return Turn(tuple(sorted(now - before)), tuple(sorted(before - now)))


def _plan(kept: Row) -> Plan:
    back = kept.get("back")
    return Plan(kept["when"], kept["will"], Back(back["key"], back["hour"], Days(back["days"])) if back else None)


async def _row(ctx: Context, id: str) -> Row:
    row = await ctx.tx.row(contacts, id=id, member=ctx.me.id, gone=False)
    if row is None:
        raise UserError("streaks.entry-gone")
    return row


def _line(row: Row) -> Line:
    entry = row["entry"]
    trigger = Trigger(entry["trigger"]) if "trigger" in entry else None
    return Line(
        row["id"],
        Entry(Kind(entry["kind"]), date.fromisoformat(entry["day"]), trigger),
        datetime.fromisoformat(entry["at"]),
    )
