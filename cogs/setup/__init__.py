"""Setting a community up: six steps, each taken when it is answered, then one change at a time.

Every step can be the last one for today: the community's row knows which comes next. What a menu or a button names is
checked at the press, as if nothing had been checked before: that whoever presses runs this community, and runs the
place they choose.
"""

from enum import StrEnum
from typing import Annotated, cast

from bot import clock, communities, people
from bot.adapter import Look
from bot.cog import Arg, Cog, Context, Work
from bot.communities import GONE, REMOVED, Community, Purpose, Step, what_is_wrong
from bot.errors import UserError
from bot.model import JSON, Account, Button, Field, Reply, Role, Server
from bot.notices import note
from bot.people import Member
from cogs import advice, questions, totals
from cogs import desk as desks
from cogs import posts as daily
from cogs.setup import shown
from cogs.setup.asked import Looks, look_at_coach, look_at_desk, look_everywhere

cog = Cog("setup")
cog.answers_for(communities.stewards, communities.named_coaches, communities.choosers)


class Change(StrEnum):
    """What can be changed once a community is open."""

    WHO = "who"
    NAME = "name"
    DESK = "desk"
    COACHES = "coaches"
    POSTS = "posts"
    CLOCK = "clock"
    ARTICLE = "article"
    RULES = "rules"
    ASKS_OPEN = "asks_open"
    ASKS_CLOSE = "asks_close"
    WEEKLY_ON = "weekly_on"
    WEEKLY_OFF = "weekly_off"
    TEST = "test"
    JOIN = "join"


@cog.command(access=Role.OWNER, asks=look_everywhere, link="server")
async def setup(ctx: Context) -> Reply:
    """Begin, go on where it was left, or show what stands and what is broken."""
    looks = _looks(ctx)
    if ctx.community is None:
        (server,) = looks
        assert isinstance(server, Server)  # noqa: S101 # see look_everywhere
        return Reply(ctx.t("intro"), ((Button(ctx.t("start"), "setup.start", [server.id]),),))
    community = await _noted(ctx, looks)
    if community.step is Step.DONE:
        return await shown.overview(ctx, community)
    return await shown.step(ctx, community, ctx.t("again"))


@cog.form("start", Field("operator", max=80), Field("contact", max=100), access=Role.OWNER, asks=look_everywhere)
async def start(
    ctx: Context, server: str, operator: Annotated[str, Arg(max=80)], contact: Annotated[str, Arg(max=100)]
) -> Reply:
    """Begin a community: somebody answers for it."""
    community = ctx.community
    if community is None:
        here = Server(ctx.call.place.platform, server)
        look = _looks(ctx).get(here)
        if not isinstance(look, Look):
            raise UserError("not-there" if look else "cannot-tell")
        locale = ctx.texts.locale(ctx.locale)
        community = await communities.create(ctx.tx, here, name=look.server_name, locale=locale)
    return await _responsible(ctx, community, operator, contact)


@cog.form("who", Field("operator", max=80), Field("contact", max=100), access=Role.OWNER)
async def who(
    ctx: Context, community: str, operator: Annotated[str, Arg(max=80)], contact: Annotated[str, Arg(max=100)]
) -> Reply:
    """Change who answers for it."""
    return await _responsible(ctx, ctx.here, operator, contact)


@cog.form("name", Field("name", max=communities.NAME), access=Role.OWNER)
async def name(ctx: Context, community: str, name: Annotated[str, Arg(max=communities.NAME)]) -> Reply:
    """Change what it is called."""
    await communities.change(ctx.tx, ctx.here.id, name=name)
    return await _next(ctx, None, ctx.t("saved"))


# -- where the coaches sit, and who they are


@cog.action("desk", access=Role.OWNER, asks=look_at_desk)
async def desk(ctx: Context, community: str, place: str) -> Reply:
    """Let questions go to a place that coaches alone can read: instead of one in that server, or of one that is gone,
    and else as well as to where they go already.
    """
    chosen, look = await daily.taken(ctx)
    if look.one_way:
        raise UserError("desk-one-way", place=look.name)
    if look.open and look.server in ctx.here.homes:
        raise UserError("desk-open", server=look.server_name, place=look.name)
    old = ctx.here.desk_in(look.server)
    for each in ctx.here.desks:
        if {GONE, REMOVED} & set(each.broken):
            await communities.clear_place(ctx.tx, ctx.here, Purpose.DESK, each.server)
    role = old.role if old is not None else None
    await communities.set_place(ctx.tx, ctx.here, Purpose.DESK, chosen.place, look.server, name=look.name, role=role)
    moved = await communities.load(ctx.tx, ctx.here.id)
    await questions.move(ctx, moved)
    others = [each.name for each in moved.desks if each.server != look.server]
    set_ = (
        ctx.t("desk-added", place=look.name, others=", ".join(others)) if others else ctx.t("desk-set", place=look.name)
    )
    said = "\n\n".join([set_, *await _still_off(ctx, Purpose.DESK, look)])
    if moved.step is Step.DONE and not await _has_coaches(ctx, moved):
        await communities.change(ctx.tx, moved.id, asks=False)
        return await shown.coaches(ctx, moved, f"{said}\n\n{ctx.t('closed-without')}")
    return await _next(ctx, Step.DESK, said)


@cog.action("no_desk", access=Role.OWNER)
async def no_desk(ctx: Context, community: str) -> Reply:
    """Have no coaches: nobody can ask then."""
    await questions.close(ctx, ctx.here)
    await communities.clear_place(ctx.tx, ctx.here, Purpose.DESK)
    await communities.change(ctx.tx, ctx.here.id, asks=False)
    if ctx.here.step is Step.DESK:
        await communities.change(ctx.tx, ctx.here.id, step=Step.COACHES)
    return await _next(ctx, Step.COACHES, ctx.t("desk-none"))


@cog.action("undesk", access=Role.OWNER)
async def undesk(ctx: Context, community: str, platform: str, group: str) -> Reply:
    """Let questions go to one of several places no more."""
    desk = ctx.here.desk_in(Server(platform, group))
    if desk is None or len(ctx.here.desks) == 1:  # where it is the last one, they say so: see no_desk
        return shown.desk(ctx, ctx.here)
    await communities.clear_place(ctx.tx, ctx.here, Purpose.DESK, desk.server)
    left = await communities.load(ctx.tx, ctx.here.id)
    await questions.move(ctx, left)
    return await _next(ctx, None, ctx.t("desk-set", place=", ".join(each.name for each in left.desks)))


@cog.action("role", access=Role.OWNER)
async def role(ctx: Context, community: str, role: str) -> Reply:
    """Let a role of the desk's server make a coach there; "none": no role does, at any desk."""
    here = shown.desk_here(ctx, ctx.here)
    if role == shown.NO_ROLE:
        for each in ctx.here.desks:
            await communities.set_role(ctx.tx, ctx.here, each.server, None)
    elif here is None or not shown.is_there(ctx, here):
        raise UserError("role-elsewhere")
    else:
        await communities.set_role(ctx.tx, ctx.here, here.server, role)
    said = ctx.t("saved" if role == shown.NO_ROLE else "role-set")
    return await shown.coaches(ctx, await communities.load(ctx.tx, ctx.here.id), said)


@cog.action("coach", access=Role.OWNER, asks=look_at_coach)
async def coach(ctx: Context, community: str, person: str) -> Reply:
    """Name somebody as a coach; who is one already can be taken out."""
    account, desk = Account(ctx.call.place.platform, person), shown.desk_here(ctx, ctx.here)
    if desk is None or desk.place.platform != account.platform:
        raise UserError("coach-elsewhere")
    if await communities.name_coach(ctx.tx, ctx.vault, ctx.here.id, account, coach=True):
        said = ctx.t("coach-named" if ctx.found is True else "coach-not-in", place=desk.name)
        return await shown.coaches(ctx, ctx.here, said)
    out = Button(ctx.t("coach-out"), "setup.coach_out", [ctx.here.id, person])
    return Reply(ctx.t("coach-known"), ((out, Button(ctx.t("go-on"), "setup.coaches", [ctx.here.id])),), edit=True)


@cog.action("coach_out", access=Role.OWNER)
async def coach_out(ctx: Context, community: str, person: str) -> Reply:
    """Take a coach out."""
    account = Account(ctx.call.place.platform, person)
    await communities.name_coach(ctx.tx, ctx.vault, ctx.here.id, account, coach=False)
    return await shown.coaches(ctx, ctx.here, ctx.t("coach-removed"))


@cog.action("coaches", access=Role.OWNER)
async def coaches_done(ctx: Context, community: str) -> Reply:
    """Go on, once somebody could answer."""
    if ctx.here.desk is not None and not await _has_coaches(ctx, ctx.here):
        raise UserError("coaches-needed")
    return await _next(ctx, Step.COACHES, "")


# -- posts


@cog.action("posts", access=Role.OWNER, asks=daily.look_at_posts)
async def posts(ctx: Context, community: str, place: str) -> Reply:
    """Let the daily post go to a place."""
    spot, said = await daily.add_chosen(ctx)
    if spot.broken:
        said = f"{said}\n\n{ctx.t('still-off', place=spot.name, what=shown.switches(ctx, spot.broken))}"
    return shown.hour(ctx, await communities.load(ctx.tx, ctx.here.id), spot.key, said)


@cog.action("no_posts", access=Role.OWNER)
async def no_posts(ctx: Context, community: str) -> Reply:
    """Go on without daily posts, or without more of them."""
    return await _next(ctx, Step.POSTS, "" if ctx.here.posts else ctx.t("line-no-posts"))


@cog.action("hour", access=Role.OWNER, asks=daily.look_at_place)
async def hour(ctx: Context, community: str, key: str, hour: Annotated[int, Arg(min=0, max=23)]) -> Reply:
    """Keep the hour of the posts at a place."""
    said = await daily.set_hour(ctx, key, hour)
    return await _next(ctx, Step.POSTS, said)


@cog.form("zone", Field("where", max=60), access=Role.OWNER)
async def zone(ctx: Context, community: str, where: str) -> Reply:
    """Set the community's clock."""
    try:
        name = clock.parse_zone(where, ctx.now)
    except ValueError:
        raise UserError("zone.not-understood") from None
    await communities.change(ctx.tx, ctx.here.id, zone=name)
    changed = await communities.load(ctx.tx, ctx.here.id)
    await daily.plan_for(ctx, changed)
    await totals.plan(ctx, changed)
    said = ctx.t("zone-set", time=shown.clock_of(ctx, changed))
    if changed.step is Step.POSTS and changed.posts:
        return shown.hour(ctx, changed, changed.posts[-1].key, said)
    return await _next(ctx, None, said)


@cog.action("article", access=Role.OWNER)
async def article(ctx: Context, community: str, deck: str) -> Reply:
    """Let people read another deck of this Unsent's."""
    try:
        chosen = advice.whose.named(ctx, deck)
    except LookupError:
        raise UserError("no-article") from None
    await communities.change(ctx.tx, ctx.here.id, deck=chosen)
    await daily.plan_for(ctx, await communities.load(ctx.tx, ctx.here.id))
    return await _next(ctx, None, ctx.t("article-set", name=advice.whose.title(ctx, chosen)))


# -- the last two steps, and what can be changed later


@cog.action("check", access=Role.OWNER, asks=look_everywhere)
async def check(ctx: Context, community: str) -> Reply:
    """Look again at everything."""
    noted = await _noted(ctx, _looks(ctx))
    show = shown.overview if noted.step is Step.DONE else shown.check
    return await show(ctx, noted)


@cog.action("checked", access=Role.OWNER)
async def checked(ctx: Context, community: str) -> Reply:
    """Go on, whatever is still off: it is looked at again by itself."""
    return await _next(ctx, Step.CHECK, "")


@cog.action("test", access=Role.OWNER, writes=False)
async def test(ctx: Context, community: str) -> Reply:
    """Show a post to this person alone."""
    back = Button(ctx.t("back"), "setup.resume", [ctx.here.id])
    return Reply(f"{ctx.t('test-first')}\n\n{daily.sample(ctx, ctx.here)}", ((back,),), edit=True)


@cog.action("resume", access=Role.OWNER)
async def resume(ctx: Context, community: str) -> Reply:
    """Show what comes next."""
    return await _next(ctx, None, "")


@cog.action("open", access=Role.OWNER, asks=look_everywhere)
async def open(ctx: Context, community: str) -> Reply:
    """Let people join, and ask where coaches sit."""
    asks = ctx.here.desk is not None and await _has_coaches(ctx, ctx.here)
    await communities.change(ctx.tx, ctx.here.id, asks=asks, step=Step.DONE)
    await totals.plan(ctx, ctx.here)
    return shown.ways_in(ctx, ctx.here, _looks(ctx), ctx.t("opened"), ctx.t("later"))


@cog.action("change", access=Role.OWNER, asks=look_everywhere)
async def change(ctx: Context, community: str, what: Change) -> Reply:
    """Show how to change one thing, or change it."""
    here = ctx.here
    match what:
        case Change.WHO | Change.NAME:
            write = Button(ctx.t("tell"), f"setup.{what}", [here.id])
            return Reply(
                ctx.t(f"change-{what}"), ((write, Button(ctx.t("back"), "setup.resume", [here.id])),), edit=True
            )
        case Change.DESK:
            return shown.desk(ctx, here)
        case Change.COACHES:
            return await shown.coaches(ctx, here, "")
        case Change.POSTS:
            return await daily.shown.overview(ctx, here)
        case Change.CLOCK:
            return shown.clock(ctx, here)
        case Change.ARTICLE:
            return shown.article(ctx, here)
        case Change.RULES:
            return await desks.settings.shown(ctx)
        case Change.TEST:
            return await test(ctx, community)
        case Change.JOIN:
            return shown.ways_in(ctx, here, _looks(ctx))
        case Change.ASKS_OPEN | Change.ASKS_CLOSE:
            if what is Change.ASKS_OPEN and here.desk is None:
                raise UserError("no-desk-to-open")
            if what is Change.ASKS_OPEN and not await _has_coaches(ctx, here):
                raise UserError("coaches-needed")
            await communities.change(ctx.tx, here.id, asks=what is Change.ASKS_OPEN)
            await questions.watch.reopen(ctx, here.id)
        case Change.WEEKLY_ON | Change.WEEKLY_OFF:
            await communities.change(ctx.tx, here.id, weekly=what is Change.WEEKLY_ON)
    return await _next(ctx, None, ctx.t("saved"))


@cog.erase
async def erase(work: Work, member: Member) -> None:
    """Forget that a member set communities up, and that they coach: their accounts are in keys of their own there."""
    tx, stewards, coaches = work.tx, communities.stewards, communities.named_coaches
    for account in await people.accounts_of(tx, member):
        mine = communities.steward_key(work.vault, account)
        await tx.delete(stewards, stewards.c.lookup == mine)
        await tx.delete(communities.choosers, communities.choosers.c.lookup == mine)
        await tx.delete(coaches, coaches.c.key.in_(await communities.coach_keys(tx, work.vault, account)))


@cog.export
async def export(work: Work, member: Member) -> JSON:
    """Return which communities a member set up, and where they were named as a coach."""
    tx, stewards, coaches = work.tx, communities.stewards, communities.named_coaches
    found: JSON = {}
    for account in await people.accounts_of(tx, member):
        key = communities.steward_key(work.vault, account)
        mine, chose = stewards.c.lookup == key, communities.choosers.c.lookup == key
        named = coaches.c.key.in_(await communities.coach_keys(tx, work.vault, account))
        for what, rows in (("set_up", await tx.rows(stewards, mine)), ("coaches", await tx.rows(coaches, named))):
            for row in rows:
                found.setdefault(what, []).append((await communities.load(tx, row["community"])).name)
        for row in await tx.rows(communities.choosers, chose):
            chosen = (await communities.load(tx, row["community"])).post_at(row["key"])
            found.setdefault("places", []).extend([chosen.name] if chosen else [])
    return found


async def _responsible(ctx: Context, community: Community, operator: str, contact: str) -> Reply:
    await communities.change(ctx.tx, community.id, operator=operator, contact=contact)
    await communities.set_steward(ctx.tx, ctx.vault, community.id, ctx.call.account)
    ctx.community = await communities.load(ctx.tx, community.id)
    return await _next(ctx, Step.RESPONSIBLE, ctx.t("who-set", responsible=ctx.here.responsible))


async def _has_coaches(ctx: Context, community: Community) -> bool:
    return any(desk.role for desk in community.desks) or await communities.count_coaches(ctx.tx, community.id) > 0


async def _still_off(ctx: Context, purpose: Purpose, look: Look) -> list[str]:
    """Note which switches are off at a place that was just chosen, and name them."""
    if not look.missing:
        return []
    chosen = await communities.load(ctx.tx, ctx.here.id)
    spot = next(spot for spot in chosen.spots if spot.purpose is purpose and spot.server == look.server)
    await communities.set_broken(ctx.tx, chosen.id, spot, look.missing)
    return [ctx.t("still-off", place=look.name, what=shown.switches(ctx, look.missing))]


async def _noted(ctx: Context, looks: Looks) -> Community:
    """Note what was seen of the community's places; return it as it stands now."""
    seen = [(spot, what_is_wrong(spot, looks.get(spot))) for spot in ctx.here.spots]
    found = [(ctx.here.id, spot, broken) for spot, broken in seen if broken is not None]
    await note(ctx.tx, ctx.outbox, ctx.texts, ctx.vault, found, seen_by=ctx.call.account)
    return await communities.load(ctx.tx, ctx.here.id)


def _looks(ctx: Context) -> Looks:
    return cast(Looks, ctx.found or {})


async def _next(ctx: Context, taken: Step | None, said: str) -> Reply:
    """Go on to the step after `taken`, where that was the one to take; else show what stands."""
    community = await communities.load(ctx.tx, ctx.here.id)
    if taken is not None and community.step is taken:
        await communities.change(ctx.tx, community.id, step=taken + 1)
        community = await communities.load(ctx.tx, community.id)
    if community.step is Step.DONE:
        return await shown.overview(ctx, community, said)
    return await shown.step(ctx, community, said)
