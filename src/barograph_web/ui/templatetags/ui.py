"""Template tags of the design system; builtins of every template. Figures come from `ui.formats`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from barograph.charts.marks import TierShare, change_bar, history_bars, share_bar, tier_bar
from barograph_web.ui import formats, icons, sparks
from barograph_web.ui.panels import rendered_panels
from barograph_web.ui.place import reporting_currency

register = template.Library()
Day = date | datetime | str | None


@register.simple_tag
def pill(tier: str | None, label: str | Mapping[str, str] = "") -> SafeString:
    """`{% pill "at_risk" %}`; with the model's own labels: `{% pill tier labels %}`."""
    return formats.pill(tier, label.get(tier or "", "") if isinstance(label, Mapping) else label)


@register.simple_tag
def spark(
    values: Sequence[float | None] | None, tier: str | None = None, lines: Mapping[str, float] | None = None
) -> SafeString:
    """`{% spark history %}`: up to twelve weekly scores, oldest first; `tier` colours the last bar."""
    return mark_safe(sparks.spark(values, tier, lines))  # noqa: S308 - charts.svg escapes every piece


@register.simple_tag
def history_chart(
    values: Sequence[float | None] | None, tier: str, lines: Mapping[str, float] | None = None
) -> SafeString:
    """`{% history_chart history tier tier_lines %}`: the larger bars, with the first and last score written."""
    return mark_safe(history_bars(values or [], tier, lines))  # noqa: S308 - see above


@register.simple_tag
def change_mark(points: float, widest: float) -> SafeString:
    """`{% change_mark item.points widest %}`: one line of a ledger as a bar left or right of zero."""
    return mark_safe(change_bar(points, widest))  # noqa: S308 - see above


@register.simple_tag
def share_mark(share: float | None, tier: str = "insufficient") -> SafeString:
    """`{% share_mark share "healthy" %}`: a share of 0 to 1 as a bar."""
    return formats.unknown() if share is None else mark_safe(share_bar(share, tier))  # noqa: S308 - see above


@register.simple_tag
def tiers_mark(tiers: Sequence[Any], of: str = "revenue") -> SafeString:
    """`{% tiers_mark tiers "accounts" %}`: tiers as one bar. Items, mappings or objects, have tier,
    label, arr and accounts."""

    def of_tier(one: Any, key: str) -> Any:
        return one[key] if isinstance(one, Mapping) else getattr(one, key)

    key = "arr" if of == "revenue" else "accounts"
    parts = [TierShare(of_tier(t, "tier"), of_tier(t, "label"), float(of_tier(t, key) or 0)) for t in tiers]
    return mark_safe(tier_bar(parts, of))  # noqa: S308 - see above


@register.simple_tag
def money(value: float | None, bare: bool = False) -> SafeString:
    """`{% money account.arr %}`: "EUR 84 k"; `bare=True` where the column says the currency."""
    return formats.money(value, reporting_currency(), bare=bare)


@register.simple_tag
def currency() -> str:
    """`{% currency %}`: "EUR", for the headers of columns of money."""
    return reporting_currency()


@register.simple_tag
def score(value: float | None) -> SafeString:
    """`{% score standing.score %}`: a whole number, or an en dash where there is no score."""
    return formats.score(value)


@register.simple_tag
def date_rel(value: Day, today: Day) -> SafeString:
    """`{% date_rel account.opt_out_on today %}`: "in 41 days", with the date in the title and on paper."""
    return formats.date_rel(value, today)


@register.simple_tag
def date_abs(value: Day) -> SafeString:
    """`{% date_abs week.as_of %}`: "16 Nov 2026"."""
    return formats.date_abs(value)


@register.simple_tag
def instant(value: datetime | None) -> SafeString:
    """`{% instant run.started_at %}`: "16 Nov 2026 08:31" in the workspace's zone."""
    return formats.instant(value)


@register.simple_tag
def delta(value: float | None, digits: int = 1) -> SafeString:
    """`{% delta change %}`: signed, coloured, with an arrow."""
    return formats.delta(value, digits)


@register.simple_tag
def pct(share: float | None) -> SafeString:
    """`{% pct coverage %}`: "62%"."""
    return formats.pct(share)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "download" %}`; with a label where no text stands beside it."""
    return mark_safe(icons.icon(name, label))  # noqa: S308 - see above


@register.filter
def known(value: Any) -> Any:
    """`{{ account.plan|known }}`: the value, or the mark of what is not known."""
    return value if formats.is_known(value) else formats.unknown()


@register.filter
def lower_first(text: str) -> str:
    """`{{ title|lower_first }}`: a title inside a sentence; names in it keep their capitals."""
    return text[:1].lower() + text[1:]


@register.simple_tag
def next_sort(current: str, key: str, first: str = "") -> str:
    """What a click on a column's header sorts by: `first` ("-": the largest first), then the other way."""
    begin = f"{first}{key}"
    other = key if first else f"-{key}"
    return other if current == begin else begin


@register.simple_tag
def sorted_by(current: str, key: str) -> str:
    """ "ascending" or "descending" when the list is sorted by `key`, else "": the value of aria-sort."""
    return {key: "ascending", f"-{key}": "descending"}.get(current or "", "")


@register.simple_tag(takes_context=True)
def panels(context: template.Context, page: str, subject: Any = None) -> SafeString:
    """`{% panels "account" account %}`: what other apps show on this page, in order (ui/panels.py)."""
    request: HttpRequest = context["request"]
    return rendered_panels(request, page, subject)
