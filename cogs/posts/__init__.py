"""The daily posts: at which places of a community, when, and of what; seen, moved and left out beforehand."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from bot import clock, communities
from bot.adapter import Gone, Look
from bot.cog import Arg, Context
from bot.communities import Community, Spot, what_is_wrong
from bot.errors import UserError
from bot.model import Field, Reply, Role
from bot.notices import note
from cogs.advice import Piece
from cogs.posts import rules, shown, store
from cogs.posts.asked import Chosen, look_at, look_at_place, look_at_posts, taken
from cogs.posts.rules import Coming, Plan
from cogs.posts.store import add, arrange, cog, plan_for, plan_of, remove, said
from cogs.stage import Stage

__all__ = [
    "Change",
    "Chosen",
    "add_chosen",
    "cog",
    "look_at",
    "look_at_place",
    "look_at_posts",
    "plan_all",
    "plan_for",
    "sample",
    "set_hour",
    "shown",
    "taken",
]

Hour = Annotated[int, Arg(min=0, max=23)]
plan_all = store.plan_all


class Change(StrEnum):
    """What can be changed at a place."""

    HOUR = "hour"
    DAYS = "days"
    STAGES = "stages"
    ZONE = "zone"
    TALK_ON = "talk-on"
    TALK_OFF = "talk-off"
    THREADS_ON = "threads-on"
    THREADS_OFF = "threads-off"
    REMOVE = "remove"


class Way(StrEnum):
    """Which way a post is moved, by a day."""

    EARLIER = "earlier"
    LATER = "later"


@cog.command(access=Role.OWNER, link="server")
async def posts(ctx: Context) -> Reply:
    """Show where posts come and when."""
    return replace(await shown.overview(ctx, ctx.here), edit=False)


@cog.action("all", access=Role.OWNER)
async def all_of_them(ctx: Context, community: str) -> Reply:
    """Show where posts come and when."""
    return await shown.overview(ctx, ctx.here)


@cog.action("place", access=Role.OWNER, asks=look_at_place)
async def place(ctx: Context, community: str, key: str) -> Reply:
    """Show what comes at a place, or the next ones of many places."""
    if key.startswith(shown.MORE):
        number = key.removeprefix(shown.MORE)
        return await shown.overview(ctx, ctx.here, first=int(number) if number.isdecimal() else 0)
    return await shown.place(ctx, ctx.here, _spot(ctx, key))


@cog.action("add", access=Role.OWNER, asks=look_at_posts)
async def add_place(ctx: Context, community: str, place: str) -> Reply:
    """Let posts come at one more place."""
    spot, said = await add_chosen(ctx)
    return await shown.place(ctx, await communities.load(ctx.tx, ctx.here.id), spot, said)


async def add_chosen(ctx: Context) -> tuple[Spot, str]:
    """Let posts come at the place that was chosen; return it, and what is to be said of that.

    Raises UserError where it cannot be taken, with what to do.
    """
    chosen, look = await taken(ctx)
    if look.server not in ctx.here.homes and ctx.here.desk_in(look.server):
        raise UserError("setup.not-home")
    spot = await add(ctx, ctx.here, chosen.place, look.server, look.name, ctx.call.account)
    return await _noted(ctx, spot, look), ctx.t("posts.added", place=look.name)


@cog.action("check", access=Role.OWNER, asks=look_at_place)
async def check(ctx: Context, community: str, key: str) -> Reply:
    """Look again at what is wrong with a place."""
    spot, look = _spot(ctx, key), ctx.found
    noted = await _noted(ctx, spot, look if isinstance(look, Look | Gone) else None)
    return await shown.place(ctx, ctx.here, noted, ctx.t("still" if noted.broken else "mended"))


@cog.action("change", access=Role.OWNER, asks=look_at_place)
async def change(ctx: Context, community: str, key: str, what: Change) -> Reply:
    """Show how to change one thing, or change it."""
    spot = _spot(ctx, key)
    match what:
        case Change.HOUR | Change.ZONE:
            return shown.hour(ctx, ctx.here, spot)
        case Change.DAYS:
            return shown.days(ctx, ctx.here, spot)
        case Change.STAGES:
            return shown.stages(ctx, ctx.here, spot)
        case Change.REMOVE:
            return shown.removing(ctx, ctx.here, spot)
        case Change.TALK_ON | Change.TALK_OFF:
            return await _changed(ctx, spot, replace(plan_of(spot), talk=what is Change.TALK_ON))
        case Change.THREADS_ON | Change.THREADS_OFF:
            await communities.change_place(ctx.tx, ctx.here.id, spot, threads=what is Change.THREADS_ON)
            return await _shown(ctx, spot, ctx.t("saved"))


@cog.action("hour", access=Role.OWNER, asks=look_at_place)
async def hour(ctx: Context, community: str, key: str, hour: Hour) -> Reply:
    """Keep the hour at which posts come."""
    said = await set_hour(ctx, key, hour)
    return await _shown(ctx, _spot(ctx, key), said)


async def set_hour(ctx: Context, key: str, hour: int) -> str:
    """Keep the hour at which posts come at a place; return what is to be said. The handler asks `look_at_place`."""
    spot = _spot(ctx, key)
    plan = await arrange(ctx, ctx.here, spot, replace(plan_of(spot), hour=hour))
    return ctx.t("posts.hour-set", place=spot.name, hour=f"{plan.hour:02}:00")


@cog.form("zone", Field("where", max=60), access=Role.OWNER, asks=look_at_place)
async def zone(ctx: Context, community: str, key: str, where: str) -> Reply:
    """Set the clock by which posts come at a place."""
    spot = _spot(ctx, key)
    try:
        name = clock.parse_zone(where, ctx.now)
    except ValueError:
        raise UserError("zone.not-understood") from None
    return await _changed(ctx, spot, replace(plan_of(spot), zone=name))


@cog.action("day", access=Role.OWNER, asks=look_at_place)
async def day(ctx: Context, community: str, key: str, day: int) -> Reply:
    """Let posts come on a day of the week (Monday is 0), or not any more."""
    spot = _spot(ctx, key)
    plan = plan_of(spot)
    days = sorted(set(plan.days) ^ {day})
    if not 0 <= day < len(Plan().days):
        raise UserError("core.unknown-command")
    if not days:
        raise UserError("one-day")
    await arrange(ctx, ctx.here, spot, replace(plan, days=days))
    return shown.days(ctx, *await _now(ctx, spot))


@cog.action("stage", access=Role.OWNER, asks=look_at_place)
async def stage(ctx: Context, community: str, key: str, stage: Stage) -> Reply:
    """Let posts be about a stage of the road, or not any more."""
    spot = _spot(ctx, key)
    plan = plan_of(spot)
    stages = [each.value for each in Stage if (each in plan.stages) != (each is stage)]
    if not rules.fitting(store.deck_of(ctx, ctx.here), stages):
        raise UserError("one-stage")
    plan = rules.restaged(plan, store.deck_of(ctx, ctx.here), stages, ctx.dice)
    await arrange(ctx, ctx.here, spot, plan)
    return shown.stages(ctx, *await _now(ctx, spot))


@cog.action("remove", access=Role.OWNER, asks=look_at_place)
async def remove_place(ctx: Context, community: str, key: str) -> Reply:
    """Let no posts come at a place any more."""
    spot = _spot(ctx, key)
    await remove(ctx, ctx.here, spot)
    left = await communities.load(ctx.tx, ctx.here.id)
    return await shown.overview(ctx, left, ctx.t("removed", place=spot.name))


@cog.action("see", access=Role.OWNER, asks=look_at_place, writes=False)
async def see(ctx: Context, community: str, key: str) -> Reply:
    """Show the next post to this person alone, as it comes."""
    spot = _spot(ctx, key)
    plan = plan_of(spot)
    pieces = store.pieces_of(ctx, ctx.here, plan)
    return said(ctx, ctx.here, plan, pieces[0]) if pieces else Reply(ctx.t("nothing-fits"))


# -- one post that is to come


@cog.action("one", access=Role.OWNER, asks=look_at_place)
async def one(ctx: Context, community: str, key: str, on: int) -> Reply:
    """Show a post that is to come."""
    spot, each, piece = _coming(ctx, key, on)
    return shown.one(ctx, ctx.here, spot, each, piece)


@cog.action("move", access=Role.OWNER, asks=look_at_place)
async def move(ctx: Context, community: str, key: str, on: int, hour: Hour) -> Reply:
    """Let a post come at another hour of the day on which it comes."""
    spot, each, _ = _coming(ctx, key, on)
    tz = store.tz_of(ctx.here, plan_of(spot))
    return await _moved(ctx, spot, each, rules.at_hour(each.at.astimezone(tz).date(), hour, tz))


@cog.action("shift", access=Role.OWNER, asks=look_at_place)
async def shift(ctx: Context, community: str, key: str, on: int, way: Way) -> Reply:
    """Let a post come a day earlier or later, at the same hour."""
    spot, each, _ = _coming(ctx, key, on)
    tz = store.tz_of(ctx.here, plan_of(spot))
    local = each.at.astimezone(tz)
    day = local.date() + (rules.A_DAY if way is Way.LATER else -rules.A_DAY)
    return await _moved(ctx, spot, each, rules.at_hour(day, local.hour, tz))


@cog.action("skip", access=Role.OWNER, asks=look_at_place)
async def skip(ctx: Context, community: str, key: str, on: int) -> Reply:
    """Leave a post out: nothing comes on its date."""
    spot, each, _ = _coming(ctx, key, on)
    when = shown.when(ctx, ctx.here, plan_of(spot), each)
    await arrange(ctx, ctx.here, spot, rules.left_out(plan_of(spot), each.on))
    return await _shown(ctx, spot, ctx.t("skipped", when=when))


@cog.action("another", access=Role.OWNER, asks=look_at_place)
async def another(ctx: Context, community: str, key: str, on: int) -> Reply:
    """Let another piece come instead."""
    spot, _, piece = _coming(ctx, key, on)
    await arrange(ctx, ctx.here, spot, rules.another(plan_of(spot), piece.id))
    return await _one(ctx, spot, on)


def sample(ctx: Context, community: Community) -> str:
    """Return what a daily post could say."""
    plan = plan_of(community.posts[0]) if community.posts else Plan()
    plan = rules.filled(plan, store.deck_of(ctx, community), ctx.dice)
    return said(ctx, community, plan, store.pieces_of(ctx, community, plan)[0]).text


def _spot(ctx: Context, key: str) -> Spot:
    """Return the place that a button names. Raises UserError where whoever presses may not change it, or it is gone."""
    spot = ctx.here.post_at(key)
    if spot is None:
        raise UserError("no-such-place")
    if spot.place.platform != ctx.call.place.platform:
        raise UserError("other-platform", place=spot.name)
    if ctx.found is False:
        raise UserError("setup.not-yours")
    return spot


def _coming(ctx: Context, key: str, on: int) -> tuple[Spot, Coming, Piece]:
    """Return a place, the post planned there for a date (its ordinal), and its piece. Raises UserError without one."""
    spot = _spot(ctx, key)
    post = shown.found(ctx, ctx.here, spot, on)
    if post is None:
        raise UserError("not-coming")
    return spot, *post


async def _moved(ctx: Context, spot: Spot, each: Coming, at: datetime) -> Reply:
    if at <= ctx.now:
        raise UserError("over")
    await arrange(ctx, ctx.here, spot, rules.moved(plan_of(spot), each.on, at))
    when = shown.when(ctx, ctx.here, plan_of(spot), Coming(each.on, at))
    return await _one(ctx, spot, each.on.toordinal(), ctx.t("moved", when=when))


async def _one(ctx: Context, spot: Spot, on: int, said: str = "") -> Reply:
    """Show a post as it stands in this transaction; the place, where it is so late now that it is not shown ahead."""
    community, spot = await _now(ctx, spot)
    post = shown.found(ctx, community, spot, on)
    return shown.one(ctx, community, spot, *post, said) if post else await shown.place(ctx, community, spot, said)


async def _changed(ctx: Context, spot: Spot, plan: Plan) -> Reply:
    await arrange(ctx, ctx.here, spot, plan)
    return await _shown(ctx, spot, ctx.t("saved"))


async def _shown(ctx: Context, spot: Spot, said: str) -> Reply:
    return await shown.place(ctx, *await _now(ctx, spot), said)


async def _now(ctx: Context, spot: Spot) -> tuple[Community, Spot]:
    """Return a place as it stands in this transaction."""
    community = await communities.load(ctx.tx, ctx.here.id)
    now = community.post_at(spot.key)
    assert now is not None  # noqa: S101 # nobody else writes meanwhile
    return community, now


async def _noted(ctx: Context, spot: Spot, look: Look | Gone | None) -> Spot:
    """Note what is wrong with a place that was looked at; return it as it stands now."""
    broken = what_is_wrong(spot, look)
    if broken is not None:
        await note(ctx.tx, ctx.outbox, ctx.texts, ctx.vault, [(ctx.here.id, spot, broken)], seen_by=ctx.call.account)
    return (await _now(ctx, spot))[1]
