"""The preview as an adapter: a page on which two members, the coaches' desk and a community speak with Unsent.

It needs no token and nothing from outside. Its transcript lives in memory; what Unsent knows is where it always is.
"""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from urllib.parse import quote

from aiohttp import web

from bot import wire
from bot.adapter import (
    Core,
    Delete,
    Delivery,
    Edit,
    Gone,
    ListedCommand,
    Look,
    Need,
    OpenThread,
    Outcome,
    Sample,
    Send,
    Sent,
)
from bot.adapters.preview.guard import Guard, Handler, read, text, texts
from bot.adapters.preview.seats import (
    DESK,
    NAME,
    PANES,
    PEOPLE,
    PLACES,
    SERVER,
    TOWN,
    Pane,
    listed,
    roles,
    seat_of,
)
from bot.adapters.preview.streams import Streams
from bot.adapters.preview.transcript import Entry, Transcript
from bot.adapters.preview.view import HERE, entry_json, environment, form_json, options_form, picture
from bot.clock import Clock
from bot.model import JSON, TEXT, Account, Button, Call, Form, Menu, Place, Ref, Reply, Role, Server, place_value

LOCALE = "en"
CLOCK = "clock"  # the name under which a moved clock is told to the page, beside the channels
ALL = "all"  # of the deck, beside its headings
STATIC = ("page.css", "page.js", "icon.svg")
MOST_MINUTES = 366 * 24 * 60
COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)

T = TypeVar("T", Button, Menu)


class Preview:
    """The adapter, and the routes of its page.

    `moved` is called after someone moved the clock, `samples` when `/preview/deck` is looked at. Beside loopback names
    the page answers to those in `allow_hosts`.
    """

    name = NAME
    at_once = 8

    def __init__(
        self,
        core: Core,
        *,
        clock: Clock,
        moved: Callable[[], None],
        samples: Callable[[], Sequence[Sample]] = tuple,
        allow_hosts: tuple[str, ...] = (),
    ) -> None:
        self._core = core
        self._clock = clock
        self._moved = moved
        self._samples = samples
        self._guard = Guard(allow_hosts)
        self._transcript = Transcript(PLACES)
        self._templates = environment(self._words)
        self._streams = Streams(self._transcript, clock)
        self._open = False
        self._in_hand: set[asyncio.Future[None]] = set()

    @property
    def token(self) -> str:
        """What a script sends as `X-Unsent-Token` with each request to the JSON API."""
        return self._guard.token

    def routes(self) -> list[web.RouteDef]:
        """Return the page's routes, for the app's web server."""
        guard = self._guard
        return [
            web.get("/", guard(self._page)),
            web.get("/preview/pane/{pane}", guard(self._pane)),
            web.get("/preview/deck", guard(self._deck)),
            web.get("/preview/events", guard(self._streams.serve)),
            web.get("/preview/file/{message}/{index:[0-9]{1,2}}", guard(self._file)),
            web.get("/preview/static/{name}", guard(self._static)),
            web.get("/preview/api/messages", guard(self._messages, token=True)),
            *(
                web.post(f"/preview/api/{name}", guard(self._taking(handler), token=True))
                for name, handler in (
                    ("say", self._say),
                    ("press", self._press),
                    ("choose", self._choose),
                    ("submit", self._submit),
                    ("dismiss", self._dismiss),
                    ("clock", self._move_clock),
                )
            ),
        ]

    async def start(self) -> None:
        """Open the page."""
        self._open = self._streams.open = True
        self._core.connected(NAME, True)

    async def stop(self) -> None:
        """Take no more, finish what is in hand, end the streams."""
        self._open = self._streams.open = False
        self._streams.wake()
        if self._in_hand:
            await asyncio.wait(set(self._in_hand))
        self._core.connected(NAME, False)

    async def deliver(self, what: Delivery) -> Outcome:
        """Do one thing in the transcript and say what came of it."""
        outcome = self._delivered(what)
        self._streams.wake()
        return outcome

    async def authority(self, account: Account, at: Place | Server, coach: str | None = None) -> frozenset[Role]:
        """Everybody is in the page's server, Rowan runs it, Rowan and Noor sit at the desk. There are no roles."""
        return roles(account, at) - ({Role.COACH} if coach else frozenset[Role]())

    async def look(self, at: Place | Server, needs: frozenset[Need]) -> Look | Gone | None:
        """Nothing is ever missing here."""
        server_name = self._words("community")
        if isinstance(at, Server):
            return Look(SERVER, server_name, server_name) if at == SERVER else Gone()
        named = self._words(f"tab-{at.channel}") if at in (DESK, TOWN) else None
        return Look(SERVER, named, server_name, open=at == TOWN) if named else Gone()

    def _delivered(self, what: Delivery) -> Outcome:
        now, transcript = self._clock.now(), self._transcript
        match what:
            case Send(place, reply, nonce) if transcript.knows(place):
                return Sent((transcript.once(nonce, place, now, self._listed(reply)),))
            case OpenThread(on=Ref() as on) if on.place.thread is not None and transcript.holds(on):
                return Sent((on,))  # in a thread it can be answered as it is
            case OpenThread(place, name, on) if transcript.knows(place) and (on is None or transcript.holds(on)):
                return Sent((transcript.open_thread(place, now, name, on),))
            case Edit(ref, reply) if transcript.edit(ref, self._listed(reply)):
                return Sent((ref,))
            case Delete(ref) if transcript.delete(ref):
                return Sent()
            case _:
                return Gone()

    # What a person sees

    async def _page(self, _request: web.Request) -> web.Response:
        return self._html(
            "page.html",
            token=self._guard.token,
            version=self._streams.version,
            now=self._clock.now(),
            panes=[self._shown(pane, pane.people[0]) for pane in PANES.values()],
        )

    async def _pane(self, request: web.Request) -> web.Response:
        pane = PANES.get(request.match_info["pane"])
        account = PEOPLE.get(request.query.get("account", ""))
        if pane is None or account not in pane.people:
            raise web.HTTPNotFound
        return self._html("pane.html", pane=self._shown(pane, account))

    async def _deck(self, request: web.Request) -> web.Response:
        """Show what Unsent says some day, under one heading or all of it, as every platform shows it."""
        samples = self._samples()
        headings = list(dict.fromkeys(sample.heading for sample in samples))
        wanted = request.query.get("of") or next(iter(headings), "")
        shown = [sample for sample in samples if wanted in (sample.heading, ALL)]
        return self._html("deck.html", headings=[*headings, ALL], wanted=wanted, samples=shown)

    async def _static(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        return web.FileResponse(HERE / "static" / name)

    async def _file(self, request: web.Request) -> web.Response:
        file = self._transcript.file(request.match_info["message"], int(request.match_info["index"]))
        if file is None:
            raise web.HTTPNotFound
        response = web.Response(body=file.data, content_type=picture(file) or "application/octet-stream")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return response

    async def _messages(self, request: web.Request) -> web.Response:
        account, place = _seat(dict(request.query))
        return web.json_response(
            {"messages": [entry_json(e) for e in self._transcript.seen(place.channel, account.id)]}
        )

    # What a person does

    async def _say(self, body: JSON) -> JSON:
        account, place = _seat(body)
        said = text(body, "text").strip()
        if not said or len(said) > TEXT or not self._transcript.knows(place):
            raise web.HTTPBadRequest
        typed = COMMAND.fullmatch(said)
        action, rest = (typed[1].lower(), typed[2] or "") if typed else ("", said)
        only = self._only(action, account, place) if typed else None
        self._transcript.heard(place, self._clock.now(), account.id, said, only)
        self._streams.wake()
        if not typed and not place.private:
            return {"form": None}  # what people say to each other in a channel is not for Unsent, as elsewhere
        command = next((c for c in self._core.listing(LOCALE) if c.name == action), None)
        if command and (form := options_form(command, rest)):
            return self._form(form, f"/{action}")
        return await self._take(replace(_call(account, place), action=action, text=rest))

    async def _press(self, body: JSON) -> JSON:
        account, entry = self._entry(body)
        button = next(_named(entry, Button, text(body, "id")), None)
        if button is None:
            raise web.HTTPGone(text=self._words("gone"))
        return await self._take(replace(_call(account, entry.place, entry.ref), action=button.action, args=button.args))

    async def _choose(self, body: JSON) -> JSON:
        account, entry = self._entry(body)
        value, menus = text(body, "value"), _named(entry, Menu, text(body, "id"))
        menu = next((menu for menu in menus if value in {option.value for option in menu.options}), None)
        if menu is None:
            raise web.HTTPGone(text=self._words("gone"))
        return await self._take(
            replace(_call(account, entry.place, entry.ref), action=menu.action, args=(*menu.args, value))
        )

    async def _submit(self, body: JSON) -> JSON:
        account, place = _seat(body)
        form, values = text(body, "form"), texts(body, "values")
        opener = self._transcript.find(place.channel, str(body.get("message")), account.id)
        call = _call(account, opener.place if opener else place, opener.ref if opener else None)
        if form.startswith("/"):  # a command's options: those left empty were not given
            given = {name: value for name, value in values.items() if value}
            return await self._take(replace(call, action=form[1:], values=given))
        unpacked = wire.unpack(form)
        if unpacked is None:
            raise web.HTTPBadRequest
        return await self._take(replace(call, action=unpacked[0], args=unpacked[1], values=values))

    async def _dismiss(self, body: JSON) -> JSON:
        account, entry = self._entry(body)
        if entry.only == account.id:
            self._transcript.delete(entry.ref)
        return {}

    async def _move_clock(self, body: JSON) -> JSON:
        minutes = body.get("minutes")
        if type(minutes) is not int or not 0 < minutes <= MOST_MINUTES:
            raise web.HTTPBadRequest
        self._clock.move(timedelta(minutes=minutes))
        self._transcript.touch(CLOCK)
        self._moved()
        return {"now": self._clock.now().isoformat()}

    # How it is done

    def _taking(self, handler: Callable[[JSON], Awaitable[JSON]]) -> Handler:
        """Return a handler that reads JSON and writes JSON, and that `stop` waits for."""

        async def take(request: web.Request) -> web.Response:
            body = await read(request)
            if not self._open:
                raise web.HTTPServiceUnavailable
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._in_hand.add(done)
            try:
                return web.json_response(await handler(body))
            finally:
                self._in_hand.discard(done)
                done.set_result(None)
                self._streams.wake()

        return take

    async def _take(self, call: Call) -> JSON:
        """Let a Call take effect and show what comes back; return the form to open, if that is what came."""
        answer = await self._core.handle(call, modals=True)
        shown: JSON = {"form": None}
        if isinstance(answer, Form):
            shown = self._form(answer, answer.id)
        elif answer:
            self._show(call, answer)
        if answer:
            self._core.given(call)
        return shown

    def _show(self, call: Call, reply: Reply) -> None:
        """Put a Reply where its Call was made; what is for one person alone is never in what all see."""
        only = self._only(call.action, call.account, call.place)
        reply = self._listed(reply)
        pressed = call.message and self._transcript.find(call.place.channel, call.message.message, call.account.id)
        if reply.edit and pressed and (only is None or pressed.only):
            self._transcript.edit(pressed.ref, reply)
        else:
            self._transcript.post(call.place, self._clock.now(), reply, only)

    def _listed(self, reply: Reply) -> Reply:
        return listed(reply, lambda place: self._words(f"tab-{place.channel}"))

    def _only(self, action: str, account: Account, place: Place) -> str | None:
        """Return whose eyes alone an answer to `action` is for, or None where all of `place` may see it."""
        alone = self._core.private(action) or self._core.quiet(action)
        return account.id if not place.private and alone else None

    def _form(self, form: Form, form_id: str) -> JSON:
        html = self._templates.get_template("form.html").render(form=form, form_id=form_id)
        return {"form": form_json(form, form_id), "html": html}

    def _entry(self, body: JSON) -> tuple[Account, Entry]:
        """Return who acts, and the message acted on. Raises HTTPGone where they do not see it."""
        account, place = _seat(body)
        entry = self._transcript.find(place.channel, text(body, "message"), account.id)
        if entry is None:
            raise web.HTTPGone(text=self._words("gone"))
        return account, entry

    def _shown(self, pane: Pane, account: Account) -> JSON:
        place = pane.place_of(account)
        return {
            "id": pane.id,
            "people": pane.people,
            "account": account,
            "place": place_value(place),
            "private": place.private,
            "entries": self._transcript.shown(place.channel, account.id),
            "commands": self._commands(account, place),
        }

    def _commands(self, account: Account, place: Place) -> list[ListedCommand]:
        theirs = {Role.ANYONE, Role.MEMBER} | (frozenset[Role]() if place.private else roles(account, place))
        return [command for command in self._core.listing(LOCALE) if command.role in theirs]

    def _html(self, template: str, **values: object) -> web.Response:
        html = self._templates.get_template(template).render(people=PEOPLE, **values)
        return web.Response(text=html, content_type="text/html")

    def _words(self, name: str, /, **values: str | int) -> str:
        return self._core.words(f"preview-{name}", LOCALE, **values)


def _call(account: Account, place: Place, message: Ref | None = None) -> Call:
    server = None if place.private else SERVER.id
    return Call(secrets.token_hex(8), account, place, server, message=message)


def _named(entry: Entry, kind: type[T], item_id: str) -> Iterator[T]:
    """Yield what has this id: two menus may have the same, one for each half of what there is to choose."""
    return (item for row in entry.rows for item in row if isinstance(item, kind) and item.id == item_id)


def _seat(body: JSON) -> tuple[Account, Place]:
    try:
        return seat_of(text(body, "account"), text(body, "place"))
    except LookupError:
        raise web.HTTPNotFound from None
