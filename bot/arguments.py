"""What a Call gives each parameter of what it asks for: named, from its id, or typed."""

from contextlib import suppress
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from bot import clock
from bot.cog import Context, Handler, Param
from bot.errors import UserError
from bot.model import Call, length


def server(handler: Handler | None, call: Call) -> str | None:
    """Return the id of the server that a Call names, else that of the one it is made in or speaks of."""
    named = of_id(handler.params, call).get("server") if handler else None
    return named or call.server


def of_id(params: tuple[Param, ...], call: Call) -> dict[str, str]:
    """Return the id's arguments by the parameters they fill: those that come with no value of their own, in order.

    Nobody types the hidden ones, so they are first: a button that opens a form has them before any field is filled.
    """
    if not call.args:
        return {}
    rest = sorted((param for param in params if param.name not in call.values), key=lambda param: not param.hidden)
    return dict(zip((param.name for param in rest), call.args, strict=False))


def bind(params: tuple[Param, ...], call: Call, ctx: Context) -> dict[str, Any]:
    """Give each parameter its value: by name, else from the id's arguments in order, else from what was typed.

    Raises UserError where one is missing, or is not what it has to be.
    """
    given = {param.name: call.values[param.name].strip() for param in params if param.name in call.values}
    rest = [param for param in params if param.name not in given]
    given |= of_id(params, call)
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
