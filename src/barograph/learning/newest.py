"""Do moved weights help on the newest outcomes? A question for when nothing can be said out of time yet.

The acceptance test asks for 100 outcomes beyond an embargo. Before there are that many, the older two thirds of
the decisions can still be asked about the newest third. Without the embargo this proves nothing and lifts no label;
it only stops weights from moving where the newest outcomes already speak against it, as they do when the accounts
or the loss rate change (measured on CDNOW, docs/methods/learning.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.metrics import log_losses, probability
from barograph.learning.observations import Observations
from barograph.learning.weights import DEFAULT_CAP, ExpertPrior, centre_on_expert, heuristic_slope

NEWEST = 1 / 3
CLEAR = 0.5  # standard errors by which the newest third must prefer the moved weights


@dataclass(frozen=True, slots=True)
class NewestGain:
    """Mean log-loss saved per outcome on the newest n outcomes by moving the weights, and its standard error."""

    gain: float
    error: float
    n: int

    @property
    def speaks_for(self) -> bool:
        """Whether the gain is at least half a standard error above nothing."""
        return self.gain > 0 and self.gain >= CLEAR * self.error


def gain_on_newest(
    prior: ExpertPrior, observations: Observations, *, cap: float = DEFAULT_CAP
) -> NewestGain | None:
    """Heuristic against moved weights, both fitted on the older rows, judged on the newest third by as_of.

    Rows of one as_of stay together and no account group is on both sides. None when all rows have one date, or
    a side holds only lost or only kept accounts: then there is nothing to compare.
    """
    days, counts = np.unique(observations.as_of, return_counts=True)
    if len(days) < 2:
        return None
    below = np.cumsum(counts)[:-1] / observations.n
    start = days[1 + int(np.argmin(np.abs(below - (1 - NEWEST))))]
    newest = observations.as_of >= start
    older = ~newest & ~np.isin(observations.group, np.unique(observations.group[newest]))
    for side in (older, newest):
        if not observations.lost[side].any() or observations.lost[side].all():
            return None
    mine, lost = prior.take(older), observations.lost[newest]
    there = mine.filled_like(prior.take(newest))
    heuristic = heuristic_slope(mine.filled() @ mine.shares, observations.lost[older])
    moved = centre_on_expert(mine, observations.lost[older], cap=cap, outcomes=observations.evidence()[0])
    saved = log_losses(probability(heuristic.log_odds((there @ mine.shares)[:, None])), lost)
    saved = saved - log_losses(probability(moved.log_odds(there)), lost)
    return NewestGain(float(saved.mean()), float(saved.std() / np.sqrt(len(saved))), len(saved))
