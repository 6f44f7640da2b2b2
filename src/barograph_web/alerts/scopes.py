"""Which accounts a scope means for a person."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from barograph_web.alerts.models import AlertScope
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import own_accounts, team_accounts, visible_accounts
from barograph_web.users.models import User


def accounts_in(scope: AlertScope, user: User, today: date) -> QuerySet[Account]:
    """The accounts that a person is told about; never more than they may see."""
    match scope:
        case AlertScope.MINE:
            return own_accounts(user, today)
        case AlertScope.TEAM:
            return team_accounts(user, today)
        case AlertScope.ALL:
            return visible_accounts(user, today)
        case _:
            return Account.objects.none()


def ids_among(scope: AlertScope, user: User, today: date, account_ids: set[str]) -> frozenset[str]:
    """Those of `account_ids` that are in a person's scope, in one question."""
    if not account_ids or scope == AlertScope.OFF:
        return frozenset()
    found = accounts_in(scope, user, today).filter(account_id__in=account_ids)
    return frozenset(found.values_list("account_id", flat=True))
