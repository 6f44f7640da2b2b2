"""The calendar feed: its page, and the feed itself behind a private address, without a session."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from barograph_web.ops import workspace
from barograph_web.users.permissions import May, require
from barograph_web.work import services_calendar
from barograph_web.work.calendar_text import calendar_text
from barograph_web.work.feed import entries_of


@require_GET
@require(May.SEE_WORK)
def calendar(request: HttpRequest) -> HttpResponse:
    """Whether there is a feed, when it was asked for last; make, renew, withdraw."""
    return render(request, "work/calendar.html", {"feed": services_calendar.feed_of(request.user)})


@require_POST
@require(May.SEE_WORK)
@never_cache
def make(request: HttpRequest) -> HttpResponse:
    """A new address; it is on the page that answers, and nowhere afterwards. An older one opens nothing any more."""
    feed, key = services_calendar.make(request.user, workspace.now())
    address = f"{settings.OPTIONS_IN_FORCE.base_url.rstrip('/')}{reverse('work:feed', args=[key])}"
    return render(request, "work/calendar_made.html", {"feed": feed, "address": address})


@require_POST
@require(May.SEE_WORK)
def withdraw(request: HttpRequest) -> HttpResponse:
    """The address opens nothing any more."""
    if services_calendar.withdraw(request.user, workspace.now()):
        messages.success(request, "The address opens nothing any more.")
    return redirect("work:calendar")


@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """The due days of whoever the key belongs to. 404 for a key that opens nothing, without saying why."""
    now = workspace.now()
    owner = services_calendar.opened_by(key, now)
    if owner is None:
        raise Http404("This address opens nothing.")
    host = urlsplit(settings.OPTIONS_IN_FORCE.base_url).netloc
    base = settings.OPTIONS_IN_FORCE.base_url.rstrip("/")
    body = calendar_text(
        f"Barograph, {owner.name}", entries_of(owner, workspace.today(), host, base)
    ).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        answer["Content-Disposition"] = 'inline; filename="work.ics"'
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    return answer
