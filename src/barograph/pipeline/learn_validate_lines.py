"""Where tiers would begin if risk decided, by segment, with what follows for past accounts; beside today's lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import texts
from barograph.core.thresholds import TIER_CODES, tier_lines
from barograph.definitions.model import ScoreModel
from barograph.learning.flags import FlagFigures, flag_figures
from barograph.learning.intervals import auc_interval, codes
from barograph.learning.observations import MIN_LOST, MIN_OUTCOMES, FloatArray, Observations
from barograph.learning.tiers_from_risk import (
    SEGMENT_LOST,
    SEGMENT_OUTCOMES,
    TierThresholds,
    propose_tiers,
)


@dataclass(frozen=True, slots=True)
class RiskLines:
    """Lines of one segment ("" all). now: score from which each tier begins today, by its name. at_risk,
    watch_or_worse: the proposed lines as a warning on the past rows."""

    found: TierThresholds
    now: dict[str, float]
    at_risk: FlagFigures
    watch_or_worse: FlagFigures


@dataclass(frozen=True, slots=True)
class LinesFromRisk:
    """Proposed lines, all accounts first; refused: (segment, why), "" for all, with the counts."""

    lines: tuple[RiskLines, ...]
    refused: tuple[tuple[str, str], ...]


def lines_from_risk(
    model: ScoreModel, score: FloatArray, p_lost: FloatArray, o: Observations
) -> LinesFromRisk:
    """Tier lines on the scores of a model, from the calibrated out-of-sample P(lost) of the same rows (H1).

    Rows without a score or a probability are left out. Nothing is proposed under 30 outcomes or 10 lost, nor where
    the order of the score cannot be told from chance. A segment has lines of its own from 100 outcomes with 10 lost.
    """
    rows = ~np.isnan(score) & ~np.isnan(p_lost)
    o, score, p_lost = o.take(rows), score[rows], p_lost[rows]
    outcomes, lost = o.evidence()
    if outcomes < MIN_OUTCOMES or lost < MIN_LOST or outcomes - lost < MIN_LOST:
        need = f"{MIN_OUTCOMES} with {MIN_LOST} lost and {MIN_LOST} kept are needed"
        return LinesFromRisk((), (("", f"{outcomes} outcomes out of time with {lost} lost; {need}"),))
    order = auc_interval(score, o.lost, codes(o.account))
    if not order.low > 0.5:
        told = f"AUC {order.value:.2f}, {order.low:.2f} to {order.high:.2f}"
        why = f"the order of the score cannot be told from chance ({told}), so any line would be arbitrary"
        return LinesFromRisk((), (("", why),))
    found = []
    for tier in propose_tiers(score, p_lost, o.lost, o.segment):
        here = np.ones(o.n, dtype=bool) if not tier.segment else np.asarray(o.segment == tier.segment)
        part, points = o.take(here), score[here]
        found.append(
            RiskLines(
                tier,
                _now(model, tier.segment),
                flag_figures(points < tier.watch_from, part),
                flag_figures(points < tier.healthy_from, part),
            )
        )
    own = {line.found.segment for line in found}
    names = sorted(set(o.segment.tolist()) - {""})
    refused = []
    for name in names if len(names) > 1 else ():
        if name not in own:
            here = np.asarray(o.segment == name)
            refused.append(
                (
                    name,
                    f"{int(here.sum())} outcomes with {int(o.lost[here].sum())} lost; {SEGMENT_OUTCOMES} with "
                    f"{SEGMENT_LOST} lost are needed for lines of its own, those of all accounts hold",
                )
            )
    return LinesFromRisk(tuple(found), tuple(refused))


def _now(model: ScoreModel, segment: str) -> dict[str, float]:
    """Today's lines: of the segment's scope where the model has one, else of all."""
    attributes = {"segment": texts([segment])} if segment else {}
    lines = tier_lines(model, attributes, 1)
    names = {code: name for name, code in TIER_CODES.items()}
    return {names[int(code)]: float(lines.lines[0, k]) for k, code in enumerate(lines.codes)}
