"""Reads of this app."""

from __future__ import annotations

from datetime import date

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from barograph_web.users.models import ApiToken, Role, StandIn, Team, User


def people(query: str = "", role: str = "", team: str = "", state: str = "active") -> QuerySet[User]:
    """People by name, with `has_mfa`. query: a part of name or address; state: active, disabled or all."""
    has_mfa = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
    found = User.objects.select_related("team").annotate(has_mfa=has_mfa)
    if query:
        found = found.filter(Q(name__icontains=query) | Q(email__icontains=query))
    if role in Role.values:
        found = found.filter(role=role)
    if team.isdigit():
        found = found.filter(team_id=int(team))
    if state in ("active", "disabled"):
        found = found.filter(is_active=state == "active")
    return found.order_by("name", "email")


def teams() -> QuerySet[Team]:
    """Teams by name, with `people` (active members) and the team above."""
    counted = Count("members", filter=Q(members__is_active=True))
    return Team.objects.select_related("parent").annotate(people=counted).order_by("name")


def stand_ins(today: date, person: User | None = None) -> QuerySet[StandIn]:
    """Stand-ins that are in force or to come, of everybody or of one person on either side."""
    found = StandIn.objects.select_related("absent", "stand_in").filter(ends_on__gte=today)
    return found if person is None else found.filter(Q(absent=person) | Q(stand_in=person))


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """A person's tokens, newest first, revoked and expired ones too."""
    return ApiToken.objects.filter(owner=person)


def has_second_factor(person: User) -> bool:
    """Whether a person has set up a second factor."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def nobody_yet() -> bool:
    """Whether nobody can sign in at all."""
    return not User.objects.filter(is_active=True).exists()
