"""What can be done about a piece: it helped, it was not for them, one more, no more; and the moments it goes by."""

import pytest

from bot.model import Button, Reply
from cogs.advice.deck import Moment
from cogs.advice.rules import choose
from cogs.advice.store import Felt, feedback, stats
from cogs.stage import Stage
from tests.cogs.test_advice import DECK, daily, piece_in
from tests.harness import Person, World
from tests.zipped import kept


async def counted(world: World) -> dict[str, tuple[int, int, int]]:
    """By piece: how often it was given, helped, was not for them."""
    async with world.house.store.reading() as tx:
        return {row["piece"]: (row["given"], row["helped"], row["not_for_me"]) for row in await tx.rows(feedback)}


async def reads(person: Person) -> str:
    """The piece that /advice gives."""
    return piece_in((await person.says("/advice")).text).id


async def tapped(person: Person, label: str) -> Reply:
    """The answer to a press."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer


async def test_what_is_said_counts_once_and_the_other_changes_it(world: World) -> None:
    ada = await world.member("ada", last="9")
    id = await reads(ada)
    for label, answer, counts in (
        ("Helped", "this one helped", (1, 1, 0)),
        ("Helped", "this one helped", (1, 1, 0)),
        ("Not for me", "fewer like it", (1, 0, 1)),
        ("Helped", "this one helped", (1, 1, 0)),
    ):
        said = await tapped(ada, label)
        assert said.edit
        assert piece_in(said.text).id == id
        assert answer in said.text
        assert await counted(world) == {id: counts}


async def test_two_members_are_counted_together_and_forgetting_takes_nothing_back(world: World) -> None:
    both = [await world.member(name, last="9") for name in ("ada", "bob")]
    for person in both:
        await reads(person)
        await tapped(person, "Not for me")
    before = await counted(world)
    assert [sum(column) for column in zip(*before.values(), strict=True)] == [2, 0, 2]
    await both[0].says("/forget")
    await both[0].taps("Yes, erase everything")
    assert await counted(world) == before


async def test_what_is_said_of_a_piece_that_is_gone_is_answered_with_todays(world: World) -> None:
    ada = await world.member("ada")
    todays = (await ada.says("/advice")).text
    call = Person(world, ada.account, ada.place, modals=True)
    call.last = Reply("x", ((Button("Helped", "advice.felt", ["helped", "gone"]),),))
    said = (await tapped(call, "Helped")).text
    assert said == f"That thought is not here any more. This is today's.\n\n{todays}"
    assert "gone" not in await counted(world)


async def test_two_more_a_day_and_a_second_tap_shows_the_same_again(world: World) -> None:
    ada = await world.member("ada", last="100")
    first = await ada.says("/advice")
    second = await tapped(ada, "Another")
    assert not second.edit
    ada.last = first
    assert await tapped(ada, "Another") == second
    third = await tapped(ada, "Another")
    assert "Another" not in ada.labels
    assert len({piece_in(each.text).id for each in (first, second, third)}) == 3
    ada.last = second
    assert await tapped(ada, "Another") == third
    assert (await ada.says("/advice")).text == third.text
    assert "Another" not in ada.labels
    await world.moves(days=1)
    ada.last = second
    await tapped(ada, "Another")  # of yesterday: it is today's
    assert len(await counted(world)) == 4
    assert "Another" in ada.labels


async def test_whoever_has_had_three_is_turned_to_what_helps_now(world: World) -> None:
    ada = await world.member("ada", last="100")
    await reads(ada)
    for _ in range(2):
        await tapped(ada, "Another")
    ada.last = Reply("x", ((Button("Another", "advice.another", [3]),),))
    assert "That is enough for one day" in (await tapped(ada, "Another")).text
    assert ada.labels == ["I want to text them", "Ask a coach"]


async def test_pause_leaves_the_piece_where_it_is_and_begins_again_with_one_tap(world: World) -> None:
    ada = await daily(world)
    await world.moves(hours=8)
    ada.reads()
    assert not (await tapped(ada, "Pause")).edit
    assert "at 20:00" in (await tapped(ada, "Begin again")).text
    await world.moves(days=1)
    assert len(ada.reads()) == 2


async def test_what_helped_with_a_milestone_still_shows_it(world: World) -> None:
    ada = await world.member("ada", last="7")
    await ada.says("/daily 13")
    await world.moves(hours=1)
    assert "7 days. That was you" in ada.reads()[-1]
    assert "7 days. That was you" in (await tapped(ada, "Helped")).text


async def test_every_button_of_every_piece_fits() -> None:
    for piece in DECK:
        for how in Felt:
            assert len(f"1:advice.felt:{how}:{piece.id}") <= 64


# -- what happened on the same day


async def test_a_lapse_after_todays_piece_brings_another_one_on_demand(world: World) -> None:
    ada = await world.member("ada", last="9")
    first = await reads(ada)
    await ada.says("/contact wrote")
    after = await reads(ada)
    assert after != first
    assert {piece.id: piece for piece in DECK}[after].moment is Moment.LAPSE
    assert await reads(ada) == after


async def test_at_night_after_an_urge_the_piece_is_for_that(world: World) -> None:
    ada = await world.member("ada", last="9")
    await reads(ada)
    await world.moves(hours=11)
    await ada.opens("/urge")
    await ada.fills(letter="")
    urge = await reads(ada)
    assert {piece.id: piece for piece in DECK}[urge].moment is Moment.URGE_NIGHT
    assert await reads(ada) == urge


async def test_an_urge_by_day_is_no_such_night(world: World) -> None:
    ada = await world.member("ada", last="9")
    await ada.opens("/urge")
    await ada.fills(letter="")
    assert piece_in((await ada.says("/advice")).text).moment is None


async def test_a_hard_piece_is_not_read_again_at_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await world.member("ada", last="100", whom="cheated")
    await ada.says("/stage")
    await ada.chooses("reality")
    heavy = next(piece for piece in DECK if piece.stage is Stage.REALITY and piece.heavy and piece.whom == "cheated")
    monkeypatch.setattr("cogs.advice.rules.choose", lambda *_: heavy)
    assert await reads(ada) == heavy.id
    monkeypatch.setattr("cogs.advice.rules.choose", choose)
    await world.moves(hours=9)
    assert await reads(ada) == heavy.id
    await world.moves(hours=1)
    assert await reads(ada) != heavy.id


async def test_a_change_of_stage_a_minute_before_counts(world: World) -> None:
    ada = await daily(world, hour=13)
    await world.moves(minutes=59)
    await ada.says("/stage")
    await ada.chooses("rebuilding")
    await world.moves(minutes=1)
    assert piece_in(ada.reads()[-1]).stage is Stage.REBUILDING
    await ada.says("/stage")
    await ada.chooses("healing")
    await ada.taps("Yes, from today")
    assert piece_in((await ada.says("/advice")).text).stage is Stage.HEALING


async def test_a_court_order_a_minute_before_counts(world: World) -> None:
    ada = await daily(world, hour=13)
    await ada.says("/stage")
    await ada.chooses("rebuilding")
    await world.moves(minutes=59)
    await ada.says("/settings")
    await ada.chooses("court_order_on")
    await world.moves(minutes=1)
    assert piece_in(ada.reads()[-1]).stage is Stage.SPACE


async def test_nobody_who_waits_reads_of_being_reached(world: World) -> None:
    ada = await world.member("ada", last="100")
    for _ in range(60):
        assert piece_in((await ada.says("/advice")).text).stage is Stage.SPACE
        await world.moves(days=1)


# -- hard days


async def test_hard_days_are_added_shown_removed_and_five_fit(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/daily")
    await ada.taps("Hard days")
    for day in ("5 Mar", "2020-02-29", "18 Nov", "1 May", "1 June"):
        await ada.taps("Add a day")
        await ada.fills(day=day)
    assert [line for line in ada.seen.text.splitlines() if line.startswith("•")] == [
        *("• 29 February", "• 5 March", "• 1 May", "• 1 June", "• 18 November"),
    ]
    assert "Add a day" not in ada.labels
    await ada.chooses("11-18")
    assert "November" not in ada.seen.text
    assert "Add a day" in ada.labels
    exported = kept((await ada.says("/export")).files[0].data)
    assert exported["readings"][0]["state"]["hard"] == ["02-29", "03-05", "05-01", "06-01"]


async def test_a_hard_day_and_its_eve_have_a_piece_of_their_own(world: World) -> None:
    ada = await world.member("ada", last="100")
    await ada.says("/stage")
    await ada.chooses("healing")
    await ada.says("/settings")
    await ada.taps("Hard days")
    await ada.taps("Add a day")
    await ada.fills(day="6 Mar")
    found: list[Moment | None] = []
    for _ in range(4):
        found.append(piece_in((await ada.says("/advice")).text).moment)
        await world.moves(days=1)
    assert found == [None, Moment.HOLIDAY, Moment.HOLIDAY, None]


# -- counted


async def test_the_numbers_are_a_table_without_anybody(world: World) -> None:
    ada = await world.member("ada", last="9")
    id = await reads(ada)
    await tapped(ada, "Helped")
    async with world.house.store.reading() as tx:
        table = await stats(world.house.work(tx))
    assert table.head == ("piece", "given", "helped", "not for me")
    assert table.rows == [(id, 1, 1, 0)]
