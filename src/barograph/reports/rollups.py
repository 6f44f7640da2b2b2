"""Wholes made of scored parts (X5): parents of accounts, accounts of products, by the model's stated rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from barograph.core.arrays import IntArray, TextArray, texts
from barograph.core.inputs import WeekInputs
from barograph.core.rollup import families, roll_up
from barograph.core.thresholds import tier_lines, tier_name
from barograph.definitions.model import ScoreModel
from barograph.pipeline.score_table import ScoredWeek

SEPARATOR = " / "


def rollups(week: ScoredWeek, model: ScoreModel) -> list[dict[str, Any]]:
    """Every whole of a week with its parts, largest revenue first; empty when nothing has parts."""
    inputs = week.scores.inputs
    found = _wholes("parent", week, model, *_parents(inputs))
    if model.rollup.unit == "product":
        found += _wholes("account", week, model, *_products(inputs))
    return sorted(found, key=lambda whole: -(whole["arr"] or 0))


def _parents(inputs: WeekInputs) -> tuple[TextArray, IntArray, IntArray]:
    parents = inputs.attributes.get("parent_account_id")
    if parents is None:
        return texts([]), np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    family = families(inputs.account_ids, parents)
    return family.ids, family.whole, family.part


def _products(inputs: WeekInputs) -> tuple[TextArray, IntArray, IntArray]:
    owners = [str(name).rpartition(SEPARATOR)[0] for name in inputs.account_ids.tolist()]
    rows = [row for row, owner in enumerate(owners) if owner]
    ids = list(dict.fromkeys(owners[row] for row in rows))
    place = {name: k for k, name in enumerate(ids)}
    whole = np.array([place[owners[row]] for row in rows], dtype=np.int64)
    return texts(ids), whole, np.array(rows, dtype=np.int64)


def _wholes(
    kind: str, week: ScoredWeek, model: ScoreModel, ids: TextArray, whole: IntArray, part: IntArray
) -> list[dict[str, Any]]:
    if not len(ids):
        return []
    scores, states = week.scores, week.states
    revenue = np.asarray(scores.inputs.attributes["arr"], dtype=np.float64)
    lines = tier_lines(model, {}, len(ids))
    made = roll_up(
        whole,
        scores.score[part],
        states.displayed[part],
        revenue[part],
        wholes=len(ids),
        rule=model.rollup,
        min_coverage=model.min_coverage,
        lines=lines,
    )
    names = scores.inputs.attributes.get("name")
    called = {} if names is None else dict(zip(scores.account_ids.tolist(), names.tolist(), strict=True))
    found: list[dict[str, Any]] = []
    for k, name in enumerate(ids.tolist()):
        rows = np.flatnonzero(whole == k)
        decided = int(made.decided_by[k])
        found.append(
            {
                "account_id": name,
                "name": called.get(name) or name,
                "kind": kind,
                "score": None if np.isnan(made.score[k]) else float(made.score[k]),
                "tier": tier_name(made.tier[k]),
                "coverage": float(made.coverage[k]),
                "arr": float(np.nansum(revenue[part[rows]])),
                "decided_by": scores.account_ids[part[decided]] if decided >= 0 else None,
                "parts": [
                    {
                        "account_id": scores.account_ids[part[row]],
                        "name": called.get(scores.account_ids[part[row]]) or scores.account_ids[part[row]],
                        "score": _number(scores.score[part[row]]),
                        "tier": tier_name(states.displayed[part[row]]),
                        "share": float(made.share[row]),
                        "contribution": float(made.contribution[row]),
                    }
                    for row in rows.tolist()
                ],
            }
        )
    return found


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
