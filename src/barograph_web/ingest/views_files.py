"""Files from the upload to the import report."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadhandler import load_handler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from barograph.errors import UsageError
from barograph_web.ingest import files, queries, services
from barograph_web.ingest.forms import PartForm
from barograph_web.ingest.incoming import SizeLimit
from barograph_web.ingest.models import Upload, UploadState
from barograph_web.ingest.snapshot import data_generation
from barograph_web.ops.models import RunState
from barograph_web.ops.workspace import workspace
from barograph_web.users.permissions import May, require

SLACK = 1 << 20
"""Bytes for the other parts of the upload form."""
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)


@csrf_exempt
@require(May.BRING_DATA)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take files in. The size is watched while they arrive, which must be arranged before the form is read."""
    most = settings.OPTIONS_IN_FORCE.upload_bytes
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > most * services.MOST_FILES + SLACK:
        return _refused(request, [f"More than {services.MOST_FILES} files of {most:,} bytes at once."], 413)
    request.upload_handlers = [  # type: ignore[assignment]
        SizeLimit(request, most),
        *(load_handler(name, request) for name in settings.FILE_UPLOAD_HANDLERS),
    ]
    return _upload(request, most)


@csrf_protect
def _upload(request: HttpRequest, most: int) -> HttpResponse:
    incoming = request.FILES.getlist("files")
    too_large = getattr(request, "too_large", "")
    if too_large:
        return _refused(
            request, [f"{too_large}: more than {most:,} bytes, which is the limit (upload_bytes)."], 413
        )
    if not incoming:
        return _refused(request, ["Choose at least one file."], 422)
    if len(incoming) > services.MOST_FILES:
        return _refused(request, [f"{len(incoming)} files; at most {services.MOST_FILES} at a time."], 422)
    found = services.receive(
        workspace(), ((f.name or "", f) for f in incoming), request.user, most_bytes=most
    )
    refused = [f"{one.name}: {one.problem}" for one in found if one.upload is None]
    taken = [one.upload for one in found if one.upload is not None]
    if refused and not taken:
        return _refused(request, refused, 422)
    for line in refused:
        messages.error(request, f"Not taken: {line}")
    if len(taken) == 1:
        return redirect("ingest:file", number=taken[0].pk)
    messages.success(request, f"{len(taken)} files are here. Open each to check its headers, then import it.")
    return redirect("ingest:data")


def _refused(request: HttpRequest, problems: list[str], status: int) -> HttpResponse:
    return render(request, "ingest/refused.html", {"problems": problems}, status=status)


@require(May.BRING_DATA)
@require_GET
def one(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """One file: its headers to settle, or what became of it."""
    return _page(request, _found(number), request.GET.get("part", ""))


@require(May.BRING_DATA)
@require_POST
def settle(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Keep what was chosen for one part."""
    found = _found(number)
    name = request.POST.get("name", "")
    part = next((p for p in found.preview.get("parts", []) if p["part"] == name), None)
    if part is None:
        raise Http404
    form = PartForm(part, found.choices[name], request.POST)
    if not form.is_valid():
        return _page(request, found, name, status=422, form=form)
    try:
        found = services.settle(number, name, form.choices(), revision=_revision(request))
    except services.StaleError as stale:
        return _page(request, _found(number), name, status=409, problem=str(stale))
    except UsageError as error:
        return _page(request, _found(number), name, status=422, problem=str(error))
    if request.htmx:  # type: ignore[attr-defined]
        return _page(request, found, name)
    return redirect(f"{request.path.removesuffix('settle/')}?part={name}")


@require(May.BRING_DATA)
@require_POST
def check(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Ask for a trial of the import."""
    return _asked(
        request, number, lambda: services.try_out(number, request.user, revision=_revision(request))
    )


@require(May.BRING_DATA)
@require_POST
def bring_in(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Ask for the import."""
    return _asked(
        request, number, lambda: services.start_import(number, request.user, revision=_revision(request))
    )


@require(May.BRING_DATA)
@require_POST
def again(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Back to the headers of a file that was imported."""
    return _asked(request, number, lambda: services.reopen(number, revision=_revision(request)))


@require(May.BRING_DATA)
@require_POST
def delete(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """Delete the file; what was imported stays."""
    found = _found(number)
    try:
        services.drop(workspace(), number, revision=_revision(request))
    except UsageError as error:
        return _page(request, _found(number), "", status=409, problem=str(error))
    messages.success(request, f"{found.name} is deleted. What was imported from it stays.")
    return redirect("ingest:data")


@require(May.BRING_DATA)
@require_GET
def progress(request: HttpRequest, number: uuid.UUID) -> HttpResponse:
    """How far the worker is: polled while it works; the whole page again when it is done."""
    found = _found(number)
    context = _context(found, "", None)
    response = render(request, "ingest/partials/progress.html", context)
    if not context["under_way"]:
        response["HX-Refresh"] = "true"
    return response


@require(May.BRING_DATA)
@require_GET
def mapping(request: HttpRequest, number: uuid.UUID) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """The mapping file, to keep with a source of the workspace."""
    found = _found(number)
    response = HttpResponse(found.mapping, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mapping.toml"'
    return response


def _asked(request: HttpRequest, number: uuid.UUID, ask: Any) -> HttpResponse:
    _found(number)
    try:
        ask()
    except services.StaleError as stale:
        return _page(request, _found(number), "", status=409, problem=str(stale))
    except UsageError as error:
        return _page(request, _found(number), "", status=422, problem=str(error))
    return redirect("ingest:file", number=number)


def _found(number: uuid.UUID) -> Upload:
    found = Upload.objects.select_related("run").filter(pk=number).exclude(state=UploadState.DROPPED).first()
    if found is None:
        raise Http404
    return found


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdigit() else -1


def _page(
    request: HttpRequest,
    found: Upload,
    part: str,
    *,
    status: int = 200,
    form: PartForm | None = None,
    problem: str = "",
) -> HttpResponse:
    context = _context(found, part, form) | {"problem": problem}
    template = "ingest/report.html" if context["reported"] else "ingest/file.html"
    return render(request, template, context, status=status)


def _context(found: Upload, part: str, form: PartForm | None) -> dict[str, Any]:
    under_way = found.run is not None and found.run.state in UNDER_WAY
    context: dict[str, Any] = {
        "upload": found,
        "run": found.run,
        "under_way": under_way,
        "reported": found.state in (UploadState.IMPORTED, UploadState.QUEUED, UploadState.REFUSED),
        "step": found.run.steps.last() if found.run is not None and under_way else None,
        "stranded": services.is_stranded(found),
        "import_name": files.import_name(found),
        "delete_url": reverse("ingest:delete", kwargs={"number": found.pk}),
        "revision_pair": [("revision", found.revision)],
    }
    if found.state == UploadState.IMPORTED:
        context["first_weeks"] = queries.first_weeks(data_generation(workspace().lake.manifest()))
    if found.state != UploadState.MAPPED:
        return context
    parts = {p["part"]: p for p in found.preview["parts"]}
    name = part if part in parts else next(iter(parts))
    every = services.open_problems(found)
    mine = {problem.field: problem.text for problem in every.get(name, [])}
    form = form or PartForm(parts[name], found.choices[name])
    return context | {
        "parts": [
            {
                "name": p,
                "sheet": parts[p]["sheet"],
                "table": c["table"],
                "here": p == name,
                "open": p in every,
            }
            for p, c in found.choices.items()
        ],
        "part": parts[name],
        "chosen": found.choices[name],
        "form": form,
        "rows": form.column_rows(mine),
        "problems": mine,
        "ready": not every,
        "trial": found.check_result if found.check_result.get("revision") == found.revision else None,
    }
