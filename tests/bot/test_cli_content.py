"""What somebody types who writes: `unsent content check` and `unsent content show`."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cli
from bot.settings import Settings
from bot.texts import CONTENT, DECK
from tests.decks import write_deck


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder and nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"UNSENT_{name.upper()}", raising=False)
    mask = os.umask(0o022)
    yield
    os.umask(mask)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of content/, of which nothing but the deck's few counts may be said."""
    shutil.copytree(CONTENT, tmp_path / "words", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    deck = tmp_path / "words" / "en" / "advice" / "deck.toml"
    deck.write_text(deck.read_text(encoding="utf-8").replace("carried = 2", "carried = 1"), encoding="utf-8")
    return tmp_path / "words"


def unsent(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Type `unsent …`; return the exit status."""
    monkeypatch.setattr(sys, "argv", ["unsent", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


def test_what_is_wrong_is_said_by_file_and_line_and_the_status_is_1(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = copy / "en" / "advice" / "healing.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines) if text.startswith("title ="))
    lines[line] = f'title = "{"t" * 63}"'
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    id = lines[line - 3].removeprefix('id = "').removesuffix('"')
    assert unsent(monkeypatch, "content", "check", "words") == 1
    *said, last = capsys.readouterr().out.splitlines()
    what = f"words/en/advice/healing.toml:{line + 1}: {id}: the title has 63 characters; 60 fit"
    assert [each for each in said if ": note: " not in each] == [what]
    assert last.startswith("1 to mend, ")


def test_notes_alone_are_no_mistake(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = copy / "en" / "advice" / "deck.toml"
    deck.write_text(deck.read_text(encoding="utf-8").replace("least = 50", "least = 999"), encoding="utf-8")
    assert unsent(monkeypatch, "content", "check", "words/en/advice") == 0
    *said, last = capsys.readouterr().out.splitlines()
    assert said
    assert all(": note: " in each for each in said)
    assert last == f"Nothing to mend, {len(said)} to look at."


def test_the_deck_that_is_set_is_the_one_that_is_read(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (copy / "en" / "advice").glob("*.toml"):
        if file.name not in ("deck.toml", "space.toml"):
            file.unlink()
    monkeypatch.setenv("UNSENT_DECK", "words/en/advice")
    assert unsent(monkeypatch, "content", "check") == 1
    assert "words/en/advice/deck.toml:" in capsys.readouterr().out
    assert unsent(monkeypatch, "content", "show", "healing") == 2
    assert unsent(monkeypatch, "content", "show") == 0
    assert "space-the-first-day · any · S10 · day_1" in capsys.readouterr().out


def test_every_deck_that_is_set_is_checked_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("harbour", "second-wind"):
        write_deck(tmp_path / "decks" / name, name.title())
    (tmp_path / "decks" / "road").symlink_to(DECK)
    monkeypatch.setenv("UNSENT_DECK", str(tmp_path / "decks" / "harbour"))
    monkeypatch.setenv("UNSENT_DECKS", "decks")
    assert unsent(monkeypatch, "content", "check") == 0
    capsys.readouterr()
    file = tmp_path / "decks" / "second-wind" / "healing.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('title = "Second', 'title = "You failed. Second', 1))
    assert unsent(monkeypatch, "content", "check") == 1
    said = [each for each in capsys.readouterr().out.splitlines() if ": note: " not in each]
    what = "decks/second-wind/healing.toml:6: healing-second-wind-0: “failed” is never said here"
    assert [each.partition(" (")[0] for each in said[:-1]] == [what]
    assert unsent(monkeypatch, "content", "check", "decks") == 0  # with no list of what is never said beside it
    capsys.readouterr()
    assert unsent(monkeypatch, "content", "show", "healing") == 0
    shown = capsys.readouterr().out
    headings = [line.strip("─ ") for line in shown.splitlines() if "─" in line]
    assert headings == ["healing", "The road: healing", "Second-Wind: healing"]
    assert unsent(monkeypatch, "content", "show", "space-second-wind-1") == 0
    assert "Second-Wind 1: " in capsys.readouterr().out


def test_the_table_of_what_carries_what_is_written(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert unsent(monkeypatch, "content", "check", "words", "--coverage", "table.md") == 0
    assert Path("table.md").read_text(encoding="utf-8").startswith("# What the pieces carry\n")


def test_a_folder_that_is_neither_is_refused_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unsent(monkeypatch, "content", "check", str(tmp_path)) == 2
    assert "is no deck, which has a deck.toml" in capsys.readouterr().err


def test_a_piece_is_read_at_80_columns_and_plain_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert unsent(monkeypatch, "content", "show", "healing-live-meanwhile") == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) == 80
    assert "\x1b" not in "".join(lines)
    assert lines[2:4] == ["Live in the meantime", "healing-live-meanwhile · any · H02"]
    assert all(line.startswith("  ") for line in lines[4:] if line)


def test_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert unsent(monkeypatch, "content", "show", "nonsense") == 2
    assert (
        f"There is no stage and no piece “nonsense”. A stage is one of the files in {DECK}." in capsys.readouterr().err
    )
