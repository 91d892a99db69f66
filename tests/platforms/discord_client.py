"""A small bot on an unpatched discord.py, and the guild that it serves: with these the Discord server is tested."""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands

from tests.platforms.discord import Channel, DiscordServer, Guild, User


class Bot(discord.Client):
    """A small bot of the kind that the server is made for. What a component or a form runs is in `pressed`."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents.none()
        intents.guilds = True
        super().__init__(intents=intents, guild_ready_timeout=0, **options)
        self.tree = app_commands.CommandTree(self)
        self.pressed: dict[str, Callable[[discord.Interaction], Any]] = {}
        self.seen: list[int] = []
        self.go = asyncio.Event()
        self.resumed = 0
        self.tree.command(name="ask", description="Ask")(ask)
        self.tree.command(name="slow", description="Take your time")(slow)
        self.tree.command(name="write", description="Open a form")(write)
        group = app_commands.Group(name="setup", description="Set up", guild_only=True)
        group.command(name="desk", description="Where coaches sit")(desk)
        self.tree.add_command(group)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.seen.append(interaction.id)
        custom_id = (interaction.data or {}).get("custom_id")
        if run := self.pressed.get(str(custom_id)):
            await run(interaction)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The client's own waits five seconds before it identifies again."""

    async def on_resumed(self) -> None:
        self.resumed += 1


@app_commands.choices(mood=[app_commands.Choice(name="Fine", value=5), app_commands.Choice(name="Awful", value=1)])
async def ask(interaction: discord.Interaction, text: str, n: int = 1, mood: int = 3) -> None:
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label="Again", custom_id="1:again", style=discord.ButtonStyle.primary))
    view.add_item(discord.ui.Button(label="Page", url="https://example.org/"))
    view.stop()
    embed = discord.Embed(title="Asked", description=f"{text} {n} {mood}")
    await interaction.response.send_message("Heard.", embed=embed, view=view, ephemeral=True)
    await interaction.followup.send("And this.", ephemeral=True)


async def slow(interaction: discord.Interaction) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.client.go.wait()  # type: ignore[attr-defined]
    await interaction.edit_original_response(content="Here.")


async def write(interaction: discord.Interaction) -> None:
    modal = discord.ui.Modal(title="A form", custom_id="1:form")
    modal.add_item(discord.ui.Label(text="Words", component=discord.ui.TextInput(custom_id="words", max_length=20)))
    options = [discord.SelectOption(label="Red", value="r"), discord.SelectOption(label="Blue", value="b")]
    modal.add_item(discord.ui.Label(text="Colour", component=discord.ui.Select(custom_id="c", options=options)))
    await interaction.response.send_modal(modal)


async def desk(interaction: discord.Interaction, place: discord.TextChannel) -> None:
    may = interaction.guild and interaction.guild.me and place.permissions_for(interaction.guild.me).send_messages
    await interaction.response.send_message(f"{place.id} {may}")


class Harbour:
    """The server, one guild with people in it, and the bot connected to it."""

    def __init__(self, server: DiscordServer, bot: Bot) -> None:
        self.server, self.bot = server, bot
        self.owner: User = server.add_user("Olive Owner")
        self.guild: Guild = server.add_guild("Harbour", self.owner)
        self.ann: User = server.add_user("Ann", locale="de")
        server.join(self.ann, self.guild)
        self.desk: Channel = server.add_channel(self.guild, "desk")

    def channel(self) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(self.desk.id)
