"""`barograph demo`: the seeded company, from exports through the audit of its old score and learning to the review."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer
from rich.text import Text

from barograph.cli.audit_score import audited
from barograph.cli.options import now
from barograph.cli.output import Screen
from barograph.cli.progress import Report, progress
from barograph.cli.verbs import load
from barograph.core.calendar import day_number, grid_day
from barograph.definitions.starters import starter_text
from barograph.engines.base import SignalEngine
from barograph.errors import RefusedError, UsageError
from barograph.intake import import_paths
from barograph.pipeline.engine import engine_of
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn import LearnSettings, learn
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.refresh import describe_day, refresh
from barograph.pipeline.registry import write_once
from barograph.reports.context import week_context
from barograph.reports.quarter import validate_when_due
from barograph.reports.render.terminal import review_renderables
from barograph.reports.review import review_document
from barograph.synthetic import RATES, RATES_DATE, REPORTING_CURRENCY, CompanySpec, write
from barograph.workspace import SETTINGS_FILE, Rate, Source, Workspace

WEEKS = 104
APPLICATION = """
[application]
# The company's data end on a day: later weeks would only find them stale.
refresh_weekday = "never"
"""


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder of the demo workspace.")
    ] = Path("demo"),
    accounts: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="How many accounts the company has.")
    ] = 300,
    weeks: Annotated[int, typer.Option(min=1, max=WEEKS, help="How many weeks of history to score.")] = 52,
    serve: Annotated[bool, typer.Option("--serve", help="Open the application on it afterwards.")] = False,
) -> None:
    """Make the seeded company, audit its old score, learn, score its history and print the review.

    Running it again goes on where it was stopped, and prints the review.
    """
    spec = CompanySpec(accounts=accounts)
    place = _workspace(directory)
    engine = engine_of(place)
    exports = directory / "exports"
    _say(f"1/6  Writing the exports of a made-up company with {accounts:,} accounts to {exports}")
    written = directory / ".exports-written"
    if not written.exists():
        write(spec, exports)
        written.touch()
    _say("2/6  Importing them")
    report = import_paths(place, [exports], now=now())
    rows, late = sum(t.rows for t in report.tables), sum(t.quarantined for t in report.tables)
    _say(f"     {rows:,} rows in {len(report.tables)} tables, {late} in quarantine")
    day = grid_day(day_number(spec.end))
    _say("3/6  Auditing the score of its older system, before any model of ours")
    _tell(audited(place, day)["headline"])
    _say("4/6  Learning from the renewals and losses on record")
    with progress() as reporting:
        evidence, told = _learnt(place, engine, day, reporting)
    _tell(told)
    _say(f"5/6  Scoring {weeks} weeks up to {describe_day(day)} with the expert weights of the starter model")
    with progress() as reporting:
        refresh(place, engine, as_of=day, weeks=weeks, now=now(), progress=reporting)
        quarter = validate_when_due(place, engine, day=day, now=now(), evidence=evidence, progress=reporting)
    if quarter.document is not None:
        _tell([f"Against the last quarter: {quarter.document['summary']}"])
    _say("6/6  The Monday review\n")
    console = Screen()
    for part in review_renderables(review_document(week_context(place, day))):
        console.print(part)
    as_of = spec.end.isoformat()
    console.print(Text("\nGo on with:", style="bold"))
    for line in (
        f"barograph review  -w {directory} --as-of {as_of} --format html -o review.html",
        f"barograph explain -w {directory} --as-of {as_of} lindqvara-systems",
        f"barograph audit-score -w {directory} --as-of {as_of}",
        f"barograph screen -w {directory} --as-of {as_of}",
        f"barograph models list -w {directory}",
        f"barograph signals list -w {directory} --as-of {as_of}",
        f"barograph status  -w {directory}",
        f"barograph serve   -w {directory}",
    ):
        console.print(Text(f"  {line}"), soft_wrap=True)
    if serve:
        load("serve").main(["-w", str(directory)], prog_name="barograph serve", standalone_mode=False)


def _learnt(
    place: Workspace, engine: SignalEngine, day: int, reporting: Report
) -> tuple[Evidence | None, list[str]]:
    """Learn once, and say in a few sentences what came of it. The evidence is for the validation that follows."""
    models = models_of(place)
    earlier = Proposals(models.registry.folder).latest(models.in_force.name)
    if earlier is not None:
        return None, [f"Proposed before, as {earlier.key}: {earlier.reason}"]
    try:
        evidence = gather(place, engine, models.in_force, day=day, views=models.views, progress=reporting)
        found = learn(models, evidence, LearnSettings(), now=now(), progress=reporting)
    except RefusedError as e:
        return None, [f"Nothing is proposed: {e}"]
    if found.kept is None:
        return evidence, [f"Nothing is proposed: {found.reason}"]
    return evidence, [
        f"Proposed, as {found.kept.key}: {found.reason}",
        "A proposal changes nothing by itself: `barograph models approve` brings it into force.",
    ]


def _tell(sentences: list[str]) -> None:
    for sentence in sentences:
        for line in wrap(sentence, 92):
            _say(f"     {line}")


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
    with (directory / SETTINGS_FILE).open("a", encoding="utf-8") as settings:
        settings.write(APPLICATION)
    return place


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
