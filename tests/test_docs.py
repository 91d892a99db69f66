"""The documents keep up: nothing that can be set, typed, stored or counted is missing in them, or still in them."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic_core import PydanticUndefined
from sqlalchemy import LargeBinary

from bot import observe, registry
from bot.cli import cli
from bot.registry import Registry
from bot.settings import Settings
from bot.store import Holds, Sealed, metadata
from bot.texts import Texts

ROOT = Path(__file__).parent.parent
DOCS = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("changes/*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
)
RUNNING = (ROOT / "docs/running.md").read_text()
PRIVACY = (ROOT / "docs/privacy.md").read_text()
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETTINGS = {f"UNSENT_{name.upper()}": field for name, field in Settings.model_fields.items()}
NOT_OURS = {"ensurepip is not available"}  # Python says that
NOT_OF_THE_BOT = {"UNSENT_SHARED", "UNSENT_TEST_DATABASE"}  # variables of the tests


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """Return the first table below `heading`: the other cells of each row by its first, without the code marks."""
    below = text[text.index(f"\n{heading}") + 1 :].split("\n")[1:]
    start = next(number for number, line in enumerate(below) if line.startswith("|"))
    found: dict[str, list[str]] = {}
    for line in below[start + 2 :]:
        if not line.startswith("|"):
            break
        first, *rest = [cell.strip() for cell in line.strip("|").split("|")]
        found[first.strip("`")] = rest
    return found


def test_every_setting_is_explained_with_its_default() -> None:
    told = rows(RUNNING, "## Settings")
    assert set(told) == set(SETTINGS)
    for name, field in SETTINGS.items():
        default: Any = None if field.default is PydanticUndefined else field.default
        shown = "none" if default in (None, "") else f"`{str(default).lower() if default is False else default}`"
        assert told[name][0] == shown, name


def test_the_example_offers_every_setting() -> None:
    offered = re.findall(r"^#(UNSENT_\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(name for name, _ in offered) == sorted(SETTINGS)


@pytest.mark.parametrize(
    "name", ["compose.yaml", "Dockerfile", ".env.example", *(str(d.relative_to(ROOT)) for d in DOCS)]
)
def test_no_setting_is_named_that_is_not_there(name: str) -> None:
    named = set(re.findall(r"UNSENT_[A-Z_]*[A-Z]", (ROOT / name).read_text()))
    assert named <= set(SETTINGS) | NOT_OF_THE_BOT


def commands(group: Any, name: str) -> list[str]:
    """Return the full names of all commands below a group."""
    below = getattr(group, "commands", None)
    return [each for key, child in below.items() for each in commands(child, f"{name} {key}")] if below else [name]


def test_every_command_of_the_shell_is_explained() -> None:
    assert set(rows(RUNNING, "## Commands")) == set(commands(typer.main.get_command(cli), "unsent"))


def test_every_command_that_people_type_is_explained() -> None:
    listed = Registry(registry.discover(), Texts()).listing("en")
    told = rows((ROOT / "README.md").read_text(), "## What people type")
    roles = {"anyone": "anyone", "members": "member", "coaches": "coach", "owners": "owner"}
    assert {name: roles[cells[0]] for name, cells in told.items()} == {
        f"/{command.name}": command.role.value for command in listed
    }


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "docs/dependencies.md").read_text()
    groups = PROJECT["dependency-groups"]
    for heading, wanted in (
        (
            "## To run",
            [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["postgresql"]],
        ),
        ("## To build and to test", [each for group in groups.values() for each in group if isinstance(each, str)]),
    ):
        told = {name.strip(" `") for cell in rows(text, heading) for name in cell.split(",")}
        assert told == {re.split(r"[\[><=~ ;]", each)[0] for each in wanted}


def test_what_runs_is_what_was_tested() -> None:
    run, dev = (
        set(re.findall(r"^([a-z][^ ]+==[^ \n]+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE))
        for name in ("run", "dev")
    )
    assert run
    assert run <= dev


def test_every_metric_is_explained() -> None:
    told = rows(RUNNING, "## Health and metrics")
    counted = {
        f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in observe.METRICS.collect()
    }
    assert set(told) == counted


def test_every_field_of_the_log_is_explained() -> None:
    assert list(rows(RUNNING, "## The log")) == list(observe.FIELDS)


def test_every_column_is_explained_and_so_is_how_it_is_kept() -> None:
    for table in metadata.sorted_tables:
        if table.info["holds"] is Holds.NOTHING:
            named = re.search(rf"`{table.name}` \(([^)]*)\)", PRIVACY)
            assert named, table.name
            assert set(re.findall(r"`(\w+)`", named[1])) == set(table.columns.keys())
            continue
        told = rows(PRIVACY, f"### `{table.name}`:")
        assert list(told) == table.columns.keys(), table.name
        for column in table.columns:
            kind = "plain"
            if isinstance(column.type, Sealed):
                kind = "sealed, padded" if column.type.size else "sealed"
            elif isinstance(column.type, LargeBinary):
                kind = "blind index"
            assert told[column.name][0] == kind, f"{table.name}.{column.name}"
    of_people = {table.name for table in metadata.sorted_tables if table.info["holds"] is not Holds.NOTHING}
    assert set(re.findall(r"^### `(\w+)`:", PRIVACY, re.MULTILINE)) == of_people


def test_every_room_and_every_feature_is_on_the_map() -> None:
    rooms = {
        f"bot/{path.name}{'/' if path.is_dir() else ''}"
        for path in (ROOT / "bot").iterdir()
        if path.suffix == ".py" or path.name in ("adapters", "cog", "pictures")
    }
    assert set(rows(ARCHITECTURE, "## The rooms")) == rooms - {"bot/__init__.py"}
    features = {str(path.relative_to(ROOT)) for path in (ROOT / "cogs").iterdir() if not path.name.startswith("__")}
    assert set(rows(ARCHITECTURE, "`cogs/` is")) == features


def test_what_one_looks_up_is_what_one_sees() -> None:
    sources = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("content/en/*.ftl"), ROOT / "Makefile"]
    said = "\n".join(source.read_text() for source in sources)
    section = RUNNING[RUNNING.index("\n## When something is wrong") :]
    looked_up = set(re.findall(r"^\| [^|`\"]*[`\"]([^|`\"]+)[`\"]", section, re.MULTILINE)) - NOT_OURS
    assert looked_up
    for words in looked_up:
        assert all(part.strip() in said for part in words.split("…")), words


def slug(heading: str) -> str:
    """Return the anchor that a heading has."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("file", DOCS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file: Path) -> None:
    text = re.sub(r"```.*?```", "", file.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = file.parent / path if path else file
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, link


def test_the_feature_in_the_architecture_works(tmp_path: Path) -> None:
    for name in ("bot", "cogs", "content", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    written = re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    assert len(written) == 4
    last = max(path.name[:4] for path in (ROOT / "bot/migrations/versions").glob("[0-9]*.py"))
    for name, text in written:
        if "migrations" in name:
            name = re.sub(r"/\d{4}_", "/9999_", name)  # behind all that came since the page was written
            text = re.sub(r'^revision = "\d+"', 'revision = "9999"', text, flags=re.MULTILINE)
            text = re.sub(r'^down_revision = "\d+"', f'down_revision = "{last}"', text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text)
    tests = [name for name, _ in written if name.startswith("tests/")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
