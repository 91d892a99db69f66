"""The urge: written here instead of there, waited out, counted for good; and the letters that were not sent."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Button, Menu, Reply
from bot.pictures import breath
from bot.store import metadata
from cogs import urges
from tests.harness import Person, World

LETTER = "I miss you-zuzu"


async def writes(person: Person, letter: str = LETTER) -> Reply:
    """Write the message here instead."""
    await person.opens("/urge")
    return await person.fills(letter=letter)


async def test_an_urge_takes_two_taps_and_is_kept_not_sent(world: World) -> None:
    ada = await world.member("ada")
    kept = await writes(ada)
    assert kept.text.startswith("Kept, not sent. Back at 12:20. ")
    assert kept.burn
    assert {"Another thing to do", "Ask a coach", "Help lines"} <= set(ada.labels)


async def test_it_comes_back_once_and_asks(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    await world.moves(minutes=19)
    assert ada.reads() == []
    await world.moves(minutes=2)
    (said,) = ada.reads()
    assert said == "Still there?"
    await world.moves(hours=30)
    assert len(ada.reads()) == 1


async def test_what_was_waited_out_counts_and_no_lapse_lowers_it(world: World) -> None:
    ada = await world.member("ada")
    for count in (1, 2):
        await writes(ada)
        await world.moves(minutes=21)
        ada.reads()
        await ada.taps("It passed")
        assert "That is one" in ada.seen.text if count == 1 else "That makes 2" in ada.seen.text
    await ada.says("/contact wrote")
    assert "2 urges waited out." in (await ada.says("/streak")).text
    async with world.house.store.reading() as tx:
        rows = await tx.rows(urges.urges)
    assert [row["urge"]["fate"] for row in rows] == ["passed", "passed"]


async def test_pressing_twice_counts_once(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    await world.moves(minutes=21)
    ada.reads()
    asked = ada.last
    await ada.taps("It passed")
    ada.last = asked
    await ada.taps("It passed")
    assert "behind you already" in ada.seen.text


async def test_still_here_waits_once_more(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    await world.moves(minutes=21)
    ada.reads()
    await ada.taps("Still here")
    assert ada.seen.text.startswith("Then once more, until 12:41.")
    await world.moves(minutes=21)
    assert len(ada.reads()) == 2


async def test_who_sent_it_hears_first_what_was_held(world: World) -> None:
    ada = await world.member("ada", last="28")
    await writes(ada)
    await world.moves(minutes=21)
    ada.reads()
    await ada.taps("I sent it")
    assert ada.seen.text.startswith("27 of 28 days held.")


async def test_a_second_urge_while_one_waits_brings_one_return(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    await world.moves(minutes=10)
    await writes(ada, "")
    await world.moves(minutes=60)
    assert len(ada.reads()) == 1
    await ada.taps("It passed")
    assert "That is one" in ada.seen.text


async def test_nothing_has_to_be_written(world: World) -> None:
    ada = await world.member("ada")
    assert (await writes(ada, "")).text.startswith("You can wait this out. Back at 12:20.")
    assert "no unsent message" in (await ada.says("/letters")).text


async def test_the_wait_is_as_it_was_chosen(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/settings")
    await ada.chooses("urge_wait")
    await ada.chooses("5")
    assert "waited out for 5 minutes" in ada.seen.text
    assert "Back at 12:05" in (await writes(ada)).text


async def test_paused_or_not_it_is_there(world: World) -> None:
    ada = await world.member("ada")
    await ada.says("/pause")
    await writes(ada)
    await world.moves(minutes=21)
    assert len(ada.reads()) == 1


async def test_letters_are_listed_read_kept_and_burned(world: World) -> None:
    ada, bea = await world.member("ada"), await world.member("bea")
    await writes(ada)
    world.clock.move(timedelta(minutes=1))
    await writes(ada, "And another")
    listed = await ada.says("/letters")
    (menu,) = [item for row in listed.rows for item in row if isinstance(item, Menu)]
    newest, oldest = [option.value for option in menu.options]
    assert LETTER in (await ada.chooses(oldest)).text
    bea.last = listed
    assert "That one is gone" in (await bea.chooses(newest)).text
    await ada.taps("Keep it")
    await world.moves(days=31)
    assert "One message you did not send" in (await ada.says("/letters")).text
    await ada.chooses(oldest)
    await ada.taps("Burn it")
    assert "no unsent message" in ada.seen.text


async def test_burning_all_leaves_no_byte(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    async with world.house.store.reading() as tx:
        (row,) = (await tx.execute(urges.unsent.select())).mappings().all()
    sealed = bytes(row["letter"])[:48]
    await ada.says("/letters")
    await ada.taps("Burn all")
    files = b"".join(file.read_bytes() for file in world.path.parent.glob(f"{world.path.name}*"))
    assert sealed not in files


async def round_of(ada: Person) -> list[Reply]:
    """Look at every thing to do but the one that stands below what was kept."""
    shown: list[Reply] = []
    for _ in range(urges.THINGS):
        await ada.taps("Another thing to do")
        shown.append(ada.seen)
    return shown


async def test_no_thing_to_do_comes_twice_before_all_were_there(world: World) -> None:
    ada = await world.member("ada")
    kept = await writes(ada)
    shown = await round_of(ada)
    texts = {reply.text for reply in shown}
    assert len(texts) == urges.THINGS
    assert not any(kept.text.endswith(text) for text in texts)
    assert not any(reply.edit for reply in shown)
    await ada.taps("Another thing to do")
    assert kept.text.endswith(ada.seen.text)
    assert [reply.text for reply in await round_of(ada)] == [reply.text for reply in shown]


async def test_each_urge_has_an_order_of_its_own(world: World) -> None:
    ada = await world.member("ada")
    orders: set[tuple[str, ...]] = set()
    for _ in range(3):
        await writes(ada)
        orders.add(tuple(reply.text for reply in await round_of(ada)))
    assert len(orders) == 3


async def test_breathing_comes_soon_with_a_picture_that_moves_and_nothing_else_has_one(world: World) -> None:
    ada = await world.member("ada")
    for _ in range(10):
        kept = await writes(ada)
        assert kept.files == ()
        first, second, third, *rest = await round_of(ada)
        assert not any(reply.files for reply in rest)
        (breathing,) = [reply for reply in (first, second, third) if reply.files]
        assert breathing.text.startswith("Breathe in while you count to four, out while you count to six.")
        (file,) = breathing.files
        assert (file.name, file.data) == ("breathe.gif", breath())
        assert "grows for four seconds: breathe in. It shrinks for six: breathe out" in file.alt
        assert [item.label for row in breathing.rows for item in row if isinstance(item, Button)] == [
            "Another thing to do",
            "Ask a coach",
            "Help lines",
        ]


@given(st.integers())
def test_a_round_has_everything_once_and_begins_without_a_picture(seed: int) -> None:
    things = urges.in_order(seed)
    assert sorted(things) == sorted(["breathe", *(f"thing-{number}" for number in range(1, urges.THINGS + 1))])
    assert 1 <= things.index("breathe") <= 3


async def test_a_button_from_before_there_were_rounds_begins_one(world: World) -> None:
    ada = await world.member("ada")
    ada.last = Reply("Earlier.", ((Button("Another thing to do", "urges.thing"),),))
    assert len({reply.text for reply in await round_of(ada)}) == urges.THINGS


async def test_what_burns_by_itself_leaves_no_byte_either(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    async with world.house.store.reading() as tx:
        (row,) = (await tx.execute(urges.unsent.select())).mappings().all()
    sealed = bytes(row["letter"])[:48]
    await world.moves(days=31)
    await world.scheduler.tidy()
    files = b"".join(file.read_bytes() for file in world.path.parent.glob(f"{world.path.name}*"))
    assert sealed not in files


async def test_nothing_is_written_for_a_thing_to_do(world: World) -> None:
    ada = await world.member("ada")
    await writes(ada)
    before = await rows(world)
    await round_of(ada)
    assert await rows(world) == before


async def rows(world: World) -> dict[str, int]:
    """Return how many rows each table has."""
    async with world.house.store.reading() as tx:
        tables = sorted(metadata.tables.values(), key=lambda each: each.name)
        return {each.name: len((await tx.execute(each.select())).all()) for each in tables}
