"""Truth: the audit log is written once. No door of the ORM changes or removes a row; who may see it sees what they may
see elsewhere, and an export cannot start a formula (X2; issue 4, audit of every write)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from barograph_web.ops.audit import audit, history_of
from barograph_web.ops.current import acting_as
from barograph_web.ops.models import AppendOnlyError, AuditEvent, Run
from barograph_web.ops.queries import AuditFilter, changes_of
from barograph_web.ops.workspace import today
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, StandIn, Team, User
from support.web_people import People, make_people

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> People:
    return make_people()


def event() -> AuditEvent:
    return audit("team.added", ("team", "1", "North"), after={"name": "North"})


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e.save(),
        lambda e: e.delete(),
        lambda _: AuditEvent.objects.update(reason="x"),
        lambda _: AuditEvent.objects.filter(pk__gt=0).update(actor_label="x"),
        lambda _: AuditEvent.objects.all().delete(),
        lambda e: AuditEvent.objects.bulk_update([e], ["reason"]),
        lambda e: AuditEvent.objects.bulk_create([e], update_conflicts=True, update_fields=["reason"]),
        lambda e: AuditEvent.objects.update_or_create(pk=e.pk, defaults={"reason": "x"}),
        lambda _: AuditEvent.objects.all().without_details(NOW, action="x"),  # type: ignore[attr-defined]
        lambda _: AuditEvent.objects.all().relabelled(object_id="x"),  # type: ignore[attr-defined]
    ],
)
def test_no_door_changes_or_removes_an_event(change: Callable[[AuditEvent], Any]) -> None:
    made = event()
    before = AuditEvent.objects.values().get()
    with pytest.raises(AppendOnlyError):
        change(made)
    assert AuditEvent.objects.values().get() == before


def test_who_acted_cannot_be_deleted(staff: People) -> None:
    with acting_as(staff.otto, via="web", request_id="abcdefgh"):
        made = event()
    assert (made.actor, made.actor_label, made.via) == (staff.otto, "Otto <otto@example.com>", "web")
    assert made.request_id == "abcdefgh"
    with pytest.raises(Exception, match="protected"):
        staff.otto.delete()


def test_without_anybody_it_was_the_system_or_the_command_line() -> None:
    assert (event().actor_label, event().via) == ("Barograph", "worker")
    with acting_as(None, via="cli", name="root at the command line"):
        assert event().actor_label == "root at the command line"


def test_changes_are_told_field_by_field_and_equal_ones_left_out() -> None:
    made = audit(
        "x.changed", ("x", "1", "x"), before={"a": 1, "b": 2, "c": None}, after={"a": 1, "b": 3, "d": 4}
    )
    told = [(c.field, c.before, c.after, c.had, c.has) for c in changes_of(made)]
    assert told == [("b", 2, 3, True, True), ("c", None, None, True, False), ("d", None, 4, False, True)]


def test_the_history_of_an_object_is_its_own_newest_first() -> None:
    team = Team.objects.create(name="North")
    first = audit("team.added", team)
    second = audit("team.changed", team)
    audit("team.added", ("users.team", "999999", "other"))
    assert list(history_of(team)) == [second, first]


def test_filters_find_by_person_action_object_account_and_days(staff: People) -> None:
    with acting_as(staff.otto):
        mine = audit("note.written", ("note", "7", "a note"), account_id="acme")
    event()
    zone = ZoneInfo("UTC")
    day = mine.at.date()

    def found(**asked: Any) -> list[AuditEvent]:
        return list(AuditFilter(**asked).events(zone))

    assert found(person="otto") == [mine]
    assert found(action="note") == [mine]
    assert found(thing="a not") == [mine]
    assert found(thing="7") == [mine]
    assert found(account="acme") == [mine]
    assert len(found(since=day, until=day)) == 2
    assert found(until=date(2000, 1, 1)) == []


def test_a_leader_sees_no_events_about_accounts_of_another_team(
    staff: People, client_of: Callable[..., Client]
) -> None:
    Account.objects.create(account_id="theirs", name="Theirs", csm_email="somebody@example.com")
    Account.objects.create(account_id="ours", name="Ours", csm_email=staff.carla.email)
    for account in ("theirs", "ours"):
        audit("note.written", ("note", account, f"note on {account}"), account_id=account)
    for path in ("/administration/audit/", "/administration/audit/export/"):
        seen = client_of(staff.lena).get(path).content.decode()
        assert "note on ours" in seen
        assert "note on theirs" not in seen
        assert "note on theirs" in client_of(staff.otto).get(path).content.decode()


def test_the_export_is_csv_and_starts_no_formula(staff: People, client_of: Callable[..., Client]) -> None:
    audit("team.added", ("team", "1", "=HYPERLINK(1)"), reason="@SUM(A1)")
    found = client_of(staff.ada).get("/administration/audit/export/?action=team")
    assert found["Content-Type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(found.content.decode()))
    assert (row["object"], row["reason"]) == ("'=HYPERLINK(1)", "'@SUM(A1)")


def test_what_is_in_an_event_is_text_on_the_page(staff: People, client_of: Callable[..., Client]) -> None:
    audit(
        "team.added", ("team", "1", "<script>alert(1)</script>"), after={"name": "<img src=x>"}, reason="<b>"
    )
    page = client_of(staff.ada).get("/administration/audit/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "path", ["/administration/audit/", "/administration/runs/", "/administration/people/"]
)
def test_pages_ask_as_often_for_many_rows_as_for_few(
    staff: People,
    client_of: Callable[..., Client],
    path: str,
    django_assert_max_num_queries: Any,
) -> None:

    client = client_of(staff.ada)
    client.get(path)
    for size in (1, 30):
        for i in range(size):
            audit("x.y", ("x", str(i), "x"))
            Run.objects.create(kind="retention", key=f"{size}-{i}", requested_by=staff.otto)
            User.objects.create(email=f"{size}-{i}@example.com", name="N", role="csm", team=staff.carla.team)
        with django_assert_max_num_queries(14):
            assert client.get(path).status_code == 200


def test_a_day_that_is_none_is_said_and_filters_nothing(
    staff: People, client_of: Callable[..., Client]
) -> None:
    event()
    found = client_of(staff.ada).get("/administration/audit/?since=yesterday")
    assert found.status_code == 422
    assert "Enter a valid date" in found.content.decode()
    assert "team.added" in found.content.decode()


@pytest.mark.parametrize("role", [Role.CSM, Role.OPS])
def test_what_a_stand_in_writes_on_an_account_says_for_whom(staff: People, role: Role) -> None:
    """On the accounts of the one who is away only, on those days only, and not on one's own."""
    day = today()
    stand_in = User.objects.create_user("stan@example.com", name="Stan", role=role)
    theirs = Account.objects.create(account_id="theirs", name="Theirs", csm_email=staff.carla.email.upper())
    own = Account.objects.create(
        account_id="own", name="Own", csm_email=staff.carla.email, am_email="stan@example.com"
    )
    nobodys = Account.objects.create(account_id="nobodys", name="Nobody's")
    away = StandIn.objects.create(
        absent=staff.carla, stand_in=stand_in, begins_on=day, ends_on=day + timedelta(days=7)
    )

    def written(account: Account | None, by: User = stand_in) -> str:
        with acting_as(by, via="web"):
            made = audit("note.written", ("note", "1", ""), account_id=account.account_id if account else "")
        return made.on_behalf_of

    label = f"{staff.carla.name} <{staff.carla.email}>"
    assert written(theirs) == label
    assert written(own) == "", "it is their own as well"
    assert written(nobodys) == ""
    assert written(None) == ""
    assert written(theirs, by=staff.otto) == "", "who sees all accounts acts for themselves"
    assert AuditFilter(person=staff.carla.name).events(ZoneInfo("UTC")).count() == 1
    away.ends_on = away.begins_on = day - timedelta(days=1)
    away.save()
    assert written(theirs) == ""


def test_the_history_of_a_page_shows_for_whom(staff: People, client_of: Callable[[User], Client]) -> None:
    """Through the door that people use: a note on the account of somebody who is away."""
    day = today()
    Account.objects.create(account_id="theirs", name="Theirs", csm_email=staff.carla.email)
    other = User.objects.create_user("stan@example.com", name="Stan", role=Role.CSM)
    client = client_of(other)
    path = "/portfolio/accounts/theirs/notes/"
    assert client.post(path, {"body": "x"}).status_code == 404, "not theirs to see before"
    StandIn.objects.create(absent=staff.carla, stand_in=other, begins_on=day, ends_on=day)
    assert client.post(path, {"body": "They called"}).status_code == 302
    event = AuditEvent.objects.get(action="note.written")
    assert (event.actor, event.on_behalf_of) == (other, f"{staff.carla.name} <{staff.carla.email}>")
    page = client_of(staff.ada).get("/administration/audit/").content.decode()
    assert f"for {staff.carla.name}" in page
