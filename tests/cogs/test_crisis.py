"""Help lines: for anybody, before anything else, one's own country's alone, none that is known to be wrong."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.content import Content
from bot.dispatch import calls
from bot.model import Account, Button, Call, Menu, Reply
from bot.texts import CONTENT, DECK
from cogs import crisis
from tests.harness import TOWN, World

LINES = tomllib.loads((CONTENT / "crisis.toml").read_text(encoding="utf-8"))
KINDS = {"emergency", "suicide", "abuse", "own_behaviour"}
FIELDS = {"name", "phone", "text", "text_keyword", "web", "hours", "languages", "region", "audience", "note"}

DO_NOT_USE = LINES["never"]  # still found in public lists that are old, in conflict, or were seen nowhere
HOURS_UNKNOWN = {(code, number) for code, numbers in LINES["hours_unknown"].items() for number in numbers}


def entries() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every entry with its country and kind."""
    for code, country in [*LINES["countries"].items(), ("", LINES["international"])]:
        for kind, found in country.items():
            if isinstance(found, list):
                yield from ((code, kind, entry) for entry in found)


def numbers(entry: dict[str, Any]) -> list[str]:
    """The digits of every number in an entry."""
    return [re.sub(r"\D", "", number) for number in [*entry.get("phone", ()), *filter(None, [entry.get("text")])]]


async def test_every_country_is_shown_to_a_stranger_within_the_limits(world: World) -> None:
    eve = world.person("eve")
    first = await eve.says("/crisis")
    menus = [item for row in first.rows for item in row if isinstance(item, Menu)]
    codes = [option.value for menu in menus for option in menu.options]
    assert sorted(codes) == sorted(LINES["countries"])
    assert "If you are in danger now, call your local emergency number." in first.text
    for code in codes:
        eve.last = first
        text = (await eve.chooses(code)).text
        country = LINES["countries"][code]
        assert text.startswith(country["name"])
        for _, _, entry in ((c, k, e) for c, k, e in entries() if c == code):
            assert entry["name"] in text
            assert [each for each in entry.get("phone", ()) if each not in text] == []
        assert f"Collected on {LINES['meta']['collected']}" in text


async def test_a_country_shows_no_other_countrys_lines(world: World) -> None:
    eve = world.person("eve")
    first = await eve.says("/crisis")
    named = {code: {e["web"] for c, _, e in entries() if c == code and "web" in e} for code in LINES["countries"]}
    for code in LINES["countries"]:
        eve.last = first
        text = (await eve.chooses(code)).text
        shown = {web for others in named.values() for web in others if re.search(rf"{re.escape(web)}(\s|$)", text)}
        assert shown == named[code]


async def test_nobody_is_given_a_country_they_did_not_name(world: World) -> None:
    eve = world.person("eve", locale="en-US")
    assert "988" not in (await eve.says("/crisis")).text
    unknown = await eve.calls(Call("1", eve.account, eve.place, None, "crisis.country", ("XX",)))
    assert isinstance(unknown, Reply)
    assert "I have no lines for that country" in unknown.text


async def test_help_lines_are_one_tap_from_where_someone_is_turned_away(world: World) -> None:
    eve = world.person("eve")
    await eve.says("/join")
    await eve.taps("Under 18")
    assert isinstance(await eve.taps("Help lines"), Reply)
    assert "these people can" in eve.seen.text


async def test_the_answer_is_private_everywhere_and_leaves_nothing(world: World) -> None:
    assert world.dispatch.private("crisis")
    assert world.dispatch.private("crisis.country")
    await world.person("eve", TOWN).says("/crisis")
    await world.person("eve", TOWN).calls(Call("", Account("test", "eve"), TOWN, None, "crisis.country", ("DE",)))

    async with world.house.store.reading() as tx:
        assert await tx.rows(calls) == []


def test_every_entry_says_where_it_is_from_and_how_old_it_is() -> None:
    for code, kind, entry in entries():
        where = f"{code} {entry.get('name')}"
        assert kind in KINDS, where
        assert set(entry) <= FIELDS | {"source", "date"}, where
        assert entry["source"], where
        assert all(isinstance(source, str) and source.strip() for source in entry["source"]), where
        assert entry.get("phone") or entry.get("text") or entry.get("web"), where
        assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", entry["date"]), where
        full = entry["date"] + "-01-01"[len(entry["date"]) - 4 :]
        assert date.fromisoformat(full) <= date.fromisoformat(LINES["meta"]["collected"]), where


def test_what_is_known_to_be_wrong_is_not_forgotten() -> None:
    assert len(DO_NOT_USE) >= 18
    assert sum(map(len, DO_NOT_USE.values())) >= 35
    assert len(HOURS_UNKNOWN) >= 3


def said(folder: Path, text: str, today: date = date(2026, 11, 27)) -> list[str]:
    """What proof-reading says of the file with this text."""
    (folder / "crisis.toml").write_text(text, encoding="utf-8")
    found = crisis.check(Content(folder, DECK, today))
    return [str(remark).removeprefix(f"{folder}/") for remark in found]


TEXT = (CONTENT / "crisis.toml").read_text(encoding="utf-8")


def test_proof_reading_finds_nothing_in_ours(tmp_path: Path) -> None:
    assert said(tmp_path, TEXT) == []


def test_a_set_that_is_half_a_year_old_is_noted(tmp_path: Path) -> None:
    line = TEXT[: TEXT.index("collected = ")].count("\n") + 1
    what = "collected on 2026-11-22, over half a year ago: look through all of them again"
    assert said(tmp_path, TEXT, date(2027, 5, 24)) == []
    assert said(tmp_path, TEXT, date(2027, 5, 25)) == [f"crisis.toml:{line}: note: {what}"]


ENTRY = """[meta]
collected = "2026-11-22"
[countries.XX]
name = "Xanadu"
[[countries.XX.suicide]]
name = "Line"
phone = ["123 45"]
hours = "24/7"
date = "2026-11"
source = ["https://example.org"]
[never]
XX = ["999"]
[hours_unknown]
XX = ["777"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ('source = ["https://example.org"]', "", 5, "XX Line: source is missing"),
        ('["https://example.org"]', "[]", 10, "XX Line: source is a list of where it was found, and never empty"),
        ('["https://example.org"]', '[" "]', 10, "XX Line: source is a list of where it was found, and never empty"),
        ('"https://example.org"', '"https://nomoredirectory.org"', 10, "nomoredirectory was never seen by anybody: "),
        ('phone = ["123 45"]', "", 6, "XX Line: it needs a phone, a text number or a web address"),
        ("123 45", "9-9-9", 7, "XX Line: 999 is old, or was seen nowhere"),
        ("123 45", "777", 8, "XX Line: nobody has confirmed its hours: leave them out"),
        ('"2026-11"', '"November"', 9, "XX Line: date is a day, a month or a year: 2026-11-22, 2026-11 or 2026"),
        ('"2026-11"', '"2026-13"', 9, "XX Line: date is a day, a month or a year: 2026-11-22, 2026-11 or 2026"),
        ('"2026-11"', '"2026-12-01"', 9, "XX Line: its newest source is of 2026-12-01, after 2026-11-22"),
        ('date = "2026-11"', "", 5, "XX Line: date is missing"),
        ("hours =", "open =", 8, "XX Line: there is no field open"),
        ("XX.suicide", "XX.sadness", 6, "XX Line: there is no kind sadness: it is one of emergency, suicide, "),
        ('collected = "2026-11-22"', "", 1, "[meta] needs collected: "),
        ('name = "Xanadu"', "", 3, "XX: name is missing"),
        ('name = "Line"', "name = Line", 6, "it is not TOML: "),
    ],
)
def test_a_mistake_among_the_lines_is_named(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    assert said(tmp_path, ENTRY) == []
    (found,) = said(tmp_path, ENTRY.replace(old, new, 1))
    assert found.startswith(f"crisis.toml:{line}: {what}")


@pytest.mark.parametrize("code", sorted(DO_NOT_USE))
def test_a_number_known_to_be_wrong_is_not_among_them(code: str) -> None:
    used = {number for country, _, entry in entries() if country == code for number in numbers(entry)}
    assert used.isdisjoint(DO_NOT_USE[code])


def test_hours_that_nobody_confirmed_are_not_promised() -> None:
    promised = {(code, number) for code, _, entry in entries() if "hours" in entry for number in numbers(entry)}
    assert promised.isdisjoint(HOURS_UNKNOWN)


def test_the_directories_seen_nowhere_are_not_named() -> None:
    text = (CONTENT / "crisis.toml").read_text(encoding="utf-8")
    assert not re.search(r"nomoredirectory|hotpeachpages", text)


async def test_a_member_may_have_their_country_kept_and_is_shown_it_at_once(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/crisis")
    await ada.chooses("DE")
    await ada.taps("Keep this as my country")
    assert "Help lines come for: Germany." in ada.seen.text
    shown = (await ada.says("/crisis")).text
    assert shown.startswith("Germany")
    await ada.taps("Another country")
    assert "these people can" in ada.seen.text
    await ada.says("/settings")
    await ada.taps("Country")
    await ada.taps("Keep no country")
    assert "Which country are you in?" in ada.seen.text
    assert "these people can" in (await ada.says("/crisis")).text


async def test_of_a_region_that_is_known_no_others_lines_are_shown(world: World) -> None:
    ada = await world.member("ada")
    regional = {e["region"]: e["name"] for c, _, e in entries() if c == "GB" and "region" in e}
    assert len(regional) > 2
    await ada.says("/settings")
    await ada.taps("Country")
    await ada.chooses("GB")
    unknown = (await ada.says("/crisis")).text
    assert all(name in unknown for name in regional.values())
    await ada.says("/settings")
    await ada.taps("Country")
    await ada.chooses("GB")
    await ada.chooses(str(sorted(regional).index("Scotland")))
    assert "Help lines come for: Scotland, United Kingdom." in ada.seen.text
    text = (await ada.says("/crisis")).text
    assert {region for region, name in regional.items() if name in text} == {"Scotland"}
    every = [e["name"] for c, _, e in entries() if c == "GB" and "region" not in e]
    assert all(name in text for name in every)


async def test_who_fears_what_they_may_do_sees_their_countrys_lines_for_that_first(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/crisis")
    await ada.chooses("GB")
    await ada.taps("Keep this as my country")
    told = await ada.calls(Call("", ada.account, ada.place, None, "crisis.afraid"))
    assert isinstance(told, Reply)
    assert told.text.startswith("It takes something to say that.")
    assert told.text.index("what you might do to someone") < told.text.index("In danger now")


async def test_a_stranger_who_fears_what_they_may_do_names_a_country_first(world: World) -> None:
    eve = world.person("eve")
    eve.last = Reply("?", ((Button("Afraid", "crisis.afraid"),),))
    await eve.taps("Afraid")
    text = (await eve.chooses("GB")).text
    assert text.index("what you might do to someone") < text.index("In danger now")


async def test_a_stranger_is_not_offered_to_have_a_country_kept(world: World) -> None:
    eve = world.person("eve")
    await eve.says("/crisis")
    assert (await eve.chooses("DE")).rows == ()


@pytest.mark.parametrize(("action", "args"), [("keep", ("XX",)), ("region", ("GB", "99")), ("region", ("DE", "0"))])
async def test_a_forged_country_is_not_kept(world: World, action: str, args: tuple[str, ...]) -> None:
    ada = await world.member("ada")
    await ada.calls(Call("", ada.account, ada.place, None, f"crisis.{action}", args))
    assert "these people can" in (await ada.says("/crisis")).text
