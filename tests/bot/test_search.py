"""Full-text search: finds what has the words, takes anything for words, and keeps nothing of what was dropped."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import text

from bot.search import PREFIX, WORDS, Index, is_index, telling
from bot.store import Tx, new_id
from cogs.faq import published
from tests.harness import World

index = Index(published)


@asynccontextmanager
async def writing(world: World) -> AsyncGenerator[Tx]:
    """A transaction."""
    async with world.house.store.transaction() as tx:
        yield tx


async def put(world: World, words: str) -> str:
    """Publish a text; return its id."""
    id = new_id()
    async with writing(world) as tx:
        rest = {"answer": "", "day": "2026-03-04", "code": bytes.fromhex(id)}
        await tx.insert(published, id=id, community=world.community.id, question=words, **rest)
        await index.put(tx, id, words)
    return id


async def drop(world: World, id: str) -> None:
    """Take it down."""
    async with writing(world) as tx:
        await index.drop(tx, id)
        await tx.delete(published, published.c.id == id)


async def find(world: World, typed: str, limit: int = 10) -> list[str]:
    """Return what is found."""
    async with world.house.store.reading() as tx:
        return [row["question"] for row in await index.find(tx, typed, limit=limit)]


async def test_what_has_every_word_is_found_and_else_what_has_any(world: World) -> None:
    await put(world, "Their birthday is near, and I have kept the flat key.")
    await put(world, "Do I give the key back?")
    assert await find(world, "birthday key") == ["Their birthday is near, and I have kept the flat key."]
    assert await find(world, "birthday bicycle") == ["Their birthday is near, and I have kept the flat key."]
    assert await find(world, "bicycle") == []


async def test_the_best_comes_first(world: World) -> None:
    await put(world, "We have a dog, a cat, a garden, a boat, a mother, and on some days a letter to read.")
    await put(world, "A letter. What do I do with the letter?")
    assert (await find(world, "letter"))[0].startswith("A letter.")
    assert len(await find(world, "letter", limit=1)) == 1


@pytest.mark.parametrize("typed", ["WRITING", "write", "writ", "writes!", "wrïte", "birthd", "Should I write?"])
async def test_case_ends_and_accents_do_not_matter(world: World, typed: str) -> None:
    await put(world, "Is it all right to write on a birthday?")
    assert len(await find(world, typed)) == 1


@pytest.mark.parametrize("typed", ["", " ", "?!", '"', "_", "\0", "👋"])
async def test_without_words_nothing_is_found(world: World, typed: str) -> None:
    await put(world, "anything")
    assert await find(world, typed) == []


async def test_what_everybody_says_is_passed_over_beside_what_tells_more(world: World) -> None:
    await put(world, "What should I do with the ring?")
    await put(world, "What should I do about the flat?")
    assert await find(world, "What should I do with a ring") == ["What should I do with the ring?"]
    assert len(await find(world, "what should I do")) == 2


SIGNS = st.sampled_from(
    [*"\"*^:()-+{}'&|!<>\\%_,.", " AND ", " OR ", " NOT ", " NEAR(", "words:", "rank", "\0", "é", "小"]
)


@examples(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(), st.lists(st.one_of(SIGNS, st.text(max_size=5)), max_size=12).map("".join)))
async def test_anything_may_be_typed(world: World, typed: str) -> None:
    if not await find(world, "anchor"):
        await put(world, "anchor")
    await find(world, typed)
    assert await find(world, f"anchor {typed}") == ["anchor"]


async def test_of_what_is_very_long_the_longest_words_are_looked_for(world: World) -> None:
    await put(world, "anchor")
    long = [f"word{number}" for number in range(5000)]
    assert await find(world, " ".join([*long[: WORDS - 1], "anchor"])) == ["anchor"]
    assert await find(world, " ".join([*long, "anchor"])) == []


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.lists(st.booleans(), min_size=1, max_size=25))
async def test_nothing_of_what_was_dropped_is_left_in_the_files(
    world: World, dice: random.Random, steps: list[bool]
) -> None:
    there: dict[str, str] = {}
    gone: list[str] = []
    for adds in [*steps, False]:
        if adds or not there:
            word = new_id()
            there[await put(world, f"{word} and a birthday")] = word
        else:
            id = dice.choice(sorted(there))
            await drop(world, id)
            gone.append(there.pop(id))
    await world.house.store.scrub()
    left = b"".join(file.read_bytes() for file in world.path.parent.iterdir())
    # Of words that begin alike FTS5 writes the ends alone.
    assert [word for word in gone if word[4:].encode() in left] == []
    for word in there.values():
        assert await find(world, word) == [f"{word} and a birthday"]
    for id in there:
        await drop(world, id)


@pytest.mark.sqlite
async def test_its_rows_are_numbered_by_the_random_ids_and_not_in_their_order(world: World) -> None:
    ids = [await put(world, f"word{number}") for number in range(20)]
    async with world.house.store.reading() as tx:
        found = (await tx.execute(text(f"SELECT rowid, id FROM {index.name}"))).all()
    assert {id: number % 2**64 for number, id in found} == {id: int(id, 16) for id in ids}


def test_an_index_and_all_its_parts_are_told_from_tables() -> None:
    assert [is_index(PREFIX + "published"), is_index(PREFIX + "published_data")] == [True, True]
    assert [is_index("published"), is_index(None)] == [False, False]


def test_telling_words_are_those_that_not_everybody_says() -> None:
    assert telling("What should I do with the RING, the ring?") == ["ring"]
    assert telling("what should I") == ["what", "should", "i"]
