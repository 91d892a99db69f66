"""Two communities side by side: whatever happens in whatever order, nothing of one comes up in the other."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import communities
from bot.adapter import Send
from bot.model import Account, Call, Form, Happening, Reply
from cogs import totals
from tests.cogs.test_many import AGREE, Side, Two, theirs, two
from tests.harness import DESK, OTHER_DESK, OTHER_TOWN, TOWN, Person, new_world, the_texts

T = TypeVar("T")
TEXTS = the_texts()
TELLING = frozenset({"join", "join.agree", "ask", "questions.to"})  # who has the id is told which community it is
COMMANDS = ("/community", "/coaches", "/help", "/setup", "/community_link", "/join", "/streak", "/sign", "/privacy")
PEOPLE = ("al", "amy", "bea", "ben", "cal", "ann", "bob", "rowan", "noor", "eve")
WEIGHTS = {"ask": 3, "answer": 3, "forged": 4, "says": 2, "minutes": 3}
OTHERS = ("sign", "halt", "resume", "change", "desk", "leave", "join", "hours", "week", "daily", "forget")
ACTIONS = [*(what for what, weight in WEIGHTS.items() for _ in range(weight)), *OTHERS]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1), st.integers(0, 99), st.integers(0, 99)),
        min_size=10,
        max_size=40,
    )
)
async def test_nothing_of_one_is_ever_in_the_other(happens: list[tuple[str, int, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder), texts=TEXTS) as world:
            both = await two(world)
            for what, which, first, second in happens:
                await happen(both, what, both.sides[which], first, second)
                await both.check_everything()
            await happen(both, "week", both.alder, 0, 0)
            await both.check_everything()
            await check_totals(both)


async def happen(both: Two, what: str, side: Side, first: int, second: int) -> None:
    """Let one thing happen on one side, or anywhere; see to each answer."""
    world = both.world
    name = pick(PEOPLE, first)
    match what:
        case "ask" if side.mark in both.belong.get(name, set()):
            who = world.person(name, side.town if second % 2 else None)
            await asks(both, who, side)
        case "answer":
            desk = pick(side.desks, second)
            coach = world.person(side.coach, desk)
            waiting = world.platform.at(desk)
            if waiting:
                coach.last = pick(waiting, first)
                await taps(both, coach, "Answer")
                if isinstance(coach.last, Form):
                    both.check(await coach.fills(answer=both.text(side, "answer")), desk)
                if second % 5 == 0:
                    await taps(both, coach, "Undo")
        case "sign":
            desk = pick(side.desks, second)
            await says(both, world.person(side.coach, desk), f"/sign {both.text(side, 'coach').title()}")
        case "halt" | "resume":
            await says(both, world.person(side.owner, side.town), "/halt" if what == "halt" else "/resume_all")
        case "change":
            who = world.person(side.owner, side.town)
            await says(both, who, "/setup")
            key = pick(("who", "name", "asks_open", "asks_close", "weekly_on", "weekly_off", "join", "test"), first)
            await choose(both, who, side, key)
            if key in ("who", "name"):
                await taps(both, who, "Write it")
                assert isinstance(who.last, Form)
                both.check(await who.fills(**{each.name: both.text(side, "x") for each in who.last.fields}), side.town)
        case "desk":
            who, to = world.person(side.owner, side.town), pick(side.desks, first)
            await call(both, who, "setup.desk", (side.community.id, to.channel))
        case "leave":
            await world.dispatch.happened(Happening("left", account=Account("test", name), server=side.server))
        case "join":
            who = world.person(name, side.town)
            both.belong.setdefault(name, set()).add(side.mark)
            await says(both, who, "/join")
            await taps(both, who, AGREE)
            await taps(both, who, "Join it, too")
        case "says":
            place = pick((None, DESK, TOWN, OTHER_DESK, OTHER_TOWN), second)
            await says(both, world.person(name, place), pick(COMMANDS, second // 5))
        case "forged" if both.buttons:
            action, args = pick(both.buttons, first * 100 + second)
            place = pick((None, DESK, TOWN, OTHER_DESK, OTHER_TOWN), second)
            await forge(both, world.person(pick(PEOPLE, second // 3), place), action, args)
        case "minutes" | "hours" | "week":
            await passes(both, {"minutes": 2, "hours": 60 * 6, "week": 60 * 24 * 7}[what])
        case "daily":
            await says(both, world.person(name), "/daily 14")
        case "forget" if first < 20:
            who = world.person(name)
            await says(both, who, "/forget")
            await taps(both, who, "Yes, erase everything")
        case _:
            pass


def pick(of: Sequence[T], number: int) -> T:
    """Return one of them."""
    return of[number % len(of)]


async def asks(both: Two, who: Person, side: Side) -> None:
    """Ask the coaches of a side or, where somebody is in the other one alone, of that."""
    both.check(await who.calls(Call("", who.account, who.place, None, "ask")), who.place)
    if side.community.id in theirs(who).values():
        await call(both, who, "ask", (side.community.id,))
    if isinstance(who.last, Form):
        meant = next(each for each in both.sides if each.community.id in who.last.args)
        both.check(await who.fills(question=both.text(meant, "question")), who.place)
        await taps(both, who, "Send")
        await both.world.settle()


async def call(both: Two, who: Person, action: str, args: tuple[str, ...]) -> None:
    """Press something, whatever was shown."""
    both.check(await who.calls(Call("", who.account, who.place, None, action, args)), who.place)


async def says(both: Two, who: Person, text: str) -> None:
    """Type something."""
    both.check(await who.says(text), who.place)


async def taps(both: Two, who: Person, label: str) -> None:
    """Press a button, where there is one."""
    if isinstance(who.last, Reply) and label in who.buttons:
        both.check(await who.taps(label), who.place)


async def choose(both: Two, who: Person, side: Side, key: str) -> None:
    """Change one thing."""
    await call(both, who, "setup.change", (side.community.id, key))


async def forge(both: Two, who: Person, action: str, args: tuple[str, ...]) -> None:
    """Press what somebody else was shown, anywhere; fill in what then opens."""
    named = {side.mark for side in both.sides if side.community.id in args}
    if action in TELLING:
        if not who.place.private:
            return
        both.belong.setdefault(who.account.id, set()).update(named)
    await call(both, who, action, args)
    if isinstance(who.last, Form) and action not in TELLING:
        side = both.side_of(who.place) or both.alder
        if named:
            side = next(each for each in both.sides if each.mark in named)
        both.check(await who.fills(**{each.name: both.text(side, "forged") for each in who.last.fields}), who.place)


async def passes(both: Two, minutes: int) -> None:
    """Let time pass. Where all is halted, nothing is posted."""
    world, seen = both.world, len(both.world.platform.delivered)
    async with world.house.store.reading() as tx:
        halted = [side.town for side in both.sides if (await communities.load(tx, side.community.id)).halted]
    await world.moves(minutes=minutes)
    said = [what.place for what in world.platform.delivered[seen:] if isinstance(what, Send)]
    assert not set(halted) & set(said)


async def check_totals(both: Two) -> None:
    """See that each side counts the answers that were given on it, and no others."""
    said = [what.reply for what in both.world.platform.delivered if isinstance(what, Send) and what.place.private]
    async with both.world.house.store.reading() as tx:
        counted = {row["community"]: row["counted"]["answered"] for row in await tx.rows(totals.totals)}
    for side in both.sides:
        answers = [reply for reply in said if "There is a reply for you." in reply.text and side.mark in reply.text]
        assert counted[side.community.id] == len(answers)
