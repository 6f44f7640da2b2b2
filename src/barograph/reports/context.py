"""What every report stands on: the published week, its version and model, and the header of its document."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from barograph.core.calendar import WEEK, is_grid_day, to_date
from barograph.definitions.model import ScoreModel
from barograph.engines.base import SignalEngine
from barograph.errors import RefusedError
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.pipeline.registry import Registry, Version
from barograph.pipeline.renewal import is_calibrated
from barograph.pipeline.score_store import PublishedWeek, published_weeks, read_scores, weeks_of
from barograph.pipeline.score_table import score_table
from barograph.pipeline.scoring import score_between_weeks
from barograph.pipeline.versions import definition_of, version_of
from barograph.reports.track_record import TrackRecordBook
from barograph.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True)
class WeekContext:
    """One published week of a workspace, read through one manifest so that nothing moves underneath."""

    workspace: Workspace
    manifest: Manifest
    week: PublishedWeek
    version: Version
    model: ScoreModel
    computed: pa.Table | None = None
    """The table of a date off the weekly grid, which is computed and stored nowhere."""
    alone: bool = False
    """The weeks are those of this version only, in force or in the shadow, not those that were in force."""

    @property
    def lake(self) -> Lake:
        return self.workspace.lake

    @property
    def day(self) -> int:
        return self.week.day

    @cached_property
    def weeks(self) -> dict[int, PublishedWeek]:
        """All weeks by day: those that were published, or those of the version alone."""
        return weeks_of(self.manifest, self.version.key) if self.alone else published_weeks(self.manifest)

    @cached_property
    def table(self) -> pa.Table:
        """The scores of the week."""
        return read_scores(self.lake, self.week) if self.computed is None else self.computed

    def scores_of(self, week: PublishedWeek, columns: list[str]) -> pa.Table:
        """Some columns of any published week."""
        return read_scores(self.lake, week, columns)

    @cached_property
    def rows(self) -> list[Row]:
        """The scores of the week, one dict per account."""
        return [dict(row) for row in self.table.to_pylist()]

    @cached_property
    def book(self) -> TrackRecordBook:
        """How accounts that scored like these fared, by the version of the week."""
        own = self.version.figures.get("track_record") if self.week.shadow else None
        return TrackRecordBook(self.manifest, self.version.key, own)

    @cached_property
    def before(self) -> WeekContext | None:
        """The published week before this one, None for the first."""
        earlier = [day for day in self.weeks if day < self.day]
        return (
            _context(self.workspace, self.manifest, self.weeks[earlier[-1]], self.alone) if earlier else None
        )

    def head(self, schema: str) -> dict[str, Any]:
        """The keys that every document begins with (docs/reference/json.md)."""
        return {
            "schema": schema,
            "workspace": self.workspace.settings.name,
            "workspace_as_of": to_date(self.day).isoformat(),
            "model": {"name": self.version.name, "version": self.version.key, "title": self.model.title},
            "label": self.model.stage,
            "outcomes": self.model.outcomes_behind,
            "filled_in": self.week.filled,
            "between_weeks": self.computed is not None,
            "shadow": self.week.shadow,
            "probability": self._probability(),
            "currency": self.workspace.settings.currency.reporting,
        }

    def _probability(self) -> dict[str, Any] | None:
        """What the renewal probabilities of the week stand on; None for a version that gives none."""
        figures = self.version.figures
        if not is_calibrated(figures):
            return None
        return {
            "lead_days": figures.get("period", {}).get("horizon_days"),
            "outcomes": figures["probability"]["calibration"]["outcomes"],
            "calibration": figures["probability"]["calibration"]["kind"],
        }


def day_context(workspace: Workspace, engine: SignalEngine, day: int) -> WeekContext:
    """The published week of a Monday, or the one before it; any other date is computed from there, read-only.

    Raises RefusedError like `week_context`.
    """
    standing = week_context(workspace, day)
    if is_grid_day(day) or day - standing.day >= WEEK:
        return standing
    made = score_between_weeks(workspace, engine, day)
    if made is None:
        return standing
    week = replace(standing.week, day=day, model=made.version.key, filled=False)
    model = Registry(workspace.path / "registry").model(made.version)
    return WeekContext(workspace, standing.manifest, week, made.version, model, score_table(made.week))


def week_context(workspace: Workspace, day: int, model: str | None = None) -> WeekContext:
    """The last published week not after `day`; with `model` (`saas-v3`, `saas-p1`) the last one that this version
    scored, in force or in the shadow.

    Raises RefusedError when there is none by then, naming the weeks there are, UsageError for an unknown version.
    """
    manifest = workspace.lake.manifest()
    if model is not None:
        version_of(Registry(workspace.path / "registry"), model)
    weeks = published_weeks(manifest) if model is None else weeks_of(manifest, model)
    fitting = [week for key, week in weeks.items() if key <= day]
    if not fitting:
        there = f"{to_date(min(weeks))} to {to_date(max(weeks))}" if weeks else "no week at all"
        who = "" if model is None else f" by {model}"
        first = (
            "" if model is None else f"`barograph models shadow {model}` scores it alongside from then on. "
        )
        raise RefusedError(
            f"no week is scored{who} as of {to_date(day)} or before; there is {there}.",
            where=str(workspace.path),
            hint=f"{first}Run `barograph refresh --as-of {to_date(day)}`.",
        )
    return _context(workspace, manifest, fitting[-1], model is not None)


def _context(
    workspace: Workspace, manifest: Manifest, week: PublishedWeek, alone: bool = False
) -> WeekContext:
    registry = Registry(workspace.path / "registry")
    version = version_of(registry, week.model)
    return WeekContext(workspace, manifest, week, version, definition_of(registry, version), alone=alone)
