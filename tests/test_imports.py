"""Who may import whom: the contracts of .importlinter hold, and each of them catches what it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECK = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
BROKEN = (
    ("bot/model.py", "import bot.clock", "What passes between rooms"),
    ("bot/store.py", "import bot.people", "bot: each room"),
    ("bot/people.py", "import bot.communities", "bot: each room"),
    ("bot/scheduler.py", "import cogs.advice", "bot knows no feature"),
    ("bot/adapters/preview/view.py", "import bot.texts", "An adapter knows the protocol"),
    ("bot/adapters/preview/view.py", "import bot.adapters.discord.render", "The adapters do not know each other"),
    ("bot/adapters/preview/view.py", "import telegram.error", "Only bot.adapters.telegram"),
    ("bot/app.py", "import discord", "Only bot.adapters.discord"),
    ("bot/dispatch.py", "import apscheduler.job", "Only the scheduler"),
    ("cogs/help.py", "import bot.adapters.preview", "A feature is given"),
    ("cogs/help.py", "import bot.settings", "A feature is given"),
    ("cogs/stage.py", "import cogs.join", "One feature may read"),
)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages in `folder`."""
    return subprocess.run([sys.executable, "-c", CHECK], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code that can be spoilt."""
    for name in ("bot", "cogs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    done = check(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("file", "line", "contract"), BROKEN)
def test_a_contract_catches_what_it_is_there_for(copy: Path, file: str, line: str, contract: str) -> None:
    spoilt = copy / file
    spoilt.write_text(f"{spoilt.read_text()}\n{line}\n")
    done = check(copy)
    broken = [said for said in done.stdout.splitlines() if " BROKEN" in said]
    assert done.returncode == 1, done.stdout
    assert any(said.startswith(contract) for said in broken), broken


def test_a_new_room_needs_a_place(copy: Path) -> None:
    (copy / "bot" / "cellar.py").write_text("")
    done = check(copy)
    assert done.returncode == 1
    assert "cellar" in done.stdout
