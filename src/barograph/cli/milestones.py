"""`barograph milestones`: which milestone, reached by which day, goes with renewal."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
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
    week_of,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.screen import SeedOption
from barograph.learning.milestones import PERMUTATIONS, find_milestones
from barograph.pipeline.evidence_milestones import milestone_evidence
from barograph.pipeline.learn_inputs import models_of
from barograph.reports.learn_head import learning_head
from barograph.reports.milestones import SCHEMA, milestones_document


def milestones(
    workspace: WorkspaceOption = None,
    permutations: Annotated[
        int, typer.Option(min=200, max=100_000, help="Shuffles behind each p-value, at least.")
    ] = PERMUTATIONS,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Find milestones that go with renewal: the day searched on older accounts, the rates from newer ones."""
    place = open_workspace(workspace)
    models = models_of(place)
    day = week_of(as_of, place)
    evidence = milestone_evidence(place, models.in_force.outcome, day)
    rng = np.random.default_rng(seed)
    findings = find_milestones(list(evidence.data), rng, permutations=permutations)
    document = milestones_document(evidence, findings, learning_head(SCHEMA, models, day))
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(entry) for entry in document["milestones"]],
        format=format,
        output=output,
    )


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: the findings in words, then one line per milestone."""
    grid = Table(box=None, pad_edge=False)
    grid.add_column("milestone", no_wrap=True)
    for name in ("within days", "renewed, reached", "renewed, not", "gap", "p found", "p confirmed"):
        grid.add_column(name, justify="right", no_wrap=True)
    for entry in document["milestones"]:
        reached, missed = entry["renewed_reached"], entry["renewed_not"]
        grid.add_row(
            Text(entry["name"], style="green" if entry["published"] else "dim"),
            "–" if entry["within_days"] is None else str(entry["within_days"]),
            f"{percent(reached['rate'])} of {reached['n']}",
            f"{percent(missed['rate'])} of {missed['n']}",
            "–" if entry["gap"] is None else f"{100 * entry['gap']:+.0f} points",
            figure(entry["p_discovery"], 3),
            figure(entry["p_confirm"], 3),
        )
    return [
        Text(document["summary"]),
        Text(
            "Rates are of accounts kept apart from the search; a gap is an association, not an effect.", "dim"
        ),
        Text(""),
        grid,
    ]


def flat(entry: dict[str, Any]) -> dict[str, Cell]:
    """One milestone as a CSV row."""
    row: dict[str, Cell] = {key: value for key, value in entry.items() if not isinstance(value, dict)}
    for side in ("renewed_reached", "renewed_not"):
        for key, value in entry[side].items():
            row[f"{side}_{key}"] = value
    return row
