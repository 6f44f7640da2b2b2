"""What the overlay said of a week, as columns beside the scores and back; only for models with the rule.

No text and no person is stored: a reason, and who wrote or counter-signed it, stay in the raw pulses, where they can
be erased.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.core.arrays import CodeArray, IntArray, texts
from barograph.core.overlay import (
    ENGAGEMENT,
    LIFTS,
    NARRATIVE,
    NO_DAY,
    PULSES,
    RULES,
    SPONSOR,
    UNANSWERED,
    OverlayWeek,
    Pulses,
)
from barograph.core.thresholds import NONE, TIER_CODES, tier_names

_DIVERGENCE = ("worse", "none", "better")


def overlay_columns(week: OverlayWeek) -> dict[str, pa.Array]:
    """Columns of the score table, `overlay_*` what the rule says and `pulse_*` what it says it of."""
    pulses = week.pulses
    return {
        "overlay_rule": _words(week.rule, RULES),
        "overlay_tier": _tiers(week.tier),
        "overlay_lift": _words(week.lift, LIFTS),
        "overlay_lift_until": _days(week.lift_until),
        "overlay_divergence": _words(week.divergence + np.int8(1), _DIVERGENCE),
        "pulse_state": _words(week.pulse, PULSES),
        "pulse_day": _days(pulses.day),
        "pulse_until": _days(week.until),
        "pulse_opinion": _tiers(week.opinion),
        "pulse_sponsor": _words(pulses.sponsor, SPONSOR),
        "pulse_engagement": _words(pulses.engagement, ENGAGEMENT),
        "pulse_narrative": _words(pulses.narrative, NARRATIVE),
        "pulse_wanted": _tiers(pulses.wanted),
        "pulse_reasoned": pa.array(pulses.reasoned),
        "pulse_signed_day": _days(pulses.signed_day),
        "pulse_signed_tier": _tiers(pulses.signed_tier),
        "pulse_open_p1": pa.array(pulses.open_p1),
    }


def overlay_of(table: pa.Table) -> OverlayWeek | None:
    """What was stored with a week; None where its model had no overlay."""
    if "overlay_rule" not in table.column_names:
        return None
    pulses = Pulses(
        day=_numbers(table, "pulse_day"),
        sponsor=_codes(table, "pulse_sponsor", SPONSOR),
        engagement=_codes(table, "pulse_engagement", ENGAGEMENT),
        narrative=_codes(table, "pulse_narrative", NARRATIVE),
        wanted=_tier_codes(table, "pulse_wanted"),
        reasoned=_flags(table, "pulse_reasoned"),
        signed_day=_numbers(table, "pulse_signed_day"),
        signed_tier=_tier_codes(table, "pulse_signed_tier"),
        open_p1=_flags(table, "pulse_open_p1"),
    )
    return OverlayWeek(
        account_ids=texts(table["account_id"].to_pylist()),
        pulses=pulses,
        rule=_codes(table, "overlay_rule", RULES),
        tier=_tier_codes(table, "overlay_tier"),
        pulse=_codes(table, "pulse_state", PULSES),
        until=_numbers(table, "pulse_until"),
        opinion=_tier_codes(table, "pulse_opinion"),
        divergence=_codes(table, "overlay_divergence", _DIVERGENCE) - np.int8(1),
        lift=_codes(table, "overlay_lift", LIFTS),
        lift_until=_numbers(table, "overlay_lift_until"),
    )


def _words(codes: CodeArray, words: tuple[str, ...]) -> pa.Array:
    """Words by code; an unanswered question is null."""
    index = pa.array(codes, pa.int8(), mask=codes == UNANSWERED)
    return pa.DictionaryArray.from_arrays(index, pa.array(words)).cast(pa.string())


def _days(days: IntArray) -> pa.Array:
    return pa.array(days, pa.int32(), mask=days == NO_DAY)


def _tiers(codes: CodeArray) -> pa.Array:
    return pa.array(tier_names(codes), pa.string())


def _numbers(table: pa.Table, name: str) -> IntArray:
    return np.asarray(table[name].fill_null(NO_DAY).to_numpy(), dtype=np.int64)


def _flags(table: pa.Table, name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(table[name].to_pylist(), dtype=bool)


def _codes(table: pa.Table, name: str, words: tuple[str, ...]) -> CodeArray:
    place: dict[str | None, int] = {word: code for code, word in enumerate(words)} | {None: UNANSWERED}
    return np.array([place[word] for word in table[name].to_pylist()], dtype=np.int8)


def _tier_codes(table: pa.Table, name: str) -> CodeArray:
    return np.array([NONE if t is None else TIER_CODES[t] for t in table[name].to_pylist()], dtype=np.int8)
