"""How a feature declares itself: what it answers to, what it does later, what it keeps."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.schema import SchemaItem

from bot import people, store
from bot.cog.given import Answer, Context, DueRow, Fate, Work
from bot.cog.handler import Asks, Handler, Link, Run, params_of
from bot.communities import Community
from bot.content import Content, Remark, Shown
from bot.errors import DeclarationError
from bot.model import JSON, Account, Field, File, Form, Reply, Role
from bot.people import Member, MergeRule
from bot.store import Holds
from bot.texts import Speaker


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
TakeDownRun = Callable[[Work, str], Awaitable[bool]]
ExportRun = Callable[[Work, Member], Awaitable[JSON]]
PicturesRun = Callable[[Context], Awaitable[Sequence[File]]]
Load = Callable[[Sequence[Path]], None]
Check = Callable[[Content], Iterable[Remark]]
Show = Callable[[Content, str], Iterable[Shown]]
Cover = Callable[[Content], str]
Sampler = Callable[[Content, Speaker], Iterable[tuple[Shown, Reply]]]
StatsRun = Callable[[Work], Awaitable[Stats]]
Declared = TypeVar("Declared", bound=Run)


@dataclass
class Cog:
    """A feature: what it answers to, what it does later, what it keeps. One is declared in each module of cogs/."""

    name: str
    handlers: list[Handler] = field(default_factory=list[Handler])
    jobs: dict[str, DueRun] = field(default_factory=dict[str, DueRun])
    settlers: dict[str, SettledRun] = field(default_factory=dict[str, SettledRun])
    only_unsent: set[str] = field(default_factory=set[str])  # the settlers that are not told of what was sent
    erasers: list[MemberRun] = field(default_factory=list[MemberRun])
    exporters: list[ExportRun] = field(default_factory=list[ExportRun])
    painters: list[PicturesRun] = field(default_factory=list[PicturesRun])
    returners: list[MemberRun] = field(default_factory=list[MemberRun])
    tellers: list[TellRun] = field(default_factory=list[TellRun])
    readers: dict[str, ReadRun] = field(default_factory=dict[str, ReadRun])
    joiners: list[MemberRun] = field(default_factory=list[MemberRun])
    rezoners: list[MemberRun] = field(default_factory=list[MemberRun])
    movers: list[CommunityRun] = field(default_factory=list[CommunityRun])
    closers: list[CommunityRun] = field(default_factory=list[CommunityRun])
    removers: list[TakeDownRun] = field(default_factory=list[TakeDownRun])
    rules: dict[str, MergeRule] = field(default_factory=dict[str, MergeRule])
    mergers: list[MergeRun] = field(default_factory=list[MergeRun])
    parters: list[PartRun] = field(default_factory=list[PartRun])
    loaders: list[Load] = field(default_factory=list[Load])
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
        glances: bool = False,
        form: Callable[[Context], Awaitable[Answer]] | None = None,
        asks: Asks | None = None,
        asks_roles: bool = False,
        link: Link = "",
        quiet: bool = False,
    ) -> Callable[[Declared], Declared]:
        """Declare a command, named as the function is. Its words are in content/: `<name>` and `<name>@<param>`.

        A command with a `form` opens it; the function then takes the form's fields when it is sent. One that `glances`
        writes nothing. A parameter `community` is an id that comes with a button or a link: nobody types it.
        """

        def declare(run: Declared) -> Declared:
            self._add(
                run.__name__,
                run,
                private=private,
                access=access,
                writes=writes,
                glances=glances,
                form=form,
                command=True,
                asks=asks,
                asks_roles=asks_roles,
                link=link,
                quiet=quiet,
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
        glances: bool = False,
        asks: Asks | None = None,
        quiet: bool = False,
    ) -> Callable[[Declared], Declared]:
        """Declare what a button or a menu does: its id is "cog.name", its arguments follow the signature."""

        def declare(run: Declared) -> Declared:
            self._add(
                f"{self.name}.{name}",
                run,
                private=private,
                access=access,
                writes=writes,
                glances=glances,
                asks=asks,
                quiet=quiet,
            )
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
        quiet: bool = False,
        replied: bool = False,
        opening_writes: bool = False,
    ) -> Callable[[Declared], Declared]:
        """Declare a form that a button "cog.name" opens; the function takes the fields when it is sent.

        Its title and labels are in content/: `<name>-form`, `<name>-form@<field>`. With `before` the form is computed.
        """

        def declare(run: Declared) -> Declared:
            try:
                opens = before or Form(name, fields, f"{self.name}.{name}")
            except ValueError as error:
                raise DeclarationError(f"{self.name}: {name}: {error}") from None
            self._add(
                f"{self.name}.{name}",
                run,
                private=private,
                access=access,
                form=opens,
                asks=asks,
                quiet=quiet,
                replied=replied,
                opening_writes=opening_writes,
            )
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

    def settled(self, name: str, *, sent: bool = True) -> Callable[[SettledRun], SettledRun]:
        """Declare who is told what came of an outbox row, in the transaction that settles it, by the row's name.

        Without `sent` they are told only where it was not sent: of ten thousand that were, nothing has to be done.
        """

        def declare(run: SettledRun) -> SettledRun:
            self.settlers[f"{self.name}.{name}"] = run
            if not sent:
                self.only_unsent.add(f"{self.name}.{name}")
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
        """Declare what is done when a community's places are others now, or have other ids: what was said there is
        out of reach then.
        """
        self.movers.append(run)
        return run

    def closed(self, run: CommunityRun) -> CommunityRun:
        """Declare what is done when a community is about to have no desk any more."""
        self.closers.append(run)
        return run

    def takes_down(self, run: TakeDownRun) -> TakeDownRun:
        """Declare what is taken down by a code that somebody types (/unpublish); it tells whether there was such."""
        self.removers.append(run)
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

    def loads(self, run: Load) -> Load:
        """Declare how this feature reads the decks, all of them, before anything starts.

        It raises DeclarationError where one is not right, naming file and line: Unsent does not start then.
        """
        self.loaders.append(run)
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

    def _add(self, id: str, run: Run, *, writes: bool = True, glances: bool = False, **declared: Any) -> None:
        params, writes = params_of(self.name, id, run), writes and not glances
        self.handlers.append(Handler(id, self.name, run, params, writes=writes, glances=glances, **declared))
