"""The composition root: the one file that knows all the others. It starts them in order and stops them in the other."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from filelock import FileLock, Timeout
from sqlalchemy import make_url

from bot import communities, outbox, registry
from bot import due as due_rows
from bot.adapter import Adapter, Listening, Sample, Turn, every_turn
from bot.clock import Clock
from bot.cog import Cog
from bot.communities import Purpose
from bot.content import Content
from bot.dispatch import Dispatch
from bot.errors import SetupError
from bot.house import House
from bot.leases import Leases
from bot.observe import Health
from bot.part import DISCORD, SCHEDULER, WHOLE, Part, check_others, check_part, listener, sender
from bot.registry import Registry
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.settings import Settings, decks_in
from bot.store import Store, Tx, meta, told
from bot.texts import DECK, DEFAULT, Texts
from bot.vault import Key, Vault, parse_keys, read_keys
from bot.web import Web

log = logging.getLogger(__name__)

PREVIEW = "preview"  # the name under which it is remembered that the page's community was set up
SWITCH = 0.0005  # seconds: ten times as long, and the loop waits at each write to a socket for SQLite's thread
FINISH_SENDING = 5.0  # seconds for what is in flight when we are told to stop
FINISH_LEAVING = 4.0  # seconds for the Calls in hand: a stop takes under ten in all


class App:
    """One running Unsent."""

    def __init__(self, settings: Settings, clock: Clock | None = None, part: Part = WHOLE) -> None:
        self._settings = settings
        self._part = part
        self.house = build_house(settings, clock or Clock(), first=True)
        self.dispatch = Dispatch(self.house)
        self.leases = Leases(self.house.store, part.leases(settings.platforms), self._heard)
        self.scheduler = Scheduler(self.house, self.dispatch, self.leases[SCHEDULER])
        self.senders: list[Sender] = []
        self.web: Web | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["App"]:
        """Run until the context is left. Raises SetupError where an operator has to mend something first.

        Raises DeclarationError where a deck is not right.
        """
        settings, house = self._settings, self.house
        check_part(self._part, settings.platforms, is_sqlite=house.store.is_sqlite)
        load_decks(house.registry.cogs, house.all_decks)  # before the database: a start that fails changes nothing
        async with AsyncExitStack() as stack:
            if house.store.is_sqlite:
                stack.enter_context(_alone(settings))
            stack.push_async_callback(house.store.close)
            await house.store.open()
            with told():
                await self._begin()
            routes = self._build_adapters()
            self.web = Web(house, *settings.web_address, routes=routes)
            stack.push_async_callback(self.web.stop)
            await self.web.start()
            house.store.listeners |= {outbox.WAKE: self._wake_senders, due_rows.WAKE: self.scheduler.wake}
            stack.push_async_callback(self.leases.stop)
            await self.leases.start()
            await check_others(self._part, settings.platforms, self.leases)
            stack.push_async_callback(self._stop)
            for adapter in house.adapters.values():
                for part in self._part.parts(adapter.name):
                    house.health.set(adapter.name, connected=False, part=part)
                await adapter.start()
                if adapter.name not in self._part.without:
                    sends = Sender(house, adapter, self.leases[sender(adapter.name)])
                    self.senders.append(sends)
                    sends.start()
            self.scheduler.start()
            log.info("started", extra={"address": self.web.address, "platform": " ".join(house.adapters)})
            yield self
            log.info("stopping")

    def wake(self) -> None:
        """Look at everything that may be due: the clock was moved."""
        self.scheduler.wake()
        self._wake_senders()

    def _heard(self, note: str) -> None:
        """Do what a transaction of our own would have had us do, as one of another process asks for it."""
        if wake := self.house.store.listeners.get(note):
            wake()

    def _turn(self, platform: str, part: str = "") -> Turn:
        """Return what lets us listen to a platform, or to a part of it, while it is ours to do.

        While others do, nothing is amiss here.
        """
        if not self._part.listens(platform):
            return every_turn
        lease, health = self.leases[listener(platform, part)], self.house.health

        async def turn(listen: Listening) -> None:
            async def once() -> None:
                try:
                    await listen()
                finally:
                    health.set(platform, connected=True, part=part)

            if not lease.held:
                health.set(platform, connected=True, part=part)
            await lease.during(once)

        return turn

    async def _begin(self) -> None:
        house, remembered = self.house, Memory(self.house.store)
        if "preview" in self._settings.platforms and await remembered.get(PREVIEW) is None:
            await self._set_up_preview()
            await remembered.put(PREVIEW, "")

        async def start_cogs(tx: Tx) -> None:
            for cog in house.registry.cogs:
                for start in cog.starters:
                    await start(house.work(tx))

        await house.store.write(start_cogs)

    async def _set_up_preview(self) -> None:
        """Set up the page's community once, as /setup would: whoever comes to look finds it at work."""
        from bot.adapters.preview import seats

        house = self.house
        say = house.texts.speaker(None, "core")

        async def set_up(tx: Tx) -> None:
            made = await communities.create(tx, seats.SERVER, name=say("preview-community"), locale=DEFAULT)
            answers = {"operator": seats.ROWAN.name, "contact": say("preview-contact")}
            await communities.change(tx, made.id, **answers, step=communities.Step.DONE, asks=True)
            for purpose, place in ((Purpose.DESK, seats.DESK), (Purpose.POSTS, seats.TOWN)):
                name = say(f"preview-tab-{place.channel}")
                await communities.set_place(tx, made, purpose, place, seats.SERVER, name=name)
            for coach in seats.COACHES:
                await communities.name_coach(tx, house.vault, made.id, seats.PEOPLE[coach], coach=True)
            await communities.set_steward(tx, house.vault, made.id, seats.ROWAN)

        await house.store.write(set_up)

    def _build_adapters(self) -> list[web.RouteDef]:
        """Make the adapters of the platforms that are on; return what they want the web server to serve."""
        settings, house, clock = self._settings, self.house, self.house.clock
        routes: list[web.RouteDef] = []
        made: list[Adapter] = []
        if settings.discord_token:
            from bot.adapters.discord import Discord

            made.append(
                Discord(
                    self.dispatch,
                    token=settings.discord_token.get_secret_value(),
                    clock=clock,
                    api_url=settings.discord_api_url,
                    gateway_url=settings.discord_gateway_url,
                    memory=Memory(house.store),
                    shards=self._part.shards,
                    turns=lambda part: self._turn(DISCORD, part),
                    spacing=self.leases.spaced.turn,
                    listens=self._part.listens(DISCORD),
                )
            )
        if settings.telegram_token:
            from bot.adapters.telegram import Telegram, Webhook

            webhook = None
            if settings.telegram_webhook_url and settings.telegram_webhook_secret:
                webhook = Webhook(settings.telegram_webhook_url, settings.telegram_webhook_secret.get_secret_value())
            telegram = Telegram(
                self.dispatch,
                token=settings.telegram_token.get_secret_value(),
                clock=clock,
                api_url=settings.telegram_api_url,
                webhook=webhook,
                rate=settings.telegram_rate,
                usage=self.leases.usage("telegram"),
                turn=self._turn("telegram"),
                listens=self._part.listens("telegram"),
            )
            routes += telegram.routes()
            made.append(telegram)
        if not made:
            from bot.adapters.preview import Preview

            hosts = ("*",) if settings.web_open_to_anyone_who_can_connect else ()
            preview = Preview(self.dispatch, clock=clock, moved=self.wake, samples=self._samples, allow_hosts=hosts)
            routes += preview.routes()
            made.append(preview)
        house.adapters |= {adapter.name: adapter for adapter in made}
        return routes

    def _samples(self) -> list[Sample]:
        """Return the decks as every platform shows them, read anew: whoever writes one looks again and again."""
        from bot.adapters.discord.render import drawn as on_discord
        from bot.adapters.telegram.render import drawn as on_telegram

        house = self.house
        usual, *others = house.all_decks
        content = Content(None, usual, house.clock.now().date(), tuple(others))
        say = house.texts.speaker(DEFAULT, "core")
        return [
            Sample(
                shown.heading,
                shown.title,
                shown.facts,
                reply,
                {"discord": on_discord(reply), "telegram": on_telegram(reply)},
            )
            for cog in house.registry.cogs
            for sample in cog.samplers
            for shown, reply in sample(content, say)
        ]

    def _wake_senders(self) -> None:
        for each in self.senders:
            each.wake()

    async def _stop(self) -> None:
        """Begin nothing more; finish what is on its way out while the platforms are connected; then disconnect."""
        await self.scheduler.stop()
        await asyncio.gather(*(each.stop(FINISH_SENDING) for each in self.senders))
        leaving = [asyncio.create_task(adapter.stop()) for adapter in self.house.adapters.values()]
        await asyncio.wait(leaving, timeout=FINISH_LEAVING)
        await self.dispatch.leave()


class Memory:
    """What an adapter has to remember over a restart: nothing of any person."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, name: str) -> str | None:
        """Return what was put under `name`, or None."""
        async with self._store.reading() as tx:
            row = await tx.row(meta, meta.c.name == name)
        return row["value"] if row else None

    async def put(self, name: str, value: str) -> None:
        """Remember `value` under `name`."""
        await self._store.write(lambda tx: tx.upsert(meta, name=name, value=value))


def build_house(settings: Settings, clock: Clock, *, first: bool = False) -> House:
    """Return the house that `settings` describe, its database not yet opened.

    With `first` a missing data folder, and the key of a database that is not there yet, are made. Raises SetupError for
    a missing key.
    """
    vault = Vault(_keys(settings, create=first and not has_database(settings)))
    texts = Texts()
    store = Store(settings.database, vault)
    rooms = Registry(registry.discover(), texts)
    operator, (deck, decks) = settings.operator.strip(), decks_of(settings)
    return House(store, vault, texts, rooms, clock, Health(), operator=operator, deck=deck, decks=decks)


def decks_of(settings: Settings) -> tuple[Path, dict[str, Path]]:
    """Return the deck that is usual, and by name those that a community may choose: it may be one of them."""
    deck = (settings.deck or DECK).absolute()
    more = decks_in(settings.decks.absolute()) if settings.decks else {}
    return deck, {name: deck if each.samefile(deck) else each for name, each in more.items()}


def load_decks(cogs: Iterable[Cog], decks: Sequence[Path]) -> None:
    """Let every feature read the decks, once. Raises DeclarationError that names what is wrong with them."""
    for cog in cogs:
        for load in cog.loaders:
            load(decks)


def be_prompt() -> None:
    """Let nobody who types wait for what else this process does, now that it has started.

    SQLite's thread gives way often. What is there by now stays, and the garbage collector does not look through it
    again: in a drop that stopped all for a tenth of a second, every few seconds (`bench/to_telegram.py typing`).
    """
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()


async def run(settings: Settings, part: Part) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = App(settings, part=part)
    async with app.running():
        be_prompt()
        if app.web is not None and "preview" in app.house.adapters:
            print(f"Unsent is at {app.web.address} (Ctrl+C stops it)", flush=True)  # noqa: T201 # for whoever typed it
        await stop.wait()


def has_database(settings: Settings) -> bool:
    """Tell whether the database is there already; one on another machine is taken to be."""
    url = make_url(settings.database)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def _keys(settings: Settings, *, create: bool) -> list[Key]:
    return parse_keys(settings.key.get_secret_value()) if settings.key else read_keys(settings.key_path, create=create)


def _alone(settings: Settings) -> AbstractContextManager[object]:
    """Hold the SQLite file for this process. Raises SetupError where another one runs on it, or there is no room."""
    file = Path(make_url(settings.database).database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(file.with_suffix(".lock")).acquire(timeout=0)
    except Timeout:
        raise SetupError(
            f"Another Unsent is running on {file}. Stop it first, or give this one its own UNSENT_DATA_DIR."
        ) from None
    except OSError as error:
        raise SetupError(
            f"{file.parent} cannot be written to ({error.strerror}). UNSENT_DATA_DIR chooses it."
        ) from None
