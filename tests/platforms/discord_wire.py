"""Discord's objects as they look on the wire, its limits, and what a person reads of them. No state, no I/O."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any, Self

Json = dict[str, Any]

GUILD_TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD, FORUM = 0, 1, 11, 12, 15
THREADS = (PUBLIC_THREAD, PRIVATE_THREAD)
COMMAND, COMPONENT, SUBMIT = 2, 3, 5  # interaction types
REPLY, DEFER, DEFER_UPDATE, UPDATE, MODAL = 4, 5, 6, 7, 9  # interaction callback types
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # message flags
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 2, 3, 4, 10, 18
SELECTS = (3, 5, 6, 7, 8)
RADIO, CHECKBOXES, CHECKBOX = 21, 22, 23


class Permission(IntFlag):
    """The permission bits that the server knows."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


P = Permission
EVERYONE = (
    P.VIEW_CHANNEL | P.SEND_MESSAGES | P.EMBED_LINKS | P.ATTACH_FILES | P.READ_MESSAGE_HISTORY
    | P.USE_APPLICATION_COMMANDS | P.CREATE_PUBLIC_THREADS | P.SEND_MESSAGES_IN_THREADS
)  # fmt: skip
ALL = (1 << 50) - 1


class Refused(Exception):
    """An answer that is an error: HTTP status, Discord's code, its words and, for a form, what is wrong where."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(status, code, message, errors)
        self.status = status
        self.body: Json = {"message": message, "code": code} | ({"errors": errors} if errors else {})


class Snowflakes:
    """Makes ids as Discord does: the time in milliseconds, then a count. Always rising."""

    EPOCH = 1_420_070_400_000

    def __init__(self) -> None:
        self._last = 0

    def make(self, now: float) -> int:
        """Return a new id for the moment `now` (seconds since 1970)."""
        self._last = max((int(now * 1000) - self.EPOCH) << 22, self._last + 1)
        return self._last

    @classmethod
    def time(cls, snowflake: int) -> str:
        """When an id was made, as ISO 8601."""
        return datetime.fromtimestamp(((snowflake >> 22) + cls.EPOCH) / 1000, UTC).isoformat()


# ---------------------------------------------------------------- who and where


@dataclass(eq=False)
class User:
    """A person, or the bot."""

    id: int
    name: str
    locale: str = "en-US"
    bot: bool = False
    dms_open: bool = True

    def wire(self) -> Json:
        """The user object."""
        return {
            "id": str(self.id), "username": self.name.lower().replace(" ", "_"), "global_name": self.name,
            "avatar": None, "discriminator": "0", "public_flags": 0, "flags": 0, "primary_guild": None, "bot": self.bot,
        }  # fmt: skip


@dataclass(eq=False)
class Role:
    """A role of a guild; @everyone has the guild's own id."""

    id: int
    name: str
    permissions: int
    position: int

    def wire(self) -> Json:
        """The role object."""
        colors = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        return {
            "id": str(self.id), "name": self.name, "permissions": str(int(self.permissions)), "position": self.position,
            "color": 0, "colors": colors, "hoist": False, "managed": False, "mentionable": False, "icon": None,
            "unicode_emoji": None, "flags": 0,
        }  # fmt: skip


@dataclass(eq=False)
class Guild:
    """A server, in Discord's sense: its roles, and which roles each member holds (the bot among them)."""

    id: int
    name: str
    owner: User
    roles: list[Role] = field(default_factory=list[Role])
    members: dict[int, list[Role]] = field(default_factory=dict[int, list[Role]])

    def wire(self) -> Json:
        """The guild object as REST gives it."""
        absent = (
            "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id",
            "afk_channel_id", "system_channel_id", "widget_channel_id", "max_presences", "vanity_url_code",
            "rules_channel_id", "safety_alerts_channel_id", "public_updates_channel_id", "incidents_data",
        )  # fmt: skip
        zero = (
            "system_channel_flags", "verification_level", "default_message_notifications", "mfa_level",
            "explicit_content_filter", "max_stage_video_channel_users", "max_video_channel_users", "premium_tier",
            "premium_subscription_count", "nsfw_level",
        )  # fmt: skip
        return {
            **dict.fromkeys(absent), **dict.fromkeys(zero, 0), "id": str(self.id), "name": self.name, "features": [],
            "owner_id": str(self.owner.id), "region": "deprecated", "afk_timeout": 300, "widget_enabled": False,
            "roles": [r.wire() for r in self.roles], "max_members": 500_000, "preferred_locale": "en-US",
            "premium_progress_bar_enabled": False, "nsfw": False, "emojis": [], "stickers": [],
            "approximate_member_count": len(self.members), "approximate_presence_count": 0,
        }  # fmt: skip

    def member(self, user: User) -> Json:
        """The member object of one who is in the guild."""
        absent = dict.fromkeys(("avatar", "banner", "communication_disabled_until", "nick", "premium_since"))
        return {
            **absent, "user": user.wire(), "roles": [str(r.id) for r in self.members[user.id]], "flags": 0,
            "joined_at": Snowflakes.time(self.id), "pending": False, "mute": False, "deaf": False,
        }  # fmt: skip


@dataclass(eq=False)
class Channel:
    """A channel, a thread (it has a parent) or a DM (it has no guild, but a recipient)."""

    id: int
    type: int
    name: str = ""
    guild: Guild | None = None
    recipient: User | None = None
    parent: Self | None = None
    owner: User | None = None
    overwrites: dict[int, tuple[bool, int, int]] = field(default_factory=dict[int, tuple[bool, int, int]])
    archived: bool = False
    locked: bool = False
    posted: int = 0
    last: int | None = None

    def wire(self) -> Json:
        """The channel object."""
        out: Json = {"id": str(self.id), "type": self.type, "flags": 0}
        out["last_message_id"] = str(self.last) if self.last else None
        if self.recipient:
            return out | {"recipients": [self.recipient.wire()]}
        out |= {"guild_id": str(self.guild.id) if self.guild else None, "name": self.name, "rate_limit_per_user": 0}
        if self.parent and self.owner:
            made = Snowflakes.time(self.id)
            metadata = {"archived": self.archived, "archive_timestamp": made, "auto_archive_duration": 1440,
                        "locked": self.locked, "create_timestamp": made}  # fmt: skip
            return out | {
                "parent_id": str(self.parent.id), "owner_id": str(self.owner.id), "thread_metadata": metadata,
                "message_count": self.posted, "total_message_sent": self.posted, "member_count": 1,
            }  # fmt: skip
        overwrites = [
            {"id": str(target), "type": int(person), "allow": str(int(allow)), "deny": str(int(deny))}
            for target, (person, allow, deny) in self.overwrites.items()
        ]
        out |= {"parent_id": None, "topic": None, "nsfw": False, "position": 0, "permission_overwrites": overwrites}
        return out | ({"available_tags": []} if self.type == FORUM else {})

    def permissions(self, user: User) -> int:
        """What `user` may do here, by Discord's rules; 0 for one who is not in the guild."""
        if self.guild is None:
            return ALL
        if user.id not in self.guild.members:
            return 0
        roles = [self.guild.roles[0], *self.guild.members[user.id]]
        allowed = 0
        for role in roles:
            allowed |= int(role.permissions)
        if user is self.guild.owner or allowed & P.ADMINISTRATOR:
            return ALL
        overwrites = (self.parent or self).overwrites
        for ids in ([self.guild.id], [r.id for r in roles[1:]], [user.id]):
            found = [overwrites[i] for i in ids if i in overwrites]
            for _, _, deny in found:
                allowed &= ~int(deny)
            for _, allow, _ in found:
                allowed |= int(allow)
        return allowed


# ---------------------------------------------------------------- what a person reads


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, in reading order, containers before what they hold."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[k] for k in ("component", "accessory") if component.get(k)])


@dataclass(frozen=True)
class Message:
    """A message as it stood when it was looked at. Pressing its buttons later is what a slow screen does."""

    wire: Json = field(repr=False)
    id: int
    author: User
    channel: Channel
    nonce: str | int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)

    @property
    def content(self) -> str:
        return self.wire["content"]

    @property
    def embeds(self) -> list[Json]:
        return self.wire["embeds"]

    @property
    def components(self) -> list[Json]:
        return self.wire["components"]

    @property
    def flags(self) -> int:
        return self.wire["flags"]

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def text(self) -> str:
        """What one reads: the content, each embed's title, description, fields and footer, and text displays."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title"), embed.get("description")]
            parts += [f"{f['name']}\n{f['value']}" for f in embed.get("fields", [])]
            parts.append(embed.get("footer", {}).get("text"))
        parts += [c["content"] for c in walk(self.components) if c["type"] == TEXT_DISPLAY]
        return "\n".join(p for p in parts if p)

    @property
    def buttons(self) -> dict[str, str]:
        """Label (the emoji where there is none) to custom_id, or to the address of a link."""
        found = [c for c in walk(self.components) if c["type"] == BUTTON]
        return {c.get("label") or c["emoji"]["name"]: c.get("custom_id") or c["url"] for c in found}

    def find(self, name: str) -> Json:
        """The button or menu with this custom_id or label; KeyError where there is none."""
        for component in walk(self.components):
            if name in (component.get("custom_id"), component.get("label")):
                return component
        raise KeyError(f"no {name!r} among {list(self.buttons)}")


@dataclass(frozen=True)
class Field:
    """One input of a modal. `wire` is the component itself, `label` what stands above it."""

    label: str
    custom_id: str
    type: int
    required: bool
    wire: Json = field(repr=False)

    def answer(self, value: Any) -> Json:
        """What the client sends for `value` (a str, a list for menus, None for untouched); ValueError where it would
        not let the person send it."""
        given: Json = {"type": self.type, "id": self.wire["id"], "custom_id": self.custom_id}
        if self.type == TEXT_INPUT:
            text = self.wire.get("value", "") if value is None else str(value)
            low, high = self.wire.get("min_length", 0), self.wire.get("max_length", 4000)
            if (self.required and not text) or len(text) > high or (text and len(text) < low):
                raise ValueError(f"{self.label}: {len(text)} characters, {low} to {high} allowed")
            return given | {"value": text}
        if self.type == CHECKBOX:
            return given | {"value": bool(value)}
        picked = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
        values = pick(self.wire, picked)
        if self.required and not values:
            raise ValueError(f"{self.label}: nothing chosen")
        return given | ({"value": values[0] if values else None} if self.type == RADIO else {"values": values})


@dataclass(frozen=True)
class Modal:
    """A form on somebody's screen."""

    title: str
    custom_id: str
    fields: list[Field]
    opened_by: int
    wire: Json = field(repr=False)

    @classmethod
    def read(cls, data: Json, opened_by: int) -> Self:
        """Make one from the data of a modal callback; `opened_by` is the interaction's id."""
        fields: list[Field] = []
        for outer in data["components"]:
            inner = outer.get("component") or next(iter(outer.get("components", [])), None)
            if inner:
                label, needed = outer.get("label") or inner.get("label", ""), inner.get("required", True)
                fields.append(Field(label, inner["custom_id"], inner["type"], needed, inner))
        return cls(data["title"], data["custom_id"], fields, opened_by, data)

    def fill(self, values: Mapping[str, Any]) -> list[Json]:
        """The components of a submit with `values` by label or custom_id; KeyError for a field there is not."""
        names = {n for f in self.fields for n in (f.label, f.custom_id)}
        if unknown := set(values) - names:
            raise KeyError(f"no {unknown} in {names}")
        answers = {f.custom_id: f.answer(values.get(f.custom_id, values.get(f.label))) for f in self.fields}
        out: list[Json] = []
        for outer in self.wire["components"]:
            shell: Json = {"type": outer["type"], "id": outer["id"]}
            if "component" in outer:
                shell["component"] = answers[outer["component"]["custom_id"]]
            elif "components" in outer:
                shell["components"] = [answers[c["custom_id"]] for c in outer["components"]]
            out.append(shell)
        return out


def pick(menu: Json, values: list[Any]) -> list[str]:
    """What a menu sends for `values`: options by label or value, people, roles and channels by what they are."""
    if "options" in menu:
        known = {n: o["value"] for o in menu["options"] for n in (o["label"], o["value"])}
        out = [known[str(v)] for v in values]
    else:
        out = [str(v.id) for v in values]
    low, high = menu.get("min_values", 1), menu.get("max_values", 1)
    if out and menu["type"] != RADIO and not low <= len(out) <= high:
        raise ValueError(f"{len(out)} chosen, {low} to {high} allowed")
    return out


# ---------------------------------------------------------------- what Discord takes


class Form:
    """Collects what is wrong with a body, and refuses it as Discord does: 50035, each complaint at its place."""

    def __init__(self) -> None:
        self.errors: Json = {}

    def wrong(self, path: str, message: str) -> None:
        """Note a complaint at `path` ("embeds.0.title")."""
        place = self.errors
        for part in path.split("."):
            place = place.setdefault(part, {})
        # Discord sends names here ("BASE_TYPE_MAX_LENGTH"); its own specification says integers, and clients read
        # neither.
        place.setdefault("_errors", []).append({"code": 50035, "message": message})

    def size(self, path: str, value: Any, most: int, least: int = 0) -> None:
        """A text, or a list, of `least` to `most`; None counts as empty."""
        if not least <= len(value or "") <= most:
            self.wrong(path, f"Must be between {least} and {most} in length.")

    def done(self) -> None:
        """Refuse if anything was noted."""
        if self.errors:
            raise Refused(400, 50035, "Invalid Form Body", self.errors)


def check_message(body: Json, files: int = 0) -> None:
    """Refuse a message (a whole one: an edit is merged first) that Discord would not take."""
    form = Form()
    embeds, components, flags = body.get("embeds") or [], body.get("components") or [], body.get("flags") or 0
    form.size("content", body.get("content"), 2000)
    form.size("nonce", str(body.get("nonce") or ""), 25)
    form.size("embeds", embeds, 10)
    total = 0
    for i, embed in enumerate(embeds):
        footer, author = (embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")
        texts = [("title", embed.get("title"), 256), ("description", embed.get("description"), 4096),
                 ("footer.text", footer, 2048), ("author.name", author, 256)]  # fmt: skip
        form.size(f"embeds.{i}.fields", embed.get("fields"), 25)
        for n, item in enumerate(embed.get("fields") or []):
            texts += [(f"fields.{n}.name", item.get("name"), 256), (f"fields.{n}.value", item.get("value"), 1024)]
            form.size(f"embeds.{i}.fields.{n}.name", item.get("name"), 256, 1)
            form.size(f"embeds.{i}.fields.{n}.value", item.get("value"), 1024, 1)
        for name, text, most in texts:
            form.size(f"embeds.{i}.{name}", text, most)
            total += len(text or "")
    if total > 6000:
        form.wrong("embeds", "Embed size exceeds maximum size of 6000")
    check_components(form, components, bool(flags & COMPONENTS_V2))
    if flags & COMPONENTS_V2 and (body.get("content") or embeds):
        form.wrong("content", "The MessageFlags.IS_COMPONENTS_V2 flag excludes content and embeds.")
    form.done()
    if not (body.get("content") or embeds or components or files or body.get("sticker_ids") or body.get("poll")):
        raise Refused(400, 50006, "Cannot send an empty message")


def check_components(form: Form, components: list[Json], v2: bool) -> None:
    """Note what is wrong with the components of a message."""
    if not v2:
        form.size("components", components, 5)
        for i, row in enumerate(components):
            if row.get("type") != ROW:
                form.wrong(f"components.{i}.type", "Value of field 'type' must be one of (1,).")
    every = list(walk(components))
    if len(every) > 40:
        form.wrong("components", "The total number of components must be 40 or fewer.")
    if sum(len(c.get("content", "")) for c in every if c["type"] == TEXT_DISPLAY) > 4000:
        form.wrong("components", "The total displayable text must be 4000 or fewer.")
    seen: set[str] = set()
    for i, component in enumerate(every):
        path, kind, name = f"components.{i}", component.get("type"), component.get("custom_id")
        if name is not None:
            form.size(f"{path}.custom_id", name, 100, 1)
            if name in seen:
                form.wrong(f"{path}.custom_id", "Component custom id cannot be duplicated")
            seen.add(name)
        if kind == ROW:
            inner = component.get("components") or []
            form.size(f"{path}.components", inner, 1 if any(c["type"] in SELECTS for c in inner) else 5, 1)
        elif kind == BUTTON:
            check_button(form, path, component)
        elif kind in SELECTS:
            check_menu(form, path, component)


def check_button(form: Form, path: str, button: Json) -> None:
    """Note what is wrong with one button."""
    form.size(f"{path}.label", button.get("label"), 80)
    if not button.get("label") and not button.get("emoji"):
        form.wrong(f"{path}.label", "A label or an emoji is required")
    link, style = bool(button.get("url")), button.get("style")
    if style not in (1, 2, 3, 4, 5) or (style == 5) != link or link == (button.get("custom_id") is not None):
        form.wrong(path, "A custom id is required for styles 1 to 4, a url and no custom id for style 5")
    if link and not re.match(r"(https?|discord)://\S", button["url"]):
        form.wrong(f"{path}.url", "Scheme must be one of ('http', 'https', 'discord').")


def check_menu(form: Form, path: str, menu: Json) -> None:
    """Note what is wrong with one select menu."""
    form.size(f"{path}.custom_id", menu.get("custom_id"), 100, 1)
    form.size(f"{path}.placeholder", menu.get("placeholder"), 150)
    if not 0 <= menu.get("min_values", 1) <= max(menu.get("max_values", 1), 1) <= 25:
        form.wrong(f"{path}.max_values", "Must be between min_values and 25.")
    if menu["type"] == STRING_SELECT:
        check_options(form, path, menu, 25)


def check_options(form: Form, path: str, menu: Json, most: int) -> None:
    """Note what is wrong with the options of a menu, or of a group of radio buttons or checkboxes."""
    options = menu.get("options") or []
    form.size(f"{path}.options", options, most, 1)
    if len({o.get("value") for o in options}) < len(options):
        form.wrong(f"{path}.options", "The specified option value is already used")
    for n, option in enumerate(options):
        form.size(f"{path}.options.{n}.label", option.get("label"), 100, 1)
        form.size(f"{path}.options.{n}.value", option.get("value"), 100, 1)
        form.size(f"{path}.options.{n}.description", option.get("description"), 100)


def check_modal(data: Json) -> None:
    """Refuse a modal that Discord would not show."""
    form = Form()
    form.size("data.title", data.get("title"), 45, 1)
    form.size("data.custom_id", data.get("custom_id"), 100, 1)
    form.size("data.components", data.get("components"), 5, 1)
    seen: set[str] = set()
    for i, outer in enumerate(data.get("components") or []):
        path = f"data.components.{i}"
        if outer.get("type") == TEXT_DISPLAY:
            continue
        inner = [outer["component"]] if outer.get("component") else outer.get("components") or []
        if outer.get("type") not in (ROW, LABEL) or len(inner) != 1:
            form.wrong(path, "One input in a label or in a row")
            continue
        held = inner[0]
        label = outer.get("label") if outer["type"] == LABEL else held.get("label")
        form.size(f"{path}.label", label, 45, 1)
        form.size(f"{path}.description", outer.get("description"), 100)
        form.size(f"{path}.component.custom_id", held.get("custom_id"), 100, 1)
        if held.get("custom_id") in seen:
            form.wrong(f"{path}.component.custom_id", "Component custom id cannot be duplicated")
        seen.add(held.get("custom_id", ""))
        if held["type"] == TEXT_INPUT:
            form.size(f"{path}.component.placeholder", held.get("placeholder"), 100)
            form.size(f"{path}.component.value", held.get("value"), 4000)
            if not 0 <= (held.get("min_length") or 0) <= (held.get("max_length") or 4000) <= 4000:
                form.wrong(f"{path}.component.max_length", "Must be between min_length and 4000.")
        elif held["type"] in SELECTS:
            check_menu(form, f"{path}.component", held)
        elif held["type"] in (RADIO, CHECKBOXES):
            check_options(form, f"{path}.component", held, 10)
    form.done()


def check_commands(commands: list[Json]) -> None:
    """Refuse a set of application commands that Discord would not register."""
    form = Form()
    form.size("commands", commands, 110)
    names = [(c.get("type", 1), c.get("name")) for c in commands]
    if len(set(names)) < len(names):
        raise Refused(400, 50035, "Invalid Form Body", {"0": {"name": {"_errors": [
            {"code": 50035, "message": "Application command names must be unique"}]}}})  # fmt: skip
    for i, command in enumerate(commands):
        if command.get("type", 1) == 1:
            check_named(form, str(i), command)
            if _letters(command) > 8000:
                form.wrong(str(i), "Command exceeds maximum size (8000)")
        else:
            form.size(f"{i}.name", command.get("name"), 32, 1)
    form.done()


def check_named(form: Form, path: str, item: Json) -> None:
    """Note what is wrong with a command or an option, and with what it holds."""
    name = item.get("name") or ""
    if not re.fullmatch(r"[-'\w]{1,32}", name) or name != name.lower():
        form.wrong(f"{path}.name", "Name is invalid")
    form.size(f"{path}.description", item.get("description"), 100, 1)
    form.size(f"{path}.choices", item.get("choices"), 25)
    form.size(f"{path}.options", item.get("options"), 25)
    for n, choice in enumerate(item.get("choices") or []):
        form.size(f"{path}.choices.{n}.name", choice.get("name"), 100, 1)
        form.size(f"{path}.choices.{n}.value", str(choice.get("value")), 100, 1)
    optional = False
    for n, option in enumerate(item.get("options") or []):
        check_named(form, f"{path}.options.{n}", option)
        if option.get("required") and optional:
            form.wrong(f"{path}.options.{n}", "Required options must be placed before non-required options")
        optional = optional or not option.get("required")


def _letters(item: Json) -> int:
    """How much of a command's 8,000 characters this uses."""
    own = len(item.get("name") or "") + len(item.get("description") or "")
    own += sum(len(c["name"]) + len(str(c["value"])) for c in item.get("choices") or [])
    return own + sum(_letters(o) for o in item.get("options") or [])


# ---------------------------------------------------------------- what Discord makes of it


def _bare(value: Any) -> Any:
    """The same without the nulls."""
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if v is not None}
    return [_bare(v) for v in value] if isinstance(value, list) else value


def stored_components(components: list[Json]) -> list[Json]:
    """Components as Discord gives them back: every one with an id, menus with their limits."""
    out: list[Json] = _bare(components)
    for n, component in enumerate(walk(out), 1):
        component.setdefault("id", n)
        if component["type"] in SELECTS:
            component.setdefault("min_values", 1)
            component.setdefault("max_values", 1)
    return out


def stored_embeds(embeds: list[Json]) -> list[Json]:
    """Embeds as Discord gives them back."""
    out: list[Json] = _bare(embeds)
    for embed in out:
        embed["type"] = "rich"
        for item in embed.get("fields", []):
            item.setdefault("inline", False)
    return out


def new_message(message_id: int, channel: Channel, author: User, flags: int = 0) -> Json:
    """An empty message object."""
    return {
        "id": str(message_id), "channel_id": str(channel.id), "author": author.wire(), "type": 0, "content": "",
        "timestamp": Snowflakes.time(message_id), "edited_timestamp": None, "tts": False, "mention_everyone": False,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "components": [], "pinned": False,
        "flags": flags,
    }  # fmt: skip


def application(bot: User) -> Json:
    """The application object of the bot."""
    absent = ("icon", "type", "interactions_endpoint_url", "role_connections_verification_url", "team")
    counts = (
        "flags", "approximate_guild_count", "approximate_user_install_count", "approximate_user_authorization_count",
        "explicit_content_filter",
    )  # fmt: skip
    owner = User(bot.id - 1, "Owner")
    return {
        **dict.fromkeys(absent), **dict.fromkeys(counts, 0), "id": str(bot.id), "name": bot.name, "description": "",
        "verify_key": "0" * 64, "flags_new": "0", "redirect_uris": [], "owner": owner.wire(), "bot": bot.wire(),
        "bot_public": True, "bot_require_code_grant": False, "eligible_oauth2_scopes": [],
    }  # fmt: skip
