"""What else coaches do with a question: mark it urgent, note something, close it, block its asker."""

from enum import StrEnum
from typing import Annotated

from bot.cog import Arg, Context
from bot.errors import UserError
from bot.model import Button, Field, Reply, Role
from bot.outbox import Lane
from bot.store import Row
from cogs import coaches
from cogs.questions import answering, desk
from cogs.questions.blocking import block
from cogs.questions.claiming import at_desk, mine
from cogs.questions.store import (
    OPEN_STATES,
    Said,
    State,
    add_line,
    at_this_desk,
    card_of,
    carried,
    close_row,
    cog,
    move_on,
    private,
    set_card,
    thread,
    told_name,
)

NOTE = 500
WORD = 1000


class Days(StrEnum):
    """For how long somebody is kept from asking."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"


@cog.action("more", private=False, quiet=True, access=Role.COACH)
async def more(ctx: Context, question: str) -> Reply:
    """Show what else can be done."""
    row = await at_desk(ctx, question)
    say, id = ctx.texts.speaker(None, "questions"), (question,)
    urgent = "not-urgent" if card_of(row).urgent else "urgent"
    return await desk.seen(
        ctx,
        row,
        say("more-of", alias=card_of(row).alias or say("desk-nameless")),
        (
            Button(say("hand"), "questions.hand", id),
            Button(say(urgent), "questions.urgent", id),
            Button(say("note"), "questions.note", id),
            Button(say("passages"), "questions.passages", id),
        ),
        (
            Button(say("publish"), "questions.publish", id),
            Button(say("close"), "questions.close", id),
            Button(say("block"), "questions.block", id),
        ),
        (Button(say("back"), "questions.show", id),),
    )


@cog.action("urgent", private=False, access=Role.COACH)
async def urgent(ctx: Context, question: str) -> Reply:
    """Put a question before the others, or no more."""
    row = await at_desk(ctx, question)
    row = await set_card(ctx.tx, row, urgent=not card_of(row).urgent)
    await desk.refresh(ctx, row)
    return await desk.seen(ctx, row, ctx.t("now-urgent" if card_of(row).urgent else "now-not-urgent"))


@cog.form("note", Field("text", long=True, max=NOTE), private=False, access=Role.COACH, quiet=True)
async def note(ctx: Context, question: str, text: Annotated[str, Arg(max=NOTE)]) -> Reply:
    """Note something for the other coaches. The asker never sees it."""
    row = await at_desk(ctx, question)
    await noted(ctx, row, text)
    return await desk.seen(ctx, row, ctx.t("noted"))


async def noted(ctx: Context, row: Row, text: str) -> None:
    """Add a note, and show it at every desk."""
    await add_line(ctx, row["id"], Said.NOTE, text, coach=mine(ctx), name=await coaches.signature(ctx))
    await desk.refresh(ctx, row)


# -- closing


@cog.action("close", private=False, quiet=True, access=Role.COACH)
async def close(ctx: Context, question: str) -> Reply:
    """Ask once whether a question is to be closed, and with a word to the asker or without."""
    row = await at_desk(ctx, question)
    say = ctx.texts.speaker(None, "questions")
    buttons = (
        Button(say("close-with"), "questions.word", [question]),
        Button(say("close-without"), "questions.shut", [question]),
        Button(say("back"), "questions.show", [question]),
    )
    return await desk.seen(ctx, row, say("sure-close"), buttons)


@cog.action("shut", private=False, access=Role.COACH)
async def shut(ctx: Context, question: str) -> Reply:
    """Close it without a word."""
    return await _closed(ctx, await at_desk(ctx, question))


@cog.form("word", Field("text", long=True, max=WORD), private=False, access=Role.COACH, quiet=True)
async def word(ctx: Context, question: str, text: Annotated[str, Arg(max=WORD)]) -> Reply:
    """Close it, and tell the asker something."""
    row = await at_desk(ctx, question)
    if why := answering.refused(text):
        return await answering.held(ctx, row, Said.WORD, text, ctx.t(f"refused-{why}"))
    closed = await _closed(ctx, row)
    line = await add_line(ctx, question, Said.WORD, text, coach=mine(ctx), name=await coaches.signature(ctx))
    reply = await answering.told(ctx, row, line)
    await ctx.outbox.send(
        private(row),
        reply,
        name=told_name(question, line.id),
        subject=carried(question),
        lane=Lane.ANSWER,
        settled="questions.answered",
    )
    await desk.refresh(ctx, await at_this_desk(ctx, question))
    return closed


async def _closed(ctx: Context, row: Row) -> Reply:
    """Close a question. Raises UserError where it is closed, or an answer is on its way: that is taken back first."""
    if row["state"] == State.ANSWERING and desk.pending(await thread(ctx.tx, row["id"])):
        raise UserError("answer-on-its-way")
    if not await move_on(ctx.tx, row["id"], State.CLOSED, *OPEN_STATES, State.ANSWERED):
        raise UserError("closed-already")
    await close_row(ctx, row)
    row = await at_this_desk(ctx, row["id"])
    await desk.refresh(ctx, row)
    return await desk.seen(ctx, row, ctx.t("desk-closed"))


# -- blocking


@cog.action("block", private=False, quiet=True, access=Role.COACH)
async def ask_block(ctx: Context, question: str) -> Reply:
    """Ask for how long whoever asked may ask nothing here."""
    row = await at_desk(ctx, question)
    say = ctx.texts.speaker(None, "questions")
    days = tuple(Button(say("block-days", days=int(each)), "questions.keep_out", [question, each]) for each in Days)
    return await desk.seen(ctx, row, say("sure-block"), days, (Button(say("back"), "questions.show", [question]),))


@cog.action("keep_out", private=False, access=Role.COACH)
async def keep_out(ctx: Context, question: str, days: Days) -> Reply:
    """Let whoever asked ask nothing here for a while. Nobody learns who it is."""
    row = await at_desk(ctx, question)
    await block(ctx, row, int(days))
    say = ctx.texts.speaker(None, "questions")
    await noted(ctx, row, say("blocked-note", days=int(days)))
    return await desk.seen(ctx, row, say("blocked-note", days=int(days)))
