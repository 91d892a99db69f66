"""What /setup shows: the step to take, or what stands, each with the one thing to press."""

from bot import communities
from bot.adapter import Look
from bot.cog import Context
from bot.communities import Community, Spot, Step, wrong_key
from bot.model import BUTTON_LABEL, MENU_LABEL, Button, Menu, Option, Reply, Row, Server, clip
from cogs import unasked
from cogs.advice import whose
from cogs.questions import watch
from cogs.setup.asked import Looks

NO_ROLE = "none"
NAMED = 5  # places for posts that are named
MOST = 3  # desks that have a button of their own: a message holds five rows


async def step(ctx: Context, community: Community, said: str) -> Reply:
    """Return the step that comes next, below what is `said` of the last one."""
    match community.step:
        case Step.RESPONSIBLE:
            tell = Button(ctx.t("tell"), "setup.who", [community.id])
            return Reply(_below(ctx, community, said, ctx.t("change-who")), ((tell,),), edit=True)
        case Step.DESK:
            return desk(ctx, community, said)
        case Step.COACHES if community.desk is not None:
            return await coaches(ctx, community, said)
        case Step.COACHES | Step.POSTS:
            return posts(ctx, community, said)
        case Step.CHECK:
            return await check(ctx, community, said)
        case Step.OPEN | Step.DONE:
            questions = "yes" if community.desk else "no"
            rows: tuple[Row, ...] = (
                (
                    Button(ctx.t("test"), "setup.test", [community.id]),
                    Button(ctx.t("open"), "setup.open", [community.id]),
                ),
            )
            return Reply(_below(ctx, community, said, ctx.t("ask-open", questions=questions)), rows, edit=True)


def desk(ctx: Context, community: Community, said: str = "") -> Reply:
    """Ask where the coaches sit."""
    menu = Menu(ctx.t("menu-desk"), "setup.desk", args=(community.id,), kind="channel")
    text = ctx.t("ask-desk", platform=ctx.call.place.platform)
    none = Button(ctx.t("no-desk"), "setup.no_desk", [community.id])
    several = community.desks[:MOST] if len(community.desks) > 1 else ()
    out = tuple(
        Button(clip(ctx.t("undesk", place=each.name), BUTTON_LABEL), "setup.undesk", [community.id, *_key(each)])
        for each in several
    )
    rows: tuple[Row, ...] = ((menu,), *((each,) for each in out), (none, *_back(ctx, community)))
    if community.desks:
        text = f"{text}\n\n{ctx.t('ask-further', places=_names(community))}"
    return Reply(_below(ctx, community, said, text), rows, edit=True)


def desk_here(ctx: Context, community: Community) -> Spot | None:
    """Return the desk in the server that the Call is made in, else one on its platform, else any."""
    platform = ctx.call.place.platform
    in_server = community.desk_in(Server(platform, ctx.call.server)) if ctx.call.server else None
    on_platform = (desk for desk in community.desks if desk.place.platform == platform)
    return in_server or next(on_platform, community.desk)


async def coaches(ctx: Context, community: Community, said: str) -> Reply:
    """Ask who the coaches are."""
    platform = ctx.call.place.platform
    here = desk_here(ctx, community)
    name = here.name if here else ""
    asked = ctx.t("ask-coaches", place=name, platform=platform)
    role = "yes" if any(desk.role for desk in community.desks) else "no"
    now = ctx.t("coaches-now", role=role, count=await communities.count_coaches(ctx.tx, community.id))
    rows: list[Row] = []
    if here is not None and is_there(ctx, here):
        rows.append((Menu(ctx.t("menu-role"), "setup.role", args=(community.id,), kind="role"),))
    if here is not None and here.place.platform == platform:
        rows.append((Menu(ctx.t("menu-coach"), "setup.coach", args=(community.id,), kind="member"),))
    else:
        asked = ctx.t("coach-elsewhere")
    buttons = [Button(ctx.t("go-on"), "setup.coaches", [community.id])]
    if role == "yes":
        buttons.append(Button(ctx.t("role-none"), "setup.role", [community.id, NO_ROLE]))
    rows.append(tuple(buttons))
    return Reply(_below(ctx, community, said, f"{asked}\n\n{now}"), tuple(rows), edit=True)


def posts(ctx: Context, community: Community, said: str = "") -> Reply:
    """Ask where the daily post goes."""
    menu = Menu(ctx.t("menu-posts"), "setup.posts", args=(community.id,), kind="channel")
    none = Button(ctx.t("no-posts"), "setup.no_posts", [community.id])
    return Reply(
        _below(ctx, community, said, ctx.t("ask-posts", platform=ctx.call.place.platform)),
        ((menu,), (none, *_back(ctx, community))),
        edit=True,
    )


def hour(ctx: Context, community: Community, key: str, said: str) -> Reply:
    """Ask for the hour of the posts at a place."""
    menu = Menu(ctx.t("menu-hour"), "setup.hour", unasked.HOURS, (community.id, key))
    wrong = Button(ctx.t("wrong-time"), "setup.zone", [community.id])
    text = ctx.t("ask-hour", time=clock_of(ctx, community))
    return Reply(_below(ctx, community, said, text), ((menu,), (wrong, *_back(ctx, community))), edit=True)


def clock(ctx: Context, community: Community) -> Reply:
    """Say what time it is by the community's clock, and let that be changed."""
    wrong = Button(ctx.t("wrong-time"), "setup.zone", [community.id])
    text = ctx.t("line-clock", time=clock_of(ctx, community))
    return Reply(text, ((wrong, *_back(ctx, community)),), edit=True)


def article(ctx: Context, community: Community) -> Reply:
    """Ask which deck people read."""
    options = tuple(Option(value, clip(name, MENU_LABEL)) for value, name in whose.choices(ctx).items())
    menu = Menu(ctx.t("menu-article"), "setup.article", options, (community.id,))
    text = ctx.t("ask-article", name=whose.title(ctx, community.deck))
    return Reply(text, ((menu,), _back(ctx, community)), edit=True)


async def check(ctx: Context, community: Community, said: str = "") -> Reply:
    """Say what is still off, and where it is switched on."""
    broken = _broken(ctx, community)
    again = Button(ctx.t("check-again"), "setup.check", [community.id])
    on = Button(ctx.t("go-anyway"), "setup.checked", [community.id])
    text = (
        "\n\n".join([*broken, ctx.t("not-all-set", platform=ctx.call.place.platform).strip()])
        if broken
        else ctx.t("all-set")
    )
    return Reply(_below(ctx, community, said, text), ((again, on) if broken else (on,),), edit=True)


async def overview(ctx: Context, community: Community, said: str = "") -> Reply:
    """Return what stands, what is broken, and the menu of what can be changed."""
    desk = community.desk
    count = await communities.count_coaches(ctx.tx, community.id)
    lines = [ctx.t("line-responsible", responsible=community.responsible)]
    lines.append(ctx.t("line-desk", place=_names(community)) if desk else ctx.t("line-no-desk"))
    if desk:
        lines.append(
            ctx.t("line-coaches", role="yes" if any(each.role for each in community.desks) else "no", count=count)
        )
    lines += _posts(ctx, community)
    several, gone = whose.are_several(ctx), whose.is_gone(ctx, community)
    if several or gone:
        lines.append(ctx.t("line-article", name=whose.title(ctx, community.deck)))
    lines.append(ctx.t("line-clock", time=clock_of(ctx, community)))
    silent = community.asks and (await watch.of(ctx.tx, community.id)).closed
    lines.append(ctx.t("line-asks", asks=_asks(community, silent=silent)))
    lines.append(ctx.t("line-weekly", weekly="yes" if community.weekly else "no"))
    broken = _broken(ctx, community)
    if gone:
        broken.append(ctx.t("article-gone", chosen=community.deck or "", name=whose.title(ctx, community.deck)))
    keys = ["who", "name", "desk", *(["coaches", "rules"] if desk else []), "posts", "clock"]
    keys += ["article"] if several or gone else []
    keys += [
        *(["asks_open"] if silent else []),
        "asks_close" if community.asks else "asks_open",
        "weekly_off" if community.weekly else "weekly_on",
    ]
    options = tuple(Option(key, ctx.t(f"change-{key}")) for key in [*keys, "test", "join"])
    rows: list[Row] = [(Menu(ctx.t("menu-change"), "setup.change", options, (community.id,)),)]
    if broken:
        rows.append((Button(ctx.t("check-again"), "setup.check", [community.id]),))
    text = "\n\n".join(filter(None, [said, ctx.t("overview", name=community.name), "\n".join(lines), *broken]))
    return Reply(text, tuple(rows), edit=True)


def ways_in(ctx: Context, community: Community, looks: Looks, *around: str) -> Reply:
    """Say how people join, in each server of the community; the last of `around` stands below."""
    ways: list[str] = []
    for home in community.homes:
        look = looks.get(home)
        if isinstance(look, Look) and look.start:
            ways.append(ctx.t("join-link", server=look.server_name, link=f"{look.start}join-{community.id}"))
        elif isinstance(look, Look):
            ways.append(ctx.t("join-command", server=look.server_name))
    text = "\n\n".join([*around[:1], *ways, *around[1:]])
    return Reply(text or community.name, ((Button(ctx.t("back"), "setup.resume", [community.id]),),), edit=True)


def is_there(ctx: Context, desk: Spot) -> bool:
    """Tell whether the Call is made in the desk's own server, whose roles a menu shows."""
    return (desk.server.platform, desk.server.id) == (ctx.call.place.platform, ctx.call.server)


def switches(ctx: Context, wrong: tuple[str, ...]) -> str:
    """Return what is wrong with a place, a line each."""
    return "\n".join(f"• {ctx.t(f'core.{wrong_key(each)}')}" for each in wrong)


def clock_of(ctx: Context, community: Community) -> str:
    """Return the time it is by the community's clock, with its zone."""
    return f"{ctx.wall_clock(ctx.now, community.tz)} ({community.zone})"


def _posts(ctx: Context, community: Community) -> list[str]:
    if not community.posts:
        return [ctx.t("line-no-posts")]
    names = [spot.name for spot in community.posts[:NAMED]]
    return [ctx.t("line-posts", places=", ".join(names), more=len(community.posts) - len(names))]


def _broken(ctx: Context, community: Community) -> list[str]:
    spots = (spot for spot in community.spots if spot.broken)
    return [ctx.t("broken-at", place=spot.name, what=switches(ctx, spot.broken)) for spot in spots]


def _names(community: Community) -> str:
    return ", ".join(desk.name for desk in community.desks)


def _key(desk: Spot) -> tuple[str, str]:
    return desk.server.platform, desk.server.id


def _asks(community: Community, *, silent: bool) -> str:
    if not community.asks or community.desk is None:
        return "closed"
    if silent:
        return "silent"
    return "halted" if community.halted else "broken" if community.is_out_of_order else "open"


def _back(ctx: Context, community: Community) -> tuple[Button, ...]:
    return (Button(ctx.t("back"), "setup.resume", [community.id]),) if community.step is Step.DONE else ()


def _below(ctx: Context, community: Community, said: str, text: str) -> str:
    at = "" if community.step is Step.DONE else ctx.t("at-step", step=int(community.step))
    return "\n\n".join(filter(None, [said, at, text]))
