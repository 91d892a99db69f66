"""For whoever runs a place: one press stops everything, another lets it go on."""

from sqlalchemy import or_

from bot import communities
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role
from bot.outbox import outbox

cog = Cog("halt")


@cog.command(private=False, access=Role.OWNER)
async def halt(ctx: Context, community: str | None = None) -> Reply:
    """Stop everything unasked, and take no more questions."""
    changed = await communities.halt(ctx.tx, ctx.here.id, halted=True)
    members, posts = communities.halted_with(ctx.here.id), communities.posts_subject(ctx.here.id)
    of_posts = outbox.c.subject.startswith(posts, autoescape=True)
    await ctx.drop_unasked(or_(outbox.c.member.in_(members), of_posts), "halted")
    resume = Button(ctx.t("resume"), "resume_all", [ctx.here.id])
    return Reply(ctx.t("halted" if changed else "halted-before"), ((resume,),))


@cog.command(private=False, access=Role.OWNER)
async def resume_all(ctx: Context, community: str | None = None) -> Reply:
    """Let everything go on."""
    changed = await communities.halt(ctx.tx, ctx.here.id, halted=False)
    return Reply(ctx.t("resumed" if changed else "resumed-before"), edit=True)
