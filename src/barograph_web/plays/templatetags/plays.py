"""Marks of plays: states with a word and a colour."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from barograph_web.plays.models import Clock, DataIncident, IncidentState, PlayRun, RunState

register = template.Library()
RUNS = {RunState.SUCCEEDED: "good", RunState.FAILED: "warn"}
INCIDENTS = {IncidentState.OPEN: "bad", IncidentState.ACKNOWLEDGED: "warn"}


@register.filter
def named(names: Mapping[str, str], account_id: str) -> str:
    """An account's name, else its id."""
    return names.get(account_id, account_id)


@register.filter
def plain_state(word: str) -> str:
    """`at_risk` as "at risk"."""
    return str(word).replace("_", " ")


@register.simple_tag
def run_state(run: PlayRun) -> SafeString:
    """How a run stands."""
    return format_html('<span class="tag {}">{}</span>', RUNS.get(run.state, ""), run.get_state_display())


@register.simple_tag
def incident_state(incident: DataIncident) -> SafeString:
    """How an incident stands."""
    colour = INCIDENTS.get(incident.state, "")
    return format_html('<span class="tag {}">{}</span>', colour, incident.get_state_display())


@register.simple_tag
def clock_state(clock: Clock) -> SafeString:
    """How a promise stands."""
    if clock.met:
        return format_html('<span class="tag good">{}</span>', "kept")
    if clock.met is False or clock.breached_at is not None:
        return format_html('<span class="tag bad">{}</span>', "missed")
    if clock.cancelled:
        return format_html('<span class="tag">{}</span>', "does not count")
    return format_html('<span class="tag">{}</span>', "stands still" if clock.paused_at else "runs")
