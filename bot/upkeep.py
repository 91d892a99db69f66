"""What breaks at the communities' places, and mends: seen, told once to who set it up, and taken up again."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot import communities, people
from bot.adapter import Gone, Look
from bot.communities import GONE, REMOVED, Spot, what_is_wrong
from bot.house import House
from bot.model import Account, Happening, Place, Reply, Role, Server
from bot.notices import Found, note, warn_all
from bot.outbox import Outbox
from bot.store import Tx, meta

log = logging.getLogger(__name__)

WARN_AGAIN = timedelta(days=1)
LOOK_AGAIN = timedelta(minutes=15)  # at what is broken: not every platform tells when a right comes back


class Upkeep:
    """Keeps what we know of places and of who is where as the platforms have it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._looked = datetime.min.replace(tzinfo=UTC)

    async def happened(self, happening: Happening) -> None:
        """Take note of what a platform told. Raises nothing."""
        try:
            match happening:
                case Happening("blocked", account=Account() as account):
                    vault = self._house.vault
                    await self._house.store.write(
                        lambda tx: people.set_unreachable(tx, vault, account, unreachable=True)
                    )
                case Happening("left", account=Account() as account, server=Server() as server):
                    await self._left(account, server)
                case Happening("removed", server=Server() as server):
                    await self._broke(server, REMOVED)
                case Happening("gone", place=Place() as place):
                    await self._broke(place, GONE)
                case Happening("changed", server=Server() as server):
                    await self.look_at(server)
                case Happening("moved", server=Server() as old, now=Server() as new):
                    await self._moved(old, new)
                case Happening("warned", platform=str() as platform, why=str() as why):
                    await self._warned(platform, why)
                case _:
                    pass
        except Exception as error:
            log.exception("happening-failed", extra={"outcome": happening.kind, "error": type(error).__name__})

    async def look_at(self, server: Server, failed: Iterable[Place] = (), *, anew: bool = True) -> None:
        """Ask what is well with the places in `server`, and note it. At those of `failed`, something was refused.

        `anew` is False where there is no reason to think that anything has changed: see `communities.what_is_wrong`.
        """
        async with self._house.store.reading() as tx:
            spots = [spot for _, spot in await communities.spots_at(tx, server)]
        looks = await asyncio.gather(*map(self.look, spots))
        seen = {(spot.purpose, spot.place): look for spot, look in zip(spots, looks, strict=True)}
        refused = set(failed)

        async def settle(tx: Tx) -> None:
            now = await communities.spots_at(tx, server)
            found: list[tuple[str, Spot, tuple[str, ...]]] = []
            for id, spot in now:
                look = seen.get((spot.purpose, spot.place))
                broken = what_is_wrong(spot, look, refused=spot.place in refused, anew=anew)
                found += [(id, spot, broken)] if broken is not None else []
            await self._note(tx, found)

        await self._house.store.write(settle)

    async def look(self, spot: Spot) -> Look | Gone | None:
        """Ask the platform how it is with a place."""
        adapter = self._house.adapters.get(spot.place.platform)
        return await adapter.look(spot.place, spot.needs) if adapter else None

    async def look_again(self) -> None:
        """Look at everything that is broken, no more often than LOOK_AGAIN says."""
        now = self._house.clock.now()
        if now - self._looked < LOOK_AGAIN:
            return
        self._looked = now
        places = communities.places
        async with self._house.store.reading() as tx:
            broken = select(places.c.platform, places.c.server).where(places.c.broken.is_not(None)).distinct()
            servers = [Server(row.platform, row.server) for row in (await tx.execute(broken)).all()]
        for server in servers:
            await self.look_at(server, anew=False)

    async def find_out_who_left(self, account: Account) -> None:
        """Ask whether somebody who cannot be reached is still in the servers of their communities."""
        async with self._house.store.reading() as tx:
            member = await people.find(tx, self._house.vault, account)
            theirs = await communities.of(tx, member.id) if member else []
        homes = {home for community in theirs for home in community.homes if home.platform == account.platform}
        for home in homes:
            if await self._is_in(account, home) is False:
                await self._left(account, home)

    async def _moved(self, old: Server, new: Server) -> None:
        async def move(tx: Tx) -> None:
            news = await communities.move(tx, old, new)
            community = await communities.at(tx, new) if news else None
            if community is not None:
                work = self._house.work(tx)
                for moved in (run for cog in work.cogs for run in cog.movers):
                    await moved(work, community)

        await self._house.store.write(move)
        await self.look_at(new)

    async def _left(self, account: Account, server: Server) -> None:
        async with self._house.store.reading() as tx:
            community = await communities.at(tx, server)
            member = await people.find(tx, self._house.vault, account)
            theirs = await people.accounts_of(tx, member) if member else []
        if community is None or member is None:
            return
        mine = (account.platform, account.id)
        speaks = [account, *(each for each in theirs if (each.platform, each.id) != mine)]
        there = [(each, home) for each in speaks for home in community.homes if each.platform == home.platform]
        others = [(each, home) for each, home in there if (each, home) != (account, server)]
        still = [home for each, home in others if await self._is_in(each, home) is not False]
        await self._house.store.write(lambda tx: communities.leave(tx, member.id, server, still))

    async def _is_in(self, account: Account, server: Server) -> bool | None:
        """Tell whether `account` is in `server`, or None where that cannot be told."""
        adapter = self._house.adapters.get(server.platform)
        roles = await adapter.authority(account, server) if adapter else frozenset[Role]()
        return Role.MEMBER in roles if Role.ANYONE in roles else None

    async def _broke(self, where: Place | Server, why: str) -> None:
        async def broke(tx: Tx) -> None:
            await self._note(tx, [(id, spot, (why,)) for id, spot in await communities.spots_at(tx, where)])

        await self._house.store.write(broke)

    async def _warned(self, platform: str, why: str) -> None:
        house = self._house
        now = house.clock.now()

        def words(locale: str | None) -> Reply:
            say = house.texts.speaker(locale, "core")
            return Reply(say(why, operator=house.operator))

        async def warn(tx: Tx) -> None:
            last = await tx.row(meta, meta.c.name == why)
            if last is not None and timedelta(0) <= now - datetime.fromisoformat(last["value"]) < WARN_AGAIN:
                return
            await tx.upsert(meta, name=why, value=now.isoformat())
            await warn_all(tx, Outbox(tx, now), house.vault, platform, words, name=why)

        await house.store.write(warn)

    async def _note(self, tx: Tx, found: Found) -> None:
        house = self._house
        await note(tx, Outbox(tx, house.clock.now()), house.texts, house.vault, found)
