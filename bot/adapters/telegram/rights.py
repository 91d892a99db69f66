"""What Telegram's member records mean: who someone is to a group or a channel, and what the bot lacks there. Pure."""

from telegram import ChatFullInfo, ChatMember, ChatMemberAdministrator, ChatMemberMember, ChatMemberOwner
from telegram import ChatMemberRestricted as Restricted
from telegram.constants import ChatType

from bot.adapter import Need
from bot.model import Role

SENDING: dict[Need, tuple[str, ...]] = {"send": ("send_messages",), "files": ("send_photos", "send_documents")}
"""What each need takes of a group's permissions (ChatPermissions): a PNG goes out as a photo, the rest as documents.

A GIF goes out as an animation, which takes `can_send_other_messages`. That is not asked for: none goes to a group.
"""

IN_A_CHANNEL: dict[Need, str] = {"send": "post_messages", "files": "post_messages", "delete": "delete_messages"}
"""What each need takes of an administrator's rights in a channel. With the first the bot also changes what it said."""


def is_in(member: ChatMember) -> bool:
    """Tell whether somebody is in the group. Who is restricted may have left it."""
    if isinstance(member, Restricted):
        return member.is_member
    return isinstance(member, ChatMemberOwner | ChatMemberAdministrator | ChatMemberMember)


def runs_it(member: ChatMember) -> bool:
    """Tell whether somebody is the group's creator or one of its administrators."""
    return isinstance(member, ChatMemberOwner | ChatMemberAdministrator)


def roles(member: ChatMember) -> frozenset[Role]:
    """Return MEMBER for whoever is in the group, OWNER for those who run it, and ANYONE for all."""
    found = {Role.ANYONE, *([Role.MEMBER] if is_in(member) else []), *([Role.OWNER] if runs_it(member) else [])}
    return frozenset(found)


def may_write(chat: ChatFullInfo, member: ChatMember) -> bool:
    """Tell whether somebody may write in the group under their own name: in a channel nobody does."""
    return (
        chat.type != ChatType.CHANNEL
        and is_in(member)
        and not _missing_to_send(chat, member, frozenset[Need]({"send"}))
    )


def missing(chat: ChatFullInfo, member: ChatMember, needs: frozenset[Need]) -> tuple[str, ...]:
    """Return the switches that are off, for a bot that is `member` of `chat`, in the order to switch them on.

    A bot deletes what it said for 48 hours by itself (Bot API: deleteMessage), and after that as an administrator with
    that right. "threads" takes nothing, as every message can be answered below it: in a channel where its owner has
    given it a group for that, which is theirs to choose. "history" is always met: a bot on Telegram reads none, and
    nothing of ours waits for it.
    """
    if chat.type == ChatType.CHANNEL:
        wanted = dict.fromkeys(right for need, right in IN_A_CHANNEL.items() if need in needs)
        return _named(*(f"channel_{right}" for right in wanted if not _may(member, right)))
    if "delete" not in needs:
        return _named(*_missing_to_send(chat, member, needs))
    # An administrator may send whatever the others may not.
    administrator = [] if isinstance(member, ChatMemberAdministrator) else ["administrator"]
    return _named(*administrator, *([] if _may(member, "delete_messages") else ["delete_messages"]))


def _missing_to_send(chat: ChatFullInfo, member: ChatMember, needs: frozenset[Need]) -> list[str]:
    if runs_it(member):
        return []
    wanted = [right for need, rights in SENDING.items() if need in needs for right in rights]
    # What is off for all cannot be switched on for one.
    off = [right for right in wanted if chat.permissions and not _may(chat.permissions, right)]
    own = [right for right in wanted if isinstance(member, Restricted) and not _may(member, right)]
    return [*off, *(f"own_{right}" for right in own)]


def _may(granted: object, right: str) -> bool:
    return bool(getattr(granted, f"can_{right}", False))


def _named(*off: str) -> tuple[str, ...]:
    return tuple(f"switch-telegram-{right}" for right in off)
