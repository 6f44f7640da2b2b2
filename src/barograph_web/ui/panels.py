"""Panels: how a page shows another app's content without knowing it. Apps register theirs in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


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


def rendered_panels(request: HttpRequest, page: str, subject: Any) -> SafeString:
    """All panels of a page as sections. One that loads later is fetched by the browser with `?panel=<name>`, and
    is a link without script; `panel_response` answers it."""
    wanted = request.GET.get("panel", "")
    parts = []
    for panel in panels_of(page, request.user):
        if panel.loads_later and panel.name != wanted:
            query = request.GET.copy()
            query["panel"] = panel.name
            later = {"panel": panel, "address": f"{request.path}?{query.urlencode()}"}
            parts.append(render_to_string("ui/partials/panel_later.html", later, request=request))
        else:
            parts.append(_drawn(panel, request, subject))
    return mark_safe("\n".join(parts))  # noqa: S308 - rendered templates


def panel_response(request: HttpRequest, page: str, subject: Any) -> HttpResponse | None:
    """One panel alone, when the browser asks for it; None when the whole page is wanted.

    A view calls it after it has checked that the person may see the subject. Raises Http404 for a panel that
    does not exist or that the person may not see.
    """
    name = request.GET.get("panel")
    if not name or request.headers.get("HX-Request") != "true":
        return None
    for panel in panels_of(page, request.user):
        if panel.name == name:
            return HttpResponse(_drawn(panel, request, subject))
    raise Http404(f"{page} has no panel {name!r}")


def _drawn(panel: Panel, request: HttpRequest, subject: Any) -> str:
    inside = panel.context(request, subject)
    if inside is None:
        return ""
    body = render_to_string(panel.template, {"subject": subject, **inside}, request=request)
    return render_to_string("ui/partials/panel.html", {"panel": panel, "body": body}, request=request)
