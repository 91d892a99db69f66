"""Two communities side by side, with people who are in both: whatever happens, nothing of one comes up in the other."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import communities
from bot.adapter import Edit, Send
from bot.communities import Community
from bot.model import Account, Button, Call, Form, Happening, Menu, Place, Reply, Server
from bot.texts import Texts
from cogs import advice, totals
from cogs.questions import questions
from tests.harness import (
    COACHES,
    DESK,
    ELSEWHERE,
    HOME,
    OTHER_DESK,
    OTHER_TOWN,
    TOWN,
    Person,
    World,
    new_world,
)
from tests.seed import set_up

T = TypeVar("T")
AGREE = "I'm 18 or over, and I agree"


@dataclass
class Side:
    """One of the two: `mark` is in every text that is written there, `ids` are those of the community's own."""

    mark: str
    community: Community
    server: Server
    desks: tuple[Place, Place]
    town: Place
    owner: str
    coach: str
    ids: set[str] = field(default_factory=set[str])

    @property
    def places(self) -> tuple[Place, ...]:
        """Everywhere that something of it is said in public."""
        return (*self.desks, self.town)

    def is_in(self, said: str) -> bool:
        """Tell whether there is anything of this side in what was said."""
        return any(each in said for each in (self.mark, *self.ids))


@dataclass
class Two:
    """Both sides, who belongs to which, and all that can be pressed."""

    world: World
    alder: Side
    beech: Side
    belong: dict[str, set[str]]
    buttons: list[tuple[str, tuple[str, ...]]] = field(default_factory=list[tuple[str, tuple[str, ...]]])
    seen: int = 0
    written: int = 0

    @property
    def sides(self) -> tuple[Side, Side]:
        """One and the other."""
        return self.alder, self.beech

    def text(self, side: Side, what: str) -> str:
        """Return a new text that tells where it was written."""
        self.written += 1
        return f"{side.mark} {what} {self.written}"

    def side_of(self, place: Place) -> Side | None:
        """Return the side that a public place is on."""
        return next((side for side in self.sides if place in side.places), None)

    def check(self, said: Reply | Form | None, place: Place) -> None:
        """See that what is said at a place, or to a person in private, is of nobody but those who belong there."""
        if said is None:
            return
        here = self.side_of(place)
        belong = {here.mark} if here else self.belong.get(place.channel, set())
        told = flat(said)
        for side in self.sides:
            assert side.mark in belong or not side.is_in(told), (place.channel, side.mark, told)
        rows = said.rows if isinstance(said, Reply) else ()
        for item in (item for row in rows for item in row):
            if isinstance(item, Button):
                self.buttons.append((item.action, item.args))
            elif isinstance(item, Menu):
                self.buttons += [(item.action, (*item.args, option.value)) for option in item.options]

    async def check_everything(self) -> None:
        """See to all that was said since the last time, and note what belongs to whom."""
        async with self.world.house.store.reading() as tx:
            for row in await tx.rows(questions):
                side = next(side for side in self.sides if side.community.id == row["community"])
                side.ids.add(row["id"])
                assert side.mark in row["text"]
        delivered = self.world.platform.delivered
        for what in delivered[self.seen :]:
            if isinstance(what, Send | Edit):
                self.check(what.reply, what.place if isinstance(what, Send) else what.ref.place)
        self.seen = len(delivered)


def flat(said: Reply | Form) -> str:
    """Return all that can be read in what was said, pictures but for their words left out."""
    shown = asdict(said)
    for file in shown.get("files", ()):
        file["data"] = b""
    return repr(shown).casefold()


async def two(world: World) -> Two:
    """Two communities, each with who runs it, a coach, two members; and one person who is in both."""
    platform, vault = world.platform, world.house.vault
    rowan, noor = COACHES
    platform.coaches = {"rowan", "noor"}
    platform.owners |= {"ann": HOME, "bob": ELSEWHERE}
    platform.servers["other-desk-2"] = ELSEWHERE
    async with world.house.store.transaction() as tx:
        await communities.name_coach(tx, vault, world.community.id, noor, coach=False)
        other = await set_up(tx, vault, ELSEWHERE, coaches=[noor], desk=OTHER_DESK, posts=OTHER_TOWN)
        made: list[Side] = []
        for mark, id, owner in (("alder", world.community.id, "ann"), ("beech", other.id, "bob")):
            known = {"name": f"{mark} house", "operator": f"{mark} {owner}", "contact": f"{mark}@example.org"}
            await communities.change(tx, id, **known, weekly=True)
            await communities.set_steward(tx, vault, id, Account("test", owner))
            community = await communities.load(tx, id)
            await advice.plan_post(world.house.work(tx), community)
            await totals.plan(world.house.work(tx), community)
            desks = (DESK, Place("test", "desk-2")) if mark == "alder" else (OTHER_DESK, Place("test", "other-desk-2"))
            town, coach = (TOWN, rowan) if mark == "alder" else (OTHER_TOWN, noor)
            made.append(Side(mark, community, community.homes[0], desks, town, owner, coach.id, {id}))
    alder, beech = made
    belong = {"ann": {"alder"}, "rowan": {"alder"}, "bob": {"beech"}, "noor": {"beech"}, "cal": {"alder", "beech"}}
    for name, of in (("al", [alder]), ("amy", [alder]), ("bea", [beech]), ("ben", [beech]), ("cal", [alder, beech])):
        await world.member(name, of=tuple(side.community for side in of))
        belong[name] = {side.mark for side in of}
    return Two(world, alder, beech, belong)


@pytest.fixture
async def both(world: World) -> Two:
    """Two communities."""
    return await two(world)


# -- somebody who is in both


def theirs(who: Person) -> dict[str, str]:
    """Return the communities whose coaches can be asked, by name, as the answer last seen offers them."""
    rows = who.last.rows if isinstance(who.last, Reply) else ()
    menus = [item for row in rows for item in row if isinstance(item, Menu)]
    return {option.label: option.value for menu in menus for option in menu.options}


async def picks(who: Person, side: Side) -> None:
    """Pick whose coaches are asked; what opens is the form."""
    assert side.community.id in theirs(who).values()
    await who.calls(Call("", who.account, who.place, None, "ask", (side.community.id,)))


async def test_in_private_who_is_in_both_picks_whose_coaches_read_it(both: Two) -> None:
    cal = both.world.person("cal")
    assert "Whose coaches" in (await cal.says("/ask")).text
    assert theirs(cal) == {"alder house": both.alder.community.id, "beech house": both.beech.community.id}
    await picks(cal, both.beech)
    await cal.fills(question="Is it me?")
    assert "The coaches of beech house" in cal.seen.text
    await cal.opens("Edit")
    await cal.fills(question="Is it really me?")
    await cal.taps("Send")
    await both.world.settle()
    assert both.world.platform.at(DESK) == []
    assert "Is it really me?" in both.world.platform.at(OTHER_DESK)[0].text


async def test_in_private_without_modals_it_goes_where_it_was_picked_for(both: Two) -> None:
    cal = both.world.person("cal", modals=False)
    await cal.says("/ask")
    await picks(cal, both.alder)
    await cal.says("Is it me?")
    await cal.taps("Send")
    await both.world.settle()
    assert "Is it me?" in both.world.platform.at(DESK)[0].text
    assert both.world.platform.at(OTHER_DESK) == []


@pytest.mark.parametrize(("town", "desk"), [(TOWN, DESK), (OTHER_TOWN, OTHER_DESK)])
async def test_in_a_server_it_goes_to_that_servers_coaches(both: Two, town: Place, desk: Place) -> None:
    cal = both.world.person("cal", town)
    await cal.says("/ask Is it me?")
    await cal.taps("Send")
    await both.world.settle()
    assert list(both.world.platform.said) == [desk]


async def test_who_is_in_one_asks_nobody_of_the_other(both: Two) -> None:
    al = both.world.person("al", OTHER_TOWN)
    assert (await al.says("/ask Is it me?")).text.startswith("You haven't joined beech house yet")
    assert al.labels == ["Join"]
    await al.taps("Join")
    await al.taps("Join it, too")
    assert "You are in beech house, too." in al.seen.text
    await al.says("/ask Is it me?")
    await al.taps("Send")
    await both.world.settle()
    assert list(both.world.platform.said) == [OTHER_DESK]


async def test_joining_a_second_one_says_who_answers_for_it_and_keeps_ones_days(both: Two) -> None:
    al = both.world.person("al", OTHER_TOWN)
    before = (await al.says("/streak")).text
    seen = await al.says("/join")
    assert "beech house is another community, and beech bob (beech@example.org) answers for it." in seen.text
    await al.taps("Join it, too")
    assert (await al.says("/streak")).text == before
    assert (await al.says("/join")).text.startswith("Day 5. ")


async def test_by_a_link_one_joins_the_one_that_it_names(both: Two) -> None:
    eve = both.world.person("eve")
    await eve.calls(Call("", eve.account, eve.place, None, "join", (both.beech.community.id,)))
    assert "beech bob (beech@example.org) runs this." in eve.seen.text
    for label in (AGREE, "Skip", "Skip", "No"):
        await eve.taps(label)
    await eve.says("/ask Is it me?")
    await eve.taps("Send")
    await both.world.settle()
    assert list(both.world.platform.said) == [OTHER_DESK]


async def test_in_private_without_a_link_nobody_is_put_into_either(both: Two) -> None:
    eve = both.world.person("eve")
    assert "house" not in (await eve.says("/join")).text
    for label in (AGREE, "Skip", "Skip", "No"):
        await eve.taps(label)
    assert "No coaches sit here yet" in (await eve.says("/ask")).text


async def test_leaving_one_keeps_the_other_and_ones_own(both: Two) -> None:
    world, cal = both.world, both.world.person("cal")
    await cal.says("/daily 20")
    await cal.says("/ask")
    await picks(cal, both.beech)
    await cal.fills(question="A draft?")
    await world.dispatch.happened(Happening("left", account=cal.account, server=ELSEWHERE))
    await cal.taps("Send")
    assert "No coaches sit here yet" in cal.seen.text
    await cal.says("/ask Is it me?")
    await cal.taps("Send")
    await world.moves(hours=8)
    assert [reply.text.split()[-1] for reply in world.platform.at(DESK)] == ["me?"]
    assert world.platform.at(OTHER_DESK) == []
    assert len(cal.reads()) == 1
    assert (await cal.says("/streak")).text.startswith("Day 5. ")


async def test_an_answer_reaches_who_has_left_meanwhile(both: Two) -> None:
    world, cal, noor = both.world, both.world.person("cal", OTHER_TOWN), both.world.person("noor", OTHER_DESK)
    await cal.says("/ask Is it me?")
    await cal.taps("Send")
    await world.settle()
    await world.dispatch.happened(Happening("left", account=cal.account, server=ELSEWHERE))
    noor.reads(OTHER_DESK)
    await noor.opens("Answer")
    await noor.fills(answer="No.")
    await world.moves(seconds=61)
    assert "No." in cal.reads()[-1]


async def test_one_signature_may_stand_in_both_and_each_lists_its_own(both: Two) -> None:
    world = both.world
    rowan, noor = world.person("rowan", DESK), world.person("noor", OTHER_DESK)
    assert "signed Birch" in (await rowan.says("/sign Birch")).text
    assert "signed Birch" in (await noor.says("/sign Birch")).text
    await noor.says("/sign Hazel")
    assert "Hazel" not in (await world.person("eve", TOWN).says("/coaches")).text
    assert "Birch" not in (await world.person("eve", OTHER_TOWN).says("/coaches")).text
    seen = (await world.person("cal").says("/coaches")).text
    assert seen.index("alder house") < seen.index("Birch") < seen.index("beech house") < seen.index("Hazel")


async def test_a_coach_of_one_is_none_at_the_others_desk(both: Two) -> None:
    world, cal = both.world, both.world.person("cal", TOWN)
    await cal.says("/ask Is it me?")
    await cal.taps("Send")
    await world.settle()
    for place in (DESK, OTHER_DESK):
        noor = world.person("noor", place)
        noor.reads(DESK)
        await noor.taps("Answer")
        assert "for the coaches" in noor.seen.text or "not here any more" in noor.seen.text


# -- whatever happens

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


TEXTS = Texts()
