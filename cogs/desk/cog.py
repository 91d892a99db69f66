"""The cog of the desk, which its parts declare themselves with."""

from bot.cog import Cog

cog = Cog("desk")
