"""`barograph validate`: the models out of time, beside each other; on screen, or as one file to forward."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from barograph.cli.audit_score import HorizonsOption, parse_horizons
from barograph.cli.options import (
    AsOfOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    week_of,
)
from barograph.cli.output import Cell, Format, emit, write_text
from barograph.cli.progress import progress
from barograph.cli.screen import ConfirmOption, FromOption, SeedOption, ToOption, gathered
from barograph.errors import RefusedError
from barograph.pipeline.engine import engine_of
from barograph.pipeline.evidence_screen import tried_before
from barograph.pipeline.learn_compare import Migration, migration
from barograph.pipeline.learn_inputs import Models, models_of, previous_version, with_version
from barograph.pipeline.learn_kept import keep_validation
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.learn_validate import Proposed
from barograph.pipeline.learn_validate import validate as validate_models
from barograph.reports.learn_head import learning_head
from barograph.reports.render.validate_html import validate_html
from barograph.reports.render.validate_markdown import validate_markdown
from barograph.reports.render.validate_terminal import validate_renderables
from barograph.reports.validate import SCHEMA, validate_document


class ValidateFormat(StrEnum):
    """What the command prints."""

    table = "table"
    json = "json"
    csv = "csv"
    html = "html"
    md = "md"


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
    format: Annotated[
        ValidateFormat, typer.Option("--format", help="How to print it; html is one file to forward.")
    ] = ValidateFormat.table,
    output: OutputOption = None,
) -> None:
    """Judge the model in force, the proposed one, the heuristic, equal weights and an unconstrained challenger."""
    place = open_workspace(workspace)
    models = models_of(place)
    if model is not None:
        models = with_version(models, model)
    day = week_of(as_of, place)
    quiet = output is None and format is not ValidateFormat.table
    previous = previous_version(models)
    beside = {} if previous is None else {"previous": previous[0]}
    evidence = gathered(models, day, parse_horizons(horizon), since, until, beside=beside, quiet=quiet)
    latest = Proposals(models.registry.folder).latest(models.in_force.name)
    kind = "blended" if latest is not None and latest.kind == "weights" else "predictive"
    proposal = on_file(models, latest)
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
            proposal=proposal,
            previous=previous,
            progress=report,
        )
    proposed: dict[str, Any] = {"kind": kind, "version": None}
    if latest is not None and proposal is not None:
        proposed |= {"version": latest.key, "tiers": latest.figures.get("tiers", [])}
    moved = None if proposal is None else moved_accounts(models, proposal, day)
    document = validate_document(found, proposed, learning_head(SCHEMA, models, day), moved)
    if keep and model is None and since is None and until is None:
        keep_validation(models, document, found.track_record(models), day=day, now=now())
    match format:
        case ValidateFormat.html:
            write_text(validate_html(document), output)
        case ValidateFormat.md:
            write_text(validate_markdown(document), output)
        case _:
            emit(
                document,
                table=lambda: validate_renderables(document),
                rows=lambda: [flat(entry, m) for entry in document["horizons"] for m in entry["models"]],
                format=Format(format.value),
                output=output,
            )


def on_file(models: Models, latest: ModelProposal | None) -> Proposed | None:
    """The newest proposal with weights of its own, unless it is what is in force already."""
    if latest is None or latest.kind == "label":
        return None
    version = models.version
    if version is not None and version.figures.get("proposal") == latest.key:
        return None
    return Proposals(models.registry.folder).model(latest), latest.figures


def moved_accounts(models: Models, proposal: Proposed, day: int) -> Migration | None:
    """The accounts of the latest week under the model in force and the proposed one; None before any week."""
    try:
        return migration(
            models.workspace, engine_of(models.workspace), models.in_force, proposal[0], until=day
        )
    except RefusedError:
        return None


def flat(horizon: dict[str, Any], model: dict[str, Any]) -> dict[str, Cell]:
    """One model at one horizon as a CSV row."""
    row: dict[str, Cell] = {"days": horizon["days"]}
    row |= {key: value for key, value in model.items() if not isinstance(value, (list, dict))}
    for tier in model["tiers"]:
        row[f"{tier['tier']}_n"], row[f"{tier['tier']}_lost"] = tier["n"], tier["lost"]
    return row
