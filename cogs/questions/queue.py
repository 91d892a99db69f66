"""What waits, and one after the other of it: for ten minutes before bed."""

from sqlalchemy import or_

from bot.cog import Context, Work
from bot.communities import Community
from bot.model import Button, Reply, Role
from bot.store import Row, new_id
from cogs.questions import desk
from cogs.questions.claiming import another_has, at_desk, let_go, take
from cogs.questions.passages import similar
from cogs.questions.store import State, at_this_desk, card_of, claim_of, cog, desk_name, questions, set_card, thread
from cogs.questions.tending import noted


async def waiting(work: Work, community: Community) -> list[Row]:
    """Return what waits for a coach and is nobody's, what is urgent first, then the oldest."""
    free = or_(questions.c.claimed_until.is_(None), questions.c.claimed_until <= work.now)
    here = questions.c.community == community.id, questions.c.state == State.WAITING
    return sorted(await work.tx.rows(questions, *here, free), key=_rank)


@cog.command(private=False, quiet=True, access=Role.COACH)
async def queue(ctx: Context) -> Reply:
    """Say how many questions wait, and how long the first of them has."""
    return await _what_waits(ctx)


@cog.action("next", private=False, quiet=True, access=Role.COACH)
async def next_one(ctx: Context, after: str = "") -> Reply:
    """Claim the next question and show it; after `after`, which was passed, the one that comes then."""
    rows = await waiting(ctx, ctx.here)
    passed = next((row for row in rows if row["id"] == after), None)
    if passed is not None:
        rows = [row for row in rows if _rank(row) > _rank(passed)] + [row for row in rows if _rank(row) < _rank(passed)]
    for row in rows:
        if await take(ctx, row["id"]):
            return await _handed(ctx, await at_this_desk(ctx, row["id"]))
    return await _what_waits(ctx, edit=True)


@cog.action("pass", private=False, quiet=True, access=Role.COACH)
async def pass_on(ctx: Context, question: str) -> Reply:
    """Give it back and show the next one."""
    await _leave(ctx, await at_desk(ctx, question))
    return await next_one(ctx, question)


@cog.action("worried", private=False, quiet=True, access=Role.COACH)
async def worried(ctx: Context, question: str) -> Reply:
    """Put it before the others, say at the desk that somebody is worried, and leave it to whoever takes it."""
    row = await set_card(ctx.tx, await at_desk(ctx, question), urgent=True)
    await _leave(ctx, row)
    await noted(ctx, await at_this_desk(ctx, question), ctx.texts.say(None, "questions", "worried-note"))
    return Reply(ctx.t("worried-told"), ((Button(ctx.t("next"), "questions.next", [question]),),), edit=True)


async def _handed(ctx: Context, row: Row) -> Reply:
    """Show a question at the message whose button was pressed: from now on it stands there as well."""
    id, spot = row["id"], ctx.here.desk_at(ctx.call.place)
    await desk.refresh(ctx, row)
    if ctx.call.message is not None and spot is not None:
        subject = desk_name(id, spot.server)
        await ctx.outbox.adopt(f"{subject}-{new_id()[:8]}", subject, ctx.call.message)
    say = ctx.texts.speaker(None, "questions")
    buttons = (
        Button(say("answer"), "questions.answer", [id]),
        Button(say("pass"), "questions.pass", [id]),
        Button(say("worried"), "questions.worried", [id]),
        Button(say("more"), "questions.more", [id]),
    )
    return await desk.standing(ctx, row, buttons, *await similar(ctx, ctx.here, row), edit=True)


async def _leave(ctx: Context, row: Row) -> None:
    """Let a question be nobody's, and stand no more where it was shown to one coach."""
    spot, name = ctx.here.desk_at(ctx.call.place), await desk.stands_at(ctx, row["id"])
    if name is not None and spot is not None and name != desk_name(row["id"], spot.server):
        await ctx.outbox.forget_where(name)
    if claim_of(row, ctx.now) and another_has(ctx, row) is None:
        await let_go(ctx, row["id"])
        await desk.refresh(ctx, await at_this_desk(ctx, row["id"]))


async def _what_waits(ctx: Context, *, edit: bool = False) -> Reply:
    rows = await waiting(ctx, ctx.here)
    if not rows:
        return Reply(ctx.t("nothing-waits"), edit=edit)
    oldest = min(rows, key=lambda row: row["asked"])
    say = ctx.texts.speaker(None, "questions")
    since = desk.waited(say, oldest, await thread(ctx.tx, oldest["id"]), ctx.now)
    urgent = sum(card_of(row).urgent for row in rows)
    return Reply(
        ctx.t("what-waits", count=len(rows), urgent=urgent, oldest=since),
        ((Button(ctx.t("next"), "questions.next"),),),
        edit=edit,
    )


def _rank(row: Row) -> tuple[bool, float, str]:
    return not card_of(row).urgent, row["asked"].timestamp(), row["id"]
