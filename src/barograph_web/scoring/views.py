"""Models as people read them: the list, one version, two beside each other, validations."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from barograph.definitions.toml_io import dumps_model
from barograph.errors import BarographError, UsageError
from barograph.pipeline.learn_compare import changes
from barograph.pipeline.registry import Version
from barograph_web.ops.models import RunKind, RunState
from barograph_web.ops.workspace import today, workspace
from barograph_web.scoring import queries_models, registry, report_files, services_versions
from barograph_web.scoring.wording import findings, in_words
from barograph_web.users.permissions import May, may, require

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)


@require(May.SEE_MODELS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Versions, proposals, drafts, and what waits for a person."""
    place = workspace()
    found = registry.known(place)
    in_force = registry.named(place, found.in_force) if found.models else None
    learning = queries_models.last_run(RunKind.LEARN)
    return render(
        request,
        "scoring/models.html",
        {
            "found": found,
            "words": in_words(in_force.model, in_force.figures) if in_force else None,
            "drafts": queries_models.open_drafts(),
            "unreleased": queries_models.unreleased(),
            "learning": learning,
            "validating": queries_models.last_run(RunKind.VALIDATE, "validate"),
            "report": report_files.newest(place, found.in_force) if found.in_force else None,
            "busy": learning is not None and learning.state in UNDER_WAY,
        },
    )


@require(May.SEE_MODELS)
@require_GET
def version(request: HttpRequest, key: str) -> HttpResponse:
    """One version or proposal, readable by a CS leader."""
    place = workspace()
    found = _named(key)
    known = registry.known(place)
    entry = known.entry(key)
    return render(
        request,
        "scoring/version.html",
        {
            "key": key,
            "entry": entry,
            "named": found,
            "words": in_words(found.model, found.figures),
            "findings": findings(found.model),
            "figures": found.figures,
            "in_force": key == known.in_force,
            "against": known.in_force if key != known.in_force else _before(known, key),
            "release": queries_models.released(key),
            "report": report_files.newest(place, key),
            "validations": _validations(found)[:6],
        },
    )


@require(May.SEE_MODELS)
@require_GET
def file(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """The definition as a model file."""
    response = HttpResponse(dumps_model(_named(key).model), content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="model.toml"'
    return response


@require(May.SEE_MODELS)
@require_GET
def validation(request: HttpRequest, key: str) -> HttpResponse:
    """The validations of a version: figures of the newest in tables, its report, and the earlier ones."""
    place = workspace()
    found = _named(key)
    kept = _validations(found)
    chosen = request.GET.get("of", "")
    document = next((d for d in kept if d["workspace_as_of"] == chosen), kept[0] if kept else None)
    name = f"{document['workspace_as_of']}-{key}.html" if document else ""
    running = queries_models.last_run(RunKind.VALIDATE, "validate")
    return render(
        request,
        "scoring/validation.html",
        {
            "key": key,
            "words": in_words(found.model, found.figures),
            "document": document,
            "kept": kept,
            "report": name if report_files.find(place, name) else None,
            "in_force": key == registry.known(place).in_force,
            "running": running,
            "busy": running is not None and running.state in UNDER_WAY,
        },
    )


@require(May.SEE_MODELS)
@require_GET
@xframe_options_sameorigin
def report(request: HttpRequest, name: str) -> HttpResponse | FileResponse:  # noqa: ARG001 - Django passes it
    """A validation report: one file with its own style, under a policy that allows that style and nothing else."""
    path = report_files.find(workspace(), name)
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = report_files.POLICY
    return response


@require(May.SEE_MODELS)
@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest, key: str, other: str) -> HttpResponse:
    """What differs between two in words, and who would stand in another tier (computed by the worker)."""
    place = workspace()
    after, before = _named(key), _named(other)
    if request.method == "POST":
        if not (may(request.user, May.EDIT_MODELS) or may(request.user, May.APPROVE_MODELS)):
            return redirect("scoring:compare", key=key, other=other)
        services_versions.ask_comparison(place, other, key, request.user, today())
        return redirect("scoring:compare", key=key, other=other)
    run = queries_models.comparison(place, other, key)
    context: dict[str, Any] = {
        "key": key,
        "other": other,
        "changes": changes(before.model, after.model),
        "run": run,
        "under_way": run is not None and run.state in UNDER_WAY,
        "here": reverse("scoring:compare", kwargs={"key": key, "other": other}),
        "labels": {s.name: s.label for s in (*before.model.signals, *after.model.signals)},
    }
    if run is not None and run.state == RunState.DONE and run.result.get("migration"):
        context["migration"] = run.result["migration"]
        context["names"], context["rows"] = queries_models.matrix(run.result["migration"])
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "scoring/partials/migration.html", context)
    return render(request, "scoring/compare.html", context)


def _named(key: str) -> registry.Named:
    try:
        return registry.named(workspace(), key)
    except UsageError as error:
        raise Http404(str(error)) from error
    except BarographError as error:
        raise Http404(str(error)) from error


def _before(known: registry.Known, key: str) -> str:
    """The version before the one in force; "" for the first."""
    keys = [entry["version"] for entry in known.versions]
    place = keys.index(key) if key in keys else -1
    return keys[place + 1] if 0 <= place < len(keys) - 1 else ""


def _validations(found: registry.Named) -> list[dict[str, Any]]:
    return registry.kept_validations(workspace(), found.record) if isinstance(found.record, Version) else []
