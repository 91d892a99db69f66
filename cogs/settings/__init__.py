"""What a member chose: what comes unasked, what is counted, what outranks everything; and the pause."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from babel import Locale
from sqlalchemy import and_

from bot import people
from bot.cog import Context
from bot.errors import UserError
from bot.model import Button, Menu, Option, Reply, Row
from bot.outbox import Lane, outbox
from cogs.settings.accounts import names
from cogs.settings.store import Choices, Shout, change, cog, load

__all__ = ["Choices", "Shout", "change", "cog", "load", "names"]

WAITS = (5, 10, 20, 30, 45, 60)  # minutes
DAY_STARTS = range(7)  # hours
QUIET_FROM, QUIET_UNTIL = (20, 21, 22, 23, 0), (6, 7, 8, 9, 10)  # together as many as a menu holds


class Switch(StrEnum):
    """What is on or off."""

    SILENT = "silent"
    DISCREET = "discreet"
    NOT_CHECKING = "not_checking"
    COURT_ORDER = "court_order"


class Value(StrEnum):
    """What has more than two values."""

    QUIET = "quiet"
    DAY_START = "day_start"
    URGE_WAIT = "urge_wait"
    LANGUAGE = "language"
    SHOUT = "shout"
    WHERE = "where"


@cog.command(writes=False)
async def settings(ctx: Context) -> Reply:
    """Show what stands, and what can be changed."""
    return await _shown(ctx, await load(ctx.tx, ctx.me))


@cog.action("switch")
async def switch(ctx: Context, what: str) -> Reply:
    """Switch one thing ("silent_on"). Who begins to count days without looking is asked when they last did."""
    name, _, on = what.rpartition("_")
    if name not in [*Switch] or on not in ("on", "off"):
        raise UserError("core.unknown-command")
    now = await change(ctx, **{name: on == "on"})
    if what == f"{Switch.SILENT}_on":
        await ctx.drop_unasked(and_(outbox.c.member == ctx.me.id, outbox.c.lane == Lane.REMINDER), "paused")
    if what != f"{Switch.NOT_CHECKING}_on":
        return replace(await _shown(ctx, now), edit=True)
    looked = ("looked", (ctx.today - timedelta(days=1)).isoformat())
    days = (
        Button(ctx.t("looked-today"), "streaks.log", looked[:1]),
        Button(ctx.t("looked-yesterday"), "streaks.log", looked),
        Button(ctx.t("not-looked"), "settings"),
    )
    return Reply(ctx.t("ask-looked"), (days,), edit=True)


@cog.action("choose", writes=False)
async def choose(ctx: Context, what: Value) -> Reply:
    """Offer the values that one thing can have."""
    options = {
        Value.QUIET: [Option(f"{a}-{b}", _hours(ctx, a, b)) for a in QUIET_FROM for b in QUIET_UNTIL],
        Value.DAY_START: [Option(str(hour), f"{hour:02}:00") for hour in DAY_STARTS],
        Value.URGE_WAIT: [Option(str(each), ctx.t("minutes", minutes=each)) for each in WAITS],
        Value.LANGUAGE: [Option(each, _language(each)) for each in ctx.texts.locales],
        Value.SHOUT: [Option(each, ctx.t(f"shout-{each}")) for each in Shout],
        Value.WHERE: [Option(id, name) for id, name in (await names(ctx)).items()],
    }[what]
    menu = Menu(ctx.t(f"choose-{what}"), f"settings.{what}", tuple(options))
    return Reply(ctx.t(f"about-{what}"), ((menu,), (Button(ctx.t("back"), "settings"),)), edit=True)


@cog.action("quiet")
async def quiet(ctx: Context, hours: str) -> Reply:
    """Choose the hours in which nothing unasked comes ("22-8")."""
    begin, _, end = hours.partition("-")
    if not (begin.isdecimal() and end.isdecimal() and int(begin) in QUIET_FROM and int(end) in QUIET_UNTIL):
        raise UserError("core.unknown-command")
    return replace(await _shown(ctx, await change(ctx, quiet_from=int(begin), quiet_until=int(end))), edit=True)


@cog.action("day_start")
async def day_start(ctx: Context, hour: int) -> Reply:
    """Choose the hour of their clock at which a day begins; a day already shown is never taken away."""
    if hour not in DAY_STARTS:
        raise UserError("core.unknown-command")
    ctx.member = await people.change(ctx.tx, ctx.me, ctx.now, day_start=hour)
    return replace(await settings(ctx), edit=True)


@cog.action("urge_wait")
async def urge_wait(ctx: Context, minutes: int) -> Reply:
    """Choose how long an urge is waited out."""
    if minutes not in WAITS:
        raise UserError("core.unknown-command")
    return replace(await _shown(ctx, await change(ctx, urge_wait=minutes)), edit=True)


@cog.action("language")
async def language(ctx: Context, locale: str) -> Reply:
    """Choose the language to speak."""
    if locale not in ctx.texts.locales:
        raise UserError("core.unknown-command")
    ctx.member = await people.change(ctx.tx, ctx.me, ctx.now, locale=locale)
    return replace(await settings(ctx), edit=True)


@cog.action("where")
async def where(ctx: Context, account: str) -> Reply:
    """Choose the account that what comes unasked goes to."""
    if account not in await names(ctx):
        raise UserError("not-linked")
    ctx.member = await people.speak_at(ctx.tx, ctx.me, account)
    return replace(await settings(ctx), edit=True)


@cog.action("shout")
async def shout(ctx: Context, when: Shout) -> Reply:
    """Choose whether milestones are told to the community, without a name."""
    return replace(await _shown(ctx, await change(ctx, shout=when)), edit=True)


@cog.command()
async def pause(ctx: Context) -> Reply:
    """Let nothing come unasked any more, until it is resumed."""
    await change(ctx, paused=True)
    await ctx.drop_unasked(outbox.c.member == ctx.me.id, "paused")
    return Reply(ctx.t("paused"), ((Button(ctx.t("go-on"), "resume"),),))


@cog.command()
async def resume(ctx: Context) -> Reply:
    """Let it come again."""
    await change(ctx, paused=False)
    return Reply(ctx.t("resumed"), edit=True)


async def _shown(ctx: Context, now: Choices) -> Reply:
    say = ctx.texts.speaker(ctx.locale, "settings")
    on = {name: "yes" if getattr(now, name) else "no" for name in ("paused", *Switch)}
    lines = [say(f"is-{name}", on=each) for name, each in on.items()]
    lines += [
        say("is-quiet", hours=_hours(ctx, now.quiet_from, now.quiet_until)),
        say("is-day_start", hour=f"{ctx.me.day_start:02}:00"),
        say("is-urge_wait", minutes=now.urge_wait),
        say("is-shout", when=now.shout),
    ]
    theirs, speaks = await names(ctx), await people.load(ctx.tx, ctx.me.id)
    if len(theirs) > 1 and speaks is not None:
        lines.append(say("is-where", account=theirs[speaks[0].account]))
    only_if = {Value.LANGUAGE: len(ctx.texts.locales) > 1, Value.WHERE: len(theirs) > 1}
    switches = [
        Option(f"{each}_off", say(f"settings.{each}_off"))
        if on[each] == "yes"
        else Option(f"{each}_on", say(f"settings.{each}_on"))
        for each in Switch
    ]
    values = [each for each in Value if only_if.get(each, True)]
    menus: tuple[Row, ...] = (
        (Menu(say("switch"), "settings.switch", tuple(switches)),),
        (Menu(say("change"), "settings.choose", tuple(Option(each, say(f"choose-{each}")) for each in values)),),
    )
    pause = Button(say("go-on"), "resume") if now.paused else Button(say("stop-all"), "pause")
    others = (
        ("change-zone", "zone"),
        ("change-daily", "daily"),
        ("change-hard", "advice.hard"),
        ("change-country", "crisis.mine"),
    )
    buttons = tuple(Button(say(key), action) for key, action in others)
    return Reply("\n".join(lines), (*menus, (pause, *buttons)))


def _hours(ctx: Context, begin: int, end: int) -> str:
    return ctx.t("settings.hours", begin=f"{begin:02}:00", end=f"{end:02}:00")


def _language(locale: str) -> str:
    name = Locale.parse(locale, sep="-").get_display_name(locale)
    return name[0].upper() + name[1:] if name else locale
