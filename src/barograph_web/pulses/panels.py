"""What pulses show on other pages: on the account's page, right under the score, what people say beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from barograph_web.portfolio.models import Account
from barograph_web.portfolio.queries_account import AccountPage
from barograph_web.pulses import queries
from barograph_web.pulses.authors import author_email, may_give
from barograph_web.pulses.forms import given_at_of
from barograph_web.pulses.services_notes import latest_verdict
from barograph_web.pulses.state import state_of
from barograph_web.ui.panels import Panel
from barograph_web.ui.panels import register as register_panel
from barograph_web.users.models import Role, User
from barograph_web.users.permissions import May, may


def register() -> None:
    """Called once, when the application starts."""
    register_panel(
        Panel(
            page="account",
            position=5,
            name="pulse",
            title="What people say",
            template="pulses/panel.html",
            context=_said,
            allowed=lambda user: (
                may(user, May.SEE_REVIEW) and getattr(user, "role", Role.GUEST) != Role.GUEST
            ),
        )
    )


def _said(request: HttpRequest, subject: Any) -> Mapping[str, Any] | None:
    """subject: an AccountPage."""
    page: AccountPage = subject
    account: Account = page.account
    user: User = request.user  # type: ignore[assignment]
    row = state_of(account, page.today)
    said = queries.said_of(account.account_id)
    newest = said[0] if said else None
    in_force = bool(row.expires_on and row.expires_on > page.today)
    return {
        "account": account,
        "today": page.today,
        "row": row,
        "newest": newest,
        "earlier": said[1:],
        "in_force": in_force,
        "differs": bool(row.direction) and in_force,
        "given_at": given_at_of(row),
        "can_rule": _can_rule(user, row, newest),
        "can_give": account.is_current and may_give(user, account, page.today) is not None,
        "giver": row.email or author_email(account),
        "contexts": queries.contexts_of([account.account_id], page.today).get(account.account_id, []),
        "can_plan": account.is_current and may(user, May.WRITE_PULSES),
        "verdict": latest_verdict(account.account_id, page.week.as_of) if page.week else None,
        "can_verdict": may(user, May.DECIDE)
        and page.standing is not None
        and page.standing.score is not None,
    }


def _can_rule(user: User, row: Any, newest: queries.Said | None) -> bool:
    own = newest is not None and newest.pulse is not None and user.pk in (
        newest.pulse.author_id, newest.pulse.given_for_id,
    )  # fmt: skip
    return may(user, May.COUNTERSIGN) and not row.is_settled and not own
