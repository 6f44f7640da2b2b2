"""Truth: rules about people. The last administrator stays, two administrators do not overwrite each other, and every
change is in the audit log with before and after (X2; issue 4, people)."""

from __future__ import annotations

from datetime import date

import pytest

from barograph.errors import UsageError
from barograph_web.ops.models import AuditEvent
from barograph_web.users import services, trail
from barograph_web.users.models import Role, StandIn, Team, User

GIVEN = "kdj3-fjs8-qpw2"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", role=Role.ADMINISTRATOR)


@pytest.fixture
def carla(ada: User) -> User:
    return User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("id")


def test_a_person_is_added_once_whatever_the_case_of_the_address(ada: User) -> None:
    user = services.add_person(name=" Dora ", email=" Dora@Example.com ", role=Role.CSM)
    assert (user.name, user.email, user.has_usable_password()) == ("Dora", "dora@example.com", False)
    assert last_event().action == "person.added"
    assert last_event().after is not None
    with pytest.raises(UsageError, match="already"):
        services.add_person(name="D", email="DORA@example.com", role=Role.CSM)
    with pytest.raises(UsageError, match="no role"):
        services.add_person(name="E", email="e@example.com", role="king")


def test_a_password_that_was_given_is_to_be_changed_and_a_weak_one_is_refused(ada: User) -> None:
    user = services.add_person(name="Dora", email="dora@example.com", role=Role.CSM, password=GIVEN)
    assert user.must_set_password
    with pytest.raises(UsageError, match="too short"):
        services.add_person(name="E", email="e@example.com", role=Role.CSM, password=GIVEN[:5])
    assert not User.objects.filter(email="e@example.com").exists()


def test_a_change_is_audited_with_what_changed_only(ada: User, carla: User) -> None:
    team = services.save_team(Team(), name="North", parent=None)
    services.change_person(carla, {"role": Role.LEADER, "team": team}, revision=1, by=ada, reason="promoted")
    event = last_event()
    assert (event.action, event.reason) == ("person.changed", "promoted")
    assert event.before == {"role": "csm", "team": None}
    assert event.after == {"role": "leader", "team": "North"}


def test_the_second_of_two_who_change_the_same_person_is_told(ada: User, carla: User) -> None:
    services.change_person(carla, {"name": "Carla B"}, revision=1, by=ada)
    with pytest.raises(services.StaleFormError):
        services.change_person(carla, {"name": "Carla C"}, revision=1, by=ada)
    carla.refresh_from_db()
    assert (carla.name, carla.revision) == ("Carla B", 2)


def test_the_last_administrator_keeps_the_role_and_can_sign_in(ada: User, carla: User) -> None:
    with pytest.raises(UsageError, match="last administrator"):
        services.change_person(ada, {"role": Role.CSM}, revision=1, by=None)
    with pytest.raises(UsageError, match="last administrator"):
        services.set_active(ada, False, by=None)
    with pytest.raises(UsageError, match="to themselves"):
        services.change_person(ada, {"role": Role.CSM}, revision=1, by=ada)
    other = services.add_person(name="Bo", email="bo@example.com", role=Role.ADMINISTRATOR)
    services.set_active(ada, False, by=other)
    with pytest.raises(UsageError, match="last administrator"):
        services.set_active(other, False, by=None)


def test_somebody_who_is_no_administrator_can_be_disabled_by_the_only_one(ada: User, carla: User) -> None:
    services.set_active(carla, False, by=ada, reason="left")
    carla.refresh_from_db()
    assert not carla.is_active
    assert (last_event().action, last_event().reason) == ("person.disabled", "left")
    services.set_active(carla, True, by=ada)
    assert last_event().action == "person.enabled"


def test_teams_do_not_contain_themselves(ada: User) -> None:
    north = services.save_team(Team(), name="North", parent=None)
    oslo = services.save_team(Team(), name="Oslo", parent=north)
    with pytest.raises(UsageError, match="inside North itself"):
        services.save_team(north, name="North", parent=oslo)
    with pytest.raises(UsageError, match="of this name"):
        services.save_team(Team(), name="oslo", parent=None)
    with pytest.raises(UsageError, match="teams inside"):
        services.remove_team(north)
    services.remove_team(oslo)
    assert (last_event().action, last_event().object_label) == ("team.removed", "Oslo")


def test_stand_ins_are_two_people_and_days_in_order(ada: User, carla: User) -> None:
    first, last = date(2026, 12, 21), date(2027, 1, 3)
    gus = User.objects.create_user("gus@example.com", name="Gus", role=Role.GUEST)
    with pytest.raises(UsageError, match="themselves"):
        services.add_stand_in(carla, carla, first, last)
    with pytest.raises(UsageError, match="is before"):
        services.add_stand_in(carla, ada, last, first)
    with pytest.raises(UsageError, match="guests"):
        services.add_stand_in(carla, gus, first, last)
    row = services.add_stand_in(carla, ada, first, last)
    assert last_event().after == {
        "absent": "carla@example.com",
        "stand_in": "ada@example.com",
        "begins_on": "2026-12-21",
        "ends_on": "2027-01-03",
    }
    services.end_stand_in(row)
    assert not StandIn.objects.exists()


def test_no_write_goes_unrecorded(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_recorders", [])
    with pytest.raises(RuntimeError, match="cannot be recorded"):
        services.add_person(name="Dora", email="dora@example.com", role=Role.CSM)
    assert not User.objects.filter(email="dora@example.com").exists()
