"""Every benchmark that has a target, one after the other, each in a process of its own: `make bench`.

    .venv/bin/python bench/run.py [name ...]

What each found is kept in docs/benchmarks/, and docs/benchmarks.md is made of all that is there: so one that is run
alone replaces its own part. They want a machine of their own; what was going on on it before is written beside it.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.report import RESULTS, ROOT, Bars, Result, drawn

KEPT = ROOT / "docs/benchmarks"
PEERS = Path(".venv-bench/bin/python")  # see the Makefile


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: what it is about, how it is run, and how many minutes it takes. `peers`: it wants aiogram."""

    name: str
    about: str
    run: tuple[str, ...]
    minutes: int
    peers: bool = False

    @property
    def kept(self) -> Path:
        """Where what it found is kept."""
        return KEPT / f"{self.name}.jsonl"


TELEGRAM, DISCORD = "bench/to_telegram.py", "bench/discord_wire.py"
BENCHMARKS = (
    Benchmark("paced", "Telegram at 1,000 a second, 50 ms round trip", (TELEGRAM, "paced"), 3, peers=True),
    Benchmark("fast", "Telegram as fast as it goes", (TELEGRAM, "fast"), 2, peers=True),
    Benchmark("thirty", "Telegram at 30 a second", (TELEGRAM, "thirty"), 6),
    Benchmark("fifty", "Discord at 50 a second", (DISCORD, "fifty"), 6),
    Benchmark("typing", "Whoever types while a drop runs", (TELEGRAM, "typing"), 2),
    Benchmark("commands", "Commands on Discord's wire", (DISCORD, "commands"), 2),
    Benchmark("members", "A million members", ("bench/members.py",), 10),
    Benchmark("ask", "Thirty people ask at once", ("bench/ask.py",), 1),
    Benchmark("workers", "Two processes on PostgreSQL", ("bench/workers.py",), 5),
)


def machine() -> dict[str, Any]:
    """Return what there is to say of this machine; the load before the first, for each leaves one behind."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}",
        "python": f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "load": round(os.getloadavg()[0], 2),
    }


def has_aiogram() -> bool:
    """Tell whether what is measured beside is there."""
    if not (ROOT / PEERS).exists():
        return False
    return subprocess.run([PEERS, "-c", "import aiogram"], cwd=ROOT, stderr=subprocess.DEVNULL).returncode == 0


def run(bench: Benchmark, about: dict[str, Any], *, aiogram: bool) -> bool:
    """Run one, and keep what it found; tell whether it found anything."""
    begun = time.monotonic()
    print(f"== {bench.name}: {bench.about} ({bench.minutes} min)", flush=True)
    fresh = bench.kept.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch()
    more = ("--aiogram", str(PEERS)) if bench.peers and aiogram else ()
    # The status tells whether the targets were held, which the lines tell too.
    subprocess.run([sys.executable, *bench.run, *more], cwd=ROOT, env=os.environ | {RESULTS: str(fresh)})
    found = fresh.read_text()
    fresh.unlink()
    if not found:
        print(f"   {bench.name} found nothing: what was known of it before stays", flush=True)
        return False
    about |= {"seconds": round(time.monotonic() - begun)}
    bench.kept.write_text(json.dumps({"run": about}) + "\n" + found)
    return True


def read(bench: Benchmark) -> tuple[dict[str, Any], list[Result], list[Bars]]:
    """Return when and where it ran, what it found, and what is to be drawn."""
    lines = [json.loads(line) for line in bench.kept.read_text().splitlines()]
    results = [Result(**line["result"]) for line in lines if "result" in line]
    return lines[0]["run"], results, [Bars(**line["bars"]) for line in lines if "bars" in line]


def write() -> None:
    """Write the document, and the plots."""
    there = [(bench, *read(bench)) for bench in BENCHMARKS if bench.kept.exists()]
    targets = [each for _, _, results, _ in there for each in results if each.held is not None]
    parts = [
        "# Benchmarks",
        "`make bench` wrote this, from what each benchmark found (`docs/benchmarks/`). Whoever measures is in the same "
        "run as what is measured, and as whom it is compared with, on loopback: read the ratios.",
        f"{sum(bool(each.held) for each in targets)} of {len(targets)} targets were held.",
    ]
    for bench, about, results, panels in there:
        where = f"{about['machine']}, {about['python']}; load before: {about['load']}"
        parts.append(f"## {bench.name}: {bench.about}")
        parts.append(f"{about['date']}, {where}. It took {about['seconds']} s.")
        rows = [
            "| what | target | measured | ratio | |",
            "|---|---|---|---|---|",
            *(f"| {each.name} | {each.target} | {each.measured} | {each.ratio} | {each.verdict} |" for each in results),
        ]
        parts.append("\n".join(rows))
        parts += [f"    {each}" for each in dict.fromkeys(each.command for each in results)]
        if panels:
            plot = bench.kept.with_suffix(".svg")
            plot.write_text(drawn(panels))
            parts.append(f"![{bench.about}](benchmarks/{plot.name})")
    (ROOT / "docs/benchmarks.md").write_text("\n\n".join(parts) + "\n")


def main() -> int:
    """Run what was asked for, or everything; fail where one found nothing."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(each.name for each in BENCHMARKS))
    names = parser.parse_args().names
    if unknown := set(names) - {each.name for each in BENCHMARKS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}, only {', '.join(each.name for each in BENCHMARKS)}")
    chosen = [each for each in BENCHMARKS if not names or each.name in names]
    KEPT.mkdir(exist_ok=True)
    aiogram = has_aiogram()
    minutes = sum(each.minutes for each in chosen)
    print(f"It takes about {minutes} min. Let nothing else run on this machine.", flush=True)
    if any(each.peers for each in chosen) and not aiogram:
        print("aiogram is not there: it is left out.", flush=True)
    about = machine()
    done = [run(each, dict(about), aiogram=aiogram) for each in chosen]
    write()
    print("docs/benchmarks.md is written.")
    return not all(done)


if __name__ == "__main__":
    sys.exit(main())
