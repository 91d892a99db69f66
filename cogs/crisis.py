"""Help lines, for anybody, at any hour, without joining. Never a default country: another's number helps nobody.

A member may have theirs kept, sealed, so that the lines are there at once; nothing else reads it.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from bot.cog import Cog, Context
from bot.content import Content, NotToml, Remark, Table, strings, tables
from bot.errors import UserError
from bot.model import Button, Menu, Option, Reply, Role, Row
from bot.texts import CONTENT, Speaker
from cogs import settings

KINDS = ("emergency", "suicide", "abuse", "own_behaviour")
AFRAID = ("own_behaviour", "emergency", "suicide", "abuse")
OLD = timedelta(days=183)  # after which all of them want to be looked at again
NEEDED = {"name", "source", "date"}
FIELDS = NEEDED | {"phone", "text", "text_keyword", "web", "hours", "languages", "region", "audience", "note"}
UNKNOWN = re.compile(r"nomoredirectory|hotpeachpages")  # directories that nobody has seen
HALF = "M"  # the countries stand in two menus, which hold 25 options each

cog = Cog("crisis")


def button(say: Speaker) -> Button:
    """Return the button that stands wherever someone may be in distress."""
    return Button(say("core.help-lines"), "crisis")


@cache
def lines() -> Mapping[str, Any]:
    """Return content/crisis.toml."""
    return tomllib.loads((CONTENT / "crisis.toml").read_text(encoding="utf-8"))


@cog.command(access=Role.ANYONE, glances=True)
async def crisis(ctx: Context) -> Reply:
    """Show where help is: in the country that is kept of a member, else everywhere, with one question."""
    return await _kept(ctx, KINDS) or await everywhere(ctx)


@cog.action("everywhere", access=Role.ANYONE, glances=True)
async def everywhere(ctx: Context) -> Reply:
    """Show where help is everywhere, and ask for the country."""
    listed = [_entry(ctx, entry) for kind in KINDS for entry in lines()["international"].get(kind, ())]
    return Reply("\n\n".join([ctx.t("first"), "\n".join(listed), ctx.t("which")]), _countries(ctx, "country"))


@cog.action("afraid", access=Role.ANYONE, glances=True)
async def afraid(ctx: Context) -> Reply:
    """Show somebody who fears what they may do the lines for that first, or ask for their country."""
    kept = await _kept(ctx, AFRAID)
    first = ctx.t("afraid-first")
    if kept is not None:
        return replace(kept, text=f"{first}\n\n{kept.text}")
    return Reply("\n\n".join([first, ctx.t("which")]), _countries(ctx, "afraid_in"))


@cog.action("afraid_in", access=Role.ANYONE, glances=True)
async def afraid_in(ctx: Context, code: str) -> Reply:
    """Show the help lines of one country, those for what one might do first."""
    return _country(ctx, code, AFRAID)


@cog.action("country", access=Role.ANYONE, glances=True)
async def country(ctx: Context, code: str) -> Reply:
    """Show the help lines of one country; a member is offered to have it kept."""
    shown = _country(ctx, code, KINDS)
    if ctx.member is None:
        return shown
    return replace(shown, rows=((Button(ctx.t("keep-country"), "crisis.keep", [code]),),))


@cog.action("mine", glances=True)
async def mine(ctx: Context) -> Reply:
    """Say which country is kept of the member, and let them choose."""
    now = await settings.load(ctx.tx, ctx.me)
    if not now.country:
        return Reply(ctx.t("no-country"), _countries(ctx, "keep"), edit=True)
    where = ", ".join(filter(None, [now.region, lines()["countries"][now.country]["name"]]))
    drop = (Button(ctx.t("drop-country"), "crisis.drop"), Button(ctx.t("settings"), "settings"))
    return Reply(ctx.t("my-country", country=where), (*_countries(ctx, "keep"), drop), edit=True)


@cog.action("keep")
async def keep(ctx: Context, code: str) -> Reply:
    """Keep the member's country, and ask for the region where its lines have one."""
    regions = _regions(_known(code))
    await settings.change(ctx, country=code, region="")
    if not regions:
        return await mine(ctx)
    options = tuple(Option(str(number), name) for number, name in enumerate(regions))
    menu = Menu(ctx.t("pick-region"), "crisis.region", options, (code,))
    return Reply(ctx.t("which-region"), ((menu,), (Button(ctx.t("no-region"), "crisis.mine"),)), edit=True)


@cog.action("region")
async def region(ctx: Context, code: str, number: int) -> Reply:
    """Keep the member's region."""
    regions = _regions(_known(code))
    if not 0 <= number < len(regions):
        raise UserError("core.unknown-command")
    await settings.change(ctx, country=code, region=regions[number])
    return await mine(ctx)


@cog.action("drop")
async def drop(ctx: Context) -> Reply:
    """Keep no country of the member any more."""
    await settings.change(ctx, country="", region="")
    return await mine(ctx)


async def _kept(ctx: Context, order: Iterable[str]) -> Reply | None:
    """Return the lines of the country that is kept of whoever asks, or None."""
    now = await settings.load(ctx.tx, ctx.me) if ctx.member else None
    if now is None or now.country not in lines()["countries"]:
        return None
    others = Button(ctx.t("everywhere"), "crisis.everywhere")
    return replace(_country(ctx, now.country, order, now.region), rows=((others,),))


def _countries(ctx: Context, action: str) -> tuple[Row, ...]:
    named = sorted((country["name"], code) for code, country in lines()["countries"].items())
    halves = ([Option(code, name) for name, code in named if (name[0] < HALF) is early] for early in (True, False))
    return tuple(
        (Menu(ctx.t("pick", first=each[0].label[0], last=each[-1].label[0]), f"crisis.{action}", tuple(each)),)
        for each in halves
    )


def _known(code: str) -> Mapping[str, Any]:
    """Return the lines of a country. Raises UserError where there are none."""
    found = lines()["countries"].get(code)
    if found is None:
        raise UserError("unknown-country")
    return found


def _regions(found: Mapping[str, Any]) -> list[str]:
    entries = (entry for kind in KINDS for entry in found.get(kind, ()))
    return sorted({entry["region"] for entry in entries if "region" in entry})


def _country(ctx: Context, code: str, order: Iterable[str], region: str = "") -> Reply:
    """Return the lines of a country; of a region that is known, without those of the others."""
    found, parts = _known(code), list[str]()
    for kind in order:
        entries = [each for each in found.get(kind, ()) if not region or each.get("region", region) == region]
        if entries:
            parts.append("\n".join([ctx.t(kind), *(_entry(ctx, entry) for entry in entries)]))
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


@cog.checks
def check(content: Content) -> Iterator[Remark]:
    """Yield what is wrong in crisis.toml: what could send somebody to a number that does not help."""
    if content.folder is None:
        return
    file = content.folder / "crisis.toml"
    try:
        found = {table.name: table for table in tables(file)}
        listed = tables(file)
    except NotToml as error:
        yield error.remark
        return
    meta = found.get("meta", Table("", 1, {}))
    collected = _date(meta.values.get("collected"))
    if collected is None:
        yield Remark(file, meta.at("collected"), "[meta] needs collected: the day on which all was looked through")
    elif content.today - collected > OLD:
        what = f"collected on {collected}, over half a year ago: look through all of them again"
        yield Remark(file, meta.at("collected"), what, wrong=False)
    empty = Table("", 1, {})
    never, hours = found.get("never", empty).values, found.get("hours_unknown", empty).values
    for table in listed:
        place, _, kind = table.name.rpartition(".")
        if place == "international" or place.startswith("countries."):
            code = place.removeprefix("countries.")
            for field, what in _wrong(table.values, kind, collected, never.get(code, ()), hours.get(code, ())):
                yield Remark(file, table.at(field), what, f"{code} {table.values.get('name', kind)}")
        elif place == "countries" and "name" not in table.values:
            yield Remark(file, table.line, "name is missing", kind)
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if unknown := UNKNOWN.search(line):
            yield Remark(file, number, f"{unknown[0]} was never seen by anybody: it is no source and no help")


def _wrong(
    entry: Mapping[str, Any], kind: str, collected: date | None, never: Iterable[str], hours: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an entry, each with the field it is about."""
    if kind not in KINDS:
        yield "name", f"there is no kind {kind}: it is one of {', '.join(KINDS)}"
    for field in sorted(entry.keys() - FIELDS):
        yield field, f"there is no field {field}"
    for field in sorted(NEEDED - entry.keys()):
        yield field, f"{field} is missing"
    if "source" in entry and not any(map(str.strip, strings(entry["source"]))):
        yield "source", "source is a list of where it was found, and never empty"
    if not (entry.get("phone") or entry.get("text") or entry.get("web")):
        yield "name", "it needs a phone, a text number or a web address"
    day = _date(entry.get("date"))
    if "date" in entry and day is None:
        yield "date", "date is a day, a month or a year: 2026-11-22, 2026-11 or 2026"
    if day and collected and day > collected:
        yield "date", f"its newest source is of {day}, after {collected}, when all were collected"
    digits = {re.sub(r"\D", "", number) for number in [*entry.get("phone", ()), entry.get("text", "")]}
    for number in sorted(digits & set(never)):
        yield "phone", f"{number} is old, or was seen nowhere: it is among those never to be shown"
    if "hours" in entry and digits & set(hours):
        yield "hours", "nobody has confirmed its hours: leave them out"


def _date(text: object) -> date | None:
    """Return the day that "2026-11-22", "2026-11" or "2026" begins with, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        return None
    try:
        return date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return None
