"""Write what was measured: docs/methods/quality.md for people, quality.json beside it for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.quality import charts
from benchmarks.quality.curves import Point
from benchmarks.quality.kept import Row, medians
from benchmarks.quality.planted import Study
from benchmarks.quality.recalibrated import Recalibrated

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "methods"
NEEDS_MORE = ("bank", "iranian", "mlc_churn")
TWIN_EDITIONS = ("wa_churn",)
ADDITIVE = "additive bound (all candidates)"
KEPT_BENT, ECE_GOAL = 0.94, 0.04
ABOUT_ECE = (
    "ECE is the mean gap over ten groups of equal count after calibrating on the cross-fitted training rows and 250 "
    "further outcomes. The goal is read on that plain figure; a perfect model would show the floor beside it through "
    "chance alone, and the debiased figure (root mean square less binomial variance, Kumar et al. 2019) takes that "
    "chance out."
)
KEPT_DRAWN = "![Share of the challenger's separation kept, per set](quality-kept.svg)\n"
CURVES_DRAWN = (
    "![AUC by outcomes learnt from, per set](quality-auc.svg)\n\n"
    "![Log-loss by outcomes learnt from, per set](quality-log-loss.svg)\n"
)


def write(
    rows: list[Row],
    points: list[Point],
    studies: list[Study],
    calibration: dict[str, Recalibrated],
    absent: list[str],
    about: dict[str, str],
    command: str,
) -> list[str]:
    """Both files; returns the lines of the goals table for the terminal."""
    goals = goal_rows(rows, points, studies, calibration)
    parts = [
        "# Measured quality\n",
        f"Written by `{command}`; do not edit by hand. How it is measured: benchmarks/quality, method: learning.md.\n",
        "`kept` is (AUC - .5) over the unconstrained challenger's, on the same test rows. The challenger is the mean "
        "of a shallow and a deep gradient-boosted model on every candidate, untuned. Balanced accuracy is at the "
        "training loss rate. Intervals are DeLong's, clustered by account; they leave out training variance.\n",
        "## Goals\n",
        _table(["goal", "measured", "asked", "reached"], goals),
        "\n" + _out_of_reach(rows, calibration) + "\n",
        "\n## Sets\n",
        _table(["set", "rows tested", "lost", "about"], _sets(rows, about)),
        *[f"\n{line}\n" for line in absent],
        "\n`wa_churn` is `telco` in another edition with the same rows: medians are given with and without it.\n",
        "\n## Kept, per set\n",
        KEPT_DRAWN,
        _kept(rows),
        "\n## All figures\n",
        _table(
            ["set", "model", "signals", "AUC [95 %]", "kept", "log-loss", "ECE", "bal. acc.", "rounding loss"],
            [
                [
                    r.set, r.model, f"{r.signals:.1f}", f"{r.auc:.4f} [{r.auc_low:.3f}-{r.auc_high:.3f}]",
                    f"{r.kept:.3f}", f"{r.log_loss:.4f}", f"{r.ece:.3f}", f"{r.balanced_accuracy:.3f}",
                    "" if np.isnan(r.rounding_loss) else f"{r.rounding_loss:+.4f}",
                ]
                for r in rows
            ],
        ),
        "\n## Learning curves (mean AUC / log-loss on a fixed test set)\n",
        CURVES_DRAWN,
        *[_curve(name, points) for name in dict.fromkeys(p.set for p in points)],
        "\n## Planted truth\n",
        _table(
            ["study", "seeds", "measured", "goal", "reached"],
            [[s.name, str(s.seeds), f"{s.value:.3f}", s.goal, _yes(s.reached)] for s in studies],
        ),
    ]  # fmt: skip
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "quality.md").write_text("\n".join(parts) + "\n", encoding="utf-8")
    document = {
        "schema": "barograph.quality/1",
        "rows": [asdict(r) for r in rows],
        "curves": [asdict(p) for p in points],
        "studies": [asdict(s) for s in studies],
        "calibration": {name: asdict(c) for name, c in calibration.items()},
    }
    plain = _plain(document)
    (FOLDER / "quality.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    charts.write(json.loads(json.dumps(plain)))
    return [" | ".join(line) for line in goals]


def _out_of_reach(rows: list[Row], calibration: dict[str, Recalibrated]) -> str:
    """What stands in the way of the goals that a set misses, with the figures that say so."""
    lines = [ABOUT_ECE]
    for name in NEEDS_MORE:
        mine = {r.model: r.kept for r in rows if r.set == name}
        if mine and mine["scorecard <= 8, shapes + derived"] < KEPT_BENT:
            lines.append(
                f"{name}: boosted stumps on every candidate, without any limit of number, shape or weight, keep "
                f"{mine[ADDITIVE]:.3f}; what lies between that and the challenger are interactions, of which a "
                "scorecard shows only those that were confirmed on accounts kept apart."
            )
    if "cdnow" in calibration and calibration["cdnow"].error > ECE_GOAL:
        lines.append(
            "cdnow: the way loss depends on the signals changes between the training months and the test months, and "
            "the 90 days until an outcome is known keep the newest months out of any calibration."
        )
    return "\n\n".join(lines)


def goals_of(
    rows: list[Row], points: list[Point], studies: list[Study], calibration: dict[str, Recalibrated]
) -> list[str]:
    """The goals table as lines for a terminal."""
    return [" | ".join(line) for line in goal_rows(rows, points, studies, calibration)]


def goal_rows(
    rows: list[Row], points: list[Point], studies: list[Study], calibration: dict[str, Recalibrated]
) -> list[list[str]]:
    """(goal, measured, asked, reached) for every goal that was measured."""
    names = {r.set for r in rows}
    distinct = names - set(TWIN_EDITIONS)
    middle = medians(rows, distinct)
    out = []
    for size, goal in ((8, 0.98), (5, 0.96)):
        every, own = middle[f"scorecard <= {size}, shapes + derived"]
        out.append([
            f"median kept with at most {size} signals, proposals accepted",
            f"{every:.3f} ({len(names)} sets), {own:.3f} ({len(distinct)} distinct)", f">= {goal}",
            _yes(every >= goal and own >= goal),
        ])  # fmt: skip
        for name in NEEDS_MORE:
            if found := [
                r for r in rows if r.set == name and r.model == f"scorecard <= {size}, shapes + derived"
            ]:
                text = f"{name}: kept with at most {size}, reviewed shapes and derived candidates"
                out.append([text, f"{found[0].kept:.3f}", ">= 0.94", _yes(found[0].kept >= KEPT_BENT)])
    worst = max((r.rounding_loss for r in rows if not np.isnan(r.rounding_loss)), default=float("nan"))
    out.append(["whole-number weights, largest AUC loss", f"{worst:+.4f}", "<= .002", _yes(worst <= 0.002)])
    out += _curve_goals(points)
    for name, c in calibration.items():
        beside = f"debiased {c.debiased:.3f}, a perfect model {c.perfect:.3f}; 250 alone {c.fresh_only:.3f}"
        line = [f"{name}: ECE after recalibration", f"{c.error:.3f} ({beside})", "<= .04"]
        out.append([*line, _yes(c.error <= ECE_GOAL)])
    for s in studies:
        if not s.goal.startswith("("):
            out.append([s.name, f"{s.value:.3f}", s.goal, _yes(s.reached)])
    return out


def _curve_goals(points: list[Point]) -> list[list[str]]:
    out = []
    for kind, at, goal in (
        ("blended", 30, 0.75),
        ("recipe", 30, 0.75),
        ("recipe", 200, 0.95),
        ("recipe", 500, 0.95),
    ):
        found = [p for p in points if p.kind == kind and p.outcomes == at and (at < 200 or p.lost >= 50)]
        if found:
            value = float(np.average([p.not_worse for p in found], weights=[p.samples for p in found]))
            each = ", ".join(f"{p.set} {p.not_worse:.2f}" for p in found)
            text = f"{kind} at {at} outcomes: log-loss not worse than the heuristic, share of samples"
            out.append([text, f"{value:.2f} ({each})", f">= {goal}", _yes(value >= goal)])
    return out


def _kept(rows: list[Row]) -> str:
    models = list(dict.fromkeys(r.model for r in rows))
    sets = list(dict.fromkeys(r.set for r in rows))
    value = {(r.set, r.model): r.kept for r in rows}
    middle = medians(rows, set(sets) - set(TWIN_EDITIONS))
    lines = [
        [m, *[f"{value[s, m]:.3f}" for s in sets], f"{middle[m][0]:.3f}", f"{middle[m][1]:.3f}"]
        for m in models
    ]
    return _table(["model", *sets, "median", "median, distinct sets"], lines)


def _curve(name: str, points: list[Point]) -> str:
    here = [p for p in points if p.set == name]
    sizes = sorted({p.outcomes for p in here})
    kinds = list(dict.fromkeys(p.kind for p in here))
    cell = {(p.kind, p.outcomes): f"{p.auc:.3f} / {p.log_loss:.3f}" for p in here}
    lost = {p.outcomes: p.lost for p in here}
    head = [name, *[f"{size} ({lost[size]:.0f} lost)" for size in sizes]]
    return _table(head, [[k, *[cell.get((k, size), "") for size in sizes]] for k in kinds]) + "\n"


def _sets(rows: list[Row], about: dict[str, str]) -> list[list[str]]:
    seen = {r.set: r for r in rows}
    return [
        [name, str(r.n), f"{r.lost} ({r.lost / r.n:.0%})", about.get(name, "")] for name, r in seen.items()
    ]


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*out, *["| " + " | ".join(line) + " |" for line in lines]])


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _plain(value: object) -> object:
    """Six digits are enough, and NaN is not JSON."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else round(float(value), 6)
    if isinstance(value, np.bool_):
        return bool(value)
    return value
