"""Reads of this app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from barograph.connectors import address_of
from barograph.workspace import Workspace
from barograph_web.ingest.models import DataState, Upload, UploadState
from barograph_web.ops.models import Run, RunKind, RunState, RunStep
from barograph_web.scoring.queries import newest_week

RECENT = 12
FRESH_DAYS, STALE_DAYS = 10, 31
"""Up to ten days a weekly feed is on time; beyond a month it is stale."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source that is imported by itself, and how its last import went. state "" before the first."""

    shown: str
    table: str
    state: str
    at: datetime | None
    counts: Mapping[str, Any]
    log: str
    run_id: int | None


def data_state() -> DataState | None:
    """What the workspace held when the worker last looked; None before it did."""
    return DataState.objects.first()


def recent_uploads() -> QuerySet[Upload]:
    """The newest uploads; those that were deleted are left out."""
    return (
        Upload.objects.exclude(state=UploadState.DROPPED)
        .select_related("run")
        .defer("preview", "choices")[:RECENT]
    )


@dataclass(frozen=True, slots=True)
class FirstWeeks:
    """Data are there and no week is scored yet. run: the newest refresh, which may be under way or have failed."""

    run: Run | None

    @property
    def under_way(self) -> bool:
        return self.run is not None and not self.run.is_final


def first_weeks(generation: int) -> FirstWeeks | None:
    """What stands between data and the first review; None where there are no data, or a week is scored."""
    if not generation or newest_week() is not None:
        return None
    return FirstWeeks(Run.objects.filter(kind=RunKind.REFRESH).first())


def sources(place: Workspace) -> list[SourceLine]:
    """The workspace's sources with the newest step that imported each."""
    names = [address_of(source.path).shown for source in place.settings.sources]
    kinds = (RunKind.REFRESH, RunKind.SOURCES)
    newest: dict[str, RunStep] = {}
    steps = RunStep.objects.filter(run__kind__in=kinds, name__in=[f"Source {n}" for n in names])
    for step in steps.order_by("-started_at")[: 10 * max(1, len(names))]:
        newest.setdefault(step.name, step)
    lines = []
    for source, shown in zip(place.settings.sources, names, strict=True):
        step = newest.get(f"Source {shown}")
        lines.append(
            SourceLine(
                shown,
                source.table or "",
                step.state if step else "",
                (step.finished_at or step.started_at) if step else None,
                step.counts if step else {},
                step.log if step else "",
                step.run_id if step else None,
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table of the contract as the Data page shows it. fresh: good, warn or bad; "" where nothing is there."""

    name: str
    row: str
    held: Mapping[str, Any] | None
    fresh: str
    last: date | None
    fresh_as_of: date | None
    needs: list[Mapping[str, Any]]
    lacking: list[Mapping[str, Any]]
    could_feed: list[str]
    quarantined: int


def table_lines(state: DataState, today: date) -> list[TableLine]:
    """The tables, those that are there first, in the order of the contract."""
    waiting: dict[str, int] = {}
    for group in open_groups(state):
        waiting[group["table"]] = waiting.get(group["table"], 0) + group["rows"]
    lines = []
    for entry in state.document["tables"]:
        held = entry["held"]
        last = _date(held["to"]) if held else None
        known = _date(held["fresh_as_of"]) if held else None
        newest = known or last
        days = None if newest is None else max(0, (today - newest).days)
        fresh = (
            "" if days is None else "good" if days <= FRESH_DAYS else "warn" if days <= STALE_DAYS else "bad"
        )
        short = [
            s for s in entry["needs"] if s["coverage"] is not None and s["coverage"] < 0.5 and s["weight"]
        ]
        lines.append(
            TableLine(
                entry["table"],
                entry["row"],
                held,
                fresh,
                last,
                known,
                entry["needs"],
                entry["needs"] if not held else short,
                entry["could_feed"],
                waiting.get(entry["table"], 0),
            )
        )
    return sorted(lines, key=lambda line: line.held is None)


def open_groups(state: DataState) -> list[dict[str, Any]]:
    """Groups of quarantined rows whose file was not imported again since: a retry brings its own."""
    groups: list[dict[str, Any]] = state.document["quarantine"]
    replaced = superseded()
    return [group for group in groups if group["import_id"] not in replaced]


def superseded() -> set[str]:
    """Imports whose upload was imported once more later."""
    again = Upload.objects.filter(attempts__gt=1).only("pk", "report")
    newest = {str(upload.pk): upload.report.get("import", "") for upload in again}
    runs = Run.objects.filter(kind=RunKind.IMPORT, state=RunState.DONE, arguments__work="import")
    found = set()
    for arguments, result in runs.filter(arguments__upload__in=list(newest)).values_list(
        "arguments", "result"
    ):
        if result.get("import") != newest[arguments["upload"]]:
            found.add(result.get("import", ""))
    return found


def upload_of_import(import_id: str) -> Upload | None:
    """The upload that an import came from; None for imports by the command line or from a source."""
    return Upload.objects.filter(report__import=import_id).first()


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
