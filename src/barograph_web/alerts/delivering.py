"""Deliveries to webhooks: what is due is claimed, sent once, and its attempt written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from barograph_web.alerts import messages, outgoing, signing
from barograph_web.alerts.addresses import Network, Target, networks_of, target_of
from barograph_web.alerts.models import Attempt, Delivery, Event, OutgoingState, Webhook, WebhookForm
from barograph_web.alerts.wire import Answer, post
from barograph_web.portfolio.models import Account
from barograph_web.users.sealing import unseal

PURPOSE = "webhooks"
ROUND = timedelta(seconds=20)
"""How long one round may begin further deliveries; runs wait for the round."""
GONE = 410
AGENT = "Barograph (webhooks; https://github.com/standard-webhooks/standard-webhooks)"

Sender = Callable[[Target, bytes, dict[str, str]], Answer]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one attempt sends, or why it cannot be sent at all."""

    target: Target | None
    body: bytes
    headers: dict[str, str]
    error: str = ""


def deliver_due(
    now: datetime, *, send: Sender | None = None, clock: Callable[[], datetime] | None = None
) -> int:
    """Send what is due; how many attempts were made.

    A webhook whose receiver failed is left alone for the rest of the round, and what waits for it for a while, so that
    one that hangs costs a time-out every half minute, however much waits for it. send: how a request is made
    (`wire.post` with the settings in force). clock: the instant of each attempt (`now`, moved on by what passed since).
    """
    began = time.monotonic()
    at = clock or (lambda: now + timedelta(seconds=time.monotonic() - began))
    silent: set[int] = set()
    attempts = 0
    while time.monotonic() - began < ROUND.total_seconds():
        claim = outgoing.claim_next(Delivery, at(), beside=Q(webhook__in=silent) if silent else None)
        if claim is None:
            break
        attempts += 1
        delivery = Delivery.objects.select_related("webhook", "event").get(pk=claim.pk)
        if not attempt(delivery, claim, at, send or _over_the_wire):
            silent.add(delivery.webhook_id)
            _put_off(delivery, at())
    return attempts


def attempt(delivery: Delivery, claim: outgoing.Claim, at: Callable[[], datetime], send: Sender) -> bool:
    """One attempt, with its line in the log. False when the receiver was not reached or did not want it."""
    webhook = delivery.webhook
    if not webhook.is_active or webhook.removed_at is not None:
        _cancelled(claim, at(), "the webhook was switched off")
        return True
    began = at()
    prepared = prepare(delivery, began)
    if prepared.target is None:
        answer = Answer(None, prepared.error, "", 0)
    else:
        answer = send(prepared.target, prepared.body, prepared.headers)
    Attempt.objects.create(
        delivery=delivery,
        claim=claim.number,
        at=began,
        milliseconds=answer.milliseconds,
        status=answer.status,
        error=answer.error[:400],
        answer="" if webhook.form == WebhookForm.CHAT and answer.is_delivered else answer.text[:1000],
    )
    if answer.is_delivered:
        outgoing.delivered(Delivery, claim, at())
        return True
    outgoing.failed(
        Delivery, claim, at(), answer.error, for_good=answer.status == GONE or prepared.target is None
    )
    return False


def prepare(delivery: Delivery, at: datetime) -> Prepared:
    """The request of one attempt. Its id is the event's in every attempt and every resend; its timestamp is the
    attempt's, so that receivers can refuse what is old."""
    webhook = delivery.webhook
    address = unseal(webhook.address, PURPOSE)
    if not address:
        return Prepared(
            None, b"", {}, "its address cannot be read: the application's key was changed. Enter it again"
        )
    target = target_of(address)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Accept": "*/*",
        "Connection": "close",
    }
    body = _body(delivery, webhook)
    if webhook.form == WebhookForm.SIGNED:
        keys = keys_of(webhook, at)
        if not keys:
            return Prepared(
                None, b"", {}, "its secret cannot be read: the application's key was changed. Renew it"
            )
        headers |= signing.headers(keys, _message_id(delivery), int(at.timestamp()), body)
    return Prepared(target, body, headers)


def keys_of(webhook: Webhook, at: datetime) -> list[str]:
    """The secrets that sign at an instant: the newest first, and the one before it while its time lasts."""
    kept = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until is not None and at < webhook.old_secret_until:
        kept.append(webhook.old_secret)
    return [key for key in (unseal(sealed, PURPOSE) for sealed in kept) if key]


def allowed_networks() -> tuple[Network, ...]:
    """The private networks that the settings let webhooks reach."""
    return networks_of(settings.OPTIONS_IN_FORCE.webhook_private_networks)


def _over_the_wire(target: Target, body: bytes, headers: dict[str, str]) -> Answer:
    return post(target, body, headers, allowed=allowed_networks())


def _body(delivery: Delivery, webhook: Webhook) -> bytes:
    event = delivery.event
    if event is None:
        told = (
            messages.test_chat()
            if webhook.form == WebhookForm.CHAT
            else messages.test_envelope(_message_id(delivery), delivery.made_at.isoformat())
        )
    else:
        name = _account_name(event)
        told = (
            messages.chat(event, name) if webhook.form == WebhookForm.CHAT else messages.envelope(event, name)
        )
    return messages.as_json(told)


def _account_name(event: Event) -> str:
    if not event.account_id:
        return ""
    return Account.objects.filter(account_id=event.account_id).values_list("name", flat=True).first() or ""


def _message_id(delivery: Delivery) -> str:
    return str(delivery.event.public_id if delivery.event is not None else delivery.public_id)


def _put_off(failed: Delivery, now: datetime) -> None:
    """What else waits for the receiver that has just failed."""
    until = now + outgoing.FIRST
    others = Delivery.objects.filter(webhook=failed.webhook_id, state=OutgoingState.WAITING, due_at__lt=until)
    others.exclude(pk=failed.pk).update(due_at=until)


def _cancelled(claim: outgoing.Claim, now: datetime, why: str) -> None:
    Delivery.objects.filter(pk=claim.pk, claims=claim.number, state=OutgoingState.SENDING).update(
        state=OutgoingState.CANCELLED, ended_at=now, lease_until=None, error=why
    )
