"""What is kept and who can read it; take it all with you; have it all erased."""

import json

from bot import people
from bot.cog import Cog, Context
from bot.model import Button, File, Reply, Role
from bot.store import SCRUB

cog = Cog("privacy")


@cog.command(access=Role.ANYONE, writes=False)
async def privacy(ctx: Context) -> Reply:
    """Say what is kept, where, how long, who can read it, and what we cannot protect against."""
    operator = ctx.operator or ctx.t("join.preview-operator")
    rows = ((Button(ctx.t("back"), "join"),),) if ctx.member is None else ()
    return Reply(ctx.t("text", operator=operator, platform=ctx.call.account.platform), rows)


@cog.command(writes=False)
async def export(ctx: Context) -> Reply:
    """Give the member everything that is kept of them, as one file."""
    kept: dict[str, object] = dict(await people.export(ctx.tx, ctx.me.id))
    for cog in ctx.cogs:
        for exported in cog.exporters:
            kept |= await exported(ctx, ctx.me)
    data = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    return Reply(ctx.t("exported"), files=(File("unsent.json", data),))


@cog.command(writes=False)
async def forget(ctx: Context) -> Reply:
    """Ask once whether to erase everything."""
    buttons = (Button(ctx.t("erase"), "privacy.erase"), Button(ctx.t("keep"), "privacy.keep"))
    everywhere = [ctx.t("forget-everywhere")] if await _several(ctx) else []
    return Reply("\n\n".join([ctx.t("forget-sure"), *everywhere]), (buttons,))


@cog.action("keep", writes=False)
async def keep(ctx: Context) -> Reply:
    """Leave everything as it is."""
    return Reply(ctx.t("kept"), edit=True)


@cog.action("erase")
async def erase(ctx: Context) -> Reply:
    """Erase everything of the member, and say what that cannot reach."""
    everywhere = [ctx.t("erased-everywhere")] if await _several(ctx) else []
    for cog in ctx.cogs:
        for erased in cog.erasers:
            await erased(ctx, ctx.me)
    await people.erase(ctx.tx, ctx.me.id)
    ctx.tx.notes.add(SCRUB)
    ctx.member = None
    return Reply("\n\n".join([ctx.t("erased"), *everywhere]), edit=True)


async def _several(ctx: Context) -> bool:
    """Tell whether the member who calls speaks through more than one account."""
    return len(await people.linked(ctx.tx, ctx.me.id)) > 1
