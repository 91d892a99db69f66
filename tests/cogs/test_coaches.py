"""The names that coaches sign with."""

import pytest

from bot.model import Reply
from tests.harness import DESK, Person, World
from tests.zipped import kept


def coach(world: World, name: str = "rowan") -> Person:
    """A coach at the desk."""
    world.platform.coaches.add(name)
    return world.person(name, DESK)


async def answered(world: World, rowan: Person) -> str:
    """Ada asks, the coach answers; return what Ada reads."""
    ada = await world.member("ada")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    await rowan.fills(answer="No.")
    await world.moves(seconds=61)
    return ada.reads()[-1]


async def test_an_answer_is_signed_with_the_name_the_coach_chose(world: World) -> None:
    rowan = coach(world)
    assert "signed Birch" in (await rowan.says("/sign Birch")).text
    assert (await answered(world, rowan)).endswith("Birch, a coach of this community")


async def test_without_a_name_it_is_signed_by_a_coach(world: World) -> None:
    assert (await answered(world, coach(world))).endswith("A coach of this community")


async def test_the_coach_sees_how_it_is_signed_before_it_goes(world: World) -> None:
    rowan, ada = coach(world), await world.member("ada")
    await rowan.says("/sign Birch")
    await ada.says("/ask Is it me?")
    await ada.taps("Send")
    await world.settle()
    rowan.reads(DESK)
    await rowan.opens("Answer")
    assert "signed: Birch, a coach" in (await rowan.fills(answer="No.")).text


async def test_a_name_belongs_to_one_coach(world: World) -> None:
    rowan, noor = coach(world), coach(world, "noor")
    await rowan.says("/sign Birch")
    assert "taken by another coach" in (await noor.says("/sign BIRCH")).text
    assert "signed Noor" in (await noor.says("/sign Noor")).text
    assert "signed Birch" in (await rowan.says("/sign Birch")).text


@pytest.mark.parametrize("name", ["@birch", "https://a.b", "birch.example", "x" * 33, "<b>", "-", "a  b"])
async def test_what_is_no_name_is_refused(world: World, name: str) -> None:
    assert "signed" not in (await coach(world).says(f"/sign {name}")).text


@pytest.mark.parametrize("name", ["Birch", "Anna-Lena", "O'Neill", "Łukasz", "Coach 7", "小林"])
async def test_names_are_many(world: World, name: str) -> None:
    assert f"signed {name}." in (await coach(world).says(f"/sign {name}")).text


async def test_anybody_may_see_the_names_and_that_no_coach_writes_first(world: World) -> None:
    await coach(world).says("/sign Birch")
    seen = await world.person("eve").says("/coaches")
    assert "• Birch" in seen.text
    assert "No coach will ever message you directly" in seen.text
    assert "rowan" not in seen.text.casefold()


async def test_a_name_can_be_taken_back(world: World) -> None:
    rowan = coach(world)
    await rowan.says("/sign Birch")
    await rowan.says("/sign")
    await rowan.taps("Sign as nobody in particular")
    assert "no names" in (await rowan.says("/coaches")).text


async def test_only_a_coach_at_the_desk_may_sign(world: World) -> None:
    ada = await world.member("ada")
    assert "for the coaches" in (await ada.says("/sign Birch")).text
    elsewhere = world.person("rowan")
    assert "for the coaches" in (await elsewhere.says("/sign Birch")).text


async def test_a_coach_who_is_a_member_too_takes_the_name_along_and_away(world: World) -> None:
    member = await world.member("rowan")
    member.place = DESK
    await member.says("/sign Birch")
    member.place = member.account.private
    exported = await member.says("/export")
    assert kept(exported.files[0].data)["signatures"] == ["Birch"]
    await member.says("/forget")
    await member.taps("Yes, erase everything")
    seen = await member.says("/coaches")
    assert isinstance(seen, Reply)
    assert "no names" in seen.text
