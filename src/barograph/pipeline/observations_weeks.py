"""What was known and what was scored in the weeks that observations look from.

Weeks are taken one at a time and only the rows of the observations are kept, so memory is that of a few weeks
whatever the history. Stored signal values are used where they are those the definitions would give today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barograph.core.arrays import AnyArray, CodeArray, FloatArray, IntArray, TextArray, positions
from barograph.core.calendar import WEEK
from barograph.core.score import WeekScores, score_week
from barograph.core.thresholds import INSUFFICIENT, NONE
from barograph.core.tiers import ceilings
from barograph.definitions.model import ScoreModel
from barograph.engines.base import SignalEngine
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.pipeline.signal_store import (
    DATASET,
    SignalPlan,
    outdated_weeks,
    read_week,
    week_name,
)
from barograph.pipeline.week_inputs import week_inputs

WEEKS_AT_ONCE = 104
ROWS_AT_ONCE = 1_300_000
"""Account-weeks that one request to the engine may hold: 13 weeks of 100,000 accounts, two years of 12,500."""
GAP_WEEKS = 26
"""Weeks without an observation that are cheaper to compute along than to begin another request."""

PARENT, START = "parent_account_id", "start_day"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ModelView:
    """How one model saw n observations. score: 0 to 100, NaN insufficient. tier: code, by lines and caps
    without damping. points: n x k points 0 to 100 of its scored signals (`signals`), NaN missing."""

    signals: tuple[str, ...]
    score: FloatArray
    tier: CodeArray
    points: FloatArray

    def take(self, rows: AnyArray) -> ModelView:
        return ModelView(self.signals, self.score[rows], self.tier[rows], self.points[rows])


@dataclass(frozen=True, slots=True)
class Seen:
    """n rows as of their own week. found: the entity was in the population then. values: n x p, all signals
    of the plan, NaN missing. parent: its parent account, "" for none. start: day number on which the account
    began, NaN unknown. replay: share of the stored values per signal that came out differently when
    the week was computed again from today's lake; NaN where nothing was compared."""

    found: AnyArray
    values: FloatArray
    segment: TextArray
    name: TextArray
    parent: TextArray
    start: FloatArray
    views: Mapping[str, ModelView]
    replay: FloatArray

    def take(self, rows: AnyArray) -> Seen:
        """Some rows; what was found on replay stays that of all."""
        return Seen(
            found=self.found[rows],
            values=self.values[rows],
            segment=self.segment[rows],
            name=self.name[rows],
            parent=self.parent[rows],
            start=self.start[rows],
            views={key: view.take(rows) for key, view in self.views.items()},
            replay=self.replay,
        )


def see(
    lake: Lake,
    manifest: Manifest,
    engine: SignalEngine,
    plan: SignalPlan,
    ids: TextArray,
    as_of: IntArray,
    models: Mapping[str, ScoreModel],
    progress: Progress = lambda _what, _done, _of: None,
) -> Seen:
    """The signals of `plan` and the scores of `models` for entity ids[i] as of as_of[i]."""
    names = [signal.name for signal in plan.model.signals]
    size = len(ids)
    found = np.zeros(size, dtype=bool)
    values = np.full((size, len(names)), np.nan)
    text = {key: np.full(size, "", dtype=object) for key in ("segment", "name", PARENT)}
    start = np.full(size, np.nan)
    views = {key: _empty_view(model, size) for key, model in models.items()}
    differs, compared = np.zeros(len(names)), np.zeros(len(names))
    days = sorted(set(as_of.tolist()))
    for done, (day, table, stored) in enumerate(_weeks(lake, manifest, engine, plan, days)):
        progress("observations", done, len(days))
        rows = np.flatnonzero(as_of == day)
        inputs = week_inputs(table, day, names)
        place = positions(ids[rows], inputs.account_ids)
        rows, place = rows[place >= 0], place[place >= 0]
        found[rows] = True
        values[rows] = inputs.values[place]
        for key, column in text.items():
            if key in inputs.attributes:
                column[rows] = ["" if v is None else v for v in inputs.attributes[key][place]]
        if START in inputs.attributes:
            start[rows] = inputs.attributes[START][place]
        for key, model in models.items():
            _fill(views[key], rows, score_week(inputs, model), place)
        if stored is not None:
            before = week_inputs(stored, day, names)
            there = positions(ids[rows], before.account_ids)
            old, new = before.values[there[there >= 0]], values[rows[there >= 0]]
            differs += (~np.isclose(old, new, rtol=1e-9, atol=1e-9, equal_nan=True)).sum(axis=0)
            compared += len(old)
    if days:
        progress("observations", len(days), len(days))
    replay = np.divide(differs, compared, out=np.full(len(names), np.nan), where=compared > 0)
    return Seen(found, values, text["segment"], text["name"], text[PARENT], start, views, replay)


def _weeks(
    lake: Lake, manifest: Manifest, engine: SignalEngine, plan: SignalPlan, days: Sequence[int]
) -> Iterator[tuple[int, pa.Table, pa.Table | None]]:
    """(day, signals, what was stored before) in order; stored is None unless the week was computed again."""
    compute = set(outdated_weeks(manifest, plan, days))
    for day in days:
        if day not in compute:
            table = read_week(lake, manifest, day)
            if table is None:
                compute.add(day)
            else:
                yield day, table, None
    for run in _runs(sorted(compute), _weeks_at_once(manifest)):
        table = engine.compute(plan.request(lake, tuple(range(run[0], run[-1] + 1, WEEK))))
        for day in run:
            week = table.filter(pc.equal(table["as_of"], pa.scalar(day, pa.int32())))
            yield day, week, _stored(lake, manifest, plan, day)


def _runs(days: Sequence[int], at_once: int) -> list[list[int]]:
    """Days grouped so that a group spans at most `at_once` weeks and has no long gap in it."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day - runs[-1][0] < at_once * WEEK and day - runs[-1][-1] <= GAP_WEEKS * WEEK:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _stored(lake: Lake, manifest: Manifest, plan: SignalPlan, day: int) -> pa.Table | None:
    """Signals stored under the same definitions, which rows imported later have overtaken."""
    entries = manifest.entries(DATASET, {"as_of": week_name(day)})
    if not entries or entries[0].meta.get("fingerprint") != plan.fingerprint:
        return None
    return read_week(lake, manifest, day)


def _weeks_at_once(manifest: Manifest) -> int:
    accounts = max(manifest.rows("raw/accounts"), manifest.rows("raw/contracts"), 1)
    return int(np.clip(ROWS_AT_ONCE // accounts, 1, WEEKS_AT_ONCE))


def _empty_view(model: ScoreModel, size: int) -> ModelView:
    names = tuple(signal.name for signal in model.scored)
    return ModelView(
        names,
        np.full(size, np.nan),
        np.full(size, NONE, dtype=np.int8),
        np.full((size, len(names)), np.nan),
    )


def _fill(view: ModelView, rows: IntArray, scores: WeekScores, place: IntArray) -> None:
    """Copy one scored week into the rows of a view."""
    view.score[rows] = scores.score[place]
    view.points[rows] = scores.standing.points[place]
    view.tier[rows] = plain_tier(scores)[place]


def plain_tier(scores: WeekScores) -> CodeArray:
    """Tier codes by lines, caps and gate of the week alone, without damping."""
    lines = scores.lines
    reached = np.minimum(lines.reached(scores.score), lines.index(ceilings(scores).soft))
    return np.where(np.isnan(scores.score), INSUFFICIENT, lines.codes[np.maximum(reached, 0)]).astype(np.int8)
