"""From a Call to its Reply, with a tiny cog of our own: once, in order, allowed, in words, undone where it fails."""

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bot import communities, people, registry
from bot.cog import Answer, Arg, Asking, Cog, Context
from bot.communities import Purpose
from bot.dispatch import Dispatch, calls
from bot.errors import UserError
from bot.forms import forms
from bot.model import Account, Button, Call, Field, Form, Happening, Option, Place, Ref, Reply, Role, Server
from bot.registry import Registry
from bot.store import meta, new_id
from bot.texts import CONTENT, Texts
from tests.harness import DESK, ELSEWHERE, HOME, NOON, OTHER_DESK, OTHER_TOWN, TOWN, Person, World, new_world

WORDS = """
tick = Tick.
refuse = Refuse.
crash = Crash.
slow = Slow.
steer = Steer.
look = Look.
who = Who.
guard = Guard.
rule = Rule.
order = Order.
    .size = Size
    .count = Count
    .day = Day
    .line = Line
size-small = Small
size-large = Large
not-now = Not while { $what } is on.
fill = Fill.
fill-form = Three things
    .name = A name
    .colour = A colour
    .note = A note
sign-form = For coaches
    .line = A line
one = One.
one-form = One thing
    .line = A line
"""
COLOURS = (Option("red", "Red"), Option("blue", "Blue"))


class Size(StrEnum):
    """A choice."""

    SMALL = "small"
    LARGE = "large"


@dataclass
class Tiny:
    """What the tiny cog has seen."""

    began: list[str] = field(default_factory=list[str])
    ended: list[str] = field(default_factory=list[str])
    filled: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    beginning: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list[str])
    while_asking: Callable[[], Awaitable[object]] | None = None
    cog: Cog = field(default_factory=lambda: Cog("tiny"))


def tiny_cog() -> Tiny:
    """Declare it."""
    seen = Tiny()
    cog = seen.cog

    async def count(ctx: Context) -> int:
        row = await ctx.tx.row(meta, meta.c.name == "ticks")
        number = int(row["value"]) + 1 if row else 1
        await ctx.tx.upsert(meta, name="ticks", value=str(number))
        return number

    @cog.command()
    async def tick(ctx: Context) -> Reply:
        return Reply(f"tick {await count(ctx)}", ((Button("Again", "tiny.tock", ["x"]),),))

    @cog.action("tock")
    async def tock(ctx: Context, which: str) -> Reply:
        return Reply(f"tock {which} {await count(ctx)}", edit=True)

    @cog.command(access=Role.ANYONE)
    async def refuse(ctx: Context) -> Reply:
        await count(ctx)
        raise UserError("not-now", what="this")

    @cog.command()
    async def crash(ctx: Context) -> Reply:
        await count(ctx)
        raise RuntimeError("MARKED secret of ada")

    @cog.command(access=Role.ANYONE, writes=False)
    async def slow(ctx: Context) -> Reply:
        seen.began.append(ctx.call.id)
        seen.beginning.set()
        if ctx.call.account.id == "ada":
            await ctx.tx.aside(seen.gate.wait)
        seen.ended.append(ctx.call.id)
        return Reply("slow")

    @cog.command(access=Role.COACH)
    async def guard(ctx: Context) -> Reply:
        return Reply(f"guarded {await count(ctx)}")

    @cog.command(access=Role.OWNER)
    async def rule(ctx: Context) -> Reply:
        return Reply(f"ruled {await count(ctx)}")

    async def asks(asking: Asking) -> object:
        seen.asked.append(f"{asking.community.name if asking.community else None} {dict(asking.args)}")
        if seen.while_asking is not None:
            await seen.while_asking()
        return f"found {len(seen.asked)}"

    @cog.command(access=Role.OWNER, asks=asks, link="community")
    async def steer(ctx: Context, community: str | None = None) -> Reply:
        return Reply(f"{ctx.here.name} {ctx.found} {await count(ctx)}")

    @cog.command(access=Role.OWNER, asks=asks, link="server")
    async def look(ctx: Context, server: str | None = None) -> Reply:
        return Reply(f"{ctx.community.name if ctx.community else server or ctx.call.server} {ctx.found}")

    @cog.action("desk", access=Role.COACH, asks=asks)
    async def desk(ctx: Context, community: str | None = None) -> Reply:
        return Reply(f"{ctx.here.name} {ctx.found}")

    @cog.command(access=Role.ANYONE, asks_roles=True)
    async def who(ctx: Context) -> Reply:
        return Reply(", ".join(sorted(ctx.roles)) or "nobody")

    @cog.command(access=Role.ANYONE)
    async def order(
        ctx: Context,
        size: Size,
        count: Annotated[int | None, Arg(min=1, max=9)] = None,
        day: date | None = None,
        line: Annotated[str, Arg(max=10)] = "",
    ) -> Reply:
        return Reply(f"{size}|{count}|{day}|{line}")

    async def open_fill(ctx: Context) -> Answer:
        fields = (Field("name", max=5), Field("colour", choices=COLOURS), Field("note", required=False))
        return Form("fill", fields, "fill")

    @cog.command(form=open_fill)
    async def fill(ctx: Context, name: str, colour: str, note: str = "") -> Reply:
        if name == "taken":
            raise UserError("not-now", what="taken")
        seen.filled.append({"name": name, "colour": colour, "note": note})
        return Reply(f"filled {await count(ctx)}")

    async def open_one(ctx: Context) -> Answer:
        return Form("one", (Field("line", max=8),), "one")

    @cog.command(form=open_one)
    async def one(ctx: Context, line: Annotated[str, Arg(max=8)]) -> Reply:
        return Reply(f"{line} {await count(ctx)}")

    @cog.form("sign", Field("line"), private=False, access=Role.COACH)
    async def sign(ctx: Context, line: str) -> Reply:
        return Reply(f"signed {line} {await count(ctx)}")

    return seen


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    """All the words, and the tiny cog's."""
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree(CONTENT / "en", folder / "en")
    (folder / "en" / "tiny.ftl").write_text(WORDS)
    return Texts(folder)


@asynccontextmanager
async def town(folder: Path, words: Texts) -> AsyncIterator[tuple[World, Tiny]]:
    """A world in which the tiny cog is one of the cogs."""
    async with new_world(folder, texts=words) as world:
        tiny = tiny_cog()
        world.house.registry = Registry([*registry.discover(), tiny.cog], words)
        yield world, tiny


@pytest.fixture
async def both(tmp_path: Path, words: Texts) -> AsyncGenerator[tuple[World, Tiny]]:
    """The world, and what its tiny cog has seen."""
    async with town(tmp_path, words) as made:
        yield made


async def ticks(world: World) -> int:
    """How often a handler of the tiny cog has taken effect."""
    async with world.house.store.reading() as tx:
        row = await tx.row(meta, meta.c.name == "ticks")
    return int(row["value"]) if row else 0


async def kept(world: World) -> int:
    """How many ids of Calls are kept."""
    async with world.house.store.reading() as tx:
        return (await tx.execute(select(func.count()).select_from(calls))).scalar_one()


def call(person: Person, action: str, id: str = "same", **rest: object) -> Call:
    """A Call as an adapter makes it."""
    server = None if person.place.private else person.world.platform.server_of(person.place).id
    return Call(id, person.account, person.place, server, action, **rest)  # pyright: ignore[reportArgumentType]


# -- once


async def test_a_call_delivered_twice_takes_effect_once_and_is_answered_until_it_is_given(
    both: tuple[World, Tiny],
) -> None:
    world, _ = both
    ada = await world.member("ada")
    twice = call(ada, "tick")
    first = await world.dispatch.handle(twice, modals=True)
    assert await world.dispatch.handle(twice, modals=True) == first
    assert await Dispatch(world.house).handle(twice, modals=True) == first  # and after a restart
    assert await ticks(world) == 1
    world.dispatch.given(twice)
    assert await world.dispatch.handle(twice, modals=True) is None
    await world.scheduler.tidy()
    assert await world.dispatch.handle(twice, modals=True) is None
    assert await Dispatch(world.house).handle(twice, modals=True) is None
    assert await ticks(world) == 1


@pytest.mark.sqlite
async def test_what_was_given_is_not_given_again_while_that_cannot_be_written_down(both: tuple[World, Tiny]) -> None:
    world, _ = both
    twice = call(await world.member("ada"), "tick")
    await world.dispatch.handle(twice, modals=True)
    world.dispatch.given(twice)
    refuses = "CREATE TRIGGER full BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    await world.house.store.write(lambda tx: tx.execute(text(refuses)))
    with pytest.raises(IntegrityError):
        await world.dispatch.tidy()
    assert await world.dispatch.handle(twice, modals=True) is None
    await world.house.store.write(lambda tx: tx.execute(text("DROP TRIGGER full")))
    await world.dispatch.tidy()
    assert await Dispatch(world.house).handle(twice, modals=True) is None


async def test_the_same_id_on_another_platform_is_another_call(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    elsewhere = Account("other", "ada", "Ada")
    await world.dispatch.handle(Call("same", elsewhere, elsewhere.private, None, "join.agree"), modals=True)
    await world.dispatch.handle(call(ada, "tick"), modals=True)
    await world.dispatch.handle(Call("same", elsewhere, elsewhere.private, None, "join.agree"), modals=True)
    assert await ticks(world) == 1


async def test_the_id_of_a_call_is_kept_for_two_days_under_a_blind_index(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    before = await kept(world)
    await world.dispatch.handle(call(ada, "tick", "the-id"), modals=True)
    assert await kept(world) == before + 1
    assert b"the-id" not in b"".join(file.read_bytes() for file in world.path.parent.glob("unsent*"))
    await world.moves(hours=46)
    await world.scheduler.tidy()
    assert await kept(world) > 0
    await world.moves(hours=3)
    await world.scheduler.tidy()
    assert await kept(world) == 0


async def test_a_stranger_leaves_no_row(both: tuple[World, Tiny]) -> None:
    world, _ = both
    await world.person("eve").says("/order small")
    await world.person("eve").says("hello")
    assert await kept(world) == 0


async def test_a_coach_who_is_no_member_is_remembered_by_call_alone(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan = world.person("rowan", DESK)
    twice = call(rowan, "guard")
    first = await world.dispatch.handle(twice, modals=True)
    assert await world.dispatch.handle(twice, modals=True) == first
    assert await ticks(world) == 1


async def test_what_a_coach_fills_in_by_words_is_answered_again_too(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan = world.person("rowan", DESK, modals=False)
    await rowan.calls(call(rowan, "tiny.sign"))
    twice = call(rowan, "", args=rowan.buttons["Cancel"].args, text="Rowan")
    first = await world.dispatch.handle(twice, modals=False)
    assert isinstance(first, Reply)
    assert first.text == "signed Rowan 1"
    assert await world.dispatch.handle(twice, modals=False) == first
    assert await ticks(world) == 1


# -- in order


async def test_calls_of_one_person_are_taken_in_order_and_of_others_side_by_side(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada, bob = world.person("ada"), world.person("bob")
    first = asyncio.create_task(world.dispatch.handle(call(ada, "slow", "1"), modals=True))
    await tiny.beginning.wait()
    second = asyncio.create_task(world.dispatch.handle(call(ada, "slow", "2"), modals=True))
    await world.dispatch.handle(call(bob, "slow", "3"), modals=True)
    assert tiny.began == ["1", "3"]
    assert tiny.ended == ["3"]
    tiny.gate.set()
    await asyncio.gather(first, second)
    assert tiny.began == ["1", "3", "2"]
    assert tiny.ended == ["3", "1", "2"]


# -- what fails is undone


async def test_a_user_error_says_how_to_mend_it_and_undoes_what_was_done(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    assert (await ada.says("/refuse")).text == "Not while this is on."
    assert await ticks(world) == 0


async def test_our_fault_is_apologised_for_under_a_reference_and_undone(
    both: tuple[World, Tiny], caplog: pytest.LogCaptureFixture
) -> None:
    world, _ = both
    ada = await world.member("ada")
    with caplog.at_level(logging.ERROR):
        seen = await ada.says("/crash")
    record = next(record for record in caplog.records if record.message == "call-failed")
    assert "Something went wrong on our side" in seen.text
    assert f": {record.reference}." in seen.text  # pyright: ignore[reportAttributeAccessIssue]
    assert "MARKED" not in seen.text
    assert await ticks(world) == 0
    assert (await ada.says("/tick")).text == "tick 1"


@pytest.mark.parametrize("said", ["/tick", "/help", "/refuse", "/crash", "/no_such_thing", "only words"])
async def test_whatever_somebody_does_they_were_here(both: tuple[World, Tiny], said: str) -> None:
    world, _ = both
    ada = await world.member("ada")
    await ada.says(said)
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    assert member.seen == NOON.date()


async def test_a_platform_that_does_not_tell_authority_lets_nobody_in(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan = world.person("rowan", DESK, modals=False)
    question = await rowan.calls(call(rowan, "tiny.sign"))
    assert isinstance(question, Reply)

    async def fails(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        raise ConnectionError

    world.platform.authority = fails
    assert "Something went wrong on our side" in (await rowan.says("/guard")).text
    assert "Something went wrong on our side" in (await rowan.replies("Rowan", question)).text
    assert await ticks(world) == 0


async def test_nobody_is_kept_waiting_while_a_platform_is_asked(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await world.member("ada")
    rowan = world.person("rowan", DESK, modals=False)
    await rowan.calls(call(rowan, "tiny.sign", "1"))
    asked = asyncio.Event()

    async def thinks(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        asked.set()
        await tiny.gate.wait()
        return frozenset({Role.COACH})

    world.platform.authority = thinks
    waiting = asyncio.create_task(rowan.replies("Rowan"))
    await asked.wait()
    assert (await asyncio.wait_for(ada.says("/tick"), 5)).text == "tick 1"
    tiny.gate.set()
    assert (await waiting).text == "signed Rowan 2"


# -- who may


async def test_who_has_not_joined_is_asked_to(both: tuple[World, Tiny]) -> None:
    world, _ = both
    eve = world.person("eve")
    assert "once you have joined" in (await eve.says("/tick")).text
    assert eve.buttons["Join"].action == "join"
    assert "once you have joined" in (await eve.says("/fill")).text
    assert await ticks(world) == 0


async def test_who_may_not_is_told_so(both: tuple[World, Tiny]) -> None:
    world, _ = both
    coaches, owners = "That is for the coaches here.", "That is for whoever runs this place."
    for name, place, command, told in (
        ("bob", DESK, "/guard", coaches),
        ("rowan", TOWN, "/guard", coaches),
        ("rowan", None, "/guard", coaches),
        ("rowan", DESK, "/rule", owners),
    ):
        assert (await world.person(name, place).says(command)).text == told
    assert await ticks(world) == 0


async def test_who_may_is_let_in(both: tuple[World, Tiny]) -> None:
    world, _ = both
    assert (await world.person("rowan", DESK).says("/guard")).text == "guarded 1"


# -- which community, and who may there


async def runs(world: World, name: str, server: Server, place: Place | None = None) -> Person:
    """Someone who runs a server, at a place of it or in private."""
    world.platform.owners[name] = server
    return world.person(name, place)


async def presses(person: Person, action: str, *args: str) -> str:
    """Press a button that brings those arguments, as it came or forged; return the answer."""
    answer = await person.calls(call(person, action, args=args))
    assert isinstance(answer, Reply)
    return answer.text


async def test_the_community_is_that_of_the_server_that_a_call_is_made_in(both: tuple[World, Tiny]) -> None:
    world, _ = both
    await world.another()
    assert (await (await runs(world, "ann", HOME, TOWN)).says("/steer")).text == "Harbour found 1 1"
    assert (await (await runs(world, "kim", ELSEWHERE, OTHER_TOWN)).says("/steer")).text == "Elsewhere found 2 2"


async def test_a_community_that_is_named_counts_more_than_where_the_call_is_made(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    other = await world.another()
    for place in (TOWN, OTHER_TOWN, None):
        kim = await runs(world, "kim", ELSEWHERE, place)
        assert (await presses(kim, "steer", other.id)).startswith("Elsewhere found")
    assert tiny.asked == [f"Elsewhere {{'community': '{other.id}'}}"] * 3


async def test_who_runs_one_community_cannot_act_on_another_by_its_id(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    other = await world.another()
    for place in (TOWN, OTHER_TOWN, None):
        ann = await runs(world, "ann", HOME, place)
        assert await presses(ann, "steer", other.id) == "That is for whoever runs this place."
        assert await presses(ann, "look", "elsewhere") == "That is for whoever runs this place."
    assert tiny.asked == []
    assert await ticks(world) == 0


async def test_who_runs_a_server_that_belongs_to_nobody_begins_there_alone(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    new = Server("test", "new")
    ann = await runs(world, "ann", new)
    assert await presses(ann, "look", "new") == "new found 1"
    assert await presses(ann, "look", "home") == "That is for whoever runs this place."
    assert await presses(ann, "look", "newer") == "That is for whoever runs this place."
    assert tiny.asked == ["None {'server': 'new'}"]


async def test_who_runs_the_coaches_own_server_does_not_run_the_community(both: tuple[World, Tiny]) -> None:
    world, _ = both
    back = Server("test", "back-room")
    async with world.house.store.transaction() as tx:
        where = Place("test", "back-desk")
        await communities.set_place(tx, world.community, Purpose.DESK, where, back, name="#back")
    world.platform.servers["back-desk"] = back
    noor = await runs(world, "noor", back, Place("test", "back-desk"))
    assert (await noor.says("/steer")).text == "That is for whoever runs this place."
    assert await presses(noor, "look", "back-room") == "That is for whoever runs this place."
    assert await presses(noor, "steer", world.community.id) == "That is for whoever runs this place."


@pytest.mark.parametrize("action", ["steer", "tiny.desk"])
async def test_a_community_that_is_not_there_is_told_in_words(both: tuple[World, Tiny], action: str) -> None:
    world, tiny = both
    ann = await runs(world, "ann", HOME, TOWN)
    assert (await presses(ann, action, "0" * 8)).startswith("What that belongs to isn't there any more.")
    assert tiny.asked == []


async def test_in_private_what_belongs_to_a_place_says_so(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ann = await runs(world, "ann", HOME)
    for command in ("/steer", "/look"):
        assert (await ann.says(command)).text.startswith("That belongs to one place")


@pytest.mark.parametrize("command", ["steer", "look"])
async def test_nobody_types_the_id_of_a_community_or_a_server(both: tuple[World, Tiny], command: str) -> None:
    world, tiny = both
    other = await world.another()
    ann = await runs(world, "ann", HOME, TOWN)
    assert (await ann.says(f"/{command} {other.id}")).text.startswith("Harbour found")
    assert tiny.asked == ["Harbour {}"]
    assert next(each for each in world.dispatch.listing("en") if each.name == command).params == ()


@pytest.mark.parametrize(
    ("name", "role", "place", "let_in"),
    [
        ("noor", None, DESK, True),  # named
        ("noor", None, replace(DESK, thread="7"), True),
        ("noor", None, TOWN, False),
        ("noor", None, OTHER_DESK, True),  # of the other one, in which she is named too
        ("eve", None, DESK, False),
        ("eve", "9", DESK, True),  # has the desk's role
        ("eve", "8", DESK, False),
        ("eve", "9", TOWN, False),
        ("eve", "9", OTHER_DESK, False),  # a role of another server
    ],
)
async def test_a_coach_is_named_or_has_the_role_and_is_at_the_desk(
    both: tuple[World, Tiny], name: str, role: str | None, place: Place, let_in: bool
) -> None:
    world, tiny = both
    await world.another()
    async with world.house.store.transaction() as tx:
        await communities.set_role(tx, world.community, HOME, "9")
    world.platform.coaches.add(name)
    if role is not None:
        world.platform.roles[name] = role
    answer = await presses(world.person(name, place), "tiny.desk")
    assert answer.endswith("found 1") if let_in else answer == "That is for the coaches here."
    assert len(tiny.asked) == let_in


async def test_a_coach_who_may_not_write_at_the_desk_any_more_is_none(both: tuple[World, Tiny]) -> None:
    world, _ = both
    assert await presses(world.person("noor", DESK), "tiny.desk") == "That is for the coaches here."


async def test_a_coach_of_one_community_is_none_of_another_by_its_id(both: tuple[World, Tiny]) -> None:
    world, _ = both
    other = await world.another()
    rowan = world.person("rowan", DESK)
    assert await presses(rowan, "tiny.desk", other.id) == "That is for the coaches here."
    assert await presses(rowan, "tiny.desk", world.community.id) == "Harbour found 1"


async def test_a_handler_may_know_who_calls_though_anybody_may(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ann = await runs(world, "ann", HOME, TOWN)
    world.platform.owners["rowan"] = HOME
    for person, roles in (
        (ann, "owner"),
        (world.person("rowan", DESK), "coach, owner"),
        (world.person("eve", TOWN), "nobody"),
        (world.person("rowan"), "nobody"),
    ):
        assert (await person.says("/who")).text == roles


async def test_what_the_platform_tells_with_a_call_is_not_asked_and_counts_for_its_own_server_alone(
    both: tuple[World, Tiny], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = both
    other = await world.another()
    asked, authority = list[Place | Server](), world.platform.authority

    async def noting(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        asked.append(at)
        return await authority(account, at, coach)

    monkeypatch.setattr(world.platform, "authority", noting)
    eve, ann = world.person("eve", TOWN), await runs(world, "ann", HOME, TOWN)

    async def steers(person: Person, runs: bool, *args: str) -> str:
        answer = await person.calls(call(person, "steer", f"{person.account.id}-{runs}-{args}", args=args, runs=runs))
        assert isinstance(answer, Reply)
        return answer.text

    assert (await steers(eve, runs=True)).startswith("Harbour found")
    assert await steers(ann, runs=False) == "That is for whoever runs this place."
    assert asked == []
    assert await steers(eve, True, other.id) == "That is for whoever runs this place."
    assert asked == list(other.homes)


# -- what is asked of the platform first


async def test_what_a_handler_asks_is_asked_before_its_transaction(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada, ann = await world.member("ada"), await runs(world, "ann", HOME, TOWN)

    async def others_go_on() -> None:
        assert (await asyncio.wait_for(ada.says("/tick"), 5)).text == "tick 1"

    tiny.while_asking = others_go_on
    assert (await ann.says("/steer")).text == "Harbour found 1 2"


async def test_nothing_is_asked_for_who_may_not(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    for person in (await world.member("ada"), world.person("eve", TOWN), world.person("rowan", DESK)):
        await presses(person, "steer")
        await presses(person, "look", "home")
    await presses(world.person("eve", DESK), "tiny.desk")
    assert tiny.asked == []
    assert await ticks(world) == 0


async def test_an_owners_call_is_made_once_and_answered_until_it_is_given(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ann = await runs(world, "ann", HOME, TOWN)
    twice = call(ann, "steer")
    first = await world.dispatch.handle(twice, modals=True)
    assert isinstance(first, Reply)
    assert first.text == "Harbour found 1 1"
    assert await Dispatch(world.house).handle(twice, modals=True) == first
    assert await ticks(world) == 1
    world.dispatch.given(twice)
    assert await world.dispatch.handle(twice, modals=True) is None


async def test_a_start_link_brings_along_what_its_command_is_about(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ann = world.person("ann", TOWN)
    assert await world.dispatch.start_payload(call(ann, "steer")) == f"steer-{world.community.id}"
    assert await world.dispatch.start_payload(call(ann, "look")) == "look-home"
    for action in ("tick", "gone"):
        assert await world.dispatch.start_payload(call(ann, action)) == action
    group = Call("1", ann.account, Place("test", "-1005"), "-1005", "steer")
    assert await world.dispatch.start_payload(group) == "steer"  # nobody has set it up
    assert await world.dispatch.start_payload(replace(group, action="look")) == "look-n1005"
    private = Call("1", ann.account, ann.account.private, None, "steer")
    for action in ("steer", "look"):
        assert await world.dispatch.start_payload(replace(private, action=action)) == action


async def test_an_unknown_command_and_an_old_button_are_answered(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    for action in ("dance", "tiny.gone", "nocog.act"):
        seen = await ada.calls(call(ada, action, args=("1", "2", "3")), id=action)
        assert isinstance(seen, Reply)
        assert "/help shows what I can do" in seen.text


async def test_words_alone_are_not_caught_and_not_kept(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    assert "I only understand commands" in (await ada.says("I miss her")).text
    assert ada.labels == ["Ask a coach", "Help lines", "Help"]
    assert "runs this" in (await world.person("eve").says("hello?")).text
    ada.place = TOWN
    assert await ada.calls(call(ada, "", text="good morning, all")) is None


# -- what was typed


async def test_what_is_typed_is_understood_or_asked_for_again(both: tuple[World, Tiny]) -> None:
    ada = both[0].person("ada")
    for typed, answer in (
        ("small", "small|None|None|"),
        ("LARGE 3", "large|3|None|"),
        ("small 3 2026-03-01 and so on", "small|3|2026-03-01|and so on"),
        ("", "Please add size after the command."),
        ("huge", "For size, choose one of: small, large."),
        ("small ten", "For count, type a whole number from 1 to 9."),
        ("small 0", "For count, type a whole number from 1 to 9."),
        ("small 10", "For count, type a whole number from 1 to 9."),
        ("small 3 3/4", "I couldn't read that as a date."),
        ("small 3 2 much too long", "That is 13 characters; 10 fit."),
        ("small 3 2 😀😀😀😀😀😀", "That is 12 characters; 10 fit."),
    ):
        assert (await ada.says(f"/order {typed}".rstrip())).text.startswith(answer), typed


async def test_options_by_name_count_as_much_as_what_is_typed(both: tuple[World, Tiny]) -> None:
    ada = both[0].person("ada")
    seen = await ada.calls(call(ada, "order", values={"day": "2026-03-01", "size": "small", "line": ""}))
    assert isinstance(seen, Reply)
    assert seen.text == "small|None|2026-03-01|"


async def test_a_button_carries_its_arguments(both: tuple[World, Tiny]) -> None:
    ada = await both[0].member("ada")
    await ada.says("/tick")
    seen = await ada.taps("Again")
    assert isinstance(seen, Reply)
    assert seen.text == "tock x 2"


@pytest.mark.parametrize("modals", [True, False])
async def test_a_command_with_one_field_takes_it_as_it_is_typed(both: tuple[World, Tiny], modals: bool) -> None:
    world, _ = both
    ada = await world.member("ada")
    ada.modals = modals
    assert (await ada.says("/one my line")).text == "my line 1"
    assert "That is 9 characters; 8 fit" in (await ada.says("/one 123456789")).text
    assert await ticks(world) == 1


async def test_a_field_of_white_space_is_an_empty_one(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    await ada.opens("/one")
    assert "Please add line" in (await ada.fills(line="  \n ")).text
    assert await ticks(world) == 0


async def test_a_form_too_long_for_the_platform_to_have_let_through_is_refused(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    await ada.opens("/one")
    assert "That is 10 characters; 8 fit" in (await ada.fills(line="😀" * 5)).text
    assert await ticks(world) == 0


# -- forms, one question at a time


async def open_forms(world: World) -> int:
    """How many forms are half filled in."""
    async with world.house.store.reading() as tx:
        return (await tx.execute(select(func.count()).select_from(forms))).scalar_one()


async def filling(world: World) -> Person:
    """A member without modals who has opened the form of three fields."""
    ada = await world.member("ada")
    ada.modals = False
    assert (await ada.says("/fill")).text == "A name"
    assert ada.labels == ["Cancel"]
    return ada


async def test_with_modals_a_form_comes_whole_and_nothing_is_kept(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await world.member("ada")
    form = await ada.opens("/fill")
    assert [each.label for each in form.fields] == ["A name", "A colour", "A note"]
    assert await open_forms(world) == 0
    await ada.fills(name="Kim", colour="red", note="")
    assert tiny.filled == [{"name": "Kim", "colour": "red", "note": ""}]


async def test_a_form_is_asked_for_field_by_field(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    assert (await ada.says("Kim")).text == "A colour"
    assert (await ada.chooses("blue")).text == "A note"
    assert ada.labels == ["Skip", "Cancel"]
    assert (await ada.says("so be it")).text == "filled 1"
    assert tiny.filled == [{"name": "Kim", "colour": "blue", "note": "so be it"}]
    assert await open_forms(world) == 0


async def test_a_field_that_is_not_needed_can_be_skipped_and_one_that_is_cannot(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    skipped = await ada.calls(call(ada, "form.skip", "skip"))
    assert isinstance(skipped, Reply)
    assert "I need this one" in skipped.text
    await ada.says("Kim")
    await ada.chooses("blue")
    await ada.taps("Skip")
    assert tiny.filled == [{"name": "Kim", "colour": "blue", "note": ""}]


async def test_what_does_not_fit_is_asked_for_again(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await filling(world)
    for said, answer in (
        ("Kimberley", "That is 9 characters; 5 fit"),
        ("😀😀😀", "That is 6 characters; 5 fit"),
        ("  ", "type it as text"),
    ):
        assert answer in (await ada.says(said)).text
    assert (await ada.says("Kim")).text == "A colour"


async def test_a_choice_is_one_of_the_choices(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await filling(world)
    await ada.says("Kim")
    assert "press one of the buttons" in (await ada.says("green")).text
    assert (await ada.says("red")).text == "A note"


async def test_cancel_leaves_nothing(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    await ada.says("Kim")
    cancelled = await ada.taps("Cancel")
    assert isinstance(cancelled, Reply)
    assert cancelled.text == "All right, that's gone."
    assert await open_forms(world) == 0
    assert "I only understand commands" in (await ada.says("Kim")).text
    assert tiny.filled == []


async def test_an_hour_later_the_form_is_closed(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    question = ada.seen
    await world.moves(minutes=59)
    assert (await ada.says("Kim")).text == "A colour"
    await world.moves(minutes=61)
    assert "I only understand commands" in (await ada.says("red")).text
    ada.last = question
    closed = await ada.taps("Cancel")
    assert isinstance(closed, Reply)
    assert "closed already" in closed.text
    await world.scheduler.tidy()
    assert await open_forms(world) == 0
    assert tiny.filled == []


async def test_a_refused_form_stays_open_for_another_try(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    await ada.says("taken")
    await ada.chooses("red")
    assert "Not while taken is on" in (await ada.says("note")).text
    assert await open_forms(world) == 1
    assert tiny.filled == []


async def test_another_form_takes_the_place_of_the_first(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    await ada.says("/one")
    assert (await ada.says("two")).text == "two 1"
    assert tiny.filled == []


async def test_each_person_and_each_place_has_its_own_form(both: tuple[World, Tiny]) -> None:
    world, tiny = both
    ada = await filling(world)
    bob = await world.member("bob")
    assert "I only understand commands" in (await bob.says("Bob")).text
    ada.place = TOWN
    assert await ada.calls(call(ada, "", text="Ann")) is None
    ada.place = ada.account.private
    assert (await ada.says("Kim")).text == "A colour"
    assert tiny.filled == []


async def test_a_half_filled_form_is_sealed(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await filling(world)
    await ada.says("Zuzu")
    assert await open_forms(world) == 1
    assert b"Zuzu" not in b"".join(file.read_bytes() for file in world.path.parent.glob("unsent*"))


async def test_in_a_group_the_question_says_how_to_answer_it(both: tuple[World, Tiny]) -> None:
    rowan = both[0].person("rowan", DESK, modals=False)
    asked = await rowan.calls(call(rowan, "tiny.sign"))
    assert isinstance(asked, Reply)
    assert asked.text == "A line\n\nReply to this message to answer."


async def signing(world: World, name: str = "rowan") -> tuple[Person, Reply]:
    """A coach in the group who was asked for a line, and the question."""
    world.platform.coaches.add(name)
    coach = world.person(name, DESK, modals=False)
    question = await coach.calls(call(coach, "tiny.sign"), id=new_id())
    assert isinstance(question, Reply)
    return coach, question


async def test_in_a_group_several_forms_are_open_and_each_takes_what_replies_to_it(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, first = await signing(world)
    _, second = await signing(world)
    assert (await rowan.replies("one", first)).text == "signed one 1"
    assert "closed already" in (await rowan.replies("again", first)).text
    assert (await rowan.replies("two", second)).text == "signed two 2"
    assert await open_forms(world) == 0


async def test_in_a_group_what_replies_to_no_question_is_no_answer(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, question = await signing(world)
    assert await rowan.calls(call(rowan, "", text="between us", reply_to=Ref(DESK, "1"))) is None
    assert (await rowan.replies("a line", question)).text == "signed a line 1"


async def test_in_a_group_another_ones_question_is_not_answered_closed_or_edited(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, question = await signing(world)
    noor, hers = await signing(world, "noor")
    noor.last = question
    for pressed in (await noor.taps("Cancel"), await noor.replies("mine", question)):
        assert isinstance(pressed, Reply)
        assert ("closed already" in pressed.text, pressed.edit) == (True, False)
    assert (await rowan.replies("a line", question)).text == "signed a line 1"
    assert (await noor.replies("hers", hers)).text == "signed hers 2"


async def test_in_a_group_cancel_closes_the_form_of_its_question_and_the_command_all(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, first = await signing(world)
    _, second = await signing(world)
    rowan.last = first
    cancelled = await rowan.taps("Cancel")
    assert isinstance(cancelled, Reply)
    assert (cancelled.text, cancelled.edit) == ("All right, that's gone.", True)
    _, third = await signing(world)
    await rowan.calls(call(rowan, "form.cancel"))
    for question in (first, second, third):
        assert "closed already" in (await rowan.replies("a line", question)).text
    assert await ticks(world) == 0


async def test_in_a_group_each_form_is_open_for_an_hour(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, first = await signing(world)
    await world.moves(minutes=40)
    _, second = await signing(world)
    await world.moves(minutes=30)
    await world.scheduler.tidy()
    assert "closed already" in (await rowan.replies("a line", first)).text
    assert (await rowan.replies("a line", second)).text == "signed a line 1"


async def test_in_a_group_what_was_wrong_with_an_answer_can_be_replied_to(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan, _ = await signing(world)
    assert "101 characters" in (await rowan.replies("x" * 101)).text
    assert (await rowan.replies("a line")).text == "signed a line 1"


async def test_in_private_the_buttons_of_an_earlier_form_are_not_those_of_the_one_that_is_open(
    both: tuple[World, Tiny],
) -> None:
    world, _ = both
    ada = await filling(world)
    question = ada.seen
    await ada.says("/one")
    ada.last = question
    await ada.taps("Cancel")
    assert ("closed already" in ada.seen.text, ada.seen.edit) == (True, True)
    assert (await ada.says("two")).text == "two 1"


# -- what the platform tells, and takes later


async def test_an_answer_left_for_later_comes_to_the_private_chat(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    ada.place = TOWN
    answer = await world.dispatch.handle(call(ada, "tick"), modals=True)
    assert isinstance(answer, Reply)
    await world.dispatch.later(call(ada, "tick"), answer)
    await world.dispatch.later(call(ada, "tick"), answer)
    await world.settle()
    assert ada.reads() == ["tick 1"]
    assert world.platform.at(TOWN) == []


async def test_nothing_is_kept_for_later_of_a_stranger(both: tuple[World, Tiny]) -> None:
    world, _ = both
    eve = world.person("eve")
    await world.dispatch.later(call(eve, "crisis"), Reply("lines"))
    await world.settle()
    assert world.platform.delivered == []


async def test_a_public_answer_left_for_later_comes_where_it_was_asked(both: tuple[World, Tiny]) -> None:
    world, _ = both
    rowan = world.person("rowan", DESK)
    await world.dispatch.later(call(rowan, "tiny.sign"), Reply("signed"))
    await world.settle()
    assert [reply.text for reply in world.platform.at(DESK)] == ["signed"]


async def test_who_blocks_the_bot_is_not_written_to_until_they_speak_again(both: tuple[World, Tiny]) -> None:
    world, _ = both
    ada = await world.member("ada")
    await world.dispatch.happened(Happening("blocked", ada.account))
    await world.dispatch.later(call(ada, "tick"), Reply("let go"))
    await world.settle()
    assert world.platform.delivered == []
    await ada.says("/tick")
    await world.dispatch.later(call(ada, "tick"), Reply("now"))
    await world.settle()
    assert ada.reads() == ["now"]


def test_what_an_adapter_asks_is_told_from_the_declarations(words: Texts) -> None:
    class Bare:
        texts = words
        registry = Registry([tiny_cog().cog], words)

    dispatch = Dispatch(Bare())  # pyright: ignore[reportArgumentType]
    assert [dispatch.private(action) for action in ("tick", "tiny.sign", "gone", "", "form.pick")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert [dispatch.opens_form(action) for action in ("fill", "tiny.sign", "tick", "gone")] == [
        True,
        True,
        False,
        False,
    ]
    assert [each.name for each in dispatch.listing("xx")] == sorted(each.name for each in dispatch.listing("en"))
    assert next(each for each in dispatch.listing("en") if each.name == "fill").params == ()


async def test_what_goes_wrong_after_a_call_took_effect_changes_nothing_of_its_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full() -> None:
        raise OSError

    ada = await world.member("ada")
    monkeypatch.setattr(world.house.store, "scrub", full)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "is erased" in ada.seen.text


async def test_yesterday_is_a_date(world: World) -> None:
    ada = await world.member("ada", last="28")
    assert "26 of 28 days held" not in (await ada.says("/contact wrote yesterday")).text
    assert "27 of 28 days held" in ada.seen.text
    assert (await ada.says("/streak")).text.startswith("Day 1. The last contact was on Tuesday, 3 March")


async def test_a_button_with_more_than_its_action_takes_does_nothing(world: World) -> None:
    ada = await world.member("ada")
    answer = await ada.calls(Call("", ada.account, ada.place, action="privacy.erase", args=("forged",)))
    assert isinstance(answer, Reply)
    assert "from another time" in answer.text
    assert (await ada.says("/streak")).text.startswith("Day 5.")
