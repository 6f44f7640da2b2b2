"""The change ledger: why a score is not what it was last week, in lines that add up to the difference.

Kinds: `weights` (another model, or the account moved to another scope of it), `stale` (a value went missing),
`peers` (the others moved), `data` (values moved, arrived, or were recorded late), `cap` (points a cap takes;
caps that only hold the tier have 0 points) and `overlay` (0 points). They are substituted in that order, so
each line answers "and if this had been the only further change?".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, TextArray, positions
from barograph.core.inputs import NO_DATA
from barograph.core.ledger_lines import (
    BECAME_INSUFFICIENT,
    FIRST_WEEK,
    ITEMS,
    LATE_ROWS,
    NEGLIGIBLE,
    RESTATED,
    SPREAD,
    STILL_INSUFFICIENT,
    WAS_INSUFFICIENT,
    Facts,
    Ledger,
    Lines,
)
from barograph.core.ledger_steps import Moves, moves_between
from barograph.core.overlay import RULES, Decided
from barograph.core.score import WeekScores

__all__ = ["Ledger", "ledger"]


def ledger(
    before: WeekScores | None,
    after: WeekScores,
    *,
    published: FloatArray | None = None,
    overlay_before: Decided | None = None,
    overlay_after: Decided | None = None,
) -> Ledger:
    """Why the scores of `after` differ from those of `before`, the last scored week (None: there is none).

    published: last week's scores as published, one per account of `before`, where facts recorded since then
    have changed what last week's inputs give; the difference is a `data` line named `late_rows`. overlay_*: the rule
    that decides the tier shown, as published for the week before and for this one; None: no overlay at all. A rule
    that came, went, or shows another tier is a line with 0 points whose values are the tier codes it showed.

    Last week's values under a new model come from `before.inputs`. A signal that is not there, or that the
    old model measured in another way, is held at today's value, so that all it brings is a `weights` line.
    """
    size = len(after.account_ids)
    lines = Lines()
    if before is None:
        statement = np.full(size, FIRST_WEEK, dtype=np.int8)
        return lines.collect(after.account_ids, np.full(size, np.nan), after.score, statement)
    old = positions(after.account_ids, before.account_ids)
    there = old >= 0
    recomputed, start = np.full(size, np.nan), np.full(size, np.nan)
    recomputed[there] = before.score[old[there]]
    start[there] = (before.score if published is None else published)[old[there]]
    null = np.isnan(after.score)
    statement = np.select(
        [~there, np.isnan(start) & null, np.isnan(start), null, np.isnan(recomputed)],
        [FIRST_WEEK, STILL_INSUFFICIENT, WAS_INSUFFICIENT, BECAME_INSUFFICIENT, RESTATED],
        ITEMS,
    ).astype(np.int8)
    rows = np.flatnonzero(statement == ITEMS)
    if len(rows):
        lines.add_cells(rows, "data", "restated", (LATE_ROWS,), (recomputed - start)[rows, None])
        _signal_lines(lines, before, after, moves_between(before, after, rows, old[rows]))
    pairs = np.flatnonzero(there)
    _cap_lines(lines, before, after, pairs, old[pairs], statement[pairs] == ITEMS)
    if overlay_before is not None or overlay_after is not None:
        ids = after.account_ids[pairs]
        _overlay_lines(lines, pairs, _decided(overlay_before, ids), _decided(overlay_after, ids))
    return lines.collect(after.account_ids, start, after.score, statement)


def _signal_lines(lines: Lines, before: WeekScores, after: WeekScores, moves: Moves) -> None:
    facts = _facts(before, after, moves)
    for kind, cause, move in (
        ("weights", "model", moves.model),
        ("weights", "scope", moves.scope),
        ("stale", "missing", moves.missing),
        ("peers", "peers", moves.peers),
        ("data", "moved", moves.values),
        ("data", "arrived", moves.arrived),
    ):
        own = np.where(move.touched, move.points, 0.0)
        spread = np.where(move.touched, 0.0, move.points).sum(axis=1, keepdims=True)
        lines.add_cells(moves.rows, kind, cause, moves.signals, own, facts)
        lines.add_cells(moves.rows, kind, cause, (SPREAD,), spread)


def _facts(before: WeekScores, after: WeekScores, moves: Moves) -> Facts:
    value_before, weight_before, why_before = _side(before, moves.signals, moves.old)
    value_after, weight_after, why_after = _side(after, moves.signals, moves.rows)
    return Facts(value_before, value_after, why_before, why_after, weight_before, weight_after)


def _side(
    week: WeekScores, names: tuple[str, ...], rows: IntArray
) -> tuple[FloatArray, FloatArray, CodeArray]:
    shape = (len(rows), len(names))
    values, weights = np.full(shape, np.nan), np.zeros(shape)
    why = np.full(shape, NO_DATA, dtype=np.int8)
    for k, name in enumerate(names):
        if name in week.inputs.signals:
            column = week.inputs.column(name)
            values[:, k], why[:, k] = week.inputs.values[rows, column], week.inputs.reasons[rows, column]
        if name in week.signals:
            column = week.signals.index(name)
            weights[:, k], why[:, k] = week.weights[rows, column], week.normalised.reasons[rows, column]
    return values, weights, why


def _cap_lines(
    lines: Lines, before: WeekScores, after: WeekScores, rows: IntArray, old: IntArray, scored: BoolArray
) -> None:
    names = tuple(dict.fromkeys((*before.caps.names, *after.caps.names)))
    active_before, points_before = _cap_side(before, names, old)
    active_after, points_after = _cap_side(after, names, rows)
    points = np.where(scored[:, None], points_after - points_before, 0.0)
    facts = replace(
        Facts.none(points.shape),
        value_before=active_before.astype(float),
        value_after=active_after.astype(float),
    )
    keep = (np.abs(points) > NEGLIGIBLE) | (active_before != active_after)
    lines.add_cells(rows, "cap", "cap", names, points, facts, keep)


def _cap_side(week: WeekScores, names: tuple[str, ...], rows: IntArray) -> tuple[BoolArray, FloatArray]:
    active, points = np.zeros((len(rows), len(names)), dtype=bool), np.zeros((len(rows), len(names)))
    for k, name in enumerate(week.caps.names):
        column = names.index(name)
        active[:, column] = week.caps.active[rows, k]
        binding = week.caps.score_cap[rows] == k
        points[:, column] = np.where(binding, np.nan_to_num(week.cap_points[rows]), 0.0)
    return active, points


def _decided(overlay: Decided | None, account_ids: TextArray) -> Decided:
    """The overlay of these accounts; of those that it does not know nothing is decided."""
    if overlay is None:
        return Decided.nobody(account_ids)
    return overlay.take(account_ids, positions(account_ids, overlay.account_ids))


def _overlay_lines(lines: Lines, rows: IntArray, before: Decided, after: Decided) -> None:
    names = tuple(name for name in RULES if name and ((before.rule == name) | (after.rule == name)).any())
    was, now = np.full((len(rows), len(names)), np.nan), np.full((len(rows), len(names)), np.nan)
    for k, name in enumerate(names):
        was[:, k] = np.where(before.rule == name, before.tier, np.nan)
        now[:, k] = np.where(after.rule == name, after.tier, np.nan)
    facts = replace(Facts.none(was.shape), value_before=was, value_after=now)
    changed = (was != now) & ~(np.isnan(was) & np.isnan(now))
    lines.add_cells(rows, "overlay", "overlay", names, np.zeros(was.shape), facts, changed)
