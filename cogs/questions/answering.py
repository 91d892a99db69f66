"""Answering: what a coach writes goes out in a minute, and what came of it is shown at the desk."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from bot.cog import Answer, Arg, Context, Fate, Work
from bot.model import Button, Field, Form, Reply, Role
from bot.outbox import Lane
from cogs import coaches, totals
from cogs.questions import asker, desk, ends, mine
from cogs.questions.store import (
    LENGTH,
    Line,
    Said,
    State,
    add_line,
    at_this_desk,
    card_of,
    carried,
    cog,
    desk_name,
    drop_line,
    move_on,
    private,
    questions,
    thread,
)

UNDO = timedelta(seconds=60)


async def open_answer(ctx: Context) -> Answer:
    """Open the form for a coach, unless someone has answered meanwhile."""
    question = await at_this_desk(ctx, ctx.call.args[0] if ctx.call.args else "")
    if question["state"] != State.WAITING:
        return Reply(ctx.t("answered-meanwhile"))
    return Form("answer", (Field("answer", long=True, max=LENGTH),), "questions.answer", (question["id"],))


@cog.form("answer", private=False, access=Role.COACH, before=open_answer)
async def answer(ctx: Context, question: str, answer: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Let an answer go out in a minute; the first one counts."""
    asked = await at_this_desk(ctx, question)
    if not await move_on(ctx.tx, question, State.ANSWERING, State.WAITING):
        return Reply(ctx.t("answered-meanwhile"))
    say, name = ctx.texts.speaker(None, "questions"), await coaches.signature(ctx)
    line = await add_line(ctx, question, Said.ANSWER, answer, coach=coaches.key(ctx).hex(), name=name)
    coach = say("signed-by", name=name) if name else say("signed-by-nobody")
    reply = await asker.veiled(ctx, asked, mine.arrives(await asker.speaker(ctx, asked), asked, line))
    await ctx.outbox.send(
        private(asked),
        reply,
        name=carried(question),
        lane=Lane.ANSWER,
        due=ctx.now + UNDO,
        settled="questions.answered",
        keep=False,
    )
    fate = say("going-out", seconds=int(UNDO.total_seconds()), coach=coach)
    going = desk.done(ctx, asked, answer, fate, (Button(ctx.t("undo"), "questions.undo", [question]),))
    await ctx.outbox.edit(desk_name(question, card_of(asked).messages), going)
    return replace(going, edit=True)


@cog.action("undo", private=False, access=Role.COACH)
async def undo(ctx: Context, question: str) -> Reply:
    """Take an answer back that has not gone out yet."""
    asked = await at_this_desk(ctx, question)
    if asked["state"] != State.ANSWERING or not await ctx.outbox.cancel(carried(question)):
        return Reply(ctx.t("too-late"), edit=True)
    await move_on(ctx.tx, question, State.WAITING, State.ANSWERING)
    if line := await _last_answer(ctx, question):
        await drop_line(ctx.tx, line)
    waits = await desk.standing(ctx, asked | {"state": State.WAITING})
    await ctx.outbox.edit(desk_name(question, card_of(asked).messages), waits)
    return replace(waits, edit=True)


@cog.settled("answered")
async def answered(work: Work, subject: str, fate: Fate) -> None:
    """Show at the desk what became of the answer."""
    id = subject.split("-")[1]
    asked = await work.tx.row(questions, questions.c.id == id)
    line = await _last_answer(work, id)
    if asked is None or line is None:
        return
    if fate == "sent" and await work.tx.update(
        questions, {"id": id}, questions.c.state != State.ANSWERED, state=State.ANSWERED
    ):
        await totals.add(work, asked["community"], "answered")
        await ends.answered(work, asked)
    said = work.texts.say(None, "questions", f"fate-{fate}")
    await work.outbox.edit(desk_name(id, card_of(asked).messages), desk.done(work, asked, line.text, said))


async def _last_answer(work: Work, id: str) -> Line | None:
    return next((each for each in reversed(await thread(work.tx, id)) if each.kind is Said.ANSWER), None)
