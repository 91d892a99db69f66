"""What is kept and who can read it; take it all with you; have it all erased, or let a year of silence do it."""

from bot import people
from bot.cog import Context
from bot.model import Button, Reply, Role
from cogs.privacy import export, silence
from cogs.privacy.sheets import listed
from cogs.privacy.store import cog, erase_everything, everything, words_for

__all__ = ["cog", "export", "silence"]


@cog.command(access=Role.ANYONE, writes=False)
async def privacy(ctx: Context) -> Reply:
    """Say what is kept, where, how long, who can read it, and what we cannot protect against."""
    operator = ctx.operator or ctx.t("join.preview-operator")
    rows = ((Button(ctx.t("back"), "join"),),) if ctx.member is None else ()
    return Reply(ctx.t("text", operator=operator, platform=ctx.call.account.platform), rows)


@cog.command(writes=False)
async def forget(ctx: Context) -> Reply:
    """Ask once whether to erase everything."""
    buttons = (Button(ctx.t("erase"), "privacy.erase"), Button(ctx.t("keep"), "privacy.keep"))
    everywhere = [ctx.t("forget-everywhere")] if await _several(ctx) else []
    text = "\n\n".join([ctx.t("forget-sure"), *everywhere])
    return Reply(text, (buttons, (Button(ctx.t("export-first"), "export"),)))


@cog.action("keep", writes=False)
async def keep(ctx: Context) -> Reply:
    """Leave everything as it is."""
    return Reply(ctx.t("kept"), edit=True)


@cog.action("erase")
async def erase(ctx: Context) -> Reply:
    """Erase everything of the member, and say what that was and what it cannot reach."""
    gone, everywhere = await _counted(ctx), [ctx.t("erased-everywhere")] if await _several(ctx) else []
    await erase_everything(ctx, ctx.me)
    ctx.member = None
    erased = ctx.t("erased-with", what="\n".join(f"• {each}" for each in gone)) if gone else ctx.t("erased")
    return Reply("\n\n".join([erased, *everywhere, ctx.t("not-reached")]), edit=True)


async def _several(ctx: Context) -> bool:
    """Tell whether the member who calls speaks through more than one account."""
    return len(await people.linked(ctx.tx, ctx.me.id)) > 1


async def _counted(ctx: Context) -> list[str]:
    """Return how much there is of what people know as theirs, in words; of what there is none, nothing."""
    found: list[str] = []
    for name, value in (await everything(ctx, ctx.me)).items():
        key, count = f"gone-{name}", len(listed(value))
        say = words_for(ctx, ctx.locale, key) if count else None
        found += [say(key, count=count)] if say else []
    return found
