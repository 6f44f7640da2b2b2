"""Why a play was set off, in plain words, and the figures that say so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from barograph.core.calendar import WEEK, to_date
from barograph.core.thresholds import NONE, tier_name
from barograph.core.trigger_facts import TriggerFacts
from barograph.core.trigger_states import bounds, last_known_tier
from barograph.core.words import condition_words, day_words, listed, moved_words, number, value_words
from barograph.core.words_ledger import tier_label
from barograph.definitions.base import SignalTest
from barograph.definitions.model import ScoreModel
from barograph.definitions.play_trigger import (
    BeforeDate,
    ComponentBelow,
    LifecycleStage,
    Manual,
    PulseSays,
    ScoreChange,
    SignalChange,
    SignalsMeet,
    TierEntered,
    TierHeld,
    TierLeft,
    TrajectoryIs,
    Trigger,
)

Reason = tuple[str, dict[str, Any]]
"""A fragment without capital and full stop, and JSON-able evidence."""


def why(
    trigger: Trigger,
    facts: TriggerFacts,
    model: ScoreModel,
    components: Sequence[str],
    row: int,
    column: int,
) -> Reason:
    """The reason of one account's transition in the week of `column`."""
    day = int(facts.days[column])
    match trigger:
        case TierEntered() | TierLeft():
            return _tier_moved(trigger, facts, model, row, column)
        case TierHeld():
            label = listed([tier_label(model, name) for name in trigger.tiers])
            span = f"for {trigger.for_days} days"
            if trigger.of_days is not None:
                span = f"for {trigger.for_days} of the last {trigger.of_days} days"
            evidence = {"tiers": list(trigger.tiers), "days": trigger.for_days, "of_days": trigger.of_days}
            return f"{label.replace(' and ', ' or ')} {span}", evidence
        case ComponentBelow():
            return _component(trigger, facts, model, components, row, column)
        case ScoreChange():
            return _score(trigger, facts, row, column)
        case SignalChange():
            return _signal(trigger, facts, model, row, column)
        case SignalsMeet():
            return _signals(trigger, facts, model, row, column)
        case BeforeDate():
            return _date(trigger, facts, row)
        case LifecycleStage():
            place = int(facts.lifecycle[row, column])
            stage = facts.stages[place] if place >= 0 else ""
            return f"in {stage.replace('_', ' ')} since the week of {day_words(day, day)}", {"stage": stage}
        case PulseSays():
            return _pulse(trigger, facts, row, column)
        case TrajectoryIs():
            return _trajectory(trigger, facts, row, column)
        case Manual():
            return "started by hand", {}


def _tier_moved(
    trigger: TierEntered | TierLeft, facts: TriggerFacts, model: ScoreModel, row: int, column: int
) -> Reason:
    last = last_known_tier(facts.tier[row : row + 1, : column + 1], trigger.tiers)[0]
    before = int(last[column - 1]) if column else NONE
    now = int(last[column])
    day = int(facts.days[column])
    evidence: dict[str, Any] = {
        "tier": tier_name(now) if now != NONE else None,
        "tier_before": tier_name(before) if before != NONE else None,
        "score": _plain(facts.score[row, column]),
    }
    if before == NONE:
        return f"{tier_label(model, tier_name(now))} in its first week, {day_words(day, day)}", evidence
    moved = f"from {tier_label(model, tier_name(before))} to {tier_label(model, tier_name(now))}"
    score = facts.score[row, column]
    scored = "" if np.isnan(score) else f", score {number(round(float(score)))}"
    return (
        f"{moved} in the week of {day_words(day, day)}{scored}{_held(facts, model, row, column, evidence)}",
        evidence,
    )


def _held(facts: TriggerFacts, model: ScoreModel, row: int, column: int, evidence: dict[str, Any]) -> str:
    """What besides the score decides the tier, where the transition is of the last week: the pulse, or a cap."""
    if column != facts.shape[1] - 1:
        return ""
    computed, shown, cap = int(facts.computed[row]), int(facts.tier[row, column]), str(facts.held_by[row])
    if computed not in (shown, NONE):
        evidence["computed_tier"] = tier_name(computed)
        return f", by the pulse; by the numbers it is {tier_label(model, tier_name(computed))}"
    if cap:
        evidence["held_by"] = cap
        label = next((c.label for c in model.caps if c.name == cap), cap.replace("_", " "))
        return f", held by: {label}"
    return ""


def _component(
    trigger: ComponentBelow,
    facts: TriggerFacts,
    model: ScoreModel,
    components: Sequence[str],
    row: int,
    column: int,
) -> Reason:
    labels = {component.name: component.label for component in model.components}
    low = {
        name: float(facts.components[name][row, column])
        for name in components
        if name in facts.components and facts.components[name][row, column] < trigger.below
    }
    told = listed([f"{labels[name]} is at {number(round(value))}" for name, value in low.items()])
    weeks = f" for {trigger.for_weeks} weeks" if trigger.for_weeks > 1 else ""
    evidence = {"below": trigger.below, "components": {n: round(v, 6) for n, v in low.items()}}
    return f"{told}, under {number(trigger.below)}{weeks}", evidence


def _score(trigger: ScoreChange, facts: TriggerFacts, row: int, column: int) -> Reason:
    earlier = _column_of(facts, int(facts.days[column]) - WEEK * trigger.over_weeks)
    before, now = _plain(facts.score[row, earlier]), _plain(facts.score[row, column])
    weeks = "a week" if trigger.over_weeks == 1 else f"{trigger.over_weeks} weeks"
    verb = "fell" if trigger.direction == "down" else "rose"
    told = f"score {verb} from {number(round(before or 0))} to {number(round(now or 0))} within {weeks}"
    return told, {"score": now, "score_before": before, "weeks": trigger.over_weeks}


def _signal(trigger: SignalChange, facts: TriggerFacts, model: ScoreModel, row: int, column: int) -> Reason:
    earlier = _column_of(facts, int(facts.days[column]) - WEEK * trigger.over_weeks)
    values = facts.signals[trigger.signal]
    before, now = float(values[row, earlier]), float(values[row, column])
    weeks = "a week" if trigger.over_weeks == 1 else f"{trigger.over_weeks} weeks"
    evidence = {
        "signal": trigger.signal,
        "value": _plain(now),
        "value_before": _plain(before),
        "weeks": trigger.over_weeks,
    }
    return f"{moved_words(model.signal(trigger.signal), before, now)} within {weeks}", evidence


def _signals(trigger: SignalsMeet, facts: TriggerFacts, model: ScoreModel, row: int, column: int) -> Reason:
    told, values = [], {}
    for test in (*trigger.all_of, *trigger.any_of):
        value = float(facts.signals[test.signal][row, column])
        values[test.signal] = _plain(value)
        if test in trigger.all_of or _met(test, value):
            told.append(f"{model.signal(test.signal).label}: {value_words(model.signal(test.signal), value)}")
    weeks = f" for {trigger.for_weeks} weeks" if trigger.for_weeks > 1 else ""
    asked = [condition_words(test, model) for test in (*trigger.all_of, *trigger.any_of)]
    return f"{listed(told)}{weeks}", {"signals": values, "asked": asked}


def _met(test: SignalTest, value: float) -> bool:
    if test.missing is not None and test.missing != math.isnan(value):
        return False
    return test.missing is True or bool(bounds(test, np.array([value]))[0])


def _date(trigger: BeforeDate, facts: TriggerFacts, row: int) -> Reason:
    date = float((facts.opt_out if trigger.before == "opt_out" else facts.term_end)[row, -1])
    today = int(facts.days[-1])
    left = int(date) - today
    name = "last day to give notice" if trigger.before == "opt_out" else "end of the term"
    when = "today" if left == 0 else f"in {left} day{'' if left == 1 else 's'}"
    evidence = {"date": to_date(int(date)).isoformat(), "days_left": left, "before": trigger.before}
    return f"{name} {when}, on {day_words(int(date), today)}", evidence


def _pulse(trigger: PulseSays, facts: TriggerFacts, row: int, column: int) -> Reason:
    words = {
        "sponsor_status": "sponsor",
        "executive_engagement": "executive engagement",
        "outcome_narrative": "outcome narrative",
    }
    answers = {
        question: str(facts.pulses[question][row, column])
        for question in words
        if getattr(trigger, question) and facts.pulses[question][row, column] is not None
    }
    told = listed([f"{words[q]} {answer.replace('_', ' ')}" for q, answer in answers.items()])
    return f"pulse says {told}", {"answers": answers, "pulse_age_days": _plain(facts.pulse_age[row, column])}


def _trajectory(trigger: TrajectoryIs, facts: TriggerFacts, row: int, column: int) -> Reason:
    words = {
        "about_to_turn": "about to leave its tier at this rate",
        "long_on_watch": "on Watch for 60 of the last 90 days",
        "declining": "the score is declining",
        "improving": "the score is improving",
    }
    return words[trigger.heading], {
        "heading": trigger.heading,
        "score": _plain(facts.score[row, column]),
    }


def _column_of(facts: TriggerFacts, day: int) -> int:
    return int(np.searchsorted(facts.days, day))


def _plain(value: Any) -> float | None:
    """A figure for JSON: six places, None for NaN."""
    return None if np.isnan(value) else round(float(value), 6)
