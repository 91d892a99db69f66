"""Menus of channels, roles and people, chosen from on the real wire, and what the server offers in them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapter import OpenThread, Sent
from bot.model import Place, Ref
from tests.platforms.discord import FORUM, GUILD_NEWS, MEDIA, Channel, Message
from tests.platforms.discord.objects import PRIVATE_THREAD
from tests.platforms.discord_house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        yield house


async def menus(house: House) -> Message:
    """The message with a menu of each kind, that Mia alone sees."""
    asked = await house.server.command(house.mia, house.desk, "pick")
    assert asked.message is not None
    assert asked.ephemeral
    return asked.message


async def thread(house: House) -> Channel:
    """A thread at the desk."""
    opened = await house.bot.deliver(OpenThread(Place("discord", str(house.desk.id)), "Question 7"))
    assert isinstance(opened, Sent)
    return house.server.channels[int(opened.refs[0].message)]


async def test_what_is_chosen_comes_back_as_an_id(house: House) -> None:
    message = await menus(house)
    forum = house.server.add_channel(house.guild, "questions", FORUM)
    role = house.server.add_role(house.guild, "Coaches")
    below = await thread(house)
    hidden = Channel(house.server.new_id(), PRIVATE_THREAD, "Aside", house.guild, parent=house.desk, owner=house.owner)
    house.server.put_channel(hidden, "THREAD_CREATE")
    news, media = (house.server.add_channel(house.guild, "x", kind) for kind in (GUILD_NEWS, MEDIA))
    aside, post = (house.server.add_thread(parent, "Aside", house.owner) for parent in (news, media))
    wanted: list[tuple[str, Any, str]] = [
        ("channel", house.desk, f"{house.desk.id}"),
        ("channel", forum, f"{forum.id}"),
        ("channel", news, f"{news.id}"),
        ("channel", media, f"{media.id}"),
        ("channel", aside, f"{news.id}/{aside.id}"),
        ("channel", post, f"{media.id}/{post.id}"),
        ("channel", below, f"{house.desk.id}/{below.id}"),
        ("channel", hidden, f"{house.desk.id}/{hidden.id}"),
        ("role", role, f"{role.id}"),
        ("member", house.owner, f"{house.owner.id}"),
    ]
    for kind, chosen, value in wanted:
        await house.server.choose(house.mia, message, f"1:mood.pick:{kind}", [chosen])
        call = house.core.calls[-1]
        assert (call.action, call.args) == ("mood.pick", (kind, value))
        assert (call.account.id, call.message) == (str(house.mia.id), Ref(call.place, str(message.id)))
    edited = house.server.message(message.id)
    assert edited is not None
    assert edited.text == f"Picked {('member', str(house.owner.id))}"


async def test_what_is_chosen_after_a_restart_still_arrives(house: House) -> None:
    message = await menus(house)
    below = await thread(house)
    await house.restart()
    await house.server.choose(house.mia, message, "1:mood.pick:channel", [below])
    assert [call.args for call in house.core.calls] == [("channel", f"{house.desk.id}/{below.id}")]


async def test_a_menu_offers_its_own_kind_alone(house: House) -> None:
    message = await menus(house)
    voice = house.server.add_channel(house.guild, "voice", 2)
    for kind, chosen in (("channel", voice), ("channel", house.mia), ("role", house.mia), ("member", house.desk)):
        with pytest.raises(ValueError, match="offer"):
            house.server.choose(house.mia, message, f"1:mood.pick:{kind}", [chosen])
