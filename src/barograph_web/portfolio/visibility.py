"""Which accounts a person may see. Every query of accounts, in pages and in the API, begins here."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from barograph_web.portfolio.models import Account, GuestGrant
from barograph_web.users.models import Role, StandIn, Team, User

SEES_ALL = frozenset({Role.OPS, Role.EXECUTIVE, Role.ADMINISTRATOR})


def visible_accounts(user: Any, today: date) -> QuerySet[Account]:
    """The accounts that `user` may see on `today`.

    CSM and account manager: their own, and those of whom they stand in for. Leader: the team's (with the teams in
    it), all when they have no team. Guest: what is shared with them. CS Ops, executive, administrator: all. Somebody
    who is not signed in, or no longer active: none.
    """
    if not isinstance(user, User) or not user.is_active:
        return Account.objects.none()
    if user.role in SEES_ALL or (user.role == Role.LEADER and user.team_id is None):
        return Account.objects.all()
    if user.role == Role.GUEST:
        shared = GuestGrant.objects.filter(guest=user, until__gte=today).values("account_id")
        return Account.objects.filter(account_id__in=shared)
    people = _emails(user, today)
    return Account.objects.filter(Q(csm_email__in=people) | Q(am_email__in=people))


def visible_ids(user: Any, today: date) -> QuerySet[Any] | None:
    """The ids of the accounts that `user` may see, for the audit log (ops/sight.py); None: all of them."""
    sees_all = isinstance(user, User) and user.is_active and user.role in SEES_ALL
    return None if sees_all else visible_accounts(user, today).values("account_id")


def own_accounts(user: User, today: date) -> QuerySet[Account]:
    """The accounts that `user`, or somebody they stand in for, works on: what "mine" means in filters."""
    people = {user.email, *_absent(user, today)}
    return visible_accounts(user, today).filter(Q(csm_email__in=people) | Q(am_email__in=people))


def team_accounts(user: User, today: date) -> QuerySet[Account]:
    """The accounts of the people in `user`'s team and in the teams within it, as far as `user` may see them; without
    a team, their own."""
    if user.team_id is None:
        return own_accounts(user, today)
    members = User.objects.filter(team_id__in=_with_parts(user.team_id)).values_list("email", flat=True)
    people = {user.email, *members}
    return visible_accounts(user, today).filter(Q(csm_email__in=people) | Q(am_email__in=people))


def _emails(user: User, today: date) -> set[str]:
    found = {user.email, *_absent(user, today)}
    if user.role == Role.LEADER and user.team_id is not None:
        teams = _with_parts(user.team_id)
        found |= set(User.objects.filter(team_id__in=teams).values_list("email", flat=True))
    return found


def _absent(user: User, today: date) -> set[str]:
    away = StandIn.objects.filter(stand_in=user, begins_on__lte=today, ends_on__gte=today)
    return set(away.values_list("absent__email", flat=True))


def _with_parts(team: int) -> set[int]:
    """A team and all teams below it; a circle in the data ends where it closes."""
    found: set[int] = set()
    wave = {team}
    while wave:
        found |= wave
        wave = set(Team.objects.filter(parent_id__in=wave).values_list("pk", flat=True)) - found
    return found


def people_who_see(account: Account, today: date) -> QuerySet[User]:
    """The other way round: everybody who may see one account on `today`."""
    emails = [email for email in (account.csm_email, account.am_email) if email]
    standing_in = StandIn.objects.filter(absent__email__in=emails, begins_on__lte=today, ends_on__gte=today)
    teams = _above(
        set(User.objects.filter(email__in=emails, team__isnull=False).values_list("team", flat=True))
    )
    guests = GuestGrant.objects.filter(account_id=account.account_id, until__gte=today)
    leads = Q(role=Role.LEADER) & (Q(team=None) | Q(team__in=teams))
    works_on_it = Q(email__in=emails) | Q(pk__in=standing_in.values("stand_in"))
    invited = Q(role=Role.GUEST, pk__in=guests.values("guest"))
    sees = Q(role__in=SEES_ALL) | leads | (works_on_it & ~Q(role=Role.GUEST)) | invited
    return User.objects.filter(sees, is_active=True)


def _above(teams: set[int]) -> set[int]:
    """Some teams and all teams that they are in; a circle in the data ends where it closes."""
    found: set[int] = set()
    wave = teams
    while wave:
        found |= wave
        parents = Team.objects.filter(pk__in=wave, parent__isnull=False).values_list("parent", flat=True)
        wave = set(parents) - found
    return found
