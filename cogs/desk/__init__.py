"""The desk as a whole: its numbers, when it is reminded, when it takes nothing new, and how it is kept."""

from datetime import datetime

from bot import pictures
from bot.cog import Context, DueRow, Work
from bot.model import Button, File, Reply, Role
from bot.pictures import Span, Waits
from cogs import coaches, tips
from cogs.desk import nudges, settings
from cogs.desk.cog import cog
from cogs.questions import tallies, watch, yours
from cogs.questions.tallies import ENOUGH, HOURS, LONGER, Week

LEVELS = (*HOURS, LONGER)

__all__ = ["cog", "nudges", "settings"]


@cog.command(private=False, quiet=True, access=Role.COACH, writes=False)
async def desk(ctx: Context) -> Reply:
    """Say what waits, and show within how long answers came, week by week."""
    say, watched = ctx.texts.speaker(None, "desk"), await watch.of(ctx.tx, ctx.here.id)
    parts = [say("closed-now")] if watched.closed else []
    parts.append(nudges.what_waits(say, [since for _, since in await watch.waiting_at(ctx.tx, ctx.here.id)], ctx.now))
    if undecided := await tips.waiting(ctx.tx, ctx.here.id):
        parts.append(say("tips-wait", count=undecided))
    weeks = await tallies.weeks(ctx.tx, ctx.here.id, ctx.now)
    own = Button(say("own"), "mine")
    row = (Button(say("open-again"), "desk.back"), own) if watched.closed else (own,)
    if not any(week.answers for week in weeks):
        return Reply("\n\n".join([*parts, say("no-weeks")]), (row,))
    lines = "\n".join(_line(ctx, week) for week in weeks if week.answers)
    shown = Waits(
        tuple(Span(_day(ctx, week), _level(week, 50), _level(week, 90)) for week in weeks),
        tuple(say("level", hours=hours) for hours in LEVELS),
        (say("half"), say("most")),
    )
    picture = await ctx.tx.aside(lambda: pictures.draw_waits(shown))
    return Reply(
        "\n\n".join([*parts, f"{say('weeks')}\n{lines}"]), (row,), (File("desk.png", picture, say("alt", weeks=lines)),)
    )


def _line(ctx: Context, week: Week) -> str:
    say = ctx.texts.speaker(None, "desk")
    half, most = (say("within", hours=tallies.percentile(week.took, each) or LONGER) for each in (50, 90))
    return say("week", day=_day(ctx, week), count=week.answers, half=half, most=most)


def _level(week: Week, percent: int) -> int | None:
    hours = tallies.percentile(week.took, percent)
    return LEVELS.index(hours) + 1 if hours is not None else None


def _day(ctx: Context, week: Week) -> str:
    return ctx.texts.date(None, week.monday, "d MMM")


# -- one coach's own


@cog.command(access=Role.COACH, writes=False, link="server")
async def mine(ctx: Context) -> Reply:
    """Tell a coach, and nobody else, what their answers came to: in private, where they come to from the desk."""
    now = await yours.counts_of(ctx.tx, coaches.key(ctx), ctx.now.date())
    if not (now.answers or any(now.said.values())):
        return Reply(ctx.t("mine-none"))
    parts = [ctx.t("mine-answers", count=now.answers, lately=now.lately)]
    if thanks := now.said.get(yours.THANKS, 0):
        parts.append(ctx.t("mine-thanked", count=thanks))
    ratings = [max(now.said.get(str(each), 0), 0) for each in tallies.RATINGS]
    if sum(ratings) >= ENOUGH:
        said = [ctx.t(f"mine-rated-{each}", count=ratings[each - 1]) for each in tallies.RATINGS if ratings[each - 1]]
        parts.append(ctx.t("mine-rated", said=ctx.t("and").join(said)))
    aside = (ctx.call.server,) if ctx.call.place.private and ctx.call.server else ()
    forget = Button(ctx.t("mine-forget"), "desk.forget", aside)
    return Reply("\n".join([*parts, ctx.t("mine-last", enough=ENOUGH)]), ((forget,),))


@cog.action("forget", access=Role.COACH)
async def forget(ctx: Context, server: str = "") -> Reply:
    """Leave nothing of what a coach's answers came to."""
    await yours.forget(ctx.tx, coaches.key(ctx))
    return Reply(ctx.t("mine-forgotten"), edit=True)


# -- open again


@cog.action("back", private=False, access=Role.COACH)
async def back(ctx: Context) -> Reply:
    """Take questions again: a coach says that somebody is there."""
    return await _open(ctx)


@cog.action("open", access=Role.OWNER)
async def open_again(ctx: Context, community: str) -> Reply:
    """Take questions again: whoever runs the community says so."""
    return await _open(ctx)


async def _open(ctx: Context) -> Reply:
    was = await watch.reopen(ctx, ctx.here.id)
    return Reply(ctx.t("open-now" if was else "open-already"), edit=True)


@cog.due("prune")
async def prune(work: Work, row: DueRow) -> datetime | None:
    """Count a week no more that is over a year ago, also where nothing is answered any more."""
    await tallies.prune(work, row.key)
    return None
