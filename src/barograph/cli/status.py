"""`barograph status`: tables with coverage and freshness, weeks scored, the model in force and its label."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.options import FormatOption, OutputOption, WorkspaceOption, open_workspace, today
from barograph.cli.output import Format, emit
from barograph.reports.heading import label_words
from barograph.reports.status import status_document


def status(
    workspace: WorkspaceOption = None, format: FormatOption = Format.table, output: OutputOption = None
) -> None:
    """What is imported and how fresh it is, which weeks are scored, and which model is in force."""
    place = open_workspace(workspace)
    document = status_document(place, today(place))
    emit(
        document,
        table=lambda: _renderables(document),
        rows=lambda: [{k: v for k, v in t.items() if k != "clocks"} for t in document["tables"]],
        format=format,
        output=output,
    )


def _renderables(document: dict[str, Any]) -> list[RenderableType]:
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("table", no_wrap=True)
    for name in ("rows", "accounts", "known", "quarantine"):
        grid.add_column(name, justify="right", no_wrap=True)
    for name in ("from", "to", "clock"):
        grid.add_column(name, no_wrap=True)
    for t in document["tables"]:
        share = "" if t["known_accounts_share"] is None else f"{t['known_accounts_share']:.0%}"
        grid.add_row(
            t["table"],
            f"{t['rows']:,}",
            f"{t['accounts']:,}",
            share,
            f"{t['quarantined']:,}",
            t["from"] or "",
            t["to"] or "",
            ", ".join(t["clocks"]),
        )
    weeks = document["weeks"]
    lines = [f"{document['workspace']} ({document['timezone']}, {document['currency']})"]
    parts: list[RenderableType] = [Text(lines[0], style="bold")]
    parts.append(
        grid
        if document["tables"]
        else Text("No table is imported: `barograph import PATH...` brings one in.")
    )
    if weeks["scored"]:
        filled = f", {weeks['filled_in']} filled in afterwards" if weeks["filled_in"] else ""
        parts.append(Text(f"{weeks['scored']} weeks scored, {weeks['from']} to {weeks['to']}{filled}."))
    else:
        parts.append(Text("No week is scored: `barograph refresh` scores this one."))
    parts += _model_lines(document)
    return parts


def _model_lines(document: dict[str, Any]) -> list[RenderableType]:
    model = document["model"]
    if model is None:
        return [Text(f"Model: {document['model_problem']}", style="red")]
    version = model["version"] or "not scored with yet"
    parts: list[RenderableType] = [
        Text(
            f"Model {model['file']} ({version}): {model['scored_signals']} scored signals, "
            f"{model['candidate_signals']} candidates."
        ),
        Text(label_words(document["label"], document["outcomes"])),
        *_validation(document["validation"]),
        *(Text(_shadow_words(shadow)) for shadow in document["shadows"]),
    ]
    for finding in document["lint"]:
        style = "red" if finding["severity"] == "error" else "yellow"
        words = (
            f"{finding['id']} {finding['severity']}: {finding['where']}: {finding['text']} {finding['fix']}"
        )
        parts.append(Text(words, style=style))
    return parts


def _validation(found: dict[str, Any] | None) -> list[RenderableType]:
    """When the quarterly validation last ran and what it found."""
    if found is None:
        return []
    if found["last"] is None:
        return [Text(f"Not validated on a quarter yet; `barograph refresh` does so from {found['next']} on.")]
    told = f"Validated on {found['last']}, on the quarter before: {found['summary']} Next from {found['next']} on."
    parts: list[RenderableType] = [Text(told)]
    if found["fix_or_decommission"]:
        parts.append(Text(str(found["decay"]), style="red"))
    return parts


def _shadow_words(shadow: dict[str, Any]) -> str:
    """One version that is scored alongside."""
    told = f"In the shadow: {shadow['version']}, since {shadow['since']}"
    if shadow["moved"] is None:
        return f"{told}; the next refresh scores it."
    return (
        f"{told}: {shadow['moved']} of {shadow['accounts']} accounts stand in another tier as of {shadow['to']}; "
        f"`barograph models show {shadow['version']}` says which."
    )
