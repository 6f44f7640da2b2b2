"""What the review shows on other pages: the decisions about an account, on the account's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from barograph_web.ops import workspace
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.weeks import newest_week
from barograph_web.review.models import Decision
from barograph_web.ui.panels import Panel
from barograph_web.ui.panels import register as register_panel
from barograph_web.users.permissions import May, may

NEWEST = 20


def register() -> None:
    """Called once, when the application starts."""
    register_panel(
        Panel(
            page="account",
            position=40,
            name="decisions",
            title="Decisions",
            template="review/panel_decisions.html",
            context=_decisions,
        )
    )


def _decisions(request: HttpRequest, subject: Any) -> Mapping[str, Any] | None:
    """subject: the account, or anything with an `account`."""
    account = subject if isinstance(subject, Account) else subject.account
    found = Decision.objects.standing().filter(account_id=account.account_id).select_related("outcome")
    week = newest_week()
    return {
        "account": account,
        "decisions": list(found.order_by("-week", "-pk")[:NEWEST]),
        "today": workspace.today(),
        "can_decide": week is not None and account.is_current and may(request.user, May.DECIDE),
    }
