"""What a member chose: each thing is changed in two or three taps, shown, and goes by it."""

from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import people
from bot.model import Button, Menu
from bot.texts import CONTENT, Texts
from cogs.settings import Choices
from tests.harness import Person, World, new_world


async def shown(person: Person) -> str:
    """What /settings shows."""
    return (await person.says("/settings")).text


@pytest.mark.parametrize("what", ["silent", "discreet", "court_order"])
async def test_a_switch_is_turned_on_and_off(world: World, what: str) -> None:
    ada = await world.member("ada")
    before = await shown(ada)
    on = (await ada.chooses(f"{what}_on")).text
    assert on != before
    assert await shown(ada) == on
    assert (await ada.chooses(f"{what}_off")).text == before


async def test_who_counts_days_without_looking_says_when_they_last_did(world: World) -> None:
    ada = await world.member("ada", last="9")
    await ada.says("/settings")
    assert "When did you last look" in (await ada.chooses("not_checking_on")).text
    await ada.taps("Yesterday")
    assert "Without looking at their profile: 1 day." in (await ada.says("/streak")).text
    await ada.says("/settings")
    await ada.chooses("not_checking_off")
    assert "looking" not in (await ada.says("/streak")).text


async def test_who_never_looked_counts_from_the_beginning(world: World) -> None:
    ada = await world.member("ada", last="9")
    await ada.says("/settings")
    await ada.chooses("not_checking_on")
    await ada.taps("Not since it began")
    assert "Days without looking at their profile: counted" in ada.seen.text
    assert "Without looking at their profile: 9 days." in (await ada.says("/streak")).text


async def test_a_day_begins_when_it_is_to(world: World) -> None:
    ada = await world.member("ada", last="5")
    await world.moves(hours=13)  # 01:00, still yesterday
    assert (await ada.says("/streak")).text.startswith("Day 5. ")
    await ada.says("/settings")
    await ada.chooses("day_start")
    assert "Your day begins at 00:00" in (await ada.chooses("0")).text
    assert (await ada.says("/streak")).text.startswith("Day 6. ")
    await ada.says("/settings")
    await ada.chooses("day_start")
    await ada.chooses("6")
    assert (await ada.says("/streak")).text.startswith("Day 6. ")  # what was shown is not taken away


async def test_quiet_hours_are_chosen(world: World) -> None:
    ada = await world.member("ada")
    assert "Quiet hours: 22:00 to 08:00" in await shown(ada)
    await ada.chooses("quiet")
    assert "Quiet hours: 23:00 to 06:00" in (await ada.chooses("23-6")).text


@pytest.mark.parametrize(
    ("action", "value"),
    [
        *(("quiet", "12-13"), ("quiet", "x"), ("day_start", "7"), ("urge_wait", "1"), ("language", "xx")),
        *(("switch", "paused_on"), ("switch", "silent"), ("switch", "silent_maybe")),
    ],
)
async def test_a_forged_value_is_not_taken(world: World, action: str, value: str) -> None:
    ada = await world.member("ada")
    before = await shown(ada)
    ada.last = ada.seen.__class__("?", ((Button("Forged", f"settings.{action}", [value]),),))
    answer = await ada.taps("Forged")
    assert "I don't know that one" in getattr(answer, "text", "")
    assert await shown(ada) == before


async def test_there_is_no_choice_of_language_where_there_is_one(world: World) -> None:
    ada = await world.member("ada")
    menus = [item for row in (await ada.says("/settings")).rows for item in row if isinstance(item, Menu)]
    assert "language" not in [option.value for menu in menus for option in menu.options]


async def test_a_language_is_chosen_where_there_are_more(tmp_path: Path) -> None:
    content = tmp_path / "content"
    copytree(CONTENT / "en", content / "en")
    (content / "de").mkdir()
    (content / "de" / "settings.ftl").write_text("is-urge_wait = Ein Drang wird {$minutes} Minuten ausgewartet\n")
    (tmp_path / "db").mkdir()
    async with new_world(tmp_path / "db", texts=Texts(content)) as world:
        ada = await world.member("ada")
        await ada.says("/settings")
        menu = await ada.chooses("language")
        assert [option.label for item in menu.rows[0] if isinstance(item, Menu) for option in item.options] == [
            "Deutsch",
            "English",
        ]
        assert "Ein Drang wird 20 Minuten" in (await ada.chooses("de")).text


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 23))
def test_quiet_hours_go_over_midnight(begin: int, end: int, hour: int) -> None:
    quiet = {each % 24 for each in range(begin, end if end >= begin else end + 24)}
    assert Choices(quiet_from=begin, quiet_until=end).is_quiet(hour) is (hour in quiet)


async def test_the_last_day_somebody_was_here_is_kept_by_their_own_clock(world: World) -> None:
    ada = await world.member("ada")

    async def seen() -> str:
        async with world.house.store.reading() as tx:
            member = await people.find(tx, world.house.vault, ada.account)
        assert member is not None
        return member.seen.isoformat()

    assert await seen() == "0001-01-01"
    await ada.says("/streak")  # reads only
    assert await seen() == "2026-03-04"
    await world.moves(hours=15)  # 03:00, still the same day
    await ada.says("/contact they_wrote")
    assert await seen() == "2026-03-04"
    await world.moves(days=3)
    assert await seen() == "2026-03-04"
    await ada.says("hello")
    assert await seen() == "2026-03-07"
