"""Panels: how a page shows another app's content without knowing it. Apps register theirs in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page. `context(request, subject)` returns the template's context, or None to leave it out."""

    page: str
    """Such as "account", "review_entry", "model"."""
    position: int
    name: str
    title: str
    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any] | None]
    allowed: Callable[[Any], bool] = lambda _user: True
    loads_later: bool = False
    """True: fetched by the browser after the page, for what is long."""


PANELS: list[Panel] = []


def register(panel: Panel) -> None:
    """Add a panel; the same (page, name) twice is one."""
    if all((p.page, p.name) != (panel.page, panel.name) for p in PANELS):
        PANELS.append(panel)
        PANELS.sort(key=lambda p: (p.page, p.position))


def panels_of(page: str, user: Any) -> list[Panel]:
    """The panels of a page that `user` may see, in order."""
    return [panel for panel in PANELS if panel.page == page and panel.allowed(user)]
