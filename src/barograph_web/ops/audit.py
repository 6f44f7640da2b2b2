"""The audit log: every service that writes calls `audit` inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import models

from barograph_web.ops.behalf import on_behalf_of
from barograph_web.ops.current import acting
from barograph_web.ops.models import AuditEvent
from barograph_web.ops.workspace import today
from barograph_web.users.models import User


def audit(
    action: str,
    thing: models.Model | tuple[str, str, str],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    account_id: str = "",
    by: User | None = None,
) -> AuditEvent:
    """Record one write.

    action: verb and noun, such as "decision.recorded". thing: the row written, or (type, id, label) for what is no
    row, such as ("model", "saas-v3", "saas v3"). before, after: the fields that changed, as JSON. account_id: the
    account it is about, so that the account's page can show it, and so that a stand-in's write says for whom it is.
    Who acts comes from `ops.current`; `by` is for somebody who is just signing in or out.
    """
    if isinstance(thing, models.Model):
        thing = (thing._meta.label_lower, str(thing.pk), str(thing)[:400])
    who = acting() if by is None else replace(acting(), user=by)
    event = AuditEvent(
        actor=who.user,
        actor_label=who.label[:400],
        on_behalf_of=who.on_behalf_of or on_behalf_of(who.user, account_id, today()),
        via=who.via,
        action=action,
        object_type=thing[0],
        object_id=thing[1],
        object_label=thing[2],
        account_id=account_id,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason=reason,
        request_id=who.request_id,
    )
    event.save()
    return event


def history_of(thing: models.Model | tuple[str, str]) -> models.QuerySet[AuditEvent]:
    """The events of one object, newest first."""
    if isinstance(thing, models.Model):
        thing = (thing._meta.label_lower, str(thing.pk))
    return AuditEvent.objects.filter(object_type=thing[0], object_id=thing[1])
