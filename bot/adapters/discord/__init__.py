"""Discord: slash commands, buttons, menus and modals come in as Calls; Replies go out as messages."""

from bot.adapters.discord.client import Discord, Memory

__all__ = ["Discord", "Memory"]
