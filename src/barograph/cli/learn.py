"""`barograph learn`: propose a model version from past decisions. Changes nothing in force."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import KINDS, figures_table, percent
from barograph.cli.learn_target import TargetChoice
from barograph.cli.learn_target import render as render_target
from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    week_of,
)
from barograph.cli.output import Cell, Format, emit
from barograph.cli.progress import progress
from barograph.cli.screen import (
    ConfirmOption,
    FromOption,
    HorizonOption,
    SeedOption,
    ToOption,
    confirmed,
    gathered,
)
from barograph.pipeline.learn import LearnSettings
from barograph.pipeline.learn import learn as learn_model
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_target import learn_target
from barograph.pipeline.signal_store import known_columns
from barograph.reports.learn import SCHEMA, learn_document
from barograph.reports.learn_head import learning_head
from barograph.reports.learn_target import SCHEMA as TARGET_SCHEMA
from barograph.reports.learn_target import target_document
from barograph.reports.render.validate_terminal import lines_table


def learn(
    workspace: WorkspaceOption = None,
    max_signals: Annotated[
        int, typer.Option("--max-signals", min=1, max=8, help="At most so many signals.")
    ] = 8,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name of the proposed model (default: as in force)."),
    ] = None,
    horizon: HorizonOption = 90,
    accept_shapes: Annotated[
        bool, typer.Option("--accept-shapes", help="Take proposed shapes that rise and fall as reviewed.")
    ] = False,
    target: Annotated[
        TargetChoice,
        typer.Option(
            "--target", help="What to learn: who is lost, or who expands or is reduced of the rest."
        ),
    ] = TargetChoice.health,
    confirm: ConfirmOption = None,
    since: FromOption = None,
    until: ToOption = None,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Propose weights, bands and tier lines from what became of past accounts, or say what is missing."""
    place = open_workspace(workspace)
    models = models_of(place)
    day = week_of(as_of, place)
    quiet = output is None and format is not Format.table
    horizons = tuple(sorted({*models.in_force.outcome.horizons_days, horizon}))
    cleared = confirmed(models, confirm)
    evidence = gathered(models, day, horizons, since, until, quiet=quiet)
    if target is not TargetChoice.health:
        with progress(quiet=quiet) as report:
            found = learn_target(
                models,
                evidence,
                "expansion" if target is TargetChoice.expansion else "downsell",
                horizon=horizon,
                most=max_signals,
                seed=seed,
                confirmed=tuple(confirm or ()),
                now=now(),
                progress=report,
            )
        answer = target_document(found, learning_head(TARGET_SCHEMA, models, day))
        emit(
            answer,
            table=lambda: render_target(answer),
            rows=lambda: [flat(signal) for signal in answer["signals"]],
            format=format,
            output=output,
        )
        return
    settings = LearnSettings(max_signals, horizon, name, seed, cleared, accept_shapes)
    with progress(quiet=quiet) as report:
        learnt = learn_model(models, evidence, settings, now=now(), progress=report)
    document = learn_document(
        learnt, models.in_force, known_columns(place.lake) or None, learning_head(SCHEMA, models, day)
    )
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(signal) for signal in document["signals"]],
        format=format,
        output=output,
    )
    if learnt.too_few:
        raise typer.Exit(3)


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: proposed or not and why, the weights, and how the models did out of time."""
    basis = f"{document['decisions']} decisions, {document['lost']} lost, seen {document['horizon_days']} days before"
    if not document["proposed"]:
        parts: list[RenderableType] = [
            Text("Nothing is proposed.", style="bold"),
            Text(document["refused_because"]),
        ]
    else:
        parts = [
            Text(f"Proposed: {document['version']} ({document['headline']}).", style="bold"),
            Text(document["reason"]),
            _weights(document),
        ]
    if document["tiers"]:
        parts += [Text(""), Text("Tier lines from risk, and what follows:"), lines_table(document["tiers"])]
    for entry in document["segments"]:
        parts.append(Text(f"Segment {entry['segment'] or 'not given'}: {entry['reason']}", style="dim"))
    parts += [Text(f"Stands on {basis}. Out of time: {document['plan'].rstrip('.')}.", style="dim")]
    if document["models"]:
        parts += [Text(""), figures_table(document["models"])]
    for entry in document["left_out_signals"]:
        parts.append(Text(f"Left out until confirmed: {entry['name']}: {entry['text']}.", style="yellow"))
    if document["untestable_signals"]:
        names = ", ".join(document["untestable_signals"])
        parts.append(
            Text(f"Left out, their data begin too late to be tested out of time: {names}.", style="dim")
        )
    for entry in (*document["shapes"], *document["derived"]):
        parts.append(Text(f"For review: {entry['reason']}", style="cyan"))
    parts += [Text(f"Missing for {m['text']}", style="dim") for m in document["missing"]]
    parts += [Text(notice, style="dim") for notice in document["notices"]]
    if document["proposed"]:
        version = document["version"]
        how = "" if document["may_be_approved"] else " --override REASON"
        parts += [Text(""), Text("Nothing in force has changed.")]
        if document["model"]["version"]:
            parts.append(
                Text(f"What it would change: barograph models diff {document['model']['version']} {version}")
            )
        parts.append(Text(f"To bring it into force: barograph models approve {version} --reason REASON{how}"))
    return parts


def _weights(document: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    grid.add_column("signal", no_wrap=True)
    for name in ("weight", "95 % interval", "in force", "from data", "chosen again"):
        grid.add_column(name, justify="right", no_wrap=True)
    for signal in document["signals"]:
        low, high = signal.get("weight_low"), signal.get("weight_high")
        grid.add_row(
            signal["name"],
            f"{signal['weight']:g}",
            "" if low is None else f"{low:.0f} to {high:.0f}",
            f"{signal['weight_in_force']:g}",
            percent(signal["data_share"]),
            percent(signal.get("selection_share")),
        )
    return grid


def flat(signal: dict[str, Any]) -> dict[str, Cell]:
    """One proposed signal as a CSV row."""
    return dict(signal)


__all__ = ["KINDS", "figures_table", "flat", "learn", "render"]
