"""What Telegram's member records mean: who someone is to a group, and what the bot may do there. Pure."""

from telegram import ChatFullInfo, ChatMember, ChatMemberAdministrator, ChatMemberMember, ChatMemberOwner
from telegram import ChatMemberRestricted as Restricted

from bot.adapter import Need
from bot.model import Role


def roles(member: ChatMember) -> frozenset[Role]:
    """Return COACH for whoever is in the group, and OWNER for those who run it."""
    if isinstance(member, ChatMemberOwner | ChatMemberAdministrator):
        return frozenset({Role.COACH, Role.OWNER})
    if isinstance(member, ChatMemberMember) or (isinstance(member, Restricted) and member.is_member):
        return frozenset({Role.COACH})
    return frozenset()


def allowed(chat: ChatFullInfo, member: ChatMember) -> frozenset[Need]:
    """Return what a bot that is `member` of `chat` may do there.

    "history" is always met: a bot on Telegram reads none, and nothing of ours waits for it.
    """
    if not roles(member):
        return frozenset()
    can: set[Need] = {"history"}
    usual = chat.permissions
    if isinstance(member, ChatMemberAdministrator):
        can.add("send")
        if member.can_delete_messages:
            can.add("delete")
    elif member.can_send_messages if isinstance(member, Restricted) else not usual or usual.can_send_messages:
        can.add("send")
    if chat.is_forum and isinstance(member, ChatMemberAdministrator) and member.can_manage_topics:
        can.add("threads")
    return frozenset(can)
