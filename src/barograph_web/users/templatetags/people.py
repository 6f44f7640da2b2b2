"""What the signed-in person may do, for templates (builtin)."""

from __future__ import annotations

from typing import Any

from django import template

from barograph_web.users.permissions import may as user_may

register = template.Library()


@register.filter
def may(user: Any, what: str) -> bool:
    """`{% if request.user|may:"decide" %}`"""
    return user_may(user, what)
