"""Published weeks by hand, for what is told of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from barograph_web.portfolio.models import WORST_FIRST, Account, Standing, Tier, Week
from support.web_receiver import NOW


def week(as_of: date, model: str = "m-v1", *, filled_in: bool = False) -> Week:
    """A week that pages show, with standings."""
    return Week.objects.create(
        as_of=as_of,
        model_version=model,
        model_title="M",
        label="heuristic",
        filled_in=filled_in,
        revision=0,
        generation=1,
        projected_at=NOW,
        documents_from="x",
    )


def account(account_id: str, csm: str = "carla@example.com", **more: Any) -> Account:
    """An account of carla's."""
    return Account.objects.create(account_id=account_id, name=f"Firm {account_id}", csm_email=csm, **more)


def standing(
    of: Week,
    who: Account,
    tier: str,
    before: str | None = None,
    *,
    score: float | None = 50.0,
    was: float | None = None,
    moved: str | None = None,
    items: list[tuple[str, float]] | None = None,
    arr: float | None = 1000.0,
    **more: Any,
) -> Standing:
    """Where an account stands. moved: worked out from the tiers when it is not given."""
    order = [str(t) for t in (Tier.AT_RISK, Tier.WATCH, Tier.HEALTHY, Tier.GROWTH)]
    if moved is None:
        moved = ""
        if before is not None and before != tier:
            known = before in order and tier in order
            moved = (
                "score_lost"
                if not known
                else "worse"
                if order.index(tier) < order.index(before)
                else "better"
            )
    change = None
    if items is not None:
        change = {
            "from": was,
            "to": score,
            "statement": "items",
            "items": [
                {"kind": kind, "name": "x", "cause": "moved", "points": points} for kind, points in items
            ],
        }
    return Standing.objects.create(
        week=of,
        account=who,
        score=score,
        tier=tier,
        tier_order=list(WORST_FIRST).index(Tier(tier)),
        previous_tier=before,
        previous_score=was,
        tier_since=of.as_of,
        moved=moved,
        arr=arr,
        review={"why": "active users fell from 31 to 12", "change": change},
        detail={},
        **more,
    )
