"""Drafts: begin, edit by form or as a file, see the effect, submit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from barograph.errors import BarographError, DefinitionError, UsageError
from barograph_web.ops.models import RunState
from barograph_web.ops.workspace import today, workspace
from barograph_web.scoring import queries_models, registry, services_drafts
from barograph_web.scoring.editing import EditError, weight_sum
from barograph_web.scoring.forms import DraftForm
from barograph_web.scoring.models import DraftState, ModelDraft
from barograph_web.scoring.settling import settled
from barograph_web.scoring.wording import findings, in_words
from barograph_web.users.permissions import May, may, require

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)


@require(May.EDIT_MODELS)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A draft from a version or proposal."""
    try:
        made = services_drafts.begin(workspace(), request.POST.get("key", ""), request.user)
    except BarographError as error:
        messages.error(request, str(error))
        return redirect("scoring:models")
    return redirect("scoring:draft", number=made.pk)


@require(May.SEE_MODELS)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """The draft: a form while it is edited, the model in words for everybody else, and its effect."""
    found = _found(number)
    if request.method == "GET":
        return _page(request, found)
    _may_edit(request)
    model = services_drafts.model_of(found)
    form = DraftForm(model, request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        services_drafts.save_edit(number, form.edit(), revision=_revision(request))
    except EditError as error:
        form.say(error.problems)
        return _page(request, found, form=form, status=422)
    except services_drafts.StaleDraftError as stale:
        return _page(request, _found(number), problem=str(stale), status=409)
    except UsageError as error:
        return _page(request, _found(number), problem=str(error), status=422)
    messages.success(request, "Saved. Now look at its effect.")
    return redirect("scoring:draft", number=number)


@require(May.EDIT_MODELS)
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, number: int) -> HttpResponse:
    """The draft as a model file, for experts."""
    found = _found(number)
    written = request.POST.get("text", found.text) if request.method == "POST" else found.text
    problem, status = "", 200
    if request.method == "POST":
        try:
            services_drafts.save_text(number, written, revision=_revision(request))
        except services_drafts.StaleDraftError as stale:
            problem, status = str(stale), 409
        except (DefinitionError, UsageError) as error:
            problem, status = str(error), 422
        else:
            messages.success(request, "Saved. Now look at its effect.")
            return redirect("scoring:draft", number=number)
        found = _found(number)
    context = {"draft": found, "text": written, "problem": problem, "lines": max(24, written.count("\n") + 2)}
    return render(request, "scoring/draft_text.html", context, status=status)


@require(May.SEE_MODELS)
@require_GET
def file(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """The model file of a draft."""
    response = HttpResponse(_found(number).text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="draft.toml"'
    return response


@require(May.SEE_MODELS)
@require_http_methods(["GET", "POST"])
def effect(request: HttpRequest, number: int) -> HttpResponse:
    """POST asks the worker for the effect; GET is the part of the page that shows it, polled while it works."""
    found = _found(number)
    if request.method == "POST":
        _may_edit(request)
        try:
            found = services_drafts.ask_effect(workspace(), number, request.user, today())
        except UsageError as error:
            return _page(request, found, problem=str(error), status=422)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect(f"{reverse('scoring:draft', kwargs={'number': number})}#effect")
    return render(request, "scoring/partials/effect.html", _context(request, found))


@require(May.EDIT_MODELS)
@require_POST
def submit(request: HttpRequest, number: int) -> HttpResponse:
    """Send it for approval."""
    reason = request.POST.get("reason", "").replace("\0", "")[:2000]
    return _step(
        request,
        number,
        lambda rev: services_drafts.submit(number, reason, revision=rev),
        "Sent for approval.",
    )


@require(May.EDIT_MODELS)
@require_POST
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Edit it again."""
    return _step(
        request, number, lambda rev: services_drafts.reopen(number, revision=rev), "It can be edited again."
    )


@require(May.EDIT_MODELS)
@require_POST
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """Put it aside for good."""
    found = _found(number)
    try:
        services_drafts.drop(number, revision=_revision(request))
    except UsageError as error:
        return _page(request, _found(number), problem=str(error), status=409)
    messages.success(request, f"{found} is put aside.")
    return redirect("scoring:models")


def _step(request: HttpRequest, number: int, do: Callable[[int], Any], done: str) -> HttpResponse:
    _found(number)
    try:
        do(_revision(request))
    except services_drafts.StaleDraftError as stale:
        return _page(request, _found(number), problem=str(stale), status=409)
    except UsageError as error:
        return _page(request, _found(number), problem=str(error), status=422)
    messages.success(request, done)
    return redirect("scoring:draft", number=number)


def _page(
    request: HttpRequest,
    found: ModelDraft,
    *,
    form: DraftForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    model = services_drafts.model_of(found)
    context = _context(request, found)
    editing = found.state == DraftState.EDITING and may(request.user, May.EDIT_MODELS)
    if editing:
        form = form or DraftForm(model)
        context |= {"form": form, "groups": form.groups(), "candidates": form.candidates()}
    context |= {
        "editing": editing,
        "problem": problem,
        "words": in_words(model),
        "findings": findings(model),
        "sum": weight_sum(model),
        "moved_on": registry.known(workspace()).in_force,
        "revision_pair": [("revision", found.revision)],
        "drop_url": reverse("scoring:drop", kwargs={"number": found.pk}),
        "send_back_url": reverse("scoring:send-back", kwargs={"number": found.pk}),
    }
    return render(request, "scoring/draft.html", context, status=status)


def _context(request: HttpRequest, found: ModelDraft) -> dict[str, Any]:
    run = found.effect_run
    shown = found.effect if found.effect and found.effect.get("revision") == found.revision else None
    context: dict[str, Any] = {
        "draft": found,
        "run": run,
        "effect": shown,
        "under_way": shown is None and run is not None and run.state in UNDER_WAY,
        "may_edit": may(request.user, May.EDIT_MODELS),
        "mine": found.author_id == request.user.pk,
    }
    if shown:
        context["labels"] = {s.name: s.label for s in services_drafts.model_of(found).signals}
    if shown and shown["migration"]:
        context["names"], context["rows"] = queries_models.matrix(shown["migration"])
        context["migration"] = shown["migration"]
    return context


def _found(number: int) -> ModelDraft:
    found = (
        ModelDraft.objects.select_related("effect_run")
        .exclude(state=DraftState.DROPPED)
        .filter(pk=number)
        .first()
    )
    if found is None:
        raise Http404
    return settled(workspace(), found)


def _may_edit(request: HttpRequest) -> None:
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415 - the one place that needs it

    if not may(request.user, May.EDIT_MODELS):
        raise PermissionDenied("Your role does not include: edit models.")


def _revision(request: HttpRequest) -> int:
    written = request.POST.get("revision", "")
    return int(written) if written.isdigit() else -1
