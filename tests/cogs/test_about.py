"""What this is, who runs it, where its words come from: for anybody, before anything is kept."""

import shutil
from pathlib import Path

import pytest

from bot.errors import DeclarationError
from bot.texts import DECK
from cogs import advice
from tests.harness import TOWN, World


async def test_anybody_is_told_who_runs_it_and_where_the_words_come_from(world: World) -> None:
    eve = world.person("eve", TOWN)
    text = (await eve.says("/about")).text
    assert 'The teachings come from "How to get your ex back after cheating", by Zan' in text
    assert f"{world.community.responsible} answers for it in {world.community.name}." in text
    assert "Kim (kim@example.org) runs the machine it is on." in text
    assert "Version 0.1.0." in text
    assert "MIT" in text
    assert world.dispatch.private("about")
    await eve.taps("What is kept")
    assert "Kept, from the moment you agree" in eve.seen.text


async def test_another_deck_brings_its_own_credit(world: World, tmp_path: Path) -> None:
    shutil.copytree(DECK, tmp_path / "deck")
    file = tmp_path / "deck" / "deck.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("by Zan, founder of Magnet of Success", "by somebody else"), encoding="utf-8")
    world.house.deck = tmp_path / "deck"
    text = (await world.person("eve").says("/about")).text
    assert "by somebody else" in text
    assert "Zan" not in text


async def test_a_deck_that_is_not_right_keeps_it_from_starting(world: World, tmp_path: Path) -> None:
    shutil.copytree(DECK, tmp_path / "deck")
    world.house.deck = tmp_path / "deck"
    advice.read_decks(world.house.all_decks)
    shutil.copytree(DECK, tmp_path / "spoilt")
    (tmp_path / "spoilt" / "extra.toml").write_text('stage = "space"\n[[piece]]\nid = "x"\n')
    world.house.deck = tmp_path / "spoilt"
    with pytest.raises(DeclarationError, match=r"extra\.toml:2: x: title is missing"):
        advice.read_decks(world.house.all_decks)


async def test_members_read_the_deck_that_is_set(world: World, tmp_path: Path) -> None:
    shutil.copytree(DECK, tmp_path / "deck")
    for file in (tmp_path / "deck").glob("*.toml"):
        file.write_text(file.read_text(encoding="utf-8").replace('try = "', 'try = "Now. '), encoding="utf-8")
    world.house.deck = tmp_path / "deck"
    ada = await world.member("ada")
    assert "Now. " in (await ada.says("/advice")).text
