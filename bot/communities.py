"""Communities: a server, a group, or several joined into one; who answers for it, where its places are, who coaches.

What is kept of somebody here, as the one who set a community up or as a coach, hangs from no member: they may be none.
The cogs that write it erase and export it.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
)

from bot import clock
from bot.adapter import Gone, Look, Need
from bot.model import Account, Place, Server
from bot.people import members
from bot.query import Query
from bot.store import ID, Holds, Instant, Row, Sealed, Tx, table
from bot.vault import INDEX_BYTES, Vault

NAME = 100  # Discord: a server's name, 2-100 characters; Telegram: a chat's title, 1-128
ID_LENGTH = 8
GONE, REMOVED, REFUSED = "gone", "removed", "refused"
"""What may be wrong with a place beside switches that are off: it was deleted, the bot was taken out of there, or the
platform says no though everything is switched on.
"""


class Step(IntEnum):
    """What comes next in setting a community up."""

    RESPONSIBLE = 1
    DESK = 2
    COACHES = 3
    POSTS = 4
    CHECK = 5
    OPEN = 6
    DONE = 7


class Purpose(StrEnum):
    """What a place is for."""

    DESK = "desk"  # questions come here
    POSTS = "posts"  # the daily post goes here


NEEDS: dict[Purpose, frozenset[Need]] = {
    Purpose.DESK: frozenset[Need]({"send", "delete", "history"}),
    Purpose.POSTS: frozenset[Need]({"send", "files", "history"}),
}

communities = table(
    "communities",
    Column("id", ID, primary_key=True),
    Column("name", String(NAME), nullable=False, server_default=text("''")),
    Column("operator", String(200), nullable=False),  # who is responsible, and how to reach them
    Column("contact", String(200), nullable=False, server_default=text("''")),
    Column("zone", String(64), nullable=False),
    Column("locale", String(16), nullable=False, server_default="en"),
    Column("step", SmallInteger, nullable=False, server_default="1"),
    Column("asks", Boolean, nullable=False, server_default=false()),  # whether questions are taken
    Column("weekly", Boolean, nullable=False, server_default=false()),  # whether the totals are posted each week
    Column("halted", Boolean, nullable=False),  # nothing unasked, no questions
    Column("deck", String(32)),  # the name of the deck it has chosen; none: the one that is usual in this Unsent
    holds=Holds.NOTHING,
)

homes = table(
    "homes",
    Column("platform", String(16), primary_key=True),
    Column("server", String(32), primary_key=True),
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column(
        "joined_here", Boolean, nullable=False
    ),  # False: a server of its coaches alone, who do not run the community
    holds=Holds.NOTHING,
)

places = table(
    "places",
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("purpose", String(16), primary_key=True),
    Column("platform", String(16), primary_key=True),
    Column("server", String(32), primary_key=True),
    Column("key", ID, primary_key=True),  # of a place for posts, of which a server may have several; a desk has ""
    Column("channel", String(32), nullable=False),
    Column("thread", String(32)),
    Column("name", String(NAME), nullable=False),  # as it was called when it was last looked at
    Column("role", String(32)),  # of a desk: the role that makes a coach, where the platform has roles
    Column("broken", String(200)),  # GONE, REMOVED, or the switches that are off
    Column("number", SmallInteger, nullable=False),  # rises: which was there first
    Column("threads", Boolean, nullable=False),  # whether threads are opened there
    Column("plan", JSON),  # what comes there and when, as the cog keeps it that posts
    Index("ix_places_channel", "platform", "channel"),
    holds=Holds.NOTHING,
)

memberships = table(
    "memberships",
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), primary_key=True),
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), primary_key=True, index=True),
    Column("since", Instant, nullable=False),  # rounded to the hour
)

stewards = table(
    "stewards",
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("lookup", LargeBinary(INDEX_BYTES), nullable=False, index=True),
    Column("who", Sealed(160), nullable=False),  # platform, address, locale
    holds=Holds.HOOKS,
)

choosers = table(
    "choosers",
    Column("key", ID, primary_key=True),  # of the place for posts that they chose
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("lookup", LargeBinary(INDEX_BYTES), nullable=False, index=True),
    Column("who", Sealed(160), nullable=False),  # platform, address, locale
    holds=Holds.HOOKS,
)

named_coaches = table(
    "named_coaches",
    Column("key", LargeBinary(INDEX_BYTES), primary_key=True),  # see coach_key
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), nullable=False, index=True),
    holds=Holds.HOOKS,
)

IN_ORDER = places.c.purpose, places.c.number

# Built once: many a Call asks what it is about. A row for each server of a community with each of its places.
_FIELDS = {column.name: column.label(f"its_{column.name}") for column in communities.columns}
_WHOLE = (
    select(
        *_FIELDS.values(),
        homes.c.platform.label("home_platform"),
        homes.c.server.label("home_server"),
        homes.c.joined_here,
        *places.columns,
    )
    .join_from(communities, homes, isouter=True)
    .join(places, places.c.community == communities.c.id, isouter=True)
    .order_by(homes.c.platform, homes.c.server, *IN_ORDER)
)
LOAD = Query(_WHOLE.where(communities.c.id == bindparam("id")))
_HERE = homes.alias("here")
AT = Query(
    _WHOLE.join(_HERE, _HERE.c.community == communities.c.id).where(
        _HERE.c.platform == bindparam("at_platform"), _HERE.c.server == bindparam("at_server")
    )
)
_THEIRS = memberships.c.member == bindparam("member")
OF = Query(select(memberships.c.community).where(_THEIRS))
HALTED = Query(select(communities.c.halted).join_from(memberships, communities).where(_THEIRS))
DECKS = Query(select(communities.c.deck).distinct().join_from(memberships, communities).where(_THEIRS))


@dataclass(frozen=True)
class Spot:
    """A place of a community's. `role` is the one that makes a coach there, `broken` what is wrong with it.

    Of a place for posts, `key` tells it from the others, `threads` whether threads are opened there, and `plan` is what
    the cog keeps that posts, or None where it has not been there yet.
    """

    purpose: Purpose
    place: Place
    server: Server
    name: str = field(default="", repr=False)
    role: str | None = field(default=None, repr=False)
    broken: tuple[str, ...] = ()
    key: str = ""
    threads: bool = False
    plan: dict[str, Any] | None = field(default=None, repr=False, compare=False)  # changes with each post

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be possible there."""
        return NEEDS[self.purpose] | (frozenset[Need]({"threads"}) if self.threads else frozenset[Need]())


@dataclass(frozen=True)
class Community:
    """One community. `homes` are the servers and groups that people join it from."""

    id: str
    name: str = field(repr=False)
    operator: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    zone: str = "UTC"
    locale: str = "en"
    step: Step = Step.RESPONSIBLE
    asks: bool = False
    weekly: bool = False
    halted: bool = False
    deck: str | None = None
    homes: tuple[Server, ...] = ()
    spots: tuple[Spot, ...] = ()

    @property
    def tz(self) -> tzinfo:
        """Its time zone."""
        return clock.zone(self.zone)

    @property
    def responsible(self) -> str:
        """Who is responsible, and how to reach them."""
        return f"{self.operator} ({self.contact})" if self.contact else self.operator

    @property
    def can_be_joined(self) -> bool:
        """Whether it was set up, and opened."""
        return self.step is Step.DONE

    @property
    def desks(self) -> tuple[Spot, ...]:
        """Where its coaches sit: every question stands at each of these places."""
        return tuple(spot for spot in self.spots if spot.purpose is Purpose.DESK)

    @property
    def desk(self) -> Spot | None:
        """The first place where its coaches sit, or None."""
        return next(iter(self.desks), None)

    @property
    def posts(self) -> tuple[Spot, ...]:
        """Where its posts go, in the order in which they were chosen."""
        return tuple(spot for spot in self.spots if spot.purpose is Purpose.POSTS)

    @property
    def boards(self) -> tuple[Spot, ...]:
        """Where all are told what is not a daily post: in each server, the place for posts that was chosen first."""
        first: dict[Server, Spot] = {}
        for spot in self.posts:
            first.setdefault(spot.server, spot)
        return tuple(first.values())

    def post_at(self, key: str) -> Spot | None:
        """Return the place for posts that goes by `key`, or None."""
        return next((spot for spot in self.posts if spot.key == key), None)

    @property
    def takes_questions(self) -> bool:
        """Whether a question can be asked now."""
        return self.asks and not self.halted and self.desk is not None and not self.is_out_of_order

    @property
    def is_out_of_order(self) -> bool:
        """Whether nothing can arrive at any desk now. Where a platform refuses without a reason, the next one tries."""
        return bool(self.desks) and all(set(desk.broken) - {REFUSED} for desk in self.desks)

    def is_desk(self, place: Place) -> bool:
        """Tell whether `place` is where coaches sit, or a thread of it."""
        return self.desk_at(place) is not None

    def desk_at(self, place: Place) -> Spot | None:
        """Return the desk that `place` is, or is a thread of, or None."""
        return next((desk for desk in self.desks if _holds(desk.place, place)), None)

    def desk_in(self, server: Server) -> Spot | None:
        """Return the desk that is in a server, or None."""
        return next((desk for desk in self.desks if desk.server == server), None)


def _holds(desk: Place, place: Place) -> bool:
    here = (desk.platform, desk.channel) == (place.platform, place.channel)
    return here and desk.thread in (None, place.thread)


def new_id() -> str:
    """Return a random id that means nothing. It is short: a choice of a place goes with it through 64 bytes."""
    return secrets.token_hex(ID_LENGTH // 2)


async def create(tx: Tx, server: Server, *, name: str, locale: str) -> Community:
    """Begin a community at `server`, which has none yet. Nobody can join it before somebody answers for it."""
    id = new_id()
    await tx.insert(
        communities,
        id=id,
        name=name[:NAME],
        operator="",
        contact="",
        zone="UTC",
        locale=locale,
        step=Step.RESPONSIBLE,
        asks=False,
        weekly=False,
        halted=False,
    )
    await add_home(tx, id, server)
    return await load(tx, id)


async def load(tx: Tx, community: str) -> Community:
    """Return a community. Raises LookupError where there is none of that id."""
    found = _built(await tx.find(LOAD, id=community))
    if found is None:
        raise LookupError("no such community")
    return found


async def at(tx: Tx, server: Server) -> Community | None:
    """Return the community that a server or group belongs to, as a home or as its coaches' own, or None."""
    return _built(await tx.find(AT, at_platform=server.platform, at_server=server.id))


async def only(tx: Tx) -> Community | None:
    """Return the community that can be joined, where there is just one: nobody has to say which then."""
    rows = await tx.rows(communities, communities.c.step == Step.DONE, limit=2)
    return await load(tx, rows[0]["id"]) if len(rows) == 1 else None


async def of(tx: Tx, member: str) -> list[Community]:
    """Return the communities that a member belongs to, by name."""
    found = [await load(tx, id) for id in await ids_of(tx, member)]
    return sorted(found, key=lambda each: (each.name, each.id))


async def ids_of(tx: Tx, member: str) -> set[str]:
    """Return the ids of the communities that a member belongs to."""
    return {row["community"] for row in await tx.find(OF, member=member)}


async def change(tx: Tx, community: str, **values: Any) -> bool:
    """Change columns of a community; tell whether there is one."""
    return await tx.update(communities, {"id": community}, **values)


async def halt(tx: Tx, community: str, *, halted: bool) -> bool:
    """Stop everything unasked and the taking of questions, or let it go on; tell whether that changed anything."""
    return await tx.update(communities, {"id": community}, communities.c.halted != halted, halted=halted)


async def is_halted_for(tx: Tx, member: str) -> bool:
    """Tell whether all is halted for a member: in every community they belong to, of which there is at least one."""
    theirs = await tx.find(HALTED, member=member)
    return bool(theirs) and all(each["halted"] for each in theirs)


async def decks_of(tx: Tx, member: str) -> set[str | None]:
    """Return the names of the decks that a member's communities have chosen; None for those that chose none."""
    return {row["deck"] for row in await tx.find(DECKS, member=member)}


def halted_with(community: str) -> Select[Any]:
    """Select the members for whom all is halted when `community` is, which is written as halted already."""
    elsewhere = (
        select(memberships.c.member)
        .join_from(memberships, communities)
        .where(communities.c.halted.is_(False))
        .scalar_subquery()
    )
    return select(memberships.c.member).where(
        memberships.c.community == community, memberships.c.member.not_in(elsewhere)
    )


def posts_subject(community: str, key: str = "") -> str:
    """Return what the subjects in the outbox begin with of all that is posted in a community, or at one place of it."""
    return f"post-{community}-{key}"


# -- servers and places


async def add_home(tx: Tx, community: str, server: Server, *, joined_here: bool = True) -> None:
    """Make `server` belong to a community. Raises ValueError where it belongs to another."""
    new = await tx.insert_new(
        homes, platform=server.platform, server=server.id, community=community, joined_here=joined_here
    )
    if new:
        return
    key = {"platform": server.platform, "server": server.id}
    changed = {"joined_here": True} if joined_here else {"community": community}
    if not await tx.update(homes, key, homes.c.community == community, **changed):
        raise ValueError("it belongs to another community")


async def merge(tx: Tx, old: Community, new: Community) -> None:
    """Make a community part of another: its people, its servers, its posts. Its desk and its coaches are no more."""
    theirs = select(memberships.c.member, literal(new.id), memberships.c.since).where(memberships.c.community == old.id)
    already = select(memberships.c.member).where(memberships.c.community == new.id)
    fresh = theirs.where(memberships.c.member.not_in(already))
    await tx.execute(memberships.insert().from_select(["member", "community", "since"], fresh))
    posts = places.c.community == old.id, places.c.purpose == Purpose.POSTS
    posted = exists().where(*posts, places.c.platform == homes.c.platform, places.c.server == homes.c.server)
    stays = homes.c.community == old.id, or_(homes.c.joined_here, posted)
    await tx.execute(homes.update().where(*stays).values(community=new.id))
    last = await _last(tx, new)
    await tx.execute(places.update().where(*posts).values(community=new.id, number=places.c.number + last))
    await tx.execute(choosers.update().where(choosers.c.community == old.id).values(community=new.id))
    await tx.delete(communities, communities.c.id == old.id)


async def set_place(
    tx: Tx,
    community: Community,
    purpose: Purpose,
    place: Place,
    server: Server,
    *,
    name: str,
    role: str | None = None,
    key: str | None = None,
) -> str:
    """Put a place in order: the one desk that there is in that server, or the place for posts that goes by `key`, one
    more where that is None. Return its key.
    """
    if key is None:
        key = new_id() if purpose is Purpose.POSTS else ""
    await clear_place(tx, community, purpose, server, key)
    await add_home(tx, community.id, server, joined_here=server in community.homes)
    await tx.insert(
        places,
        community=community.id,
        purpose=purpose,
        platform=server.platform,
        server=server.id,
        key=key,
        channel=place.channel,
        thread=place.thread,
        name=name[:NAME],
        role=role,
        number=await _last(tx, community) + 1,
        threads=False,
    )
    return key


async def clear_place(
    tx: Tx, community: Community, purpose: Purpose, server: Server | None = None, key: str | None = None
) -> None:
    """Take a place of a community's away, of `server` alone or everywhere; its server stays with it where needed.

    Without `key`, all that it has of that purpose there.
    """
    here = () if server is None else (places.c.platform == server.platform, places.c.server == server.id)
    here = here if key is None else (*here, places.c.key == key)
    these = places.c.community == community.id, places.c.purpose == purpose, *here
    await tx.delete(choosers, choosers.c.key.in_(select(places.c.key).where(*these)))
    await tx.delete(places, *these)
    used = select(places.c.server).where(places.c.community == community.id, places.c.platform == homes.c.platform)
    await tx.delete(
        homes,
        homes.c.community == community.id,
        homes.c.joined_here.is_(False),
        homes.c.server.not_in(used.scalar_subquery()),
    )


async def change_place(tx: Tx, community: str, spot: Spot, **values: Any) -> bool:
    """Change columns of a place; tell whether there is one."""
    return await tx.update(places, _key(community, spot), **values)


async def set_role(tx: Tx, community: Community, server: Server, role: str | None) -> None:
    """Say which role of a server makes a coach at the desk there; None: none does."""
    here = places.c.platform == server.platform, places.c.server == server.id
    desk = places.c.community == community.id, places.c.purpose == Purpose.DESK, *here
    await tx.execute(places.update().where(*desk).values(role=role))


async def spots_at(tx: Tx, place: Place | Server) -> list[tuple[str, Spot]]:
    """Return what communities have at a place (in all of a channel, where it names no thread) or server, and whose.

    In the order in which a community has them, whatever order the database comes upon them in.
    """
    if isinstance(place, Server):
        here = (places.c.platform == place.platform, places.c.server == place.id)
    else:
        here = (places.c.platform == place.platform, places.c.channel == place.channel)
        here = (*here, places.c.thread == place.thread) if place.thread else here
    return [(row["community"], _spot(row)) for row in await tx.rows(places, *here, order_by=IN_ORDER)]


async def set_broken(tx: Tx, community: str, spot: Spot, broken: Iterable[str], *, name: str | None = None) -> bool:
    """Note what is wrong with a place, nothing if it is mended; tell whether that is news."""
    told, key = " ".join(broken) or None, _key(community, spot)
    if name is not None:
        await tx.update(places, key, name=name[:NAME])
    return await tx.update(places, key, places.c.broken.is_distinct_from(told), broken=told)


async def move(tx: Tx, old: Server, new: Server) -> bool:
    """Note that a server has another id now; tell whether that is news.

    On Telegram, where that happens, a group and its channel have the same id.
    """
    if await tx.row(homes, homes.c.platform == new.platform, homes.c.server == new.id):
        return False
    for each in (homes, places):
        theirs = each.c.platform == old.platform, each.c.server == old.id
        await tx.execute(each.update().where(*theirs).values(server=new.id))
    channel = places.c.platform == old.platform, places.c.channel == old.id
    await tx.execute(places.update().where(*channel).values(channel=new.id))
    return True


def wrong_key(wrong: str) -> str:
    """Return the key in core.ftl of what is wrong with a place: of a switch that is off its own."""
    return wrong if wrong.startswith("switch-") else f"wrong-{wrong}"


def what_is_wrong(
    spot: Spot, now: Look | Gone | None, *, refused: bool = False, anew: bool = True
) -> tuple[str, ...] | None:
    """Return what is wrong with a place that was looked at, nothing where it is well, None where nobody can tell.

    Not every platform shows that it refuses, or that a topic is gone. So what looks well and was refused is well again
    where there is `anew` a reason to think so (somebody says it is mended, the platform says something changed), else
    not before something arrives there.
    """
    match now:
        case Gone():
            return (GONE,)
        case Look(missing=()) if refused:
            return (REFUSED,)
        case Look(missing=()) if not anew and (REFUSED in spot.broken or (GONE in spot.broken and spot.place.thread)):
            return None
        case Look(missing=missing):
            return missing
        case None:
            return None


# -- people


async def enter(tx: Tx, member: str, community: str, now: datetime) -> bool:
    """Let a member belong to a community; tell whether that is news."""
    return await tx.insert_new(memberships, member=member, community=community, since=clock.floor_hour(now))


async def leave(tx: Tx, member: str, server: Server, others: Iterable[Server]) -> None:
    """Note that a member is not in `server` any more; they stay in its community where they are in one of `others`."""
    community = await at(tx, server)
    if community is None or server not in community.homes or set(community.homes) & set(others):
        return
    await tx.delete(memberships, memberships.c.member == member, memberships.c.community == community.id)


async def set_chosen_by(tx: Tx, vault: Vault, community: str, spot: Spot, account: Account) -> None:
    """Note who chose a place for posts: they are told when something of it breaks."""
    lookup = steward_key(vault, account)
    await tx.upsert(choosers, key=spot.key, community=community, lookup=lookup, who=_who(account))


async def chosen_by(tx: Tx, community: str, spot: Spot) -> Account | None:
    """Return who chose a place, or else who set the community up; None where they had that erased."""
    row = await tx.row(choosers, key=spot.key) if spot.key else None
    return _account(row["who"]) if row else await steward(tx, community)


async def set_steward(tx: Tx, vault: Vault, community: str, account: Account) -> None:
    """Note who set a community up: they are told when something of it breaks."""
    await tx.upsert(stewards, community=community, lookup=steward_key(vault, account), who=_who(account))


async def steward(tx: Tx, community: str) -> Account | None:
    """Return who set a community up, or None where they had that erased."""
    row = await tx.row(stewards, community=community)
    return _account(row["who"]) if row else None


async def stewards_on(tx: Tx, platform: str) -> list[Account]:
    """Return who set up the communities that have a home on `platform`: each once."""
    there = select(homes.c.community).where(homes.c.platform == platform)
    rows = await tx.rows(stewards, stewards.c.community.in_(there), order_by=(stewards.c.community,))
    return [_account(row["who"]) for row in {row["lookup"]: row for row in rows}.values()]


def steward_key(vault: Vault, account: Account) -> bytes:
    """Return the blind index by which the communities are found that `account` set up, and the places they chose."""
    return vault.index("steward", f"{account.platform}:{account.id}")


def coach_key(vault: Vault, community: str, account: Account) -> bytes:
    """Return the blind index by which a coach of a community is found."""
    return vault.index("coach", f"{community}:{account.platform}:{account.id}")


async def coach_keys(tx: Tx, vault: Vault, account: Account) -> list[bytes]:
    """Return the blind index of `account` as a coach of each community there is."""
    ids = (await tx.execute(select(communities.c.id))).scalars().all()
    return [coach_key(vault, id, account) for id in ids]


async def is_named(tx: Tx, vault: Vault, community: str, account: Account) -> bool:
    """Tell whether `account` was named as a coach of a community's."""
    return await tx.row(named_coaches, key=coach_key(vault, community, account)) is not None


async def name_coach(tx: Tx, vault: Vault, community: str, account: Account, *, coach: bool) -> bool:
    """Name somebody as a coach, or not any more; tell whether that is news."""
    key = coach_key(vault, community, account)
    if coach:
        return await tx.insert_new(named_coaches, key=key, community=community)
    return await tx.delete(named_coaches, named_coaches.c.key == key) > 0


async def count_coaches(tx: Tx, community: str) -> int:
    """Return how many coaches of a community's were named."""
    return len(await tx.rows(named_coaches, named_coaches.c.community == community))


async def _last(tx: Tx, community: Community) -> int:
    """Return the number of the place that a community chose last, 0 where it has none."""
    last = select(func.coalesce(func.max(places.c.number), 0)).where(places.c.community == community.id)
    return (await tx.execute(last)).scalar_one()


def _who(account: Account) -> Row:
    return {"platform": account.platform, "address": account.id, "locale": account.locale}


def _account(who: Row) -> Account:
    return Account(who["platform"], who["address"], locale=who["locale"])


def _built(rows: list[Row]) -> Community | None:
    """Return the community that all of these rows are about."""
    if not rows:
        return None
    fields: dict[str, Any] = {name: rows[0][f"its_{name}"] for name in _FIELDS}
    fields["step"] = Step(fields["step"])
    first = rows[0]["home_platform"], rows[0]["home_server"]
    with_first = [row for row in rows if (row["home_platform"], row["home_server"]) == first]
    return Community(
        **fields,
        homes=tuple(
            dict.fromkeys(Server(row["home_platform"], row["home_server"]) for row in rows if row["joined_here"])
        ),
        spots=tuple(_spot(row) for row in with_first if row["community"]),
    )


def _spot(row: Mapping[Any, Any]) -> Spot:
    place = Place(row["platform"], row["channel"], row["thread"])
    broken = tuple((row["broken"] or "").split())
    server = Server(row["platform"], row["server"])
    more = row["role"], broken, row["key"], row["threads"], row["plan"]
    return Spot(Purpose(row["purpose"]), place, server, row["name"], *more)


def _key(community: str, spot: Spot) -> Row:
    return {
        "community": community,
        "purpose": spot.purpose,
        "platform": spot.server.platform,
        "server": spot.server.id,
        "key": spot.key,
    }
