"""Times and days of a source as UTC timestamps and calendar days, as SQL expressions.

Every text is matched whole before it is cast, since the casts of different engine versions accept different
things after the part that they understand.
"""

from __future__ import annotations

from dataclasses import dataclass

from barograph.intake.sql import lit

EARLIEST, LATEST = 1900, 2199
_CLOCK = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\\.[0-9]{1,9})?)?"
_PLAIN = f"(?:19|20|21)[0-9]{{2}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:[T ]{_CLOCK})?"
_ZONE = "(:[0-9]{2}(?:[.,][0-9]{1,9})?) ?(Z|UTC|GMT|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)$"
_ORDERS = {
    "iso": ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"),
    "day-first": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"),
    "month-first": ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%Y-%m-%d"),
}
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")


@dataclass(frozen=True, slots=True)
class Written:
    """How a source writes values. `zone` is for times that carry none; `home` is the workspace's."""

    zone: str = "UTC"
    home: str = "UTC"
    decimal: str = "."
    dates: str = "iso"


def to_utc(local: str, zone: str) -> str:
    """A local time as UTC. Of an hour that comes twice the later counts; a skipped one is moved on."""
    return local if zone == "UTC" else f"timezone('UTC', timezone({lit(zone)}, {local}))"


def to_local(moment: str, zone: str) -> str:
    """A UTC time as local time in `zone`."""
    return moment if zone == "UTC" else f"timezone({lit(zone)}, timezone('UTC', {moment}))"


def day_number(day: str) -> str:
    """Days from 1970-01-01 to a DATE."""
    return f"CAST(({day}) - DATE '1970-01-01' AS INTEGER)"


def local_day(moment: str, zone: str) -> str:
    """Day number of the local calendar date of a UTC time."""
    return day_number(f"CAST({to_local(moment, zone)} AS DATE)")


def as_instant(value: str, duck: str, written: Written) -> str:
    """A UTC time. A date is its first moment; a time without a zone is in the source's zone.

    `value` is a column of the type `duck`; text must be trimmed, with NULL for nothing.
    """
    match duck:
        case "DATE":
            return _in_range(to_utc(f"CAST({value} AS TIMESTAMP)", written.zone))
        case "TIMESTAMP":
            return _in_range(to_utc(value, written.zone))
        case "TIMESTAMP WITH TIME ZONE":
            return _in_range(f"timezone('UTC', {value})")
        case "BOOLEAN":
            return "NULL::TIMESTAMP"
        case _ if written.dates.startswith("unix"):
            return _in_range(_unix(value, 1000 if written.dates == "unix" else 1))
        case "VARCHAR" if "%" in written.dates:
            return _in_range(to_utc(f"try_strptime({value}, {lit(written.dates)})", written.zone))
        case "VARCHAR":
            zoned = f"CASE WHEN x.o IS NULL THEN {to_utc('x.l', written.zone)} ELSE x.l - to_minutes(x.o) END"
            plain = to_utc(f"try_cast({value} AS TIMESTAMP)", written.zone)
            return _or_plain(value, plain, _let_parts(value, written, zoned))
        case _:
            return "NULL::TIMESTAMP"


def as_day(value: str, duck: str, written: Written) -> str:
    """A calendar day. A time with a zone gives the day that it has in the workspace's; arguments as above."""
    if duck == "DATE":
        return _in_range(value)
    if duck == "TIMESTAMP":
        return _in_range(f"CAST({value} AS DATE)")
    if duck != "VARCHAR" or written.dates.startswith("unix"):
        return f"CAST({to_local(as_instant(value, duck, written), written.home)} AS DATE)"
    if "%" in written.dates:
        return _in_range(f"CAST(try_strptime({value}, {lit(written.dates)}) AS DATE)")
    moved = to_local("(x.l - to_minutes(x.o))", written.home)
    rest = _let_parts(value, written, f"CASE WHEN x.o IS NULL THEN x.l ELSE {moved} END")
    return f"CAST({_or_plain(value, f'try_cast({value} AS TIMESTAMP)', rest)} AS DATE)"


def _or_plain(value: str, plain: str, rest: str) -> str:
    """`plain` for the common form of ISO 8601 without a zone, else `rest`, which costs more."""
    return f"CASE WHEN regexp_full_match({value}, '{_PLAIN}') THEN {plain} ELSE {rest} END"


def _let_parts(value: str, written: Written, result: str) -> str:
    """`result`, where `x.l` is the local time that a text shows and `x.o` its minutes from UTC, if any.

    A one-element list binds a name: repeated text would grow the query with every use.
    """
    shown = f"regexp_replace(upper({value}), '{_ZONE}', '\\1')"
    shown = f"replace(replace(replace({shown}, ', ', ' '), 'T', ' '), ',', '.')"
    formats = ", ".join(lit(day + clock) for day in _ORDERS[written.dates] for clock in _CLOCKS)
    digits = "right(replace(z, ':', ''), -1)"
    hours, rest = f"try_cast(left({digits}, 2) AS INTEGER)", f"try_cast(substr({digits}, 3, 2) AS INTEGER)"
    minutes = (
        "CASE WHEN z = '' THEN NULL WHEN z IN ('Z', 'UTC', 'GMT') THEN 0 "
        f"ELSE (CASE WHEN starts_with(z, '-') THEN -1 ELSE 1 END) * ({hours} * 60 + coalesce({rest}, 0)) END"
    )
    zone = f"list_transform([regexp_extract(upper({value}), '{_ZONE}', 2)], lambda z: {minutes})[1]"
    # The engine also understands words, such as "epoch".
    local = f"CASE WHEN regexp_matches({value}, '^[0-9]') THEN try_strptime({shown}, [{formats}]) END"
    parts = f"{{'l': {_in_range(local)}, 'o': {zone}}}"
    return f"list_transform([{parts}], lambda x: {result})[1]"


def _unix(value: str, factor: int) -> str:
    millis = f"try_cast({value} AS DOUBLE) * {factor}"
    return f"CASE WHEN abs({millis}) < 1e13 THEN make_timestamp(CAST(round({millis} * 1000) AS BIGINT)) END"


def _in_range(value: str) -> str:
    return f"list_filter([{value}], lambda t: year(t) BETWEEN {EARLIEST} AND {LATEST})[1]"
