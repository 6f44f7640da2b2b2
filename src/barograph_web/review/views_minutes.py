"""Agenda before, minutes after: as a page to print and as files to send."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from barograph.errors import UsageError
from barograph.reports.render.phrases import ARROWS
from barograph_web.ops import workspace
from barograph_web.review import mailing, services
from barograph_web.review.document_text import document_html, document_markdown
from barograph_web.review.documents import Document, name_of, review_document, summary_words
from barograph_web.review.models import Minutes
from barograph_web.review.page import page_of
from barograph_web.users.permissions import May, may, require

KINDS = {"html": ("text/html", document_html), "md": ("text/markdown", document_markdown)}


@require_GET
@require(May.SEE_REVIEW)
def agenda(request: HttpRequest, ending: str = "") -> HttpResponse:
    """The review as it stands now, as a document."""
    page = page_of(request, request.user, workspace.today())
    if page is None:
        raise Http404("there is no such week")
    document = review_document(page, workspace.now(), closed=False)
    if ending:
        return _file(document, ending)
    return _shown(request, document, {"page": page, "query": page.query})


@require_POST
@require(May.CLOSE_REVIEW)
def close(request: HttpRequest) -> HttpResponse:
    """Close the review: the document is kept as minutes."""
    page = page_of(request, request.user, workspace.today())
    if page is None:
        raise Http404("there is no such week")
    document = review_document(page, workspace.now(), closed=True)
    minutes = services.close_review(page.week, page.scope.words, document, by=page.user)
    messages.success(request, "The review is closed. The minutes are kept as shown; send them from here.")
    return HttpResponseRedirect(reverse("review:minutes", args=[minutes.pk]))


@require_GET
@require(May.SEE_REVIEW)
def kept(request: HttpRequest) -> HttpResponse:
    """All minutes that the person may read, newest first."""
    return render(request, "review/minutes_list.html", {"found": _visible(request).defer("document")[:200]})


@require_GET
@require(May.SEE_REVIEW)
def minutes(request: HttpRequest, number: int, ending: str = "") -> HttpResponse:
    """One meeting's minutes, as they were sent."""
    found = get_object_or_404(_visible(request), pk=number)
    if ending:
        return _file(found.document, ending)
    more: dict[str, Any] = {"minutes": found}
    if may(request.user, May.CLOSE_REVIEW):
        more |= {
            "can_mail": mailing.can_mail(),
            "recipients": mailing.recipients(found, workspace.today()),
        }
    return _shown(request, found.document, more)


@require_POST
@require(May.CLOSE_REVIEW)
def send(request: HttpRequest, number: int) -> HttpResponse:
    """Have the worker mail the minutes to people of the application."""
    found = get_object_or_404(_visible(request), pk=number)
    chosen = [int(text) for text in request.POST.getlist("to") if text.isascii() and text.isdigit()]
    try:
        runs = mailing.send(found, chosen, request.user)
    except UsageError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"On their way to {len(runs)} {'person' if len(runs) == 1 else 'people'}.")
    return HttpResponseRedirect(reverse("review:minutes", args=[found.pk]))


def _visible(request: HttpRequest) -> QuerySet[Minutes]:
    return mailing.readable_by(request.user, workspace.today())


def _shown(request: HttpRequest, document: Document, more: dict[str, Any]) -> HttpResponse:
    context = {"document": document, "summary": summary_words(document), "arrows": ARROWS, **more}
    return render(request, "review/document_page.html", context)


def _file(document: Document, ending: str) -> HttpResponse:
    if ending not in KINDS:
        raise Http404(f"minutes come as {' or '.join(KINDS)}")
    kind, write = KINDS[ending]
    response = HttpResponse(write(document), content_type=f"{kind}; charset=utf-8")
    name = f"{name_of(document)}.{ending}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
