"""When something can be asked: so many at once, one an hour, nobody who is blocked; and when it is possible again.

Nobody at the desk knows whose limit it is.
"""

from datetime import datetime, timedelta

from bot import people
from bot.cog import Context
from bot.communities import Community
from bot.model import Reply
from cogs import crisis
from cogs.questions.asked import asked_by, open_of
from cogs.questions.blocking import blocked
from cogs.questions.store import THEIRS, Said, State, mine, thread

OPEN = 3  # questions a member may have waiting at once
AGAIN = timedelta(hours=1)  # after a question until the next
FOLLOWED = (State.WAITING, State.ANSWERED, State.BACK)  # states in which something further can be said


async def refused(ctx: Context, theirs: list[Community]) -> Reply | None:
    """Return why nothing can be asked now and when it can, or None."""
    why = None
    last = (await asked_by(ctx.tx, ctx.me)).last
    if len(theirs) == 1 and (until := await blocked_until(ctx, theirs[0].id)):
        why = ctx.t("blocked", day=day_after(ctx, until))
    elif await open_of(ctx.tx, ctx.me) >= OPEN:
        why = ctx.t("enough-open", open=OPEN)
    elif last is not None and last + AGAIN > ctx.now:
        minute = (last + AGAIN + timedelta(seconds=59)).replace(second=0)
        why = ctx.t("once-an-hour", time=ctx.wall_clock(minute, ctx.me.tz))
    return Reply(why, ((crisis.button(ctx.t),),)) if why else None


async def blocked_until(ctx: Context, community: str) -> datetime | None:
    """Return until when the member who calls may not ask these coaches, from whichever of their accounts, or None."""
    theirs = await people.accounts_of(ctx.tx, ctx.me)
    ends = [await blocked(ctx.tx, ctx.vault, community, each) for each in theirs]
    return max((until for until in ends if until and until > ctx.now), default=None)


def day_after(ctx: Context, until: datetime) -> str:
    """Return the day after the last one that `until` reaches into, as it is written."""
    day = (until.astimezone(ctx.me.tz) + timedelta(days=1)).date()
    return ctx.texts.date(ctx.locale, day, "EEEE, d MMMM")


async def refused_further(ctx: Context, question: str) -> Reply | None:
    """Return why nothing further can be said of a question now, or None. Raises UserError where it is not theirs."""
    row = await mine(ctx, question)
    why = None
    if until := await blocked_until(ctx, row["community"]):
        why = ctx.t("blocked", day=day_after(ctx, until))
    elif row["state"] not in FOLLOWED:
        why = ctx.t("further-closed" if row["state"] == State.CLOSED else "further-later")
    elif row["state"] == State.WAITING:
        said = [line.kind for line in await thread(ctx.tx, row["id"]) if line.kind in THEIRS]
        why = ctx.t("further-waits") if said[-1:] == [Said.FOLLOW_UP] else None
    return Reply(why, ((crisis.button(ctx.t),),)) if why else None
