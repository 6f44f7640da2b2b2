"""Personal data in alerts (X4): who was erased is named nowhere, what happened stays; retention drops what is old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from barograph_web.alerts import delivering, services_webhooks
from barograph_web.alerts.erasure import erase_contact
from barograph_web.alerts.events import emit
from barograph_web.alerts.models import (
    Attempt,
    Delivery,
    Event,
    Mail,
    MailKind,
    Notice,
    OutgoingState,
    Preference,
    Webhook,
    WebhookForm,
)
from barograph_web.alerts.spread import spread
from barograph_web.ops.erasure import erase_user
from barograph_web.ops.retention import apply_retention
from barograph_web.users.models import Role, User
from support.web_alerts import account
from support.web_receiver import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare")]


def everything() -> str:
    """All rows of the app as text, with those of erased people."""
    models = (Event, Notice, Mail, Preference, Webhook, Delivery, Attempt)
    return "\n".join(str(list(model._base_manager.values())) for model in models)


def test_a_colleague_who_was_erased_is_named_nowhere() -> None:
    zoe = User.objects.create_user("zoe@example.com", name="Zoë Brückner", role=Role.OPS)
    User.objects.create_user("ada@example.com", name="Ada", role=Role.ADMINISTRATOR)
    account("A1", "zoe@example.com")
    said = {"to_emails": ["ada@example.com", "Zoe@example.com"], "by": "Zoë Brückner", "where": "Call"}
    emit(
        "mention.made",
        key="m",
        at=NOW,
        account_id="A1",
        payload={**said, "excerpt": "Zoë Brückner will call"},
    )
    emit(
        "task.assigned", key="t", at=NOW, account_id="A1",
        payload={"task_id": 1, "title": "Call", "owner_email": "zoe@example.com", "by": "Ada"},
    )  # fmt: skip
    Preference.objects.create(user=zoe)
    services_webhooks.make_webhook("w", WebhookForm.SIGNED, "https://example.com/", [], zoe, NOW)
    spread(NOW, NOW.date())
    Mail.objects.create(
        user=zoe, kind=MailKind.DIGEST, key="d", subject="For Zoë Brückner", text="Good morning"
    )
    assert Notice.objects.filter(user=zoe).exists()

    counts = erase_user(str(zoe.pk), NOW)

    assert counts["events"] == 2
    left = everything().lower()
    assert "zoe@" not in left
    assert "brückner" not in left
    assert "br\\xfcckner" not in left
    mention = Event.objects.get(kind="mention.made").payload
    assert mention["by"] == f"Former user {zoe.pk}"
    assert mention["excerpt"] == ""
    assert mention["to_emails"] == ["ada@example.com", f"Former user {zoe.pk}"]
    assert Event.objects.get(kind="task.assigned").payload["title"] == "Call"
    assert Webhook.objects.get().is_active, "what they set up goes on"


def test_a_contact_who_was_erased_is_taken_out_of_texts() -> None:
    carla = User.objects.create_user("carla@example.com", name="Carla", role=Role.CSM)
    account("A1")
    account("A2")
    for where in ("A1", "A2"):
        emit(
            "escalation.opened", key=where, at=NOW, account_id=where,
            payload={"escalation_id": 1, "title": "Maria Lindqvist is angry", "cause": "Outage"},
        )  # fmt: skip
    waiting = Mail.objects.create(
        user=carla, kind=MailKind.AT_ONCE, key="m", subject="x", text="Maria Lindqvist is angry"
    )
    erase_contact("A1", ("maria lindqvist", "maria@example.com"), NOW)
    assert Event.objects.get(account_id="A1").payload["title"] == ""
    assert Event.objects.get(account_id="A1").payload["cause"] == "Outage"
    assert Event.objects.get(account_id="A2").payload["title"] == "Maria Lindqvist is angry", (
        "another account's"
    )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.text) == (OutgoingState.CANCELLED, "")


def test_retention_drops_what_is_old_and_ended(options: object) -> None:
    otto = User.objects.create_user("otto@example.com", name="Otto", role=Role.OPS)
    hook, _ = services_webhooks.make_webhook("w", WebhookForm.SIGNED, "https://example.com/", [], otto, NOW)
    for key in ("old", "new", "waiting"):
        emit("refresh.failed", key=key, at=NOW, payload={"run_id": 1, "key": "2026-11-16", "state": "failed"})
    spread(NOW, NOW.date())
    delivering.deliver_due(NOW, send=lambda *_: delivering.Answer(200, "", "ok", 1), clock=lambda: NOW)
    of = {d.event.key: d for d in Delivery.objects.select_related("event")}  # type: ignore[union-attr]
    old = NOW - timedelta(days=400)
    Delivery.objects.filter(pk=of["old"].pk).update(ended_at=old)
    Delivery.objects.filter(pk=of["waiting"].pk).update(
        state=OutgoingState.WAITING, ended_at=None, made_at=old
    )
    Attempt.objects.filter(delivery=of["old"]).update(at=old)
    Notice.objects.filter(event__key="old").update(made_at=old)

    counts = apply_retention(365, NOW)

    assert counts["alerts"] == 3
    assert {d.event.key for d in Delivery.objects.all()} == {"new", "waiting"}  # type: ignore[union-attr]
    assert Event.objects.count() == 3, "what happened stays"
    assert hook.deliveries.count() == 2
