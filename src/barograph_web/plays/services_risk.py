"""Invest in an account at risk, or accept that it is lost (P3): decisions as rows, the newest of an account stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from barograph_web.ops import workspace
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.plays.models import Clock, RiskDecision, RiskKind
from barograph_web.plays.services_clocks import cancel_clocks
from barograph_web.plays.services_tasks import add_task, complete_by
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import Account, Standing
from barograph_web.users.models import User


def invest(
    account: Account,
    *,
    sponsor: str,
    budget: float,
    next_on: date,
    reason: str,
    by: User,
    seen: int | None,
    now: datetime | None = None,
) -> RiskDecision:
    """Put more into an account: who sponsors it, with what budget (reporting currency), and when it is looked at next.

    The next look becomes a task of the person who decided. seen: the number of the decision that they saw last, None
    for the first. Raises RefusedError (no sponsor, a budget below 0, a day that is not to come, no reason),
    OvertakenError when another decision stands by now.
    """
    at = now or workspace.now()
    if not sponsor.strip():
        raise RefusedError("sponsor", "Name who stands for it.")
    if not 0 <= budget < 1e15:
        raise RefusedError("budget", "Name a budget of 0 or more; 0 is people's time alone.")
    if next_on <= day_of(at):
        raise RefusedError("next_on", "Choose a day after today for the next look.")
    with transaction.atomic():
        made = _append(
            account, RiskKind.INVEST, reason, by, seen, at, sponsor=sponsor.strip()[:200], budget=budget,
            next_on=next_on,
        )  # fmt: skip
        complete_by(account.account_id, "decision", by=by, note=made.reason, now=at)
        add_task(
            account, title="Look again: does the investment pay?", detail=made.reason, owner=by, due_on=next_on,
            by=by, source="risk", source_key=f"risk:{made.pk}", priority=10, now=at,
        )  # fmt: skip
    return made


def accept_loss(
    account: Account, *, reason: str, by: User, seen: int | None, now: datetime | None = None
) -> RiskDecision:
    """Accept that an account will be lost: its clocks stop, and the forecast counts its revenue as lost.

    Raises RefusedError without a reason, OvertakenError as `invest`.
    """
    at = now or workspace.now()
    with transaction.atomic():
        made = _append(account, RiskKind.ACCEPT, reason, by, seen, at)
        complete_by(account.account_id, "decision", by=by, note=made.reason, now=at)
        running = Clock.objects.filter(account_id=account.account_id, stopped_at=None)
        cancel_clocks(running, why="The loss was accepted.", at=at)
    return made


def withdraw(
    account: Account, *, reason: str, by: User, seen: int | None, now: datetime | None = None
) -> RiskDecision:
    """Take the standing decision back: nothing is decided. Raises RefusedError when nothing is."""
    at = now or workspace.now()
    latest = newest_decision(account.account_id)
    if latest is None or latest.kind == RiskKind.WITHDRAWN:
        raise RefusedError("reason", "There is no decision to take back.")
    with transaction.atomic():
        return _append(account, RiskKind.WITHDRAWN, reason, by, seen, at)


def newest_decision(account_id: str) -> RiskDecision | None:
    """The last of the account's chain, taken back or not; None when nobody decided."""
    return RiskDecision.objects.filter(account_id=account_id, replaced_by=None).first()


def _append(
    account: Account, kind: RiskKind, reason: str, by: User, seen: int | None, at: datetime, **columns: Any
) -> RiskDecision:
    if not reason.strip():
        raise RefusedError("reason", "Say why, for those who read it later.")
    latest = newest_decision(account.account_id)
    if (latest.pk if latest else None) != seen:
        raise OvertakenError(latest)
    standing = Standing.objects.filter(week__is_shown=True, account=account).order_by("-week__as_of")
    now_at = standing.values("tier").first()
    try:
        with transaction.atomic():
            made = RiskDecision.objects.create(
                account_id=account.account_id, kind=kind, reason=reason.strip(), arr=account.arr,
                tier=now_at["tier"] if now_at else "", by=by, by_label=by.name, at=at, replaces=latest,
                **columns,
            )  # fmt: skip
    except IntegrityError as error:  # two in the same instant: the constraints let one through
        raise OvertakenError(newest_decision(account.account_id)) from error
    audit(
        f"risk.{kind}", made, before={"decided": latest.kind} if latest else None, after=told(made),
        reason=made.reason, account_id=account.account_id,
    )  # fmt: skip
    return made


def told(decision: RiskDecision) -> dict[str, Any]:
    """A decision as the audit log keeps it."""
    return {
        "kind": decision.kind,
        "sponsor": decision.sponsor,
        "budget": decision.budget,
        "next_on": decision.next_on.isoformat() if decision.next_on else None,
        "arr": decision.arr,
    }
