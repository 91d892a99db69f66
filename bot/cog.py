"""How a feature declares itself, and all that it is given."""

import inspect
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from babel.dates import format_time
from sqlalchemy import ColumnElement, Table
from sqlalchemy.schema import SchemaItem

from bot import communities, people, store
from bot.adapter import Adapter, Gone, ListedCommand, Look, Need
from bot.codes import Tries
from bot.communities import Community
from bot.content import Content, Remark, Shown
from bot.due import Due
from bot.errors import DeclarationError, UserError
from bot.model import JSON, Account, Call, Field, File, Form, Place, Reply, Role, Server
from bot.outbox import Lane, Outbox
from bot.people import Member, MergeRule
from bot.store import Holds, Row, Tx
from bot.texts import Speaker, Texts
from bot.vault import Vault

Answer = Reply | Form
Fate = Literal["sent", "unreachable", "dead", "expired", "unknown", "paused", "halted"]


@dataclass
class Work:
    """What a handler is given that runs when nobody called: a due job, or news of what came of an outbox row."""

    tx: Tx
    vault: Vault
    outbox: Outbox
    due: Due
    texts: Texts
    now: datetime
    dice: random.Random
    operator: str
    deck: Path
    cogs: tuple["Cog", ...]
    tries: Tries

    async def post(self, community: Community, reply: Reply, *, name: str, until: datetime) -> None:
        """Have `reply` said, until then at the latest, in every place of a community's for posts."""
        for number, spot in enumerate(community.posts):
            await self.outbox.send(
                spot.place,
                reply,
                name=f"{name}-{number}",
                subject=communities.posts_subject(community.id),
                lane=Lane.POST,
                until=until,
            )

    async def drop_unasked(self, whose: ColumnElement[bool], why: Fate) -> None:
        """Drop what nobody waits for and is not on its way yet, of the rows `whose` says: reminders, pieces, posts.

        Whoever wants to know what comes of them is told `why`.
        """
        await self._dropped(await self.outbox.drop_unasked(whose), why)

    async def leave(self, place: Place, member: str) -> None:
        """Drop all that is to be said to a member at `place`, whatever its state, and where it was said there."""
        await self._dropped(await self.outbox.leave(place, member), "unreachable")

    async def _dropped(self, rows: Iterable[Row], why: Fate) -> None:
        told = {name: run for cog in self.cogs for name, run in cog.settlers.items()}
        for row in rows:
            if row["settled"]:
                await told[row["settled"]](self, row["subject"], "unknown" if row["tried_at"] else why)


@dataclass
class Context(Work):
    """All that a handler is given. `member` is who calls, or None for someone who has not joined.

    `community` is the one that the Call is about: an argument of that name tells, else where it was made; None in
    private, and where nobody has set one up. `roles` and `found` were asked of the platform just before: who calls
    there (where the handler's `access` or `asks_roles` wants to know), and what the handler's `asks` returned.
    """

    call: Call
    member: Member | None
    t: Speaker
    listing: tuple[ListedCommand, ...]
    community: Community | None = None
    roles: frozenset[Role] = frozenset()
    found: object = None

    @property
    def me(self) -> Member:
        """The member who calls, in a handler that only members reach."""
        assert self.member is not None  # noqa: S101 # dispatch has checked Role.MEMBER
        return self.member

    @property
    def here(self) -> Community:
        """The community that the Call is about, in a handler that needs one. Raises UserError where there is none."""
        if self.community is None:
            raise UserError("core.no-community")
        return self.community

    async def communities(self) -> list[Community]:
        """Return the community that the Call is about, else all that the member who calls belongs to.

        Where they belong to none, it is the only one there is, if there is just one.
        """
        if self.community is not None:
            return [self.community]
        theirs = await communities.of(self.tx, self.member.id) if self.member else []
        only = None if theirs else await communities.only(self.tx)
        return [only] if only else theirs

    @property
    def today(self) -> date:
        """The date that it is for the member who calls."""
        return self.me.today(self.now)

    def wall_clock(self, instant: datetime, tz: tzinfo) -> str:
        """Return what a clock in `tz` shows at `instant`, as it is written in the language to speak."""
        return format_time(instant.astimezone(tz), "HH:mm", locale=self.texts.locale(self.locale))

    @property
    def locale(self) -> str | None:
        """The language to speak: the member's, or what the platform hints."""
        return self.member.locale if self.member else self.call.account.locale


@dataclass(frozen=True)
class Asking:
    """What a handler may ask of the platform before its transaction begins: somebody else's may not wait for that.

    `args` are the Call's arguments by name, as they came.
    """

    call: Call
    community: Community | None
    args: Mapping[str, str]
    adapters: Mapping[str, Adapter]

    async def look(self, at: Place | Server, needs: frozenset[Need] = frozenset()) -> Look | Gone | None:
        """Ask how it is with a place; see Adapter. None where its platform is not turned on."""
        adapter = self.adapters.get(at.platform)
        return await adapter.look(at, needs) if adapter else None

    async def authority(self, at: Place | Server, account: str | None = None) -> frozenset[Role]:
        """Ask who calls, or who the account of that id is, on the platform of the Call; see Adapter."""
        adapter = self.adapters.get(self.call.place.platform)
        who = Account(self.call.account.platform, account) if account else self.call.account
        return await adapter.authority(who, at) if adapter else frozenset()


@dataclass(frozen=True)
class Arg:
    """What a parameter's annotation may add to its type: `Annotated[str, Arg(max=500)]`."""

    min: int | None = None
    max: int | None = None


@dataclass(frozen=True)
class Param:
    """A parameter as declared. `type` is str, int, date, or a StrEnum.

    The last one, where it is a str (`free`) or a date ("18 Nov"), takes all the rest that was typed.
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
        return self.name in ("community", "server")

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
Declared = TypeVar("Declared", bound=Run)


@dataclass(frozen=True)
class Handler:
    """Something a Call can ask for. `id` is a command's name or an action's "cog.name".

    `writes` is False where nothing is ever written: it then runs beside the writer, and as often as it is asked.
    `form` opens at once where the handler is a form's; it may be computed, and may then be a Reply that says why not.
    `asks` is awaited before the transaction, `asks_roles` wants to know who calls though anybody may; `link` is what a
    start link brings along.
    """

    id: str
    cog: str
    run: Run
    params: tuple[Param, ...]
    private: bool
    access: Role
    writes: bool = True
    command: bool = False
    form: Form | Callable[[Context], Awaitable[Answer]] | None = None
    asks: Asks | None = None
    asks_roles: bool = False
    link: Link = ""

    @property
    def opens_form(self) -> bool:
        """Whether it may be answered with a Form."""
        return self.form is not None


@dataclass
class DueRow:
    """Work that is due: for which key (and member), and when it was to be done."""

    key: str
    member: str | None
    at: datetime


@dataclass(frozen=True)
class Stats:
    """What a cog counts, for whoever runs Unsent: a table. Nothing in it may tell of one person."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str | int, ...]]


DueRun = Callable[[Work, DueRow], Awaitable[datetime | None]]
DueMemberRun = Callable[[Work, DueRow, Member, Account], Awaitable[datetime | None]]
SettledRun = Callable[[Work, str, Fate], Awaitable[None]]
MemberRun = Callable[[Work, Member], Awaitable[None]]
MergeRun = Callable[[Work, Member, Member], Awaitable[None]]
PartRun = Callable[[Work, Member, Account, Account], Awaitable[None]]
TellRun = Callable[[Context], Awaitable[str | None]]
ReadRun = Callable[[Context, str], Awaitable[str | None]]
CommunityRun = Callable[[Work, Community], Awaitable[None]]
ExportRun = Callable[[Work, Member], Awaitable[JSON]]
PicturesRun = Callable[[Context], Awaitable[Sequence[File]]]
Check = Callable[[Content], Iterable[Remark]]
Show = Callable[[Content, str], Iterable[Shown]]
Cover = Callable[[Content], str]
Sampler = Callable[[Content, Speaker], Iterable[tuple[Shown, Reply]]]
StatsRun = Callable[[Work], Awaitable[Stats]]


@dataclass
class Cog:
    """A feature: what it answers to, what it does later, what it keeps. One is declared in each module of cogs/."""

    name: str
    handlers: list[Handler] = field(default_factory=list[Handler])
    jobs: dict[str, DueRun] = field(default_factory=dict[str, DueRun])
    settlers: dict[str, SettledRun] = field(default_factory=dict[str, SettledRun])
    erasers: list[MemberRun] = field(default_factory=list[MemberRun])
    exporters: list[ExportRun] = field(default_factory=list[ExportRun])
    painters: list[PicturesRun] = field(default_factory=list[PicturesRun])
    returners: list[MemberRun] = field(default_factory=list[MemberRun])
    tellers: list[TellRun] = field(default_factory=list[TellRun])
    readers: dict[str, ReadRun] = field(default_factory=dict[str, ReadRun])
    joiners: list[MemberRun] = field(default_factory=list[MemberRun])
    rezoners: list[MemberRun] = field(default_factory=list[MemberRun])
    movers: list[CommunityRun] = field(default_factory=list[CommunityRun])
    rules: dict[str, MergeRule] = field(default_factory=dict[str, MergeRule])
    mergers: list[MergeRun] = field(default_factory=list[MergeRun])
    parters: list[PartRun] = field(default_factory=list[PartRun])
    checkers: list[Check] = field(default_factory=list[Check])
    showers: list[Show] = field(default_factory=list[Show])
    coverers: list[Cover] = field(default_factory=list[Cover])
    samplers: list[Sampler] = field(default_factory=list[Sampler])
    starters: list[Callable[[Work], Awaitable[None]]] = field(default_factory=list[Callable[[Work], Awaitable[None]]])
    counters: list[StatsRun] = field(default_factory=list[StatsRun])
    tables: list[Table] = field(default_factory=list[Table])

    def table(self, name: str, *items: SchemaItem, holds: Holds = Holds.MEMBER) -> Table:
        """Declare a table of this cog."""
        made = store.table(name, *items, holds=holds)
        self.tables.append(made)
        return made

    def answers_for(self, *tables: Table) -> None:
        """Declare that this cog erases and exports what tables of the core hold of people."""
        self.tables += tables

    def command(
        self,
        *,
        private: bool = True,
        access: Role = Role.MEMBER,
        writes: bool = True,
        form: Callable[[Context], Awaitable[Answer]] | None = None,
        asks: Asks | None = None,
        asks_roles: bool = False,
        link: Link = "",
    ) -> Callable[[Declared], Declared]:
        """Declare a command, named as the function is. Its words are in content/: `<name>` and `<name>@<param>`.

        A command with a `form` opens it; the function then takes the form's fields when it is sent. A parameter
        `community` is an id that comes with a button or a link: nobody types it.
        """

        def declare(run: Declared) -> Declared:
            self._add(
                run.__name__,
                run,
                private=private,
                access=access,
                writes=writes,
                form=form,
                command=True,
                asks=asks,
                asks_roles=asks_roles,
                link=link,
            )
            return run

        return declare

    def action(
        self,
        name: str,
        *,
        private: bool = True,
        access: Role = Role.MEMBER,
        writes: bool = True,
        asks: Asks | None = None,
    ) -> Callable[[Declared], Declared]:
        """Declare what a button or a menu does: its id is "cog.name", its arguments follow the signature."""

        def declare(run: Declared) -> Declared:
            self._add(f"{self.name}.{name}", run, private=private, access=access, writes=writes, asks=asks)
            return run

        return declare

    def form(
        self,
        name: str,
        *fields: Field,
        private: bool = True,
        access: Role = Role.MEMBER,
        before: Callable[[Context], Awaitable[Answer]] | None = None,
        asks: Asks | None = None,
    ) -> Callable[[Declared], Declared]:
        """Declare a form that a button "cog.name" opens; the function takes the fields when it is sent.

        Its title and labels are in content/: `<name>-form`, `<name>-form@<field>`. With `before` the form is computed.
        """

        def declare(run: Declared) -> Declared:
            try:
                opens = before or Form(name, fields, f"{self.name}.{name}")
            except ValueError as error:
                raise DeclarationError(f"{self.name}: {name}: {error}") from None
            self._add(f"{self.name}.{name}", run, private=private, access=access, form=opens, asks=asks)
            return run

        return declare

    def due(self, name: str) -> Callable[[DueRun], DueRun]:
        """Declare the work "cog.name". It returns when it is due next, or None."""

        def declare(run: DueRun) -> DueRun:
            self.jobs[f"{self.name}.{name}"] = run
            return run

        return declare

    def due_for_member(self, name: str) -> Callable[[DueMemberRun], DueMemberRun]:
        """Declare the work "cog.name" for the member whose plan it is, at the account to speak to them at.

        It is like `due`; where they are gone, so is their plan.
        """

        def declare(run: DueMemberRun) -> DueMemberRun:
            async def for_member(work: Work, row: DueRow) -> datetime | None:
                found = await people.load(work.tx, row.member) if row.member else None
                return await run(work, row, *found) if found else None

            self.jobs[f"{self.name}.{name}"] = for_member
            return run

        return declare

    def settled(self, name: str) -> Callable[[SettledRun], SettledRun]:
        """Declare who is told what came of an outbox row, in the transaction that settles it, by the row's subject."""

        def declare(run: SettledRun) -> SettledRun:
            self.settlers[f"{self.name}.{name}"] = run
            return run

        return declare

    def erase(self, run: MemberRun) -> MemberRun:
        """Declare how rows are erased that hang from no member."""
        self.erasers.append(run)
        return run

    def export(self, run: ExportRun) -> ExportRun:
        """Declare how rows are exported that hang from no member."""
        self.exporters.append(run)
        return run

    def pictures(self, run: PicturesRun) -> PicturesRun:
        """Declare the pictures of a member's own that go with what they take along: none, where there is none yet.

        The context that it is given speaks this cog's words.
        """
        self.painters.append(run)
        return run

    def tells(self, run: TellRun) -> TellRun:
        """Declare a line that says how far a member has come, below their days; None: there is nothing to say yet."""
        self.tellers.append(run)
        return run

    def reads(self, name: str) -> Callable[[ReadRun], ReadRun]:
        """Declare where "cog.name" is found: what the member who calls wrote, by the id of what it is kept in, or None.

        So another feature can be handed it by a button, in which no text travels.
        """

        def declare(run: ReadRun) -> ReadRun:
            self.readers[f"{self.name}.{name}"] = run
            return run

        return declare

    def joined(self, run: MemberRun) -> MemberRun:
        """Declare what is written for everybody who joins."""
        self.joiners.append(run)
        return run

    def rezoned(self, run: MemberRun) -> MemberRun:
        """Declare what is done when a member's zone is another one: what is planned for an hour of theirs, say."""
        self.rezoners.append(run)
        return run

    def moved(self, run: CommunityRun) -> CommunityRun:
        """Declare what is done when a community's places have other ids now: what was said there is out of reach."""
        self.movers.append(run)
        return run

    def merges(self, table: Table) -> Callable[[MergeRule], MergeRule]:
        """Declare what becomes of a table with one row for each member where two of them turn out to be one person.

        The rule is given both rows, unsealed, that of the member who stays first, and returns the columns that change
        in it. Without a rule that row stays as it is. Rows that have ids of their own need none: they are all kept.
        """

        def declare(rule: MergeRule) -> MergeRule:
            self.rules[table.name] = rule
            return rule

        return declare

    def merging(self, run: MergeRun) -> MergeRun:
        """Declare what else is done then, before any row has moved: given who stays, and who becomes part of them.

        What is due for the key of the one who goes is dropped afterwards.
        """
        self.mergers.append(run)
        return run

    def parting(self, run: PartRun) -> PartRun:
        """Declare what is done when an account leaves its member: given the account, and another one that stays."""
        self.parters.append(run)
        return run

    def returned(self, run: MemberRun) -> MemberRun:
        """Declare what is done when someone who could not be reached speaks again."""
        self.returners.append(run)
        return run

    def checks(self, run: Check) -> Check:
        """Declare what proof-reading says of this feature's part of content/."""
        self.checkers.append(run)
        return run

    def shows(self, run: Show) -> Show:
        """Declare how this feature's part of content/ is read: all of it for "", or what goes by one name."""
        self.showers.append(run)
        return run

    def covers(self, run: Cover) -> Cover:
        """Declare a table of what this feature's part of content/ carries, in Markdown."""
        self.coverers.append(run)
        return run

    def samples(self, run: Sampler) -> Sampler:
        """Declare how this feature's part of content/ is said to somebody, entry by entry, with any cog's words."""
        self.samplers.append(run)
        return run

    def stats(self, run: StatsRun) -> StatsRun:
        """Declare what `unsent stats` prints. Its work only reads."""
        self.counters.append(run)
        return run

    def start(self, run: Callable[[Work], Awaitable[None]]) -> Callable[[Work], Awaitable[None]]:
        """Declare what is done once at start."""
        self.starters.append(run)
        return run

    def _add(self, id: str, run: Run, **declared: Any) -> None:
        self.handlers.append(Handler(id, self.name, run, _params(self.name, id, run), **declared))


def _params(cog: str, id: str, run: Run) -> tuple[Param, ...]:
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
        last = position == len(declared) - 1
        params.append(Param(each.name, hint, required, last and hint is str, arg, last and hint in (str, date)))
    return tuple(params)
