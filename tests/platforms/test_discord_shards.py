"""The Discord adapter on the real wire, connected several times: what each shard is told of, and when it may begin."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import discord
import pytest
from discord.gateway import KeepAliveHandler

from bot.adapter import Turn
from bot.adapters.discord import connection
from bot.leases import Lease
from bot.model import Happening, Place, Server
from bot.pace import Spaced
from bot.shards import Shards
from tests.platforms.discord import Channel, Guild, Permission, Shard
from tests.platforms.discord.gateway import DAY
from tests.platforms.discord_house import House, open_house

N = 4
ALL, SOME = Shards(0, N - 1, N), Shards(0, 1, N)
NAMES = [ALL.name(shard) for shard in ALL.ids]


@dataclass
class Town:
    """A house with a server, and a channel in it, on each shard."""

    house: House
    guilds: list[Guild]
    desks: list[Channel]

    async def answers(self, shard: int) -> None:
        """See that a command in the server of a shard is answered, once."""
        house = self.house
        calls = len(house.core.calls)
        asked = await house.server.command(house.mia, self.desks[shard], "mood", mood=3)
        assert asked.message is not None
        assert len(house.core.calls) == calls + 1

    async def ready(self, names: list[str] = NAMES) -> None:
        await self.house.core.until(lambda: self.house.core.parts == dict.fromkeys(names, True))

    def happened(self) -> list[tuple[str, Guild]]:
        """What was told of the servers since this was asked last."""
        named = {str(guild.id): guild for guild in self.house.server.guilds.values()}
        told = [(each.kind, named[each.server.id]) for each in self.house.core.happenings if each.server]
        self.house.core.happenings.clear()
        return told


@asynccontextmanager
async def town(shards: Shards = ALL, *, many: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[Town]:
    async with open_house(**(many or {})) as house:
        server = house.server
        guilds = [server.add_guild(f"Guild {n}", house.owner, shard=Shard(n, N)) for n in range(N)]
        for guild in guilds:
            server.join(house.mia, guild)
        house.bot = house.adapter(shards=shards, **more)
        yield Town(house, guilds, [server.add_channel(guild, "desk") for guild in guilds])


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let discord.py not wait its five seconds before a session is begun anew."""

    async def at_once(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(discord.Client, "before_identify_hook", at_once)


async def test_servers_on_each_shard_are_answered_and_so_is_somebody_alone() -> None:
    async with town() as here:
        house = here.house
        await house.bot.start()
        await here.ready()
        assert sorted(session.shard for session in house.server.gateway.live()) == [(n, N) for n in range(N)]
        for shard in range(N):
            await here.answers(shard)
        assert (await house.server.command(house.mia, house.server.dm(house.mia), "mood", mood=3)).message is not None
        told = [r for r in house.server.requests if r.path.endswith(("/commands", "/users/@me"))]
        assert [r.method for r in told] == ["GET", "PUT"]  # it logs in once, and tells the commands once


async def test_what_happens_in_a_server_is_told_once() -> None:
    async with town() as here:
        await here.house.bot.start()
        await here.ready()
        for desk in here.desks:
            here.house.server.set_overwrite(desk, here.guilds[0], deny=Permission.SEND_MESSAGES)
        await here.house.core.until(lambda: len(here.house.core.happenings) >= N)
        assert sorted(here.happened(), key=lambda told: told[1].id) == [("changed", guild) for guild in here.guilds]


@pytest.mark.usefixtures("at_once")
async def test_a_shard_that_begins_anew_tells_of_its_own_servers_alone() -> None:
    async with town() as here:
        server = here.house.server
        await here.house.bot.start()
        await here.ready()
        for guild in here.guilds[1:3]:
            del guild.members[server.bot.id]
        server.gateway.sessions = {s.id: s for s in server.gateway.live() if s.shard.number != 2}
        server.disconnect(4000, shard=2)
        await server.ready(times=N + 1)
        await here.house.core.until(lambda: here.house.core.happenings)
        await here.answers(0)
        assert here.happened() == [("removed", here.guilds[2])]
        assert here.house.bot._known.complete
        assert here.house.bot._known.server(here.desks[3].id) == here.guilds[3].id
        assert here.house.bot._known.server(here.desks[2].id) is None


async def test_it_is_connected_when_all_of_its_shards_are() -> None:
    async with town() as here:
        server, parts = here.house.server, here.house.core.parts
        await here.house.bot.start()
        await here.ready()
        server.disconnect(4000, shard=3)
        await here.house.core.until(lambda: not parts[NAMES[3]])
        await server.resumed()
        await here.ready()
        for shard in range(N):
            await here.answers(shard)
        await here.house.bot.stop()
        assert parts == dict.fromkeys(NAMES, False)


@pytest.mark.usefixtures("at_once")
async def test_what_ends_one_session_for_good_ends_all_and_all_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with town() as here:
        await here.house.bot.start()
        await here.ready()
        for shard in range(N):
            monkeypatch.setitem(here.house.bot._pauses, shard, 0.05)
        here.house.server.disconnect(4004, shard=1)
        await here.house.server.ready(times=2 * N)
        await here.ready()
        assert len(here.house.server.gateway.live()) == N
        for shard in range(N):
            await here.answers(shard)


async def test_a_process_with_some_of_the_shards_says_nothing_of_what_others_are_told() -> None:
    async with town(SOME) as here:
        server, bot = here.house.server, here.house.bot
        await bot.start()
        await here.ready(NAMES[:2])
        assert [bot._known.server(desk.id) for desk in here.desks] == [here.guilds[0].id, here.guilds[1].id, None, None]
        assert not bot._known.complete
        hidden = [
            server.add_channel(guild, "hidden", overwrites={guild: (0, Permission.VIEW_CHANNEL)})
            for guild in here.guilds
        ]
        server.disconnect(shard=1)
        await server.resumed()
        looks = [await bot.look(Place("discord", str(channel.id)), frozenset({"send"})) for channel in hidden]
        assert [look is None for look in looks] == [False, False, True, True]
        assert here.happened() == [("changed", here.guilds[0]), ("changed", here.guilds[1])]


async def test_a_server_that_was_left_while_another_process_heard_of_it_is_told_at_the_return() -> None:
    leases = {name: Lease(name, "us") for name in NAMES}

    def turns(part: str) -> Turn:
        return leases[part].during

    async with town(turns=turns) as here:
        server, core = here.house.server, here.house.core
        for name in NAMES[:3]:
            leases[name].renewed(float("inf"))
        await here.house.bot.start()
        await here.ready(NAMES[:3])
        assert not here.house.bot._known.complete  # nobody told of what is on the last
        for shard in range(3):
            await here.answers(shard)
        leases[NAMES[1]].lose()
        await server.wait_for(lambda: sorted(s.shard.number for s in server.gateway.live()) == [0, 2])
        await here.answers(2)
        del here.guilds[1].members[server.bot.id]
        leases[NAMES[1]].renewed(float("inf"))
        leases[NAMES[3]].renewed(float("inf"))
        await core.until(
            lambda: Happening("removed", server=Server("discord", str(here.guilds[1].id))) in core.happenings
        )
        await here.ready()
        assert here.happened() == [("removed", here.guilds[1])]
        assert here.house.bot._known.complete
        leases[NAMES[2]].lose()
        await server.wait_for(lambda: len(server.gateway.live()) == N - 1)
        assert not here.house.bot._known.complete


@pytest.mark.parametrize("buckets", [1, 2, 16])
async def test_shards_begin_one_after_the_other_within_a_bucket(buckets: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "EVERY", 0.3)
    many = {"shards": N, "max_concurrency": buckets, "identify_every": 0.25}
    async with town(many=many, spacing=Spaced().turn) as here:
        server = here.house.server
        await here.house.bot.start()
        await here.ready()
        came = server.gateway.identifies
        assert [identify.early for identify in came] == [False] * N
        assert len([r for r in server.requests if r.path == "/gateway/bot"]) == 1
        last = max(identify.time for identify in came) - came[0].time
        assert last >= (-(-N // buckets) - 1) * 0.3
        assert buckets == 1 or last < (N - 1) * 0.3


async def test_one_that_discord_finds_too_early_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def soon(*_: object, **__: object) -> None:
        await asyncio.sleep(0.1)

    monkeypatch.setattr(discord.Client, "before_identify_hook", soon)
    async with town(many={"identify_every": 0.2}) as here:  # and nobody gives turns
        await here.house.bot.start()
        await here.ready()
        assert any(identify.early for identify in here.house.server.gateway.identifies)


async def test_two_with_other_shards_answer_each_their_own() -> None:
    async with town(SOME) as here:
        house = here.house
        other = house.adapter(shards=Shards(2, 3, N))
        for bot in (house.bot, other):
            await bot.start()
        await here.ready()
        for shard in range(N):
            await here.answers(shard)
        await other.stop()
        assert [here.house.core.parts[name] for name in NAMES] == [True, True, False, False]


def few(caplog: pytest.LogCaptureFixture) -> list[tuple[int, int]]:
    """What was logged of how many starts were left, and for how many seconds."""
    said = [record.__dict__ for record in caplog.records if record.msg == "discord.few_starts"]
    return [(each["count"], each["seconds"]) for each in said]


async def test_where_discord_takes_no_more_beginnings_they_wait_until_it_counts_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with town() as here:
        gateway = here.house.server.gateway
        gateway.used, gateway.resets = 1000 - N, time.monotonic() + 1.5
        await here.house.bot.start()
        await here.ready()
        assert len(gateway.identifies) == N
        assert all(identify.time >= gateway.resets - DAY for identify in gateway.identifies)
        assert few(caplog) == [(N, pytest.approx(1.5, abs=0.6))]  # the others stand in line behind it
        for shard in range(N):
            await here.answers(shard)


async def test_the_last_tenth_of_the_beginnings_is_spread_over_the_time_that_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_house() as house:
        gateway = house.server.gateway
        gateway.used, gateway.resets = 960, time.monotonic() + 20
        began = time.monotonic()
        await house.bot.start()
        await house.server.ready()
        assert 0.4 <= gateway.identifies[0].time - began < 3
        assert few(caplog) == [(40, 20)]
        await house.bot.stop()
        gateway.used, caplog.records[:] = 100, []
        await house.restart()
        await house.run()
        assert few(caplog) == []


@pytest.mark.usefixtures("at_once")
async def test_a_session_that_cannot_be_resumed_waits_likewise(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ASKED", 0.0)
    async with open_house() as house:
        gateway = house.server.gateway
        await house.run()
        monkeypatch.setitem(house.bot._pauses, 0, 0.05)
        gateway.used, gateway.resets = 999, time.monotonic() + 1.5
        gateway.sessions.clear()
        house.server.disconnect(4000)
        await house.server.ready(times=2)
        assert gateway.identifies[1].time >= gateway.resets - DAY
        assert [count for count, _ in few(caplog)] == [0, 0]
        kept = [each for each in threading.enumerate() if isinstance(each, KeepAliveHandler)]
        assert len(kept) == 1  # what was opened meanwhile in vain was closed again
