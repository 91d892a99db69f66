"""Proof-reading content/: texts that are not Fluent, that need what they are not given, or that shame; by line."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot import proof
from bot.cog import Cog
from bot.content import Content, NotToml, Remark, tables
from bot.texts import CONTENT, DEFAULT

TOML = '''# a comment
top = 1
text = """one
[not.a.table]
key = "within"
"""

[a.b]
list = [
    "x = y",
    "[z]",
]
last = 'here'

[[a.c]]
n = 1

[[a.c]]
n = 2
    deep = "d"
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of content/ without the decks."""
    shutil.copytree(CONTENT, tmp_path / "content", ignore=shutil.ignore_patterns("advice", "*.py", "__pycache__"))
    return tmp_path / "content"


def said(folder: Path, *cogs: Cog) -> list[str]:
    """All that is said of it, as it is printed, without the folder."""
    content = Content(folder, folder / DEFAULT / "advice", date(2026, 3, 4))
    return [str(remark).removeprefix(f"{folder}/") for remark in proof.remarks(content, cogs)]


def test_ours_is_without_a_mistake(copy: Path) -> None:
    assert said(copy) == []


def test_what_stands_at_which_line_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(TOML)
    top, ab, first, second = tables(tmp_path / "x.toml")
    assert (top.name, top.lines) == ("", {"top": 2, "text": 3})
    assert (ab.name, ab.line, ab.lines) == ("a.b", 8, {"list": 9, "last": 13})
    assert (first.values, first.line, first.at("n"), first.at("missing")) == ({"n": 1}, 15, 16, 15)
    assert (second.values, second.at("deep")) == ({"n": 2, "deep": "d"}, 20)


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("a = 1\nb = \n")
    with pytest.raises(NotToml) as error:
        tables(tmp_path / "x.toml")
    assert error.value.remark.line == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("day = Tag\nquestion { $n }\n", "de/help.ftl:2: this is not Fluent: "),
        ("for-anyone = Für alle { $name }\n", "de/help.ftl:1: for-anyone: $name is not given to this text in English"),
        ("\nneu = Neu\n", "de/help.ftl:2: note: neu: English has no such text: it is never said"),
    ],
)
def test_a_text_in_another_language_keeps_to_the_english_one(copy: Path, text: str, what: str) -> None:
    (copy / "de").mkdir()
    (copy / "de" / "help.ftl").write_text(text, encoding="utf-8")
    assert any(each.startswith(what) for each in said(copy)), said(copy)


def test_a_text_that_leaves_out_what_english_says_is_named(copy: Path) -> None:
    (copy / "de").mkdir()
    text = "# Worte\n\ntry = Heute!\ndaily = Jeden Tag\n    .hour = { $day } Uhr\n"
    (copy / "de" / "advice.ftl").write_text(text, encoding="utf-8")
    assert said(copy) == [
        "de/advice.ftl:3: try: English says $what here",
        "de/advice.ftl:5: daily@hour: $day is not given to this text in English",
    ]


def test_a_file_that_english_has_not_is_a_note(copy: Path) -> None:
    (copy / "de").mkdir()
    (copy / "de" / "wetter.ftl").write_text("regen = Regen\n", encoding="utf-8")
    assert said(copy) == ["de/wetter.ftl:1: note: English has no such file: nothing in it is ever said"]


def test_a_word_that_shames_is_named_by_its_line(copy: Path) -> None:
    (copy / "en" / "extra.ftl").write_text("one = One.\ntwo =\n    Well.\n    You failed today.\n", encoding="utf-8")
    (copy / "en" / "extra.toml").write_text('[x]\nsay = ["Good.", "Back to day one."]\n', encoding="utf-8")
    assert said(copy) == [
        "en/extra.ftl:4: two: “failed” is never said here (it was a test)",
        "en/extra.toml:2: “day one” is never said here (what you held is worth nothing)",
    ]


def test_what_is_never_said_in_a_language_is_its_own(copy: Path) -> None:
    (copy / "de").mkdir()
    (copy / "de" / "banned.toml").write_text(
        "[shaming]\n'es war eine Prüfung' = 'versagt'\n[advice]\n", encoding="utf-8"
    )
    (copy / "de" / "help.ftl").write_text("for-anyone = Du hast versagt.\n", encoding="utf-8")
    assert said(copy) == ["de/help.ftl:1: for-anyone: “versagt” is never said here (es war eine Prüfung)"]


def test_every_feature_has_its_say_in_the_order_of_files_and_lines(copy: Path) -> None:
    one, two = Cog("one"), Cog("two")
    one.checks(lambda _: [Remark(copy / "b", 1, "second"), Remark(copy / "b", 1, "second")])
    two.checks(lambda _: [Remark(copy / "b", 2, "third", "id", wrong=False), Remark(copy / "a", 9, "first")])
    assert said(copy, one, two) == ["a:9: first", "b:1: second", "b:2: note: id: third"]
