"""Words of pulses in templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from barograph_web.ops import workspace
from barograph_web.pulses import grades, queries
from barograph_web.pulses.forms import given_at_of
from barograph_web.pulses.models import Executives, Narrative, PulseState, Sponsor
from barograph_web.pulses.services import is_own as is_own_pulse
from barograph_web.ui.formats import unknown
from barograph_web.users.models import User

register = template.Library()
KNOWN = {"sponsor": Sponsor, "executives": Executives, "narrative": Narrative}


@register.simple_tag
def grading_on() -> bool:
    """`{% grading_on as shown %}`: whether calls are graded."""
    return grades.is_on()


@register.simple_tag(takes_context=True)
def differing(context: template.Context) -> int:
    """`{% differing as waiting %}`: how many differences on the person's accounts wait for a decision."""
    return queries.count_open(context["request"].user, workspace.today())


@register.filter
def said(value: str, question: str) -> str | SafeString:
    """`{{ words.sponsor_status|said:"sponsor" }}`: the answer in words; an en dash where there was none."""
    known = KNOWN[question]
    return known(value).label.lower() if value in known.values else unknown("not answered")


@register.filter
def given_at(row: PulseState) -> str:
    """`{{ row|given_at }}`: what a ruling form carries of the pulse it is about."""
    return given_at_of(row)


@register.filter
def is_own(row: PulseState, user: Any) -> bool:
    """`{% if row|is_own:user %}`: whether the person gave this pulse, or it was given in their place."""
    return isinstance(user, User) and is_own_pulse(row, user)
