"""`barograph models`: the registry of versions and proposals."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.learn import figures_table
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
from barograph.cli.output import Format, emit
from barograph.core.calendar import day_number
from barograph.definitions.model import ScoreModel
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.learn_approve import approve as approve_proposal
from barograph.pipeline.learn_approve import find_version
from barograph.pipeline.learn_approve import rollback as roll_back
from barograph.pipeline.learn_compare import changes, migration
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.registry import Version
from barograph.pipeline.score_store import published_weeks
from barograph.reports.learn_head import learning_head
from barograph.reports.models import (
    CHANGE_SCHEMA,
    DIFF_SCHEMA,
    LIST_SCHEMA,
    SHOW_SCHEMA,
    change_document,
    diff_document,
    list_document,
    proposal_entry,
    show_document,
    version_entry,
)

MOST_SHOWN = 15
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
        table=lambda: _list(document),
        rows=lambda: [{k: v for k, v in e.items() if not isinstance(v, dict)} for e in document["versions"]],
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
    document = show_document(entry, model, found.figures, learning_head(SHOW_SCHEMA, models, day))
    emit(
        document,
        table=lambda: _show(document),
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
    moved = None
    if published_weeks(models.workspace.lake.manifest()):
        moved = migration(models.workspace, DuckDBEngine(), one, two, until=day)
    head = learning_head(DIFF_SCHEMA, models, day)
    document = diff_document((first.key, second.key), changes(one, two), moved, head)
    emit(
        document,
        table=lambda: _diff(document),
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
    found = Proposals(models.registry.folder).by_key(_proposal_key(models, proposal))
    done = approve_proposal(models, found, reason=reason, override=override, day=day, now=now())
    models = models_of(models.workspace)
    document = change_document(done, models, learning_head(CHANGE_SCHEMA, models, day))
    emit(
        document,
        table=lambda: _change(document),
        rows=lambda: [_flat(document)],
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
        table=lambda: _change(document),
        rows=lambda: [_flat(document)],
        format=format,
        output=output,
    )


def _opened(workspace: Any, as_of: str | None) -> tuple[Models, int]:
    models = models_of(open_workspace(workspace))
    day = day_number(parse_date(as_of, "--as-of")) if as_of else _today(models)
    return models, day


def _today(models: Models) -> int:
    return day_number(today(models.workspace))


def _proposal_key(models: Models, name: str) -> str:
    return name if "-p" in name else f"{models.in_force.name}-p{name.removeprefix('p')}"


def _named(models: Models, name: str) -> tuple[ScoreModel, Version | ModelProposal]:
    """A version or a proposal by any of its names."""
    if "-p" in name or name.startswith("p"):
        proposals = Proposals(models.registry.folder)
        proposal = proposals.by_key(_proposal_key(models, name))
        return proposals.model(proposal), proposal
    version = find_version(models.registry, models.in_force.name, name)
    return models.registry.model(version), version


def _list(document: dict[str, Any]) -> list[RenderableType]:
    versions = Table(box=None, pad_edge=False)
    for name in ("version", "", "label", "outcomes", "from", "by", "reason"):
        versions.add_column(name, no_wrap=name != "reason", justify="right" if name == "outcomes" else "left")
    for entry in document["versions"]:
        reason = entry["reason"] + (f" (override: {entry['override']})" if entry["override"] else "")
        versions.add_row(
            entry["version"],
            Text("in force", style="green") if entry["in_force"] else "",
            entry["label"].replace("_", " "),
            str(entry["outcomes"]),
            entry["effective_from"],
            entry["created_by"],
            reason,
        )
    parts: list[RenderableType] = [versions]
    for entry in document["versions"]:
        if entry["fix_or_decommission"]:
            parts.append(Text(f"{entry['version']}: {entry['decay']}", style="red"))
    if document["proposals"]:
        grid = Table(box=None, pad_edge=False)
        for name in ("proposal", "kind", "stage", "outcomes", "may be approved", "why"):
            grid.add_column(name, no_wrap=name != "why")
        for entry in document["proposals"]:
            grid.add_row(
                entry["version"],
                entry["kind"],
                (entry["stage"] or "").replace("_", " "),
                str(entry["outcomes"]),
                "yes" if entry["promoted"] else "with --override",
                entry["reason"],
            )
        parts += [Text(""), grid]
    return parts


def _show(document: dict[str, Any]) -> list[RenderableType]:
    entry = document["entry"]
    grid = Table(box=None, pad_edge=False)
    grid.add_column("signal", no_wrap=True)
    grid.add_column("weight", justify="right")
    grid.add_column("component", no_wrap=True)
    for signal in document["signals"]:
        grid.add_row(signal["name"], f"{signal['weight']:g}", signal["component"] or "")
    lines = ", ".join(f"{t['tier'].replace('_', ' ')} from {t['from_score']:g}" for t in document["tiers"])
    parts: list[RenderableType] = [
        Text(f"{entry['version']}: {document['title']}", style="bold"),
        Text(entry["reason"]),
        Text(document["purpose"], style="dim"),
        grid,
        Text(f"Lines: {lines}."),
    ]
    if document["figures"].get("models"):
        parts += [Text("Out of time:"), figures_table(document["figures"]["models"])]
    return parts


def _diff(document: dict[str, Any]) -> list[RenderableType]:
    grid = Table(box=None, pad_edge=False)
    for name in ("what", "name", document["before"], document["after"]):
        grid.add_column(name, no_wrap=name in ("what", "name"))
    for change in document["changes"]:
        grid.add_row(change["what"], change["name"], change["before"] or "–", change["after"] or "–")
    parts: list[RenderableType] = [
        grid if document["changes"] else Text("Nothing that can change a number differs.")
    ]
    moved = document["migration"]
    if moved is None:
        return [*parts, Text("No week is scored yet, so there are no tiers to compare.", style="dim")]
    parts += [
        Text(""),
        Text(
            f"As of {moved['as_of']}, {moved['moved']} of {moved['accounts']} accounts would stand in another tier "
            f"({moved['moved_arr']:,.0f} {document['currency']}), before damping:"
        ),
        _matrix(moved),
    ]
    for account in moved["accounts_moved"][:MOST_SHOWN]:
        parts.append(
            Text(
                f"  {account['name'] or account['account_id']}: {_words(account['before'])} to "
                f"{_words(account['after'])} ({_score(account['score_before'])} to {_score(account['score_after'])})"
            )
        )
    if len(moved["accounts_moved"]) > MOST_SHOWN:
        parts.append(Text(f"  and {len(moved['accounts_moved']) - MOST_SHOWN} more"))
    return parts


def _matrix(moved: dict[str, Any]) -> RenderableType:
    names = [t for t in ("at_risk", "watch", "healthy", "growth", "insufficient")
             if any(t in (c["before"], c["after"]) for c in moved["cells"])]  # fmt: skip
    cells = {(c["before"], c["after"]): c["accounts"] for c in moved["cells"]}
    grid = Table(box=None, pad_edge=False)
    grid.add_column("from \\ to", no_wrap=True)
    for name in names:
        grid.add_column(_words(name), justify="right", no_wrap=True)
    for before in names:
        row = [
            Text(str(cells.get((before, after), "")), style="bold" if before == after else "")
            for after in names
        ]
        grid.add_row(_words(before), *row)
    return grid


def _words(tier: str) -> str:
    return tier.replace("_", " ")


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _change(document: dict[str, Any]) -> list[RenderableType]:
    lines = [
        f"{document['version']} is in force from the week of {document['effective_from']}, in the place of "
        f"{document['before']}.",
        f"Written to {document['file']}. Weeks that are published stay as they were said.",
    ]
    if document["override"]:
        lines.append(f"The acceptance test was set aside: {document['override']}")
    return [Text(line) for line in lines]


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if not isinstance(v, dict)}
