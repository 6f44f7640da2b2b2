"""The windows that precedents.py compares, out of the projection: facts, weekly tiers, and escalations of
both sources."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from statistics import median
from typing import Any

from django.db.models import Q

from barograph.definitions.base import TIER_ORDER
from barograph_web.growth.evidence import owner_of
from barograph_web.growth.models import Cause, Escalation
from barograph_web.growth.precedents import Pattern, Window, anchors_for, compare
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, FactKind
from barograph_web.portfolio.queries_account import SEPARATOR
from barograph_web.ui.formats import day as day_of

PERIOD = 365
KEPT = 60
"""Facts per account and kind in the projection: before the oldest of so many, nothing can be told."""
MOST_CASES, CONTROLS, LEAST_CONTROLS = 2_000, 4, 1_000
"""In a large company: so many cases, and four controls for each, beyond which an interval gains next to nothing (Ury
1975, Biometrics 31)."""
BATCH = 400
"""Accounts whose facts are in memory at once."""
FALL = 10.0
MANY = 5
KEY_ROLES = frozenset({"sponsor", "champion", "economic_buyer"})
MET = frozenset({"meeting", "call", "business_review", "onsite"})
LABELS = {
    "at_risk": "At Risk in at least one week",
    "watch": "on Watch or worse in at least one week",
    "fell": "fell to a lower tier",
    "score_fell": f"score fell by {FALL:.0f} points or more",
    "severe_ticket": "a P1 or P2 ticket was opened",
    "many_tickets": f"{MANY} tickets or more",
    "person_left": "a sponsor, champion or buyer left",
    "detractor": "somebody would not recommend us (6 or less)",
    "late_invoice": "an invoice paid more than 14 days late, or open so long",
    "not_met": "no meeting, call or visit",
    "sponsor_pulse": "the last pulse had the sponsor at risk or missing",
}
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """One account's facts of a kind, and from which day on they are complete; None: from the beginning."""

    rows: Sequence[tuple[date | None, Data]]
    since: date | None

    def within(self, begins: date, ends: date) -> list[Data] | None:
        """Facts from `begins` to the day before `ends`; None when some of that time is before what is kept."""
        if not self.rows or (self.since is not None and begins < self.since):
            return None
        return [data for on, data in self.rows if on is not None and begins <= on < ends]


@dataclass(frozen=True, slots=True)
class Opened:
    """One escalation, imported or entered."""

    account_id: str
    on: date
    cause: str
    resolved_on: date | None


def document(rules: GrowthRules, as_of: date) -> dict[str, Any]:
    """What the page of escalations shows of the last PERIOD days before `as_of`, for the whole company."""
    everything = [one for one in escalations() if one.on < as_of]
    recent = [one for one in everything if one.on >= as_of - timedelta(days=PERIOD)]
    first: dict[str, date] = {}
    for one in sorted(recent, key=lambda o: o.on):
        first.setdefault(one.account_id, one.on)
    known = {owner_of(name) for name in Account.objects.values_list("account_id", flat=True)}
    chosen = sampled((account for account in first if account in known), MOST_CASES)
    cases = {account: first[account] for account in chosen}
    controls = sampled(known - set(first), max(LEAST_CONTROLS, CONTROLS * len(cases)))
    told: dict[str, Any] = {
        "as_of": as_of.isoformat(), "days": rules.pattern_days, "period": PERIOD, "cases": len(cases),
        "controls": len(controls), "escalations": len(recent), "tried": 0, "patterns": [], "refused": "",
        **_settled(recent),
    }  # fmt: skip
    if min(len(cases), len(controls)) < rules.pattern_least:
        told["refused"] = (
            f"{len(cases)} accounts with an escalation and {len(controls)} without; "
            f"{rules.pattern_least} of each are needed to compare them."
        )
        return told
    found = patterns(cases, controls, rules)
    told["tried"] = len(found)
    told["patterns"] = [pattern.to_json() for pattern in found]
    told["untold"] = [LABELS[name] for name in LABELS if name not in {p.name for p in found}]
    return told


def patterns(cases: Mapping[str, date], controls: Sequence[str], rules: GrowthRules) -> list[Pattern]:
    """The comparison. cases: account -> day of its first escalation."""
    anchors = anchors_for(controls, list(cases.values()))
    wanted = {**cases, **anchors}
    windows: dict[str, Window] = {}
    for chunk in batched(sorted(wanted), BATCH):
        facts, weeks = _facts(chunk), _weeks(chunk)
        for account in chunk:
            seen = seen_before(
                wanted[account], rules.pattern_days, facts.get(account, {}), weeks.get(account, [])
            )
            windows[account] = Window(account, wanted[account], seen)
    return compare(
        [windows[a] for a in sorted(cases)],
        [windows[a] for a in sorted(controls)],
        LABELS,
        rules.pattern_least,
    )


def sampled(accounts: Iterable[str], at_most: int) -> list[str]:
    """At most so many, in the order of a digest of their ids: the same every time, and like a draw by chance."""
    return sorted(sorted(accounts, key=lambda name: sha256(name.encode()).hexdigest())[:at_most])


def batched(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The names, so many at a time."""
    return (names[start : start + size] for start in range(0, len(names), size))


def escalations() -> list[Opened]:
    """Every escalation, those that were taken up here once, with what people say of them here."""
    entered = list(Escalation.objects.all())
    taken_up = {row.external_id for row in entered if row.external_id}
    found = [
        Opened(
            owner_of(row.account_id),
            on,
            row.get_cause_display() if row.cause else "",
            day_of(row.resolved_at),
        )
        for row in entered
        if (on := day_of(row.opened_at)) is not None
    ]
    rows = AccountFact.objects.filter(kind=FactKind.ESCALATION).exclude(on=None)
    for account_id, on, data in rows.values_list("account_id", "on", "data"):
        if data.get("escalation_id") not in taken_up:
            found.append(
                Opened(account_id, on, cause_words(data.get("cause")), day_of(data.get("resolved_at")))
            )
    return found


def cause_words(cause: Any) -> str:
    """An imported cause in the words of our list where it is one of them, else as it came; empty for none."""
    text = str(cause or "").strip()
    return dict(Cause.choices).get(text.lower().replace(" ", "_"), text)


def seen_before(
    anchor: date, days: int, facts: Mapping[str, Facts], weeks: Sequence[tuple[date, float | None, str]]
) -> dict[str, bool | None]:
    """Each pattern of LABELS in the `days` before `anchor`, the day itself left out. None: it cannot be told.

    weeks: (Monday, score, tier), oldest first, of the whole history.
    """
    begins = anchor - timedelta(days=days)
    empty = Facts((), None)

    def of(kind: str) -> list[Data] | None:
        return facts.get(kind, empty).within(begins, anchor)

    tickets, interactions = of(FactKind.TICKET), of(FactKind.INTERACTION)
    pulses = of(FactKind.PULSE)
    return {
        **_of_tiers([w for w in weeks if begins <= w[0] < anchor]),
        "severe_ticket": None if tickets is None else any(t.get("priority") in ("p1", "p2") for t in tickets),
        "many_tickets": None if tickets is None else len(tickets) >= MANY,
        "person_left": _left(facts.get(FactKind.CONTACT, empty), begins, anchor),
        "detractor": _detractor(of(FactKind.SURVEY)),
        "late_invoice": _late(facts.get(FactKind.INVOICE, empty), begins, anchor),
        "not_met": None if interactions is None else not any(i.get("kind") in MET for i in interactions),
        "sponsor_pulse": pulses[0].get("sponsor_status") in ("at_risk", "missing") if pulses else None,
    }


def _of_tiers(weeks: Sequence[tuple[date, float | None, str]]) -> dict[str, bool | None]:
    tiers = [tier for _, _, tier in weeks if tier in TIER_ORDER]
    scores = [score for _, score, _ in weeks if score is not None]
    if len(tiers) < 2:
        return dict.fromkeys(("at_risk", "watch", "fell", "score_fell"))
    places = [TIER_ORDER.index(tier) for tier in tiers]  # type: ignore[arg-type]
    return {
        "at_risk": 0 in places,
        "watch": min(places) <= 1,
        "fell": any(after < before for before, after in pairwise(places)),
        "score_fell": scores[0] - scores[-1] >= FALL if len(scores) > 1 else None,
    }


def _left(contacts: Facts, begins: date, ends: date) -> bool | None:
    if not contacts.rows:
        return None
    days = [day_of(c.get("valid_to")) for _, c in contacts.rows if c.get("role") in KEY_ROLES]
    return any(day is not None and begins <= day < ends for day in days)


def _detractor(surveys: list[Data] | None) -> bool | None:
    shares = []
    for data in surveys or ():
        low, high = float(data.get("scale_min") or 0.0), float(data.get("scale_max") or 10.0)
        if data.get("kind") == "nps" and high > low and isinstance(data.get("score"), int | float):
            shares.append((float(data["score"]) - low) / (high - low))
    return any(share <= 0.6 for share in shares) if shares else None


def _late(invoices: Facts, begins: date, ends: date) -> bool | None:
    """Of invoices that were due in the window: paid, or still open on the day of the anchor, more than 14 days late."""
    due = [
        (due, data)
        for _, data in invoices.rows
        if (due := day_of(data.get("due_at"))) and begins <= due < ends
    ]
    if not due or (invoices.since is not None and begins < invoices.since):
        return None
    late = timedelta(days=14)
    return any(min(day_of(data.get("paid_at")) or ends, ends) > on + late for on, data in due)


def _facts(wanted: Sequence[str]) -> dict[str, dict[str, Facts]]:
    kinds = (
        FactKind.TICKET, FactKind.INTERACTION, FactKind.CONTACT, FactKind.SURVEY, FactKind.INVOICE, FactKind.PULSE,
    )  # fmt: skip
    rows: dict[str, dict[str, list[tuple[date | None, Data]]]] = defaultdict(lambda: defaultdict(list))
    found = AccountFact.objects.filter(account_id__in=wanted, kind__in=kinds)
    ordered = found.order_by("account_id", "kind", "-on", "key")
    for account_id, kind, on, data in ordered.values_list("account_id", "kind", "on", "data").iterator():
        rows[account_id][kind].append((on, data))
    return {
        account: {kind: Facts(own, own[-1][0] if len(own) >= KEPT else None) for kind, own in by_kind.items()}
        for account, by_kind in rows.items()
    }


def _units(wanted: Sequence[str]) -> Iterable[str]:
    """The scored units of some accounts: themselves, or their products."""
    own = Q(account_id__in=wanted)
    if Account.objects.filter(account_id__contains=SEPARATOR).exists():
        for name in wanted:
            own |= Q(account_id__startswith=f"{name}{SEPARATOR}")
    return Account.objects.filter(own).values_list("account_id", flat=True)


def _weeks(wanted: Sequence[str]) -> dict[str, list[tuple[date, float | None, str]]]:
    """Weekly score and tier; where products are scored, the worst of the account's in each week."""
    units = {name: owner_of(name) for name in _units(wanted)}
    worst: dict[str, dict[date, tuple[int, float | None, str]]] = defaultdict(dict)
    rows = AccountWeek.objects.filter(week__is_shown=True, account__account_id__in=list(units))
    columns = rows.values_list("account__account_id", "week__as_of", "score", "tier")
    for unit, as_of, score, tier in columns.iterator():
        account = units[unit]
        place = TIER_ORDER.index(tier) if tier in TIER_ORDER else len(TIER_ORDER)
        before = worst[account].get(as_of)
        if before is None or place < before[0]:
            worst[account][as_of] = (place, score, tier)
    return {
        account: [(as_of, by_week[as_of][1], by_week[as_of][2]) for as_of in sorted(by_week)]
        for account, by_week in worst.items()
    }


def _settled(recent: Sequence[Opened]) -> dict[str, Any]:
    """Causes by number, and days to the resolution: median and n of those that are resolved."""
    causes = Counter(one.cause or "not said" for one in recent)
    days = [(one.resolved_on - one.on).days for one in recent if one.resolved_on is not None]
    return {
        "causes": causes.most_common(12),
        "resolved": len(days),
        "median_days": float(median(days)) if days else None,
    }
