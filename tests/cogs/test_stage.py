"""Where a member stands: shown, moved by choice, and not by every little thing the other one does."""

from typing import Any

import pytest

from bot.model import Call, Reply
from bot.texts import DECK
from cogs.advice.deck import load
from cogs.stage import Stage, Whom, roads
from cogs.streaks import contacts
from tests.harness import Person, World

NAMES = {
    Stage.REALITY: "Facing it",
    Stage.APOLOGY: "The one apology",
    Stage.SPACE: "Giving space",
    Stage.HEALING: "Letting go",
}


async def taps(person: Person, label: str) -> str:
    """Press, and read the answer."""
    answer = await person.taps(label)
    assert isinstance(answer, Reply)
    return answer.text


async def goes_to(person: Person, stage: Stage) -> str:
    """Choose another stage, and read the answer."""
    await person.says("/stage")
    return (await person.chooses(stage)).text


async def have_a_court_order(person: Person, *, yes: bool = True) -> None:
    """Say that there is a court order, or none any more."""
    await person.says("/settings")
    await person.chooses("court_order_on" if yes else "court_order_off")


async def test_at_first_one_stands_where_no_contact_begins(world: World) -> None:
    ada = await world.member("ada")
    assert 'You stand at "Giving space".' in (await ada.says("/stage")).text


async def test_one_stands_where_one_chooses(world: World) -> None:
    ada = await world.member("ada", last="5")
    for stage, name in NAMES.items():
        await ada.says("/stage")
        assert f'You stand at "{name}" now. Your numbers stay' in (await ada.chooses(stage)).text
        assert f'You stand at "{name}".' in (await ada.says("/stage")).text
    assert (await ada.says("/streak")).text.startswith("Day 5. ")


async def test_that_they_reached_out_is_asked_about_first(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/stage")
    asked = await ada.chooses("reached_out")
    assert asked.text.startswith("What happened?")
    smaller = await ada.taps("Something smaller")
    assert isinstance(smaller, Reply)
    assert "you stand where you stood" in smaller.text
    assert "Giving space" in (await ada.says("/stage")).text
    ada.last = asked
    await ada.taps("They said they want to talk about us")
    assert "They reached out" in (await ada.says("/stage")).text


async def test_a_move_keeps_whom_it_is_for(world: World) -> None:
    ada = await world.member("ada", whom="cheated")
    await ada.says("/stage")
    await ada.chooses("apology")  # a stage that has pieces for that side alone
    advice = await ada.taps("Today's thought")
    assert isinstance(advice, Reply)
    apology = {piece.title for piece in load(DECK) if piece.stage is Stage.APOLOGY}
    assert advice.text.splitlines()[0] in apology


async def test_a_stage_that_there_is_not_is_refused(world: World) -> None:
    ada = await world.member("ada")
    forged = await ada.calls(Call("", ada.account, ada.place, None, "stage.set", ("revenge",)))
    assert isinstance(forged, Reply)
    assert "choose one of: reality" in forged.text
    assert "Giving space" in (await ada.says("/stage")).text


async def test_one_moves_nobody_else(world: World) -> None:
    ada, bob = await world.member("ada"), await world.member("bob")
    await ada.says("/stage")
    await ada.chooses("healing")
    assert "Giving space" in (await bob.says("/stage")).text


# -- setting the streak aside


async def test_that_they_want_to_talk_about_us_sets_the_streak_aside_and_keeps_its_numbers(world: World) -> None:
    ada = await world.member("ada", last="20")
    await ada.says("/contact wrote 5 days ago")
    await goes_to(ada, Stage.REACHED_OUT)
    said = await taps(ada, "They said they want to talk about us")
    assert "set aside from today, with every number kept" in said
    await world.moves(days=10)
    aside = (await ada.says("/streak")).text
    assert aside == (
        "Set aside since Wednesday, 4 March. Your numbers are kept.\n"
        "19 of 20 days held in all.\n"
        "Your longest stretch: 14 days."
    )
    assert ada.labels == ["Count again", "Today's thought", "What I logged", "Help lines"]


async def test_something_smaller_sets_nothing_aside(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REACHED_OUT)
    await taps(ada, "Something smaller")
    assert (await ada.says("/streak")).text.startswith("Day 20.")


async def test_rebuilding_sets_the_streak_aside_likewise_and_once(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REACHED_OUT)
    await taps(ada, "They said they want to talk about us")
    await world.moves(days=3)
    assert 'You stand at "Rebuilding" now. Your numbers stay' in await goes_to(ada, Stage.REBUILDING)
    assert (await ada.says("/streak")).text.startswith("Set aside since Wednesday, 4 March.")
    bob = await world.member("bob", last="20")
    assert "set aside from today" in await goes_to(bob, Stage.REBUILDING)
    assert (await bob.says("/streak")).text.startswith("Set aside since Saturday, 7 March.")


async def test_while_it_is_set_aside_contact_costs_nothing(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    before = (await ada.says("/streak")).text
    await world.moves(days=1)
    for what in ("wrote", "answered", "visited", "wrote"):
        assert "set aside, so it costs nothing" in (await ada.says(f"/contact {what}")).text
        await world.moves(days=1)
    assert (await ada.says("/streak")).text == before


async def test_going_back_is_asked_about_once_and_begins_a_new_stretch_from_that_day(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    await world.moves(days=10)
    assert "begins a new stretch, from today; what you held before stays" in await goes_to(ada, Stage.HEALING)
    asked = ada.seen
    await taps(ada, "Not now")
    assert (await ada.says("/streak")).text.startswith("Set aside")
    assert '"Rebuilding"' in (await ada.says("/stage")).text
    ada.last = asked
    assert 'You stand at "Letting go" now.' in await taps(ada, "Yes, from today")
    await world.moves(days=3)
    assert (await ada.says("/streak")).text == (
        "Day 3 of this stretch, since Saturday, 14 March.\n"
        "23 of 23 days held in all.\n"
        "Your longest stretch: 20 days.\n"
        "Next milestone: day 7."
    )
    assert "Your numbers stay" in await goes_to(ada, Stage.SPACE)  # there is nothing to ask about any more
    assert (await ada.says("/streak")).text.startswith("Day 3 of this stretch")


@pytest.mark.parametrize("last", ["0", "1", "20"])
@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_one_can_change_ones_mind_within_a_day(world: World, last: str, turns: int) -> None:
    ada = await world.member("ada", last=last)
    before = (await ada.says("/history")).text.count("\n")
    for _ in range(turns):
        assert "set aside from today" in await goes_to(ada, Stage.REBUILDING)
        assert (await ada.says("/streak")).text.startswith("Set aside since")
        await goes_to(ada, Stage.SPACE)
        await taps(ada, "Yes, from today")
        assert (await ada.says("/streak")).text.startswith("Today is where it begins.")
    assert (await ada.says("/history")).text.count("\n") <= before + 2
    held = (await ada.says("/streak")).text
    assert ("held" in held) == (last != "0")
    if last != "0":
        assert f"{last} of {last}" in held


async def test_where_nothing_counts_yet_nothing_is_set_aside(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    assert "Your numbers stay" in await goes_to(ada, Stage.REBUILDING)
    assert "Your numbers stay" in await goes_to(ada, Stage.SPACE)


# -- a court order


@pytest.mark.parametrize("stage", ["apology", "reached_out", "rebuilding"])
async def test_under_a_court_order_no_stage_that_speaks_of_contact_is_entered(world: World, stage: Stage) -> None:
    ada = await world.member("ada", last="20")
    await have_a_court_order(ada)
    said = await goes_to(ada, stage)
    assert "There is a court order" in said
    assert "a lawyer" in said
    assert "the office of the court" in said
    assert not any(sign.isdigit() for sign in said)
    assert ada.labels == ["Help lines"]
    for action, args in (("stage.about_us", ()), ("stage.back", (stage,))):
        answer = await ada.calls(Call("", ada.account, ada.place, None, action, args))
        assert isinstance(answer, Reply)
        assert "There is a court order" in answer.text
    assert "Giving space" in (await ada.says("/stage")).text
    assert (await ada.says("/streak")).text.startswith("Day 20.")


async def test_a_court_order_outranks_the_stage_one_stood_at_and_when_it_ends_that_is_back(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    await have_a_court_order(ada)
    assert "Giving space" in (await ada.says("/stage")).text
    await ada.says("/advice")
    space = {piece.title for piece in load(DECK) if piece.stage is Stage.SPACE}
    assert ada.seen.text.splitlines()[0] in space
    await have_a_court_order(ada, yes=False)
    assert "Rebuilding" in (await ada.says("/stage")).text


async def test_under_a_court_order_one_moves_freely_among_the_rest(world: World) -> None:
    ada = await world.member("ada", last="20")
    await have_a_court_order(ada)
    for stage in (Stage.REALITY, Stage.SPACE, Stage.HEALING):
        assert f'"{NAMES[stage]}" now' in await goes_to(ada, stage)


# -- whom the road is for


async def test_whom_it_is_for_is_shown_and_can_be_changed(world: World) -> None:
    ada = await world.member("ada", whom="cheated")
    assert "for somebody who cheated." in (await ada.says("/stage")).text
    assert "for somebody who was cheated on." in (await ada.chooses(Whom.WAS_CHEATED_ON)).text
    assert ada.seen.edit
    assert "for somebody" not in (await ada.chooses(Whom.ANY)).text
    await goes_to(ada, Stage.HEALING)
    assert "for somebody who cheated." in (await ada.says("/stage") and await ada.chooses(Whom.CHEATED)).text
    assert 'You stand at "Letting go".' in ada.seen.text


async def test_todays_thought_is_chosen_anew_where_it_was_for_the_other_side(world: World) -> None:
    pieces = {piece.title: piece for piece in load(DECK)}
    ada = await world.member("ada", whom="cheated")
    await goes_to(ada, Stage.APOLOGY)
    first = pieces[(await ada.says("/advice")).text.splitlines()[0]]
    assert first.whom is Whom.CHEATED
    await ada.says("/stage")
    await ada.chooses(Whom.WAS_CHEATED_ON)
    second = (await ada.says("/advice")).text
    assert pieces[second.splitlines()[0]].whom in (Whom.WAS_CHEATED_ON, Whom.ANY)
    assert (await ada.says("/advice")).text == second


async def test_changing_whom_it_is_for_leaves_the_undo_of_a_move(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    moved = ada.seen
    await ada.says("/stage")
    await ada.chooses(Whom.CHEATED)
    ada.last = moved
    await taps(ada, "Undo")
    assert (await ada.says("/streak")).text.startswith("Day 20.")
    assert "for somebody who cheated" in (await ada.says("/stage")).text


# -- undoing a move


async def kept(world: World) -> tuple[Stage, dict[str, Any]]:
    """The stage and the ledger of the one member there is, as they are kept."""
    async with world.house.store.reading() as tx:
        (road,), ledger = await tx.rows(roads), await tx.rows(contacts, contacts.c.gone.is_(False))
    return Stage(road["road"]["stage"]), {row["id"]: row["entry"] for row in ledger}


async def test_undo_restores_the_stage_and_the_ledger_once(world: World) -> None:
    ada = await world.member("ada", last="20")
    before, streak = await kept(world), (await ada.says("/streak")).text
    await goes_to(ada, Stage.REBUILDING)
    assert ada.labels == ["Today's thought", "Your days", "Undo"]
    moved = ada.seen
    await world.moves(hours=5)
    assert await taps(ada, "Undo") == 'Taken back: you stand at "Giving space", and your days are as they were.'
    assert await kept(world) == before
    assert (await ada.says("/streak")).text == streak
    ada.last = moved
    assert "taken back already" in await taps(ada, "Undo")
    assert await kept(world) == before


async def test_undo_brings_back_what_changing_ones_mind_had_removed(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    await goes_to(ada, Stage.SPACE)
    await taps(ada, "Yes, from today")
    before = await kept(world)
    await world.moves(minutes=10)
    await goes_to(ada, Stage.REBUILDING)
    assert len((await kept(world))[1].keys() & before[1].keys()) == len(before[1]) - 1
    await taps(ada, "Undo")
    assert await kept(world) == before
    await world.moves(days=2)  # nothing that was brought back is cleared away later
    assert await kept(world) == before


async def test_a_second_tap_on_the_same_stage_leaves_the_undo_of_the_first(world: World) -> None:
    ada = await world.member("ada", last="20")
    before = await kept(world)
    for _ in range(2):
        await goes_to(ada, Stage.REBUILDING)
    await taps(ada, "Undo")
    assert await kept(world) == before


async def test_what_was_logged_after_the_move_stays(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    moved = ada.seen
    await ada.says("/contact wrote yesterday")
    ada.last = moved
    await taps(ada, "Undo")
    assert (await ada.says("/streak")).text.startswith("Day 1. ")


async def test_after_a_day_a_move_stands(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    before = await kept(world)
    await world.moves(hours=24)
    assert "it is behind you" in await taps(ada, "Undo")
    assert await kept(world) == before
    await goes_to(ada, Stage.REBUILDING)  # where they stand already
    assert "Undo" not in ada.labels


async def test_nobody_undoes_the_move_of_another(world: World) -> None:
    ada, bob = await world.member("ada", last="20"), await world.member("bob")
    await goes_to(ada, Stage.REBUILDING)
    bob.last = ada.seen
    assert "taken back already" in await taps(bob, "Undo")
    assert (await ada.says("/streak")).text.startswith("Set aside")


async def test_under_a_court_order_undo_leads_to_no_stage_that_speaks_of_contact(world: World) -> None:
    ada = await world.member("ada", last="20")
    await goes_to(ada, Stage.REBUILDING)
    await goes_to(ada, Stage.HEALING)
    await taps(ada, "Yes, from today")
    moved = ada.seen
    await have_a_court_order(ada)
    ada.last = moved
    before = await kept(world)
    assert "There is a court order" in await taps(ada, "Undo")
    assert await kept(world) == before
