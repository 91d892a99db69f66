"""A join from being agreed to until it takes effect: both sides are told at once and once more, and either stops it."""

from collections.abc import Mapping
from datetime import datetime, time

from babel.dates import format_datetime

from bot import clock, people
from bot.cog import DueRow, Fate, Work
from bot.model import Account, Button, Reply, Row
from bot.outbox import Lane
from bot.people import Member
from bot.store import SCRUB, new_id
from bot.texts import Speaker
from cogs import settings, unasked
from cogs.link.store import JOIN, REMIND, REMINDER, WAIT, Waits, cog, joins, wait, waiting


def stop(say: Speaker) -> Button:
    """Return the button that stops the join that waits."""
    return Button(say("link.stop"), "link.stop")


def when(work: Work, member: Member, at: datetime) -> str:
    """Return an instant of the next day or so, as it is said to a member."""
    return format_datetime(at.astimezone(member.tz), "EEEE, HH:mm", locale=work.texts.locale(member.locale))


async def begin(work: Work, stays: Member, joins_it: Member) -> datetime:
    """Let one member become part of another when the time has come; return when that is."""
    at = (work.now + WAIT).replace(microsecond=0)
    await wait(work.tx, stays.id, Waits(joins_it.id, at, stays=True))
    await wait(work.tx, joins_it.id, Waits(stays.id, at, stays=False))
    await work.due.at(JOIN, stays.id, at, member=stays.id)
    for each in (stays, joins_it):
        await work.due.at(REMINDER, each.id, work.now + REMIND, member=each.id)
    return at


async def call_off(work: Work, member: Member) -> bool:
    """Stop the join that a member waits for, and tell the other side; tell whether there was one."""
    waits = await waiting(work.tx, member.id)
    if waits is None:
        return False
    for each in (member.id, waits.other):
        await work.tx.delete(joins, joins.c.member == each)
        await work.due.cancel(JOIN, each)
        await work.due.cancel(REMINDER, each)
    other = await people.load(work.tx, waits.other)
    if other is not None:
        await tell(work, other[0], "told-stopped")
    return True


async def tell(
    work: Work,
    member: Member,
    key: str,
    rows: tuple[Row, ...] = (),
    *,
    but: str | None = None,
    values: Mapping[str, str] | None = None,
) -> None:
    """Tell a member something about their accounts at each of them, `but` for the one of that id."""
    say = work.texts.speaker(member.locale, "link")
    text = "\n\n".join([say("first-line"), say(key, **(values or {}))])
    reply = await unasked.veiled(work, member, Reply(text, rows), Button(say("show"), "unlink"))
    for each in await people.linked(work.tx, member.id):
        if each.id != but:
            await work.outbox.send(
                each.account.private,
                reply,
                name=f"link-{new_id()}",
                subject=f"link-{each.id}",
                lane=Lane.ANSWER,
                member=member.id,
                until=work.now + WAIT,
            )


async def tell_nobodys(work: Work, account: Account, key: str) -> None:
    """Tell an account that is nobody's from now on what was done. No row names it then, and it is not held for them.

    What was sealed of it to say this leaves the files when it has been said.
    """
    say = work.texts.speaker(None, "link")
    reply = Reply("\n\n".join([say("first-line"), say(key)]))
    await work.outbox.send(
        account.private,
        reply,
        name=f"link-{new_id()}",
        lane=Lane.DESK,
        until=work.now + WAIT,
        settled="link.told",
        keep=False,
    )


@cog.settled("told")
async def told(work: Work, subject: str, fate: Fate) -> None:
    """Have what was sealed of it leave the files."""
    work.tx.notes.add(SCRUB)


@cog.due_for_member("remind")
async def remind(work: Work, row: DueRow, member: Member, account: Account) -> datetime | None:
    """Tell a side once more while it can still be stopped, but not in its quiet hours: who had the phone at first may
    have seen to it that nobody else read it.
    """
    waits = await waiting(work.tx, member.id)
    if waits is None or waits.at <= work.now:
        return None
    chosen = await settings.load(work.tx, member)
    if chosen.is_quiet(work.now.astimezone(member.tz).hour):
        later = clock.next_at(work.now, time(chosen.quiet_until), member.tz)
        return later if later < waits.at else None
    say = work.texts.speaker(member.locale, "link")
    await tell(work, member, "told-again", ((stop(say),),), values={"when": when(work, member, waits.at)})
    return None


@cog.due("join")
async def take_effect(work: Work, row: DueRow) -> datetime | None:
    """Make two members one, if both still wait for it; tell them at each of their accounts."""
    waits = await waiting(work.tx, row.key)
    theirs = await waiting(work.tx, waits.other) if waits else None
    kept = await people.load(work.tx, row.key)
    gone = await people.load(work.tx, waits.other) if waits else None
    await work.tx.delete(joins, joins.c.member == row.key)
    if kept is None or gone is None or theirs is None or theirs.other != row.key:
        return None
    await _merge(work, kept[0], gone[0])
    now = await people.load(work.tx, row.key)
    assert now is not None  # noqa: S101 # they have just been written
    await tell(work, now[0], "told-joined")
    work.tx.notes.add(SCRUB)
    return None


async def _merge(work: Work, kept: Member, gone: Member) -> None:
    await work.tx.delete(joins, joins.c.member == gone.id)
    for run in (run for each in work.cogs for run in each.mergers):
        await run(work, kept, gone)
    rules = {name: rule for each in work.cogs for name, rule in each.rules.items()}
    await people.merge(work.tx, kept, gone, rules, work.now)
    await work.due.forget(gone.id)
    for each in (kept.id, gone.id):
        await work.due.cancel(REMINDER, each)


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Call off what a member who goes waits for, and tell their other accounts that they are nobody's now."""
    await call_off(work, member)
    for each in await people.linked(work.tx, member.id):
        if each.id != member.account:
            await tell_nobodys(work, each.account, "told-erased")
