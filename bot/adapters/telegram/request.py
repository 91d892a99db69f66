"""How Bot API calls travel: python-telegram-bot over aiohttp, and what can go wrong on the way, told apart.

The library's own request class collapses above 30 connections, logs addresses with the token in them, and forgets the
status that Telegram answered with.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, cast

import aiohttp
from telegram import Update
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData
from yarl import URL

log = logging.getLogger(__name__)

CONNECT = 5.0
READ = 20.0
CONNECTIONS = 100  # at least; one holds the request for updates
ROUND_TRIP = 0.25  # seconds: so long a call may take without its rate being missed
JSON = {"Content-Type": "application/json"}
LONGEST = 24 * 60 * 60  # seconds that a 429 is believed


class Rejected(TelegramError):
    """Telegram says no. `description` tells one no from another; it may quote what was sent, so it is never shown."""

    def __init__(self, code: int, answer: dict[str, Any]) -> None:
        super().__init__(f"refused with {code}")
        given: Any = answer.get("parameters")
        parameters = cast(dict[str, Any], given) if isinstance(given, dict) else {}
        self.code = code
        self.description = str(answer.get("description", "")).lower()
        wait = _number(parameters.get("retry_after"))
        self.retry_after = None if wait is None or wait <= 0 else min(wait, LONGEST)
        self.moved_to = _number(parameters.get("migrate_to_chat_id"))


class NotSent(NetworkError):
    """There was no connection: Telegram has not seen the call."""


class Lost(NetworkError):
    """No answer, or an unreadable one: Telegram may have done what was asked."""


FAULTS = (TelegramError, LookupError, TypeError, ValueError, AttributeError)
"""All that a call may raise: the library raises the last four on an answer of another shape than it expects."""


class Request(BaseRequest):
    """Carries calls over one pool of connections, enough for `rate` a second.

    Raises Rejected, NotSent or Lost, which hold nothing of the call.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self._connections = max(CONNECTIONS, int(rate * ROUND_TRIP) + 1)
        self._session: aiohttp.ClientSession | None = None
        self.careful = False  # whether updates are to be read one by one: in the last answer was one that cannot be

    @property
    def read_timeout(self) -> float:
        """How long an answer may take, in seconds, where the call does not say."""
        return READ

    async def initialize(self) -> None:
        """Open the pool. It may be open already: the Bot knows this object under two names."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def shutdown(self) -> None:
        """Close the pool."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Make one call; returns the status, which is a success, and the body."""
        read = float(read_timeout) if isinstance(read_timeout, int | float) else READ
        return await self._exchange(method, URL(url, encoded=True), _body(request_data), {}, read)

    async def message(self, url: URL, call: Mapping[str, object]) -> int:
        """Make a call that sends one message; returns its id, and makes nothing else of what Telegram answers.

        Of what it costs to send a message through `telegram.Bot`, more than half is spent on taking the call's values
        apart and on making a Message that nobody looks at.
        """
        body = json.dumps({name: value for name, value in call.items() if value is not None}).encode()
        _, payload = await self._exchange("POST", url, body, JSON, READ)
        try:
            return int(json.loads(payload)["result"]["message_id"])
        except (LookupError, TypeError, ValueError):
            raise Lost("an unreadable answer") from None

    async def _exchange(
        self, method: str, url: URL, body: object, headers: Mapping[str, str], read: float
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NotSent("not connected")
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT, sock_read=read)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, payload = response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise NotSent("no connection") from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Lost("no answer") from None
        if not 200 <= status <= 299:
            raise Rejected(status, _read(payload))
        return status, _readable(payload) if self.careful and url.path.endswith("/getUpdates") else payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return what Telegram answered. The library's own logs what it cannot read, names and texts included."""
        answer = _read(payload)
        if "result" not in answer:
            raise Lost("an unreadable answer")
        return answer


def _body(data: RequestData | None) -> aiohttp.FormData:
    form = aiohttp.FormData()
    if data:
        for name, value in data.json_parameters.items():
            form.add_field(name, value)
        for name, (filename, content, kind) in data.multipart_data.items():
            form.add_field(name, content, filename=filename, content_type=kind)
    return form


def _readable(payload: bytes) -> bytes:
    """Return an answer to getUpdates in which an update that the library cannot read is one of an unknown kind.

    It would be as unreadable the next time, and hold up all behind it.
    """
    answer = _read(payload)
    found: Any = answer.get("result")
    if not isinstance(found, list):
        return payload
    result: list[dict[str, Any]] = []
    for update in cast(list[Any], found):
        number = _number(cast(dict[str, Any], update).get("update_id")) if isinstance(update, dict) else None
        if number is None:
            continue
        try:
            Update.de_json(cast(dict[str, Any], update), None)
        except FAULTS as error:
            fields = {"platform": "telegram", "outcome": "dropped", "error": type(error).__name__}
            log.warning("telegram.update_unreadable", extra=fields)
            result.append({"update_id": number})
        else:
            result.append(cast(dict[str, Any], update))
    return json.dumps({"ok": True, "result": result}).encode()


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read(payload: bytes) -> dict[str, Any]:
    try:
        answer: Any = json.loads(payload)
    except ValueError:
        return {}
    return cast(dict[str, Any], answer) if isinstance(answer, dict) else {}
