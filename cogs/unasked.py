"""What comes without being asked for, in one place for all features: how often, at which hours, how it begins and ends.

Unasked are reminders, and offers of a plan. A daily thought that was chosen, a coach's answer and the return after an
urge are asked for; those go through `veiled` alone.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey

from bot import communities
from bot.cog import Cog, Work
from bot.due import due
from bot.model import Button, Option, Place, Reply
from bot.outbox import Lane
from bot.people import Member, members
from bot.store import ID, Row, Sealed
from cogs import crisis, settings

GRACE = timedelta(hours=3)  # later than that it does not come any more
HOURS = tuple(Option(str(each), f"{each:02}:00") for each in range(24))  # to choose one of their clock from

AT_AN_HOUR = set[
    str
]()  # the due work that says something unasked, at an hour that was chosen: each feature adds its own

cog = Cog("unasked")

spoken = cog.table(
    "spoken",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("last", Sealed(32), nullable=False),  # the member's local date on which something came unasked
)


@cog.merges(spoken)
def merged(mine: Row, theirs: Row) -> Row:
    """It was the later of the two days."""
    return {"last": max(mine["last"], theirs["last"])}


async def may(work: Work, member: Member, *, at_chosen_hour: bool) -> bool:
    """Tell whether something unasked may come to `member` now: at most once a day of theirs, and never in quiet hours
    unless they chose this hour for it; not while they paused or are silent, where all is halted, or out of reach.
    """
    now = await settings.load(work.tx, member)
    if now.paused or now.silent or member.unreachable or await communities.is_halted_for(work.tx, member.id):
        return False
    if not at_chosen_hour and now.is_quiet(work.now.astimezone(member.tz).hour):
        return False
    row = await work.tx.row(spoken, member=member.id)
    return row is None or row["last"] != member.today(work.now).isoformat()


async def shares(work: Work, member: Member) -> bool:
    """Tell whether several notes are planned for hours of a member's, so that they may have to take turns."""
    return len(await work.tx.rows(due, due.c.member == member.id, due.c.job.in_(AT_AN_HOUR))) > 1


async def has_the_day(work: Work, member: Member, job: str, key: str) -> bool:
    """Tell whether what is due now, of `AT_AN_HOUR`, is the one note that a member has that day: none came yet, and of
    those that can still come it is its turn. They take turns by the date, so that each comes, and at its own hour.
    """
    today = member.today(work.now)
    row = await work.tx.row(spoken, member=member.id)
    if row is not None and row["last"] == today.isoformat():
        return False
    planned = await work.tx.rows(due, due.c.member == member.id, due.c.job.in_(AT_AN_HOUR))
    others = {
        (each["job"], each["key"])
        for each in planned
        if each["at"] + GRACE >= work.now and member.today(each["at"]) == today
    }
    turns = sorted(others | {(job, key)})
    return turns[today.toordinal() % len(turns)] == (job, key)


async def say(
    work: Work,
    member: Member,
    place: Place,
    reply: Reply,
    *,
    name: str,
    stop: Button,
    show: Button,
    chosen: bool = False,
    planned: datetime | None = None,
) -> bool:
    """Say something unasked at `place`, the member's own, if it may come now; tell whether it did.

    It begins with a neutral line, and has `stop` below it. `show` gives the same on demand, see `veiled`; `chosen` says
    that they chose this hour for it. `planned` is when it was to come, if that is not now: three hours late it may be.
    """
    last = (planned or work.now) + GRACE
    if work.now > last or not await may(work, member, at_chosen_hour=chosen):
        return False
    await work.tx.upsert(spoken, member=member.id, last=member.today(work.now).isoformat())
    speak = work.texts.speaker(member.locale, "unasked")
    text = "\n\n".join([speak("first-line"), reply.text])
    whole = replace(reply, text=text, rows=(*reply.rows, (stop, crisis.button(speak))))
    veil = await veiled(work, member, whole, show)
    await work.outbox.send(place, veil, name=name, lane=Lane.REMINDER, member=member.id, until=last)
    return True


async def veiled(work: Work, member: Member, reply: Reply, show: Button) -> Reply:
    """Return `reply` as it is sent to `member`: in discreet mode a line that says nothing, and `show` to see it."""
    if not (await settings.load(work.tx, member)).discreet:
        return reply
    speak = work.texts.speaker(member.locale, "unasked")
    return Reply(speak("veil"), ((Button(speak("show"), show.action, show.args),),))
