"""Reads of the review: which accounts are on it and why, what was decided about them, what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from barograph.core.attention import FALLING_POINTS, ON_TRACK_FACTOR
from barograph_web.portfolio.models import Account, Standing, Tier, Week
from barograph_web.portfolio.remembered import remembered
from barograph_web.review.models import Decision, Verdict
from barograph_web.scoring.models import VersionRelease

MOVED = (
    "worse", "score_lost", "newly_healthy", "growth", "better", "score_found", "moved_by_model", "new",
)  # fmt: skip
USUAL_LENGTH = 12
PAGE = 25
"""Entries that one page of a list adds."""

REASON_TO_LOOK = (
    Q(tier__in=[Tier.AT_RISK, Tier.WATCH, Tier.INSUFFICIENT])
    | Q(moved="worse")
    | Q(about_to_turn=True)
    | Q(change_4_weeks__lte=-FALLING_POINTS)
)
"""Whom the attention list may hold, of those with a priority: the rule of `barograph.core.attention`, on columns."""


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one kind: how many, and their known revenue (None: of none is it known)."""

    count: int
    arr: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The shape of one week's attention list. at_most: its length; released: whether what a new model moved counts."""

    at_most: int
    released: bool


def standings_of(week: Week, accounts: QuerySet[Account]) -> QuerySet[Standing]:
    """The standings of some accounts in a week."""
    found = Standing.objects.filter(week=week)
    return found.filter(account__in=accounts) if accounts.query.has_filters() else found


def plan_of(week: Week) -> Plan:
    """How long the list is (the model's own length) and whether the week's model was released (P9)."""
    listed = Standing.objects.filter(week=week, rank__isnull=False).count()
    moved = Standing.objects.filter(week=week, moved="moved_by_model").exists()
    return Plan(listed or USUAL_LENGTH, not moved or release_of(week) is not None)


def release_of(week: Week) -> VersionRelease | None:
    """Who released what the week's model version moved; None while nobody has."""
    return VersionRelease.objects.filter(model_version=week.model_version).first()


def attention(week: Week, accounts: QuerySet[Account], plan: Plan, today: date) -> QuerySet[Standing]:
    """Accounts with a reason to look at them, most urgent first; ties go by id.

    An account whose next step is agreed and not yet due is on track and counts a quarter. What a new model moved
    is left out until a person has released it.
    """
    on_track = _on_track(week, today).values("account_id")
    urgency = Case(
        When(account__account_id__in=on_track, then=F("priority") * ON_TRACK_FACTOR),
        default=F("priority"),
        output_field=FloatField(),
    )
    return _with_reason(week, accounts, plan).order_by(urgency.desc(), "account__account_id")


def attention_rows(
    week: Week, accounts: QuerySet[Account], plan: Plan, today: date, first: int, at_most: int
) -> list[int]:
    """Numbers of the standings `first` to `first + at_most` of the attention list, in order.

    Over all accounts the list is read off the index of priorities instead of being sorted: no account can be among
    the first n that is not among the first n + (accounts on track) by priority alone, since nothing else steps back.
    """
    if accounts.query.has_filters():
        found = attention(week, accounts, plan, today).values_list("pk", flat=True)
        return list(found[first : first + at_most])
    on_track = set(_on_track(week, today).values_list("account_id", flat=True))
    rows = _with_reason(week, accounts, plan).order_by("-priority")
    read = list(
        rows.values_list("pk", "priority", "account__account_id")[: first + at_most + len(on_track) + PAGE]
    )
    ranked = sorted(
        (-(priority * ON_TRACK_FACTOR if key in on_track else priority), key, pk)
        for pk, priority, key in read
    )
    return [pk for _, _, pk in ranked[first : first + at_most]]


def _on_track(week: Week, today: date) -> QuerySet[Decision]:
    return Decision.objects.open_plans().filter(due_on__gte=today, week__lt=week.as_of)


def _with_reason(week: Week, accounts: QuerySet[Account], plan: Plan) -> QuerySet[Standing]:
    found = standings_of(week, accounts).filter(REASON_TO_LOOK)
    if accounts.query.has_filters():
        # Asked in a way that the index of priorities cannot answer: a few accounts are found by themselves.
        found = found.alias(urgent=Coalesce("priority", Value(-1.0))).filter(urgent__gte=0)
    else:
        found = found.filter(priority__isnull=False)
    return found if plan.released else found.exclude(moved="moved_by_model")


def moved(week: Week, accounts: QuerySet[Account], kind: str) -> QuerySet[Standing]:
    """Accounts that moved in one way since the week before, largest revenue first."""
    return (
        standings_of(week, accounts)
        .filter(moved=kind)
        .order_by(F("arr").desc(nulls_last=True), "account__account_id")
    )


def groups(week: Week, accounts: QuerySet[Account]) -> dict[str, Group]:
    """How many accounts moved in each way since the week before, by the names of MOVED."""
    return remembered("moved", [week], accounts, lambda: _groups(week, accounts))


def _groups(week: Week, accounts: QuerySet[Account]) -> dict[str, Group]:
    rows = (
        standings_of(week, accounts)
        .filter(moved__gt="")
        .values_list("moved")
        .annotate(n=Count("pk"), sum=Sum("arr"))
        .order_by("moved")
    )
    found = {kind: Group(n, total) for kind, n, total in rows}
    return {kind: found.get(kind, Group(0, None)) for kind in MOVED}


def with_reason(week: Week, accounts: QuerySet[Account], plan: Plan) -> int:
    """How many accounts the attention list would hold without an end."""
    if accounts.query.has_filters() or "attention_eligible" not in week.head:
        counted = _with_reason(week, accounts, plan)
        return remembered(f"with reason:{plan.released}", [week], accounts, counted.count)
    everybody = int(week.head["attention_eligible"])  # counted by the library when the week was brought in
    if plan.released:
        return everybody
    waiting = _with_reason(week, accounts, Plan(plan.at_most, released=True)).filter(moved="moved_by_model")
    return everybody - waiting.count()


def tiers_and_movement(week: Week, accounts: QuerySet[Account]) -> list[tuple[str | None, str, int, float]]:
    """(tier the week before, tier now, accounts, their known revenue): what tiers and movement are made of."""
    if not accounts.query.has_filters() and week.head.get("tiers"):
        return _told_in(week.head)
    rows = (
        standings_of(week, accounts)
        .values_list("previous_tier", "tier")
        .annotate(n=Count("pk"), sum=Sum("arr"))
        .order_by("previous_tier", "tier")
    )
    return remembered(
        "tiers and movement",
        [week],
        accounts,
        lambda: [(before, now, n, total or 0.0) for before, now, n, total in rows],
    )


def _told_in(head: Mapping[str, Any]) -> list[tuple[str | None, str, int, float]]:
    """The same over all accounts, as the library counted it."""
    movement = head.get("movement")
    if movement is None:
        return [(None, tier["tier"], tier["accounts"], tier["arr"] or 0.0) for tier in head["tiers"]]
    states = movement["states"]
    gone = states[-1]
    return [
        (None if before == gone else before, now, movement["count"][i][j], movement["arr"][i][j])
        for i, before in enumerate(states)
        for j, now in enumerate(states)
        if now != gone and movement["count"][i][j]
    ]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one account. last: the end of this week's chain, taken back or not; plan: an earlier
    week's next step of which nobody said what became of it."""

    last: Decision | None = None
    plan: Decision | None = None

    @property
    def decision(self) -> Decision | None:
        """The decision that stands this week."""
        return None if self.last is None or self.last.is_withdrawal else self.last


def decided(week: Week, account_ids: Sequence[str]) -> dict[str, Decided]:
    """What was decided about some accounts: this week, and before it with an end that is still open. Two queries."""
    last = {
        one.account_id: one
        for one in Decision.objects.filter(week=week.as_of, account_id__in=account_ids, replaced_by=None)
        .select_related("outcome", "replaces")
        .order_by("pk")
    }
    plans = {
        one.account_id: one
        for one in Decision.objects.open_plans()
        .filter(week__lt=week.as_of, account_id__in=account_ids)
        .order_by("week")
    }
    return {key: Decided(last.get(key), plans.get(key)) for key in account_ids}


def decided_of(week: Week, accounts: QuerySet[Account]) -> list[Decision]:
    """Every decision that stands in a week about some accounts, newest first."""
    found = Decision.objects.standing().filter(week=week.as_of).select_related("outcome")
    return list(about(found, accounts).order_by("-at")[:500])


def due(accounts: QuerySet[Account], week: Week, today: date) -> QuerySet[Decision]:
    """Next steps of earlier weeks that are due by today, oldest first."""
    found = Decision.objects.open_plans().filter(due_on__lte=today, week__lt=week.as_of)
    return about(found, accounts).select_related("outcome").order_by("due_on", "pk")


def disagreements(accounts: QuerySet[Account], week: Week) -> QuerySet[Decision]:
    """Verdicts against the numbers, up to this week, that no leader has settled, oldest first.

    One is settled by a ruling, or by any later verdict on the same account.
    """
    found = Decision.objects.standing().filter(
        verdict=Verdict.DISAGREE, is_ruling=False, week__lte=week.as_of
    )
    later = Decision.objects.standing().filter(week__gt=OuterRef("week"), account_id=OuterRef("account_id"))
    return about(found.exclude(Exists(later.exclude(verdict=Verdict.NOTE))), accounts).order_by("week", "pk")


def names_of(account_ids: Iterable[str]) -> dict[str, Account]:
    """Accounts by id."""
    return {one.account_id: one for one in Account.objects.filter(account_id__in=set(account_ids))}


def about(decisions: QuerySet[Decision], accounts: QuerySet[Account]) -> QuerySet[Decision]:
    """Those decisions that are about some accounts."""
    if not accounts.query.has_filters():
        return decisions
    return decisions.filter(account_id__in=accounts.values("account_id"))
