"""What this is, who runs it, and where its words come from."""

from importlib.metadata import version

from bot import communities
from bot.cog import Cog, Context
from bot.model import Button, Reply, Role
from cogs.advice import source

cog = Cog("about")


@cog.command(access=Role.ANYONE, writes=False)
async def about(ctx: Context) -> Reply:
    """Say what this is, who runs it here, which version, where the words come from, and under which licence."""
    here = ctx.community or await communities.only(ctx.tx)
    credit = source.load(ctx.deck).credit
    operator = ctx.operator or ctx.t("join.preview-operator")
    runs = [ctx.t("here", community=here.name, responsible=here.responsible)] if here and here.responsible else []
    text = [ctx.t("text"), "\n".join([*runs, ctx.t("machine", operator=operator)]), ctx.t("words", credit=credit)]
    text.append(ctx.t("version", version=version("unsent")))
    return Reply("\n\n".join(text), ((Button(ctx.t("privacy"), "privacy"),),))
