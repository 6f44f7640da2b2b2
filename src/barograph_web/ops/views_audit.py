"""The audit log, the settings in force, and erasing personal data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from barograph.cli.output import csv_text
from barograph.errors import UsageError
from barograph_web.ops import erasure, queries
from barograph_web.ops.forms import AuditFilterForm, ErasureForm
from barograph_web.ops.sight import visible_events
from barograph_web.ops.workspace import now, today, workspace
from barograph_web.options import OPTIONS
from barograph_web.users.fresh import fresh_sign_in
from barograph_web.users.permissions import May, require

PER_PAGE = 50


@require_GET
@require(May.SEE_AUDIT)
def audit_log(request: HttpRequest) -> HttpResponse:
    """Every write, newest first: who, what, on which object, before and after."""
    form = AuditFilterForm(request.GET)
    found = visible_events(form.asked().events(workspace().zone), request.user, today())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "actions": queries.actions(), "query": request.GET.urlencode()}
    return render(request, "ops/audit.html", context, status=422 if form.errors else 200)


@require_GET
@require(May.SEE_AUDIT)
def audit_export(request: HttpRequest) -> HttpResponse:
    """The same as CSV, without pages."""
    form = AuditFilterForm(request.GET)
    found = visible_events(form.asked().events(workspace().zone), request.user, today())
    answer = HttpResponse(csv_text(list(queries.export_rows(found))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{today().isoformat()}.csv"'
    return answer


@require_GET
@require(May.SEE_SETTINGS)
def settings_page(request: HttpRequest) -> HttpResponse:
    """Every setting in force and where it came from. Of secrets only whether they are set."""
    options = settings.OPTIONS_IN_FORCE
    rows = [
        {
            "option": option,
            "value": _shown(option.secret, options.values[option.name]),
            "source": options.sources[option.name],
            "changed": options.sources[option.name] != "default",
        }
        for option in OPTIONS
    ]
    return render(request, "ops/settings.html", {"rows": rows})


@require_GET
@require(May.ERASE_PEOPLE)
def personal_data(request: HttpRequest) -> HttpResponse:
    """Find whom to erase, and what retention drops."""
    query = request.GET.get("q", "").strip()
    kinds = [(kind, kind.find(query) if query else []) for kind in erasure.KINDS]
    context = {
        "q": query,
        "kinds": kinds,
        "found": any(found for _, found in kinds),
        "retention_days": settings.OPTIONS_IN_FORCE.retention_days,
        "erased": erasure.recent(),
    }
    return render(request, "ops/personal_data.html", context)


@require_http_methods(["GET", "POST"])
@require(May.ERASE_PEOPLE)
@fresh_sign_in
def erase(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Say what will be erased; erase it when the form comes back."""
    request.administration_tab = "ops:personal_data"  # type: ignore[attr-defined]
    chosen = erasure.kind_of(kind)
    subject = chosen.get(key) if chosen else None
    if chosen is None or subject is None:
        raise Http404
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            counts = erasure.erase(chosen, key, now(), by=request.user, reason=form.cleaned_data["reason"])
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Erased: {_told(counts)}.")
            return redirect("ops:personal_data")
    context = {"kind": chosen, "subject": subject, "form": form}
    return render(request, "ops/erase.html", context, status=422 if form.errors else 200)


def _shown(secret: bool, value: Any) -> str:
    if secret:
        return "set" if value else "not set"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _told(counts: dict[str, int]) -> str:
    return (
        ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items() if count) or "nothing"
    )
