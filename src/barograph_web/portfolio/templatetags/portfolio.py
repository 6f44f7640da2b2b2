"""Template tags of this app: `{% load portfolio %}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from barograph.charts.palette import css_name
from barograph.charts.svg import element, picture
from barograph_web.portfolio.fact_tables import word
from barograph_web.portfolio.models import Tier
from barograph_web.portfolio.queries_list import TierCount, readable

register = template.Library()
STRIP, HEIGHT = 120.0, 12.0


@register.filter
def tier_word(tier: str | None) -> str:
    """ "At Risk" for "at_risk"."""
    return str(dict(Tier.choices).get(tier or "", tier or "not there"))


@register.filter
def person(address: str | None) -> str:
    """A readable name out of an address."""
    return readable(address) if address else ""


@register.filter
def plain_word(value: str) -> str:
    """A word of the data contract as people write it."""
    return word(value)


@register.filter
def plain_number(value: Any) -> str:
    """12.0 as "12", 12.5 as "12.5"."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, int | float) else str(value)


@register.simple_tag
def tier_strip(counts: Iterable[TierCount]) -> SafeString:
    """The tiers of a group as parts of one small bar, by revenue; by accounts where no revenue is known."""
    found = list(counts)
    by_revenue = any(c.arr for c in found)
    values = [(c, (c.arr or 0.0) if by_revenue else float(c.accounts)) for c in found]
    total = sum(v for _, v in values)
    if total <= 0:
        return SafeString("")
    parts, start = [], 0.0
    for count, value in values:
        wide = value / total * STRIP
        if wide > 0:
            parts.append(
                element(
                    "rect", x=start, y=0, width=wide, height=HEIGHT, class_=f"solid-{css_name(count.tier)}"
                )
            )
        start += wide
    told = ", ".join(f"{c.label} {v / total:.0%}" for c, v in values if v > 0)
    what = "Revenue" if by_revenue else "Accounts"
    drawn = picture(f"{what} by tier: {told}.", *parts, class_="mark", width=STRIP, height=HEIGHT)
    return mark_safe(drawn)  # noqa: S308 - charts.svg escapes every piece


@register.filter
def signal_value(signal: dict[str, Any]) -> str:
    """A signal's value in words; weeks without sentences have the bare number with its unit."""
    if signal.get("words"):
        return str(signal["words"])
    value = signal.get("value")
    return (
        ""
        if value is None
        else f"{plain_number(float(value))} {str(signal.get('unit') or '').replace('_', ' ')}".strip()
    )


@register.filter
def change_of(change: dict[str, Any] | None) -> float | None:
    """The difference of a `change`; None where one of the two scores is not known."""
    if not change or change.get("from") is None or change.get("to") is None:
        return None
    return float(change["to"]) - float(change["from"])


@register.filter
def abs_number(value: float) -> float:
    """The value without its sign."""
    return abs(value)


@register.filter
def missing_words(reason: str) -> str:
    """Why a value is missing, in words."""
    return MISSING.get(reason, reason.replace("_", " "))


@register.filter
def insufficient_words(reason: str | None) -> str:
    """Why there is no score, in words."""
    return INSUFFICIENT.get(reason or "", "too little is known")


@register.filter
def statement_words(statement: str) -> str:
    """Why a change has no lines that add up."""
    return STATEMENTS.get(statement, "There is nothing to compare with.")


@register.filter
def action_words(action: str) -> str:
    """ "wrote a note" for "note.written"; other actions as their verb and noun."""
    noun, _, verb = action.partition(".")
    return ACTIONS.get(action, f"{noun} {verb}".replace("_", " "))


@register.filter
def cut_address(label: str) -> str:
    """The name out of "Name <address>"."""
    return label.partition(" <")[0]


MISSING = {
    "no_data": "nothing is known of it",
    "no_recent": "nothing recent is known of it",
    "pending": "too early to know",
    "stale_feed": "its feed stopped",
    "too_new": "too new to say",
    "too_little_support": "too few facts to say",
    "undefined": "cannot be computed here",
    "not_applicable": "does not apply here",
}
INSUFFICIENT = {
    "low_coverage": "too little of the weight is known",
    "required_missing": "a signal that the model requires is missing",
    "nothing_known": "nothing is known",
    "nothing_applies": "no signal applies",
}
STATEMENTS = {
    "items": "Nothing moved.",
    "first_week": "Its first scored week: there is nothing to compare with.",
    "was_insufficient": "It had no score the week before, so no difference can be taken apart.",
    "became_insufficient": "It lost its score this week, so no difference can be taken apart.",
    "still_insufficient": "It had no score the week before either.",
    "restated": "Last week's score was published on data that were corrected since.",
}
ACTIONS = {
    "note.written": "wrote a note",
    "note.replaced": "corrected a note",
    "note.erased": "erased a note",
    "account.shared": "shared the account with a guest",
    "account.sharing_stopped": "stopped sharing it with a guest",
    "decision.recorded": "recorded a decision",
    "decision.replaced": "changed a decision",
    "decision.closed": "closed a decision",
}
