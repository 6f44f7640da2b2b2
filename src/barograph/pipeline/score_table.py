"""A scored week as one Parquet table: score, tiers, decomposition and ledger, stored as they were said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from barograph.core.arrays import AnyArray, CodeArray, FloatArray, texts
from barograph.core.ledger_lines import CAUSES, KINDS, STATEMENTS, Ledger
from barograph.core.overlay import OverlayWeek
from barograph.core.score import INSUFFICIENT_BECAUSE, WeekScores
from barograph.core.thresholds import tier_names
from barograph.core.tiers import TIER_REASONS, TierStates
from barograph.core.trajectory import HEADINGS, Trajectory
from barograph.definitions.model import ScoreModel
from barograph.pipeline.overlay_columns import overlay_columns
from barograph.signals.accounts import STATE_COLUMNS

ITEM = pa.struct(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("cause", pa.string()),
        ("points", pa.float64()),
        ("value_before", pa.float64()),
        ("value_after", pa.float64()),
        ("why_before", pa.int8()),
        ("why_after", pa.int8()),
        ("weight_before", pa.float64()),
        ("weight_after", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class ScoredWeek:
    """Everything that was said about one week.

    previous: day of the week that the ledger compares with, None when there was none. renewal: renewal
    probability of each account, NaN without a score; None where the version has no calibrated figures. overlay:
    None for a model without the rule. chances: of growth and downsell, where something was learnt about them.
    """

    scores: WeekScores
    states: TierStates
    ledger: Ledger
    trajectory: Trajectory
    previous: int | None
    renewal: FloatArray | None = None
    overlay: OverlayWeek | None = None
    chances: Mapping[str, FloatArray] = field(default_factory=dict)


def score_table(week: ScoredWeek) -> pa.Table:
    """One row per account, in the order of the week. Column names: docs/reference/lake.md."""
    scores = week.scores
    inputs = scores.inputs
    columns: dict[str, pa.Array] = {
        "account_id": pa.array(inputs.account_ids, pa.string()),
        "as_of": pa.array(np.full(len(inputs.account_ids), inputs.as_of, dtype=np.int32)),
    }
    for name, values in inputs.attributes.items():
        if name in STATE_COLUMNS or name.startswith("attr_"):
            columns[name] = _array(values)
    columns |= _score_columns(scores)
    size = len(inputs.account_ids)
    columns["renewal_probability"] = (
        pa.nulls(size, pa.float64()) if week.renewal is None else _array(week.renewal)
    )
    columns |= {f"{question}_probability": _array(chance) for question, chance in week.chances.items()}
    columns |= _tier_columns(week.states)
    if week.overlay is not None:
        columns |= overlay_columns(week.overlay)
    columns |= _trajectory_columns(week.trajectory)
    columns |= _change_columns(week.ledger, week.previous)
    return pa.table(columns)


def judged_signals(model: ScoreModel) -> tuple[str, ...]:
    """Signals that a score, a tier or a target depends on, in file order: their values are stored with the score."""
    tests = [test.signal for cap in model.caps for test in cap.when]
    tests += [test.signal for test in model.growth_gate] + [target.test.signal for target in model.targets]
    names = {signal.name for signal in model.scored} | set(tests) | set(model.review.growth_signals)
    return tuple(signal.name for signal in model.signals if signal.name in names)


def _score_columns(scores: WeekScores) -> dict[str, pa.Array]:
    required = texts([*scores.signals, None])
    columns: dict[str, pa.Array] = {
        "score": _array(scores.score),
        "base": _array(np.where(np.isnan(scores.score), np.nan, 0.0)),
        "uncapped": _array(scores.uncapped),
        "cap_points": _array(scores.cap_points),
        "coverage": _array(scores.coverage),
        "insufficient": _words(scores.insufficient, INSUFFICIENT_BECAUSE),
        "required_missing": pa.array(required[scores.required], pa.string()),
        "caps": _active_caps(scores),
        "gate_ok": pa.array(scores.gate.ok),
        "gate_failed": pa.array(scores.gate.failed),
    }
    for name in judged_signals(scores.model):
        column = scores.inputs.column(name)
        columns[f"value.{name}"] = _array(scores.inputs.values[:, column])
        columns[f"why.{name}"] = pa.array(scores.inputs.reasons[:, column])
    reasons = scores.normalised.reasons
    counted = scores.standing.points
    for j, name in enumerate(scores.signals):
        columns[f"missing.{name}"] = pa.array(reasons[:, j])
        columns[f"points.{name}"] = _array(counted[:, j])
        columns[f"weight.{name}"] = _array(scores.weights[:, j])
        columns[f"contribution.{name}"] = _array(scores.contributions[:, j])
    for j, name in enumerate(scores.components):
        columns[f"component.{name}"] = _array(scores.component_score[:, j])
        columns[f"component_weight.{name}"] = _array(scores.component_weight[:, j])
        columns[f"component_contribution.{name}"] = _array(scores.component_contribution[:, j])
    lines = scores.lines
    for j, code in enumerate(lines.codes.tolist()):
        columns[f"line.{tier_names(np.array([code]))[0]}"] = _array(lines.lines[:, j])
    return columns


def _tier_columns(states: TierStates) -> dict[str, pa.Array]:
    return {
        "raw_tier": _tiers(states.raw),
        "computed_tier": _tiers(states.computed),
        "computed_since": pa.array(states.computed_since),
        "tier": _tiers(states.displayed),
        "tier_since": pa.array(states.since),
        "level_tier": _tiers(states.level),
        "pending_tier": _tiers(states.pending),
        "pending_weeks": pa.array(states.pending_weeks),
        "tier_reason": _words(states.reason, TIER_REASONS),
        "held_by": pa.array(states.held_by, pa.string()),
    }


def _trajectory_columns(trajectory: Trajectory) -> dict[str, pa.Array]:
    return {
        "weeks_in_tier": pa.array(trajectory.weeks_in_tier),
        "slope": _array(trajectory.slope),
        "level": _array(trajectory.level),
        "noise": _array(trajectory.noise),
        "weeks_to_line": _array(trajectory.weeks_to_line),
        "watch_days": pa.array(trajectory.watch_days),
        "heading": _words(trajectory.heading, HEADINGS),
        "about_to_turn": pa.array(trajectory.about_to_turn),
        "long_on_watch": pa.array(trajectory.long_on_watch),
    }


def _change_columns(ledger: Ledger, previous: int | None) -> dict[str, pa.Array]:
    offsets = np.searchsorted(ledger.account, np.arange(len(ledger.account_ids) + 1)).astype(np.int32)
    items = pa.StructArray.from_arrays(
        [
            _words(ledger.kind, KINDS),
            pa.array(ledger.name, pa.string()),
            _words(ledger.cause, CAUSES),
            pa.array(ledger.points),
            _array(ledger.value_before),
            _array(ledger.value_after),
            pa.array(ledger.why_before),
            pa.array(ledger.why_after),
            _array(ledger.weight_before),
            _array(ledger.weight_after),
        ],
        fields=list(ITEM),
    )
    return {
        "previous_as_of": pa.array([previous] * len(ledger.account_ids), pa.int32()),
        "previous_score": _array(ledger.before),
        "change_statement": _words(ledger.statement, STATEMENTS),
        "change": pa.ListArray.from_arrays(pa.array(offsets), items),
    }


def _active_caps(scores: WeekScores) -> pa.Array:
    account, cap = np.nonzero(scores.caps.active)
    offsets = np.searchsorted(account, np.arange(len(scores.account_ids) + 1)).astype(np.int32)
    names = texts(scores.caps.names)[cap] if len(cap) else texts([])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(names, pa.string()))


def _array(values: AnyArray) -> pa.Array:
    """NaN is null in the store: a missing number must not read as one."""
    if values.dtype.kind == "f":
        return pa.array(values, mask=np.isnan(values))
    return pa.array(values.tolist()) if values.dtype == object else pa.array(values)


def _words(codes: CodeArray, words: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(words)).cast(pa.string())


def _tiers(codes: CodeArray) -> pa.Array:
    return pa.array(tier_names(codes), pa.string())
