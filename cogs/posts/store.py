"""What is posted at a community's places: kept with each place, planned, sent, and settled."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile

from sqlalchemy import select

from bot import clock, communities
from bot.cog import Cog, DueRow, Fate, Work
from bot.communities import Community, Purpose, Spot, places, posts_subject
from bot.due import due
from bot.model import Account, Button, Place, Reply, Server
from bot.outbox import Lane, outbox
from cogs import advice, crisis
from cogs.advice import Piece
from cogs.posts import rules
from cogs.posts.rules import Coming, Plan

GRACE = timedelta(hours=3)  # later than that a post does not come any more; the next one is on time
POST = "posts.post"

cog = Cog("posts")


@cog.start
async def plan_all(work: Work) -> None:
    """Plan the posts of every place that has none planned yet."""
    planned = select(due.c.key).where(due.c.job == POST)
    for row in await work.tx.rows(places, places.c.purpose == Purpose.POSTS, places.c.key.not_in(planned)):
        community = await communities.load(work.tx, row["community"])
        spot = community.post_at(row["key"])
        if spot is not None:
            await arrange(work, community, spot, plan_of(spot))


async def plan_for(work: Work, community: Community) -> None:
    """Plan the posts of a community's places, by the clock that it has now."""
    for spot in community.posts:
        await arrange(work, community, spot, plan_of(spot))


async def add(work: Work, community: Community, place: Place, server: Server, name: str, by: Account) -> Spot:
    """Let posts come at a place from now on, as for most; return it. One that is there already stays as it is."""
    there = next((spot for spot in community.posts if spot.place == place), None)
    if there is not None:
        return there
    key = await communities.set_place(work.tx, community, Purpose.POSTS, place, server, name=name)
    added = await communities.load(work.tx, community.id)
    spot = added.post_at(key)
    assert spot is not None  # noqa: S101 # it was just written
    await communities.set_chosen_by(work.tx, work.vault, community.id, spot, by)
    await arrange(work, added, spot, Plan())
    return spot


async def remove(work: Work, community: Community, spot: Spot) -> None:
    """Let no posts come at a place any more, nor what is about to go out there."""
    await communities.clear_place(work.tx, community, Purpose.POSTS, spot.server, spot.key)
    await work.due.cancel(POST, spot.key)
    await work.drop_unasked(outbox.c.subject == posts_subject(community.id, spot.key), "halted")


async def arrange(work: Work, community: Community, spot: Spot, plan: Plan) -> Plan:
    """Keep the plan of a place, from now on, and have its next post come; return it as it is then.

    An hour or a zone by which today's post would have come already begins tomorrow: nobody waits for it to come now.
    """
    tz = tz_of(community, plan)
    plan = rules.filled(rules.begun(plan, work.now, tz), deck_of(work, community), work.dice)
    await _keep(work, community, spot, plan)
    await work.due.at(POST, spot.key, next(rules.coming(plan, tz)).at)
    return plan


def plan_of(spot: Spot) -> Plan:
    """Return what comes at a place."""
    return Plan(**spot.plan) if spot.plan else Plan()


def tz_of(community: Community, plan: Plan) -> tzinfo:
    """Return the zone by whose clock the posts come."""
    return clock.zone(plan.zone) if plan.zone else community.tz


def deck_of(work: Work, community: Community) -> Sequence[Piece]:
    """Return the pieces that a community's posts are taken of."""
    return advice.load(advice.whose.of_community(work, community))


def pieces_of(work: Work, community: Community, plan: Plan) -> list[Piece]:
    """Return the pieces that come next, in order."""
    known = {piece.id: piece for piece in deck_of(work, community)}
    return [known[each] for each in plan.queue if each in known]


def said(work: Work, community: Community, plan: Plan, piece: Piece) -> Reply:
    """Return a post as it is read."""
    say = work.texts.speaker(community.locale, "posts")
    rows = ((Button(say("read-in-private"), "advice"), crisis.button(say)),)
    talk = piece.talk if plan.talk else None
    return Reply("\n\n".join(filter(None, [advice.text_of(say, piece), talk])), rows)


@cog.due("post")
async def post(work: Work, row: DueRow) -> datetime | None:
    """Post what is due at a place. What is too late is let go, and its piece comes with the next one."""
    found = await _at(work, row.key)
    if found is None:
        return None
    community, spot = found
    plan = plan_of(spot)
    tz = tz_of(community, plan)
    over = list(takewhile(lambda each: each.at <= work.now, rules.coming(plan, tz)))
    plan = rules.filled(rules.taken(plan, over), deck_of(work, community), work.dice)
    for each in over:
        if work.now <= each.at + GRACE and not community.halted and plan.queue:
            plan = await _send(work, community, spot, plan, each)
    await _keep(work, community, spot, plan)
    return next(rules.coming(plan, tz)).at


async def _send(work: Work, community: Community, spot: Spot, plan: Plan, each: Coming) -> Plan:
    piece, name = pieces_of(work, community, plan)[0], f"post-{spot.key}-{each.on.isoformat()}"
    subject, until = posts_subject(community.id, spot.key), each.at + GRACE
    reply = said(work, community, plan, piece)
    await work.outbox.send(
        spot.place, reply, name=name, subject=subject, lane=Lane.POST, until=until, settled="posts.settled"
    )
    if spot.threads:
        title = piece.talk or piece.title
        await work.outbox.open_thread(
            spot.place, title, name=f"{name}-thread", lane=Lane.POST, on=name, subject=subject, until=until
        )
    return rules.filled(rules.sent(plan, each.on), deck_of(work, community), work.dice)


@cog.settled("settled")
async def settled(work: Work, subject: str, fate: Fate) -> None:
    """Note what came of a post: a piece that did not arrive comes with the next one."""
    _, key, on = subject.split("-", 2)
    found = await _at(work, key)
    if found is not None:
        community, spot = found
        plan = rules.settled(plan_of(spot), on, arrived=fate in ("sent", "unknown"))
        await _keep(work, community, spot, plan)


async def _at(work: Work, key: str) -> tuple[Community, Spot] | None:
    """Return the place for posts of that key, and whose it is; None where it was taken away."""
    whose = select(places.c.community).where(places.c.purpose == Purpose.POSTS, places.c.key == key)
    id = (await work.tx.execute(whose)).scalar_one_or_none()
    community = await communities.load(work.tx, id) if id else None
    spot = community.post_at(key) if community else None
    return (community, spot) if community and spot else None


async def _keep(work: Work, community: Community, spot: Spot, plan: Plan) -> None:
    await communities.change_place(work.tx, community.id, spot, plan=asdict(plan))
