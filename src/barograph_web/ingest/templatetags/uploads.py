"""Figures of import reports, for templates: `{% load uploads %}`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template

register = template.Library()
RECORD_LENGTH = 240


@register.simple_tag
def total(tables: Sequence[Mapping[str, Any]] | None, key: str) -> str:
    """`{% total upload.report.tables "rows" %}`: the sum over the tables; "–" before the import."""
    return f"{sum(int(table[key]) for table in tables):,}" if tables else "–"


@register.simple_tag
def share_known(share: float) -> str:
    """`{% share_known 0.998 %}`: "99.8%". Nearly all is not written as all."""
    whole = f"{share:.0%}"
    return f"{share:.1%}".replace("100.0%", ">99.9%") if whole == "100%" and share < 1 else whole


@register.filter
def person(label: str) -> str:
    """Otto for `Otto <otto@example.com>`."""
    return label.partition(" <")[0]


@register.filter
def record_words(record: str) -> str:
    """A row as it was, readable: `Case: 7, Created: last week`. What is no record is shown as it is."""
    try:
        values = json.loads(record)
    except ValueError:
        values = None
    words = (
        record
        if not isinstance(values, dict)
        else ", ".join(f"{k}: {v}" for k, v in values.items() if v not in ("", None))
    )
    return words if len(words) <= RECORD_LENGTH else f"{words[: RECORD_LENGTH - 1]}…"
