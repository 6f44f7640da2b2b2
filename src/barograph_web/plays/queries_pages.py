"""Reads for the pages of plays: runs, incidents, and how service levels were kept, by team and person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from barograph_web.plays.models import (
    Clock,
    ClockDemand,
    DataIncident,
    Firing,
    FiringState,
    PlayRun,
    RunState,
)
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

LOOKED_BACK = timedelta(days=91)
"""Attainment is of clocks that began in the last quarter."""


@dataclass(frozen=True, slots=True)
class Attainment:
    """How often a promise was kept. share: kept / (kept + missed); None before either. going: not decided yet."""

    label: str
    demand: str
    kept: int
    missed: int
    going: int
    escalated: int

    @property
    def share(self) -> float | None:
        decided = self.kept + self.missed
        return self.kept / decided if decided else None


def runs(accounts: QuerySet[Account], *, state: str, play: str) -> QuerySet[PlayRun]:
    """Runs of the accounts that somebody may see, by state and play; open ones first, then the newest."""
    seen = accounts.filter(account_id=OuterRef("account_id"))
    found = PlayRun.objects.filter(Exists(seen))
    if state in RunState.values:
        found = found.filter(state=state)
    if play:
        found = found.filter(play=play)
    unfinished = Count("tasks", filter=Q(tasks__state__in=["open", "snoozed"]))
    return found.annotate(left=unfinished).order_by(
        F("closed_at").desc(nulls_first=True), "-opened_at", "-pk"
    )


def counts_by_play(accounts: QuerySet[Account]) -> dict[str, dict[str, int]]:
    """Play -> state -> runs, of the accounts that somebody may see."""
    seen = accounts.filter(account_id=OuterRef("account_id"))
    rows = (
        PlayRun.objects.filter(Exists(seen)).order_by().values_list("play", "state").annotate(n=Count("pk"))
    )
    found: dict[str, dict[str, int]] = {}
    for play, state, number in rows:
        found.setdefault(play, {})[state] = number
    return found


def names_of(ids: Any) -> dict[str, str]:
    """Account id -> name."""
    return dict(Account.objects.filter(account_id__in=list(ids)).values_list("account_id", "name"))


def incidents() -> QuerySet[DataIncident]:
    """All incidents, unsettled ones first, with how many firings wait under each."""
    waiting = Count("firings", filter=Q(firings__state=FiringState.WAITING))
    return DataIncident.objects.annotate(waiting=waiting).order_by(
        F("settled_at").asc(nulls_first=True), "-week", "-pk"
    )


def held_by_play(incident: DataIncident) -> list[dict[str, Any]]:
    """What an incident holds back, by play: accounts and their known revenue."""
    rows = Firing.objects.filter(incident=incident).order_by().values("play")
    return list(
        rows.annotate(accounts=Count("account_id", distinct=True), arr=Sum("arr")).order_by(
            "-accounts", "play"
        )
    )


def attainment(
    user: User, accounts: QuerySet[Account], now: datetime
) -> tuple[list[Attainment], list[Attainment]]:
    """By promise, over all accounts somebody may see; and by person: of oneself, for a lead of everybody (X4)."""
    seen = accounts.filter(account_id=OuterRef("account_id"))
    clocks = Clock.objects.filter(Exists(seen), started_at__gte=now - LOOKED_BACK)
    mine = clocks if may(user, May.LEAD_WORK) else clocks.filter(owner=user)
    return (
        [_attained("", row) for row in _counted(clocks, "demand")],
        [_attained(row["owner_label"] or "Nobody", row) for row in _counted(mine, "owner_label", "demand")],
    )


def _counted(clocks: QuerySet[Clock], *by: str) -> list[dict[str, Any]]:
    late = Q(stopped_at=None) & ~Q(breached_at=None)
    return list(
        clocks.order_by()
        .values(*by)
        .annotate(
            kept=Count("pk", filter=Q(met=True)),
            missed=Count("pk", filter=Q(met=False) | late),
            going=Count("pk", filter=Q(stopped_at=None, breached_at=None)),
            escalated=Count("pk", filter=~Q(escalated_at=None)),
        )
        .order_by(*by)
    )


def _attained(label: str, row: dict[str, Any]) -> Attainment:
    demand = ClockDemand(row["demand"]).label
    return Attainment(label, demand, row["kept"], row["missed"], row["going"], row["escalated"])
