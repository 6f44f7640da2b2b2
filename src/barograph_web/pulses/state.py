"""Where one account stands with its pulses (PulseState), as pages and services need it.

All rows are derived: `take` brings one up to date within the transaction that gave a pulse, the worker all of them
after weeks were brought in (rebuilding.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from barograph.core.thresholds import NONE, TIER_CODES
from barograph.definitions.overlay import Overlay
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.queries_account import SEPARATOR
from barograph_web.pulses.authors import author_email
from barograph_web.pulses.models import Pulse, PulseState, Ruling
from barograph_web.pulses.stance import Stance

USUAL = Overlay()
"""The cadence of an account that the worker has not looked at yet: the rule's own defaults."""


def facts_of(account_id: str) -> str:
    """The account whose raw rows these are: where products are scored, the one that the product belongs to."""
    return account_id.rpartition(SEPARATOR)[0] or account_id


def state_of(account: Account, today: date) -> PulseState:
    """The account's row, or an unsaved one for an account that is new."""
    found = PulseState.objects.filter(account_id=account.account_id).select_related("pulse").first()
    return found or PulseState(
        account_id=account.account_id,
        email=author_email(account),
        every_days=USUAL.every_days,
        valid_days=USUAL.valid_days,
        first_on=today,
        due_on=today,
    )


def standing_lifts(account_ids: Iterable[str] | None, today: date) -> dict[str, str]:
    """Account -> the best tier that a counter-signature still in force was given for; of some accounts, or all."""
    rows = Ruling.objects.filter(lift_until__gte=today).exclude(pulse=None)
    if account_ids is not None:
        rows = rows.filter(account_id__in=list(account_ids))
    found: dict[str, str] = {}
    for account_id, tier in rows.values_list("account_id", "pulse__wanted_tier"):
        found[account_id] = max(found.get(account_id, tier), tier, key=lambda t: TIER_CODES.get(t, NONE))
    return found


def is_signed(wanted: str, signed: str) -> bool:
    """Whether a standing counter-signature carries a newer pulse: one that still wants a lift, no further than it."""
    return bool(wanted and signed) and TIER_CODES[wanted] <= TIER_CODES[signed]


def lacks_accounts() -> bool:
    """Whether there are accounts without a row: weeks were brought in without the worker's own run."""
    rows = PulseState.objects.filter(account_id=OuterRef("account_id"))
    return Account.objects.filter(~Exists(rows), is_current=True).exists()


def take(pulse: Pulse, stance: Stance, numbers_tier: str, today: date) -> PulseState:
    """The pulse is the newest of its account from now on. Called within the transaction that made it."""
    account = Account.objects.get(account_id=pulse.account_id)
    row = state_of(account, today)
    row.pulse = pulse
    row.given_at = pulse.given_at
    row.author_email = pulse.author.email if pulse.author else ""
    for name in ("sponsor_status", "executive_engagement", "outcome_narrative", "wanted_tier"):
        setattr(row, name, getattr(pulse, name))
    row.due_on = today + timedelta(days=row.every_days)
    row.expires_on = pulse.expires_on
    row.numbers_tier = numbers_tier
    row.speaks_for = stance.speaks_for
    row.direction = stance.direction
    row.is_settled = is_signed(
        row.wanted_tier, standing_lifts([row.account_id], today).get(row.account_id, "")
    )
    row.save()
    return row
