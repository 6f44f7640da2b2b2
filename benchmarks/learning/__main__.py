"""`python -m benchmarks.learning`: time and memory of learning at 100,000 accounts by 60 candidates.

The recipe is run on synthetic observations of that size (and of a tenth of it, for growth), and the way through a
workspace on the seeded company at a smaller size. Prints a Markdown table; every step has a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any


def run_step(step: str, accounts: int, candidates: int) -> dict[str, Any]:
    """One step in a process of its own; its progress goes to standard error."""
    print(f"  {step}: {accounts} accounts", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks.learning.steps", step, str(accounts), str(candidates)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{step} failed.")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(found: list[dict[str, Any]]) -> str:
    """The measurements as Markdown."""
    lines = [
        "| step | accounts | observations | candidates | folds | wall, s | processor, s | peak, MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for r in found:
        lines.append(
            f"| {r['step']} | {r['accounts']:,} | {r['rows']:,} | {r['candidates']} | {r['folds']} | "
            f"{r['seconds']:,.0f} | {r['processor_seconds']:,.0f} | {r['peak_mib']:,} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument(
        "--workspace", type=int, default=1_000, help="accounts of the seeded company, 0 for none"
    )
    asked = parser.parse_args()
    sizes = [("arrays", asked.accounts // 10), ("arrays", asked.accounts)]
    if asked.workspace:
        sizes.append(("workspace", asked.workspace))
    found = [run_step(step, accounts, asked.candidates) for step, accounts in sizes]
    print(table(found))
    for r in found:
        print(f"\n{r['step']} at {r['accounts']:,} accounts: {r['what']}")


if __name__ == "__main__":
    main()
