"""`barograph models`: the registry of versions and proposals."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from barograph.cli.models_views import changed, compared, flat, listed, shadowed, shown
from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    now,
    open_workspace,
    requested_day,
)
from barograph.cli.output import Format, emit
from barograph.definitions.model import ScoreModel
from barograph.pipeline.engine import engine_of
from barograph.pipeline.learn_approve import approve as approve_proposal
from barograph.pipeline.learn_approve import find_version
from barograph.pipeline.learn_approve import rollback as roll_back
from barograph.pipeline.learn_compare import changes, migration, stored_migration
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.registry import Version
from barograph.pipeline.score_store import published_weeks, weeks_of
from barograph.pipeline.shadow import start_shadow, stop_shadow
from barograph.pipeline.versions import full_key, is_proposal
from barograph.reports.learn_head import learning_head
from barograph.reports.models import (
    CHANGE_SCHEMA,
    DIFF_SCHEMA,
    LIST_SCHEMA,
    SHADOW_SCHEMA,
    SHOW_SCHEMA,
    change_document,
    diff_document,
    list_document,
    proposal_entry,
    shadow_document,
    shadow_entry,
    show_document,
    version_entry,
)

app = typer.Typer(help="Versions of the model and proposals for new ones.", no_args_is_help=True)
ReasonOption = Annotated[str, typer.Option("--reason", metavar="REASON", help="Why; kept with the version.")]
EffectiveOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="DATE", help="In force from this week on (default: this week, or the next)."
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="V", help="saas-v1, v1, or a proposal: saas-p1, p1.")]


@app.command("list")
def list_(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """All versions and proposals, with who brought them in, why, and on what evidence."""
    models, day = _opened(workspace, as_of)
    document = list_document(models, learning_head(LIST_SCHEMA, models, day))
    emit(
        document,
        table=lambda: listed(document),
        rows=lambda: [flat(entry) for entry in document["versions"]],
        format=format,
        output=output,
    )


@app.command("show")
def show(
    version: NameArgument,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """One version or proposal: weights, lines, and the figures it stands on."""
    models, day = _opened(workspace, as_of)
    model, found = _named(models, version)
    entry = proposal_entry(found) if isinstance(found, ModelProposal) else version_entry(models, found)
    shadow = shadow_entry(models, found.key, until=day)
    document = show_document(entry, model, found.figures, shadow, learning_head(SHOW_SCHEMA, models, day))
    emit(
        document,
        table=lambda: shown(document),
        rows=lambda: document["signals"],
        format=format,
        output=output,
    )


@app.command("diff")
def diff(
    before: NameArgument,
    after: NameArgument,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """What differs between two, and which accounts of the latest week would stand in another tier."""
    models, day = _opened(workspace, as_of)
    one, first = _named(models, before)
    two, second = _named(models, after)
    manifest = models.workspace.lake.manifest()
    sides = weeks_of(manifest, first.key), weeks_of(manifest, second.key)
    moved = stored_migration(models.workspace, *sides, until=day)
    if moved is None and published_weeks(manifest):
        moved = migration(models.workspace, engine_of(models.workspace), one, two, until=day)
    head = learning_head(DIFF_SCHEMA, models, day)
    document = diff_document((first.key, second.key), changes(one, two), moved, head)
    emit(
        document,
        table=lambda: compared(document),
        rows=lambda: document["changes"],
        format=format,
        output=output,
    )


@app.command("approve")
def approve(
    proposal: Annotated[str, typer.Argument(metavar="P", help="The proposal: saas-p1 or p1.")],
    reason: ReasonOption,
    override: Annotated[
        str | None,
        typer.Option(
            "--override", metavar="REASON", help="Approve although the acceptance test did not pass."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_of: EffectiveOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Put a proposal in force from the next week on. Past weeks stay as they were said."""
    models, day = _opened(workspace, as_of)
    key = proposal if is_proposal(proposal) or "-" in proposal else f"p{proposal}"
    found = Proposals(models.registry.folder).by_key(full_key(key, models.in_force.name))
    done = approve_proposal(models, found, reason=reason, override=override, day=day, now=now())
    models = models_of(models.workspace)
    document = change_document(done, models, learning_head(CHANGE_SCHEMA, models, day))
    emit(
        document,
        table=lambda: changed(document),
        rows=lambda: [flat(document)],
        format=format,
        output=output,
    )


@app.command("shadow")
def shadow(
    version: NameArgument,
    stop: Annotated[bool, typer.Option("--stop", help="Score it alongside no longer.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="Why; kept in the journal.")] = "",
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Score a version beside the one in force at every refresh, without showing it in any review."""
    models, day = _opened(workspace, as_of)
    done = (
        stop_shadow(models, version, reason=reason, now=now())
        if stop
        else start_shadow(models, version, reason=reason, day=day, now=now())
    )
    document = shadow_document(done, models, learning_head(SHADOW_SCHEMA, models, day))
    emit(
        document,
        table=lambda: shadowed(document),
        rows=lambda: document["shadows"],
        format=format,
        output=output,
    )


@app.command("rollback")
def rollback(
    reason: ReasonOption,
    to: Annotated[
        str | None, typer.Option("--to", metavar="V", help="The version (default: the one before).")
    ] = None,
    workspace: WorkspaceOption = None,
    as_of: EffectiveOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Bring an older definition into force again, as a new version."""
    models, day = _opened(workspace, as_of)
    done = roll_back(models, to=to, reason=reason, day=day, now=now())
    models = models_of(models.workspace)
    document = change_document(done, models, learning_head(CHANGE_SCHEMA, models, day))
    emit(
        document,
        table=lambda: changed(document),
        rows=lambda: [flat(document)],
        format=format,
        output=output,
    )


def _opened(workspace: Any, as_of: str | None) -> tuple[Models, int]:
    models = models_of(open_workspace(workspace))
    day = requested_day(as_of, models.workspace)
    return models, day


def _named(models: Models, name: str) -> tuple[ScoreModel, Version | ModelProposal]:
    """A version or a proposal by any of its names."""
    if is_proposal(name):
        proposals = Proposals(models.registry.folder)
        proposal = proposals.by_key(full_key(name, models.in_force.name))
        return proposals.model(proposal), proposal
    version = find_version(models.registry, models.in_force.name, name)
    return models.registry.model(version), version
