"""The no-contact streak: see it, begin it, log a contact, correct what was logged."""

from datetime import date, timedelta
from enum import StrEnum

from bot.cog import Answer, Context, Work
from bot.errors import UserError
from bot.model import Button, Field, Reply
from bot.people import Member
from cogs import crisis
from cogs.streaks import card, history, lapse, rules, store
from cogs.streaks.rules import Entry, Kind, Standing, Trigger, last_lapse, milestone, standing
from cogs.streaks.shown import When, all_numbers, ask_begin, doors, numbers, past
from cogs.streaks.store import (
    KEPT,
    Days,
    Plan,
    Turn,
    cog,
    contacts,
    entries,
    is_aside,
    lapses,
    plan_for,
    set_aside,
    start_again,
    turn_back,
)

__all__ = [
    "KEPT",
    "Days",
    "Entry",
    "Kind",
    "Plan",
    "Trigger",
    "Turn",
    "begin",
    "card",
    "cog",
    "contacts",
    "entries",
    "held_between",
    "history",
    "is_aside",
    "lapses",
    "last_lapse",
    "milestone",
    "numbers",
    "plan_for",
    "set_aside",
    "standing",
    "start_again",
    "turn_back",
    "wrote",
]


class What(StrEnum):
    """What a member can log."""

    WROTE = Kind.WROTE
    ANSWERED = Kind.ANSWERED
    THEY_WROTE = Kind.THEY_WROTE
    LOOKED = Kind.LOOKED
    UNAVOIDABLE = Kind.UNAVOIDABLE
    VISITED = Kind.VISITED
    THROUGH = Kind.THROUGH
    ACCOUNT = Kind.ACCOUNT


@cog.command(writes=False)
async def streak(ctx: Context) -> Reply:
    """See the days."""
    ledger = await entries(ctx.tx, ctx.me)
    now, told = standing(ledger, ctx.today), await all_numbers(ctx, ledger)
    if now is None or told is None:
        return ask_begin(ctx)
    return Reply(told, doors(ctx, now))


@cog.command()
async def contact(ctx: Context, what: What | None = None, when: date | None = None) -> Reply:
    """Log a contact: without `what` it is asked, without `when` it was today."""
    if what is not None:
        return await log(ctx, what, when)
    first = _whats(ctx, What.WROTE, What.ANSWERED, What.THEY_WROTE)
    return Reply(ctx.t("ask-what"), ((*first, Button(ctx.t("more"), "streaks.more")), (crisis.button(ctx.t),)))


@cog.action("more", writes=False)
async def more(ctx: Context) -> Reply:
    """Offer what is rarer."""
    mine = _whats(ctx, What.VISITED, What.THROUGH, What.ACCOUNT)
    rows = (_whats(ctx, What.LOOKED, What.UNAVOIDABLE), mine, (crisis.button(ctx.t),))
    return Reply(ctx.t("ask-what"), rows, edit=True)


@cog.action("log")
async def log(ctx: Context, what: What, when: date | None = None) -> Reply:
    """Write it into the ledger; what was held is said first."""
    day = past(ctx, when or ctx.today)
    line, ledger = await store.write(ctx, Kind(what), day)
    if day < min(
        (each.entry.day for each in ledger if each is not line and each.entry.kind in rules.ENDS), default=day
    ):
        raise UserError("streaks.before-beginning")
    return await lapse.answer(ctx, line, [each.entry for each in ledger])


async def wrote(ctx: Context) -> Reply:
    """Log that the member who calls wrote today; see `log`."""
    return await log(ctx, What.WROTE)


@cog.action("undo")
async def undo(ctx: Context, entry: str) -> Reply:
    """Take an entry back, once."""
    gone = await store.remove(ctx, entry)
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    if now is None:
        return ask_begin(ctx)
    said = ctx.t("undone") if gone else ctx.t("undone-before")
    return Reply(f"{said}\n\n{numbers(ctx, now)}", doors(ctx, now), edit=True)


@cog.action("begin")
async def begin_on(ctx: Context, when: When) -> Reply:
    """Begin the streak with a last contact today or yesterday."""
    return await _begun(ctx, when.of(ctx))


@cog.form("begin_day", Field("day", max=40))
async def begin_day(ctx: Context, day: date) -> Answer:
    """Begin the streak with a last contact on another day."""
    return await _begun(ctx, day)


async def begin(ctx: Context, day: date) -> Standing:
    """Write the last contact, unless a streak stands already; return what stands. Raises UserError for the future."""
    now = standing(await entries(ctx.tx, ctx.me), ctx.today)
    if now is None:
        await store.write(ctx, Kind.START, past(ctx, day))
        now = standing([Entry(Kind.START, day)], ctx.today)
    assert now is not None  # noqa: S101 # a start not later than today stands
    return now


async def held_between(work: Work, member: Member, after: date, until: date) -> int | None:
    """Return how many of the member's days after `after`, up to `until` or their own yesterday, were held.

    None where they have no streak that could be held.
    """
    over = member.today(work.now) - timedelta(days=1)
    ledger = await entries(work.tx, member)
    return rules.held_between(ledger, after, min(until, over)) if standing(ledger, over) else None


async def _begun(ctx: Context, day: date) -> Reply:
    now = await begin(ctx, day)
    return Reply(numbers(ctx, now), doors(ctx, now), edit=True)


def _whats(ctx: Context, *kinds: What) -> tuple[Button, ...]:
    return tuple(Button(ctx.t(f"what-{each}"), "streaks.log", [each]) for each in kinds)
