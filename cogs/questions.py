"""Anonymous questions: asked by a member, answered by a coach at the desk, carried back; the desk never learns by whom.

Nothing in the database ties a question to its asker without the key: the asker is sealed in the question's row, and the
member's row holds, sealed and always equally long, which questions are theirs.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from sqlalchemy import Column, ForeignKey, String

from bot import clock, communities
from bot.cog import Answer, Arg, Cog, Context, DueRow, Fate, Work
from bot.communities import Community, Spot
from bot.errors import UserError
from bot.model import (
    JSON,
    MENU_LABEL,
    MENU_OPTIONS,
    Account,
    Button,
    Field,
    Form,
    Menu,
    Option,
    Place,
    Reply,
    Role,
    length,
)
from bot.model import Row as Buttons
from bot.outbox import Lane
from bot.people import Member, members
from bot.store import ID, Holds, Instant, Row, Sealed, Tx, new_id
from cogs import coaches, crisis, screening, totals

LENGTH = 3000  # of a question and of an answer: with the words around it, one message on every platform
SIZE = 4096  # bytes: texts of the same question, kept with the member and without, must not be told by their lengths
OPEN = 3  # questions a member may have waiting at once
UNDO = timedelta(seconds=60)
DRAFT_KEPT = timedelta(hours=1)
DROP_DRAFT = "questions.drop_draft"
QUOTED = 120  # characters of the question shown above its answer

cog = Cog("questions")


class State(StrEnum):
    """Where a question stands."""

    WAITING = "waiting"
    ANSWERING = "answering"  # an answer is on its way
    ANSWERED = "answered"
    CLOSED = "closed"  # the desk did not take it


drafts = cog.table(
    "drafts",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False),
    Column("text", Sealed(SIZE), nullable=False),
    Column("community", ID),  # whose coaches it is for
)

questions = cog.table(
    "questions",
    Column("id", ID, primary_key=True),
    Column("community", ID, ForeignKey(communities.communities.c.id, ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked", Instant, nullable=False),  # rounded to the hour
    Column("asker", Sealed(160), nullable=False),  # member, platform, address
    Column("text", Sealed(SIZE), nullable=False),
    Column("answer", Sealed(SIZE)),
    holds=Holds.HOOKS,
)

askers = cog.table(
    "askers",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("asked", Sealed(2048), nullable=False),  # the ids of their questions
)


async def open_ask(ctx: Context) -> Answer:
    """Open the form, for the coaches of the one community that can be meant, or ask of which."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if await _waiting(ctx.tx, ctx.me) >= OPEN:
        return Reply(ctx.t("enough-open", open=OPEN), ((crisis.button(ctx.t),),))
    return _form("ask", theirs[0].id) if len(theirs) == 1 else await _which(ctx, theirs, ctx.call.text)


async def preview(ctx: Context, text: str) -> Reply:
    """Show what the coaches would see of `text`, or ask whose coaches; only Send sends it.

    It stands below what was there, and is not screened: whoever calls this has done so.
    """
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    if await _waiting(ctx.tx, ctx.me) >= OPEN:
        return Reply(ctx.t("enough-open", open=OPEN), ((crisis.button(ctx.t),),))
    if len(theirs) > 1:
        return await _which(ctx, theirs, text)
    return replace(await _preview(ctx, text, theirs[0]), edit=False)


@cog.action("see")
async def see(ctx: Context, source: str, id: str) -> Reply:
    """Show what the coaches would see of something that was written elsewhere; see Cog.reads."""
    read = next((each.readers[source] for each in ctx.cogs if source in each.readers), None)
    text = await read(ctx, id) if read else None
    return await preview(ctx, text) if text else Reply(ctx.t("written-gone"), ((crisis.button(ctx.t),),))


async def _which(ctx: Context, theirs: list[Community], text: str) -> Reply:
    """Ask whose coaches are meant, with a draft where there is a text already."""
    if text:
        await _keep_draft(ctx, text, None)
    options = tuple(Option(each.id, _clip(each.name, MENU_LABEL)) for each in theirs[:MENU_OPTIONS])
    return Reply(ctx.t("which-coaches"), ((Menu(ctx.t("coaches-of"), "questions.to" if text else "ask", options),),))


async def _asked_of(ctx: Context) -> list[Community] | Reply:
    """Return the communities whose coaches can be asked, or why there are none."""
    theirs = await ctx.communities()
    mine = await communities.ids_of(ctx.tx, ctx.me.id)
    if theirs and not any(each.id in mine for each in theirs):
        join = Button(ctx.t("core.join"), "join", [theirs[0].id])
        return Reply(ctx.t("join-here-first", name=theirs[0].name), ((join,),))
    taking = [each for each in theirs if each.takes_questions]
    if taking:
        return taking
    return Reply(ctx.t(_why_closed(theirs)), ((crisis.button(ctx.t),),))


@cog.command(form=open_ask)
async def ask(ctx: Context, question: Annotated[str, Arg(max=LENGTH)], community: str | None = None) -> Reply:
    """Show what the coaches will see, before anything is sent."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    return screening.beside(ctx.t, question, await _preview(ctx, question, theirs[0]))


@cog.action("to")
async def to(ctx: Context, community: str) -> Reply:
    """Choose whose coaches a question is for that was typed already."""
    theirs = await _asked_of(ctx)
    if isinstance(theirs, Reply):
        return theirs
    draft = await ctx.tx.row(drafts, drafts.c.member == ctx.me.id, drafts.c.community.is_(None))
    if draft is None:
        return Reply(ctx.t("sent-or-gone"), edit=True)
    return screening.beside(ctx.t, draft["text"], await _preview(ctx, draft["text"], theirs[0]))


async def _preview(ctx: Context, question: str, community: Community) -> Reply:
    """Show what the coaches will see, and whose they are where there could be others."""
    draft = await _keep_draft(ctx, question, community.id)
    rows = (
        (
            Button(ctx.t("send"), "questions.send", [draft]),
            Button(ctx.t("edit"), "questions.edit", [draft]),
            Button(ctx.t("core.cancel"), "questions.cancel", [draft]),
        ),
        (crisis.button(ctx.t),),
    )
    several = len(await communities.ids_of(ctx.tx, ctx.me.id)) > 1
    whose = ctx.t("coaches-of-one", name=community.name) if several else ctx.t("coaches-here")
    return Reply(ctx.t("preview", coaches=whose, text=question), rows, edit=True)


async def _keep_draft(ctx: Context, question: str, community: str | None) -> str:
    draft = new_id()
    await ctx.tx.upsert(drafts, member=ctx.me.id, id=draft, text=question, community=community)
    await ctx.due.at(DROP_DRAFT, ctx.me.id, ctx.now + DRAFT_KEPT, member=ctx.me.id)
    return draft


async def open_edit(ctx: Context) -> Answer:
    """Open the form with the draft in it."""
    draft = await _draft(ctx, ctx.call.args[0] if ctx.call.args else "")
    if draft is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),))
    return _form("questions.edit", draft["id"], value=draft["text"])


@cog.form("edit", before=open_edit)
async def edit(ctx: Context, draft: str, question: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Put the edited question in the place of the draft, for the same coaches."""
    kept = await _draft(ctx, draft)
    if kept is None or kept["community"] is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
    return screening.beside(
        ctx.t, question, await _preview(ctx, question, await communities.load(ctx.tx, kept["community"]))
    )


async def _draft(ctx: Context, id: str) -> Row | None:
    return await ctx.tx.row(drafts, drafts.c.member == ctx.me.id, drafts.c.id == id)


@cog.action("cancel")
async def cancel(ctx: Context, draft: str) -> Reply:
    """Drop the draft."""
    if await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id, drafts.c.id == draft):
        await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    return Reply(ctx.t("cancelled"), edit=True)


@cog.action("send")
async def send(ctx: Context, draft: str) -> Reply:
    """Send the draft to the desk, once."""
    kept = await _draft(ctx, draft)
    if kept is None:
        return Reply(ctx.t("sent-or-gone"), ((crisis.button(ctx.t),),), edit=True)
    mine = {each.id: each for each in await communities.of(ctx.tx, ctx.me.id)}
    community = mine.get(kept["community"])
    if community is None or community.desk is None or not community.takes_questions:
        raise UserError(_why_closed([community] if community else []))
    await ctx.tx.delete(drafts, drafts.c.member == ctx.me.id)
    if await _waiting(ctx.tx, ctx.me) >= OPEN:
        raise UserError("enough-open", open=OPEN)
    await ctx.due.cancel(DROP_DRAFT, ctx.me.id)
    id, account = new_id(), ctx.call.account
    await ctx.tx.insert(
        questions,
        id=id,
        community=community.id,
        state=State.WAITING,
        asked=clock.floor_hour(ctx.now),
        asker={"member": ctx.me.id, "platform": account.platform, "address": account.id},
        text=kept["text"],
    )
    await ctx.tx.update(askers, {"member": ctx.me.id}, asked=[*await _asked(ctx.tx, ctx.me), id])
    await _to_desk(ctx, community.desk, id, kept["text"])
    return Reply(ctx.t("sent"), ((crisis.button(ctx.t),),), edit=True)


async def open_answer(ctx: Context) -> Answer:
    """Open the form for a coach, unless someone has answered meanwhile."""
    question = await _at_this_desk(ctx, ctx.call.args[0] if ctx.call.args else "")
    if question["state"] != State.WAITING:
        return Reply(ctx.t("answered-meanwhile"))
    return Form("answer", (Field("answer", long=True, max=LENGTH),), "questions.answer", (question["id"],))


@cog.form("answer", private=False, access=Role.COACH, before=open_answer)
async def answer(ctx: Context, question: str, answer: Annotated[str, Arg(max=LENGTH)]) -> Reply:
    """Let an answer go out in a minute; the first one counts."""
    asked = await _at_this_desk(ctx, question)
    first = await ctx.tx.update(
        questions, {"id": question}, questions.c.state == State.WAITING, state=State.ANSWERING, answer=answer
    )
    if not first:
        return Reply(ctx.t("answered-meanwhile"))
    say, name = ctx.texts.speaker(None, "questions"), await coaches.signature(ctx)
    coach = say("signed-by", name=name) if name else say("signed-by-nobody")
    reply = Reply(
        say("answer-arrives", question=_quote(asked["text"]), answer=answer, coach=coach),
        ((Button(say("ask-another"), "ask"), crisis.button(say)),),
    )
    await ctx.outbox.send(
        _private(asked),
        reply,
        name=_carried(question),
        lane=Lane.ANSWER,
        due=ctx.now + UNDO,
        settled="questions.answered",
        keep=False,
    )
    fate = say("going-out", seconds=int(UNDO.total_seconds()), coach=coach)
    going = _done(ctx, asked | {"answer": answer}, fate, (Button(ctx.t("undo"), "questions.undo", [question]),))
    await ctx.outbox.edit(_desk(question), going)
    return replace(going, edit=True)


@cog.action("undo", private=False, access=Role.COACH)
async def undo(ctx: Context, question: str) -> Reply:
    """Take an answer back that has not gone out yet."""
    asked = await _at_this_desk(ctx, question)
    if asked["state"] != State.ANSWERING or not await ctx.outbox.cancel(_carried(question)):
        return Reply(ctx.t("too-late"), edit=True)
    await ctx.tx.update(questions, {"id": question}, state=State.WAITING, answer=None)
    waits = _at_desk(ctx, asked["text"], question)
    await ctx.outbox.edit(_desk(question), waits)
    return replace(waits, edit=True)


@cog.moved
async def move(work: Work, community: Community) -> None:
    """Bring what waits for an answer to the community's desk, which is another one now."""
    for row in await _waiting_at(work, community):
        await _move(work, community, row)


async def close(work: Work, community: Community) -> None:
    """Close what waits for an answer, and tell who asked: nobody sits at the desk any more."""
    for row in await _waiting_at(work, community):
        await work.outbox.withdraw(_desk(row["id"]), Reply(work.texts.say(None, "questions", "withdrawn")))
        await _not_taken(work, row)


async def _waiting_at(work: Work, community: Community) -> list[Row]:
    return await work.tx.rows(questions, questions.c.community == community.id, questions.c.state == State.WAITING)


async def _move(work: Work, community: Community, row: Row) -> None:
    await work.outbox.withdraw(_desk(row["id"]), Reply(work.texts.say(None, "questions", "withdrawn")))
    if community.desk is not None:
        await _to_desk(work, community.desk, row["id"], row["text"])


async def hand_over(work: Work, old: Community, new: Community) -> bool:
    """Let a community's questions belong to another one; False where some wait for its own coaches."""
    if await work.tx.row(questions, questions.c.community == old.id, questions.c.state == State.WAITING):
        return False
    await work.tx.execute(questions.update().where(questions.c.community == old.id).values(community=new.id))
    await work.tx.execute(drafts.update().where(drafts.c.community == old.id).values(community=new.id))
    return True


@cog.settled("posted")
async def posted(work: Work, subject: str, fate: Fate) -> None:
    """Close a question that the desk does not take, and tell the asker; open it again where it gets there after all."""
    id = subject.split("-")[1]
    if fate == "sent":
        await work.tx.update(questions, {"id": id}, questions.c.state == State.CLOSED, state=State.WAITING)
    asked = await work.tx.row(questions, questions.c.id == id, questions.c.state == State.WAITING)
    if asked is None:
        return
    if fate != "sent":
        await _not_taken(work, asked)
        return
    community, refs = await communities.load(work.tx, asked["community"]), await work.outbox.refs(subject)
    if refs and not community.is_desk(refs[0].place):  # the desk was moved while it was on its way
        await _move(work, community, asked)


async def _not_taken(work: Work, asked: Row) -> None:
    """Close a question that no coach will read, and tell who asked."""
    id = asked["id"]
    await work.tx.update(questions, {"id": id}, state=State.CLOSED)
    say = work.texts.speaker(None, "questions")
    await work.outbox.send(
        _private(asked),
        Reply(say("not-posted", question=_quote(asked["text"])), ((crisis.button(say),),)),
        name=f"q-{id}-lost",
        lane=Lane.ANSWER,
        subject=_carried(id),
        keep=False,
    )


@cog.settled("answered")
async def answered(work: Work, subject: str, fate: Fate) -> None:
    """Show at the desk what became of the answer."""
    id = subject.split("-")[1]
    asked = await work.tx.row(questions, questions.c.id == id)
    if asked is None:
        return
    if fate == "sent" and await work.tx.update(
        questions, {"id": id}, questions.c.state != State.ANSWERED, state=State.ANSWERED
    ):
        await totals.add(work, asked["community"], "answered")
    said = work.texts.say(None, "questions", f"fate-{fate}")
    await work.outbox.edit(_desk(id), _done(work, asked, said))


@cog.due("drop_draft")
async def drop_draft(work: Work, row: DueRow) -> datetime | None:
    """Drop a draft that was not sent within the hour."""
    await work.tx.delete(drafts, drafts.c.member == row.key)
    return None


@cog.joined
async def joined(work: Work, member: Member) -> None:
    """Give everybody the row in which their questions are listed: having one tells nothing."""
    await work.tx.insert(askers, member=member.id, asked=[])


@cog.merges(askers)
def merged(mine: Row, theirs: Row) -> Row:
    """The questions of both are theirs."""
    return {"asked": [*mine["asked"], *theirs["asked"]]}


@cog.merging
async def merging(work: Work, kept: Member, gone: Member) -> None:
    """Let the questions be theirs; answers go where it was asked. A draft lives as long as it would have."""
    await work.tx.reseal(
        questions,
        "asker",
        lambda row: row["asker"] | ({"member": kept.id} if row["asker"]["member"] == gone.id else {}),
    )
    until = await work.due.when(DROP_DRAFT, gone.id)
    if until and not await work.tx.row(drafts, drafts.c.member == kept.id):
        await work.due.at(DROP_DRAFT, kept.id, until, member=kept.id)


@cog.parting
async def parting(work: Work, member: Member, account: Account, other: Account) -> None:
    """Let answers to what was asked from an account that leaves go to one that stays."""
    left = {"member": member.id, "platform": account.platform, "address": account.id}
    theirs = [row["id"] for row in await _rows(work.tx, member) if row["asker"] == left]
    stays = left | {"platform": other.platform, "address": other.id}
    await work.tx.reseal(questions, "asker", lambda row: stays if row["asker"] == left else row["asker"])
    for id in theirs:
        await work.outbox.readdress(_carried(id), other.private)


@cog.returned
async def returned(work: Work, member: Member) -> None:
    """Let answers go out that waited for someone who could not be reached."""
    for id in await _asked(work.tx, member):
        await work.outbox.release(_carried(id))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return the member's questions and their answers."""
    rows = await _rows(work.tx, member)
    kept = ("community", "state", "text", "answer")
    return {"questions": [{"asked": row["asked"].isoformat()} | {name: row[name] for name in kept} for row in rows]}


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the member's questions, here and at the desk."""
    for id in await _asked(work.tx, member):
        await work.outbox.delete(_desk(id), Reply(work.texts.say(None, "questions", "withdrawn")))
        await work.outbox.forget(_carried(id))
        await work.tx.delete(questions, questions.c.id == id)


async def _at_this_desk(ctx: Context, id: str) -> Row:
    """Return a question of this desk's community. Raises UserError where it is not there any more."""
    row = await ctx.tx.row(questions, questions.c.id == id, questions.c.community == ctx.here.id)
    if row is None:
        raise UserError("withdrawn")
    return row


async def _asked(tx: Tx, member: Member) -> list[str]:
    row = await tx.row(askers, askers.c.member == member.id)
    return row["asked"] if row else []


async def _rows(tx: Tx, member: Member) -> list[Row]:
    asked = await _asked(tx, member)
    found = {row["id"]: row for row in await tx.rows(questions, questions.c.id.in_(asked))}
    return [found[id] for id in asked if id in found]


async def _waiting(tx: Tx, member: Member) -> int:
    return sum(row["state"] == State.WAITING for row in await _rows(tx, member))


def _form(submit: str, *args: str, value: str = "") -> Form:
    return Form("ask", (Field("question", long=True, max=LENGTH, value=value),), submit, args)


def _why_closed(theirs: list[Community]) -> str:
    if any(each.halted for each in theirs):
        return "halted"
    return "broken" if any(each.is_out_of_order for each in theirs) else "no-desk"


async def _to_desk(work: Work, desk: Spot, id: str, text: str) -> None:
    reply = _at_desk(work, text, id)
    await work.outbox.send(desk.place, reply, name=_desk(id), lane=Lane.DESK, settled="questions.posted")


def _at_desk(work: Work, text: str, id: str) -> Reply:
    say = work.texts.speaker(None, "questions")
    return Reply(say("at-desk", text=text), ((Button(say("answer"), "questions.answer", [id]),),))


def _done(work: Work, asked: Row, fate: str, *rows: Buttons) -> Reply:
    say = work.texts.speaker(None, "questions")
    shown = _clip(asked["answer"], LENGTH + 800 - length(asked["text"]))
    return Reply(say("done", text=asked["text"], answer=shown, fate=fate), rows)


def _private(asked: Row) -> Place:
    return Place(asked["asker"]["platform"], asked["asker"]["address"], private=True)


def _quote(text: str) -> str:
    return _clip(" ".join(text.split()), QUOTED)


def _clip(text: str, room: int) -> str:
    if length(text) <= room:
        return text
    return text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…"


def _desk(id: str) -> str:
    return f"q-{id}-desk"


def _carried(id: str) -> str:
    return f"q-{id}-answer"
