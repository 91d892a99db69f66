"""From a Call to its Reply: known and once? allowed? valid? then the handler, in one transaction."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from time import perf_counter
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Column, ForeignKey, LargeBinary, update

from bot import clock, communities, errors, forms, outbox, people
from bot.adapter import ListedCommand
from bot.cog import Answer, Asking, Context, Handler, Param
from bot.communities import Community, Spot
from bot.errors import UserError
from bot.forms import Forms
from bot.house import House
from bot.model import Button, Call, Form, Happening, Place, Reply, Role, Row, Server, length
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


@dataclass(frozen=True)
class Asked:
    """What was asked of the platform before a Call's transaction, and about which community; see Context."""

    roles: frozenset[Role] = frozenset()
    found: object = None
    about: Community | None = None
    named: bool = False


class Dispatch:
    """The Core that adapters talk to."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._upkeep = Upkeep(house)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._given: set[bytes] = set()

    # -- what adapters ask about declarations

    def listing(self, locale: str) -> tuple[ListedCommand, ...]:
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
        asked = await self._ask(call, handler)
        filled = not modals or call.values or call.text
        opens = handler is not None and handler.opens_form and not filled and not handler.opening_writes
        if handler is None or (handler.writes and not opens):
            once = partial(self._once, call=call, handler=handler, asked=asked, modals=modals)
            answer, member, scrub = await self._house.store.write(once)
            if scrub:
                await self._afterwards("scrub", self._house.store.scrub())
        else:
            look = partial(self._look, call=call, handler=handler, asked=asked)
            read = self._house.store.glance if handler.glances else self._house.store.read
            answer, member = await read(look)
        if member is not None:
            await self._notice(call, member)
        return answer

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
        if handler.access is Role.OWNER and ctx.community is None and _server(handler, ctx.call) is None:
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
        return await handler.run(ctx, **_bind(handler.params, call, ctx))

    async def _ask(self, call: Call, handler: Handler | None) -> Asked:
        """Ask the platform, before the transaction, what the handler has to know."""
        if handler is None and (filling := await self._filling(call)) is not None:
            call, handler = filling
        if handler is None or not (handler.access in (Role.COACH, Role.OWNER) or handler.asks_roles or handler.asks):
            return Asked()
        community, named = None, False
        if _server(handler, call) or "community" in _arguments(handler.params, call):
            community, named = await self._house.store.glance(partial(self._about, call=call, handler=handler))
        roles = frozenset[Role]()
        if handler.access is Role.OWNER or handler.asks_roles:
            roles |= await self._runs(call, handler, community)
        if handler.access is Role.COACH or handler.asks_roles:
            roles |= await self._coaches(call, handler, community, named)
        if handler.asks is None or (handler.access in (Role.COACH, Role.OWNER) and handler.access not in roles):
            return Asked(roles, None, community, named)
        asking = Asking(call, community, _arguments(handler.params, call), self._house.adapters)
        return Asked(roles, await handler.asks(asking), community, named)

    async def _about(self, tx: Tx, call: Call, handler: Handler) -> tuple[Community | None, bool]:
        """Return what a Call is about, and whether whoever calls was named as a coach there."""
        community = await self._community(tx, call, handler)
        return community, await self._is_named(tx, call, handler, community)

    async def _is_named(self, tx: Tx, call: Call, handler: Handler, community: Community | None) -> bool:
        """Tell whether whoever calls was named as a coach, where a coach would call from: it is of no use elsewhere."""
        if community is None or _desk(call, handler, community) is None:
            return False
        return await communities.is_named(tx, self._house.vault, community.id, call.account)

    async def _filling(self, call: Call) -> tuple[Call, Handler] | None:
        """Return what the words of `call` are to fill, and its handler, so that authority is asked beforehand."""
        if call.action not in ("", *forms.ACTIONS):
            return None
        house = self._house
        now = house.clock.now()
        submits = await house.store.glance(lambda tx: Forms(tx, house.vault, house.texts, call, None, now).submits())
        handler = house.registry.handlers.get(submits[0]) if submits else None
        return (replace(call, action=submits[0], args=submits[1]), handler) if submits and handler else None

    async def _runs(self, call: Call, handler: Handler, community: Community | None) -> frozenset[Role]:
        """Ask who runs the servers and groups that people join the community from or, where there is none, this one.

        What the platform has told with the Call is not asked again.
        """
        platform = call.place.platform
        if community is not None:
            servers = [home for home in community.homes if home.platform == platform]
        else:
            servers = [Server(platform, server)] if (server := _server(handler, call)) else []
        if call.runs is not None and not call.place.private:
            here = Server(platform, call.server or "")
            if call.runs and here in servers:
                return frozenset({Role.OWNER})
            servers = [server for server in servers if server != here]
        adapter = self._house.adapters.get(platform)
        asked = [await adapter.authority(call.account, server) for server in servers] if adapter else []
        return frozenset({Role.OWNER} & frozenset[Role]().union(*asked))

    async def _coaches(self, call: Call, handler: Handler, community: Community | None, named: bool) -> frozenset[Role]:
        """Ask whether this is a coach, at the desk: of those who may write there, who has the role or was named."""
        adapter = self._house.adapters.get(call.place.platform)
        found = _desk(call, handler, community) if community is not None else None
        if adapter is None or found is None:
            return frozenset()
        desk, place = found
        if not (named or desk.role):
            return frozenset()
        return await adapter.authority(call.account, place, None if named else desk.role) & {Role.COACH}

    async def _community(self, tx: Tx, call: Call, handler: Handler | None) -> Community | None:
        """Return what a Call is about: the community it names, else that of the server it is made in or speaks of."""
        named = _arguments(handler.params, call).get("community") if handler else None
        if named:
            try:
                return await communities.load(tx, named)
            except LookupError:
                raise UserError("core.gone-community") from None
        server = _server(handler, call)
        return await communities.at(tx, Server(call.place.platform, server)) if server else None

    async def _context(
        self, tx: Tx, call: Call, handler: Handler | None, member: Member | None, asked: Asked
    ) -> Context:
        locale = member.locale if member else call.account.locale
        is_for_some = handler is not None and handler.access in (Role.COACH, Role.OWNER)
        only_told = handler is not None and not handler.writes and not is_for_some
        community = (asked.about if only_told else None) or await self._community(tx, call, handler)
        if handler is not None and is_for_some:
            await self._check_unchanged(tx, call, handler, community, asked)
        return Context(
            **vars(self._house.work(tx)),
            call=call,
            member=member,
            t=self._house.texts.speaker(locale, handler.cog if handler else "core"),
            listing=self.listing(locale or ""),
            community=community,
            roles=asked.roles,
            found=asked.found,
        )

    async def _check_unchanged(
        self, tx: Tx, call: Call, handler: Handler, community: Community | None, asked: Asked
    ) -> None:
        """Raise UserError where the community is not what it was when the platform was asked about it."""
        named = await self._is_named(tx, call, handler, community)
        if asked.about != community or named != asked.named:
            raise UserError("core.changed-meanwhile")

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


def _server(handler: Handler | None, call: Call) -> str | None:
    """Return the id of the server that a Call names, else that of the one it is made in or speaks of."""
    named = _arguments(handler.params, call).get("server") if handler else None
    return named or call.server


def _desk(call: Call, handler: Handler, community: Community) -> tuple[Spot, Place] | None:
    """Return the desk that a Call is made at, and the very place, or None where it is made at none."""
    place, server = call.place, _server(handler, call)
    if place.private and server and (from_there := community.desk_in(Server(place.platform, server))):
        place = from_there.place  # they come from there, by a link: to be told what is for them alone
    desk = community.desk_at(place)
    return None if desk is None else (desk, place)


def _arguments(params: tuple[Param, ...], call: Call) -> dict[str, str]:
    """Return the id's arguments by the parameters they fill: those that come with no value of their own, in order.

    Nobody types the hidden ones, so they are first: a button that opens a form has them before any field is filled.
    """
    rest = sorted((param for param in params if param.name not in call.values), key=lambda param: not param.hidden)
    return dict(zip((param.name for param in rest), call.args, strict=False))


def _bind(params: tuple[Param, ...], call: Call, ctx: Context) -> dict[str, Any]:
    """Give each parameter its value: by name, else from the id's arguments in order, else from what was typed."""
    given = {param.name: call.values[param.name].strip() for param in params if param.name in call.values}
    rest = [param for param in params if param.name not in given]
    given |= _arguments(params, call)
    if len(call.args) > len(rest):
        raise UserError("core.unknown-command")  # a button of another version, or forged
    text = call.text
    for param in rest[len(call.args) :]:
        if not text or param.hidden:
            break
        word, _, after = (text, "", "") if param.takes_rest else text.partition(" ")
        given[param.name], text = word, after.strip()
    bound: dict[str, Any] = {}
    for param in params:
        if given.get(param.name):
            bound[param.name] = _value(param, given[param.name], ctx)
        elif param.required:
            raise UserError("core.arg-missing", name=param.name)
        elif param.name in call.values and param.type is str:
            bound[param.name] = ""
    return bound


def _value(param: Param, text: str, ctx: Context) -> str | int | date | StrEnum:
    if issubclass(param.type, StrEnum):
        with suppress(ValueError):
            return param.type(text.casefold())
        raise UserError("core.arg-choice", name=param.name, choices=", ".join(param.choices))
    if param.type is int:
        low, high = param.arg.min, param.arg.max
        with suppress(ValueError):
            number = int(text)
            if (low is None or number >= low) and (high is None or number <= high):
                return number
        raise UserError("core.arg-number", name=param.name, min=low or 0, max=high or 999)
    if param.type is date:
        today = ctx.member.today(ctx.now) if ctx.member else ctx.now.date()
        say = ctx.texts.speaker(ctx.locale, "core")
        near = {say("word-today"): today, say("word-yesterday"): today - timedelta(days=1)}
        if text.casefold() in near:
            return near[text.casefold()]
        with suppress(ValueError, OverflowError):
            return clock.parse_date(text, today, ctx.texts.locale(ctx.locale))
        raise UserError("core.arg-date", example=today.isoformat())
    if param.arg.max is not None and length(text) > param.arg.max:
        raise UserError("core.form-too-long", length=length(text), max=param.arg.max)
    return text
