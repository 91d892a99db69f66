"""Publishing a question and its answer: worded by a coach, and only with the asker's yes to that wording.

What the asker said is shown at the desk as late as what became of an answer; a no is no more than "not published".
"""

import json
from typing import Annotated, Any

from bot import communities
from bot.cog import Answer, Arg, Context
from bot.errors import UserError
from bot.model import Button, Field, Form, Reply, Role, clip
from bot.outbox import Lane
from cogs import coaches, crisis, faq
from cogs.questions import answering, asker, desk, fates
from cogs.questions.claiming import at_desk, mine
from cogs.questions.store import Line, Said, add_line, carried, change_line, cog, line_of, lines, private, thread
from cogs.questions.store import mine as asked_by_me

QUESTION, ANSWER = 1100, 2400  # characters: both fit into one message, with the words that ask for the asker's yes


async def open_publish(ctx: Context) -> Answer:
    """Open the form with the question and its last answer, or say why it is not to be."""
    row = await at_desk(ctx, ctx.call.args[0] if ctx.call.args else "")
    said = await thread(ctx.tx, row["id"])
    _check_not_asked(said)
    answer = next((line.text for line in reversed(said) if line.kind is Said.ANSWER), None)
    if answer is None:
        raise UserError("publish-nothing")
    return Form(
        "publish",
        (
            Field("question", long=True, max=QUESTION, value=clip(row["text"], QUESTION)),
            Field("answer", long=True, max=ANSWER, value=clip(answer, ANSWER)),
        ),
        "questions.publish",
        (row["id"],),
    )


@cog.form("publish", private=False, access=Role.COACH, before=open_publish, quiet=True, opening_writes=True)
async def publish(
    ctx: Context, id: str, question: Annotated[str, Arg(max=QUESTION)], answer: Annotated[str, Arg(max=ANSWER)]
) -> Reply:
    """Ask the asker whether it may be published in this wording."""
    row = await at_desk(ctx, id)
    _check_not_asked(await thread(ctx.tx, id))
    if why := answering.refused(answer):
        raise UserError(f"refused-{why}")
    faq.check(question, answer)
    wording = json.dumps({"question": question, "answer": answer}, ensure_ascii=False)
    line = await add_line(ctx, id, Said.PUBLISH, wording, coach=mine(ctx), name=await coaches.signature(ctx))
    say = ctx.texts.speaker(None, "questions")
    buttons = (
        Button(say("yes-publish"), "questions.may", [id, line.id]),
        Button(say("no-publish"), "questions.may_not", [id, line.id]),
        crisis.button(say),
    )
    await ctx.outbox.send(
        private(row),
        await asker.veiled(ctx, row, Reply(say("may-publish", question=question, answer=answer), (buttons,))),
        name=f"{carried(id)}-{line.id}",
        subject=carried(id),
        lane=Lane.ANSWER,
        keep=False,
    )
    await desk.refresh(ctx, row)
    return await desk.seen(ctx, row, ctx.t("publish-asked"))


@cog.action("may")
async def may(ctx: Context, question: str, wording: str) -> Reply:
    """Publish it, and give the asker the code that takes it down."""
    decided = await _decided(ctx, question, wording, "yes")
    if decided is None:
        return Reply(ctx.t("publish-decided"), edit=True)
    line, community = decided
    published: dict[str, Any] = json.loads(line.text)
    here = await communities.load(ctx.tx, community)
    code = await faq.publish(ctx, here, published["question"], published["answer"], line.name)
    return Reply(ctx.t("published", code=code), edit=True)


@cog.action("may_not")
async def may_not(ctx: Context, question: str, wording: str) -> Reply:
    """Do not publish it."""
    decided = await _decided(ctx, question, wording, "no")
    return Reply(ctx.t("publish-thanks" if decided else "publish-decided"), edit=True)


async def _decided(ctx: Context, question: str, wording: str, fate: str) -> tuple[Line, str] | None:
    """Note once what the asker said, and forget the wording; return that and the community, or None if it is too late.

    Raises UserError where it is not their question, or not there any more.
    """
    row = await asked_by_me(ctx, question)
    line = await line_of(ctx.tx, question, wording)
    if line is None or line.kind is not Said.PUBLISH or line.fate is not None:
        return None
    if not await ctx.tx.delete(lines, lines.c.id == line.id):
        return None
    kept = await add_line(ctx, question, Said.PUBLISH, "", coach=line.coach, name=line.name)
    await change_line(ctx.tx, kept, fate=fate)
    await ctx.due.at(fates.FATE, question, fates.shown_at(ctx))
    return line, row["community"]


def _check_not_asked(said: list[Line]) -> None:
    """Raise UserError where the asker has been asked before: nobody is asked twice."""
    asked = next((line for line in said if line.kind is Said.PUBLISH), None)
    if asked is not None:
        keys = {"yes": "publish-published", "no": "publish-refused"}
        raise UserError(keys.get(asked.told or "", "publish-asked-already"))
