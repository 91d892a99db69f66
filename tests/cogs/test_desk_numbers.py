"""The numbers of a desk: how long answers took by week, and what a coach's own came to."""

from datetime import UTC, date, datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import communities
from bot.model import Reply
from bot.pictures import Span, Waits, waits_card
from cogs.questions import tallies, yours
from cogs.questions.tallies import HOURS, LONGER
from tests.harness import COACHES, DESK, Person, World
from tests.zipped import kept


async def asks(world: World, name: str = "ada") -> Person:
    """Somebody has asked, and it stands at the desk."""
    ada = await world.member(name)
    await ada.says("/ask Should I write to her?")
    await ada.taps("Send")
    await world.settle()
    return ada


def looks(world: World, who: Person) -> None:
    """Look at the newest question at the desk: reminders stand there as well."""
    for who.shown, who.last in reversed(world.platform.said[DESK]):
        if "Answer" in who.buttons:
            return
    raise AssertionError("no question stands at the desk")


async def answers(world: World, who: Person) -> None:
    """Answer the newest question at the desk."""
    looks(world, who)
    await who.opens("Answer")
    await who.fills(answer="Wait a day.")
    await world.moves(seconds=61)


async def counts(world: World, *took: str) -> None:
    """Let answers of weeks have been counted so."""
    async with world.house.store.transaction() as tx:
        for each in took:
            await tallies.count(tx, world.community.id, f"took-{each}")


async def mine(who: Person) -> str:
    """Return what the desk tells one coach alone."""
    await who.says("/desk")
    answer = await who.taps("Mine")
    assert isinstance(answer, Reply)
    return answer.text


@given(st.lists(st.floats(0, 200), max_size=60), st.integers(1, 100))
def test_what_is_told_of_answers_is_what_counting_them_one_by_one_tells(hours: list[float], percent: int) -> None:
    took: dict[int, int] = {}
    for each in hours:
        took[tallies.within(each)] = took.get(tallies.within(each), 0) + 1
    ranked = sorted(hours)
    naive = tallies.within(ranked[ceil(percent * len(ranked) / 100) - 1]) if ranked else None
    assert tallies.percentile(took, percent) == naive


async def test_nothing_is_told_before_a_week_with_answers_is_over(world: World) -> None:
    await asks(world)
    rowan = world.person("rowan", DESK)
    assert (await rowan.says("/desk")).text == (
        "One question waits. It came just now.\n\nHow long answers take is shown here once a week with answers is over."
    )
    await answers(world, rowan)
    answer = await rowan.says("/desk")
    assert answer.text.startswith("Nothing waits.")
    assert answer.files == ()


async def test_the_week_is_shown_in_words_and_as_a_picture_when_all_is_known(world: World) -> None:
    await asks(world)
    rowan = world.person("rowan", DESK)
    await world.moves(hours=5)
    await answers(world, rowan)
    await world.moves(days=5)  # Monday, five in the afternoon
    answer = await rowan.says("/desk")
    (picture,) = answer.files
    line = "From 2 Mar: one answer, within 6 hours"
    assert answer.text.endswith(line)
    assert picture.alt.endswith(line)
    assert picture.data[1:4] == b"PNG"


async def test_a_week_is_not_shown_while_the_fate_of_its_last_answer_is_not(world: World) -> None:
    await counts(world, "2026W10-1")
    rowan = world.person("rowan", DESK)
    await world.moves(days=4, hours=23)  # Monday, eleven in the morning
    assert (await rowan.says("/desk")).files == ()
    await world.moves(hours=1)
    assert (await rowan.says("/desk")).files


async def test_weeks_stand_in_order_with_half_and_nine_in_ten(world: World) -> None:
    await counts(world, *["2026W09-3"] * 6, *["2026W09-48"] * 4, "2026W08-999", "2025W49-1", "2025W48-1")
    text = (await world.person("rowan", DESK).says("/desk")).text
    assert text.split("\n\n")[1].split("\n")[1:] == [
        "From 16 Feb: one answer, after more than three days",
        "From 23 Feb: 10 answers, half within 3 hours, nine in ten within two days",
    ]


async def test_the_table_of_weeks_is_kept_for_a_year_also_where_nobody_answers(world: World) -> None:
    await counts(world, "2025W08-3", "2025W10-3", "6", "20")
    await asks(world)
    await answers(world, world.person("rowan", DESK))

    async def whats() -> set[str]:
        async with world.house.store.reading() as tx:
            return {row["what"] for row in await tx.rows(tallies.tallies)}

    assert await whats() == {"took-2025W10-3", "took-2026W10-1", "took-1", "took-6", "took-20"}
    await world.moves(days=367)
    assert "took-2026W10-1" in await whats()
    await world.moves(days=10)
    assert await whats() == {"took-1", "took-6", "took-20"}


async def test_only_coaches_at_the_desk_see_the_numbers(world: World) -> None:
    ada = await world.member("ada")
    assert "coaches" in (await ada.says("/desk")).text
    assert "wait" not in ada.seen.text


# -- one coach's own


async def test_each_coach_sees_their_own_and_nobody_elses(world: World) -> None:
    world.platform.coaches.add("noor")
    rowan, noor = world.person("rowan", DESK), world.person("noor", DESK)
    await asks(world)
    await answers(world, rowan)
    assert (await mine(rowan)).startswith("One answer of yours has gone out, one of them this week.")
    assert (await mine(noor)).startswith("Nothing is counted for you yet.")
    assert world.dispatch.private("desk.mine")
    await world.moves(days=7)
    assert (await mine(rowan)).startswith("One answer of yours has gone out.")


async def test_what_was_taken_back_is_not_counted(world: World) -> None:
    await asks(world)
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    await rowan.opens("Answer")
    sending = await rowan.fills(answer="Wait.")
    assert (await mine(rowan)).startswith("One answer")
    rowan.last = sending
    await rowan.taps("Undo")
    assert (await mine(rowan)).startswith("Nothing is counted")


async def test_what_becomes_of_an_answer_changes_no_number(world: World) -> None:
    """By the numbers alone nobody can tell that somebody could not be reached."""
    await asks(world)
    rowan = world.person("rowan", DESK)
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="Wait.")
    before = [await mine(rowan), (await rowan.says("/desk")).text]
    await world.moves(seconds=61)
    assert [await mine(rowan), (await rowan.says("/desk")).text] == before


async def test_thanks_and_ratings_come_in_a_week_later_and_ratings_from_five_on(world: World) -> None:
    rowan = world.person("rowan", DESK)
    for number in range(5):
        ada = await asks(world, f"ada{number}")
        await answers(world, rowan)
        ada.reads()
        await ada.taps("Thank")
        await ada.taps("No" if number else "It helped")
    assert "thanked" not in await mine(rowan)
    await world.moves(days=7)
    text = await mine(rowan)
    assert "You were thanked 5 times." in text
    assert "Whoever asked said: it helped, once; no, 4 times." in text


async def test_four_ratings_are_not_told(world: World) -> None:
    rowan = world.person("rowan", DESK)
    for number in range(4):
        ada = await asks(world, f"ada{number}")
        await answers(world, rowan)
        ada.reads()
        await ada.taps("Thank")
        await ada.taps("No")
    await world.moves(days=7)
    assert "said" not in (await mine(rowan)).partition("Only you see this")[0]


async def test_who_says_something_else_says_it_of_the_same_coach(world: World) -> None:
    rowan, ada = world.person("rowan", DESK), await asks(world)
    await answers(world, rowan)
    ada.reads()
    await ada.taps("Thank")
    rating = ada.last
    await ada.taps("No")
    ada.last = rating
    await ada.taps("It helped")
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(yours.yours)
    assert row["counts"]["fresh"] == {"1": 1, "thanks": 1}


async def test_a_coach_can_have_it_forgotten_and_take_it_along(world: World) -> None:
    rowan = world.person("rowan", DESK)
    await asks(world)
    await answers(world, rowan)
    await mine(rowan)
    await rowan.taps("Forget these")
    assert (await mine(rowan)).startswith("Nothing is counted")


async def test_what_askers_say_of_answers_whose_counts_were_forgotten_is_counted_for_nobody(world: World) -> None:
    rowan = world.person("rowan", DESK)
    askers: list[Person] = []
    for number in range(6):
        ada = await asks(world, f"ada{number}")
        await answers(world, rowan)
        ada.reads()
        asked = await ada.taps("Thank")
        await ada.taps("No")
        ada.last = asked
        askers.append(ada)
    await mine(rowan)
    await rowan.taps("Forget these")
    await askers[0].taps("It helped")
    async with world.house.store.reading() as tx:
        assert await tx.rows(yours.yours) == []
    for number in range(5):
        ada = await asks(world, f"bea{number}")
        await answers(world, rowan)
        ada.reads()
        await ada.taps("Thank")
        await ada.taps("A little")
    await askers[1].taps("It helped")
    await world.moves(days=7)
    assert "it helped, once; a little, 5 times." in await mine(rowan)
    rowan_key = communities.coach_key(world.house.vault, world.community.id, COACHES[0])
    async with world.house.store.reading() as tx:
        counts = await yours.counts_of(tx, rowan_key, world.clock.now().date())
    assert counts.said == {"1": 1, "2": 5, "thanks": 5}


async def test_a_coach_who_is_a_member_takes_it_along_and_erases_it(world: World) -> None:
    rowan, member = world.person("rowan", DESK), await world.member("rowan")
    await asks(world)
    await answers(world, rowan)
    (file,) = (await member.says("/export")).files
    assert kept(file.data)["coach_counts"] == [{"community": "Harbour", "answers": 1}]
    await member.says("/forget")
    await member.taps("Yes, erase everything")
    async with world.house.store.reading() as tx:
        assert await tx.rows(yours.yours) == []


async def test_it_is_kept_equally_long_below_the_coachs_key(world: World) -> None:
    await asks(world)
    await answers(world, world.person("rowan", DESK))
    async with world.house.store.transaction() as tx:
        work, noor = world.house.work(tx), communities.coach_key(world.house.vault, world.community.id, COACHES[1])
        await yours.answered(work, world.community.id, noor.hex())
        for _ in range(300):
            await yours.said(work, noor.hex(), yours.THANKS)
    async with world.house.store.reading() as tx:
        one, other = (await tx.execute(yours.yours.select())).mappings().all()
    assert len(one["counts"]) == len(other["counts"])
    assert {one["key"], other["key"]} == {
        communities.coach_key(world.house.vault, world.community.id, each) for each in COACHES
    }


# -- the picture


def test_the_card_is_the_same_for_the_same_and_takes_what_there_can_be() -> None:
    levels = tuple("123456789")
    weeks = tuple(Span(f"{day} Mar", day % 10 or None, 9 if day % 10 else None) for day in range(1, 13))
    shown = Waits(weeks, levels, ("half of the answers", "nine in ten"))
    assert waits_card(shown) == waits_card(shown)
    assert waits_card(Waits(weeks[:1], levels, ("a", "b"))) != waits_card(Waits(weeks[1:2], levels, ("a", "b")))


@pytest.mark.parametrize(
    "weeks", [(), tuple(Span(str(each)) for each in range(13)), (Span("1", 4),), (Span("x" * 13),)]
)
def test_what_the_card_cannot_show_is_refused(weeks: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match=r"weeks|level|characters"):
        Waits(weeks, ("a", "b", "c"), ("half", "most"))


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_weeks_follow_each_other_over_the_years(day: date) -> None:
    now = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
    names = [tallies._week(day - timedelta(weeks=ago)) for ago in range(60, -1, -1)]  # pyright: ignore[reportPrivateUsage]
    assert names == sorted(set(names))
    assert len(max((f"took-{name}-{LONGER}" for name in names), key=len)) <= 16
    assert now.weekday() == day.weekday()
    assert set(HOURS) < {*HOURS, LONGER}
