"""Whom a person acts for: on accounts of somebody who is away, the audit log says so beside who did it.

The app that knows whose accounts are whose registers it here at start. Until one does, everybody acts for themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from barograph_web.users.models import User

StandsInFor = Callable[[User, str, date], User | None]
"""(user, account id, today) -> the person that `user` stands in for on that account; None where it is their own, or
they see it by their role."""
_known: list[StandsInFor] = []


def told_by(function: StandsInFor) -> None:
    """Have `function` say whom somebody stands in for; the last one given counts."""
    _known[:] = [function]


def on_behalf_of(user: User | None, account_id: str, today: date) -> str:
    """Name and address of the person that `user` acts for on an account; "" for nobody."""
    if user is None or not account_id or not _known:
        return ""
    absent = _known[0](user, account_id, today)
    return "" if absent is None else f"{absent.name} <{absent.email}>"[:200]
