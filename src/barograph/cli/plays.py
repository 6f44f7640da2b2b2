"""`barograph plays list|show|lint|dry-run|write`: play definitions, and what a week would have opened."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_workspace,
    week_of,
)
from barograph.cli.output import Format, emit
from barograph.cli.plays_effect import effect, recovery
from barograph.cli.plays_views import dry_run, flat, linted, listed, shown
from barograph.definitions.lint.plays import lint_plays
from barograph.definitions.nearest import nearest
from barograph.definitions.play import Play
from barograph.definitions.toml_io import load_model
from barograph.errors import UsageError
from barograph.pipeline.play_files import write_shipped
from barograph.pipeline.play_settings import settings_of
from barograph.pipeline.plays import fired, play_files, plays_of, standing
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.signal_store import known_columns
from barograph.reports.context import week_context
from barograph.reports.explain import find_account
from barograph.reports.plays import (
    DRY_RUN_SCHEMA,
    LINT_SCHEMA,
    SCHEMA,
    dry_run_document,
    lint_document,
    plays_document,
)
from barograph.reports.workspace_head import workspace_head
from barograph.workspace import Workspace

app = typer.Typer(help="Plays: definitions, lint, and what a week would have opened.", no_args_is_help=True)


@app.command("list")
def list_plays(
    workspace: WorkspaceOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Every play: what starts it, for whom, and who owns it."""
    place = open_workspace(workspace)
    document = _definitions(place, plays_of(place))
    emit(
        document,
        table=lambda: listed(document),
        rows=lambda: [_flat_play(play) for play in document["plays"]],
        format=format,
        output=output,
    )


@app.command("show")
def show_play(
    name: Annotated[str, typer.Argument(help="A play's name.")],
    workspace: WorkspaceOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """One play with its steps, service levels and what success is."""
    place = open_workspace(workspace)
    document = _definitions(place, [_named(plays_of(place), name)])
    emit(
        document,
        table=lambda: shown(document),
        rows=lambda: document["plays"][0]["steps"],
        format=format,
        output=output,
    )


@app.command("lint")
def lint(
    workspace: WorkspaceOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """What is wrong or unwise in the plays, with the reason and what to do; exit code 1 with errors."""
    place = open_workspace(workspace)
    model = load_model(place.model_file())
    plays = plays_of(place)
    columns = known_columns(place.lake)
    findings = lint_plays(plays, model, settings_of(place), columns or None)
    document = lint_document(
        workspace_head(place, LINT_SCHEMA), plays, findings, shipped=not play_files(place)
    )
    emit(
        document,
        table=lambda: linted(document),
        rows=lambda: document["findings"],
        format=format,
        output=output,
    )
    if document["errors"]:
        raise typer.Exit(1)


@app.command("dry-run")
def dry_run_week(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ACCOUNT", help="Only this account, and what stands for it."),
    ] = None,
    play: Annotated[str | None, typer.Option("--play", metavar="NAME", help="Only this play.")] = None,
    as_released: Annotated[
        bool, typer.Option("--as-released", help="As if a person had released every version of the model.")
    ] = False,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """What the week's changes would have opened, what is held back, and why. Nothing is opened."""
    place = open_workspace(workspace)
    context = week_context(place, week_of(as_of, place))
    plays = plays_of(place) if play is None else (_named(plays_of(place), play),)
    columns = (context.table["account_id"].to_pylist(), context.table["name"].to_pylist())
    names = dict(zip(*columns, strict=True))
    if account is not None:
        account = columns[0][find_account(context, account)]
    weeks = published_weeks(context.manifest)
    released = {week.model for week in weeks.values()} if as_released else None
    before = max((day for day in weeks if day < context.day), default=None)
    report = fired(place, context.day, released=released, since=before, plays=plays)
    document = dry_run_document(
        context.head(DRY_RUN_SCHEMA),
        report,
        plays,
        names,
        released=released,
        account=account,
        standing=[]
        if account is None
        else [one for one in standing(place, context.day, plays=plays) if one.account_id == account],
    )
    emit(
        document,
        table=lambda: dry_run(document),
        rows=lambda: [
            *({**flat(one), "held_back": ""} for one in document["fired"]),
            *({**flat(one), "held_back": one["because"]} for one in document["held_back"]),
        ],
        format=format,
        output=output,
    )


@app.command("write")
def write(
    names: Annotated[list[str] | None, typer.Argument(help="Plays to write; all without a name.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Put shipped plays into the workspace's plays folder, to be edited; files that are there are left alone."""
    place = open_workspace(workspace)
    for path, written in write_shipped(place, names or []):
        typer.echo(
            f"{path.relative_to(place.path)}: {'written' if written else 'is there already, left alone'}"
        )


def _definitions(place: Workspace, plays: list[Play] | tuple[Play, ...]) -> dict[str, Any]:
    model = load_model(place.model_file())
    return plays_document(workspace_head(place, SCHEMA), plays, model, shipped=not play_files(place))


def _named(plays: tuple[Play, ...], name: str) -> Play:
    for play in plays:
        if play.name == name:
            return play
    names = [play.name for play in plays]
    near = nearest(name, names)
    hint = f"Did you mean {near!r}?" if near else f"There are: {', '.join(names)}."
    raise UsageError(f"there is no play {name!r}.", hint=hint)


def _flat_play(play: dict[str, Any]) -> dict[str, Any]:
    flat_play = {key: value for key, value in play.items() if key not in ("steps", "components")}
    return {**flat_play, "components": " ".join(play["components"]), "steps": len(play["steps"])}


app.command("effect")(effect)
app.command("recovery")(recovery)
