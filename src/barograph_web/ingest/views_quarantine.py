"""Rows that broke the data contract: browse them, download them, go back to the file they came from."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from barograph.cli.output import csv_text
from barograph_web.ingest import quarantine, queries
from barograph_web.ops.workspace import workspace
from barograph_web.users.permissions import May, require

BATCH = 500


@require(May.BRING_DATA)
@require_GET
def browse(request: HttpRequest) -> HttpResponse:
    """The rows of a filter, a page at a time, under the groups that they fall into."""
    which = _filter(request)
    place = workspace()
    page = _page(request)
    total = quarantine.count(place, which)
    state = queries.data_state()
    replaced = queries.superseded()
    groups = [
        group | {"superseded": group["import_id"] in replaced}
        for group in (state.document["quarantine"] if state else [])
        if which.import_id in ("", group["import_id"]) and which.table in ("", group["table"])
    ]
    rows = quarantine.rows(place, which, limit=quarantine.PAGE, offset=(page - 1) * quarantine.PAGE)
    query = which.query()
    return render(
        request,
        "ingest/quarantine.html",
        {
            "which": which,
            "query": urlencode(query),
            "groups": groups,
            "rows": rows,
            "total": total,
            "first": (page - 1) * quarantine.PAGE + 1,
            "last": (page - 1) * quarantine.PAGE + len(rows),
            "previous": urlencode({**query, "page": page - 1}) if page > 1 else "",
            "next": urlencode({**query, "page": page + 1}) if page * quarantine.PAGE < total else "",
            "data_url": reverse("ingest:data"),
            "upload": queries.upload_of_import(which.import_id) if which.import_id else None,
        },
    )


@require(May.BRING_DATA)
@require_GET
def download(request: HttpRequest) -> StreamingHttpResponse:
    """All rows of a filter as CSV; a text that a spreadsheet would run as a formula gets an apostrophe."""
    response = StreamingHttpResponse(_csv(_filter(request)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="quarantine.csv"'
    return response


def _csv(which: quarantine.Filter) -> Iterator[str]:
    header = False
    batch: list[dict[str, str]] = []
    for row in quarantine.every(workspace(), which):
        batch.append(row)
        if len(batch) == BATCH:
            yield _part(batch, header)
            batch, header = [], True
    if batch or not header:
        yield _part(batch, header)


def _part(batch: list[dict[str, str]], header_written: bool) -> str:
    if not batch:
        return ",".join(quarantine.COLUMNS) + "\r\n"
    text = csv_text(batch)
    return text.split("\r\n", 1)[1] if header_written else text


def _filter(request: HttpRequest) -> quarantine.Filter:
    keys = ("table", "import_id", "file", "column", "expected")
    return quarantine.Filter(**{key: request.GET.get(key, "").replace("\0", "") for key in keys})


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isdigit() and len(text) < 8 else 1
