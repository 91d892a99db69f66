"""Tips: shown as the coaches will see them, and only then sent, without a name."""

from bot import communities
from bot.communities import Purpose
from bot.model import Menu, Place, Reply
from cogs import questions, tips
from cogs.tips.store import State
from tests.harness import DESK, ELSEWHERE, HOME, OTHER_DESK, OTHER_TOWN, TOWN, Person, World

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


async def two_desks(world: World) -> Place:
    """The community has another desk, in a server of its coaches' own; return it."""
    async with world.house.store.transaction() as tx:
        await communities.set_place(tx, world.community, Purpose.DESK, OTHER_DESK, ELSEWHERE, name="#other")
    return OTHER_DESK


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
    for number in range(tips.A_DAY):
        await sends_one(world, ada, f"Number {number}")
    assert "You have given 3 tips today, thank you." in (await ada.says("/tip")).text
    assert len(world.platform.at(DESK)) == 3
    await world.moves(hours=12)
    await sends_one(world, ada, "Number 4")
    assert len(world.platform.at(DESK)) == 4


async def test_who_may_not_ask_sends_no_tips(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    preview = await ada.says(f"/tip {TEXT}")
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(questions.questions)
        await questions.block(world.house.work(tx), row, 7)
    assert "From Thursday, 12 March on you can send tips again." in (await ada.says("/tip")).text
    ada.last = preview
    await ada.taps("Send")
    assert "From Thursday, 12 March on" in ada.seen.text
    await world.settle()
    assert len(world.platform.at(DESK)) == 1


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
