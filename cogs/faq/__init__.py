"""Questions that were published with their answers, for anybody to search; and how their asker takes one down."""

from typing import Annotated

from bot import codes
from bot.cog import Arg, Context
from bot.errors import UserError
from bot.model import MENU_LABEL, Button, Menu, Option, Reply, Role, Row, clip
from cogs import crisis, screening
from cogs.faq.store import (
    ROOM,
    Published,
    check,
    cog,
    hand_over,
    newest,
    one,
    publish,
    published,
    remove,
    search,
    similar,
    words,
)

__all__ = ["ROOM", "Published", "check", "cog", "hand_over", "publish", "published", "remove", "similar", "words"]

TYPED = 200
FOUND = 10  # at once: as many as a phone shows
PAGES = 100
TRIES = 10  # wrong codes within an hour


@cog.command(access=Role.ANYONE, writes=False, link="community")
async def faq(ctx: Context, words: Annotated[str | None, Arg(max=TYPED)] = None, community: str | None = None) -> Reply:
    """Search what was published in the communities of whoever calls; without words, show the newest."""
    if not words:
        return await _newest(ctx, 0, await _theirs(ctx))
    found = await search(ctx.tx, await _theirs(ctx), words, limit=FOUND)
    shown = _list(ctx, ctx.t("found"), found) if found else Reply(ctx.t("nothing"), (_doors(ctx),))
    return screening.beside(ctx.t, words, shown)


@cog.action("page", access=Role.ANYONE, writes=False)
async def page(ctx: Context, number: int, of: str = "") -> Reply:
    """Show older ones, or newer ones, of the communities of whoever calls or of one."""
    return await _newest(ctx, max(0, min(number, PAGES)), [of] if of else await _theirs(ctx), edit=True)


@cog.action("show", access=Role.ANYONE, writes=False)
async def show(ctx: Context, id: str) -> Reply:
    """Show one whole. It is for anybody: whoever has its id was shown it."""
    shown = await one(ctx.tx, id)
    if shown is None:
        return Reply(ctx.t("gone"), (_doors(ctx),))
    return Reply(words(ctx.t, shown), (_doors(ctx, Button(ctx.t("newest-button"), "faq.page", [0, _about(ctx)])),))


@cog.command(access=Role.ANYONE)
async def unpublish(ctx: Context, code: Annotated[str | None, Arg(max=40)] = None) -> Reply:
    """Take down what a code is for: having it is enough."""
    if code is None:
        return Reply(ctx.t("how"))
    account = ctx.call.account
    who = ctx.vault.index("unpublish", f"{account.platform}:{account.id}")
    if ctx.tries.wrong(who, ctx.now) >= TRIES:
        raise UserError("too-many-tries")
    if codes.read(code) is None:
        raise UserError("not-a-code", length=codes.LENGTH)
    if not await _taken_down(ctx, code):
        ctx.tries.add(who, ctx.now)
        raise UserError("no-such-code")
    return Reply(ctx.t("taken-down"))


async def _taken_down(ctx: Context, code: str) -> bool:
    """Take down what a code is for, whichever feature published it; tell whether there was such."""
    for take_down in (run for each in ctx.cogs for run in each.removers):
        if await take_down(ctx, code):
            return True
    return False


async def _theirs(ctx: Context) -> list[str]:
    """Return the ids of the communities to search in. Raises UserError where there is none."""
    theirs = await ctx.communities()
    if not theirs:
        raise UserError("core.no-community")
    return [each.id for each in theirs]


async def _newest(ctx: Context, number: int, theirs: list[str], *, edit: bool = False) -> Reply:
    first = number * FOUND
    found = (await newest(ctx.tx, theirs, limit=first + FOUND + 1))[first:]
    if not found:
        return Reply(ctx.t("none-yet" if number == 0 else "nothing-older"), (_doors(ctx),), edit=edit)
    turns: list[Button] = []
    if number:
        turns.append(Button(ctx.t("newer"), "faq.page", [number - 1, _about(ctx)]))
    if len(found) > FOUND and number < PAGES:
        turns.append(Button(ctx.t("older"), "faq.page", [number + 1, _about(ctx)]))
    return _list(ctx, ctx.t("newest"), found[:FOUND], tuple(turns), edit=edit)


def _list(ctx: Context, head: str, found: list[Published], turns: Row = (), *, edit: bool = False) -> Reply:
    """Return a list of questions, of which one can be opened."""
    names = [f"{number}. {' '.join(each.question.split())}" for number, each in enumerate(found, 1)]
    options = tuple(Option(each.id, clip(name, MENU_LABEL)) for each, name in zip(found, names, strict=True))
    text = "\n".join([head, *(clip(name, TYPED) for name in names)])
    rows: list[Row] = [(Menu(ctx.t("open"), "faq.show", options),)]
    return Reply(text, (*rows, *((turns,) if turns else ()), _doors(ctx)), edit=edit)


def _doors(ctx: Context, *first: Button) -> Row:
    return (*first, Button(ctx.t("core.ask-a-coach"), "ask"), crisis.button(ctx.t))


def _about(ctx: Context) -> str:
    """Return the id of the community that this is about where the place does not tell it, else nothing."""
    return ctx.community.id if ctx.community and ctx.call.place.private else ""
