"""The desk: how a question stands there, and what becomes of it when the desk itself changes."""

from datetime import datetime, timedelta

from bot import clock, communities
from bot.cog import Fate, Work
from bot.communities import Community
from bot.model import Button, Reply, length
from bot.model import Row as Buttons
from bot.outbox import Lane
from bot.people import Member
from bot.store import Row
from bot.texts import Speaker
from cogs import crisis
from cogs.questions import asker
from cogs.questions.store import (
    CLOSING,
    DESTROY,
    LENGTH,
    TAKEN_BACK,
    UNANSWERED,
    Card,
    Line,
    Said,
    State,
    card_of,
    carried,
    close_row,
    cog,
    desk_name,
    drafts,
    had,
    questions,
    rows_of,
    rules_of,
    set_card,
    thread,
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
        await _withdraw(work, row)
        await _not_taken(work, row)


async def _waiting_at(work: Work, community: Community) -> list[Row]:
    return await work.tx.rows(questions, questions.c.community == community.id, questions.c.state == State.WAITING)


async def _move(work: Work, community: Community, row: Row) -> None:
    await _withdraw(work, row)
    if community.desk is not None:
        row = await set_card(work.tx, row, messages=1)
        await post(work, community, row)
        for line in await thread(work.tx, row["id"]):
            if line.kind is Said.FOLLOW_UP:
                row = await _further(work, community, row, line)


async def _withdraw(work: Work, row: Row) -> None:
    """Take every message of a question from the desk; it can then be said anew, at another one."""
    instead = Reply(work.texts.say(None, "questions", "withdrawn"))
    for number in range(1, card_of(row).messages + 1):
        await work.outbox.withdraw(desk_name(row["id"], number), instead)


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
    if fate == "sent" and await work.tx.update(
        questions, {"id": id}, questions.c.state == State.CLOSED, state=State.WAITING
    ):
        await work.due.cancel(DESTROY, id)
        await work.due.at(CLOSING, id, clock.floor_hour(work.now) + UNANSWERED)
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
    """Close a question that no coach will read, and tell who asked. They may ask again at once."""
    await close_row(work, asked)
    await had(work.tx, asked, last=None)
    say = await asker.speaker(work, asked)
    reply = Reply(say("not-posted", question=quote(asked["text"])), ((crisis.button(say),),))
    await asker.tell(work, asked, reply, "lost")


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Delete the member's questions, here and at the desk."""
    for row in await rows_of(work.tx, member):
        await vanish(work, row, settled=TAKEN_BACK)


async def vanish(work: Work, row: Row, *, settled: str | None = None) -> None:
    """Leave nothing of a question, here or at the desk. `settled`: see take_back."""
    await take_back(work, row, settled=settled)
    await work.outbox.forget(carried(row["id"]))
    await work.due.forget(row["id"])
    await work.tx.delete(questions, questions.c.id == row["id"])


async def take_back(work: Work, row: Row, *, settled: str | None = None) -> None:
    """Take a question from the desk. `settled` is told what came of each message, by its name."""
    instead = Reply(work.texts.say(None, "questions", "withdrawn"))
    for number in range(1, card_of(row).messages + 1):
        await work.outbox.delete(desk_name(row["id"], number), instead, settled=settled)


async def post(work: Work, community: Community, row: Row, line: Line | None = None) -> None:
    """Have a question said at the desk, or what was said further of it, as the last of its messages.

    It comes at a random moment of the next minutes, which does not tell when it was written; what is urgent at once.
    """
    if community.desk is None:
        return
    number = card_of(row).messages
    at = moment(work, 0 if card_of(row).urgent else (await rules_of(work.tx, row["community"])).jitter)
    name = desk_name(row["id"], number)
    reply = waits(work, row, line)
    await work.outbox.send(community.desk.place, reply, name=name, lane=Lane.DESK, due=at, settled="questions.posted")


def moment(work: Work, jitter: int) -> datetime | None:
    """Return a random moment of the next `jitter` minutes, or None: at once."""
    return work.now + timedelta(minutes=work.dice.uniform(0, jitter)) if jitter else None


async def posted_again(work: Work, row: Row) -> None:
    """Have what the asker said further, the last of it, said at the desk as another message of the question's."""
    said = [line for line in await thread(work.tx, row["id"]) if line.kind is Said.FOLLOW_UP]
    await _further(work, await communities.load(work.tx, row["community"]), row, said[-1])


async def _further(work: Work, community: Community, row: Row, line: Line) -> Row:
    row = await set_card(work.tx, row, messages=card_of(row).messages + 1)
    await post(work, community, row, line)
    return row


async def refresh(work: Work, row: Row) -> None:
    """Show a question at the desk as it is now."""
    await work.outbox.edit(desk_name(row["id"], card_of(row).messages), await standing(work, row))


async def standing(work: Work, row: Row) -> Reply:
    """Return what the last of a question's messages at the desk shows now."""
    lines = await thread(work.tx, row["id"])
    said = [each for each in lines if each.kind is Said.ANSWER]
    further = [each for each in lines if each.kind is Said.FOLLOW_UP]
    last = further[-1] if further and card_of(row).messages > 1 else None
    say = work.texts.speaker(None, "questions")
    if row["state"] == State.CLOSED:
        return Reply(say("closed-at-desk", text=shown(say, card_of(row), row["text"])))
    if row["state"] == State.ANSWERED and said:
        return done(work, row, said[-1].text, say("fate-sent"))
    return waits(work, row, last)


def shown(say: Speaker, card: Card, text: str, *, further: bool = False) -> str:
    """Return a question's text as coaches see it, with who asks and what it is about; or what was said `further`."""
    urgent = say("desk-urgent") if card.urgent else ""
    topic = say("desk-topic", topic=say(f"topic-{card.topic}")) if card.topic else ""
    who = say("desk-further" if further else "desk-asks", alias=card.alias) if card.alias else say("desk-question")
    return "\n\n".join([f"{urgent}{who}{topic}", text])


def waits(work: Work, row: Row, line: Line | None = None) -> Reply:
    """Return a question that waits for a coach, or what was said further of one."""
    say = work.texts.speaker(None, "questions")
    text = shown(say, card_of(row), line.text if line else row["text"], further=line is not None)
    return Reply(text, ((Button(say("answer"), "questions.answer", [row["id"]]),),))


def done(work: Work, asked: Row, answer: str, fate: str, *rows: Buttons) -> Reply:
    say, card = work.texts.speaker(None, "questions"), card_of(asked)
    thanks = [say("desk-thanked")] if card.thanked else []
    told = clip(answer, LENGTH + 700 - length(asked["text"]))
    text = shown(say, card, asked["text"])
    return Reply(say("done", text=text, answer=told, fate="\n\n".join([fate, *thanks])), rows)


def quote(text: str) -> str:
    return clip(" ".join(text.split()), QUOTED)


def clip(text: str, room: int) -> str:
    if length(text) <= room:
        return text
    return text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…"
