"""The no-contact streak: see it, begin it, log a contact."""

from datetime import date, timedelta
from enum import StrEnum

from babel.dates import format_date
from sqlalchemy import Column, ForeignKey

from bot.cog import Answer, Cog, Context, Work
from bot.errors import UserError
from bot.model import Button, Field, Reply, Row
from bot.people import Member, members
from bot.store import ID, Sealed, Tx, new_id
from cogs import crisis
from cogs.streaks import rules
from cogs.streaks.rules import ENDS, Entry, Kind, Standing, last_lapse, standing

__all__ = ["Kind", "begin", "cog", "entries", "held_between", "last_lapse", "numbers", "standing"]

OLDEST = timedelta(days=365 * 20)

cog = Cog("streaks")

contacts = cog.table(
    "contacts",
    Column("id", ID, primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("entry", Sealed(96), nullable=False),  # kind, day, and the instant it was written
)


class What(StrEnum):
    """What a member can log."""

    WROTE = Kind.WROTE
    ANSWERED = Kind.ANSWERED
    THEY_WROTE = Kind.THEY_WROTE
    LOOKED = Kind.LOOKED
    UNAVOIDABLE = Kind.UNAVOIDABLE


class When(StrEnum):
    """The days that are one tap away."""

    TODAY = "today"
    YESTERDAY = "yesterday"


@cog.command(writes=False)
async def streak(ctx: Context) -> Reply:
    """See the days."""
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    if now is None:
        return ask_begin(ctx)
    return Reply(numbers(ctx, now), (_doors(ctx),))


@cog.command()
async def contact(ctx: Context, what: What | None = None, when: date | None = None) -> Reply:
    """Log a contact: without `what` it is asked, without `when` it was today."""
    if what is not None:
        return await log(ctx, what, when)
    first = tuple(Button(ctx.t(f"what-{each}"), "streaks.log", [each]) for each in (What.WROTE, What.ANSWERED))
    rest = tuple(
        Button(ctx.t(f"what-{each}"), "streaks.log", [each])
        for each in (What.THEY_WROTE, What.LOOKED, What.UNAVOIDABLE)
    )
    return Reply(ctx.t("ask-what"), (first, rest, (crisis.button(ctx.t),)))


@cog.action("log")
async def log(ctx: Context, what: What, when: date | None = None) -> Reply:
    """Write it into the ledger; what was held is said first."""
    entry = await _write(ctx, ctx.me, Kind(what), _past(ctx, when or ctx.today))
    undo = Button(ctx.t("undo"), "streaks.undo", [entry])
    if what not in ENDS:
        return Reply(ctx.t(f"noted-{what}"), ((undo, crisis.button(ctx.t)),), edit=True)
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    held = now.held if now else 0
    text = ctx.t("lapse-held", held=held, of=now.of) if now and held else ctx.t("lapse-first")
    rows = (
        Button(ctx.t("enough"), "streaks.enough"),
        Button(ctx.t("core.ask-a-coach"), "ask"),
        crisis.button(ctx.t),
        undo,
    )
    return Reply(text, (rows,), edit=True)


@cog.action("undo")
async def undo(ctx: Context, entry: str) -> Reply:
    """Take an entry back, once."""
    gone = await ctx.tx.delete(contacts, contacts.c.id == entry, contacts.c.member == ctx.me.id)
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    if now is None:
        return ask_begin(ctx)
    said = ctx.t("undone") if gone else ctx.t("undone-before")
    return Reply(f"{said}\n\n{numbers(ctx, now)}", (_doors(ctx),), edit=True)


@cog.action("enough", writes=False)
async def enough(ctx: Context) -> Reply:
    """Leave it at that."""
    return Reply(ctx.t("good-night"), ((crisis.button(ctx.t),),), edit=True)


@cog.action("begin")
async def begin_on(ctx: Context, when: When) -> Reply:
    """Begin the streak with a last contact today or yesterday."""
    return await _begun(ctx, ctx.today - timedelta(days=when is When.YESTERDAY))


@cog.form("begin_day", Field("day", max=40))
async def begin_day(ctx: Context, day: date) -> Answer:
    """Begin the streak with a last contact on another day."""
    return await _begun(ctx, day)


def ask_begin(ctx: Context) -> Reply:
    """Return the question that begins a streak."""
    days = tuple(Button(ctx.t(f"streaks.{each}"), "streaks.begin", [each]) for each in When)
    other = Button(ctx.t("streaks.another-day"), "streaks.begin_day")
    return Reply(ctx.t("streaks.ask-last-contact"), ((*days, other),))


async def begin(ctx: Context, day: date) -> Standing:
    """Write the last contact, unless a streak stands already; return what stands. Raises UserError for the future."""
    written = await entries(ctx.tx, ctx.me)
    now = standing(written, ctx.today)
    if now is None:
        await _write(ctx, ctx.me, Kind.START, _past(ctx, day))
        now = standing([Entry(Kind.START, day)], ctx.today)
    assert now is not None  # noqa: S101 # a start not later than today stands
    return now


async def entries(tx: Tx, member: Member) -> list[Entry]:
    """Return the member's ledger, in no order."""
    rows = await tx.rows(contacts, contacts.c.member == member.id)
    return [Entry(Kind(row["entry"]["kind"]), date.fromisoformat(row["entry"]["day"])) for row in rows]


async def held_between(work: Work, member: Member, after: date, until: date) -> int | None:
    """Return how many of the member's days after `after`, up to `until` or their own yesterday, were held.

    None where they have no streak that could be held.
    """
    over = member.today(work.now) - timedelta(days=1)
    ledger = await entries(work.tx, member)
    return rules.held_between(ledger, after, min(until, over)) if standing(ledger, over) else None


def numbers(ctx: Context, now: Standing) -> str:
    """Return the numbers in words. A zero is never among them."""
    say = ctx.texts.speaker(ctx.locale, "streaks")
    since = format_date(now.since, "EEEE, d MMMM", locale=ctx.texts.locale(ctx.locale))
    lines = [say("days", days=now.days, since=since) if now.days else say("begins")]
    if now.of > now.days and now.held:
        lines.append(say("held", held=now.held, of=now.of))
    if now.best > now.days:
        lines.append(say("best", best=now.best))
    return "\n".join(lines)


async def _begun(ctx: Context, day: date) -> Reply:
    return Reply(numbers(ctx, await begin(ctx, day)), (_doors(ctx),), edit=True)


async def _write(ctx: Context, member: Member, kind: Kind, day: date) -> str:
    """Return the id of the entry: a second tap finds the first one's, so that one Undo takes both back."""
    for row in await ctx.tx.rows(contacts, contacts.c.member == member.id):
        if (row["entry"]["kind"], row["entry"]["day"]) == (kind, day.isoformat()):
            return row["id"]
    written = {"kind": kind, "day": day.isoformat(), "at": ctx.now.isoformat(timespec="seconds")}
    await ctx.tx.insert(contacts, id=(entry := new_id()), member=member.id, entry=written)
    return entry


def _past(ctx: Context, day: date) -> date:
    if not ctx.today - OLDEST <= day <= ctx.today:
        raise UserError("streaks.not-past")
    return day


def _doors(ctx: Context) -> Row:
    return (
        Button(ctx.t("streaks.log-contact"), "contact"),
        Button(ctx.t("streaks.thought"), "advice"),
        crisis.button(ctx.t),
    )
