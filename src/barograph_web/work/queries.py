"""Reads that several pages of this app begin with: which tasks a person may see, and which are theirs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet

from barograph_web.plays.models import PlayRun, RunState, Task, TaskQuerySet
from barograph_web.portfolio.models import Account
from barograph_web.portfolio.visibility import visible_accounts
from barograph_web.users.models import StandIn, User


def visible_tasks(user: User, today: date, accounts: QuerySet[Account] | None = None) -> TaskQuerySet:
    """Tasks of accounts that the person may see, in every state, and those that are theirs: a pool may have given them
    one of an account that they do not see otherwise, and it must not be lost. accounts: visible_accounts, where the
    caller has them."""
    if accounts is None:
        accounts = visible_accounts(user, today)
    if not accounts.query.has_filters():
        return Task.objects.all()
    return Task.objects.filter(Q(account_id__in=accounts.values("account_id")) | Q(owner=user))


def people_acted_for(user: User, today: date) -> set[int]:
    """The person, and those for whom they stand in today."""
    away = StandIn.objects.filter(stand_in=user, begins_on__lte=today, ends_on__gte=today)
    return {user.pk, *away.values_list("absent_id", flat=True)}


def is_mine(user: User, acted_for: Collection[int], own: QuerySet[Account]) -> Q:
    """What "mine" means: given to the person or whom they act for, waiting in a pool of theirs, or nobody's on an
    account that they work on."""
    pools = user.pool_memberships.values("pool__name")
    return (
        Q(owner__in=acted_for)
        | Q(owner=None, pool__in=pools)
        | Q(owner=None, pool="", account_id__in=own.values("account_id"))
    )


def plays_in(accounts: QuerySet[Account]) -> list[tuple[str, str]]:
    """(name, title) of the plays that are open on some accounts, by title."""
    runs = PlayRun.objects.filter(state=RunState.OPEN)
    if accounts.query.has_filters():
        runs = runs.filter(account_id__in=accounts.values("account_id"))
    found = dict(runs.order_by().values_list("play", "title").distinct())
    return sorted(found.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
