"""Named people for the tests of the application, one per role."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from barograph_web.portfolio.models import Account, GuestGrant
from barograph_web.users.models import Role, Team, User

PASSWORD = "correct horse battery"  # noqa: S105


@dataclass(frozen=True)
class People:
    """carla and anna work on accounts of the seeded company; lena leads carla's team; gus sees one account."""

    carla: User
    anna: User
    lena: User
    otto: User
    eve: User
    gus: User
    ada: User

    def all(self) -> list[User]:
        return [getattr(self, f.name) for f in fields(self)]


def make_people() -> People:
    """The seven, with the busiest CSM of the company as carla and an account manager of it as anna."""
    csm = Account.objects.exclude(csm_email=None).order_by("csm_email").values_list("csm_email", flat=True)
    am = Account.objects.exclude(am_email=None).order_by("am_email").values_list("am_email", flat=True)
    busiest = max(set(csm), key=list(csm).count) if csm else "carla@example.com"
    team = Team.objects.create(name="Team North")

    def person(name: str, role: Role, email: str | None = None, **more: object) -> User:
        return User.objects.create_user(
            email or f"{name.lower()}@example.com", PASSWORD, name=name, role=role, **more
        )

    people = People(
        carla=person("Carla", Role.CSM, busiest, team=team),
        anna=person("Anna", Role.ACCOUNT_MANAGER, am.first() or "anna@example.com"),
        lena=person("Lena", Role.LEADER, team=team),
        otto=person("Otto", Role.OPS),
        eve=person("Eve", Role.EXECUTIVE),
        gus=person("Gus", Role.GUEST),
        ada=person("Ada", Role.ADMINISTRATOR),
    )
    shared = Account.objects.filter(is_current=True).first()
    if shared is not None:
        GuestGrant.objects.create(
            guest=people.gus, account_id=shared.account_id, until=date(2100, 1, 1), granted_by="Lena"
        )
    return people
