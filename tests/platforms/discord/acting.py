"""Acting as a person, and seeing what they see."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from tests.platforms.discord.interaction import Interaction
from tests.platforms.discord.messages import Messages
from tests.platforms.discord.objects import (
    ALL,
    BUTTON,
    COMMAND,
    COMPONENT,
    LOADING,
    SUBMIT,
    Channel,
    Json,
    Role,
    User,
)
from tests.platforms.discord.objects import Permission as P
from tests.platforms.discord.screen import Message, Modal, pick


class Acting(Messages):
    """What a person does (each returns at once), and what there is to read."""

    async def next_message(
        self, channel: Channel, *, after: Message | None = None, within: float | None = None
    ) -> Message:
        """The first message of the bot in a channel newer than `after` (None: the first of all); waits for it. One
        that is still "thinking" does not count."""

        def first() -> Message | None:
            found = (m for m in self.messages(channel) if m.author is self.bot and not m.flags & LOADING)
            return next((m for m in found if m.id > (after.id if after else 0)), None)

        return await self.wait_for(first, within=within, what=f"message in {channel.name or 'the DM'}")

    def commands(self, user: User, channel: Channel) -> dict[str, Json]:
        """The commands that a person is offered in a channel, by name."""
        guild = channel.guild
        if guild is not None and self.bot.id not in guild.members:
            return {}
        offered = self.registered[0] | (self.registered.get(guild.id, {}) if guild else {})
        may = channel.permissions(user)
        return {n: c for n, c in offered.items() if _offered(c, guild is None, may)}

    def say(self, user: User, channel: Channel, text: str) -> Message:
        """Write a message as a person."""
        if not channel.permissions(user) & P.SEND_MESSAGES:
            raise PermissionError(f"{user.name} may not write in {channel.name}")
        return self.post(channel, user, {"content": text}, [])

    def command(self, user: User, channel: Channel, name: str, /, **options: Any) -> Interaction:
        """Run a command ("setup desk" for a subcommand), its options as a client would send them: choices by name or
        value, people, roles and channels as what they are. KeyError for a command or an option that is not offered,
        ValueError for a value that a client would not send."""
        first, *rest = name.split()
        command = self.commands(user, channel)[first]
        resolved: dict[str, Json] = {}
        data: Json = {"id": command["id"], "name": first, "type": 1, "resolved": resolved}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        level, declared = data, command.get("options", [])
        for part in rest:
            sub = {o["name"]: o for o in declared if o["type"] in (1, 2)}[part]
            level["options"] = [{"name": part, "type": sub["type"]}]
            level, declared = level["options"][0], sub.get("options", [])
        level["options"] = self._options(declared, options, resolved, channel)
        return self._act(user, channel, COMMAND, data)

    def press(self, user: User, message: Message, name: str) -> Interaction:
        """Press the button with this label or custom_id, as `message` shows it: a screen may be behind."""
        button = message.find(name)
        if button["type"] != BUTTON or button.get("disabled") or "custom_id" not in button:
            raise ValueError(f"{name!r} cannot be pressed")
        return self._act(user, message.channel, COMPONENT, _component(button), message)

    def choose(self, user: User, message: Message, custom_id: str, values: Iterable[Any]) -> Interaction:
        """Choose from a menu: options by label or value, people, roles and channels as what they are."""
        menu, chosen = message.find(custom_id), list(values)
        data = _component(menu) | {"values": pick(menu, chosen), "resolved": {}}
        for value in chosen:
            self._resolve(value, data["resolved"], message.channel)
        return self._act(user, message.channel, COMPONENT, data, message)

    def submit(self, user: User, modal: Modal, values: Mapping[str, Any]) -> Interaction:
        """Send a form, its values by label or custom_id. ValueError where a client would not let it go."""
        opener = next(i for i in self.interactions.values() if i.id == modal.opened_by)
        if opener.user is not user:
            raise ValueError(f"the form is on {opener.user.name}'s screen")
        data: Json = {"custom_id": modal.custom_id, "components": modal.fill(values), "resolved": {}}
        for value in values.values():
            for one in value if isinstance(value, list | tuple) else [value]:
                self._resolve(one, data["resolved"], opener.channel)
        source = self.message(opener.source) if opener.source else None
        return self._act(user, opener.channel, SUBMIT, data, source)

    def repeat(self, interaction: Interaction) -> None:
        """Deliver the same gateway event again."""
        self.gateway.dispatch("INTERACTION_CREATE", interaction.wire, guild=interaction.channel.guild)

    def _options(self, declared: list[Json], given: Json, resolved: Json, channel: Channel) -> list[Json]:
        """The options of a command as sent, typed as declared."""
        if unknown := set(given) - {o["name"] for o in declared}:
            raise KeyError(f"no option {unknown} among {[o['name'] for o in declared]}")
        if missing := {o["name"] for o in declared if o.get("required")} - set(given):
            raise ValueError(f"{missing} required")
        out: list[Json] = []
        for option in declared:
            if option["name"] in given:
                value = _typed(option, given[option["name"]])
                self._resolve(given[option["name"]], resolved, channel)
                out.append({"name": option["name"], "type": option["type"], "value": value})
        return out

    def _resolve(self, value: Any, resolved: dict[str, Json], channel: Channel) -> None:
        """Add what an id stands for to the `resolved` of an interaction."""
        if isinstance(value, User):
            resolved.setdefault("users", {})[str(value.id)] = value.wire()
            if channel.guild and value.id in channel.guild.members:
                member = channel.guild.member(value) | {"permissions": str(channel.permissions(value))}
                resolved.setdefault("members", {})[str(value.id)] = member
        elif isinstance(value, Role):
            resolved.setdefault("roles", {})[str(value.id)] = value.wire()
        elif isinstance(value, Channel):
            resolved.setdefault("channels", {})[str(value.id)] = value.wire() | {"permissions": str(ALL)}

    def _act(self, user: User, channel: Channel, type: int, data: Json, message: Message | None = None) -> Interaction:
        """Tell the bot of an interaction."""
        guild, may = channel.guild, channel.permissions(user)
        if not may & P.VIEW_CHANNEL or channel.recipient not in (None, user):
            raise PermissionError(f"{user.name} does not see {channel.name or 'this DM'}")
        made = self.new_id()
        payload: Json = {
            "id": str(made), "application_id": str(self.bot.id), "type": type, "data": data, "version": 1,
            "token": secrets.token_urlsafe(60), "channel": channel.wire() | {"permissions": str(may)},
            "channel_id": str(channel.id), "app_permissions": str(channel.permissions(self.bot)),
            "locale": user.locale, "entitlements": [], "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "attachment_size_limit": 10_485_760,
        }  # fmt: skip
        if guild:
            payload |= {"guild_id": str(guild.id), "guild_locale": "en-US"}
            payload["guild"] = {"id": str(guild.id), "locale": "en-US", "features": []}
            payload["member"] = guild.member(user) | {"permissions": str(may)}
        else:
            payload["user"] = user.wire()
        if message:
            payload["message"] = (self.message(message.id) or message).wire
        interaction = Interaction(self, made, payload["token"], type, user, channel, self.clock(), payload)
        interaction.source = message.id if message else None
        self.interactions[interaction.token] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", payload, guild=guild)
        return interaction


def _component(item: Json) -> Json:
    """How an interaction names the component that it came from."""
    return {"custom_id": item["custom_id"], "component_type": item["type"], "id": item["id"]}


def _offered(command: Json, in_dm: bool, may: int) -> bool:
    """Whether a person with these permissions is offered a command here."""
    contexts = command.get("contexts")
    if contexts is not None and (1 if in_dm else 0) not in contexts:
        return False
    if in_dm:
        return "guild_id" not in command and (contexts is not None or command.get("dm_permission", True))
    needed = command.get("default_member_permissions")
    return bool(may & P.USE_APPLICATION_COMMANDS) and (needed is None or may & int(needed) == int(needed))


def _typed(option: Json, value: Any) -> Any:
    """An option's value as a client sends it; ValueError for one that it would not take."""
    if choices := option.get("choices"):
        for choice in choices:
            if value in (choice["name"], choice["value"]):
                return choice["value"]
        raise ValueError(f"{option['name']}: {value!r} is not a choice")
    kind = option["type"]
    if kind in (6, 7, 8, 9):
        return str(value.id)
    wanted = {3: str, 4: int, 5: bool, 10: (int, float)}[kind]
    if not isinstance(value, wanted) or (kind != 5 and isinstance(value, bool)):
        raise ValueError(f"{option['name']}: {value!r} is not of type {kind}")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if kind == 3 else ("min_value", "max_value")
    if not option.get(low, size) <= size <= option.get(high, size):
        raise ValueError(f"{option['name']}: {value!r} is out of bounds")
    return value
