"""Figures and dates as pages show them: short where the eye compares, whole where the pointer rests.

Unknown is an en dash that says so, never 0. Everything that comes from data is escaped. Pure: the day that
relative dates count from is an argument.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TypeGuard, TypeVar

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from barograph.charts.palette import css_name
from barograph.core.words import money as exact_money
from barograph.core.words import per_cent
from barograph.reports.render.phrases import date_words, rough_money, tier_words

NO_BREAK = "\u00a0"
DAYS_TOLD = 120
"""Up to here a distance is told in days; the opt-out deadline of an account is a matter of days."""


def unknown(what: str = "unknown") -> SafeString:
    """The mark of a value that is not known."""
    return format_html('<span class="unknown" title="{}">–</span>', what)


T = TypeVar("T")


def is_known(value: T | None) -> TypeGuard[T]:
    """Whether there is a value: None, "" and NaN are none."""
    return value is not None and value != "" and not (isinstance(value, float) and math.isnan(value))


def pill(tier: str | None, label: str = "") -> SafeString:
    """The tier's word on its colour. Raises nothing: a name that is no tier is grey."""
    if not is_known(tier):
        return unknown("not there")
    return format_html('<span class="pill {}">{}</span>', css_name(tier), label or tier_words(tier, {}))


def money(value: float | None, currency: str, *, bare: bool = False) -> SafeString:
    """ "EUR 84 k", with the whole amount when pointed at. bare: without the currency, which a header says."""
    if not is_known(value):
        return unknown()
    told = rough_money(float(value), "" if bare else currency).strip().replace(" ", NO_BREAK)
    return format_html(
        '<span class="money" title="{}">{}</span>', exact_money(round(float(value)), currency), told
    )


def score(value: float | None) -> SafeString:
    """A whole number, which is how scores are shown; the title has one decimal."""
    if not is_known(value):
        return unknown("too little is known for a score")
    return format_html(
        '<span title="{} of 100, higher is healthier">{}</span>', f"{float(value):.1f}", f"{float(value):.0f}"
    )


def delta(value: float | None, digits: int = 1) -> SafeString:
    """A signed change with an arrow. Higher is healthier: up is green. What rounds to nothing is "±0"."""
    if not is_known(value):
        return unknown("nothing to compare with")
    moved = round(float(value), digits)
    if moved == 0:
        return mark_safe('<span class="delta same">±0</span>')
    way, arrow, sign = ("up", "▲", "+") if moved > 0 else ("down", "▼", "−")
    return format_html(
        '<span class="delta {}"><span aria-hidden="true">{}</span>{}{}</span>',
        way, arrow, sign, f"{abs(moved):.{digits}f}",
    )  # fmt: skip


def pct(share: float | None) -> SafeString:
    """A share of 0 to 1 as "62%", with a decimal below ten per cent."""
    if not is_known(share):
        return unknown()
    return format_html("{}", per_cent(float(share)))


def day(value: date | datetime | str | None) -> date | None:
    """The local calendar day of a date, an instant or ISO text; None for what is none of them."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str) and value:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None


def distance(days: int) -> str:
    """ "in 41 days", "yesterday", "5 months ago"."""
    if days in (-1, 0, 1):
        return {-1: "yesterday", 0: "today", 1: "tomorrow"}[days]
    size = abs(days)
    if size <= DAYS_TOLD:
        told = f"{size} days"
    elif size < 730:
        told = f"{round(size / 30.44)} months"
    else:
        told = f"{round(size / 365.25)} years"
    return f"in {told}" if days > 0 else f"{told} ago"


def date_rel(value: date | datetime | str | None, today: date | datetime | str | None) -> SafeString:
    """How far a day is from today; the day itself when pointed at and on paper."""
    there, here = day(value), day(today)
    if there is None:
        return unknown()
    told = date_words(there.isoformat()) if here is None else distance((there - here).days)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        "day" if here is None else "rel", there.isoformat(), date_words(there.isoformat()), told,
    )  # fmt: skip


def date_abs(value: date | datetime | str | None) -> SafeString:
    """ "4 Jan 2027"."""
    return date_rel(value, None)


def instant(value: datetime | None) -> SafeString:
    """ "16 Nov 2026 08:31" in the workspace's zone, which the middleware has activated."""
    if value is None:
        return unknown("not yet")
    local = timezone.localtime(value)
    return format_html(
        '<time class="day" datetime="{}">{} {}</time>',
        local.isoformat(timespec="seconds"), date_words(local.date().isoformat()), f"{local:%H:%M}",
    )  # fmt: skip
