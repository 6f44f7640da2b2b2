"""What the views of this app share: whose account, which thing, what is said when somebody was quicker."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header

from barograph.cli.output import csv_text
from barograph_web.growth.history import OvertakenError
from barograph_web.growth.models import Entry
from barograph_web.growth.moves import KINDS, Doing, Kind
from barograph_web.growth.services_rules import in_force
from barograph_web.ops.workspace import now, today
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import own_accounts, visible_accounts

TABS = (
    ("expansion", "Expansion", "growth:expansion"),
    ("pipeline", "Hand-overs", "growth:pipeline"),
    ("plans", "Success plans", "growth:plans"),
    ("advocates", "Advocates", "growth:advocates"),
    ("escalations", "Escalations", "growth:escalations"),
)
MOVED = {
    "begin": "began it", "accept": "accepted it", "refuse": "refused it", "withdraw": "took it back",
    "send_on": "asked somebody else", "conclude": "concluded it", "update": "wrote", "reassign": "changed it",
    "reclassify": "changed it", "resolve": "resolved it", "reopen": "opened it again", "agree": "agreed",
    "done": "said it took place", "fall_through": "said it fell through", "edit": "corrected it",
    "measure": "measured it", "confirm": "kept that the customer confirmed it", "miss": "called it missed",
    "drop": "dropped it", "close": "closed it", "win": "won it", "lose": "lost it", "decline": "declined it",
    "hand_over": "handed it over",
}  # fmt: skip
"""What somebody did, after their name."""


def account_of(request: HttpRequest, key: str) -> Account:
    """The account, if the person may see it; 404 otherwise."""
    return get_object_or_404(visible_accounts(request.user, today()), account_id=key)


def kind_of(slug: str) -> Kind:
    """The kind of an address; 404 for none."""
    if slug not in KINDS:
        raise Http404(f"There is nothing called {slug[:40]!r} here.")
    return KINDS[slug]


def doing(request: HttpRequest, account: Account) -> Doing:
    """Who does something now, on an account."""
    return Doing(request.user, now(), today(), account, in_force()[1])  # type: ignore[arg-type]


def scoped(request: HttpRequest) -> tuple[Any, bool]:
    """The accounts that the page is about, and whether it is one's own only (`?mine=1`)."""
    mine = request.GET.get("mine") == "1"
    day = today()
    return (own_accounts(request.user, day) if mine else visible_accounts(request.user, day)), mine  # type: ignore[arg-type]


def shared(here: str, **more: Any) -> dict[str, Any]:
    """What every page of the section shows."""
    return {"tabs": TABS, "here": here, "today": today(), **more}


def told(entries: list[Entry]) -> list[dict[str, Any]]:
    """Entries with their words: who did what, and which columns changed."""
    return [{"entry": e, "did": MOVED.get(e.move, e.move.replace("_", " "))} for e in entries]


def overtaken_words(error: OvertakenError) -> str:
    """What is said above the form when somebody was quicker."""
    if not error.entries:
        return "Somebody was quicker: look at what stands now. Nothing of yours was saved."
    first = error.entries[0]
    return f"{first.by_label} {MOVED.get(first.move, first.move)} meanwhile. Nothing of yours was saved; it is below."


def csv_response(name: str, rows: list[dict[str, Any]]) -> HttpResponse:
    """A file for a spreadsheet; texts that it would run as formulas are made harmless."""
    response = HttpResponse(csv_text(rows), content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}-{today()}.csv")
    response["Content-Disposition"] = disposition or ""
    return response
