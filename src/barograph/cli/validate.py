"""`barograph validate`: the models out of time, beside each other."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.audit_score import HorizonsOption, parse_horizons, percent
from barograph.cli.learn import KINDS, figures_table
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
from barograph.cli.screen import ConfirmOption, FromOption, SeedOption, ToOption, gathered
from barograph.pipeline.evidence_screen import tried_before
from barograph.pipeline.learn_inputs import models_of, with_version
from barograph.pipeline.learn_kept import keep_validation
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.learn_validate import validate as validate_models
from barograph.pipeline.refresh import as_of_day
from barograph.reports.learn_head import learning_head
from barograph.reports.validate import SCHEMA, validate_document

MOST_SHOWN = 10


def validate(
    workspace: WorkspaceOption = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="V", help="Judge this version instead of the one in force."),
    ] = None,
    horizon: HorizonsOption = "30,60,90",
    train_at: Annotated[
        int,
        typer.Option(
            "--train-at", min=1, max=730, metavar="DAYS", help="Horizon that fitted models learn at."
        ),
    ] = 90,
    challenger: Annotated[bool, typer.Option(help="Fit the unconstrained challenger too.")] = True,
    keep: Annotated[bool, typer.Option(help="Keep the validation and its track record.")] = True,
    confirm: ConfirmOption = None,
    since: FromOption = None,
    until: ToOption = None,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Judge the model in force, the proposed one, the heuristic, equal weights and an unconstrained challenger."""
    place = open_workspace(workspace)
    models = models_of(place)
    if model is not None:
        models = with_version(models, model)
    day = as_of_day(parse_date(as_of, "--as-of") if as_of else None, today(place))
    quiet = output is None and format is not Format.table
    evidence = gathered(models, day, parse_horizons(horizon), since, until, quiet=quiet)
    latest = Proposals(models.registry.folder).latest(models.in_force.name)
    kind = "blended" if latest is not None and latest.kind == "weights" else "predictive"
    with progress(quiet=quiet) as report:
        found = validate_models(
            models,
            evidence,
            train_at=train_at,
            proposed=kind,
            seed=seed,
            confirmed=confirm or (),
            tried_before=tried_before(place.lake.manifest(), models.in_force),
            challenger=challenger,
            progress=report,
        )
    fitting = latest is not None and latest.kind != "label"
    proposed = {"kind": kind, "version": latest.key if latest is not None and fitting else None}
    document = validate_document(found, proposed, learning_head(SCHEMA, models, day))
    if keep and model is None and since is None and until is None:
        keep_validation(models, document, found.track_record(models), day=day, now=now())
    emit(
        document,
        table=lambda: render(document),
        rows=lambda: [flat(entry, m) for entry in document["horizons"] for m in entry["models"]],
        format=format,
        output=output,
    )


def render(document: dict[str, Any]) -> list[RenderableType]:
    """What a person sees: figures per horizon, tiers of the model in force, and who was misjudged."""
    parts: list[RenderableType] = [
        Text(
            f"{document['decisions']} decisions, {document['lost']} lost, {document['from']} to {document['to']}. "
            f"{document['plan']}.",
        )
    ]
    if not document["out_of_time"]:
        text = "Nothing could be fitted and tested out of time: only the order of the score is judged."
        parts.append(Text(text, style="yellow"))
    for entry in document["horizons"]:
        heading = f"{entry['days']} days before the decision: {entry['n']} decisions, {entry['lost']} lost"
        parts += [Text(""), Text(heading, style="bold"), figures_table(entry["models"]), _tiers(entry)]
    warning = document["warning"]
    if warning["lost"]:
        parts += [
            Text(""),
            Text(
                f"Surprise churn: {warning['surprises']} of {warning['lost']} losses were never At Risk at any horizon "
                f"({percent(warning['surprise'])})."
            ),
        ]
    for key, words in (("green_lost", "Healthy and lost"), ("red_kept", "At Risk and kept")):
        if document[key]:
            shown = document[key][:MOST_SHOWN]
            names = ", ".join(f"{a['name'] or a['account_id']} ({_money(a['arr'])})" for a in shown)
            more = f" and {len(document[key]) - MOST_SHOWN} more" if len(document[key]) > MOST_SHOWN else ""
            parts.append(Text(f"{words}, {document['listed_days']} days before: {names}{more}."))
    notes = {
        f"{KINDS[m['kind']]}: {m['note']}" for e in document["horizons"] for m in e["models"] if m["note"]
    }
    return [*parts, *(Text(note, style="dim") for note in sorted(notes))]


def _tiers(entry: dict[str, Any]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    grid.add_column("tier, in force", no_wrap=True)
    for name in ("accounts", "lost", "loss rate", "downsold", "revenue lost"):
        grid.add_column(name, justify="right", no_wrap=True)
    model = next(m for m in entry["models"] if m["kind"] == "in_force")
    for tier in model["tiers"]:
        if tier["n"]:
            grid.add_row(
                tier["tier"].replace("_", " "),
                str(tier["n"]),
                str(tier["lost"]),
                percent(tier["rate"]),
                str(tier["downsold"]),
                _money(tier["arr_lost"]),
            )
    return grid


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def flat(horizon: dict[str, Any], model: dict[str, Any]) -> dict[str, Cell]:
    """One model at one horizon as a CSV row."""
    row: dict[str, Cell] = {"days": horizon["days"]}
    row |= {key: value for key, value in model.items() if not isinstance(value, list)}
    for tier in model["tiers"]:
        row[f"{tier['tier']}_n"], row[f"{tier['tier']}_lost"] = tier["n"], tier["lost"]
    return row
