"""The conversations are as short as they were meant to be: so many taps and words, for someone on a phone at night."""

import pytest

from bot.model import Reply
from tests.harness import Person, World

NAMES = {"Kim", "(kim@example.org)"}


def words(reply: Reply | None) -> int:
    """Count the words somebody has to read before they tap."""
    assert reply is not None
    return len([word for word in reply.text.split() if word not in NAMES])


async def taps(person: Person, *labels: str) -> list[Reply]:
    """Press these one after the other; return the answers."""
    answers: list[Reply] = []
    for label in labels:
        answer = await person.taps(label)
        assert isinstance(answer, Reply)
        answers.append(answer)
    return answers


@pytest.mark.parametrize("platform", ["discord", "telegram"])
async def test_joining(world: World, platform: str) -> None:
    ada = world.person("ada")
    object.__setattr__(ada.account, "platform", platform)
    read = [await ada.says("/join")]
    read += await taps(ada, "I'm 18 or over, and I agree", "I cheated", "Yesterday", "Morning")
    assert len(read) == 5
    assert sum(map(words, read)) <= 75
    assert {"I want to text them", "Help lines", "Wrong time?"} <= set(ada.labels)


@pytest.mark.parametrize("held", ["28", "0"])
async def test_a_lapse(world: World, held: str) -> None:
    ada = await world.member("ada", last=held)
    asked = await ada.says("/contact")
    assert words(asked) <= 2
    assert ada.labels[:4] == ["I wrote", "I answered", "They wrote", "More"]
    (told,) = await taps(ada, "I wrote")
    assert words(told) <= 7
    assert ada.labels[:3] == ["Enough for tonight", "What set it off?", "Undo"]


async def test_a_question(world: World) -> None:
    ada = await world.member("ada")
    await ada.opens("/ask")
    shown = await ada.fills(question="Why?")
    assert words(shown) <= 29 + 1
    assert ada.labels[:3] == ["Send", "Edit", "Cancel"]
    assert await taps(ada, "Send")


async def test_an_urge(world: World) -> None:
    ada = await world.member("ada")
    form = await ada.opens("/urge")
    assert len(form.fields[0].label.split()) <= 4
    kept = await ada.fills(letter="Come back.")
    assert words(kept) <= 10
    assert ada.labels == ["Another thing to do", "Ask a coach", "Help lines"]
    await world.moves(minutes=20)
    (back,) = ada.reads()
    assert len(back.split()) <= 2
    assert ada.labels[:3] == ["It passed", "Still here", "I sent it"]
