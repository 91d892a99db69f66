"""Where a member stands: shown, moved by choice, and not by every little thing the other one does."""

from bot.model import Call, Reply
from cogs.advice import deck
from cogs.stage import Stage
from tests.harness import World

NAMES = {
    Stage.REALITY: "Facing it",
    Stage.APOLOGY: "The one apology",
    Stage.SPACE: "Giving space",
    Stage.HEALING: "Letting go",
    Stage.REBUILDING: "Rebuilding",
}


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
    apology = {piece.title for piece in deck() if piece.stage is Stage.APOLOGY}
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
