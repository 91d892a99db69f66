"""What one can do here, in groups."""

from bot.adapter import ListedCommand
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role
from cogs import crisis

cog = Cog("help")


@cog.command(access=Role.ANYONE, glances=True, asks_roles=True, link="server")
async def help(ctx: Context) -> Reply:
    """List what this person can do here: first for whom it is, then what it does."""
    mine = {Role.ANYONE, *ctx.roles, *([Role.MEMBER] if ctx.member else [])}
    groups = (
        ("for-anyone", Role.ANYONE),
        ("for-members", Role.MEMBER),
        ("for-coaches", Role.COACH),
        ("for-owners", Role.OWNER),
    )
    shown = [
        _group(ctx.t(key), [each for each in ctx.listing if each.role is role]) for key, role in groups if role in mine
    ]
    first = Button(ctx.t("core.join"), "join") if ctx.member is None else Button(ctx.t("core.ask-a-coach"), "ask")
    return Reply("\n\n".join([ctx.t("first"), *shown]), ((first, crisis.button(ctx.t)),))


def _group(title: str, commands: list[ListedCommand]) -> str:
    return "\n".join([title, *(f"/{each.name} · {each.short}" for each in commands)])
