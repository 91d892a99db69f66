"""From a Call to its Reply: known and once? allowed? valid? then the handler, in one transaction."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial
from time import perf_counter
from weakref import WeakValueDictionary

from sqlalchemy import Column, ForeignKey, LargeBinary, update

from bot import arguments, clock, communities, errors, forms, outbox, people
from bot.adapter import Listing
from bot.asked import Asked, Asker
from bot.cog import Answer, Context, Handler
from bot.errors import UserError
from bot.forms import Forms
from bot.house import House
from bot.model import Button, Call, Form, Happening, Reply, Role, Row, Server, length
from bot.observe import CALL_ERRORS, CALL_SECONDS, CALLS
from bot.outbox import REPLIES, Lane, Outbox
from bot.people import Member, members
from bot.store import ID, SCRUB, Instant, Sealed, Tx, table
from bot.upkeep import Upkeep
from bot.vault import INDEX_BYTES

log = logging.getLogger(__name__)

KEPT = timedelta(hours=48)  # Telegram keeps updates for 24 h, and delivers them again until then

calls = table(
    "calls",
    Column("id", LargeBinary(INDEX_BYTES), primary_key=True),
    Column("member", ID, ForeignKey(members.c.id, ondelete="CASCADE"), index=True),  # none for a coach
    Column("at", Instant, nullable=False, index=True),  # rounded to the hour
    Column("reply", Sealed(4096)),  # until it is given
)


class Dispatch:
    """The Core that adapters talk to."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._upkeep = Upkeep(house)
        self._asker = Asker(house)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._given: set[bytes] = set()

    # -- what adapters ask about declarations

    def listing(self, locale: str) -> Listing:
        """See Core."""
        return self._house.registry.listing(self._house.texts.locale(locale))

    def private(self, action: str) -> bool:
        """See Core. Words alone, and the fields of a form, are answered where they are said."""
        if not action or action in forms.ACTIONS:
            return False
        handler = self._house.registry.handlers.get(action)
        return handler is None or handler.private

    def quiet(self, action: str) -> bool:
        """See Core."""
        handler = self._house.registry.handlers.get(action)
        return handler is not None and handler.quiet

    def takes_replies(self, action: str) -> bool:
        """See Core."""
        handler = self._house.registry.handlers.get(action)
        return handler is not None and handler.replied

    def opens_form(self, action: str) -> bool:
        """See Core."""
        handler = self._house.registry.handlers.get(action)
        return handler is not None and handler.opens_form

    def words(self, key: str, locale: str | None, **values: str | int) -> str:
        """See Core."""
        return self._house.texts.say(locale, "core", key, **values)

    def connected(self, platform: str, yes: bool, part: str = "") -> None:
        """See Core."""
        self._house.health.set(platform, connected=yes, part=part)

    # -- Calls

    async def handle(self, call: Call, *, modals: bool) -> Reply | Form | None:
        """See Core. Calls of one person are taken in order, of different people side by side."""
        key = f"{call.account.platform}:{call.account.id}"
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with turn:
            started = perf_counter()
            handler = self._house.registry.handlers.get(call.action)
            try:
                answer = await self._answer(call, handler, modals)
            except UserError as error:
                await self._afterwards("noticed", self._noticed(call))
                locale = error.locale or call.account.locale
                return Reply(self.words(error.key, locale, **error.values), self._again(call, locale))
            except Exception as error:  # noqa: BLE001 # whatever a handler does wrong, the person gets an answer
                await self._afterwards("noticed", self._noticed(call))
                return self._apologise(call, handler, error)
            CALL_SECONDS.observe(perf_counter() - started)
            CALLS.labels(call.account.platform, handler.id if handler else "words").inc()
            return answer

    def given(self, call: Call) -> None:
        """See Core. It is written down with the next housekeeping: until then a crash may give it twice."""
        self._given.add(self._call_key(call))

    async def later(self, call: Call, reply: Reply) -> None:
        """See Core. Nothing is kept for someone who has not joined: they will ask again.

        Nor is what edits a message that others see: the feature has it in the outbox.
        """
        private = self.private(call.action) or call.place.private
        if reply.edit and not private:
            return
        place = call.account.private if private else call.place

        async def keep(tx: Tx) -> None:
            member = await people.find(tx, self._house.vault, call.account)
            if private and member is None:
                return
            name = f"reply-{self._call_key(call).hex()}"
            owner = member.id if private and member else None
            await Outbox(tx, self._house.clock.now()).send(place, reply, name=name, lane=Lane.ANSWER, member=owner)
            await self._forget_replies(tx, [self._call_key(call)])

        await self._house.store.write(keep)

    async def start_payload(self, call: Call) -> str:
        """See Core."""
        handler = self._house.registry.handlers.get(call.action)
        if handler is None or not handler.link or call.server is None:
            return call.action
        if handler.link == "server":
            return f"{call.action}-{call.server.replace('-', 'n')}"
        server = Server(call.place.platform, call.server)
        community = await self._house.store.glance(lambda tx: communities.at(tx, server))
        return f"{call.action}-{community.id}" if community else call.action

    async def happened(self, happening: Happening) -> None:
        """See Core."""
        await self._upkeep.happened(happening)

    async def tidy(self) -> None:
        """Drop what is over: replies that were given, old ids of Calls, abandoned forms, old refs."""
        given = list(self._given)
        now = self._house.clock.now()

        async def drop(tx: Tx) -> None:
            await self._forget_replies(tx, given)
            await tx.delete(calls, calls.c.at < now - KEPT)
            await tx.delete(forms.forms, forms.forms.c.at < now - forms.KEPT)
            sent = outbox.sent.c
            await tx.delete(outbox.sent, sent.member.is_not(None), sent.at < now - outbox.FORGET_REFS_AFTER)

        await self._house.store.write(drop)
        self._given.difference_update(given)  # not before: a Call that comes meanwhile would be given its answer again

    async def leave(self) -> None:
        """Write down what was given until now: a platform that brings a Call again after the restart has its answer."""
        await self._afterwards("tidy", self.tidy())

    # -- one Call, step by step

    async def _answer(self, call: Call, handler: Handler | None, modals: bool) -> Reply | Form | None:
        answer, member = await self._at_once(call, handler) or await self._asking(call, handler, modals)
        if member is not None:
            await self._notice(call, member)
        return answer

    async def _at_once(self, call: Call, handler: Handler | None) -> tuple[Reply | Form | None, Member | None] | None:
        """Return the answer and who it is for, where a glance is enough and no platform has to be asked; else None."""
        if handler is None or not handler.glances:
            return None

        async def glance(tx: Tx) -> tuple[Reply | Form | None, Member | None] | None:
            asked = await self._asker.at_once(tx, call, handler)
            return None if asked is None else await self._look(tx, call, handler, asked)

        return await self._house.store.glance(glance)

    async def _asking(
        self, call: Call, handler: Handler | None, modals: bool
    ) -> tuple[Reply | Form | None, Member | None]:
        """Return the answer and who it is for, once the platform was asked what has to be known."""
        asked = await self._asker.ask(call, handler)
        filled = not modals or call.values or call.text
        opens = handler is not None and handler.opens_form and not filled and not handler.opening_writes
        if handler is None or (handler.writes and not opens):
            once = partial(self._once, call=call, handler=handler, asked=asked, modals=modals)
            answer, member, scrub = await self._house.store.write(once)
            if scrub:
                await self._afterwards("scrub", self._house.store.scrub())
            return answer, member
        look = partial(self._look, call=call, handler=handler, asked=asked)
        return await (self._house.store.glance if handler.glances else self._house.store.read)(look)

    async def _afterwards(self, job: str, work: Awaitable[None]) -> None:
        """Do what follows a Call that has taken effect: what goes wrong now changes nothing of its answer."""
        try:
            await work
        except Exception as error:
            log.exception("afterwards-failed", extra={"job": job, "error": type(error).__name__})

    async def _look(
        self, tx: Tx, call: Call, handler: Handler, asked: Asked
    ) -> tuple[Reply | Form | None, Member | None]:
        member = await people.find(tx, self._house.vault, call.account)
        return await self._run(await self._context(tx, call, handler, member, asked), handler), member

    async def _once(
        self, tx: Tx, call: Call, handler: Handler | None, asked: Asked, modals: bool
    ) -> tuple[Reply | Form | None, Member | None, bool]:
        """Return the answer, who it is for, and whether there is something to scrub."""
        key = self._call_key(call)
        member = await people.find(tx, self._house.vault, call.account)
        if known := await tx.row(calls, id=key):
            waits = known["reply"] and key not in self._given
            return (REPLIES.validate_python(known["reply"]) if waits else None), member, False
        ctx = await self._context(tx, call, handler, member, asked)
        half = Forms(tx, self._house.vault, self._house.texts, call, ctx.locale, ctx.now)
        answer = await self._words(ctx, half, asked) if handler is None else await self._run(ctx, handler)
        if isinstance(answer, Form) and not modals:
            answer = await half.begin(answer, ctx.member)
        if ctx.member is not None or asked.roles:
            owner = ctx.member.id if ctx.member else None
            # What a coach's press changes at the desk, the outbox says too; kept here, no erasure would reach its text.
            kept = None if not isinstance(answer, Reply) or (answer.edit and Role.COACH in asked.roles) else answer
            reply = REPLIES.dump_python(kept, mode="json") if kept else None
            await tx.insert(calls, id=key, member=owner, at=clock.floor_hour(ctx.now), reply=reply)
        return answer, ctx.member, SCRUB in tx.notes

    async def _words(self, ctx: Context, half: Forms, asked: Asked) -> Reply | Form | None:
        """Answer what is no command of ours: a field of an open form, or words that nothing waits for."""
        if ctx.call.action not in ("", *forms.ACTIONS):
            return Reply(self.words("unknown-command", ctx.locale))
        if ctx.call.attached:  # what is awaited is still awaited
            raise UserError("core.form-words-only" if await half.submits() else "core.text-only")
        taken = await half.take(ctx.member)
        if isinstance(taken, Call):
            handler = self._house.registry.handlers[taken.action]
            return await self._run(await self._context(ctx.tx, taken, handler, ctx.member, asked), handler)
        if taken is None and (ctx.call.action or ctx.call.args):
            # In a group it may be another one's question, and still open.
            return Reply(self.words("form-gone", ctx.locale), edit=ctx.call.place.private)
        if taken is not None or not ctx.call.place.private:
            return taken
        if ctx.member is None:
            return await self._run(ctx, self._house.registry.handlers["join"])
        doors = (("ask-a-coach", "ask"), ("help-lines", "crisis"), ("help", "help"))
        buttons = tuple(Button(self.words(key, ctx.locale), action) for key, action in doors)
        return Reply(self.words("did-not-catch", ctx.locale), (buttons,))

    def _again(self, call: Call, locale: str | None) -> tuple[Row, ...]:
        """Return what lets the next try answer what was wrong with this one, as it may the question."""
        if call.action or not call.args:
            return ()
        return ((Button(self.words("form-cancel", locale), forms.CANCEL, call.args[:1]),),)

    async def _run(self, ctx: Context, handler: Handler | None) -> Answer:
        assert handler is not None  # noqa: S101 # an unknown action takes the writing path
        try:
            return await self._allowed(ctx, handler)
        except UserError as error:
            error.key = error.key if "." in error.key else f"{handler.cog}.{error.key}"
            error.locale = ctx.locale
            raise

    async def _allowed(self, ctx: Context, handler: Handler) -> Answer:
        if handler.access is Role.MEMBER and ctx.member is None:
            return Reply(self.words("join-first", ctx.locale), ((Button(self.words("join", ctx.locale), "join"),),))
        if handler.access is Role.OWNER and ctx.community is None and arguments.server(handler, ctx.call) is None:
            raise UserError("core.no-community")
        if handler.access in (Role.COACH, Role.OWNER) and handler.access not in ctx.roles:
            raise UserError(f"core.only-{handler.access}")
        call = ctx.call
        if handler.form is not None and not call.values:
            form = handler.form if isinstance(handler.form, Form) else await handler.form(ctx)
            if isinstance(form, Reply):
                return form
            form = self._house.registry.form(handler, form, ctx.locale)
            if not (call.text and len(form.fields) == 1):
                return form if form.args else Form(form.title, form.fields, form.submit, call.args)
            field = form.fields[0]
            if length(call.text) > field.max:
                raise UserError("core.form-too-long", length=length(call.text), max=field.max)
            ctx.call = call = Call(
                call.id, call.account, call.place, call.server, handler.id, call.args, {field.name: call.text}
            )
        return await handler.run(ctx, **arguments.bind(handler.params, call, ctx))

    async def _context(
        self, tx: Tx, call: Call, handler: Handler | None, member: Member | None, asked: Asked
    ) -> Context:
        locale = member.locale if member else call.account.locale
        look_up, about_member = partial(self._asker.community, tx, call, handler), _is_about_its_member(handler, call)
        community = None
        if not about_member:
            is_for_some = handler is not None and handler.access in (Role.COACH, Role.OWNER)
            only_told = handler is not None and not handler.writes and not is_for_some
            community = (asked.about if only_told else None) or await look_up()
            if handler is not None and is_for_some:
                await self._asker.check_unchanged(tx, call, handler, community, asked)
        return Context(
            **vars(self._house.work(tx)),
            call=call,
            member=member,
            t=self._house.texts.speaker(locale, handler.cog if handler else "core"),
            listing=self.listing(locale or ""),
            community=community,
            roles=asked.roles,
            found=asked.found,
            look_up=look_up if about_member else None,
        )

    async def _notice(self, call: Call, member: Member) -> None:
        """Note, once a day, that a member is here, and that they can be reached again where they could not."""
        vault, now = self._house.vault, self._house.clock.now()
        if member.seen != member.today(now):
            see = self._house.store.write(lambda tx: people.see(tx, vault, call.account, now))
            await self._afterwards("seen", see)
        if member.unreachable:
            await self._afterwards("returned", self._returned(call, member))

    async def _noticed(self, call: Call) -> None:
        """Do so for whoever calls, though what they asked for came to nothing."""
        member = await self._house.store.glance(lambda tx: people.find(tx, self._house.vault, call.account))
        if member is not None:
            await self._notice(call, member)

    async def _returned(self, call: Call, member: Member) -> None:
        """Someone who could not be reached speaks again: what was held for them goes out."""

        async def release(tx: Tx) -> None:
            await people.set_unreachable(tx, self._house.vault, call.account, unreachable=False)
            work = self._house.work(tx)
            for cog in self._house.registry.cogs:
                for returned in cog.returners:
                    await returned(work, member)

        await self._house.store.write(release)

    def _apologise(self, call: Call, handler: Handler | None, error: Exception) -> Reply:
        reference = errors.reference()
        action = handler.id if handler else "words"
        log.exception("call-failed", extra={"action": action, "error": type(error).__name__, "reference": reference})
        CALL_ERRORS.labels(call.account.platform).inc()
        return Reply(self.words("our-fault", call.account.locale, reference=reference))

    def _call_key(self, call: Call) -> bytes:
        return self._house.vault.index("call", f"{call.account.platform}:{call.id}")

    async def _forget_replies(self, tx: Tx, keys: list[bytes]) -> None:
        if keys:
            await tx.execute(update(calls).where(calls.c.id.in_(keys)).values(reply=None))


def _is_about_its_member(handler: Handler | None, call: Call) -> bool:
    """Tell whether a Call is about the member who makes it, in all their communities: see Context."""
    if handler is None or handler.access is not Role.MEMBER:
        return False
    return "community" not in arguments.of_id(handler.params, call)
