"""For whoever runs a place: one press stops everything, another lets it go on."""

from bot import communities
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role

cog = Cog("communities")


@cog.command(private=False, access=Role.OWNER)
async def halt(ctx: Context) -> Reply:
    """Stop everything unasked, and take no more questions."""
    changed = await communities.halt(ctx.tx, ctx.community.id, halted=True)
    await ctx.outbox.drop_unasked()
    return Reply(ctx.t("halted" if changed else "halted-before"), ((Button(ctx.t("resume"), "resume_all"),),))


@cog.command(private=False, access=Role.OWNER)
async def resume_all(ctx: Context) -> Reply:
    """Let everything go on."""
    changed = await communities.halt(ctx.tx, ctx.community.id, halted=False)
    return Reply(ctx.t("resumed" if changed else "resumed-before"), edit=True)
