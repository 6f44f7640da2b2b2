"""Two definitions beside each other: what differs, and which accounts would stand in another tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.core.arrays import CodeArray, FloatArray, TextArray, positions, texts
from barograph.core.score import WeekScores, score_week
from barograph.core.thresholds import TIER_CODES, tier_names
from barograph.definitions.describe import describe_scope
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import Signal
from barograph.engines.base import SignalEngine
from barograph.errors import RefusedError
from barograph.pipeline.observations_weeks import plain_tier
from barograph.pipeline.score_store import PublishedWeek, latest_week, read_scores
from barograph.pipeline.signal_store import SignalPlan, outdated_weeks, read_week
from barograph.pipeline.week_inputs import week_inputs
from barograph.workspace import Workspace

TIERS = ("at_risk", "watch", "healthy", "growth", "insufficient")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. what: weight, shape, measure, line or setting; name: of the signal or tier; before, after:
    in words, "" where there is none."""

    what: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Migration:
    """The accounts of one week under both definitions. before, after: tier codes; arr: revenue. as_shown: the tiers
    are those that were stored for the week, damping included; else what numbers and caps give now."""

    day: int
    account_ids: TextArray
    name: TextArray
    arr: FloatArray
    score_before: FloatArray
    score_after: FloatArray
    before: CodeArray
    after: CodeArray
    as_shown: bool = False

    def matrix(self) -> list[tuple[str, str, int, float]]:
        """(tier before, tier after, accounts, revenue) of every pair that occurs, worst first."""
        one, two = tier_names(self.before), tier_names(self.after)
        out = []
        for a in TIERS:
            for b in TIERS:
                rows = (one == a) & (two == b)
                if rows.any():
                    out.append((a, b, int(rows.sum()), float(np.nansum(self.arr[rows]))))
        return out


def changes(before: ScoreModel, after: ScoreModel) -> list[Change]:
    """What differs, weights first. Everything that can change a number is named, labels are not."""
    out: list[Change] = []
    one = {s.name: s for s in before.signals}
    two = {s.name: s for s in after.signals}
    for name in dict.fromkeys([*one, *two]):
        out += _signal_changes(name, one.get(name), two.get(name))
    out += _line_changes(before, after)
    for key in ("stage", "outcomes_behind", "min_coverage", "neutral_points"):
        if getattr(before, key) != getattr(after, key):
            out.append(Change("setting", key, str(getattr(before, key)), str(getattr(after, key))))
    for key in ("population", "outcome", "damping", "overlay", "rollup", "growth_gate", "caps", "targets"):
        if getattr(before, key) != getattr(after, key):
            out.append(Change("setting", key, "as before", "changed"))
    order = ("weight", "shape", "measure", "line", "setting")
    return sorted(out, key=lambda c: order.index(c.what))


def migration(
    workspace: Workspace, engine: SignalEngine, before: ScoreModel, after: ScoreModel, *, until: int
) -> Migration:
    """Both definitions on the signals of the last published week up to `until`, accounts of both.

    Raises RefusedError when no week was published by then.
    """
    manifest = workspace.lake.manifest()
    week = latest_week(manifest, until)
    if week is None:
        raise RefusedError(
            "no week is scored yet (0 weeks), so there are no tiers to compare.",
            where=str(workspace.path),
            hint="Run `barograph refresh` first.",
        )
    one = _scored(workspace, engine, before, week.day)
    two = _scored(workspace, engine, after, week.day)
    place = {a: i for i, a in enumerate(two.account_ids.tolist())}
    rows = np.array([i for i, a in enumerate(one.account_ids.tolist()) if a in place], dtype=np.int64)
    there = np.array([place[a] for a in one.account_ids[rows].tolist()], dtype=np.int64)
    state = one.inputs.attributes
    arr = np.asarray(state.get("arr", np.full(len(one.account_ids), np.nan)), dtype=float)
    names = state.get("name", texts([""] * len(one.account_ids)))
    return Migration(
        week.day,
        one.account_ids[rows],
        texts(["" if n is None else str(n) for n in names[rows]]),
        arr[rows],
        one.score[rows],
        two.score[there],
        plain_tier(one)[rows],
        plain_tier(two)[there],
    )


def stored_migration(
    workspace: Workspace,
    before: Mapping[int, PublishedWeek],
    after: Mapping[int, PublishedWeek],
    *,
    until: int,
) -> Migration | None:
    """The tiers that two versions gave in the last week up to `until` that both have scored; None without one.

    before, after: weeks by day, as `score_store` gives them.
    """
    both = [day for day in before if day in after and day <= until]
    if not both:
        return None
    day = max(both)
    columns = ["account_id", "name", "arr", "score", "tier"]
    one = read_scores(workspace.lake, before[day], columns)
    two = read_scores(workspace.lake, after[day], columns)
    ids = texts(one["account_id"].to_pylist())
    place = positions(ids, texts(two["account_id"].to_pylist()))
    rows = np.flatnonzero(place >= 0)
    names = texts(["" if n is None else str(n) for n in one["name"].to_pylist()])

    def floats(table: pa.Table, column: str) -> FloatArray:
        return np.asarray(table[column].cast(pa.float64()).to_numpy(), dtype=np.float64)

    def tiers(table: pa.Table) -> CodeArray:
        return np.array([TIER_CODES[t] for t in table["tier"].to_pylist()], dtype=np.int8)

    return Migration(
        day,
        ids[rows],
        names[rows],
        floats(one, "arr")[rows],
        floats(one, "score")[rows],
        floats(two, "score")[place[rows]],
        tiers(one)[rows],
        tiers(two)[place[rows]],
        as_shown=True,
    )


def _scored(workspace: Workspace, engine: SignalEngine, model: ScoreModel, day: int) -> WeekScores:
    lake = workspace.lake
    manifest = lake.manifest()
    plan = SignalPlan.of(workspace, model)
    names = [signal.name for signal in model.signals]
    table = None if outdated_weeks(manifest, plan, [day]) else read_week(lake, manifest, day)
    if table is None:
        table = engine.compute(plan.request(lake, (day,)))
    return score_week(week_inputs(table, day, names), model)


def _signal_changes(name: str, one: Signal | None, two: Signal | None) -> list[Change]:
    if one is None or two is None:
        weight = two.weight if two is not None else one.weight if one is not None else 0
        said = f"{weight:g} points" if weight else "a candidate"
        return [Change("weight", name, "" if one is None else said, said if one is None else "")]
    out = []
    if one.weight != two.weight:
        out.append(Change("weight", name, f"{one.weight:g}", f"{two.weight:g}"))
    if (one.normalise, one.variants, one.missing) != (two.normalise, two.variants, two.missing) and (
        one.weight or two.weight
    ):
        out.append(Change("shape", name, _shape(one), _shape(two)))
    how = {
        "label",
        "note",
        "weight",
        "component",
        "normalise",
        "variants",
        "missing",
        "confirmed",
        "direction",
    }
    if one.model_dump(exclude=how) != two.model_dump(exclude=how):
        out.append(Change("measure", name, "as before", "changed"))
    return out


def _shape(signal: Signal) -> str:
    shape = signal.normalise
    if shape.method == "banded":
        parts = [
            f"below {band.below:.4g}: {band.points:g}" if band.below is not None else f"else {band.points:g}"
            for band in shape.bands
        ]
        unknown = [] if shape.missing_points is None else [f"unknown {shape.missing_points:g}"]
        return ", ".join([*parts, *unknown])
    settings = shape.model_dump(exclude={"method"})
    ends = ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in settings.items()
    )
    own = f", {len(signal.variants)} variants" if signal.variants else ""
    return f"{shape.method} ({ends}){own}"


def _line_changes(before: ScoreModel, after: ScoreModel) -> list[Change]:
    out = []
    one, two = ({t.name: t.from_score for t in m.tiers} for m in (before, after))
    for name in dict.fromkeys([*one, *two]):
        if one.get(name) != two.get(name):
            out.append(Change("line", name, _line(one.get(name)), _line(two.get(name))))
    own, new = (_overrides(m) for m in (before, after))
    for scope in dict.fromkeys([*own, *new]):
        if own.get(scope) != new.get(scope):
            out.append(Change("line", scope, own.get(scope, ""), new.get(scope, "")))
    return out


def _line(value: float | None) -> str:
    return "" if value is None else f"from {value:g}"


def _overrides(model: ScoreModel) -> dict[str, str]:
    return {
        describe_scope(t.when): ", ".join(f"{name} from {line:g}" for name, line in t.from_score.items())
        for t in model.thresholds
    }
