"""Template tags of this app: `{% load growth %}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from barograph_web.growth.conversion import Deal
from barograph_web.growth.models import DealKind, Escalation, Favour, Goal

register = template.Library()


@register.filter
def at(found: Mapping[Any, Any], key: Any) -> Any:
    """`{{ names|at:row.account_id }}`: the value of a key; None without it."""
    return found.get(key)


@register.filter
def total(counts: Mapping[str, int]) -> int:
    """All of some counts; goals that were dropped do not count."""
    return sum(n for state, n in counts.items() if state != "dropped")


@register.filter
def won_amount(deals: Iterable[Deal]) -> float | None:
    """Revenue a year of the deals that were won; None when none was, or nothing is known of them."""
    amounts = [deal.amount for deal in deals if deal.won and deal.amount is not None]
    return sum(amounts) if amounts else None


@register.filter
def plain_kind(value: str) -> str:
    """The kind of a deal in words; any other text as it is."""
    return str(dict(DealKind.choices).get(value, value))


@register.filter
def entered_number(deal: Deal) -> int:
    """The number of a deal that was entered."""
    return int(deal.key.removeprefix("app-"))


@register.filter
def favour_words(value: str) -> str:
    """A favour in words."""
    return str(dict(Favour.choices).get(value, value))


@register.filter
def figure(value: Any) -> str | None:
    """12.0 as "12", 1234.5 as "1,234.5"; None for what is no number."""
    return None if not isinstance(value, int | float) else f"{float(value):,.2f}".rstrip("0").rstrip(".")


@register.filter
def way(goal: Goal) -> float | None:
    """The share of the way from baseline to target that is measured, 0 to 1; None where it cannot be told."""
    if goal.baseline is None or goal.target is None or goal.measured is None or goal.baseline == goal.target:
        return None
    return min(1.0, max(0.0, (goal.measured - goal.baseline) / (goal.target - goal.baseline)))


@register.filter
def still_open(goals: Iterable[Goal]) -> list[Goal]:
    """Goals that are neither confirmed nor given up."""
    return [goal for goal in goals if goal.state == "open"]


@register.filter
def days_open(row: Escalation) -> int | None:
    """Whole days from the opening to the resolution."""
    return None if row.resolved_at is None else (row.resolved_at - row.opened_at).days


@register.filter
def gist(conditions: Iterable[Mapping[str, Any]]) -> str:
    """How long healthy and how much used, in the words of the two conditions, without what is wanted."""
    told = [str(c["words"]).partition(";")[0] for c in conditions if c["name"] in ("healthy", "used")]
    return ", ".join(words[:1].lower() + words[1:] if place else words for place, words in enumerate(told))


@register.filter
def points(share: float) -> str:
    """A difference of shares in percentage points, signed."""
    rounded = round(share * 100)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else '±'}{abs(rounded)}"
