"""What a person writes about their own alerts: that they read some, and what they want to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from barograph_web.alerts.choices import Choice, choices_now, scopes_of
from barograph_web.alerts.models import AlertScope, Notice, Preference
from barograph_web.ops.audit import audit
from barograph_web.users.models import User


class OvertakenError(RuntimeError):
    """Somebody, or oneself in another window, saved meanwhile. Nothing was written."""


class RefusedError(ValueError):
    """It breaks a rule. `field` names what to change; the text says how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


def mark_read(user: User, now: datetime, *, notice: int | None = None, until: int | None = None) -> int:
    """Mark one notice as read, or all up to and including the one numbered `until`; how many were unread."""
    unread = Notice.objects.filter(user=user, read_at=None, in_app=True)
    unread = unread.filter(pk=notice) if notice is not None else unread.filter(pk__lte=until or 0)
    with transaction.atomic():
        changed = unread.update(read_at=now)
        if changed:
            what = ("alerts.notice", str(notice if notice is not None else until), "alerts")
            audit("alerts.read", what, after={"read": changed})
    return changed


def save_preference(
    user: User,
    topics: Mapping[str, Choice],
    *,
    digest: bool,
    digest_scope: AlertScope,
    revision: int,
) -> Preference:
    """Keep what a person wants to be told. revision: that of the choices they saw, 0 for the defaults.

    Raises OvertakenError when they were saved meanwhile, RefusedError for a topic or a scope that the person's role
    does not offer.
    """
    offered = scopes_of(user)
    known = choices_now(user)
    for name, choice in topics.items():
        if name not in known.topics:
            raise RefusedError(name, "Your role does not include this.")
        if choice.scope not in offered:
            raise RefusedError(name, "Your role does not offer this scope.")
    if digest_scope not in offered or digest_scope == AlertScope.OFF:
        raise RefusedError("digest_scope", "Your role does not offer this scope.")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        row = Preference.objects.filter(user=user).first()
        if (row.revision if row is not None else 0) != revision:
            raise OvertakenError
        before = None if row is None else _document(row)
        row = row or Preference(user=user, revision=0)
        row.topics = {
            name: {"scope": choice.scope.value, "in_app": choice.in_app, "mail": choice.mail.value}
            for name, choice in topics.items()
        }
        row.digest, row.digest_scope = digest, digest_scope
        row.revision += 1
        row.save()
        audit("alerts.chosen", row, before=before, after=_document(row))
    return row


def _document(row: Preference) -> dict[str, object]:
    return {"topics": row.topics, "digest": row.digest, "digest_scope": str(row.digest_scope)}
