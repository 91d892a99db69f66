"""Where a member stands, after any moves and undos."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.model import Button, Reply
from cogs.stage import SET_ASIDE, Stage
from tests.cogs.test_stage import goes_to, kept, taps
from tests.harness import Person, new_world

MOVES = st.sampled_from(Stage).map(lambda to: ("move", to))
PASSES = st.sampled_from([0.5, 1.9, 2.1, 90, 600, 1439, 1440, 2000]).map(lambda minutes: ("pass", minutes))
OTHERS = st.sampled_from([("contact", "wrote"), ("contact", "answered yesterday"), ("undo", "last"), ("undo", "first")])


async def moves(ada: Person, to: Stage) -> Button | None:
    """Move, saying yes to what is asked on the way; return the Undo."""
    await goes_to(ada, to)
    for label in ("They said they want to talk about us", "Yes, from today"):
        if label in ada.labels:
            await ada.taps(label)
    return ada.buttons.get("Undo")


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(["0", "1", "20"]), st.lists(MOVES | PASSES | OTHERS, max_size=14))
@example("0", [("move", Stage.REBUILDING), ("pass", 2.1), ("move", Stage.SPACE), ("undo", "last"), ("undo", "last")])
async def test_any_moves_and_undos_leave_what_a_naive_model_says(last: str, steps: list[tuple[str, Any]]) -> None:
    """The model: an Undo turns the stage back, and of the ledger whatever the last move changed, once, for a day."""
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder)) as world:
            ada = await world.member("ada", last=last)
            stage, ledger = await kept(world)
            undos: list[Button] = []
            can: tuple[Any, Stage, dict[str, Any], dict[str, Any]] | None = None  # when, from where, added, removed
            for what, which in steps:
                if what == "pass":
                    await world.moves(minutes=which)
                elif what == "contact":
                    await ada.says(f"/contact {which}")
                    ledger = (await kept(world))[1]
                elif what == "move":
                    button = await moves(ada, which)
                    now = (await kept(world))[1]
                    added = {id: entry for id, entry in now.items() if id not in ledger}
                    removed = {id: entry for id, entry in ledger.items() if id not in now}
                    if which is not stage or added or removed:
                        can = (world.clock.now(), stage, added, removed)
                    stage, ledger = which, now
                    undos += [button] if button else []
                    aside = (await ada.says("/streak")).text.startswith("Set aside")
                    assert aside is (which in SET_ASIDE)
                elif undos:
                    button = undos[-1 if which == "last" else 0]
                    ada.last = Reply("-", ((button,),))
                    said = await taps(ada, "Undo")
                    works = can is not None and button.args == undos[-1].args
                    if works and can is not None and (world.clock.now() - can[0]).total_seconds() < 24 * 3600:
                        stage = can[1]
                        ledger = {id: entry for id, entry in ledger.items() if id not in can[2]} | can[3]
                        can = None
                        assert said.startswith("Taken back: ")
                    else:
                        assert "taken back already" in said
                assert await kept(world) == (stage, ledger)
