"""What is done to webhooks: made, changed, switched, given another secret, tested, sent again, removed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from barograph.errors import UsageError
from barograph_web.alerts import signing
from barograph_web.alerts.addresses import target_of
from barograph_web.alerts.catalogue import EVENTS
from barograph_web.alerts.delivering import PURPOSE
from barograph_web.alerts.models import Delivery, OutgoingState, Webhook, WebhookForm
from barograph_web.alerts.services import OvertakenError, RefusedError
from barograph_web.ops.audit import audit
from barograph_web.users.models import User
from barograph_web.users.sealing import seal

MOST = 20
"""Webhooks that may be kept at a time."""
OVERLAP = timedelta(hours=24)
"""How long the old secret signs as well after a rotation."""
AGAIN = (OutgoingState.DELIVERED, OutgoingState.DEAD, OutgoingState.CANCELLED, OutgoingState.WAITING)


def make_webhook(
    name: str, form: WebhookForm, address: str, kinds: Sequence[str], by: User, now: datetime
) -> tuple[Webhook, str]:
    """A webhook and its secret, which is shown this once ("" for chat, which is not signed).

    Raises RefusedError naming the field that is wrong.
    """
    secret = signing.new_secret() if form == WebhookForm.SIGNED else ""
    row = Webhook(
        form=form,
        secret=seal(secret, PURPOSE) if secret else "",
        secret_made_at=now if secret else None,
        made_by=by,
        made_by_label=f"{by.name} <{by.email}>"[:200],
        made_at=now,
    )
    _fill(row, name, kinds)
    _point(row, address)
    with transaction.atomic():
        if Webhook.objects.filter(removed_at=None).count() >= MOST:
            raise RefusedError("name", f"There are {MOST} webhooks. Remove one that is not used.")
        _save(row)
        audit("webhook.made", row, after=_document(row))
    return row, secret


def change_webhook(pk: int, *, name: str, address: str, kinds: Sequence[str], revision: int) -> Webhook:
    """Change a webhook; an empty address keeps the one that it has.

    Raises OvertakenError when somebody changed it meanwhile, RefusedError naming the field that is wrong.
    """
    with transaction.atomic():
        row = _locked(pk, revision)
        before = _document(row)
        _fill(row, name, kinds)
        if address.strip():
            _point(row, address)
        row.revision += 1
        _save(row)
        audit("webhook.changed", row, before=before, after=_document(row))
    return row


def switch_webhook(pk: int, *, active: bool, revision: int, reason: str = "") -> Webhook:
    """Switch a webhook on or off. What waits for one that is off is cancelled when it is due; it can be sent again."""
    with transaction.atomic():
        row = _locked(pk, revision)
        before = _document(row)
        row.is_active = active
        row.stopped_why = "" if active else reason.strip()[:400]
        row.revision += 1
        row.save()
        audit("webhook.switched", row, before=before, after=_document(row), reason=reason.strip())
    return row


def rotate_secret(pk: int, now: datetime, *, revision: int) -> tuple[Webhook, str]:
    """Give a signed webhook another secret, shown this once. The old one signs as well for OVERLAP.

    Raises OvertakenError, and RefusedError for chat, which has none.
    """
    with transaction.atomic():
        row = _locked(pk, revision)
        if row.form != WebhookForm.SIGNED:
            raise RefusedError("form", "A chat webhook has no secret but its address.")
        secret = signing.new_secret()
        row.old_secret, row.old_secret_until = row.secret, now + OVERLAP
        row.secret, row.secret_made_at = seal(secret, PURPOSE), now
        row.revision += 1
        row.save()
        audit("webhook.secret_rotated", row, after={"old_until": row.old_secret_until.isoformat()})
    return row, secret


def remove_webhook(pk: int, now: datetime, *, revision: int) -> Webhook:
    """Remove a webhook: its address and secrets go, its log stays."""
    with transaction.atomic():
        row = _locked(pk, revision)
        before = _document(row)
        row.is_active, row.removed_at = False, now
        row.address = row.secret = row.old_secret = ""
        row.revision += 1
        row.save()
        Delivery.objects.filter(webhook=row, state=OutgoingState.WAITING).update(
            state=OutgoingState.CANCELLED, ended_at=now, error="the webhook was removed"
        )
        audit("webhook.removed", row, before=before)
    return row


def send_test(webhook: Webhook, now: datetime) -> Delivery:
    """Have the worker send a test. Raises RefusedError for a webhook that is off."""
    if not webhook.is_active:
        raise RefusedError("is_active", "It is off. Switch it on first.")
    with transaction.atomic():
        row = Delivery.objects.create(webhook=webhook, key=f"test:{uuid.uuid4()}", made_at=now, due_at=now)
        audit("webhook.tested", webhook, after={"delivery": row.pk})
    return row


def send_again(pk: int, now: datetime) -> Delivery:
    """Put a delivery back in the queue, from its first attempt; one that waits goes at once.

    Its id stays, so that a receiver that has it already can tell. Raises OvertakenError while it is being sent,
    RefusedError when its webhook is off.
    """
    with transaction.atomic():
        row = Delivery.objects.select_related("webhook").get(pk=pk)
        if not row.webhook.is_active:
            raise RefusedError("is_active", "Its webhook is off. Switch it on first.")
        before = {"state": row.state, "attempts": row.attempts}
        changed = Delivery.objects.filter(pk=pk, state__in=AGAIN).update(
            state=OutgoingState.WAITING, attempts=0, due_at=now, ended_at=None, lease_until=None
        )
        if not changed:
            raise OvertakenError
        audit("delivery.sent_again", row, before=before, after={"state": OutgoingState.WAITING.value})
    row.refresh_from_db()
    return row


def _locked(pk: int, revision: int) -> Webhook:
    row = Webhook.objects.select_for_update().filter(pk=pk, removed_at=None).first()
    if row is None or row.revision != revision:
        raise OvertakenError
    return row


def _fill(row: Webhook, name: str, kinds: Sequence[str]) -> None:
    name = name.replace("\x00", "").strip()
    if not 1 <= len(name) <= 120:
        raise RefusedError("name", "Give it a name of 1 to 120 characters.")
    unknown = sorted(set(kinds) - set(EVENTS))
    if unknown:
        raise RefusedError("kinds", f"{unknown[0]} is not a kind of event.")
    row.name = name
    row.kinds = [kind for kind in EVENTS if kind in set(kinds)]


def _point(row: Webhook, address: str) -> None:
    try:
        target = target_of(address.strip())
    except UsageError as error:
        raise RefusedError("address", str(error)) from None
    row.address = seal(address.strip(), PURPOSE)
    row.shown_address = (target.shown + ("/…" if target.path != "/" else "/"))[:400]


def _save(row: Webhook) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RefusedError("name", "Another webhook has this name.") from None


def _document(row: Webhook) -> dict[str, Any]:
    """What the audit log keeps: neither address nor secret."""
    return {
        "name": row.name,
        "form": str(row.form),
        "address": row.shown_address,
        "kinds": list(row.kinds),
        "active": row.is_active,
    }
