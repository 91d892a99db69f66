"""The Discord server: what it takes at most, and how often."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.platforms.discord import limits
from tests.platforms.discord_client import Harbour

BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}
INPUT = {"type": 4, "style": 1}


def _rows(*rows: int) -> dict[str, Any]:
    """A message with rows of so many buttons."""
    names = iter(range(100))
    rows_of = [[BUTTON | {"custom_id": str(next(names))} for _ in range(n)] for n in rows]
    return {"components": [{"type": 1, "components": row} for row in rows_of]}


def _button(**changes: Any) -> dict[str, Any]:
    return {"components": [{"type": 1, "components": [BUTTON | changes]}]}


def _menu(options: int) -> dict[str, Any]:
    menu = {"type": 3, "custom_id": "a", "options": [{"label": "x", "value": str(n)} for n in range(options)]}
    return {"components": [{"type": 1, "components": [menu]}]}


def _modal(title: int, inputs: int) -> dict[str, Any]:
    fields = [{"type": 18, "label": "x", "component": INPUT | {"custom_id": str(n)}} for n in range(inputs)]
    return {"title": "x" * title, "custom_id": "a", "components": fields}


def _command(name: str, description: int) -> dict[str, Any]:
    return {"name": name, "description": "x" * description}


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (limits.check_message, _button(label="x" * 80), _button(label="x" * 81)),
        (limits.check_message, _button(custom_id="x" * 100), _button(custom_id="x" * 101)),
        (limits.check_message, _rows(1, 1), {"components": _rows(1)["components"] * 2}),
        (limits.check_message, _rows(5), _rows(6)),
        (limits.check_message, _rows(1, 1, 1, 1, 1), _rows(1, 1, 1, 1, 1, 1)),
        (limits.check_message, _menu(25), _menu(26)),
        (limits.check_modal, _modal(45, 1), _modal(46, 1)),
        (limits.check_modal, _modal(1, 5), _modal(1, 6)),
        (limits.check_commands, [_command("ask", 1)], [_command("Ask", 1)]),
        (limits.check_commands, [_command("x" * 32, 1)], [_command("x" * 33, 1)]),
        (limits.check_commands, [_command("ask", 100)], [_command("ask", 101)]),
        (limits.check_commands, [_command("ask", 1), _command("b", 1)], [_command("ask", 1)] * 2),
    ],
)
def test_limits_of_discord(check: Callable[[Any], None], good: Any, bad: Any) -> None:
    check(good)
    with pytest.raises(limits.Refused) as refused:
        check(bad)
    assert refused.value.body["code"] == 50035


async def test_rate_limits_are_told_and_obeyed(harbour: Harbour) -> None:
    harbour.server.per_channel = (5, 0.1)
    began = time.monotonic()
    for n in range(11):
        await harbour.channel().send(str(n))
    assert time.monotonic() - began > 0.1
    assert len(harbour.server.messages(harbour.desk)) == 11
    harbour.server.per_channel, harbour.server.per_second = None, 0
    assert 429 not in {r.status for r in harbour.server.requests}


async def test_the_global_limit_answers_429_with_its_scope(harbour: Harbour) -> None:
    harbour.server.per_second = 2
    session = harbour.bot.http._HTTPClient__session  # type: ignore[attr-defined]
    headers = {"Authorization": f"Bot {harbour.server.token}"}
    for _ in range(2):
        async with session.get(f"{harbour.server.api_url}/users/@me", headers=headers) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "application/json"
    async with session.get(f"{harbour.server.api_url}/users/@me", headers=headers) as answer:
        assert answer.status == 429
        assert answer.headers["X-RateLimit-Global"] == "true"
        assert answer.headers["Via"]
        assert (await answer.json())["global"] is True
    harbour.server.per_second = None
