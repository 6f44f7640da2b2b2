"""`python -m benchmarks.engine [EVENTS ...]`: measures every step at each size, writes the page in docs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from barograph.definitions.starters import load_starter, starter_text
from barograph.synthetic import RATES, RATES_DATE, REPORTING_CURRENCY, CompanySpec, write_events
from barograph.workspace import Rate, Workspace
from benchmarks.engine.steps import STEPS, WEEKS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
EVENTS_PER_ACCOUNT = 500
WORDS = {
    "import": "import of the exports (Parquet)",
    "scan": "**one scan and aggregate by account, day, feature**",
    "backfill_signals": f"signals of {WEEKS} weeks",
    "week_signals": "signals of one week",
    "backfill_refresh": f"refresh of {WEEKS - 1} weeks: signals, scores, ledger, published",
    "week_refresh": "refresh of the next week",
}


def measure(events: int) -> list[dict[str, Any]]:
    """Every step at one size, in order, each in its own process."""
    with TemporaryDirectory(prefix="barograph-benchmark-") as folder:
        workspace = Workspace.create(
            Path(folder) / "workspace",
            currency=REPORTING_CURRENCY,
            rates=tuple(Rate(currency=code, date=RATES_DATE, rate=rate) for code, rate in RATES.items()),
        )
        (workspace.path / "models" / "saas.toml").write_text(starter_text("saas"), encoding="utf-8")
        spec = CompanySpec(accounts=max(100, events // EVENTS_PER_ACCOUNT), stories=False)
        write_events(spec, workspace.path / "exports", events)
        return [run_step(step, workspace.path) for step in STEPS]


def run_step(step: str, workspace: Path) -> dict[str, Any]:
    """One step in a process of its own."""
    print(f"  {step}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine.steps", step, str(workspace)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def page(results: dict[int, list[dict[str, Any]]], command: str) -> str:
    """The documentation page."""
    load = os.getloadavg()[0]
    model = load_starter("saas")
    lines = [
        "# Speed and memory",
        "",
        f"Written by `{command}` on {datetime.now(UTC):%-d %B %Y}; do not edit by hand. All figures of a size come",
        "from one run; read the ratios, not the seconds: the machine was shared.",
        "",
        f"Machine: {os.cpu_count()} cores, {_memory_gib():.0f} GiB, {platform.machine()}, Python "
        f"{platform.python_version()}, DuckDB {version('duckdb')}, load {load:.1f} at the end. DuckDB was held to",
        f"2 threads and 4 GiB. Model: `saas`, {len(model.signals)} signals ({len(model.scored)} scored); accounts, ",
        "contracts, outcomes and events imported; account ids are strings.",
        "",
    ]
    for events, steps in results.items():
        reference = next(s for s in steps if s["step"] == "scan")
        lines += [
            f"## {events:,} events",
            "",
            "| step | rows out | wall s | x scan | processor s | x scan | peak memory MiB |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for s in steps:
            lines.append(
                f"| {WORDS[s['step']]} | {s['rows']:,} | {s['wall']:.1f} | "
                f"{s['wall'] / reference['wall']:.1f} | {s['cpu']:.1f} | "
                f"{s['cpu'] / reference['cpu']:.1f} | {s['peak_mib']:,.0f} |"
            )
        lines.append("")
    lines += [
        "Peak memory is that of the whole process, Python and libraries included (about 150 MiB before any work).",
        "",
    ]
    return "\n".join(lines)


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "events", nargs="*", type=lambda text: int(float(text)), default=[1_000_000, 10_000_000]
    )
    parser.add_argument("--print", action="store_true", help="print the page instead of writing it")
    chosen = parser.parse_args()
    results: dict[int, list[dict[str, Any]]] = {}
    for events in chosen.events:
        print(f"{events:,} events", file=sys.stderr, flush=True)
        results[events] = measure(events)
    text = page(results, "just bench")
    if chosen.print:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
