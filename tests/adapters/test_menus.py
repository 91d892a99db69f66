"""What a menu holds, whichever platform shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot import wire
from bot.model import MENU_OPTIONS, Button, Menu, MenuKind, Option, Place, Reply, chosen_place, place_value

ONE = (Option("1", "One"),)


@pytest.mark.parametrize("kind", ["channel", "role", "member"])
def test_what_the_platform_lists_has_no_options_of_its_own(kind: MenuKind) -> None:
    assert Menu("Which?", "a.b", args=("1",), kind=kind).id == "1:a.b:1"
    with pytest.raises(ValueError, match="no options of its own"):
        Menu("Which?", "a.b", ONE, kind=kind)


def test_of_options_there_have_to_be_some_and_not_too_many() -> None:
    for count in (0, MENU_OPTIONS + 1):
        with pytest.raises(ValueError, match=f"a menu of {count} options"):
            Menu("Which?", "a.b", ONE * count)


@pytest.mark.parametrize(("kind", "longest"), [("channel", 41), ("role", 20), ("member", 20)])
def test_there_is_room_for_the_longest_choice(kind: MenuKind, longest: int) -> None:
    fits = "a" * (wire.ID_BYTES - longest - len("1::"))
    Menu("Which?", fits, kind=kind)
    with pytest.raises(ValueError, match="64 is the limit"):
        Menu("Which?", f"{fits}a", kind=kind)


@given(
    channel=st.from_regex(r"-?[0-9]{1,20}", fullmatch=True),
    thread=st.none() | st.from_regex(r"[0-9]{1,20}", fullmatch=True),
)
def test_a_place_is_read_back_from_its_value(channel: str, thread: str | None) -> None:
    place = Place("discord", channel, thread)
    assert chosen_place("discord", place_value(place)) == place


def test_a_kept_reply_comes_back_with_its_menus() -> None:
    replies = TypeAdapter(Reply)
    kinds: tuple[MenuKind, ...] = ("channel", "role", "member")
    menus = tuple((Menu("Which?", "a.b", args=("1",), kind=kind),) for kind in kinds)
    reply = Reply("x", (*menus, (Button("One", "a.b"),), (Menu("Which?", "a.b", ONE),)))
    assert replies.validate_json(replies.dump_json(reply)) == reply
