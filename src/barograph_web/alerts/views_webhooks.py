"""Webhooks: the list, one with its log, making, changing, testing, sending again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.alerts import outgoing, queries
from barograph_web.alerts import services_webhooks as services
from barograph_web.alerts.forms import SwitchForm, WebhookFormFields
from barograph_web.alerts.models import Delivery, OutgoingState, Webhook, WebhookForm
from barograph_web.alerts.services import OvertakenError, RefusedError
from barograph_web.ops.workspace import now
from barograph_web.users.fresh import fresh_sign_in
from barograph_web.users.models import User
from barograph_web.users.permissions import May, require

PER_PAGE = 50
OVERTAKEN = "Somebody changed this webhook meanwhile. Nothing was saved: look at what stands now."


@require_GET
@require(May.MANAGE_WEBHOOKS)
def webhooks(request: HttpRequest) -> HttpResponse:
    """All webhooks in use."""
    return render(request, "alerts/webhooks.html", {"webhooks": queries.webhooks(), "most": services.MOST})


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_WEBHOOKS)
@fresh_sign_in
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """Make a webhook; its secret is on the page that answers, and nowhere afterwards."""
    _tab(request)
    form = WebhookFormFields(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            row, secret = services.make_webhook(
                given["name"],
                WebhookForm(given["form"]),
                given["address"],
                given["kinds"],
                _user(request),
                now(),
            )
        except RefusedError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if secret:
                return render(request, "alerts/secret.html", {"webhook": row, "secret": secret, "made": True})
            messages.success(request, f"{row} is on. Send a test.")
            return redirect("alerts:webhook", row.pk)
    return render(request, "alerts/webhook_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@require(May.MANAGE_WEBHOOKS)
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook with its log."""
    _tab(request)
    row = _found(pk)
    state = request.GET.get("state", "")
    page = Paginator(queries.deliveries_of(row, state), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "webhook": row,
        "page": page,
        "state": state,
        "states": OutgoingState.choices,
        "now": now(),
        "attempts": outgoing.ATTEMPTS,
    }
    return render(request, "alerts/webhook.html", context)


@require_http_methods(["GET", "POST"])
@require(May.MANAGE_WEBHOOKS)
@fresh_sign_in
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change name, address and events."""
    _tab(request)
    row = _found(pk)
    form = WebhookFormFields(request.POST or None, webhook=row)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.change_webhook(
                    pk,
                    name=given["name"],
                    address=given["address"],
                    kinds=given["kinds"],
                    revision=given["revision"] or 0,
                )
            except RefusedError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            except OvertakenError:
                row, status = _found(pk), 409
                form = WebhookFormFields(webhook=row)
            else:
                messages.success(request, "Saved.")
                return redirect("alerts:webhook", pk)
    context = {"form": form, "webhook": row, "overtaken": OVERTAKEN if status == 409 else ""}
    return render(request, "alerts/webhook_form.html", context, status=status)


@require_POST
@require(May.MANAGE_WEBHOOKS)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a webhook off, or on again."""
    active = request.POST.get("active") == "1"
    return _done(
        request,
        pk,
        lambda form: services.switch_webhook(
            pk, active=active, revision=form["revision"], reason=form["reason"]
        ),
        "It is on." if active else "It is off: nothing is sent.",
    )


@require_POST
@require(May.MANAGE_WEBHOOKS)
@fresh_sign_in
@never_cache
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret, shown on the page that answers; the old one signs as well for a day."""
    _tab(request)
    row = _found(pk)
    form = SwitchForm(request.POST)
    try:
        if not form.is_valid():
            raise OvertakenError
        row, secret = services.rotate_secret(pk, now(), revision=form.cleaned_data["revision"])
    except (OvertakenError, RefusedError) as error:
        messages.error(request, str(error) or OVERTAKEN)
        return redirect("alerts:webhook", pk)
    return render(request, "alerts/secret.html", {"webhook": row, "secret": secret})


@require_POST
@require(May.MANAGE_WEBHOOKS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a webhook."""
    row = _found(pk)
    form = SwitchForm(request.POST)
    try:
        if not form.is_valid():
            raise OvertakenError
        services.remove_webhook(pk, now(), revision=form.cleaned_data["revision"])
    except OvertakenError:
        messages.error(request, OVERTAKEN)
        return redirect("alerts:webhook", pk)
    messages.success(request, f"{row} was removed.")
    return redirect("alerts:webhooks")


@require_POST
@require(May.MANAGE_WEBHOOKS)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a test sent, and look at what comes of it."""
    row = _found(pk)
    try:
        delivery = services.send_test(row, now())
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("alerts:webhook", pk)
    return redirect("alerts:delivery", delivery.pk)


@require_GET
@require(May.MANAGE_WEBHOOKS)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery with its attempts; the part that moves comes alone when the browser asks for it."""
    _tab(request)
    row = get_object_or_404(Delivery.objects.select_related("webhook", "event"), pk=pk)
    context = {"delivery": row, "log": list(row.log.all()[:100]), "now": now(), "attempts": outgoing.ATTEMPTS}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "alerts/partials/delivery.html" if part else "alerts/delivery.html", context)


@require_POST
@require(May.MANAGE_WEBHOOKS)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a delivery again."""
    row = get_object_or_404(Delivery, pk=pk)
    try:
        services.send_again(row.pk, now())
    except OvertakenError:
        messages.error(request, "It is being sent at this moment.")
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is sent again.")
    return redirect("alerts:delivery", pk)


def _done(request: HttpRequest, pk: int, act: Callable[[dict[str, Any]], object], told: str) -> HttpResponse:
    _found(pk)
    form = SwitchForm(request.POST)
    try:
        if not form.is_valid():
            raise OvertakenError
        act(form.cleaned_data)
    except OvertakenError:
        messages.error(request, OVERTAKEN)
    else:
        messages.success(request, told)
    return redirect("alerts:webhook", pk)


def _found(pk: int) -> Webhook:
    return get_object_or_404(Webhook, pk=pk, removed_at=None)


def _tab(request: HttpRequest) -> None:
    request.administration_tab = "alerts:webhooks"  # type: ignore[attr-defined]


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
