"""The weekly refresh as a run: sources, then weeks. What other apps make of them follows (handlers.follow_up).

Every step finds what an interrupted run published before and goes on from there: imports of the same rows change
nothing, a published week stands, a projection brings in what is new.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.conf import settings

from barograph.connectors import address_of
from barograph.core.calendar import WEEK, day_number, grid_day, to_date
from barograph.errors import BarographError, LockedError, UsageError
from barograph.intake import confirmed_before, import_paths
from barograph.pipeline.engine import engine_of
from barograph.pipeline.refresh import refresh as refresh_weeks
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.start import last_week_of
from barograph.workspace import Source, Workspace
from barograph_web.ops.running import RunContext, Step
from barograph_web.ops.workspace import workspace

LOG = logging.getLogger("barograph.refresh")
FIRST_WEEKS = 13
"""Weeks that the first refresh of a workspace scores: a quarter, so that trends and bars have something to show."""
ENDED_AFTER = 26 * WEEK
"""Data without a newer fact for half a year are an export of the past, not a feed that is late."""


def refresh(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.REFRESH. Arguments: as_of (ISO date, any day of the week), weeks (default: since the last
    published week)."""
    place = reopened()
    day = _day(run.arguments.get("as_of") or run.run.key)
    sources = import_sources(run, place)
    asked, day = day, week_to_score(place, day)
    if day != asked:
        run.degrade(
            f"The data end in the week of {to_date(day)}: that week is scored, and not {to_date(asked)}, in which "
            "nothing is known of anybody. Bring newer data in."
        )
    weeks = run.arguments.get("weeks") or missing_weeks(place, day, settings.OPTIONS_IN_FORCE.history_weeks)
    with run.step("Signals, scores and tiers") as step:
        report = refresh_weeks(
            place, engine_of(place), as_of=day, weeks=int(weeks), now=run.now, progress=step.progress
        )
        step.count(
            weeks_scored=len(report.scored),
            weeks_found=len(report.standing),
            account_weeks=report.account_weeks,
            model=report.version.title,
        )
        if report.new_version:
            step.log(f"The model file is a new version: {report.version.title} ({report.version.reason}).")
    return {
        "as_of": to_date(day).isoformat(),
        "weeks": [to_date(d).isoformat() for d in report.scored],
        "model_version": report.version.key,
        "account_weeks": report.account_weeks,
        "sources": sources,
    }


def sources_only(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.SOURCES: bring the workspace's sources in, without scoring."""
    return {"sources": import_sources(run, reopened())}


def import_sources(run: RunContext, place: Workspace) -> int:
    """Import every source of the workspace, one step each; how many came in.

    One that fails degrades the run and keeps what it brought before; the rest goes on. Raises LockedError when
    another process holds the workspace.
    """
    good = 0
    for source in place.settings.sources:
        shown = address_of(source.path).shown
        with run.step(f"Source {shown}") as step:
            try:
                _import(place, source, run, step)
                good += 1
            except LockedError:
                raise
            except BarographError as error:
                _stale(run, step, shown, str(error))
            except Exception as error:  # one source with a surprise in it must not keep the others out
                LOG.exception("source failed", extra={"source": shown})
                _stale(run, step, shown, f"{type(error).__name__}. The worker's log has more.")
    return good


def missing_weeks(place: Workspace, day: int, most: int) -> int:
    """How many weeks to score up to `day`: those since the last published one, this one included, at most `most`."""
    earlier = [d for d in published_weeks(place.lake.manifest()) if d <= day]
    if not earlier:
        return min(FIRST_WEEKS, most)
    return max(1, min((day - max(earlier)) // WEEK, most))


def week_to_score(place: Workspace, day: int) -> int:
    """The week of `day`, or the last one that the data reach when they ended long before it."""
    reached = last_week_of(place, day)
    return reached if day - reached > ENDED_AFTER else day


def reopened() -> Workspace:
    """The workspace with its settings as they are on the disk now: a worker lives longer than they do."""
    return Workspace.open(workspace().path)


def _import(place: Workspace, source: Source, run: RunContext, step: Step) -> None:
    path = source.path if "://" in source.path else str(place.inside(source.path))
    mapping = place.inside(source.mapping) if source.mapping else None
    report = import_paths(
        place,
        [path],
        table=source.table,
        mapping=mapping,
        now=run.now,
        confirm=confirmed_before(source.confirmed),
        reason="weekly refresh",
        step=step.log,
    )
    step.count(
        tables=len(report.tables),
        rows=sum(t.rows for t in report.tables),
        new=sum(t.new for t in report.tables),
        changed=sum(t.changed for t in report.tables),
        rejected=sum(t.quarantined for t in report.tables),
    )
    for warning in report.warnings:
        step.log(warning)
    for name, why in report.skipped.items():
        step.log(f"not read: {name}: {why}")


def _stale(run: RunContext, step: Step, shown: str, why: str) -> None:
    step.degrade(why)
    run.degrade(f"{shown} is stale: {why}")


def _day(text: str) -> int:
    try:
        return grid_day(day_number(date.fromisoformat(text)))
    except ValueError as error:
        raise UsageError(f"as_of {text!r} is not a date.", hint="Write it as YYYY-MM-DD.") from error
