"""A Discord on loopback: REST v10 and gateway, for an unpatched discord.py, in this process or in another.

    async with DiscordServer() as server:
        guild = server.add_guild("Harbour", owner := server.add_user("Olive"))
        desk = server.add_channel(guild, "desk")
        ...  # start a bot with server.api_url, server.gateway_url, server.token
        await server.ready()
        asked = await server.command(owner, desk, "ask", text="How long?")
        assert asked.message.text == "Sent."

What a person does (`command`, `press`, `choose`, `submit`) returns an Interaction at once; awaiting it waits for the
bot's answer. Everything else on the test's side acts at once, and shows the bot what Discord would show it.

Where to look:

    server.py       starting, stopping, what becomes of a call
    rest_*.py       the REST routes by resource; rest.py is what they share
    gateway.py      what the bot is told, and how
    people.py       people, guilds, channels, DMs
    acting.py       acting as a person; interaction.py is what comes of it, screen.py what they read
    messages.py     how a message is made, changed and taken away
    objects.py      how things look on the wire
    limits.py       what Discord refuses
    faults.py       what goes wrong when a test wants it to; rates.py, the rate limits
    state.py        what is kept, and waiting for it to change
"""

from tests.platforms.discord.gateway import Shard
from tests.platforms.discord.interaction import Interaction
from tests.platforms.discord.objects import FORUM, GUILD_NEWS, MEDIA, Channel, Guild, Permission, Role, User
from tests.platforms.discord.screen import Message, Modal
from tests.platforms.discord.server import DiscordServer

__all__ = [
    "FORUM",
    "GUILD_NEWS",
    "MEDIA",
    "Channel",
    "DiscordServer",
    "Guild",
    "Interaction",
    "Message",
    "Modal",
    "Permission",
    "Role",
    "Shard",
    "User",
]
