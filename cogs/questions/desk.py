"""The desk: how a question stands there, and what becomes of it when the desk itself changes."""

from bot import communities
from bot.cog import Fate, Work
from bot.communities import Community, Spot
from bot.model import Button, Reply, length
from bot.model import Row as Buttons
from bot.outbox import Lane
from bot.people import Member
from bot.store import Row
from cogs import crisis
from cogs.questions.store import (
    LENGTH,
    State,
    asked_by,
    carried,
    cog,
    desk_name,
    drafts,
    private,
    questions,
)

QUOTED = 120  # characters of the question shown above its answer


@cog.moved
async def move(work: Work, community: Community) -> None:
    """Bring what waits for an answer to the community's desk, which is another one now."""
    for row in await _waiting_at(work, community):
        await _move(work, community, row)


async def close(work: Work, community: Community) -> None:
    """Close what waits for an answer, and tell who asked: nobody sits at the desk any more."""
    for row in await _waiting_at(work, community):
        await work.outbox.withdraw(desk_name(row["id"]), Reply(work.texts.say(None, "questions", "withdrawn")))
        await _not_taken(work, row)


async def _waiting_at(work: Work, community: Community) -> list[Row]:
    return await work.tx.rows(questions, questions.c.community == community.id, questions.c.state == State.WAITING)


async def _move(work: Work, community: Community, row: Row) -> None:
    await work.outbox.withdraw(desk_name(row["id"]), Reply(work.texts.say(None, "questions", "withdrawn")))
    if community.desk is not None:
        await post(work, community.desk, row["id"], row["text"])


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
        private(asked),
        Reply(say("not-posted", question=quote(asked["text"])), ((crisis.button(say),),)),
        name=f"q-{id}-lost",
        lane=Lane.ANSWER,
        subject=carried(id),
        keep=False,
    )


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the member's questions, here and at the desk."""
    for id in (await asked_by(work.tx, member)).ids:
        await work.outbox.delete(desk_name(id), Reply(work.texts.say(None, "questions", "withdrawn")))
        await work.outbox.forget(carried(id))
        await work.tx.delete(questions, questions.c.id == id)


async def post(work: Work, desk: Spot, id: str, text: str) -> None:
    reply = waits(work, text, id)
    await work.outbox.send(desk.place, reply, name=desk_name(id), lane=Lane.DESK, settled="questions.posted")


def waits(work: Work, text: str, id: str) -> Reply:
    say = work.texts.speaker(None, "questions")
    return Reply(say("at-desk", text=text), ((Button(say("answer"), "questions.answer", [id]),),))


def done(work: Work, asked: Row, answer: str, fate: str, *rows: Buttons) -> Reply:
    say = work.texts.speaker(None, "questions")
    shown = clip(answer, LENGTH + 800 - length(asked["text"]))
    return Reply(say("done", text=asked["text"], answer=shown, fate=fate), rows)


def quote(text: str) -> str:
    return clip(" ".join(text.split()), QUOTED)


def clip(text: str, room: int) -> str:
    if length(text) <= room:
        return text
    return text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…"
