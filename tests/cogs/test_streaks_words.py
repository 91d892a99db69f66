"""No word of ours shames: nowhere in content/, and not in what is said to somebody who has written after all."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bot.model import Reply
from bot.texts import CONTENT, DEFAULT
from cogs.streaks import What
from tests.harness import Person, World

# What people say to somebody who has written after all, by what they mean with it.
SHAMING = tomllib.loads((CONTENT / DEFAULT / "banned.toml").read_text(encoding="utf-8"))["shaming"]
HARSH = re.compile("|".join(SHAMING.values()), re.IGNORECASE)
NOT_SAID = {"banned.toml", "screening.toml", "marks.toml"}  # what people write, not what is said to them
NOT_WORDS = {"source", "web", "id", "key", "teachings"}


def words(node: ast.BaseNode) -> list[str]:
    """Return every variant of a message, without the names in it."""
    found: list[str] = []

    class Words(Visitor):
        def visit_TextElement(self, node: ast.TextElement) -> None:
            found.append(node.value)

    Words().visit(node)
    return found


def strings(value: object) -> Iterator[str]:
    """Yield every sentence in what a .toml file holds."""
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from strings(each)
        case dict():
            for name, each in value.items():
                yield from () if name in NOT_WORDS else strings(each)
        case _:
            return


def said() -> Iterator[tuple[str, str]]:
    """Yield all that content/ says in the first language, and in which file."""
    for file in sorted((CONTENT / DEFAULT).rglob("*.ftl")):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            if isinstance(entry, ast.Message):
                for text in words(entry):
                    yield f"{file.stem}.{entry.id.name}", text
    for file in (*CONTENT.glob("*.toml"), *sorted((CONTENT / DEFAULT).rglob("*.toml"))):
        if file.name not in NOT_SAID:
            for text in strings(tomllib.loads(file.read_text(encoding="utf-8"))):
                yield file.name, text


def test_what_is_never_said_is_not_forgotten() -> None:
    assert len(SHAMING) >= 8
    assert len(HARSH.pattern.split("|")) >= 61


def test_no_word_in_content_shames() -> None:
    everything = list(said())
    assert len(everything) > 500
    assert [(where, text) for where, text in everything if HARSH.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "You lost your streak.",
        "Your count was reset.",
        "A month wasted.",
        "Back to day one.",
        "You start from scratch.",
        "You failed today.",
        "You gave in.",
        "A relapse is no end.",
        "You broke your streak.",
        "Don't be so weak.",
        "No excuses.",
        "It takes willpower.",
        "We are disappointed.",
        "You should be ashamed.",
        "It was only 3 days.",
    ],
)
def test_what_shames_is_found(text: str) -> None:
    assert HARSH.search(text)


@pytest.mark.parametrize(
    "text", ["27 of 28 days held. That stays.", "Thank you for saying so. Tomorrow counts.", "That did not work."]
)
def test_what_is_kind_is_not(text: str) -> None:
    assert not HARSH.search(text)


async def walk(person: Person, *taps: str) -> list[str]:
    """Return what is said on the way."""
    found: list[str] = []
    for label in taps:
        answer = await person.taps(label)
        assert isinstance(answer, Reply)
        found.append(answer.text)
    return found


@pytest.mark.parametrize("last", ["0", "1", "28"])
@pytest.mark.parametrize("what", What)
async def test_nothing_said_after_a_contact_shames_or_is_a_zero(world: World, last: str, what: What) -> None:
    ada = await world.member("ada", last=last)
    for _ in range(3):
        await world.moves(minutes=10)
        seen = [(await ada.says(f"/contact {what}")).text]
        if "Enough for tonight" in ada.labels:
            seen += await walk(ada, "Enough for tonight")
        seen += [(await ada.says(command)).text for command in ("/streak", "/history")]
        assert [text for text in seen if HARSH.search(text) or re.search(r"\b0\b", text)] == []
