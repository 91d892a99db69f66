"""What a person did on Discord, as a Call. No I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from discord.state import ConnectionState

from bot import wire
from bot.adapters.discord.ids import plain
from bot.model import Account, Call, Place, Ref, place_value

NAME = "discord"
COMMAND, COMPONENT, SUBMIT = (
    discord.InteractionType.application_command.value,
    discord.InteractionType.component.value,
    discord.InteractionType.modal_submit.value,
)
THREADS = tuple(
    kind.value
    for kind in (
        discord.ChannelType.news_thread,
        discord.ChannelType.public_thread,
        discord.ChannelType.private_thread,
    )
)
MANAGES = discord.Permissions.manage_guild.flag
EPHEMERAL = discord.MessageFlags.ephemeral.flag


@dataclass(frozen=True, slots=True)
class Heard:
    """An interaction as Discord tells of it (its documentation, "Interaction Object").

    discord.py makes a server, a channel and a member of it each time, none of which anybody asks for: it has its own
    of it where something is said after the first answer.
    """

    data: Mapping[str, Any] = field(repr=False)
    state: ConnectionState[Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Its id."""
        return self.data["id"]

    @property
    def token(self) -> str:
        """What it is answered with."""
        return self.data["token"]

    @property
    def locale(self) -> str:
        """The language of the app that it comes from."""
        return self.data.get("locale", "en-US")

    @property
    def server(self) -> str | None:
        """The id of the server it comes from, None in a DM."""
        return self.data.get("guild_id")

    @property
    def on_hidden(self) -> bool | None:
        """Whether the message that was pressed is shown to one person alone; None where none was."""
        message = self.data.get("message")
        return None if message is None else bool(message.get("flags", 0) & EPHEMERAL)

    def full(self) -> discord.Interaction:
        """Return it as discord.py has it."""
        whole: Any = {**self.data}
        return discord.Interaction(data=whole, state=self.state)


def call(heard: Heard) -> Call | None:
    """Return the Call that `heard` is, or None where its id is not one of ours (another version's, or forged)."""
    data, what = heard.data["data"], heard.data["type"]
    args: tuple[str, ...] = ()
    values: dict[str, str] = {}
    if what == COMMAND:
        action: str = data["name"]
        values = {option["name"]: str(option["value"]) for option in data.get("options", ())}
    else:
        found = wire.unpack(plain(data["custom_id"]))
        if found is None:
            return None
        action, args = found
        if what == SUBMIT:
            values = dict(_filled(data["components"]))
        else:
            args = (*args, *_chosen(data))
    who, server, message = account(heard), heard.server, heard.data.get("message")
    where = _place(heard.data["channel"]) if server else who.private
    return Call(
        id=heard.id,
        account=who,
        place=where,
        server=server,
        action=action,
        args=args,
        values=values,
        message=Ref(where, message["id"]) if message else None,
        # Discord sends along what they may do, as it is now; no channel gives or takes this one.
        runs=bool(int(heard.data["member"]["permissions"]) & MANAGES) if server else None,
    )


def account(heard: Heard) -> Account:
    """Return who did it, with the language of their app."""
    member = heard.data.get("member", {})
    user = member["user"] if member else heard.data["user"]
    name = member.get("nick") or user.get("global_name") or user["username"]
    return Account(NAME, user["id"], name, heard.locale)


def _place(channel: Mapping[str, Any]) -> Place:
    if channel["type"] in THREADS:
        return Place(NAME, channel["parent_id"], thread=channel["id"])
    return Place(NAME, channel["id"])


def _chosen(data: dict[str, Any]) -> Iterator[str]:
    """Yield what was chosen in a menu: ids alone, of a thread its channel's too."""
    channels = data.get("resolved", {}).get("channels", {})
    for value in data.get("values", ()):
        thread = channels.get(value, {}).get("type") in THREADS
        yield place_value(Place(NAME, channels[value]["parent_id"], value)) if thread else value


def _filled(components: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each field: one in a label, as we send them, or in a row, as old clients do."""
    for outer in components:
        for item in [outer["component"]] if "component" in outer else outer.get("components", ()):
            if "custom_id" in item:
                yield item["custom_id"], item["value"] if "value" in item else next(iter(item["values"]), "")
