"""The deck on the preview page: every piece as each platform shows it, by the renderers that send it."""

from pathlib import Path

from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from bot.adapter import Drawn, Sample
from bot.adapters.discord import render as discord
from bot.adapters.telegram import render as telegram
from bot.app import App
from bot.content import Content
from bot.model import Button, Link, Menu, Option, Reply
from bot.texts import DECK
from bot.vault import new_key
from cogs.advice import proof
from tests.adapters.test_preview import serving
from tests.decks import write_deck
from tests.harness import NOON, World
from tests.scenario.stage import settings

ROWS = (
    (Button("One", "a.b"), Link("Two", "https://example.org/")),
    (Menu("Which?", "a.c", (Option("y", "Yes"), Option("n", "No"))),),
)


async def test_discord_shows_the_labels_below_the_text() -> None:
    assert discord.drawn(Reply("*One*\n# and two", ROWS)) == [Drawn("*One*\n# and two", (("One", "Two"), ("Which?",)))]
    assert discord.drawn(Reply("x" * 3000)) == [Drawn("x" * 3000, boxed=True)]


@given(st.text(alphabet="ab \n*_~`|<[:#>-+1.", min_size=1, max_size=60))
async def test_discord_shows_what_was_written(text: str) -> None:
    assert [drawn.text for drawn in discord.drawn(Reply(text))] == [text]


def test_telegram_shows_the_labels_below_the_text() -> None:
    assert telegram.drawn(Reply("*One*", ROWS)) == [Drawn("*One*", (("One", "Two"), ("Yes", "No")))]
    assert telegram.drawn(Reply("One")) == [Drawn("One")]


async def test_a_piece_is_shown_as_it_is_said_to_whoever_asks(world: World) -> None:
    ada = await world.member("ada")
    said = await ada.says("/advice")
    samples = proof.samples(Content(None, DECK, NOON.date()), world.house.texts.speaker(None, "core"))
    assert said.text in {reply.text for _, reply in samples}


def sample(heading: str, title: str) -> Sample:
    return Sample(
        heading, title, (f"{heading}-id", "any"), Reply("On the page"), {"discord": [Drawn("<b>", (("Go",),))]}
    )


async def test_one_heading_or_all_of_them_is_shown() -> None:
    async with serving() as page:
        page.samples += [sample("space", "First"), sample("healing", "Second")]

        async def shown(of: str) -> str:
            return await (await page.client.get(f"/preview/deck{of}")).text()

        first = await shown("")
        assert "First" in first
        assert "Second" not in first
        assert "&lt;b&gt;" in first
        assert "On the page" in first
        assert "<span>Go</span>" in first
        assert "Second" in await shown("?of=healing")
        both = await shown("?of=all")
        assert "First" in both
        assert "Second" in both
        assert "First" not in await shown("?of=nonsense")
        refused = await page.client.get("/preview/deck", headers={"Host": "example.org"})
        assert refused.status == 403


async def test_every_deck_is_on_the_page_under_its_name(tmp_path: Path) -> None:
    write_deck(tmp_path / "decks" / "harbour", "Harbour", each=1)
    app = App(settings(tmp_path / "data", new_key(), decks=tmp_path / "decks"))
    async with app.running(), ClientSession() as session:
        assert app.web is not None
        async with session.get(f"{app.web.address}/preview/deck?of=Harbour: healing") as response:
            html = await response.text()
        async with session.get(f"{app.web.address}/preview/deck?of=healing") as response:
            ours = await response.text()
    assert html.count("Harbour 0: ") == 4
    assert ours.count("Live in the meantime") == 4
    assert "Harbour 0: " not in ours


async def test_the_deck_that_is_set_is_on_the_page(tmp_path: Path) -> None:
    deck = tmp_path / "deck"
    deck.mkdir()
    for file in DECK.glob("*.toml"):
        (deck / file.name).write_text(file.read_text(encoding="utf-8").replace('try = "', 'try = "Now. '))
    app = App(settings(tmp_path / "data", new_key(), deck=deck))
    async with app.running(), ClientSession() as session:
        assert app.web is not None
        async with session.get(f"{app.web.address}/preview/deck?of=healing") as response:
            html = await response.text()
    assert response.status == 200
    assert html.count("Live in the meantime") == 4  # as a heading, on Discord, on Telegram, on the page
    assert html.count("Today: Now. Put one thing in your calendar") == 3
