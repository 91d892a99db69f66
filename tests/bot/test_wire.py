"""Ids that go through a platform: what is packed comes back, fits, and what is forged is nobody's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import registry, wire
from bot.model import Button, Menu, Option

NAMES = st.from_regex(r"[a-z0-9_]{1,12}(\.[a-z0-9_]{1,12})?", fullmatch=True)
ARGS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=6), max_size=4)


@given(NAMES, ARGS)
def test_what_is_packed_comes_back(action: str, args: list[str]) -> None:
    try:
        packed = wire.pack(action, args)
    except ValueError:
        assert len(":".join(["1", action, *args]).encode()) > wire.ID_BYTES
    else:
        assert len(packed.encode()) <= wire.ID_BYTES
        assert wire.unpack(packed) == (action, tuple(args))


@given(st.integers(1, 70))
def test_sixty_four_bytes_fit_and_not_one_more(length: int) -> None:
    if length + len("1:a:") <= 64:
        assert len(wire.pack("a", ["x" * length])) == length + 4
    else:
        with pytest.raises(ValueError, match="64 is the limit"):
            wire.pack("a", ["x" * length])


def test_bytes_are_counted_not_characters() -> None:
    assert wire.pack("a", ["é" * 30])
    with pytest.raises(ValueError, match="66 bytes"):
        wire.pack("a", ["é" * 31])


@given(st.text(max_size=80))
def test_whatever_comes_back_is_read_or_refused(forged: str) -> None:
    read = wire.unpack(forged)
    if read is not None:
        action, args = read
        assert wire.pack(action, args) == forged


@pytest.mark.parametrize(
    "forged",
    ["", "1", "1:", "2:help", "help", "1:Help", "1:a.b.c", "1:a b", "1:a\n", "1:.a", "1:a.", f"1:a:{'x' * 61}"],
)
def test_what_is_not_ours_is_refused(forged: str) -> None:
    assert wire.unpack(forged) is None


@pytest.mark.parametrize("action", ["", "Help", "a.b.c", "a b", "a:b", "a\n", "ä"])
def test_an_action_has_a_plain_name(action: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        wire.pack(action)


def test_an_argument_holds_no_colon() -> None:
    with pytest.raises(ValueError, match="colon"):
        wire.pack("a", ["b:c"])


def test_an_error_does_not_quote_an_argument() -> None:
    for arg in ("zuzu:", "zuzu" * 20):
        with pytest.raises(ValueError, match=r"a") as error:
            wire.pack("a", [arg])
        assert "zuzu" not in str(error.value)


def test_a_button_and_a_menu_check_their_ids_when_they_are_made() -> None:
    assert wire.unpack(Button("Label", "a.b", [1, "x"]).id) == ("a.b", ("1", "x"))
    with pytest.raises(ValueError, match="64 is the limit"):
        Button("Label", "a", ["x" * 61])
    with pytest.raises(ValueError, match="64 is the limit"):
        Menu("Label", "a", (Option("x" * 61, "Label"),))


def test_every_action_there_is_leaves_room_for_an_id() -> None:
    longest = max(len(handler.id) for cog in registry.discover() for handler in cog.handlers)
    assert len("1::") + longest + len(":0123456789abcdef") <= wire.ID_BYTES


@given(st.text(max_size=70))
def test_a_start_payload_is_what_telegram_takes(text: str) -> None:
    allowed = 1 <= len(text) <= 64 and all(re.fullmatch("[A-Za-z0-9_-]", letter) for letter in text)
    assert bool(wire.START_PAYLOAD.fullmatch(text)) == allowed
