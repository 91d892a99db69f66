"""How a question ends: the word that it still waits, closing by itself, and that nothing of it is kept for ever.

All of it is rounded to the hour, and what is due names a question alone.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import case, exists

from bot import clock, communities, notices
from bot.cog import DueRow, Fate, Work
from bot.communities import Community
from bot.due import due
from bot.model import Button, Reply
from bot.outbox import DELETE, outbox
from bot.store import SCRUB, Row
from cogs import crisis
from cogs.questions import asker, desk, tallies
from cogs.questions.asked import forget_id
from cogs.questions.store import (
    CLOSING,
    DESTROY,
    FIRST_LOOK,
    STILL,
    TAKEN_BACK,
    THEIRS,
    TOLD,
    UNANSWERED,
    Said,
    State,
    close_row,
    cog,
    questions,
    rules_of,
    thread,
)

log = logging.getLogger(__name__)

ANSWERED = timedelta(days=7)  # after its last answer a question closes
TRY_AGAIN = timedelta(days=1)  # to take a message back that the platform does not let go of
RETRY = "questions.retry"


async def answered(work: Work, row: Row) -> None:
    """Note that an answer has arrived: how long the first took is counted, and the question closes after a while."""
    if sum(line.kind is Said.ANSWER for line in await thread(work.tx, row["id"])) == 1:
        await tallies.answered(work, row)
    await work.due.cancel(STILL, row["id"])
    await work.due.at(CLOSING, row["id"], clock.floor_hour(work.now) + ANSWERED)


@cog.due("still")
async def still(work: Work, row: DueRow) -> datetime | None:
    """Tell whoever asked, once, that no coach has answered yet."""
    asked = await work.tx.row(questions, questions.c.id == row.key, questions.c.state == State.WAITING)
    if asked is None or any(line.kind in TOLD for line in await thread(work.tx, row.key)):
        return None
    say = await asker.speaker(work, asked)
    look = Button(say("look-at-it"), "questions.open", [row.key])
    reply = Reply(say("still-waits", question=desk.quote(asked["text"])), ((look, crisis.button(say)),))
    await asker.tell(work, asked, reply, "still")
    return None


@cog.due("closing")
async def closing(work: Work, row: DueRow) -> datetime | None:
    """Close a question that is over: a week after its last answer, or where two weeks have brought none."""
    asked = await work.tx.row(questions, questions.c.id == row.key, questions.c.state != State.CLOSED)
    if asked is None:
        return None
    at = await closes_at(work, asked)
    if at > work.now:
        return at
    await close_row(work, asked)
    if asked["state"] == State.WAITING:
        await tallies.count(work.tx, asked["community"], tallies.UNANSWERED)
        say = await asker.speaker(work, asked)
        ask = Button(say("ask-another"), "ask")
        reply = Reply(say("closed-unanswered", question=desk.quote(asked["text"])), ((ask, crisis.button(say)),))
        await asker.tell(work, asked, reply, "unanswered")
    await desk.refresh(work, asked | {"state": State.CLOSED})
    return None


async def closes_at(work: Work, row: Row) -> datetime:
    """Return when a question closes by itself if nothing more is said of it, to the hour."""
    said = [line for line in await thread(work.tx, row["id"]) if line.kind in THEIRS]
    last = clock.floor_hour(said[-1].at) if said else row["asked"]
    return last + (UNANSWERED if row["state"] == State.WAITING else ANSWERED)


@cog.due("destroy")
async def destroy(work: Work, row: DueRow) -> datetime | None:
    """Leave nothing of a question that has been closed for as long as its community keeps them."""
    asked = await work.tx.row(questions, questions.c.id == row.key, questions.c.state == State.CLOSED)
    if asked is not None:
        await forget_id(work.tx, asked)
        await desk.vanish(work, asked, settled=TAKEN_BACK)
        work.tx.notes.add(SCRUB)
    return None


@cog.due("shown")
async def shown(work: Work, row: DueRow) -> datetime | None:
    """Show a question at the desk as it is now."""
    if asked := await work.tx.row(questions, questions.c.id == row.key):
        await desk.refresh(work, asked)
    return None


# -- where the platform does not let go of a message


@cog.settled("taken_back")
async def taken_back(work: Work, name: str, fate: Fate) -> None:
    """See to it that a message at the desk goes after all: try each day, and tell once who can delete it by hand."""
    work.tx.notes.add(SCRUB)  # where it stood is known no more
    if fate == "sent":
        return
    base = name.removesuffix(DELETE)
    log.error("question-not-taken-back", extra={"outcome": fate})
    await work.tx.delete(outbox, outbox.c.name == f"{base}{DELETE}")
    if await work.due.when(RETRY, base) is None:
        await work.due.at(RETRY, base, clock.floor_hour(work.now) + TRY_AGAIN)
        await _tell_steward(work, base)


@cog.due("retry")
async def retry(work: Work, row: DueRow) -> datetime | None:
    """Try once more to take a message from the desk, each day until it is gone."""
    instead = Reply(work.texts.say(None, "questions", "taken-away"))
    if not await work.outbox.delete(row.key, instead, settled=TAKEN_BACK):
        return None
    return clock.floor_hour(work.now) + TRY_AGAIN


async def _tell_steward(work: Work, name: str) -> None:
    refs = await work.outbox.refs(name)
    for community in {id for id, _ in await communities.spots_at(work.tx, refs[0].place)} if refs else ():
        about = await communities.load(work.tx, community)

        def words(locale: str | None, about: Community = about) -> Reply:
            spot = about.desk.name if about.desk else ""
            return Reply(work.texts.say(locale, "questions", "not-taken-back", community=about.name, place=spot))

        await notices.tell(work.tx, work.outbox, work.vault, community, words, name=f"kept-{name}")


@cog.start
async def start(work: Work) -> None:
    """Plan how those questions end that were asked before anything was planned for them."""
    over = questions.c.state == State.CLOSED
    planned = exists().where(due.c.key == questions.c.id, due.c.job == case((over, DESTROY), else_=CLOSING))
    for row in await work.tx.rows(questions, ~planned):
        id, hour = row["id"], clock.floor_hour(work.now)
        if row["state"] == State.CLOSED:
            kept = timedelta(days=(await rules_of(work.tx, row["community"])).kept_days)
            await work.due.at(DESTROY, id, hour + kept)
        else:
            at = await closes_at(work, row)
            await work.due.at(CLOSING, id, at if at > work.now else hour + ANSWERED)
            if row["state"] == State.WAITING and row["asked"] + FIRST_LOOK > work.now:
                await work.due.at(STILL, id, row["asked"] + FIRST_LOOK)
