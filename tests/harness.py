"""The door people use, without a platform: a Person makes Calls and reads Replies; what is said later has a place."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot import communities, driver, due, outbox, registry
from bot.adapter import Delete, Delivery, Edit, Gone, Look, Need, OpenThread, Outcome, Refused, Send, Sent
from bot.clock import Clock
from bot.communities import Community
from bot.dispatch import Dispatch
from bot.engines import Engine, Sqlite
from bot.forms import CANCEL
from bot.house import House
from bot.model import Account, Button, Call, Form, Link, Menu, MenuKind, Place, Ref, Reply, Role, Server
from bot.query import Query, Row
from bot.registry import Registry
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.store import Store, new_id
from bot.texts import Texts
from bot.vault import Vault, new_key, parse_keys
from cogs import posts, stage, streaks
from tests import postgres
from tests.seed import joins, set_up

NEW: list[tuple[bytes, Community]] = []  # the file of a new world, and the community in it
KEY = new_key()  # of every world that is not given its own
CALLS = count(1)  # so that one person may be made twice
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday
HOME = Server("test", "home")
DESK = Place("test", "desk")
TOWN = Place("test", "town")
ELSEWHERE = Server("test", "elsewhere")
OTHER_DESK = Place("test", "other-desk")
OTHER_TOWN = Place("test", "other-town")


COACHES = [Account("test", "rowan"), Account("test", "noor")]  # named; who of them is at the desk, the platform says


class StillClock(Clock):
    """A clock that shows one instant until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        """Return the instant it shows."""
        return self.at + self.ahead


@dataclass
class Double:
    """A platform in memory. `outcomes` are given out before anything is taken; `said` is what stands at each place.

    A channel is in the server that `servers` says, or else in HOME.
    """

    name: str = "test"
    at_once: int = 32
    coaches: set[str] = field(default_factory=lambda: {"rowan"})  # who may read and write at every desk
    owners: dict[str, Server] = field(default_factory=dict[str, Server])  # which server they run
    roles: dict[str, str] = field(default_factory=dict[str, str])  # which role they have
    left: set[tuple[str, Server]] = field(default_factory=set[tuple[str, Server]])
    missing: dict[Place, tuple[str, ...]] = field(default_factory=dict[Place, tuple[str, ...]])
    gone: set[Place] = field(default_factory=set[Place])
    refuses: set[Place] = field(default_factory=set[Place])  # places that take nothing new, and changes all the same
    silent: bool = False  # whether it answers nothing that is asked of it
    start_link: str = ""
    servers: dict[str, Server] = field(default_factory=lambda: {"other-desk": ELSEWHERE, "other-town": ELSEWHERE})
    one_way: set[Place] = field(default_factory=set[Place])  # where nobody can be told from anybody
    open: set[Place] = field(default_factory=lambda: {TOWN, OTHER_TOWN})  # places that everybody there can read
    said: dict[Place, list[tuple[Ref, Reply]]] = field(default_factory=dict[Place, list[tuple[Ref, Reply]]])
    delivered: list[Delivery] = field(default_factory=list[Delivery])
    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def deliver(self, what: Delivery) -> Outcome:
        """Take it, or give out the next of `outcomes`."""
        self.delivered.append(what)
        if self.outcomes:
            return self.outcomes.pop(0)
        if isinstance(what, Send) and what.place in self.refuses:
            return Refused("50001")
        match what:
            case Send():
                return Sent((self.put(what.place, what.reply),))
            case Edit():
                here = self.said[what.ref.place]
                here[:] = [(ref, what.reply if ref == what.ref else reply) for ref, reply in here]
            case Delete():
                here = self.said[what.ref.place]
                here[:] = [each for each in here if each[0] != what.ref]
            case OpenThread():
                return Sent((Ref(replace(what.place, thread=what.name), what.name),))
        return Sent()

    async def authority(self, account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        """Everybody is in every server they have not left; coaches may write at the desks; owners run a server."""
        server = at if isinstance(at, Server) else self.server_of(at)
        if self.silent:
            return frozenset()
        if (account.id, server) in self.left:
            return frozenset({Role.ANYONE})
        found = {Role.ANYONE, Role.MEMBER}
        if self.owners.get(account.id) == server:
            found.add(Role.OWNER)
        may_write = account.id in self.coaches and isinstance(at, Place)
        if may_write and (coach is None or self.roles.get(account.id) == coach):
            found.add(Role.COACH)
        return frozenset(found)

    async def look(self, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
        """Everything is there and well, but for what `missing` and `gone` say."""
        if self.silent:
            return None
        if isinstance(at, Server):
            return Look(at, at.id.title(), at.id.title(), start=self.start_link)
        if at in self.gone:
            return Gone()
        server = self.server_of(at)
        missing, one_way = self.missing.get(at, ()), at in self.one_way
        return Look(server, f"#{at.channel}", server.id.title(), missing, open=at in self.open, one_way=one_way)

    def server_of(self, place: Place) -> Server:
        """Return the server that a place is in."""
        return self.servers.get(place.channel, HOME)

    def put(self, place: Place, reply: Reply) -> Ref:
        """Let `reply` stand at `place`."""
        ref = Ref(place, str(next(self.numbers)))
        self.said.setdefault(place, []).append((ref, reply))
        return ref

    def at(self, place: Place) -> list[Reply]:
        """Return what stands at `place`."""
        return [reply for _, reply in self.said.get(place, [])]


@dataclass
class World:
    """One running Unsent on one database, its clock in hand."""

    house: House
    dispatch: Dispatch
    scheduler: Scheduler
    sender: Sender
    platform: Double
    clock: StillClock
    path: Path
    community: Community
    others: dict[str, tuple[Double, Sender]] = field(default_factory=dict[str, tuple[Double, Sender]])

    def also(self, name: str) -> Double:
        """Turn on another platform, once; return it."""
        if name not in self.others:
            platform = Double(name)
            self.house.adapters[name] = platform
            self.others[name] = platform, Sender(self.house, platform)
        return self.others[name][0]

    def on(self, platform: str) -> Double:
        """Return the platform of that name."""
        return self.others[platform][0] if platform in self.others else self.platform

    def person(
        self,
        name: str,
        place: Place | None = None,
        *,
        modals: bool = True,
        locale: str | None = None,
        platform: str = "test",
    ) -> "Person":
        """Return someone who speaks in their private chat, or at `place`."""
        account = Account(platform, name, name.title(), locale)
        return Person(self, account, place or account.private, modals)

    async def another(self) -> Community:
        """Set up another community, in another server, where the same coach sits."""
        async with self.house.store.transaction() as tx:
            vault, coaches = self.house.vault, COACHES
            made = await set_up(
                tx, vault, ELSEWHERE, name="Elsewhere", coaches=coaches, desk=OTHER_DESK, posts=OTHER_TOWN
            )
            await posts.plan_for(self.house.work(tx), made)
        return made

    async def member(
        self,
        name: str,
        *,
        whom: str = "any",
        last: str = "5",
        of: tuple[Community, ...] | None = None,
        platform: str = "test",
    ) -> "Person":
        """Return someone who has joined, with a last contact `last` days ago and without a daily thought.

        They belong to the communities of `of`, or to the first one. They are written as joining would write them:
        tests/cogs/test_join.py goes the way itself.
        """
        person = self.person(name, platform=platform)
        async with self.house.store.transaction() as tx:
            work = self.house.work(tx)
            member = await joins(work, person.account, *((self.community,) if of is None else of))
            day = member.today(work.now) - timedelta(days=int(last))
            entry = {"kind": streaks.Kind.START, "day": day.isoformat(), "at": work.now.isoformat()}
            await tx.insert(streaks.contacts, id=new_id(), member=member.id, entry=entry)
            await tx.insert(stage.roads, member=member.id, road={"stage": stage.Stage.SPACE, "whom": whom})
        return person

    async def settle(self) -> None:
        """Do all that is due, and deliver all that is to be said."""
        self.scheduler.wake()
        await self.scheduler.tick()
        for sender in (self.sender, *(sender for _, sender in self.others.values())):
            while await sender.drain():
                pass

    def restart(self) -> None:
        """Let all that is only remembered be forgotten, as after a restart on the same database."""
        self.dispatch, self.sender = Dispatch(self.house), Sender(self.house, self.platform)
        self.scheduler = Scheduler(self.house, self.dispatch)
        self.house.store.listeners[due.WAKE] = self.scheduler.wake

    async def moves(self, **by: float) -> None:
        """Let time pass, and what is due happen."""
        self.clock.move(timedelta(**by))
        await self.settle()


@dataclass
class Person:
    """Someone who types, presses and fills in. `last` is the answer they look at."""

    world: World
    account: Account
    place: Place
    modals: bool
    last: Reply | Form | None = None
    shown: Ref | None = None

    async def says(self, text: str, *, reply_to: Ref | None = None) -> Reply:
        """Type something; return the answer."""
        action, _, rest = text[1:].partition(" ") if text.startswith("/") else ("", "", text)
        return self._reply(
            await self.calls(Call("", self.account, self.place, None, action, text=rest, reply_to=reply_to))
        )

    async def replies(self, text: str, question: Reply | None = None) -> Reply:
        """Answer a form's question, the one last seen or another, by a reply to it, as in a group."""
        items = [item for row in (question or self.seen).rows for item in row if isinstance(item, Button)]
        args = next(item.args for item in items if item.action == CANCEL)
        return self._reply(await self.calls(Call("", self.account, self.place, args=args, text=text)))

    async def answers(self, text: str, message: Reply | None = None) -> Reply:
        """Answer a message with words, the one last seen or another, as in a group where its button takes them."""
        takes = self.world.dispatch.takes_replies
        items = [item for row in (message or self.seen).rows for item in row if isinstance(item, Button)]
        button = next(item for item in items if takes(item.action))
        return self._reply(
            await self.calls(Call("", self.account, self.place, None, button.action, button.args, text=text))
        )

    async def opens(self, text: str) -> Form:
        """Type a command or press a button that opens a form; return the form."""
        call = self._command(text) if text.startswith("/") else self._press(text)
        answer = await self.calls(call)
        assert isinstance(answer, Form), answer
        return answer

    async def taps(self, label: str) -> Reply | Form | None:
        """Press a button of the answer last seen, by its label."""
        return await self.calls(self._press(label))

    async def chooses(self, value: str, kind: MenuKind = "option") -> Reply:
        """Choose in the menu of that kind in the answer last seen, by its value."""
        menus = [item for row in self.seen.rows for item in row if isinstance(item, Menu)]
        menu = next(menu for menu in menus if menu.kind == kind and (kind != "option" or value in _values(menu)))
        call = Call("", self.account, self.place, None, menu.action, (*menu.args, value), message=self.shown)
        return self._reply(await self.calls(call))

    async def fills(self, **values: str) -> Reply:
        """Send the open form."""
        form = self.last
        assert isinstance(form, Form), form
        assert {each.name for each in form.fields} == set(values)
        call = Call("", self.account, self.place, None, form.submit, form.args, values, message=self.shown)
        return self._reply(await self.calls(call))

    async def calls(self, call: Call, *, id: str | None = None) -> Reply | Form | None:
        """Make any Call; with `id`, one that may have been made before."""
        server = None if call.place.private else self.world.on(call.place.platform).server_of(call.place).id
        call = replace(call, id=id or f"{self.account.id}-{next(CALLS)}", server=call.server or server)
        answer = await self.world.dispatch.handle(call, modals=self.modals)
        self.world.dispatch.given(call)
        if answer is not None:
            self.last = answer
        return answer

    def reads(self, place: Place | None = None) -> list[str]:
        """Return what was said unasked in the person's chat, or at `place`; the last can be answered."""
        place = place or self.account.private
        said = self.world.on(place.platform).said.get(place, [])
        if said:
            self.shown, self.last = said[-1]
        return [reply.text for _, reply in said]

    @property
    def seen(self) -> Reply:
        """The answer last seen, which must be a Reply."""
        assert isinstance(self.last, Reply), self.last
        return self.last

    @property
    def buttons(self) -> dict[str, Button]:
        """The buttons of the answer last seen, by label."""
        return {item.label: item for row in self.seen.rows for item in row if isinstance(item, Button)}

    @property
    def labels(self) -> list[str]:
        """Everything that can be pressed in the answer last seen."""
        return [item.label for row in self.seen.rows for item in row if isinstance(item, Button | Link | Menu)]

    def _command(self, text: str) -> Call:
        action, _, rest = text[1:].partition(" ")
        return Call("", self.account, self.place, None, action, text=rest)

    def _press(self, label: str) -> Call:
        button = self.buttons[label]
        return Call("", self.account, self.place, None, button.action, button.args, message=self.shown)

    def _reply(self, answer: Reply | Form | None) -> Reply:
        assert isinstance(answer, Reply), answer
        return answer


def _values(menu: Menu) -> set[str]:
    return {option.value for option in menu.options}


@contextmanager
def counted() -> Generator[list[str]]:
    """Note every statement that reaches SQLite."""
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    find = Query.rows

    def rows(query: Query, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        statements.append(str(query.statement))
        return find(query, connection, values)

    engine = driver._engine  # pyright: ignore[reportPrivateUsage]
    event.listen(engine, "before_cursor_execute", note)
    with patch.object(Query, "rows", rows):
        yield statements
    event.remove(engine, "before_cursor_execute", note)


class Near(driver.Connection):
    """A connection without a thread: what is run is run where it is said, after whatever else is waiting to go on."""

    def __await__(self) -> Generator[Any, None, "Near"]:
        return self._opened().__await__()

    async def _opened(self) -> "Near":
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **named: Any) -> Any:
        await asyncio.sleep(0)
        return fn(*args, **named)

    def stop(self) -> None:
        """Close: there is no thread to be told."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class NearSqlite(Sqlite):
    """SQLite whose connections are near and do not wait for the disk."""

    async def connect(self, begin: str, pragmas: tuple[str, ...]) -> Near:
        """Open one without a thread."""
        near = Near(self.path, begin, pragmas)
        await near.open()
        return near

    def pragmas(self, *, write: bool) -> tuple[str, ...]:
        """Return how it is set."""
        return *super().pragmas(write=write), "synchronous=OFF"


class QuickStore(Store):
    """A Store on a SQLite that is quick.

    tests/bot/test_store.py, and every App that a test starts, have the Store as it is.
    """

    def _make_engine(self) -> Engine:
        return NearSqlite(self.url) if self.is_sqlite else super()._make_engine()


@cache
def the_texts() -> Texts:
    """Return all the words, read once."""
    return Texts()


@cache
def checked(texts: Texts) -> Registry:
    """Return the registry of the cogs there are, checked once with these words."""
    return Registry(registry.discover(), texts)


@asynccontextmanager
async def new_world(folder: Path, key: str = KEY, texts: Texts | None = None) -> AsyncGenerator[World]:
    """Build an Unsent on a new (or the same) database in `folder`."""
    path = folder / "unsent.sqlite"
    vault = Vault(parse_keys(key))
    url, empty = postgres.at(path) if postgres.is_chosen() else (f"sqlite+aiosqlite:///{path}", False)
    store = QuickStore(url, vault)
    texts = texts or the_texts()
    clock, platform = StillClock(), Double()
    house = House(
        store,
        vault,
        texts,
        checked(texts),
        clock,
        dice=random.Random(1),
        operator="Kim (kim@example.org)",
    )
    house.adapters["test"] = platform
    try:
        if postgres.is_chosen() and empty:
            await postgres.clear(store)
            community = await _harbour(store)
        elif key == KEY and not path.exists():
            content, community = await _new()
            path.write_bytes(content)
        else:
            await store.open()
            async with store.reading() as tx:
                found = await communities.at(tx, HOME)
            community = found or await _harbour(store)
        dispatch = Dispatch(house)
        scheduler = Scheduler(house, dispatch)
        store.listeners |= {due.WAKE: scheduler.wake, outbox.WAKE: lambda: None}
        yield World(house, dispatch, scheduler, Sender(house, platform), platform, clock, path, community)
    finally:
        await store.close()


async def _harbour(store: Store) -> Community:
    async with store.transaction() as tx:
        return await set_up(tx, store.vault, HOME, coaches=COACHES, desk=DESK, posts=TOWN)


async def _new() -> tuple[bytes, Community]:
    """Return the file of a database with a community in it, and that, made once: they cost more than most tests."""
    if not NEW:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "unsent.sqlite"
            store = Store(f"sqlite+aiosqlite:///{path}", Vault(parse_keys(KEY)))
            registry.discover()
            await store.open()
            community = await _harbour(store)
            await store.scrub()
            await store.close()
            NEW.append((path.read_bytes(), community))
    return NEW[0]
