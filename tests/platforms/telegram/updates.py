"""Updates: the queue of what the bot is to hear of, fetched by polling or brought to its webhook."""

import asyncio
import itertools
import time

import aiohttp

from tests.platforms.telegram.basics import ApiError, Json
from tests.platforms.telegram.methods import Methods
from tests.platforms.telegram.state import State

methods = Methods()
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Updates that come only when allowed_updates names them."""


class Updates(State):
    """The queue, and its two ways out."""

    _session: aiohttp.ClientSession
    """What the webhook is called with; open while the server is."""

    def __init__(self) -> None:
        super().__init__()
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
        self._allowed: list[str] = []
        self._poll: asyncio.Future[str | None] | None = None
        self._push_task: asyncio.Task[None] | None = None
        self._push_error: Json = {}
        self._news = asyncio.Event()
        self._up = asyncio.Event()
        self._update_ids = itertools.count(870_000_001)

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

    @methods.add("getUpdates", "Array of Update")
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

    @methods.add("setWebhook")
    async def set_webhook(self, p: Json) -> bool:
        await self.stop_pushing()
        self._allow(p)
        self._end_poll("terminated by setWebhook request")
        if p.get("drop_pending_updates"):
            self.pending.clear()
        self.webhook, self._push_error = (dict(p) if p.get("url") else {}), {}
        if self.webhook:
            self._push_task = asyncio.create_task(self._push())
        return True

    @methods.add("deleteWebhook")
    async def delete_webhook(self, p: Json) -> bool:
        return await self.set_webhook({"url": "", "drop_pending_updates": p.get("drop_pending_updates")})

    @methods.add("getWebhookInfo", "WebhookInfo")
    def get_webhook_info(self, p: Json) -> Json:
        info = {"url": self.webhook.get("url", ""), "has_custom_certificate": False} | self._push_error
        info["pending_update_count"] = len(self.pending)
        return info | ({"allowed_updates": self._allowed} if self._allowed else {})

    async def stop_pushing(self) -> None:
        """Bring no more updates to the webhook."""
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
