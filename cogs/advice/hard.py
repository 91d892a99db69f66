"""Days that are hard for one member: a birthday, an anniversary. They bring a piece of their own, on the eve too."""

from dataclasses import replace
from datetime import date

from babel.dates import format_date

from bot.cog import Context
from bot.errors import UserError
from bot.model import Button, Field, Menu, Option, Reply
from cogs import crisis
from cogs.advice.store import HARD, Reading, cog, keep, load

LEAP = 2000  # a year that has every day


@cog.action("hard", writes=False)
async def hard(ctx: Context) -> Reply:
    """Show them, and let them be added and removed."""
    return _shown(ctx, await load(ctx.tx, ctx.me))


@cog.form("hard_day", Field("day", max=40))
async def add(ctx: Context, day: date) -> Reply:
    """Add one; its year does not matter."""
    reading, name = await load(ctx.tx, ctx.me), f"{day:%m-%d}"
    if name not in reading.hard and len(reading.hard) >= HARD:
        raise UserError("advice.hard-full", most=HARD)
    reading = replace(reading, hard=sorted({*reading.hard, name}))
    await keep(ctx.tx, ctx.me, reading)
    return _shown(ctx, reading)


@cog.action("no_hard_day")
async def remove(ctx: Context, day: str) -> Reply:
    """Remove one."""
    reading = await load(ctx.tx, ctx.me)
    reading = replace(reading, hard=[each for each in reading.hard if each != day])
    await keep(ctx.tx, ctx.me, reading)
    return _shown(ctx, reading)


def _shown(ctx: Context, reading: Reading) -> Reply:
    say, locale = ctx.texts.speaker(ctx.locale, "advice"), ctx.texts.locale(ctx.locale)
    names = {each: format_date(date.fromisoformat(f"{LEAP}-{each}"), "d MMMM", locale=locale) for each in reading.hard}
    text = "\n".join([say("hard-about"), *(f"• {name}" for name in names.values())])
    options = tuple(Option(each, name) for each, name in names.items())
    menus = ((Menu(say("remove-hard"), "advice.no_hard_day", options),),) if options else ()
    add = (Button(say("add-hard"), "advice.hard_day"),) if len(names) < HARD else ()
    return Reply(text, (*menus, (*add, Button(say("back"), "daily"), crisis.button(say))), edit=True)
