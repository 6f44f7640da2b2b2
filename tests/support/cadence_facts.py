"""Histories of accounts as cadences see them, written as letters (see trigger_facts)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import texts
from barograph.core.cadence_facts import CadenceFacts
from support.trigger_facts import START, tiers_of


def history_of(
    tiers: str,
    *,
    computed: str | None = None,
    versions: Sequence[str] | None = None,
    notice: str = "",
    onboarding: str = "",
    touch_model: str | None = None,
    lost_week: int | None = None,
    touched_on: float = float("nan"),
) -> CadenceFacts:
    """One account, "a". notice, onboarding: weeks with an "x" have the flag. lost_week: gone from this week on."""
    codes = tiers_of(tiers)
    width = codes.shape[1]
    days = np.array([START + 7 * j for j in range(width)], dtype=np.int64)

    def flags(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.array([[x == "x" for x in text.ljust(width)]])

    return CadenceFacts(
        days=days,
        versions=tuple(versions or ["m-v1"] * width),
        account_ids=texts(["a"]),
        tier=codes,
        computed=tiers_of(computed) if computed is not None else codes,
        tier_since=np.array([float(days[-1])]),
        notice=flags(notice),
        onboarding=flags(onboarding),
        lost_on=np.array([np.nan if lost_week is None else float(days[lost_week])]),
        touch_model=texts([touch_model]),
        arr=np.array([1000.0]),
        touched_on=np.array([touched_on]),
    )
