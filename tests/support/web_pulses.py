"""Pulses of the seeded company for tests: accounts to give them on, and the numbers that they differ from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from barograph_web.ops.workspace import workspace
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.weeks import newest_week
from barograph_web.pulses import services
from barograph_web.pulses.models import Pulse, PulseState
from barograph_web.pulses.numbers import computed_tiers
from barograph_web.pulses.rebuilding import rebuild
from barograph_web.pulses.services import Answers
from barograph_web.users.models import User

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
TODAY = date(2026, 11, 18)
GOOD = ("active", "active", "defensible")
MIDDLE = ("active", "active", "in_development")
WEAK = ("at_risk", "lapsed", "in_development")
BAD = ("missing", "none", "missing")


def rebuilt() -> None:
    """PulseState as of NOW."""
    rebuild(workspace(), NOW)


def accounts_in(tier: str, accounts: Iterable[Account]) -> list[Account]:
    """Those whose numbers say a tier, in order of their ids."""
    tiers = computed_tiers(newest_week())
    return sorted((a for a in accounts if tiers.get(a.account_id) == tier), key=lambda a: a.account_id)


def managed_by(user: User) -> list[Account]:
    """The accounts whose pulse somebody gives."""
    return list(Account.objects.filter(am_email=user.email, is_current=True))


def given(
    account: Account, answers: tuple[str, str, str], by: User, *, reason: str = "", lift: bool = False,
    at: datetime = NOW,
) -> Pulse:  # fmt: skip
    """A pulse, after whatever was given before."""
    latest = services.latest_of(account.account_id)
    return services.give(
        account, Answers(*answers, reason=reason, wants_lift=lift), by=by, seen=latest.pk if latest else None,
        now=at, today=at.date(),
    )  # fmt: skip


def allow_lifts(days: int = 45) -> None:
    """As a model with an overlay that lifts."""
    PulseState.objects.update(lift_days=days)


def later(days: int) -> datetime:
    """NOW and so many days."""
    return NOW + timedelta(days=days)
