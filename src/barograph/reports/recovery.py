"""`barograph.recovery/1`: At Risk accounts that became Healthy or better within 90 days (G2)."""

from __future__ import annotations

import math
from typing import Any

from barograph.core.calendar import to_date
from barograph.core.recovery import Entries
from barograph.learning.estimates import wilson
from barograph.pipeline.recovery import Recovery, open_entries

SCHEMA = "barograph.recovery/1"


def recovery_document(found: Recovery, head: dict[str, Any]) -> dict[str, Any]:
    """Rates with their 95 % interval, and every entry into At Risk."""
    return {
        **head,
        "weeks": found.weeks,
        "summary": _summary(found),
        "recovered": {"within_days": found.within, **_rate(found.at_risk)},
        "planned": None if found.watch is None else {"within_days": found.plan_within, **_rate(found.watch)},
        "entries": [
            {
                "account_id": str(found.account_ids[row]),
                "as_of": to_date(int(day)).isoformat(),
                "met": bool(met),
                "decided": bool(decided),
            }
            for row, day, met, decided in zip(
                found.at_risk.account,
                found.at_risk.day,
                found.at_risk.met,
                found.at_risk.decided,
                strict=True,
            )
        ],
    }


def _rate(entries: Entries) -> dict[str, Any]:
    n = int(entries.decided.sum())
    estimate = wilson(int(entries.met[entries.decided].sum()), n)
    return {
        "decided": n,
        "met": int(entries.met[entries.decided].sum()),
        "open": open_entries(entries),
        "rate": None if math.isnan(estimate.value) else estimate.value,
        "low": estimate.low,
        "high": estimate.high,
    }


def _summary(found: Recovery) -> str:
    told = _rate(found.at_risk)
    still = f"{told['open']:,} more have days left."
    if told["rate"] is None:
        return f"No account that became At Risk has had its {found.within} days yet; {still}"
    share = f"{100 * told['rate']:.0f} %, {100 * told['low']:.0f} to {100 * told['high']:.0f} %"
    text = (
        f"{told['met']:,} of {told['decided']:,} accounts that became At Risk were Healthy or better within "
        f"{found.within} days ({share}); {still}"
    )
    if found.watch is None:
        return text
    plan = _rate(found.watch)
    share = "none yet" if plan["rate"] is None else f"{100 * plan['rate']:.0f} %"
    return (
        f"{text} Watch accounts with a plan within {found.plan_within} days: {share} of {plan['decided']:,}."
    )
