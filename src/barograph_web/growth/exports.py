"""The lists of the section as CSV, for the accounts that the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from barograph_web.growth import queries
from barograph_web.growth.models import Ask, Candidate, Escalation, Goal, Judged, Readiness
from barograph_web.growth.services_rules import in_force
from barograph_web.growth.views_common import csv_response, scoped
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.users.permissions import May, require

MOST = 50_000
Rows = list[dict[str, Any]]
WORD = {True: "holds", False: "does not hold", None: "unknown"}


@require_GET
@require(May.EXPORT)
def export(request: HttpRequest, name: str) -> HttpResponse:
    """One list: expansion, hand-overs, goals, advocates, asks or escalations."""
    if name not in EXPORTS:
        raise Http404(f"There is no list {name[:40]!r}.")
    return csv_response(name, EXPORTS[name](scoped(request)[0]))


def _judged(model: type[Judged], accounts: QuerySet[Account], own: str) -> Rows:
    found = []
    for row in queries.judged(model, accounts, "all")[:MOST]:
        told = {c["name"]: WORD[c["holds"]] for c in row.conditions}
        found.append(
            {
                "account_id": row.account.account_id, "name": row.account.name, "arr": row.arr, "holds": row.holds,
                "week": row.week.isoformat(), **told, own: "; ".join(getattr(row, own) or ()),
            }
        )  # fmt: skip
    return _even(found)


def _hand_overs(accounts: QuerySet[Account]) -> Rows:
    found = queries.pipeline(accounts, in_force()[1], today())
    names = queries.names_of(row.account_id for row, _ in found.rows)
    return [
        {
            "hand_over": row.pk, "account_id": row.account_id, "name": names.get(row.account_id, ""), "kind": row.kind,
            "product": row.product, "amount": row.amount, "state": row.state, "by": row.by_label, "to": row.to_label,
            "asked_at": row.at.isoformat(), "due_at": row.due_at.isoformat(),
            "answered_at": row.answered_at.isoformat() if row.answered_at else "", "why_refused": row.why_refused,
            "opportunities": len(deals), "won": sum(deal.won is True for deal in deals),
            "amount_won": sum(deal.amount or 0.0 for deal in deals if deal.won),
        }
        for row, deals in found.rows
    ]  # fmt: skip


def _goals(accounts: QuerySet[Account]) -> Rows:
    rows = queries.narrowed(Goal.objects.select_related("plan"), accounts)
    columns = (
        "title", "state", "baseline", "target", "measured", "unit", "due_on", "confirmed_by", "confirmed_how",
        "confirmed_on",
    )  # fmt: skip
    return _columns(rows[:MOST], columns)


def _asks(accounts: QuerySet[Account]) -> Rows:
    rows: Iterable[Ask] = queries.asks(accounts)[:MOST]
    return _columns(rows, ("kind", "state", "person", "what", "asked_on", "answered_on", "ended_on"))


def _escalations(accounts: QuerySet[Account]) -> Rows:
    rows: Iterable[Escalation] = queries.escalations(accounts, "all")[:MOST]
    columns = (
        "title", "state", "severity", "owner_label", "cause", "functions", "opened_at", "resolved_at", "reopened",
        "external_id",
    )  # fmt: skip
    return _columns(rows, columns)


def _columns(rows: Iterable[Any], columns: tuple[str, ...]) -> Rows:
    return [
        {
            "number": row.pk,
            "account_id": row.account_id,
            **{name: _cell(getattr(row, name)) for name in columns},
        }
        for row in rows
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(value)
    if value is None or isinstance(value, str | int | float):
        return value
    return value.isoformat()


def _even(rows: Rows) -> Rows:
    """The same columns in every row: rules may have changed between two rows being worked out."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in names} for row in rows]


EXPORTS: dict[str, Callable[[QuerySet[Account]], Rows]] = {
    "expansion": lambda accounts: _judged(Readiness, accounts, "missing"),
    "hand-overs": _hand_overs,
    "goals": _goals,
    "advocates": lambda accounts: _judged(Candidate, accounts, "people"),
    "asks": _asks,
    "escalations": _escalations,
}
