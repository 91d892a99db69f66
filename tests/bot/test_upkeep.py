"""What breaks at the communities' places, and mends: seen, told once to who set it up, and taken up again."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import communities, people
from bot.adapter import Gone, Look, Moved, Outcome, Refused, Send, Unreachable
from bot.communities import GONE, REFUSED, REMOVED, Community, Purpose
from bot.model import Account, Happening, Place, Reply, Role, Server
from bot.outbox import Lane, Outbox, outbox
from bot.upkeep import LOOK_AGAIN
from tests.harness import DESK, ELSEWHERE, HOME, OTHER_DESK, OTHER_TOWN, TOWN, Person, World

ANN = Account("test", "ann", "Ann", "en")
SEND = "switch-discord-send_messages"
FILES = "switch-discord-attach_files"
LAST = "Everything else goes on. Once it is mended I go on by myself; /setup there shows how it stands."


@pytest.fixture
async def ann(world: World) -> Person:
    """Who set the community up, and is told when something of it breaks."""
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, ANN)
    return world.person("ann")


async def happens(world: World, kind: Any, **about: Any) -> None:
    """Let the platform tell of something, and what follows be said."""
    await world.dispatch.happened(Happening(kind, **about))
    await world.settle()


async def broken(world: World, community: Community | None = None) -> dict[Place, tuple[str, ...]]:
    """What is wrong at each place of a community's that is broken."""
    async with world.house.store.reading() as tx:
        known = await communities.load(tx, (community or world.community).id)
    return {spot.place: spot.broken for spot in known.spots if spot.broken}


async def belongs(world: World, person: Person) -> list[str]:
    """The names of the communities that somebody belongs to."""
    async with world.house.store.reading() as tx:
        return [each.name for each in await communities.of(tx, await member_id(world, person))]


async def member_id(world: World, person: Person) -> str:
    """The id of somebody who is a member."""
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, person.account)
    assert member is not None
    return member.id


async def send(world: World, text: str, place: Place = DESK, lane: Lane = Lane.DESK, **rest: Any) -> None:
    """Write what is to be said at a place, under its own text as its name."""
    async with world.house.store.transaction() as tx:
        await Outbox(tx, world.clock.now()).send(place, Reply(text), name=text, lane=lane, **rest)


def texts(world: World, place: Place = DESK) -> list[str]:
    """What stands at a place."""
    return [reply.text for reply in world.platform.at(place)]


def refuses(world: World, place: Place, outcome: Outcome) -> list[Outcome]:
    """Have the platform answer that to everything said at `place`, until the list that is returned is empty."""
    deliver, answers = world.platform.deliver, [outcome]

    async def delivering(what: Any) -> Outcome:
        if answers and isinstance(what, Send) and what.place == place:
            return answers[0]
        return await deliver(what)

    world.platform.deliver = delivering
    return answers


def looks(world: World) -> list[Place | Server]:
    """Note every look at a place."""
    look, seen = world.platform.look, list[Place | Server]()

    async def looking(at: Place | Server, needs: Any) -> Look | Gone | None:
        seen.append(at)
        return await look(at, needs)

    world.platform.look = looking
    return seen


# -- what a platform tells of places


async def test_a_switch_that_goes_off_is_named_once_in_private_to_who_set_it_up(world: World, ann: Person) -> None:
    world.platform.missing[DESK] = (SEND, FILES)
    for _ in range(3):
        await happens(world, "changed", server=HOME)
    assert await broken(world) == {DESK: (SEND, FILES)}
    assert ann.reads() == [
        "A note about Harbour.\n\n"
        "I can't write to the coaches' desk, #desk, any more:\n"
        "• Send Messages\n"
        "• Attach Files\n"
        "Questions that are on their way wait for up to a day, and no new ones are taken.\n\n"
        f"{LAST}"
    ]
    assert set(world.platform.said) == {ANN.private}


async def test_another_switch_that_goes_off_is_noted_and_tells_nothing_new(world: World, ann: Person) -> None:
    for missing in ((SEND,), (SEND, FILES), (FILES,)):
        world.platform.missing[TOWN] = missing
        await happens(world, "changed", server=HOME)
        assert await broken(world) == {TOWN: missing}
    assert len(ann.reads()) == 1


async def test_what_is_mended_is_told_once_and_what_waited_goes_out_at_once(world: World, ann: Person) -> None:
    refusing = refuses(world, DESK, Refused("50013", here=True))
    world.platform.missing[DESK] = (SEND,)
    await send(world, "waits")
    await world.settle()
    assert len(ann.reads()) == 1
    refusing.clear()
    world.platform.missing.clear()
    for _ in range(2):
        await happens(world, "changed", server=HOME)
    assert texts(world) == ["waits"]
    assert await broken(world) == {}
    assert ann.reads()[1:] == [
        "A note about Harbour.\n\nThe coaches' desk, #desk, works again. What still waited goes out now."
    ]


async def test_what_breaks_and_mends_at_one_look_is_told_in_one_message(world: World, ann: Person) -> None:
    world.platform.missing[DESK] = (SEND,)
    await happens(world, "changed", server=HOME)
    world.platform.missing = {TOWN: (FILES,)}
    await happens(world, "changed", server=HOME)
    assert ann.reads()[1:] == [
        "A note about Harbour.\n\n"
        "The coaches' desk, #desk, works again. What still waited goes out now.\n\n"
        "I can't post in #town any more:\n• Attach Files\n\n"
        f"{LAST}"
    ]


async def test_a_bot_that_was_taken_out_can_go_nowhere_there_and_says_so_once(world: World, ann: Person) -> None:
    other = await world.another()
    for _ in range(2):
        await happens(world, "removed", server=HOME)
    assert await broken(world) == {DESK: (REMOVED,), TOWN: (REMOVED,)}
    assert await broken(world, other) == {}
    (told,) = ann.reads()
    assert told.count("• I was taken out of there. Let me in again.") == 2
    await happens(world, "changed", server=HOME)  # let in again
    assert await broken(world) == {}
    assert len(ann.reads()) == 2


async def test_a_place_that_is_gone_is_told_of_and_the_rest_goes_on(world: World, ann: Person) -> None:
    for _ in range(2):
        await happens(world, "gone", place=TOWN)
    assert await broken(world) == {TOWN: (GONE,)}
    (told,) = ann.reads()
    assert "I can't post in #town any more:\n• It was deleted, or I can't see it any more." in told
    await send(world, "a question")
    await world.settle()
    assert texts(world) == ["a question"]


async def test_a_topic_that_is_gone_breaks_what_is_in_it_alone(world: World, ann: Person) -> None:
    topic = replace(DESK, thread="7")
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.DESK, topic, HOME, name="Coaches")
    await happens(world, "gone", place=replace(DESK, thread="8"))
    assert await broken(world) == {}
    await happens(world, "gone", place=topic)
    await world.moves(minutes=15)
    await world.scheduler.tidy()  # its group looks well
    assert await broken(world) == {topic: (GONE,)}
    await send(world, "arrives", topic)
    await world.settle()
    assert await broken(world) == {}
    assert len(ann.reads()) == 2


async def test_a_group_with_another_id_is_followed_and_looked_at(world: World, ann: Person) -> None:
    old, new = Server("test", "-5"), Server("test", "-1005")
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, old)
        known = await communities.load(tx, world.community.id)
        await communities.set_place(tx, known, Purpose.POSTS, Place("test", "-5"), old, name="Group")
    world.platform.missing[Place("test", "-1005")] = (SEND,)
    for _ in range(2):
        await happens(world, "moved", server=old, now=new)
    assert await broken(world) == {Place("test", "-1005"): (SEND,)}
    async with world.house.store.reading() as tx:
        assert set((await communities.load(tx, world.community.id)).homes) == {HOME, new}
    assert len(ann.reads()) == 1


async def test_a_platform_that_is_silent_changes_nothing(world: World, ann: Person) -> None:
    world.platform.silent = True
    await happens(world, "changed", server=HOME)
    assert await broken(world) == {}
    world.platform.silent = False
    await happens(world, "gone", place=TOWN)
    world.platform.silent = True
    await happens(world, "changed", server=HOME)
    assert await broken(world) == {TOWN: (GONE,)}
    assert len(ann.reads()) == 1


async def test_where_nobody_is_to_be_told_it_is_noted_all_the_same(world: World) -> None:
    await happens(world, "removed", server=HOME)
    assert set(await broken(world)) == {DESK, TOWN}
    assert world.platform.delivered == []


async def test_what_happens_elsewhere_is_nothing_to_us(world: World, ann: Person) -> None:
    nowhere = Server("test", "nowhere")
    eve = Account("test", "eve")
    for kind, about in (
        ("removed", {"server": nowhere}),
        ("changed", {"server": nowhere}),
        ("gone", {"place": Place("test", "nowhere")}),
        ("gone", {"place": replace(DESK, platform="other")}),
        ("moved", {"server": nowhere, "now": Server("test", "nowhere-else")}),
        ("left", {"account": eve, "server": HOME}),
        ("left", {"account": eve, "server": nowhere}),
        ("blocked", {"account": eve}),
        ("gone", {}),  # an adapter that left out what it is about
    ):
        await happens(world, kind, **about)
    assert await broken(world) == {}
    assert world.platform.delivered == []


async def test_a_fault_of_ours_is_logged_without_a_name_and_goes_no_further(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(at: Place | Server, needs: Any) -> Look | Gone | None:
        raise RuntimeError("MARKED")

    world.platform.look = fails
    await world.dispatch.happened(Happening("changed", server=HOME))
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert (record.message, record.outcome, record.error) == ("happening-failed", "changed", "RuntimeError")  # pyright: ignore


# -- what a delivery tells


async def test_a_refusal_that_no_look_explains_stays_until_something_arrives(world: World, ann: Person) -> None:
    refusing = refuses(world, DESK, Refused("50013", here=True))
    await send(world, "waits")
    await world.settle()
    assert await broken(world) == {DESK: (REFUSED,)}
    assert "• The platform refuses, and doesn't say why." in ann.reads()[0]
    for _ in range(3):
        await world.moves(minutes=15)
        await world.scheduler.tidy()  # it looks well, as it did
    await send(world, "another place is refused", TOWN, Lane.POST)
    world.platform.missing[TOWN] = (SEND,)
    await world.settle()
    assert await broken(world) == {DESK: (REFUSED,)}
    refusing.clear()
    await world.moves(minutes=15)
    assert texts(world) == ["waits"]
    assert await broken(world) == {}
    assert len(ann.reads()) == 2


async def test_a_refusal_that_no_look_explains_is_over_when_the_platform_tells_of_a_change(
    world: World, ann: Person
) -> None:
    refusing = refuses(world, DESK, Refused("50013", here=True))
    await send(world, "waits")
    await world.settle()
    refusing.clear()
    await happens(world, "changed", server=HOME)
    assert texts(world) == ["waits"]
    assert await broken(world) == {}
    assert len(ann.reads()) == 2


async def test_a_refusal_at_one_place_mends_no_other_that_looks_well(world: World, ann: Person) -> None:
    await send(world, "waits")
    refusing = [refuses(world, place, Refused("50013", here=True)) for place in (DESK, TOWN)]
    await world.settle()
    await send(world, "waits too", TOWN, Lane.POST)
    await world.settle()
    assert await broken(world) == {DESK: (REFUSED,), TOWN: (REFUSED,)}
    assert len(ann.reads()) == 2
    for each in refusing:
        each.clear()
    await world.moves(minutes=15)
    assert await broken(world) == {}


async def test_a_refusal_while_the_platform_is_silent_is_noted_once_it_speaks(world: World, ann: Person) -> None:
    world.platform.silent = True
    refuses(world, TOWN, Gone())
    await send(world, "waits", TOWN, Lane.POST)
    await world.settle()
    assert await broken(world) == {}
    assert ann.reads() == []
    world.platform.silent = False
    await world.moves(minutes=15)
    assert await broken(world) == {TOWN: (REFUSED,)}


async def test_what_arrives_though_a_switch_is_off_mends_nothing(world: World, ann: Person) -> None:
    world.platform.missing[TOWN] = (FILES,)
    await happens(world, "changed", server=HOME)
    await send(world, "words alone", TOWN, Lane.POST)
    await world.settle()
    assert texts(world, TOWN) == ["words alone"]
    assert await broken(world) == {TOWN: (FILES,)}
    assert len(ann.reads()) == 1


async def test_what_arrives_mends_its_own_place_alone(world: World, ann: Person) -> None:
    other = await world.another()
    for server in (HOME, ELSEWHERE):
        await happens(world, "removed", server=server)
    await send(world, "arrives", TOWN, Lane.POST)
    await world.settle()
    assert set(await broken(world)) == {DESK}
    assert set(await broken(world, other)) == {OTHER_DESK, OTHER_TOWN}
    assert ann.reads()[1:] == ["A note about Harbour.\n\nPosting in #town works again."]


async def test_a_place_that_moved_under_a_delivery_is_no_longer_looked_for_where_it_was(world: World) -> None:
    old, new = Server("test", "-5"), Server("test", "-1005")
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, old)
        known = await communities.load(tx, world.community.id)
        await communities.set_place(tx, known, Purpose.POSTS, Place("test", "-5"), old, name="Group")
    refuses(world, Place("test", "-5"), Moved(Place("test", "-1005")))
    await send(world, "one", Place("test", "-5"), Lane.POST)
    await world.settle()
    assert texts(world, Place("test", "-1005")) == ["one"]
    async with world.house.store.reading() as tx:
        assert await communities.spots_at(tx, old) == []
        assert [spot.place for _, spot in await communities.spots_at(tx, new)] == [Place("test", "-1005")]


# -- looking again


async def test_what_is_broken_is_looked_at_every_quarter_of_an_hour_and_nothing_else_is(
    world: World, ann: Person
) -> None:
    other = await world.another()
    seen = looks(world)
    await world.scheduler.tidy()
    assert seen == []
    world.platform.missing[DESK] = (SEND,)
    await happens(world, "changed", server=HOME)
    seen.clear()
    for _ in range(3):
        await world.scheduler.tidy()
    assert seen == []
    world.clock.move(LOOK_AGAIN - timedelta(seconds=1))
    await world.scheduler.tidy()
    assert seen == []
    world.clock.move(timedelta(seconds=1))
    for _ in range(3):
        await world.scheduler.tidy()
    assert DESK in seen
    assert not {spot.place for spot in other.spots} & {*seen}
    assert len(seen) == len(set(seen))
    world.platform.missing.clear()
    world.clock.move(LOOK_AGAIN)
    await world.scheduler.tidy()
    await world.settle()
    assert await broken(world) == {}
    assert len(ann.reads()) == 2


# -- who has left


async def test_who_leaves_belongs_to_it_no_more_and_keeps_what_is_theirs(world: World) -> None:
    other = await world.another()
    ada = await world.member("ada", of=(world.community, other))
    bob = await world.member("bob")
    await happens(world, "left", account=ada.account, server=HOME)
    assert await belongs(world, ada) == ["Elsewhere"]
    assert await belongs(world, bob) == ["Harbour"]
    assert (await ada.says("/streak")).text.startswith("Day 5.")


@pytest.mark.parametrize(
    ("roles", "stays"),
    [({Role.ANYONE, Role.MEMBER}, True), (set[Role](), True), ({Role.ANYONE}, False)],
    ids=["is there", "cannot be told", "is not there"],
)
async def test_who_leaves_one_of_its_servers_stays_unless_the_others_clearly_say_no(
    world: World, roles: set[Role], stays: bool
) -> None:
    ada = await world.member("ada")
    async with world.house.store.transaction() as tx:
        await communities.add_home(tx, world.community.id, ELSEWHERE)
        await communities.add_home(tx, world.community.id, Server("other", "group"))  # on a platform that is off

    async def authority(account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        assert (account, at) == (ada.account, ELSEWHERE)
        return frozenset(roles)

    world.platform.authority = authority
    await happens(world, "left", account=ada.account, server=HOME)
    assert await belongs(world, ada) == (["Harbour"] if stays else [])


async def test_who_leaves_the_coaches_own_server_is_still_a_member(world: World) -> None:
    ada = await world.member("ada")
    back = Server("test", "back-room")
    async with world.house.store.transaction() as tx:
        where = Place("test", "back-desk")
        await communities.set_place(tx, world.community, Purpose.DESK, where, back, name="#back")
    await happens(world, "left", account=ada.account, server=back)
    assert await belongs(world, ada) == ["Harbour"]


@pytest.mark.parametrize(
    ("silent", "left", "stay"),
    [
        (False, {HOME, ELSEWHERE}, []),
        (False, {HOME}, ["Elsewhere"]),
        (False, set[Server](), ["Elsewhere", "Harbour"]),
        (True, {HOME, ELSEWHERE}, ["Elsewhere", "Harbour"]),
    ],
    ids=["left both", "left one", "blocked", "nobody can tell"],
)
async def test_who_cannot_be_reached_is_looked_for_and_only_a_clear_answer_counts(
    world: World, silent: bool, left: set[Server], stay: list[str]
) -> None:
    ada = await world.member("ada", of=(world.community, await world.another()))
    world.platform.silent = silent
    world.platform.left = {("ada", server) for server in left}
    refuses(world, ada.account.private, Unreachable())
    await send(world, "one", ada.account.private, Lane.DROP, member=await member_id(world, ada))
    await world.settle()
    assert await belongs(world, ada) == stay


async def test_who_can_be_reached_is_looked_for_nowhere(world: World) -> None:
    ada = await world.member("ada")
    world.platform.left = {("ada", HOME)}
    await send(world, "one", ada.account.private, Lane.DROP, member=await member_id(world, ada))
    await world.settle()
    assert ada.reads() == ["one"]
    assert await belongs(world, ada) == ["Harbour"]


async def test_an_answer_that_cannot_be_given_does_not_show_who_asked_by_their_leaving(world: World) -> None:
    ada = await world.member("ada")
    world.platform.left = {("ada", HOME)}
    refuses(world, ada.account.private, Unreachable())
    await send(world, "one", ada.account.private, Lane.ANSWER)
    await world.settle()
    assert await belongs(world, ada) == ["Harbour"]


WARNED = "warned-discord-opened_too_many"


async def test_what_a_platform_finds_fault_with_is_told_once_a_day_to_whoever_set_communities_up_there(
    world: World, ann: Person
) -> None:
    async with world.house.store.transaction() as tx:
        vault, other = world.house.vault, await communities.create(tx, Server("other", "o"), name="Other", locale="en")
        await communities.set_steward(tx, vault, other.id, Account("other", "bob"))
        here = await communities.create(tx, Server("test", "second"), name="Second", locale="en")
        await communities.set_steward(tx, vault, here.id, ANN)
    await happens(world, "warned", platform="test", why=WARNED)
    (told,) = ann.reads()
    assert f"Please tell {world.house.operator}, who runs me." in told
    world.clock.move(timedelta(hours=23))
    await happens(world, "warned", platform="test", why=WARNED)
    await happens(world, "warned", platform="elsewhere", why="warned-discord-flagged")
    assert ann.reads() == [told]
    world.clock.move(timedelta(hours=1))
    await happens(world, "warned", platform="test", why=WARNED)
    assert ann.reads() == [told, told]
    async with world.house.store.reading() as tx:
        assert await tx.rows(outbox) == []  # nothing is to be said on the other platform either
