"""Setting a community up: whatever is pressed in whatever order, it stands, and the others stay as they were."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import communities
from bot.model import Call, Form, Place, Reply
from cogs.posts import Change as Changes
from cogs.setup import Change
from cogs.stage import Stage
from tests.cogs.test_setup import NEW, NEW_DESK, NEW_TOWN, OFF, runs_new
from tests.decks import write_deck
from tests.harness import DESK, ELSEWHERE, HOME, NOON, OTHER_DESK, Person, World, new_world, the_texts

TEXTS = the_texts()
PLACES = ("new-desk", "new-back", "new-town", "desk", "other-desk", "gone", "new-desk/7")
ARGS = {
    "platform": st.sampled_from(["test", "other"]),
    "group": st.sampled_from(["new", "home", "none"]),
    "place": st.sampled_from(PLACES),
    "role": st.sampled_from(["mods", "none"]),
    "person": st.sampled_from(["rowan", "noor", "liv"]),
    "hour": st.sampled_from(["0", "23", "24", "x"]),
    "deck": st.sampled_from(["-", "harbour", "none"]),
    "what": st.sampled_from([*Change, *Changes, "nothing"]),
    "day": st.sampled_from([*map(str, range(8)), "x"]),
    "stage": st.sampled_from([*Stage, "nothing"]),
    "on": st.integers(-1, 7).map(lambda days: str(NOON.toordinal() + days)),
    "way": st.sampled_from(["earlier", "later", "nothing"]),
}
FILLED = {"operator": "Liv", "contact": "here", "name": "New", "where": "Paris"}
HAPPENS = ("silence", "sound", "broken", "mended")
ACTIONS = (
    "setup",
    *(f"setup.{name}" for name in ("start", "who", "name", "desk", "no_desk", "role", "coach", "coach_out", "coaches")),
    *(
        f"setup.{name}"
        for name in ("posts", "no_posts", "hour", "zone", "check", "checked", "test", "resume", "open", "undesk")
    ),
    "setup.change",
    "setup.article",
    "posts",
    *(f"posts.{name}" for name in ("all", "place", "add", "check", "change", "hour", "zone", "day", "stage", "remove")),
    *(f"posts.{name}" for name in ("see", "one", "move", "shift", "skip", "another")),
)


@settings(max_examples=25, deadline=None)
@given(st.data())
async def test_no_order_of_presses_breaks_anything(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder), texts=TEXTS) as world:
            assert {
                each.id for each in world.house.registry.handlers.values() if each.cog in {"setup", "posts"}
            } == set(ACTIONS)
            await world.another()
            world.house.decks = {"harbour": write_deck(Path(folder) / "harbour", "Harbour", each=1)}
            liv = runs_new(world)
            for action in data.draw(st.lists(st.sampled_from([*ACTIONS, *HAPPENS]), min_size=1, max_size=14)):
                await presses(world, liv, action, data)
                async with world.house.store.reading() as tx:
                    made = await communities.at(tx, NEW)
                    assert made is None or (made.operator and await communities.steward(tx, made.id))
                    assert made is None or not made.asks or made.desk is not None
                    assert made is None or made.deck in (None, "harbour")
                    for server, desk in ((HOME, DESK), (ELSEWHERE, OTHER_DESK)):
                        other = await communities.at(tx, server)
                        assert other is not None
                        assert other.desk is not None
                        assert (other.operator, other.desk.place, other.deck) == ("Ann", desk, None)


async def presses(world: World, liv: Person, action: str, data: st.DataObject) -> None:
    """Press a button that may be from any time, or let something happen to the places."""
    match action:
        case "silence" | "sound":
            world.platform.silent = action == "silence"
        case "broken":
            world.platform.missing[NEW_DESK] = (OFF,)
            world.platform.gone |= {NEW_TOWN, Place("test", "gone")}
        case "mended":
            world.platform.missing.clear()
            world.platform.gone.clear()
        case _:
            handler = world.house.registry.handlers[action]
            fields = [field.name for field in handler.form.fields] if isinstance(handler.form, Form) else []
            async with world.house.store.reading() as tx:
                made = await communities.at(tx, NEW)
            keys = [spot.key for spot in made.posts] if made else []
            known = {"community": made.id if made else "none", "server": "new"}
            known["key"] = data.draw(st.sampled_from([*keys, "none", "more-24"]))
            args = tuple(
                known.get(param.name) or data.draw(ARGS[param.name])
                for param in handler.params
                if param.name not in fields
            )
            values = {name: FILLED[name] for name in fields}
            answer = await liv.calls(Call("", liv.account, liv.place, None, action, args, values))
            assert isinstance(answer, Reply)
            assert "Something went wrong on our side" not in answer.text, action
