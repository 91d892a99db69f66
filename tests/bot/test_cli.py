"""What an operator types: checked without being started, refused in plain words, and what is dead brought back."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import cli
from bot.model import Place, Reply
from bot.outbox import Lane, Outbox, State, outbox
from bot.settings import Settings
from bot.store import Row, Store
from bot.texts import DECK
from bot.vault import Vault, new_key, parse_keys
from tests.decks import write_deck
from tests.harness import NOON

KEY = new_key()
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder, a key and nothing else set; logs and file modes as they were afterwards."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"UNSENT_{name.upper()}", raising=False)
    monkeypatch.setenv("UNSENT_KEY", KEY)
    monkeypatch.setenv("UNSENT_WEB", "127.0.0.1:0")
    monkeypatch.setattr(cli, "set_up_logs", lambda *_: None)  # pyright: ignore
    mask = os.umask(0o022)
    yield
    os.umask(mask)


def unsent(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Type `unsent …`; return the exit status."""
    monkeypatch.setattr(sys, "argv", ["unsent", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


def dead_rows(folder: Path, *names: str) -> list[str]:
    """Make a database with rows that could not be sent; return their ids, in order."""

    async def make() -> list[str]:
        (folder / "data").mkdir()
        store = Store(f"sqlite+aiosqlite:///{folder / 'data' / 'unsent.sqlite'}", Vault(parse_keys(KEY)))
        await store.open()
        async with store.transaction() as tx:
            for name in names:
                await Outbox(tx, NOON).send(Place("test", "town"), Reply("zuzu"), name=name, lane=Lane.POST)
            await tx.execute(update(outbox).values(state=State.DEAD, why="50035 abcdefgh", attempts=3))
            await Outbox(tx, NOON).send(Place("test", "town"), Reply("alive"), name="alive", lane=Lane.POST)
            ids = [row["id"] for row in await tx.rows(outbox, outbox.c.state == State.DEAD, order_by=(outbox.c.name,))]
        await store.close()
        return ids

    return asyncio.run(make())


def rows(folder: Path) -> dict[str, Row]:
    """The rows by name."""

    async def look() -> dict[str, Row]:
        store = Store(f"sqlite+aiosqlite:///{folder / 'data' / 'unsent.sqlite'}", Vault(parse_keys(KEY)))
        async with store.reading() as tx:
            found = {row["name"]: row for row in await tx.rows(outbox)}
        await store.close()
        return found

    return asyncio.run(look())


def states(folder: Path) -> dict[str, tuple[str, int]]:
    """The state of each row and how often it was tried."""
    return {name: (row["state"], row["attempts"]) for name, row in rows(folder).items()}


def test_check_before_the_first_start_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert unsent(monkeypatch, "check") == 0
    assert "On: preview" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_check_says_what_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_rows(tmp_path)
    monkeypatch.setenv("UNSENT_TELEGRAM_TOKEN", "zuzu")
    monkeypatch.setenv("UNSENT_OPERATOR", "Ann")
    assert unsent(monkeypatch, "check") == 0
    out = capsys.readouterr().out
    assert out == "All is well. On: telegram.\n"


def test_check_names_the_decks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("harbour", "second-wind"):
        write_deck(tmp_path / "decks" / name, name.title())
    (tmp_path / "decks" / "road").symlink_to(DECK)
    monkeypatch.setenv("UNSENT_DECKS", "decks")
    assert unsent(monkeypatch, "check") == 0
    assert "On: preview. Decks: the usual one, harbour, second-wind. There is no database" in capsys.readouterr().out
    monkeypatch.setenv("UNSENT_DECK", str(tmp_path / "decks" / "harbour"))
    dead_rows(tmp_path)
    assert unsent(monkeypatch, "check") == 0
    assert capsys.readouterr().out == "All is well. On: preview. Decks: the usual one, road, second-wind.\n"


def test_check_names_a_deck_that_is_not_right_by_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_deck(tmp_path / "decks" / "harbour", "Harbour")
    file = tmp_path / "decks" / "harbour" / "healing.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("title =", "titel =", 1), encoding="utf-8")
    monkeypatch.setenv("UNSENT_DECKS", "decks")
    assert unsent(monkeypatch, "check") == 2
    told = capsys.readouterr().err
    assert "decks/harbour/healing.toml:2: healing-harbour-0: title is missing" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("options", "tokens", "told"),
    [
        (["--no-telegram"], ["TELEGRAM"], "no platform left"),
        (["--no-telegram", "--no-discord"], ["TELEGRAM", "DISCORD"], "no platform left"),
        (["--no-discord"], [], "no platform left"),
        (["--worker"], [], "no platform left"),
        (["--worker"], ["DISCORD"], "only one process can work on SQLite"),
        (["--worker", "--no-discord"], ["DISCORD", "TELEGRAM"], "only one process can work on SQLite"),
        (["--shards", "0-3"], ["DISCORD"], "write 0-3/16"),
        (["--shards", "0-1/4"], ["DISCORD"], "Write --shards 0-3/4, or choose PostgreSQL"),
        (["--shards", "0-3/4"], ["TELEGRAM"], "hears none of it"),
        (["--shards", "0-3/4", "--no-discord"], ["DISCORD", "TELEGRAM"], "hears none of it"),
        (["--shards", "0-3/4"], [], "no platform left"),
    ],
)
def test_a_part_that_is_nothing_or_needs_others_is_refused_and_nothing_is_made(
    options: list[str],
    tokens: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("UNSENT_OPERATOR", "Kim")
    for each in tokens:
        monkeypatch.setenv(f"UNSENT_{each}_TOKEN", "1:x")
    assert unsent(monkeypatch, "run", *options) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("check",), ("run",), ("outbox", "list")])
def test_wrong_settings_are_told_in_plain_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("UNSENT_DATABASE_URL", "mars://base")
    monkeypatch.setenv("UNSENT_LOG_LEVEL", "LOUD")
    assert unsent(monkeypatch, *words) == 2
    told = capsys.readouterr().err
    assert "UNSENT_DATABASE_URL" in told
    assert "UNSENT_LOG_LEVEL" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("words", [("check",), ("run",), ("outbox", "list")])
def test_another_key_is_told_and_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    dead_rows(tmp_path, "one")
    before = (tmp_path / "data" / "unsent.sqlite").read_bytes()
    monkeypatch.setenv("UNSENT_KEY", new_key())
    assert unsent(monkeypatch, *words) == 2
    assert "This key does not open this database" in capsys.readouterr().err
    assert (tmp_path / "data" / "unsent.sqlite").read_bytes() == before


def test_a_missing_key_file_of_a_database_that_is_there_is_not_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_rows(tmp_path, "one")
    monkeypatch.delenv("UNSENT_KEY")
    monkeypatch.setenv("UNSENT_KEY_FILE", str(tmp_path / "key"))
    for words in (("check",), ("run",), ("outbox", "list")):
        assert unsent(monkeypatch, *words) == 2
        assert "cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "key").exists()


def test_the_dead_are_listed_with_their_reference_and_without_their_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = dead_rows(tmp_path, "one", "two")
    assert unsent(monkeypatch, "outbox", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines) == sorted(f"{id}  test  send  2026-03-04 12:00  50035 abcdefgh" for id in ids)


def test_where_nothing_is_dead_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_rows(tmp_path)
    assert unsent(monkeypatch, "outbox", "list") == 0
    assert capsys.readouterr().out == "Nothing.\n"


def test_the_dead_are_tried_again_one_or_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, *_ = dead_rows(tmp_path, "one", "three", "two")
    unsent(monkeypatch, "outbox", "retry", one)
    assert states(tmp_path) == {
        "one": ("waiting", 0),
        "two": ("dead", 3),
        "three": ("dead", 3),
        "alive": ("waiting", 0),
    }
    unsent(monkeypatch, "outbox", "retry", "all")
    assert set(states(tmp_path).values()) == {("waiting", 0)}
    assert capsys.readouterr().out.splitlines() == ["1 will be tried again.", "2 will be tried again."]


def test_the_dead_are_dropped_one_or_all_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, *_ = dead_rows(tmp_path, "one", "three", "two")
    unsent(monkeypatch, "outbox", "drop", one)
    assert set(states(tmp_path)) == {"two", "three", "alive"}
    unsent(monkeypatch, "outbox", "drop", "all")
    assert set(states(tmp_path)) == {"alive"}
    unsent(monkeypatch, "outbox", "drop", "all")
    assert capsys.readouterr().out.splitlines() == ["1 dropped.", "2 dropped.", "0 dropped."]


def test_what_is_counted_is_printed_as_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_rows(tmp_path)
    unsent(monkeypatch, "stats")
    _, head, title, *_ = capsys.readouterr().out.splitlines()
    assert (head, title) == ("piece  given  helped  not for me", "Answers, as those who asked found them")
    with closing(sqlite3.connect(next(tmp_path.rglob("*.sqlite")))) as database, database:
        database.execute("INSERT INTO feedback VALUES ('a-piece', 120, 7, 13), ('another', 3, 0, 1)")
    unsent(monkeypatch, "stats")
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[1:3]] == [["a-piece", "120", "7", "13"], ["another", "3", "0", "1"]]
    assert len({len(line) for line in lines[:3]}) == 1


def test_what_is_alive_is_neither_tried_again_nor_dropped_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dead_rows(tmp_path, "one")
    for command in ("retry", "drop"):
        unsent(monkeypatch, "outbox", command, rows(tmp_path)["alive"]["id"])
    assert capsys.readouterr().out.splitlines() == ["0 will be tried again.", "0 dropped."]


def test_a_fault_shows_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> Settings:
        token = "zuzu-token"  # a local that a traceback could show
        raise RuntimeError(len(token))

    monkeypatch.setattr(cli.settings_module, "load", fails)
    monkeypatch.setattr(sys, "argv", ["unsent", "check"])
    with pytest.raises(RuntimeError):  # and typer does not print it in its own way, with what the locals hold
        cli.main()


def test_one_runs_at_a_time_and_the_other_commands_beside_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    first = subprocess.Popen([*command, "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert first.stdout is not None
        assert re.match(rb"Unsent is at http://127\.0\.0\.1:\d+ ", first.stdout.readline())
        second = subprocess.run([*command, "run"], env=environment, capture_output=True, timeout=20)
        assert second.returncode == 2
        assert re.match(rb"Another Unsent is running on data\S*\. Stop it first", second.stderr)
        assert b"Traceback" not in second.stderr
        beside = subprocess.run([*command, "outbox", "list"], env=environment, capture_output=True, timeout=20)
        assert beside.stdout == b"Nothing.\n"
        first.send_signal(signal.SIGTERM)
        _, log = first.communicate(timeout=10)
        assert first.returncode == 0
        assert b"Traceback" not in log
    finally:
        first.kill()
        first.communicate()
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()} == {0}
