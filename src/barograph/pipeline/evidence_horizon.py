"""Which rows answer a question that is asked at one horizon."""

from __future__ import annotations

from barograph.errors import RefusedError
from barograph.pipeline.evidence import Evidence


def at_horizon(evidence: Evidence, horizon: int) -> Evidence:
    """The rows `horizon` days before the decision; where outcomes are lapses, those of the rule's own horizon.

    Raises RefusedError naming the horizons that have rows when this one has none.
    """
    there = evidence.horizons
    if horizon in there:
        return evidence.at(horizon)
    lapse = evidence.model.outcome.lapse
    if lapse is not None and there == (lapse.horizon_days,):
        return evidence.at(lapse.horizon_days)
    listed = ", ".join(str(h) for h in there)
    raise RefusedError(
        f"no decision can be looked back on from {horizon} days before it (0 observations).",
        hint=f"There are observations at: {listed} days.",
    )
