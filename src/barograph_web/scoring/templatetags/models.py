"""Words and figures of models, for templates: `{% load models %}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from barograph_web.scoring.models import Tier
from barograph_web.scoring.wording import LABELS, MEANINGS
from barograph_web.ui import formats

register = template.Library()
_KINDS = {
    "in_force": "in force",
    "draft": "this draft",
    "proposed": "proposed",
    "predictive": "predictive",
    "blended": "blended",
    "heuristic": "heuristic",
    "equal_weights": "equal weights",
    "challenger": "unconstrained challenger",
    "base_rate": "base rate for everybody",
}
_CHANGES = {
    "weight": "weight",
    "shape": "range",
    "measure": "measure",
    "line": "tier line",
    "setting": "rule",
}


@register.filter
def label_words(label: str | None) -> str:
    """HEURISTIC for heuristic."""
    return LABELS.get(label or "", (label or "").replace("_", " ").upper())


@register.filter
def label_meaning(label: str | None) -> str:
    """What a label says of the weights, in words."""
    return MEANINGS.get(label or "", "")


@register.filter
def kind_words(kind: str) -> str:
    """in force for in_force."""
    return _KINDS.get(kind, kind.replace("_", " "))


@register.filter
def change_words(what: str) -> str:
    """What differs, for a reader."""
    return _CHANGES.get(what, what)


@register.filter
def tier_words(name: str) -> str:
    """At Risk for at_risk; other names as they are."""
    return Tier(name).label if name in Tier.values else name


@register.filter
def drawn(svg: str) -> SafeString:
    """A picture made by `barograph.charts.svg`, which escapes every piece."""
    return mark_safe(svg)  # noqa: S308 - see above


@register.filter
def two(value: float | None) -> str | None:
    """Two decimals; None stays None."""
    return None if value is None else f"{value:.2f}"


@register.filter
def interval(entry: Mapping[str, Any], name: str) -> str | SafeString:
    """`{{ model|interval:"auc" }}`: "0.71 (0.64 to 0.77)"; the mark of what is not known without a value."""
    value = entry.get(name)
    if value is None:
        return formats.unknown()
    low, high = entry.get(f"{name}_low"), entry.get(f"{name}_high")
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f} to {high:.2f})"


@register.filter
def after(entries: Sequence[Any], position: int) -> Any:
    """The entry that follows the one at `position` (counted from 1); None after the last."""
    return entries[position] if position < len(entries) else None


@register.filter
def named(name: str, labels: Mapping[str, str] | None) -> str:
    """What a signal is called, where it is a signal."""
    return (labels or {}).get(name, name)


@register.filter
def person(label: str) -> str:
    """Lena for `Lena <lena@example.com>`."""
    return label.partition(" <")[0]
