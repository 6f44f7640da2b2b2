"""The signed-in person in templates (builtin): what they may do, and their pages under Administration."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from barograph_web.users.administration import tabs_of
from barograph_web.users.permissions import may as user_may

register = template.Library()


@register.filter
def may(user: Any, what: str) -> bool:
    """`{% if request.user|may:"decide" %}`"""
    return user_may(user, what)


@register.inclusion_tag("users/tabs.html", takes_context=True)
def administration_tabs(context: template.Context) -> dict[str, Any]:
    """`{% administration_tabs %}`: the pages under Administration, with the one that is open marked."""
    request = context["request"]
    here = request.resolver_match.view_name if request.resolver_match else ""
    chosen = getattr(request, "administration_tab", here)
    tabs = [(tab.label, reverse(tab.view), tab.view == chosen) for tab in tabs_of(request.user)]
    return {"tabs": tabs}
