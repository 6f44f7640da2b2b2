"""What every page needs: the sections in the header, the workspace's name, who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from barograph_web.ui.navigation import BELLS, SECTIONS
from barograph_web.ui.place import workspace_name


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the header."""

    label: str
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """The bell of the header. count: as it is shown, "" for none."""

    label: str
    url: str
    count: str
    here: bool


MOST_SHOWN = 99


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor for base.html: sections, bells, theme, workspace_name, find_url and own_url ("": no such page).

    A part of a page that the browser asks for has no header, and nothing is counted for it. A page is rendered in many
    parts, each of which asks: what was found is kept with the request.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"sections": [], "workspace_name": ""}
    kept = getattr(request, "_shell", None)
    if kept is None or kept[0] != user.pk:
        kept = request._shell = (user.pk, _shell(request, user))  # type: ignore[attr-defined]
    return dict(kept[1])


def _shell(request: HttpRequest, user: Any) -> dict[str, Any]:
    match = request.resolver_match
    here = match.namespace if match is not None else ""
    return {
        "sections": [
            Item(section.label, reverse(section.view), here in (section.view.split(":")[0], *section.also))
            for section in SECTIONS
            if section.allowed(user) and not user.must_set_password  # they would only lead back here
        ],
        "bells": [] if request.headers.get("HX-Request") == "true" else _bells(user, here),
        "theme": user.theme,
        "workspace_name": workspace_name(),
        "find_url": _address("portfolio:find"),
        "own_url": _address("users:me"),
    }


def _bells(user: Any, here: str) -> list[Ring]:
    found = []
    for bell in BELLS:
        if bell.allowed(user):
            unread = bell.unread(user)
            count = "" if not unread else str(unread) if unread <= MOST_SHOWN else f"{MOST_SHOWN}+"
            found.append(Ring(bell.label, reverse(bell.view), count, here == bell.view.split(":")[0]))
    return found


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
