"""The projection as work of the worker: a run of its own, and the last step of the weekly refresh."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import workspace
from barograph_web.scoring.projection import ProjectionReport, project


def run_projection(run: RunContext) -> dict[str, Any]:
    """Bring published weeks into the database; the report is the run's result."""
    return asdict(_step(run))


def after_refresh(run: RunContext) -> None:
    """The same as a step of another run."""
    _step(run)


def _step(run: RunContext) -> ProjectionReport:
    with run.step("bring published weeks into the application") as step:

        def told(words: str) -> None:
            step.log(words)
            run.heartbeat()

        report = project(workspace(), now=run.now, progress=told)
        step.count(weeks=report.weeks, accounts=report.accounts, facts=report.facts, dropped=report.dropped)
    return report
