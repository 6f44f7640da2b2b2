"""What every page needs: the sections in the header, the workspace's name, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from barograph_web.ui.navigation import SECTIONS


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the header."""

    label: str
    url: str
    here: bool


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for base.html."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"sections": []}
    match = request.resolver_match
    here = match.namespace if match is not None else ""
    return {
        "sections": [
            Item(section.label, reverse(section.view), here == section.view.split(":")[0])
            for section in SECTIONS
            if section.allowed(user)
        ],
        "theme": user.theme,
    }
