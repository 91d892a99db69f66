"""What became of what was said to an asker.

It is shown at the desk, but late and at set hours: that somebody cannot be reached must not be seen at the moment at
which a coach sees somebody leave. Until then what has arrived and what has not look and behave the same.
"""

from datetime import datetime, timedelta

from bot import clock
from bot.cog import DueRow, Fate, Work
from cogs import totals
from cogs.questions import desk, ends
from cogs.questions.answering import CHANGE
from cogs.questions.claiming import let_go
from cogs.questions.store import (
    TOLD,
    Said,
    State,
    change_line,
    claim_of,
    cog,
    line_of,
    move_on,
    questions,
    thread,
    told_name,
)

DIGESTS = (6, 18)  # o'clock, UTC: from then on is shown what became of answers,
LATE = timedelta(hours=3)  # of those that are no younger than that,
WITHIN = 60  # minutes, at random
FATE, REFS = "questions.fate", "questions.refs"
REFS_KEPT = CHANGE + timedelta(minutes=5)  # then nothing tells where it was said


@cog.settled("answered")
async def answered(work: Work, name: str, fate: Fate) -> None:
    """Note what became of it. At the desk it has gone out, whatever that was; the rest is shown later."""
    _, id, _, *said = name.split("-")
    row = await work.tx.row(questions, questions.c.id == id)
    # An answer that was on its way when there could be one alone has no id in its name.
    line = await line_of(work.tx, id, said[0]) if said else desk.last_told(await thread(work.tx, id))
    if row is None or line is None:
        return
    await change_line(work.tx, line, fate=fate)
    claim = claim_of(row, work.now)
    if claim and claim.coach == line.coach:
        await let_go(work, id)
    lines = await thread(work.tx, id)
    answers = [each for each in lines if each.kind is Said.ANSWER]
    if fate == "sent":
        await work.due.at(REFS, id, _minute(work.now + REFS_KEPT))
        if line.kind is Said.ANSWER and line.fate != "sent":
            if sum(each.fate == "sent" for each in answers) == 1:
                await totals.add(work, row["community"], "answered")
            await ends.answered(work, row)
        if line.kind is Said.ANSWER and all(each.fate is not None for each in answers):
            await move_on(work.tx, id, State.ANSWERED, State.ANSWERING)
    await work.due.at(FATE, id, shown_at(work))
    if row := await work.tx.row(questions, questions.c.id == id):
        await desk.refresh(work, row)


def shown_at(work: Work) -> datetime:
    """Return when it is shown at the desk what became of something that has happened now."""
    at = clock.floor_hour(work.now + LATE) + timedelta(hours=1)
    while at.hour not in DIGESTS:
        at += timedelta(hours=1)
    return at + timedelta(minutes=work.dice.randrange(WITHIN))


@cog.due("fate")
async def show_fate(work: Work, row: DueRow) -> datetime | None:
    """Show at the desk what became of all that was said to the asker."""
    kept = await work.tx.row(questions, questions.c.id == row.key)
    if kept is None:
        return None
    for line in await thread(work.tx, row.key):
        if line.kind in (*TOLD, Said.PUBLISH) and line.fate != line.told:
            await change_line(work.tx, line, told=line.fate)
    await desk.refresh(work, kept)
    return None


@cog.due("refs")
async def forget_refs(work: Work, row: DueRow) -> datetime | None:
    """Forget where answers were said: from now on nothing ties a question to a chat but the key."""
    again = None
    for line in await thread(work.tx, row.key):
        name = told_name(row.key, line.id)
        if await work.outbox.changes(name):
            again = _minute(work.now + REFS_KEPT - CHANGE)
        else:
            await work.outbox.forget_where(name)
    return again


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
