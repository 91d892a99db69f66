"""Answering: what a coach writes goes out in a minute, and until then can be taken back."""

from datetime import datetime, timedelta
from functools import cache
from typing import Annotated

from bot.cog import Answer, Arg, Context, DueRow, Work
from bot.errors import UserError
from bot.model import Button, Field, Form, Reply, Role
from bot.outbox import Lane
from bot.store import Row
from cogs import coaches, crisis
from cogs.questions import asker, contact, desk, marks, watch
from cogs.questions.claiming import another_has, at_desk, mine, take
from cogs.questions.mine import arrives
from cogs.questions.store import (
    LENGTH,
    TOLD,
    Line,
    Said,
    State,
    add_line,
    at_this_desk,
    carried,
    change_line,
    cog,
    drop_line,
    line_of,
    move_on,
    private,
    thread,
    told_name,
)

UNDO = timedelta(seconds=60)
CHANGE = timedelta(minutes=15)  # after it has gone out: so long it can be worded anew
TEXT_KEPT = timedelta(hours=1)  # of what a coach has written and not sent
TEXTS = "questions.texts"


# -- writing


async def open_answer(ctx: Context) -> Answer:
    """Open the form, unless another coach has the question; that is said, and they can go on all the same."""
    row = await _open(ctx)
    if not ctx.call.text and (claim := another_has(ctx, row)):
        say = ctx.texts.speaker(None, "questions")
        who = say("claimed-by", coach=desk.by(say, claim.name), until=desk.until(row))
        return await desk.seen(
            ctx,
            row,
            who,
            (
                Button(say("answer-anyway"), "questions.anyway", [row["id"]]),
                Button(say("back"), "questions.show", [row["id"]]),
            ),
        )
    return await form(ctx, row)


async def open_anyway(ctx: Context) -> Answer:
    """Open the form, whoever has the question."""
    return await form(ctx, await _open(ctx), submit="questions.anyway")


async def form(ctx: Context, row: Row, text: str = "", submit: str = "questions.answer") -> Form:
    """Return the form for an answer, with `text` or else what they had written. It carries how many answers there are
    by now, so that another one is noticed.
    """
    said = await thread(ctx.tx, row["id"])
    drafts = [line.text for line in said if _is_draft(ctx, line) and line.fate == Said.ANSWER]
    field = Field("answer", long=True, max=LENGTH, value=text or next(iter(drafts), ""))
    return Form("answer", (field,), submit, (row["id"], str(sum(line.kind is Said.ANSWER for line in said))))


@cog.form(
    "answer",
    private=False,
    access=Role.COACH,
    before=open_answer,
    quiet=True,
    replied=True,
    opening_writes=True,
)
async def answer(
    ctx: Context, question: str, answer: Annotated[str, Arg(max=LENGTH)], seen: int | None = None
) -> Reply:
    """Let an answer go out in a minute, unless another coach has been at it meanwhile."""
    return await _answers(ctx, await at_desk(ctx, question), answer, seen)


@cog.form("anyway", private=False, access=Role.COACH, before=open_anyway, quiet=True, opening_writes=True)
async def anyway(
    ctx: Context, question: str, answer: Annotated[str, Arg(max=LENGTH)], seen: int | None = None
) -> Reply:
    """Let an answer go out in a minute though another coach has the question."""
    return await _answers(ctx, await at_desk(ctx, question), answer, seen, anyway=True)


async def _answers(ctx: Context, row: Row, text: str, seen: int | None, *, anyway: bool = False) -> Reply:
    if why := refused(text):
        return await held(ctx, row, Said.ANSWER, text, ctx.t(f"refused-{why}"))
    answers = [line for line in await thread(ctx.tx, row["id"]) if line.kind is Said.ANSWER]
    last = answers[-1] if answers and answers[-1].coach != mine(ctx) else None
    # Words that answer the message at the desk do not tell what they were written after.
    if last is not None and (last.fate is None if seen is None else len(answers) != seen):
        return await _meanwhile(ctx, row, Said.ANSWER, text, "answered-meanwhile", last.name)
    if not anyway and (claim := another_has(ctx, row)) is not None:
        return await _meanwhile(ctx, row, Said.ANSWER, text, "claimed-meanwhile", claim.name)
    if not await move_on(ctx.tx, row["id"], State.ANSWERING, State.WAITING, State.BACK, State.ANSWERED):
        answers = [line for line in await thread(ctx.tx, row["id"]) if line.kind is Said.ANSWER]
        if answers and answers[-1].fate is None and answers[-1].coach != mine(ctx):
            return await _meanwhile(ctx, row, Said.ANSWER, text, "answered-meanwhile", answers[-1].name)
    return await _goes(ctx, row, Said.ANSWER, text)


@cog.action("insist", private=False, access=Role.COACH)
async def insist(ctx: Context, question: str, text: str) -> Reply:
    """Let go out what was held back because another coach had been at it."""
    row = await at_desk(ctx, question)
    draft = await _draft(ctx, question, text)
    return await _goes(ctx, row, Said(draft.fate or Said.ANSWER), draft.text)


async def open_again(ctx: Context) -> Answer:
    """Open the form with what was written and not sent."""
    row = await _open(ctx)
    draft = await _draft(ctx, row["id"], ctx.call.args[1] if len(ctx.call.args) > 1 else "")
    if draft.fate == Said.BACK:
        return _back_form(row, draft.text)
    return await form(ctx, row, draft.text, "questions.anyway")


@cog.form("again", private=False, access=Role.COACH, before=open_again, quiet=True, opening_writes=True)
async def again(ctx: Context, question: str, text: str) -> Reply:
    """Stand for the form that is opened with what was written: that goes where an answer goes."""
    return await desk.seen(ctx, await at_desk(ctx, question), ctx.t("left-as-it-is"))


@cog.form("back", Field("text", long=True, max=LENGTH), private=False, access=Role.COACH, quiet=True)
async def back(ctx: Context, question: str, text: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Ask the asker something; it goes out in a minute, as an answer does."""
    row = await at_desk(ctx, question)
    if (claim := another_has(ctx, row)) is not None:
        return await _meanwhile(ctx, row, Said.BACK, text, "claimed-meanwhile", claim.name)
    return await _goes(ctx, row, Said.BACK, text)


# -- on its way


async def _goes(ctx: Context, row: Row, kind: Said, text: str) -> Reply:
    """Have it said to the asker in a minute, and show a coach what will be there."""
    id, say = row["id"], ctx.texts.speaker(None, "questions")
    if row["state"] == State.CLOSED:
        raise UserError("closed-already")
    if why := refused(text):
        return await held(ctx, row, kind, text, ctx.t(f"refused-{why}"))
    state = State.BACK if kind is Said.BACK else State.ANSWERING
    open = (State.WAITING, State.BACK, State.ANSWERED, State.ANSWERING)
    if not await move_on(ctx.tx, id, state, *open):
        raise UserError("closed-already")
    for draft in [each for each in await thread(ctx.tx, id) if _is_draft(ctx, each)]:
        await drop_line(ctx.tx, draft)
    name = await coaches.signature(ctx)
    line = await add_line(ctx, id, kind, text, coach=mine(ctx), name=name)
    await take(ctx, id)
    await (watch.answered(ctx, row, mine(ctx)) if kind is Said.ANSWER else watch.spoke(ctx, row["community"]))
    await ctx.outbox.send(
        private(row),
        await told(ctx, row, line),
        name=told_name(id, line.id),
        subject=carried(id),
        lane=Lane.ANSWER,
        due=ctx.now + UNDO,
        settled="questions.answered",
    )
    await desk.refresh(ctx, await at_this_desk(ctx, id))
    soon = say("going-out", seconds=int(UNDO.total_seconds()), coach=asker.signed(say, line))
    following = (Button(say("next"), "questions.next"),)
    return Reply(f"{soon}\n\n{_preview(ctx, line)}", (_can_still(ctx, id, line), following), edit=True)


async def told(work: Work, row: Row, line: Line) -> Reply:
    """Return what the asker is told, as it comes to them."""
    return await asker.veiled(work, row, arrives(await asker.speaker(work, row), row, line))


def _preview(work: Work, line: Line) -> str:
    """Return what the asker will see, but for their own words: this message is not taken away with the question."""
    say = work.texts.speaker(None, "questions")
    return asker.words(say, line, say("their-words"))


def _can_still(ctx: Context, id: str, line: Line) -> tuple[Button, ...]:
    return (
        Button(ctx.t("undo"), "questions.undo", [id, line.id]),
        Button(ctx.t("edit"), "questions.change", [id, line.id]),
    )


@cog.action("undo", private=False, access=Role.COACH)
async def undo(ctx: Context, question: str, text: str) -> Reply:
    """Take back what has not gone out yet; it is given back to be worded anew."""
    row = await at_desk(ctx, question)
    line = await line_of(ctx.tx, question, text)
    draft = await _take_back(ctx, row, line) if line else None
    if draft is None:
        return await desk.seen(ctx, row, ctx.t("too-late"))
    row = await at_this_desk(ctx, question)
    if await desk.stands_at(ctx, question):
        return await desk.seen(ctx, row, "")
    edit = Button(ctx.t("edit"), "questions.again", [question, draft.id])
    return Reply(ctx.t("taken-back", text=draft.text), ((edit,),), edit=True)


async def open_change(ctx: Context) -> Answer:
    """Open the form with what is on its way, which is held back by that, or with what has gone out just now."""
    row = await at_desk(ctx, ctx.call.args[0] if ctx.call.args else "")
    line = await line_of(ctx.tx, row["id"], ctx.call.args[1] if len(ctx.call.args) > 1 else "")
    if line is not None and (draft := await _take_back(ctx, row, line)):
        return _back_form(row, draft.text) if line.kind is Said.BACK else await form(ctx, row, draft.text)
    if line is None or not _changeable(line, ctx.now):
        return await desk.seen(ctx, row, ctx.t("too-late-to-change"))
    return Form("answer", (Field("answer", long=True, max=LENGTH, value=line.text),), "questions.change", ctx.call.args)


@cog.form("change", private=False, access=Role.COACH, before=open_change, quiet=True, opening_writes=True)
async def change(ctx: Context, question: str, text: str, answer: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Word anew, at the asker's too, what has gone out within the last quarter of an hour."""
    row = await at_desk(ctx, question)
    line = await line_of(ctx.tx, question, text)
    if line is None or not _changeable(line, ctx.now):
        return await held(ctx, row, Said.ANSWER, answer, ctx.t("too-late-to-change"))
    if why := refused(answer):
        return await held(ctx, row, Said.ANSWER, answer, ctx.t(f"refused-{why}"))
    changed = await change_line(ctx.tx, line, text=answer)
    await ctx.outbox.edit(told_name(question, line.id), await told(ctx, row, changed))
    await desk.refresh(ctx, row)
    return Reply(f"{ctx.t('changed')}\n\n{_preview(ctx, changed)}", edit=True)


def _back_form(row: Row, text: str) -> Form:
    return Form("back", (Field("text", long=True, max=LENGTH, value=text),), "questions.back", (row["id"],))


def _changeable(line: Line, now: datetime) -> bool:
    return line.kind in TOLD and now <= line.at + UNDO + CHANGE


async def _take_back(ctx: Context, row: Row, line: Line) -> Line | None:
    """Take back what has not gone out, and keep it for a while as what was not sent; None where it is too late.

    What is held for somebody who cannot be reached has gone out, for a coach: else one could tell by trying.
    """
    if line.kind is Said.WORD or line.fate is not None or not await ctx.outbox.cancel(told_name(row["id"], line.id)):
        return None
    await drop_line(ctx.tx, line)
    if line.kind is Said.ANSWER and line.coach:
        await watch.answered(ctx, row, line.coach, -1)
    rest = desk.resting(await thread(ctx.tx, row["id"]))
    await move_on(ctx.tx, row["id"], rest, State.ANSWERING, State.BACK)
    await desk.refresh(ctx, await at_this_desk(ctx, row["id"]))
    return await _kept(ctx, row["id"], line.kind, line.text)


# -- what is written and not sent


async def _meanwhile(ctx: Context, row: Row, kind: Said, text: str, key: str, name: str | None) -> Reply:
    """Say that another coach has been at it, before anything is sent."""
    draft = await _kept(ctx, row["id"], kind, text)
    insist = Button(ctx.t("send-anyway"), "questions.insist", [row["id"], draft.id])
    return _given_back(ctx, row, draft, ctx.t(key, coach=desk.by(ctx.t, name)), insist)


async def held(ctx: Context, row: Row, kind: Said, text: str, why: str) -> Reply:
    """Say why something is not sent, and give it back."""
    return _given_back(ctx, row, await _kept(ctx, row["id"], kind, text), why)


def _given_back(ctx: Context, row: Row, draft: Line, why: str, *buttons: Button) -> Reply:
    again = Button(ctx.t("edit"), "questions.again", [row["id"], draft.id])
    return Reply(ctx.t("not-sent", why=why, text=draft.text), ((*buttons, again),), edit=True)


async def _kept(ctx: Context, id: str, kind: Said, text: str) -> Line:
    """Keep for an hour what a coach has written and not sent, in the place of what they had written before."""
    for draft in [each for each in await thread(ctx.tx, id) if _is_draft(ctx, each)]:
        await drop_line(ctx.tx, draft)
    await ctx.due.at(TEXTS, id, ctx.now + TEXT_KEPT)
    draft = await add_line(ctx, id, Said.DRAFT, text, coach=mine(ctx))
    return await change_line(ctx.tx, draft, fate=kind)


async def _draft(ctx: Context, id: str, draft: str) -> Line:
    line = await line_of(ctx.tx, id, draft)
    if line is None or not _is_draft(ctx, line):
        raise UserError("text-gone")
    return line


def _is_draft(ctx: Context, line: Line) -> bool:
    return line.kind is Said.DRAFT and line.coach == mine(ctx)


@cog.due("texts")
async def texts(work: Work, row: DueRow) -> datetime | None:
    """Drop what coaches have written and not sent within the hour."""
    left = [line for line in await thread(work.tx, row.key) if line.kind is Said.DRAFT]
    for line in (each for each in left if each.at <= work.now - TEXT_KEPT):
        await drop_line(work.tx, line)
    return min((line.at + TEXT_KEPT for line in left if line.at > work.now - TEXT_KEPT), default=None)


def refused(text: str) -> str | None:
    """Return why what a coach wrote is not sent, as the end of a text's key, or None."""
    return contact.refuse(text, _help_lines(), marks.regions())


@cache
def _help_lines() -> contact.Allowed:
    return contact.allowed(crisis.lines())


async def _open(ctx: Context) -> Row:
    row = await at_desk(ctx, ctx.call.args[0] if ctx.call.args else "")
    if row["state"] == State.CLOSED:
        raise UserError("closed-already")
    return row
