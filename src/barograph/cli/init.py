"""`barograph init DIR`: make a workspace, and with --data read the files and propose a starting model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType
from rich.text import Text

from barograph.cli.import_ import confirmation, import_tables
from barograph.cli.options import FormatOption, OutputOption, now, today
from barograph.cli.output import Format, emit
from barograph.core.calendar import day_number, to_date
from barograph.definitions.starters import starter_text
from barograph.intake import Guess, ImportReport, import_paths
from barograph.pipeline.engine import engine_of
from barograph.pipeline.registry import write_once
from barograph.pipeline.start import Start, start_model
from barograph.reports.workspace_head import workspace_head
from barograph.workspace import Source, Workspace

SCHEMA = "barograph.init/1"


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the new workspace.")],
    data: Annotated[
        Path | None, typer.Option(help="A file or folder of exports to read.", exists=True, resolve_path=True)
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="A mapping file for the data.", exists=True, dir_okay=False, resolve_path=True),
    ] = None,
    model: Annotated[
        Literal["saas", "evergreen", "lapse"] | None,
        typer.Option(help="The starter model (default: what fits)."),
    ] = None,
    timezone: Annotated[str, typer.Option(help="IANA time zone in which days begin.")] = "UTC",
    currency: Annotated[str, typer.Option(help="The currency that money is reported in.")] = "USD",
    yes: Annotated[bool, typer.Option("--yes", help="Use guessed column names without asking.")] = False,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Make a workspace. With --data: import the files and write a model with signals for what is there."""
    existed = directory.exists()
    place = Workspace.create(directory, timezone=timezone, currency=currency)
    report: ImportReport | None = None
    start: Start | None = None
    try:
        if data is None:
            write_once(place.path / f"models/{model or 'saas'}.toml", starter_text(model or "saas"))
        else:
            accepted: set[str] = set()
            report = import_paths(
                place, [data], mapping=mapping, now=now(), confirm=_noting(confirmation(yes), accepted)
            )
            source = Source(
                path=str(data), mapping=str(mapping) if mapping else None, confirmed=tuple(sorted(accepted))
            )
            place = place.with_source(source)
            start = start_model(place, engine_of(place), today=day_number(today(place)), base=model)
    except BaseException:
        if not existed:
            shutil.rmtree(directory, ignore_errors=True)
        raise
    emit(
        document(place, report, start),
        table=lambda: _renderables(place, report, start),
        rows=lambda: [{"signal": s.name, "weight": s.weight} for s in start.model.signals] if start else [],
        format=format,
        output=output,
    )


def _noting(confirm: Callable[[Guess], bool] | None, accepted: set[str]) -> Callable[[Guess], bool] | None:
    """Ask as before, and keep what was accepted of columns: the weekly import of the same source needs it."""
    if confirm is None:
        return None

    def asked(guess: Guess) -> bool:
        good = confirm(guess)
        if good and guess.key:
            accepted.add(guess.key)
        return good

    return asked


def document(place: Workspace, report: ImportReport | None, start: Start | None) -> dict[str, Any]:
    """The JSON form."""
    return {
        **workspace_head(place, SCHEMA),
        "path": str(place.path),
        "import": report.to_json() if report else None,
        "model_file": place.model_file().relative_to(place.path).as_posix(),
        "base": start.proposal.base if start else None,
        "as_of": to_date(start.as_of).isoformat() if start else None,
        "signals": [{"name": s.name, "weight": s.weight} for s in start.model.signals] if start else [],
        "notes": list(start.proposal.notes) if start else [],
    }


def _renderables(place: Workspace, report: ImportReport | None, start: Start | None) -> list[RenderableType]:
    parts: list[RenderableType] = [] if report is None else import_tables(report)
    where = f" -w {place.path}" if place.path != Path() else ""
    if start is None:
        return [
            Text(f"Made the workspace {place.path} with a starter model."),
            Text(f"Next: barograph import{where} PATH..., then barograph refresh{where}."),
        ]
    scored = [s for s in start.model.signals if s.weight]
    parts.append(
        Text(f"\nProposed model {start.file}, from the starter {start.proposal.base}:", style="bold")
    )
    parts += [Text(f"  {s.weight:>3g}  {s.label}") for s in sorted(scored, key=lambda s: -s.weight)]
    parts.append(Text(f"  and {len(start.model.candidates)} candidates that are computed, not scored."))
    parts += [Text(f"- {note}") for note in start.proposal.notes]
    week = to_date(start.as_of).isoformat()
    parts.append(
        Text(f"\nThe weights are opinion until they are checked. The data reaches to the week of {week}.")
    )
    parts.append(
        Text(
            f"Next: barograph refresh{where} --as-of {week} --weeks 13, then barograph review{where} --as-of {week}."
        )
    )
    return parts
