"""Keys for the API: issued once, kept as a hash, bounded by scope, expiry and what their owner may do today."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q

from barograph.errors import UsageError
from barograph_web.users.models import ApiToken, Scope, User
from barograph_web.users.permissions import May, may
from barograph_web.users.trail import record

PREFIX = "baro_"
SHOWN = 12
"""Characters of a key that are kept to recognise it by."""
LONGEST = timedelta(days=366)
USE_NOTED_EVERY = timedelta(minutes=5)

NEEDS: dict[str, May] = {
    Scope.READ: May.SEE_REVIEW,
    Scope.DECIDE: May.DECIDE,
    Scope.IMPORT: May.BRING_DATA,
    Scope.RUN: May.START_RUNS,
}
"""What the owner's role must include for a scope."""


def scopes_open_to(owner: User) -> list[Scope]:
    """The scopes that a token of this person may have, in the order of Scope."""
    return [scope for scope in Scope if may(owner, NEEDS[scope])]


def issue(
    owner: User, name: str, scopes: Collection[str], expires_at: datetime, now: datetime
) -> tuple[ApiToken, str]:
    """A new token and its key, which is not kept and cannot be shown again.

    Raises UsageError for a role without tokens, no scope or one beyond the role, and an expiry in the past or more
    than a year away.
    """
    if not may(owner, May.OWN_TOKENS):
        raise UsageError("this role has no tokens.", where=owner.email)
    beyond = {str(scope) for scope in scopes} - {str(scope) for scope in scopes_open_to(owner)}
    if beyond or not scopes:
        told = f"scope {min(beyond)!r} is more than the role allows." if beyond else "no scope was chosen."
        raise UsageError(told, where=owner.email, hint="Choose at least one of those offered.")
    if not now < expires_at <= now + LONGEST:
        raise UsageError(
            "a token lasts from now on for a year at most.", where=name, hint="Choose an earlier day."
        )
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            owner=owner,
            name=name,
            prefix=key[:SHOWN],
            digest=digest_of(key),
            scopes=sorted(str(scope) for scope in scopes),
            expires_at=expires_at,
        )
        after = {"scopes": token.scopes, "expires_at": expires_at.isoformat(), "owner": owner.email}
        record("token.issued", token, after=after)
    return token, key


def revoke(token: ApiToken, now: datetime) -> None:
    """From now on the key opens nothing. Revoking again changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            record("token.revoked", token, before={"revoked_at": None}, after={"revoked_at": now.isoformat()})
    token.refresh_from_db()


def authenticate(key: str, now: datetime) -> ApiToken | None:
    """The token of a key that opens something at `now`, with its owner; None otherwise, without saying why.

    Expired, revoked, or owned by somebody who is no longer active or whose role has no tokens: None. The use is
    noted every few minutes.
    """
    if not key.startswith(PREFIX) or len(key) > 100:
        return None
    found = ApiToken.objects.select_related("owner").filter(digest=digest_of(key)).first()
    if found is None or found.revoked_at is not None or found.expires_at <= now:
        return None
    if not may(found.owner, May.OWN_TOKENS) or found.owner.must_set_password:
        return None
    noted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if found.last_used_at is None or found.last_used_at < now - USE_NOTED_EVERY:
        ApiToken.objects.filter(noted, pk=found.pk).update(last_used_at=now)
    return found


def scopes_in_force(token: ApiToken) -> frozenset[str]:
    """What the token may do now: its scopes, less those that its owner's role no longer includes."""
    return frozenset(token.scopes) & {str(scope) for scope in scopes_open_to(token.owner)}


def digest_of(key: str) -> str:
    """How a key is kept: SHA-256 in hexadecimal. The key is random, so that no slow hash is needed."""
    return sha256(key.encode()).hexdigest()
