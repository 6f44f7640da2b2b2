"""Values and signals in plain words: what a CSM would say, without jargon.

Everything here returns a fragment without a capital or a full stop; `sentence` makes it one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from barograph.core.arrays import FloatArray
from barograph.core.calendar import to_date
from barograph.core.inverse import Target, is_fraction, is_yes_no
from barograph.definitions.base import SignalTest
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import REASONS, Signal

_TIME_UNITS = ("days", "hours", "weeks", "months", "minutes", "years")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONEY_UNITS = ("money", "currency")
_MOST_EXTRA = 3


def sentence(text: str) -> str:
    """The fragment with a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".:?" else ".")


def listed(parts: Sequence[str], at_most: int = 4) -> str:
    """ "a, b and c"; beyond `at_most` the rest is counted: "a, b and 3 more"."""
    if not parts:
        return ""
    shown = list(parts[:at_most])
    if len(parts) > at_most:
        shown = [*parts[: at_most - 1], f"{len(parts) - at_most + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def day_words(day: int, as_of: int) -> str:
    """ "12 Oct", with the year when it is not that of `as_of`."""
    date = to_date(day)
    year = "" if date.year == to_date(as_of).year else f" {date.year}"
    return f"{date.day} {_MONTHS[date.month - 1]}{year}"


def number(value: float, extra: int = 0) -> str:
    """1,240 or 12.5: a decimal below 100, none from there on, and `extra` more to tell values apart.

    Zeros at the end are left out, and there is no "-0".
    """
    decimals = (0 if abs(value) >= 100 else 1) + extra
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def money(value: float, currency: str = "", extra: int = 0) -> str:
    """ "EUR 12,400"."""
    return f"{currency} {number(value, extra)}".strip()


def per_cent(share: float, extra: int = 0) -> str:
    """ "62%" for 0.62; a decimal below ten per cent."""
    return f"{number(round(share * 100, (0 if abs(share) >= 0.1 else 1) + extra), extra)}%"


def value_words(signal: Signal, value: float, *, currency: str = "", extra: int = 0) -> str:
    """A signal's value with its unit: "31", "62%", "14 days", "EUR 12,400", "yes"; "unknown" for NaN.

    Shares and relative changes are shown in per cent. Units of time are left out where the label says them
    already, and units that count things always: "open tickets rose from 2 to 5". extra: further decimals.
    """
    if math.isnan(value):
        return "unknown"
    if is_yes_no(signal):
        return "yes" if value >= 0.5 else "no"
    if _in_hundredths(signal):
        plus = "+" if value > 0 and not (is_fraction(signal) or signal.unit == "share") else ""
        return plus + per_cent(value, extra)
    unit = signal.unit or {"days_since": "days", "response_latency": "hours"}.get(signal.template, "")
    text = number(value, extra)
    if unit in _MONEY_UNITS:
        return money(value, currency, extra)
    if len(unit) == 3 and unit.isalpha() and unit.isupper():
        return money(value, unit, extra)
    if unit == "%":
        return f"{text}%"
    if unit in _TIME_UNITS and unit not in signal.label.split():
        return f"{text} {unit.removesuffix('s') if text == '1' else unit}"
    return text


def moved_words(signal: Signal, before: float, after: float, currency: str = "") -> str:
    """ "active users fell from 31 to 12"; "sponsor active: was yes, now no"."""
    if is_yes_no(signal):
        return f"{signal.label}: was {value_words(signal, before)}, now {value_words(signal, after)}"
    was, now = value_pair(signal, before, after, currency)
    if was == now:
        return f"{signal.label} stayed at {now}"
    return f"{signal.label} {'fell' if after < before else 'rose'} from {was} to {now}"


def value_pair(signal: Signal, before: float, after: float, currency: str = "") -> tuple[str, str]:
    """Both values with as few decimals as still tell them apart."""
    pair = ("", "")
    for extra in range(_MOST_EXTRA + 1):
        pair = (
            value_words(signal, before, currency=currency, extra=extra),
            value_words(signal, after, currency=currency, extra=extra),
        )
        if pair[0] != pair[1] or before == after:
            break
    return pair


def missing_words(signal: Signal, why: int) -> str:
    """Why there is no value, by code into REASONS: "no NPS answer for 180 days". "" when it is known."""
    label = signal.label
    days = getattr(signal, "expiry_days", None) or getattr(signal, "window_days", None)
    few = f" (at least {signal.min_support} needed)" if signal.min_support else ""
    return {
        "known": "",
        "no_data": f"no data on {label}",
        "no_recent": f"no {label} for {days} days" if days else f"no {label} yet",
        "stale_feed": f"the source of {label} has stopped sending",
        "too_little_support": f"too little to go by for {label}{few}",
        "too_new": f"too early to judge {label}",
        "not_applicable": f"{label} does not apply here",
        "undefined": f"{label} cannot be worked out, there is nothing to compare with",
        "pending": f"{label} has time left",
    }[REASONS[why]]


def condition_words(test: SignalTest, model: ScoreModel, value: float | None = None) -> str:
    """A cap's or gate's test with the signal's label: "open P1 tickets at least 1 (is 0)"."""
    signal = model.signal(test.signal)
    now = "" if value is None else f" (is {value_words(signal, value)})"
    if test.missing is not None:
        return f"{signal.label} {'unknown' if test.missing else 'known'}{now}"
    if is_yes_no(signal):
        wanted = "yes" if test.at_least is not None or test.above is not None else "no"
        return f"{signal.label}: {wanted}{now}"
    bounds = {"at least": test.at_least, "at most": test.at_most, "above": test.above, "below": test.below}
    parts = [f"{word} {value_words(signal, b)}" for word, b in bounds.items() if b is not None]
    return f"{signal.label} {' and '.join(parts)}{now}"


def target_words(signal: Signal, target: Target, currency: str = "") -> str:
    """A value to reach, rounded towards the safe side: "at least 25", "below 3 days", "yes"."""
    if is_yes_no(signal):
        return value_words(signal, target.value)
    scale = 100.0 if _in_hundredths(signal) else 1.0
    decimals = 0 if abs(target.value * scale) >= 10 else 1
    step = 10.0**-decimals / scale
    value = target.value
    if abs(value / step - round(value / step)) > 1e-6:
        value = (math.ceil if target.relation == "at_least" else math.floor)(value / step) * step
    prefix = {"at_least": "at least ", "at_most": "at most ", "below": "below ", "exactly": ""}[
        target.relation
    ]
    return prefix + value_words(signal, value, currency=currency)


def decline_start(health: FloatArray, days: Sequence[int]) -> int | None:
    """The first grid day of the present decline, None when the latest known value is not below an earlier
    one.

    health: one value per grid day, oldest first, NaN unknown, higher is healthier (normalised points, or raw
    values of a signal where more is better). Going back from today, the decline began after the highest value
    that was reached before the line had been lower by more than half of the whole fall: small recoveries on
    the way down do not end it, an earlier low does.
    """
    known = np.flatnonzero(~np.isnan(health))
    if len(known) < 2:
        return None
    now = float(health[known[-1]])
    peak, at = now, len(known) - 1
    for k in range(len(known) - 2, -1, -1):
        value = float(health[known[k]])
        if value > peak:
            peak, at = value, k
        elif peak > now and value < peak - 0.5 * (peak - now):
            break
    if at == len(known) - 1:
        return None
    return int(days[known[at + 1]])


def _in_hundredths(signal: Signal) -> bool:
    relative = signal.template in ("change", "power_user_trend")
    return is_fraction(signal) or relative or signal.unit in ("share", "change")
