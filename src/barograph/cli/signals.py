"""`barograph signals list|show|compute`: what is measured, how well it is covered, and the values."""

from __future__ import annotations

from typing import Annotated, Any

import pyarrow as pa
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
    week_of,
)
from barograph.cli.output import Format, emit
from barograph.definitions.describe import describe_shape
from barograph.definitions.model import ScoreModel
from barograph.definitions.nearest import nearest
from barograph.definitions.signal import FromSource
from barograph.definitions.toml_io import load_model
from barograph.errors import UsageError
from barograph.pipeline.engine import engine_of
from barograph.pipeline.signal_store import SignalPlan, newest_days, read_week
from barograph.reports.signals import SCHEMA, VALUES_SCHEMA, signals_document, values_document
from barograph.reports.workspace_head import model_head, workspace_head
from barograph.workspace import Workspace

app = typer.Typer(help="Signals: definitions, coverage and values.", no_args_is_help=True)


@app.command("list")
def list_signals(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Every signal of the model with its weight, coverage and freshness."""
    document = _document(open_workspace(workspace), as_of)
    emit(
        document,
        table=lambda: [_table(document)],
        rows=lambda: [{k: v for k, v in s.items() if k != "missing"} for s in document["signals"]],
        format=format,
        output=output,
    )


@app.command("show")
def show_signal(
    name: Annotated[str, typer.Argument(help="A signal's name.")],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """One signal: what it measures, how it becomes points, and why accounts lack it."""
    place = open_workspace(workspace)
    document = _document(place, as_of)
    names = [s["name"] for s in document["signals"]]
    if name not in names:
        near = nearest(name, names)
        hint = f"Did you mean {near!r}?" if near else f"There are: {', '.join(names)}."
        raise UsageError(f"there is no signal {name!r} in the model.", hint=hint)
    entry = document["signals"][names.index(name)]
    one = {**document, "signals": [entry]}
    shape = load_model(place.model_file()).signal(name).normalise
    emit(
        one,
        table=lambda: _show(entry, describe_shape(shape)),
        rows=lambda: [{k: v for k, v in entry.items() if k != "missing"}],
        format=format,
        output=output,
    )


@app.command("compute")
def compute(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Values of every signal as of a date, computed now and stored nowhere."""
    place = open_workspace(workspace)
    model = load_model(place.model_file())
    day = requested_day(as_of, place)
    table = engine_of(place).compute(SignalPlan.of(place, model).request(place.lake, (day,)))
    document = values_document(_head(place, model, VALUES_SCHEMA, day), model, table, day)
    names = [signal.name for signal in model.signals]
    emit(
        document,
        table=lambda: [_values(table, names)],
        rows=lambda: table.select(["account_id", *names]).to_pylist(),
        format=format,
        output=output,
    )


def _document(place: Workspace, as_of: str | None) -> dict[str, Any]:
    model = load_model(place.model_file())
    day = week_of(as_of, place)
    table = read_week(place.lake, place.lake.manifest(), day)
    tables = {signal.source for signal in model.signals if isinstance(signal, FromSource)}
    newest = newest_days(place.lake, tables)
    return signals_document(_head(place, model, SCHEMA, day), model, table, newest, day)


def _head(place: Workspace, model: ScoreModel, schema: str, day: int) -> dict[str, Any]:
    """The head of the week that is asked about, with the model that was read."""
    return {**workspace_head(place, schema, day), **model_head(place, model)}


def _table(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("signal", "category"):
        grid.add_column(name, no_wrap=True)
    for name in ("weight", "known", "lack it", "fresh"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("measures", no_wrap=True, overflow="ellipsis")
    for s in sorted(document["signals"], key=lambda s: -s["weight"]):
        lack = "" if s["accounts"] is None else f"{s['accounts'] - s['known']:,}"
        grid.add_row(
            s["name"],
            s["category"],
            f"{s['weight']:g}" if s["weight"] else "–",
            "" if s["coverage"] is None else f"{s['coverage']:.0%}",
            lack,
            "" if s["fresh_days"] is None else f"{s['fresh_days']} d",
            s["measures"],
        )
    return grid


def _show(entry: dict[str, Any], shape: str) -> list[RenderableType]:
    lines = [
        f"{entry['label']} ({entry['category']}, {entry['kind']})",
        f"measures: {entry['measures']}",
        f"points: {shape}",
        f"weight: {entry['weight']:g} of 100" if entry["weight"] else "weight: none, a candidate",
    ]
    if entry["accounts"] is not None:
        lines.append(f"known for {entry['known']:,} of {entry['accounts']:,} accounts")
        lines += [
            f"  {count:,} lack it: {reason.replace('_', ' ')}" for reason, count in entry["missing"].items()
        ]
        if entry["known"]:
            lines.append(
                f"values: a tenth below {entry['p10']:g}, half below {entry['p50']:g}, a tenth above {entry['p90']:g}"
            )
    if entry["note"]:
        lines.append(entry["note"])
    return [Text(line) for line in lines]


def _values(table: pa.Table, names: list[str]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    for name in ("account_id", *names):
        grid.add_column(name, justify="left" if name == "account_id" else "right")
    for row in table.select(["account_id", *names]).to_pylist():
        values = ["" if row[name] is None else f"{row[name]:.4g}" for name in names]
        grid.add_row(row["account_id"], *values)
    return grid
