"""Asking: exactly what coaches will see, what may give its writer away, and limits that nobody at the desk knows of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import Call, Form, Menu, Reply
from bot.outbox import outbox
from cogs.questions import aliases, blocks, desks, drafts, questions, watch
from cogs.questions.blocking import block, blocked
from cogs.questions.store import State, askers, card_of, rules_of
from cogs.questions.tallies import tallies
from tests.harness import DESK, Person, World

GRAVE = "I want to kill myself"


async def previews(world: World, text: str, name: str = "ada") -> Person:
    """Return somebody who sees the preview of a question."""
    ada = await world.member(name)
    await ada.opens("/ask")
    await ada.fills(question=text)
    return ada


async def row_of(world: World) -> dict[str, object]:
    """Return the one question there is."""
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(questions)
    return row


async def jitters(world: World, minutes: int) -> None:
    """Let questions go to the desk within so many minutes."""
    async with world.house.store.transaction() as tx:
        await tx.upsert(desks, community=world.community.id, jitter=minutes)


async def test_the_preview_shows_the_very_text_that_the_desk_sees(world: World) -> None:
    ada = await previews(world, "Should I write\n\nto her?")
    await ada.chooses("ties")
    shown = ada.seen.text
    await ada.taps("Send")
    await world.settle()
    (at_desk,) = world.platform.at(DESK)
    assert at_desk.text in shown
    assert at_desk.text.endswith("About: Children or other ties\n\nShould I write\n\nto her?")


async def test_the_preview_says_who_answers_and_how_long_it_takes(world: World) -> None:
    ada = await previews(world, "Why?")
    assert "not therapists or an emergency service; answers take a day or more." in ada.seen.text
    async with world.house.store.transaction() as tx:
        for hours, count in (("took-3", 2), ("took-20", 3)):
            await tx.insert(tallies, community=world.community.id, what=hours, count=count)
    bea = await previews(world, "Why?", "bea")
    assert "answers take about twenty hours." in bea.seen.text


async def test_of_fewer_than_five_answers_no_time_is_told(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await tx.insert(tallies, community=world.community.id, what="took-3", count=4)
    ada = await previews(world, "Why?")
    assert "a day or more" in ada.seen.text


async def test_what_may_give_them_away_is_marked(world: World) -> None:
    ada = await previews(world, "I live in Leeds and my name is Zuzu.")
    assert "It may give you away here:" in ada.seen.text
    assert "‘Leeds’" in ada.seen.text
    assert "I may have missed more." in ada.seen.text
    bea = await previews(world, "Why?", "bea")
    assert "It may give you away" not in bea.seen.text


async def test_what_is_seen_is_told_in_full_and_the_preview_stays(world: World) -> None:
    ada = await previews(world, "Why?")
    answer = await ada.taps("What is seen?")
    assert isinstance(answer, Reply)
    assert "What this cannot hide" in answer.text
    assert "Kim (kim@example.org)" in answer.text
    assert not answer.edit


async def test_a_question_goes_as_nothing_but_its_words(world: World) -> None:
    ada = await previews(world, "  Should\u200b I\u202e write?\u00a0 ")
    await ada.taps("Send")
    await world.settle()
    assert world.platform.at(DESK)[0].text.endswith("\n\nShould I write?")


async def test_what_has_no_words_is_declined(world: World) -> None:
    ada = await previews(world, "\u200b\u200b")
    assert ada.seen.text == "Please type it as text."
    async with world.house.store.reading() as tx:
        assert await tx.rows(drafts) == []


@pytest.mark.parametrize("text", ["…" * 2000, "a" * 3000])
async def test_the_longest_question_fits_or_says_how_long_it_may_be(world: World, text: str) -> None:
    ada = await previews(world, text)
    assert "Coaches will see only this" in ada.seen.text or "3,000 fit" in ada.seen.text


# -- seen first


async def test_danger_brings_help_at_once_and_asks_whether_to_be_seen_first(world: World) -> None:
    ada = await previews(world, GRAVE)
    assert ada.seen.text.startswith("I'm glad you wrote that here")
    assert "Shall coaches see this first? Nobody may be awake." in ada.seen.text
    assert ada.labels[:2] == ["Yes, first", "No"]
    assert ada.labels[-1] == "Help lines"


@pytest.mark.parametrize(("press", "urgent"), [("Yes, first", True), ("No", False), ("Send", False)])
async def test_only_a_yes_has_it_seen_first(world: World, press: str, urgent: bool) -> None:
    await jitters(world, 10)
    ada = await previews(world, GRAVE)
    await ada.taps(press)
    if press != "Send":
        assert "Shall coaches see this first?" not in ada.seen.text
        await ada.taps("Send")
    assert card_of(await row_of(world)).urgent is urgent
    await world.settle()
    assert len(world.platform.at(DESK)) == urgent
    await world.moves(minutes=10)
    assert (" · urgent" in world.platform.at(DESK)[0].text.splitlines()[0]) is urgent


async def test_what_is_not_grave_asks_nothing(world: World) -> None:
    ada = await previews(world, "Why?")
    assert "Yes, first" not in ada.labels


# -- limits


async def test_one_an_hour_and_the_minute_from_which_it_is_possible_again(world: World) -> None:
    ada = await previews(world, "One?")
    await ada.taps("Send")
    await world.moves(minutes=59)
    assert "You can ask the next from 13:00 on." in (await ada.says("/ask")).text
    await world.moves(minutes=1)
    assert isinstance(await ada.opens("/ask"), Form)


async def test_a_draft_that_waited_is_held_to_the_limits_as_well(world: World) -> None:
    ada = await previews(world, "One?")
    draft = ada.last
    await ada.taps("Send")
    async with world.house.store.reading() as tx:
        assert await tx.rows(drafts) == []
    ada.last = draft
    await ada.taps("Send")
    assert "sent already" in ada.seen.text
    assert len(world.platform.at(DESK)) <= 1


async def test_who_is_blocked_is_told_until_when_from_each_account_and_can_ask_then(world: World) -> None:
    ada = await previews(world, "One?")
    await ada.taps("Send")
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(questions)
        await block(world.house.work(tx), row, 7)
    await world.moves(hours=2)
    assert "From Thursday, 12 March on you can ask again." in (await ada.says("/ask")).text
    assert "Help lines" in ada.labels
    await world.moves(days=8)
    async with world.house.store.transaction() as tx:
        await watch.reopen(world.house.work(tx), world.community.id)
    assert isinstance(await ada.opens("/ask"), Form)
    async with world.house.store.reading() as tx:
        assert await tx.rows(blocks) == []


async def test_a_block_outlives_forgetting(world: World) -> None:
    ada = await previews(world, "One?")
    await ada.taps("Send")
    async with world.house.store.transaction() as tx:
        (row,) = await tx.rows(questions)
        await block(world.house.work(tx), row, 7)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        until = await blocked(tx, world.house.vault, world.community.id, ada.account)
        other = await blocked(tx, world.house.vault, "elsewhere", ada.account)
    assert until == world.clock.now() + timedelta(days=7)
    assert other is None
    again = await world.member("ada")
    assert "take no questions from you" in (await again.says("/ask")).text


# -- names


async def test_each_question_has_a_name_of_its_own_and_never_one_again(world: World) -> None:
    ada, names = await world.member("ada"), set[str]()
    for _ in range(6):
        await ada.says("/ask Well?")
        await ada.taps("Send")
        names.add(card_of(await row_of(world)).alias)
        async with world.house.store.transaction() as tx:
            await tx.delete(questions)
        await world.moves(hours=1)
    assert len(names) == 6
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(askers)
    assert set(row["asked"]["aliases"]) == names


async def test_what_is_answered_keeps_its_name_to_itself_while_it_stands_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aliases, "names", lambda _: (("Calm", "Mild"), ("Bay",)))
    ada = await previews(world, "First?")
    await ada.taps("Send")
    name = card_of(await row_of(world)).alias
    async with world.house.store.transaction() as tx:
        await tx.update(questions, {"id": (await row_of(world))["id"]}, state=State.ANSWERED)
    (other,) = {"Calm Bay", "Mild Bay"} - {name}
    for number in range(6):
        ben = await previews(world, "Second?", f"ben{number}")
        assert f"{other} · came just now" in ben.seen.text


# -- at a random moment


async def test_a_question_comes_to_the_desk_at_a_random_moment(world: World) -> None:
    await jitters(world, 10)
    ada = await previews(world, "When?")
    await ada.taps("Send")
    await world.settle()
    assert world.platform.at(DESK) == []
    assert "waiting" in (await ada.says("/questions")).text
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(outbox, outbox.c.member.is_(None))
    assert world.clock.now() < row["due_at"] <= world.clock.now() + timedelta(minutes=10)
    await world.moves(minutes=10)
    assert len(world.platform.at(DESK)) == 1


async def test_what_is_withdrawn_before_it_came_leaves_nothing(world: World) -> None:
    await jitters(world, 10)
    ada = await previews(world, "When?")
    await ada.taps("Send")
    await ada.says("/questions")
    await ada.chooses(str((await row_of(world))["id"]))
    await ada.taps("Withdraw")
    await ada.taps("Yes, withdraw it")
    await world.moves(minutes=11)
    assert [what for what in world.platform.delivered if getattr(what, "place", None) == DESK] == []
    async with world.house.store.reading() as tx:
        assert await tx.rows(questions) == await tx.rows(outbox) == []


async def test_a_desk_is_kept_as_all_are_until_it_is_set(world: World) -> None:
    async with world.house.store.reading() as tx:
        rules = await rules_of(tx, "nowhere")
    assert (rules.jitter, rules.kept_days, rules.unclaimed_hours, rules.unanswered_hours) == (10, 30, 4, 24)


# -- words alone


@pytest.mark.parametrize("command", ["/ask"])
async def test_a_picture_is_declined_where_words_are_awaited(world: World, command: str) -> None:
    ada = await world.member("ada")
    ada.modals = False
    asked = await ada.says(command)
    picture = Call("", ada.account, ada.place, None, attached=True)
    declined = await ada.calls(picture)
    assert isinstance(declined, Reply)
    assert "no pictures, recordings or files" in declined.text
    ada.last = asked
    assert "Is it me?" in (await ada.says("Is it me?")).text


async def test_a_picture_that_nothing_waits_for_is_declined_too(world: World) -> None:
    for person in (await world.member("ada"), world.person("eve")):
        declined = await person.calls(Call("", person.account, person.place, None, attached=True))
        assert isinstance(declined, Reply)
        assert "no pictures, recordings or files" in declined.text


async def test_a_topic_is_chosen_from_those_there_are(world: World) -> None:
    ada = await previews(world, "Why?")
    (menu,) = [item for row in ada.seen.rows for item in row if isinstance(item, Menu)]
    assert [option.label for option in menu.options] == [
        *("A lapse", "An urge", "They wrote", "Children or other ties", "Cheating", "Healing", "Something else")
    ]
    forged = Call("", ada.account, ada.place, None, menu.action, (*menu.args, "murder"))
    answer = await ada.calls(replace(forged))
    assert isinstance(answer, Reply)
    assert "choose one of" in answer.text
