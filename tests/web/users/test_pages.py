"""Truth: what an administrator and everybody sees and sends: forms say what to change, the second of two is told, a key
is shown once (X2; issue 4, administration and bad input)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from barograph_web.users.models import ApiToken, StandIn, Team, User
from support.web_fresh import fresh_client
from support.web_people import People, make_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> People:
    return make_people()


@pytest.fixture
def ada(staff: People) -> Client:
    return fresh_client(staff.ada)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_somebody_is_added_gets_a_link_and_sets_their_password_with_it(ada: Client) -> None:
    values = {"name": "Dora", "email": "Dora@example.com", "role": "csm", "team": "", "must_use_mfa": "on"}
    page = text(ada.post(reverse("users:add"), values))
    link = re.search(r'value="(http://localhost:8000/[^"]+)"', page)
    assert link is not None
    assert "no mail server is set up" in page
    assert mail.outbox == []
    dora = User.objects.get(email="dora@example.com")
    assert dora.must_use_mfa
    assert link.group(1) not in text(ada.get(reverse("users:person", args=[dora.pk])))

    stranger = Client()
    form = stranger.get(link.group(1).removeprefix("http://localhost:8000"), follow=True)
    words = {"password1": "a set of long words", "password2": "a set of long words"}
    assert stranger.post(form.redirect_chain[-1][0], words).status_code == 302
    dora.refresh_from_db()
    assert dora.check_password("a set of long words")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "carla at example"}, "valid email address"),
        ({"email": "OTTO@example.com"}, "Somebody has this address already."),
        ({"name": ""}, "This field is required"),
        ({"role": "king"}, "not one of the available choices"),
        ({"team": "999"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_stored(
    ada: Client, change: dict[str, str], words: str
) -> None:
    before = User.objects.count()
    found = ada.post(reverse("users:add"), {"name": "D", "email": "d@example.com", "role": "csm"} | change)
    assert found.status_code == 422
    assert words in text(found)
    assert User.objects.count() == before


def test_the_second_of_two_is_told_and_can_save_over_it(ada: Client, staff: People) -> None:
    address = reverse("users:person", args=[staff.anna.pk])
    opened = {"name": "Anna B", "email": staff.anna.email, "role": "account_manager", "revision": "1"}
    assert ada.post(address, opened).status_code == 302
    found = ada.post(address, opened | {"name": "Anna C"})
    assert found.status_code == 409
    page = text(found)
    assert "Somebody else changed this person meanwhile" in page
    assert "Anna B" in page
    assert 'value="Anna C"' in page
    again = re.search(r'name="revision" value="(\d+)"', page)
    assert again is not None
    assert ada.post(address, opened | {"name": "Anna C", "revision": again.group(1)}).status_code == 302
    staff.anna.refresh_from_db()
    assert staff.anna.name == "Anna C"


def test_html_in_a_name_is_text(ada: Client, staff: People) -> None:
    User.objects.create_user("x@example.com", name="<img src=x onerror=1>", role="csm")
    for path in ("users:people", "users:stand_ins"):
        page = text(ada.get(reverse(path)))
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_people_are_found_by_name_role_team_and_state(ada: Client, staff: People) -> None:
    staff.eve.is_active = False
    staff.eve.save()

    def names(query: str) -> set[str]:
        return {person.name for person in ada.get(f"{reverse('users:people')}?{query}").context["page"]}

    assert names("q=ot") == {"Otto"}
    assert names("role=leader") == {"Lena"}
    assert names(f"team={staff.lena.team_id}") == {"Carla", "Lena"}
    assert names("state=disabled") == {"Eve"}
    assert "Eve" not in names("")
    assert len(names("state=all")) == 7
    assert names("q=nobody+at+all") == set()
    assert len(names("team=x&role=y&page=99")) == 6, "a filter that is none filters nothing"


def test_a_key_is_on_the_page_once_and_revoking_it_is_one_click(staff: People) -> None:
    otto = fresh_client(staff.otto)
    last = (timezone.localdate() + timedelta(days=30)).isoformat()
    page = otto.post(
        reverse("users:add_token"), {"name": "nightly", "scopes": ["read", "run"], "expires_on": last}
    )
    key = re.search(r"baro_[\w-]{40,}", text(page))
    assert key is not None
    assert "no-store" in page["Cache-Control"]
    own = text(otto.get(reverse("users:me")))
    assert key.group() not in own
    assert "nightly" in own
    token = ApiToken.objects.get()
    assert fresh_client(staff.carla).post(reverse("users:revoke_token", args=[token.pk])).status_code == 404
    otto.post(reverse("users:revoke_token", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_beyond_the_role_or_a_year_is_refused_beside_the_field(staff: People) -> None:
    carla = fresh_client(staff.carla)
    today = timezone.localdate()
    for change, words in (
        ({"scopes": ["import"]}, "not one of the available choices"),
        ({"scopes": []}, "This field is required"),
        ({"expires_on": (today + timedelta(days=500)).isoformat()}, "a year from today at most"),
        ({"expires_on": (today - timedelta(days=1)).isoformat()}, "from today on"),
    ):
        values = {
            "name": "x",
            "scopes": ["read"],
            "expires_on": (today + timedelta(days=9)).isoformat(),
        } | change
        found = carla.post(reverse("users:add_token"), values)
        assert found.status_code == 422
        assert words in text(found)
    assert not ApiToken.objects.exists()


def test_the_theme_is_kept_and_another_word_is_not(staff: People) -> None:
    gus = fresh_client(staff.gus)
    gus.post(reverse("users:theme"), {"theme": "dark"})
    gus.post(reverse("users:theme"), {"theme": "'><script>"})
    staff.gus.refresh_from_db()
    assert staff.gus.theme == "dark"
    assert 'data-theme="dark"' in text(gus.get(reverse("users:me")))


def test_one_names_a_stand_in_for_oneself_and_takes_it_back(staff: People) -> None:
    carla = fresh_client(staff.carla)
    today = timezone.localdate()
    values = {"stand_in": staff.anna.pk, "begins_on": today.isoformat(), "ends_on": today.isoformat()}
    assert carla.post(reverse("users:own_stand_in"), values | {"absent": staff.otto.pk}).status_code == 302
    row = StandIn.objects.get()
    assert (row.absent, row.stand_in) == (staff.carla, staff.anna)
    yesterday = (today - timedelta(days=1)).isoformat()
    wrong = carla.post(reverse("users:own_stand_in"), values | {"ends_on": yesterday})
    assert wrong.status_code == 422
    assert "This day is over." in text(wrong)
    assert fresh_client(staff.anna).post(reverse("users:end_own_stand_in", args=[row.pk])).status_code == 404
    carla.post(reverse("users:end_own_stand_in", args=[row.pk]))
    assert not StandIn.objects.exists()


def test_teams_are_made_nested_and_removed(ada: Client) -> None:
    ada.post(reverse("users:add_team"), {"name": "South", "parent": ""})
    south = Team.objects.get(name="South")
    taken = ada.post(reverse("users:add_team"), {"name": "south", "parent": ""})
    assert taken.status_code == 422
    assert "of this name already" in text(taken)
    ada.post(reverse("users:add_team"), {"name": "Rome", "parent": south.pk})
    assert "teams inside" in text(ada.post(reverse("users:remove_team", args=[south.pk]), follow=True))
    ada.post(reverse("users:remove_team", args=[Team.objects.get(name="Rome").pk]))
    ada.post(reverse("users:remove_team", args=[south.pk]))
    assert not Team.objects.filter(name__in=["South", "Rome"]).exists()


def test_nobody_disables_themselves_and_what_was_done_is_on_the_page(ada: Client, staff: People) -> None:
    address = reverse("users:active", args=[staff.ada.pk])
    assert "cannot do this to themselves" in text(ada.post(address, {"reason": "x"}, follow=True))
    page = text(ada.post(reverse("users:active", args=[staff.eve.pk]), {"reason": "left us"}, follow=True))
    staff.eve.refresh_from_db()
    assert not staff.eve.is_active
    assert "person.disabled" in page
    assert "left us" in page
