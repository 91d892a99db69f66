"""A year without a word: one warning, thirty days, and then everything is erased, as /forget does it.

Every thirty days it is looked at whether the year is over, on a day that follows from the member's random id: when
somebody was last here is sealed, and a row that is due a year later would tell it.
"""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, exists, literal, select, type_coerce

from bot import clock, people
from bot.cog import Context, DueRow, Fate, Work
from bot.due import due
from bot.model import Account, Button, Reply
from bot.outbox import Lane
from bot.people import Member, members
from bot.texts import Speaker
from cogs import crisis, settings, unasked
from cogs.privacy.store import cog, erase_everything

SILENCE, LAST = "privacy.silence", "privacy.last"
LOOK = timedelta(days=30)
DAYS = 30  # that the warning stands, each of them counted while we run
DAY = timedelta(days=1)
LATE = timedelta(hours=1)  # a day is not counted that we were away in
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = time(12)  # never in anybody's quiet hours


def over(member: Member) -> datetime:
    """Return the instant at which twelve months without a word are over: noon after, by the member's clock."""
    after = member.seen + DAY
    try:
        day = after.replace(year=after.year + 1)
    except ValueError:  # there is no 29 February
        day = date(after.year + 1, 3, 1)
    return clock.next_at(datetime.combine(day, time(), member.tz), NOON, member.tz)


@cog.joined
async def joined(work: Work, member: Member) -> None:
    """Begin to look."""
    await work.due.at(SILENCE, member.id, _next(member, work.now), member=member.id)


@cog.start
async def begin(work: Work) -> None:
    """Begin to look at all who joined before there was this, spread over the days that come; one statement for many."""
    planned = exists().where(due.c.member == members.c.id, due.c.job.in_((SILENCE, LAST)))
    spread = type_coerce(members.c.joined, BigInteger) % _milliseconds(LOOK)
    at = literal(_milliseconds(work.now - EPOCH), BigInteger) + spread
    rows = select(literal(SILENCE), members.c.id, members.c.id, at).where(~planned)
    await work.tx.execute(due.insert().from_select(["job", "key", "member", "at"], rows))


@cog.due_for_member("silence")
async def look(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Warn whoever has not been here for twelve months, and look again at the others."""
    again = _next(member, work.now)
    if member.seen == date.min:  # nobody knows: as if they were here today
        await people.see(work.tx, work.vault, account, work.now)
        return again
    if work.now < over(member):
        return min(again, over(member))
    if (await settings.load(work.tx, member)).is_quiet(work.now.astimezone(member.tz).hour):
        return clock.next_at(work.now, NOON, member.tz)
    say = work.texts.speaker(member.locale, "privacy")
    warning = await unasked.veiled(work, member, _warning(say), Button(say("unasked.show"), "privacy.silence"))
    # It is about what is theirs, so neither a pause nor a halt holds it back, as they do with reminders.
    name = f"silence-{member.id}-{member.today(work.now).isoformat()}"
    await work.outbox.send(
        account.private, warning, name=name, lane=Lane.ANSWER, member=member.id, settled="privacy.warned"
    )
    # From when it is there the days count; where that is never heard, from when nobody would wait for it any more.
    key = _key(member.id, DAYS, member.today(work.now))
    await work.due.at(LAST, key, work.now + DAYS * DAY, member=member.id)
    return None


@cog.settled("warned")
async def warned(work: Work, subject: str, fate: Fate) -> None:
    """Count the days from now on, also where it cannot arrive: somebody who has left is to be forgotten too."""
    _, member, sent = subject.split("-", 2)
    if await work.tx.delete(due, due.c.job == LAST, due.c.member == member):
        await work.due.at(LAST, _key(member, DAYS, date.fromisoformat(sent)), work.now + DAY, member=member)


@cog.due_for_member("last")
async def count_down(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Count one of the last days; after the last one, erase. Whoever was here meanwhile stays."""
    id, left, *warned = row.key.split("-")
    if work.now < over(member) or any(member.seen >= date.fromisoformat(day) for day in warned):
        await joined(work, member)
        return None
    if work.now > row.at + LATE:
        return work.now + DAY
    if int(left) == 1:
        await erase_everything(work, member)
        return None
    await work.due.at(LAST, "-".join([id, str(int(left) - 1), *warned]), row.at + DAY, member=id)
    return None


@cog.action("stay", writes=False)
async def stay(ctx: Context) -> Reply:
    """Keep everything: being here is enough."""
    return Reply(ctx.t("stays"), (_doors(ctx.t),), edit=True)


@cog.action("silence", writes=False)
async def show(ctx: Context) -> Reply:
    """Say what the warning was, to somebody it came to without showing itself: they are here now."""
    return Reply(ctx.t("silence-shown"), (_doors(ctx.t),), edit=True)


def _warning(say: Speaker) -> Reply:
    return Reply(say("silence", days=DAYS), ((Button(say("keep"), "privacy.stay"), *_doors(say)),))


def _doors(say: Speaker) -> tuple[Button, ...]:
    return Button(say("erase-now"), "forget"), crisis.button(say)


def _next(member: Member, now: datetime) -> datetime:
    """Return when to look next: after `now`, within LOOK."""
    phase = timedelta(seconds=int(member.id, 16) % round(LOOK.total_seconds()))
    return now + LOOK - (now - EPOCH - phase) % LOOK


def _milliseconds(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)


def _key(member: str, left: int, warned: date) -> str:
    """Return the key of the last days: whoever was here since the day on which they were warned is not erased."""
    return f"{member}-{left}-{warned:%Y%m%d}"
