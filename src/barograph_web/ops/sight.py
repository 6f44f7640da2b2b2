"""Which audit events a person may see: those about accounts only where they may see the account.

The app that knows visibility registers it here at start. Until one does, nobody sees events about accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet

from barograph_web.ops.models import AuditEvent

AccountIds = Callable[[Any, date], QuerySet[Any] | None]
"""(user, today) -> the account ids that the user may see, as a queryset of one column; None: all."""
_known: list[AccountIds] = []


def accounts_seen_with(function: AccountIds) -> None:
    """Have `function` say which accounts a person may see; the last one given counts."""
    _known[:] = [function]


def visible_events(found: QuerySet[AuditEvent], user: Any, today: date) -> QuerySet[AuditEvent]:
    """The events among `found` that `user` may see on `today`."""
    if not _known:
        return found.filter(account_id="")
    ids = _known[0](user, today)
    if ids is None:
        return found
    return found.filter(account_id="") | found.filter(account_id__in=ids)
