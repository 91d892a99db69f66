"""Communities: who is responsible, where the coaches sit, where posts go."""

from dataclasses import dataclass, field
from datetime import tzinfo

from sqlalchemy import Boolean, Column, ForeignKey, SmallInteger, String

from bot import clock
from bot.model import Place
from bot.store import ID, Holds, Tx, table

MAIN = "main"  # the id of the one community there is until /setup manages many
WAKE = "communities"

communities = table(
    "communities",
    Column("id", ID, primary_key=True),
    Column("operator", String(200), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("posts_hour", SmallInteger, nullable=False),  # by the clock of `zone`
    Column("halted", Boolean, nullable=False, default=False),  # nothing unasked, no questions
    holds=Holds.NOTHING,
)

places = table(
    "places",
    Column("community", ID, ForeignKey(communities.c.id, ondelete="CASCADE"), primary_key=True),
    Column("purpose", String(16), primary_key=True),  # desk, posts
    Column("platform", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("thread", String(32)),
    holds=Holds.NOTHING,
)


@dataclass(frozen=True)
class Community:
    """One community. `operator` is who is responsible and how to reach them, or empty (preview only)."""

    id: str
    operator: str
    zone: str
    desk: Place | None = field(default=None)
    posts: Place | None = field(default=None)
    posts_hour: int = 9
    halted: bool = False

    @property
    def tz(self) -> tzinfo:
        """Its time zone."""
        return clock.zone(self.zone)

    def places_on(self, platform: str) -> list[Place]:
        """Return the community's own places on a platform: who runs one of them runs the community."""
        return [place for place in (self.desk, self.posts) if place is not None and place.platform == platform]

    def is_desk(self, place: Place) -> bool:
        """Tell whether `place` is where the coaches sit, or a thread of it."""
        desk = self.desk
        return desk is not None and desk.platform == place.platform and desk.channel in (place.channel, place.thread)


async def seed(tx: Tx, *, operator: str, zone: str, desk: Place | None, posts: Place | None, posts_hour: int) -> None:
    """Make the one community be as the settings say."""
    await tx.upsert(communities, id=MAIN, operator=operator, zone=zone, posts_hour=posts_hour)
    for purpose, place in (("desk", desk), ("posts", posts)):
        if place is None:
            await tx.delete(places, places.c.community == MAIN, places.c.purpose == purpose)
        else:
            await tx.upsert(
                places,
                community=MAIN,
                purpose=purpose,
                platform=place.platform,
                channel=place.channel,
                thread=place.thread,
            )


async def load(tx: Tx, community: str = MAIN) -> Community:
    """Return a community. Raises LookupError where there is none of that id."""
    row = await tx.row(communities, communities.c.id == community)
    if row is None:
        raise LookupError("no such community")
    found = {
        place["purpose"]: Place(place["platform"], place["channel"], place["thread"])
        for place in await tx.rows(places, places.c.community == community)
    }
    return Community(
        row["id"], row["operator"], row["zone"], found.get("desk"), found.get("posts"), row["posts_hour"], row["halted"]
    )


async def halt(tx: Tx, community: str, *, halted: bool) -> bool:
    """Stop everything unasked and the taking of questions, or let it go on; tell whether that changed anything."""
    changed = await tx.update(communities, {"id": community}, communities.c.halted != halted, halted=halted)
    tx.notes.add(WAKE)
    return changed


async def move(tx: Tx, old: Place, new: Place) -> None:
    """Note that a place has another id now."""
    await tx.execute(
        places.update()
        .where(places.c.platform == old.platform, places.c.channel == old.channel)
        .values(channel=new.channel)
    )
