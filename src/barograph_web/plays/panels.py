"""What plays show on the account's page beside its work: the decision to invest or to accept the loss, and snoozes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from barograph_web.ops import workspace
from barograph_web.plays.models import PlaySnooze
from barograph_web.plays.services_risk import newest_decision
from barograph_web.portfolio.models import Account
from barograph_web.ui.panels import Panel
from barograph_web.ui.panels import register as register_panel
from barograph_web.users.permissions import May, may


def register() -> None:
    """Called once, when the application starts."""
    register_panel(
        Panel(
            page="account",
            position=38,
            name="risk",
            title="Decided about its plays",
            template="plays/panel_risk.html",
            context=_risk,
            allowed=lambda user: may(user, May.SEE_PLAYS),
        )
    )


def _risk(_request: HttpRequest, subject: Any) -> Mapping[str, Any] | None:
    """subject: the account, or anything with an `account`. Left out where nothing was decided or snoozed."""
    account = subject if isinstance(subject, Account) else subject.account
    today = workspace.today()
    latest = newest_decision(account.account_id)
    snoozes = list(PlaySnooze.objects.filter(account_id=account.account_id, until__gte=today)[:5])
    if latest is None and not snoozes:
        return None
    return {"account": account, "latest": latest, "snoozes": snoozes, "today": today}
