"""The Telegram server: HTML and entities."""

import html

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st
from telegram.constants import ParseMode

from tests.platforms.telegram import ApiError, Chat, TelegramServer
from tests.platforms.telegram.text import parse_html, render_html


async def test_html_is_parsed(server: TelegramServer, bot: telegram.Bot, dm: Chat) -> None:
    source = (
        '<b>😀 a &lt; b</b> <a href="https://example.org/?a=1&amp;b=2">go</a> <blockquote expandable>q</blockquote>'
    )
    sent = await bot.send_message(dm.id, f"  {source} /help\n", parse_mode=ParseMode.HTML)
    assert sent.text == "😀 a < b go q /help"
    assert [(e.type, e.offset, e.length) for e in sent.entities] == [
        ("bold", 0, 8),
        ("text_link", 9, 2),
        ("expandable_blockquote", 12, 1),
        ("bot_command", 14, 5),
    ]
    assert sent.entities[1].url == "https://example.org/?a=1&b=2"
    assert server.messages(dm)[-1].html == f"{source} /help"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("a <3 b", 'Unsupported start tag "3" at byte offset 2'),
        ("é<x>", 'Unsupported start tag "x" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x>y</a>', 'Unclosed start tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses(source: str, complaint: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {complaint}"


@given(st.lists(st.tuples(st.sampled_from(["", "b", "i", "u", "s", "code", "blockquote"]), st.text(min_size=1))))
def test_html_round_trip(pieces: list[tuple[str, str]]) -> None:
    source = "".join(f"<{tag}>{html.escape(t)}</{tag}>" if tag else html.escape(t) for tag, t in pieces)
    text, entities = parse_html(source)
    assert text == "".join(t for _, t in pieces)
    assert parse_html(render_html(text, entities)) == (text, entities)
