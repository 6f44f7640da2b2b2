"""What the review has for somebody in "My work": next steps that were decided and of which nobody said what became."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.review.models import Decision
from barograph_web.review.queries import about
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may
from barograph_web.work.sources import MOST, Source, WorkItem, register


def register_source() -> None:
    """Called once, when the application starts."""
    register(Source("decision", decisions_due, "Decisions"))


def decisions_due(user: User, today: date) -> list[WorkItem]:
    """Open next steps on accounts that the person may see, the nearest first. One query."""
    if not may(user, May.SEE_REVIEW):
        return []
    found = about(Decision.objects.open_plans(), visible_accounts(user, today)).order_by("due_on", "pk")
    return [_item(decision, today) for decision in found[:MOST]]


def _item(decision: Decision, today: date) -> WorkItem:
    """Where it is settled: in the review's list of what is due once its day has come, before it on the account."""
    week = f"{reverse('review:week')}#due{decision.pk}"
    account = reverse("review:decide", args=[decision.account_id])
    return WorkItem(
        source="decision",
        key=str(decision.pk),
        account_id=decision.account_id,
        title=decision.next_step,
        url=week if decision.due_on is not None and decision.due_on <= today else account,
        due_on=decision.due_on,
        owner_id=decision.owner_id,
        owner_label=decision.owner_label,
        kind="Decision",
        detail=f"decided by {decision.by_label}",
        changed_at=decision.at,
    )
