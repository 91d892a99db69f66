"""Who has a question: one coach, for half an hour that every press makes longer; then, or given back, nobody."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_

from bot.cog import Context, DueRow, Work
from bot.errors import UserError
from bot.model import MENU_LABEL, MENU_OPTIONS, Button, Menu, Option, Reply, Role, clip
from bot.store import Row
from cogs import coaches
from cogs.questions import desk, watch
from cogs.questions.store import Claim, State, at_this_desk, claim_of, cog, questions

LEASE = timedelta(minutes=30)
JOB = "questions.lease"
SHORT = 16  # hexadecimal digits of a coach's key, in the id of a choice: enough to tell a desk's coaches apart
ANYONE = "anyone"


def mine(ctx: Context) -> str:
    """Return by what a claim tells that it is theirs who call."""
    return coaches.key(ctx).hex()


async def at_desk(ctx: Context, id: str) -> Row:
    """Return a question of this desk's community, whose lease is longer now where it is theirs who call.

    Raises UserError where it is not there any more.
    """
    row = await at_this_desk(ctx, id)
    claim = claim_of(row, ctx.now)
    return await _hold(ctx, row, claim) if claim and claim.coach == mine(ctx) else row


async def take(ctx: Context, id: str) -> bool:
    """Let a question be theirs who call where it is nobody's; tell whether it is (compare and set)."""
    claim = Claim(mine(ctx), await coaches.signature(ctx))
    free = or_(questions.c.claimed_until.is_(None), questions.c.claimed_until <= ctx.now)
    taken = await _set(ctx, id, claim, free)
    if taken:
        await watch.reopen(ctx, ctx.here.id)
    return taken


async def let_go(work: Work, id: str) -> None:
    """Let a question be nobody's."""
    await work.tx.update(questions, {"id": id}, claim=None, claimed_until=None)
    await work.due.cancel(JOB, id)


def another_has(ctx: Context, row: Row) -> Claim | None:
    """Return which other coach has a question, or None."""
    claim = claim_of(row, ctx.now)
    return claim if claim and claim.coach != mine(ctx) else None


@cog.action("claim", private=False, access=Role.COACH)
async def claim(ctx: Context, question: str) -> Reply:
    """Take a question; of all who press, one has it, and everybody is shown who."""
    await at_desk(ctx, question)
    await take(ctx, question)
    return await _shown(ctx, question)


@cog.action("release", private=False, access=Role.COACH)
async def release(ctx: Context, question: str) -> Reply:
    """Give a question back that one has. Another's stays theirs until its time is over, or they hand it over."""
    row = await at_desk(ctx, question)
    if another_has(ctx, row) is None:
        await let_go(ctx, question)
    return await _shown(ctx, question)


@cog.action("hand", private=False, quiet=True, access=Role.COACH)
async def hand(ctx: Context, question: str) -> Reply:
    """Ask whom to hand it over to."""
    row = await at_desk(ctx, question)
    say = ctx.texts.speaker(None, "questions")
    signed = [(key.hex(), name) for key, name in await coaches.signed_by(ctx, ctx.here.id)]
    options = [Option(key[:SHORT], clip(name, MENU_LABEL)) for key, name in signed if key != mine(ctx)]
    options = [Option(ANYONE, say("anyone")), *options][:MENU_OPTIONS]
    menu = Menu(say("hand-to"), "questions.give", tuple(options), (question,))
    return await desk.seen(ctx, row, say("hand-to"), (menu,), (Button(say("back"), "questions.show", [question]),))


@cog.action("give", private=False, access=Role.COACH)
async def give(ctx: Context, question: str, coach: str) -> Reply:
    """Hand it over to another coach, who is named at the desk then, or to anyone."""
    await at_desk(ctx, question)
    if coach == ANYONE:
        await let_go(ctx, question)
        return await _shown(ctx, question)
    signed = await coaches.signed_by(ctx, ctx.here.id)
    to = next(((key.hex(), name) for key, name in signed if key.hex().startswith(coach)), None)
    if to is None or len(coach) != SHORT:
        raise UserError("no-such-coach")
    await _set(ctx, question, Claim(*to))
    return await _shown(ctx, question)


@cog.action("show", private=False, access=Role.COACH)
async def show(ctx: Context, question: str) -> Reply:
    """Show a question as it is now."""
    return await desk.seen(ctx, await at_desk(ctx, question), ctx.t("left-as-it-is"))


@cog.due("lease")
async def lease(work: Work, row: DueRow) -> datetime | None:
    """Let a question be nobody's where its time is over."""
    kept = await work.tx.row(questions, questions.c.id == row.key)
    if kept is None or kept["claimed_until"] is None:
        return None
    if kept["claimed_until"] > work.now:
        return kept["claimed_until"]
    await work.tx.update(
        questions, {"id": row.key}, questions.c.claimed_until <= work.now, claim=None, claimed_until=None
    )
    await desk.refresh(work, kept | {"claim": None, "claimed_until": None})
    return None


async def _hold(ctx: Context, row: Row, claim: Claim) -> Row:
    """Make the time longer for which they have it who call."""
    same = questions.c.claimed_until == row["claimed_until"]
    if _lease(ctx.now) == row["claimed_until"] or not await _set(ctx, row["id"], claim, same):
        return row
    row = row | {"claimed_until": _lease(ctx.now)}
    await desk.refresh(ctx, row, but=await desk.stands_at(ctx, row["id"]))
    return row


async def _set(ctx: Context, id: str, claim: Claim, *where: ColumnElement[bool]) -> bool:
    ends = _lease(ctx.now)
    here = questions.c.community == ctx.here.id, questions.c.state != State.CLOSED
    theirs = {"coach": claim.coach, "name": claim.name}
    won = await ctx.tx.update(questions, {"id": id}, *here, *where, claim=theirs, claimed_until=ends)
    if won:
        await ctx.due.at(JOB, id, ends)
    return won


def _lease(now: datetime) -> datetime:
    """Return until when it is theirs who take it now: to the minute, and no less than the lease."""
    ends = now + LEASE
    return (
        ends if ends.second == ends.microsecond == 0 else ends.replace(second=0, microsecond=0) + timedelta(minutes=1)
    )


async def _shown(ctx: Context, id: str) -> Reply:
    """Show at every desk who has a question now, and to whoever pressed."""
    row = await at_this_desk(ctx, id)
    await desk.refresh(ctx, row)
    say, now = ctx.texts.speaker(None, "questions"), claim_of(row, ctx.now)
    who = say("desk-claimed", coach=desk.by(say, now.name), until=desk.until(row)) if now else say("desk-free")
    return await desk.seen(ctx, row, who)
