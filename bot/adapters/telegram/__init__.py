"""Telegram, by long polling or a webhook."""

from bot.adapters.telegram.client import Telegram
from bot.adapters.telegram.webhook import Webhook

__all__ = ["Telegram", "Webhook"]
