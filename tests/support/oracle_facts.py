"""The naive reading of raw versions: what was known, what had happened, what a condition lets through.

Part of the signal oracle. Plain Python over lists of dicts, written from docs/reference/signals.md and
sharing nothing with any engine. A row is one version with the system columns of the raw layout; a column
that a row does not have is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from barograph.definitions.base import Condition, Where
from barograph.definitions.tables import TABLES

Row = Mapping[str, Any]
Raw = Mapping[str, Sequence[Row]]
Reading = Fraction | str

EPOCH = date(1970, 1, 1)
MICRO = 1_000_000


def day_number(day: date) -> int:
    """Days from 1970-01-01 to `day`."""
    return (day - EPOCH).days


def local_day(value: object, zone: ZoneInfo) -> int | None:
    """Local day number of an instant (naive UTC) or of a calendar day; None of null."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return day_number(value.replace(tzinfo=UTC).astimezone(zone).date())
    if isinstance(value, date):
        return day_number(value)
    raise TypeError(f"{value!r} is neither an instant nor a day")


def midnight(day: int, zone: ZoneInfo) -> datetime:
    """The first instant of a local day number, as naive UTC."""
    start = datetime.combine(EPOCH + timedelta(days=day), time(0), tzinfo=zone)
    return start.astimezone(UTC).replace(tzinfo=None)


def calendar_day(day: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=day)


def visible(rows: Iterable[Row], as_of: int) -> list[Row]:
    """Of each key the last version by (`_known_at`, `_seq`) among those known before `as_of`."""
    last: dict[object, Row] = {}
    for row in rows:
        if row["_known_day"] >= as_of:
            continue
        held = last.get(row["_key"])
        if held is None or (row["_known_at"], row["_seq"]) > (held["_known_at"], held["_seq"]):
            last[row["_key"]] = row
    return list(last.values())


@dataclass(frozen=True, slots=True)
class Fact:
    """A visible version with its fact day `t` (None where the table does not date its facts)."""

    table: str
    account: str
    t: int | None
    row: Row
    moment: Any = None

    def order(self) -> tuple[Any, Any, Any]:
        """What makes one fact newer than another: its own moment, then when it was known, then its place."""
        return (self.moment, self.row["_known_at"], self.row["_seq"])


def facts(raw: Raw, table: str, as_of: int, zone: ZoneInfo, at: str | None = None) -> list[Fact]:
    """Everything the table says at `as_of`, dated by `at` (default: what the table calls `occurred`)."""
    column = at or TABLES[table].occurred
    found = []
    for row in visible(raw.get(table, ()), as_of):
        moment = row.get(column) if column else None
        if column == "recorded_at" and moment is None:
            moment = row["_known_at"]
        found.append(Fact(table, str(row["account_id"]), local_day(moment, zone), row, moment))
    return found


def happened(found: Iterable[Fact], as_of: int, *, undated: bool) -> list[Fact]:
    """Facts with t < as_of; those without a day stay only where `undated` says that they need none."""
    return [fact for fact in found if (undated if fact.t is None else fact.t < as_of)]


def rounded(value: float) -> Fraction:
    """`value` at six decimals, half away from zero, as an exact number."""
    micros = Decimal(float(value) * MICRO).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return Fraction(int(micros), MICRO)


def derived(fact: Fact, column: str, zone: ZoneInfo) -> Any:
    """A derived column of surveys, goals, invoices or tickets; None while a part of it is unknown."""
    row = fact.row
    if column == "score_100":
        score, low, high = row.get("score"), row.get("scale_min"), row.get("scale_max")
        if score is None or low is None or high is None or low == high:
            return None
        return (score - low) / (high - low) * 100
    if column == "progress":
        baseline, target, measured = row.get("baseline"), row.get("target"), row.get("measured")
        if baseline is None or target is None or measured is None or baseline == target:
            return None
        return min(1.0, max(0.0, (measured - baseline) / (target - baseline)))
    if column == "days_late":
        due, paid = local_day(row.get("due_at"), zone), local_day(row.get("paid_at"), zone)
        return None if due is None or paid is None else max(0, paid - due)
    if column == "resolution_hours":
        return hours_between(row.get("opened_at"), row.get("resolved_at"))
    raise KeyError(column)


def hours_between(start: object, end: object) -> Fraction | None:
    """Exact hours between two instants; None when one is null."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    lasted = end - start
    return Fraction((lasted.days * 86_400 + lasted.seconds) * MICRO + lasted.microseconds, 3600 * MICRO)


DERIVED = {
    "surveys": ("score_100",),
    "goals": ("progress",),
    "invoices": ("days_late",),
    "tickets": ("resolution_hours",),
}


def value_of(fact: Fact, column: str, zone: ZoneInfo) -> Any:
    """A column as stored, or a derived one."""
    return derived(fact, column, zone) if column in DERIVED.get(fact.table, ()) else fact.row.get(column)


def read(fact: Fact, measure: str, zone: ZoneInfo) -> Reading | None:
    """A measure: text as it is, a flag as 1 or 0, a number at six decimals.

    Money is read in the reporting currency where the import converted it.
    """
    in_reporting = f"{measure}_reporting"
    value = value_of(fact, in_reporting if in_reporting in fact.row else measure, zone)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float, Fraction)):
        return rounded(float(value))
    raise TypeError(f"{fact.table}.{measure} holds {value!r}, which is not a measure")


def same(value: Any, wanted: Any) -> bool:
    """Text equals text exactly, a flag a flag, a number a number."""
    if isinstance(value, bool) != isinstance(wanted, bool) or isinstance(value, str) != isinstance(
        wanted, str
    ):
        return False
    return value == wanted


def holds(value: Any, wanted: Any) -> bool:
    """Whether one condition of a `where` lets `value` through; null passes only `present = false`."""
    if not isinstance(wanted, Condition):
        options = wanted if isinstance(wanted, tuple) else (wanted,)
        return value is not None and any(same(value, option) for option in options)
    if value is None:
        return wanted == Condition(present=False)
    return (
        wanted.present is not False
        and (wanted.at_least is None or value >= wanted.at_least)
        and (wanted.at_most is None or value <= wanted.at_most)
        and (wanted.above is None or value > wanted.above)
        and (wanted.below is None or value < wanted.below)
        and (wanted.one_of is None or any(same(value, option) for option in wanted.one_of))
        and (wanted.none_of is None or not any(same(value, option) for option in wanted.none_of))
    )


def passes(fact: Fact, where: Where) -> bool:
    """Whether the fact meets every condition. Derived columns are measures, not conditions."""
    return all(holds(fact.row.get(column), wanted) for column, wanted in where.items())
