"""Joining a group to a community elsewhere: one makes a code, the other enters it, the first one says yes."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import communities
from bot.codes import LENGTH, LETTERS
from bot.communities import Community
from bot.due import due
from bot.model import Account, Call, Form, Place, Reply, Server
from cogs import faq, posts, snippets
from cogs.community_link import VALID, links
from cogs.questions import block, blocks
from cogs.questions.blocking import UNBLOCK
from cogs.questions.tallies import PRUNE, tallies
from tests.harness import COACHES, DESK, HOME, TOWN, Person, World
from tests.seed import set_up
from tests.zipped import kept

GROUP = Server("test", "group")
GROUP_CHAT = Place("test", "group-chat")
GROUP_DESK = Place("test", "group-desk")
GONE = "That code isn't good any more, or it was never made."


@pytest.fixture
def ann(world: World) -> Person:
    """Someone who runs the first community."""
    world.platform.owners["ann"] = HOME
    return world.person("ann", TOWN)


@pytest.fixture
def gus(world: World) -> Person:
    """Someone who runs a group."""
    world.platform.servers |= {"group-chat": GROUP, "group-desk": GROUP}
    world.platform.owners["gus"] = GROUP
    return world.person("gus", GROUP_CHAT)


async def made(ann: Person) -> str:
    """Make a code; return it."""
    await ann.says("/community_link")
    await ann.taps("Make a code")
    return ann.seen.text.split()[0]


async def entered(gus: Person, code: str) -> Reply:
    """Enter a code; return what it would do."""
    await gus.says("/community_link")
    await gus.opens("I have a code")
    return await gus.fills(code=code)


async def asked(ann: Person, gus: Person) -> None:
    """Make a code, enter it, and have the first side asked."""
    await entered(gus, await made(ann))
    await gus.taps("Yes, ask them")
    await ann.says("/community_link")


async def own_community(world: World) -> Community:
    """The group has a community of its own, whose coaches sit in it."""
    async with world.house.store.transaction() as tx:
        return await set_up(
            tx,
            world.house.vault,
            GROUP,
            name="Shore",
            coaches=COACHES,
            desk=GROUP_DESK,
            posts=GROUP_CHAT,
            posts_hour=18,
        )


async def at(world: World, server: Server) -> Community | None:
    """Return the community of a server."""
    async with world.house.store.reading() as tx:
        return await communities.at(tx, server)


async def rows(world: World) -> list[dict[str, object]]:
    """Return what is kept of codes, unsealed and whole."""
    async with world.house.store.reading() as tx:
        return [tx.unseal(links, row) for row in (await tx.execute(select(links))).mappings()]


async def test_the_way_itself(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    seen = await gus.says("/community_link")
    assert "this group becomes part of that community" in seen.text
    assert gus.labels == ["I have a code"]
    seen = await entered(gus, code)
    assert 'This makes the group part of "Harbour". Ann (ann@example.org) answers for that.' in seen.text
    await gus.taps("Yes, ask them")
    assert 'Whoever runs "Harbour" has an hour to say yes; /setup here shows when they have.' in gus.seen.text
    assert await at(world, GROUP) is None
    seen = await ann.says("/community_link")
    assert 'The group "Group" asks to become part of "Harbour"' in seen.text
    await ann.taps("Join them")
    assert '"Group" is part of "Harbour" now.' in ann.seen.text
    joined = await at(world, GROUP)
    assert joined is not None
    assert (joined.id, set(joined.homes)) == (world.community.id, {HOME, GROUP})
    assert await rows(world) == []
    assert "Ann (ann@example.org) runs this." in (await world.person("eve", GROUP_CHAT).says("/join")).text


async def test_they_share_a_desk_then(world: World, ann: Person, gus: Person) -> None:
    await asked(ann, gus)
    await ann.taps("Join them")
    eve, rowan = world.person("eve", GROUP_CHAT), world.person("rowan", DESK)
    await eve.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await eve.taps(label)
    await eve.says("/ask Is it me?")
    await eve.taps("Send")
    await world.settle()
    assert "Is it me?" in rowan.reads(rowan.place)[-1]


async def test_a_community_that_joins_brings_what_it_published_and_its_passages(
    world: World, ann: Person, gus: Person
) -> None:
    shore = await own_community(world)
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        await faq.publish(work, shore, "Whose is the dog?", "It may stay where it is.", None)
        passage = {"title": "A dog", "text": "It may stay where it is."}
        await tx.insert(snippets.passages, id="0" * 16, community=shore.id, passage=passage)
    await asked(ann, gus)
    await ann.taps("Join them")
    for _ in range(49):
        await world.moves(hours=1)
    assert "Whose is the dog?" in (await world.person("eve", TOWN).says("/faq dog")).text
    await (rowan := world.person("rowan", DESK)).says("/snippets")
    assert (await rowan.chooses("0" * 16)).text.startswith("A dog")


async def test_who_is_responsible_is_asked_in_private_and_answers_there(world: World, ann: Person, gus: Person) -> None:
    async with world.house.store.transaction() as tx:
        await communities.set_steward(tx, world.house.vault, world.community.id, ann.account)
    await entered(gus, await made(ann))
    await gus.taps("Yes, ask them")
    await world.settle()
    (text,) = ann.reads()
    assert text.startswith("There is a request.")
    ann.place = ann.account.private
    await ann.taps("Join them")
    assert await at(world, GROUP) is not None


async def test_both_sides_can_do_it_without_modals(world: World, ann: Person, gus: Person) -> None:
    gus.modals = False
    code = await made(ann)
    await gus.says("/community_link")
    await gus.taps("I have a code")
    assert 'part of "Harbour"' in (await gus.replies(code)).text
    await gus.taps("Yes, ask them")
    await ann.says("/community_link")
    await ann.taps("Join them")
    assert await at(world, GROUP) is not None


# -- the code


async def test_a_code_is_of_letters_that_are_told_apart(world: World, ann: Person) -> None:
    codes = {await made(ann) for _ in range(20)}
    assert len(codes) == 20
    assert all(re.fullmatch(f"[{LETTERS}]{{{LENGTH}}}", code) for code in codes)
    assert not set(LETTERS) & set("01OIAEUY")
    assert len(LETTERS) ** LENGTH > 1e11


async def test_a_code_is_not_kept_as_it_is(world: World, ann: Person) -> None:
    code = await made(ann)
    assert code not in repr(await rows(world))
    assert code.encode() not in world.path.read_bytes()


@pytest.mark.parametrize("between", ["", " ", "\u00a0"])
async def test_odd_capitals_and_spaces_are_no_matter(world: World, ann: Person, gus: Person, between: str) -> None:
    code = await made(ann)
    assert 'part of "Harbour"' in (await entered(gus, f" {between.join(code.lower())} ")).text


@pytest.mark.parametrize("code", ["BCDFGHJK", "B", "BCDF-GHJ", "AAAAAAAA", "🙂🙂🙂", "B' OR 1=1 --"])
async def test_a_wrong_code_is_told(world: World, ann: Person, gus: Person, code: str) -> None:
    await made(ann)
    assert GONE in (await entered(gus, code)).text


async def test_a_code_is_good_for_an_hour(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    world.clock.move(VALID)
    assert 'part of "Harbour"' in (await entered(gus, code)).text
    world.clock.move(timedelta(seconds=1))
    await gus.taps("Yes, ask them")
    assert GONE in gus.seen.text
    assert GONE in (await entered(gus, code)).text


async def test_a_request_is_good_until_the_code_ends(world: World, ann: Person, gus: Person) -> None:
    await asked(ann, gus)
    world.clock.move(VALID + timedelta(seconds=1))
    await ann.taps("Join them")
    assert GONE in ann.seen.text
    assert await at(world, GROUP) is None
    await ann.says("/community_link")
    assert "Make a code" in ann.labels


async def test_a_new_code_ends_the_old_one(world: World, ann: Person, gus: Person) -> None:
    first = await made(ann)
    second = await made(ann)
    assert GONE in (await entered(gus, first)).text
    assert 'part of "Harbour"' in (await entered(gus, second)).text


async def test_a_code_is_good_once(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    await entered(gus, code)
    await gus.taps("Yes, ask them")
    request = await ann.says("/community_link")
    await ann.taps("Join them")
    ann.last = request
    await ann.taps("Join them")
    assert GONE in ann.seen.text
    world.platform.owners["hal"] = world.platform.servers["far"] = Server("test", "far")
    assert GONE in (await entered(world.person("hal", Place("test", "far")), code)).text


async def test_who_is_shown_at_the_request_is_who_is_joined(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    await entered(gus, code)
    await gus.taps("Yes, ask them")
    assert "Group" in (await ann.says("/community_link")).text
    world.platform.owners["hal"] = world.platform.servers["far"] = Server("test", "far")
    hal = world.person("hal", Place("test", "far"))
    assert GONE in (await entered(hal, code)).text
    await hal.calls(Call("", hal.account, hal.place, None, "community_link.claim", ("far", code)))
    assert GONE in hal.seen.text
    await ann.taps("Join them")
    assert await at(world, GROUP) is not None
    assert await at(world, Server("test", "far")) is None


# -- who may not, and what stands in the way


async def test_a_code_for_its_own_place_is_told(world: World, ann: Person) -> None:
    code = await made(ann)
    assert "made for this very place" in (await entered(ann, code)).text


async def test_only_who_runs_a_place_may_on_either_side(world: World, ann: Person, gus: Person) -> None:
    for place in (TOWN, GROUP_CHAT):
        eve = world.person(f"eve-{place.channel}", place)
        assert "whoever runs this place" in (await eve.says("/community_link")).text
    code = await made(ann)
    confirm = await entered(gus, code)
    eve = world.person("eve", GROUP_CHAT)
    eve.last = confirm
    await eve.taps("Yes, ask them")
    assert "whoever runs this place" in eve.seen.text
    gus.last = confirm
    await gus.taps("Yes, ask them")
    request = await ann.says("/community_link")
    for who in (eve, gus):
        for label in ("Join them", "No"):
            who.last = request
            await who.taps(label)
            assert "whoever runs this place" in who.seen.text
    assert await at(world, GROUP) is None


async def test_who_runs_one_group_cannot_ask_on_behalf_of_another(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    await gus.says("/community_link")
    form = await gus.opens("I have a code")
    gus.last = Form(form.title, form.fields, form.submit, ("elsewhere",))
    assert "whoever runs this place" in (await gus.fills(code=code)).text


async def test_no_on_the_groups_side_leaves_everything(world: World, ann: Person, gus: Person) -> None:
    await entered(gus, await made(ann))
    await gus.taps("Cancel")
    assert gus.seen.text == "Everything stays as it is."
    await ann.says("/community_link")
    assert "Make a code" in ann.labels


async def test_no_on_the_other_side_voids_the_code(world: World, ann: Person, gus: Person) -> None:
    code = await made(ann)
    await entered(gus, code)
    await gus.taps("Yes, ask them")
    await ann.says("/community_link")
    await ann.taps("No")
    assert ann.seen.text == "Everything stays as it is."
    assert GONE in (await entered(gus, code)).text
    assert await at(world, GROUP) is None
    assert await rows(world) == []


async def test_a_silent_platform_is_told_of(world: World, ann: Person) -> None:
    async def silent(*_: object) -> None:
        return None

    world.platform.look = silent  # type: ignore[method-assign]
    assert "couldn't ask the platform" in (await ann.says("/community_link")).text


async def test_questions_that_wait_stand_in_the_way(world: World, ann: Person, gus: Person) -> None:
    shore = await own_community(world)
    ada, rowan = await world.member("ada", of=(shore,)), world.person("rowan", GROUP_DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    await asked(ann, gus)
    request = ann.last
    await ann.taps("Join them")
    assert "questions that wait for its own coaches" in ann.seen.text
    left = await at(world, GROUP)
    assert left is not None
    assert left.id == shore.id
    rowan.reads(GROUP_DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    ann.last = request
    await ann.taps("Join them")
    assert '"Group" is part of "Harbour" now.' in ann.seen.text
    await world.moves(seconds=61)
    assert "No." in ada.reads()[-1]


# -- a group that had a community of its own


async def test_a_community_that_becomes_part_of_another_brings_its_people_and_its_posts(
    world: World, ann: Person, gus: Person
) -> None:
    shore = await own_community(world)
    async with world.house.store.transaction() as tx:
        await posts.plan_all(world.house.work(tx))
    ada, both = await world.member("ada", of=(shore,)), await world.member("cal", of=(world.community, shore))
    await asked(ann, gus)
    await ann.taps("Join them")
    async with world.house.store.reading() as tx:
        theirs = await tx.rows(communities.memberships)
        assert await communities.at(tx, GROUP) == await communities.load(tx, world.community.id)
        with pytest.raises(LookupError):
            await communities.load(tx, shore.id)
    assert [row["community"] for row in theirs] == [world.community.id] * 2
    for who, text in ((ada, "Mine?"), (both, "Ours?")):
        await who.says(f"/ask {text}")
        await who.taps("Send")
    await world.settle()
    assert {reply.text.split()[-1] for reply in world.platform.at(DESK)} == {"Mine?", "Ours?"}
    await world.moves(hours=6)  # each at the hour that it had
    await world.moves(hours=15)
    assert [len(world.platform.at(place)) for place in (TOWN, GROUP_CHAT)] == [1, 1]


async def test_a_posts_place_that_comes_along_gets_its_post_where_there_was_none(
    world: World, ann: Person, gus: Person
) -> None:
    await own_community(world)
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, communities.Purpose.POSTS)
        await posts.plan_for(world.house.work(tx), await communities.load(tx, world.community.id))
    await asked(ann, gus)
    await ann.taps("Join them")
    await world.moves(hours=6)
    assert len(world.platform.at(GROUP_CHAT)) == 1


async def test_its_desk_and_its_coaches_are_no_more(world: World, ann: Person, gus: Person) -> None:
    await own_community(world)
    world.platform.coaches.add("pia")
    async with world.house.store.transaction() as tx:
        shore = await communities.at(tx, GROUP)
        assert shore is not None
        await communities.name_coach(tx, world.house.vault, shore.id, Account("test", "pia"), coach=True)
    pia = world.person("pia", GROUP_DESK)
    assert "signed Pine" in (await pia.says("/sign Pine")).text
    await asked(ann, gus)
    await ann.taps("Join them")
    assert "for the coaches" in (await pia.says("/sign Pine")).text
    pia.place = DESK
    assert "for the coaches" in (await pia.says("/sign Pine")).text
    assert "Pine" not in (await world.person("eve", GROUP_CHAT).says("/coaches")).text


async def test_what_was_answered_there_stays_the_askers(world: World, ann: Person, gus: Person) -> None:
    shore = await own_community(world)
    ada, rowan = await world.member("ada", of=(shore,)), world.person("rowan", GROUP_DESK)
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(GROUP_DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(hours=1)
    await ada.says("/ask A draft?")
    draft = ada.last
    await asked(ann, gus)
    await ann.taps("Join them")
    assert kept((await ada.says("/export")).files[0].data)["questions"][0]["text"] == "Is it me?"
    ada.last = draft
    await ada.taps("Send")
    await world.settle()
    assert "A draft?" in world.platform.at(DESK)[-1].text


async def answered_at(world: World, ada: Person, text: str, place: Place) -> None:
    """Ask, be answered within the hour, and say that it helped."""
    await ada.says(f"/ask {text}")
    await ada.taps("Send")
    await world.settle()
    (rowan := world.person("rowan", place)).reads(place)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)
    ada.reads()
    await ada.taps("Thank")
    await ada.taps("It helped")


async def pauses(world: World, place: Place, label: str) -> None:
    """Have a coach keep from asking whoever asked what stands there last."""
    (rowan := world.person("rowan", place)).reads(place)
    for each in ("More", "Block", label):
        await rowan.taps(each)


async def test_who_may_not_ask_there_for_a_while_may_not_ask_here_for_as_long(
    world: World, ann: Person, gus: Person
) -> None:
    shore = await own_community(world)
    ada, bob = await world.member("ada", of=(shore,)), await world.member("bob", of=(world.community, shore))
    await answered_at(world, ada, "Is it me?", GROUP_DESK)
    await pauses(world, GROUP_DESK, "30 days")
    await asked(ann, gus)
    await ann.taps("Join them")
    assert "take no questions from you" in (await ada.says("/ask Is it me?")).text
    day = re.search(r"From (.+) on you can ask", ada.seen.text)
    assert day
    assert day[1] == "Saturday, 4 April"
    exported = kept((await ada.says("/export")).files[0].data)["blocks"]
    assert exported == [{"community": world.community.id, "until": "2026-04-03T12:00:00+00:00"}]
    await bob.says("/ask Is it me?")
    assert "Send" in bob.labels
    await world.moves(days=30)
    await ada.says("/ask Is it me?")
    assert "Send" in ada.labels
    async with world.house.store.reading() as tx:
        assert await tx.rows(blocks) == []


async def test_who_erases_everything_and_joins_again_is_kept_out_all_the_same(
    world: World, ann: Person, gus: Person
) -> None:
    shore = await own_community(world)
    ada = await world.member("ada", of=(shore,))
    await answered_at(world, ada, "Is it me?", GROUP_DESK)
    await pauses(world, GROUP_DESK, "30 days")
    await asked(ann, gus)
    await ann.taps("Join them")
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    ada = await world.member("ada")
    assert "take no questions from you" in (await ada.says("/ask Is it me?")).text


async def test_of_two_pauses_the_longer_holds(world: World, ann: Person, gus: Person) -> None:
    shore = await own_community(world)
    ada = await world.member("ada", of=(world.community, shore))
    for community, days in ((world.community, 7), (shore, 90)):
        async with world.house.store.transaction() as tx:
            row = {"community": community.id, "asker": {"member": "", "platform": "test", "address": "ada"}}
            await block(world.house.work(tx), row, days)
    await asked(ann, gus)
    await ann.taps("Join them")
    for day in (8, 81):
        await world.moves(days=day)
        assert "take no questions from you" in (await ada.says("/ask Is it me?")).text
    await world.moves(days=2)
    await ada.says("/ask Is it me?")
    assert "Send" in ada.labels


async def test_what_was_counted_of_questions_there_is_added_to_what_was_here(
    world: World, ann: Person, gus: Person
) -> None:
    shore = await own_community(world)
    ada, bob = await world.member("ada", of=(shore,)), await world.member("bob")
    await answered_at(world, ada, "Is it me?", GROUP_DESK)
    await answered_at(world, bob, "Is it her?", DESK)
    await asked(ann, gus)
    await ann.taps("Join them")
    async with world.house.store.reading() as tx:
        counted = await tx.rows(tallies)
        planned = await tx.rows(due, due.c.job.in_((PRUNE, UNBLOCK)))
    assert {row["community"] for row in counted} == {world.community.id}
    assert {row["what"]: row["count"] for row in counted} == {"took-1": 2, "took-2026W10-1": 2, "rated-1": 2}
    assert [(row["job"], row["key"]) for row in planned] == [(PRUNE, world.community.id)]
    (rowan := world.person("rowan", DESK)).reads(DESK)
    await world.moves(days=7)
    assert "2 answers" in (await rowan.says("/desk")).text


async def test_pressing_twice_asks_for_the_same_thing(world: World, ann: Person, gus: Person) -> None:
    confirm = await entered(gus, await made(ann))
    for _ in range(2):
        gus.last = confirm
        await gus.taps("Yes, ask them")
        assert "I have asked." in gus.seen.text
    await ann.says("/community_link")
    await ann.taps("Join them")
    assert await at(world, GROUP) is not None


async def test_nothing_is_kept_of_who_entered_and_who_said_yes(world: World, ann: Person, gus: Person) -> None:
    await asked(ann, gus)
    (waiting,) = await rows(world)
    assert waiting["claim"] == {"platform": "test", "server": "group", "name": "Group"}
    assert set(waiting) == {"code", "community", "until", "claim"}
    await ann.taps("Join them")
    await world.settle()
    async with world.house.store.reading() as tx:
        assert await tx.rows(communities.stewards) == []
        assert await tx.rows(communities.memberships) == []
    assert await rows(world) == []
