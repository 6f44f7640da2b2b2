"""Whom somebody stands in for on one account."""

from __future__ import annotations

from datetime import date

from barograph_web.portfolio.models import Account
from barograph_web.users.models import StandIn, User


def stands_in_for(user: User, account_id: str, today: date) -> User | None:
    """The CSM or account manager of an account that `user` stands in for on `today`, the CSM before the account
    manager; None where the account is `user`'s own, or they are nobody's stand-in on it."""
    rows = StandIn.objects.filter(stand_in=user, begins_on__lte=today, ends_on__gte=today)
    absent = {row.absent.email.lower(): row.absent for row in rows.select_related("absent")}
    if not absent:
        return None
    found = Account.objects.filter(account_id=account_id).values_list("csm_email", "am_email").first()
    owners = [email.lower() for email in found or () if email]
    if user.email.lower() in owners:
        return None
    return next((absent[email] for email in owners if email in absent), None)
