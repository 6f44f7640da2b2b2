"""Renewal probability of a scored week, by the calibrated link that a learnt version carries (L7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from barograph.core.arrays import FloatArray, texts
from barograph.core.score import WeekScores


def is_calibrated(figures: Mapping[str, Any]) -> bool:
    """Whether a version says what its scores are worth as probabilities; expert weights do not."""
    return isinstance(figures.get("probability"), Mapping)


def renewal_probability(figures: Mapping[str, Any], scores: WeekScores) -> FloatArray | None:
    """The chance of each account that its next decision is not a loss, 0 to 1; NaN without a score.

    None for a version without calibrated figures.
    """
    if not is_calibrated(figures):
        return None
    from barograph.pipeline.learn_figures import risk_of  # noqa: PLC0415 - statistics, not needed without it

    segment = scores.inputs.attributes.get("segment")
    size = len(scores.account_ids)
    names = texts([""] * size) if segment is None else texts(["" if s is None else str(s) for s in segment])
    began = scores.inputs.attributes.get("start_day")
    tenure = None if began is None else scores.inputs.as_of - np.asarray(began, dtype=np.float64)
    lost = risk_of(figures, scores.score, names, tenure=tenure)
    return None if lost is None else np.asarray(1.0 - lost, dtype=np.float64)
