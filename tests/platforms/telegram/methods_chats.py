"""Methods: the bot itself, its menu, and the chats it is in."""

import re

from tests.platforms.telegram.basics import Json, bad
from tests.platforms.telegram.methods import Methods, chat_for
from tests.platforms.telegram.objects import PRESENT, chat_member
from tests.platforms.telegram.params import decode
from tests.platforms.telegram.state import State
from tests.platforms.telegram.text import u16

methods = Methods()


@methods.add("getMe", "User")
def get_me(state: State, p: Json) -> Json:
    can = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return state.bot.wire | can | {"can_connect_to_business": False, "has_main_web_app": False}


@methods.add("getChat", "ChatFullInfo")
def get_chat(state: State, p: Json) -> Json:
    chat = chat_for(state, p, write=False)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    pinned = chat.messages.get(chat.pinned or 0)
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, True)}
    more |= {} if chat.person or chat.is_channel else {"permissions": chat.permissions}
    return chat.wire | more | ({"pinned_message": pinned.wire} if pinned else {})


@methods.add("getChatMember", "ChatMember")
def get_chat_member(state: State, p: Json) -> Json:
    chat, person = chat_for(state, p, write=False), state.people.get(p.get("user_id", 0))
    if person is None:
        raise bad("member not found")
    if chat.person:
        return chat_member(person, "member")
    return chat.member(person)


@methods.add("getChatAdministrators", "Array of ChatMember")
def get_chat_administrators(state: State, p: Json) -> list[Json]:
    chat = chat_for(state, p, write=False)
    if chat.person:
        raise bad("there are no administrators in the private chat")
    return [chat.member(state.people[i]) for i, status in chat.members.items() if status in PRESENT[:2]]


def scope(state: State, p: Json) -> tuple[str, str]:
    scope = p.get("scope") or {"type": "default"}
    if "chat_id" in scope:
        chat_for(state, {"chat_id": decode("chat_id", scope["chat_id"])}, write=False)
    where = [str(scope[k]) for k in ("type", "chat_id", "user_id") if k in scope]
    return ":".join(where), p.get("language_code") or ""


@methods.add("setMyCommands")
def set_my_commands(state: State, p: Json) -> bool:
    commands = p.get("commands")
    if not isinstance(commands, list):
        raise bad("can't parse commands JSON object")
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command.get("command", "")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= u16(command.get("description", "")) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    state.commands[scope(state, p)] = commands
    return True


@methods.add("getMyCommands", "Array of BotCommand")
def get_my_commands(state: State, p: Json) -> list[Json]:
    return state.commands.get(scope(state, p), [])


@methods.add("deleteMyCommands")
def delete_my_commands(state: State, p: Json) -> bool:
    state.commands.pop(scope(state, p), None)
    return True


def describe(state: State, p: Json, key: str, limit: int) -> bool:
    text = p.get(key) or ""
    if u16(text) > limit:
        raise bad(f"{key} is too long")
    state.descriptions[key, p.get("language_code") or ""] = text
    return True


@methods.add("setMyDescription")
def set_my_description(state: State, p: Json) -> bool:
    return describe(state, p, "description", 512)


@methods.add("setMyShortDescription")
def set_my_short_description(state: State, p: Json) -> bool:
    return describe(state, p, "short_description", 120)


@methods.add("leaveChat")
def leave_chat(state: State, p: Json) -> bool:
    chat = chat_for(state, p)
    if chat.person:
        raise bad("chat member status can't be changed in private chats")
    state.set_status(chat, state.bot, "left", by=state.bot)
    return True
