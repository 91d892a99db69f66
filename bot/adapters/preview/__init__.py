"""The preview: a local page on which all of Unsent can be used without a token."""

from bot.adapters.preview.page import Preview

__all__ = ["Preview"]
