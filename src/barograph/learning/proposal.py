"""What learning hands back: a proposed model with everything it stands on, or a refusal with counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.errors import BarographError
from barograph.learning.calibration import Calibration
from barograph.learning.contenders import Contest
from barograph.learning.derived import DerivedFinding, add_derived
from barograph.learning.figures import Figures
from barograph.learning.leaks import LeakAudit
from barograph.learning.metrics import log_odds, probability
from barograph.learning.observations import Candidate, FloatArray, Notice, Observations
from barograph.learning.promotion import Acceptance
from barograph.learning.scorecard import Scorecard
from barograph.learning.screening import Screening
from barograph.learning.segments import SegmentShift, apply_shifts
from barograph.learning.shapes import ShapeFinding
from barograph.learning.stages import Stage
from barograph.learning.tiers_from_risk import TierThresholds
from barograph.learning.track_record import ScoredHistory
from barograph.learning.walkforward import Plan
from barograph.learning.weights import CentredWeights, ExpertPrior


@dataclass(frozen=True, slots=True)
class ProposedSignal:
    """One line of the proposal. weight: whole percentage; low, high: 95 % interval of it in percent before
    rounding. data_share: 0 all opinion, 1 all data. selection_share: how often account resamples choose it
    (1 for the expert's own inputs, which are not searched)."""

    name: str
    weight: int
    low: float
    high: float
    data_share: float
    selection_share: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """The result of `recipe.propose`.

    proposed False: nothing is put forward, `refused_because` says why and `stage.missing` how much is
    missing; everything that could be computed is still there. kind: 'scorecard' (predictive) or 'weights'
    (the expert's inputs with new weights). figures: every kind on the same out-of-sample rows. acceptance:
    the tests that were run, by kind. calibration: from those rows, to be applied after the model's own link.
    """

    proposed: bool
    kind: Literal["scorecard", "weights", "none"]
    stage: Stage
    refused_because: str
    signals: tuple[ProposedSignal, ...]
    scorecard: Scorecard | None
    weights: CentredWeights | None
    candidates: tuple[Candidate, ...]
    calibration: Calibration | None
    shifts: tuple[SegmentShift, ...]
    tiers: tuple[TierThresholds, ...]
    screening: Screening | None
    leaks: LeakAudit
    shapes: tuple[ShapeFinding, ...]
    derived: tuple[DerivedFinding, ...]
    derived_accepted: bool
    figures: tuple[Figures, ...]
    acceptance: tuple[tuple[str, Acceptance], ...]
    plan: Plan
    contest: Contest | None
    notices: tuple[Notice, ...]

    def figure(self, kind: str) -> Figures | None:
        """The figures of one kind, None when it was not judged."""
        return next((f for f in self.figures if f.kind == kind), None)

    def prepare(self, observations: Observations) -> Observations:
        """Observations with the derived columns this model needs."""
        return add_derived(observations, self.derived) if self.derived_accepted else observations

    def score(self, observations: Observations, prior: ExpertPrior | None = None) -> FloatArray:
        """(n,) score 0..100. Weights need the prior's values of the same rows. Raises when nothing is
        proposed.
        """
        if self.scorecard is not None:
            return self.scorecard.score(self.prepare(observations))
        if self.weights is not None and prior is not None:
            return self.weights.score(prior.filled())
        raise BarographError("there is no proposed model to score with.", hint=self.refused_because)

    def risk_of_score(self, score: FloatArray) -> FloatArray:
        """Calibrated P(lost) at a score 0..100 before segment shifts; falls as the score rises."""
        model = self.scorecard or self.weights
        if model is None or self.calibration is None:
            raise BarographError("there is no proposed model to ask.", hint=self.refused_because)
        return self.calibration.apply(probability(model.intercept - model.slope * np.asarray(score) / 100))

    def p_lost(self, observations: Observations, prior: ExpertPrior | None = None) -> FloatArray:
        """(n,) calibrated P(lost), segment shifts included."""
        pooled = self.risk_of_score(self.score(observations, prior))
        return apply_shifts(pooled, observations.segment, self.shifts)

    def score_of_risk(self, p_lost: FloatArray) -> FloatArray:
        """The score at which the model's own link gives this uncalibrated P(lost), within 0..100."""
        model = self.scorecard or self.weights
        if model is None:
            raise BarographError("there is no proposed model to ask.", hint=self.refused_because)
        slope = max(model.slope, 1e-9)
        return np.clip(100 * (model.intercept - log_odds(p_lost)) / slope, 0, 100)

    def history(self, observations: Observations) -> ScoredHistory:
        """Out-of-sample scores for track records: fold predictions on the scale of the proposed model."""
        if self.contest is None or not self.proposed:
            raise BarographError("there are no out-of-sample scores.", hint=self.refused_because)
        p = self.contest.p["predictive" if self.kind == "scorecard" else "blended"]
        rows = ~np.isnan(p)
        return ScoredHistory(
            self.score_of_risk(p[rows]),
            observations.horizon[rows],
            observations.lost[rows],
            observations.segment[rows],
        )
