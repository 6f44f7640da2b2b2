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
    by_product = model.rollup.unit == "product"
    owners = [_owner(name) if by_product else name for name in inputs.account_ids.tolist()]
    found = _wholes("parent", week, model, *_parents(inputs, owners))
    if by_product:
        found += _wholes("account", week, model, *_products(inputs, owners))
    return sorted(found, key=lambda whole: -(whole["arr"] or 0))


def _owner(name: str) -> str:
    """The account that a scored product belongs to; an account without products is scored itself."""
    return name.rpartition(SEPARATOR)[0] or name


def _parents(inputs: WeekInputs, owners: list[str]) -> tuple[TextArray, IntArray, IntArray]:
    """Families are of accounts: where products are scored, those of every account of the family are parts."""
    parents = inputs.attributes.get("parent_account_id")
    if parents is None:
        return texts([]), np.array([], dtype=np.int64), np.array([], dtype=np.int64)
    parent_of = dict(zip(owners, parents.tolist(), strict=True))
    rows_of: dict[str, list[int]] = {}
    for row, owner in enumerate(owners):
        rows_of.setdefault(owner, []).append(row)
    accounts = list(parent_of)
    family = families(texts(accounts), texts(list(parent_of.values())))
    pairs = [
        (whole, row)
        for whole, account in zip(family.whole.tolist(), family.part.tolist(), strict=True)
        for row in rows_of[accounts[account]]
    ]
    table = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return family.ids, table[:, 0], table[:, 1]


def _products(inputs: WeekInputs, owners: list[str]) -> tuple[TextArray, IntArray, IntArray]:
    names = inputs.account_ids.tolist()
    rows = [row for row, owner in enumerate(owners) if owner != names[row]]
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
