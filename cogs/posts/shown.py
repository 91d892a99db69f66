"""What /posts shows: the places, what comes at one of them, and what can be changed there."""

from itertools import islice

from babel.dates import get_day_names

from bot import communities
from bot.cog import Context
from bot.communities import Community, Spot
from bot.model import BUTTON_LABEL, MENU_LABEL, MENU_OPTIONS, TEXT, Button, Menu, Option, Reply, Row, clip
from cogs import unasked
from cogs.advice import Piece
from cogs.posts import rules, store
from cogs.posts.rules import AHEAD, Coming, Plan
from cogs.stage import Stage

PAGE = MENU_OPTIONS - 1  # places in one menu: its last option leads on
MORE = "more-"
WEEK = 5  # weekdays in the first row
LONG, SHORT = "EEEE, d MMMM", "EEE, d MMM"


async def overview(ctx: Context, community: Community, said: str = "", first: int = 0) -> Reply:
    """Return every place with its hour, those from number `first` on to choose from."""
    spots = community.posts
    first = first if 0 <= first < len(spots) else 0
    shown = spots[first : first + PAGE]
    lines = [_line(ctx, community, spot) for spot in shown]
    options = [Option(spot.key, clip(spot.name, MENU_LABEL)) for spot in shown]
    if len(spots) > PAGE:
        options.append(Option(f"{MORE}{first + PAGE if first + PAGE < len(spots) else 0}", ctx.t("posts.more")))
    rows: list[Row] = []
    if options:
        rows.append((Menu(ctx.t("posts.menu-which"), "posts.place", tuple(options), (community.id,)),))
    rows.append((Menu(ctx.t("posts.menu-add"), "posts.add", args=(community.id,), kind="channel"),))
    text = [
        said,
        ctx.t("posts.overview", name=community.name),
        "\n".join(lines) or ctx.t("posts.none"),
        ctx.t("posts.add"),
    ]
    return Reply(clip("\n\n".join(filter(None, text)), TEXT), tuple(rows), edit=True)


async def place(ctx: Context, community: Community, spot: Spot, said: str = "") -> Reply:
    """Return what comes at a place, the next posts first, and what can be changed."""
    plan, args = store.plan_of(spot), (community.id, spot.key)
    lines = {
        str(each.on.toordinal()): ctx.t(
            "posts.one-line", when=when(ctx, community, plan, each, SHORT), title=piece.title
        )
        for each, piece in ahead(ctx, community, plan)
    }
    next_ones = tuple(Option(on, clip(line, MENU_LABEL)) for on, line in lines.items())
    keys = ["hour", "days", "stages", "zone", f"talk-{_off(plan.talk)}", f"threads-{_off(spot.threads)}", "remove"]
    options = tuple(Option(key, ctx.t(f"posts.change-{key}")) for key in keys)
    buttons = [Button(ctx.t("posts.see"), "posts.see", args)]
    buttons += [Button(ctx.t("setup.check-again"), "posts.check", args)] if spot.broken else []
    rows = (
        *(((Menu(ctx.t("posts.menu-ahead"), "posts.one", next_ones, args),),) if next_ones else ()),
        (Menu(ctx.t("posts.menu-change"), "posts.change", options, args),),
        (*buttons, Button(ctx.t("posts.back-all"), "posts.all", [community.id])),
    )
    wrong = "\n".join(f"• {ctx.t(f'core.{communities.wrong_key(each)}')}" for each in spot.broken)
    text = [
        said,
        ctx.t("posts.place", place=spot.name),
        "\n".join(_about(ctx, community, spot, plan)),
        ctx.t("posts.broken", what=wrong) if wrong else "",
        "\n".join([ctx.t("posts.ahead"), *lines.values()]) if lines else ctx.t("posts.nothing-fits"),
    ]
    return Reply("\n\n".join(filter(None, text)), rows, edit=True)


def one(ctx: Context, community: Community, spot: Spot, each: Coming, piece: Piece, said: str = "") -> Reply:
    """Return one post that is to come, as it would be read, with what can be done about it."""
    plan = store.plan_of(spot)
    args = (community.id, spot.key, each.on.toordinal())
    hours = Menu(ctx.t("posts.menu-hour"), "posts.move", unasked.HOURS, tuple(map(str, args)))
    earlier, later = (Button(ctx.t(f"posts.day-{way}"), "posts.shift", [*args, way]) for way in ("earlier", "later"))
    rows: tuple[Row, ...] = (
        (hours,),
        (earlier, later),
        (Button(ctx.t("posts.skip"), "posts.skip", args), Button(ctx.t("posts.another"), "posts.another", args)),
        (_back(ctx, community, spot),),
    )
    at = ctx.t("posts.comes", when=when(ctx, community, plan, each), place=spot.name)
    read = store.said(ctx, community, plan, piece).text
    return Reply("\n\n".join(filter(None, [said, at, read])), rows, edit=True)


def hour(ctx: Context, community: Community, spot: Spot) -> Reply:
    """Ask for the hour."""
    menu = Menu(ctx.t("posts.menu-hour"), "posts.hour", unasked.HOURS, (community.id, spot.key))
    clock = ctx.wall_clock(ctx.now, store.tz_of(community, store.plan_of(spot)))
    wrong = Button(ctx.t("setup.wrong-time"), "posts.zone", [community.id, spot.key])
    return Reply(ctx.t("posts.ask-hour", time=clock), ((menu,), (wrong, _back(ctx, community, spot))), edit=True)


def days(ctx: Context, community: Community, spot: Spot) -> Reply:
    """Show the days of the week, each to be pressed."""
    plan = store.plan_of(spot)
    names = get_day_names("wide", locale=ctx.texts.locale(ctx.locale))
    buttons = [
        Button(_ticked(ctx, names[day], on=day in plan.days), "posts.day", [community.id, spot.key, day])
        for day in range(len(names))
    ]
    rows = (tuple(buttons[:WEEK]), tuple(buttons[WEEK:]), (_back(ctx, community, spot),))
    return Reply(ctx.t("posts.ask-days"), rows, edit=True)


def stages(ctx: Context, community: Community, spot: Spot) -> Reply:
    """Show the stages of the road, each to be pressed."""
    plan = store.plan_of(spot)
    buttons = [
        Button(
            _ticked(ctx, ctx.t(f"stage.name-{each}"), on=each in plan.stages),
            "posts.stage",
            [community.id, spot.key, each],
        )
        for each in Stage
    ]
    half = len(buttons) // 2
    rows = (tuple(buttons[:half]), tuple(buttons[half:]), (_back(ctx, community, spot),))
    return Reply(ctx.t("posts.ask-stages"), rows, edit=True)


def removing(ctx: Context, community: Community, spot: Spot) -> Reply:
    """Ask whether posts are to come there no more."""
    yes = Button(ctx.t("posts.remove-yes"), "posts.remove", [community.id, spot.key])
    return Reply(ctx.t("posts.ask-remove", place=spot.name), ((yes, _back(ctx, community, spot)),), edit=True)


def when(ctx: Context, community: Community, plan: Plan, each: Coming, pattern: str = LONG) -> str:
    """Return the date and the hour at which a post comes, by the clock of its place."""
    tz = store.tz_of(community, plan)
    local = each.at.astimezone(tz)
    day = ctx.texts.date(ctx.locale, local.date(), pattern)
    return ctx.t("posts.when", day=day, time=ctx.wall_clock(each.at, tz))


def found(ctx: Context, community: Community, spot: Spot, on: int) -> tuple[Coming, Piece] | None:
    """Return the post planned for a date (its ordinal: it goes through a button), None where it is not shown ahead."""
    return next((each for each in ahead(ctx, community, store.plan_of(spot)) if each[0].on.toordinal() == on), None)


def ahead(ctx: Context, community: Community, plan: Plan) -> list[tuple[Coming, Piece]]:
    """Return the posts that are shown ahead, each with the piece that it brings."""
    posts = islice(rules.coming(plan, store.tz_of(community, plan)), AHEAD)
    return list(zip(posts, store.pieces_of(ctx, community, plan), strict=False))


def _line(ctx: Context, community: Community, spot: Spot) -> str:
    broken = "yes" if spot.broken else "no"
    return ctx.t("posts.line", place=spot.name, when=_usually(ctx, community, store.plan_of(spot)), broken=broken)


def _about(ctx: Context, community: Community, spot: Spot, plan: Plan) -> list[str]:
    stages = ", ".join(ctx.t(f"stage.name-{each}") for each in Stage if each in plan.stages)
    return [
        ctx.t("posts.about-when", when=_usually(ctx, community, plan), zone=plan.zone or community.zone),
        ctx.t("posts.about-stages", stages=stages),
        ctx.t("posts.about-talk", talk=_on(plan.talk)),
        ctx.t("posts.about-threads", threads=_on(spot.threads)),
    ]


def _usually(ctx: Context, community: Community, plan: Plan) -> str:
    names = get_day_names("abbreviated", locale=ctx.texts.locale(ctx.locale))
    days = ", ".join(names[day] for day in sorted(plan.days))
    at = f"{plan.hour:02}:00"
    return (
        ctx.t("posts.each-day", time=at)
        if len(plan.days) == len(names)
        else ctx.t("posts.each-week", days=days, time=at)
    )


def _ticked(ctx: Context, label: str, *, on: bool) -> str:
    return clip(ctx.t("posts.ticked", label=label) if on else label, BUTTON_LABEL)


def _back(ctx: Context, community: Community, spot: Spot) -> Button:
    return Button(ctx.t("setup.back"), "posts.place", [community.id, spot.key])


def _on(yes: bool) -> str:  # a word for what it is
    return "yes" if yes else "no"


def _off(yes: bool) -> str:
    return "off" if yes else "on"
