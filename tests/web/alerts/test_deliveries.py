"""Deliveries to webhooks (P5; issue 5, tests): at least once under a stable id, retried, given up, sent again, with a
log; against a local receiver that fails, hangs and redirects. Signatures are checked by the receiver's own means."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from barograph_web.alerts import delivering, outgoing, services_webhooks, signing
from barograph_web.alerts.events import emit
from barograph_web.alerts.models import Attempt, Delivery, Event, OutgoingState, Webhook, WebhookForm
from barograph_web.alerts.services import OvertakenError, RefusedError
from barograph_web.alerts.spread import spread
from barograph_web.ops.models import AuditEvent
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User
from barograph_web.users.sealing import unseal
from support.web_receiver import NOW, Receiver, answers, closes, hangs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]
MOVED: dict[str, object] = {
    "as_of": "2026-11-16",
    "before": "healthy",
    "after": "at_risk",
    "direction": "down",
    "score": 38.4,
    "arr": 84e3,
}


def happened(key: str = "one", **more: object) -> Event:
    Account.objects.get_or_create(account_id="a/1", defaults={"name": "Zürich & <Söhne>"})
    return emit("tier.changed", key=key, at=NOW, account_id="a/1", payload={**MOVED, **more})


def delivered_after(hook: Webhook, event: Event) -> Delivery:
    spread(NOW, NOW.date())
    return Delivery.objects.get(webhook=hook, event=event)


def go(now: datetime) -> int:
    return delivering.deliver_due(now, clock=lambda: now)


def test_an_event_arrives_signed_under_its_id(hook: tuple[Webhook, str], there: Receiver) -> None:
    webhook, secret = hook
    event = happened(reason="active users fell from 31 to 12")
    row = delivered_after(webhook, event)
    assert go(NOW) == 1
    [request] = there.received
    assert signing.is_genuine(secret, request.headers, request.body, int(NOW.timestamp()))
    said = json.loads(request.body)
    assert said["id"] == request.headers["webhook-id"] == str(event.public_id)
    assert (said["type"], said["version"]) == ("tier.changed", 1)
    assert said["account"] == {"id": "a/1", "name": "Zürich & <Söhne>"}
    assert said["url"].endswith("/portfolio/accounts/a~2F1/")
    assert said["data"]["after"] == "at_risk"
    assert said["data"]["arr"] == 84e3
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutgoingState.DELIVERED, 1)
    [line] = Attempt.objects.filter(delivery=row)
    assert (line.status, line.error, line.answer) == (200, "", "ok")
    assert go(NOW) == 0, "what arrived is not sent again"


def test_failures_are_retried_later_and_later_until_it_arrives(
    hook: tuple[Webhook, str], there: Receiver
) -> None:
    there.manners = [answers("500 Oops"), closes, answers("302 Found", b"", "Location: /x\r\n"), answers()]
    row = delivered_after(hook[0], happened())
    now, pauses = NOW, []
    for _ in range(4):
        assert go(now) == 1
        assert go(now) == 0, "not before its pause is over"
        row.refresh_from_db()
        pauses.append(row.due_at - now)
        now = max(row.due_at, now)
    assert row.state == OutgoingState.DELIVERED
    for tried, pause in enumerate(pauses[:3]):
        assert outgoing.FIRST * 2**tried / 2 <= pause <= outgoing.FIRST * 2**tried
    assert [a.status for a in row.log.order_by("pk")] == [500, None, 302, 200]
    assert len({request.headers["webhook-id"] for request in there.received}) == 1
    assert len({request.headers["webhook-timestamp"] for request in there.received}) == 4


def test_what_never_arrives_is_given_up_and_can_be_sent_again(
    hook: tuple[Webhook, str], there: Receiver, otto: User
) -> None:
    there.manners = [answers("503 Busy")]
    row = delivered_after(hook[0], happened())
    now = NOW
    for _ in range(outgoing.ATTEMPTS):
        assert go(now) == 1
        row.refresh_from_db()
        now = row.due_at
    assert row.state == OutgoingState.DEAD
    assert row.error == "answered 503 Busy"
    assert go(now + timedelta(days=30)) == 0
    assert timedelta(hours=20) < now - NOW < timedelta(hours=66)
    there.manners = [answers()]
    services_webhooks.send_again(row.pk, now)
    assert go(now) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutgoingState.DELIVERED, 1)
    assert AuditEvent.objects.filter(action="delivery.sent_again").count() == 1


def test_gone_is_for_good(hook: tuple[Webhook, str], there: Receiver) -> None:
    there.manners = [answers("410 Gone")]
    row = delivered_after(hook[0], happened())
    go(NOW)
    row.refresh_from_db()
    assert (row.state, row.attempts) == (OutgoingState.DEAD, 1)


def test_one_receiver_that_hangs_does_not_hold_up_the_others(
    hook: tuple[Webhook, str], there: Receiver, otto: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, _ = services_webhooks.make_webhook(
        "slow", WebhookForm.SIGNED, there.address + "&slow=1", [], otto, NOW
    )
    there.manners = [hangs(1.0)]

    def quick(target: object, body: bytes, headers: dict[str, str]) -> delivering.Answer:
        if "slow" not in target.path:  # type: ignore[attr-defined]
            return delivering.Answer(200, "", "", 1)
        return delivering.post(target, body, headers, allowed=delivering.allowed_networks(), seconds=0.1)  # type: ignore[arg-type]

    for key in "abcde":
        happened(key)
    spread(NOW, NOW.date())
    made = delivering.deliver_due(NOW, send=quick, clock=lambda: NOW)
    assert made == 6, "five to the good one, one try of the slow one"
    assert set(Delivery.objects.filter(webhook=hook[0]).values_list("state", flat=True)) == {"delivered"}
    assert Delivery.objects.filter(webhook=slow, attempts=0).count() == 4
    assert delivering.deliver_due(NOW + timedelta(seconds=5), send=quick) == 0, (
        "what waits for it waits a while"
    )
    assert delivering.deliver_due(NOW + outgoing.FIRST, send=quick, clock=lambda: NOW + outgoing.FIRST) == 1


def test_a_private_network_is_refused_when_it_is_not_allowed(
    hook: tuple[Webhook, str], there: Receiver, options: object
) -> None:
    options(webhook_private_networks=())  # type: ignore[operator]
    row = delivered_after(hook[0], happened())
    go(NOW)
    row.refresh_from_db()
    assert not there.received
    assert "not on the public internet" in row.error
    assert row.state == OutgoingState.WAITING


def test_only_the_kinds_it_asks_for(hook: tuple[Webhook, str], otto: User) -> None:
    webhook = services_webhooks.change_webhook(
        hook[0].pk, name="warehouse", address="", kinds=["refresh.failed"], revision=hook[0].revision
    )
    happened()
    emit("refresh.failed", key="r", at=NOW, payload={"run_id": 1, "key": "2026-11-16", "state": "failed"})
    spread(NOW, NOW.date())
    assert [d.event.kind for d in Delivery.objects.filter(webhook=webhook)] == ["refresh.failed"]  # type: ignore[union-attr]


def test_an_event_is_spread_once(hook: tuple[Webhook, str]) -> None:
    happened()
    assert spread(NOW, NOW.date()) == 1
    assert spread(NOW, NOW.date()) == 0
    happened()  # the same key: the same event
    assert spread(NOW, NOW.date()) == 0
    assert Delivery.objects.count() == 1


def test_chat_gets_words_and_nothing_that_calls_a_channel(
    there: Receiver, otto: User, options: object
) -> None:
    options(webhook_private_networks=("127.0.0.0/8",))  # type: ignore[operator]
    webhook, secret = services_webhooks.make_webhook("#cs", WebhookForm.CHAT, there.address, [], otto, NOW)
    Account.objects.create(account_id="x", name="<!channel> & co|x>")
    emit("tier.changed", key="k", at=NOW, account_id="x", payload={**MOVED, "reason": "<@U1> users left"})
    spread(NOW, NOW.date())
    go(NOW)
    [request] = there.received
    assert secret == ""
    assert "webhook-signature" not in request.headers
    said = json.loads(request.body)
    text = said["blocks"][0]["text"]["text"]
    assert "<!channel>" not in text + said["text"]
    assert "<@U1>" not in text
    assert "&lt;!channel&gt; &amp; co" in said["text"]
    assert "fell from Healthy to At Risk, score 38" in said["text"]
    assert text.count("|") == 1, "one link, whose words cannot end it"
    assert webhook.shown_address == f"http://127.0.0.1:{there.port}/…"


def test_secrets_and_addresses_are_kept_sealed(hook: tuple[Webhook, str], there: Receiver) -> None:
    webhook, secret = hook
    kept = Webhook.objects.values().get(pk=webhook.pk)
    assert secret not in str(kept)
    assert "team=north" not in str(kept)
    assert unseal(webhook.secret, delivering.PURPOSE) == secret
    assert unseal(webhook.secret, "another purpose") == ""
    told = str(list(AuditEvent.objects.values("before", "after", "object_label", "reason")))
    assert secret not in told
    assert "team=north" not in told


def test_a_rotation_signs_with_both_until_the_old_one_ends(
    hook: tuple[Webhook, str], there: Receiver, otto: User
) -> None:
    webhook, old = hook
    webhook, new = services_webhooks.rotate_secret(webhook.pk, NOW, revision=webhook.revision)
    happened("before")
    happened("after")
    spread(NOW, NOW.date())
    go(NOW)
    both, _ = there.received
    at = int(NOW.timestamp())
    assert signing.is_genuine(old, both.headers, both.body, at)
    assert signing.is_genuine(new, both.headers, both.body, at)
    later = NOW + services_webhooks.OVERLAP
    happened("much later")
    spread(later, later.date())
    go(later)
    last = there.received[-1]
    assert not signing.is_genuine(old, last.headers, last.body, int(later.timestamp()))
    assert signing.is_genuine(new, last.headers, last.body, int(later.timestamp()))


def test_a_webhook_that_is_off_or_removed_sends_nothing(hook: tuple[Webhook, str], there: Receiver) -> None:
    webhook, _ = hook
    row = delivered_after(webhook, happened())
    webhook = services_webhooks.switch_webhook(webhook.pk, active=False, revision=1, reason="noisy")
    go(NOW)
    row.refresh_from_db()
    assert row.state == OutgoingState.CANCELLED
    with pytest.raises(RefusedError, match="off"):
        services_webhooks.send_again(row.pk, NOW)
    with pytest.raises(RefusedError, match="off"):
        services_webhooks.send_test(webhook, NOW)
    removed = services_webhooks.remove_webhook(webhook.pk, NOW, revision=webhook.revision)
    assert (removed.address, removed.secret) == ("", "")
    happened("another")
    assert spread(NOW, NOW.date()) == 1
    assert Delivery.objects.count() == 1
    assert not there.received


def test_two_people_do_not_overwrite_each_other(hook: tuple[Webhook, str]) -> None:
    webhook, _ = hook
    services_webhooks.change_webhook(webhook.pk, name="A", address="", kinds=[], revision=1)
    with pytest.raises(OvertakenError):
        services_webhooks.change_webhook(webhook.pk, name="B", address="", kinds=[], revision=1)
    with pytest.raises(OvertakenError):
        services_webhooks.rotate_secret(webhook.pk, NOW, revision=1)


def test_what_is_refused_names_its_field(hook: tuple[Webhook, str], otto: User) -> None:
    for name, address, kinds, field in (
        ("", "https://example.com/", [], "name"),
        ("warehouse", "https://example.com/", [], "name"),
        ("x", "ftp://example.com/", [], "address"),
        ("x", "https://example.com/", ["no.such"], "kinds"),
    ):
        with pytest.raises(RefusedError) as refused:
            services_webhooks.make_webhook(name, WebhookForm.SIGNED, address, kinds, otto, NOW)
        assert refused.value.field == field


def test_a_test_says_that_it_is_one(hook: tuple[Webhook, str], there: Receiver) -> None:
    row = services_webhooks.send_test(hook[0], NOW)
    go(NOW)
    row.refresh_from_db()
    assert row.state == OutgoingState.DELIVERED
    said = json.loads(there.received[0].body)
    assert said["type"] == "webhook.test"
    assert said["id"] == str(row.public_id)


def test_a_key_that_was_lost_is_said_and_not_retried(hook: tuple[Webhook, str], there: Receiver) -> None:
    row = delivered_after(hook[0], happened())
    Webhook.objects.filter(pk=hook[0].pk).update(address="sealed under another key")
    go(NOW)
    row.refresh_from_db()
    assert row.state == OutgoingState.DEAD
    assert "Enter it again" in row.error
    assert not there.received
