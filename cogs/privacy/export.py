"""Take it all along: for programs, for a spreadsheet, as pictures, with a page that says what is what."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from babel.dates import format_datetime

from bot import communities
from bot.cog import Context
from bot.model import JSON, Button, File, Reply
from bot.texts import Speaker
from cogs.privacy import sheets
from cogs.privacy.store import cog, everything, words_for


@dataclass(frozen=True)
class Sheet:
    """How a table is shown as a sheet: its file, what it is, its columns' heads and its values' words."""

    file: str
    about: str
    head: Callable[[str], str]
    tell: sheets.Tell


@cog.command(writes=False)
async def export(ctx: Context) -> Reply:
    """Give the member everything that is kept of them, as one file."""
    return await part(ctx, 1)


@cog.action("part", writes=False)
async def part(ctx: Context, number: int) -> Reply:
    """Give one of the files where it takes several, from 1 on."""
    kept = await everything(ctx, ctx.me)
    names = await _communities(ctx, kept)
    pictures = [
        file
        for each in ctx.cogs
        for painted in each.painters
        for file in await painted(replace(ctx, t=ctx.texts.speaker(ctx.locale, each.name)))
    ]
    packed = partial(_packed, ctx, kept, names, pictures, number)
    data, number, of = await ctx.tx.aside(lambda: asyncio.to_thread(packed))
    if of == 1:
        return Reply(ctx.t("exported"), files=(File("unsent.zip", data),))
    more = ((Button(ctx.t("next-part"), "privacy.part", [number + 1]),),) if number < of else ()
    return Reply(ctx.t("exported-part", number=number, of=of), more, (File(f"unsent-{number}.zip", data),))


def _packed(
    ctx: Context, kept: JSON, names: dict[str, str], pictures: list[File], number: int
) -> tuple[bytes, int, int]:
    """Return everything, or that part of it, packed; which part it is, and of how many.

    For somebody who has written a letter a day for years this takes seconds.
    """
    bundles = sheets.pack(_files(ctx, kept, names, pictures))
    number = min(max(number, 1), len(bundles))
    return sheets.zipped(bundles[number - 1]), number, len(bundles)


def _files(ctx: Context, kept: JSON, names: dict[str, str], pictures: list[File]) -> list[tuple[str, bytes]]:
    files: list[tuple[str, bytes]] = []
    about: list[tuple[str, str]] = []
    known = {name: found for name in kept if (found := _sheet(ctx, name, names)) is not None}
    for number, held in enumerate(sheets.parts(kept), 1):
        again = f"-{number}" if number > 1 else ""
        files.append((f"unsent{again}.json", sheets.to_json(held)))
        about += [] if again else [("unsent.json", ctx.t("readme-json"))]
        for name, found in known.items():
            rows = sheets.rows_of(name, held.get(name, []))
            if rows:
                files.append((f"{found.file}{again}.csv", sheets.sheet(rows, found.head, found.tell, ctx.me.tz)))
                about += [] if again else [(f"{found.file}.csv", found.about)]
    for file in pictures:
        files.append((f"pictures/{file.name}", file.data))
        about.append((f"pictures/{file.name}", " ".join(file.alt.split())))
    return [("README.txt", _readme(ctx, about).encode()), *files]


def _readme(ctx: Context, about: list[tuple[str, str]]) -> str:
    at = format_datetime(ctx.now.astimezone(ctx.me.tz), "d MMMM y, HH:mm", locale=ctx.texts.locale(ctx.locale))
    told = "\n\n".join(f"{name}\n    {what}" for name, what in about)
    return f"{ctx.t('readme-first', time=at, zone=ctx.me.zone)}\n\n{told}\n\n{ctx.t('readme-last')}\n"


def _sheet(ctx: Context, name: str, names: dict[str, str]) -> Sheet | None:
    """Return how `name` is shown as a sheet; None where it has no words: nobody would read it there."""
    key = f"kept-{name}"
    say = words_for(ctx, ctx.locale, key)
    if say is None:
        return None

    @cache
    def head(column: str) -> str:
        return _or(say, f"{key}-{column}", column.replace("_", " "))

    @cache
    def tell(column: str, value: str | bool) -> str:
        if isinstance(value, bool):
            return ctx.t("yes" if value else "no")
        if column == "community":
            return names.get(value, value)
        return _or(say, f"{key}-{column}@{value}", value) if value.isidentifier() else value

    return Sheet(_or(say, f"{key}@file", name), say(key), head, tell)


def _or(say: Speaker, key: str, otherwise: str) -> str:
    try:
        return say(key)
    except KeyError:
        return otherwise


async def _communities(ctx: Context, kept: JSON) -> dict[str, str]:
    """Return the names of all communities that are spoken of, by their ids."""
    rows = [row for name, value in kept.items() for row in sheets.rows_of(name, value)]
    found = {row["community"] for row in rows if isinstance(row.get("community"), str)}
    table = communities.communities
    return {row["id"]: row["name"] for row in await ctx.tx.rows(table, table.c.id.in_(found))}
