"""The Discord adapter on the real wire: what the gateway tells unasked, to a bot that asked for servers alone."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.model import Happening, Place, Server
from tests.platforms.discord import Channel, Permission
from tests.platforms.discord.objects import EVERYONE
from tests.platforms.discord_house import House, open_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as house:
        await house.run()
        yield house


def about(kind: str, house: House) -> Happening:
    return Happening(kind, server=Server("discord", str(house.guild.id)))  # type: ignore[arg-type]


def gone(channel: Channel) -> Happening:
    if channel.parent is None:
        return Happening("gone", place=Place("discord", str(channel.id)))
    return Happening("gone", place=Place("discord", str(channel.parent.id), str(channel.id)))


async def told(house: House) -> list[Happening]:
    """All that was told so far, up to a server that the bot is thrown out of now."""
    other = house.server.add_guild("Quay", house.owner)
    joined, thrown_out = (Happening(kind, server=Server("discord", str(other.id))) for kind in ("changed", "removed"))
    house.server.kick_bot(other)
    await house.core.until(lambda: thrown_out in house.core.happenings)
    said = [each for each in house.core.happenings if each not in (joined, thrown_out)]
    house.core.happenings.clear()
    return said


async def begin_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Discord end the session for good, and wait for the next."""
    monkeypatch.setattr("bot.adapters.discord.client.PAUSES", (0.05, 0.05))
    monkeypatch.setitem(house.bot._pauses, 0, 0.05)
    house.server.disconnect(4004)
    await house.server.ready(times=house.server.gateway.readies + 1)


async def test_a_start_tells_of_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_house() as house:
        for n in range(20):
            house.server.add_guild(f"Guild {n}", house.owner)
        await house.run()
        assert await told(house) == []
        house.server.disconnect()
        await house.server.resumed()
        await begin_anew(house, monkeypatch)
        assert await told(house) == []


async def test_being_thrown_out_is_told_and_an_outage_is_not(house: House) -> None:
    house.server.lose_guild(house.guild)
    house.server.find_guild(house.guild)
    assert await told(house) == []
    house.server.kick_bot(house.guild)
    assert await told(house) == [about("removed", house)]


async def test_being_thrown_out_while_away_is_told_at_the_return(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await told(house) == []
    del house.guild.members[house.server.bot.id]
    await begin_anew(house, monkeypatch)
    assert await told(house) == [about("removed", house)]


async def test_being_let_in_is_told(house: House) -> None:
    new = house.server.add_guild("Pier", house.owner)
    await house.core.until(lambda: Happening("changed", server=Server("discord", str(new.id))) in house.core.happenings)


async def test_rights_that_change_are_told(house: House) -> None:
    server, changed = house.server, about("changed", house)
    role = server.add_role(house.guild, "Helpers")
    assert await told(house) == [changed]
    server.set_role(house.guild, role, EVERYONE | Permission.MANAGE_THREADS)
    assert await told(house) == [changed]
    server.join(server.bot, house.guild, [role])
    assert await told(house) == [changed]
    server.time_out(server.bot, house.guild, "2999-01-01T00:00:00+00:00")
    assert await told(house) == [changed]
    server.delete_role(house.guild, role)
    assert await told(house) == [changed]
    server.join(house.mia, house.guild, [])  # of people nothing is heard
    server.leave(house.mia, house.guild)
    assert await told(house) == []


async def test_channels_that_come_change_and_go_are_told(house: House) -> None:
    channel = house.server.add_channel(house.guild, "quay")
    assert await told(house) == [about("changed", house)]
    house.server.set_overwrite(channel, house.guild, deny=Permission.SEND_MESSAGES)
    assert await told(house) == [about("changed", house)]
    house.server.add_thread(channel, "Aside", house.owner)
    house.server.delete_channel(channel)
    assert await told(house) == [gone(channel)]


async def test_threads_that_change_and_go_are_told_those_from_before_the_start_too() -> None:
    async with open_house() as house:
        thread = house.server.add_thread(house.desk, "Aside", house.owner)
        old = house.server.add_thread(house.desk, "Long ago", house.owner)
        house.server.archive(old)
        await house.run()
        assert await told(house) == []
        house.server.archive(thread, locked=True)
        assert await told(house) == [about("changed", house)]
        house.server.post(old, house.server.bot, {"content": "Awake."}, [])
        house.server.tell_channel("THREAD_UPDATE", old)
        assert await told(house) == [about("changed", house)]
        for each in (thread, old):
            house.server.delete_channel(each)
        assert await told(house) == [gone(thread), gone(old)]


async def test_a_new_thread_is_no_change_but_one_that_the_bot_is_let_into_is(house: House) -> None:
    house.server.add_thread(house.desk, "Talk", house.owner)
    thread = house.server.add_thread(house.desk, "Aside", house.owner, private=True)
    assert await told(house) == []
    house.server.let_in(house.server.bot, thread)
    assert set(await told(house)) == {about("changed", house)}
    house.server.put_out(house.server.bot, thread)
    assert await told(house) == [about("changed", house)]


@pytest.fixture
def slow(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """The core takes its time: the first is set when it was told something, the second lets it go on."""
    looking, go_on = asyncio.Event(), asyncio.Event()
    happened = house.core.happened

    async def look(happening: Happening) -> None:
        await happened(happening)
        looking.set()
        await go_on.wait()

    monkeypatch.setattr(house.core, "happened", look)
    return looking, go_on


async def test_many_changes_at_once_are_looked_at_once_more_not_each_time(
    house: House, slow: tuple[asyncio.Event, asyncio.Event]
) -> None:
    looking, go_on = slow
    house.server.add_channel(house.guild, "first")
    await looking.wait()
    for n in range(20):
        house.server.add_channel(house.guild, f"next {n}")
    await house.server.command(house.mia, house.desk, "board")  # all of them have come before it
    go_on.set()
    assert await told(house) == [about("changed", house)] * 2


async def test_stopping_finishes_what_is_told_and_tells_no_more(
    house: House, slow: tuple[asyncio.Event, asyncio.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = slow
    house.server.add_channel(house.guild, "first")
    await looking.wait()
    came, take = asyncio.Event(), house.bot.told

    def late(happening: Happening) -> None:
        came.set()
        take(happening)

    monkeypatch.setattr(house.bot, "told", late)
    stopping = asyncio.create_task(house.bot.stop())
    await asyncio.wait({stopping}, timeout=0)
    house.server.add_guild("Late", house.owner)
    await came.wait()
    assert not stopping.done()
    go_on.set()
    await stopping
    assert house.core.happenings == [about("changed", house)]
