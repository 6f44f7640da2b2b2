"""One measured step, run as a process of its own so that its peak memory is its own.

Prints one JSON line: seconds of wall clock and of processor, peak resident memory in MiB, rows.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from barograph.core.calendar import WEEK, day_number, grid_day
from barograph.definitions.toml_io import load_model
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.intake import import_paths
from barograph.pipeline.refresh import refresh
from barograph.pipeline.signal_store import SignalPlan
from barograph.synthetic import CompanySpec
from barograph.workspace import Workspace
from benchmarks.engine.definitions import usage_model

WEEKS = 104
THREADS = 2
NOW = datetime(2026, 11, 22, tzinfo=UTC)
LAST = grid_day(day_number(CompanySpec().end))
GRID = tuple(range(LAST - WEEK * (WEEKS - 1), LAST + 1, WEEK))


def import_events(workspace: Workspace) -> int:
    """Import the exports."""
    report = import_paths(workspace, [workspace.path / "exports"], now=NOW)
    return sum(table.rows for table in report.tables)


def scan(workspace: Workspace) -> int:
    """The yardstick: one scan and aggregate of the events by account, day and feature."""
    files = [str(path) for path in workspace.lake.paths("raw/events")]
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute(
            "CREATE TABLE seen AS SELECT account_id, _day, feature, count(*) AS n "
            "FROM read_parquet($files) GROUP BY ALL",
            {"files": files},
        )
        found = connection.execute("SELECT count(*) FROM seen").fetchone()
    return int(found[0]) if found else 0


def signals(workspace: Workspace, days: tuple[int, ...]) -> int:
    """Signals only, nothing stored."""
    plan = SignalPlan.of(workspace, load_model(workspace.model_file()))
    return DuckDBEngine(threads=THREADS).compute(plan.request(workspace.lake, days)).num_rows


def backfill_signals(workspace: Workspace) -> int:
    """Signals of 104 weeks."""
    return signals(workspace, GRID)


def backfill_usage(workspace: Workspace) -> int:
    """Twenty signals on events of 104 weeks: the yardstick of the study."""
    plan = SignalPlan.of(workspace, usage_model())
    return DuckDBEngine(threads=THREADS).compute(plan.request(workspace.lake, GRID)).num_rows


def week_signals(workspace: Workspace) -> int:
    """Signals of one week."""
    return signals(workspace, (LAST,))


def backfill_refresh(workspace: Workspace) -> int:
    """Everything of 103 weeks: signals, scores, tiers, ledger, published."""
    return refresh(
        workspace, DuckDBEngine(threads=THREADS), as_of=LAST - WEEK, weeks=WEEKS - 1, now=NOW
    ).account_weeks


def week_refresh(workspace: Workspace) -> int:
    """Everything of the week after them."""
    return refresh(workspace, DuckDBEngine(threads=THREADS), as_of=LAST, weeks=1, now=NOW).account_weeks


STEPS: dict[str, Callable[[Workspace], int]] = {
    "import": import_events,
    "scan": scan,
    "backfill_usage": backfill_usage,
    "backfill_signals": backfill_signals,
    "week_signals": week_signals,
    "backfill_refresh": backfill_refresh,
    "week_refresh": week_refresh,
}


def main() -> None:
    """Run the step that the arguments name, on the workspace they name."""
    step, folder = sys.argv[1:]
    workspace = Workspace.open(Path(folder))
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    rows = STEPS[step](workspace)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    result = {
        "step": step,
        "wall": time.perf_counter() - start,
        "cpu": cpu,
        "peak_mib": used.ru_maxrss / 1024,
        "rows": rows,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
