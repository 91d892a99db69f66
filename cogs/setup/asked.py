"""What is asked of the platform before a step of /setup is taken."""

from bot.adapter import Gone, Look
from bot.cog import Asking
from bot.communities import Purpose, Spot
from bot.model import Role, Server
from cogs import posts

Looks = dict[Spot | Server, Look | Gone | None]


async def look_everywhere(asking: Asking) -> Looks:
    """Ask how it is with every place of the community, and what its servers are called."""
    if asking.community is None:
        named = asking.args.get("server") or asking.call.server
        server = Server(asking.call.place.platform, named or "")
        return {server: await asking.look(server)}
    looks: Looks = {spot: await asking.look(spot.place, spot.needs) for spot in asking.community.spots}
    return looks | {home: await asking.look(home) for home in asking.community.homes}


async def look_at_desk(asking: Asking) -> posts.Chosen:
    """Ask about a place that was chosen for the coaches."""
    return await posts.look_at(asking, Purpose.DESK)


async def look_at_coach(asking: Asking) -> bool:
    """Ask whether somebody who is named can write at the desk; True where that is on another platform."""
    desks = asking.community.desks if asking.community else ()
    here = [desk for desk in desks if desk.place.platform == asking.call.place.platform]
    person = asking.args.get("person")
    return not here or any([Role.COACH in await asking.authority(desk.place, person) for desk in here])
