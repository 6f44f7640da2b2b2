"""docs/reference/benchmarks-application.md: the newest measurement of each database, as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs" / "reference"
GOAL_MS = 200.0
ABOUT = """# What pages take

Written by `just bench-web --write` and `just bench-web --write --postgresql`; do not edit by hand.

People open pages at random, each pausing about a second between two. *Server* is the time a request spent in the
application, waiting for the other requests of the process included; *processor* is what it computed. The bare view is
an empty Django view behind the same middleware, measured among the others. Goal: 95 of 100 requests of each page are
answered by the server within 200 ms.
"""


def write(document: Mapping[str, Any]) -> Path:
    """Keep the measurement and write the page; the page's file."""
    kept = FOLDER / "benchmarks-application.json"
    found = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    found[document["database"]] = dict(document)
    kept.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    page = FOLDER / "benchmarks-application.md"
    page.write_text("\n".join([ABOUT, *(_section(found[name]) for name in sorted(found))]), encoding="utf-8")
    return page


def _section(one: Mapping[str, Any]) -> str:
    filled, machine = one["filled"], one["machine"]
    bare = next(line["cpu p50"] for line in one["pages"] if line["page"] == "bare view")
    over = [line for line in one["pages"] if line["server p95"] > GOAL_MS]
    verdict = (
        "Every page is within the goal."
        if not over
        else f"Over the goal: {', '.join(sorted(line['page'] for line in over))}."
    )
    lines = [
        f"## {one['database']}\n",
        f"{filled['accounts']:,} accounts, {filled['weeks']} weeks ({filled['account_weeks']:,} account-weeks, "
        f"{filled['facts']:,} facts); {one['clients']} people; {machine['cores']} cores, Python {machine['python']}, "
        f"load {machine['load']:.1f} when it began (other work lengthens what the server took). {verdict}\n",
        "| page | requests | server p50 ms | server p95 ms | processor p50 ms | x bare view | KB compressed |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {p['page']} | {p['n']} | {p['server p50']:.0f} | {p['server p95']:.0f} | {p['cpu p50']:.0f} | "
        f"{p['cpu p50'] / bare:.1f} | {p['KB']:.1f} |"
        for p in sorted(one["pages"], key=lambda line: -line["server p95"])
    ]
    return "\n".join([*lines, ""])
