"""What all the files here speak in: JSON, and Telegram's errors."""

from typing import Any

Json = dict[str, Any]


def words(names: str) -> tuple[str, ...]:
    """Names, written in a row."""
    return tuple(names.split())


class ApiError(Exception):
    """An answer other than ok: HTTP status, Telegram's description, its `parameters`."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def bad(what: str) -> ApiError:
    """A 400 that says `what`."""
    return ApiError(400, f"Bad Request: {what}")
