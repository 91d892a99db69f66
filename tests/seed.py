"""A community as /setup leaves it, written at once: tests/cogs/test_setup.py goes the way itself."""

from collections.abc import Iterable

from bot import communities, people
from bot.cog import Work
from bot.communities import Community, Purpose, Step
from bot.model import Account, Place, Server
from bot.people import Member
from bot.store import Tx
from bot.vault import Vault
from cogs.questions import desks


async def set_up(
    tx: Tx,
    vault: Vault,
    server: Server,
    *,
    name: str = "Harbour",
    zone: str = "UTC",
    desk: Place | None = None,
    desk_server: Server | None = None,
    role: str | None = None,
    coaches: Iterable[Account] = (),
    posts: Place | None = None,
    posts_hour: int = 9,
    steward: Account | None = None,
) -> Community:
    """Write a community that is open, whose questions are at the desk at once; return it."""
    made = await communities.create(tx, server, name=name, locale="en")
    known = {"operator": "Ann", "contact": "ann@example.org", "zone": zone}
    await communities.change(tx, made.id, **known, step=Step.DONE, asks=desk is not None)
    if desk is not None:
        where = desk_server or server
        await communities.set_place(tx, made, Purpose.DESK, desk, where, name="#desk", role=role)
    if posts is not None:
        key = await communities.set_place(tx, made, Purpose.POSTS, posts, server, name="#town")
        spot = (await communities.load(tx, made.id)).post_at(key)
        assert spot is not None
        await communities.change_place(tx, made.id, spot, plan={"hour": posts_hour})
    await at_once(tx, made)
    for coach in coaches:
        await communities.name_coach(tx, vault, made.id, coach, coach=True)
    if steward is not None:
        await communities.set_steward(tx, vault, made.id, steward)
    return await communities.load(tx, made.id)


async def joins(work: Work, account: Account, *of: Community) -> Member:
    """Write someone who has joined these communities, in UTC, without a daily thought; return them."""
    member = await people.join(work.tx, work.vault, account, zone="UTC", now=work.now)
    for cog in work.cogs:
        for joined in cog.joiners:
            await joined(work, member)
    for each in of:
        await communities.enter(work.tx, member.id, each.id, work.now)
    return member


async def at_once(tx: Tx, community: Community) -> None:
    """Let a community's questions be at its desk at once."""
    await tx.upsert(desks, community=community.id, jitter=0)
