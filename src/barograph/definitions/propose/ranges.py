"""Ranges moved to what the data really show, once a first computation has given values."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.definitions.model import ScoreModel
from barograph.definitions.normalise import RangeShape
from barograph.definitions.propose.candidates import UNVALIDATED
from barograph.definitions.propose.data_profile import Spread
from barograph.definitions.signal import Signal

TELLS_APART = 30
"""Points between the tenth and the ninetieth percentile from which on a shipped range fits the data."""


def fit_ranges(model: ScoreModel, values: Mapping[str, Spread]) -> ScoreModel:
    """The model with `range` shapes moved to the tenth and ninetieth percentile of computed values.

    values: signal -> Spread of what a first computation gave. A shape that already puts the two percentiles
    TELLS_APART points or more from each other is argued for in the starter and stays; so do variants, other
    shapes, signals that are yes or no, and those whose percentiles are equal.
    """
    return model.model_copy(
        update={
            "signals": tuple(_fitted(s, values[s.name]) if s.name in values else s for s in model.signals)
        }
    )


def _fitted(signal: Signal, found: Spread) -> Signal:
    shape = signal.normalise
    if signal.unit == "yes_no" or not isinstance(shape, RangeShape):
        return signal
    width = shape.full - shape.zero
    low, high = (min(1.0, max(0.0, (end - shape.zero) / width)) for end in (found.low, found.high))
    if abs(high - low) * 100 >= TELLS_APART and UNVALIDATED not in signal.note:
        return signal
    low, high = (float(f"{end:.3g}") for end in (found.low, found.high))
    if not low < high:
        return signal
    note = signal.note if UNVALIDATED in signal.note else f"{signal.note} {UNVALIDATED}".strip()
    ends = RangeShape(zero=low, full=high) if width > 0 else RangeShape(zero=high, full=low)
    return signal.model_copy(update={"normalise": ends, "note": note})
