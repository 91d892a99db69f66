"""What a thousand communities cost one running Unsent: seconds until it knows them all, and memory.

    .venv/bin/python bench/communities.py [communities]

Each is a Discord server with 30 channels, of which one is the desk and one gets a post a day, and 20 roles. It is set
up beforehand, as /setup leaves it. The Discord runs in a process of its own, and each measurement in a fresh one.
"""

import asyncio
import gc
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot import app
from bot.adapters.discord import Discord
from bot.clock import Clock
from bot.model import Account, Place, Server
from bot.settings import Settings
from bot.vault import new_key
from cogs import posts
from tests.platforms.discord import FORUM, DiscordServer
from tests.platforms.discord.objects import Channel, Permission, Role
from tests.seed import set_up

COMMUNITIES, CHANNELS, ROLES, OVERWRITES = 1_000, 30, 20, 3
TARGET_SECONDS, TARGET_MB = 3.0, 30.0


async def serve(pipe: Connection) -> None:
    """Be a Discord with as many servers as are asked for; send where it is and what is in it."""
    async with DiscordServer(heartbeat_interval=600) as server:
        owner = server.add_user("Olive")
        made: list[tuple[str, str, str, str]] = []
        for n in range(pipe.recv()):
            guild = server.add_guild(f"Guild {n}", owner)
            guild.roles += [
                Role(server.new_id(), f"Role {r}", Permission.VIEW_CHANNEL, r + 2) for r in range(ROLES - 2)
            ]
            channels: list[str] = []
            for c in range(CHANNELS):
                channel = Channel(server.new_id(), FORUM if c == 0 else 0, f"channel-{c}", guild)
                for role in guild.roles[:OVERWRITES]:
                    channel.overwrites[role.id] = (False, 0, int(Permission.MENTION_EVERYONE))
                server.put_channel(channel, "CHANNEL_CREATE")
                channels.append(str(channel.id))
            made.append((str(guild.id), str(guild.roles[-1].id), channels[1], channels[2]))
        pipe.send((server.api_url, server.gateway_url, server.token, made))
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)


def discord(pipe: Connection) -> None:
    """Run a Discord until it is told to stop."""
    asyncio.run(serve(pipe))


def memory() -> float:
    """The memory of this process that is really there, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def settings(folder: str, key: str, api_url: str, gateway_url: str, token: str) -> Settings:
    """Return what an operator would have set."""
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=folder,
        key=key,
        operator="Kim (kim@example.org)",
        discord_token=token,
        discord_api_url=api_url,
        discord_gateway_url=gateway_url,
        web="127.0.0.1:0",
    )


def prepare(set_to: Settings, made: list[tuple[str, str, str, str]]) -> None:
    """Set every server up."""

    async def write() -> None:
        house = app.build_house(set_to, Clock(), first=True)
        await house.store.open()
        async with house.store.transaction() as tx:
            for guild, role, desk, board in made:
                steward = Account("discord", "1")
                server = Server("discord", guild)
                community = await set_up(
                    tx,
                    house.vault,
                    server,
                    role=role,
                    steward=steward,
                    desk=Place("discord", desk),
                    posts=Place("discord", board),
                )
                await posts.plan_for(house.work(tx), community)
        await house.store.close()

    asyncio.run(write())


async def run(set_to: Settings) -> tuple[float, float]:
    """Start Unsent; return the seconds until it knew every server, and the memory then."""
    began = time.perf_counter()
    running = app.App(set_to)
    async with running.running():
        adapter = running.house.adapters["discord"]
        assert isinstance(adapter, Discord)
        # Nothing but this bench has to know when the last server has come: there is no event to wait for.
        while not (running.house.health.platforms["discord"] and adapter._known.complete):  # noqa: ASYNC110 # pyright: ignore[reportPrivateUsage]
            await asyncio.sleep(0.005)
        seconds = time.perf_counter() - began
        return seconds, memory()


def in_a_process(pipe: Connection, set_to: Settings) -> None:
    """Run Unsent, and send what it took."""
    pipe.send(asyncio.run(run(set_to)))


def measured(communities: int) -> tuple[float, float]:
    """Measure with so many communities, in processes of their own."""
    ours, theirs = multiprocessing.Pipe()
    platform = multiprocessing.Process(target=discord, args=(theirs,))
    platform.start()
    ours.send(communities)
    *where, made = ours.recv()
    with TemporaryDirectory() as folder:
        set_to = settings(folder, new_key(), *where)
        prepare(set_to, made)
        mine, its = multiprocessing.Pipe()
        process = multiprocessing.Process(target=in_a_process, args=(its, set_to))
        process.start()
        found: tuple[float, float] = mine.recv()
        process.join()
    ours.send("stop")
    platform.join()
    return found


def main() -> None:
    """Print both numbers beside the target."""
    multiprocessing.set_start_method("spawn")
    many = int(sys.argv[1]) if len(sys.argv) > 1 else COMMUNITIES
    one, base = measured(1)
    seconds, then = measured(many)
    print(f"{many} communities, {CHANNELS} channels and {ROLES} roles each")
    print(f"  start to ready       {seconds:6.2f} s   (one: {one:.2f} s; target {TARGET_SECONDS:.0f} s)")
    print(f"  memory above one     {then - base:6.1f} MB  (one: {base:.0f} MB; target {TARGET_MB:.0f} MB)")


if __name__ == "__main__":
    main()
