"""The member's time zone: it decides which day it is for them, and when the daily thought comes."""

from bot import clock, people
from bot.cog import Answer, Cog, Context
from bot.errors import UserError
from bot.model import Field, Form, Reply

cog = Cog("zone")


async def open_zone(ctx: Context) -> Answer:
    """Ask for a city, an offset, or what their clock shows."""
    return Form("zone", (Field("where", max=60),), "zone")


@cog.command(form=open_zone)
async def zone(ctx: Context, where: str) -> Reply:
    """Set the zone; a day already shown is never taken away."""
    try:
        name = clock.parse_zone(where, ctx.now)
    except ValueError:
        raise UserError("not-understood") from None
    ctx.member = await people.change(ctx.tx, ctx.me, ctx.now, zone=name)
    for each in ctx.cogs:
        for rezoned in each.rezoners:
            await rezoned(ctx, ctx.me)
    return Reply(ctx.t("set", time=ctx.wall_clock(ctx.now, ctx.me.tz)))
