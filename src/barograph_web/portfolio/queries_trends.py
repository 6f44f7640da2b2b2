"""Reads of the portfolio over time: tiers by count and revenue, movement between two weeks, the structural alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Sum

from barograph.core.movement import STATES, structural_alarm
from barograph.core.thresholds import NONE, TIER_CODES
from barograph_web.portfolio.models import Account, AccountWeek, Tier, Week
from barograph_web.portfolio.remembered import remembered
from barograph_web.portfolio.weeks import account_weeks, kept_weeks

QUARTER = 14
"""Weeks that the structural alarm looks at, this one among them."""
ALARM_ACCOUNTS = 20
"""In a smaller group two accounts are 10 %: that is no structure."""
MOST_PARTS = 5
NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class TierWeek:
    """One week of a portfolio. cells: tier -> (accounts, known revenue), every tier."""

    as_of: date
    cells: dict[str, tuple[int, float]]

    @property
    def accounts(self) -> int:
        return sum(n for n, _ in self.cells.values())

    @property
    def arr(self) -> float:
        return sum(arr for _, arr in self.cells.values())


def tiers_over_time(weeks: Sequence[Week], accounts: QuerySet[Account]) -> list[TierWeek]:
    """Tiers by count and revenue in each of the weeks, for the accounts that a person may see today."""
    if not accounts.query.has_filters():
        return [
            TierWeek(
                w.as_of,
                {t: (int(c[0]), float(c[1])) for t in Tier.values for c in [w.totals.get(t, [0, 0.0])]},
            )
            for w in weeks
        ]
    return remembered("over_time", weeks, accounts, lambda: _tiers_of(weeks, accounts))


def _tiers_of(weeks: Sequence[Week], accounts: QuerySet[Account]) -> list[TierWeek]:
    rows = (
        account_weeks(accounts)
        .filter(week__in=[w.pk for w in weeks])
        .values_list("week", "tier")
        .annotate(n=Count("pk"), total=Sum("arr"))
    )
    cells: dict[int, dict[str, tuple[int, float]]] = {}
    for week, tier, n, total in rows:
        cells.setdefault(week, {})[tier] = (n, total or 0.0)
    return [TierWeek(w.as_of, {t: cells.get(w.pk, {}).get(t, (0, 0.0)) for t in Tier.values}) for w in weeks]


@dataclass(frozen=True, slots=True)
class Movement:
    """From (rows) to (columns) in the order of `states`: accounts, and their revenue in the later week (in the
    earlier one for accounts that are gone). up, down: accounts, and revenue, that moved between the four tiers."""

    states: tuple[str, ...]
    count: list[list[int]]
    arr: list[list[float]]
    up: int
    down: int
    up_arr: float
    down_arr: float


def movement(before: Week, after: Week, accounts: QuerySet[Account]) -> Movement:
    """How the accounts that a person may see moved between two weeks."""
    return remembered("movement", [before, after], accounts, lambda: _movement(before, after, accounts))


def _movement(before: Week, after: Week, accounts: QuerySet[Account]) -> Movement:
    size = len(STATES)
    count = [[0] * size for _ in range(size)]
    arr = [[0.0] * size for _ in range(size)]
    for then, now, n, total in _pairs(after, before, accounts, "tier"):
        i, j = STATES.index(then or NOT_THERE), STATES.index(now)
        count[i][j], arr[i][j] = n, total or 0.0
    gone = STATES.index(NOT_THERE)
    for now, then, n, total in _pairs(before, after, accounts, "tier"):
        if now is None:
            count[STATES.index(then)][gone], arr[STATES.index(then)][gone] = n, total or 0.0
    tiers = range(STATES.index(Tier.GROWTH) + 1)
    ups = [(i, j) for i in tiers for j in tiers if j > i]
    return Movement(
        tuple(STATES),
        count,
        arr,
        up=sum(count[i][j] for i, j in ups),
        down=sum(count[j][i] for i, j in ups),
        up_arr=sum(arr[i][j] for i, j in ups),
        down_arr=sum(arr[j][i] for i, j in ups),
    )


def _other(week: Week, other: Week, accounts: QuerySet[Account]) -> QuerySet[AccountWeek]:
    """Rows of a week with `other_tier` and `other_score` of another, null where the account was not there."""
    rows = AccountWeek.objects.filter(week=week)
    if accounts.query.has_filters():
        rows = rows.filter(account__in=accounts)
    return rows.annotate(other=FilteredRelation("account__weeks", condition=Q(account__weeks__week=other)))


def _pairs(week: Week, other: Week, accounts: QuerySet[Account], column: str) -> list[tuple[Any, ...]]:
    rows = _other(week, other, accounts).order_by().values_list(f"other__{column}", column)
    return list(rows.annotate(n=Count("pk"), total=Sum("arr")))


def moved_accounts(
    before: Week, after: Week, accounts: QuerySet[Account], cell: tuple[str, str], at_most: int
) -> list[AccountWeek]:
    """The accounts of one cell of the matrix, largest revenue first, with `then_score` and `now_score`."""
    then, now = cell
    if now == NOT_THERE:
        rows = _other(before, after, accounts).filter(tier=then, other__tier__isnull=True)
    else:
        rows = _other(after, before, accounts).filter(tier=now)
        rows = rows.filter(other__tier__isnull=True) if then == NOT_THERE else rows.filter(other__tier=then)
    found = list(
        rows.select_related("account")
        .annotate(other_score=F("other__score"))
        .order_by(F("arr").desc(nulls_last=True), "pk")[:at_most]
    )
    for row in found:
        gone = now == NOT_THERE
        row.then_score, row.now_score = (row.score, None) if gone else (row.other_score, row.score)  # type: ignore[attr-defined]
    return found


def alarm(week: Week, accounts: QuerySet[Account]) -> dict[str, Any]:
    """The structural alarm over the accounts that a person may see: keys as in `barograph.review/1`.

    For all accounts it is the one that was published with the week.
    """
    if not accounts.query.has_filters():
        head = Week.objects.filter(pk=week.pk).values_list("head__structural_alarm", flat=True).first()
        return head or {"raised": False}
    weeks = kept_weeks(QUARTER, week.as_of)
    return remembered("alarm", weeks, accounts, lambda: _alarm(weeks, accounts))


def _alarm(weeks: Sequence[Week], accounts: QuerySet[Account]) -> dict[str, Any]:
    shown = list(accounts.order_by().values_list("pk", "segment", "plan", "csm_email"))
    place = {pk: k for k, (pk, *_) in enumerate(shown)}
    column = {w.pk: k for k, w in enumerate(weeks)}
    tiers = np.full((len(shown), len(weeks)), NONE, dtype=np.int8)
    revenue = np.full(len(shown), np.nan)
    rows = account_weeks(accounts).filter(week__in=list(column)).values_list("account", "week", "tier", "arr")
    for account, week, tier, arr in rows.iterator(chunk_size=5_000):
        tiers[place[account], column[week]] = TIER_CODES[tier]
        if week == weeks[-1].pk and arr is not None:
            revenue[place[account]] = arr
    columns = {
        name: np.array([row[k + 1] for row in shown], dtype=object)
        for k, name in enumerate(("segment", "plan", "csm_email"))
    }
    found = structural_alarm(tiers, revenue, columns)
    return {
        "raised": found.raised and found.shift.accounts >= ALARM_ACCOUNTS,
        "since": weeks[-1 - found.weeks].as_of.isoformat() if weeks else None,
        "share_count": found.shift.share_count,
        "share_arr": found.shift.share_revenue,
        "breakdown": {
            name: [
                {"value": v, "accounts": s.accounts, "net_count": s.net_count, "net_arr": s.net_revenue}
                for v, s in parts[:MOST_PARTS]
            ]
            for name, parts in found.breakdown.items()
        },
    }
