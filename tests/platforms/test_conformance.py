"""The check against the platforms' own specifications."""

import pytest

from tests.platforms import conformance


def test_the_specification_is_asked() -> None:
    if not conformance.available():
        pytest.skip("the specifications are not here")
    assert conformance.discord("POST", "/channels/1/messages", {"content": "x" * 5000}, 200, {})
    assert conformance.telegram("sendMessage", {"chat_id": 1}, "Message", {})
