"""Discord's objects as they look on the wire: who and where, and what Discord makes of what it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any, Self

Json = dict[str, Any]
Files = list[tuple[str, str, bytes]]
"""What is uploaded with a call: field, file name, what is in it."""


GUILD_TEXT, DM, GUILD_NEWS, NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD, FORUM, MEDIA = 0, 1, 5, 10, 11, 12, 15, 16
FORUMS = (FORUM, MEDIA)
COMMAND, COMPONENT, SUBMIT = 2, 3, 5  # interaction types
REPLY, DEFER, DEFER_UPDATE, UPDATE, MODAL = 4, 5, 6, 7, 9  # interaction callback types
EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # message flags
REQUIRE_TAG = 1 << 4  # channel flag
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
TIMED_OUT = P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY


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
    timed_out: dict[int, str] = field(default_factory=dict[int, str])
    """Until when, as ISO 8601."""

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
        absent = dict.fromkeys(("avatar", "banner", "nick", "premium_since"))
        return {
            **absent, "communication_disabled_until": self.timed_out.get(user.id),
            "user": user.wire(), "roles": [str(r.id) for r in self.members[user.id]], "flags": 0,
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
    members: set[int] = field(default_factory=set[int])
    """Who is in a thread; its owner is."""
    require_tag: bool = False
    archived: bool = False
    locked: bool = False
    posted: int = 0
    last: int | None = None

    def wire(self) -> Json:
        """The channel object."""
        out: Json = {"id": str(self.id), "type": self.type, "flags": REQUIRE_TAG if self.require_tag else 0}
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
        return out | ({"available_tags": []} if self.type in FORUMS else {})

    def member(self, user: User) -> Json:
        """The thread member object of one who is in the thread."""
        return {"id": str(self.id), "user_id": str(user.id), "join_timestamp": Snowflakes.time(self.id), "flags": 0}

    def permissions(self, user: User) -> int:
        """What `user` may do here, by Discord's rules; 0 for one who is not in the guild or, if it is a private thread,
        neither in it nor a moderator."""
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
        if user.id in self.guild.timed_out:
            allowed &= TIMED_OUT
        secret = self.type == PRIVATE_THREAD and user.id not in self.members and user is not self.owner
        return 0 if secret and not allowed & P.MANAGE_THREADS else allowed


OFFERED: dict[int, tuple[type, ...]] = {5: (User,), 6: (Role,), 7: (User, Role), 8: (Channel,)}
"""What the menus offer that list what is there: people, roles, both, channels."""


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, in reading order, containers before what they hold."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        yield from walk([component[k] for k in ("component", "accessory") if component.get(k)])


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
