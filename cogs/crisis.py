"""Help lines, for anybody, at any hour, without joining. Never a default country: another's number helps nobody."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from bot.cog import Cog, Context
from bot.errors import UserError
from bot.model import Button, Menu, Option, Reply, Role
from bot.texts import CONTENT, Speaker

KINDS = ("emergency", "suicide", "abuse", "own_behaviour")
HALF = "M"  # the countries stand in two menus, which hold 25 options each

cog = Cog("crisis")


def button(say: Speaker) -> Button:
    """Return the button that stands wherever someone may be in distress."""
    return Button(say("core.help-lines"), "crisis")


@cache
def lines() -> Mapping[str, Any]:
    """Return content/crisis.toml."""
    return tomllib.loads((CONTENT / "crisis.toml").read_text(encoding="utf-8"))


@cog.command(access=Role.ANYONE, writes=False)
async def crisis(ctx: Context) -> Reply:
    """Show where help is: everywhere, and after one question in one's own country."""
    named = sorted((country["name"], code) for code, country in lines()["countries"].items())
    first, second = ([Option(c, n) for n, c in named if (n[0] < HALF) is early] for early in (True, False))
    rows = tuple(
        (Menu(ctx.t("pick", first=options[0].label[0], last=options[-1].label[0]), "crisis.country", tuple(options)),)
        for options in (first, second)
    )
    everywhere = [_entry(ctx, entry) for kind in KINDS for entry in lines()["international"].get(kind, ())]
    return Reply("\n\n".join([ctx.t("first"), "\n".join(everywhere), ctx.t("which")]), rows)


@cog.action("afraid", access=Role.ANYONE, writes=False)
async def afraid(ctx: Context) -> Reply:
    """Ask for the country of somebody who fears what they may do: those lines come first then."""
    asked = await crisis(ctx)
    menus = tuple((replace(item, action="crisis.afraid_in"),) for (item,) in asked.rows if isinstance(item, Menu))
    return Reply("\n\n".join([ctx.t("afraid-first"), ctx.t("which")]), menus)


@cog.action("afraid_in", access=Role.ANYONE, writes=False)
async def afraid_in(ctx: Context, code: str) -> Reply:
    """Show the help lines of one country, those for what one might do first."""
    return _country(ctx, code, ("own_behaviour", *KINDS))


@cog.action("country", access=Role.ANYONE, writes=False)
async def country(ctx: Context, code: str) -> Reply:
    """Show the help lines of one country."""
    return _country(ctx, code, KINDS)


def _country(ctx: Context, code: str, order: Iterable[str]) -> Reply:
    found = lines()["countries"].get(code)
    if found is None:
        raise UserError("unknown-country")
    kinds = ((kind, found[kind]) for kind in dict.fromkeys(order) if kind in found)
    parts = ("\n".join([ctx.t(kind), *(_entry(ctx, entry) for entry in entries)]) for kind, entries in kinds)
    return Reply("\n\n".join([found["name"], *parts, ctx.t("collected", date=lines()["meta"]["collected"])]))


def _entry(ctx: Context, entry: Mapping[str, Any]) -> str:
    title = entry["name"]
    if whom := ", ".join(filter(None, [entry.get("region"), entry.get("audience")])):
        title = f"{title} ({whom})"
    return "\n  ".join([f"• {title}", *_ways(ctx, entry)])


def _ways(ctx: Context, entry: Mapping[str, Any]) -> Iterator[str]:
    if phones := entry.get("phone"):
        yield ctx.t("call", phone=ctx.t("or").join(phones), hours=_hours(entry))
    if text := entry.get("text"):
        keyword = entry.get("text_keyword")
        yield ctx.t("text-keyword", number=text, keyword=keyword) if keyword else ctx.t("text", number=text)
    if web := entry.get("web"):
        yield web
    if note := entry.get("note"):
        yield note


def _hours(entry: Mapping[str, Any]) -> str:
    return f" ({entry['hours']})" if "hours" in entry else ""
