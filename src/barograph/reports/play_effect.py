"""`barograph.play_effect/1`: what a play does, with its interval, or why that cannot be told and what it would take."""

from __future__ import annotations

import math
from typing import Any

from barograph.learning.play_effect import ArmRate, PlayEffect
from barograph.learning.play_threshold import ThresholdEffect
from barograph.pipeline.play_effect import OutcomeEffect, PlayReport

SCHEMA = "barograph.play_effect/1"
OUTCOME_WORDS = {
    "recovered": "Healthy or better by the numbers within {days} days",
    "kept": "kept at the next decision within {days} days",
}


def play_effect_document(report: PlayReport, head: dict[str, Any]) -> dict[str, Any]:
    """The whole report (docs/reference/json.md)."""
    acted, held = report.carried_out
    return {
        **head,
        "play": report.play,
        "summary": summary(report),
        "compared": report.compared,
        "aside": report.aside,
        "runs": report.runs,
        "carried_out": {"treated": _known(acted), "held_out": _known(held)},
        "effects": [_effect(found) for found in report.effects],
        "at_line": None if report.at_line is None else {"line": report.line, **_at_line(report.at_line)},
    }


def summary(report: PlayReport) -> str:
    """What can be said, in sentences."""
    parts = [effect_words(found) for found in report.effects]
    if report.at_line is not None:
        parts.append(line_words(report.at_line, report.line))
    if not parts:
        parts.append(
            "Nobody was held out and no run was opened, so there is nothing to compare. Give the play a [hold_out] "
            "share."
        )
    return " ".join(parts)


def effect_words(found: OutcomeEffect) -> str:
    """One outcome: the effect, or what it would take to tell it."""
    effect = found.effect
    what = OUTCOME_WORDS[found.outcome].format(days=found.within)
    need = f"A difference of {100 * effect.worth:.0f} points needs about {effect.needed:,} accounts in all."
    if effect.refused:
        return f"{what[0].upper()}{what[1:]}: cannot be told yet ({effect.refused}). {need}"
    rates = (
        f"{_percent(effect.treated.rate)} of {effect.treated.n:,} treated against {_percent(effect.held_out.rate)} of "
        f"{effect.held_out.n:,} held out"
    )
    gap = (
        f"{100 * effect.difference:+.0f} points ({100 * effect.low:+.0f} to {100 * effect.high:+.0f}, "
        f"{100 * effect.level:.0f} % interval)"
    )
    verdict = {
        "helps": "The play helps.",
        "harms": "The play does harm.",
        "cannot_tell": f"That cannot be told from no effect. {need}",
    }[effect.verdict]
    return f"{what[0].upper()}{what[1:]}: {rates}, {gap}. {verdict}"


def line_words(found: ThresholdEffect, line: str) -> str:
    """The comparison at the line."""
    at = f"At the line of {line.replace('_', ' ').title()}"
    if found.refused:
        return f"{at}: cannot be told ({found.refused}: {found.why}). Hold accounts out instead."
    verdict = {
        "helps": "The play helps accounts at the line.",
        "harms": "The play harms accounts at the line.",
        "cannot_tell": "That cannot be told from no effect.",
    }[found.verdict]
    return (
        f"{at}: {100 * found.difference:+.0f} points ({100 * found.low:+.0f} to "
        f"{100 * found.high:+.0f}) for accounts just under it, from {found.under:,} under and {found.over:,} over. "
        f"{verdict}"
    )


def _effect(found: OutcomeEffect) -> dict[str, Any]:
    effect: PlayEffect = found.effect
    return {
        "outcome": found.outcome,
        "within_days": found.within,
        "verdict": effect.verdict,
        "treated": _arm(effect.treated),
        "held_out": _arm(effect.held_out),
        "difference": _known(effect.difference),
        "low": _known(effect.low),
        "high": _known(effect.high),
        "level": effect.level,
        "p_value": effect.p_value,
        "strata": effect.strata,
        "undecided": found.undecided,
        "refused": effect.refused or None,
        "detectable": _known(effect.detectable),
        "worth": effect.worth,
        "needed": effect.needed,
        "words": effect_words(found),
    }


def _at_line(found: ThresholdEffect) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "under": found.under,
        "over": found.over,
        "bandwidth": found.bandwidth,
        "difference": _known(found.difference),
        "low": _known(found.low),
        "high": _known(found.high),
        "refused": found.refused or None,
        "why": found.why or None,
    }


def _arm(arm: ArmRate) -> dict[str, Any]:
    return {"accounts": arm.n, "good": arm.good, "rate": _known(arm.rate)}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _percent(rate: float) -> str:
    return f"{100 * rate:.0f} %"
