"""Truth: a key opens only what it was issued for, while it lasts, and never more than its owner may (X2; issue 4, API
tokens hashed, scoped, expiring)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from barograph.errors import UsageError
from barograph_web.ops.models import AuditEvent
from barograph_web.users import services, tokens
from barograph_web.users.models import ApiToken, Role, Scope, User

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
pytestmark = pytest.mark.django_db


@pytest.fixture
def otto() -> User:
    return User.objects.create_user("otto@example.com", name="Otto", role=Role.OPS)


def test_the_key_is_not_kept_only_its_hash_and_the_beginning(otto: User) -> None:
    token, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    kept = ApiToken.objects.values().get()
    assert key.startswith("baro_")
    assert len(key) >= 45
    assert key not in map(str, kept.values())
    assert kept["digest"] == sha256(key.encode()).hexdigest()
    assert key.startswith(kept["prefix"])
    assert len(kept["prefix"]) < 15
    event = AuditEvent.objects.get(action="token.issued")
    assert event.object_id == str(token.pk)
    assert key not in str(event.after)


def test_a_key_opens_until_it_expires_and_not_at_that_instant(otto: User) -> None:
    token, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    assert tokens.authenticate(key, NOW) == token
    assert tokens.authenticate(key, LATER - timedelta(seconds=1)) == token
    assert tokens.authenticate(key, LATER) is None


@pytest.mark.parametrize("other", ["", "baro_", "baro_nothing", "Bearer x", "baro_" + "x" * 200])
def test_no_other_key_opens(otto: User, other: str) -> None:
    _, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    assert tokens.authenticate(other, NOW) is None
    assert tokens.authenticate(key[:-1], NOW) is None
    assert tokens.authenticate(key + "x", NOW) is None


def test_a_revoked_key_opens_nothing_and_revoking_twice_is_once(otto: User) -> None:
    token, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    tokens.revoke(token, NOW)
    tokens.revoke(token, LATER)
    assert tokens.authenticate(key, NOW) is None
    assert ApiToken.objects.get().revoked_at == NOW
    assert AuditEvent.objects.filter(action="token.revoked").count() == 1


def test_a_key_of_somebody_who_was_disabled_opens_nothing(otto: User) -> None:
    User.objects.create_user("ada@example.com", name="Ada", role=Role.ADMINISTRATOR)
    _, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    services.set_active(otto, False, by=None)
    assert tokens.authenticate(key, NOW) is None


def test_a_key_does_no_more_than_its_owner_may_today(otto: User) -> None:
    token, key = tokens.issue(otto, "loader", [Scope.READ, Scope.IMPORT, Scope.RUN], LATER, NOW)
    assert tokens.scopes_in_force(token) == {"read", "import", "run"}
    otto.role = Role.CSM
    otto.save()
    found = tokens.authenticate(key, NOW)
    assert found is not None
    assert tokens.scopes_in_force(found) == {"read"}
    otto.role = Role.EXECUTIVE
    otto.save()
    assert tokens.authenticate(key, NOW) is None


def test_scopes_beyond_the_role_none_and_a_long_life_are_refused(otto: User) -> None:
    carla = User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)
    with pytest.raises(UsageError, match="'import' is more than the role"):
        tokens.issue(carla, "x", ["read", "import"], LATER, NOW)
    with pytest.raises(UsageError, match="no scope"):
        tokens.issue(otto, "x", [], LATER, NOW)
    with pytest.raises(UsageError, match="for a year at most"):
        tokens.issue(otto, "x", [Scope.READ], NOW + timedelta(days=400), NOW)
    with pytest.raises(UsageError, match="for a year at most"):
        tokens.issue(otto, "x", [Scope.READ], NOW, NOW)
    eve = User.objects.create_user("eve@example.com", name="Eve", role=Role.EXECUTIVE)
    with pytest.raises(UsageError, match="no tokens"):
        tokens.issue(eve, "x", [Scope.READ], LATER, NOW)
    assert not ApiToken.objects.exists()


def test_use_is_noted_but_not_at_every_request(otto: User) -> None:
    _, key = tokens.issue(otto, "nightly", [Scope.READ], LATER, NOW)
    for seconds in (0, 10, 299):
        tokens.authenticate(key, NOW + timedelta(seconds=seconds))
    assert ApiToken.objects.get().last_used_at == NOW
    tokens.authenticate(key, NOW + timedelta(seconds=301))
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=301)
