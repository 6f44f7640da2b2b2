"""The account's page and what people write on it: notes, sharing with guests."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from barograph_web.ops.workspace import now, today, workspace
from barograph_web.portfolio import services
from barograph_web.portfolio.forms import NoteForm, ShareForm
from barograph_web.portfolio.models import Account, GuestGrant, Note
from barograph_web.portfolio.queries_account import AccountPage, account_page, grants_of, parts_and_wholes
from barograph_web.portfolio.queries_list import people
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.portfolio.weeks import newest_week, week_of
from barograph_web.ui.panels import panel_response, panels_of
from barograph_web.users.permissions import May, may, require

MAIN, SIDE = "account", "account_side"


@require_GET
@require(May.SEE_ACCOUNTS)
def account(request: HttpRequest, account_id: str) -> HttpResponse:
    """One view of the customer, in the newest week or in an earlier one (`?week=`)."""
    subject = _subject(request, account_id)
    wanted = request.GET.get("panel", "")
    page = SIDE if wanted in {p.name for p in panels_of(SIDE, request.user)} else MAIN
    alone = panel_response(request, page, subject)
    if alone is not None:
        return alone
    names = people({a for a in (subject.account.csm_email, subject.account.am_email) if a})
    weeks = [w.week for w in subject.weeks]
    context = {
        "subject": subject,
        "today": subject.today,
        "owner": names.get(subject.account.csm_email or "", ""),
        "manager": names.get(subject.account.am_email or "", ""),
        "weeks": weeks[::-1],
        "family": parts_and_wholes(subject, visible_accounts(request.user, subject.today)),
    }
    return render(request, "portfolio/account.html", context)


@require_POST
@require(May.WRITE_NOTES)
def write_note(request: HttpRequest, account_id: str) -> HttpResponse:
    """Add a note."""
    found = _account(request, account_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _note_page(request, found, form, 422)
    services.write_note(found, request.user, form.cleaned_data["body"])
    return _back(found, "notes")


@require_POST
@require(May.WRITE_NOTES)
def replace_note(request: HttpRequest, account_id: str, pk: int) -> HttpResponse:
    """Correct one's own note. 409 with what stands now when somebody was quicker."""
    found = _account(request, account_id)
    note = get_object_or_404(Note, pk=pk, account_id=found.account_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _note_page(request, found, form, 422, note)
    try:
        services.replace_note(note, request.user, form.cleaned_data["body"])
    except services.StaleError as error:
        return _note_page(request, found, form, 409, note, error)
    return _back(found, "notes")


@require_POST
@require(May.WRITE_NOTES)
def erase_note(request: HttpRequest, account_id: str, pk: int) -> HttpResponse:
    """Erase a note for good: one's own, or anybody's with the right to erase people's data."""
    found = _account(request, account_id)
    note = get_object_or_404(Note, pk=pk, account_id=found.account_id)
    try:
        services.erase_note(note, request.user, now(), anybodys=may(request.user, May.ERASE_PEOPLE))
    except services.StaleError as error:
        messages.warning(request, str(error))
    return _back(found, "notes")


@require_POST
@require(May.SHARE_ACCOUNTS)
def share(request: HttpRequest, account_id: str) -> HttpResponse:
    """Let a guest see this account until a day."""
    found, day = _account(request, account_id), today()
    form = ShareForm(request.POST, today=day)
    if not form.is_valid():
        context = {"account": found, "form": form, "grants": grants_of(found.account_id, day), "today": day}
        return render(request, "portfolio/share_form.html", context, status=422)
    grant = services.share_account(
        found, form.cleaned_data["guest"], form.cleaned_data["until"], request.user, day
    )
    messages.success(request, f"{grant.guest} sees this account until {grant.until}.")
    return _back(found, "sharing")


@require_POST
@require(May.SHARE_ACCOUNTS)
def stop_sharing(request: HttpRequest, account_id: str, pk: int) -> HttpResponse:
    """Take the account away from a guest."""
    found = _account(request, account_id)
    grant = GuestGrant.objects.filter(pk=pk, account_id=found.account_id).select_related("guest").first()
    if grant is not None:  # stopped twice is stopped
        services.stop_sharing(grant)
        messages.success(request, f"{grant.guest} no longer sees this account.")
    return _back(found, "sharing")


def _account(request: HttpRequest, account_id: str) -> Account:
    return get_object_or_404(visible_accounts(request.user, today()), account_id=account_id)


def _subject(request: HttpRequest, account_id: str) -> AccountPage:
    found, newest = _account(request, account_id), newest_week()
    week, text = newest, request.GET.get("week")
    if text:
        try:
            week = week_of(date.fromisoformat(text))
        except ValueError:
            week = None
        if week is None:
            raise Http404(f"There is no week of {text[:20]!r}: it was not scored, or is no longer kept.")
    return account_page(found, week, newest, today(), workspace())


def _note_page(
    request: HttpRequest,
    account: Account,
    form: NoteForm,
    status: int,
    note: Note | None = None,
    stale: services.StaleError | None = None,
) -> HttpResponse:
    context = {"account": account, "form": form, "note": note, "stale": stale}
    return render(request, "portfolio/note_form.html", context, status=status)


def _back(account: Account, panel: str) -> HttpResponse:
    return redirect(f"{reverse('portfolio:account', args=[account.account_id])}#panel-{panel}")
