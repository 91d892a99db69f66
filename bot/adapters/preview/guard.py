"""What comes in from the web: who may talk to the page, and how what they send is read."""

import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from aiohttp import web

from bot.model import JSON

TOKEN_HEADER = "X-Unsent-Token"  # noqa: S105 - the name of a header
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Refuses what did not come from the page itself, and puts our headers on every answer.

    Only loopback names and those in `allow_hosts` are served ("*" stands for every address written in numbers): a
    foreign name that was pointed at this machine (DNS rebinding) is not. The token is made anew at each start and
    stands in the page; another site cannot read it.
    """

    def __init__(self, allow_hosts: tuple[str, ...]) -> None:
        self.token = secrets.token_urlsafe(24)
        self._allowed = {name.casefold() for name in allow_hosts} | {"localhost"}

    def __call__(self, handler: Handler, *, token: bool = False) -> Handler:
        """Return `handler` behind the checks; with `token` it also asks for that."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if refusal := self.refusal(request, token=token):
                    raise web.HTTPForbidden(text=refusal)
                response = await handler(request)
            except web.HTTPException as error:
                error.headers.update(HEADERS)
                raise
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return guarded

    def refusal(self, request: web.Request, *, token: bool) -> str:
        """Say why `request` is refused, or return ""."""
        if not self._known(request.headers.get("Host", "")):
            return "This name is not one that the preview answers to."
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.headers["Host"]:
            return "This came from another page."
        if token and not secrets.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
            return "The token is missing or from before a restart: load the page again."
        return ""

    def _known(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._allowed:
            return True
        try:
            return ipaddress.ip_address(name).is_loopback or "*" in self._allowed
        except ValueError:
            return False


async def read(request: web.Request) -> JSON:
    """Return the JSON object that was sent. Raises HTTPBadRequest for anything else."""
    try:
        body = await request.json() if request.content_type == "application/json" else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest
    return cast(JSON, body)


def text(body: JSON, name: str) -> str:
    """Return the text under `name`. Raises HTTPBadRequest where there is none."""
    value = body.get(name)
    if not isinstance(value, str):
        raise web.HTTPBadRequest
    return value


def texts(body: JSON, name: str) -> dict[str, str]:
    """Return the texts by name under `name`. Raises HTTPBadRequest where there are none."""
    values = body.get(name)
    if not isinstance(values, dict):
        raise web.HTTPBadRequest
    values = cast(JSON, values)
    return {key: text(values, key) for key in values}
