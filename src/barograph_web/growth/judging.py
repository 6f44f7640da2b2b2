"""Writes who is ready and who can be asked: rows that can be worked out anew at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from barograph_web.growth import advocacy, readiness
from barograph_web.growth.evidence import gather, offered
from barograph_web.growth.models import Candidate, Judged, Readiness
from barograph_web.growth.readiness import Condition, Evidence
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.services_rules import in_force
from barograph_web.growth.telling import local_day
from barograph_web.portfolio.models import Account, Week
from barograph_web.portfolio.weeks import newest_week

BATCH = 500


def rejudge(account_id: str, now: datetime) -> None:
    """Work one account out anew, after something was written that its conditions look at. Before the first week, and
    for an account that is no longer scored, there is nothing to do."""
    week = newest_week()
    account = Account.objects.filter(account_id=account_id, is_current=True).first()
    if week is not None and account is not None:
        number, rules = in_force()
        judge_accounts([account], week, number, rules, local_day(now))


def judge_accounts(
    accounts: Sequence[Account],
    week: Week,
    number: int,
    rules: GrowthRules,
    today: date,
    products: frozenset[str] | None = None,
) -> dict[str, Evidence]:
    """Write readiness and candidacy of some accounts; their evidence. products: what is sold at all, where it is known
    already."""
    found = gather(accounts, week, rules, today)
    products = offered() if products is None else products
    ready, candidates = [], []
    for account in accounts:
        evidence = found[account.account_id]
        ready.append(
            Readiness(
                **_judged(account, week, number, readiness.judge(evidence, rules, today)),
                missing=readiness.not_bought(products, evidence.bought),
            )
        )
        candidates.append(
            Candidate(
                **_judged(account, week, number, advocacy.candidate(evidence, rules, today)),
                people=sorted(evidence.promoters),
            )
        )
    _replace(Readiness, ready, "missing")
    _replace(Candidate, candidates, "people")
    return found


def _judged(account: Account, week: Week, number: int, conditions: Sequence[Condition]) -> dict[str, Any]:
    return {
        "account": account,
        "week": week.as_of,
        "rules": number,
        "holds": readiness.is_met(conditions),
        "failing": sum(c.holds is False for c in conditions),
        "unknown": sum(c.holds is None for c in conditions),
        "conditions": [c.to_json() for c in conditions],
        "arr": account.arr,
    }


def _replace(model: type[Judged], rows: Sequence[Judged], own: str) -> None:
    columns = ["week", "rules", "holds", "failing", "unknown", "conditions", "arr", own]
    with transaction.atomic():
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["account"], update_fields=columns, batch_size=BATCH
        )
