"""Lines of the change ledger, statements and missing scores as sentences."""

from __future__ import annotations

import math

from barograph.core.inputs import KNOWN, NOT_APPLICABLE
from barograph.core.ledger_lines import SPREAD, STATEMENTS, Ledger, LedgerItem
from barograph.core.score import (
    ENOUGH,
    LOW_COVERAGE,
    NOTHING_APPLIES,
    NOTHING_KNOWN,
    WeekScores,
)
from barograph.core.words import listed, missing_words, moved_words, number, value_words
from barograph.definitions.model import Cap, ScoreModel
from barograph.definitions.signal import Signal


def points_words(points: float) -> str:
    """ "+6 points", "-0.4 points", "no points"."""
    rounded = round(points, 1)
    if rounded == 0:
        return "no points" if points == 0 else f"{'+' if points > 0 else '-'}0.1 points or less"
    return f"{'+' if rounded > 0 else ''}{number(rounded)} point{'' if abs(rounded) == 1 else 's'}"


def item_words(
    item: LedgerItem, model: ScoreModel, previous: ScoreModel | None = None, currency: str = ""
) -> str:
    """One line in words, without its points.

    model: of the later week; previous: of the earlier, for signals and caps that only it had.
    """
    if item.name == SPREAD:
        return _spread_words(item)
    if item.kind == "cap":
        return _cap_words(item, _find_cap(item.name, model, previous), model)
    if item.kind == "overlay":
        now = "no longer decides" if math.isnan(item.value_after) else "now decides"
        return f"{item.name.replace('_', ' ')} {now} the tier shown"
    if item.cause == "restated":
        return "facts that were recorded late changed last week's picture"
    signal = _find_signal(item.name, model, previous)
    if signal is None:
        return item.name
    return _signal_words(item, signal, currency)


def statement_words(ledger: Ledger, row: int) -> str:
    """Why an account has no lines to show; "" when it has."""
    return {
        "items": "",
        "first_week": "first week with a score, there is nothing to compare with",
        "was_insufficient": "too little was known last week, so there is no difference to explain",
        "became_insufficient": "too little is known this week for a score",
        "still_insufficient": "too little is known, as last week",
        "restated": "last week's score rested on facts that have been corrected since",
    }[STATEMENTS[ledger.statement[row]]]


def insufficient_words(scores: WeekScores, row: int) -> str:
    """Why an account has no score, with what is missing; "" when it has one."""
    code = int(scores.insufficient[row])
    if code == ENOUGH:
        return ""
    signals = scores.model.scored
    if code == NOTHING_APPLIES:
        return "none of the model's signals applies to this account"
    if code == NOTHING_KNOWN:
        return f"nothing is known yet: {_gaps(scores, row)}"
    if code == LOW_COVERAGE:
        known, needed = scores.coverage[row] * 100, scores.model.min_coverage * 100
        return (
            f"only {number(math.floor(known))}% of what the model looks at is known, {number(needed)}% is "
            f"needed: {_gaps(scores, row)}"
        )
    required = int(scores.required[row])
    reason = missing_words(signals[required], int(scores.normalised.reasons[row, required]))
    return f"{signals[required].label} is needed for a score: {reason}"


def _gaps(scores: WeekScores, row: int) -> str:
    """The missing signals in words, heaviest first."""
    weights = scores.table.weights
    gone = [
        (float(weights[j]), missing_words(signal, int(scores.normalised.reasons[row, j])))
        for j, signal in enumerate(scores.model.scored)
        if scores.normalised.reasons[row, j] not in (KNOWN, NOT_APPLICABLE)
    ]
    gone.sort(key=lambda pair: -pair[0])
    return listed([text for _, text in gone])


def _signal_words(item: LedgerItem, signal: Signal, currency: str) -> str:
    now = value_words(signal, item.value_after, currency=currency)
    if item.cause == "moved":
        return moved_words(signal, item.value_before, item.value_after, currency)
    if item.cause == "arrived":
        return f"{signal.label} is known now: {now}"
    if item.cause == "missing":
        last = (
            "" if math.isnan(item.value_before) else value_words(signal, item.value_before, currency=currency)
        )
        return missing_words(signal, item.why_after) + (f" (last known: {last})" if last else "")
    if item.cause == "peers":
        return f"comparable accounts moved on {signal.label}"
    if item.cause == "scope":
        if item.why_after == NOT_APPLICABLE:
            return f"{signal.label} no longer applies to this account"
        if item.why_before == NOT_APPLICABLE:
            return f"{signal.label} now applies to this account"
        return f"{signal.label} is held to other expectations for accounts like this one"
    return _model_words(item, signal)


def _model_words(item: LedgerItem, signal: Signal) -> str:
    was, now = number(round(item.weight_before, 1)), number(round(item.weight_after, 1))
    if item.weight_before == 0 and item.weight_after > 0:
        return f"the model now looks at {signal.label}"
    if item.weight_after == 0 and item.weight_before > 0:
        return f"the model no longer looks at {signal.label}"
    if was != now:
        return f"{signal.label} now weighs {now} instead of {was} points of 100"
    return f"the model now judges {signal.label} in another way"


def _spread_words(item: LedgerItem) -> str:
    if item.cause == "arrived":
        return "the other signals gave back weight they had taken over"
    if item.cause == "missing":
        return "weight spread over the rest"
    return "weight spread anew over the other signals"


def _cap_words(item: LedgerItem, cap: Cap | None, model: ScoreModel) -> str:
    label = item.name if cap is None else cap.label
    if not item.value_after:
        return f"{label}: no longer the case"
    if cap is None:
        return label
    held = f"no better than {tier_label(model, cap.tier_at_most)}"
    score = "" if cap.score_at_most is None else f", score at {number(cap.score_at_most)} at most"
    return f"{label}: {held}{score}"


def tier_label(model: ScoreModel, tier: str) -> str:
    """The tier\'s label in the model file; the name, made readable, where the model does not have it."""
    if tier == "insufficient":
        return "Insufficient data"
    return next((t.label for t in model.tiers if t.name == tier), tier.replace("_", " ").title())


def _find_signal(name: str, model: ScoreModel, previous: ScoreModel | None) -> Signal | None:
    for source in (model, previous):
        for signal in source.signals if source is not None else ():
            if signal.name == name:
                return signal
    return None


def _find_cap(name: str, model: ScoreModel, previous: ScoreModel | None) -> Cap | None:
    for source in (model, previous):
        for cap in source.caps if source is not None else ():
            if cap.name == name:
                return cap
    return None
