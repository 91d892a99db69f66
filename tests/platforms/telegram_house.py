"""A small core for the Telegram adapter, and what its tests and those of the server keep saying."""

from collections.abc import Awaitable, Callable

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.adapter import ListedCommand, Listing
from bot.adapters.telegram import Telegram
from bot.model import Button, Call, File, Form, Link, Menu, Option, Place, Reply, Role
from tests.platforms.small_core import MOVING, SmallCore
from tests.platforms.telegram import Chat, Json, Message, Person, TelegramServer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)
KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Claim", callback_data="1:claim"), InlineKeyboardButton("Site", url="https://example.org")]]
)
MARKUP = "<b>5 < 6</b> & _all_ *of* `it` [x](y)"
WORDS = {
    "unknown-command": "That button is too old.",
    "in-private": "That is between us.",
    "open-chat": "Open",
    "anonymous-admin": "Who are you?",
    "cancel": "Stop what was begun",
    "menu-choose": "Choose it",
    "menu-here": "%s: here",
    "menu-pick-channel": "Which place?",
    "menu-a-group": "Some group",
    "menu-a-channel": "Some channel",
    "menu-pick-member": "Whom?",
    "menu-taken": "Noted.",
}
LISTED = (
    ListedCommand("join", "Begin", (), True, Role.ANYONE, link="community"),
    ListedCommand("streak", "See it", (), True, Role.MEMBER),
    ListedCommand("tip", "A tip for all", (), False, Role.ANYONE),
    ListedCommand("answer", "Answer", (), False, Role.COACH),
    ListedCommand("setup", "Set up", (), True, Role.OWNER, link="server"),
)
Start = Callable[..., Awaitable[Telegram]]


class TelegramCore(SmallCore):
    """Answers a few commands, and asks a form field by field. Shut the gate, and every answer waits for it."""

    platform = "telegram"
    public = ("", "tip", "desk.take", "menus", "desk.channel", "desk.member", "answer", "form.cancel")
    forms = ("ask",)

    def __init__(self) -> None:
        super().__init__(LISTED)
        self.gate.set()
        self._asked: dict[str, list[str]] = {}

    def listing(self, locale: str) -> Listing:
        assert locale == "en"
        return super().listing(locale)

    @property
    def done(self) -> set[str]:
        """The ids of the Calls whose answer was given."""
        return {call.id for call in self.given_to}

    async def handle(self, call: Call, *, modals: bool) -> Reply | Form | None:
        assert not modals
        again = call.id in self.done
        reply = await super().handle(call, modals=modals)
        if again:
            return None
        await self.gate.wait()
        return reply

    async def run(self, call: Call) -> Reply | None:
        if call.attached:
            return Reply("I read words only.")
        if call.account.id in self._asked and not call.action:
            answers = self._asked[call.account.id]
            answers.append(call.text)
            if len(answers) < 2:
                return Reply("And for how long?")
            return Reply(f"{self._asked.pop(call.account.id)}")
        match call.action:
            case "join":
                return Reply("Welcome.", rows=((Button("I agree", "join.agree"), Link("Why", "https://example.org")),))
            case "join.agree":
                return Reply("Agreed.", rows=((Button("I agree", "join.agree"),),), edit=True)
            case "daily":
                return Reply(
                    "When?", rows=((Menu("Hour", "daily.at", (Option("8", "Morning"), Option("20", "Eve"))),),)
                )
            case "ask":
                self._asked[call.account.id] = []
                return Reply("What is it?")
            case "form.cancel":
                return Reply("Stopped." if self._asked.pop(call.account.id, None) is not None else "Nothing to stop.")
            case "export":
                return Reply("All of it.", files=(File("export.json", b'{"a": 1}'),))
            case "card":
                return Reply("Day 5.", files=(File("card.png", PIXEL, "A card."),))
            case "breath":
                rows = ((Button("Again", "breath"), Button("Done", "join.agree")),)
                return Reply(
                    "Breathe.", rows, (File("breath.gif", MOVING, "A circle."),), edit=call.message is not None
                )
            case "tip":
                rows = (
                    (Button("Mine", "desk.mine", ["2"]), Button("All", "desk.take"), Button("Dated", "d", ["a-b"])),
                    (Button("Set up", "setup"),),
                )
                return Reply("A tip.", rows=rows)
            case "menus":
                menus = (
                    (Menu("Desk", "desk.channel", (), ("0",), "channel"),),
                    (Menu("Coaches", "desk.role", kind="role"),),
                    (Menu("Coach", "desk.member", (), ("2",), "member"),),
                    (Menu("Posts", "desk.own", (), ("3",), "channel"),),
                )
                return Reply("Who and where?", (*menus, (Button("Done", "desk.done"),)))
            case "roles":
                return Reply("Type them.", ((Menu("Roles", "desk.role", kind="role"),),))
            case "letter":
                return Reply("Kept.", burn=True)
            case "nothing":
                return None
            case _:
                return Reply(f"{call.action}|{'|'.join(call.args)}|{call.text}")

    async def start_payload(self, call: Call) -> str:
        return f"setup-{call.server}".replace("--", "-n") if call.action == "setup" else call.action

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        said = WORDS[key] % tuple(values.values()) if values else WORDS[key]
        return said if locale in (None, "en") else f"{locale}: {said}"


async def ask(server: TelegramServer, user: Person, text: str, chat: Chat | None = None) -> Message:
    """Say something and return what the bot answers there."""
    chat = chat or server.private(user)
    server.say(user, chat, text)
    return await server.next_message(chat)


def alone(user: Person) -> Place:
    """Someone's private place."""
    return Place("telegram", str(user.id), private=True)


def public(chat: Chat, thread: int | None = None) -> Place:
    """A group, or a topic of it."""
    return Place("telegram", str(chat.id), None if thread is None else str(thread))


def some(update: Json | None) -> Json:
    """An update that must be there."""
    assert update is not None
    return update
