"""Joining: consent before anything is kept, five taps, each later step skippable."""

from sqlalchemy import func, select

from bot.store import metadata
from tests.harness import TOWN, World


async def rows(world: World) -> int:
    """Count every row that is somebody's."""
    async with world.house.store.reading() as tx:
        tables = [table for table in metadata.sorted_tables if table.info["holds"] != "nothing"]
        return sum([(await tx.execute(select(func.count()).select_from(table))).scalar_one() for table in tables])


async def test_nothing_is_kept_before_consent(world: World) -> None:
    ada = world.person("ada")
    before = await rows(world)
    seen = await ada.says("/join")
    assert "Ann (ann@example.org) runs this" in seen.text
    await ada.taps("Details")
    await ada.says("/streak")
    await ada.says("hello?")
    await ada.says("/crisis")
    await ada.says("/help")
    assert await rows(world) == before


async def test_under_18_is_turned_to_help_and_nothing_is_kept(world: World) -> None:
    ada = world.person("ada")
    before = await rows(world)
    await ada.says("/join")
    await ada.taps("Under 18")
    assert "Help lines" in ada.labels
    assert await rows(world) == before


async def test_every_later_step_can_be_skipped(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Skip", "No"):
        await ada.taps(label)
    assert "No count yet" in ada.seen.text


async def test_another_day_is_typed_and_a_future_one_is_explained(world: World) -> None:
    ada = world.person("ada")
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Another day"):
        await ada.taps(label)
    form = ada.last
    assert "up to today" in (await ada.fills(day="2026-03-05")).text
    ada.last = form
    await ada.fills(day="18 Feb")
    await ada.taps("No")
    assert ada.seen.text.startswith("Day 14. The last contact was on Wednesday, 18 February")


async def test_joining_in_a_server_proves_that_a_dm_arrives(world: World) -> None:
    ada = world.person("ada", TOWN)
    await ada.says("/join")
    for label in ("I'm 18 or over, and I agree", "Skip", "Today", "Evening"):
        await ada.taps(label)
    await world.settle()
    assert ada.reads() == ["This is where I'll write to you."]


async def test_joining_again_shows_where_one_stands(world: World) -> None:
    ada = await world.member("ada")
    assert (await ada.says("/join")).text.startswith("Day 5. ")
