"""What a community comes to: whatever happens, its days never fall, and rise by no more than there can be."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Happening
from cogs import totals
from tests.cogs.test_totals import WEEK, counted, counting, erased, members
from tests.harness import HOME, TOWN, Person, World, new_world, the_texts

TEXTS = the_texts()
HAPPENS = ("lapse", "leave", "return", "erase", "join", "hours", "week", "weeks")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HAPPENS), st.integers(0, 8)), max_size=16))
async def test_days_never_fall_and_rise_by_seven_a_person_at_most(happens: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        async with new_world(Path(folder), texts=TEXTS) as world:
            await counting(world)
            people = dict(enumerate(await members(world, 7)))
            since, before = dict.fromkeys(people, world.clock.now().date()), await counted(world)
            for what, which in [*happens, ("week", 0), ("week", 0)]:
                new = which not in people
                await happen(world, people, what, which)
                if what in ("leave", "return", "erase"):
                    since.pop(which, None)
                if (what == "join" and new) or (what == "return" and not new):
                    since[which] = world.clock.now().date()
                now = await counted(world)
                after, rise = max(before[1], now[1] - WEEK), now[0] - before[0]
                all_week = [each for each, day in since.items() if day <= after]
                assert 0 <= rise <= (now[1] - after).days * len(all_week)
                assert not rise or len(all_week) >= totals.PEOPLE
                before = now


async def happen(world: World, people: dict[int, Person], what: str, which: int) -> None:
    """Let something happen to one of them, or time pass."""
    who = people.get(which)
    left = Happening("left", account=who.account, server=HOME) if who else None
    match what:
        case "lapse" if who:
            await who.says("/contact wrote yesterday")
        case "leave" if left:
            await world.dispatch.happened(left)
        case "return" if who and left:
            await world.dispatch.happened(left)
            there = world.person(who.account.id, TOWN)
            await there.says("/join")
            await there.taps("Join it, too")
        case "erase" if who:
            await erased(people.pop(which))
        case "join" if who is None:
            people[which] = await world.member(f"new-{which}-{world.clock.now()}", last="30")
        case "hours":
            await world.moves(hours=1 + 9 * which)
        case "week" | "weeks":
            await world.moves(days=7 * (1 if what == "week" else 1 + which % 3))
        case _:
            pass
