"""`barograph screen`: every candidate signal against what became of the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import figure
from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    optional_day,
    week_of,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.progress import progress
from barograph.definitions.model import ScoreModel
from barograph.definitions.nearest import nearest
from barograph.errors import UsageError
from barograph.pipeline.engine import engine_of
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.evidence_horizon import at_horizon
from barograph.pipeline.evidence_screen import remember_tried, screen_evidence, tried_before
from barograph.pipeline.learn_inputs import Models, models_of
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
    day = week_of(as_of, place)
    quiet = output is None and format is not Format.table
    cleared = confirmed(models, confirm)
    evidence = gathered(models, day, (horizon,), since, until, quiet=quiet, periods=False)
    rows = at_horizon(evidence, horizon)
    tried = tried_before(place.lake.manifest(), models.in_force)
    found = screen_evidence(rows, seed=seed, confirmed=cleared, tried_before=tried)
    remember_tried(place, models.in_force, now())
    document = screen_document(rows, found, learning_head(SCHEMA, models, day))
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(signal) for signal in document["signals"]],
        format=format,
        output=output,
    )


def confirmed(models: Models, names: list[str] | None) -> tuple[str, ...]:
    """The signals that `--confirm` clears. Raises UsageError for one that the model does not have."""
    there = [signal.name for signal in models.in_force.signals]
    for name in names or ():
        if name not in there:
            near = nearest(name, there)
            hint = f"Did you mean {near!r}?" if near else "`barograph signals list` names them."
            raise UsageError(f"--confirm {name!r}: the model has no such signal.", hint=hint)
    return tuple(names or ())


def gathered(
    models: Models,
    day: int,
    horizons: tuple[int, ...],
    since: str | None = None,
    until: str | None = None,
    *,
    beside: Mapping[str, ScoreModel] | None = None,
    quiet: bool = False,
    periods: bool = True,
) -> Evidence:
    """The evidence that a learning verb asks for, with its progress shown. beside: further models to score with.
    periods: also the person-periods that evergreen contracts and lapses are fitted on."""
    period = (optional_day(since, "--from"), optional_day(until, "--to"))
    with progress(quiet=quiet) as report:
        return gather(
            models.workspace,
            engine_of(models.workspace),
            models.in_force,
            day=day,
            horizons=horizons,
            views={**models.views, **(beside or {})},
            period=period,
            periods=periods,
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


def flat(signal: dict[str, Any]) -> dict[str, Cell]:
    """One candidate as a CSV row."""
    return {key: value for key, value in signal.items() if not isinstance(value, list)}


__all__ = [
    "ConfirmOption",
    "FromOption",
    "HorizonOption",
    "SeedOption",
    "ToOption",
    "confirmed",
    "figure",
    "flat",
    "gathered",
    "render",
    "screen",
]
