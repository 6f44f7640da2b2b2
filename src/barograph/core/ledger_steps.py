"""The states between last week and this one, in the order in which the ledger substitutes them.

published -> late rows -> new model -> new scope -> what went missing -> this week's peers -> this week's
values -> what arrived. Each step changes one thing for all accounts; the points of a step are the difference
of contributions before and after it, so that the steps add up whatever happens in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray
from barograph.core.normalise import Column, Normalised, OwnPlace, group_column, judge, normalise, shape_of
from barograph.core.score import WeekScores, standing_of
from barograph.core.weights import Standing, contributions
from barograph.definitions.model import ScoreModel
from barograph.definitions.normalise import PercentileShape
from barograph.definitions.signal import DERIVED_TEMPLATES, Signal

_NOT_MEASUREMENT = {
    "label", "category", "kind", "unit", "direction", "component", "weight", "normalise", "variants",
    "missing", "confirmed", "note",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """One step: points by account and signal, n x s, and the cells that the step itself changed.

    Points outside `touched` come from weight that was spread anew.
    """

    points: FloatArray
    touched: BoolArray


@dataclass(frozen=True, slots=True)
class Moves:
    """The steps between two weeks for the accounts at `rows` (of the later week) and `old` (of the earlier).

    signals: the columns of every `Move`: those of this week's model, then those only last week's had.
    """

    rows: IntArray
    old: IntArray
    signals: tuple[str, ...]
    model: Move
    scope: Move
    missing: Move
    peers: Move
    values: Move
    arrived: Move


def comparable(before: WeekScores, after: WeekScores) -> tuple[Signal, ...]:
    """This week's scored signals whose values of last week mean the same as today's.

    A signal that last week's inputs do not have, or that was measured in another way then, is not compared:
    its whole effect belongs to the change of the model.
    """
    there = set(before.inputs.signals)
    return tuple(
        signal
        for signal in after.model.scored
        if signal.name in there and _same_measurement(before.model, after.model, signal.name)
    )


def moves_between(before: WeekScores, after: WeekScores, rows: IntArray, old: IntArray) -> Moves:
    """All steps for accounts that have a score in both weeks. Signals of both models are columns."""
    names = (*after.signals, *(name for name in before.signals if name not in after.signals))
    wide, size = (len(rows), len(names)), len(after.signals)

    def priced(standing: Standing) -> FloatArray:
        points = np.zeros(wide)
        points[:, :size] = contributions(after.table, standing)[1]
        return points

    def move(start: FloatArray, end: FloatArray, touched: BoolArray | None = None) -> Move:
        cells = np.ones(wide, dtype=bool)
        if touched is not None:
            cells[:, :size] = touched
        return Move(end - start, cells)

    then = _LastWeek(before, after, rows, old)
    final, measured_now = then.final, after.normalised.measured[rows]
    remodelled = then.under_new_model()
    rescoped, measured_then, scope_cells = then.under_new_scope()
    gone = rescoped.with_rows(~measured_now, final)
    both = measured_then & measured_now
    against_peers = Standing(np.where(both, then.against_new_peers(), gone.points), gone.held, gone.applies)
    moved = Standing(np.where(both, final.points, gone.points), gone.held, gone.applies)

    start = np.zeros(wide)
    start[:, [names.index(name) for name in before.signals]] = before.contributions[old]
    p1, p2, p3 = priced(remodelled), priced(rescoped), priced(gone)
    p4, p5, p6 = priced(against_peers), priced(moved), priced(final)
    return Moves(
        rows,
        old,
        names,
        model=move(start, p1),
        scope=move(p1, p2, scope_cells),
        missing=move(p2, p3, ~measured_now & _differs(rescoped, gone)),
        peers=move(p3, p4),
        values=move(p4, p5),
        arrived=move(p5, p6, measured_now & ~measured_then),
    )


class _LastWeek:
    """Last week's values of the paired accounts, judged as this week's model would judge them.

    Signals that cannot be compared stand as they do today from the first step on.
    """

    def __init__(self, before: WeekScores, after: WeekScores, rows: IntArray, old: IntArray) -> None:
        self._before, self._after, self._rows, self._old = before, after, rows, old
        self._signals = comparable(before, after)
        self._columns = [after.signals.index(signal.name) for signal in self._signals]
        same = before.model == after.model and len(self._signals) == len(after.signals)
        self._then = before.normalised if same else normalise(before.inputs, self._signals)
        self._attributes_now = {name: column[rows] for name, column in after.inputs.attributes.items()}
        self._attributes_then = {name: column[old] for name, column in before.inputs.attributes.items()}
        today = after.standing
        self.final = Standing(today.points[rows], today.held[rows], today.applies[rows])

    def under_new_model(self) -> Standing:
        """Last week as it was, under this week's weights, shapes and rules."""
        standing = standing_of(self._then, self._after.model)
        rows = self._old
        return self._placed(Standing(standing.points[rows], standing.held[rows], standing.applies[rows]))

    def under_new_scope(self) -> tuple[Standing, BoolArray, BoolArray]:
        """Last week's values and peers under this week's attributes (lifecycle, segment, ...).

        Returns the standing, which cells have a measured value, and which are judged differently.
        """
        parts: list[Column] = []
        measured = self._after.normalised.measured[self._rows].copy()
        cells = np.zeros(measured.shape, dtype=bool)
        for k, (j, signal) in enumerate(zip(self._columns, self._signals, strict=True)):
            values, reasons = self._values_then(signal)
            variant = self._after.normalised.variant[self._rows, j]
            own = OwnPlace(values, self._then.variant[self._old, k], self._attributes_then)
            part = judge(signal, values, reasons, variant, self._attributes_now, self._then.peers, own)
            parts.append(part)
            measured[:, j] = ~np.isnan(part.points)
            cells[:, j] = (variant != own.variant) | self._group_changed(signal, variant)
        return self._placed(standing_of(self._columns_of(parts), self._after.model)), measured, cells

    def against_new_peers(self) -> FloatArray:
        """Points of last week's values against this week's peers; other shapes give what they gave."""
        points = self.final.points.copy()
        for j, signal in zip(self._columns, self._signals, strict=True):
            values, reasons = self._values_then(signal)
            variant = self._after.normalised.variant[self._rows, j]
            own = OwnPlace(self._after.inputs.value(signal.name)[self._rows], variant, self._attributes_now)
            peers = self._after.normalised.peers
            points[:, j] = judge(signal, values, reasons, variant, self._attributes_now, peers, own).points
        return points

    def _placed(self, standing: Standing) -> Standing:
        out = Standing(self.final.points.copy(), self.final.held.copy(), self.final.applies.copy())
        out.points[:, self._columns] = standing.points
        out.held[:, self._columns] = standing.held
        out.applies[:, self._columns] = standing.applies
        return out

    def _columns_of(self, parts: list[Column]) -> Normalised:
        shape = (len(self._rows), len(parts))
        points, stand_in, reasons = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.int8)
        for k, part in enumerate(parts):
            points[:, k], stand_in[:, k], reasons[:, k] = part.points, part.stand_in, part.reasons
        return Normalised(self._signals, points, stand_in, reasons, np.zeros(shape, dtype=np.int64), {})

    def _values_then(self, signal: Signal) -> tuple[FloatArray, CodeArray]:
        column = self._before.inputs.column(signal.name)
        return self._before.inputs.values[self._old, column], self._before.inputs.reasons[self._old, column]

    def _group_changed(self, signal: Signal, variant: IntArray) -> BoolArray:
        changed = np.zeros(len(variant), dtype=bool)
        for index in np.unique(variant).tolist():
            shape = shape_of(signal, index)
            if isinstance(shape, PercentileShape):
                now = group_column(self._attributes_now, shape, len(variant))
                then = group_column(self._attributes_then, shape, len(variant))
                changed |= (variant == index) & (now != then)
        return changed


def _differs(a: Standing, b: Standing) -> BoolArray:
    same = (a.points == b.points) | (np.isnan(a.points) & np.isnan(b.points))
    return np.asarray(~same | (a.held != b.held) | (a.applies != b.applies))


def _same_measurement(before: ScoreModel, after: ScoreModel, name: str) -> bool:
    then = next((s for s in before.signals if s.name == name), None)
    if then is None:
        return True  # computed for last week although that model did not have it: today's definition
    now = after.signal(name)
    if _measurement(then) != _measurement(now):
        return False
    if now.template in DERIVED_TEMPLATES:
        parts = [getattr(now, part) for part in ("numerator", "denominator") if hasattr(now, part)]
        return all(_same_measurement(before, after, part) for part in parts)
    return True


def _measurement(signal: Signal) -> dict[str, object]:
    return signal.model_dump(exclude=_NOT_MEASUREMENT)
