"""A Telegram Bot API server on loopback: its life, and what becomes of a call."""

import asyncio
from typing import Self

import aiohttp
from aiohttp import web

from tests.platforms import conformance
from tests.platforms.telegram import methods_chats, methods_messages, methods_topics, updates
from tests.platforms.telegram.acting import Acting
from tests.platforms.telegram.basics import ApiError, Json
from tests.platforms.telegram.faults import Fault, Faults
from tests.platforms.telegram.methods import Method
from tests.platforms.telegram.objects import BOT_ID, BOT_NAME
from tests.platforms.telegram.params import read
from tests.platforms.telegram.state import Request
from tests.platforms.telegram.updates import Updates

TOKEN = f"{BOT_ID}:AA{'x' * 33}"
METHODS = {**methods_chats.methods, **methods_messages.methods, **methods_topics.methods, **updates.methods}


class TelegramServer(Updates, Acting, Faults):
    """See the package. Not thread-safe: use it in the event loop that runs it."""

    def __init__(self) -> None:
        super().__init__()
        Faults.__init__(self)
        self.token = TOKEN
        self.bot_name = BOT_NAME
        self._broken: list[str] = []
        self._runner: web.ServerRunner | None = None
        self._port = 0

    # ------------------------------------------------------------ up and down

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        await self.come_back()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop_pushing()
        await self.go_down()
        await self._session.close()

    @property
    def settings(self) -> dict[str, str]:
        """What turns Telegram on for an Unsent that is to speak with this one; see bot.settings."""
        return {"telegram_token": self.token, "telegram_api_url": self.api_url}

    @property
    def api_url(self) -> str:
        """Where it listens, without `/bot`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What python-telegram-bot calls `base_url`."""
        return f"{self.api_url}/bot"

    @property
    def base_file_url(self) -> str:
        """What python-telegram-bot calls `base_file_url`."""
        return f"{self.api_url}/file/bot"

    async def go_down(self) -> None:
        """Close the port and every connection. What is known stays known; people go on writing."""
        self._up.clear()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def come_back(self) -> None:
        """Listen again, on the same port."""
        # aiohttp takes a time-out of 0 for "wait for ever".
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.001)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self._up.set()

    # ------------------------------------------------------------ a call comes in

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        _, _, path = request.path.partition("/")
        if path.startswith("file/bot"):
            return self._download(path.removeprefix("file/bot"))
        token, _, name = path.removeprefix("bot").partition("/")
        if token != self.token:
            return _answer(ApiError(401, "Unauthorized"))
        method = METHODS.get(name.lower())
        record = Request(method.name if method else name, await read(request), host=request.url.host or "")
        self.requests.append(record)
        self.touch()
        faults = self.take(record)
        try:
            answer = await self._perform(record, method, faults)
        except ApiError as error:
            answer = _answer(error)
            record.status, record.result = error.status, _error(error)
        except Exception as error:
            # What breaks here is a fault of this server, or parameters of a type that nobody should send.
            self._broken.append(f"{record.method}: broke the server with {error!r}")
            raise
        if "drop" in faults:
            record.status, record.result = 0, record.result if record.status == 200 else None
            _abort(request)
        elif "garble" in faults:
            whole, body = f"{answer.text}", faults["garble"].body
            text = whole[: len(whole) // 2] if body is None else body
            answer = web.Response(text=text, content_type="application/json")
        self.touch()
        return answer

    async def _perform(self, record: Request, method: Method | None, faults: dict[str, Fault]) -> web.Response:
        delay, drop, fail = faults.get("delay"), faults.get("drop"), faults.get("fail")
        if delay and not delay.after:
            await _pause(delay.until)
        if drop and not drop.after:
            return web.Response()
        if fail:
            raise ApiError(fail.status, fail.description, fail.parameters)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        self.check_limits(record)
        result = method.run(self, record.params)
        if asyncio.iscoroutine(result):
            result = await result
        record.result = result
        if delay and delay.after:
            self.touch()
            await _pause(delay.until)
        record.status = 200
        return web.json_response({"ok": True, "result": result})

    def _download(self, rest: str) -> web.Response:
        token, _, path = rest.partition("/")
        found = [upload for upload, where in self.files.values() if where == path]
        if token != self.token or not found:
            return _answer(ApiError(404, "Not Found"))
        return web.Response(body=found[0].data)

    # ------------------------------------------------------------ what passed

    def calls(self, method: str) -> list[Request]:
        """The recorded calls of one method."""
        return [r for r in self.requests if r.method == method]

    def check(self) -> list[str]:
        """Everything in what passed that is not as the Bot API describes it; a refused request may be wrong."""
        out = list(self._broken)
        for r in self.requests:
            method = METHODS.get(r.method.lower())
            if r.status in (200, 0) and r.result is not None:
                out += conformance.telegram(r.method, r.params, method and method.result, r.result)
            elif r.status not in (400, 404):
                out += conformance.telegram(r.method, r.params, None, True)
        return out + conformance.telegram("getUpdates", {}, "Array of Update", self._delivered)


def _error(error: ApiError) -> Json:
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    return body | ({"parameters": error.parameters} if error.parameters else {})


def _answer(error: ApiError) -> web.Response:
    return web.json_response(_error(error), status=error.status)


async def _pause(until: float | asyncio.Event) -> None:
    await (until.wait() if isinstance(until, asyncio.Event) else asyncio.sleep(until))


def _abort(request: web.BaseRequest) -> None:
    if request.transport:
        request.transport.abort()
