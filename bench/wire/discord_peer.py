"""discord.py and nothing else: `discord_peer.py port token`, with one command that answers a constant text."""

import asyncio
import json
import sys
from urllib.request import urlopen

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

TEXT = "Hello. " * 30


async def main(port: int, token: str) -> None:
    """Answer until standard input ends."""
    Route.BASE = f"http://127.0.0.1:{port}/api/v10"
    with urlopen(f"http://127.0.0.1:{port}/home") as answer:  # noqa: ASYNC210 # nothing else is running yet
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(json.load(answer)["gateway"])
    client = discord.Client(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)

    @tree.command(description="Says hello.")
    async def hello(interaction: discord.Interaction) -> None:  # pyright: ignore[reportUnusedFunction]
        await interaction.response.send_message(TEXT, ephemeral=True)

    async with client:
        running = asyncio.create_task(client.start(token))
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        running.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
