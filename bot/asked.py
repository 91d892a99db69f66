"""What is asked of the platform before a Call's transaction: who it is that calls, and what its handler wants to know.

It is somebody else's answer, for which no transaction may wait.
"""

from dataclasses import dataclass, replace
from functools import partial

from bot import arguments, communities, forms
from bot.cog import Asking, Handler
from bot.communities import Community, Spot
from bot.errors import UserError
from bot.forms import Forms
from bot.house import House
from bot.model import Call, Place, Role, Server
from bot.store import Tx


@dataclass(frozen=True)
class Asked:
    """What was asked of the platform before a Call's transaction, and about which community; see Context."""

    roles: frozenset[Role] = frozenset()
    found: object = None
    about: Community | None = None
    named: bool = False


class Asker:
    """Asks, for one Call after the other."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def ask(self, call: Call, handler: Handler | None) -> Asked:
        """Ask the platform, before the transaction, what the handler has to know."""
        if handler is None and (filling := await self._filling(call)) is not None:
            call, handler = filling
        if handler is None or not _wants(handler):
            return Asked()
        community, named = None, False
        if _is_about_one(handler, call):
            community, named = await self._house.store.glance(partial(self._about, call=call, handler=handler))
        roles = frozenset[Role]()
        if handler.access is Role.OWNER or handler.asks_roles:
            roles |= await self._runs(call, handler, community)
        if handler.access is Role.COACH or handler.asks_roles:
            roles |= await self._coaches(call, handler, community, named)
        if handler.asks is None or (handler.access in (Role.COACH, Role.OWNER) and handler.access not in roles):
            return Asked(roles, None, community, named)
        asking = Asking(call, community, arguments.of_id(handler.params, call), self._house.adapters)
        return Asked(roles, await handler.asks(asking), community, named)

    async def at_once(self, tx: Tx, call: Call, handler: Handler) -> Asked | None:
        """Return what `ask` would, where no platform has to be asked for it; else None."""
        if not _wants(handler):
            return Asked()
        if handler.asks or handler.access in (Role.COACH, Role.OWNER):
            return None
        community, named = await self._about(tx, call, handler) if _is_about_one(handler, call) else (None, False)
        roles, servers = _told(call, handler, community)
        if servers or (community is not None and _desk(call, handler, community) is not None):
            return None
        return Asked(roles, None, community, named)

    async def community(self, tx: Tx, call: Call, handler: Handler | None) -> Community | None:
        """Return what a Call is about: the community it names, else that of the server it is made in or speaks of."""
        named = arguments.of_id(handler.params, call).get("community") if handler else None
        if named:
            try:
                return await communities.load(tx, named)
            except LookupError:
                raise UserError("core.gone-community") from None
        server = arguments.server(handler, call)
        return await communities.at(tx, Server(call.place.platform, server)) if server else None

    async def check_unchanged(
        self, tx: Tx, call: Call, handler: Handler, community: Community | None, asked: Asked
    ) -> None:
        """Raise UserError where the community is not what it was when the platform was asked about it."""
        named = await self._is_named(tx, call, handler, community)
        if asked.about != community or named != asked.named:
            raise UserError("core.changed-meanwhile")

    async def _about(self, tx: Tx, call: Call, handler: Handler) -> tuple[Community | None, bool]:
        """Return what a Call is about, and whether whoever calls was named as a coach there."""
        community = await self.community(tx, call, handler)
        return community, await self._is_named(tx, call, handler, community)

    async def _is_named(self, tx: Tx, call: Call, handler: Handler, community: Community | None) -> bool:
        """Tell whether whoever calls was named as a coach, where a coach would call from: it is of no use elsewhere."""
        if community is None or _desk(call, handler, community) is None:
            return False
        return await communities.is_named(tx, self._house.vault, community.id, call.account)

    async def _filling(self, call: Call) -> tuple[Call, Handler] | None:
        """Return what the words of `call` are to fill, and its handler, so that authority is asked beforehand."""
        if call.action not in ("", *forms.ACTIONS):
            return None
        house = self._house
        now = house.clock.now()
        submits = await house.store.glance(lambda tx: Forms(tx, house.vault, house.texts, call, None, now).submits())
        handler = house.registry.handlers.get(submits[0]) if submits else None
        return (replace(call, action=submits[0], args=submits[1]), handler) if submits and handler else None

    async def _runs(self, call: Call, handler: Handler, community: Community | None) -> frozenset[Role]:
        """Ask who runs the servers and groups that people join the community from or, where there is none, this one."""
        told, servers = _told(call, handler, community)
        adapter = self._house.adapters.get(call.place.platform)
        asked = [await adapter.authority(call.account, server) for server in servers] if adapter else []
        return frozenset({Role.OWNER} & told.union(*asked))

    async def _coaches(self, call: Call, handler: Handler, community: Community | None, named: bool) -> frozenset[Role]:
        """Ask whether this is a coach, at the desk: of those who may write there, who has the role or was named."""
        adapter = self._house.adapters.get(call.place.platform)
        found = _desk(call, handler, community) if community is not None else None
        if adapter is None or found is None:
            return frozenset()
        desk, place = found
        if not (named or desk.role):
            return frozenset()
        return await adapter.authority(call.account, place, None if named else desk.role) & {Role.COACH}


def _wants(handler: Handler) -> bool:
    """Tell whether a handler wants to know anything that a platform is asked for."""
    return handler.access in (Role.COACH, Role.OWNER) or handler.asks_roles or handler.asks is not None


def _is_about_one(handler: Handler, call: Call) -> bool:
    """Tell whether a Call may be about a community."""
    return bool(arguments.server(handler, call)) or "community" in arguments.of_id(handler.params, call)


def _told(call: Call, handler: Handler, community: Community | None) -> tuple[frozenset[Role], list[Server]]:
    """Return what the platform told with the Call of who runs things, and the servers that it has to be asked of."""
    platform = call.place.platform
    if community is not None:
        servers = [home for home in community.homes if home.platform == platform]
    else:
        servers = [Server(platform, server)] if (server := arguments.server(handler, call)) else []
    if call.runs is None or call.place.private:
        return frozenset(), servers
    here = Server(platform, call.server or "")
    if call.runs and here in servers:
        return frozenset({Role.OWNER}), []
    return frozenset(), [server for server in servers if server != here]


def _desk(call: Call, handler: Handler, community: Community) -> tuple[Spot, Place] | None:
    """Return the desk that a Call is made at, and the very place, or None where it is made at none."""
    place, server = call.place, arguments.server(handler, call)
    if place.private and server and (from_there := community.desk_in(Server(place.platform, server))):
        place = from_there.place  # they come from there, by a link: to be told what is for them alone
    desk = community.desk_at(place)
    return None if desk is None else (desk, place)
