"""Truth: what a browser meets at the door: password, pause after failures, second factor, what has to be done first,
and the question again before what matters (X2; issue 4, people)."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from barograph_web.ops import retention
from barograph_web.ops.models import AuditEvent
from barograph_web.users import middleware, services
from barograph_web.users.middleware import SEEN_EVERY
from barograph_web.users.models import Role, User
from support.web_fresh import fresh_client
from support.web_people import PASSWORD

LOGIN = "/sign-in/login/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_failures_yet() -> None:
    cache.clear()


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada@example.com", PASSWORD, name="Ada", role=Role.ADMINISTRATOR)


def sign_in(client: Client, password: str = PASSWORD, email: str = "ada@example.com") -> int:
    return client.post(LOGIN, {"login": email, "password": password}).status_code


def signed_in(client: Client) -> bool:
    return client.get(reverse("users:me")).status_code == 200


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_the_right_password_opens_and_is_audited_and_a_wrong_one_does_not(ada: User) -> None:
    client = Client()
    assert sign_in(client, "wrong horse battery") == 200
    assert not signed_in(client)
    assert sign_in(client) == 302
    assert signed_in(client)
    event = AuditEvent.objects.get(action="session.began")
    assert event.actor == ada
    client.post("/sign-in/logout/")
    assert not signed_in(client)
    assert AuditEvent.objects.get(action="session.ended").actor == ada


def test_after_five_failures_the_right_password_waits_too(ada: User) -> None:
    client = Client()
    for _ in range(5):
        sign_in(client, "wrong horse battery")
    assert sign_in(client) == 200
    assert not signed_in(client)
    assert sign_in(Client(), email="ADA@example.com") == 200


def test_nobody_signs_up_or_changes_the_address_that_decides_what_they_see(ada: User) -> None:
    client = fresh_client(ada)
    for path in ("/sign-in/signup/", "/sign-in/email/", "/sign-in/email/abc/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"email": "other@example.com", "action_add": ""}).status_code == 404
        assert Client().get(path).status_code == 404
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


def test_a_password_that_was_given_is_changed_before_anything_else(ada: User) -> None:
    services.set_password(ada, "given by somebody else", must_change=True)
    client = Client()
    sign_in(client, "given by somebody else")
    for path in ("/administration/me/", "/review/", "/administration/people/"):
        found = client.get(path)
        assert (found.status_code, found["Location"]) == (302, "/sign-in/password/change/")
    assert client.get("/api/v1/accounts").status_code == 403
    fields = {
        "oldpassword": "given by somebody else",
        "password1": "my own long words",
        "password2": "my own long words",
    }
    page = client.get("/sign-in/password/change/").content.decode()
    assert "Choose your own password" in page
    assert 'href="/review/"' not in page, "the sections would only lead back here"
    done = client.post("/sign-in/password/change/", fields)
    assert (done.status_code, done["Location"]) == (302, "/")
    assert signed_in(client)
    assert AuditEvent.objects.filter(action="person.password_changed", actor=ada).exists()


def test_a_second_factor_is_set_up_kept_encrypted_and_asked_for(ada: User) -> None:
    ada.must_use_mfa = True
    ada.save()
    client = Client()
    sign_in(client)
    found = client.get("/administration/me/")
    assert found["Location"] == "/sign-in/second-factor/totp/activate/"
    page = client.get(found["Location"])
    secret = page.context["form"].secret
    assert client.post(found["Location"], {"code": code_of(secret)}).status_code == 302
    assert signed_in(client)
    kept = Authenticator.objects.get(user=ada, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    assert decrypt(kept.data["secret"]) == secret
    other = Client()
    assert sign_in(other) == 302
    assert not signed_in(other)
    assert other.post("/sign-in/second-factor/authenticate/", {"code": "000000"}).status_code == 200
    assert not signed_in(other)


def test_a_recovery_code_opens_once(ada: User) -> None:
    TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
    code = RecoveryCodes.activate(ada).get_unused_codes()[0]
    for opens in (True, False):
        client = Client()
        sign_in(client)
        client.post("/sign-in/second-factor/authenticate/", {"code": code})
        assert signed_in(client) is opens


def test_a_forgotten_password_is_reset_by_mail_and_the_link_works_once(ada: User) -> None:
    client = Client()
    with override_settings(ALLOWED_HOSTS=["*"]):
        client.post("/sign-in/password/reset/", {"email": "ada@example.com"}, HTTP_HOST="evil.example")
    link = re.search(r"http://\S+/sign-in/password/reset/key/\S+", mail.outbox[0].body)
    assert link is not None
    assert link.group().startswith("http://localhost:8000/"), "the Host header decides where the key goes"
    path = link.group().removeprefix("http://localhost:8000")
    form = client.get(path, follow=True)
    where = form.redirect_chain[-1][0]
    new = {"password1": "another set of words", "password2": "another set of words"}
    assert client.post(where, new).status_code == 302
    assert sign_in(Client(), "another set of words") == 302
    assert Client().get(path, follow=True).context["token_fail"] is True


def test_a_stranger_cannot_find_out_who_has_an_account(ada: User) -> None:
    known = Client().post("/sign-in/password/reset/", {"email": "ada@example.com"})
    unknown = Client().post("/sign-in/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_what_matters_asks_for_the_password_again_after_five_minutes(ada: User) -> None:
    values = {"name": "Dora", "email": "dora@example.com", "role": "csm"}
    stale = fresh_client(ada, seconds_ago=301)
    assert stale.get("/administration/people/add/").status_code == 200
    asked = stale.post("/administration/people/add/", values)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/sign-in/again/")
    assert not User.objects.filter(email="dora@example.com").exists()
    resumed = stale.post(asked["Location"], {"password": PASSWORD})
    assert resumed.status_code == 200, "the request goes on by itself"
    assert User.objects.filter(email="dora@example.com").exists()
    fresh = fresh_client(ada, seconds_ago=299)
    assert fresh.post("/administration/people/add/", values | {"email": "e@example.com"}).status_code == 200


def test_one_sees_where_one_is_signed_in_and_ends_the_others(ada: User) -> None:
    here, there = Client(), Client(headers={"User-Agent": "<b>Lynx</b>"})
    sign_in(here)
    sign_in(there)
    page = here.get("/sign-in/sessions/").content.decode()
    assert "Where you are signed in" in page
    assert "&lt;b&gt;Lynx" in page
    assert "this one" in page
    here.post("/sign-in/sessions/")
    assert not signed_in(there)
    assert signed_in(here)


def test_disabling_somebody_ends_their_sessions(ada: User) -> None:
    carla = User.objects.create_user("carla@example.com", PASSWORD, name="Carla", role=Role.CSM)
    client = Client()
    sign_in(client, email="carla@example.com")
    assert signed_in(client)
    before = Session.objects.count()
    services.set_active(carla, False, by=ada)
    assert not signed_in(client)
    assert Session.objects.count() < before


def test_a_session_in_use_lasts_and_one_that_is_not_ends(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_in(client)
    assert signed_in(client)
    first = Session.objects.get().expire_date
    later = time.time() + SEEN_EVERY + 1
    monkeypatch.setattr(middleware.time, "time", lambda: later)
    assert signed_in(client)
    assert Session.objects.get().expire_date > first
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not signed_in(client)
    assert retention.drop_sessions(timezone.now()) == 1
    assert not UserSession.objects.exists()


DEFAULT_WORDS = re.compile(
    r"Two-Factor|Bad Token|Please reauthenticate|Change Password|Confirm Access|Are you sure"
)


def test_every_page_at_the_door_speaks_as_the_rest_does_and_leads_on(ada: User) -> None:
    """No page of a package as it came, and no page without a way on."""
    client = fresh_client(ada)
    client.post("/sign-in/second-factor/totp/activate/", {"code": code_of(_secret(client))})
    signed = (
        "password/change/", "logout/", "second-factor/", "second-factor/totp/deactivate/",
        "second-factor/recovery-codes/", "second-factor/recovery-codes/generate/", "password/reset/",
        "again/", "second-factor/reauthenticate/",
    )  # fmt: skip
    nobody = ("password/reset/", "password/reset/done/", "password/reset/key/done/", "inactive/",
              "password/reset/key/1-none/")  # fmt: skip
    for browser, paths in ((client, signed), (Client(), nobody)):
        for path in paths:
            found = browser.get(f"/sign-in/{path}")
            assert found.status_code == 200, path
            main = found.content.decode().partition("<main")[2].partition("</main>")[0]
            assert not DEFAULT_WORDS.search(main), path
            assert re.search(r"<a |<button", main), path


def _secret(client: Client) -> str:
    return str(client.get("/sign-in/second-factor/totp/activate/").context["form"].secret)
