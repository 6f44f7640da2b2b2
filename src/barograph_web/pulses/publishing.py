"""Pulses into the raw table `pulses` of the workspace (decision 19), by the worker, through the import as any file.

What is not published yet goes into one file; the import sees to two clocks, identity and its report. A worker that is
killed after the import has its file imported again by the next one: rows that are there already change nothing, and
are then noted as published. A counter-signature is the same row with two columns more, known from its own instant on.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from barograph.errors import ImportRefusedError
from barograph.intake import ImportReport, import_paths
from barograph.lake import acting_user
from barograph.workspace import Workspace
from barograph_web.ops.audit import audit
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.running import RunContext
from barograph_web.ops.services import request_run
from barograph_web.ops.workspace import workspace
from barograph_web.portfolio.models import AccountFact, FactKind
from barograph_web.pulses.models import Publication, Pulse, Ruling
from barograph_web.pulses.queries import instant_of, words_of
from barograph_web.pulses.state import facts_of

AT_ONCE = 5_000
"""Pulses of one import."""
TABLE = "pulses"


def ask(now: datetime) -> bool:
    """Have what is not published yet published: asks for a run when there is something and none is waiting.

    The run's key has the hour, so that what could not be published is tried again, and not every minute.
    """
    pulse = unpublished_pulses().order_by("-pk").first()
    ruling = unpublished_rulings().order_by("-pk").first()
    if pulse is None and ruling is None:
        return False
    waiting = Run.objects.filter(kind=RunKind.PULSES, state__in=[RunState.QUEUED, RunState.RUNNING])
    if waiting.exists():
        return False
    newest = f"{pulse.pk if pulse else 0}-{ruling.pk if ruling else 0}"
    request_run(RunKind.PULSES, f"{newest}-{now.astimezone(UTC):%Y%m%dT%H}", due_at=now)
    return True


def publish(run: RunContext) -> dict[str, Any]:
    """Handler of RunKind.PULSES. With the argument `erase`, takes erased text out of the raw table as well."""
    from barograph_web.pulses import lake_erasure  # noqa: PLC0415 - the other half of this run

    place = Workspace.open(workspace().path)
    with acting_user("Barograph"):
        done = _publish(run, place)
        if run.arguments.get("erase"):
            with run.step("Erased text out of the raw table") as step:
                step.count(rows=lake_erasure.take_out(place, run.now))
    return done


def unpublished_pulses() -> Any:
    """Pulses that no import has brought in."""
    return Pulse.objects.filter(publication=None)


def unpublished_rulings() -> Any:
    """Counter-signatures that no import has brought in; other rulings say nothing about the raw row."""
    return Ruling.objects.filter(publication=None, lift_until__isnull=False)


def _publish(run: RunContext, place: Workspace) -> dict[str, Any]:
    pulses = list(unpublished_pulses().select_related("author").order_by("pk")[:AT_ONCE])
    rulings = list(
        unpublished_rulings().select_related("pulse", "pulse__author", "by").order_by("pk")[:AT_ONCE]
    )
    if not pulses and not rulings:
        return {"pulses": 0, "countersignatures": 0}
    with run.step("Pulses into the raw table") as step:
        rows = [row_of(pulse) for pulse in pulses] + [row for r in rulings if (row := signed_row(r))]
        report = _import(place, rows, run.now, step.log)
        _check(report, len(rows))
        step.count(pulses=len(pulses), countersignatures=len(rulings))
        _note(report, pulses, rulings, run.now)
    return {"import": report.import_id, "pulses": len(pulses), "countersignatures": len(rulings)}


def row_of(pulse: Pulse) -> dict[str, Any]:
    """A pulse as the data contract has it."""
    return {
        "account_id": facts_of(pulse.account_id),
        "recorded_at": _instant(pulse.given_at),
        "author_email": pulse.author.email if pulse.author else None,
        "sponsor_status": pulse.sponsor_status,
        "executive_engagement": pulse.executive_engagement,
        "outcome_narrative": pulse.outcome_narrative,
        "reason": pulse.reason or None,
        "wanted_tier": pulse.wanted_tier or None,
        "countersigned_by": None,
        "countersigned_at": None,
    }


def signed_row(ruling: Ruling) -> dict[str, Any] | None:
    """The row of the pulse that a leader counter-signed; None when an imported one is gone meanwhile."""
    row = row_of(ruling.pulse) if ruling.pulse is not None else _imported_row(ruling)
    if row is None:
        return None
    signed = {
        "countersigned_by": ruling.by.email if ruling.by else None,
        "countersigned_at": _instant(ruling.at),
    }
    return {**row, **signed}


def _imported_row(ruling: Ruling) -> dict[str, Any] | None:
    for fact in AccountFact.objects.filter(account_id=facts_of(ruling.account_id), kind=FactKind.PULSE):
        if instant_of(fact) == ruling.given_at:
            words = words_of(fact)
            return {
                "account_id": fact.account_id,
                "recorded_at": _instant(ruling.given_at),
                "author_email": fact.data.get("author_email"),
                "sponsor_status": words.sponsor_status or None,
                "executive_engagement": words.executive_engagement or None,
                "outcome_narrative": words.outcome_narrative or None,
                "reason": fact.data.get("reason"),
                "wanted_tier": words.wanted_tier or None,
            }
    return None


def _import(place: Workspace, rows: Iterable[dict[str, Any]], now: datetime, log: Any) -> ImportReport:
    folder = place.path / "application" / "pulses"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".publish-", dir=folder) as name:
        path = Path(name) / f"{TABLE}.ndjson"
        path.write_text("".join(_lines(rows)), encoding="utf-8")
        return import_paths(
            place, [path], table=TABLE, now=now, reason="Pulses given in the application", step=log
        )


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _check(report: ImportReport, rows: int) -> None:
    table = report.table(TABLE)
    if table.quarantined or table.rows != rows:
        raise ImportRefusedError(
            f"{table.quarantined} of {table.rows} pulses did not fit the data contract; {rows} were given.",
            where="raw/pulses",
            hint="Data > Quarantine shows them; nothing is lost, they are tried again within the hour.",
        )


def _note(report: ImportReport, pulses: list[Pulse], rulings: list[Ruling], now: datetime) -> None:
    """That they are published, once each: two workers that did the same note it once."""
    made = [Publication(pulse=pulse, import_id=report.import_id, at=now) for pulse in pulses]
    made += [Publication(ruling=ruling, import_id=report.import_id, at=now) for ruling in rulings]
    with transaction.atomic():
        Publication.objects.bulk_create(made, ignore_conflicts=True)
        audit(
            "pulses.published", ("import", report.import_id, report.import_id),
            after={"pulses": len(pulses), "countersignatures": len(rulings)},
        )  # fmt: skip


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
