"""Decisions of the review: read them, record one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from barograph_web.api.accounts import one_account
from barograph_web.api.auth import caller, needs
from barograph_web.api.idempotency import once
from barograph_web.api.paging import Page, Paging, paged, week_asked
from barograph_web.api.problems import ProblemError
from barograph_web.api.schemas import DecisionIn, DecisionOut
from barograph_web.ops.current import acting_as
from barograph_web.ops.workspace import today
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review.models import Decision
from barograph_web.review.services import OvertakenError, RefusedError, Wanted, decide
from barograph_web.users.models import Scope, User
from barograph_web.users.permissions import May

router = Router(tags=["decisions"])


def with_what_followed() -> QuerySet[Decision]:
    """Decisions with the one that replaced them and what became of them, newest first."""
    return Decision.objects.select_related("replaced_by", "outcome").order_by("-at", "-pk")


def decision_out(decision: Decision) -> dict[str, Any]:
    """A decision as the API gives it."""
    shown = (
        "id", "account_id", "week", "verdict", "reason", "next_step", "due_on", "know_on", "score", "tier", "at",
    )  # fmt: skip
    after = getattr(decision, "replaced_by", None)
    outcome = getattr(decision, "outcome", None)
    return {name: getattr(decision, name) for name in shown} | {
        "owner": decision.owner_label,
        "by": decision.by_label,
        "replaced_by": None if after is None else after.pk,
        "result": None if outcome is None else outcome.result,
    }


@router.get(
    "/decisions",
    response=Page[DecisionOut],
    operation_id="list_decisions",
    auth=needs(Scope.READ, May.SEE_REVIEW),
)
def list_decisions(
    request: HttpRequest,
    paging: Query[Paging],
    week: date | None = None,
    due_by: date | None = Query(None, description="Open next steps due by this day."),  # noqa: B008 - ninja reads it
) -> dict[str, Any]:
    """Decisions that stand, newest first."""
    accounts = visible_accounts(caller(request).user, today()).values("account_id")
    rows = with_what_followed().filter(account_id__in=accounts, replaced_by=None, is_withdrawal=False)
    if week is not None:
        rows = rows.filter(week=week)
    if due_by is not None:
        rows = rows.filter(due_on__lte=due_by, outcome=None).exclude(next_step="")
    return paged(request, rows, paging, decision_out)


@router.post(
    "/decisions",
    response={201: DecisionOut},
    operation_id="record_decision",
    auth=needs(Scope.DECIDE, May.DECIDE),
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": True,
                "schema": {"type": "string", "minLength": 8, "maxLength": 120},
                "description": "The same key with the same request gets the same answer and records nothing twice.",
            }
        ]
    },
)
def record_decision(request: HttpRequest, wanted: DecisionIn) -> HttpResponse:
    """Record a decision. 409 with the latest one when somebody decided since `seen`."""
    account = one_account(request, wanted.account_id)
    week = week_asked(wanted.week)
    user = caller(request).user
    owner = _person(wanted.owner)

    def do() -> tuple[int, dict[str, Any]]:
        asked = Wanted(wanted.verdict, wanted.reason, owner, wanted.next_step, wanted.due_on, wanted.know_on)
        try:
            with acting_as(user, via="api"):
                made = decide(account, week.as_of, asked, by=user, seen=wanted.seen)
        except RefusedError as refused:
            raise ProblemError(
                422, str(refused), errors=[{"field": refused.field, "detail": str(refused)}]
            ) from refused
        except OvertakenError as overtaken:
            latest = None if overtaken.latest is None else decision_out(overtaken.latest)
            raise ProblemError(409, "Another decision was recorded meanwhile.", latest=latest) from overtaken
        return 201, decision_out(made)

    return once(request, do)


def _person(address: str | None) -> User | None:
    if not address:
        return None
    found = User.objects.filter(email__iexact=address.strip(), is_active=True).first()
    if found is None:
        raise ProblemError(
            422,
            f"owner: nobody here has the address {address[:80]!r}.",
            errors=[{"field": "owner", "detail": "unknown"}],
        )
    return found
