"""Passages for answers, and the teachings: found by word, kept by the desk, sealed, gone when they are removed."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bot.adapter import Listing
from bot.cog import Context
from bot.communities import Community
from bot.model import Call, Menu, Reply
from bot.store import new_id
from cogs import snippets
from cogs.advice.deck import load
from tests.harness import DESK, OTHER_DESK, TOWN, Person, World

NIGHT = "Nothing has to be sent at night. It reads differently by day."


@pytest.fixture
def rowan(world: World) -> Person:
    """A coach at the desk."""
    return world.person("rowan", DESK)


async def add(person: Person, title: str = "At night", text: str = NIGHT) -> Reply:
    """Add a passage."""
    await person.says("/snippets")
    await person.opens("Add a passage")
    return await person.fills(title=title, text=text)


async def put(world: World, count: int, community: Community | None = None) -> None:
    """Keep many passages."""
    async with world.house.store.transaction() as tx:
        for number in range(count):
            where = (community or world.community).id
            passage = {"title": f"Passage {number:03}", "text": f"Text of {number:03}."}
            await tx.insert(snippets.passages, id=new_id(), community=where, passage=passage)


def menu(person: Person, label: str = "Passages") -> dict[str, str]:
    """Return what can be opened, title by id."""
    menus = [item for row in person.seen.rows for item in row if isinstance(item, Menu) and item.label == label]
    return {option.value: option.label for each in menus for option in each.options}


async def opens(person: Person, title: str) -> Reply:
    """Open one by its title."""
    both = menu(person) | menu(person, "Teachings")
    return await person.chooses(next(id for id, label in both.items() if label == title))


def context(world: World, tx: object, community: Community | None = None) -> Context:
    """What a feature is given that answers for a coach at the desk."""
    account = world.person("rowan").account
    work = {**vars(world.house.work(tx)), "call": Call("c", account, DESK), "member": None}  # pyright: ignore[reportArgumentType]
    say = world.house.texts.speaker(None, "snippets")
    return Context(**work, t=say, listing=Listing("en", ()), community=community or world.community)


async def found(world: World, words: str, community: Community | None = None) -> list[tuple[str, str, str]]:
    """Return what another feature finds."""
    async with world.house.store.reading() as tx:
        return await snippets.found(context(world, tx, community), words)


async def text_of(world: World, id: str, community: Community | None = None) -> str | None:
    """Return what another feature is given."""
    async with world.house.store.reading() as tx:
        return await snippets.text_of(context(world, tx, community), id)


# -- keeping them


async def test_a_passage_is_added_and_found_and_shown_to_be_copied(rowan: Person) -> None:
    assert "No passages are ready here yet" in (await rowan.says("/snippets")).text
    assert (await add(rowan)).text == f"At night\n\n{NIGHT}"
    assert "One passage is ready here" in (await rowan.says("/snippets")).text
    assert (await opens(rowan, "At night")).text == f"At night\n\n{NIGHT}"


async def test_it_is_changed(rowan: Person) -> None:
    await add(rowan)
    await rowan.says("/snippets")
    await opens(rowan, "At night")
    form = await rowan.opens("Edit")
    assert [(field.name, field.value) for field in form.fields] == [("title", "At night"), ("text", NIGHT)]
    changed = await rowan.fills(title="By night", text="Sleep first.")
    assert changed == Reply("By night\n\nSleep first.", changed.rows, edit=True)
    await rowan.says("/snippets")
    assert list(menu(rowan).values()) == ["By night"]


async def test_it_is_removed_after_one_question(rowan: Person) -> None:
    await add(rowan)
    await rowan.taps("Remove")
    assert "Remove “At night”?" in rowan.seen.text
    await rowan.taps("Keep it")
    assert rowan.seen.text.startswith("At night")
    await rowan.taps("Remove")
    await rowan.taps("Yes, remove it")
    assert rowan.seen.text == "It is removed."
    assert "No passages are ready here yet" in (await rowan.says("/snippets")).text


@pytest.mark.parametrize("button", ["Edit", "Remove"])
async def test_what_another_coach_has_removed_is_said_to_be_gone(world: World, rowan: Person, button: str) -> None:
    await add(rowan)
    async with world.house.store.transaction() as tx:
        await tx.delete(snippets.passages)
    answer = await rowan.taps(button)
    assert isinstance(answer, Reply)
    assert "isn't here any more" in answer.text


async def test_what_is_removed_while_it_is_changed_does_not_come_back(world: World, rowan: Person) -> None:
    await add(rowan)
    await rowan.opens("Edit")
    async with world.house.store.transaction() as tx:
        await tx.delete(snippets.passages)
    assert "isn't here any more" in (await rowan.fills(title="By night", text="Sleep first.")).text
    assert await found(world, "") == []


async def test_many_stand_on_pages_and_there_is_an_end(world: World, rowan: Person) -> None:
    await put(world, snippets.MOST)
    await rowan.says("/snippets")
    assert f"{snippets.MOST} passages" in rowan.seen.text
    seen = list(menu(rowan).values())
    assert "Back" not in rowan.labels
    while "On" in rowan.labels:
        await rowan.taps("On")
        seen += menu(rowan).values()
    assert seen == [f"Passage {number:03}" for number in range(snippets.MOST)]
    await rowan.taps("Back")
    assert next(iter(menu(rowan).values())) == f"Passage {snippets.MOST - 20:03}"
    assert "as many as fit" in (await add(rowan)).text


async def test_both_can_be_filled_in_without_modals(rowan: Person) -> None:
    rowan.modals = False
    await rowan.says("/snippets")
    await rowan.taps("Add a passage")
    await rowan.replies("At night")
    assert (await rowan.replies(NIGHT)).text == f"At night\n\n{NIGHT}"


async def test_only_coaches_at_the_desk_have_them(world: World, rowan: Person) -> None:
    await add(rowan)
    for person in (world.person("eve", TOWN), world.person("eve", DESK), world.person("rowan")):
        assert "for the coaches" in (await person.says("/snippets")).text


async def test_another_desk_has_its_own(world: World, rowan: Person) -> None:
    there = await world.another()
    await add(rowan)
    await rowan.says("/snippets")
    ((id, _),) = menu(rowan).items()
    other = world.person("rowan", OTHER_DESK)
    assert "No passages are ready here yet" in (await other.says("/snippets")).text
    for action in ("snippets.show", "snippets.ask", "snippets.edit", "snippets.keep"):
        answer = await other.calls(Call("", other.account, other.place, None, action, (id,)))
        assert isinstance(answer, Reply)
        assert "isn't here any more" in answer.text
    await other.calls(Call("", other.account, other.place, None, "snippets.remove", (id,)))
    values = {"title": "x", "text": "y"}
    await other.calls(Call("", other.account, other.place, None, "snippets.edit", (id,), values))
    assert await text_of(world, id) == NIGHT
    assert await text_of(world, id, there) is None
    assert await found(world, "", there) == []


async def test_they_are_sealed(world: World, rowan: Person) -> None:
    await add(rowan, "Zuzutitle", "Zuzutext")
    await world.house.store.scrub()
    files = b"".join(file.read_bytes() for file in world.path.parent.iterdir())
    assert b"Zuzu" not in files
    async with world.house.store.reading() as tx:
        assert (await tx.rows(snippets.passages))[0]["passage"] == {"title": "Zuzutitle", "text": "Zuzutext"}


async def test_a_community_that_becomes_part_of_another_brings_them_along(world: World) -> None:
    there = await world.another()
    await put(world, 2, there)
    async with world.house.store.transaction() as tx:
        await snippets.hand_over(world.house.work(tx), there, world.community)
    assert [title for _, title, _ in await found(world, "")] == ["Passage 000", "Passage 001"]


# -- finding them


@pytest.mark.parametrize("words", ["night", "NIGHT", "nights", "differ", "diferently", "send tonight night"])
async def test_a_word_of_it_finds_it(world: World, rowan: Person, words: str) -> None:
    await add(rowan)
    assert "At night" in [title for _, title, _ in await found(world, words)]


@pytest.mark.parametrize("words", ["diner", "dîner"])
async def test_accents_do_not_matter(world: World, rowan: Person, words: str) -> None:
    await add(rowan, "Un dîner")
    assert (await found(world, words))[0][1] == "Un dîner"


async def test_a_passage_comes_before_the_teachings_and_a_title_before_a_text(world: World, rowan: Person) -> None:
    await add(rowan, "A drawer", "For the birthday too.")
    await add(rowan, "The birthday", "It is one day.")
    titles = [title for _, title, _ in await found(world, "birthday")]
    assert titles[:2] == ["The birthday", "A drawer"]
    assert len(titles) > 2


async def test_all_words_count_and_where_none_has_all_any_does(world: World, rowan: Person) -> None:
    await add(rowan, "The ring", "On a birthday.")
    await add(rowan, "The key", "On a birthday.")
    theirs = [each for each in await found(world, "key birthday") if not each[0].startswith("t-")]
    assert [title for _, title, _ in theirs] == ["The key"]
    theirs = [each for each in await found(world, "bicycle birthday") if not each[0].startswith("t-")]
    assert [title for _, title, _ in theirs] == ["The key", "The ring"]


async def test_a_teaching_is_shown_with_its_title_and_cannot_be_changed(world: World, rowan: Person) -> None:
    piece = next(each for each in load(world.house.deck) if each.id == "space-put-the-fight-down")
    await rowan.says("/snippets guard plan fight")
    assert (await opens(rowan, piece.title)).text == f"{piece.title}\n\n{piece.body}"
    assert rowan.labels == []


async def test_every_teaching_has_an_id_of_its_own_that_a_button_carries(world: World) -> None:
    pieces = load(world.house.deck)
    teachings = {id: text for word in "abcdefghijklmnopqrstuvwxyz" for id, _, text in await found(world, word)}
    assert len(teachings) == len(pieces)
    assert max(map(len, teachings)) <= 16
    assert {await text_of(world, id) for id in teachings} == {piece.body for piece in pieces}


async def test_without_words_every_passage_is_found_and_no_teaching(world: World) -> None:
    await put(world, 3)
    assert [title for _, title, _ in await found(world, " ")] == ["Passage 000", "Passage 001", "Passage 002"]


async def test_where_nothing_has_the_word_it_says_so(rowan: Person) -> None:
    assert "No passage and no teaching" in (await rowan.says("/snippets zzzyx")).text
    assert rowan.labels == ["Add a passage"]


async def test_what_is_gone_has_no_text(world: World) -> None:
    assert await text_of(world, new_id()) is None
    assert await text_of(world, "t-000000000000") is None


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=100))
async def test_anything_may_be_typed(world: World, words: str) -> None:
    rowan = world.person("rowan", DESK)
    assert "went wrong" not in (await rowan.says(f"/snippets {words}")).text
