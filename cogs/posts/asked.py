"""What is asked of the platform about a place for posts before it is chosen or changed."""

from dataclasses import dataclass

from bot import communities
from bot.adapter import Gone, Look
from bot.cog import Asking, Context
from bot.communities import NEEDS, Purpose
from bot.errors import UserError
from bot.model import Place, Role, chosen_place


@dataclass(frozen=True)
class Chosen:
    """A place that somebody chose: what the platform says of it, and whether they run it."""

    place: Place
    look: Look | Gone | None
    runs_it: bool


async def look_at_posts(asking: Asking) -> Chosen:
    """Ask about a place that was chosen for posts."""
    return await look_at(asking, Purpose.POSTS)


async def look_at(asking: Asking, purpose: Purpose) -> Chosen:
    """Ask about a place that was chosen for `purpose`."""
    place = chosen_place(asking.call.place.platform, asking.args.get("place", ""))
    return Chosen(place, await asking.look(place, NEEDS[purpose]), Role.OWNER in await asking.authority(place))


async def taken(ctx: Context) -> tuple[Chosen, Look]:
    """Return the place that was chosen. Raises UserError where it cannot be taken, with what to do."""
    chosen = ctx.found
    if not isinstance(chosen, Chosen) or chosen.look is None:
        raise UserError("setup.cannot-tell")
    if isinstance(chosen.look, Gone):
        raise UserError("setup.not-there")
    if not chosen.runs_it:
        raise UserError("setup.not-yours")
    belongs_to = await communities.at(ctx.tx, chosen.look.server)
    if belongs_to is not None and belongs_to.id != ctx.here.id:
        raise UserError("setup.elsewhere")
    return chosen, chosen.look


async def look_at_place(asking: Asking) -> Look | Gone | bool | None:
    """Ask how it is with a place for posts, False where whoever calls does not run it."""
    spot = asking.community.post_at(asking.args.get("key", "")) if asking.community else None
    if spot is None or spot.place.platform != asking.call.place.platform:
        return None
    if Role.OWNER not in await asking.authority(spot.place):
        return False
    return await asking.look(spot.place, spot.needs)
