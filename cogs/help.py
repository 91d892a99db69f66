"""What one can do here, in groups."""

from bot.adapter import ListedCommand
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role
from cogs import crisis

cog = Cog("help")


@cog.command(access=Role.ANYONE, writes=False)
async def help(ctx: Context) -> Reply:
    """List the commands: first for whom they are, then what they do."""
    groups = (
        ("for-anyone", [each for each in ctx.listing if each.role is Role.ANYONE]),
        ("for-members", [each for each in ctx.listing if each.role is Role.MEMBER]),
        ("for-coaches", [each for each in ctx.listing if each.role is Role.COACH]),
        ("for-owners", [each for each in ctx.listing if each.role is Role.OWNER]),
    )
    text = "\n\n".join([ctx.t("first"), *(_group(ctx.t(key), commands) for key, commands in groups if commands)])
    first = Button(ctx.t("core.join"), "join") if ctx.member is None else Button(ctx.t("core.ask-a-coach"), "ask")
    return Reply(text, ((first, crisis.button(ctx.t)),))


def _group(title: str, commands: list[ListedCommand]) -> str:
    return "\n".join([title, *(f"/{each.name} · {each.short}" for each in commands)])
