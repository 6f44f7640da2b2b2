"""`barograph screen`: every candidate signal against what became of the accounts."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    parse_date,
    today,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.progress import progress
from barograph.core.calendar import day_number
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.evidence_horizon import at_horizon
from barograph.pipeline.evidence_screen import remember_tried, screen_evidence, tried_before
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.refresh import as_of_day
from barograph.reports.learn_head import learning_head
from barograph.reports.screen import SCHEMA, screen_document

HorizonOption = Annotated[
    int,
    typer.Option("--horizon", min=1, max=730, metavar="DAYS", help="Days before the decision to look from."),
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First decision day that counts.")
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Last decision day that counts.")]
SeedOption = Annotated[
    int, typer.Option(min=0, help="Seed of the resampling; the same seed, the same figures.")
]
ConfirmOption = Annotated[
    list[str] | None,
    typer.Option(
        "--confirm", metavar="SIGNAL", help="Clear the suspicion that this signal knows the outcome."
    ),
]
VERDICT_STYLES = {
    "validated": "green",
    "promising": "cyan",
    "unproven": "dim",
    "contradicts": "red",
    "refused": "yellow",
}


def screen(
    workspace: WorkspaceOption = None,
    horizon: HorizonOption = 90,
    since: FromOption = None,
    until: ToOption = None,
    confirm: ConfirmOption = None,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Compare kept with lost accounts on every candidate signal: who separates, how surely, and why not."""
    place = open_workspace(workspace)
    models = models_of(place)
    day = as_of_day(parse_date(as_of, "--as-of") if as_of else None, today(place))
    quiet = output is None and format is not Format.table
    evidence = gathered(models, day, (horizon,), since, until, quiet=quiet)
    rows = at_horizon(evidence, horizon)
    tried = tried_before(place.lake.manifest(), models.in_force)
    found = screen_evidence(rows, seed=seed, confirmed=confirm or (), tried_before=tried)
    remember_tried(place, models.in_force, now())
    document = screen_document(rows, found, learning_head(SCHEMA, models, day))
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(signal) for signal in document["signals"]],
        format=format,
        output=output,
    )


def gathered(
    models: Models,
    day: int,
    horizons: tuple[int, ...],
    since: str | None = None,
    until: str | None = None,
    *,
    quiet: bool = False,
) -> Evidence:
    """The evidence that a learning verb asks for, with its progress shown."""
    period = (
        day_number(parse_date(since, "--from")) if since else None,
        day_number(parse_date(until, "--to")) if until else None,
    )
    with progress(quiet=quiet) as report:
        return gather(
            models.workspace,
            DuckDBEngine(),
            models.in_force,
            day=day,
            horizons=horizons,
            views=models.views,
            period=period,
            progress=report,
        )


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: what it stands on, then one line per candidate, strongest first."""
    grid = Table(box=None, pad_edge=False)
    grid.add_column("signal", no_wrap=True)
    grid.add_column("verdict", no_wrap=True)
    for name in ("AUC", "95 % interval", "q", "n"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("why", ratio=1)
    for signal in document["signals"]:
        low, high = signal["auc_low"], signal["auc_high"]
        grid.add_row(
            signal["name"],
            Text(signal["verdict"], style=VERDICT_STYLES[signal["verdict"]]),
            figure(signal["auc"]),
            "" if low is None or high is None else f"{low:.2f} to {high:.2f}",
            figure(signal["q_value"], 3),
            str(signal["n"]),
            signal["reason"],
        )
    left = document["left_out"]
    return [
        Text(document["summary"]),
        Text(
            f"Seen {document['horizon_days']} days before the decision, {document['from']} to {document['to']}; "
            f"left out: {left['undecided']} not decided yet, {left['before_data']} before the data begin, "
            f"{left['already_decided']} decided before they could be looked at. AUC above .5: as expected.",
            style="dim",
        ),
        *(Text(notice, style="dim") for notice in document["notices"]),
        Text(""),
        grid,
    ]


def figure(value: float | None, places: int = 2) -> str:
    """A figure for a table, a dash where there is none."""
    return "–" if value is None else f"{value:.{places}f}"


def flat(signal: dict[str, Any]) -> dict[str, Cell]:
    """One candidate as a CSV row."""
    return {key: value for key, value in signal.items() if not isinstance(value, list)}
