"""Tiers, what holds them, where an account is heading and what would lift it, as sentences."""

from __future__ import annotations

import math

import numpy as np

from barograph.core.arrays import rounded
from barograph.core.attention import Attention, AttentionInputs
from barograph.core.lift import Lift, LiftStep
from barograph.core.score import WeekScores
from barograph.core.thresholds import NONE, tier_name
from barograph.core.tiers import GATE_NAME, TIER_REASONS, TierStates
from barograph.core.trajectory import DECLINING, HEADINGS, IMPROVING, LONG_OF_DAYS, STEADY, Trajectory
from barograph.core.words import condition_words, day_words, listed, money, number, target_words, value_words
from barograph.core.words_ledger import insufficient_words, points_words, tier_label
from barograph.definitions.model import ScoreModel


def tier_words(scores: WeekScores, states: TierStates, row: int) -> str:
    """Why the account has its computed tier: since when, through what, what holds it and what is waiting.

    The states are those after this week, with the same rows as the scores.
    """
    model, name = scores.model, tier_name(states.computed[row])
    label, since = tier_label(model, name), day_words(int(states.computed_since[row]), states.as_of)
    if name == "insufficient":
        return f"{label} since {since}: {insufficient_words(scores, row)}"
    parts = [f"{label} since {since}: {_reason_words(scores, states, row)}"]
    if states.held_by[row]:
        parts.append(held_words(scores, str(states.held_by[row]), row))
    if states.pending[row] != NONE:
        parts.append(_pending_words(scores, states, row))
    return "; ".join(parts)


def held_words(scores: WeekScores, name: str, row: int) -> str:
    """What a cap, or the growth gate, holds and why."""
    model = scores.model
    if name == GATE_NAME:
        test = model.growth_gate[max(int(scores.gate.failed[row]), 0)]
        value = float(scores.inputs.value(test.signal)[row])
        return (
            f"the score reaches {tier_label(model, 'growth')}, but the growth condition is not met: "
            f"{condition_words(test, model, value)}"
        )
    cap = next(cap for cap in model.caps if cap.name == name)
    return f"no better than {tier_label(model, cap.tier_at_most)}: {cap.label}"


def trajectory_words(path: Trajectory, row: int, model: ScoreModel, tier: int) -> str:
    """Heading, time in the tier, and warnings. tier: displayed tier code."""
    weeks = int(path.weeks_in_tier[row])
    lasted = "new this week" if weeks == 0 else f"for {weeks} week{'' if weeks == 1 else 's'}"
    parts = [f"{tier_label(model, tier_name(tier))} {lasted}"]
    heading = int(path.heading[row])
    if heading in (DECLINING, IMPROVING):
        parts.append(
            f"{HEADINGS[heading]} by about {number(abs(round(float(path.slope[row]), 1)))} points a week"
        )
    elif heading == STEADY:
        parts.append("steady")
    if path.about_to_turn[row]:
        left = max(0, math.ceil(float(path.weeks_to_line[row])))
        parts.append(f"about to leave its tier ({_in_weeks(left)} at this rate)")
    if path.long_on_watch[row]:
        parts.append(f"on watch for {int(path.watch_days[row])} of the last {LONG_OF_DAYS} days")
    return ", ".join(parts)


def lift_words(found: Lift, model: ScoreModel, at_most: int = 3, currency: str = "") -> str:
    """What would lift the account: the smallest single moves, or what stands in the way."""
    if found.tier is None:
        return ""
    goal, parts = tier_label(model, found.tier), []
    caps = {cap.name: cap.label for cap in model.caps} | {GATE_NAME: "the growth condition"}
    if found.held_by:
        parts.append(f"nothing does while this holds: {listed([caps[name] for name in found.held_by])}")
    if found.missing_points > 0:
        parts.append(f"{number(round(found.missing_points, 1))} points to {goal}")
        reaching = [step for step in found.steps if step.reaches][:at_most]
        for step in reaching or found.steps[:at_most]:
            parts.append(step_words(step, model, currency))
        if not reaching and found.steps:
            parts.append("no single signal is enough alone")
    elif not found.held_by:
        parts.append(f"the score is there; {goal} shows after {found.confirmations} weekly scores in a row")
    return "; ".join(parts)


def step_words(step: LiftStep, model: ScoreModel, currency: str = "") -> str:
    """ "active users at least 25 (now 12): +9 points"."""
    signal = model.signal(step.signal)
    now = value_words(signal, step.value, currency=currency)
    target = target_words(signal, step.target, currency)
    return f"{signal.label} {target} (now {now}): {points_words(step.points)}"


def priority_words(
    ranked: Attention, inputs: AttentionInputs, row: int, model: ScoreModel, currency: str
) -> str:
    """The factors behind a place on the list: "EUR 120,000 x 1 (At Risk) x 2 (lost 15 points ...)"."""
    label = tier_label(model, tier_name(inputs.tier[row]))
    turning = " and about to turn" if "about_to_turn" in ranked.why(row) else ""
    unknown = " (assumed)" if math.isnan(inputs.revenue[row]) else ""
    parts = [
        money(float(ranked.revenue_factor[row]), currency) + unknown,
        f"{number(float(ranked.tier_factor[row]), 1)} ({label}{turning})",
    ]
    fall = float(inputs.fall[row])
    if ranked.worsening[row] > 1:
        why = [f"lost {number(round(fall, 1))} points in four weeks"] if fall > 0 else []
        if "tier_down" in ranked.why(row):
            why.append("tier down this week")
        parts.append(f"{number(float(ranked.worsening[row]), 1)} ({listed(why)})")
    if ranked.nearness[row] > 1:
        days = int(inputs.days_to_opt_out[row])
        left = f"{days} day{'' if days == 1 else 's'}"
        parts.append(f"{number(float(ranked.nearness[row]), 1)} ({left} to the opt-out deadline)")
    if ranked.plan_factor[row] != 1:
        parts.append(f"{number(float(ranked.plan_factor[row]), 1)} (plan on track)")
    return " x ".join(parts)


def _reason_words(scores: WeekScores, states: TierStates, row: int) -> str:
    where = f"score {number(float(scores.score[row]))}{_place_words(scores, states, row)}"
    before = {
        "first": "first week, ",
        "returned": "a score again after insufficient data, ",
        "immediate_drop": "fell far under its line at once, ",
        "cap": "held down, ",
        "hard_event": "an event that does not wait, ",
        "lifted": "what held it down is gone, ",
    }
    return before.get(TIER_REASONS[states.reason[row]], "") + where


def _place_words(scores: WeekScores, states: TierStates, row: int) -> str:
    """Where the score lies against the lines of the tier: ", between the lines of 40 and 60"."""
    lines = scores.lines.lines[row]
    place = int(scores.lines.take(np.array([row])).index(states.computed[row : row + 1])[0])
    score = float(rounded(scores.score[row : row + 1])[0])
    own = lines[place] if place > 0 else -math.inf
    above = lines[place + 1] if place + 1 < len(lines) else math.inf
    if score < own:
        return f", under the line of {number(own)}"
    if score >= above:
        waits = states.held_by[row] or states.pending[row] != NONE or not scores.model.damping.enabled
        short = "" if waits else f", not yet by {number(scores.model.damping.hysteresis)} points"
        return f", over the line of {number(above)}{short}"
    if math.isinf(own):
        return f", under the line of {number(above)}" if math.isfinite(above) else ""
    if math.isinf(above):
        return f", over the line of {number(own)}"
    return f", between the lines of {number(own)} and {number(above)}"


def _pending_words(scores: WeekScores, states: TierStates, row: int) -> str:
    pending, damping = int(states.pending[row]), scores.model.damping
    left = max(1, damping.confirmations - int(states.pending_weeks[row]))
    label = tier_label(scores.model, tier_name(pending))
    return f"{label} shows if the next {'score agrees' if left == 1 else f'{left} weekly scores agree'}"


def _in_weeks(weeks: int) -> str:
    return "this week" if weeks == 0 else f"in {weeks} week{'' if weeks == 1 else 's'}"
