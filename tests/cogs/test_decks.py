"""Each community may have its own deck: who reads which, what a change does, and what is said where one is gone."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot import communities
from bot.adapter import Unreachable
from bot.app import App, has_database
from bot.cog import Stats
from bot.communities import Community
from bot.errors import DeclarationError
from bot.model import TEXT, Call, Menu, Place, Reply, Server, length
from bot.texts import DECK
from bot.vault import new_key
from cogs import advice
from cogs import posts as posts_of
from cogs.advice import rules, store
from cogs.advice.deck import Piece, load, read
from cogs.advice.rules import Reader
from cogs.advice.store import Felt
from cogs.stage import Road, Stage
from tests.cogs.test_advice import READERS
from tests.cogs.test_advice_due import reading
from tests.decks import write_deck
from tests.harness import DESK, ELSEWHERE, NOON, OTHER_DESK, OTHER_TOWN, TOWN, Person, World, counted
from tests.scenario.stage import settings
from tests.seed import set_up

OURS = [piece.title for piece in load(DECK)]


@pytest.fixture
def decks(world: World, tmp_path: Path) -> dict[str, Path]:
    """Two decks beside ours."""
    world.house.decks = {
        name: write_deck(tmp_path / "decks" / name, name.title()) for name in ("harbour", "second-wind")
    }
    advice.read_decks(world.house.all_decks)
    return world.house.decks


async def choose(world: World, community: Community, deck: str | None) -> None:
    """Let a community have a deck."""
    async with world.house.store.transaction() as tx:
        await communities.change(tx, community.id, deck=deck)


async def two(world: World) -> tuple[Community, Community]:
    """Return two communities, of which the second has chosen another deck than ours."""
    other = await world.another()
    await choose(world, other, "harbour")
    return world.community, other


def deck_of(said: str) -> str:
    """Return by its title of which deck a piece is."""
    for name in ("Harbour", "Second-Wind"):
        if any(line.startswith(f"{name} ") for line in said.splitlines()):
            return name
    assert any(line in OURS for line in said.splitlines()), said
    return "ours"


def owner(world: World, name: str = "olga") -> Person:
    """Someone who runs the other community's server."""
    world.platform.owners[name] = ELSEWHERE
    return world.person(name, OTHER_TOWN)


def menus(reply: Reply) -> list[Menu]:
    """The menus of a message."""
    return [item for row in reply.rows for item in row if isinstance(item, Menu)]


# -- who reads which


@pytest.mark.usefixtures("decks")
async def test_a_member_reads_the_deck_of_their_community(world: World) -> None:
    home, other = await two(world)
    ada, ben = await world.member("ada", of=(home,)), await world.member("ben", of=(other,))
    for _ in range(3):
        assert deck_of((await ada.says("/advice")).text) == "ours"
        assert deck_of((await ben.says("/advice")).text) == "Harbour"
        assert deck_of((await ben.taps("Another")).text) == "Harbour"  # pyright: ignore
        await world.moves(days=1)


@pytest.mark.usefixtures("decks")
async def test_the_daily_piece_is_of_that_deck_and_so_is_one_that_does_not_show_itself(world: World) -> None:
    _, other = await two(world)
    ben = await world.member("ben", of=(other,))
    await ben.says("/daily 13")
    await world.moves(hours=1)
    await world.moves(days=1)
    first, second = ben.reads()
    assert (deck_of(first), deck_of(second)) == ("Harbour", "Harbour")
    assert first != second


@pytest.mark.usefixtures("decks")
async def test_of_two_decks_it_is_the_usual_one_and_of_one_in_both_it_is_that(world: World) -> None:
    home, other = await two(world)
    ada = await world.member("ada", of=(home, other))
    assert deck_of((await ada.says("/advice")).text) == "ours"
    await choose(world, home, "second-wind")
    assert deck_of((await ada.says("/advice")).text) == "ours"
    await choose(world, home, "harbour")
    assert deck_of((await ada.says("/advice")).text) == "Harbour"
    await choose(world, home, "lost")
    await choose(world, other, None)
    assert deck_of((await ada.says("/advice")).text) == "ours"


@pytest.mark.usefixtures("decks")
async def test_who_has_left_every_community_reads_the_usual_one(world: World) -> None:
    _, other = await two(world)
    assert deck_of((await (await world.member("ada", of=())).says("/advice")).text) == "ours"
    ben = await world.member("ben", of=(other,))
    async with world.house.store.transaction() as tx:
        await tx.delete(communities.memberships, communities.memberships.c.community == other.id)
    assert deck_of((await ben.says("/advice")).text) == "ours"


@pytest.mark.usefixtures("decks")
async def test_the_posts_of_a_community_are_of_its_deck(world: World) -> None:
    _, other = await two(world)
    async with world.house.store.transaction() as tx:
        await posts_of.plan_all(world.house.work(tx))
    await world.moves(hours=21)
    assert [deck_of(text) for text in world.person("eve").reads(OTHER_TOWN)] == ["Harbour"]
    assert [deck_of(text) for text in world.person("eve").reads(TOWN)] == ["ours"]
    await choose(world, other, "second-wind")
    for _ in range(5):
        await world.moves(days=1)
    posts = world.person("eve").reads(OTHER_TOWN)
    assert [deck_of(text) for text in posts[1:]] == ["Second-Wind"] * 5
    assert len(set(posts[1:])) >= 3  # of one stage or of both, as the dice fall; each has three


@pytest.mark.usefixtures("decks")
async def test_coaches_find_what_the_deck_of_their_community_teaches(world: World) -> None:
    home, _ = await two(world)

    async def titles(place: Place) -> list[str]:
        found = menus(await world.person("rowan", place).says("/snippets harbour tea walk"))
        return [option.label for menu in found for option in menu.options]

    assert all(title.startswith("Harbour ") for title in await titles(OTHER_DESK))
    assert await titles(OTHER_DESK)
    assert await titles(DESK)
    assert set(await titles(DESK)) <= set(OURS)
    coach = world.person("rowan", OTHER_DESK)
    shown = await coach.says("/snippets harbour")
    (menu,) = menus(shown)
    await coach.chooses(menu.options[0].value)
    assert coach.seen.text.startswith("Harbour ")
    coach.last = shown
    await choose(world, (await _at(world)), "second-wind")
    assert "isn't" in (await coach.chooses(menu.options[0].value)).text
    await choose(world, home, "harbour")
    coach = world.person("rowan", DESK)
    coach.last = shown
    assert (await coach.chooses(menu.options[0].value)).text.startswith("Harbour ")


async def _at(world: World) -> Community:
    async with world.house.store.reading() as tx:
        found = await communities.at(tx, ELSEWHERE)
    assert found
    return found


@pytest.mark.sqlite
@pytest.mark.parametrize(("which", "count"), [("none", 0), ("the usual one", 0), ("another", 1), ("chosen", 1)])
async def test_it_takes_one_statement_more_and_none_where_there_is_one_deck(
    world: World, tmp_path: Path, which: str, count: int
) -> None:
    if which != "none":
        usual = which == "the usual one"
        deck = world.house.deck if usual else write_deck(tmp_path / "harbour", "Harbour")
        world.house.decks = {"harbour": deck}
    if which == "chosen":
        await choose(world, world.community, "harbour")
    ada = await world.member("ada")
    await ada.says("/daily 13")
    with counted() as statements:
        await world.moves(hours=1)
    assert len(ada.reads()) == 1
    assert sum("communities.deck" in each and "memberships" in each for each in statements) == count


# -- a deck that changes


async def test_what_was_read_today_is_answered_after_the_deck_has_changed(world: World, decks: dict[str, Path]) -> None:
    ada = await world.member("ada")
    before = await ada.says("/advice")
    shown = ada.last
    await choose(world, world.community, "harbour")
    helped = await ada.taps("Helped")
    assert isinstance(helped, Reply)
    assert helped.edit
    assert before.text in helped.text
    assert helped.text.endswith("Noted: this one helped.")
    kept = await reading(ada)
    assert list(kept.felt.values()) == [Felt.HELPED]
    ada.last = shown
    assert deck_of((await ada.taps("Another")).text) == "Harbour"  # pyright: ignore
    again = ada.seen.text
    ada.last = shown
    assert (await ada.taps("Another")).text == again  # pyright: ignore
    assert set((await reading(ada)).had) == {*kept.had, (await reading(ada)).piece}
    assert deck_of((await ada.says("/advice")).text) == "Harbour"
    assert decks


@pytest.mark.usefixtures("decks")
async def test_the_piece_of_today_is_another_one_once_the_deck_has_changed(world: World) -> None:
    ada = await world.member("ada")
    ours = (await ada.says("/advice")).text
    await choose(world, world.community, "harbour")
    theirs = (await ada.says("/advice")).text
    assert deck_of(theirs) == "Harbour"
    assert (await ada.says("/advice")).text == theirs
    await choose(world, world.community, None)
    assert deck_of((await ada.says("/advice")).text) == "ours"
    assert (await ada.says("/advice")).text != ours  # that was had


@pytest.mark.usefixtures("decks")
async def test_others_of_a_former_deck_make_room_and_the_day_still_has_an_end(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/advice")
    first = ada.last
    await ada.taps("Another")
    second = ada.last
    await ada.taps("Another")
    await choose(world, world.community, "harbour")
    for shown, number in ((first, 0), (second, 1)):
        texts: set[str] = set()
        for _ in range(3):
            ada.last = shown
            texts.add((await ada.taps("Another")).text)  # pyright: ignore
        assert len(texts) == 1
        assert deck_of(texts.pop()) == "Harbour"
        kept = await reading(ada)
        assert len(kept.more) == 2
        assert "harbour" in kept.more[number]
    assert "Another" not in ada.labels


@pytest.mark.usefixtures("decks")
async def test_a_piece_that_came_without_showing_itself_is_shown_of_the_deck_that_is_read_now(world: World) -> None:
    ada = await world.member("ada", last="6")
    await ada.says("/settings")
    await ada.chooses("discreet_on")
    await ada.says("/daily 13")
    await world.moves(hours=1)
    (veiled,) = ada.reads()
    assert "\n" not in veiled
    await choose(world, world.community, "harbour")
    await ada.taps(ada.labels[0])
    assert deck_of(ada.seen.text) == "Harbour"


@pytest.mark.usefixtures("decks")
async def test_a_piece_that_did_not_arrive_is_taken_back_though_the_deck_has_changed(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/daily 13")
    world.clock.move(timedelta(hours=1))
    await world.scheduler.tick()
    given = (await reading(ada)).piece
    await choose(world, world.community, "harbour")
    world.platform.outcomes = [Unreachable()]
    while await world.sender.drain():
        pass
    kept = await reading(ada)
    assert given not in kept.had
    assert deck_of((await ada.says("/advice")).text) == "Harbour"


def test_two_decks_with_the_same_id_have_the_same_piece() -> None:
    ours = [piece for piece in load(DECK) if piece.stage is Stage.SPACE]
    reader = replace(Reader(Road(Stage.SPACE), NOON.date(), 12), had=[piece.id for piece in ours[1:]])
    changed = [replace(piece, title="Changed") for piece in ours]
    assert rules.choose(changed, reader, random.Random(1)).id == ours[0].id


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Piece, ...]:
    """The pieces of a small deck."""
    return read(write_deck(tmp_path_factory.mktemp("decks") / "harbour", "Harbour"))


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(READERS, st.integers(0, 999).map(random.Random))
def test_whatever_was_had_and_said_of_another_deck_a_piece_of_this_one_is_chosen(
    small: tuple[Piece, ...], reader: Reader, dice: random.Random
) -> None:
    had, met = list(reader.had), set[str]()
    for _ in range(30):
        piece = rules.choose(small, replace(reader, had=had), dice)
        assert piece in small
        assert rules.still_right(small, replace(reader, had=had), piece.id, rules.moments(reader)) == piece
        met.add(piece.id)
        had = rules.after(small, had, piece)
        assert set(reader.had) <= set(had)
        assert len(had) == len(set(had))
    fit = rules.fitting(small, reader)
    assert met == {piece.id for piece in fit}
    assert rules.still_right(small, reader, load(DECK)[0].id, []) is None


# -- choosing one


async def test_where_there_is_one_deck_there_is_nothing_to_choose(world: World) -> None:
    await world.another()
    olga = owner(world)
    for decks in ({}, {"usual": world.house.deck}):
        world.house.decks = decks
        said = await olga.says("/setup")
        assert "article" not in {option.value for menu in menus(said) for option in menu.options}
        assert "Article" not in said.text


@pytest.mark.usefixtures("decks")
async def test_whoever_runs_a_community_chooses_its_article(world: World) -> None:
    world.house.decks["road"] = world.house.deck
    other = await world.another()
    ben = await world.member("ben", of=(other,))
    olga = owner(world)
    assert "\nArticle: The road\n" in (await olga.says("/setup")).text
    assert "It is The road now." in (await olga.chooses("article")).text
    (menu,) = menus(olga.seen)
    assert [(option.value, option.label) for option in menu.options] == [
        ("-", "The road"),
        ("harbour", "Harbour"),
        ("second-wind", "Second-Wind"),
    ]
    assert olga.labels[-1] == "Back"
    said = (await olga.chooses("second-wind")).text
    assert said.startswith("People read Second-Wind now.")
    assert "\nArticle: Second-Wind\n" in said
    assert deck_of((await ben.says("/advice")).text) == "Second-Wind"
    await olga.says("/setup")
    await olga.chooses("test")
    assert deck_of(olga.seen.text) == "Second-Wind"
    await olga.says("/setup")
    await olga.chooses("article")
    assert (await olga.chooses("-")).text.startswith("People read The road now.")
    assert deck_of((await ben.says("/advice")).text) == "ours"
    assert (await _at(world)).deck is None


@pytest.mark.usefixtures("decks")
async def test_what_is_chosen_is_checked_at_the_press(world: World) -> None:
    other = await world.another()
    olga = owner(world)
    await olga.says("/setup")
    shown = await olga.chooses("article")
    del world.house.decks["harbour"]
    assert "not there any more" in (await olga.chooses("harbour")).text
    for forged in ("../../etc", "", "usual", "harbour "):
        await olga.calls(Call("", olga.account, olga.place, None, "setup.article", (other.id, forged)))
        assert "People read" not in olga.seen.text
    home = Call("", olga.account, olga.place, None, "setup.article", (world.community.id, "second-wind"))
    await olga.calls(home)
    assert "whoever runs this place" in olga.seen.text
    assert (await _at(world)).deck is None
    world.house.decks["harbour"] = world.house.deck  # the usual one now, under its own name too
    olga.last = shown
    assert (await olga.chooses("harbour")).text.startswith("People read The road now.")


async def test_as_many_as_a_menu_holds_can_be_chosen_among_by_names_as_long_as_they_may_be(
    world: World, tmp_path: Path
) -> None:
    names = [f"{number:02}-{'x' * 29}" for number in range(24)]
    for number, name in enumerate(names):
        write_deck(tmp_path / name, f"{number} {'y' * 97}", each=1)
    world.house.decks = {name: tmp_path / name for name in names}
    await world.another()
    olga = owner(world)
    await olga.says("/setup")
    await olga.chooses("article")
    (menu,) = menus(olga.seen)
    assert len(menu.options) == 25
    assert (await olga.chooses(names[-1])).text.startswith("People read 23 y")
    assert (await _at(world)).deck == names[-1]


# -- a deck that is gone


@pytest.mark.parametrize("left", [(), ("second-wind",)])
async def test_where_a_deck_is_gone_the_usual_one_is_read_and_setup_says_so(
    world: World, decks: dict[str, Path], left: tuple[str, ...]
) -> None:
    _, other = await two(world)
    ben = await world.member("ben", of=(other,))
    await ben.says("/advice")
    shown = ben.last
    world.house.decks = {name: decks[name] for name in left}
    for label in ("Helped", "Not for me"):
        ben.last = shown
        said = await ben.taps(label)
        assert isinstance(said, Reply)
        assert said.text.startswith("That thought is not here any more. This is today's.\n\n")
        assert deck_of(said.text) == "ours"
        assert not said.edit
    assert (await reading(ben)).felt == {}
    ben.last = shown
    await ben.taps("Another")
    assert deck_of(ben.seen.text) == "ours"
    assert deck_of((await ben.says("/advice")).text) == "ours"
    olga = owner(world)
    said = await olga.says("/setup")
    assert "\nArticle: The road\n" in said.text
    assert "The article chosen here, “harbour”, is not there any more, so people read The road." in said.text
    await olga.chooses("article")
    (menu,) = menus(olga.seen)
    assert [option.value for option in menu.options] == ["-", *left]
    assert "not there any more" not in (await olga.chooses("-")).text
    assert "not there any more" not in (await olga.says("/setup")).text


async def test_a_deck_that_comes_back_is_read_again(world: World, decks: dict[str, Path]) -> None:
    _, other = await two(world)
    ben = await world.member("ben", of=(other,))
    world.house.decks = {}
    assert deck_of((await ben.says("/advice")).text) == "ours"
    world.house.decks = decks
    assert deck_of((await ben.says("/advice")).text) == "Harbour"


# -- /about


@pytest.mark.usefixtures("decks")
async def test_about_names_the_article_of_the_community_it_is_asked_in(world: World) -> None:
    await two(world)
    elsewhere = (await world.person("eve", OTHER_TOWN).says("/about")).text
    assert "The ideas of Harbour." in elsewhere
    assert "by Zan" not in elsewhere
    assert "The road:" not in elsewhere
    here = (await world.person("eve", TOWN).says("/about")).text
    assert "by Zan" in here
    assert "ideas of" not in here
    assert "by Zan" in (await world.person("eve").says("/about")).text


@pytest.mark.usefixtures("decks")
async def test_about_names_each_article_that_applies_to_a_member_of_several_communities(world: World) -> None:
    home, other = await two(world)
    ada, ben = await world.member("ada", of=(home, other)), await world.member("ben", of=(other,))
    said = (await ada.says("/about")).text
    assert said.index("The road: The teachings come from") < said.index("Harbour: The ideas of Harbour.")
    only = (await ben.says("/about")).text
    assert "The ideas of Harbour." in only
    assert "Zan" not in only
    await choose(world, home, "second-wind")
    said = (await ada.says("/about")).text
    assert [name for name in ("The road:", "Harbour:", "Second-Wind:") if name in said] == [
        "The road:",
        "Harbour:",
        "Second-Wind:",
    ]
    await choose(world, home, "harbour")
    said = (await ada.says("/about")).text
    assert "The ideas of Harbour." in said
    assert "Zan" not in said
    there = world.person("ada", OTHER_TOWN)
    assert "The ideas of Harbour." in (await there.says("/about")).text


async def test_about_has_room_for_the_longest_credits(world: World, tmp_path: Path) -> None:
    of = [world.community]
    for number in range(5):
        deck = write_deck(tmp_path / f"deck-{number}", f"{number}{'n' * 99}", each=1, credit=f"{number}" * 1000)
        world.house.decks[f"deck-{number}"] = deck
    async with world.house.store.transaction() as tx:
        for number in range(5):
            made = await set_up(tx, world.house.vault, Server("test", f"s{number}"), name=f"S{number}")
            await communities.change(tx, made.id, deck=f"deck-{number}")
            of.append(await communities.load(tx, made.id))
    ada = await world.member("ada", of=tuple(of))
    said = (await ada.says("/about")).text
    assert length(said) <= TEXT
    assert "by Zan" in said
    for number in range(5):
        assert f"{number}{'n' * 99}" in said
    assert "0" * 1000 in said
    assert "4" * 1000 not in said
    assert said.endswith("run their own.")


# -- what is counted


async def test_stats_say_of_which_deck_a_piece_is(world: World, decks: dict[str, Path]) -> None:
    _, other = await two(world)
    ben, ada = await world.member("ben", of=(other,)), await world.member("ada")
    for person in (ada, ben):
        await person.says("/advice")
        await person.taps("Helped")

    async def table() -> Stats:
        async with world.house.store.reading() as tx:
            return await store.stats(world.house.work(tx))

    found = await table()
    assert found.head == ("piece", "given", "helped", "not for me", "deck")
    assert sorted(row[1:] for row in found.rows) == [(1, 1, 0, "Harbour"), (1, 1, 0, "The road")]
    world.house.decks = {name: deck for name, deck in decks.items() if name != "harbour"}
    assert sorted(row[1:] for row in (await table()).rows) == [(1, 1, 0, ""), (1, 1, 0, "The road")]
    world.house.decks = {}
    assert (await table()).head == ("piece", "given", "helped", "not for me")


# -- at the start


def test_all_that_is_wrong_with_any_deck_is_named_by_file_and_line(tmp_path: Path) -> None:
    one, two, three = (write_deck(tmp_path / name, name.title()) for name in ("one", "two", "three"))
    (one / "healing.toml").write_text('stage = "healing"\n[[piece]]\nid = "x"\n')
    (two / "deck.toml").write_text('name = "Two"\n')
    with pytest.raises(DeclarationError) as error:
        advice.read_decks([DECK, one, two, three])
    said = str(error.value)
    assert f"{one}/healing.toml:2: x: title is missing" in said
    assert f"{two}/deck.toml:1: credit: Field required" in said
    assert str(three) not in said


async def test_a_deck_that_is_not_right_keeps_unsent_from_starting_and_nothing_is_begun(tmp_path: Path) -> None:
    write_deck(tmp_path / "decks" / "harbour", "Harbour")
    (tmp_path / "decks" / "harbour" / "healing.toml").write_text("stage = 7\n")
    wanted = settings(tmp_path / "data", new_key(), decks=tmp_path / "decks")
    app = App(wanted)
    with pytest.raises(DeclarationError, match=r"harbour/healing\.toml:1: stage is one of"):
        async with app.running():
            pass
    assert not has_database(wanted)


def test_two_decks_that_are_called_the_same_are_refused(tmp_path: Path) -> None:
    one, two = (write_deck(tmp_path / name, "Harbour") for name in ("one", "two"))
    with pytest.raises(DeclarationError, match=r"two/deck\.toml:1: .*one/deck\.toml is called Harbour already"):
        advice.read_decks([DECK, one, two])
    advice.read_decks([DECK, one])
