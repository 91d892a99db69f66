"""Ids that go through a platform and come back: of buttons, menus and forms, and the payload of a start link.

An id carries a name, never authority: whoever presses is checked as if they had typed it.
"""

import re
from collections.abc import Iterable

VERSION = "1"
ID_BYTES = 64  # Telegram: callback_data, 1-64 bytes; Discord allows 100 characters of custom_id
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # Telegram: deep linking, "up to 64 characters A-Za-z0-9_-"
NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)?")
ARG = re.compile(r"[^:]*")


def pack(action: str, args: Iterable[object] = ()) -> str:
    """Return the id "1:action:arg:arg".

    Raises ValueError when it is longer than 64 bytes, or when a part could not be read back.
    """
    parts = [str(arg) for arg in args]
    if not NAME.fullmatch(action):
        raise ValueError(f"not the name of an action: {action!r}")
    if any(not ARG.fullmatch(part) for part in parts):
        raise ValueError(f"an argument of {action} holds a colon")
    packed = ":".join([VERSION, action, *parts])
    if len(packed.encode()) > ID_BYTES:
        raise ValueError(f"the id of {action} is {len(packed.encode())} bytes, {ID_BYTES} is the limit")
    return packed


def unpack(packed: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the action and its arguments, or None for an id that is not ours (another version's, or forged)."""
    version, _, rest = packed.partition(":")
    action, *args = rest.split(":")
    if version != VERSION or not NAME.fullmatch(action) or len(packed.encode()) > ID_BYTES:
        return None
    return action, tuple(args)
