"""What this is, who runs it, and where its words come from."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bot import communities
from bot.cog import Cog, Context
from bot.model import TEXT, Button, Reply, Role, clip, length
from cogs.advice import source, whose

OTHERS = 1000  # characters for what is only called by name

cog = Cog("about")


@cog.command(access=Role.ANYONE, writes=False)
async def about(ctx: Context) -> Reply:
    """Say what this is, who runs it here, which version, where the words come from, and under which licence."""
    here = ctx.community or await communities.only(ctx.tx)
    operator = ctx.operator or ctx.t("join.preview-operator")
    runs = [ctx.t("here", community=here.name, responsible=here.responsible)] if here and here.responsible else []
    first = [ctx.t("text"), "\n".join([*runs, ctx.t("machine", operator=operator)])]
    last = ctx.t("version", version=version("unsent"))
    room = TEXT - length("\n\n".join([*first, last]))
    text = [*first, *_credits(ctx, await whose.about(ctx), room), last]
    return Reply("\n\n".join(text), ((Button(ctx.t("privacy"), "privacy"),),))


def _credits(ctx: Context, decks: Sequence[Path], room: int) -> list[str]:
    """Return whom the decks are owed to, as many as there is room for: of the others it is what they are called."""
    sources = [source.load(deck) for deck in decks]
    if len(sources) == 1:
        return [ctx.t("words", credit=sources[0].credit)]
    said: list[str] = []
    for count in range(len(sources), -1, -1):
        said = [ctx.t("words-of", name=each.name, credit=each.credit) for each in sources[:count]]
        if others := ", ".join(each.name for each in sources[count:]):
            said.append(ctx.t("words-others", names=clip(others, OTHERS)))
        if length("\n\n".join(["", *said, ""])) <= room:
            break
    return said
