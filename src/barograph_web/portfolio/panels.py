"""What this app shows on an account's page. Each takes a request and an `AccountPage`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from barograph.charts.score_history import Mark, Point, score_history
from barograph.reports.track_record import words as record_words
from barograph_web.portfolio.fact_tables import NUMERIC, cells, columns_of
from barograph_web.portfolio.forms import NoteForm, ShareForm
from barograph_web.portfolio.models import FactKind
from barograph_web.portfolio.queries_account import AccountPage, grants_of, notes_of, writes_of
from barograph_web.portfolio.queries_list import people
from barograph_web.portfolio.timeline import kinds, marks, timeline
from barograph_web.ui.panels import Panel, register
from barograph_web.users.models import Role
from barograph_web.users.permissions import May, may

Context = Mapping[str, Any] | None
MARKED = (FactKind.ESCALATION, FactKind.OUTCOME, FactKind.TICKET, FactKind.INTERACTION, FactKind.CONTACT)
CAUSES = {
    "not_calibrated": "not yet: this model's scores were never set against outcomes as probabilities",
    "insufficient": "not known: too little is known of the account",
}


def history(_request: HttpRequest, page: AccountPage) -> Context:
    """Weekly scores with tier bands and events."""
    if not page.weeks:
        return None
    first = page.weeks[0].week.as_of
    lines = page.detail.get("tier_lines", {})
    labels = page.detail.get("tier_labels", {})
    shown = marks(page.facts(*MARKED), page.names, first)
    points = [Point(w.week.as_of, w.score, w.tier) for w in page.weeks]
    return {
        "chart": score_history(points, lines, labels, [Mark(e.on, e.words, e.tone == "bad") for e in shown]),
        "weeks": page.weeks[::-1],
        "marks": shown[::-1],
    }


def why(_request: HttpRequest, page: AccountPage) -> Context:
    """Why it stands there: the change since the week before in lines that sum, the tier, where it is heading."""
    detail = page.detail
    if not detail:
        return {"without": True} if page.point is not None else None
    ledger = detail.get("ledger", [])
    change = detail.get("change")
    return {
        "detail": detail,
        "ledger": ledger,
        "widest": max((abs(line["points"]) for line in ledger), default=0.0),
        "moved": ledger_sum(detail),
        "change": change,
        "track_record": record_words(detail.get("track_record")),
        "chance_because": CAUSES.get(detail.get("renewal_probability_because") or "", ""),
    }


def ledger_sum(detail: Mapping[str, Any]) -> float | None:
    """The change that the lines of the ledger add up to; None where there is no such sum."""
    change = detail.get("change")
    if not change or change["statement"] != "items" or change["from"] is None or change["to"] is None:
        return None
    return float(change["to"]) - float(change["from"])


def components(_request: HttpRequest, page: AccountPage) -> Context:
    """The components with their signals, and the lines that add up to the score."""
    detail = page.detail
    if not detail.get("components"):
        return None
    told = {signal["name"]: signal["words"] for signal in detail.get("signals", [])}
    found = [
        {**c, "signals": [{**s, "words": told.get(s["name"])} for s in c["signals"]]}
        for c in detail["components"]
    ]
    return {
        "components": found,
        "caps": detail.get("caps", []),
        "cap_points": sum(cap["points"] for cap in detail.get("caps", [])),
        "base": detail.get("base"),
        "score": detail.get("score"),
        "coverage": detail.get("coverage"),
        "because": detail.get("insufficient_because"),
        "tier": detail.get("tier"),
    }


def targets(_request: HttpRequest, page: AccountPage) -> Context:
    """The outcomes that the model calls health."""
    found = page.detail.get("targets")
    return {"targets": found} if found else None


def records(request: HttpRequest, page: AccountPage) -> Context:
    """People, tickets, meetings, surveys, invoices and so on: one table at a time."""
    counts = page.fact_counts
    kind = request.GET.get("records", "")
    if kind not in counts:
        kind = next(iter(counts), "")
    facts = page.facts(kind) if kind else []
    columns = columns_of(kind, facts) if kind else []
    labels = dict(FactKind.choices)
    return {
        "tabs": [(k, labels[k], n) for k, n in counts.items()],
        "kind": kind,
        "kind_label": labels.get(kind, ""),
        "columns": [(c, c.how in NUMERIC) for c in columns],
        "rows": [cells(fact, columns, page.names) for fact in facts],
        "today": page.today,
        "owned_by": page.facts_of if page.facts_of != page.account_id else "",
    }


def events(request: HttpRequest, page: AccountPage) -> Context:
    """The timeline, of everything or of one kind."""
    kind = request.GET.get("kind", "")
    shown = kinds()
    kind = kind if kind in shown else ""
    return {
        "events": timeline(page.account, page.facts(), page.weeks, page.names, kind),
        "kind": kind,
        "kinds": shown,
        "today": page.today,
    }


def contract(_request: HttpRequest, page: AccountPage) -> Context:
    """What is at stake and until when."""
    account = page.account
    named = people({a for a in (account.csm_email, account.am_email) if a})
    return {
        "account": account,
        "owner": named.get(account.csm_email or ""),
        "manager": named.get(account.am_email or ""),
        "today": page.today,
        "days": None if account.opt_out_on is None else (account.opt_out_on - page.today).days,
    }


def key_people(_request: HttpRequest, page: AccountPage) -> Context:
    """Sponsors, champions, buyers, administrators."""
    found = page.key_people()
    return {"people": found, "others": len(page.contacts) - len(found)} if page.contacts else None


def notes(request: HttpRequest, page: AccountPage) -> Context:
    """What people wrote, and a form to add to it."""
    return {
        "notes": notes_of(page.account_id),
        "form": NoteForm(),
        "may_write": may(request.user, May.WRITE_NOTES),
        "may_erase": may(request.user, May.ERASE_PEOPLE),
        "today": page.today,
    }


def sharing(_request: HttpRequest, page: AccountPage) -> Context:
    """With which guests the account is shared."""
    return {
        "grants": grants_of(page.account_id, page.today),
        "form": ShareForm(today=page.today),
        "today": page.today,
    }


def writes(_request: HttpRequest, page: AccountPage) -> Context:
    """Who wrote what about the account."""
    found = writes_of(page.account_id)
    return {"writes": found} if found else None


def register_all() -> None:
    """The panels of this app; between 20 and 50 others put what they know about the account."""

    def add(page: str, position: int, name: str, title: str, context: Any, **more: Any) -> None:
        register(Panel(page, position, name, title, f"portfolio/panels/{name}.html", context, **more))

    add("account", 10, "history", "Score by week", history)
    add("account", 12, "why", "Why", why)
    add("account", 14, "components", "What the score is made of", components)
    add("account", 16, "targets", "Outcomes that mean health", targets)
    add("account", 50, "records", "Records", records)
    add("account", 60, "timeline", "Timeline", events, loads_later=True)
    add("account_side", 10, "contract", "At stake", contract)
    add("account_side", 20, "key_people", "Key people", key_people)
    add("account_side", 30, "notes", "Notes", notes)
    add(
        "account_side",
        40,
        "sharing",
        "Shared with",
        sharing,
        allowed=lambda user: may(user, May.SHARE_ACCOUNTS),
    )
    add(
        "account_side",
        90,
        "writes",
        "Who wrote what",
        writes,
        allowed=lambda user: getattr(user, "role", Role.GUEST) != Role.GUEST,
        loads_later=True,
    )
