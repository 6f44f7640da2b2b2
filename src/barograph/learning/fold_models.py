"""What is fitted inside one fold: every kind of model on the same training rows, asked afterwards about any row.

base_rate: the training loss rate for everybody. heuristic: the expert's weights, made a probability.
equal_weights: the expert's inputs, all alike (without an expert: the chosen bands, all alike). blended: the
expert's weights moved by the data. predictive: screened, searched, banded. A kind that cannot be fitted
answers with the kind below it (predictive -> blended -> base rate), which is what would have been in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from barograph.errors import BarographError
from barograph.learning.observations import FloatArray, Observations
from barograph.learning.person_periods import (
    TenureTerms,
    base_log_odds,
    compound,
    fit_tenure,
    risk,
)
from barograph.learning.scorecard import Scorecard
from barograph.learning.search import Searched, SearchRules, search
from barograph.learning.segments import SegmentWeights
from barograph.learning.weights import (
    CentredWeights,
    ExpertPrior,
    LogisticFit,
    centre_on_expert,
    fit_logistic,
    heuristic_slope,
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The expert's kinds of one fold. means: one row, the inputs' means in training, for unknown values."""

    means: ExpertPrior
    links: dict[str, tuple[FloatArray, LogisticFit]]
    blended: CentredWeights

    def log_odds(self, kind: str, prior: ExpertPrior) -> FloatArray:
        """logit P(lost) of the rows of `prior` by heuristic, equal_weights or blended."""
        values = self.means.filled_like(prior)
        if kind == "blended":
            return self.blended.log_odds(values)
        shares, link = self.links[kind]
        return link.log_odds((values @ shares)[:, None])


@dataclass(frozen=True, slots=True)
class FoldModels:
    """The kinds of one fold. signals: how many each uses. period, tenure: of person-periods (by kind). own: what
    segments have weights of their own in the predictive kind."""

    base_rate: float
    period: int | None
    opinion: Opinion | None
    searched: Searched | None
    equal_bands: LogisticFit | None
    signals: dict[str, int]
    tenure: dict[str, TenureTerms | None] = field(default_factory=dict)
    own: tuple[SegmentWeights, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds it can be asked for."""
        return ("base_rate", "equal_weights", "predictive") + (
            ("heuristic", "blended") if self.opinion is not None else ()
        )

    def log_odds(self, kind: str, rows: Observations, prior: ExpertPrior | None) -> FloatArray:
        """(n,) logit of the chance of loss (per period, for person-periods) before any tenure term."""
        card = None if self.searched is None else self.searched.scorecard
        if self.opinion is not None and kind in ("heuristic", "equal_weights", "blended"):
            return self.opinion.log_odds(kind, _require(prior))
        if card is not None and self.searched is not None and kind in ("predictive", "equal_weights"):
            there = self.searched.prepare(rows)
            if kind == "predictive":
                return self._predictive(card, there)
            if self.equal_bands is not None:
                return self.equal_bands.log_odds(card.components(there).mean(axis=1, keepdims=True) / 100)
        if kind == "predictive" and self.opinion is not None:
            return self.opinion.log_odds("blended", _require(prior))
        return np.full(rows.n, base_log_odds(self.base_rate))

    def _predictive(self, card: Scorecard, rows: Observations) -> FloatArray:
        out = card.log_odds(rows)
        for own in self.own:
            inside = np.asarray(rows.segment == own.segment, dtype=bool)
            out[inside] = own.log_odds(rows.take(inside), card)
        return out

    def p_lost(self, kind: str, rows: Observations, found: FloatArray) -> FloatArray:
        """(n,) P(lost) over each row's horizon from what `log_odds` found for it."""
        if kind == "base_rate":
            return self.base(rows)
        return risk(found, rows.horizon, self.period, self.tenure.get(kind), rows.tenure)

    def base(self, rows: Observations) -> FloatArray:
        """(n,) the training loss rate over each row's horizon."""
        return compound(np.full(rows.n, self.base_rate), rows.horizon, self.period)


def fit_fold(
    rows: Observations, prior: ExpertPrior | None, rules: SearchRules, period: int | None
) -> FoldModels:
    """Fit every kind on training rows; prior: the expert's inputs on the same rows."""
    opinion = None if prior is None else fit_opinion(prior, rows, rules)
    signals = {"base_rate": 0, "predictive": 0, "equal_weights": 0}
    if opinion is not None:
        used = int((opinion.blended.percent > 0).sum())
        k = len(opinion.means.names)
        signals |= {"heuristic": k, "equal_weights": k, "blended": used, "predictive": used}
    searched = _try_search(rows, rules)
    card = None if searched is None else searched.scorecard
    bands = None
    if searched is not None and card is not None:
        signals["predictive"] = len(card.signals)
        if opinion is None:
            x = card.components(searched.prepare(rows)).mean(axis=1, keepdims=True) / 100
            bands = fit_logistic(x, rows.lost, mean=4.0, sd=2.0)
            signals["equal_weights"] = len(card.signals)
    kept = None if searched is None else searched.without_rows()
    models = FoldModels(rows.base_rate, period, opinion, kept, bands, signals)
    if period is None:
        return models
    tenure = {
        kind: fit_tenure(models.log_odds(kind, rows, prior), rows.lost, rows.tenure)
        for kind in models.kinds
        if kind != "base_rate"
    }
    return replace(models, tenure=tenure)


def fit_opinion(prior: ExpertPrior, rows: Observations, rules: SearchRules) -> Opinion:
    """The expert's weights as a probability, all inputs alike, and the weights moved by the data."""
    filled, k = prior.filled(), len(prior.names)
    links = {
        kind: (shares, heuristic_slope(filled @ shares, rows.lost))
        for kind, shares in (("heuristic", prior.shares), ("equal_weights", np.full(k, 1 / k)))
    }
    blended = centre_on_expert(prior, rows.lost, cap=rules.fit.cap, outcomes=rows.evidence()[0])
    # Unknowns stand at the mean of what is known, so the mean of the filled values is that mean.
    means = np.clip(filled.mean(axis=0, keepdims=True), 0.0, 1.0)
    return Opinion(ExpertPrior(prior.names, means, prior.weights), links, blended)


def _try_search(rows: Observations, rules: SearchRules) -> Searched | None:
    """The searched model, None where these rows carry none."""
    try:
        return search(rows, rules)
    except BarographError:
        return None


def _require(prior: ExpertPrior | None) -> ExpertPrior:
    if prior is None:
        raise BarographError("the expert's inputs of these rows are needed to ask an expert's model.")
    return prior
