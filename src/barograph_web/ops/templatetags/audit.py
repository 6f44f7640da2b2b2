"""What happened to an object, for the page that shows it (builtin)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django import template

from barograph_web.ops.audit import history_of
from barograph_web.ops.models import AuditEvent
from barograph_web.ops.queries import Change, changes_of

register = template.Library()
SHOWN = 20


@register.inclusion_tag("ops/partials/history.html", takes_context=True)
def history(context: template.Context, thing: Any, limit: int = SHOWN) -> dict[str, Any]:
    """`{% history decision %}`, or `{% history pair %}` with (type, id): its audit events, newest first.

    The page that writes it has to have checked that the person may see the object.
    """
    events = list(history_of(thing)[: limit + 1])
    return {"events": events[:limit], "more": len(events) > limit, "request": context.get("request")}


@register.filter
def changes(event: AuditEvent) -> list[Change]:
    """`{% for change in event|changes %}`: before and after, field by field."""
    return changes_of(event)


@register.simple_tag
def took(began: datetime | None, ended: datetime | None) -> str:
    """`{% took run.started_at run.finished_at %}`: "0.4 s", "3 min 12 s"; an en dash while it goes on."""
    if began is None or ended is None:
        return "–"
    seconds = (ended - began).total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def plain(value: Any) -> str:
    """`{{ change.before|plain }}`: none, yes, no, text as it is, and anything else as JSON."""
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def spaced(name: str) -> str:
    """`{{ "account_weeks"|spaced }}`: "account weeks"."""
    return name.replace("_", " ")
