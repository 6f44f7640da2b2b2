"""How early a score warned, and who was lost without any warning (surprise churn)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.learning.intervals import Estimate, wilson
from barograph.learning.observations import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """Over lost decisions: lead time in days from the first flag to the decision, and surprises.

    lead_median, lead_low, lead_high: median and quartiles over lost decisions that were flagged, NaN without
    any. surprise: share of lost decisions never flagged before, with Wilson's interval. surprise_arr: their
    recurring revenue; lost_arr: that of all lost. false_alarms: kept decisions that had been flagged;
    of these `treated_alarms` were worked, so they may be rescues and are not called false.
    """

    lost: int
    flagged: int
    lead_median: float
    lead_low: float
    lead_high: float
    surprises: int
    surprise: Estimate
    surprise_arr: float
    lost_arr: float
    false_alarms: int
    treated_alarms: int


def early_warning(
    first_flag: FloatArray, decision: FloatArray, lost: BoolArray, arr: FloatArray, treated: BoolArray
) -> EarlyWarning:
    """Judge flags by decision, one row per decision (not per horizon).

    first_flag: local day of the first flag of the term that ends with this decision, NaN never. A flag on or
    after the decision day warned nobody and counts as never.
    """
    with np.errstate(invalid="ignore"):
        warned = first_flag < decision
    money = np.nan_to_num(arr)
    lead = (decision - first_flag)[warned & lost]
    low, middle, high = np.quantile(lead, [0.25, 0.5, 0.75]) if len(lead) else (np.nan, np.nan, np.nan)
    surprised = lost & ~warned
    return EarlyWarning(
        lost=int(lost.sum()),
        flagged=int((warned & lost).sum()),
        lead_median=float(middle),
        lead_low=float(low),
        lead_high=float(high),
        surprises=int(surprised.sum()),
        surprise=wilson(int(surprised.sum()), int(lost.sum())),
        surprise_arr=float(money[surprised].sum()),
        lost_arr=float(money[lost].sum()),
        false_alarms=int((warned & ~lost & ~treated).sum()),
        treated_alarms=int((warned & ~lost & treated).sum()),
    )
