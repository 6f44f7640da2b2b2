"""What every page needs: the sections in the header, the workspace's name, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from barograph_web.ui.navigation import SECTIONS
from barograph_web.ui.place import workspace_name


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the header."""

    label: str
    url: str
    here: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for base.html: sections, theme, workspace_name, and find_url, own_url ("": no such page)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"sections": [], "workspace_name": ""}
    match = request.resolver_match
    here = match.namespace if match is not None else ""
    return {
        "sections": [
            Item(section.label, reverse(section.view), here in (section.view.split(":")[0], *section.also))
            for section in SECTIONS
            if section.allowed(user)
        ],
        "theme": user.theme,
        "workspace_name": workspace_name(),
        "find_url": _address("portfolio:find"),
        "own_url": _address("users:me"),
    }


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
