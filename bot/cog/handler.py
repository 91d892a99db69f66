"""Something a Call can ask for, and the parameters that it takes, as they were declared."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from bot.cog.given import Answer, Asking, Context
from bot.errors import DeclarationError
from bot.model import Form, Role

HIDDEN = ("community", "server")  # parameters that nobody types


@dataclass(frozen=True)
class Arg:
    """What a parameter's annotation may add to its type: `Annotated[str, Arg(max=500)]`."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class Param:
    """A parameter as declared. `type` is str, int, date, or a StrEnum.

    The last one that is typed, where it is a str (`free`) or a date ("18 Nov"), takes all the rest.
    """

    name: str
    type: type[Any]
    required: bool
    free: bool
    arg: Arg
    takes_rest: bool = False

    @property
    def hidden(self) -> bool:
        """Whether it comes with a button or a link alone: nobody types the id of a community or a server."""
        return self.name in HIDDEN

    @property
    def kind(self) -> Literal["text", "number", "choice", "date"]:
        """How platforms ask for it."""
        if issubclass(self.type, StrEnum):
            return "choice"
        return {str: "text", int: "number", date: "date"}[self.type]  # pyright: ignore[reportReturnType]

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a choice."""
        return tuple(self.type) if issubclass(self.type, StrEnum) else ()


Run = Callable[..., Awaitable[Answer]]
Asks = Callable[[Asking], Awaitable[object]]
Link = Literal["", "community", "server"]


@dataclass(frozen=True)
class Handler:
    """Something a Call can ask for. `id` is a command's name or an action's "cog.name".

    `writes` is False where nothing is ever written: it then runs beside the writer, and as often as it is asked. It
    `glances` where it reads no more than a few rows that it finds by their keys: the loop waits for it then.
    `form` opens at once where the handler is a form's; it may be computed, and may then be a Reply that says why not.
    `asks` is awaited before the transaction, `asks_roles` wants to know who calls though anybody may; `link` is what a
    start link brings along. `quiet` is answered to one person alone where the platform can do that in the midst of
    others, else to all there. With `replied`, words that answer a message with its button fill its form. With
    `opening_writes`, something is written already when it opens, which happens once then.
    """

    id: str
    cog: str
    run: Run
    params: tuple[Param, ...]
    private: bool
    access: Role
    writes: bool = True
    glances: bool = False
    command: bool = False
    form: Form | Callable[[Context], Awaitable[Answer]] | None = None
    asks: Asks | None = None
    asks_roles: bool = False
    link: Link = ""
    quiet: bool = False
    replied: bool = False
    opening_writes: bool = False

    @property
    def opens_form(self) -> bool:
        """Whether it may be answered with a Form."""
        return self.form is not None


def params_of(cog: str, id: str, run: Run) -> tuple[Param, ...]:
    """Return the parameters of what a cog declares as `id`, but for the first. Raises DeclarationError."""
    hints = get_type_hints(run, include_extras=True)
    declared: Sequence[inspect.Parameter] = list(inspect.signature(run).parameters.values())[1:]
    params: list[Param] = []
    for position, each in enumerate(declared):
        hint, arg = hints[each.name], Arg()
        if get_origin(hint) is Annotated:
            hint, arg = get_args(hint)
        if get_origin(hint) in (Union, UnionType):
            hint = next(part for part in get_args(hint) if part is not NoneType)
        if not isinstance(hint, type) or not (hint in (str, int, date) or issubclass(hint, StrEnum)):
            raise DeclarationError(f"{cog}: {id}: {each.name} is of a type that no platform can ask for")
        required = each.default is inspect.Parameter.empty
        last = all(later.name in HIDDEN for later in declared[position + 1 :])
        params.append(Param(each.name, hint, required, last and hint is str, arg, last and hint in (str, date)))
    return tuple(params)
