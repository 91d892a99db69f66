"""Finds the cogs, checks every platform's limits before anything starts, and lists what there is."""

import importlib
import pkgutil
import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from types import ModuleType

import cogs
from bot import communities, people, wire
from bot.adapter import ListedCommand, ListedParam, Listing
from bot.cog import Cog, Handler, Param
from bot.errors import DeclarationError
from bot.model import MENU_OPTIONS, Form, Option
from bot.store import Holds
from bot.texts import DEFAULT, Texts

COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")  # Telegram: BotCommand.command; Discord: the same and more
COMMAND_HELP = 100  # Discord: description, 1-100 characters; Telegram: 1-256
COMMANDS = 100  # Discord: 100 global chat input commands; Telegram: 100 commands a scope
PARAMS = 25  # Discord: at most 25 options
CHOICE_LABEL = 100  # Discord: choice name, 1-100 characters


def discover(package: ModuleType = cogs) -> list[Cog]:
    """Return the cog of every module in `package`. Raises DeclarationError for a module without one."""
    found: list[Cog] = []
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        cog = getattr(importlib.import_module(module.name), "cog", None)
        if not isinstance(cog, Cog):
            raise DeclarationError(f"{module.name} declares no cog")
        found.append(cog)
    return found


class Registry:
    """Every cog there is, checked. Raises DeclarationError, naming the cog, where one breaks a platform's limit."""

    def __init__(self, found: Iterable[Cog], texts: Texts) -> None:
        self.cogs = tuple(found)
        self.texts = texts
        self.handlers: dict[str, Handler] = {}
        unreached = people.unreached_tables()
        for cog in self.cogs:
            for handler in cog.handlers:
                if handler.id in self.handlers:
                    raise DeclarationError(f"{cog.name}: {handler.id} is declared twice")
                self.handlers[handler.id] = handler
                self._check(cog, handler)
            self._check_tables(cog, unreached)
        self.commands = tuple(handler for handler in self.handlers.values() if handler.command)
        if len(self.commands) > COMMANDS:
            raise DeclarationError(f"{len(self.commands)} commands; {COMMANDS} are possible")
        self.jobs = {id: run for cog in self.cogs for id, run in cog.jobs.items()}
        self.settlers = {id: run for cog in self.cogs for id, run in cog.settlers.items()}
        self.only_unsent = frozenset(id for cog in self.cogs for id in cog.only_unsent)
        self.listing = lru_cache(maxsize=None)(self._listing)

    def form(self, handler: Handler, form: Form, locale: str | None) -> Form:
        """Return a declared form with its words in the language of `locale`."""
        say, key = self.texts.speaker(locale, handler.cog), f"{form.title}-form"
        fields = tuple(
            type(field)(
                field.name,
                field.label or say(f"{key}@{field.name}"),
                field.long,
                field.max,
                field.required,
                field.value,
                field.choices,
            )
            for field in form.fields
        )
        return Form(say(key), fields, form.submit, form.args)

    def _listing(self, locale: str) -> Listing:
        ordered = sorted(self.commands, key=lambda each: each.id)
        return Listing(locale, tuple(self._listed(handler, locale) for handler in ordered))

    def _listed(self, handler: Handler, locale: str) -> ListedCommand:
        say = self.texts.speaker(locale, handler.cog)
        params: list[ListedParam] = []
        for param in () if handler.opens_form else (each for each in handler.params if not each.hidden):
            choices = tuple(Option(value, say(f"{param.name}-{value}")) for value in param.choices)
            params.append(
                ListedParam(
                    param.name,
                    say(f"{handler.id}@{param.name}"),
                    param.kind,
                    param.required,
                    param.free,
                    choices,
                    param.arg.min,
                    param.arg.max,
                )
            )
        short = say(handler.id)
        sees = say("core.only-you-see" if handler.private else "core.everyone-sees")
        help = f"{short} {sees}"
        return ListedCommand(handler.id, help, tuple(params), handler.private, handler.access, short, handler.link)

    def _check(self, cog: Cog, handler: Handler) -> None:
        where = f"{cog.name}: {handler.id}"
        if handler.command:
            if not COMMAND_NAME.fullmatch(handler.id):
                raise DeclarationError(f"{where}: a command's name is 1 to 32 of a-z, 0-9 and _")
            self._check_words(where, handler)
        if isinstance(handler.form, Form):
            try:
                self.form(handler, handler.form, DEFAULT)
            except (KeyError, ValueError) as error:
                raise DeclarationError(f"{where}: {error}") from None
        longest = ["0" * _longest(param) for param in handler.params if not (handler.opens_form and param.free)]
        try:
            if not handler.command:
                wire.pack(handler.id, longest)
        except ValueError as error:
            raise DeclarationError(f"{where}: {error}") from None
        if len(handler.params) > PARAMS:
            raise DeclarationError(f"{where}: {len(handler.params)} parameters; {PARAMS} are possible")
        for param in handler.params:
            self._check_param(where, handler, param)

    def _check_words(self, where: str, handler: Handler) -> None:
        for locale in self.texts.locales:
            try:
                listed = self._listed(handler, locale)
            except KeyError as error:
                raise DeclarationError(f"{where}: {error.args[0]}") from None
            for text, limit in (
                (listed.help, COMMAND_HELP),
                *((param.help, COMMAND_HELP) for param in listed.params),
                *((choice.label, CHOICE_LABEL) for param in listed.params for choice in param.choices),
            ):
                if not 1 <= len(text) <= limit:
                    raise DeclarationError(f"{where}: “{text}” is {len(text)} characters; 1 to {limit} are possible")

    def _check_param(self, where: str, handler: Handler, param: Param) -> None:
        if not COMMAND_NAME.fullmatch(param.name):
            raise DeclarationError(f"{where}: a parameter's name is 1 to 32 of a-z, 0-9 and _")
        if len(param.choices) > MENU_OPTIONS:
            raise DeclarationError(
                f"{where}: {param.name} has {len(param.choices)} choices; {MENU_OPTIONS} are possible"
            )
        earlier = handler.params[: handler.params.index(param)]
        if param.required and any(not each.required for each in earlier):
            raise DeclarationError(f"{where}: {param.name} is required and stands behind one that is not")

    def _check_tables(self, cog: Cog, unreached: Collection[str]) -> None:
        for table in cog.tables:
            if table.name in unreached:
                raise DeclarationError(f"{cog.name}: {table.name} hangs from no member; erasure would not reach it")
            if table.info["holds"] is Holds.HOOKS and not (cog.erasers and cog.exporters):
                raise DeclarationError(
                    f"{cog.name}: {table.name} needs the cog to declare how to erase and to export it"
                )


def _longest(param: Param) -> int:
    """Return how long an argument gets in the id of a button: a choice's longest, an id, a number, a date."""
    ids = communities.ID_LENGTH if param.hidden else 16
    return max((len(choice) for choice in param.choices), default={int: 6, date: 10}.get(param.type, ids))
