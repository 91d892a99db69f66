"""Published questions: found by anybody, posted later, and taken down by whoever has the code."""

from typing import Any

import pytest

from bot import communities
from bot.codes import LENGTH, LETTERS, WITHIN
from bot.communities import Community, Purpose
from bot.due import due
from bot.errors import UserError
from bot.model import Button, Call, Menu, Reply
from bot.outbox import sent
from cogs import faq
from tests.harness import HOME, OTHER_TOWN, TOWN, Person, World

QUESTION = "Do I give the ring back on the anniversary?"
ANSWER = "It can wait in a drawer. Nothing has to be given on a date."
WITHIN_DAYS = 2 * 24 + 1  # hours


async def publish(
    world: World,
    question: str = QUESTION,
    answer: str = ANSWER,
    signed: str | None = "Birch",
    community: Community | None = None,
) -> str:
    """Publish something; return the code."""
    async with world.house.store.transaction() as tx:
        return await faq.publish(world.house.work(tx), community or world.community, question, answer, signed)


async def out(world: World, *args: Any, **named: Any) -> str:
    """Publish something, and let time pass until it is out; return the code."""
    code = await publish(world, *args, **named)
    async with world.house.store.reading() as tx:
        (at,) = (row["at"] for row in await tx.rows(due, due.c.job == "faq.out"))
    await world.moves(seconds=(at - world.clock.now()).total_seconds())
    return code


async def remove(world: World, code: str) -> bool:
    """Take something down."""
    async with world.house.store.transaction() as tx:
        return await faq.remove(world.house.work(tx), code)


async def similar(world: World, text: str, community: Community | None = None, limit: int = 3) -> list[str]:
    """Return which questions are like a text."""
    async with world.house.store.reading() as tx:
        return [each.question for each in await faq.similar(tx, community or world.community, text, limit)]


async def days(world: World, hours: int = WITHIN_DAYS) -> None:
    """Let time pass in steps, as it does."""
    for _ in range(hours):
        await world.moves(hours=1)


def eve(world: World) -> Person:
    """Somebody in the server who has not joined."""
    return world.person("eve", TOWN)


def options(person: Person) -> list[str]:
    """Return what can be opened in the answer last seen."""
    return [
        option.label for row in person.seen.rows for item in row if isinstance(item, Menu) for option in item.options
    ]


async def opens(person: Person, number: int = 0) -> Reply:
    """Open one."""
    menu = next(item for row in person.seen.rows for item in row if isinstance(item, Menu))
    return await person.chooses(menu.options[number].value)


# -- searching


async def test_anybody_in_the_server_finds_and_opens_what_was_published(world: World) -> None:
    await out(world)
    await out(world, "May I read their old letters?", "You may also put them away.", None)
    person = eve(world)
    assert "1. Do I give the ring back on the anniversary?" in (await person.says("/faq anniversary")).text
    assert options(person) == ["1. Do I give the ring back on the anniversary?"]
    assert (await opens(person)).text == f"{QUESTION}\n\n{ANSWER}\n\nBirch, a coach of this community"
    await person.says("/faq letters")
    assert (await opens(person)).text.endswith("\n\nA coach of this community")


async def test_a_word_of_the_answer_finds_it_too(world: World) -> None:
    await out(world)
    assert QUESTION in (await eve(world).says("/faq drawer")).text


async def test_all_words_that_are_typed_count(world: World) -> None:
    await out(world)
    await out(world, "Do I go to the anniversary of their parents?", "No.")
    person = eve(world)
    await person.says("/faq anniversary ring")
    assert options(person) == [f"1. {QUESTION}"]


async def test_without_words_the_newest_come_first_page_by_page(world: World) -> None:
    for number in range(23):
        await out(world, f"Question number {number}?")
        await world.moves(days=1)
    person = eve(world)
    await person.says("/faq")
    assert options(person)[0] == "1. Question number 22?"
    assert len(options(person)) == 10
    assert "Newer" not in person.labels
    await person.taps("Older")
    assert options(person)[0] == "1. Question number 12?"
    await person.taps("Older")
    assert options(person) == [f"{n}. Question number {3 - n}?" for n in (1, 2, 3)]
    assert "Older" not in person.labels
    await person.taps("Newer")
    assert options(person)[0] == "1. Question number 12?"


async def test_where_nothing_is_found_a_person_and_the_help_lines_are_offered(world: World) -> None:
    await out(world)
    person = eve(world)
    assert "found nothing" in (await person.says("/faq bicycle")).text
    assert person.labels == ["Ask a coach", "Help lines"]


async def test_where_nothing_was_published_it_says_so(world: World) -> None:
    person = eve(world)
    assert "Nothing has been published here yet" in (await person.says("/faq")).text
    assert person.labels == ["Ask a coach", "Help lines"]


async def test_words_that_sound_like_danger_bring_help_lines_first(world: World) -> None:
    seen = await eve(world).says("/faq I want to kill myself")
    assert "found nothing" in seen.text
    assert not seen.text.startswith("I found")
    assert Button("Help lines", "crisis") in seen.rows[0]


async def test_only_what_was_published_in_ones_own_communities_is_found(world: World) -> None:
    there = await world.another()
    await out(world)
    await out(world, "Is the anniversary theirs too?", community=there)
    ada, bob = await world.member("ada", of=(world.community, there)), await world.member("bob")
    await ada.says("/faq anniversary")
    assert len(options(ada)) == 2
    await bob.says("/faq anniversary")
    assert options(bob) == [f"1. {QUESTION}"]
    here = world.person("ada", OTHER_TOWN)
    await here.says("/faq anniversary")
    assert options(here) == ["1. Is the anniversary theirs too?"]
    assert "That belongs to one place" in (await world.person("eve").says("/faq anniversary")).text


async def test_whoever_comes_by_a_link_turns_pages_in_private(world: World) -> None:
    await world.another()
    for number in range(11):
        await out(world, f"Question number {number}?")
    person = world.person("eve")
    await person.calls(Call("", person.account, person.place, None, "faq", (world.community.id,)))
    await person.taps("Older")
    assert len(options(person)) == 1


async def test_long_questions_make_no_answer_too_long(world: World) -> None:
    for number in range(10):
        await out(world, f"{number} {'ab👋 ' * 400}", "y" * 1000)
    person = eve(world)
    await person.says("/faq")
    assert len(options(person)) == 10


@pytest.mark.parametrize("words", ['"', "a AND", "NEAR(", "*", "words:", "-", "^a", "'", "(", "小林"])
async def test_signs_are_only_words(world: World, words: str) -> None:
    await out(world)
    assert "Something went wrong" not in (await eve(world).says(f"/faq {words}")).text


# -- publishing


async def test_it_is_out_within_two_days_at_a_waking_hour(world: World) -> None:
    await publish(world)
    await world.settle()
    assert world.platform.at(TOWN) == []
    assert "Nothing has been published" in (await eve(world).says("/faq")).text
    assert "found nothing" in (await eve(world).says("/faq anniversary")).text
    for _ in range(WITHIN_DAYS):
        await world.moves(hours=1)
        if world.platform.at(TOWN):
            break
    (posted,) = [reply for reply in world.platform.at(TOWN) if QUESTION in reply.text]
    assert posted.text == f"{QUESTION}\n\n{ANSWER}\n\nBirch, a coach of this community"
    assert 9 <= world.clock.now().hour <= 21
    assert QUESTION in (await eve(world).says("/faq")).text
    assert QUESTION in (await eve(world).says("/faq anniversary")).text
    assert [item.label for row in posted.rows for item in row] == ["More questions", "Help lines"]
    await days(world)
    assert len([reply for reply in world.platform.at(TOWN) if QUESTION in reply.text]) == 1


async def test_it_does_not_tell_when_its_asker_agreed(world: World) -> None:
    hours: set[int] = set()
    for number in range(6):
        await publish(world, f"Number {number}?")
        for hour in range(WITHIN_DAYS):
            await world.moves(hours=1)
            if any(f"Number {number}?" in reply.text for reply in world.platform.at(TOWN)):
                hours.add(hour)
                break
    assert len(hours) > 2


async def test_while_all_is_halted_it_waits(world: World) -> None:
    world.platform.owners["ann"] = HOME
    ann = world.person("ann", TOWN)
    await publish(world)
    await ann.says("/halt")
    await days(world, 5 * 24)
    assert not any(QUESTION in reply.text for reply in world.platform.at(TOWN))
    assert "found nothing" in (await eve(world).says("/faq anniversary")).text
    await ann.says("/resume_all")
    await days(world)
    assert any(QUESTION in reply.text for reply in world.platform.at(TOWN))


async def test_the_code_can_be_typed_and_is_kept_as_a_hash_alone(world: World) -> None:
    code = await publish(world)
    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(faq.published)
    assert code not in repr(row)
    assert row["code"] == world.house.vault.index("published", code)
    assert row["day"] is None
    await days(world)
    async with world.house.store.reading() as tx:
        (row,) = await tx.rows(faq.published)
    assert row["day"] in ("2026-03-04", "2026-03-05", "2026-03-06")


async def test_what_fits_in_no_message_is_refused_with_how_much_does(world: World) -> None:
    faq.check("q" * 600, "a" * (faq.ROOM - 600))
    with pytest.raises(UserError) as refused:
        await publish(world, "q" * 601, "a" * (faq.ROOM - 600))
    assert refused.value.key == "faq.too-long"
    assert refused.value.values == {"length": faq.ROOM + 1, "max": faq.ROOM}
    assert world.house.texts.has("faq", "too-long")


async def test_what_just_fits_is_shown_and_posted(world: World) -> None:
    await out(world, "q" * 600, "👋" * ((faq.ROOM - 600) // 2), "n" * 32)
    person = eve(world)
    await person.says("/faq")
    assert (await opens(person)).text.startswith("qqq")
    await days(world)
    assert any("qqq" in reply.text for reply in world.platform.at(TOWN))


async def test_similar_questions_are_those_that_share_what_tells_something(world: World) -> None:
    there = await world.another()
    await out(world)
    await out(world, "What should I do with what they left here?")
    await out(world, "Is a ring on an anniversary a promise?", community=there)
    asked = "We have an anniversary soon and I still wear the ring. What should I do?"
    assert await similar(world, asked) == [QUESTION]
    assert await similar(world, asked, there) == ["Is a ring on an anniversary a promise?"]
    assert await similar(world, "What should I do with it?") == []
    await out(world, "Is it wrong to wear the ring on our anniversary?")
    assert len(await similar(world, asked)) == 2
    assert len(await similar(world, asked, limit=1)) == 1


# -- taking it down


async def down(world: World, person: Person, code: str) -> str:
    """Type the code; return what is said."""
    said = (await person.says(f"/unpublish {code}")).text
    await world.settle()
    return said


async def test_the_code_takes_it_down_everywhere_without_joining(world: World) -> None:
    code = await publish(world)
    await days(world)
    assert any(QUESTION in reply.text for reply in world.platform.at(TOWN))
    person = world.person("eve")
    assert "It is taken down" in await down(world, person, f"{code[:4]} {code[4:].lower()}")
    assert not any(QUESTION in reply.text for reply in world.platform.at(TOWN))
    assert "found nothing" in (await eve(world).says("/faq anniversary")).text
    assert await similar(world, QUESTION) == []
    assert "takes nothing down" in await down(world, person, code)
    async with world.house.store.reading() as tx:
        assert [row["name"] for row in await tx.rows(sent) if row["name"].startswith("faq-")] == []


async def test_where_there_is_no_place_for_posts_it_is_found_all_the_same(world: World) -> None:
    async with world.house.store.transaction() as tx:
        await communities.clear_place(tx, world.community, Purpose.POSTS)
    code = await out(world)
    assert QUESTION in (await eve(world).says("/faq anniversary")).text
    assert await remove(world, code)


async def test_it_is_taken_down_before_it_is_out(world: World) -> None:
    code = await publish(world)
    assert await remove(world, code)
    await days(world)
    assert not any(QUESTION in reply.text for reply in world.platform.at(TOWN))


async def test_what_went_with_its_community_does_not_come_out(world: World) -> None:
    await publish(world)
    async with world.house.store.transaction() as tx:
        await tx.delete(faq.published)
    await days(world)
    assert not any(QUESTION in reply.text for reply in world.platform.at(TOWN))
    async with world.house.store.reading() as tx:
        assert await tx.rows(due, due.c.job == "faq.out") == []


async def test_another_stays(world: World) -> None:
    code = await publish(world)
    other = "Is the anniversary theirs too?"
    await publish(world, other)
    await days(world)
    await down(world, world.person("eve"), code)
    assert [other in reply.text for reply in world.platform.at(TOWN) if "coach" in reply.text] == [True]
    await eve(world).says("/faq anniversary")
    assert await similar(world, "the ring at the anniversary, theirs and mine") == [other]


@pytest.mark.sqlite
async def test_nothing_of_it_is_left_in_the_files(world: World) -> None:
    code = await publish(world, "Zuzumark question?", "Zuzumark answer.", "Zuzumark")
    await days(world)
    files = list(world.path.parent.iterdir())
    assert any(b"uzumark" in file.read_bytes() for file in files)
    await down(world, world.person("eve"), code)
    assert [file.name for file in files if b"uzumark" in file.read_bytes()] == []


async def test_what_was_opened_before_is_gone_then(world: World) -> None:
    code = await out(world)
    person = eve(world)
    await person.says("/faq")
    await remove(world, code)
    assert "taken down meanwhile" in (await opens(person)).text


async def test_too_many_wrong_codes_have_to_wait_for_an_hour(world: World) -> None:
    code = await publish(world)
    person = world.person("eve")
    for _ in range(10):
        assert "takes nothing down" in await down(world, person, "BBBBBBBB")
    assert "Wait for an hour" in await down(world, person, code)
    assert "It is taken down" in await down(world, world.person("bob"), code)
    world.clock.move(WITHIN)
    assert "takes nothing down" in await down(world, person, code)


async def test_a_code_is_explained(world: World) -> None:
    person = world.person("eve")
    assert "you were given a code" in (await person.says("/unpublish")).text
    assert "8 letters and digits" in await down(world, person, "hello")


async def test_whoever_takes_it_down_leaves_no_trace(world: World) -> None:
    code = await publish(world)
    await down(world, world.person("zuzueve"), code)
    assert b"zuzueve" not in b"".join(file.read_bytes() for file in world.path.parent.iterdir())


async def test_what_was_published_stays_when_people_are_forgotten(world: World) -> None:
    ada = await world.member("ada")
    await out(world)
    await ada.says("/forget")
    await ada.taps("Yes, erase everything")
    assert "/unpublish" in ada.seen.text
    assert QUESTION in (await eve(world).says("/faq")).text


async def test_a_community_that_becomes_part_of_another_brings_it_along(world: World) -> None:
    there = await world.another()
    code = await publish(world, community=there)
    async with world.house.store.transaction() as tx:
        await faq.hand_over(world.house.work(tx), there, world.community)
    await days(world)
    assert QUESTION in (await eve(world).says("/faq anniversary")).text
    assert any(QUESTION in reply.text for reply in world.platform.at(TOWN))
    assert await remove(world, code)
