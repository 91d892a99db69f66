"""Whether what was asked gets to the desk: the question itself, and what its asker says further of it.

What is said further comes there as a new message. The one before it goes only when that has arrived.
"""

from datetime import datetime, timedelta

from bot import clock, communities
from bot.cog import DueRow, Fate, Work
from bot.communities import Community
from bot.model import Button, Reply
from bot.outbox import Kind as Kinds
from bot.outbox import State as Stands
from bot.outbox import outbox
from bot.store import Row
from cogs import crisis
from cogs.questions import asker, desk, ends
from cogs.questions.asked import had
from cogs.questions.store import (
    CLOSING,
    DESTROY,
    OPEN_STATES,
    THEIRS,
    UNANSWERED,
    Line,
    Said,
    State,
    card_of,
    change_line,
    close_row,
    cog,
    desk_name,
    desk_names,
    move_on,
    questions,
    set_card,
    thread,
)

AGAIN = "questions.again"
SEND_AGAIN = timedelta(days=1)  # for so long at least a question stays open whose asker is told to send something again
BEFORE = "-old"  # ends the name of a message at the desk that goes when the one after it has arrived


# -- said further


async def further(work: Work, row: Row) -> None:
    """Have a question said anew, below what came meanwhile: its asker has said something further.

    That, too, is at a random moment.
    """
    at = await desk.moment_of(work, row)
    if at is None:
        await _again(work, row)
    else:
        await work.due.at(AGAIN, row["id"], at)


@cog.due("again")
async def again(work: Work, row: DueRow) -> datetime | None:
    """Have a question said anew now."""
    if kept := await work.tx.row(questions, questions.c.id == row.key, questions.c.state.in_(OPEN_STATES)):
        await _again(work, kept)
    return None


async def _again(work: Work, row: Row) -> None:
    community = await communities.load(work.tx, row["community"])
    for spot in community.desks:
        name = desk_name(row["id"], spot.server)
        if await work.outbox.refs(name):
            await work.outbox.withdraw(f"{name}{BEFORE}", desk.below(work))
            await work.outbox.rename(name, f"{name}{BEFORE}")
        else:
            await work.outbox.withdraw(name, desk.below(work))
    await desk.say(work, community, row, None)


# -- what came of it


@cog.settled("posted")
async def posted(work: Work, name: str, fate: Fate) -> None:
    """Tell the asker what no desk takes, and close their question where that is it; open it again where it gets there
    after all.
    """
    row = await work.tx.row(questions, questions.c.id == name.split("-")[1])
    if row is None:
        return
    if fate != "sent":
        await _lost(work, row, name)
        return
    await work.outbox.withdraw(f"{name}{BEFORE}", desk.below(work))
    line = await _said_further(work, row)
    if line is not None and await work.due.when(AGAIN, row["id"]) is None:
        await change_line(work.tx, line, fate=fate)
        await desk.refresh(work, row, but=name)
    if card_of(row).lost and row["state"] == State.CLOSED:
        row = await set_card(work.tx, row, lost=False) | {"state": State.WAITING}
        await work.tx.update(questions, {"id": row["id"]}, state=State.WAITING)
        await work.due.cancel(DESTROY, row["id"])
        await work.due.at(CLOSING, row["id"], clock.floor_hour(work.now) + UNANSWERED)
    await desk.arrange(work, await communities.load(work.tx, row["community"]), row)


async def _lost(work: Work, row: Row, name: str) -> None:
    """See what is lost now that one message does not come, and let the one before it stand in its place."""
    others = [each for each in await work.outbox.names(desk_names(row["id"])) if each != name]
    stands = [each for each in others if await work.outbox.refs(each)]
    changed = f"{name}{BEFORE}" in stands
    if changed:
        await work.outbox.cancel(name)
        await work.outbox.rename(f"{name}{BEFORE}", name)
    if row["state"] == State.WAITING and not [each for each in others if await _is_coming(work, each)]:
        line = await _said_further(work, row)
        if not stands:
            await not_taken(work, row)
        elif line is not None:
            row, changed = await _further_lost(work, row, line), True
    if changed:
        await desk.refresh(work, row)


async def _is_coming(work: Work, name: str) -> bool:
    """Tell whether something may still come to stand at a desk under that name."""
    coming = outbox.c.name == name, outbox.c.kind == Kinds.SEND
    return await work.tx.row(outbox, *coming, outbox.c.state.in_((Stands.WAITING, Stands.SENDING))) is not None


async def _said_further(work: Work, row: Row) -> Line | None:
    """Return what its asker has said further of a question, where no desk has it yet and that was the last of all."""
    said = [line for line in await thread(work.tx, row["id"]) if line.kind in THEIRS]
    last = said[-1] if said else None
    return last if last is not None and last.kind is Said.FOLLOW_UP and last.fate is None else None


async def not_taken(work: Work, asked: Row) -> None:
    """Close a question that no coach will read, and tell who asked. They may ask again at once."""
    await set_card(work.tx, asked, lost=True)
    await close_row(work, asked)
    await had(work.tx, asked, last=None)
    say = await asker.speaker(work, asked)
    reply = Reply(say("not-posted", question=desk.quote(asked["text"])), ((crisis.button(say),),))
    await asker.tell(work, asked, reply, "lost")


async def _further_lost(work: Work, row: Row, line: Line) -> Row:
    """Leave a question as it was before something further was said, and tell who said it: they can send it again.

    Return its row as it is then.
    """
    id = row["id"]
    await change_line(work.tx, line, kind=Said.LOST)
    rest = desk.resting(await thread(work.tx, id))
    row |= {"state": rest}
    await move_on(work.tx, id, rest, State.WAITING)
    if rest != State.WAITING:
        row = await set_card(work.tx, row, urgent=False)
    closes = max(await ends.closes_at(work, row), clock.floor_hour(work.now) + SEND_AGAIN)
    await work.due.at(CLOSING, id, closes)
    say = await asker.speaker(work, row)
    buttons = (Button(say("send-again"), "questions.follow", [id]), crisis.button(say))
    await asker.tell(work, row, Reply(say("further-lost", more=line.text), (buttons,)), f"lost-{line.id}")
    return row


# -- nobody is there any more


@cog.closed
async def end(work: Work, community: Community) -> None:
    """Close what waits for an answer, and tell who asked."""
    for row in await desk.at(work, community, (State.WAITING, State.BACK)):
        for name in await work.outbox.names(desk_names(row["id"])):
            await work.outbox.withdraw(name, desk.gone(work))
        await not_taken(work, row)
