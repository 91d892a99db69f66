"""The words: found in their locale or in English, refused where they are no Fluent, and none missing, none unused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message

from bot import registry
from bot.errors import DeclarationError
from bot.model import Form
from bot.store import metadata
from bot.texts import CONTENT, Texts

ROOT = CONTENT.parent
SPEAKS = {"t", "say", "_say", "words", "speak", "UserError"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """English and a little French."""
    for locale, text in (
        (
            "en",
            "one = One\nfew = { $n ->\n    [one] a day\n   *[other] { $n } days\n}\nattr = A\n    .tip = Tip\n"
            "key = K\n",
        ),
        ("fr", "one = Un\nfew = { $n ->\n    [one] { $n } jour\n   *[other] { $n } jours\n}\nattr = Fr\n"),
    ):
        (tmp_path / locale).mkdir()
        (tmp_path / locale / "room.ftl").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("fr", "fr"), ("fr-CA", "fr"), ("fr_CA", "fr"), ("en-GB", "en"), ("de", "en"), (None, "en"), ("", "en")],
)
def test_the_nearest_locale_there_is_speaks(folder: Path, wanted: str | None, found: str) -> None:
    assert Texts(folder).locale(wanted) == found


def test_what_a_locale_lacks_is_said_in_english(folder: Path) -> None:
    texts = Texts(folder)
    assert texts.say("fr", "room", "one") == "Un"
    assert texts.say("fr", "room", "key") == "K"
    assert texts.say("fr", "room", "attr@tip") == "Tip"


def test_another_space_is_named_in_the_key(folder: Path) -> None:
    assert Texts(folder).say("en", "elsewhere", "room.one") == "One"
    assert Texts(folder).speaker("fr", "room")("few", n=2) == "2 jours"


@pytest.mark.parametrize(
    ("locale", "n", "text"), [("en", 1, "a day"), ("en", 0, "0 days"), ("fr", 0, "0 jour"), ("fr", 2, "2 jours")]
)
def test_plurals_are_those_of_the_language(folder: Path, locale: str, n: int, text: str) -> None:
    assert Texts(folder).say(locale, "room", "few", n=n) == text


def test_what_is_not_there_is_an_error(folder: Path) -> None:
    texts = Texts(folder)
    for key in ("gone", "one@gone", "gone.one"):
        with pytest.raises(KeyError, match="no text"):
            texts.say("en", "room", key)
    with pytest.raises(ValueError, match=r"room\.few"):
        texts.say("en", "room", "few")
    assert [texts.has("room", key) for key in ("one", "few", "attr@tip", "gone")] == [True, True, True, False]


@pytest.mark.parametrize("text", ["this is no message\n", "key\n", "key = { $n\n", "a = A\nb = { $n -> x }\n"])
def test_what_is_not_fluent_is_refused_by_file(folder: Path, text: str) -> None:
    (folder / "en" / "junk.ftl").write_text(text)
    with pytest.raises(DeclarationError, match=r"junk\.ftl: this is not Fluent"):
        Texts(folder)


def test_what_is_said_holds_no_invisible_marks(texts: Texts) -> None:
    assert texts.say("en", "streaks", "best", best=3) == "Your longest stretch: 3 days."


# -- no key is missing, none is unused


def all_keys() -> set[str]:
    """Every "space.key" and "space.key@attribute" of content/en."""
    found: set[str] = set()
    for file in sorted((CONTENT / "en").glob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            if isinstance(entry, Message):
                key = f"{file.stem}.{entry.id.name}"
                found |= {key} if entry.value else set()
                found |= {f"{key}@{attribute.id.name}" for attribute in entry.attributes}
    return found


def declared() -> Iterator[str]:
    """Yield the keys that declarations ask for: of commands, their parameters and choices, of forms and fields."""
    for cog in registry.discover():
        for handler in cog.handlers:
            if handler.command:
                yield f"{cog.name}.{handler.id}"
            if handler.command and not handler.opens_form:
                for param in handler.params:
                    if param.hidden:
                        continue
                    yield f"{cog.name}.{handler.id}@{param.name}"
                    yield from (f"{cog.name}.{param.name}-{choice}" for choice in param.choices)
            if isinstance(handler.form, Form):
                yield f"{cog.name}.{handler.form.title}-form"
                yield from (f"{cog.name}.{handler.form.title}-form@{field.name}" for field in handler.form.fields)


def of_what_is_kept() -> Iterator[str]:
    """Yield a pattern for the words in which /export and /forget speak of what a feature keeps, table by table."""
    hooked = {"stewards": "set_up", "named_coaches": "coaches", "choosers": "places"}  # as the feature calls them
    cogs = registry.discover()
    theirs = {table.name: cog.name for cog in cogs for table in cog.tables}
    for name in metadata.tables:
        called = hooked.get(name, name)
        yield rf"{theirs.get(name, 'privacy')}\.(kept-{called}(-\w+)?(@\w+)?|gone-{called})"


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module of ours with the space that its keys are in."""
    for file in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield parts[1] if parts[0] == "cogs" else "core", ast.parse(file.read_text(encoding="utf-8"))


def pattern(node: ast.expr, space: str) -> Iterator[str]:
    """Yield, as regular expressions, the keys that an expression can stand for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = re.escape(node.value)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        text = "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[\w-]+" for p in node.values)
    elif isinstance(node, ast.IfExp):
        yield from pattern(node.body, space)
        yield from pattern(node.orelse, space)
        return
    else:
        return
    yield text if r"\." in text else rf"{re.escape(space)}\.{text}"


def asked_for() -> Iterator[str]:
    """Yield a pattern for each key that code asks for by name, with the keys of computed forms."""
    for space, module in modules():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SPEAKS:
                whole = name == "say" and len(node.args) == 3  # say(locale, space, key)
                if whole and isinstance(node.args[1], ast.Constant):
                    yield from pattern(node.args[2], str(node.args[1].value))
                elif node.args and not whole:
                    yield from pattern(node.args[0], space)
            elif name == "Form" and isinstance(node.args[0], ast.Constant):
                yield rf"{space}\.{node.args[0].value}-form"
                for field in node.args[1].elts if isinstance(node.args[1], ast.Tuple) else ():
                    if isinstance(field, ast.Call) and isinstance(field.args[0], ast.Constant):
                        yield rf"{space}\.{node.args[0].value}-form@{field.args[0].value}"


def mentioned() -> Iterator[str]:
    """Yield a pattern for every string in the code that could be a key."""
    for space, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                yield from pattern(node, space)


def test_every_key_that_code_asks_for_is_there() -> None:
    keys = all_keys()
    wanted = {*asked_for(), *(re.escape(key) for key in declared())}
    assert len(wanted) > 100
    assert sorted(each for each in wanted if not any(re.fullmatch(each, key) for key in keys)) == []


def test_every_key_there_is_is_used() -> None:
    exact = set(declared())
    patterns = {*mentioned(), *asked_for()}
    literal = {re.sub(r"\\(.)", r"\1", each) for each in patterns if r"[\w-]+" not in each}
    open_ended = [re.compile(each) for each in patterns if r"[\w-]+" in each and not each.endswith(r"\.[\w-]+")]
    open_ended += map(re.compile, of_what_is_kept())
    unused = [
        key for key in sorted(all_keys() - exact - literal) if not any(each.fullmatch(key) for each in open_ended)
    ]
    assert unused == []


def test_every_choice_behind_a_pattern_has_its_words(texts: Texts) -> None:
    """What an f-string names by an enumeration: each value has its sentence."""
    from cogs.checkins import Mood
    from cogs.join import Daily, LastContact
    from cogs.stage import Stage, Whom
    from cogs.streaks import Trigger, What, When

    wanted = [
        *(("join", f"whom-{each}") for each in Whom),
        *(("join", f"last-{each}") for each in LastContact),
        *(("join", f"daily-{each}") for each in Daily),
        *(("stage", f"{kind}-{each}") for each in Stage for kind in ("is", "name")),
        *(("stage", f"whom-{each}") for each in Whom),
        *(("streaks", f"what-{each}") for each in What),
        *(("streaks", str(each)) for each in When),
        *(("streaks", f"noted-{each}") for each in (What.THEY_WROTE, What.LOOKED, What.UNAVOIDABLE)),
        *(("questions", f"fate-{each}") for each in ("sent", "unreachable", "dead", "expired", "unknown")),
        *(("checkins", f"{kind}-{each}") for each in Mood for kind in ("is", "mood")),
        *(("insights", f"by-{each}") for each in Trigger if each is not Trigger.OTHER),
        *(("insights", f"as-{each}") for each in ("dark", "light")),
        *(
            ("insights", f"{kind}-{claim}{hours}")
            for kind in ("urges", "contacts")
            for claim in ("no-day", "most", "more")
            for hours in ("", "-hours")
        ),
        *(("core", f"only-{each}") for each in ("coach", "owner")),
    ]
    assert [each for each in wanted if not texts.has(*each)] == []
