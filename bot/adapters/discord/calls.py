"""What a person did on Discord, as a Call. No I/O."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import discord

from bot import wire
from bot.adapters.discord.ids import plain
from bot.model import Account, Call, Place, Ref, place_value

NAME = "discord"
COMMAND, COMPONENT, SUBMIT = (
    discord.InteractionType.application_command,
    discord.InteractionType.component,
    discord.InteractionType.modal_submit,
)
THREADS = tuple(
    kind.value
    for kind in (
        discord.ChannelType.news_thread,
        discord.ChannelType.public_thread,
        discord.ChannelType.private_thread,
    )
)


def call(interaction: discord.Interaction) -> Call | None:
    """Return the Call that `interaction` is, or None where its id is not one of ours (another version's, or forged)."""
    data = cast("dict[str, Any]", interaction.data)
    args: tuple[str, ...] = ()
    values: dict[str, str] = {}
    if interaction.type is COMMAND:
        action: str = data["name"]
        values = {option["name"]: str(option["value"]) for option in data.get("options", ())}
    else:
        found = wire.unpack(plain(data["custom_id"]))
        if found is None:
            return None
        action, args = found
        if interaction.type is SUBMIT:
            values = dict(_filled(data["components"]))
        else:
            args = (*args, *_chosen(data))
    who, where = account(interaction), place(interaction)
    return Call(
        id=str(interaction.id),
        account=who,
        place=where,
        server=str(interaction.guild_id) if interaction.guild_id else None,
        action=action,
        args=args,
        values=values,
        message=Ref(where, str(interaction.message.id)) if interaction.message else None,
        # Discord sends along what they may do, as it is now; no channel gives or takes this one.
        runs=interaction.permissions.manage_guild if interaction.guild_id else None,
    )


def account(interaction: discord.Interaction) -> Account:
    """Return who did it, with the language of their app."""
    user = interaction.user
    return Account(NAME, str(user.id), user.display_name, str(interaction.locale))


def place(interaction: discord.Interaction) -> Place:
    """Return where it was done. Raises LookupError for a kind of channel that discord.py does not know."""
    if interaction.guild_id is None:
        return account(interaction).private
    channel = interaction.channel
    if channel is None:
        raise LookupError("an interaction in an unknown kind of channel")
    if isinstance(channel, discord.Thread):
        return Place(NAME, str(channel.parent_id), thread=str(channel.id))
    return Place(NAME, str(channel.id))


def _chosen(data: dict[str, Any]) -> Iterator[str]:
    """Yield what was chosen in a menu: ids alone, of a thread its channel's too."""
    channels = data.get("resolved", {}).get("channels", {})
    for value in data.get("values", ()):
        thread = channels.get(value, {}).get("type") in THREADS
        yield place_value(Place(NAME, channels[value]["parent_id"], value)) if thread else value


def _filled(components: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field: one in a label, as we send them, or in a row, as old clients do."""
    for outer in components:
        for field in [outer["component"]] if "component" in outer else outer.get("components", ()):
            if "custom_id" in field:
                yield field["custom_id"], field["value"] if "value" in field else next(iter(field["values"]), "")
