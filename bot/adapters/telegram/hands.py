"""What is done with the updates that Telegram tells: Calls of them, and the answers."""

import asyncio
import logging
from dataclasses import replace
from weakref import WeakValueDictionary

from telegram import Bot, ReplyKeyboardRemove, Update

from bot.adapter import Core, Moved, Retry, Stop, Unreachable
from bot.adapters.telegram import choosing, updates
from bot.adapters.telegram.outcomes import outcome
from bot.adapters.telegram.outgoing import Outgoing
from bot.adapters.telegram.render import Part
from bot.adapters.telegram.request import FAULTS
from bot.adapters.telegram.updates import Elsewhere, Heard, Offered, OldButton, Opened, Shared, Unnamed
from bot.model import Call, Happening, Link, Place, Reply

log = logging.getLogger(__name__)

SIDE_BY_SIDE = 50


class Hands:
    """Takes updates: those of one person one after the other, others side by side.

    `listed` are the commands by name, and how one is linked to from a group; see bot.adapter.ListedCommand.
    """

    def __init__(self, core: Core, bot: Bot, out: Outgoing) -> None:
        self.listed: dict[str, str] = {}
        self._core = core
        self._bot = bot
        self._out = out
        self._busy: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)

    def take(self, update: Update) -> asyncio.Task[None]:
        """Begin with an update; return what is done when it is."""
        task = asyncio.create_task(self._take(update))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return task

    async def finish(self, within: float) -> None:
        """Finish what is in hand within so many seconds, and let go of the rest."""
        if self._busy:
            _, late = await asyncio.wait(self._busy, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def let_go(self) -> None:
        """Let go of what is in hand."""
        for task in self._busy:
            task.cancel()

    def link(self, told: str) -> str:
        """Return the address that opens the private chat and tells us this. Raises RuntimeError before the greeting."""
        return f"https://t.me/{self._bot.username}?start={told}"

    async def _take(self, update: Update) -> None:
        person = update.effective_user.id if update.effective_user else 0
        # A lock lets its waiters in as they came, so what one person does stays in order.
        turn = self._turns.setdefault(person, asyncio.Lock())
        async with turn, self._slots:
            try:
                await self._handle(updates.read(update, self._bot.bot, self.listed, self._core.takes_replies))
            except Exception as error:  # noqa: BLE001 - one bad update never stops the others
                report("telegram.update_failed", "dropped", error)

    async def _handle(self, event: updates.Event | None) -> None:
        match event:
            case Heard(call=call) if call.action and not call.place.private and self._core.private(call.action):
                await self._aside(event)
            case Heard():
                await self._answer(event)
            case Unnamed():
                await self._ask_for_a_name(event)
            case OldButton(account=account, query=query):
                await self._acknowledge(query, text=self._core.words("unknown-command", account.locale))
            case Opened():
                await self._ask(event)
            case Elsewhere(query=query, told=told):
                await self._acknowledge(query, url=self.link(told))
            case Offered(account=account, menu=menu):
                words, label = (self._core.words(key, account.locale) for key in ("in-private", "menu-choose"))
                await self._tell(account.private, Reply(words, ((replace(menu, label=label),),)))
            case Shared():
                await self._chosen(event)
            case Happening():
                await self._core.happened(event)
            case None:
                pass

    async def _answer(self, heard: Heard) -> None:
        acknowledged = asyncio.create_task(self._acknowledge(heard.query)) if heard.query else None
        reply = await self._core.handle(heard.call, modals=False)
        if isinstance(reply, Reply):
            await self._give(heard, reply)
        if acknowledged:
            await acknowledged

    async def _give(self, heard: Heard, reply: Reply) -> None:
        call = heard.call
        try:
            await self._out.answer(call, reply, heard.message)
        except FAULTS as error:
            # A lost answer is given again: whoever asked is better served twice than not at all.
            came = outcome(error, call.place, again=True)
            report("telegram.answer_failed", type(came).__name__, error)
            if isinstance(came, Unreachable):
                await self._core.happened(Happening("blocked", call.account))
            elif isinstance(came, Retry | Moved | Stop):
                await self._core.later(call, reply)
        else:
            self._core.given(call)
            if reply.burn and call.place.private and heard.query is None:
                await self._take_away(heard)

    async def _take_away(self, heard: Heard) -> None:
        """Delete what was typed, where Telegram lets us."""
        try:
            await self._bot.delete_message(heard.call.place.channel, heard.message)
        except FAULTS as error:
            report("telegram.not_deleted", "left", error)

    async def _aside(self, heard: Heard) -> None:
        """Take something private out of a group: nothing is done, and the way to the private chat is shown."""
        call = heard.call
        if heard.query:
            # A command that needs to know where one comes from is told, as where it is typed.
            linked = not call.args and self.listed.get(call.action)
            await self._acknowledge(
                heard.query, url=self.link(await self._core.start_payload(call) if linked else heard.told)
            )
            return
        await self._take_away(heard)
        words = self._core.words("in-private", call.account.locale)
        await self._tell(call.place, Reply(words, (await self._door(call),)), heard.message)

    async def _ask_for_a_name(self, unnamed: Unnamed) -> None:
        """Tell an administrator who remains anonymous how to go on: Telegram does not say who they are."""
        call = unnamed.call
        rows = (await self._door(call),) if self._core.private(call.action) else ()
        await self._tell(call.place, Reply(self._core.words("anonymous-admin", None), rows), unnamed.message)

    async def _door(self, call: Call) -> tuple[Link]:
        """Return the button that leads from a group to the same command in private."""
        return (
            Link(self._core.words("open-chat", call.account.locale), self.link(await self._core.start_payload(call))),
        )

    async def _ask(self, opened: Opened) -> None:
        """Show the keyboard that asks for a place or a person."""
        await self._acknowledge(opened.query)
        picked = "menu-pick-channel" if opened.asked.kind == choosing.CHANNEL else "menu-pick-member"
        words, group, channel = (
            self._core.words(key, opened.account.locale) for key in (picked, "menu-a-group", "menu-a-channel")
        )
        try:
            part = Part(words, opened.asked.keyboard(group, channel))
            await self._out.post(opened.account.private, part, opened.message)
        except FAULTS as error:
            report("telegram.menu_not_shown", "dropped", error)

    async def _chosen(self, shared: Shared) -> None:
        """Take the keyboard away, find out which menu the choice is for, and make the Call of it."""
        account, opener = shared.account, choosing.opener(shared.request)
        words = Part(self._core.words("menu-taken", account.locale), ReplyKeyboardRemove())
        try:
            said = await self._out.post(account.private, words, opener)
        except FAULTS as error:
            report("telegram.choice_failed", "dropped", error)
            return
        menu = choosing.asked(said.reply_to_message, shared.request, shared.kind)
        if menu is None:
            await self._tell(account.private, Reply(self._core.words("unknown-command", account.locale)))
            return
        # Without a message to edit: the menu is far up by now, and the answer belongs where the person is looking.
        call = Call(shared.update, account, account.private, action=menu.action, args=(*menu.args, shared.value))
        await self._answer(Heard(call, opener))

    async def _tell(self, place: Place, reply: Reply, to: int | None = None) -> None:
        """Say something that is no answer to a Call; it is let go where Telegram does not take it."""
        try:
            await self._out.send(place, reply, to)
        except FAULTS as error:
            report("telegram.hint_failed", "dropped", error)

    async def _acknowledge(self, query: str, *, text: str | None = None, url: str | None = None) -> None:
        """Stop the button's spinner; whoever waited too long for that has lost nothing else."""
        try:
            await self._bot.answer_callback_query(query, text=text, url=url)
        except FAULTS as error:
            report("telegram.not_acknowledged", "dropped", error)


def report(event: str, came: str, error: Exception) -> None:
    """Note what came of a fault."""
    log.warning(event, extra={"platform": updates.PLATFORM, "outcome": came, "error": type(error).__name__})
