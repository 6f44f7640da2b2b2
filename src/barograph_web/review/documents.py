"""The agenda of a review and its minutes as one plain document, and the review's rows for a spreadsheet.

The document is JSON: what was sent is what is kept. It holds texts as the page showed them, so that it reads the same
in a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from barograph.reports.render.phrases import printable, rough_money
from barograph_web.portfolio.models import Standing
from barograph_web.review import queries
from barograph_web.review.entries import Entry, entries
from barograph_web.review.models import Decision, DecisionOutcome, Verdict
from barograph_web.review.page import TITLES, ReviewPage, Told
from barograph_web.ui.place import reporting_currency, workspace_name

MOST = 200
"""Entries of one list that a document or an export holds; the page's lists go on."""
EXPORTED = 5000
Document = dict[str, Any]


def review_document(page: ReviewPage, at: datetime, *, closed: bool) -> Document:
    """The agenda (closed: False) or the minutes of a review at an instant."""
    listed = page.attention
    shown = {one.account_id for one in listed}
    others = page.told(
        [d for d in queries.decided_of(page.week, page.scope.accounts) if d.account_id not in shown]
    )
    label, label_words = page.label
    return {
        "schema": "barograph.minutes/1",
        "closed": closed,
        "workspace": workspace_name(),
        "week": page.week.as_of.isoformat(),
        "at": at.isoformat(),
        "by": page.user.name,
        "scope": page.scope.words,
        "currency": reporting_currency(),
        "model": page.week.model_version,
        "label": label,
        "label_words": label_words,
        "listed": len(listed),
        "decided": sum(1 for one in listed if one.decision is not None),
        "counts": [{"words": chip.words, "count": chip.count, "arr": chip.arr} for chip in page.chips],
        "warnings": page.warnings,
        "alarm": page.alarm.summary if page.alarm is not None else "",
        "due": [_followed(one) for one in page.due],
        "closed_steps": [_followed(one) for one in _closed(page)],
        "entries": [_entry(one) for one in listed],
        "others": [{"name": one.name, **_decision(one.decision)} for one in others[:MOST]],
        "moved": [_group(page, key) for key in TITLES if key != "attention" and page.groups[key].count],
        "tiers": [
            {
                "label": t.label,
                "accounts": t.accounts,
                "change": t.change,
                "revenue": t.revenue,
                "share": t.share_words,
            }
            for t in page.tiers
        ],
        "movement": page.movement.summary if page.movement is not None else "",
    }


def export_rows(page: ReviewPage) -> list[dict[str, str | int | float | bool | None]]:
    """One row per account on the attention list or moved, most urgent first; at most `EXPORTED` of each list."""
    found: dict[str, dict[str, str | int | float | bool | None]] = {}
    for place, one in enumerate(page.attention, start=1):
        found[one.account_id] = _row(one) | {"list": page.title("attention"), "place": place}
    for key in queries.MOVED:
        rows = queries.moved(page.week, page.scope.accounts, key)
        for one in _in_parts(page, rows):
            row = found.setdefault(one.account_id, _row(one))
            row["list"] = "; ".join(part for part in (str(row["list"]), page.title(key)) if part)
    return list(found.values())


def _in_parts(page: ReviewPage, rows: QuerySet[Standing]) -> Iterator[Entry]:
    for first in range(0, EXPORTED, 500):
        part = entries(page.week, rows, page.labels, first, 500)
        yield from part
        if len(part) < 500:
            return


def _row(one: Entry) -> dict[str, str | int | float | bool | None]:
    standing, review, decision = one.standing, one.standing.review, one.decision
    return printable({
        "list": "", "place": None, "account_id": one.account_id, "name": standing.account.name,
        "segment": standing.account.segment, "owner": review.get("owner"), "arr": standing.arr,
        "currency": reporting_currency(), "score": standing.score, "tier": standing.tier,
        "previous_tier": standing.previous_tier, "opt_out": review.get("opt_out"), "why": one.view.why,
        "track_record": one.view.track_record, "verdict": decision.verdict if decision else None,
        "reason": decision.reason if decision else None,
        "decision_owner": decision.owner_label if decision else None,
        "next_step": decision.next_step if decision else None,
        "due_on": _iso(decision.due_on) if decision else None,
        "know_on": _iso(decision.know_on) if decision else None,
        "decided_by": decision.by_label if decision else None,
    })  # fmt: skip


def _entry(one: Entry) -> Document:
    view = one.view
    return {
        "name": view.name,
        "place": view.place,
        "tier": view.tier,
        "tier_label": view.tier_label,
        "way": view.way,
        "move": view.move,
        "score": view.score,
        "change": view.change,
        "revenue": view.revenue,
        "opt_out": view.opt_out,
        "opt_out_date": view.opt_out_date,
        "why": view.why,
        "track_record": view.track_record,
        "lift": view.lift,
        "owner": one.owner_name or view.owner,
        "duties": [f"{duty.what} {duty.words}".strip() for duty in one.duties],
        "plan": _decision(one.plan) if one.plan is not None else None,
        "decision": _decision(one.decision) if one.decision is not None else None,
    }


def _decision(decision: Decision) -> Document:
    return {
        "verdict": decision.verdict,
        "verdict_words": verdict_words(decision),
        "reason": decision.reason,
        "owner": decision.owner_label,
        "next_step": decision.next_step,
        "due_on": _iso(decision.due_on),
        "know_on": _iso(decision.know_on),
        "by": decision.by_label,
        "at": decision.at.isoformat(),
        "week": decision.week.isoformat(),
    }


def verdict_words(decision: Decision) -> str:
    """ "Agreed", "Disagreed", "Settled: the numbers stand", "No verdict"."""
    if decision.is_ruling:
        right = "the CSM is right" if decision.verdict == Verdict.DISAGREE else "the numbers stand"
        return f"Settled: {right}"
    return {Verdict.AGREE: "Agreed", Verdict.DISAGREE: "Disagreed"}.get(
        Verdict(decision.verdict), "No verdict"
    )


def _followed(one: Told) -> Document:
    outcome = getattr(one.decision, "outcome", None)
    return {
        "name": one.name,
        **_decision(one.decision),
        "result": outcome.get_result_display() if outcome is not None else "",
        "words": outcome.words if outcome is not None else "",
    }


def _closed(page: ReviewPage) -> list[Told]:
    """Next steps of which somebody said since the week began what became of them."""
    outcomes = DecisionOutcome.objects.filter(at__date__gte=page.week.as_of).select_related("decision")
    ids = queries.about(Decision.objects.standing(), page.scope.accounts).values("pk")
    found = list(outcomes.filter(decision__in=ids).order_by("at")[:MOST])
    return page.told([outcome.decision for outcome in found])


def _group(page: ReviewPage, key: str) -> Document:
    rows = entries(page.week, queries.moved(page.week, page.scope.accounts, key), page.labels, 0, 25)
    return {
        "title": page.title(key),
        "count": page.groups[key].count,
        "accounts": [
            {
                "name": r.view.name,
                "tier_label": r.view.tier_label,
                "move": r.view.move,
                "revenue": r.view.revenue,
            }
            for r in rows
        ],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def summary_words(document: Document) -> list[str]:
    """ "12 need attention (EUR 1.3 M)": the counts in words."""
    currency = document["currency"]
    return [
        f"{c['count']:,} {c['words'][0].lower()}{c['words'][1:]}"
        + (f" ({rough_money(c['arr'], currency)})" if c["arr"] else "")
        for c in document["counts"]
    ]


def name_of(document: Document) -> str:
    """A file name without its ending: "review-2026-11-16-minutes"."""
    return f"review-{document['week']}-{'minutes' if document['closed'] else 'agenda'}"
