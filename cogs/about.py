"""What this is, who runs it, and where its words come from; and the deck, for those who write it."""

from importlib.metadata import version

from bot import communities
from bot.cog import Cog, Context, Work
from bot.model import Button, Reply, Role
from cogs.advice import proof, source
from cogs.advice.deck import load

cog = Cog("about")
cog.checks(proof.check)
cog.shows(proof.show)
cog.covers(proof.coverage)
cog.samples(proof.samples)


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


@cog.start
async def read(work: Work) -> None:
    """Read the deck. Raises DeclarationError where it is not right: better now than to whoever asks for advice."""
    load(work.deck)
    source.load(work.deck)
