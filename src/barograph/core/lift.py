"""What would lift an account a tier: for each signal alone, the smallest move that reaches the next line.

With all other signals as they are the score is linear in one signal's points, so the points needed follow
exactly; the value follows from the signal's shape turned round (`inverse`). A signal that cannot reach the
line alone is told with what its best value gives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import IntArray
from barograph.core.inputs import KNOWN, REASON_CODE
from barograph.core.inverse import Among, Target, best_target, value_for_points
from barograph.core.normalise import group_column, shape_of
from barograph.core.score import WeekScores
from barograph.core.thresholds import GROWTH
from barograph.core.tiers import GATE_NAME, TierStates
from barograph.core.weights import Standing, contributions
from barograph.definitions.base import TIER_ORDER, TierName
from barograph.definitions.normalise import PercentileShape

_SLACK = 1e-9
_NOT_OURS_TO_MOVE = {REASON_CODE[r] for r in ("stale_feed", "too_new", "undefined", "not_applicable")}


@dataclass(frozen=True, slots=True)
class LiftStep:
    """One signal alone. value: now, NaN when missing. target: the value that reaches the line, or the best
    one when `reaches` is False. points: what being there adds to the score. effort: points of the signal's
    own 0 to 100 that the move takes, as a share; a missing value counts from 0.
    """

    signal: str
    value: float
    target: Target
    points: float
    reaches: bool
    effort: float


@dataclass(frozen=True, slots=True)
class Lift:
    """What stands between an account and its next tier.

    tier: the next one, None at the top or without a score. line: the score it takes, hysteresis included.
    missing_points: how far the numbers are below it, 0.0 when they are there. confirmations: weekly scores
    in a row that must agree. held_by: names of the caps, or `growth_gate`, that hold the tier or the score
    below the line whatever the signals add. steps: those that reach the line first, least effort first,
    then the rest, most points first; empty when the numbers are there.
    """

    tier: TierName | None
    line: float
    missing_points: float
    confirmations: int
    held_by: tuple[str, ...]
    steps: tuple[LiftStep, ...]


def lift(scores: WeekScores, states: TierStates, row: int) -> Lift:
    """What would lift the account at `row` of the scores from its computed tier to the next one.

    states: after this week. Caps hold on raw values, so a step may clear its own cap as well; `held_by` names
    those that hold today.
    """
    state = states.take(scores.account_ids[row : row + 1])
    damping = scores.model.damping
    confirmations = damping.confirmations if damping.enabled else 1
    lines = scores.lines.take(np.array([row]))
    place = int(lines.index(state.computed)[0])
    if place < 0 or place == len(lines.codes) - 1:
        return Lift(None, math.nan, math.nan, confirmations, (), ())
    goal = int(lines.codes[place + 1])
    margin = damping.hysteresis if damping.enabled and state.level[0] < goal else 0.0
    line = float(lines.lines[0, place + 1]) + margin
    missing = max(0.0, round(line - float(scores.uncapped[row]), 6))
    steps: list[LiftStep] = []
    if missing > 0:
        found = (_step(scores, row, column, line) for column in range(len(scores.signals)))
        steps = [step for step in found if step is not None and step.points > _SLACK]
    steps.sort(key=lambda s: (not s.reaches, s.effort if s.reaches else -s.points, s.signal))
    return Lift(
        TIER_ORDER[goal], line, missing, confirmations, _held_by(scores, row, goal, line), tuple(steps)
    )


def _step(scores: WeekScores, row: int, column: int, line: float) -> LiftStep | None:
    reason = int(scores.normalised.reasons[row, column])
    signal = scores.model.scored[column]
    shape = shape_of(signal, int(scores.normalised.variant[row, column]))
    if shape is None or reason in _NOT_OURS_TO_MOVE:
        return None
    lowest, per_point = _line_in(scores, row, column)
    if per_point <= 0:
        return None
    value = float(scores.inputs.value(signal.name)[row])
    among = None
    if isinstance(shape, PercentileShape):
        peers = scores.normalised.peers[signal.name, int(scores.normalised.variant[row, column])]
        groups = group_column(scores.inputs.attributes, shape, len(scores.account_ids))
        among = Among(peers, groups[row], value)
    needed = (line - lowest) / per_point
    target = value_for_points(signal, shape, needed, value, among) if needed <= 100.0 + _SLACK else None
    reaches = target is not None
    if target is None:
        target = best_target(signal, shape, value, among)
    if target is None:
        return None
    before = float(scores.normalised.points[row, column]) if reason == KNOWN else 0.0
    gain = lowest + per_point * target.normalised - float(scores.uncapped[row])
    return LiftStep(signal.name, value, target, gain, reaches, abs(target.normalised - before) / 100.0)


def _line_in(scores: WeekScores, row: int, column: int) -> tuple[float, float]:
    """The score as a line in one signal's points: its value at 0 points, and what each point adds."""
    two: IntArray = np.array([row, row])
    standing = scores.standing
    points, held = standing.points[two].copy(), standing.held[two].copy()
    points[:, column], held[:, column] = (0.0, 100.0), False
    ends = contributions(scores.table, Standing(points, held, standing.applies[two]))[1].sum(axis=1)
    return float(ends[0]), float(ends[1] - ends[0]) / 100.0


def _held_by(scores: WeekScores, row: int, goal: int, line: float) -> tuple[str, ...]:
    names = [
        cap.name
        for k, cap in enumerate(scores.model.caps)
        if scores.caps.active[row, k]
        and (
            TIER_ORDER.index(cap.tier_at_most) < goal
            or (cap.score_at_most is not None and cap.score_at_most < line)
        )
    ]
    if goal == GROWTH and not scores.gate.ok[row]:
        names.append(GATE_NAME)
    return tuple(names)
