"""Second targets: downsell and expansion, each its own scorecard once there are 50 events."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from barograph.learning.observations import BoolArray, Observations, TooFewOutcomesError

MIN_EVENTS = 50
Target = Literal["churned", "downsold", "expanded"]


def retarget(observations: Observations, target: Target, min_events: int = MIN_EVENTS) -> Observations:
    """The same rows with another question; `lost` then means the bad answer, so higher stays healthier.

    downsold: among accounts that stayed, was revenue reduced (bad)? expanded: among accounts that stayed, did
    revenue not grow (bad)? P(expanded) is one minus the P(lost) of that model. churned: unchanged. Raises
    TooFewOutcomesError under `min_events` decisions with the event or without it.
    """
    if target == "churned":
        return observations
    stayed = observations.take(observations.outcome != "churned")
    event: BoolArray = np.asarray(stayed.outcome == target, dtype=bool)
    bad = event if target == "downsold" else ~event
    asked = replace(stayed, lost=bad)
    decisions, bad_decisions = asked.evidence()
    events = bad_decisions if target == "downsold" else decisions - bad_decisions
    if min(events, decisions - events) < min_events:
        raise TooFewOutcomesError(
            f"{events} decisions {target} and {decisions - events} not; {min_events} of each are needed "
            f"({max(0, min_events - min(events, decisions - events))} missing).",
            hint="Churn is learnt first; this target follows when there are enough.",
            where=target,
        )
    return asked
