"""Error pages and the element catalogue: what they say, to whom, under which policy (X2, issue 4; permission)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory

from barograph_web.ui import views
from barograph_web.ui.middleware import POLICY
from barograph_web.users.models import User
from support.web_people import People

pytestmark = pytest.mark.django_db


def test_the_catalogue_is_for_administrators(people: People, client_of: Callable[[User], Client]) -> None:
    for person in people.all():
        status = client_of(person).get("/elements/").status_code
        assert status == (200 if person == people.ada else 403), person.name


def test_the_catalogue_shows_every_element(people: People, client_of: Callable[[User], Client]) -> None:
    text = client_of(people.ada).get("/elements/").content.decode()
    for part in (
        "pill at-risk", "mark spark", 'table class="data"', 'class="ledger"', 'class="timeline"', 'class="stats"',
        'class="empty"', 'class="field wrong"', 'class="pagination"', "<dialog",
    ):  # fmt: skip
        assert part in text, part
    assert "style=" not in text


def test_every_page_carries_the_policy(people: People, client_of: Callable[[User], Client]) -> None:
    for path in ("/elements/", "/review/", "/nowhere/"):
        assert client_of(people.ada).get(path).headers["Content-Security-Policy"] == POLICY


def test_what_is_not_there_says_so(people: People, client_of: Callable[[User], Client]) -> None:
    answer = client_of(people.carla).get("/nowhere/")
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()
    assert "To the start" in answer.content.decode()


def test_a_failure_shows_its_number_and_needs_no_database(rf: RequestFactory) -> None:
    request = rf.get("/review/")
    request.request_id = "abc12345"  # type: ignore[attr-defined]
    answer = views.server_error(request)
    assert answer.status_code == 500
    assert "abc12345" in answer.content.decode()


def test_a_form_without_a_token_is_told_to_reload(people: People) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.carla, backend="django.contrib.auth.backends.ModelBackend")
    answer = strict.post("/review/close/")
    assert answer.status_code == 403
    assert "too old" in answer.content.decode()


def test_the_theme_is_the_persons(people: People, client_of: Callable[[User], Client]) -> None:
    people.carla.theme = "dark"
    people.carla.save()
    assert 'data-theme="dark"' in client_of(people.carla).get("/review/").content.decode()


def test_who_is_not_signed_in_gets_the_sign_in_page_in_our_look(client: Client) -> None:
    answer = client.get("/review/", follow=True)
    assert answer.redirect_chain
    assert "ui/elements.css" in answer.content.decode()


def test_home_is_the_first_section_that_a_person_has(
    people: People, client_of: Callable[[User], Client]
) -> None:
    for person in people.all():
        answer = client_of(person).get("/")
        assert answer.status_code == 302
        assert (answer.headers["Location"] == "/review/") == (person != people.gus)
        assert client_of(person).get("/", follow=True).status_code == 200, person.name
