"""`barograph scores`: score, tier, components and contributions of every account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_workspace,
    requested_day,
)
from barograph.cli.output import Cell, Format, emit
from barograph.core.calendar import to_date
from barograph.definitions.toml_io import load_model
from barograph.pipeline.engine import engine_of
from barograph.pipeline.versions import full_key
from barograph.reports.context import WeekContext, day_context, week_context
from barograph.reports.heading import heading_lines
from barograph.reports.render.phrases import chance_share
from barograph.reports.scores import scores_document
from barograph.workspace import Workspace

TIER_STYLES = {
    "at_risk": "red",
    "watch": "yellow",
    "healthy": "green",
    "growth": "blue",
    "insufficient": "dim",
}
HISTORY_SCHEMA = "barograph.scores_history/1"


def scores(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="V", help="The weeks of this version or proposal, in force or in the shadow."
        ),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Every published week instead of one.")] = False,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Score, tier, components and contributions per account, worst first."""
    place = open_workspace(workspace)
    context = _context(place, requested_day(as_of, place), model)
    if history:
        document = history_document(context)
        emit(
            document,
            table=lambda: [_history_table(document)],
            rows=lambda: document["rows"],
            format=format,
            output=output,
        )
        return
    document = scores_document(context)
    emit(
        document,
        table=lambda: [*map(Text, heading_lines(document)), _table(document)],
        rows=lambda: [_row(account) for account in document["accounts"]],
        format=format,
        output=output,
    )


def _context(place: Workspace, day: int, model: str | None) -> WeekContext:
    if model is None:
        return day_context(place, engine_of(place), day)
    return week_context(place, day, full_key(model, load_model(place.model_file()).name))


def history_document(context: WeekContext) -> dict[str, Any]:
    """Score and tier of every account in every published week up to the context's."""
    rows: list[dict[str, Cell]] = []
    for day, week in context.weeks.items():
        if day > context.day:
            continue
        table = context.scores_of(week, ["account_id", "name", "score", "tier", "computed_tier", "raw_tier"])
        for row in table.to_pylist():
            rows.append(
                {
                    "as_of": to_date(day).isoformat(),
                    "model": week.model,
                    "filled_in": week.filled,
                    "shadow": week.shadow,
                    **row,
                }
            )
    return {**context.head(HISTORY_SCHEMA), "rows": rows}


def _table(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False, title_justify="left")
    # On a narrow screen only what can be told from the rest gets narrower, never a figure.
    chances = document["probability"] is not None
    figures = ("score", "change", *(("renewal",) if chances else ()), "revenue")
    for name in ("account", "name", "tier", *figures, "opt-out", "owner"):
        shrinks = name in ("name", "owner")
        side: Literal["left", "right"] = "right" if name in figures else "left"
        grid.add_column(name, justify=side, no_wrap=not shrinks, overflow="fold" if shrinks else "ellipsis")
    order = sorted(document["accounts"], key=lambda a: (a["score"] is None, a["score"] or 0))
    for account in order:
        change = account["change"]
        moved = None
        if change and change["from"] is not None and change["to"] is not None:
            moved = change["to"] - change["from"]
        grid.add_row(
            account["account_id"],
            account["name"] or "",
            Text(account["tier"].replace("_", " "), style=TIER_STYLES[account["tier"]]),
            "–" if account["score"] is None else f"{account['score']:.0f}",
            "" if moved is None else f"{moved:+.1f}",
            *((chance_share(account),) if chances else ()),
            "" if account["arr"] is None else f"{account['arr']:,.0f}",
            account["opt_out"] or "",
            account["owner"] or "",
        )
    return grid


def _history_table(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("as_of", "account_id", "score", "tier", "model"):
        grid.add_column(name)
    for row in document["rows"]:
        score = "–" if row["score"] is None else f"{row['score']:.1f}"
        grid.add_row(row["as_of"], row["account_id"], score, row["tier"], row["model"])
    return grid


def _row(account: dict[str, Any]) -> dict[str, Cell]:
    flat: dict[str, Cell] = {
        key: account[key]
        for key in (
            "account_id",
            "as_of",
            "name",
            "segment",
            "owner",
            "arr",
            "score",
            "tier",
            "computed_tier",
            "coverage",
            "renewal_probability",
            "expansion_probability",
            "downsell_probability",
            "opt_out",
        )
    }
    for component in account["components"]:
        flat[f"component.{component['name']}"] = component["score"]
        for signal in component["signals"]:
            flat[f"contribution.{signal['name']}"] = signal["contribution"]
    return flat
