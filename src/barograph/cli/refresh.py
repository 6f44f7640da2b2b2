"""`barograph refresh`: signals, scores and tiers for the week, or for the last N weeks."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    week_of,
)
from barograph.cli.output import Format, emit
from barograph.cli.progress import progress
from barograph.core.calendar import to_date
from barograph.pipeline.engine import engine_of
from barograph.pipeline.refresh import RefreshReport
from barograph.pipeline.refresh import refresh as refresh_weeks
from barograph.reports.quarter import QuarterRun, validate_when_due
from barograph.reports.workspace_head import workspace_head
from barograph.workspace import Workspace

SCHEMA = "barograph.refresh/1"


def refresh(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    weeks: Annotated[int, typer.Option(min=1, max=1040, help="How many weeks, this one included.")] = 1,
    restate: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Score published weeks again, as an added revision, for this reason."
        ),
    ] = None,
    validate: Annotated[
        bool, typer.Option(help="Once a quarter, judge the model on the decisions of the last 90 days.")
    ] = True,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Compute signals, scores and tiers for the week, or the last N weeks. Safe to repeat."""
    place = open_workspace(workspace)
    day = week_of(as_of, place)
    engine = engine_of(place)
    with progress(quiet=output is None and format is not Format.table) as report_progress:
        report = refresh_weeks(
            place,
            engine,
            as_of=day,
            weeks=weeks,
            now=now(),
            restate=restate,
            progress=report_progress,
        )
        quarter = (
            validate_when_due(place, engine, day=day, now=now(), progress=report_progress)
            if validate
            else None
        )
    emit(
        document(place, report, quarter),
        table=lambda: [sentence(report), *notes(report, quarter)],
        rows=lambda: [{"week": to_date(d).isoformat(), "scored": True} for d in report.scored],
        format=format,
        output=output,
    )


def document(place: Workspace, report: RefreshReport, quarter: QuarterRun | None = None) -> dict[str, Any]:
    """The JSON form."""
    return {
        **workspace_head(place, SCHEMA, report.as_of),
        "new_version": report.new_version,
        "weeks_scored": [to_date(d).isoformat() for d in report.scored],
        "weeks_found": [to_date(d).isoformat() for d in report.standing],
        "signals_computed": [to_date(d).isoformat() for d in report.signals_computed],
        "account_weeks": report.account_weeks,
        "shadows": [
            {"version": version, "week": to_date(day).isoformat()} for version, day in report.shadows
        ],
        "validation": None
        if quarter is None
        else {
            "due": quarter.due,
            "kept": quarter.document is not None,
            "because": quarter.because or None,
            "summary": None if quarter.document is None else quarter.document["summary"],
        },
        "warnings": _warnings(report, quarter),
    }


def _warnings(report: RefreshReport, quarter: QuarterRun | None) -> list[str]:
    failed = quarter is not None and quarter.warning
    return [
        *report.warnings,
        *([f"quarterly validation failed: {quarter.because}"] if quarter and failed else []),
    ]


def notes(report: RefreshReport, quarter: QuarterRun | None) -> list[RenderableType]:
    """What was done beside the week in force, and what went wrong there."""
    lines: list[RenderableType] = []
    for version in dict.fromkeys(key for key, _ in report.shadows):
        n = sum(key == version for key, _ in report.shadows)
        lines.append(Text(f"In the shadow: {version} scored {n} {_weeks(n)} beside it."))
    if quarter is not None and quarter.document is not None:
        lines.append(Text(f"Validated on the quarter before: {quarter.document['summary']}"))
    elif quarter is not None and quarter.due and not quarter.warning:
        lines.append(Text(f"Not validated on the quarter before: {quarter.because}", style="dim"))
    return [*lines, *(Text(f"Warning: {warning}", style="yellow") for warning in _warnings(report, quarter))]


def sentence(report: RefreshReport) -> RenderableType:
    """What happened, in one or two lines."""
    scored, found = len(report.scored), len(report.standing)
    lines = []
    if scored:
        lines.append(
            f"Scored {scored} {_weeks(scored)} up to {to_date(report.as_of)} with {report.version.title}: "
            f"{report.account_weeks:,} account-weeks."
        )
    if found:
        were = "was" if found == 1 else "were"
        lines.append(f"{found} {_weeks(found)} stood already and {were} left as published.")
    if report.new_version:
        lines.append(f"The model file is a new version: {report.version.title} ({report.version.reason}).")
    return Text("\n".join(lines))


def _weeks(n: int) -> str:
    return "week" if n == 1 else "weeks"
