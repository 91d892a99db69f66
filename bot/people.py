"""Members and their accounts: consent, what is kept of them, export and erasure.

Nothing about a person is written before `join`. What belongs to a member hangs from their row by foreign keys, so that
erasing and exporting follow from the schema.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, String, Table, bindparam, select

from bot import clock
from bot.model import Account, Place
from bot.query import Query
from bot.store import ID, Holds, Instant, Row, Sealed, Tx, by_key, metadata, new_id, table
from bot.vault import INDEX_BYTES, Vault, WrongKey

TERMS = 1  # the version of the words agreed to

members = table(
    "members",
    Column("id", ID, primary_key=True),
    Column("joined", Instant, nullable=False),  # rounded to the hour
    Column("terms", SmallInteger, nullable=False),
    Column("profile", Sealed(256), nullable=False),  # zone, locale, day_start, floor, seen, at
)

accounts = table(
    "accounts",
    Column("id", ID, primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("platform", String(16), nullable=False),
    Column("lookup", LargeBinary(INDEX_BYTES), nullable=False, unique=True),
    # The account's id on its platform, and whether nothing can be sent there until they speak again. That is sealed
    # too: in a small community, an answer that waits and one person who cannot be reached would tell who asked.
    Column("reach", Sealed(96), nullable=False),
)


# Built once: this is the first statement of every Call.
_WITH_ACCOUNT = select(
    members.c.id, members.c.profile, accounts.c.id.label("account"), accounts.c.platform, accounts.c.reach
).join_from(accounts, members)
FIND = Query(_WITH_ACCOUNT.where(accounts.c.lookup == bindparam("lookup")))
LOAD = Query(_WITH_ACCOUNT.where(members.c.id == bindparam("member")).order_by(accounts.c.id))

REACH = select(accounts).where(accounts.c.lookup.in_(bindparam("lookups", expanding=True)))


@dataclass(frozen=True)
class Member:
    """A member, as the account that spoke knows them.

    `floor` is the latest local date they were shown, before a change of zone or day start; `seen` is the local date on
    which they last did anything, or `date.min`. `at` is the id of the account that they chose for what comes unasked,
    or None; `unreachable` says that nothing can be sent to the account that spoke.
    """

    id: str
    account: str
    zone: str = field(repr=False)
    locale: str | None = field(repr=False)
    day_start: int = field(repr=False)
    floor: date = field(repr=False)
    seen: date = field(repr=False)
    at: str | None = field(default=None, repr=False)
    unreachable: bool = False

    @property
    def tz(self) -> tzinfo:
        """Their time zone."""
        return clock.zone(self.zone)

    def today(self, now: datetime) -> date:
        """Return the date that it is for them. It never goes back: a change of zone takes no day away."""
        return max(clock.day_of(now, self.tz, self.day_start), self.floor)


@dataclass(frozen=True)
class Linked:
    """One of a member's accounts: the id of its row, and whether nothing can be sent there until they speak again."""

    id: str
    account: Account
    unreachable: bool


MergeRule = Callable[[Row, Row], Row]
"""What changes in a member's row of a table, given theirs and that of the member who becomes part of them."""


def lookup(vault: Vault, account: Account) -> bytes:
    """Return the blind index by which an account is found."""
    return vault.index("account", f"{account.platform}:{account.id}")


async def find(tx: Tx, vault: Vault, account: Account) -> Member | None:
    """Return the member who speaks through `account`, or None."""
    found = await tx.find(FIND, lookup=lookup(vault, account))
    return _member(tx, found[0])[0] if found else None


async def load(tx: Tx, member: str) -> tuple[Member, Account] | None:
    """Return a member and the account that what is said unasked goes to, or None where they are gone.

    It is the one they chose, while it can be reached, else another that can.
    """
    found = [_member(tx, row) for row in await tx.find(LOAD, member=member)]
    return min(found, key=lambda each: (each[0].unreachable, each[0].account != each[0].at), default=None)


async def linked(tx: Tx, member: str) -> list[Linked]:
    """Return every account through which a member speaks: by platform, and within one always in the same order."""
    rows = await tx.rows(accounts, member=member)
    return [
        Linked(row["id"], Account(row["platform"], row["reach"]["address"]), row["reach"]["unreachable"])
        for row in sorted(rows, key=lambda row: (row["platform"], row["id"]))
    ]


async def accounts_of(tx: Tx, member: Member) -> list[Account]:
    """Return every account through which a member speaks."""
    return [each.account for each in await linked(tx, member.id)]


async def join(tx: Tx, vault: Vault, account: Account, *, zone: str, now: datetime) -> Member:
    """Write a new member, who has just agreed to the terms, and their account."""
    member = Member(new_id(), new_id(), zone, account.locale, clock.DAY_START, date.min, date.min)
    joined = clock.floor_hour(now)
    await tx.insert(members, id=member.id, joined=joined, terms=TERMS, profile=_profile(member))
    await tx.insert(
        accounts,
        id=member.account,
        member=member.id,
        platform=account.platform,
        lookup=lookup(vault, account),
        reach={"address": account.id, "unreachable": False},
    )
    return member


async def change(
    tx: Tx,
    member: Member,
    now: datetime,
    *,
    zone: str | None = None,
    day_start: int | None = None,
    locale: str | None = None,
) -> Member:
    """Change what is given of the member's zone, day start (hours, 0 to 6) and language; return them as they are then.

    The day they have already been shown stays.
    """
    given = {"zone": zone, "day_start": day_start, "locale": locale}
    new = {name: value for name, value in given.items() if value is not None}
    changed = replace(member, floor=member.today(now), **new)  # pyright: ignore[reportArgumentType]
    await tx.update(members, {"id": member.id}, profile=_profile(changed))
    return changed


async def speak_at(tx: Tx, member: Member, account: str | None) -> Member:
    """Let what comes unasked go to the account of that id, of this member's; None: to any of theirs."""
    changed = replace(member, at=account)
    await tx.update(members, {"id": member.id}, profile=_profile(changed))
    return changed


async def see(tx: Tx, vault: Vault, account: Account, now: datetime) -> None:
    """Note that whoever speaks through `account`, if it is a member, is here today."""
    member = await find(tx, vault, account)
    if member is not None and member.seen != (today := member.today(now)):
        await tx.update(members, {"id": member.id}, profile=_profile(replace(member, seen=today)))


async def set_unreachable(tx: Tx, vault: Vault, account: Account, *, unreachable: bool) -> None:
    """Note that an account cannot be written to, or can again. An account of nobody is passed over."""
    row = await tx.row(accounts, lookup=lookup(vault, account))
    if row is not None:
        await tx.update(accounts, {"id": row["id"]}, reach=row["reach"] | {"unreachable": unreachable})


async def unreachable(tx: Tx, vault: Vault, places: Iterable[Place]) -> set[Place]:
    """Return those of the private `places` whose owner cannot be written to until they speak again."""
    found = {lookup(vault, Account(place.platform, place.channel)): place for place in places}
    if not found:
        return set()
    away: set[Place] = set()
    for each in (await tx.execute(REACH, {"lookups": list(found)})).mappings().all():
        with suppress(WrongKey):  # one that cannot be read must not stand in the way of the others
            if tx.unseal(accounts, each)["reach"]["unreachable"]:
                away.add(found[each["lookup"]])
    return away


async def merge(tx: Tx, kept: Member, gone: Member, rules: Mapping[str, MergeRule], now: datetime) -> None:
    """Make `gone` a part of `kept`: what hangs from the one hangs from the other then, by the same ids.

    Of a table with one row for each member (or for each member and something else) the row of `kept` stays, changed as
    the rule of that table says; where they have none it is the other's, sealed anew. What is sealed stays valid
    elsewhere: it is bound to the primary key. The date goes back for neither: it is at least the one on which `gone`
    last did something. What comes unasked goes where it went for `kept`.
    """
    for owned, column in owned_tables():
        if column.name not in {key.name for key in owned.primary_key}:
            await tx.execute(owned.update().where(column == gone.id).values({column.name: kept.id}))
            continue
        for row in await tx.rows(owned, column == gone.id):
            theirs = row | {column.name: kept.id}
            mine = await tx.row(owned, by_key(owned, theirs))
            if mine is None:
                await tx.insert(owned, **theirs)
            elif rule := rules.get(owned.name):
                await tx.upsert(owned, **mine | rule(mine, theirs))
    floor = max(kept.today(now), gone.floor, gone.seen)
    together = replace(kept, floor=floor, seen=max(kept.seen, gone.seen), at=kept.at or kept.account)
    await tx.update(members, {"id": kept.id}, profile=_profile(together))
    await erase(tx, gone.id)


async def part(tx: Tx, account: str) -> None:
    """Let an account, by the id of its row, be nobody's. It must not be the last one of its member."""
    await tx.delete(accounts, id=account)


async def erase(tx: Tx, member: str) -> None:
    """Delete the member and all that hangs from them. What hangs from nobody is the cogs' to erase, before this."""
    await tx.delete(members, id=member)


async def export(tx: Tx, member: str) -> dict[str, list[Row]]:
    """Return all that hangs from the member, by table and in the order of its key, unsealed."""
    found: dict[str, list[Row]] = {members.name: await tx.rows(members, id=member)}
    for owned, column in owned_tables():
        found[owned.name] = await tx.rows(owned, column == member, order_by=tuple(owned.primary_key))
    return {name: [_readable(row) for row in rows] for name, rows in found.items() if rows}


def owned_tables() -> Iterator[tuple[Table, Column[Any]]]:
    """Yield every table that hangs from members, and the column it hangs by."""
    for owned in metadata.sorted_tables:
        for column in owned.columns:
            if any(key.column is members.c.id and key.ondelete == "CASCADE" for key in column.foreign_keys):
                yield owned, column


def unreached_tables() -> list[str]:
    """Return the tables that hold something of a person and are reached by no foreign key: there must be none."""
    reached = {owned.name for owned, _ in owned_tables()} | {members.name}
    return [
        each.name for each in metadata.sorted_tables if each.info["holds"] is Holds.MEMBER and each.name not in reached
    ]


def _profile(member: Member) -> Row:
    return {
        "zone": member.zone,
        "locale": member.locale,
        "day_start": member.day_start,
        "floor": member.floor.isoformat(),
        "seen": member.seen.isoformat(),
        "at": member.at,
    }


def _member(tx: Tx, row: Row) -> tuple[Member, Account]:
    profile = tx.opened(members.c.profile, row["id"], row["profile"])
    reach = tx.opened(accounts.c.reach, row["account"], row["reach"])
    member = Member(
        row["id"],
        row["account"],
        profile["zone"],
        profile["locale"],
        profile["day_start"],
        date.fromisoformat(profile["floor"]),
        date.fromisoformat(profile["seen"]) if "seen" in profile else date.min,
        profile.get("at"),
        reach["unreachable"],
    )
    return member, Account(row["platform"], reach["address"])


def _readable(row: Row) -> Row:
    """Leave out what only finds a row, and write what JSON cannot hold."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if not isinstance(value, bytes)
    }
