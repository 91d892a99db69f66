"""The command `unsent`: run it, check it, look at what could not be sent, and read what it says."""

import asyncio
import os
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import select

from bot import app as app_module
from bot import proof, registry
from bot import settings as settings_module
from bot.clock import Clock
from bot.cog import Stats
from bot.content import Content
from bot.errors import DeclarationError, SetupError
from bot.house import House
from bot.observe import set_up_logs
from bot.outbox import State, outbox
from bot.part import Part
from bot.settings import DECK_FILE, Settings
from bot.shards import Shards
from bot.store import Store, told
from bot.texts import CONTENT, DECK, DEFAULT

WIDTH = 80  # columns: lines longer than that are hard to read

Result = TypeVar("Result")

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A companion for people going no contact.",
)
dead = typer.Typer(no_args_is_help=True, help="What could not be sent.")
cli.add_typer(dead, name="outbox")
words = typer.Typer(no_args_is_help=True, help="What it says.")
cli.add_typer(words, name="content")


@cli.command()
def run(
    no_discord: Annotated[bool, typer.Option("--no-discord", help="Leave Discord to other processes.")] = False,
    no_telegram: Annotated[bool, typer.Option("--no-telegram", help="Leave Telegram to other processes.")] = False,
    worker: Annotated[bool, typer.Option("--worker", help="Only send, and do what is due. On PostgreSQL.")] = False,
    shards: Annotated[str, typer.Option(metavar="A-B/N", help="Hear Discord's shards A to B, of N in all.")] = "0/1",
) -> None:
    """Start Unsent: on Discord and Telegram where their tokens are set, else the preview page."""
    settings = settings_module.load()
    without = {"discord": no_discord, "telegram": no_telegram}
    try:
        chosen = Shards.parse(shards)
    except ValueError as error:
        raise SetupError(str(error)) from None
    part = Part(frozenset(name for name, left_out in without.items() if left_out), worker, chosen)
    set_up_logs(settings.log_level, settings.log_format)
    asyncio.run(app_module.run(settings, part))


@cli.command()
def check() -> None:
    """Check the settings, the decks, the key and the database, and say what is on. Starts nothing."""
    settings = settings_module.load()
    decks = _decks(settings)
    app_module.load_decks(registry.discover(), decks)
    on = f"On: {', '.join(settings.platforms)}."
    if len(decks) > 1:
        on += f" Decks: the usual one, {', '.join(deck.name for deck in decks[1:])}."
    if not app_module.has_database(settings):
        print(f"The settings are well. {on} There is no database yet: the first `unsent run` makes it.")  # noqa: T201
        return
    _with_store(settings, Store.check)
    print(f"All is well. {on}")  # noqa: T201


@cli.command()
def stats() -> None:
    """Print what is counted: tables of numbers, nothing of any person."""

    async def look(house: House) -> list[Stats]:
        async with house.store.reading() as tx:
            return [await run(house.work(tx)) for cog in house.registry.cogs for run in cog.counters]

    for table in _with_house(settings_module.load(), look):
        lines = [table.head, *(tuple(str(cell) for cell in row) for row in table.rows)]
        widths = [max(len(line[number]) for line in lines) for number in range(len(table.head))]
        print(table.title)  # noqa: T201
        for first, *rest in lines:
            cells = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
            print("  ".join([first.ljust(widths[0]), *cells]))  # noqa: T201


@dead.command("list")
def list_dead() -> None:
    """List what could not be sent, with its reference in the log."""

    async def look(store: Store) -> list[str]:
        async with store.reading() as tx:
            rows = await tx.execute(
                select(outbox.c.id, outbox.c.platform, outbox.c.kind, outbox.c.due_at, outbox.c.why)
                .where(outbox.c.state == State.DEAD)
                .order_by(outbox.c.due_at)
            )
            return [f"{r.id}  {r.platform}  {r.kind}  {r.due_at:%Y-%m-%d %H:%M}  {r.why}" for r in rows]

    for line in _with_store(settings_module.load(), look) or ["Nothing."]:
        print(line)  # noqa: T201


@dead.command()
def retry(id: Annotated[str, typer.Argument(help="From `unsent outbox list`, or “all”.")]) -> None:
    """Try again to send what could not be sent."""

    async def change(store: Store) -> int:
        async with store.transaction() as tx:
            chosen = outbox.c.state == State.DEAD if id == "all" else outbox.c.id == id
            done = await tx.execute(
                outbox.update()
                .where(outbox.c.state == State.DEAD, chosen)
                .values(state=State.WAITING, attempts=0, why=None)
            )
            return done.rowcount

    print(f"{_with_store(settings_module.load(), change)} will be tried again.")  # noqa: T201


@dead.command()
def drop(id: Annotated[str, typer.Argument(help="From `unsent outbox list`, or “all”.")]) -> None:
    """Give up on what could not be sent, and delete it."""

    async def change(store: Store) -> int:
        async with store.transaction() as tx:
            chosen = outbox.c.state == State.DEAD if id == "all" else outbox.c.id == id
            return await tx.delete(outbox, outbox.c.state == State.DEAD, chosen)

    print(f"{_with_store(settings_module.load(), change)} dropped.")  # noqa: T201


@words.command("check")
def check_content(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder like content/, a deck or several; without it, all that this Unsent says."),
    ] = None,
    coverage: Annotated[Path | None, typer.Option(help="Write there, in Markdown, which piece carries what.")] = None,
) -> None:
    """Say by file and line what is wrong in what Unsent says. The exit status is 1 where something is."""
    content, cogs = _content(folder), registry.discover()
    found = proof.remarks(content, cogs)
    for remark in found:
        print(remark)  # noqa: T201
    wrong = sum(remark.wrong for remark in found)
    print(f"{wrong or 'Nothing'} to mend, {len(found) - wrong or 'nothing'} to look at.")  # noqa: T201
    if coverage is not None:
        tables = [cover(content) for cog in cogs for cover in cog.coverers]
        coverage.write_text("\n".join(tables), encoding="utf-8")
    if wrong:
        raise typer.Exit(1)


@words.command()
def show(
    what: Annotated[str, typer.Argument(help="A stage, or the id of a piece; without it, the whole deck.")] = "",
    deck: Annotated[Path | None, typer.Option(help="Another deck than the one that is set.")] = None,
) -> None:
    """Read the deck."""
    content = _content(deck)
    shown = [entry for cog in registry.discover() for run in cog.showers for entry in run(content, what)]
    if not shown:
        raise SetupError(f"There is no stage and no piece “{what}”. A stage is one of the files in {content.deck}.")
    console = Console(width=min(WIDTH, Console().width), highlight=False)
    heading = ""
    for entry in shown:
        if entry.heading != heading:
            heading = entry.heading
            console.rule(Text(heading, style="bold magenta"), style="magenta")
        console.print()
        console.print(Text(entry.title, style="bold"))
        console.print(Text(" · ".join(entry.facts), style="dim"))
        for paragraph in entry.paragraphs:
            lines = textwrap.fill(paragraph, console.width - 2, initial_indent="  ", subsequent_indent="  ")
            console.print(Text(f"\n{lines}"))
    console.print()


def main() -> None:
    """Run the command. What an operator can mend is said in plain words, and the exit status is then 2."""
    os.umask(0o077)  # what we write is for our own user alone
    try:
        cli(standalone_mode=True)
    except (SetupError, DeclarationError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)


def _content(folder: Path | None) -> Content:
    """Return what is to be read: content/ with the decks that are set, a folder of that shape, or a deck or several."""
    today = Clock().now().date()
    if folder is None:
        usual, *others = _decks(settings_module.load())
        return Content(CONTENT, usual, today, tuple(others))
    if (folder / DECK_FILE).exists():
        return Content(None, folder, today)
    if (folder / DEFAULT).is_dir():
        return Content(folder, folder / DEFAULT / DECK.name, today)
    if decks := settings_module.decks_in(folder):
        first, *others = decks.values()
        return Content(None, first, today, tuple(others))
    raise SetupError(f"{folder} is no deck, which has a {DECK_FILE}, and has no folder {DEFAULT} as content/ has.")


def _decks(settings: Settings) -> tuple[Path, ...]:
    """Return every deck that is set, each once, the usual one first."""
    usual, more = app_module.decks_of(settings)
    return tuple(dict.fromkeys([usual, *more.values()]))


def _with_store(settings: Settings, do: Callable[[Store], Awaitable[Result]]) -> Result:
    return _with_house(settings, lambda house: do(house.store))


def _with_house(settings: Settings, do: Callable[[House], Awaitable[Result]]) -> Result:
    if not app_module.has_database(settings):
        raise SetupError(f"There is no database at {settings.data_dir} yet: the first `unsent run` makes it.")

    async def work() -> Result:
        house = app_module.build_house(settings, Clock())
        try:
            await house.store.open()
            with told():
                return await do(house)
        finally:
            await house.store.close()

    set_up_logs("WARNING", settings.log_format)
    return asyncio.run(work())
