"""What is missing at a place is named in words: every switch that an adapter may name has its own, and no other has."""

import re
from pathlib import Path

from bot.adapters.discord import rights as discord
from bot.adapters.telegram import rights as telegram

CORE = Path(__file__).parents[2] / "content/en/core.ftl"


def test_every_switch_has_its_words_and_all_words_are_of_a_switch() -> None:
    sending = {right for rights in telegram.SENDING.values() for right in rights}
    named = {f"switch-discord-{name}" for name in (*discord.ORDER, discord.TIMED_OUT, discord.TAG_REQUIRED)}
    named |= {f"switch-telegram-{right}" for right in (*sending, "administrator", "delete_messages")}
    named |= {f"switch-telegram-own_{right}" for right in sending}
    named |= {f"switch-telegram-channel_{right}" for right in telegram.IN_A_CHANNEL.values()}
    assert set(re.findall(r"^(switch-\S+) =", CORE.read_text(encoding="utf-8"), re.MULTILINE)) == named
