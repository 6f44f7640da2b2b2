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
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import RefreshReport
from barograph.pipeline.refresh import refresh as refresh_weeks
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
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Compute signals, scores and tiers for the week, or the last N weeks. Safe to repeat."""
    place = open_workspace(workspace)
    day = week_of(as_of, place)
    with progress(quiet=output is None and format is not Format.table) as report_progress:
        report = refresh_weeks(
            place,
            DuckDBEngine(),
            as_of=day,
            weeks=weeks,
            now=now(),
            restate=restate,
            progress=report_progress,
        )
    emit(
        document(place, report),
        table=lambda: [sentence(report)],
        rows=lambda: [{"week": to_date(d).isoformat(), "scored": True} for d in report.scored],
        format=format,
        output=output,
    )


def document(place: Workspace, report: RefreshReport) -> dict[str, Any]:
    """The JSON form."""
    return {
        **workspace_head(place, SCHEMA, report.as_of),
        "new_version": report.new_version,
        "weeks_scored": [to_date(d).isoformat() for d in report.scored],
        "weeks_found": [to_date(d).isoformat() for d in report.standing],
        "signals_computed": [to_date(d).isoformat() for d in report.signals_computed],
        "account_weeks": report.account_weeks,
    }


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
        lines.append(f"{found} {_weeks(found)} stood already and were left as published.")
    if report.new_version:
        lines.append(f"The model file is a new version: {report.version.title} ({report.version.reason}).")
    return Text("\n".join(lines))


def _weeks(n: int) -> str:
    return "week" if n == 1 else "weeks"
