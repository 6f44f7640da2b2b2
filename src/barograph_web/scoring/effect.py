"""What a draft would do: who changes tier this week, and how both models did on past renewals (the worker's work)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from barograph.core.thresholds import tier_names
from barograph.definitions.model import ScoreModel
from barograph.engines.base import SignalEngine
from barograph.errors import BarographError, RefusedError
from barograph.learning.intervals import auc_interval, codes
from barograph.learning.metrics import by_tier, probability
from barograph.learning.observations import FloatArray
from barograph.learning.promotion import Acceptance, accept
from barograph.learning.walkforward import Plan
from barograph.learning.weights import heuristic_slope
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn_compare import TIERS, changes, migration
from barograph.pipeline.learn_contest import training_plan
from barograph.pipeline.learn_inputs import Models
from barograph.pipeline.learn_record import count_history
from barograph.pipeline.observations_weeks import ModelView
from barograph.reports.models import migration_entry
from barograph.reports.numbers import number

HORIZON = 90
SEED = 0
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """Both models on the same past decisions. figures: by model; acceptance: the test of `learning.promotion`."""

    figures: list[dict[str, Any]]
    acceptance: Acceptance
    track_record: list[dict[str, Any]]


def effect_of(models: Models, engine: SignalEngine, draft: ScoreModel, *, day: int) -> dict[str, Any]:
    """The effect of a draft against the model in force, as of `day`.

    `changes` in words; `migration`: matrix and accounts moved (None before the first published week); `figures` and
    `test`: out of time, HORIZON days before the decision; `track_record`: how accounts fared under the draft's score.
    Where nothing can be looked back on, `figures` is empty and `test` says what is missing.
    """
    told: dict[str, Any] = {"changes": [asdict(change) for change in changes(models.in_force, draft)]}
    try:
        moved: dict[str, Any] | None = migration_entry(
            migration(models.workspace, engine, models.in_force, draft, until=day)
        )
    except RefusedError:
        moved = None
    if moved is not None:
        moved = {**moved, "accounts_moved": moved["accounts_moved"][:MOST_LISTED]}
    told["migration"] = moved
    told["moved_in_short"] = (
        {} if moved is None else {k: moved[k] for k in ("as_of", "accounts", "moved", "moved_arr")}
    )
    try:
        compared = compare(models, engine, draft, day=day)
    except BarographError as error:
        told |= {"figures": [], "track_record": [], "test": _no_test(str(error))}
    else:
        told |= {
            "figures": compared.figures,
            "track_record": compared.track_record,
            "test": _test(compared.acceptance),
        }
    return told


def compare(models: Models, engine: SignalEngine, draft: ScoreModel, *, day: int) -> Compared:
    """Both models on the decisions of the past, each made a probability on the rows before each test block.

    Raises RefusedError when nothing can be looked back on, or when the draft lacks a signal of the model in force
    (then there is no row on which both can be asked).
    """
    absent = {s.name for s in models.in_force.scored} - {s.name for s in draft.signals}
    if absent:
        raise RefusedError(
            f"the draft has no {', '.join(sorted(absent))}, so that both cannot be asked about the same rows.",
            hint="Keep the signal with weight 0 to have the two compared.",
        )
    every = gather(
        models.workspace,
        engine,
        draft,
        day=day,
        horizons=draft.outcome.horizons_days,
        views={"champion": models.in_force},
    )
    evidence = every.at(HORIZON if HORIZON in every.horizons else max(every.horizons))
    views = {"in_force": evidence.views["champion"], "draft": evidence.views["in_force"]}
    plan = training_plan(evidence.rows, seed=SEED, grace=draft.outcome.grace_days)
    risks = {kind: out_of_time(view, evidence, plan) for kind, view in views.items()}
    tested = ~np.isnan(risks["draft"])
    rows = evidence.rows.take(np.flatnonzero(tested))
    acceptance = accept(
        risks["draft"][tested],
        risks["in_force"][tested],
        rows.lost,
        rows.account,
        rows.segment,
        np.random.default_rng(SEED),
    )
    figures = [_figures(kind, view, evidence) for kind, view in views.items()]
    whole = every.rows
    counts = count_history(every.views["in_force"].score, whole.horizon, whole.lost, whole.segment)
    return Compared(figures, acceptance, counts)


def out_of_time(view: ModelView, evidence: Evidence, plan: Plan) -> FloatArray:
    """(n,) P(lost) by a model's score, from a slope fitted on each fold's training rows; NaN where no fold tests."""
    score, lost = view.score / 100.0, evidence.rows.lost
    out = np.full(len(score), np.nan)
    for fold in plan.folds:
        known = score[fold.train][~np.isnan(score[fold.train])]
        middle = float(known.mean()) if len(known) else 0.5
        filled = np.where(np.isnan(score), middle, score)
        link = heuristic_slope(filled[fold.train], lost[fold.train])
        out[fold.test] = probability(link.log_odds(filled[fold.test][:, None]))
    return out


def _figures(kind: str, view: ModelView, evidence: Evidence) -> dict[str, Any]:
    """One model on all past rows of the horizon: fixed weights have seen none of them, so that all may be judged."""
    rows = evidence.rows
    known = ~np.isnan(view.score)
    tiers = tier_names(view.tier)
    auc = None
    if known.any() and 0 < rows.lost[known].sum() < known.sum():
        auc = auc_interval(view.score[known], rows.lost[known], codes(rows.account[known]))
    red = tiers == "at_risk"
    caught = float(rows.lost[red].sum())
    return {
        "kind": kind,
        "days": int(rows.horizon[0]) if rows.n else HORIZON,
        "n": int(known.sum()),
        "lost": int(rows.lost[known].sum()),
        "auc": None if auc is None else number(auc.value),
        "auc_low": None if auc is None else number(auc.low),
        "auc_high": None if auc is None else number(auc.high),
        "at_risk": int(red.sum()),
        "precision": number(caught / red.sum()) if red.any() else None,
        "recall": number(caught / rows.lost.sum()) if rows.lost.any() else None,
        "tiers": [
            {"tier": row.tier, "n": row.n, "lost": row.lost, "arr_lost": number(row.arr_lost)}
            for row in by_tier(tiers, rows.lost, rows.arr_before, TIERS)
        ],
    }


def _test(found: Acceptance) -> dict[str, Any]:
    return {
        "promoted": found.promoted,
        "enough": found.enough,
        "outcomes": found.outcomes,
        "lost": found.lost,
        "reason": found.reason,
        "conditions": [{"name": c.name, "holds": c.holds, "text": c.text} for c in found.conditions],
    }


def _no_test(why: str) -> Mapping[str, Any]:
    return {"promoted": False, "enough": False, "outcomes": 0, "lost": 0, "reason": why, "conditions": []}
