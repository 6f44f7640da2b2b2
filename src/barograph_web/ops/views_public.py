"""For probes and Prometheus: no session is needed, and strangers learn no details."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from barograph_web.ops import health, metrics
from barograph_web.ops.workspace import now
from barograph_web.users.permissions import May, may


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the application does its work, 503 when it does not (database, workspace, worker); what is wrong is
    said to people who may see runs."""
    found = health.signs(now())
    level = health.worst(found)
    answer: dict[str, object] = {"status": level}
    if may(request.user, May.SEE_RUNS):
        answer["signs"] = {sign.name: {"level": sign.level, "words": sign.words} for sign in found}
    return JsonResponse(answer, status=503 if level == "bad" else 200)


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Metrics for the bearer of the token in the settings, or an administrator; others get 401."""
    if not (_bearer(request) or may(request.user, May.SEE_SETTINGS)):
        answer = HttpResponse("A token is needed.\n", status=401, content_type="text/plain; charset=utf-8")
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    return HttpResponse(metrics.as_text(), content_type=CONTENT_TYPE_LATEST)


def _bearer(request: HttpRequest) -> bool:
    token = settings.OPTIONS_IN_FORCE.metrics_token
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
