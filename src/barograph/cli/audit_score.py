"""`barograph audit-score`: an older system's scores against what became of the accounts."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import figure, percent
from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_workspace,
    optional_day,
    week_of,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.screen import FromOption, SeedOption, ToOption
from barograph.errors import UsageError
from barograph.pipeline.audit_figures import audit_horizon, audit_warning
from barograph.pipeline.audit_scores import Lines, audited_scores
from barograph.pipeline.learn_inputs import models_of
from barograph.reports.audit_score import SCHEMA, audit_document
from barograph.reports.learn_head import learning_head
from barograph.workspace import Workspace

MOST_SHOWN = 15
COLOUR_STYLES = {"red": "red", "amber": "yellow", "green": "green"}
HorizonsOption = Annotated[
    str, typer.Option("--horizon", metavar="DAYS,...", help="Days before the decision, separated by commas.")
]


def audit_score(
    workspace: WorkspaceOption = None,
    table: Annotated[str, typer.Option(help="The table with the scores.")] = "legacy_scores",
    horizon: HorizonsOption = "30,60,90",
    red_below: Annotated[float, typer.Option(help="Red lies below this, of 100 (higher is healthier).")] = 50,
    green_from: Annotated[float, typer.Option(help="Green begins here, of 100.")] = 70,
    since: FromOption = None,
    until: ToOption = None,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Judge an older system's scores against real decisions: what they caught, what they missed, how early."""
    place = open_workspace(workspace)
    day = week_of(as_of, place)
    period = (optional_day(since, "--from"), optional_day(until, "--to"))
    lines = Lines(red_below, green_from)
    document = audited(
        place, day, table=table, horizons=parse_horizons(horizon), lines=lines, period=period, seed=seed
    )
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(entry) for entry in document["horizons"]],
        format=format,
        output=output,
    )


def audited(
    place: Workspace,
    day: int,
    *,
    table: str = "legacy_scores",
    horizons: tuple[int, ...] = (30, 60, 90),
    lines: Lines | None = None,
    period: tuple[int | None, int | None] = (None, None),
    seed: int = 0,
) -> dict[str, Any]:
    """The audit of a table of older scores as a document. Raises RefusedError without scores or decisions."""
    models, lines = models_of(place), lines or Lines()
    found = audited_scores(
        place, models.in_force.outcome, table=table, horizons=horizons, lines=lines, day=day, period=period
    )
    asked = tuple(sorted({int(h) for h in found.look.horizon}))
    each = [audit_horizon(found, h, lines, seed) for h in asked]
    return audit_document(found, each, audit_warning(found), lines, learning_head(SCHEMA, models, day))


def parse_horizons(text: str) -> tuple[int, ...]:
    """30,60,90 as numbers. Raises UsageError for anything else."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and 0 < int(part) <= 730 for part in parts):
        raise UsageError(
            f"--horizon {text!r} is not a list of days.", hint="Write whole days from 1 to 730: 30,60,90."
        )
    return tuple(sorted({int(part) for part in parts}))


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: the sentences, the colours against outcomes, the figures, and who was missed."""
    lines = document["lines"]
    parts: list[RenderableType] = [Text(line, style="bold") for line in document["headline"][:1]]
    parts += [Text(line) for line in document["headline"][1:]]
    parts += [
        Text(
            f"{document['decisions']} decisions from {document['from']} to {document['to']}; red below "
            f"{lines['red_below']:g}, green from {lines['green_from']:g} of 100, higher is healthier.",
            style="dim",
        ),
        Text(""),
        _figures(document),
        Text(""),
        _colours(document),
    ]
    if document["missed"]:
        parts += [
            Text(""),
            Text(f"Green {document['missed_days']} days before, and lost:"),
            _missed(document),
        ]
    return parts


def _figures(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in (
        "days before",
        "decisions",
        "lost",
        "AUC",
        "95 % interval",
        "balanced",
        "caught",
        "of revenue",
    ):
        grid.add_column(name, justify="right", no_wrap=True)
    for entry in document["horizons"]:
        grid.add_row(
            str(entry["days"]),
            str(entry["n"]),
            str(entry["lost"]),
            figure(entry["auc"]),
            f"{figure(entry['auc_low'])} to {figure(entry['auc_high'])}",
            figure(entry["balanced_accuracy"]),
            percent(entry["caught"]),
            percent(entry["caught_arr"]),
        )
    return grid


def _colours(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("days before", "colour", "accounts", "lost", "loss rate", f"lost {document['currency']}"):
        grid.add_column(name, justify="right", no_wrap=True)
    for entry in document["horizons"]:
        for place, row in enumerate(entry["colours"]):
            grid.add_row(
                str(entry["days"]) if place == 0 else "",
                Text(row["colour"], style=COLOUR_STYLES[row["colour"]]),
                str(row["n"]),
                str(row["lost"]),
                percent(row["rate"]),
                f"{row['arr_lost']:,.0f}",
            )
    return grid


def _missed(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("account", "name"):
        grid.add_column(name, no_wrap=True, overflow="ellipsis")
    for name in ("score", f"{document['currency']} a year", "decided"):
        grid.add_column(name, justify="right", no_wrap=True)
    for row in document["missed"][:MOST_SHOWN]:
        arr = "" if row["arr"] is None else f"{row['arr']:,.0f}"
        grid.add_row(row["account_id"], row["name"] or "", figure(row["score"], 0), arr, row["decided"])
    rest = len(document["missed"]) - MOST_SHOWN
    if rest > 0:
        grid.add_row(f"and {rest} more", "", "", "", "")
    return grid


def flat(entry: dict[str, Any]) -> dict[str, Cell]:
    """One horizon as a CSV row, colours as columns."""
    row: dict[str, Cell] = {key: value for key, value in entry.items() if not isinstance(value, list)}
    for colour in entry["colours"]:
        for key in ("n", "lost", "arr_lost"):
            row[f"{colour['colour']}_{key}"] = colour[key]
    return row


__all__ = ["HorizonsOption", "audit_score", "audited", "flat", "parse_horizons", "percent", "render"]
