"""Start-up refuses a cog that breaks a rule or any platform's limit, and says which cog and which limit."""

import shutil
import types
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from sqlalchemy import Column, ForeignKey, String

import cogs
from bot import people, registry
from bot.cog import Arg, Cog, Context, Work
from bot.errors import DeclarationError
from bot.model import BUTTON_LABEL, Button, Field, File, Form, Menu, Option, Reply, Role
from bot.people import Member, members
from bot.registry import COMMAND_HELP, Registry
from bot.store import ID, Holds, metadata
from bot.texts import CONTENT, Texts

LONG = "x" * 101
WORDS = f"""
plain = Plain.
    .size = Size
    .line = Line
    .count = Count
    .day = Day
size-small = Small
size-large = {LONG}
big = {LONG}
tall = Tall.
    .line = {LONG}
form-form = A form
    .line = A line
long-form = {LONG}
    .line = A line
wide-form = A form
    .line = {LONG}
"""


class Size(StrEnum):
    """One of whose words is too long."""

    SMALL = "small"
    LARGE = "large"


class Fine(StrEnum):
    """A choice in order."""

    SMALL = "small"


Many = StrEnum("Many", [f"v{number}" for number in range(26)])


async def nothing(ctx: Context) -> Reply:
    """Do nothing."""
    return Reply("nothing")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Texts:
    """All the words, and the tiny cogs'."""
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree(CONTENT / "en", folder / "en")
    (folder / "en" / "tiny.ftl").write_text(WORDS)
    return Texts(folder)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    """Take back the tables that a test declares."""
    before = set(metadata.tables)
    yield
    for name in set(metadata.tables) - before:
        metadata.remove(metadata.tables[name])


def test_the_cogs_that_there_are_pass(texts: Texts) -> None:
    found = Registry(registry.discover(), texts)
    assert {"join", "streak", "contact", "advice", "daily", "ask", "privacy", "export", "forget", "help", "crisis"} <= {
        each.name for each in found.listing("en")
    }
    for listed in found.listing("en"):
        assert 1 <= len(listed.help) <= COMMAND_HELP
        assert not any(param.free for param in listed.params[:-1])


def named(name: str) -> Callable[..., object]:
    """A handler of that name."""
    made = types.FunctionType(nothing.__code__, globals(), name)
    made.__annotations__ = dict(nothing.__annotations__)
    return made


def tiny() -> Cog:
    """A cog of that name."""
    return Cog("tiny")


def command_named(name: str) -> Cog:
    cog = tiny()
    cog.command()(named(name))  # pyright: ignore
    return cog


def command_with(run: object, name: str) -> Cog:
    cog = tiny()
    run.__name__ = name  # pyright: ignore
    cog.command()(run)  # pyright: ignore
    return cog


def with_size(size: type) -> Cog:
    async def plain(ctx: Context, size: Size) -> Reply:
        return Reply(size)

    plain.__annotations__["size"] = size
    return command_with(plain, "plain")


def with_late_need() -> Cog:
    async def plain(ctx: Context, count: int | None = None, line: str = "") -> Reply:
        return Reply(line)

    cog = command_with(plain, "plain")
    handler = cog.handlers[0]
    params = (handler.params[0], type(handler.params[1])("line", str, True, True, Arg()))
    cog.handlers[0] = type(handler)(
        handler.id, "tiny", plain, params, private=True, access=Role.MEMBER, writes=True, command=True
    )
    return cog


def with_many_params() -> Cog:
    cog = command_named("plain")
    handler, param = cog.handlers[0], type(with_size(Fine).handlers[0].params[0])
    params = tuple(param("line", str, False, False, Arg()) for _ in range(26))
    cog.handlers[0] = type(handler)(
        "plain", "tiny", nothing, params, private=True, access=Role.MEMBER, writes=True, command=True
    )
    return cog


def with_form(name: str, *fields: Field) -> Cog:
    cog = tiny()
    cog.form(name, *fields)(nothing)
    return cog


def with_action(name: str) -> Cog:
    cog = tiny()
    cog.action(name)(nothing)
    return cog


def twice() -> Cog:
    cog = command_named("plain")
    cog.command()(named("plain"))  # pyright: ignore
    return cog


def with_table(holds: Holds) -> Cog:
    cog = tiny()
    cog.table("tiny_rows", Column("id", ID, primary_key=True), holds=holds)
    return cog


def with_table_that_stays() -> Cog:
    cog = tiny()
    member = Column("member", ID, ForeignKey(members.c.id), primary_key=True)
    cog.table("tiny_rows", member, Column("line", String))
    return cog


REFUSED: dict[str, tuple[Callable[[], Cog], str]] = {
    "a name with capitals": (lambda: command_named("Plain"), "Plain: a command's name is 1 to 32"),
    "a name too long": (lambda: command_named("x" * 33), "a command's name is 1 to 32"),
    "no words": (lambda: command_named("wordless"), r"wordless: no text tiny\.wordless"),
    "help too long": (lambda: command_named("big"), "1 to 100 are possible"),
    "a parameter's help too long": (lambda: command_with(_tall(), "tall"), "1 to 100 are possible"),
    "a choice's words too long": (lambda: with_size(Size), "plain: .* 1 to 100 are possible"),
    "a choice without words": (lambda: with_size(StrEnum("Bare", ["bare"])), r"no text tiny\.size-bare"),
    "too many parameters": (with_many_params, "26 parameters; 25 are possible"),
    "a need behind what is not needed": (with_late_need, "line is required and stands behind one that is not"),
    "declared twice": (twice, "plain is declared twice"),
    "an action's name": (lambda: with_action("Do-It"), "Do-It"),
    "an action's id too long": (lambda: with_action("x" * 60), "64 is the limit"),
    "a form's title too long": (lambda: with_form("long", Field("line")), "a form's title is 101 characters; 1 to 45"),
    "a field's label too long": (lambda: with_form("wide", Field("line")), "the label of field line is 101 characters"),
    "a field without a label": (lambda: with_form("form", Field("other")), r"no text tiny\.form-form@other"),
    "too many fields": (lambda: with_form("form", *[Field("line")] * 6), "a form of 6 fields; 1 to 5"),
    "a form without fields": (lambda: with_form("form"), "a form of 0 fields"),
    "a field that takes too much": (lambda: with_form("form", Field("line", max=4001)), "4001 characters; 1 to 4000"),
    "a field of too many choices": (
        lambda: with_form("form", Field("line", choices=tuple(Option(str(n), str(n)) for n in range(26)))),
        "more than 25 choices",
    ),
    "a table that erasure does not reach": (lambda: with_table(Holds.MEMBER), "tiny_rows hangs from no member"),
    "a table that does not go with the member": (with_table_that_stays, "tiny_rows hangs from no member"),
    "a table without hooks": (lambda: with_table(Holds.HOOKS), "how to erase and to export"),
}


def _tall() -> object:
    async def tall(ctx: Context, line: str) -> Reply:
        return Reply(line)

    return tall


@pytest.mark.parametrize(("build", "says"), REFUSED.values(), ids=REFUSED)
def test_a_cog_beyond_a_limit_is_refused_by_name(words: Texts, build: Callable[[], Cog], says: str) -> None:
    with pytest.raises(DeclarationError, match=says) as error:
        Registry([build()], words)
    assert str(error.value).startswith("tiny: ")


def test_too_many_choices_are_refused(words: Texts, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    lines = "".join(f"size-{each} = Words\n" for each in Many)
    core = (CONTENT / "en" / "core.ftl").read_text()
    (tmp_path / "en" / "tiny.ftl").write_text(f"plain = Plain.\n    .size = Size\n{lines}")
    (tmp_path / "en" / "core.ftl").write_text(core)
    with pytest.raises(DeclarationError, match="tiny: plain: size has 26 choices; 25 are possible"):
        Registry([with_size(Many)], Texts(tmp_path))


def test_too_many_commands_are_refused(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "core.ftl").write_text((CONTENT / "en" / "core.ftl").read_text())
    (tmp_path / "en" / "tiny.ftl").write_text("".join(f"c{number} = Words\n" for number in range(101)))
    cog = tiny()
    for number in range(100):
        cog.command()(named(f"c{number}"))  # pyright: ignore
    assert len(Registry([cog], Texts(tmp_path)).commands) == 100
    cog.command()(named("c100"))  # pyright: ignore
    with pytest.raises(DeclarationError, match="101 commands; 100 are possible"):
        Registry([cog], Texts(tmp_path))


@pytest.mark.parametrize("kind", [bytes, float, list, dict[str, str], date | int | str])
def test_a_parameter_that_no_platform_can_ask_for_is_refused(kind: object) -> None:
    async def plain(ctx: Context, line: object) -> Reply:
        return Reply("")

    plain.__annotations__["line"] = kind
    cog = tiny()
    if kind == date | int | str:  # of several types the first counts
        cog.command()(plain)
        assert cog.handlers[0].params[0].type is date
    else:
        with pytest.raises(DeclarationError, match="tiny: plain: line is of a type"):
            cog.command()(plain)


def test_what_an_annotation_says_is_understood() -> None:
    async def plain(
        ctx: Context, size: Fine, day: date, count: Annotated[int | None, Arg(min=1, max=9)] = None, line: str = ""
    ) -> Reply:
        return Reply("")

    params = command_with(plain, "plain").handlers[0].params
    assert [(each.name, each.kind, each.required, each.free) for each in params] == [
        ("size", "choice", True, False),
        ("day", "date", True, False),
        ("count", "number", False, False),
        ("line", "text", False, True),
    ]
    assert (params[2].arg.min, params[2].arg.max) == (1, 9)
    assert params[0].choices == ("small",)


def test_what_nobody_types_may_stand_behind_what_takes_the_rest() -> None:
    async def plain(ctx: Context, line: str = "", community: str | None = None) -> Reply:
        return Reply("")

    params = command_with(plain, "plain").handlers[0].params
    assert [(each.name, each.free, each.takes_rest) for each in params] == [
        ("line", True, True),
        ("community", True, True),
    ]


def test_hooks_make_a_table_of_nobodys_fit(words: Texts) -> None:
    cog = with_table(Holds.HOOKS)

    async def erase(work: Work, member: Member) -> None:
        return None

    async def export(work: Work, member: Member) -> dict[str, object]:
        return {}

    cog.erase(erase)
    cog.export(export)
    assert Registry([cog], words).cogs == (cog,)


def test_every_table_of_a_person_is_reached_by_erasure_and_export() -> None:
    found = registry.discover()
    assert people.unreached_tables() == []
    by_key = {table.name for table, _ in people.owned_tables()} | {members.name}
    by_hooks = {table.name for cog in found if cog.erasers and cog.exporters for table in cog.tables}
    for table in metadata.sorted_tables:
        if table.info["holds"] is not Holds.NOTHING:
            assert table.name in by_key | by_hooks, table.name
    for table, column in people.owned_tables():
        assert column.index or column.primary_key, table.name  # else forgetting one reads through everybody


def test_a_module_without_a_cog_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tiny_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "bare.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    import tiny_package  # pyright: ignore

    with pytest.raises(DeclarationError, match=r"tiny_package\.bare declares no cog"):
        registry.discover(tiny_package)  # pyright: ignore
    assert len(registry.discover(cogs)) == len({cog.name for cog in registry.discover()})


# -- the values themselves keep within the limits


@pytest.mark.parametrize(
    "build",
    [
        lambda: Button("x" * (BUTTON_LABEL + 1), "a"),
        lambda: Button("", "a"),
        lambda: Button("😀" * 41, "a"),
        lambda: Menu("Menu", "a", ()),
        lambda: Menu("Menu", "a", tuple(Option(str(n), "x") for n in range(26))),
        lambda: Menu("x" * 101, "a", (Option("1", "x"),)),
        lambda: Menu("Menu", "a", (Option("1", "x" * 101),)),
        lambda: Reply(""),
        lambda: Reply("x" * 4001),
        lambda: Reply("😀" * 2001),
        lambda: Reply("x", ((Button("x", "a"),),) * 6),
        lambda: Reply("x", ((Button("x", "a"),) * 6,)),
        lambda: Reply("x", ((Button("x", "a"), Menu("Menu", "a", (Option("1", "x"),))),)),
        lambda: Form("", (Field("x"),), "a"),
        lambda: Form("x", (Field("x"),), "A"),
        lambda: Form("x", (Field("x", max=0),), "a"),
    ],
)
def test_a_value_beyond_a_limit_cannot_be_made(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"possible|limit|a row holds|not the name"):
        build()


def test_a_value_at_its_limit_can() -> None:
    row = (Button("x" * BUTTON_LABEL, "a"),) * 5
    assert len(Reply("😀" * 2000, (row,) * 5, (File("a", b""),)).rows) == 5
    assert Menu("x" * 100, "a", tuple(Option(str(n), "x" * 100) for n in range(25))).id == "1:a"
    assert len(Form("x" * 45, (Field("x", "x" * 45, max=4000),) * 5, "a").fields) == 5


def test_nothing_personal_is_in_a_repr() -> None:
    from bot.model import Account, Call, Place, Ref

    account = Account("test", "zuzu", "zuzu", "zuzu")
    place = Place("test", "zuzu", "zuzu")
    call = Call("zuzu", account, place, "zuzu", "a", ("zuzu",), {"a": "zuzu"}, Ref(place, "zuzu"), None, "zuzu")
    assert "zuzu" not in repr((call, account.private, Reply("zuzu"), Field("a", value="zuzu"), File("a", b"zuzu")))
