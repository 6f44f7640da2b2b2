"""`barograph demo`: the seeded company, from exports through the audit of its old score to the Monday review."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from barograph.cli.audit_score import audited
from barograph.cli.options import now
from barograph.cli.output import Screen
from barograph.cli.progress import progress
from barograph.core.calendar import day_number, grid_day
from barograph.definitions.starters import starter_text
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import UsageError
from barograph.intake import import_paths
from barograph.pipeline.refresh import describe_day, refresh
from barograph.pipeline.registry import write_once
from barograph.reports.context import week_context
from barograph.reports.render.terminal import review_renderables
from barograph.reports.review import review_document
from barograph.synthetic import RATES, RATES_DATE, REPORTING_CURRENCY, CompanySpec, write
from barograph.workspace import SETTINGS_FILE, Rate, Source, Workspace

WEEKS = 104


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder of the demo workspace.")
    ] = Path("demo"),
    accounts: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="How many accounts the company has.")
    ] = 300,
    weeks: Annotated[int, typer.Option(min=1, max=WEEKS, help="How many weeks of history to score.")] = 52,
) -> None:
    """Make the seeded company, import its exports, audit its old score, score its history and print the review.

    Running it again goes on where it was stopped, and prints the review.
    """
    spec = CompanySpec(accounts=accounts)
    place = _workspace(directory)
    exports = directory / "exports"
    _say(f"1/5  Writing the exports of a made-up company with {accounts:,} accounts to {exports}")
    written = directory / ".exports-written"
    if not written.exists():
        write(spec, exports)
        written.touch()
    _say("2/5  Importing them")
    report = import_paths(place, [exports], now=now())
    rows, late = sum(t.rows for t in report.tables), sum(t.quarantined for t in report.tables)
    _say(f"     {rows:,} rows in {len(report.tables)} tables, {late} in quarantine")
    day = grid_day(day_number(spec.end))
    _say("3/5  Auditing the score of its older system, before any model of ours")
    for line in audited(place, day)["headline"]:
        _say(f"     {line}")
    _say(f"4/5  Scoring {weeks} weeks up to {describe_day(day)}")
    with progress() as reporting:
        refresh(place, DuckDBEngine(), as_of=day, weeks=weeks, now=now(), progress=reporting)
    _say("5/5  The Monday review\n")
    console = Screen()
    for part in review_renderables(review_document(week_context(place, day))):
        console.print(part)
    as_of = spec.end.isoformat()
    console.print(Text("\nGo on with:", style="bold"))
    for line in (
        f"barograph review  -w {directory} --as-of {as_of} --format html -o review.html",
        f"barograph explain -w {directory} --as-of {as_of} lindqvara-systems",
        f"barograph audit-score -w {directory} --as-of {as_of}",
        f"barograph learn -w {directory} --as-of {as_of}",
        f"barograph signals list -w {directory} --as-of {as_of}",
        f"barograph status  -w {directory}",
    ):
        console.print(Text(f"  {line}"), soft_wrap=True)


def _workspace(directory: Path) -> Workspace:
    if (directory / SETTINGS_FILE).exists():
        return Workspace.open(directory)
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            "the folder is not empty and holds no workspace.",
            where=str(directory),
            hint="Name another: barograph demo DIR.",
        )
    place = Workspace.create(
        directory,
        name="Seeded company",
        currency=REPORTING_CURRENCY,
        rates=tuple(Rate(currency=code, date=RATES_DATE, rate=rate) for code, rate in RATES.items()),
        sources=(Source(path="exports"),),
    )
    write_once(place.path / "models/saas.toml", starter_text("saas"))
    return place


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
