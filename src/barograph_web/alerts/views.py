"""A person's own alerts: what they were told, and what they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph_web.alerts import queries, services
from barograph_web.alerts.catalogue import GROUPS
from barograph_web.alerts.choices import choices_now
from barograph_web.alerts.digest import next_digest
from barograph_web.alerts.forms import ChoicesForm
from barograph_web.alerts.models import AlertScope, Notice
from barograph_web.alerts.words import path_of
from barograph_web.ops.workspace import now, today
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may, require

PER_PAGE = 50


@require_GET
@require(May.OWN_ALERTS)
def mine(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first."""
    user = _user(request)
    unread, group = request.GET.get("unread") == "1", request.GET.get("group", "")
    page = Paginator(queries.notices_of(user, unread=unread, group=group), PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown = list(page.object_list)
    context = {
        "page": page,
        "told": queries.told(user, shown, today()),
        "newest": queries.newest_number(user),
        "waiting": queries.unread_count(user),
        "unread": unread,
        "group": group,
        "groups": GROUPS,
        "today": today(),
        "may_webhooks": may(user, May.MANAGE_WEBHOOKS),
    }
    return render(request, "alerts/mine.html", context)


@require_GET
@require(May.OWN_ALERTS)
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """To what a notice is about, which is read by that."""
    user = _user(request)
    notice = get_object_or_404(Notice.objects.select_related("event"), pk=pk, user=user)
    if not queries.may_open(user, notice, today()):
        raise Http404("the account is no longer shared with this person")
    services.mark_read(user, now(), notice=notice.pk)
    return redirect(path_of(notice.event))


@require_POST
@require(May.OWN_ALERTS)
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice (`notice`), or all up to a number (`until`), as read."""
    user = _user(request)
    one, until = request.POST.get("notice", ""), request.POST.get("until", "")
    if one.isdecimal() and len(one) < 19:
        services.mark_read(user, now(), notice=int(one))
    elif until.isdecimal() and len(until) < 19:
        count = services.mark_read(user, now(), until=int(until))
        messages.success(request, f"{count:,} marked as read." if count else "Everything was read already.")
    return redirect("alerts:mine")


@require_http_methods(["GET", "POST"])
@require(May.OWN_ALERTS)
def settings(request: HttpRequest) -> HttpResponse:
    """What one wants to be told, and how."""
    user = _user(request)
    choices = choices_now(user)
    form = ChoicesForm(request.POST or None, user=user, choices=choices)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.save_preference(
                    user,
                    form.chosen(),
                    digest=given["digest"],
                    digest_scope=AlertScope(given["digest_scope"]),
                    revision=given["revision"],
                )
            except services.OvertakenError:
                status = 409
                form = ChoicesForm(None, user=user, choices=choices_now(user))
            except services.RefusedError as error:
                form.add_error(None, str(error))
                status = 422
            else:
                messages.success(request, "Saved.")
                return redirect("alerts:settings")
        else:
            status = 422
    context = {"form": form, "overtaken": status == 409, "next_digest": next_digest(now()), "person": user}
    return render(request, "alerts/settings.html", context, status=status)


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
