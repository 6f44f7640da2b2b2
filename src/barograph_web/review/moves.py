"""Tiers and movement of some accounts, made of how many of them went from which tier to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from barograph.core.movement import STATES
from barograph.reports.render.phrases import tier_words
from barograph.reports.render.portfolio_view import MovementView, TierView, movement_view, tier_views
from barograph_web.ui.place import reporting_currency

Move = tuple[str | None, str, int, float]
"""(tier the week before, None for accounts that were not there; tier now; accounts; their known revenue)."""
TIER_NAMES = tuple(STATES[:-1])
GOOD_ENOUGH = range(TIER_NAMES.index("growth") + 1)
"""Places of the tiers that are better or worse than each other; insufficient data is neither."""


def tiers_of(moves: Sequence[Move], labels: Mapping[str, str], *, compared: bool) -> tuple[TierView, ...]:
    """Every tier by count and revenue, lowest first. compared: there was a week before."""
    rows = [
        {
            "tier": tier,
            "label": tier_words(tier, labels),
            "accounts": sum(n for _, now, n, _ in moves if now == tier),
            "arr": sum(total for _, now, _, total in moves if now == tier),
            "accounts_before": sum(n for before, _, n, _ in moves if before == tier) if compared else None,
        }
        for tier in TIER_NAMES
    ]
    return tier_views(rows, sum(row["arr"] for row in rows), reporting_currency())


def movement_of(moves: Sequence[Move], labels: Mapping[str, str]) -> MovementView | None:
    """From which tier (rows) to which (columns)."""
    place = {name: k for k, name in enumerate(STATES)}
    count = [[0] * len(STATES) for _ in STATES]
    arr = [[0.0] * len(STATES) for _ in STATES]
    for before, now, n, total in moves:
        i, j = place[before or STATES[-1]], place[now]
        count[i][j] += n
        arr[i][j] += total
    pairs = [(i, j) for i in GOOD_ENOUGH for j in GOOD_ENOUGH]
    told = {
        "states": list(STATES),
        "count": count,
        "arr": arr,
        "up": sum(count[i][j] for i, j in pairs if j > i),
        "down": sum(count[i][j] for i, j in pairs if j < i),
        "up_arr": sum(arr[i][j] for i, j in pairs if j > i),
        "down_arr": sum(arr[i][j] for i, j in pairs if j < i),
    }
    return movement_view(told, labels, reporting_currency())
