"""The slash commands: built from what the core lists, told to Discord only when they changed."""

import hashlib
import inspect
import json
from collections.abc import Iterable
from typing import Any, cast

import discord
from discord import app_commands

from bot.adapter import ListedCommand, ListedParam
from bot.model import Role

Declared = app_commands.Command[Any, ..., None]


class Tree(app_commands.CommandTree[discord.Client]):
    """Declares the commands, and runs none.

    Every interaction goes one way, past them: so a command that somebody's phone still shows after it was renamed
    reaches the core as well, and is answered in words.
    """

    def __init__(self, client: discord.Client, commands: Iterable[ListedCommand]) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        for listed in commands:
            self.add_command(declared(listed))

    async def interaction_check(self, _: discord.Interaction) -> bool:
        """Return False: nothing is run from here."""
        return False

    def fingerprint(self) -> str:
        """Return a hash that changes whenever what Discord has to be told changes, or the bot it is told for."""
        listed = [cast("Declared", command).to_dict(self) for command in self.get_commands()]
        listed.sort(key=lambda command: command["name"])
        text = json.dumps([self.client.application_id, listed], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def declared(listed: ListedCommand) -> Declared:
    """Return `listed` as a command whose options Discord checks and shows natively.

    What only owners may do is hidden from whoever cannot manage the server; it is checked when it is done.
    """

    async def callback(interaction: discord.Interaction) -> None:
        raise NotImplementedError  # see Tree

    first = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    parameters = [first, *(_parameter(param) for param in listed.params)]
    vars(callback)["__signature__"] = inspect.Signature(parameters)
    choices = {
        param.name: [app_commands.Choice(name=option.label, value=option.value) for option in param.choices]
        for param in listed.params
        if param.choices
    }
    app_commands.choices(**choices)(callback)
    app_commands.describe(**{param.name: param.help for param in listed.params})(callback)
    if listed.role is Role.OWNER:
        app_commands.default_permissions(manage_guild=True)(callback)
    return app_commands.Command(name=listed.name, description=listed.help, callback=callback)


def _parameter(param: ListedParam) -> inspect.Parameter:
    kind: Any = int if param.kind == "number" else str
    if param.min is not None or param.max is not None:
        kind = app_commands.Range[kind, param.min, param.max]
    return inspect.Parameter(
        param.name,
        inspect.Parameter.KEYWORD_ONLY,  # in any order: Discord puts the required ones first
        default=inspect.Parameter.empty if param.required else None,
        annotation=kind if param.required else kind | None,
    )
