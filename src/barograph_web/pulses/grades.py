"""Who sees whose grade: people their own, and their lead theirs; nobody else, whatever their role (X4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from barograph_web.pulses.models import Grade
from barograph_web.users.models import Role, Team, User


@dataclass(frozen=True, slots=True)
class Graded:
    """Somebody whose grade may be seen; `grade` None while there is none."""

    person: User
    grade: Grade | None


def is_on() -> bool:
    """Whether calls are graded at all."""
    return bool(settings.OPTIONS_IN_FORCE.grading)


def led_by(lead: User) -> list[User]:
    """Whose lead somebody is, by name.

    A CS leader leads the people of their team and of the teams in it, but for those whom a leader further down leads.
    One without a team leads who has no other leader. Leaders do not lead other leaders.
    """
    if lead.role != Role.LEADER or not lead.is_active:
        return []
    people = User.objects.filter(is_active=True, erased_at=None).exclude(role=Role.LEADER).exclude(pk=lead.pk)
    above = dict(Team.objects.values_list("pk", "parent_id"))
    led = set(
        User.objects.filter(role=Role.LEADER, is_active=True, team__isnull=False).values_list(
            "team_id", flat=True
        )
    )
    return [
        person
        for person in people.order_by("name", "email")
        if _team_of_lead(person.team_id, above, led) == lead.team_id
    ]


def leads_of(person: User) -> list[User]:
    """The leaders of the nearest team upward that has one, or those without a team; never the person. Two queries."""
    leaders = [user for user in User.objects.filter(role=Role.LEADER, is_active=True) if user.pk != person.pk]
    above = dict(Team.objects.values_list("pk", "parent_id"))
    team = _team_of_lead(
        person.team_id, above, {user.team_id for user in leaders if user.team_id is not None}
    )
    return [user for user in leaders if user.team_id == team]


def grade_of(viewer: User, person: User) -> Grade | None:
    """The grade of `person` as `viewer` may see it; None when there is none. Raises LookupError when they may not."""
    if not is_on() or not (viewer.pk == person.pk or person in led_by(viewer)):
        raise LookupError("not theirs to see")
    return Grade.objects.filter(person=person).first()


def graded(viewer: User) -> list[Graded]:
    """The people whose lead `viewer` is, each with their grade. Four queries."""
    led = led_by(viewer)
    there = {grade.person_id: grade for grade in Grade.objects.filter(person__in=led)}
    return [Graded(person, there.get(person.pk)) for person in led]


def _team_of_lead(team: int | None, above: dict[int, int | None], led: set[int | None]) -> int | None:
    """The nearest team, upward, that has a leader; None: whoever leads without a team."""
    seen: set[int] = set()
    while team is not None and team not in seen:
        if team in led:
            return team
        seen.add(team)
        team = above.get(team)
    return None
