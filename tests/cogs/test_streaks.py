"""The days: counted from the last contact, corrected by editing the ledger, told without a zero and without shame."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Form, Reply
from cogs.streaks.rules import ENDS, Entry, Kind, Standing, last_lapse, standing
from tests.harness import Person, World

DAY = date(2026, 3, 4)
LEDGERS = st.lists(
    st.builds(Entry, st.sampled_from(Kind), st.integers(-60, 10).map(lambda n: DAY + timedelta(days=n))), max_size=12
)
HARSH = re.compile(r"\b(fail|failed|broke|lost|relapse|day one|day 0|back to|0 )\b", re.IGNORECASE)


def recount(entries: list[Entry], today: date) -> Standing | None:
    """Walk day by day from the first contact to today, as one would on a calendar."""
    contacts = {entry.day for entry in entries if entry.kind in ENDS and entry.day <= today}
    if not contacts:
        return None
    day, since, run, best, held, of = min(contacts), min(contacts), 0, 0, 0, 0
    while day < today:
        day += timedelta(days=1)
        of += 1
        if day in contacts:
            since, run = day, 0
        else:
            run, held = run + 1, held + 1
            best = max(best, run)
    return Standing((today - since).days, since, best, held, of)


@given(LEDGERS, st.integers(0, 5).map(lambda n: DAY + timedelta(days=n)))
def test_the_numbers_are_those_of_a_recount_day_by_day(entries: list[Entry], today: date) -> None:
    assert standing(entries, today) == recount(entries, today)


@given(LEDGERS, LEDGERS.map(lambda entries: [entry for entry in entries if entry.kind not in ENDS]))
def test_nothing_the_other_one_does_changes_a_number(entries: list[Entry], theirs: list[Entry]) -> None:
    assert standing([*entries, *theirs], DAY) == standing(entries, DAY)


@given(LEDGERS)
def test_the_numbers_keep_within_each_other(entries: list[Entry]) -> None:
    now = standing(entries, DAY)
    if now is not None:
        assert 0 <= now.days <= now.best <= now.held <= now.of


@given(LEDGERS)
def test_the_last_lapse_is_one_of_the_members_own(entries: list[Entry]) -> None:
    own = [entry.day for entry in entries if entry.kind in (Kind.WROTE, Kind.ANSWERED)]
    assert last_lapse(entries) == (max(own) if own else None)


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def test_a_streak_begins_where_one_says(world: World) -> None:
    ada = await world.member("ada", last="5")
    assert (await ada.says("/streak")).text == "Day 5. The last contact was on Friday, 27 February."
    assert ada.labels == ["There was contact", "Today's thought", "Help lines"]


async def test_a_streak_begins_by_a_tap_and_never_with_a_zero(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    assert (await ada.says("/streak")).text == "When were you last in contact?"
    question = ada.seen
    assert await taps(ada, "Today") == "Today is where it begins. Tomorrow is day 1."
    ada.last = question
    assert await taps(ada, "Yesterday") == "Today is where it begins. Tomorrow is day 1."  # it has begun already


async def test_another_day_is_typed(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    await ada.says("/streak")
    form = await ada.opens("Another day")
    for typed, answer in (
        ("tomorrow", "I couldn't read that as a date."),
        ("2026-03-05", "That day is not in reach"),
        ("1999-01-01", "That day is not in reach"),
        ("2 weeks ago", "Day 14."),
    ):
        ada.last = form
        assert (await ada.fills(day=typed)).text.startswith(answer), typed


async def test_a_lapse_says_first_what_was_held(world: World) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact")
    assert await taps(ada, "I wrote") == "27 of 28 days held. That stays."
    assert ada.labels == ["Enough for tonight", "Ask a coach", "Help lines", "Undo"]
    assert "What you held, stays" in await taps(ada, "Enough for tonight")
    assert (await ada.says("/streak")).text == (
        "Today is where it begins. Tomorrow is day 1.\n27 of 28 days held in all.\nYour longest stretch: 27 days."
    )


async def test_a_lapse_with_nothing_held_yet_is_thanked_for(world: World) -> None:
    ada = await world.member("ada", last="0")
    assert (await ada.says("/contact wrote")).text == "Thank you for saying so. Tomorrow counts."


async def test_what_is_no_contact_of_ones_own_costs_nothing(world: World) -> None:
    ada = await world.member("ada", last="5")
    for what in ("they_wrote", "looked", "unavoidable"):
        assert "Noted." in (await ada.says(f"/contact {what}")).text
        assert (await ada.says("/streak")).text.startswith("Day 5. ")


@pytest.mark.parametrize("times", [1, 2])
async def test_one_undo_takes_back_what_was_tapped_once_or_twice(world: World, times: int) -> None:
    ada = await world.member("ada", last="5")
    await ada.says("/contact")
    question = ada.seen
    for _ in range(times):
        ada.last = question
        await taps(ada, "I wrote")
    undo = ada.seen
    assert (await taps(ada, "Undo")).startswith("Taken back.\n\nDay 5. ")
    ada.last = undo
    assert (await taps(ada, "Undo")).startswith("That was taken back already.\n\nDay 5. ")


async def test_an_undo_takes_back_nothing_of_anybody_else(world: World) -> None:
    ada, bob = await world.member("ada", last="5"), await world.member("bob", last="5")
    await ada.says("/contact wrote")
    bob.last = ada.seen
    assert "taken back already" in await taps(bob, "Undo")
    assert (await ada.says("/streak")).text.startswith("Today is where it begins.")


async def test_a_contact_of_another_day_is_dated_back(world: World) -> None:
    ada = await world.member("ada", last="10")
    assert (await ada.says("/contact answered 3 days ago")).text == "9 of 10 days held. That stays."
    assert (await ada.says("/streak")).text.startswith("Day 3. ")
    assert "not in reach" in (await ada.says("/contact wrote 2026-03-05")).text
    assert (await ada.says("/streak")).text.startswith("Day 3. ")


async def test_a_day_ends_at_four_in_the_morning(world: World) -> None:
    ada = await world.member("ada", last="5")
    await world.moves(hours=15, minutes=59)  # 03:59
    assert (await ada.says("/streak")).text.startswith("Day 5. ")
    await world.moves(minutes=1)
    assert (await ada.says("/streak")).text.startswith("Day 6. ")


async def test_no_number_is_a_zero_and_no_word_is_harsh(world: World) -> None:
    ada = await world.member("ada", last="0")
    seen = [(await ada.says("/streak")).text]
    for _ in range(3):
        await world.moves(days=1)
        seen += [(await ada.says("/streak")).text, (await ada.says("/contact wrote")).text]
        seen.append((await ada.says("/streak")).text)
    assert [text for text in seen if HARSH.search(text)] == []


async def test_help_lines_are_one_tap_away_wherever_contact_is_told(world: World) -> None:
    ada = await world.member("ada")
    for command in ("/contact wrote", "/contact they_wrote", "/contact looked", "/streak"):
        await ada.says(command)
        assert ada.buttons["Help lines"].action == "crisis"


async def test_the_ledger_is_a_form_only_when_it_has_to_be(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    await ada.says("/streak")
    form = await ada.taps("Another day")
    assert isinstance(form, Form)
    assert [field.label for field in form.fields] == ['Which day? Like "5 days ago" or "18 Nov"']


@pytest.mark.parametrize("typed", ["18 feb", "Feb 18, 2026", "14 days ago", "2 weeks ago", "2026-02-18"])
async def test_a_date_of_several_words_is_taken_whole(world: World, typed: str) -> None:
    ada = await world.member("ada", last="60")
    await ada.says(f"/contact wrote {typed}")
    assert (await ada.says("/streak")).text.startswith("Day 14. The last contact was on Wednesday, 18 February")


async def test_a_date_that_is_none_is_explained_and_nothing_is_written(world: World) -> None:
    ada = await world.member("ada", last="60")
    assert "couldn't read that as a date" in (await ada.says("/contact wrote 3/4")).text
    assert (await ada.says("/streak")).text.startswith("Day 60.")
