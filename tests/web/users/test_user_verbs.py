"""Truth: people from the command line follow the same rules as on the pages, and are audited as the operating system's
user (issue 4, user commands). The start of a process is left to tests/web/ops/test_backup.py."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from barograph.errors import UsageError
from barograph_web.cli import user as verbs
from barograph_web.ops.models import AuditEvent
from barograph_web.users import services
from barograph_web.users.models import Role, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def already_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "_begin", lambda _workspace: None)


def run(*arguments: str, stdin: str | None = None) -> Result:
    result: Result = CliRunner().invoke(verbs.app, list(arguments), input=stdin)
    return result


def test_the_roles_that_are_typed_are_the_roles() -> None:
    assert {role.value for role in verbs.RoleName} == set(Role.values)


def test_somebody_is_added_with_a_password_that_is_printed_once_and_to_be_changed() -> None:
    Team.objects.create(name="North")
    done = run("add", "Anna.Berg@example.com", "--role", "leader", "--team", "north")
    assert done.exit_code == 0, done.output
    anna = User.objects.get(email="anna.berg@example.com")
    password = done.output.split("password: ")[1].split()[0]
    assert anna.check_password(password)
    assert (anna.name, anna.role, str(anna.team), anna.must_set_password) == (
        "Anna Berg",
        "leader",
        "North",
        True,
    )
    event = AuditEvent.objects.get(action="person.added")
    assert event.via == "cli"
    assert event.actor_label.endswith("at the command line")
    assert password not in str(event.after)


def test_a_password_from_standard_input_is_not_printed() -> None:
    done = run("add", "a@example.com", "--password-stdin", stdin="long enough words\n")
    assert done.exit_code == 0, done.output
    assert "long enough" not in done.output
    assert User.objects.get().check_password("long enough words")
    assert isinstance(run("password", "a@example.com", "--password-stdin", stdin="\n").exception, UsageError)


def test_role_password_disable_and_enable() -> None:
    services.add_person(name="Ada", email="ada@example.com", role=Role.ADMINISTRATOR)
    services.add_person(name="Bo", email="bo@example.com", role=Role.CSM)
    assert run("role", "BO@example.com", "ops", "--reason", "new job").exit_code == 0
    assert run("disable", "bo@example.com").exit_code == 0
    bo = User.objects.get(email="bo@example.com")
    assert (bo.role, bo.is_active) == ("ops", False)
    assert AuditEvent.objects.get(action="person.changed").reason == "new job"
    assert run("enable", "bo@example.com").exit_code == 0
    assert run("password", "bo@example.com").exit_code == 0
    bo.refresh_from_db()
    assert bo.is_active
    assert bo.must_set_password


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("role", "nobody@example.com", "ops"), "there is nobody with this address"),
        (("disable", "ada@example.com"), "last administrator"),
        (("role", "ada@example.com", "csm"), "last administrator"),
        (("add", "ada@example.com"), "already"),
        (("add", "x@example.com", "--team", "South"), "there is no such team"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(arguments: tuple[str, ...], words: str) -> None:
    services.add_person(name="Ada", email="ada@example.com", role=Role.ADMINISTRATOR)
    done = run(*arguments)
    assert isinstance(done.exception, UsageError)
    assert words in str(done.exception)


def test_a_role_that_is_none_is_refused_with_those_there_are() -> None:
    done = run("add", "x@example.com", "--role", "king")
    assert done.exit_code == 2
    assert not User.objects.exists()


def test_the_list_is_for_people_and_for_scripts() -> None:
    services.add_person(name="Ada", email="ada@example.com", role=Role.ADMINISTRATOR)
    document = json.loads(run("list", "--format", "json").stdout)
    assert document["schema"] == "barograph.users/1"
    assert document["people"][0] | {"last_sign_in": None} == {
        "email": "ada@example.com",
        "name": "Ada",
        "role": "administrator",
        "team": None,
        "active": True,
        "second_factor": False,
        "last_sign_in": None,
    }
    assert "ada@example.com" in run("list").output
