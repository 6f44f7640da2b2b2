"""Deciding about models: approve, send back, roll back, release; and asking the worker to learn or validate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from barograph.errors import BarographError, UsageError
from barograph.pipeline.learn_approve import Approved
from barograph_web.ops.workspace import now, today, workspace
from barograph_web.scoring import registry, services, services_drafts, services_versions
from barograph_web.scoring.forms import DecisionForm
from barograph_web.scoring.models import DraftState, ModelDraft
from barograph_web.scoring.settling import settled
from barograph_web.users.fresh import fresh_sign_in
from barograph_web.users.permissions import May, require


@require(May.APPROVE_MODELS)
@fresh_sign_in
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, key: str) -> HttpResponse:
    """Put a learnt proposal in force."""
    place = workspace()
    try:
        found = registry.named(place, key)
    except BarographError as error:
        raise Http404(str(error)) from error
    if not found.is_proposal:
        raise Http404
    entry = registry.known(place).entry(key) or {}
    context = {
        "key": key,
        "what": f"Put {key} in force",
        "test": {"promoted": entry["promoted"], "reason": entry["reason"], "conditions": []},
        "in_force": registry.known(place).in_force,
        "back": reverse("scoring:version", kwargs={"key": key}),
        "button": "Approve",
    }
    return _decided(
        request,
        context,
        lambda clean: services_versions.approve(
            place,
            key,
            request.user,
            reason=clean["reason"],
            override=clean["override"],
            today=today(),
            now=now(),
        ),
    )


@require(May.APPROVE_MODELS)
@fresh_sign_in
@require_http_methods(["GET", "POST"])
def approve_draft(request: HttpRequest, number: int) -> HttpResponse:
    """Put a submitted draft in force: by somebody other than its author."""
    draft = ModelDraft.objects.filter(pk=number).first()
    if draft is None or draft.state not in (DraftState.SUBMITTED, DraftState.APPROVED):
        raise Http404
    place = workspace()
    if draft.state == DraftState.SUBMITTED and settled(place, draft).state == DraftState.APPROVED:
        messages.info(request, "It is in force already.")
        return redirect("scoring:draft", number=number)
    context = {
        "key": str(draft),
        "what": f"Put {draft} in force",
        "draft": draft,
        "own": draft.author_id == request.user.pk,
        "test": (draft.effect or {}).get("test", {}),
        "in_force": registry.known(place).in_force,
        "back": reverse("scoring:draft", kwargs={"number": number}),
        "button": "Approve",
        "revision": draft.revision,
    }
    written = request.POST.get("revision", "")
    return _decided(
        request,
        context,
        lambda clean: services_versions.approve_draft(
            place,
            number,
            request.user,
            revision=int(written) if written.isdigit() else -1,
            reason=clean["reason"],
            override=clean["override"],
            today=today(),
            now=now(),
        ),
    )


@require(May.APPROVE_MODELS)
@fresh_sign_in
@require_http_methods(["GET", "POST"])
def roll_back(request: HttpRequest, key: str) -> HttpResponse:
    """Bring an older definition into force again, as a new version."""
    place = workspace()
    known = registry.known(place)
    if key not in [entry["version"] for entry in known.versions] or key == known.in_force:
        raise Http404
    context = {
        "key": key,
        "what": f"Go back to {key}",
        "test": None,
        "in_force": known.in_force,
        "back": reverse("scoring:version", kwargs={"key": key}),
        "button": "Go back",
    }
    return _decided(
        request,
        context,
        lambda clean: services_versions.go_back(
            place, key, request.user, reason=clean["reason"], today=today(), now=now()
        ),
    )


@require(May.APPROVE_MODELS)
@require_POST
def send_back(request: HttpRequest, number: int) -> HttpResponse:
    """Not as it is: back to its author with a reason."""
    written = request.POST.get("revision", "")
    try:
        services_drafts.send_back(
            number,
            request.user,
            request.POST.get("reason", "").replace("\0", "")[:2000],
            revision=int(written) if written.isdigit() else -1,
        )
    except ModelDraft.DoesNotExist as error:
        raise Http404 from error
    except UsageError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Sent back to its author.")
    return redirect("scoring:draft", number=number)


@require(May.APPROVE_MODELS)
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """What a new version moved counts from now on."""
    key = request.POST.get("key", "")
    try:
        services.release_version(key, request.user, request.POST.get("reason", "").replace("\0", "")[:2000])
    except UsageError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"What {key} moved counts from now on.")
    return redirect("scoring:models")


@require(May.START_RUNS)
@require_POST
def learn(request: HttpRequest) -> HttpResponse:
    """Have the worker learn; nothing in force changes."""
    run = services_versions.ask_learning(workspace(), request.user, today())
    messages.info(
        request, f"Learning from past renewals: {run.get_state_display().lower()}. Nothing in force changes."
    )
    return redirect("scoring:models")


@require(May.START_RUNS)
@require_POST
def validate(request: HttpRequest) -> HttpResponse:
    """Have the worker validate the model in force and write the report."""
    run = services_versions.ask_validation(workspace(), request.user, today())
    key = registry.known(workspace()).in_force
    messages.info(request, f"Validation: {run.get_state_display().lower()}. The report appears on this page.")
    return redirect("scoring:validation", key=key) if key else redirect("scoring:models")


def _decided(
    request: HttpRequest, context: dict[str, Any], do: Callable[[dict[str, Any]], Approved]
) -> HttpResponse:
    """The form of a decision, and what comes of it. Refusals of the library stand above the form."""
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            done = do(form.cleaned_data)
        except services_drafts.StaleDraftError as stale:
            form.add_error(None, str(stale))
            status = 409
        except BarographError as error:
            form.add_error(None, str(error))
            status = 422
        else:
            messages.success(
                request,
                f"{done.version.title} is in force in the place of {done.before}. Weeks that are published stay as "
                "they were said; the next refresh scores with it.",
            )
            return redirect("scoring:version", key=done.version.key)
    return render(request, "scoring/decide.html", {**context, "form": form}, status=status)
