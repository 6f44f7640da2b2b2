"""What the overlay says of an account in words: which tier is shown, why, until when, and what the numbers say."""

from __future__ import annotations

import math

from barograph.core.ledger_lines import LedgerItem
from barograph.core.overlay import (
    ENGAGEMENT,
    EXPIRED,
    GIVEN,
    HARD_EVENT,
    IN_FORCE,
    INTO_GROWTH,
    LIFTED,
    NARRATIVE,
    NO_DAY,
    NO_REASON,
    NOT_SIGNED,
    NOTICE,
    OPEN_P1,
    RULES,
    SIGNATURE_EXPIRED,
    SPONSOR,
    STANDS,
    SWITCHED_OFF,
    OverlayWeek,
)
from barograph.core.thresholds import NONE, tier_name
from barograph.core.words import day_words, listed
from barograph.core.words_ledger import tier_label
from barograph.definitions.model import ScoreModel

RULE_WORDS = {
    "sponsor_missing": "the sponsor is missing",
    "sponsor_and_narrative_missing": "sponsor and outcome narrative are missing",
    "lift": "the account manager's pulse lifts it a tier",
}
_IN_THE_WAY = {
    INTO_GROWTH: "a pulse never lifts into Growth",
    SWITCHED_OFF: "the model lets no pulse lift",
    NO_REASON: "it gives no reason",
    NOT_SIGNED: "no leader has counter-signed it",
    SIGNATURE_EXPIRED: "the counter-signature has expired",
    NOTICE: "notice is given",
    OPEN_P1: "a P1 ticket is open",
    HARD_EVENT: "an event of the model holds the tier down",
}


def overlay_words(week: OverlayWeek, computed: int, as_of: int, row: int, model: ScoreModel) -> str:
    """What the pulse does to the tier shown; "" without a pulse and for one that agrees and changes nothing.

    computed: the account's computed tier code. as_of: day number of the week.
    """
    if week.pulse[row] == EXPIRED:
        ended = day_words(int(week.until[row]), as_of)
        return f"{_pulse(week, row, as_of)} expired on {ended} and has no force"
    if week.pulse[row] != IN_FORCE:
        return ""
    rule = int(week.rule[row])
    if rule == STANDS:
        return _beside(week, computed, as_of, row, model)
    shown, numbers = _label(model, int(week.tier[row])), _label(model, computed)
    if rule == LIFTED:
        signed, until = int(week.pulses.signed_day[row]), int(week.lift_until[row])
        because = f"{_pulse(week, row, as_of)}, counter-signed on {day_words(signed, as_of)}, lifts it a tier"
    else:
        because, until = f"{RULE_WORDS[RULES[rule]]} ({_pulse(week, row, as_of)})", int(week.until[row])
    return f"{shown} is shown because {because}, until {day_words(until, as_of)}; the numbers say {numbers}"


def overlay_item_words(item: LedgerItem, computed: int | None, model: ScoreModel) -> str:
    """A ledger line of the overlay. computed: the account's computed tier code now, None when it is not at hand."""
    why = RULE_WORDS.get(item.name, item.name.replace("_", " "))
    if math.isnan(item.value_after):
        lasted = "no longer" if item.name == "lift" else "no longer the case, or no pulse in force says so"
        return f"{why}: {lasted}" + ("" if computed is None else f", {_label(model, computed)} is shown")
    instead = "" if computed is None else f" instead of {_label(model, computed)}"
    return f"{why}: {_label(model, int(item.value_after))} is shown{instead}"


def answers_words(week: OverlayWeek, row: int) -> str:
    """ "sponsor active, engagement lapsed and narrative in development"; "" without an answer."""
    pulses = week.pulses
    parts = [
        f"{name} {words[code].replace('_', ' ')}"
        for name, words, code in (
            ("sponsor", SPONSOR, int(pulses.sponsor[row])),
            ("engagement", ENGAGEMENT, int(pulses.engagement[row])),
            ("narrative", NARRATIVE, int(pulses.narrative[row])),
        )
        if code >= 0
    ]
    return listed(parts)


def _beside(week: OverlayWeek, computed: int, as_of: int, row: int, model: ScoreModel) -> str:
    """A pulse in force that changes nothing: whether it diverges, and why a wanted lift is not given."""
    lift = int(week.lift[row])
    blocked = _IN_THE_WAY.get(lift, "")
    if not week.divergence[row] and not blocked:
        return ""
    pulse = _pulse(week, row, as_of)
    says = int(week.opinion[row])
    wants = int(week.pulses.wanted[row])
    asked = wants if blocked and wants != NONE else says
    told = answers_words(week, row)
    text = f"{pulse} says {_label(model, asked)}"
    if told and wants == NONE:
        text += f" ({told})"
    text += f", the numbers say {_label(model, computed)}"
    if blocked and lift != GIVEN:
        return f"{text}; it changes nothing: {blocked}"
    return f"{text}; it changes nothing by itself"


def _pulse(week: OverlayWeek, row: int, as_of: int) -> str:
    day = int(week.pulses.day[row])
    return "the pulse" if day == NO_DAY else f"the pulse of {day_words(day, as_of)}"


def _label(model: ScoreModel, code: int) -> str:
    return tier_label(model, tier_name(code))
