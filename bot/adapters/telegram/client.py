"""The Telegram adapter: it listens, turns updates into Calls, and gives the answers."""

import asyncio
import logging
import time
from random import SystemRandom

from aiohttp import web
from telegram import Bot, ChatMember, Update
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.adapter import Core, Delivery, Gone, Look, Need, Outcome, Turn, every_turn
from bot.adapters.telegram import rights, updates
from bot.adapters.telegram.commands import show_commands
from bot.adapters.telegram.hands import Hands, report
from bot.adapters.telegram.limits import OVERALL, Limits
from bot.adapters.telegram.outcomes import outcome
from bot.adapters.telegram.outgoing import Outgoing
from bot.adapters.telegram.request import FAULTS, Rejected, Request
from bot.adapters.telegram.webhook import Webhook
from bot.clock import Clock
from bot.errors import SetupError
from bot.model import Account, Place, Role, Server
from bot.pace import Usage

log = logging.getLogger(__name__)

# python-telegram-bot prints the token, texts and names at DEBUG, and what it cannot read at CRITICAL.
logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)

CHECK = 60.0  # seconds between looks at whether updates reach the webhook
POLL = 25  # seconds that Telegram holds a request for updates when there are none
SLOWEST = 30.0  # seconds between tries at most
CONFLICTS, WITHIN = 3, 600.0  # so often within so many seconds another process takes our place: it is not just leaving
GIVEN_WAY = 3600.0  # seconds between looks whether it has gone
FINISH = 8.0  # seconds for what is in hand at a stop
UNKNOWN_BOT = "Telegram refuses the token: set UNSENT_TELEGRAM_TOKEN to the one that @BotFather shows for your bot."
NO_WEBHOOK = (
    "Telegram refuses the webhook: UNSENT_TELEGRAM_WEBHOOK_URL has to be a public https address on port 443, 80, 88 or "
    "8443, and UNSENT_TELEGRAM_WEBHOOK_SECRET 1 to 256 of A-Z, a-z, 0-9, _ and -."
)
REFUSALS = {400: NO_WEBHOOK, 401: UNKNOWN_BOT, 404: UNKNOWN_BOT}  # by status, of the calls made at a start


class Telegram:
    """Unsent on Telegram, by long polling, or by `webhook` where one is given. See bot.adapter.Adapter.

    `rate` messages a second are sent at most; see limits.Limits for `usage`.
    Only one process may poll: `turn` says when it is this one. One that does not listen delivers and asks only.
    """

    name = updates.PLATFORM

    def __init__(
        self,
        core: Core,
        *,
        token: str,
        clock: Clock,
        api_url: str = "https://api.telegram.org",
        webhook: Webhook | None = None,
        rate: float = OVERALL,
        usage: Usage | None = None,
        turn: Turn = every_turn,
        listens: bool = True,
    ) -> None:
        # A quarter of a second's: so long a round trip may be, and so long may who goes first wait behind others.
        self.at_once = max(8, int(rate / 4))
        self._request = request = Request(rate)
        self._core = core
        self._clock = clock
        self._bot = Bot(token, base_url=f"{api_url.rstrip('/')}/bot", request=request, get_updates_request=request)
        # A group has no language that Telegram tells.
        self._out = Outgoing(
            self._bot, request, lambda label: core.words("menu-here", None, label=label), Limits(rate, usage)
        )
        self._hands = Hands(core, self._bot, self._out)
        self._webhook = webhook if listens else None
        self._listens = listens
        self._turn = turn if listens and webhook is None else every_turn
        self._brought = clock.now()  # when the webhook was last called, or could have been for the first time
        self._greeted = False
        self._connected = False
        self._conflicts: list[float] = []
        self._stopping = False
        self._listening: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return what the web server has to serve for us, before the start: the webhook, where there is one."""
        return [web.post(self._webhook.path, self._receive)] if self._webhook else []

    async def start(self) -> None:
        """Connect, and go on connecting in the background. Raises SetupError where the token is refused."""
        self._core.connected(self.name, False)
        try:
            await self._greet()
        except FAULTS as error:
            if isinstance(error, Rejected) and error.code in REFUSALS:
                await self._bot.shutdown()
                raise SetupError(REFUSALS[error.code]) from None
            report("telegram.not_connected", "later", error)
        self._listening = asyncio.create_task(self._turn(self._listen_in_turn))

    async def stop(self) -> None:
        """Take no more updates, finish those in hand, disconnect."""
        self._stopping = True
        if self._listening:
            self._listening.cancel()
            await asyncio.wait({self._listening})
        await self._hands.finish(FINISH)
        await self._bot.shutdown()

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one thing on Telegram and say what came of it. Raises nothing."""
        return await self._out.deliver(what)

    async def authority(self, account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        """Ask Telegram now who somebody is in a group or a channel; see Adapter.

        A role, which it does not have, makes no coach. Nor does a channel: whoever posts there does so in its name.
        """
        if isinstance(at, Place) and at.private:
            return frozenset()
        chat = _chat(at)
        try:
            member = await self._bot.get_chat_member(chat, int(account.id))
            found = rights.roles(member)
            may_coach = isinstance(at, Place) and coach is None and Role.MEMBER in found
            if may_coach and rights.may_write(await self._bot.get_chat(chat), member):
                found |= {Role.COACH}
        except FAULTS as error:
            # "User not found" among them: a bot that is no administrator hears that of people who are there, too.
            report("telegram.authority_failed", "nothing", error)
            return frozenset()
        return found

    async def look(self, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
        """Ask Telegram now what a group or a channel is and what the bot lacks there; see Adapter.

        None for somebody's own chat. A channel is a server of its own.

        A topic has no name that a bot could ask for, nor can it ask whether there still is one.
        """
        if isinstance(at, Place) and at.private:
            return None
        try:
            chat = await self._bot.get_chat(_chat(at))
            is_channel = chat.type == ChatType.CHANNEL
            member = await self._itself(_chat(at), is_channel=is_channel)
            start = self._hands.link("")
        except (*FAULTS, RuntimeError) as error:  # RuntimeError: the bot does not know its own id yet
            if isinstance(outcome(error, Place(self.name, _chat(at)), again=True), Gone):
                return Gone()
            report("telegram.look_failed", "nothing", error)
            return None
        is_place = is_channel or chat.type in (ChatType.GROUP, ChatType.SUPERGROUP)
        if not is_place or member is None or not rights.is_in(member):
            return Gone()
        return Look(
            Server(self.name, _chat(at)),
            name=chat.title or "",
            server_name=chat.title or "",
            missing=rights.missing(chat, member, needs),
            open=True,  # whoever is in a group reads all of its topics
            start=start,
            one_way=is_channel,
        )

    async def _itself(self, chat: str, *, is_channel: bool) -> ChatMember | None:
        """Ask what the bot is in a chat. Raises FAULTS.

        Anybody may see what a public channel is. Who is in it Telegram tells its administrators alone, and a bot is one
        or not in it: None where it is not told.
        """
        try:
            return await self._bot.get_chat_member(chat, self._bot.id)
        except Rejected as error:
            if is_channel and error.code in (400, 403):
                return None
            raise

    # Connecting

    async def _greet(self) -> None:
        """Make ourselves known: is the token good, how do updates come, what is in the menu? Raises FAULTS."""
        await self._bot.initialize()
        if not self._listens:
            self._greeted = True
            return
        if self._webhook:
            await self._bot.set_webhook(
                self._webhook.url, secret_token=self._webhook.secret, allowed_updates=updates.ALLOWED
            )
        else:
            await self._bot.delete_webhook()
        listing = self._core.listing("en")
        self._hands.listed = {command.name: command.link for command in listing}
        try:
            await show_commands(self._bot, listing, self._core.words("cancel", None))
        except FAULTS as error:
            report("telegram.menu_failed", "unchanged", error)
        self._greeted = True

    async def _listen_in_turn(self) -> None:
        """Listen. Whoever's turn it is next hears again of what is not done then, and answers it."""
        try:
            await self._listen()
        finally:
            if not self._stopping:
                self._hands.let_go()

    async def _listen(self) -> None:
        """Until cancelled: ask for updates, handle them all, and only then ask for what comes after them.

        With a webhook, ask now and then whether they get there.
        """
        tries = offset = 0
        while True:
            try:
                if not self._greeted:
                    await self._greet()
                if not self._listens:
                    self._set_connected(True)
                    return
                if self._webhook:
                    self._set_connected(await self._is_called(self._webhook))
                    tries = 0
                    await asyncio.sleep(CHECK)
                    continue
                # After a fault ask for what is there now: the answer shows at once that all is well again.
                batch = await self._bot.get_updates(
                    offset=offset, timeout=POLL if self._connected else 0, allowed_updates=updates.ALLOWED
                )
            except FAULTS as error:
                self._set_connected(False)
                if isinstance(error, Rejected) and error.code == 409:
                    await asyncio.sleep(self._gives_way(error))
                    continue
                self._request.careful = not isinstance(error, TelegramError)
                report("telegram.not_connected", "later", error)
                await asyncio.sleep(_pause(error, tries))
                tries += 1
                continue
            tries = 0
            self._request.careful = False
            self._set_connected(True)
            if batch:
                await asyncio.wait([self._hands.take(update) for update in batch])
                offset = max(update.update_id for update in batch) + 1

    def _gives_way(self, error: Rejected) -> float:
        """Return for how many seconds to ask for nothing: another process does so with this token.

        Whoever asks ends what the other one waits for. So we would fight over it, and each would hear of half.
        """
        now = time.monotonic()
        self._conflicts = [at for at in self._conflicts if now - at < WITHIN] + [now]
        if len(self._conflicts) < CONFLICTS:
            report("telegram.conflict", "later", error)
            return SLOWEST
        self._conflicts.clear()
        log.error("telegram.conflict", extra={"platform": self.name, "outcome": "stopped"})
        return GIVEN_WAY

    async def _is_called(self, webhook: Webhook) -> bool:
        """Ask Telegram whether the webhook is still the one to call, and is reached. Raises FAULTS."""
        info = await self._bot.get_webhook_info()
        failed = info.last_error_date
        waits = info.pending_update_count > 0 and failed is not None and failed > self._brought
        return info.url == webhook.url and not waits

    def _set_connected(self, yes: bool) -> None:
        if yes != self._connected:
            self._connected = yes
            self._core.connected(self.name, yes)
            log.info("telegram.connection", extra={"platform": self.name, "outcome": "up" if yes else "down"})

    async def _receive(self, request: web.Request) -> web.Response:
        """Take one update that Telegram brings: 200 once it is done, 503 where it has to come again."""
        if not (self._webhook and self._webhook.admits(request)):
            return web.Response(status=401)
        if self._stopping or not self._greeted:
            return web.Response(status=503)
        try:
            update = Update.de_json(await request.json(), self._bot)
        except FAULTS as error:
            # It would be as unreadable the next time, and hold up all behind it.
            report("telegram.update_unreadable", "dropped", error)
            return web.Response()
        self._brought = self._clock.now()
        task = self._hands.take(update)
        await asyncio.wait({task})
        return web.Response(status=503 if task.cancelled() else 200)


def _chat(at: Place | Server) -> str:
    return at.id if isinstance(at, Server) else at.channel


def _pause(error: Exception, tries: int) -> float:
    """Return how many seconds to wait before trying to connect again."""
    if isinstance(error, Rejected) and error.retry_after:
        return error.retry_after
    if isinstance(error, Rejected) and error.code in (401, 404):
        return SLOWEST
    return min(SLOWEST, 0.5 * 2 ** min(tries, 10)) * SystemRandom().uniform(0.5, 1)
