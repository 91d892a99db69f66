"""Tips: sent without a name, decided once at the desk, out at a drawn hour, and taken back by whoever has the code."""

import asyncio
import json
import logging
import re
from dataclasses import asdict
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot import communities, people
from bot.adapter import Delivery, Outcome, Refused
from bot.communities import Purpose
from bot.dispatch import calls
from bot.due import due
from bot.model import Button, Call, Menu, Place, Reply, Role
from bot.observe import METRICS, Format
from bot.outbox import outbox, sent
from bot.wire import ID_BYTES, pack
from cogs import questions, shouts, tips
from cogs.questions.store import askers
from cogs.tips.store import KEPT, State
from tests.cogs.test_anonymity import WHO, files, left, planted, said_at
from tests.cogs.test_desk import coach, named
from tests.cogs.test_link import begun
from tests.harness import DESK, ELSEWHERE, HOME, OTHER_DESK, OTHER_TOWN, TOWN, Person, World
from tests.zipped import unzipped

TEXT = "I put their chat into a folder that I do not open. It gets quieter."
WITHIN = 2 * 24 + 1  # hours
GONE = "This tip is not here any more"


async def sends(world: World, text: str = TEXT, name: str = "ada") -> tuple[Person, str]:
    """A member has sent a tip; return them, and the code."""
    who = await world.member(name)
    return who, await sends_one(world, who, text)


async def sends_one(world: World, who: Person, text: str = TEXT) -> str:
    """Send a tip; return the code."""
    await who.says(f"/tip {text}")
    await who.taps("Send")
    await world.settle()
    return who.seen.text.split()[-1]


async def hours(world: World, count: int = WITHIN) -> None:
    """Let time pass in steps, as it does."""
    for _ in range(count):
        await world.moves(hours=1)


async def presses(who: Person, *labels: str) -> Reply:
    """Press buttons one after the other, the first on what stands at the desk now."""
    who.reads(who.place)
    for label in labels:
        await who.taps(label)
    await who.world.settle()
    return who.seen


async def kept(world: World) -> list[tuple[str, bool]]:
    """Return where each tip stands, and whether its words are still kept."""
    async with world.house.store.reading() as tx:
        return sorted((row["state"], row["said"] is not None) for row in await tx.rows(tips.tips))


def posted(world: World, place: Place = TOWN, text: str = TEXT) -> list[Reply]:
    """Return what was posted of it."""
    return [reply for reply in world.platform.at(place) if text in reply.text]


def items(reply: Reply) -> list[str]:
    """Return what can be pressed, by label."""
    return [item.label for row in reply.rows for item in row]


# -- sending


async def test_the_form_shows_exactly_what_the_coaches_will_see_before_anything_is_sent(world: World) -> None:
    ada = await world.member("ada")
    form = await ada.opens("/tip")
    assert [(field.name, field.max) for field in form.fields] == [("text", tips.LENGTH)]
    seen = await ada.fills(text="Walk.\r\nThen walk “more”…")
    assert seen.text.startswith('Coaches will see only this:\n\nA tip\n\nWalk.\nThen walk "more"...\n\n')
    assert ada.labels == ["Send", "Edit", "Cancel", "What is seen?", "Help lines"]
    await world.settle()
    assert world.platform.at(DESK) == []
    await ada.taps("Send")
    await world.settle()
    (standing,) = world.platform.at(DESK)
    assert standing.text == 'A tip\n\nWalk.\nThen walk "more"...'
    assert standing.text in seen.text
    assert items(standing) == ["Publish", "Publish with an alias", "Decline"]


async def test_what_may_give_them_away_is_marked_and_what_is_covered_is_said(world: World) -> None:
    ada = await world.member("ada")
    seen = await ada.says("/tip My sister Tilda in Leeds helped me.")
    assert "It may give you away here: ‘Tilda’, ‘Leeds’; I may have missed more." in seen.text
    await ada.taps("What is seen?")
    assert "I don't know any more that it was yours" in ada.seen.text
    assert "Kim (kim@example.org) runs me" in ada.seen.text


async def test_it_can_be_worded_anew_and_dropped(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/tip First try")
    form = await ada.opens("Edit")
    assert form.fields[0].value == "First try"
    preview = await ada.fills(text="Second try")
    assert "Second try" in preview.text
    await ada.taps("Cancel")
    assert await kept(world) == []
    for label in ("Send", "Edit"):
        ada.last = preview
        await ada.taps(label)
        assert "sent already, or it is gone" in ada.seen.text
    await world.settle()
    assert world.platform.at(DESK) == []


async def test_send_pressed_twice_sends_once_and_a_draft_is_gone_after_an_hour(world: World) -> None:
    ada = await world.member("ada")
    preview = await ada.says("/tip Once.")
    await ada.taps("Send")
    ada.last = preview
    await ada.taps("Send")
    assert "sent already" in ada.seen.text
    await world.settle()
    assert len(world.platform.at(DESK)) == 1
    await ada.says("/tip Later.")
    await world.moves(minutes=61)
    assert await kept(world) == [(State.WAITING, True)]
    await ada.taps("Send")
    assert "it is gone" in ada.seen.text


async def test_nobody_sends_the_draft_of_another(world: World) -> None:
    ada, eve = await world.member("ada"), await world.member("eve")
    eve.last = await ada.says(f"/tip {TEXT}")
    await eve.taps("Send")
    assert "it is gone" in eve.seen.text
    await ada.taps("Send")
    assert "Thank you, for whoever it will help." in ada.seen.text


async def test_without_modals_it_is_asked_for_in_words(world: World) -> None:
    ada = await world.member("ada")
    ada.modals = False
    assert "What helped you?" in (await ada.says("/tip")).text
    assert TEXT in (await ada.says(TEXT)).text
    await ada.taps("Send")
    await world.settle()
    assert TEXT in world.platform.at(DESK)[0].text


async def test_what_is_too_long_is_refused_with_how_much_fits(world: World) -> None:
    ada = await world.member("ada")
    assert "That is 1,001 characters; 1,000 fit." in (await ada.says(f"/tip {'x' * 1001}")).text
    assert "x" * 1000 in (await ada.says(f"/tip {'x' * 1000}")).text


async def test_what_sounds_like_danger_brings_help_first_and_a_coach(world: World) -> None:
    ada = await world.member("ada")
    seen = await ada.says("/tip I want to kill myself")
    assert not seen.text.startswith("Coaches will see")
    assert ada.labels[:2] == ["Let a coach see this", "Send"]
    assert "Help lines" in ada.labels
    await ada.taps("Let a coach see this")
    assert "Coaches will see only this" in ada.seen.text
    assert "I want to kill myself" in ada.seen.text
    assert any(button.action == "questions.send" for button in ada.buttons.values())


async def test_three_a_day_and_tomorrow_again(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/tip one more")
    late = ada.last
    for number in range(tips.A_DAY):
        await sends_one(world, ada, f"Number {number}")
    assert "You have given 3 tips today, thank you." in (await ada.says("/tip")).text
    ada.last = late
    await ada.taps("Send")
    assert len(world.platform.at(DESK)) == 3
    await world.moves(hours=12)
    await sends_one(world, ada, "Number 4")
    assert len(world.platform.at(DESK)) == 4


async def test_who_may_not_ask_sends_no_tips(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(questions.questions)
        await questions.block(world.house.work(tx), row, 7)
    assert "From Thursday, 12 March on you can send tips again." in (await ada.says("/tip")).text


async def test_where_nothing_can_come_of_it_that_is_said_first(world: World) -> None:
    ada = await world.member("ada")
    world.platform.owners["ann"] = HOME
    ann = world.person("ann", TOWN)
    preview = await ada.says(f"/tip {TEXT}")
    await ann.says("/halt")
    assert "Tips are closed here for now" in (await ada.says("/tip")).text
    ada.last = preview
    await ada.taps("Send")
    assert "Tips are closed here for now" in ada.seen.text
    await ann.says("/resume_all")
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    assert "no place here where a tip could be published" in (await ada.says("/tip")).text
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.DESK)
    assert "nobody sits at the coaches' desk" in (await ada.says("/tip")).text
    assert "once you have joined" in (await world.person("eve").says("/tip")).text


async def test_who_is_in_two_communities_says_for_which(world: World) -> None:
    there = await world.another()
    cal = await world.member("cal", of=(world.community, there))
    for typed in ("/tip", f"/tip {TEXT}"):
        assert (await cal.says(typed)).text == "Which community is it for?"
        (menu,) = [item for row in cal.seen.rows for item in row if isinstance(item, Menu)]
        assert {option.label for option in menu.options} == {"Harbour", "Elsewhere"}
    await cal.chooses(there.id)
    assert "The coaches of Elsewhere will see only this" in cal.seen.text
    await cal.taps("Send")
    await world.settle()
    assert world.platform.at(DESK) == []
    assert TEXT in world.platform.at(OTHER_DESK)[0].text
    eve = await world.member("eve")
    eve.place = OTHER_TOWN
    assert "You haven't joined Elsewhere yet" in (await eve.says("/tip")).text


async def test_it_comes_to_the_desk_at_a_random_moment(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await questions.set_rules(world.house.work(tx), world.community.id, jitter=10)
    ada = await world.member("ada")
    await ada.says(f"/tip {TEXT}")
    await ada.taps("Send")
    assert "It goes to the coaches within 10 minutes, without your name." in ada.seen.text
    await world.settle()
    assert world.platform.at(DESK) == []
    await world.moves(minutes=10)
    assert len(world.platform.at(DESK)) == 1


# -- deciding


async def test_it_is_shown_as_it_will_look_and_comes_out_at_a_drawn_waking_hour(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    assert "It comes out within two days" in seen.text
    assert f"A tip from somebody here:\n\n{TEXT}" in seen.text
    assert items(seen) == ["Publish", "Back"]
    assert await kept(world) == [(State.WAITING, True)]
    await rowan.taps("Publish")
    await world.settle()
    assert rowan.reads(DESK) == [f"A tip\n\n{TEXT}\n\nIt comes out within two days, under nobody's name."]
    assert rowan.labels == ["Hold it back"]
    assert posted(world) == []
    for _ in range(WITHIN):
        await world.moves(hours=1)
        if posted(world):
            break
    (post,) = posted(world)
    assert post.text == f"A tip from somebody here:\n\n{TEXT}"
    assert items(post) == ["Read yours in private", "Send a tip, too", "Help lines"]
    assert 9 <= world.clock.now().hour <= 21
    await world.settle()
    assert world.platform.at(DESK) == []
    assert await kept(world) == [(State.OUT, False)]
    await hours(world)
    assert len(posted(world)) == 1


async def test_when_it_comes_out_does_not_tell_when_it_was_decided(world: World) -> None:
    ada, rowan = await world.member("ada"), coach(world, "rowan")
    found: set[int] = set()
    for number in range(6):
        await sends_one(world, ada, f"Tip {number}")
        await presses(rowan, "Publish", "Publish")
        for hour in range(WITHIN):
            await world.moves(hours=1)
            if posted(world, text=f"Tip {number}"):
                found.add(hour)
                break
    assert len(found) > 2


async def test_a_name_is_drawn_that_never_was_out_and_never_is_again(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    first = name_in(await presses(rowan, "Publish with an alias"))
    assert items(rowan.seen) == ["Publish", "Another name", "Back"]
    await rowan.taps("Another name")
    assert (second := name_in(rowan.seen)) != first
    await rowan.taps("Publish")
    await world.settle()
    assert f"It comes out within two days, under the name {second}." in rowan.reads(DESK)[0]
    await hours(world)
    assert [post.text for post in posted(world)] == [f"A tip from {second}:\n\n{TEXT}"]
    async with world.house.store.reading() as tx:
        assert [row["alias"] for row in await tx.rows(shouts.aliases)] == [second]


def name_in(seen: Reply) -> str:
    """Return the name under which a tip would be out."""
    line = next(line for line in seen.text.split("\n") if line.startswith("A tip from "))
    return line.removeprefix("A tip from ").rstrip(":")


async def test_a_name_that_somebody_else_was_given_meanwhile_is_another(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    name = name_in(await presses(rowan, "Publish with an alias"))
    async with world.house.store.transaction() as tx:
        assert await shouts.give_out(tx, name)
    await rowan.taps("Publish")
    assert rowan.seen.text.startswith("That name is out already, so here is another.")
    assert name_in(rowan.seen) != name
    await rowan.taps("Publish")
    assert (await kept(world)) == [(State.COMING, True)]


async def test_no_name_comes_out_that_was_not_drawn(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish with an alias")
    id = rowan.buttons["Publish"].args[0]
    rowan.last = Reply("Forged", ((Button("Forged", "tips.go", [id, "ada lovelace"]),),))
    await rowan.taps("Forged")
    assert await kept(world) == [(State.WAITING, True)]


@pytest.mark.parametrize("locale", ["en"])
def test_every_name_fits_into_a_button(locale: str) -> None:
    first, second = (max(words, key=lambda word: len(word.encode())) for words in shouts.names(locale))
    assert len(pack("tips.named", ["0" * 16, f"{first} {second}"]).encode()) <= ID_BYTES


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Call me: +44 20 7946 0958", "phone number"),
        ("Write to me at sam@example.org", "e-mail address"),
        ("I am @sam_on_x there", "another platform"),
        ("Shall we meet for a coffee?", "offers to meet"),
    ],
)
async def test_how_to_reach_somebody_is_never_published(world: World, text: str, why: str) -> None:
    ada = await world.member("ada")
    seen = await ada.says(f"/tip {text}")
    assert why in seen.text
    assert "can't be published" in seen.text
    await ada.taps("Send")
    await world.settle()
    rowan = coach(world, "rowan")
    for label in ("Publish", "Publish with an alias"):
        assert why in (await presses(rowan, label)).text
    assert "can't be published" in rowan.seen.text
    rowan.reads(DESK)
    button = rowan.buttons["Publish"]
    rowan.last = Reply("Forged", ((Button("Forged", "tips.go", button.args),),))
    await rowan.taps("Forged")
    assert await kept(world) == [(State.WAITING, True)]


async def test_a_help_line_may_stand_in_it(world: World) -> None:
    await sends(world, "I called the Samaritans, 116 123, and somebody listened.")
    assert "looks like this" in (await presses(coach(world, "rowan"), "Publish")).text


async def test_a_coach_is_shown_what_may_give_its_writer_away(world: World) -> None:
    await sends(world, "My sister Tilda helped me.")
    seen = await presses(coach(world, "rowan"), "Publish")
    assert "It may give its writer away here: ‘Tilda’" in seen.text


async def test_back_leaves_it_as_it_is(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    for label in ("Publish", "Publish with an alias", "Decline"):
        seen = await presses(rowan, label, "Back")
        assert seen.text == f"A tip\n\n{TEXT}"
        assert items(seen) == ["Publish", "Publish with an alias", "Decline"]
    rowan.shown = None  # where the preview was seen by this coach alone
    await rowan.taps("Decline")
    assert TEXT not in rowan.seen.text
    await rowan.taps("Back")
    assert rowan.seen.text == "Left as it is."


async def test_what_is_declined_is_destroyed_at_once_and_nobody_is_told(world: World) -> None:
    ada, code = await sends(world)
    rowan = coach(world, "rowan")
    asked = await presses(rowan, "Decline")
    assert "Its writer is told nothing" in asked.text
    assert asked.text.startswith(f"A tip\n\n{TEXT}\n\n")  # where it stands it can still be read
    assert await kept(world) == [(State.WAITING, True)]
    await rowan.taps("Yes, decline it")
    assert rowan.seen.text == "Declined, and destroyed."
    await world.settle()
    assert await kept(world) == []
    assert world.platform.at(DESK) == []
    await hours(world)
    assert ada.reads() == []
    assert "takes nothing down" in (await ada.says(f"/unpublish {code}")).text
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job.startswith("tips.")) == []
        assert [row["name"] for row in await tx.rows(sent) if row["name"].startswith("t-")] == []


async def test_what_was_decided_can_be_held_back_until_it_is_out(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish", "Publish")
    rowan.reads(DESK)
    coming = rowan.last
    await presses(rowan, "Hold it back")
    assert rowan.reads(DESK) == [f"A tip\n\n{TEXT}"]
    assert "Decline" in rowan.labels
    await hours(world)
    assert posted(world) == []
    rowan.last = coming
    await rowan.taps("Hold it back")
    await presses(rowan, "Publish", "Publish")
    await hours(world)
    assert len(posted(world)) == 1
    rowan.last = coming
    await rowan.taps("Hold it back")
    assert rowan.seen.text == "This tip is out already."
    assert await kept(world) == [(State.OUT, False)]


async def two_desks(world: World) -> Place:
    """The community has another desk, in a server of its coaches' own; return it."""
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.DESK, OTHER_DESK, ELSEWHERE, name="#other")
    return OTHER_DESK


async def test_it_stands_at_every_desk_and_what_is_decided_shows_at_all(world: World) -> None:
    there = await two_desks(world)
    await sends(world)
    rowan, noor = coach(world, "rowan"), coach(world, "noor", there)
    assert noor.reads(there) == rowan.reads(DESK) == [f"A tip\n\n{TEXT}"]
    before = noor.last
    await presses(rowan, "Publish", "Publish")
    assert noor.reads(there) == rowan.reads(DESK)
    assert "It comes out within two days" in noor.reads(there)[0]
    noor.last = before
    await noor.taps("Decline")
    assert "It comes out within two days" in noor.seen.text
    assert await kept(world) == [(State.COMING, True)]


@pytest.mark.parametrize("declines", [False, True])
async def test_of_twenty_who_decide_at_once_one_does_and_the_others_see_what_became_of_it(
    world: World, declines: bool
) -> None:
    await sends(world)
    coaches = await named(world, *(f"coach{number}" for number in range(20)))
    ways = [("Publish", "Publish"), ("Publish with an alias", "Publish"), ("Decline", "Yes, decline it")]
    ways = ways if declines else ways[:2]
    for number, who in enumerate(coaches):
        who.shown = None  # as where the preview is seen by one alone
        await who.taps(ways[number % len(ways)][0])
    await asyncio.gather(*(who.taps(ways[number % len(ways)][1]) for number, who in enumerate(coaches)))
    await world.settle()
    said = {who.seen.text for who in coaches}
    states = await kept(world)
    async with world.house.store.reading() as tx:
        given = [row["alias"] for row in await tx.rows(shouts.aliases)]
        planned = await tx.rows(due, due.c.job == "tips.out")
    if states == []:
        assert len([who for who in coaches if who.seen.text == "Declined, and destroyed."]) == 1
        assert all(each.startswith((GONE, "Declined")) for each in said)
        assert (given, planned) == ([], [])
        return
    assert states == [(State.COMING, True)]
    assert len(said) == 1
    assert len(planned) == 1
    assert len(given) == ("under the name" in said.pop())
    await hours(world)
    assert len(posted(world)) == 1


async def test_only_coaches_decide_and_only_at_their_own_desk(world: World) -> None:
    there = await world.another()
    world.platform.coaches |= {"noor"}
    async with world.house.store.transaction() as tx:
        for name, where, yes in (("noor", world.community, False), ("rowan", there, False)):
            account = world.person(name).account
            await communities.name_coach(tx, world.house.vault, where.id, account, coach=yes)
    await sends(world)
    bob, noor = await world.member("bob"), world.person("noor", OTHER_DESK)
    bob.place = DESK
    for who, label, said in (
        (bob, "Publish", "for the coaches"),
        (bob, "Decline", "for the coaches"),
        (noor, "Publish", GONE),
        (noor, "Decline", GONE),
    ):
        who.reads(DESK)
        await who.taps(label)
        assert said in who.seen.text
        assert TEXT not in who.seen.text
    assert await kept(world) == [(State.WAITING, True)]


async def test_who_is_no_coach_any_more_cannot_go_on(world: World) -> None:
    await sends(world)
    rowan = coach(world, "rowan")
    await presses(rowan, "Publish")
    world.platform.coaches.clear()
    await rowan.taps("Publish")
    assert "for the coaches" in rowan.seen.text
    assert await kept(world) == [(State.WAITING, True)]


def test_every_press_at_the_desk_is_a_coachs() -> None:
    at_desk = {"publish", "named", "go", "hold", "decline", "declined", "back"}
    access = {handler.id: (handler.access, handler.private) for handler in tips.cog.handlers}
    assert {access[f"tips.{each}"] for each in at_desk} == {(Role.COACH, False)}
    others = {id: each for id, each in access.items() if id.removeprefix("tips.") not in at_desk}
    assert set(others.values()) == {(Role.MEMBER, True)}


async def test_the_desk_says_how_many_wait_to_be_looked_at(world: World) -> None:
    ada, rowan = await world.member("ada"), coach(world, "rowan")
    for number, said in ((0, "One tip waits to be looked at."), (1, "2 tips wait to be looked at.")):
        await sends_one(world, ada, f"Tip {number}")
        assert said in (await rowan.says("/desk")).text
    await presses(rowan, "Publish", "Publish")
    assert "One tip waits" in (await rowan.says("/desk")).text
    await presses(rowan, "Hold it back")
    rowan.last = world.platform.at(DESK)[0]
    for label in ("Decline", "Yes, decline it"):
        await rowan.taps(label)
    rowan.last = world.platform.at(DESK)[1]
    for label in ("Decline", "Yes, decline it"):
        await rowan.taps(label)
    assert "tip" not in (await rowan.says("/desk")).text


# -- halted, no place for posts


async def test_halted_or_without_a_place_for_posts_a_coach_is_told(world: World) -> None:
    await sends(world)
    world.platform.owners["ann"] = HOME
    ann, rowan = world.person("ann", TOWN), coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    await ann.says("/halt")
    await rowan.taps("Publish")
    assert "Everything is paused here" in rowan.seen.text
    assert "Everything is paused here" in (await presses(rowan, "Publish with an alias")).text
    await ann.says("/resume_all")
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    rowan.last = seen
    await rowan.taps("Publish")
    assert "There is no place for posts here" in rowan.seen.text
    assert await kept(world) == [(State.WAITING, True)]


async def test_what_was_decided_waits_while_all_is_halted_or_nowhere_is_a_place(world: World) -> None:
    await sends(world)
    world.platform.owners["ann"] = HOME
    ann, rowan = world.person("ann", TOWN), coach(world, "rowan")
    await presses(rowan, "Publish", "Publish")
    await ann.says("/halt")
    await hours(world, 3 * 24)
    await ann.says("/resume_all")
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    await hours(world, 3 * 24)
    assert posted(world) == []
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.POSTS, TOWN, HOME, name="#town")
    await hours(world)
    assert len(posted(world)) == 1


async def test_after_a_night_off_it_comes_at_another_hour_and_not_at_once(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(due, due.c.job == "tips.out")
    world.clock.move(row["at"] - world.clock.now() + timedelta(hours=4))
    await world.settle()
    assert posted(world) == []
    await hours(world)
    assert len(posted(world)) == 1


# -- it goes


async def test_the_code_takes_back_what_waits_what_comes_and_what_is_out(world: World) -> None:
    ada, rowan, eve = await world.member("ada"), coach(world, "rowan"), world.person("eve")
    for step in range(3):
        code = await sends_one(world, ada, f"Tip {step}")
        if step:
            await presses(rowan, "Publish", "Publish")
        if step == 2:
            await hours(world)
            assert len(posted(world, text="Tip 2")) == 1
        assert "It is taken down" in (await eve.says(f"/unpublish {code[:4]} {code[4:].lower()}")).text
        await world.settle()
        assert await kept(world) == []
        assert world.platform.at(DESK) == []
        await hours(world)
        assert posted(world, text="Tip ") == []
        assert "takes nothing down" in (await eve.says(f"/unpublish {code}")).text


async def test_a_wrong_code_takes_nothing(world: World) -> None:
    await sends(world)
    assert "takes nothing down" in (await world.person("eve").says("/unpublish BBBBBBBB")).text
    assert await kept(world) == [(State.WAITING, True)]


async def test_who_decides_after_it_was_taken_back_is_told_that_it_is_gone(world: World) -> None:
    ada, code = await sends(world)
    rowan = coach(world, "rowan")
    seen = await presses(rowan, "Publish")
    await ada.says(f"/unpublish {code}")
    await world.settle()
    for last, label in ((seen, "Publish"), (seen, "Back")):
        rowan.last = last
        await rowan.taps(label)
        assert rowan.seen.text.startswith(GONE)
        assert TEXT not in rowan.seen.text


@pytest.mark.parametrize("decided", [False, True])
async def test_what_is_not_out_after_thirty_days_is_destroyed(world: World, decided: bool) -> None:
    world.clock.move(timedelta(minutes=17))
    ada, _ = await sends(world)
    if decided:
        world.platform.owners["ann"] = HOME
        await presses(coach(world, "rowan"), "Publish", "Publish")
        await world.person("ann", TOWN).says("/halt")
    await world.moves(seconds=(KEPT - timedelta(hours=1)).total_seconds())
    assert len(world.platform.at(DESK)) == 1
    await world.moves(hours=1)
    assert await kept(world) == []
    assert world.platform.at(DESK) == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job.startswith("tips.")) == []
    assert ada.reads() == []


async def test_what_is_out_is_not_destroyed(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await hours(world)
    await world.moves(days=40)
    assert len(posted(world)) == 1
    assert await kept(world) == [(State.OUT, False)]


async def test_what_the_platform_does_not_let_go_of_is_changed_there_and_tried_again(world: World) -> None:
    ada, code = await sends(world)
    world.platform.outcomes = [Refused("cannot-be-deleted"), Refused("cannot-be-edited")]
    await ada.says(f"/unpublish {code}")
    await world.settle()
    assert TEXT in world.platform.at(DESK)[0].text
    world.platform.outcomes = [Refused("cannot-be-deleted")]
    await world.moves(days=1)
    assert [reply.text for reply in world.platform.at(DESK)] == ["This is not here any more."]


# -- the desk moves, closes, becomes another's


async def runs(world: World, action: str, *args: str) -> Reply:
    """Have whoever runs the community press a button of /setup."""
    world.platform.owners["ann"] = HOME
    ann = world.person("ann")
    await ann.calls(Call("", ann.account, ann.place, None, f"setup.{action}", (world.community.id, *args)))
    await world.settle()
    return ann.seen


async def test_a_desk_that_moves_takes_along_what_is_not_out(world: World) -> None:
    ada, _ = await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await sends_one(world, ada, "Another one")
    there = Place("test", "desk-2")
    assert "desk-2" in (await runs(world, "desk", "desk-2")).text
    assert world.platform.at(DESK) == []
    said = sorted(reply.text.split("\n")[2] for reply in world.platform.at(there))
    assert said == ["Another one", TEXT]
    rowan = world.person("rowan", there)
    rowan.last = next(reply for reply in world.platform.at(there) if "Another one" in reply.text)
    await rowan.taps("Publish")
    await rowan.taps("Publish")
    await hours(world)
    assert (len(posted(world)), len(posted(world, text="Another one"))) == (1, 1)
    assert world.platform.at(there) == []


async def test_what_was_on_its_way_to_a_desk_that_moved_follows(world: World) -> None:
    ada, deliver = await world.member("ada"), world.platform.deliver
    await ada.says(f"/tip {TEXT}")
    await ada.taps("Send")

    async def delivering(what: Delivery) -> Outcome:
        world.platform.deliver = deliver
        async with world.house.store.transaction() as tx:
            work, here = world.house.work(tx), world.community
            await communities.set_place(tx, here, Purpose.DESK, Place("test", "desk-2"), HOME, name="#desk-2")
            await questions.move(work, await communities.load(tx, here.id))
        return await deliver(what)

    world.platform.deliver = delivering
    await world.settle()
    assert world.platform.at(DESK) == []
    assert len(world.platform.at(Place("test", "desk-2"))) == 1


async def test_one_desk_of_two_that_is_given_up_keeps_none(world: World) -> None:
    there = await two_desks(world)
    await sends(world)
    await runs(world, "undesk", ELSEWHERE.platform, ELSEWHERE.id)
    assert (len(world.platform.at(DESK)), world.platform.at(there)) == (1, [])


async def test_without_a_desk_what_waits_is_destroyed_and_what_was_decided_comes_out(world: World) -> None:
    ada, _ = await sends(world)
    await presses(coach(world, "rowan"), "Publish", "Publish")
    await sends_one(world, ada, "Another one")
    await runs(world, "no_desk")
    assert world.platform.at(DESK) == []
    assert await kept(world) == [(State.COMING, True)]
    await hours(world)
    assert (len(posted(world)), posted(world, text="Another one")) == (1, [])


async def test_of_two_communities_that_become_one_what_waits_goes_and_the_rest_follows(world: World) -> None:
    old = await world.another()
    cal, rowan = await world.member("cal", of=(old,)), coach(world, "rowan", OTHER_DESK)
    codes: list[str] = []
    for number in range(3):
        codes.append(await sends_one(world, cal, f"Tip {number}"))
        if number < 2:
            await presses(rowan, "Publish", "Publish")
            await hours(world, WITHIN if number == 0 else 0)
    draft = await cal.says("/tip A draft")
    async with world.house.store.transaction() as tx:
        work = world.house.work(tx)
        await tips.hand_over(work, old, world.community)
        await communities.merge(tx, old, world.community)
        await communities.add_home(tx, world.community.id, ELSEWHERE)
    await world.settle()
    assert await kept(world) == [(State.COMING, True), (State.OUT, False)]
    assert (world.platform.at(OTHER_DESK), world.platform.at(DESK)) == ([], [])
    cal.last = draft
    await cal.taps("Send")
    assert "it is gone" in cal.seen.text
    await hours(world)
    assert len(posted(world, OTHER_TOWN, "Tip 1")) == len(posted(world, TOWN, "Tip 1")) == 1
    for code in codes[:2]:
        assert "It is taken down" in (await cal.says(f"/unpublish {code}")).text
    await world.settle()
    assert [posted(world, place, "Tip ") for place in (TOWN, OTHER_TOWN)] == [[], []]


async def test_the_group_that_joins_hands_over_through_the_door(world: World) -> None:
    old = await world.another()
    await world.member("cal", of=(old,))
    cal = world.person("cal")
    await sends_one(world, cal)
    world.platform.owners |= {"ann": HOME, "gus": ELSEWHERE}
    ann, gus = world.person("ann", TOWN), world.person("gus", OTHER_TOWN)
    await ann.says("/community_link")
    await ann.taps("Make a code")
    code = ann.seen.text.split()[0]
    await gus.says("/community_link")
    await gus.taps("I have a code")
    await gus.fills(code=code)
    await gus.taps("Yes, ask them")
    await ann.says("/community_link")
    await ann.taps("Join them")
    assert "is part of" in ann.seen.text
    await world.settle()
    assert await kept(world) == []
    assert world.platform.at(OTHER_DESK) == []


# -- nobody's


async def test_a_draft_is_taken_along_and_erased_and_what_was_sent_is_nobodys(world: World) -> None:
    ada, code = await sends(world)
    await ada.says("/tip zuzu draft")
    await world.scheduler.tidy()  # what was answered is not kept any more
    taken = json.loads(unzipped((await ada.says("/export")).files[0].data)["unsent.json"])
    assert taken["tips"] == [{"community": world.community.id, "text": "zuzu draft"}]
    assert TEXT not in json.dumps(taken)
    assert taken["askers"][0]["asked"]["tips"] == ["2026-03-04", 1]
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "• a tip you had not sent" in ada.seen.text
    await world.settle()
    assert await kept(world) == [(State.WAITING, True)]
    assert TEXT in world.platform.at(DESK)[0].text
    async with world.house.store.reading() as tx:
        assert await tx.rows(askers) == []
    assert "It is taken down" in (await ada.says(f"/unpublish {code}")).text


async def test_nothing_of_a_draft_is_anybody_elses(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob")
    await ada.says("/tip Mine.")
    await bob.says("/forget")
    await bob.taps("Yes, erase everything")
    await ada.taps("Send")
    assert "Thank you" in ada.seen.text


@pytest.mark.parametrize("whose", ["ada", "tel", "both"])
async def test_of_two_who_become_one_a_draft_stays_theirs_and_both_limits_count(world: World, whose: str) -> None:
    world.also("telegram")
    ada, tel = await world.member("ada"), await world.member("tel", platform="telegram")
    await begun(ada, tel)
    await world.moves(hours=23.5)
    for who in (ada, tel):
        await sends_one(world, who, f"Sent by {who.account.id}")
        if whose in (who.account.id, "both"):
            await who.says(f"/tip Draft of {who.account.id}")
    await world.moves(minutes=30)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(askers)
        assert row["asked"]["tips"] == ["2026-03-05", 2]
        drafts = await tx.rows(tips.tips, tips.tips.c.state == State.DRAFT)
        assert [each["said"]["writer"] for each in drafts] == [row["member"]]
    expected = "Draft of tel" if whose == "tel" else "Draft of ada"
    assert drafts[0]["said"]["text"] == expected
    (tel if whose == "tel" else ada).last = Reply("Forged", ((Button("Send", "tips.send", [drafts[0]["id"]]),),))
    await (tel if whose == "tel" else ada).taps("Send")
    await world.settle()
    assert any(expected in reply.text for reply in world.platform.at(DESK))


async def test_no_row_of_a_tip_names_anybody_or_the_minute(world: World) -> None:
    world.clock.move(timedelta(minutes=17))
    async with world.house.store.transaction() as tx:
        await questions.set_rules(world.house.work(tx), world.community.id, jitter=0)
    ada = await planted(world)
    await ada.says("/tip tipmark-zuzu")
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        planned = await tx.rows(due, due.c.job.startswith("tips."))
    assert member is not None
    assert [row["member"] for row in planned] == [None]
    draft = next(button for button in ada.buttons.values() if button.action == "tips.send").args[0]
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        rows = await tx.rows(outbox, outbox.c.name.startswith("t-"))
        (tip,) = await tx.rows(tips.tips)
        (planned,) = await tx.rows(due, due.c.job.startswith("tips."))
    assert [(row["member"], row["due_at"].minute) for row in rows] == [(None, 0)]
    assert (planned["member"], planned["at"].minute, planned["key"]) == (None, 0, tip["id"])
    assert tip["id"] != draft
    assert tip["said"] == {"text": "tipmark-zuzu"}
    assert left(json.dumps(rows, default=str).encode(), *WHO, member.id, member.account) == []
    assert left(json.dumps(tip, default=str).encode(), *WHO, member.id, member.account) == []


async def test_two_tips_of_one_writer_share_no_value_and_are_equally_long(world: World) -> None:
    ada = await world.member("ada")
    await sends_one(world, ada, "The same.")
    await sends_one(world, ada, "The same.")
    await sends_one(world, ada, "Another one, and longer. " * 30)
    async with world.house.store.reading() as tx:
        rows = (await tx.execute(select(tips.tips))).mappings().all()
        asked = (await tx.execute(select(askers.c.asked))).scalars().all()
    for name in ("id", "said", "code"):
        assert len({row[name] for row in rows}) == 3
    assert len({len(row["said"]) for row in rows}) == 1
    await world.member("bob")
    async with world.house.store.reading() as tx:
        assert {len(each) for each in (await tx.execute(select(askers.c.asked))).scalars()} == {len(asked[0])}


async def test_what_a_coach_does_keeps_no_text_beside_the_tip(world: World) -> None:
    await sends(world)
    await presses(coach(world, "rowan"), "Publish with an alias", "Another name", "Back", "Publish", "Publish")
    async with world.house.store.reading() as tx:
        assert {row["reply"] for row in await tx.rows(calls, calls.c.member.is_(None))} == {None}


async def test_the_same_tip_from_two_platforms_arrives_as_the_same(world: World) -> None:
    world.also("other")
    ada, bea = await world.member("ada"), await world.member("bea", platform="other")
    await ada.says("/tip It’s “hard” —\r\nand gets easier.\u200b")
    await ada.taps("Send")
    await bea.says('/tip It\'s "hard" --\nand gets easier.')
    await bea.taps("Send")
    await world.settle()
    plain = {re.sub(r"[0-9a-f]{16}", "#", repr(asdict(reply))) for reply in world.platform.at(DESK)}
    assert (len(world.platform.at(DESK)), len(plain)) == (2, 1)


@pytest.mark.parametrize("end", ["taken back", "declined", "out", "destroyed"])
@pytest.mark.sqlite
async def test_no_mark_of_whoever_wrote_it_is_anywhere(
    world: World, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    caplog.set_level(logging.DEBUG)
    ada, rowan = await planted(world), world.person("rowan", DESK)
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
    assert member is not None
    who, words = (*WHO, member.id, member.account), ("tipmark-zuzu", "droppedmark-zuzu")
    await ada.says(f"/tip {words[1]}")
    await ada.taps("Cancel")
    await ada.says(f"/tip {words[1]}")
    await ada.opens("Edit")
    await ada.fills(text=words[0])
    assert left(files(world), *WHO, *words) == []
    await ada.taps("Send")
    code = ada.seen.text.split()[-1]
    await world.settle()
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(tips.tips)
    assert left(said_at(world, DESK), words[0]) == [words[0]]
    assert left(files(world), *WHO, *words, code) == []

    await presses(rowan, "Publish with an alias")
    if end == "taken back":
        await ada.says(f"/unpublish {code}")
    elif end == "declined":
        await presses(rowan, "Decline", "Yes, decline it")
    elif end == "destroyed":
        await world.moves(days=30)
    else:
        await rowan.taps("Publish")
        await hours(world)
        assert left(said_at(world, TOWN), words[0]) == [words[0]]
        assert left(said_at(world, TOWN), *who) == []
        await ada.says(f"/unpublish {code}")
    await world.settle()
    await world.scheduler.tidy()
    await world.house.store.scrub()
    assert left(said_at(world, DESK), *who, words[1]) == []
    assert left(files(world), *WHO, *words, code, row["id"]) == []
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    await world.scheduler.tidy()
    assert left(files(world), *who, *words, code, row["id"]) == []
    assert [reply for place in (DESK, TOWN) for reply in world.platform.at(place)] == []
    logged = "\n".join(Format("json").format(record) for record in caplog.records).encode()
    assert left(logged, *who, *words, code, row["id"]) == []
    assert left(generate_latest(METRICS), *who, *words, row["id"]) == []
