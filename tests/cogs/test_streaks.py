"""The days: counted from the last contact, corrected by editing the ledger, told without a zero and without shame."""

import re

import pytest

from bot import people, pictures
from bot.adapter import Listing
from bot.cog import Context
from bot.model import Account, Call, File, Form, Reply
from bot.store import new_id
from cogs import streaks
from tests.harness import Person, World

HARSH = re.compile(r"\b(fail|failed|broke|lost|relapse|day one|day 0|back to|0 )\b", re.IGNORECASE)


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def test_a_streak_begins_where_one_says(world: World) -> None:
    ada = await world.member("ada", last="5")
    assert (await ada.says("/streak")).text == (
        "Day 5. The last contact was on Friday, 27 February.\nNext milestone: day 7."
    )
    assert ada.labels == [
        "I want to text them",
        "There was contact",
        "Today's thought",
        "What I logged",
        "As a picture",
        "Help lines",
    ]


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
    assert ada.labels[:3] == ["Enough for tonight", "What set it off?", "Undo"]
    assert ada.labels[3:] == ["It was another day", "A private note", "Ask a coach", "Help lines"]
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
    await ada.says("/settings")
    await ada.chooses("not_checking_on")
    seen = [(await ada.says("/streak")).text]
    for what in ("wrote", "answered", "looked", "visited"):
        await world.moves(days=1)
        seen += [(await ada.says("/streak")).text, (await ada.says(f"/contact {what}")).text]
        seen.append((await ada.says("/streak")).text)
    assert [text for text in seen if HARSH.search(text)] == []


async def test_help_lines_are_one_tap_away_wherever_contact_is_told(world: World) -> None:
    ada = await world.member("ada")
    for command in ("/contact", "/contact wrote", "/contact they_wrote", "/contact looked", "/streak", "/history"):
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


# -- what happened, and when


async def test_what_is_rarer_is_one_tap_further(world: World) -> None:
    ada = await world.member("ada", last="5")
    await ada.says("/contact")
    assert ada.labels == ["I wrote", "I answered", "They wrote", "More", "Help lines"]
    await taps(ada, "More")
    assert ada.labels == [
        "I looked at their profile",
        "Unavoidable: children, work, court",
        "I went where they are",
        "I sent word through someone",
        "I wrote from a new account",
        "Help lines",
    ]
    assert "costs nothing" in await taps(ada, "Unavoidable: children, work, court")


@pytest.mark.parametrize("label", ["I wrote", "I answered", "They wrote"])
async def test_a_contact_is_told_in_two_taps_and_few_words(world: World, label: str) -> None:
    ada = await world.member("ada", last="28")
    asked = await ada.says("/contact")
    told = await taps(ada, label)  # the command is the first tap
    assert len(asked.text.split()) <= 2
    assert len(told.split()) <= 16
    now = (await ada.says("/streak")).text
    assert now.startswith("Day 28." if label == "They wrote" else "Today is where it begins.")


@pytest.mark.parametrize(("label", "day"), [("Today", "4 March"), ("Yesterday", "3 March"), ("Another day", "18 Feb")])
async def test_which_day_it_was_is_said_afterwards(world: World, label: str, day: str) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact")
    await taps(ada, "I wrote")
    asked = await taps(ada, "It was another day")
    assert asked == "Wednesday, 4 March: I wrote\n\nWhich day was it?"
    if label == "Another day":
        await ada.opens(label)
        said = (await ada.fills(day="18 Feb")).text
    else:
        said = await taps(ada, label)
    assert f"{day}" in said.splitlines()[0]
    before = ada.seen
    days = {"Today": "Today is where it begins.", "Yesterday": "Day 1.", "Another day": "Day 14."}
    assert (await ada.says("/streak")).text.startswith(days[label])
    ada.last = before
    assert "Taken back." in await taps(ada, "Undo")
    assert (await ada.says("/streak")).text.startswith("Today is where it begins.")


async def test_no_contact_is_dated_before_the_beginning(world: World) -> None:
    ada = await world.member("ada", last="5")
    assert "before your days begin" in (await ada.says("/contact wrote 6 days ago")).text
    assert (await ada.says("/streak")).text.startswith("Day 5. ")
    assert (await ada.says("/contact wrote 5 days ago")).text == "5 of 5 days held. That stays."


async def test_writing_twice_in_one_night_is_twice(world: World) -> None:
    ada = await world.member("ada", last="5")
    await ada.says("/contact wrote")
    await world.moves(minutes=3)
    await ada.says("/contact wrote")
    await taps(ada, "Undo")
    assert (await ada.says("/streak")).text.startswith("Today is where it begins.")  # the first one stands


# -- the numbers


async def test_the_next_milestone_is_told_and_none_on_the_first_day(world: World) -> None:
    ada = await world.member("ada", last="0")
    assert (await ada.says("/streak")).text == "Today is where it begins. Tomorrow is day 1."
    for days, following in ((1, 3), (2, 3), (3, 7), (6, 7), (365, 548), (548, 730)):
        other = await world.member(f"m{days}", last=str(days))
        assert (await other.says("/streak")).text.endswith(f"Next milestone: day {following}.")


async def test_days_without_looking_are_told_only_where_that_is_chosen(world: World) -> None:
    ada = await world.member("ada", last="9")
    await ada.says("/contact looked 4 days ago")
    assert "looking" not in (await ada.says("/streak")).text
    await ada.says("/settings")
    await ada.chooses("not_checking_on")
    assert "\nWithout looking at their profile: 4 days.\n" in (await ada.says("/streak")).text
    await ada.says("/contact looked")
    assert (await ada.says("/streak")).text == (
        "Day 9. The last contact was on Monday, 23 February.\n"
        "Without looking at their profile: tomorrow is day 1.\n"
        "Next milestone: day 14."
    )


async def test_a_day_of_another_year_is_told_with_it(world: World) -> None:
    ada = await world.member("ada", last="100")
    assert "on Monday, 24 November 2025." in (await ada.says("/streak")).text


async def test_the_same_instant_gives_the_same_number_whichever_platform_asks(world: World) -> None:
    ada = await world.member("ada", last="5")
    elsewhere = Account("other", "ada")
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        reach = {"address": "ada", "unreachable": False}
        lookup = people.lookup(world.house.vault, elsewhere)
        kept = {"id": new_id(), "member": member.id, "platform": "other", "lookup": lookup, "reach": reach}
        await tx.insert(people.accounts, **kept)
    await ada.says("/zone Pacific/Kiritimati")
    for hours in (0, 1, 11, 4, 7):
        await world.moves(hours=hours)
        here = await ada.says("/streak")
        there = await ada.calls(
            Call("", elsewhere, elsewhere.private, action="streak"), id=f"there-{hours}-{here.text}"
        )
        assert isinstance(there, Reply)
        assert there.text == here.text


@pytest.mark.parametrize("zones", [("Pacific/Kiritimati", "Pacific/Pago_Pago"), ("Asia/Tokyo", "America/Los_Angeles")])
async def test_travelling_takes_no_day_away_within_a_run(world: World, zones: tuple[str, ...]) -> None:
    ada = await world.member("ada", last="5")
    shown = 0
    for hours in range(0, 72, 6):
        await ada.says(f"/zone {zones[hours // 6 % 2]}")
        now = int((await ada.says("/streak")).text.split(".")[0].removeprefix("Day "))
        assert shown <= now <= 5 + 1 + hours // 24 + 1
        shown = now
        await world.moves(hours=6)


async def test_who_has_sent_it_after_all_is_answered_as_after_any_contact(world: World) -> None:
    ada = await world.member("ada", last="28")
    async with world.house.store.transaction() as tx:
        member = await people.find(tx, world.house.vault, ada.account)
        call = Call("x", ada.account, ada.place)
        say = world.house.texts.speaker(None, "join")  # another feature's words
        ctx = Context(**vars(world.house.work(tx)), call=call, member=member, t=say, listing=Listing("en", ()))
        said = await streaks.wrote(ctx)
    assert said.text == "27 of 28 days held. That stays."
    assert (await ada.says("/streak")).text.startswith("Today is where it begins.")


async def test_the_days_come_as_a_picture_in_three_ways(world: World) -> None:
    ada = await world.member("ada", last="28")
    await ada.says("/contact wrote")
    await world.moves(days=2)
    told = (await ada.says("/streak")).text
    await ada.taps("As a picture")
    dark = ada.seen.files[0]
    assert dark.data.startswith(b"\x89PNG")
    assert dark.alt == told
    await ada.taps("Light")
    assert ada.seen.files[0].data != dark.data
    await ada.taps("Without words")
    assert ada.seen.files[0].alt == "2 days."


async def test_a_day_without_a_check_in_looks_another_way_and_counts_all_the_same(world: World) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    await ada.says("/checkin okay")
    await world.moves(days=3)
    cards: list[File] = []
    for person in (ada, bea):
        await person.says("/streak")
        await person.taps("As a picture")
        cards += person.seen.files
    assert cards[0].alt == cards[1].alt
    assert cards[0].data != cards[1].data


async def test_the_first_day_has_a_picture_too(world: World) -> None:
    ada = await world.member("ada", last="0")
    await ada.says("/streak")
    await ada.taps("As a picture")
    assert ada.seen.files[0].alt.startswith("Today is where it begins.")


async def test_no_card_stays_in_memory_of_who_is_forgotten(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/streak")
    await ada.taps("As a picture")
    assert pictures.streak_card.cache_info().currsize
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert not pictures.streak_card.cache_info().currsize
