"""The Data page, and the model that the data could feed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.ingest import queries, services
from barograph_web.ingest.snapshot import data_generation
from barograph_web.ops.workspace import today, workspace
from barograph_web.users.permissions import May, may, require


@require(May.SEE_DATA)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is there, how fresh, what is missing, and the way to bring more."""
    state = queries.data_state()
    place = workspace()
    generation = data_generation(place.lake.manifest())
    lines = queries.table_lines(state, today()) if state else []
    return render(
        request,
        "ingest/data.html",
        {
            "state": state,
            "outdated": generation > 0 and (state is None or state.generation < generation),
            "empty": generation == 0,
            "lines": [line for line in lines if line.held],
            "absent": [line for line in lines if not line.held],
            "sources": queries.sources(place),
            "first_weeks": queries.first_weeks(generation),
            "uploads": queries.recent_uploads(),
            "most_bytes": settings.OPTIONS_IN_FORCE.upload_bytes,
            "today": today(),
        },
    )


@require(May.BRING_DATA)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Have the worker look at the workspace again."""
    services.request_state(data_generation(workspace().lake.manifest()), request.user)
    messages.info(request, "The worker looks at what is there; reload in a moment.")
    return redirect("ingest:data")


@require(May.SEE_DATA)
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest) -> HttpResponse:
    """The model that the data could feed: which signals are possible, which are not and why."""
    from barograph_web.scoring import services_drafts  # noqa: PLC0415 - only this page begins a draft

    state = queries.data_state()
    found = state.document["proposal"] if state else None
    if request.method == "POST":
        if not may(request.user, May.EDIT_MODELS) or found is None:
            raise PermissionDenied("Your role does not include: edit models.")
        draft = services_drafts.begin_from_text(workspace(), found["text"], request.user)
        return redirect("scoring:draft", number=draft.pk)
    return render(request, "ingest/proposal.html", {"found": found, "data_url": reverse("ingest:data")})
