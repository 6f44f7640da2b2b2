"""Gathers what the rules look at from the projection: a fixed number of queries, however many accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max

from barograph.reports.render.phrases import date_words
from barograph_web.growth.models import Escalation, Goal, HandOver, Severity
from barograph_web.growth.readiness import Evidence, Severe
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.fact_tables import word
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, FactKind, Standing, Week
from barograph_web.portfolio.queries_account import SEPARATOR
from barograph_web.ui.formats import day as day_of

KINDS = (
    FactKind.INVOICE, FactKind.TICKET, FactKind.ESCALATION, FactKind.SURVEY, FactKind.GOAL, FactKind.CONTRACT,
)  # fmt: skip
SEVERE_WORDS = frozenset({"critical", "major", "high", "severe", "p1", "p2", "1", "2", "sev1", "sev2"})
"""Severities of imported escalations that count as severe; so does one without a severity: unknown is not harmless."""
PROMOTER = 0.9
"""Share of the scale from which an answer to "would you recommend us" is a promoter's (9 of 10; Reichheld 2003)."""


def owner_of(account_id: str) -> str:
    """The account whose facts these are: where products are scored, the one that the product belongs to."""
    return account_id.rpartition(SEPARATOR)[0] or account_id


def gather(accounts: Sequence[Account], week: Week, rules: GrowthRules, today: date) -> dict[str, Evidence]:
    """account_id -> its evidence in a week that has standings, with the facts as they are known now."""
    ids = [account.account_id for account in accounts]
    facts = _facts(ids)
    tiers = _tiers([account.pk for account in accounts], week, max(rules.advocate_weeks, rules.ready_weeks))
    standings = {
        row["account_id"]: row
        for row in Standing.objects.filter(week=week, account__in=[a.pk for a in accounts]).values(
            "account_id", "about_to_turn", "detail__components"
        )
    }
    refused = dict(
        HandOver.objects.filter(account_id__in=ids, state="refused")
        .order_by()
        .values_list("account_id")
        .annotate(last=Max("answered_at"))
    )
    entered, taken_up = _entered_severe(ids)
    confirmed = _entered_confirmed(ids)
    found = {}
    for account in accounts:
        own = facts.get(owner_of(account.account_id), {})
        standing = standings.get(account.pk, {})
        at = refused.get(account.account_id)
        found[account.account_id] = Evidence(
            tiers=tiers.get(account.pk, ()),
            about_to_turn=bool(standing.get("about_to_turn")),
            notice_given=account.notice_given,
            measures=measures_of(standing.get("detail__components") or ()),
            overdue=_overdue(own.get(FactKind.INVOICE, ()), today),
            severe=_severe(own, entered.get(account.account_id, []), taken_up, rules, today),
            refused_on=day_of(at),
            promoters=_promoters(own.get(FactKind.SURVEY, ())),
            confirmed=(*_confirmed(own.get(FactKind.GOAL, ())), *confirmed.get(account.account_id, ())),
            bought=bought(own.get(FactKind.CONTRACT, ()), today),
        )
    return found


def measures_of(components: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str, float | None]]:
    """Signals and components of the explain document by name: label, unit, value. A signal goes before a component."""
    found: dict[str, tuple[str, str, float | None]] = {}
    for component in components:
        found.setdefault(component["name"], (component["label"], "points", component.get("score")))
    for component in components:
        for signal in component.get("signals", ()):
            found[signal["name"]] = (signal["label"], signal.get("unit") or "", signal.get("value"))
    return found


def offered() -> frozenset[str]:
    """Every product that any account has or had, from the contracts at hand."""
    rows = (
        AccountFact.objects.filter(kind=FactKind.CONTRACT).order_by().values_list("data__product", flat=True)
    )
    return frozenset(product for product in rows.distinct() if product)


def bought(contracts: Iterable[Mapping[str, Any]], today: date) -> frozenset[str]:
    """Products with a contract that runs on `today`."""
    found = set()
    for data in contracts:
        begins, ends, cancelled = (day_of(data.get(k)) for k in ("start_date", "end_date", "cancelled_at"))
        runs = (begins is None or begins <= today) and (ends is None or ends >= today)
        if data.get("product") and runs and (cancelled is None or (ends is not None and ends >= today)):
            found.add(str(data["product"]))
    return frozenset(found)


def _facts(ids: Iterable[str]) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
    """Account -> kind -> data of its facts, newest first."""
    wanted = {owner_of(name) for name in ids}
    rows = AccountFact.objects.filter(account_id__in=wanted, kind__in=KINDS).order_by(
        "account_id", "kind", "-on"
    )
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for account_id, kind, data in rows.values_list("account_id", "kind", "data"):
        found[account_id][kind].append(data)
    return found


def _tiers(accounts: Sequence[int], week: Week, weeks: int) -> dict[int, list[str | None]]:
    """Account -> displayed tiers of its last weeks, oldest first; None for a week without a score."""
    shown = Week.objects.filter(as_of__lte=week.as_of).order_by("-as_of").values_list("pk", flat=True)[:weeks]
    newest_first = list(shown)
    rows = AccountWeek.objects.filter(week__in=newest_first, account__in=accounts)
    told: dict[int, dict[int, str]] = defaultdict(dict)
    for account, at, tier in rows.values_list("account_id", "week_id", "tier"):
        told[account][at] = tier
    found: dict[int, list[str | None]] = {}
    for account, by_week in told.items():
        series = [by_week.get(at) for at in newest_first[::-1]]
        while series and series[0] is None:  # before its first week nothing is known, which is no gap
            series.pop(0)
        found[account] = [None if tier == "insufficient" else tier for tier in series]
    return found


def _overdue(invoices: Sequence[Mapping[str, Any]], today: date) -> int | None:
    if not invoices:
        return None
    open_since = [due for data in invoices if not data.get("paid_at") and (due := day_of(data.get("due_at")))]
    return max((today - due).days for due in open_since) if any(d < today for d in open_since) else 0


def _severe(
    own: Mapping[str, Sequence[Mapping[str, Any]]],
    entered: Sequence[Severe],
    taken_up: frozenset[str],
    rules: GrowthRules,
    today: date,
) -> tuple[Severe, ...] | None:
    """taken_up: imported escalations that people follow here; their state here stands."""
    if not (entered or own.get(FactKind.TICKET) or own.get(FactKind.ESCALATION)):
        return None
    since = today - timedelta(days=rules.severe_days)
    found = [*entered]
    for data in own.get(FactKind.TICKET, ()):
        opened = day_of(data.get("opened_at"))
        recent = opened is not None and opened >= since
        if recent and not data.get("resolved_at") and data.get("priority") in rules.severe_priorities:
            what = f"{word(str(data['priority']))} ticket of {_words(opened)}"
            found.append(Severe("ticket", str(data.get("ticket_id")), f"{what} is open", opened))
    for data in own.get(FactKind.ESCALATION, ()):
        severity = str(data.get("severity") or "").lower()
        key = str(data.get("escalation_id"))
        if not data.get("resolved_at") and (not severity or severity in SEVERE_WORDS) and key not in taken_up:
            opened = day_of(data.get("opened_at"))
            found.append(Severe("escalation", key, f"escalation of {_words(opened)} is open", opened))
    return tuple(found)


def _entered_severe(ids: Sequence[str]) -> tuple[dict[str, list[Severe]], frozenset[str]]:
    """Open severe escalations that were entered, by account; and the keys of imported ones that were taken up."""
    found: dict[str, list[Severe]] = defaultdict(list)
    taken_up = set()
    for row in Escalation.objects.filter(account_id__in=ids).order_by("opened_at"):
        if row.external_id:
            taken_up.add(row.external_id)
        if row.state == "open" and row.severity != Severity.MINOR:
            opened = day_of(row.opened_at)
            words = f"{row.get_severity_display().lower()} escalation of {_words(opened)} is open"
            found[row.account_id].append(
                Severe("escalation", row.external_id or f"app-{row.pk}", words, opened)
            )
    return found, frozenset(taken_up)


def _words(day: date | None) -> str:
    return date_words(day.isoformat()) if day is not None else "an unknown day"


def _promoters(surveys: Iterable[Mapping[str, Any]]) -> dict[str, date]:
    """Contact -> day of their newest answer, when that was a promoter's. Answers nobody is named for count
    by number."""
    newest: dict[str, tuple[date, bool]] = {}
    for place, data in enumerate(surveys):
        if data.get("kind") != "nps" or not isinstance(data.get("score"), int | float):
            continue
        answered = day_of(data.get("answered_at"))
        if answered is None:
            continue
        low, high = float(data.get("scale_min") or 0.0), float(data.get("scale_max") or 10.0)
        promotes = high > low and (float(data["score"]) - low) / (high - low) >= PROMOTER
        who = str(data.get("contact_id") or f"#{place}")
        if who not in newest or newest[who][0] < answered:
            newest[who] = (answered, promotes)
    return {who: on for who, (on, promotes) in newest.items() if promotes}


def _confirmed(goals: Iterable[Mapping[str, Any]]) -> list[date]:
    """Imported goals that the customer confirmed; those that were entered here are counted from their own rows."""
    found = [
        day_of(g.get("confirmed_at")) for g in goals if not str(g.get("goal_id", "")).startswith("app-goal-")
    ]
    return [on for on in found if on is not None]


def _entered_confirmed(ids: Sequence[str]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = defaultdict(list)
    rows = Goal.objects.filter(account_id__in=ids, state="reached").exclude(confirmed_on=None)
    for account_id, on in rows.values_list("account_id", "confirmed_on"):
        found[account_id].append(on)
    return found
