"""Reads of the team's work: by person what is open, overdue and breached, the hours it takes, and who is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from barograph_web.plays.models import Clock, Task
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import Role, StandIn, User
from barograph_web.work.filters import awake
from barograph_web.work.rows import OF_THE_PLAY

AHEAD = timedelta(days=7)
HOUR = 1.0
"""What a task takes of which nobody said how long: the default of a step in a play's file."""


@dataclass(frozen=True, slots=True)
class PersonWork:
    """What one person has. person: None for what is nobody's. breached: their open tasks with a service-level clock
    that ran out. hours: what their open tasks that are due within seven days take. away: their
    absence that is in force or begins within seven days."""

    person: User | None
    open: int
    overdue: int
    breached: int
    hours: float
    away: StandIn | None = None

    @property
    def is_away(self) -> bool:
        return self.away is not None


def by_person(user: User, today: date) -> list[PersonWork]:
    """Everybody with open work on accounts that the person may see, and the members of a lead's team; who has most
    overdue first. Queries do not grow with the people."""
    tasks = _tasks(user, today)
    ran_out = Clock.objects.filter(stopped_at=None, cancelled=False, breached_at__isnull=False).filter(
        Q(task=OuterRef("pk")) | (OF_THE_PLAY & Q(play_run=OuterRef("play_run")))
    )
    counted = {
        row["owner"]: row
        for row in tasks.order_by()
        .values("owner")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
            breached=Count("pk", filter=Exists(ran_out)),
            hours=Sum(Coalesce("hours", HOUR), filter=Q(due_on__lte=today + AHEAD), default=0.0),
        )
    }
    team = _team_of(user)
    people = {
        one.pk: one for one in User.objects.filter(Q(pk__in=[pk for pk in counted if pk]) | Q(pk__in=team))
    }
    absences = absent(people, today, today + AHEAD)
    none = {"open": 0, "overdue": 0, "breached": 0, "hours": 0.0}
    found = []
    for pk in [*people, *([None] if None in counted else [])]:
        row = counted.get(pk, none)
        found.append(
            PersonWork(
                people[pk] if pk is not None else None,
                row["open"],
                row["overdue"],
                row["breached"],
                row["hours"],
                absences.get(pk) if pk is not None else None,
            )
        )
    return sorted(
        found,
        key=lambda one: (-one.overdue, -one.open, one.person.name if one.person is not None else ""),
    )


def absent(people: Iterable[int], first: date, last: date) -> dict[int, StandIn]:
    """Person -> their absence in some days, the first one."""
    found: dict[int, StandIn] = {}
    rows = StandIn.objects.select_related("absent", "stand_in").filter(
        absent__in=list(people), begins_on__lte=last, ends_on__gte=first
    )
    for row in rows.order_by("begins_on", "pk"):
        found.setdefault(row.absent_id, row)
    return found


def open_tasks_of(user: User, today: date, person: User) -> QuerySet[Task]:
    """The open tasks of one person on accounts that `user` may see, the nearest first."""
    found = _tasks(user, today).filter(owner=person).select_related("owner", "play_run")
    return found.order_by("due_on", "-priority", "pk")


def _tasks(user: User, today: date) -> QuerySet[Task]:
    accounts = visible_accounts(user, today)
    found = Task.objects.filter(awake(today))
    return (
        found.filter(account_id__in=accounts.values("account_id")) if accounts.query.has_filters() else found
    )


def _team_of(user: User) -> set[int]:
    """The members of a lead's team, whoever they are; nobody for those who lead no team."""
    if user.role != Role.LEADER or user.team_id is None:
        return set()
    return set(User.objects.filter(team=user.team_id, is_active=True).values_list("pk", flat=True))
