"""A drop that is about to begin: members whose daily thought was due a minute ago, and how many each of them had."""

from collections.abc import Callable
from pathlib import Path

from bot.model import Account, Server
from bot.vault import new_key
from tests.faults.process import written
from tests.platforms.discord import DiscordServer
from tests.platforms.telegram import TelegramServer

THOUGHT = "Your thought for today"
AT_ONCE = 8  # what is on its way to Telegram at most, of 30 a second
Had = Callable[[], list[int]]


async def on_discord(server: DiscordServer, folder: Path, many: int, url: str | None = None) -> tuple[str, Had]:
    """Write so many members; return the key of the database, and what counts the thoughts each of them had."""
    key, guild = new_key(), server.add_guild("Letting go", server.add_user("owner"))
    users = [server.add_user(f"member{number}") for number in range(many)]
    for user in users:
        server.join(user, guild)
    accounts = [Account("discord", str(user.id)) for user in users]
    await written(folder, key, Server("discord", str(guild.id)), accounts, url)
    return key, lambda: [sum(THOUGHT in m.text for m in server.messages(server.dm(user))) for user in users]


async def on_telegram(server: TelegramServer, folder: Path, many: int, url: str | None = None) -> tuple[str, Had]:
    """Write so many members; return the key of the database, and what counts the thoughts each of them had."""
    key, users = new_key(), [server.add_user(f"Member{number}") for number in range(many)]
    for user in users:
        server.say(user, server.private(user), "hello")
    group = Server("telegram", str(server.add_group("Letting go").id))
    server.pending.clear()
    await written(folder, key, group, [Account("telegram", str(user.id)) for user in users], url)
    chats = [server.private(user) for user in users]
    return key, lambda: [sum(THOUGHT in m.text for m in server.messages(chat)) for chat in chats]
