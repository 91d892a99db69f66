"""What Discord tells of an interaction, as a Call: the kinds of it, and who and where it was."""

from typing import Any, cast

import pytest

from bot.adapters.discord.calls import Heard, call
from bot.model import Account, Place, Ref

ADA = {"id": "7", "username": "ada_l", "global_name": None}
THERE = {
    "guild_id": "5",
    "channel": {"id": "9", "type": 0},
    "member": {"user": ADA, "nick": None, "permissions": "2048"},
}


def heard(**more: Any) -> Heard:
    """An interaction: /help in a DM, but for what is given."""
    basic: dict[str, Any] = {"id": "1", "token": "t", "type": 2, "data": {"name": "help"}, "user": ADA, "locale": "de"}
    return Heard(basic | {"channel": {"id": "3", "type": 1}} | more, cast("Any", None))


@pytest.mark.parametrize(
    ("user", "nick", "shown"),
    [
        (ADA, None, "ada_l"),
        (ADA | {"global_name": "Ada"}, None, "Ada"),
        (ADA | {"global_name": "Ada"}, "A.", "A."),
        ({"id": "7", "username": "ada_l"}, "", "ada_l"),
    ],
)
def test_who_calls_goes_by_the_name_that_is_shown_there(user: dict[str, Any], nick: str | None, shown: str) -> None:
    made = call(heard(**THERE | {"member": {"user": user, "nick": nick, "permissions": "0"}}))
    assert made is not None
    assert made.account == Account("discord", "7", shown, "de")
    alone = call(heard(user=user))
    assert alone is not None
    assert alone.account.name == (user.get("global_name") or "ada_l")
    assert alone.place == alone.account.private
    assert (alone.server, alone.runs) == (None, None)


@pytest.mark.parametrize(("permissions", "runs"), [("0", False), ("32", True), (str(2**40 + 32), True), ("31", False)])
def test_who_may_manage_the_server_runs_it(permissions: str, runs: bool) -> None:
    made = call(heard(**THERE | {"member": {"user": ADA, "permissions": permissions}}))
    assert made is not None
    assert made.runs is runs


@pytest.mark.parametrize("kind", [10, 11, 12])
def test_a_thread_is_in_its_channel(kind: int) -> None:
    made = call(heard(**THERE | {"channel": {"id": "9", "type": kind, "parent_id": "4"}}))
    assert made is not None
    assert (made.place, made.server) == (Place("discord", "4", thread="9"), "5")


@pytest.mark.parametrize(("flags", "hidden"), [({}, False), ({"flags": 0}, False), ({"flags": 64 + 4}, True)])
def test_a_press_is_on_a_message_that_all_see_or_one(flags: dict[str, int], hidden: bool) -> None:
    what = heard(type=3, data={"custom_id": "1:help"}, message={"id": "8", **flags}, **THERE)
    made = call(what)
    assert made is not None
    assert made.message == Ref(Place("discord", "9"), "8")
    assert what.on_hidden is hidden
    assert heard().on_hidden is None


def test_without_a_language_it_is_english() -> None:
    assert Heard({"id": "1"}, cast("Any", None)).locale == "en-US"


def test_nothing_of_it_is_in_what_a_log_would_show() -> None:
    assert "ada" not in repr(heard())
