"""Check-ins: one tap and perhaps a line, once a day; days without one go unspoken; asked for at one's own hour."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot import communities, outbox, people
from bot.adapter import Unreachable
from bot.model import Call, Menu, Reply
from cogs import checkins, unasked
from cogs.checkins import LINE, Mood
from tests.harness import TOWN, Person, World, counted
from tests.zipped import kept

WORDS = ["Awful", "Hard", "So-so", "Okay", "Good"]
REMINDER = "A note, as you wanted.\n\nHow is today?"


async def said(world: World) -> dict[str, object]:
    """What is kept of the only one who said anything."""
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(checkins.checkins)
    return row["said"]


async def asked_at(person: Person, hour: str) -> Reply:
    """Have them asked each day at that hour."""
    await person.says("/checkin")
    await person.taps("When I'm asked" if "When I'm asked" in person.labels else "Ask me each day")
    return await person.chooses(hour)


async def test_a_day_takes_one_tap_and_words_are_on_the_buttons(world: World) -> None:
    ada = await world.member("ada")
    assert (await ada.says("/checkin")).text == "How is today?"
    assert ada.labels == [*WORDS, "Ask me each day", "Help lines"]
    await ada.taps("So-so")
    assert ada.seen.text == "Kept. Thank you.\n\nWednesday, 4 March: so-so."
    assert ada.seen.edit
    assert await said(world) == {"moods": {"2026-03-04": 3}, "lines": {}, "hour": None}


async def test_another_number_changes_it_and_there_is_one_a_day(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin")
    await ada.taps("Awful")
    await ada.taps("Say more")
    await ada.fills(line="Their birthday.")
    await ada.taps("Okay")
    assert ada.seen.text == "Kept. Thank you.\n\nWednesday, 4 March: okay.\n“Their birthday.”"
    assert (await ada.says("/checkin")).text == "Wednesday, 4 March: okay.\n“Their birthday.”"
    assert await said(world) == {"moods": {"2026-03-04": 4}, "lines": {"2026-03-04": "Their birthday."}, "hour": None}


@pytest.mark.parametrize(("typed", "shown"), [("good", "good"), ("So-so", "so-so"), ("1", "awful"), ("5", "good")])
async def test_it_can_be_typed_as_a_word_or_a_number(world: World, typed: str, shown: str) -> None:
    ada = await world.member("ada")
    assert f"Wednesday, 4 March: {shown}." in (await ada.says(f"/checkin {typed}")).text


@pytest.mark.parametrize("typed", ["0", "6", "splendid", "-1", "1.5"])
async def test_what_is_no_mood_is_answered_with_those_there_are(world: World, typed: str) -> None:
    ada = await world.member("ada")
    seen = await ada.says(f"/checkin {typed}")
    assert seen.text == "For mood, choose one of: awful, hard, so-so, okay, good."


async def test_every_mood_is_answered_and_the_hard_ones_have_people_at_hand(world: World) -> None:
    ada = await world.member("ada")
    for mood in Mood:
        seen = await ada.says(f"/checkin {mood}")
        assert seen.text.startswith("Kept. Thank you")
        assert "Help lines" in ada.labels
        assert ("Ask a coach" in ada.labels) is (mood.number <= 2)


async def test_a_line_can_be_changed_and_removed(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin good")
    assert "Remove the line" not in ada.labels
    await ada.taps("Say more")
    await ada.fills(line="I slept.")
    assert ada.seen.text == "Kept, for you alone.\n\nWednesday, 4 March: good.\n“I slept.”"
    assert (await ada.opens("Change the line")).fields[0].value == "I slept."
    await ada.fills(line="I slept well.")
    await ada.taps("Remove the line")
    assert ada.seen.text == "The line is removed.\n\nWednesday, 4 March: good."
    assert await said(world) == {"moods": {"2026-03-04": 5}, "lines": {}, "hour": None}


async def test_a_line_begun_before_the_day_ended_belongs_to_that_day(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin hard")
    await ada.taps("Say more")
    await world.moves(hours=20)
    await ada.fills(line="At last it is over.")
    assert ada.seen.text == "Kept, for you alone.\n\nWednesday, 4 March: hard.\n“At last it is over.”"
    assert not set(WORDS) & set(ada.labels)
    assert (await said(world))["lines"] == {"2026-03-04": "At last it is over."}
    assert (await ada.says("/checkin")).text == "How is today?"


async def test_a_line_may_be_so_long_and_longer_ones_are_asked_for_again(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin good")
    await ada.taps("Say more")
    form = ada.last
    assert "281 characters; 280 fit" in (await ada.fills(line="x" * (LINE + 1))).text
    ada.last = form
    assert "x" * LINE in (await ada.fills(line="x" * LINE)).text


async def test_signs_of_danger_in_a_line_bring_help_lines_and_the_line_is_kept(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin awful")
    await ada.taps("Say more")
    seen = await ada.fills(line="I want to die")
    assert not seen.text.startswith("Kept")
    assert "“I want to die”" in seen.text
    assert "Help lines" in ada.labels


async def test_without_modals_a_line_is_asked_for_and_kept(world: World) -> None:
    ada = await world.member("ada")
    ada.modals = False
    await ada.says("/checkin good")
    await ada.taps("Say more")
    assert "For you alone" in ada.seen.text
    assert "“Sun.”" in (await ada.says("Sun.")).text


async def test_looking_back_lists_the_last_seven_and_says_nothing_about_others(world: World) -> None:
    ada = await world.member("ada")
    for number in range(9):
        await ada.says(f"/checkin {'hard' if number % 2 else 'okay'}")
        await world.moves(days=1 if number < 8 else 3)
    await ada.taps("Say more")
    await ada.fills(line="A walk.")
    await ada.says("/checkin")
    await ada.taps("The last days")
    lines = ada.seen.text.splitlines()
    assert lines[:3] == ["What you said last, the newest first:", "Thursday, 12 March: okay.", "“A walk.”"]
    assert lines[3] == "Wednesday, 11 March: hard."
    assert len(lines) == 1 + 7 + 1
    await ada.taps("Back")
    assert ada.seen.text == "How is today?"


async def test_the_longest_lines_fit_into_looking_back(world: World) -> None:
    ada = await world.member("ada")
    for _ in range(8):
        await ada.says("/checkin good")
        await ada.taps("Say more")
        await ada.fills(line="W" * LINE)
        await world.moves(days=1)
    await ada.says("/checkin")
    await ada.taps("The last days")
    assert ada.seen.text.count("W" * LINE) == 7


async def test_the_day_is_the_members_own(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/zone Tokyo")
    await world.moves(hours=14)  # 02:00 in UTC, 11:00 of the 5th in Tokyo
    assert "Thursday, 5 March: good." in (await ada.says("/checkin good")).text
    bea = await world.member("bea")
    assert "Wednesday, 4 March: good." in (await bea.says("/checkin good")).text


async def test_days_without_one_are_never_spoken_of(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin good")
    await world.moves(days=20)
    for text in ((await ada.says("/checkin")).text, (await ada.says("/streak")).text):
        assert "miss" not in text.casefold()
        assert "check-in" not in text
    assert ada.reads() == []


# -- being asked


async def test_it_asks_by_itself_only_when_that_was_chosen(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin good")
    await world.moves(days=3)
    assert ada.reads() == []
    await ada.says("/checkin")
    await ada.taps("Ask me each day")
    assert ada.seen.text.startswith("I don't ask by myself.")
    assert "Don't ask each day" not in ada.labels
    seen = await ada.chooses("20")
    assert seen.text == "I ask each day at 20:00 by your clock, unless you have said it already."
    await world.moves(hours=9)
    assert ada.reads() == [REMINDER]
    assert ada.labels == [*WORDS, "Don't ask each day", "Help lines"]
    await ada.taps("Good")
    assert ada.seen.text == "Kept. Thank you.\n\nSaturday, 7 March: good."
    await world.moves(days=1)
    assert ada.reads() == [REMINDER] * 2


async def test_it_does_not_ask_what_was_said_already(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await ada.says("/checkin hard")
    await world.moves(hours=9)
    assert ada.reads() == []
    await world.moves(days=1)
    assert ada.reads() == [REMINDER]


async def test_one_tap_on_what_came_stops_it(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await world.moves(hours=9)
    assert ada.reads() == [REMINDER]
    await ada.taps("Don't ask each day")
    assert ada.seen.text.startswith("I don't ask by myself.")
    await world.moves(days=3)
    assert len(ada.reads()) == 1


@pytest.mark.parametrize("hour", ["24", "-1", "x", "²"])
async def test_what_is_no_hour_changes_nothing(world: World, hour: str) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    seen = await ada.calls(Call("", ada.account, ada.place, None, "checkins.hour", (hour,)))
    assert isinstance(seen, Reply)
    assert seen.text.startswith("I don't know that one")
    await world.moves(hours=9)
    assert ada.reads() == [REMINDER]


@pytest.mark.parametrize(
    ("late", "comes"), [(0, True), (2.9, True), (3.1, False), (24 * 3 - 0.1, False), (24 * 3 + 2, True)]
)
async def test_what_is_late_comes_once_within_three_hours_and_nothing_bursts(
    world: World, late: float, comes: bool
) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await world.moves(hours=8 + late)
    await world.settle()
    assert ada.reads() == [REMINDER] * comes
    await world.moves(hours=24 - late % 24)
    assert ada.reads() == [REMINDER] * (1 + comes)


async def test_what_could_not_be_delivered_in_time_is_let_go(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    world.clock.move(timedelta(hours=8 + 2.9))
    world.scheduler.wake()
    await world.scheduler.tick()
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(outbox.outbox)
    assert row["until"] == world.clock.now().replace(hour=23, minute=0, second=0)


@pytest.mark.parametrize("zone", ["Tokyo", "Honolulu", "Lisbon", "America/New_York"])
async def test_the_hour_is_one_of_their_own_clock(world: World, zone: str) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await ada.says(f"/zone {zone}")
    for _ in range(24 * 4):
        await world.moves(minutes=15)
        if ada.reads():
            break
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(checkins.checkins)
    seen = await ada.says(f"/zone {zone}")
    assert seen.text == "It's 20:00 for you now. Days and hours go by that."
    assert row["said"]["hour"] == 20


async def test_nothing_comes_while_paused_and_choosing_an_hour_says_so(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/pause")
    seen = await asked_at(ada, "20")
    assert seen.text.splitlines()[1] == "Everything unasked is paused, so it comes once you type /resume."
    await world.moves(days=2)
    assert ada.reads() == []
    await ada.says("/resume")
    await world.moves(hours=9)
    assert ada.reads() == [REMINDER]


async def test_nothing_comes_where_all_is_halted(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    async with world.house.store.transaction() as tx:
        await tx.update(communities.communities, {"id": world.community.id}, halted=True)
    await world.moves(days=1)
    assert ada.reads() == []


async def test_nothing_comes_to_whom_it_cannot_reach(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    world.platform.outcomes.append(Unreachable())
    await world.moves(hours=9)
    world.platform.delivered.clear()
    await world.moves(days=1)
    assert world.platform.delivered == []


async def test_in_discreet_mode_it_shows_nothing_until_it_is_tapped(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await asked_at(ada, "20")
    await world.moves(hours=9)
    assert ada.reads() == ["Something is here for you."]
    assert ada.labels == ["Show it"]
    await ada.taps("Show it")
    assert ada.seen.text == "How is today?"
    assert ada.seen.edit
    await ada.taps("Okay")
    assert "okay" in ada.seen.text


# -- silent mode: contacts alone


async def test_in_silent_mode_there_are_no_check_ins_and_it_says_where_to_turn_it_off(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await ada.taps("Back")
    kept = ada.last
    await ada.taps("Good")
    with_line = ada.last
    await ada.taps("Say more")
    form = ada.last
    before = await said(world)
    await ada.says("/settings")
    await ada.chooses("silent_on")
    told = "Silent mode is on: contacts alone are logged, and there are no check-ins. /settings turns it off."
    for command in ("/checkin", "/checkin good"):
        assert (await ada.says(command)).text == told
    assert "Settings" in ada.labels
    for last, label in ((kept, "Awful"), (with_line, "Say more")):
        ada.last = last
        await ada.taps(label)
        assert ada.seen.text == told
    ada.last = form
    assert (await ada.fills(line="Still here")).text == told
    assert await said(world) == before
    await world.moves(days=2)
    assert ada.reads() == []
    await ada.says("/settings")
    await ada.chooses("silent_off")
    await world.moves(hours=9)
    assert ada.reads() == [REMINDER]


async def test_in_silent_mode_asking_can_be_turned_off_and_not_on(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    asked = ada.last
    await ada.says("/settings")
    await ada.chooses("silent_on")
    ada.last = asked
    await ada.taps("Don't ask each day")
    assert ada.seen.text.startswith("I don't ask by myself.")
    ada.last = asked
    assert (await ada.chooses("21")).text.startswith("Silent mode is on")
    assert (await said(world))["hour"] is None


async def test_a_reminder_that_waits_is_dropped_when_silent_mode_begins(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    world.clock.move(timedelta(hours=8.5))
    world.scheduler.wake()
    await world.scheduler.tick()
    await ada.says("/settings")
    await ada.chooses("silent_on")
    await world.settle()
    assert ada.reads() == []


# -- what is kept


async def test_forgetting_forgets_it_and_nothing_asks_any_more(world: World) -> None:
    ada = await world.member("ada")
    await asked_at(ada, "20")
    await ada.says("/checkin good")
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await tx.rows(checkins.checkins) == []
    await world.moves(days=2)
    assert ada.reads() == []


async def test_the_export_has_every_day_with_its_line(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin hard")
    await ada.taps("Say more")
    await ada.fills(line="Rain.")
    exported = kept((await ada.says("/export")).files[0].data)
    assert exported["checkins"][0]["said"] == {
        "moods": {"2026-03-04": 2},
        "lines": {"2026-03-04": "Rain."},
        "hour": None,
    }


async def test_neither_day_nor_mood_nor_words_stand_in_the_file_and_length_tells_nothing(world: World) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    await bea.says("/checkin good")
    for _ in range(3):
        await ada.says("/checkin awful")
        await ada.taps("Say more")
        await ada.fills(line="linezuzu " * 20)
        await world.moves(days=1)
    async with world.house.store.reading() as tx:
        table = checkins.checkins
        one, other = (bytes(each) for each in (await tx.execute(select(table.c.said))).scalars())
    assert len(one) == len(other)
    raw = b"".join(file.read_bytes() for file in world.path.parent.glob(f"{world.path.name}*"))
    assert b"zuzu" not in raw
    assert b"2026-03-0" not in raw


async def test_a_mood_in_a_log_shows_nothing(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/checkin awful")
    async with world.house.store.reading() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        kept = await checkins.load(tx, member)
    assert kept.moods == {date(2026, 3, 4): Mood.AWFUL}
    assert repr(kept) == "Said(hour=None)"


def test_the_hours_fit_a_menu() -> None:
    assert [option.label for option in unasked.HOURS][::23] == ["00:00", "23:00"]
    Menu("m", "checkins.hour", unasked.HOURS)


@pytest.mark.sqlite
async def test_in_the_midst_of_others_the_community_is_not_looked_up_for_it(world: World) -> None:
    await world.member("ada")
    ada = world.person("ada", TOWN)
    with counted() as statements:
        assert "okay" in (await ada.says("/checkin okay")).text
    assert not [each for each in statements if "communities" in each]
