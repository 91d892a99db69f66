"""Which questions are whose: the row in which a member's are listed, and what becomes of it with the member."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.cog import Work
from bot.model import JSON, Account
from bot.people import Member
from bot.store import Row, Tx
from cogs.questions.store import (
    ALIASES,
    DROP_DRAFT,
    OPEN_STATES,
    SEEN,
    askers,
    card_of,
    carried,
    cog,
    drafts,
    questions,
    thread,
)


@dataclass(frozen=True)
class Asked:
    """What a member's row holds: the ids of their questions, when they asked last, the aliases they have had.

    `tips` is how many tips they sent on the last day on which they sent any, and which day (a date of UTC) that was.
    """

    ids: tuple[str, ...] = ()
    last: datetime | None = field(default=None, repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)
    tips: tuple[str, int] = field(default=("", 0), repr=False)


async def asked_by(tx: Tx, member: Member) -> Asked:
    """Return what a member has asked."""
    row = await tx.row(askers, member=member.id)
    return _asked(row["asked"]) if row else Asked()


async def keep_asked(tx: Tx, member: Member, asked: Asked) -> None:
    """Write what a member has asked."""
    await tx.update(askers, {"member": member.id}, asked=_dump_asked(asked))


async def had(tx: Tx, row: Row, **changes: Any) -> None:
    """Change what the asker of a question is remembered to have asked; see Asked. Nothing, where they are gone."""
    kept = await tx.row(askers, askers.c.member == row["asker"]["member"])
    if kept:
        await tx.update(
            askers, {"member": kept["member"]}, asked=_dump_asked(replace(_asked(kept["asked"]), **changes))
        )


async def forget_id(tx: Tx, row: Row) -> None:
    """Take a question out of what its asker has asked."""
    kept = await tx.row(askers, askers.c.member == row["asker"]["member"])
    if kept:
        await had(tx, row, ids=tuple(id for id in _asked(kept["asked"]).ids if id != row["id"]))


async def rows_of(tx: Tx, member: Member) -> list[Row]:
    """Return the member's questions, in the order they were asked."""
    ids = (await asked_by(tx, member)).ids
    found = {row["id"]: row for row in await tx.rows(questions, questions.c.id.in_(ids))} if ids else {}
    return [found[id] for id in ids if id in found]


async def open_of(tx: Tx, member: Member) -> int:
    """Return how many questions of a member's are open."""
    return sum(row["state"] in OPEN_STATES for row in await rows_of(tx, member))


@cog.joined
async def joined(work: Work, member: Member) -> None:
    """Give everybody the row in which their questions are listed: having one tells nothing."""
    await work.tx.insert(askers, member=member.id, asked=_dump_asked(Asked()))


@cog.merges(askers)
def merged(mine: Row, theirs: Row) -> Row:
    """The questions of both are theirs."""
    both = _asked(mine["asked"]), _asked(theirs["asked"])
    last = max((each.last for each in both if each.last), default=None)
    return {
        "asked": _dump_asked(
            Asked(
                tuple(id for each in both for id in each.ids),
                last,
                tuple(dict.fromkeys(alias for each in both for alias in each.aliases))[-ALIASES:],
                _tips_of(*(each.tips for each in both)),
            )
        )
    }


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
    theirs = [row["id"] for row in await rows_of(work.tx, member) if row["asker"] == left]
    stays = left | {"platform": other.platform, "address": other.id}
    await work.tx.reseal(questions, "asker", lambda row: stays if row["asker"] == left else row["asker"])
    for id in theirs:
        await work.outbox.readdress(carried(id), other.private)


@cog.returned
async def returned(work: Work, member: Member) -> None:
    """Let answers go out that waited for someone who could not be reached."""
    for id in (await asked_by(work.tx, member)).ids:
        await work.outbox.release(carried(id))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return the member's questions and what was said of them, but for what coaches noted among themselves."""
    kept = await rows_of(work.tx, member)
    asked = [
        {"asked": row["asked"].isoformat(), "topic": card_of(row).topic, "alias": card_of(row).alias}
        | {name: row[name] for name in ("id", "community", "state", "text")}
        for row in kept
    ]
    said = [
        {"question": row["id"], "kind": line.kind, "at": line.at.isoformat(), "name": line.name, "text": line.text}
        for row in kept
        for line in await thread(work.tx, row["id"])
        if line.kind in SEEN
    ]
    return {"questions": asked} | ({"question_lines": said} if said else {})


def _asked(kept: Any) -> Asked:
    if isinstance(kept, list):  # as it was before anything but the ids was kept
        return Asked(tuple(map(str, kept)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    last = kept.get("last")
    return Asked(
        tuple(kept["ids"]),
        datetime.fromisoformat(last) if last else None,
        tuple(kept.get("aliases", ())),
        tuple(kept.get("tips", ("", 0))),
    )


def _dump_asked(asked: Asked) -> JSON:
    last = asked.last.isoformat(timespec="seconds") if asked.last else None
    tips = {"tips": list(asked.tips)} if asked.tips[1] else {}
    return {"ids": list(asked.ids), "last": last, "aliases": list(asked.aliases)} | tips


def _tips_of(*each: tuple[str, int]) -> tuple[str, int]:
    day = max(day for day, _ in each)
    return day, sum(count for on, count in each if on == day)
