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
from barograph.learning.metrics import log_odds
from barograph.learning.observations import Candidate, FloatArray, Notice, Observations, TextArray
from barograph.learning.person_periods import TenureTerms, per_period, risk
from barograph.learning.promotion import Acceptance
from barograph.learning.scorecard import Scorecard
from barograph.learning.screening import Screening
from barograph.learning.segment_contest import SegmentChoice
from barograph.learning.segments import SegmentShift, SegmentWeights, apply_shifts
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
    segments: what each segment gets. days: over which P(lost) is said. period, tenure: where the model was fitted
    on person-periods, see `person_periods`.
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
    segments: tuple[SegmentChoice, ...] = ()
    days: int = 0
    period: int | None = None
    tenure: TenureTerms | None = None

    def figure(self, kind: str) -> Figures | None:
        """The figures of one kind, None when it was not judged."""
        return next((f for f in self.figures if f.kind == kind), None)

    def prepare(self, observations: Observations) -> Observations:
        """Observations with the derived columns this model needs."""
        return add_derived(observations, self.derived) if self.derived_accepted else observations

    @property
    def own_weights(self) -> tuple[SegmentWeights, ...]:
        """The segments that have weights of their own."""
        return tuple(c.weights for c in self.segments if c.weights is not None)

    def score(self, observations: Observations, prior: ExpertPrior | None = None) -> FloatArray:
        """(n,) score 0..100. Weights need the prior's values of the same rows. Raises when nothing is
        proposed.
        """
        if self.scorecard is not None:
            rows = self.prepare(observations)
            out = self.scorecard.score(rows)
            for own in self.own_weights:
                inside = np.asarray(rows.segment == own.segment, dtype=bool)
                out[inside] = own.score(rows.take(inside), self.scorecard)
            return out
        if self.weights is not None and prior is not None:
            return self.weights.score(prior.filled())
        raise BarographError("there is no proposed model to score with.", hint=self.refused_because)

    def risk_of_score(self, score: FloatArray) -> FloatArray:
        """Calibrated P(lost) within `days` at a score 0..100 under the pooled link, before segment shifts, for
        an account of usual tenure; falls as the score rises."""
        model = self._model()
        return self._calibrated(model.intercept - model.slope * np.asarray(score) / 100, None)

    def p_lost(self, observations: Observations, prior: ExpertPrior | None = None) -> FloatArray:
        """(n,) calibrated P(lost) within `days`, segment shifts and own links included."""
        model, score = self._model(), self.score(observations, prior)
        found = model.intercept - model.slope * score / 100
        out = apply_shifts(self._calibrated(found, observations.tenure), observations.segment, self.shifts)
        for own in self.own_weights:
            inside = np.asarray(observations.segment == own.segment, dtype=bool)
            tenure = None if observations.tenure is None else observations.tenure[inside]
            out[inside] = self._calibrated(own.intercept - own.slope * score[inside] / 100, tenure)
        return out

    def _model(self) -> Scorecard | CentredWeights:
        model = self.scorecard or self.weights
        if model is None or self.calibration is None:
            raise BarographError("there is no proposed model to ask.", hint=self.refused_because)
        return model

    def _calibrated(self, found: FloatArray, tenure: FloatArray | None) -> FloatArray:
        assert self.calibration is not None  # noqa: S101 - asked by _model
        raw = risk(np.asarray(found, dtype=float), self.days, self.period, self.tenure, tenure)
        return self.calibration.apply(raw)

    def score_of_log_odds(self, found: FloatArray, segment: TextArray | None = None) -> FloatArray:
        """The score 0..100 at which the model's own link (a segment's, where it has one and `segment` is given)
        gives these log-odds of loss; NaN for NaN."""
        model = self.scorecard or self.weights
        if model is None:
            raise BarographError("there is no proposed model to ask.", hint=self.refused_because)
        out = 100 * (model.intercept - np.asarray(found)) / max(model.slope, 1e-9)
        for own in self.own_weights if segment is not None else ():
            inside = np.asarray(segment == own.segment, dtype=bool)
            out[inside] = 100 * (own.intercept - found[inside]) / max(own.slope, 1e-9)
        return np.clip(out, 0, 100)

    def score_of_risk(self, p_lost: FloatArray) -> FloatArray:
        """The score at which an account of usual tenure has this uncalibrated P(lost) within `days`."""
        usual = 0.0 if self.tenure is None else self.tenure.usual
        return self.score_of_log_odds(log_odds(per_period(p_lost, self.days, self.period)) - usual)

    def history(self, observations: Observations) -> ScoredHistory:
        """Out-of-sample scores for track records: fold predictions on the scale of the proposed model."""
        if self.contest is None or not self.proposed:
            raise BarographError("there are no out-of-sample scores.", hint=self.refused_because)
        found = self.contest.log_odds["predictive" if self.kind == "scorecard" else "blended"]
        rows = ~np.isnan(found)
        return ScoredHistory(
            self.score_of_log_odds(found[rows], observations.segment[rows]),
            observations.horizon[rows],
            observations.lost[rows],
            observations.segment[rows],
        )
