"""Money in the reporting currency: what was given, the rate used and its date are all kept."""

from __future__ import annotations

from datetime import date

from barograph.intake.sql import lit
from barograph.workspace import Currency

SUFFIXES = ("_reporting", "_rate", "_rate_date")
_FIRST, _LAST = date(1, 1, 1), date(9999, 12, 31)


def rates_relation(currency: Currency) -> str:
    """Rows (code, first, last, rate, rate_date): the rate of a currency for each span of days.

    A rate holds from its date to the next one's; the first also before it. The reporting currency has rate 1
    and no date.
    """
    rows: list[tuple[str, date, date, float, date | None]] = [(currency.reporting, _FIRST, _LAST, 1.0, None)]
    codes = {rate.currency for rate in currency.rates} - {currency.reporting}
    for code in sorted(codes):
        dated = sorted({rate.date: rate.rate for rate in currency.rates if rate.currency == code}.items())
        for index, (day, rate) in enumerate(dated):
            first = day if index else _FIRST
            last = dated[index + 1][0] if index + 1 < len(dated) else _LAST
            rows.append((code, first, last, rate, day))
    values = ", ".join(
        f"({lit(code)}, DATE '{first:%Y-%m-%d}', DATE '{last:%Y-%m-%d}', {lit(rate)}, "
        + (f"DATE '{day:%Y-%m-%d}')" if day else "NULL::DATE)")
        for code, first, last, rate, day in rows
    )
    return f"(VALUES {values}) AS rates(code, first, last, rate, rate_date)"


def known_codes(currency: Currency) -> tuple[str, ...]:
    """Currencies that can be reported: the reporting one, and those with a rate."""
    return (currency.reporting, *sorted({rate.currency for rate in currency.rates} - {currency.reporting}))


def expected(currency: Currency) -> str:
    """What a currency must be, and what to do about another."""
    return (
        f"one of {', '.join(known_codes(currency))}; "
        "add the rate of another to [currency] in barograph.toml, then import the file again"
    )
