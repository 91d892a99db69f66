"""Joining: consent first, then four questions, each of which can be skipped."""

from datetime import date, timedelta
from enum import StrEnum

from bot import communities, people
from bot.cog import Answer, Asking, Cog, Context
from bot.communities import Community
from bot.errors import UserError
from bot.model import Button, Field, Reply, Role
from bot.outbox import Lane
from cogs import advice, crisis, stage, streaks
from cogs.stage import Whom

MORNING, EVENING = 8, 20

cog = Cog("join")


class LastContact(StrEnum):
    """The days that are one tap away."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    SKIP = "skip"


class Daily(StrEnum):
    """When a thought a day may come."""

    MORNING = "morning"
    EVENING = "evening"
    NO = "no"


@cog.command(access=Role.ANYONE, glances=True, link="community")
async def join(ctx: Context, community: str | None = None) -> Reply:
    """Say who runs this and what is kept; nothing is kept before it is agreed to."""
    here = ctx.community
    if here is not None and not here.can_be_joined:
        raise UserError("not-yet")
    if here is None and ctx.call.server is not None:
        raise UserError("nobody-here")
    here = here or await communities.only(ctx.tx)
    if ctx.member is not None:
        mine = await communities.ids_of(ctx.tx, ctx.me.id)
        return await _welcome(ctx) if here is None or here.id in mine else _too(ctx, here)
    rows = (
        (Button(ctx.t("join.agree"), "join.agree", [here.id] if here else []),),
        (Button(ctx.t("join.under"), "join.under"), Button(ctx.t("join.details"), "privacy")),
    )
    return Reply(consent(ctx, here), rows)


def consent(ctx: Context, here: Community | None) -> str:
    """Return what somebody has to agree to before anything is kept of them, in a community or in none."""
    operator = here.responsible if here else ctx.operator or ctx.t("join.preview-operator")
    return ctx.t("join.consent", operator=operator, platform=ctx.call.account.platform)


async def take_in(ctx: Context, zone: str = "UTC") -> None:
    """Make whoever calls a member: they have just agreed to what `consent` says."""
    ctx.member = await people.join(ctx.tx, ctx.vault, ctx.call.account, zone=zone, now=ctx.now)
    for each in ctx.cogs:
        for joined in each.joiners:
            await joined(ctx, ctx.member)


@cog.action("under", access=Role.ANYONE, glances=True)
async def under(ctx: Context) -> Reply:
    """Turn someone under 18 to those who are there for them. Nothing is kept."""
    return Reply(ctx.t("too-young"), ((crisis.button(ctx.t),),), edit=True)


async def look_whether_here(asking: Asking) -> bool:
    """Ask whether whoever calls is in a server that the community is joined from; where unclear, they are."""
    platform = asking.call.place.platform
    homes = [home for home in asking.community.homes if home.platform == platform] if asking.community else []
    asked = [await asking.authority(home) for home in homes]
    return not asked or any(Role.MEMBER in roles or Role.ANYONE not in roles for roles in asked)


@cog.action("agree", access=Role.ANYONE, asks=look_whether_here)
async def agree(ctx: Context, community: str | None = None) -> Reply:
    """Take them in, and ask whom this is for; somebody who is a member already comes into one more community."""
    here = ctx.community
    if here is not None and not here.can_be_joined:
        raise UserError("not-yet")
    if here is not None and ctx.found is False:
        raise UserError("not-there", name=here.name)
    known = ctx.member is not None
    if ctx.member is None:
        await take_in(ctx, here.zone if here else "UTC")
    if here is not None:
        await communities.enter(ctx.tx, ctx.me.id, here.id, ctx.now)
    if known and here is not None:
        return Reply(ctx.t("joined-too", name=here.name), ((crisis.button(ctx.t),),), edit=True)
    who = tuple(Button(ctx.t(f"whom-{each}"), "join.whom", [each]) for each in Whom)
    return Reply(ctx.t("ask-whom"), (who, (Button(ctx.t("skip"), "join.skip_whom"),)), edit=True)


@cog.action("whom")
async def whom(ctx: Context, who: Whom) -> Reply:
    """Note whom this is for, and ask when the last contact was."""
    await stage.set_whom(ctx, who)
    return _ask_last_contact(ctx)


@cog.action("skip_whom", writes=False)
async def skip_whom(ctx: Context) -> Reply:
    """Ask when the last contact was."""
    return _ask_last_contact(ctx)


@cog.action("last")
async def last(ctx: Context, when: LastContact) -> Reply:
    """Begin the streak where they say, and ask for the hour of a daily thought."""
    if when is not LastContact.SKIP:
        await streaks.begin(ctx, ctx.today - timedelta(days=when is LastContact.YESTERDAY))
    return _ask_daily(ctx)


@cog.form("last_day", Field("day", max=40))
async def last_day(ctx: Context, day: date) -> Answer:
    """Begin the streak on another day, and ask for the hour of a daily thought."""
    await streaks.begin(ctx, day)
    return _ask_daily(ctx)


@cog.action("daily")
async def daily(ctx: Context, when: Daily) -> Reply:
    """Plan the daily thought, prove that it can arrive, and say where they stand."""
    await advice.plan(ctx, {Daily.MORNING: MORNING, Daily.EVENING: EVENING}.get(when))
    if when is not Daily.NO and not ctx.call.place.private:
        proof = Reply(ctx.t("proof"), ((Button(ctx.t("stop"), "advice.daily", [advice.OFF]),),))
        await ctx.outbox.send(
            ctx.call.account.private, proof, name=f"proof-{ctx.me.id}", lane=Lane.ANSWER, member=ctx.me.id
        )
    return await _welcome(ctx)


def _too(ctx: Context, here: Community) -> Reply:
    agree = Button(ctx.t("join.join-too"), "join.agree", [here.id])
    return Reply(ctx.t("join.consent-too", name=here.name, operator=here.responsible), ((agree,),))


async def _welcome(ctx: Context) -> Reply:
    now = streaks.standing(await streaks.entries(ctx.tx, ctx.me), ctx.today)
    count = streaks.numbers(ctx, now) if now else ctx.t("join.no-count")
    rows = (
        (Button(ctx.t("join.urge"), "urge"), crisis.button(ctx.t), Button(ctx.t("join.wrong-time"), "zone")),
        (Button(ctx.t("join.thought"), "advice"), Button(ctx.t("core.ask-a-coach"), "ask")),
    )
    return Reply(f"{count}\n{ctx.t('join.here', time=ctx.wall_clock(ctx.now, ctx.me.tz))}", rows, edit=True)


def _ask_last_contact(ctx: Context) -> Reply:
    today, yesterday, skip = (Button(ctx.t(f"last-{each}"), "join.last", [each]) for each in LastContact)
    return Reply(
        ctx.t("ask-last"), ((today, yesterday, Button(ctx.t("last-other"), "join.last_day"), skip),), edit=True
    )


def _ask_daily(ctx: Context) -> Reply:
    return Reply(
        ctx.t("join.ask-daily"),
        (tuple(Button(ctx.t(f"join.daily-{each}"), "join.daily", [each]) for each in Daily),),
        edit=True,
    )
