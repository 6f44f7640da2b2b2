"""Reads of the lists: who is ready, hand-overs with what came of them, plans, candidates, escalations.

Every one begins at the accounts that the person may see, and takes the same number of queries however many
rows there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from barograph_web.growth.conversion import Deal, Handed, Rate, match, rates
from barograph_web.growth.evidence import owner_of
from barograph_web.growth.models import (
    Ask,
    Candidate,
    Escalation,
    Goal,
    HandOver,
    Judged,
    Opportunity,
    SuccessPlan,
    UseCaseRequest,
)
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.telling import local_day
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.portfolio.queries_account import SEPARATOR
from barograph_web.ui.formats import day as day_of

EXPANDING = ("expansion", "cross_sell")
MOST = 2_000
"""Rows that a list without pages reads at most, newest first."""


def narrowed(rows: QuerySet[Any], accounts: QuerySet[Account]) -> QuerySet[Any]:
    """Rows with an `account_id` of accounts that the person may see."""
    return rows.filter(account_id__in=accounts.values("account_id")) if accounts.query.has_filters() else rows


def judged(model: type[Judged], accounts: QuerySet[Account], show: str) -> QuerySet[Any]:
    """Readiness or candidates by revenue. show: "ready" (all hold), "near" (one does not, or cannot be told), "all"."""
    rows = model._default_manager.select_related("account").filter(account__is_current=True)
    if accounts.query.has_filters():
        rows = rows.filter(account__in=accounts)
    if show == "ready":
        rows = rows.filter(holds=True)
    elif show == "near":
        rows = rows.filter(holds=False).annotate(short=F("failing") + F("unknown")).filter(short=1)
    return rows.order_by("-holds", F("arr").desc(nulls_last=True), "account__account_id")


def judged_counts(model: type[Judged], accounts: QuerySet[Account]) -> dict[str, int]:
    """How many are ready, near and there at all."""
    rows = judged(model, accounts, "all").order_by().annotate(short=F("failing") + F("unknown"))
    return dict(
        rows.aggregate(
            ready=Count("pk", filter=Q(holds=True)),
            near=Count("pk", filter=Q(holds=False, short=1)),
            all=Count("pk"),
        )
    )


def open_work(account_ids: Sequence[str]) -> dict[str, HandOver]:
    """Account -> its hand-over that is not answered, or accepted and not concluded."""
    rows = HandOver.objects.filter(account_id__in=account_ids, state__in=["asked", "accepted"]).order_by("at")
    return {row.account_id: row for row in rows}


def open_requests(accounts: QuerySet[Account]) -> list[UseCaseRequest]:
    """Requests that nothing has come of yet, newest first."""
    return list(narrowed(UseCaseRequest.objects.filter(state="open"), accounts)[:MOST])


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Hand-overs with what came of them. rows: (hand-over, its deals), newest first. rates: with n and interval.

    open_deals: every expansion deal that is open, of a hand-over or not, newest first.
    """

    rows: list[tuple[HandOver, list[Deal]]]
    rates: list[Rate]
    open_deals: list[Deal]

    @property
    def open_amount(self) -> float:
        """Revenue a year of all open deals whose amount is known."""
        return sum(deal.amount or 0.0 for deal in self.open_deals)


def pipeline(accounts: QuerySet[Account], rules: GrowthRules, today: date) -> Pipeline:
    """Everything about hand-overs of the accounts that a person may see, and all their open expansion deals.

    Of hand-overs the newest MOST, with every deal of their accounts: a rate is never made of half of them.
    """
    rows = list(narrowed(HandOver.objects.select_related("to", "by"), accounts)[:MOST])
    handed = [_handed(row, today) for row in rows]
    matched = match(handed, deals_of_accounts({row.account_id for row in rows}), rules.match_days)
    return Pipeline(
        [(row, matched.get(row.pk, [])) for row in rows],
        rates(handed, matched, rules.match_days, today),
        open_deals(accounts),
    )


def deals_of(row: HandOver, rules: GrowthRules, today: date) -> list[Deal]:
    """The deals of one hand-over; the account's other hand-overs have theirs."""
    handed = [_handed(other, today) for other in HandOver.objects.filter(account_id=row.account_id)]
    return match(handed, deals_of_accounts({row.account_id}), rules.match_days).get(row.pk, [])


def deals_of_accounts(account_ids: set[str]) -> list[Deal]:
    """Every expansion deal of some accounts, newest first, imported and entered."""
    entered = Opportunity.objects.filter(account_id__in=account_ids)
    return _deals(
        list(entered), _imported_deals().filter(account_id__in={owner_of(name) for name in account_ids})
    )


def open_deals(accounts: QuerySet[Account]) -> list[Deal]:
    """Expansion deals that are open, the newest MOST of each source, newest first."""
    entered = narrowed(Opportunity.objects.filter(Q(state="open") | ~Q(external_id=None)), accounts)
    facts = _imported_deals().filter(Q(data__won__isnull=True) | Q(data__won=None))
    if accounts.query.has_filters():
        facts = facts.filter(account_id__in=_owners(accounts))
    return [deal for deal in _deals(list(entered[:MOST]), facts[:MOST]) if deal.won is None]


def _imported_deals() -> QuerySet[AccountFact]:
    rows = AccountFact.objects.filter(kind=FactKind.OPPORTUNITY, data__kind__in=EXPANDING)
    return rows.order_by("-on", "key")


def _deals(entered: Sequence[Opportunity], facts: QuerySet[AccountFact]) -> list[Deal]:
    """Both sources as deals, by the account whose contracts they are about. One that was entered under its imported id
    counts once, as the data say it stands."""
    by_id = {row.external_id: row for row in entered if row.external_id}
    found = []
    for account_id, data in facts.values_list("account_id", "data"):
        opened = day_of(data.get("created_at"))
        if opened is None:
            continue
        here = by_id.get(data.get("opportunity_id"))
        found.append(
            Deal(
                key=str(data.get("opportunity_id")),
                account_id=account_id,
                kind=str(data["kind"]),
                opened_on=opened,
                amount=data.get("amount"),
                won=data.get("won"),
                title=here.title if here else "",
                stage=str(data.get("stage") or "").replace("_", " "),
                closed_on=day_of(data.get("closed_at")),
                imported=True,
                hand_over=here.hand_over_id if here else None,
            )
        )
    # Whether one of ours is in the data at all, not only among these facts.
    wanted = _imported_deals().filter(data__opportunity_id__in=list(by_id)) if by_id else None
    imported = set(wanted.values_list("data__opportunity_id", flat=True)) if wanted is not None else set()
    found += [_entered(row) for row in entered if row.external_id is None or row.external_id not in imported]
    return sorted(found, key=lambda d: (d.opened_on, d.key), reverse=True)


def plan_counts(plans: Iterable[SuccessPlan]) -> dict[int, dict[str, int]]:
    """Plan -> state of goals -> how many."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Goal.objects.filter(plan__in=list(plans))
        .order_by()
        .values_list("plan", "state")
        .annotate(n=Count("pk"))
    )
    for plan, state, n in rows:
        found[plan][state] = n
    return found


def plans(accounts: QuerySet[Account], state: str) -> QuerySet[SuccessPlan]:
    """Plans in a state, newest first; all for another word."""
    rows = narrowed(SuccessPlan.objects.all(), accounts)
    return rows.filter(state=state) if state in ("proposed", "agreed", "closed") else rows


def late_goals(accounts: QuerySet[Account], today: date) -> int:
    """How many goals are past their day and neither confirmed nor given up."""
    return narrowed(
        Goal.objects.filter(state="open", due_on__lt=today, plan__state="agreed"), accounts
    ).count()


def asks(accounts: QuerySet[Account]) -> QuerySet[Ask]:
    """Asks, newest first."""
    return narrowed(Ask.objects.all(), accounts)


def candidates_asked(rows: Sequence[Candidate]) -> dict[str, Ask]:
    """Account -> its last ask."""
    ids = [row.account.account_id for row in rows]
    return {ask.account_id: ask for ask in Ask.objects.filter(account_id__in=ids).order_by("asked_on", "pk")}


def escalations(accounts: QuerySet[Account], state: str) -> QuerySet[Escalation]:
    """Escalations that people follow here; "open", "resolved" or all."""
    rows = narrowed(Escalation.objects.select_related("owner"), accounts)
    return rows.filter(state=state) if state in ("open", "resolved") else rows


def imported_escalations(accounts: QuerySet[Account], state: str) -> QuerySet[AccountFact]:
    """Escalations of the data that nobody has taken up here, newest first."""
    taken = Escalation.objects.exclude(external_id=None).values_list("external_id", flat=True)
    rows = AccountFact.objects.filter(kind=FactKind.ESCALATION).exclude(data__escalation_id__in=list(taken))
    if accounts.query.has_filters():
        rows = rows.filter(account_id__in=_owners(accounts))
    if state in ("open", "resolved"):
        rows = rows.filter(data__resolved_at__isnull=state == "open")
    return rows.order_by("-on", "key")


def names_of(account_ids: Iterable[str]) -> dict[str, str]:
    """Account -> its name. Of an account whose products are scored, that of the first product."""
    wanted = set(account_ids)
    rows = Account.objects.filter(account_id__in=wanted).values_list("account_id", "name")
    return dict(rows)


def _owners(accounts: QuerySet[Account]) -> list[str] | QuerySet[Any]:
    ids = accounts.values_list("account_id", flat=True)
    # Only where products are scored does an id have to be taken apart.
    parted = accounts.filter(account_id__contains=SEPARATOR).exists()
    return [*{owner_of(name) for name in ids}] if parted else ids


def _handed(row: HandOver, today: date) -> Handed:
    in_time: bool | None = None
    if row.state != "withdrawn":
        if row.answered_at is not None:
            in_time = row.answered_at <= row.due_at
        elif local_day(row.due_at) < today:
            in_time = False
    return Handed(row.pk, owner_of(row.account_id), local_day(row.at), row.state, in_time)


def _entered(row: Opportunity) -> Deal:
    return Deal(
        key=f"app-{row.pk}",
        account_id=owner_of(row.account_id),
        kind=row.kind,
        opened_on=row.opened_on,
        amount=row.amount,
        won={"won": True, "lost": False}.get(row.state),
        title=row.title,
        stage=row.state,
        closed_on=row.closed_on,
        hand_over=row.hand_over_id,
    )
