"""What the numbers alone say of accounts in the newest published week: read beside pulses, never changed by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from barograph_web.portfolio.models import Account, Standing, Tier, Week
from barograph_web.portfolio.weeks import newest_week

EVIDENCE = ("why", "tier_why", "track_record", "opt_out", "arr", "caps", "held_by")
"""What is kept of the account's document beside a pulse or a verdict, as the page said it that day."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """One account in one week. tier: of numbers and caps, before any overlay; shown: the displayed one.

    Without a week, or for an account that was not scored in it, the tier is "insufficient".
    """

    week: date | None
    score: float | None
    tier: str
    shown: str
    model_version: str
    evidence: Mapping[str, Any]

    @property
    def label(self) -> str:
        return Tier(self.tier).label


NOTHING = Numbers(None, None, Tier.INSUFFICIENT, Tier.INSUFFICIENT, "", {})


def numbers_of(account: Account, week: Week | None = None) -> Numbers:
    """What was published about an account, in a week or in the newest one."""
    week = week or newest_week()
    if week is None:
        return NOTHING
    standing = Standing.objects.filter(week=week, account=account).first()
    if standing is None:
        return Numbers(week.as_of, None, Tier.INSUFFICIENT, Tier.INSUFFICIENT, week.model_version, {})
    told = {key: standing.detail.get(key, standing.review.get(key)) for key in EVIDENCE}
    head = {"label": week.label, "outcomes": week.outcomes, "revision": week.revision}
    return Numbers(
        week.as_of,
        standing.score,
        standing.detail.get("computed_tier") or standing.tier,
        standing.tier,
        week.model_version,
        {**head, **{key: value for key, value in told.items() if value not in (None, [], "")}},
    )


def computed_tiers(week: Week | None, account_ids: Iterable[str] | None = None) -> dict[str, str]:
    """The computed tier of the accounts of a week; of some, or of all. One query."""
    if week is None:
        return {}
    rows = Standing.objects.filter(week=week)
    if account_ids is not None:
        rows = rows.filter(account__account_id__in=list(account_ids))
    found = rows.values_list("account__account_id", "detail__computed_tier", "tier")
    return {account_id: computed or tier for account_id, computed, tier in found}
