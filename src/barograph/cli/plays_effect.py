"""`barograph plays effect NAME`: what a play does, from accounts held out at random; `barograph plays recovery`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import percent
from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_workspace,
    week_of,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.screen import SeedOption
from barograph.definitions.base import TierName
from barograph.definitions.toml_io import load_model
from barograph.reports.workspace_head import workspace_head

RECOVERED_DAYS, KEPT_DAYS = 90, 365

RecordsOption = Annotated[
    Path | None,
    typer.Option(
        "--records", help="JSON lines with assignments and runs (default: the workspace's journal)."
    ),
]


def effect(
    play: Annotated[str, typer.Argument(help="Name of the play.")],
    workspace: WorkspaceOption = None,
    records: RecordsOption = None,
    line: Annotated[
        TierName, typer.Option(help="The tier whose line triggers the play, where nobody was held out.")
    ] = "watch",
    within: Annotated[
        int, typer.Option(min=7, max=730, help="Days in which an account recovers.")
    ] = RECOVERED_DAYS,
    horizon: Annotated[
        int, typer.Option(min=30, max=1830, help="Days in which the next decision counts.")
    ] = KEPT_DAYS,
    worth: Annotated[
        float, typer.Option(min=0.01, max=0.9, help="The smallest difference worth knowing, as a share.")
    ] = 0.10,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """What a play does to recovery and renewal, with an interval; or what it would take to tell."""
    # Read here: the other verbs of plays need no statistics.
    from barograph.pipeline.play_effect import report_play_effect  # noqa: PLC0415
    from barograph.pipeline.play_records import lines_of, records_of  # noqa: PLC0415
    from barograph.reports.play_effect import SCHEMA, play_effect_document  # noqa: PLC0415

    place = open_workspace(workspace)
    day = week_of(as_of, place)
    lines = place.journal.records() if records is None else lines_of(records)
    report = report_play_effect(
        place,
        load_model(place.model_file()),
        play,
        records_of(play, lines, day),
        as_of=day,
        line=line,
        within=within,
        horizon=horizon,
        worth=worth,
        seed=seed,
    )
    document = play_effect_document(report, workspace_head(place, SCHEMA, day))
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [_flat(found) for found in document["effects"]],
        format=format,
        output=output,
    )


def recovery(
    workspace: WorkspaceOption = None,
    weeks: Annotated[int, typer.Option(min=14, max=260, help="Weeks looked back on.")] = 52,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """How many At Risk accounts were Healthy or better within 90 days. Watch does not count."""
    from barograph.pipeline.recovery import workspace_recovery  # noqa: PLC0415
    from barograph.reports.recovery import SCHEMA, recovery_document  # noqa: PLC0415

    place = open_workspace(workspace)
    day = week_of(as_of, place)
    found = workspace_recovery(place, as_of=day, weeks=weeks)
    document = recovery_document(found, workspace_head(place, SCHEMA, day))
    emit(
        document,
        table=lambda: [Text(document["summary"])],
        rows=lambda: [dict(entry) for entry in document["entries"]],
        format=format,
        output=output,
    )


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: the sentences, then one line per outcome."""
    grid = Table(box=None, pad_edge=False)
    grid.add_column("outcome", no_wrap=True)
    for name in ("treated", "held out", "difference", "interval", "p", "smallest seen", "needed"):
        grid.add_column(name, justify="right", no_wrap=True)
    for found in document["effects"]:
        acted, held = found["treated"], found["held_out"]
        told = found["refused"] is None
        grid.add_row(
            f"{found['outcome']} in {found['within_days']} days",
            f"{percent(acted['rate'])} of {acted['accounts']:,}",
            f"{percent(held['rate'])} of {held['accounts']:,}",
            f"{100 * found['difference']:+.0f}" if told else "–",
            f"{100 * found['low']:+.0f} to {100 * found['high']:+.0f}" if told else "–",
            "–" if found["p_value"] is None else f"{found['p_value']:.3f}",
            f"{100 * found['detectable']:.0f}" if told else "–",
            f"{found['needed']:,}",
        )
    carried = document["carried_out"]
    acted, held = percent(carried["treated"]), percent(carried["held_out"])
    aside = Text(
        f"The play was opened on {acted} of the treated and {held} of the accounts held out; {document['aside']:,} "
        "accounts too large to be held out stand aside. Accounts are compared as they were drawn, never before "
        "against after.",
        "dim",
    )
    shown: list[RenderableType] = [Text(document["summary"])]
    return [*shown, Text(""), grid, Text(""), aside] if document["effects"] else shown


def _flat(found: dict[str, Any]) -> dict[str, Cell]:
    """One outcome as a CSV row."""
    row: dict[str, Cell] = {key: value for key, value in found.items() if not isinstance(value, dict)}
    for side in ("treated", "held_out"):
        row |= {f"{side}_{key}": value for key, value in found[side].items()}
    return row
