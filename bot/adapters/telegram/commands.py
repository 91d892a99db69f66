"""The menu of commands that Telegram shows beside the field to type in."""

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)

from bot.adapter import Listing
from bot.model import Role

OPEN_TO_ALL = (Role.ANYONE, Role.MEMBER)


async def show_commands(bot: Bot, listing: Listing, cancel: str) -> None:
    """Have each kind of chat show the commands of those who are there, and /cancel with the words `cancel`.

    Nothing is written where it is as it should be. Raises FAULTS.
    """
    shown = [command for command in listing if command.role in OPEN_TO_ALL and command.name != "start"]
    mine = [*(BotCommand(each.name, each.help) for each in shown), BotCommand("cancel", cancel)]
    public = [*(BotCommand(each.name, each.help) for each in shown if not each.private), BotCommand("cancel", cancel)]
    owners = [BotCommand(each.name, each.help) for each in listing if each.role is Role.OWNER]
    menus: list[tuple[BotCommandScope, list[BotCommand]]] = [
        (BotCommandScopeDefault(), mine),
        (BotCommandScopeAllPrivateChats(), mine),
        (BotCommandScopeAllGroupChats(), public),
        (BotCommandScopeAllChatAdministrators(), [*owners, *public]),
    ]
    for scope, wanted in menus:
        if list(await bot.get_my_commands(scope)) != wanted:
            await bot.set_my_commands(wanted, scope)
