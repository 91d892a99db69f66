"""A Telegram Bot API server on loopback for tests: the real wire protocol, people to act as, faults to switch on.

    async with TelegramServer() as server:
        bot = telegram.Bot(server.token, base_url=server.base_url, base_file_url=server.base_file_url)
        ann = server.add_user("Ann")
        server.say(ann, server.private(ann), "/start")
        ...
        assert server.check() == []

Everything is controlled from the test's side, so the bot may as well be another process, killed at any moment.
HTML is parsed; Markdown is not supported. Limits are strict: what Telegram forgives now and then is refused here.
"""

import asyncio
import itertools
import json
import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.platforms import conformance
from tests.platforms.telegram_wire import (
    BOT_ID,
    BOT_NAME,
    METHODS,
    PRESENT,
    TOKEN,
    ApiError,
    Chat,
    Json,
    Message,
    Person,
    Topic,
    Upload,
    World,
    decode,
    method,
    with_found,
)

T = TypeVar("T")

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Updates that come only when allowed_updates names them."""
SENDING = frozenset({"sendMessage", "sendDocument", "sendPhoto", "copyMessage"})
"""Methods that the rate limits count."""
DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass
class Request:
    """One call of the bot, listed when it arrives and completed when it is answered.

    `status` is None until then, and 0 when the connection was dropped; `result` is what Telegram holds the result to
    be, or the whole answer when it is an error; `time` is `time.monotonic()` at arrival.
    """

    method: str
    params: Json
    status: int | None = None
    result: Any = None
    time: float = field(default_factory=time.monotonic)


@dataclass
class Fault:
    """Something that goes wrong with the next `times` calls of `method` ("*": any) that `when` accepts."""

    method: str
    kind: str
    times: int
    when: Callable[[Json], bool]
    after: bool = False
    status: int = 0
    description: str = ""
    parameters: Json | None = None
    until: float | asyncio.Event = 0.0


@dataclass
class Press:
    """A pressed button."""

    server: "TelegramServer"
    query: Json
    """The CallbackQuery as the bot gets it."""
    update: Json | None
    """The update that carries it; None when the bot asked for none of the kind."""
    answers: list[Json]
    """The parameters of each answerCallbackQuery so far."""

    async def answered(self, within: float = 5.0) -> Json:
        """Wait until the bot answers; returns the parameters of its first answer."""
        return await self.server.wait_for(lambda: next(iter(self.answers), None), within)

    def expire(self) -> None:
        """From now on this query is too old to be answered."""
        self.server.presses.pop(self.query["id"], None)


class TelegramServer(World):
    """See the module. Not thread-safe: use it in the event loop that runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.bot_name = BOT_NAME
        self.requests: list[Request] = []
        self.pushes: list[tuple[int, int]] = []
        """Webhook deliveries tried: update_id, and the status got (0: none)."""
        self.webhook: Json = {}
        """The parameters of setWebhook; {} without one."""
        self.webhook_retry = 0.05
        """Seconds from a failed delivery to the next try."""
        self.pending: list[Json] = []
        """Updates not yet confirmed, in order."""
        self._again: list[Json] = []
        self._delivered: list[Json] = []
        self._broken: list[str] = []
        self._faults: list[Fault] = []
        self._limits: tuple[int, int, int] | None = None
        self._sent: dict[tuple[str, int], deque[float]] = defaultdict(deque)
        self._allowed: list[str] = []
        self._poll: asyncio.Future[str | None] | None = None
        self._push_task: asyncio.Task[None] | None = None
        self._push_error: Json = {}
        self._news = asyncio.Event()
        self._up = asyncio.Event()
        self._watchers: list[asyncio.Future[None]] = []
        self._runner: web.ServerRunner | None = None
        self._port = 0
        self._update_ids = itertools.count(870_000_001)
        self._person_ids = itertools.count(6_100_000_001)
        self._group_ids = itertools.count(4_000_000_001)
        self._query_ids = itertools.count(520_000_000_000_000_001)

    # ------------------------------------------------------------------------------------------------- up and down

    async def __aenter__(self) -> "TelegramServer":
        self._session = aiohttp.ClientSession()
        await self.come_back()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stop_pushing()
        await self.go_down()
        await self._session.close()

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

    # -------------------------------------------------------------------------------------------------------- calls

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        _, _, path = request.path.partition("/")
        if path.startswith("file/bot"):
            return self._download(path.removeprefix("file/bot"))
        token, _, name = path.removeprefix("bot").partition("/")
        if token != self.token:
            return _answer(ApiError(401, "Unauthorized"))
        known, run, _ = METHODS.get(name.lower(), (name, None, None))
        record = Request(known, await _params(request))
        self.requests.append(record)
        self.touch()
        faults = self._take(record)
        try:
            answer = await self._perform(record, run, faults)
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
            answer = web.Response(text=f"{answer.text}"[: len(f"{answer.text}") // 2], content_type="application/json")
        self.touch()
        return answer

    async def _perform(
        self, record: Request, run: Callable[[Any, Json], Any] | None, faults: dict[str, Fault]
    ) -> web.Response:
        delay, drop, fail = faults.get("delay"), faults.get("drop"), faults.get("fail")
        if delay and not delay.after:
            await _pause(delay.until)
        if drop and not drop.after:
            return web.Response()
        if fail:
            raise ApiError(fail.status, fail.description, fail.parameters)
        if run is None:
            raise ApiError(404, "Not Found: method not found")
        self._check_limits(record)
        result = run(self, record.params)
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

    # ------------------------------------------------------------------------------------------------------ updates

    def emit(self, kind: str, payload: Json) -> Json | None:
        """Put an update in the queue; returns it, or None when the bot asked for none of its kind."""
        if kind not in self._allowed if self._allowed else kind in UNASKED:
            return None
        update = {"update_id": next(self._update_ids), kind: payload}
        self.pending.append(update)
        self._wake()
        return update

    def repeat(self, update: Json) -> None:
        """Deliver an update once more, under the same id, whether or not it was confirmed."""
        self._again.append(update)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._end_poll(None)
        self.touch()

    def _end_poll(self, conflict: str | None) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(conflict)

    def _allow(self, p: Json) -> None:
        if "allowed_updates" in p:
            self._allowed = p["allowed_updates"] or []

    @method("getUpdates", "Array of Update")
    async def get_updates(self, p: Json) -> list[Json]:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        # The newer one goes on; it is the older one that is told.
        self._end_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
        self._allow(p)
        offset, limit = p.get("offset") or 0, min(max(p.get("limit") or 100, 1), 100)
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(p.get("timeout") or 0, 50)
        while not (batch := [*self._again, *self.pending][:limit]):
            poll = self._poll = loop.create_future()
            try:
                async with asyncio.timeout_at(deadline):
                    conflict = await poll
            except TimeoutError:
                return []
            if conflict:
                raise ApiError(409, f"Conflict: {conflict}")
        self._again = self._again[len(batch) :]
        self._delivered += batch
        return batch

    @method("setWebhook")
    async def set_webhook(self, p: Json) -> bool:
        await self._stop_pushing()
        self._allow(p)
        self._end_poll("terminated by setWebhook request")
        if p.get("drop_pending_updates"):
            self.pending.clear()
        self.webhook, self._push_error = (dict(p) if p.get("url") else {}), {}
        if self.webhook:
            self._push_task = asyncio.create_task(self._push())
        return True

    @method("deleteWebhook")
    async def delete_webhook(self, p: Json) -> bool:
        return await self.set_webhook({"url": "", "drop_pending_updates": p.get("drop_pending_updates")})

    @method("getWebhookInfo", "WebhookInfo")
    def get_webhook_info(self, p: Json) -> Json:
        info = {"url": self.webhook.get("url", ""), "has_custom_certificate": False} | self._push_error
        info["pending_update_count"] = len(self.pending)
        return info | ({"allowed_updates": self._allowed} if self._allowed else {})

    async def _stop_pushing(self) -> None:
        if self._push_task:
            self._push_task.cancel()
            await asyncio.wait([self._push_task])
            self._push_task = None

    async def _push(self) -> None:
        """Bring the updates to the webhook, one after the other, each until it is taken."""
        secret = self.webhook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        while True:
            queue = self._again or self.pending
            if not queue or not self._up.is_set():
                self._news.clear()
                await (self._news.wait() if not queue else self._up.wait())
                continue
            update, status, trouble = queue[0], 0, "Connection refused"
            try:
                async with self._session.post(self.webhook["url"], json=update, headers=headers) as answer:
                    status, trouble = answer.status, f"Wrong response from the webhook: {answer.status} {answer.reason}"
            except (aiohttp.ClientError, OSError) as error:
                trouble = str(error)
            self.pushes.append((update["update_id"], status))
            if 200 <= status < 300:
                self._delivered.append(update)
                queue.remove(update)
            else:
                self._push_error = {"last_error_date": int(time.time()), "last_error_message": trouble}
            self.touch()
            if not 200 <= status < 300:
                await asyncio.sleep(self.webhook_retry)

    # --------------------------------------------------------------------------------------------- faults and limits

    def fail(
        self,
        method: str,
        status: int,
        times: int = 1,
        description: str | None = None,
        parameters: Json | None = None,
        when: Callable[[Json], bool] = lambda params: True,
    ) -> None:
        """Refuse the next `times` calls, with no effect. A 429 has `retry_after` 1 unless `parameters` say else."""
        if status == 429 and parameters is None:
            parameters = {"retry_after": 1}
        words = description or DESCRIPTIONS[status].format(**(parameters or {}))
        self._faults.append(Fault(method, "fail", times, when, False, status, words, parameters))

    def delay(
        self,
        method: str,
        until: float | asyncio.Event,
        times: int = 1,
        after: bool = False,
        when: Callable[[Json], bool] = lambda params: True,
    ) -> None:
        """Hold the next `times` calls for seconds or until an event; `after`: the effect is taken, the answer held."""
        self._faults.append(Fault(method, "delay", times, when, after, until=until))

    def drop(
        self, method: str, times: int = 1, after: bool = True, when: Callable[[Json], bool] = lambda params: True
    ) -> None:
        """Close the connection of the next `times` calls unanswered, after the effect or (`after=False`) without it."""
        self._faults.append(Fault(method, "drop", times, when, after))

    def garble(self, method: str, times: int = 1, when: Callable[[Json], bool] = lambda params: True) -> None:
        """Cut the answer of the next `times` calls in half; they take effect."""
        self._faults.append(Fault(method, "garble", times, when))

    def clear_faults(self) -> None:
        """Let everything go right again."""
        self._faults.clear()

    def _take(self, record: Request) -> dict[str, Fault]:
        """The faults that this call meets, at most one of each kind."""
        out: dict[str, Fault] = {}
        for fault in self._faults:
            if fault.method in ("*", record.method) and fault.kind not in out and fault.when(record.params):
                out[fault.kind] = fault
                fault.times -= 1
        self._faults = [fault for fault in self._faults if fault.times > 0]
        return out

    def limit(self, overall: int = 30, chat: int = 1, group_per_minute: int = 20) -> None:
        """Enforce rate limits from now on: messages a second in all and to one chat, and a minute to one group."""
        self._limits = (overall, chat, group_per_minute)

    def _check_limits(self, record: Request) -> None:
        if self._limits is None or record.method not in SENDING:
            return
        chat_id, now = record.params.get("chat_id", 0), time.monotonic()
        overall, chat, group = self._limits
        # A sender that keeps exactly to the second must not fail by a hair of jitter on the way.
        windows = [(("all", 0), overall, 0.95), (("chat", chat_id), chat, 0.95)]
        if isinstance(chat_id, int) and chat_id < 0:
            windows.append((("group", chat_id), group, 59.0))
        for key, most, seconds in windows:
            sent = self._sent[key]
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                wait = max(1, math.ceil(sent[0] + seconds - now))
                raise ApiError(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})
        for key, _, _ in windows:
            self._sent[key].append(now)

    # ---------------------------------------------------------------------------------------------- people and chats

    def add_user(self, first_name: str, username: str | None = None, language_code: str | None = None) -> Person:
        """Someone new; the bot may not write to them before they wrote to it."""
        wire: Json = {"id": next(self._person_ids), "is_bot": False, "first_name": first_name}
        wire |= {k: v for k, v in (("username", username), ("language_code", language_code)) if v}
        person = self.people[wire["id"]] = Person(wire)
        self.new_chat(person.id, "private", person=person)
        return person

    def private(self, user: Person) -> Chat:
        """Their chat with the bot."""
        return self.chats[user.id]

    def add_group(
        self,
        title: str,
        forum: bool = False,
        supergroup: bool = True,
        bot: str | None = None,
        owner: Person | None = None,
    ) -> Chat:
        """A group to which its owner (made when not given) adds the bot, as `bot` (administrator in a forum).

        As on Telegram, a bot that is an administrator reads everything; a member has privacy mode on.
        """
        owner = owner or self.add_user("Owner")
        number = next(self._group_ids)
        kind = "supergroup" if supergroup or forum else "group"
        chat = self.new_chat(-1_000_000_000_000 - number if kind == "supergroup" else -number, kind)
        chat.title, chat.forum = title, forum
        chat.members[owner.id] = "creator"
        self.set_status(chat, self.bot, bot or ("administrator" if forum else "member"), by=owner)
        self._service(chat, owner, {"new_chat_members": [self.bot.wire]})
        return chat

    def owner(self, group: Chat) -> Person:
        """Who made a group."""
        return next(self.people[i] for i, status in group.members.items() if status == "creator")

    def join(self, user: Person, group: Chat, status: str = "member") -> None:
        """Bring someone into a group, or change what they are in it (also the bot: `server.bot`)."""
        here = group.members.get(user.id) in PRESENT
        self.set_status(group, user, status, by=user if not here else self.owner(group))
        if not here:
            self._service(group, user, {"new_chat_members": [user.wire]})

    def leave(self, user: Person, group: Chat) -> None:
        """Someone leaves."""
        self.set_status(group, user, "left", by=user)
        self._service(group, user, {"left_chat_member": user.wire})

    def kick_bot(self, group: Chat) -> None:
        """The owner throws the bot out."""
        self.set_status(group, self.bot, "kicked", by=self.owner(group))

    def block(self, user: Person) -> None:
        """They block the bot."""
        user.blocked = True
        self._blocked(user, "member", "kicked")

    def unblock(self, user: Person) -> None:
        """They let the bot write again."""
        user.blocked = False
        self._blocked(user, "kicked", "member")

    def _blocked(self, user: Person, old: str, new: str) -> None:
        chat = self.private(user)
        chat.members[BOT_ID] = old
        self.set_status(chat, self.bot, new, by=user)

    def deactivate(self, user: Person) -> None:
        """Their account is gone."""
        user.deactivated = True

    def add_topic(self, group: Chat, name: str) -> Topic:
        """The owner opens a topic in a forum."""
        topic = self.open_topic(group, self.owner(group), name)
        self.emit("message", topic.root.wire)
        return topic

    def delete_topic(self, group: Chat, topic: Topic | int) -> None:
        """A topic goes, with all in it. Telegram tells the bot nothing."""
        self.drop_topic(group, topic if isinstance(topic, int) else topic.id)
        self.touch()

    def migrate(self, group: Chat) -> Chat:
        """A basic group becomes a supergroup, with another id; returns it."""
        owner = self.owner(group)
        new = self.new_chat(-1_000_000_000_000 - next(self._group_ids), "supergroup", members=dict(group.members))
        new.title = group.title
        group.moved_to = new.id
        self._service(group, owner, {"migrate_to_chat_id": new.id})
        self._service(new, owner, {"migrate_from_chat_id": group.id})
        return new

    def _service(self, chat: Chat, by: Person, content: Json) -> None:
        message = self.post_message(chat, by, content)
        if chat.members.get(BOT_ID) in PRESENT:
            self.emit("message", message.wire)

    # ------------------------------------------------------------------------------------------------------- acting

    def say(
        self,
        user: Person,
        chat: Chat,
        text: str,
        reply_to: Message | int | None = None,
        thread: Topic | int | None = None,
    ) -> Json | None:
        """Someone writes; returns the update, None when privacy mode or allowed_updates keep it from the bot."""
        entities = with_found(text, [])
        return self.post(user, chat, {"text": text} | ({"entities": entities} if entities else {}), reply_to, thread)

    def post(
        self,
        user: Person,
        chat: Chat,
        content: Json,
        reply_to: Message | int | None = None,
        thread: Topic | int | None = None,
    ) -> Json | None:
        """Someone sends any kind of message: `content` is what is special to it, as in {"document": add_file(…)}."""
        if user.blocked or (chat.person not in (None, user)) or (not chat.person and not self._is_in(user, chat)):
            raise ValueError(f"{user.wire['first_name']} cannot write there")
        answered = chat.messages[reply_to] if isinstance(reply_to, int) else reply_to
        thread = answered.thread if answered and thread is None else thread
        topic = chat.topics[thread] if isinstance(thread, int) else thread
        message = self.post_message(chat, user, content, reply_to=answered, topic=topic)
        if chat.person:
            user.started = True
        self.touch()
        return self.emit("message", message.wire) if self._hears(message, answered) else None

    def _is_in(self, user: Person, chat: Chat) -> bool:
        return chat.members.get(user.id) in PRESENT

    def _hears(self, message: Message, answered: Message | None) -> bool:
        """Whether the bot gets a message: in groups, as a member, commands that may be its own and answers to it."""
        chat = message.chat
        if chat.person or chat.members.get(BOT_ID) == "administrator":
            return True
        if chat.members.get(BOT_ID) not in PRESENT:
            return False
        if answered and answered.from_bot:
            return True
        first: Json = message.entities[0] if message.entities else {"type": ""}
        if first["type"] != "bot_command" or first["offset"]:
            return False
        _, _, whose = message.text[: first["length"]].partition("@")
        return whose.lower() in ("", BOT_NAME.lower())

    def edit(self, user: Person, message: Message | int, text: str, chat: Chat | None = None) -> Json | None:
        """Someone edits what they wrote (by id: in `chat`, their private one unless given); returns the update."""
        if isinstance(message, int):
            message = (chat or self.private(user)).messages[message]
        if message.wire["from"]["id"] != user.id:
            raise ValueError("not their message")
        entities = with_found(text, [])
        wire = {k: v for k, v in message.wire.items() if k != "entities"} | ({"entities": entities} if entities else {})
        message.wire = wire | {"text": text, "edit_date": int(time.time())}
        answered = message.chat.messages.get(message.reply_to or 0)
        return self.emit("edited_message", message.wire) if self._hears(message, answered) else None

    def press(self, user: Person, message: Message, button: str) -> Press:
        """Someone presses a button, named by its label or its callback data."""
        rows = (message.markup or {}).get("inline_keyboard", [])
        data = [b["callback_data"] for row in rows for b in row if "callback_data" in b]
        by_label = [b["callback_data"] for row in rows for b in row if b["text"] == button and "callback_data" in b]
        if message.deleted or not (by_label or button in data):
            raise LookupError(f"no button {button!r}; there are {message.buttons}")
        query = {
            "id": str(next(self._query_ids)),
            "from": user.wire,
            "message": message.wire,
            "chat_instance": str(message.chat.id * 7),
            "data": by_label[0] if by_label else button,
        }
        answers = self.presses[query["id"]] = []
        return Press(self, query, self.emit("callback_query", query), answers)

    # ------------------------------------------------------------------------------------------ seeing and waiting

    def messages(self, chat: Chat) -> list[Message]:
        """What stands in a chat, oldest first."""
        return list(chat.messages.values())

    def message(self, update_or_wire: Json) -> Message:
        """The message that an update, or a Message object, speaks of."""
        wire = update_or_wire.get("message", update_or_wire.get("edited_message", update_or_wire))
        return self.chats[wire["chat"]["id"]].messages[wire["message_id"]]

    async def next_message(self, chat: Chat, after: Message | int | None = None, within: float = 5.0) -> Message:
        """Wait for the bot's first message after `after`, which is the last thing a person sent there if not given."""
        since = chat.last_from_person if after is None else after if isinstance(after, int) else after.id
        return await self.wait_for(
            lambda: next((m for m in chat.messages.values() if m.from_bot and m.id > since), None), within
        )

    async def wait_for(self, predicate: Callable[[], T | None], within: float = 5.0) -> T:
        """Wait until `predicate` holds, trying it whenever something happened here; returns what it returned."""
        try:
            async with asyncio.timeout(within):
                while not (value := predicate()):
                    watcher = asyncio.get_running_loop().create_future()
                    self._watchers.append(watcher)
                    await watcher
                return value
        except TimeoutError:
            last = [(r.method, r.status) for r in self.requests[-5:]]
            raise TimeoutError(f"not within {within} s; the last calls were {last}") from None

    def touch(self) -> None:
        """Something changed: let who waits look again."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    def calls(self, method: str) -> list[Request]:
        """The recorded calls of one method."""
        return [r for r in self.requests if r.method == method]

    def check(self) -> list[str]:
        """Everything in what passed that is not as the Bot API describes it; a refused request may be wrong."""
        out = list(self._broken)
        for r in self.requests:
            _, _, kind = METHODS.get(r.method.lower(), (r.method, None, None))
            if r.status in (200, 0) and r.result is not None:
                out += conformance.telegram(r.method, r.params, kind, r.result)
            elif r.status not in (400, 404):
                out += conformance.telegram(r.method, r.params, None, True)
        return out + conformance.telegram("getUpdates", {}, "Array of Update", self._delivered)


# ------------------------------------------------------------------------------------------------------------- HTTP


async def _params(request: web.BaseRequest) -> Json:
    """The parameters of a call, from query, form, multipart or JSON; files as Upload, also those behind attach://."""
    out: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json":
        out |= json.loads(await request.read() or b"{}")
    elif kind == "multipart/form-data":
        for name, value in (await request.post()).items():
            out[name] = Upload(value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    elif kind == "application/x-www-form-urlencoded":
        out |= parse_qsl((await request.read()).decode(), keep_blank_values=True)
    for name, value in list(out.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            part = value.removeprefix("attach://")
            out[name] = out.pop(part, value)
    return {name: decode(name, value) for name, value in out.items() if value is not None}


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
