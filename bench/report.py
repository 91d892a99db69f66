"""What a benchmark found, all in one form: what was measured against which target, and bars to be drawn.

It is printed, and where BENCH_RESULTS names a file it is added there, each a line of JSON; bench/run.py makes the
document of it. A benchmark runs by hand as well as from there.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = "BENCH_RESULTS"

WIDTH, LEFT, RIGHT = 760, 230, 90  # pixels: in all, for the names, for the numbers
LINE, HEAD, BAR, GAP = 26, 34, 16, 14
OURS, OTHERS, INK, PALE, LIMIT = "#3b6ea8", "#b8bec6", "#24292f", "#656d76", "#b3401f"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Result:
    """One thing that was measured. `held` is None where it has no target, or where what it is compared with is missing.

    `ratio` says to what it is one; `command` measures it again.
    """

    name: str
    target: str
    measured: str
    ratio: str
    held: bool | None
    command: str

    @property
    def verdict(self) -> str:
        """Whether the target was held, in a word."""
        return {True: "held", False: "not held", None: "—"}[self.held]


@dataclass(frozen=True)
class Bars:
    """Numbers of one unit, by name, drawn below each other; `limit` is a line across them. Ours are named "Unsent…"."""

    title: str
    values: Mapping[str, float]
    limit: float | None = None


def command() -> str:
    """Return what was typed to run this benchmark, from the folder of the project."""
    script = Path(sys.argv[0]).resolve()
    return " ".join([".venv/bin/python", str(script.relative_to(ROOT)), *sys.argv[1:]])


def result(name: str, measured: str, *, target: str = "—", ratio: str = "—", held: bool | None = None) -> None:
    """Print one result, and write it down."""
    found = Result(name, target, measured, ratio, held, command())
    print(f"  => {name}: {measured}; target {target}; ratio {ratio}; {found.verdict}", flush=True)
    _write({"result": asdict(found)})


def bars(title: str, values: Mapping[str, float], limit: float | None = None) -> None:
    """Write down what is to be drawn."""
    _write({"bars": asdict(Bars(title, dict(values), limit))})


def memory() -> float:
    """Return the memory of this process that is really there, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def drawn(panels: list[Bars]) -> str:
    """Return the bars as an SVG."""
    parts, y = list[str](), GAP
    for panel in panels:
        parts.append(_text(GAP, y + 16, panel.title, INK, weight=600))
        top = y = y + HEAD
        scale = (WIDTH - LEFT - RIGHT) / (max([*panel.values.values(), panel.limit or 0]) or 1)
        for name, value in panel.values.items():
            color = OURS if name.startswith("Unsent") else OTHERS
            wide = max(1.0, value * scale)
            parts += [
                _text(LEFT - 10, y + BAR - 3, name, INK, anchor="end"),
                f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{BAR}" rx="2" fill="{color}"/>',
                _text(LEFT + wide + 6, y + BAR - 3, _number(value), PALE),
            ]
            y += LINE
        if panel.limit is not None:
            x = LEFT + panel.limit * scale
            parts += [
                f'<path d="M{x:.1f} {top - 4}V{y - 4}" stroke="{LIMIT}" stroke-dasharray="3 3"/>',
                _text(x, top - 8, _number(panel.limit), LIMIT, anchor="middle"),
            ]
        y += GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}"'
    style = f'font-family="{FONT}" font-size="13"><rect width="100%" height="100%" fill="#fff"/>'
    return "\n".join([f"{head} {style}", *parts, "</svg>", ""])


def _text(x: float, y: float, words: str, color: str, *, anchor: str = "start", weight: int = 400) -> str:
    what = f'text-anchor="{anchor}" font-weight="{weight}" fill="{color}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {what}>{escape(words)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _write(line: Mapping[str, Any]) -> None:
    if file := os.environ.get(RESULTS):
        with Path(file).open("a") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
