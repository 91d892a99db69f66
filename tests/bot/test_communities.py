"""Which servers are one community, who belongs to it, where its places are, and who answers and coaches there."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import communities, people
from bot.adapter import Gone, Look
from bot.communities import (
    GONE,
    NAME,
    REFUSED,
    REMOVED,
    Community,
    Purpose,
    Spot,
    Step,
    what_is_wrong,
    wrong_key,
)
from bot.model import Account, Place, Server
from bot.store import Tx
from bot.texts import Texts
from tests.harness import DESK, ELSEWHERE, HOME, NOON, OTHER_DESK, OTHER_TOWN, TOWN, World, new_world, the_texts

NEW = Server("test", "new")
GROUP = Server("other", "-100")
BACK = Server("test", "back-room")  # where only coaches are
BACK_DESK = Place("test", "back-desk")
OFF = "switch-discord-send_messages"


async def made(world: World, server: Server = NEW, *, name: str = "New", step: Step = Step.DONE) -> Community:
    """A community of its own at `server`, which was opened."""
    async with world.house.store.transaction() as tx:
        id = (await communities.create(tx, server, name=name, locale="en")).id
        await communities.change(tx, id, operator="Kim", step=step)
        return await communities.load(tx, id)


async def load(world: World, community: Community) -> Community:
    """The community as it is now."""
    async with world.house.store.reading() as tx:
        return await communities.load(tx, community.id)


async def at(world: World, server: Server) -> str | None:
    """The id of the community that a server belongs to."""
    async with world.house.store.reading() as tx:
        found = await communities.at(tx, server)
    return found.id if found else None


async def member(world: World, name: str, *theirs: Community) -> str:
    """The id of somebody who belongs to those communities."""
    async with world.house.store.transaction() as tx:
        account = Account("test", name)
        joined = await people.join(tx, world.house.vault, account, zone="UTC", now=NOON)
        for each in theirs:
            assert await communities.enter(tx, joined.id, each.id, NOON)
    return joined.id


async def names(world: World, member: str) -> list[str]:
    """The names of the communities that a member belongs to."""
    async with world.house.store.reading() as tx:
        return [each.name for each in await communities.of(tx, member)]


async def place(
    world: World, community: Community, purpose: Purpose, place: Place, server: Server, role: str | None = None
) -> Community:
    """Put a place of a community's in order; return the community as it is then."""
    async with world.house.store.transaction() as tx:
        known = await communities.load(tx, community.id)
        await communities.set_place(tx, known, purpose, place, server, name=f"#{place.channel}", role=role)
        return await communities.load(tx, community.id)


# -- what a community is


async def test_a_new_one_is_at_its_server_and_cannot_be_joined_before_it_is_opened(world: World) -> None:
    async with world.house.store.transaction() as tx:
        new = await communities.create(tx, NEW, name="x" * (NAME + 1), locale="fr")
        assert new == await communities.load(tx, new.id) == await communities.at(tx, NEW)
    assert (new.name, new.locale, new.homes, new.spots) == ("x" * NAME, "fr", (NEW,), ())
    assert (new.step, new.can_be_joined, new.takes_questions, new.halted) == (Step.RESPONSIBLE, False, False, False)
    async with world.house.store.transaction() as tx:
        assert await communities.change(tx, new.id, operator="Kim", contact="kim@example.org")
        assert not await communities.change(tx, "nobody", operator="Kim")
    new = await load(world, new)
    assert (new.can_be_joined, new.responsible) == (False, "Kim (kim@example.org)")
    for step in Step:
        assert replace(new, step=step).can_be_joined is (step is Step.DONE)
    assert replace(new, contact="").responsible == "Kim"  # as the settings once said it, in one line


async def test_a_server_has_one_community_alone(world: World) -> None:
    with pytest.raises(ValueError, match="another community"):
        await made(world, HOME)
    assert await at(world, HOME) == world.community.id
    async with world.house.store.reading() as tx:
        assert len(await tx.rows(communities.communities)) == 1


async def test_what_is_not_there_is_not_found(world: World) -> None:
    assert await at(world, NEW) is None
    assert await at(world, replace(HOME, platform="other")) is None
    async with world.house.store.reading() as tx:
        with pytest.raises(LookupError):
            await communities.load(tx, "nobody")


async def test_nobody_has_to_say_which_where_there_is_only_one_to_join(world: World) -> None:
    unready = await made(world, step=Step.OPEN)
    async with world.house.store.transaction() as tx:
        assert await communities.only(tx) == await communities.load(tx, world.community.id)
        await communities.change(tx, unready.id, step=Step.DONE)
        assert await communities.only(tx) is None
        await tx.delete(communities.communities)
        assert await communities.only(tx) is None


def test_the_desk_and_its_threads_are_the_desk_and_nothing_else_is() -> None:
    def desk(place: Place) -> Community:
        return Community("c", "", spots=(Spot(Purpose.POSTS, TOWN, HOME), Spot(Purpose.DESK, place, HOME)))

    thread = replace(DESK, thread="7")
    assert desk(DESK).is_desk(DESK)
    assert desk(DESK).is_desk(thread)
    assert desk(thread).is_desk(thread)
    for community, place in (
        (desk(thread), DESK),
        (desk(thread), replace(DESK, thread="8")),
        (desk(DESK), TOWN),
        (desk(DESK), replace(DESK, platform="other")),
        (Community("c", "", spots=(Spot(Purpose.POSTS, DESK, HOME),)), DESK),
    ):
        assert not community.is_desk(place)


@pytest.mark.parametrize(
    ("changed", "takes"),
    [
        ({}, True),
        ({"asks": False}, False),
        ({"halted": True}, False),
        ({"spots": ()}, False),
        ({"spots": (Spot(Purpose.POSTS, TOWN, HOME),)}, False),
        ({"spots": (Spot(Purpose.DESK, DESK, HOME, broken=(OFF,)),)}, False),
        ({"spots": (Spot(Purpose.DESK, DESK, HOME, broken=(REMOVED,)),)}, False),
        ({"spots": (Spot(Purpose.DESK, DESK, HOME, broken=(REFUSED, OFF)),)}, False),
        ({"spots": (Spot(Purpose.DESK, DESK, HOME, broken=(REFUSED,)),)}, True),  # the next one tries
        ({"spots": (Spot(Purpose.DESK, DESK, HOME), Spot(Purpose.POSTS, TOWN, HOME, broken=(GONE,)))}, True),
    ],
)
def test_questions_are_taken_where_they_would_arrive(changed: dict[str, object], takes: bool) -> None:
    community = Community("c", "", asks=True, spots=(Spot(Purpose.DESK, DESK, HOME),))
    assert replace(community, **changed).takes_questions is takes  # pyright: ignore[reportArgumentType]


# -- who belongs to it


async def test_members_belong_to_several_and_leave_one_alone(world: World) -> None:
    here, new = world.community, await made(world)
    ada = await member(world, "ada", new, here)
    assert await names(world, ada) == ["Harbour", "New"]
    async with world.house.store.transaction() as tx:
        assert not await communities.enter(tx, ada, here.id, NOON)
        await communities.leave(tx, ada, NEW, ())
        await communities.leave(tx, ada, ELSEWHERE, ())  # nobody's
    assert await names(world, ada) == ["Harbour"]


async def test_when_somebody_came_is_kept_to_the_hour(world: World) -> None:
    ada = await member(world, "ada")
    async with world.house.store.transaction() as tx:
        await communities.enter(tx, ada, world.community.id, NOON.replace(minute=59, second=59))
        row = await tx.row(communities.memberships)
    assert row is not None
    assert row["since"] == NOON


async def test_who_is_in_another_of_its_servers_stays(world: World) -> None:
    ada = await member(world, "ada", world.community)
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, NEW)
        await communities.leave(tx, ada, HOME, [ELSEWHERE, NEW])
    assert await names(world, ada) == ["Harbour"]
    async with world.house.store.transaction() as tx:
        await communities.leave(tx, ada, HOME, [ELSEWHERE])
    assert await names(world, ada) == []


async def test_who_leaves_the_coaches_own_server_leaves_nothing(world: World) -> None:
    ada = await member(world, "ada", world.community)
    await place(world, world.community, Purpose.DESK, BACK_DESK, BACK)
    async with world.house.store.transaction() as tx:
        await communities.leave(tx, ada, BACK, ())
    assert await names(world, ada) == ["Harbour"]


async def test_all_is_halted_for_who_belongs_to_halted_ones_alone(world: World) -> None:
    here, new = world.community, await made(world)
    both, one, none = await member(world, "both", here, new), await member(world, "one", here), await member(world, "n")
    async with world.house.store.transaction() as tx:

        async def halted() -> list[bool]:
            return [await communities.is_halted_for(tx, each) for each in (both, one, none)]

        async def halted_with(community: Community) -> set[str]:
            return set((await tx.execute(communities.halted_with(community.id))).scalars())

        assert await halted() == [False, False, False]
        assert await communities.halt(tx, here.id, halted=True)
        assert not await communities.halt(tx, here.id, halted=True)
        assert await halted() == [False, True, False]
        assert await halted_with(here) == {one}
        assert await communities.halt(tx, new.id, halted=True)
        assert await halted() == [True, True, False]
        assert await halted_with(here) == {both, one}
        assert await halted_with(new) == {both}
        assert await communities.halt(tx, here.id, halted=False)
        assert await halted() == [False, False, False]


# -- its servers and places


async def test_a_server_is_added_once_and_never_anothers(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, NEW)
        await communities.add_home(tx, world.community.id, NEW)
        await communities.add_home(tx, world.community.id, NEW, joined_here=False)  # it stays one to join from
    assert set((await load(world, world.community)).homes) == {HOME, NEW}
    new = await made(world, ELSEWHERE)
    for joined_here in (True, False):
        with pytest.raises(ValueError, match="another community"):
            async with world.house.store.transaction() as tx:
                await communities.add_home(tx, new.id, HOME, joined_here=joined_here)
    assert await at(world, HOME) == world.community.id


async def test_the_coaches_own_server_belongs_to_it_while_the_desk_is_there(world: World) -> None:
    here = await place(world, world.community, Purpose.DESK, BACK_DESK, BACK, role="9")
    assert here.desk_in(BACK) == Spot(Purpose.DESK, BACK_DESK, BACK, "#back-desk", "9")
    assert here.homes == (HOME,)
    assert await at(world, BACK) == here.id
    with pytest.raises(ValueError, match="another community"):
        await made(world, BACK)
    here = await place(world, here, Purpose.DESK, replace(BACK_DESK, thread="7"), BACK)
    assert await at(world, BACK) == here.id
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, here, Purpose.DESK, BACK)
    here = await load(world, here)
    assert [desk.place for desk in here.desks] == [DESK]
    assert await at(world, BACK) is None
    assert (await made(world, BACK)).homes == (BACK,)


async def test_the_coaches_own_server_can_become_one_to_join_from_and_then_stays(world: World) -> None:
    here = await place(world, world.community, Purpose.DESK, BACK_DESK, BACK)
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, here.id, BACK)
        await communities.clear_place(tx, here, Purpose.DESK)
    here = await load(world, here)
    assert set(here.homes) == {HOME, BACK}
    assert here.desk is None


async def test_there_is_one_desk_in_each_server_and_any_number_of_places_for_posts(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, GROUP)
    elsewhere = Place("other", "-100")
    for purpose, where, server in (
        (Purpose.POSTS, elsewhere, GROUP),
        (Purpose.POSTS, OTHER_TOWN, HOME),
        (Purpose.DESK, elsewhere, GROUP),
    ):
        await place(world, world.community, purpose, where, server)
    here = await load(world, world.community)
    assert [spot.place for spot in here.posts] == [TOWN, elsewhere, OTHER_TOWN]
    assert [spot.place for spot in here.boards] == [TOWN, elsewhere]
    assert {spot.place for spot in here.desks} == {DESK, elsewhere}
    assert [here.is_desk(each) for each in (DESK, elsewhere, TOWN, replace(DESK, platform="other"))] == [
        True,
        True,
        False,
        False,
    ]
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, here, Purpose.POSTS, HOME)
        await communities.clear_place(tx, here, Purpose.DESK, HOME)
    here = await load(world, here)
    assert [spot.place for spot in here.spots] == [elsewhere, elsewhere]
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, here, Purpose.POSTS)
        await communities.clear_place(tx, here, Purpose.DESK)
    here = await load(world, here)
    assert here.spots == ()
    assert set(here.homes) == {HOME, GROUP}


async def test_a_place_in_a_server_of_another_is_refused_and_nothing_changes(world: World) -> None:
    new = await place(world, await made(world), Purpose.DESK, Place("test", "new-desk"), NEW)
    with pytest.raises(ValueError, match="another community"):
        await place(world, new, Purpose.DESK, DESK, HOME)
    assert await load(world, new) == new


async def test_a_role_is_said_of_the_desk_in_its_server_alone(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await communities.set_role(tx, world.community, HOME, "9")
        await communities.set_role(tx, world.community, BACK, "8")
        here = await communities.load(tx, world.community.id)
        assert [(spot.purpose, spot.role) for spot in here.spots] == [(Purpose.DESK, "9"), (Purpose.POSTS, None)]
        await communities.set_role(tx, world.community, HOME, None)
        assert (await communities.load(tx, here.id)) == world.community


async def test_what_is_at_a_place_is_found_by_server_channel_and_thread(world: World) -> None:
    other = await world.another()
    thread = replace(OTHER_DESK, thread="7")
    await place(world, other, Purpose.DESK, thread, ELSEWHERE)
    async with world.house.store.reading() as tx:

        async def found(where: Place | Server) -> set[tuple[str, Place]]:
            return {(id, spot.place) for id, spot in await communities.spots_at(tx, where)}

        assert await found(HOME) == {(world.community.id, DESK), (world.community.id, TOWN)}
        assert await found(TOWN) == {(world.community.id, TOWN)}
        assert await found(OTHER_DESK) == {(other.id, thread)}  # all of a channel
        assert await found(thread) == {(other.id, thread)}
        for nothing in (replace(thread, thread="8"), replace(DESK, platform="other"), NEW):
            assert await found(nothing) == set()


async def test_a_server_with_another_id_takes_its_places_along_once(world: World) -> None:
    old, new = Server("other", "-5"), Server("other", "-1005")
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, old)
        here = await communities.load(tx, world.community.id)
        posts, desk = Place("other", "-5"), Place("other", "-5", "3")
        await communities.set_place(tx, here, Purpose.POSTS, posts, old, name="Group")
        await communities.set_place(tx, here, Purpose.DESK, desk, old, name="Group")
        for _ in range(2):
            await communities.move(tx, old, new)
        await communities.move(tx, Server("other", "-6"), Server("other", "-1006"))  # nobody's
        here = await communities.load(tx, here.id)
        assert await communities.at(tx, old) is None
    assert set(here.homes) == {HOME, new}
    assert {(spot.server, spot.place) for spot in here.spots} == {
        (HOME, DESK),
        (HOME, TOWN),
        (new, Place("other", "-1005")),
        (new, Place("other", "-1005", "3")),
    }


async def test_of_two_that_become_one_people_servers_and_posts_come_along_and_desk_and_coaches_do_not(
    world: World,
) -> None:
    here, other = world.community, await world.another()
    await place(world, other, Purpose.DESK, BACK_DESK, BACK)
    ann = Account("test", "ann")
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, other.id, ann)
        other = await communities.load(tx, other.id)
    both, theirs = await member(world, "both", here, other), await member(world, "theirs", other)
    async with world.house.store.transaction() as tx:
        await communities.merge(tx, other, here)
        with pytest.raises(LookupError):
            await communities.load(tx, other.id)
        assert await communities.steward(tx, here.id) is None
        assert await communities.count_coaches(tx, here.id) == 2
        assert len(await tx.rows(communities.named_coaches)) == 2
        assert len(await tx.rows(communities.memberships)) == 2
    here = await load(world, here)
    assert set(here.homes) == {HOME, ELSEWHERE}
    assert [spot.place for spot in here.spots if spot.purpose is Purpose.DESK] == [DESK]
    assert {spot.place for spot in here.posts} == {TOWN, OTHER_TOWN}
    assert await at(world, BACK) is None
    assert [await names(world, each) for each in (both, theirs)] == [["Harbour"], ["Harbour"]]


# -- what is wrong with a place


async def test_what_breaks_is_news_once_and_so_is_what_mends(world: World) -> None:
    desk = world.community.desk
    assert desk is not None
    async with world.house.store.transaction() as tx:

        async def note(*broken: str, name: str | None = None) -> tuple[bool, Spot | None]:
            news = await communities.set_broken(tx, world.community.id, desk, broken, name=name)
            return news, (await communities.load(tx, world.community.id)).desk

        assert await note() == (False, desk)
        assert await note(OFF, GONE) == (True, replace(desk, broken=(OFF, GONE)))
        assert await note(OFF, GONE) == (False, replace(desk, broken=(OFF, GONE)))
        assert await note(REMOVED) == (True, replace(desk, broken=(REMOVED,)))
        assert await note(name="#renamed") == (True, replace(desk, name="#renamed"))
        assert await note(name="#again") == (False, replace(desk, name="#again"))
        assert await note() == (False, replace(desk, name="#again"))
        posts = (await communities.load(tx, world.community.id)).posts
    assert posts == world.community.posts


WELL, ILL = Look(HOME, "#desk", "Harbour"), Look(HOME, "#desk", "Harbour", (OFF,))


@pytest.mark.parametrize(
    ("known", "now", "refused", "anew", "wrong"),
    [
        # What was looked at: it is there and well, it lacks a switch, it is gone, nobody can tell.
        ((), WELL, False, True, ()),
        ((), ILL, False, True, (OFF,)),
        ((), Gone(), False, True, (GONE,)),
        ((), None, False, True, None),
        # The same where something has just been refused: a switch that is off says more than the refusal.
        ((), WELL, True, True, (REFUSED,)),
        ((), WELL, True, False, (REFUSED,)),
        ((), ILL, True, True, (OFF,)),
        ((), Gone(), True, True, (GONE,)),
        ((), None, True, True, None),
        # What was wrong is mended when it looks well.
        ((OFF,), WELL, False, False, ()),
        ((OFF,), None, False, True, None),
        ((GONE,), WELL, False, False, ()),
        ((REMOVED,), WELL, False, False, ()),
        ((REMOVED,), Gone(), False, True, (GONE,)),
        # A refusal that no look explains stays until there is a reason to think that it is over.
        ((REFUSED,), WELL, False, False, None),
        ((REFUSED,), WELL, False, True, ()),
        ((REFUSED,), WELL, True, True, (REFUSED,)),
        ((REFUSED,), ILL, False, False, (OFF,)),
        ((REFUSED,), Gone(), False, False, (GONE,)),
        ((REFUSED,), None, False, True, None),
    ],
)
def test_what_is_wrong_follows_from_what_was_known_and_is_seen(
    known: tuple[str, ...], now: Look | Gone | None, refused: bool, anew: bool, wrong: tuple[str, ...] | None
) -> None:
    spot = Spot(Purpose.DESK, DESK, HOME, broken=known)
    assert what_is_wrong(spot, now, refused=refused, anew=anew) == wrong


@pytest.mark.parametrize(
    ("known", "now", "anew", "wrong"),
    [
        (GONE, WELL, False, None),
        (GONE, WELL, True, ()),
        (GONE, ILL, False, (OFF,)),
        (GONE, Gone(), False, (GONE,)),
        (OFF, WELL, False, ()),
        (REMOVED, WELL, False, ()),
    ],
)
def test_a_thread_that_is_gone_may_look_well_to_its_channel(
    known: str, now: Look | Gone, anew: bool, wrong: tuple[str, ...] | None
) -> None:
    spot = Spot(Purpose.DESK, replace(DESK, thread="7"), HOME, broken=(known,))
    assert what_is_wrong(spot, now, anew=anew) == wrong


def test_everything_that_may_be_wrong_has_its_words(texts: Texts) -> None:
    for wrong in (GONE, REMOVED, REFUSED, OFF):
        assert texts.has("core", wrong_key(wrong))
    for purpose in Purpose:
        assert texts.has("core", f"broken-{purpose}")
        assert texts.has("core", f"mended-{purpose}")


# -- who answers for it, and who coaches


async def test_who_set_a_community_up_is_known_by_name_to_the_key_alone(world: World) -> None:
    vault, ann, kim = world.house.vault, Account("test", "ann-zuzu", "Ann", "fr"), Account("other", "kim")
    other = await world.another()
    async with world.house.store.transaction() as tx:
        assert await communities.steward(tx, world.community.id) is None
        await communities.set_steward(tx, vault, world.community.id, kim)
        await communities.set_steward(tx, vault, world.community.id, ann)
        await communities.set_steward(tx, vault, other.id, ann)
        assert await communities.steward(tx, world.community.id) == Account("test", "ann-zuzu", "", "fr")
        found = await tx.rows(
            communities.stewards, communities.stewards.c.lookup == communities.steward_key(vault, ann)
        )
    assert {row["community"] for row in found} == {world.community.id, other.id}
    assert b"ann-zuzu" not in b"".join(file.read_bytes() for file in world.path.parent.glob("unsent*"))


async def test_a_coach_is_named_in_one_community_and_no_other(world: World) -> None:
    vault, zuzu = world.house.vault, Account("test", "zuzu-coach")
    other = await world.another()
    async with world.house.store.transaction() as tx:

        async def named() -> list[bool]:
            theirs = (world.community.id, other.id)
            return [await communities.is_named(tx, vault, each, zuzu) for each in theirs]

        assert await communities.name_coach(tx, vault, other.id, zuzu, coach=True)
        assert not await communities.name_coach(tx, vault, other.id, zuzu, coach=True)
        assert await named() == [False, True]
        assert not await communities.is_named(tx, vault, other.id, replace(zuzu, platform="other"))
        assert await communities.count_coaches(tx, other.id) == 3
        assert await communities.count_coaches(tx, world.community.id) == 2
        keys = await communities.coach_keys(tx, vault, zuzu)
        assert sorted(keys) == sorted(communities.coach_key(vault, each.id, zuzu) for each in (world.community, other))
    assert b"zuzu-coach" not in b"".join(file.read_bytes() for file in world.path.parent.glob("unsent*"))
    async with world.house.store.transaction() as tx:
        assert not await communities.name_coach(tx, vault, world.community.id, zuzu, coach=False)
        assert await communities.name_coach(tx, vault, other.id, zuzu, coach=False)
        assert await named() == [False, False]


# -- any order of all this


SERVERS = [Server("test", f"s{number}") for number in range(4)] + [Server("other", "s0"), Server("other", "g")]
WHO = range(2)
WHICH = st.integers(0, 3)
SERVER = st.sampled_from(SERVERS)
DOES = st.one_of(
    st.tuples(st.just("create"), SERVER),
    st.tuples(st.just("enter"), st.sampled_from(WHO), WHICH),
    st.tuples(st.just("leave"), st.sampled_from(WHO), SERVER, SERVER),
    st.tuples(st.just("halt"), WHICH, st.booleans()),
    st.tuples(st.just("merge"), WHICH, WHICH),
    st.tuples(st.just("home"), WHICH, SERVER),
    st.tuples(st.just("place"), WHICH, st.sampled_from(Purpose), SERVER, st.sampled_from(["a", "b"])),
    st.tuples(st.just("clear"), WHICH, st.sampled_from(Purpose), st.none() | SERVER),
)


@dataclass
class Plain:
    """What ought to be: communities in the order they were made, each server's community, and so on."""

    order: list[str] = field(default_factory=list[str])
    halted: set[str] = field(default_factory=set[str])
    homes: dict[Server, tuple[str, bool]] = field(default_factory=dict[Server, tuple[str, bool]])
    places: set[tuple[str, Purpose, Server, str]] = field(default_factory=set[tuple[str, Purpose, Server, str]])
    members: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])

    def owner(self, server: Server, otherwise: str) -> str:
        """The community of a server, or `otherwise` where it has none."""
        return self.homes.get(server, (otherwise, False))[0]

    def joined(self, community: str) -> set[Server]:
        """The servers that people join a community from."""
        return {server for server, home in self.homes.items() if home == (community, True)}

    def clear(self, community: str, purpose: Purpose, server: Server | None) -> None:
        """Take a place away, and a server of coaches alone that is not needed any more."""
        self.places -= {each for each in self.places if each[:2] == (community, purpose) and server in (None, each[2])}
        used = {key[2] for key in self.places if key[0] == community}
        self.homes = {
            each: home for each, home in self.homes.items() if home[0] != community or home[1] or each in used
        }

    def merge(self, old: str, new: str) -> None:
        """Make one of two."""
        self.members |= {(who, new) for who, where in self.members if where == old}
        self.places |= {
            (new, purpose, server, channel)
            for where, purpose, server, channel in self.places
            if where == old and purpose is Purpose.POSTS
        }
        posted = {server for where, purpose, server, _ in self.places if where == old and purpose is Purpose.POSTS}
        self.homes = {
            server: (new if where == old else where, joined_here)
            for server, (where, joined_here) in self.homes.items()
            if where != old or joined_here or server in posted
        }
        self.places = {each for each in self.places if each[0] != old}
        self.members = {each for each in self.members if each[1] != old}
        self.order.remove(old)
        self.halted.discard(old)


@settings(max_examples=30, deadline=None)
@given(st.lists(DOES, min_size=1, max_size=20))
async def test_any_order_of_events_keeps_servers_places_and_members_apart(events: list[tuple[object, ...]]) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder), texts=TEXTS) as world:
            async with world.house.store.transaction() as tx:
                await tx.delete(communities.communities)
            plain, ids = Plain(), [await member(world, f"m{number}") for number in WHO]
            for server in SERVERS[:2]:
                await does(world, plain, ids, "create", server)
            for event in events:
                await does(world, plain, ids, *event)
                await agrees(world, plain, ids)


async def does(world: World, plain: Plain, ids: list[str], *event: object) -> None:
    """Let something happen, in the database and in the plain model; what would take another's server is refused."""
    known = [plain.order[each % len(plain.order)] for each in event if type(each) is int and plain.order]
    async with world.house.store.transaction() as tx:
        match event:
            case ("create", Server() as server):
                async with refused(tx, server in plain.homes):
                    new = await communities.create(tx, server, name="", locale="en")
                    plain.order.append(new.id)
                    plain.homes[server] = (new.id, True)
            case ("enter", int() as who, int()):
                news = await communities.enter(tx, ids[who], known[1], NOON)
                assert news is ((who, known[1]) not in plain.members)
                plain.members.add((who, known[1]))
            case ("leave", int() as who, Server() as server, Server() as other):
                await communities.leave(tx, ids[who], server, [other])
                community, joined_here = plain.homes.get(server, ("", False))
                if joined_here and other not in plain.joined(community):
                    plain.members.discard((who, community))
            case ("halt", int(), bool() as halted):
                news = await communities.halt(tx, known[0], halted=halted)
                assert news is ((known[0] in plain.halted) is not halted)
                (plain.halted.add if halted else plain.halted.discard)(known[0])
            case ("merge", int(), int()) if known[0] != known[1]:
                old, into = [await communities.load(tx, each) for each in known]
                await communities.merge(tx, old, into)
                plain.merge(old.id, into.id)
            case ("home", int(), Server() as server):
                async with refused(tx, plain.owner(server, known[0]) != known[0]):
                    await communities.add_home(tx, known[0], server)
                    plain.homes[server] = (known[0], True)
            case ("place", int(), Purpose() as purpose, Server() as server, str() as channel):
                async with refused(tx, plain.owner(server, known[0]) != known[0]):
                    community = await communities.load(tx, known[0])
                    where = Place(server.platform, channel)
                    key = channel if purpose is Purpose.POSTS else None
                    await communities.set_place(tx, community, purpose, where, server, name="", key=key)
                    if purpose is Purpose.DESK:
                        plain.clear(known[0], purpose, server)
                    plain.homes.setdefault(server, (known[0], False))
                    plain.places.add((known[0], purpose, server, channel))
            case ("clear", int(), Purpose() as purpose, (None | Server()) as where):
                await communities.clear_place(tx, await communities.load(tx, known[0]), purpose, where)
                plain.clear(known[0], purpose, where)
            case _:
                assert event[0] == "merge"  # of one with itself


@asynccontextmanager
async def refused(tx: Tx, refuses: bool) -> AsyncGenerator[None]:
    """See that what is done inside is refused and undone, or that it is not."""
    with pytest.raises(ValueError, match="another community") if refuses else nullcontext():
        async with tx.savepoint():
            yield


async def agrees(world: World, plain: Plain, ids: list[str]) -> None:
    """See that the database says what the plain model does."""
    async with world.house.store.reading() as tx:
        homes = {
            Server(row["platform"], row["server"]): (row["community"], row["joined_here"])
            for row in await tx.rows(communities.homes)
        }
        places = {
            (row["community"], Purpose(row["purpose"]), Server(row["platform"], row["server"]), row["channel"])
            for row in await tx.rows(communities.places)
        }
        memberships = {(ids.index(row["member"]), row["community"]) for row in await tx.rows(communities.memberships)}
        assert homes == plain.homes
        assert places == plain.places
        assert memberships == plain.members
        assert {(community, server) for community, _, server, _ in places} <= {
            (community, server) for server, (community, _) in homes.items()
        }
        for server in SERVERS:
            found = await communities.at(tx, server)
            assert (found.id if found else None) == plain.homes.get(server, (None,))[0]
        for who, id in enumerate(ids):
            theirs = {community for each, community in plain.members if each == who}
            assert await communities.is_halted_for(tx, id) is bool(theirs and theirs <= plain.halted)
            assert {each.id for each in await communities.of(tx, id)} == theirs
        for community in plain.order:
            halted = set((await tx.execute(communities.halted_with(community))).scalars())
            theirs = {who: {where for each, where in plain.members if each == who} for who in WHO}
            assert halted == {ids[who] for who, where in theirs.items() if community in where <= plain.halted}


TEXTS = the_texts()
