"""Reads of this app: runs and their steps, and the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from barograph_web.ops.models import AuditEvent, Run, RunKind, RunState, RunStep

EXPORT_ROWS = 100_000


def runs(kind: str = "", state: str = "") -> QuerySet[Run]:
    """Runs, newest first, with who asked for them."""
    found = Run.objects.select_related("requested_by")
    if kind in RunKind.values:
        found = found.filter(kind=kind)
    if state in RunState.values:
        found = found.filter(state=state)
    return found


@dataclass(frozen=True, slots=True)
class Coming:
    """Weeks are on their way to the pages. words: what the worker does now, or that it has not begun."""

    run: Run
    words: str


def weeks_coming(now: datetime) -> Coming | None:
    """The run that will show weeks, where one is due or under way; None where pages are as they stay."""
    kinds = [RunKind.PROJECT, RunKind.REFRESH]
    found = Run.objects.filter(kind__in=kinds, state__in=[RunState.QUEUED, RunState.RUNNING], due_at__lte=now)
    run = found.order_by("due_at", "pk").first()
    if run is None:
        return None
    step = RunStep.objects.filter(run=run, claim=run.claims).last()
    if run.state == RunState.QUEUED or step is None:
        return Coming(run, run.waiting or "Waiting for the worker.")
    last = step.log.rstrip().rpartition("\n")[2]
    counted = ", ".join(f"{name} {value}" for name, value in step.counts.items())
    return Coming(run, f"{step.name[:1].upper()}{step.name[1:]}: {last or counted or 'begun'}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """The steps of one claim of a run, in order; `current` is the last claim."""

    claim: int
    current: bool
    steps: tuple[RunStep, ...]


def attempts_of(run: Run) -> list[Attempt]:
    """What was done each time a worker took the run, the last time first."""
    by_claim: dict[int, list[RunStep]] = {}
    for step in RunStep.objects.filter(run=run):
        by_claim.setdefault(step.claim, []).append(step)
    return [
        Attempt(claim, claim == run.claims, tuple(by_claim[claim]))
        for claim in sorted(by_claim, reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for in the audit log; empty parts match everything. Both days are included."""

    person: str = ""
    action: str = ""
    thing: str = ""
    account: str = ""
    since: date | None = None
    until: date | None = None

    def events(self, zone: ZoneInfo) -> QuerySet[AuditEvent]:
        """The events, newest first. person: part of a name or address; action: its beginning, such as `person`;
        thing: part of the object's name, or its number; account: its id."""
        found = AuditEvent.objects.all()
        if self.person:
            found = found.filter(
                Q(actor_label__icontains=self.person) | Q(on_behalf_of__icontains=self.person)
            )
        if self.action:
            found = found.filter(action__startswith=self.action)
        if self.thing:
            found = found.filter(Q(object_label__icontains=self.thing) | Q(object_id=self.thing))
        if self.account:
            found = found.filter(account_id=self.account)
        if self.since:
            found = found.filter(at__gte=datetime.combine(self.since, time(), tzinfo=zone))
        if self.until:
            found = found.filter(at__lt=datetime.combine(self.until + timedelta(days=1), time(), tzinfo=zone))
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an audit event; `had` and `has` say on which side it is at all."""

    field: str
    before: Any
    after: Any
    had: bool
    has: bool


def changes_of(event: AuditEvent) -> list[Change]:
    """Before and after as lines, fields that did not change left out."""
    before: Mapping[str, Any] = event.before or {}
    after: Mapping[str, Any] = event.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        Change(name, before.get(name), after.get(name), name in before, name in after)
        for name in names
        if name not in before or name not in after or before[name] != after[name]
    ]


def actions() -> list[str]:
    """The kinds of actions that occur, for the filter: what stands before the point."""
    names = AuditEvent.objects.order_by().values_list("action", flat=True).distinct()
    return sorted({name.partition(".")[0] for name in names})


def export_rows(found: QuerySet[AuditEvent]) -> Iterator[dict[str, str]]:
    """Events as flat rows for CSV, newest first, EXPORT_ROWS at most."""
    for event in found[:EXPORT_ROWS].iterator(chunk_size=2000):
        yield {
            "at": event.at.isoformat(),
            "actor": event.actor_label,
            "on_behalf_of": event.on_behalf_of,
            "via": event.via,
            "action": event.action,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "object": event.object_label,
            "account_id": event.account_id,
            "changes": "; ".join(f"{c.field}: {c.before} > {c.after}" for c in changes_of(event)),
            "reason": event.reason,
            "request_id": event.request_id,
        }
