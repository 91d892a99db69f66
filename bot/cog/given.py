"""What a feature is given to do its work: Work for what is due, Context for a Call, Asking before it."""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from babel.dates import format_time
from sqlalchemy import ColumnElement

from bot import communities
from bot.adapter import Adapter, Gone, Listing, Look, Need
from bot.codes import Tries
from bot.communities import Community
from bot.due import Due
from bot.errors import UserError
from bot.model import Account, Call, Form, Place, Reply, Role, Server
from bot.outbox import Lane, Outbox
from bot.people import Member
from bot.store import Row, Tx
from bot.texts import Speaker, Texts
from bot.vault import Vault

if TYPE_CHECKING:
    from bot.cog.feature import Cog

Answer = Reply | Form
Fate = Literal["sent", "unreachable", "dead", "expired", "unknown", "paused", "halted"]


@dataclass
class Work:
    """What a handler is given that runs when nobody called: a due job, or news of what came of an outbox row.

    `deck` is the folder of the deck that is read where a community has chosen none of `decks`, which are by name.
    """

    tx: Tx
    vault: Vault
    outbox: Outbox
    due: Due
    texts: Texts
    now: datetime
    dice: random.Random
    operator: str
    deck: Path
    decks: Mapping[str, Path]
    cogs: tuple["Cog", ...]
    tries: Tries

    async def post(self, community: Community, reply: Reply, *, name: str, until: datetime) -> None:
        """Have `reply` said, until then at the latest, in one place for posts in each server of a community's."""
        for number, spot in enumerate(community.boards):
            await self.outbox.send(
                spot.place,
                reply,
                name=f"{name}-{number}",
                subject=communities.posts_subject(community.id, spot.key),
                lane=Lane.POST,
                until=until,
            )

    async def drop_unasked(self, whose: ColumnElement[bool], why: Fate) -> None:
        """Drop what nobody waits for and is not on its way yet, of the rows `whose` says: reminders, pieces, posts.

        Whoever wants to know what comes of them is told `why`.
        """
        await self._dropped(await self.outbox.drop_unasked(whose), why)

    async def leave(self, place: Place, member: str) -> None:
        """Drop all that is to be said to a member at `place`, whatever its state, and where it was said there."""
        await self._dropped(await self.outbox.leave(place, member), "unreachable")

    async def _dropped(self, rows: Iterable[Row], why: Fate) -> None:
        told = {name: run for cog in self.cogs for name, run in cog.settlers.items()}
        for row in rows:
            if row["settled"]:
                await told[row["settled"]](self, row["name"], "unknown" if row["tried_at"] else why)


@dataclass
class Context(Work):
    """All that a handler is given. `member` is who calls, or None for someone who has not joined.

    `community` is the one that the Call is about: an argument of that name tells, else where it was made; None in
    private, and where nobody has set one up. What only members may ask is about them, wherever it is made: there only
    `communities` looks it up, unless an argument names it. `roles` and `found` were asked of the platform just before:
    who calls there (where `access` or `asks_roles` of the handler wants to know), and what its `asks` returned.
    """

    call: Call
    member: Member | None
    t: Speaker
    listing: Listing
    community: Community | None = None
    roles: frozenset[Role] = frozenset()
    found: object = None
    look_up: Callable[[], Awaitable[Community | None]] | None = None  # where `community` was not looked up yet

    @property
    def me(self) -> Member:
        """The member who calls, in a handler that only members reach."""
        assert self.member is not None  # noqa: S101 # dispatch has checked Role.MEMBER
        return self.member

    @property
    def here(self) -> Community:
        """The community that the Call is about, in a handler that needs one. Raises UserError where there is none."""
        assert self.look_up is None  # noqa: S101 # what only members may ask is about no community
        if self.community is None:
            raise UserError("core.no-community")
        return self.community

    async def communities(self) -> list[Community]:
        """Return the community that the Call is about, else all that the member who calls belongs to.

        Where they belong to none, it is the only one there is, if there is just one.
        """
        if self.look_up is not None:
            self.community, self.look_up = await self.look_up(), None
        if self.community is not None:
            return [self.community]
        theirs = await communities.of(self.tx, self.member.id) if self.member else []
        only = None if theirs else await communities.only(self.tx)
        return [only] if only else theirs

    @property
    def today(self) -> date:
        """The date that it is for the member who calls."""
        return self.me.today(self.now)

    def written(self, day: date) -> str:
        """Return a day as it is written in the language to speak, with the year where it is not this one."""
        return self.texts.date(self.locale, day, "EEEE, d MMMM" if day.year == self.today.year else "EEEE, d MMMM y")

    def wall_clock(self, instant: datetime, tz: tzinfo) -> str:
        """Return what a clock in `tz` shows at `instant`, as it is written in the language to speak."""
        return format_time(instant.astimezone(tz), "HH:mm", locale=self.texts.locale(self.locale))

    @property
    def locale(self) -> str | None:
        """The language to speak: the member's, or what the platform hints."""
        return self.member.locale if self.member else self.call.account.locale


@dataclass(frozen=True)
class Asking:
    """What a handler may ask of the platform before its transaction begins: somebody else's may not wait for that.

    `args` are the Call's arguments by name, as they came.
    """

    call: Call
    community: Community | None
    args: Mapping[str, str]
    adapters: Mapping[str, Adapter]

    async def look(self, at: Place | Server, needs: frozenset[Need] = frozenset()) -> Look | Gone | None:
        """Ask how it is with a place; see Adapter. None where its platform is not turned on."""
        adapter = self.adapters.get(at.platform)
        return await adapter.look(at, needs) if adapter else None

    async def authority(self, at: Place | Server, account: str | None = None) -> frozenset[Role]:
        """Ask who calls, or who the account of that id is, on the platform of the Call; see Adapter."""
        adapter = self.adapters.get(self.call.place.platform)
        who = Account(self.call.account.platform, account) if account else self.call.account
        return await adapter.authority(who, at) if adapter else frozenset()


@dataclass
class DueRow:
    """Work that is due: for which key (and member), and when it was to be done."""

    key: str
    member: str | None
    at: datetime
