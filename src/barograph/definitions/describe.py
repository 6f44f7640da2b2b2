"""Definitions in words: what a signal measures, how it is scored, when a test holds.

The sentences are for model files, `signals show` and the documentation. They begin with a small letter and
have no full stop, so that a caller can put them where they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from barograph.definitions.base import Condition, Scalar, Scope, Where
from barograph.definitions.normalise import (
    BandedShape,
    DecayShape,
    LogShape,
    PercentileShape,
    RangeShape,
    Shape,
)
from barograph.definitions.signal import (
    Breadth,
    Change,
    Count,
    DaysSince,
    Distinct,
    FromSource,
    Latest,
    Mean,
    Median,
    Milestone,
    OpenAsOf,
    OverdueAsOf,
    PerSeat,
    PowerUserTrend,
    Ratio,
    ResponseLatency,
    Share,
    Signal,
    Slope,
    SourceSignal,
    StakeholderCoverage,
    StateAsOf,
    Sum,
)

_BOUNDS = {"at_least": "at least", "at_most": "at most", "above": "above", "below": "below"}


def describe_signal(signal: Signal) -> str:
    """What the signal measures, in one sentence: template, source, conditions and window."""
    if isinstance(signal, Ratio):
        scaled = "" if signal.scale == 1 else f", times {_figure(signal.scale)}"
        return f"{signal.numerator} divided by {signal.denominator}{scaled}"
    if isinstance(signal, PerSeat):
        return f"{signal.numerator} divided by the seats in force"
    return _measured(signal) + _conditions(signal)


def _measured(s: SourceSignal) -> str:
    match s:
        case Count():
            return f"number of {s.source} in {_days(s.window_days)}"
        case Sum() | Mean() | Median():
            return f"{s.template} of {s.source}.{s.measure} in {_days(s.window_days)}"
        case Distinct(measure=None):
            return f"days with {s.source} in {_days(s.window_days)}"
        case Distinct():
            what = f"pairs of {s.measure} and day" if s.per_day else f"values of {s.measure}"
            return f"different {what} in {s.source} in {_days(s.window_days)}"
        case Breadth():
            rows = f" with at least {s.min_rows} rows each" if s.min_rows > 1 else ""
            return f"different values of {s.measure} in {s.source}{rows} in {_days(s.window_days)}"
        case Latest():
            return f"newest {s.source}.{s.measure}, not older than {s.expiry_days} days"
        case DaysSince():
            cap = f", at most {s.cap_days}" if s.cap_days is not None else ""
            return f"days since the {s.which} of {s.source}{cap}"
        case Share():
            of = "rows" if s.measure is None else s.measure
            rest = f" among those {_where(s.among)}" if s.among else ""
            return f"share of {s.source} {of}{rest} in {_days(s.window_days)}"
        case Change():
            what = f"{_aggregate(s.of, s.measure)} of {s.source}"
            return f"change of the {what} in {_days(s.window_days)} against the {s.window_days} days before"
        case PowerUserTrend():
            what = f"number of different {s.measure} with {s.flag} in {s.source}"
            return f"change of the {what} in {_days(s.window_days)} against the {s.window_days} days before"
        case Slope():
            return (
                f"trend per week of the {_aggregate(s.of, s.measure)} of {s.source} in {_days(s.window_days)}"
            )
        case OpenAsOf():
            what = "number of" if s.result == "count" else "age in days of the oldest of the"
            old = f" for {s.min_age_days} days or more" if s.min_age_days else ""
            return f"{what} {s.source} open{old} (no {s.closed} yet)"
        case OverdueAsOf():
            results = {
                "count": "number of",
                "sum": f"sum of {s.measure} over",
                "oldest_days": "days overdue of the oldest of the",
            }
            return f"{results[s.result]} {s.source} past {s.due} without {s.done}"
        case ResponseLatency():
            return f"{s.aggregate} hours from {s.start} to {s.end} of {s.source} in {_days(s.window_days)}"
        case Milestone():
            within = (
                f" within {s.within_days} days of the account's start" if s.within_days is not None else ""
            )
            return f"1 when the milestone {s.milestone} was reached{within}, else 0"
        case StateAsOf():
            results = {"present": "1 when one of", "count": "number of", "share": "share of"}
            tail = " is in force, else 0" if s.result == "present" else " in force"
            rest = f" among those {_where(s.among)}" if s.among else ""
            return f"{results[s.result]} {s.source}{tail}{rest}"
        case StakeholderCoverage():
            return f"share of the roles {_listed(s.roles, 'and')} held by a contact in force"
        case _:  # pragma: no cover
            assert_never(s)


def describe_shape(shape: Shape) -> str:
    """How a value becomes 0 to 100."""
    match shape:
        case RangeShape():
            return f"{_ends(shape)}, in a straight line between"
        case LogShape():
            return (
                f"{_figure(shape.zero)} scores 0, {_figure(shape.full)} scores 100, by powers of ten between"
            )
        case DecayShape():
            return f"0 scores 100, halved with every {_figure(shape.half_life)}"
        case PercentileShape():
            return f"rank among the accounts of the same {shape.within}, 0 to 100"
        case BandedShape():
            steps = []
            for band in shape.bands:
                line = f"below {_figure(band.below)}" if band.below is not None else "above that"
                steps.append(f"{line} scores {_figure(band.points)}")
            if shape.missing_points is not None:
                steps.append(f"unknown scores {_figure(shape.missing_points)}")
            return ", ".join(steps)
        case _:  # pragma: no cover
            assert_never(shape)


def describe_where(where: Where) -> str:
    """Conditions in words ("priority is p1 and kind is not known"); empty for none."""
    return " and ".join(_test(column, test) for column, test in where.items())


def describe_scope(scope: Scope) -> str:
    """The accounts a scope picks; "every account" when it is empty."""
    return " and ".join(_test(name, value) for name, value in scope.items()) or "every account"


def _ends(shape: RangeShape | LogShape) -> str:
    return f"{_figure(shape.zero)} scores 0, {_figure(shape.full)} scores 100"


def _where(where: Mapping[str, Scalar | tuple[Scalar, ...] | Condition]) -> str:
    return f"where {describe_where(dict(where))}"


def _conditions(signal: FromSource) -> str:
    parts = []
    if signal.where:
        parts.append(f", {_where(signal.where)}")
    if signal.at is not None:
        parts.append(f", dated by {signal.at}")
    if signal.absent == "zero":
        parts.append("; an account without any counts as having none")
    return "".join(parts)


def _test(column: str, test: Scalar | tuple[Scalar, ...] | Condition) -> str:
    if isinstance(test, tuple):
        return f"{column} is {_listed(test, 'or')}"
    if not isinstance(test, Condition):
        return f"{column} is {_word(test)}"
    parts = [
        f"{words} {_figure(getattr(test, key))}"
        for key, words in _BOUNDS.items()
        if getattr(test, key) is not None
    ]
    if test.one_of is not None:
        parts.append(_listed(test.one_of, "or"))
    if test.none_of is not None:
        parts.append(f"not {_listed(test.none_of, 'or')}")
    if test.present is not None:
        parts.append("known" if test.present else "not known")
    return f"{column} is {' and '.join(parts) or 'anything'}"


def _listed(values: Sequence[Scalar], last: str) -> str:
    words = [_word(v) for v in values] or ["nothing"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _figure(value)


def _figure(value: float) -> str:
    return f"{value:,.10g}"


def _days(window: int) -> str:
    return "the last day" if window == 1 else f"the last {window} days"


def _aggregate(of: str, measure: str | None) -> str:
    if of == "count":
        return "number"
    return f"number of different {measure}" if of == "distinct" else f"{of} of {measure}"
