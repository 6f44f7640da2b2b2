"""When a model in use has stopped working: figures of whole quarters against those it was approved on (L6)."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.learning.estimates import Estimate

DECAY_LOST = 25
"""Losses that a quarter needs for a statement."""


def decayed(auc_now: float, lost_now: int, trained: Estimate) -> bool:
    """AUC below the lower end of its training interval, on at least 25 lost: the label goes down one
    stage.
    """
    return lost_now >= DECAY_LOST and auc_now < trained.low


def fix_or_decommission(quarters: Sequence[tuple[float, int]], trained: Estimate) -> bool:
    """Two quarters in a row, each with at least 25 lost, in which the model has decayed. Oldest first."""
    last = list(quarters)[-2:]
    return len(last) == 2 and all(decayed(value, lost, trained) for value, lost in last)
