"""A strong sign of danger asks whether a coach should see it; nothing of what was written changes, nothing is kept."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot import communities, people
from bot.cog import Cog
from bot.model import Button, Call, Reply
from bot.store import metadata
from cogs.screening import beside, screen
from tests.harness import DESK, TOWN, Person, World

SEE, NOBODY_AWAKE = "Let a coach see this", "Nobody may be awake."
STRONG, SOFT, NOTHING = "I want to kill myself", "I can't live without her", "I had soup today at noon"


async def notes(ada: Person, text: str) -> Reply:
    """Write a note at an entry."""
    await ada.says("/contact wrote")
    if ada.modals:
        await ada.opens("A private note")
        return await ada.fills(note=text)
    await ada.taps("A private note")
    return await ada.says(text)


async def plans(ada: Person, text: str) -> Reply:
    """Make a plan for the next time."""
    await ada.says("/contact wrote")
    await ada.taps("What set it off?")
    await ada.chooses("night")
    if ada.modals:
        await ada.opens("Make a plan")
        return await ada.fills(when=text, will="call Jo")
    await ada.taps("Make a plan")
    await ada.says(text)
    return await ada.says("call Jo")


async def letters(ada: Person, text: str) -> Reply:
    """Write a letter that is not sent."""
    if ada.modals:
        await ada.opens("/urge")
        return await ada.fills(letter=text)
    await ada.says("/urge")
    return await ada.says(text)


async def asks(ada: Person, text: str) -> Reply:
    """Write a question, and see the preview."""
    if ada.modals:
        await ada.opens("/ask")
        return await ada.fills(question=text)
    await ada.says("/ask")
    return await ada.says(text)


async def check_ins(ada: Person, text: str) -> Reply:
    """Add a line to how today is."""
    await ada.says("/checkin okay")
    if ada.modals:
        await ada.opens("Say more")
        return await ada.fills(line=text)
    await ada.taps("Say more")
    return await ada.says(text)


Write = Callable[[Person, str], Awaitable[Reply]]
KEEP: list[Write] = [notes, plans, letters, check_ins]
SEEN = {notes: STRONG, plans: f"When {STRONG}, I will call Jo.", letters: STRONG, check_ins: STRONG}


async def preview(ada: Person) -> str:
    """Let a coach see it; return what is shown before anything is sent."""
    answer = await ada.taps(SEE)
    assert isinstance(answer, Reply)
    return answer.text


async def left_of(world: World, person: Person, text: str) -> dict[str, list[str]]:
    """All that is kept of somebody, opened; ids and what they wrote are told apart from nothing."""
    await world.scheduler.tidy()
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, person.account)
        assert member is not None
        found: dict[str, list[str]] = {}
        for table, column in people.owned_tables():
            rows: list[Any] = await tx.rows(table, column == member.id)
            rows = [row for row in rows if row.get("job") != "privacy.silence"]  # its time follows from their random id
            found[table.name] = sorted(_plain(row, person, text) for row in rows)
        for name in ("questions", "shouts"):
            found[name] = [_plain(row, person, text) for row in await tx.rows(metadata.tables[name])]
    return found


def _plain(row: Any, person: Person, text: str) -> str:
    shown = json.dumps({name: value for name, value in row.items() if not isinstance(value, bytes)}, default=str)
    shown = shown.replace(text, "TEXT").replace(f'"{person.account.id}"', '"WHO"')
    return re.sub(r'[0-9a-f]{16}|"message": "\d+"|"alias": "[^"]+"', "#", shown)  # a name is drawn for each question


# -- what was written goes where it was going


@pytest.mark.parametrize("modals", [True, False])
@pytest.mark.parametrize("write", [*KEEP, asks])
@pytest.mark.parametrize("text", [STRONG, SOFT, "he hit me", "my friend wants to die", "I want to kill him"])
async def test_the_text_who_sees_it_and_when_are_as_without_a_match(
    world: World, write: Write, text: str, modals: bool
) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    ada.modals = bea.modals = modals
    ordinary, matched = await write(ada, NOTHING), await write(bea, text)
    assert (screen(NOTHING), screen(text) is None) == (None, False)
    assert await left_of(world, bea, text) == await left_of(world, ada, NOTHING)
    assert _told(ordinary, NOTHING) in _told(matched, text)  # all that is said without a match is said
    assert (matched.files, matched.edit, matched.burn) == (ordinary.files, ordinary.edit, ordinary.burn)
    kept = [[item.label for item in row] for row in matched.rows]
    for row in ordinary.rows:
        assert any({item.label for item in row} <= set(labels) for labels in kept)
    await world.moves(minutes=19)
    assert ada.reads() == bea.reads() == []
    assert world.platform.at(DESK) == world.platform.at(TOWN) == []
    await world.moves(days=31)
    assert len(ada.reads()) == len(bea.reads())
    assert await left_of(world, bea, text) == await left_of(world, ada, NOTHING)


def _told(reply: Reply, text: str) -> str:
    """What a reply says around the text, but for what is drawn: a thing to do, a name."""
    told = reply.text.replace(text, "TEXT").partition("You can wait this out.")[0]
    return re.sub(r"\w+ \w+ · came", "NAME · came", told)


# -- the asking


@pytest.mark.parametrize("write", KEEP)
async def test_a_strong_match_asks_and_only_send_sends(world: World, write: Write) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    said = await write(ada, STRONG)
    assert NOBODY_AWAKE in said.text
    assert [item.label for item in said.rows[0]][-1] == SEE
    shown = await preview(ada)
    assert SEEN[write] in shown
    assert "will see only this:" in shown
    assert not ada.seen.edit  # the help lines stay where they are
    assert [label for label in ada.labels if label != "What it is about (if you like)"] == [
        *("Yes, first", "No"),
        *("Send", "Edit", "Cancel"),
        *("What is seen?", "Help lines"),
    ]
    await world.settle()
    assert rowan.reads(DESK) == []
    await ada.taps("Send")
    await world.settle()
    (at_desk,) = rowan.reads(DESK)
    assert SEEN[write] in at_desk


@pytest.mark.parametrize("write", KEEP)
async def test_cancel_leaves_nothing(world: World, write: Write) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    await write(ada, STRONG)
    await write(bea, NOTHING)
    await preview(ada)
    await ada.taps("Cancel")
    await world.settle()
    assert world.platform.at(DESK) == []
    mine, theirs = await left_of(world, ada, STRONG), await left_of(world, bea, NOTHING)
    assert len(mine.pop("calls")) == len(theirs.pop("calls")) + 2  # two presses more
    assert mine == theirs


async def test_it_can_be_edited_before_it_is_sent(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    await letters(ada, STRONG)
    await preview(ada)
    form = await ada.opens("Edit")
    assert form.fields[0].value == STRONG
    await ada.fills(question="It is a hard night.")
    await ada.taps("Send")
    await world.settle()
    (at_desk,) = rowan.reads(DESK)
    assert STRONG not in at_desk


@pytest.mark.parametrize("write", KEEP)
@pytest.mark.parametrize("text", [SOFT, NOTHING])
async def test_what_is_soft_shows_help_quietly_and_asks_nothing(world: World, write: Write, text: str) -> None:
    ada = await world.member("ada")
    said = await write(ada, text)
    assert SEE not in ada.labels
    assert NOBODY_AWAKE not in said.text


@pytest.mark.parametrize("write", KEEP)
@pytest.mark.parametrize("why", ["no desk", "halted", "nowhere"])
async def test_where_no_coach_can_be_asked_nothing_is_asked(world: World, write: Write, why: str) -> None:
    ada = await world.member("ada", of=() if why == "nowhere" else None)
    async with world.house.store.transaction() as tx:
        if why == "no desk":
            await communities.change(tx, world.community.id, asks=False)
        elif why == "halted":
            await communities.halt(tx, world.community.id, halted=True)
    said = await write(ada, STRONG)
    assert SEE not in ada.labels
    assert NOBODY_AWAKE not in said.text
    assert "Help lines" in ada.labels


async def test_of_several_communities_the_coaches_are_chosen(world: World) -> None:
    there = await world.another()
    ada = await world.member("ada", of=(world.community, there))
    await letters(ada, STRONG)
    assert "Whose coaches" in await preview(ada)
    assert STRONG in (await ada.chooses(there.id)).text
    await ada.taps("Send")
    await world.settle()
    assert world.platform.at(DESK) == []


async def test_no_text_travels_in_the_button_and_nobody_elses_is_found_by_it(world: World) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    for write in KEEP:
        await write(ada, STRONG)
        button = ada.buttons[SEE]
        assert not any(word in button.id for word in STRONG.split())
        bea.last = ada.seen
        assert STRONG not in await preview(bea)
        assert "isn't here any more" in bea.seen.text


async def test_what_was_burned_is_not_shown_any_more(world: World) -> None:
    ada = await world.member("ada")
    said = await letters(ada, STRONG)
    await ada.says("/letters")
    await ada.taps("Burn all")
    ada.last = said
    assert "isn't here any more" in await preview(ada)


@pytest.mark.parametrize("args", [("nowhere.note", "a" * 16), ("urges.letter", ""), ("streaks.plan", "revenge")])
async def test_a_button_that_names_nothing_shows_nothing(world: World, args: tuple[str, str]) -> None:
    ada = await world.member("ada")
    answer = await ada.calls(Call("", ada.account, ada.place, None, "questions.see", args))
    assert isinstance(answer, Reply)
    assert "will see only this" not in answer.text


async def test_with_enough_questions_open_it_says_so(world: World) -> None:
    ada = await world.member("ada")
    for _ in range(3):
        await asks(ada, "Well?")
        await ada.taps("Send")
        await world.moves(hours=1)
    await letters(ada, STRONG)
    assert "questions of yours are waiting" in await preview(ada)


# -- the question itself


async def test_a_question_is_screened_as_it_is_shown_and_goes_where_it_was_going(world: World) -> None:
    ada, rowan = await world.member("ada"), world.person("rowan", DESK)
    said = await asks(ada, STRONG)
    assert said.text.startswith("I'm glad you wrote that here")
    assert "will see only this:" in said.text
    assert SEE not in ada.labels
    assert ada.labels.count("Help lines") == 1
    await ada.opens("Edit")
    assert (await ada.fills(question="he hit me")).text.startswith("Thank you for writing that here.")
    await ada.taps("Send")
    await world.settle()
    assert "he hit me" in rowan.reads(DESK)[0]


async def test_a_question_for_chosen_coaches_is_screened_too(world: World) -> None:
    there = await world.another()
    ada = await world.member("ada", of=(world.community, there))
    await ada.says(f"/ask {STRONG}")
    assert (await ada.chooses(there.id)).text.startswith("I'm glad you wrote that here")


# -- beside a reply


SEE_IT = Button(SEE, "questions.see", ["urges.letter", "a" * 16])


def test_both_buttons_stand_first_and_once(world: World) -> None:
    say = world.house.texts.speaker("en", "urges")
    help = Button("Help lines", "crisis")
    assert beside(say, STRONG, Reply("Kept."), SEE_IT).rows == ((help, SEE_IT),)
    assert beside(say, STRONG, Reply("Kept.", ((help,),)), SEE_IT).rows == ((SEE_IT,), (help,))
    assert beside(say, SOFT, Reply("Kept."), SEE_IT).rows == ((help,),)
    assert beside(say, NOTHING, Reply("Kept."), SEE_IT) == Reply("Kept.")


def test_where_there_is_room_for_one_it_is_the_help_lines_and_nothing_is_asked(world: World) -> None:
    say, other = world.house.texts.speaker("en", "urges"), Button("Other", "urges.other")
    rows = (*((other,) * 5 for _ in range(4)), (other,) * 4)
    made = beside(say, STRONG, Reply("Kept.", rows), SEE_IT)
    assert [item.label for item in made.rows[4]] == ["Other"] * 4 + ["Help lines"]
    assert NOBODY_AWAKE not in made.text


def test_where_a_text_leaves_no_room_for_the_asking_the_words_for_them_stay(world: World) -> None:
    say = world.house.texts.speaker("en", "urges")
    words = say("screening.strong-self")
    made = beside(say, STRONG, Reply("a" * (4000 - len(words) - 2)), SEE_IT)
    assert made.text.startswith(words)
    assert NOBODY_AWAKE not in made.text
    assert SEE_IT in made.rows[0]


def test_a_feature_says_where_its_texts_are_found() -> None:
    cog = Cog("shed")

    @cog.reads("tool")
    async def tool(ctx: object, id: str) -> str | None:
        return None

    assert cog.readers == {"shed.tool": tool}
