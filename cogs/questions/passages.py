"""What a coach may begin an answer with: passages that are ready, and what was published of questions like it."""

from bot.cog import Answer, Context
from bot.communities import Community
from bot.errors import UserError
from bot.model import MENU_LABEL, Button, Menu, Option, Reply, Role, clip
from bot.model import Row as Buttons
from bot.store import Row
from cogs import faq, snippets
from cogs.questions import desk
from cogs.questions.answering import form
from cogs.questions.claiming import at_desk
from cogs.questions.store import cog

SHOWN = 8  # passages at once: on Telegram each is a row of its own


@cog.action("passages", private=False, quiet=True, access=Role.COACH)
async def passages(ctx: Context, question: str) -> Reply:
    """Show the passages that have some of a question's words."""
    row = await at_desk(ctx, question)
    say = ctx.texts.speaker(None, "questions")
    found = (await snippets.found(ctx, row["text"]))[:SHOWN]
    back: Buttons = (Button(say("back"), "questions.show", [question]),)
    if not found:
        return await desk.seen(ctx, row, say("no-passages"), back)
    options = tuple(Option(id, clip(title, MENU_LABEL)) for id, title, _ in found)
    menu = Menu(say("pick-passage"), "questions.passage", options, (question,))
    return await desk.seen(ctx, row, say("passages-for"), (menu,), back)


async def open_passage(ctx: Context) -> Answer:
    """Open the form for an answer, with a passage in it."""
    question, id = (*ctx.call.args, "", "")[:2]
    row = await at_desk(ctx, question)
    text = await snippets.text_of(ctx, id)
    if text is None:
        raise UserError("passage-gone")
    return await form(ctx, row, text)


@cog.form("passage", private=False, access=Role.COACH, before=open_passage, quiet=True, opening_writes=True)
async def passage(ctx: Context, question: str, id: str) -> Reply:
    """Stand for the form that a passage opens: that goes where an answer goes."""
    return await desk.seen(ctx, await at_desk(ctx, question), ctx.t("left-as-it-is"))


async def similar(ctx: Context, community: Community, row: Row) -> tuple[Buttons, ...]:
    """Return a menu of what was published of questions like this one; none where there is nothing."""
    found = await faq.similar(ctx.tx, community, row["text"])
    if not found:
        return ()
    say = ctx.texts.speaker(None, "questions")
    options = tuple(Option(each.id, clip(desk.quote(each.question), MENU_LABEL)) for each in found)
    return ((Menu(say("similar"), "faq.show", options),),)
