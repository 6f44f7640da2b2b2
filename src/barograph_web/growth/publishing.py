"""Goals that people write, into the lake's raw table `goals`, by an import like any other (decisions 17 and 19).

A goal goes there once its plan is agreed, and again after each change, under its own id. One that was
dropped goes there without its numbers, so that no signal counts it: rows of the lake are added, never taken away.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.db.models import F

from barograph.intake import import_paths
from barograph.lake import acting_user
from barograph.workspace import Workspace
from barograph_web.growth.erasure import NAME
from barograph_web.growth.evidence import owner_of
from barograph_web.growth.models import Goal
from barograph_web.ops.audit import audit
from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import workspace

AT_ONCE = 5_000


def publish(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.GOALS: bring every changed goal into the lake. The same again finds nothing to do.

    With the argument `erase`, takes erased texts out of the versions that the lake has as well.
    """
    from barograph_web.ops import lake_erasure  # noqa: PLC0415 - the other half of this run

    place = Workspace.open(workspace().path)
    done = publish_changed(run, place)
    if run.arguments.get("erase"):
        with run.step("Erased texts out of the raw table") as step:
            taken = lake_erasure.take_out(place, "goals", ("title", "confirmed_by"), kind=NAME, now=run.now)
            step.count(rows=taken)
    return done


def after_refresh(run: RunContext) -> None:
    """What a run of the last minutes did not get to; the next refresh counts it."""
    if _changed():
        publish_changed(run, Workspace.open(workspace().path))


def publish_changed(run: RunContext, place: Workspace) -> dict[str, Any]:
    """Import the goals whose newest revision the lake does not have; how many, and the import's id."""
    found = _changed()
    if not found:
        return {"goals": 0}
    with run.step("Goals into the workspace") as step, tempfile.TemporaryDirectory(prefix="goals-") as folder:
        file = Path(folder) / "goals.ndjson"
        file.write_text("".join(f"{json.dumps(row_of(goal))}\n" for goal in found), encoding="utf-8")
        with acting_user("Barograph"):
            report = import_paths(
                place,
                [file],
                table="goals",
                now=run.now,
                reason="goals written in the application",
                step=step.log,
            )
        for goal in found:
            Goal.objects.filter(pk=goal.pk, published__lt=goal.revision).update(published=goal.revision)
        rejected = sum(table.quarantined for table in report.tables)
        step.count(goals=len(found), rejected=rejected)
        if rejected:
            step.degrade(f"{rejected} goals were set aside by the import; the quarantine says why")
            run.degrade(f"{rejected} goals were not taken by the import")
    audit(
        "goals.published", ("raw table", "goals", "goals"),
        after={"import": report.import_id, "goals": len(found), "rejected": rejected},
    )  # fmt: skip
    return {"goals": len(found), "rejected": rejected, "import": report.import_id}


def row_of(goal: Goal) -> dict[str, Any]:
    """A goal as a row of the data contract. Days are days of the workspace's zone; empty is unknown."""
    dropped = goal.state == "dropped"
    return {
        "goal_id": goal.key,
        "account_id": owner_of(goal.account_id),
        "title": goal.title,
        "baseline": None if dropped else goal.baseline,
        "target": None if dropped else goal.target,
        "measured": None if dropped else goal.measured,
        "unit": goal.unit or None,
        "due_on": goal.due_on.isoformat() if goal.due_on else None,
        "confirmed_by": goal.confirmed_by or None,
        "confirmed_at": goal.confirmed_on.isoformat() if goal.confirmed_on else None,
        "recorded_at": goal.changed_at.isoformat(),
    }


def _changed() -> list[Goal]:
    rows = Goal.objects.filter(published__lt=F("revision")).exclude(plan__state="proposed")
    return list(rows.order_by("changed_at", "pk")[:AT_ONCE])
