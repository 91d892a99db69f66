"""Two communities side by side, with people who are in both: whatever happens, nothing of one comes up in the other."""

from dataclasses import asdict, dataclass, field

import pytest

from bot import communities
from bot.adapter import Edit, Send
from bot.communities import Community
from bot.model import Account, Button, Call, Form, Happening, Menu, Place, Reply, Server
from cogs import posts, totals
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
)
from tests.seed import set_up

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
            await posts.plan_for(world.house.work(tx), community)
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
    asked, reminder = world.platform.at(DESK)
    assert asked.text.split()[-1] == "me?"
    assert reminder.text.startswith("Good evening.\nOne question waits.")
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
