"""What people do on an account's page: log a touch, open a play, add a task."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from barograph_web.ops import workspace
from barograph_web.plays import services
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.permissions import May, require
from barograph_web.work.choices import choice_of_plays
from barograph_web.work.forms import OpenPlayForm, TaskForm, TouchForm, workers


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def log_touch(request: HttpRequest, account_id: str) -> HttpResponse:
    """Somebody of ours spoke with the customer: clocks that wait for it stop."""
    account = _account(request, account_id)
    form = TouchForm(request.POST or None, now=workspace.now())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            touch = services.log_touch(
                account, kind=data["kind"], at=data["at"], by=request.user, note=data["note"]
            )
        except services.RefusedError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, f"Logged: {touch.get_kind_display().lower()} with {account.name}.")
            return _back(account)
    return _form(
        request, account, form, "Log a touch", "Log it", reverse("work:log_touch", args=[account_id])
    )


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def open_play(request: HttpRequest, account_id: str) -> HttpResponse:
    """Begin a play by hand, with a reason."""
    account = _account(request, account_id)
    chosen = choice_of_plays(account.account_id)
    form = OpenPlayForm(
        request.POST or None, initial={"play": request.GET.get("play", "")}, plays=chosen.pairs
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            run = services.open_play(account, data["play"], by=request.user, reason=data["reason"])
        except services.RefusedError as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, f"{run.title} is open for {account.name}.")
            return _back(account)
    return _form(
        request, account, form, "Open a play", "Open it", reverse("work:open_play", args=[account_id]),
        chosen=chosen,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@require(May.WORK)
def add_task(request: HttpRequest, account_id: str) -> HttpResponse:
    """A task of one's own making."""
    account = _account(request, account_id)
    form = TaskForm(
        request.POST or None,
        initial={"owner": request.user.pk, "due_on": workspace.today()},
        people=workers(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        owner = data["owner"]
        if (
            owner is not None
            and not visible_accounts(owner, workspace.today()).filter(pk=account.pk).exists()
        ):
            form.add_error(
                "owner", f"{owner.name} does not see this account, so the task would be lost to them."
            )
        else:
            try:
                task = services.add_task(
                    account, title=data["title"], owner=owner, due_on=data["due_on"], by=request.user,
                    source="person", detail=data["detail"],
                )  # fmt: skip
            except services.RefusedError as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            else:
                messages.success(request, f"Added: {task.title}.")
                return _back(account)
    return _form(request, account, form, "Add a task", "Add it", reverse("work:add_task", args=[account_id]))


def _account(request: HttpRequest, account_id: str) -> Account:
    return get_object_or_404(visible_accounts(request.user, workspace.today()), account_id=account_id)


def _form(
    request: HttpRequest,
    account: Account,
    form: forms.Form,
    title: str,
    button: str,
    action: str,
    **more: Any,
) -> HttpResponse:
    context = {"account": account, "form": form, "title": title, "button": button, "action": action, **more}
    return render(request, "work/account_form.html", context, status=422 if form.errors else 200)


def _back(account: Account) -> HttpResponse:
    return redirect(f"{reverse('portfolio:account', args=[account.account_id])}#panel-work")
