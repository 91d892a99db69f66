"""What no answer says, what it may say all the same, and that help lines always pass."""

import tomllib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.texts import CONTENT
from cogs import crisis
from cogs.questions import contact, marks
from cogs.questions.phrases import Why

FILE: dict[str, Any] = tomllib.loads((CONTENT / "en" / "marks.toml").read_text(encoding="utf-8"))
BUT = contact.allowed(crisis.lines())
REGIONS = marks.regions()
COUNTRIES = list(crisis.lines()["countries"].items())
ENTRIES = [(code, entry) for code, listed in COUNTRIES for kind in crisis.KINDS for entry in listed.get(kind, ())]
NUMBERS = [
    (code, number)
    for code, entry in ENTRIES
    for number in (*entry.get("phone", ()), *filter(None, [entry.get("text")]))
]


def refused(answer: str) -> Why | None:
    """Return why an answer is not sent."""
    return contact.refuse(answer, BUT, REGIONS)


@pytest.mark.parametrize(("text", "why"), [each for group in FILE["refused"] for each in group["means"].items()])
def test_an_offer_is_refused_with_its_reason(text: str, why: str) -> None:
    assert refused(text) == refused(text.upper()) == refused(f"I hear you. {text}") == Why(why)


@pytest.mark.parametrize("text", [*FILE["sent"], "", "💔", "\ud800"])
def test_what_helps_is_sent(text: str) -> None:
    assert refused(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ring +44 7700 900123.", Why.PHONE),
        ("Ring 0151 123 4567.", Why.PHONE),
        ("415.555.2671", Why.PHONE),
        ("4 1 5 5 5 5 2 6 7 1", Why.PHONE),
        ("four one five five five five two six seven one", Why.PHONE),
        ("988 555 1234", Why.PHONE),
        ("+1 415 988 1234", Why.PHONE),
        ("0808 2000 247 555 1234", Why.PHONE),
        ("06 15 17 18 22", Why.PHONE),
        ("116 123 or 07700 900123", Why.PHONE),
        ("rowan@example.org", Why.EMAIL),
        ("rowan at example dot org", Why.EMAIL),
        ("I am @rowan_w", Why.HANDLE),
        ("instagram.com/rowan", Why.LINK),
        ("https://example.org/988lifeline.org", Why.LINK),
        ("988lifeline.org.example.com", Why.LINK),
        ("not988lifeline.org", Why.LINK),
    ],
)
def test_what_leads_to_a_coach_is_refused(text: str, why: Why) -> None:
    assert refused(text) is why


@pytest.mark.parametrize(("code", "number"), NUMBERS)
def test_the_number_of_a_help_line_passes_however_it_is_spaced(code: str, number: str) -> None:
    only = marks.digits(number)
    for written in (number, only, " ".join(only), number.replace(" ", "-"), number.replace("-", " ")):
        assert refused(f"Please call {written}, they are kind.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Call 988 or 116 123, at any hour; in danger 112.",
        "Samaritans: 116 123 24/7",
        "988 24/7",
        "call +44 116 123",
        "+44 808 2000 247 and 0044 808 2000 247",
        "1-800-799-7233",
        "+1 800 799 7233",
        "Text HOME to 741741",
        "116 123, 0808 2000 247",
    ],
)
def test_help_lines_pass_in_a_sentence(text: str) -> None:
    assert refused(text) is None


@pytest.mark.parametrize("web", sorted({entry["web"] for _, entry in ENTRIES if "web" in entry}))
def test_where_a_help_line_is_on_the_net_passes(web: str) -> None:
    bare = web.removeprefix("https://")
    for written in (web, bare, f"{web}/", f"({bare})", bare.upper()):
        assert refused(f"Look at {written}.") is None


@given(st.text() | st.lists(st.sampled_from(FILE["sent"] + ["988", "1 ", "let's ", "meet "])).map(" ".join))
@example("1 " * 1500)
@example("\ud800" * 10)
def test_any_answer_is_read(text: str) -> None:
    refused(text)
    assert refused(f"{text}\n\nDM me") is not None
