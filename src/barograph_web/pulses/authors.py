"""Who gives an account's pulse: the account manager, or whoever the setting `pulse_author` names, and stand-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings

from barograph_web.portfolio.models import Account
from barograph_web.users.models import StandIn, User
from barograph_web.users.permissions import May, may

COLUMNS = {"account_manager": ("am_email", "csm_email"), "csm": ("csm_email", "am_email")}
"""By the setting: whose address is asked first, and whose where there is none."""


@dataclass(frozen=True, slots=True)
class Author:
    """That somebody may give a pulse, and whom they stand in for (None: nobody)."""

    user: User
    given_for: User | None = None


def author_email(account: Account) -> str:
    """The address of who gives the account's pulse, in lower case; empty when nobody is named."""
    for column in COLUMNS[settings.OPTIONS_IN_FORCE.pulse_author]:
        found = (getattr(account, column) or "").strip().lower()
        if found:
            return found
    return ""


def emails_of(user: User, today: date) -> list[str]:
    """Whose pulses somebody gives today: their own, and those of whom they stand in for."""
    away = StandIn.objects.filter(stand_in=user, begins_on__lte=today, ends_on__gte=today)
    return [user.email, *away.values_list("absent__email", flat=True)]


def may_give(user: User, account: Account, today: date) -> Author | None:
    """Whether `user` gives this account's pulse: by the settings, as a stand-in, or as a leader; None: they do not.

    The caller has checked that they may see the account.
    """
    if not may(user, May.WRITE_PULSES):
        return None
    wanted = author_email(account)
    if wanted == user.email:
        return Author(user)
    away = StandIn.objects.filter(
        stand_in=user, begins_on__lte=today, ends_on__gte=today, absent__email=wanted
    ).select_related("absent")
    stood = away.first() if wanted else None
    if stood is not None:
        return Author(user, stood.absent)
    return Author(user) if may(user, May.LEAD_WORK) else None
