"""What happened (events), who is told in the application (notices), and what goes out (mails, deliveries).

An event is written in the transaction of what caused it, and spread afterwards by the worker: so nothing is told that
did not happen, and nothing that happened is lost. What goes out is claimed by conditional updates (outgoing.py).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Event(models.Model):
    """One thing that happened. (kind, key) exists once; `public_id` is what receivers know a repeated delivery by.

    `at` is when it happened, `recorded_at` when it was written here. `spread_at` is null until the worker has made its
    notices and deliveries.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=300)
    account_id = models.CharField(max_length=400, blank=True)
    weight = models.SmallIntegerField()
    """Urgency, 0 first (catalogue.py)."""
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Whose doing it was, where a person did it in the application: they are not told of it."""
    spread_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "key"], name="alerts_event_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-id"]),
            models.Index(fields=["kind", "-id"]),
            models.Index(fields=["id"], condition=models.Q(spread_at=None), name="alerts_event_to_spread"),
        ]
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class AnnouncedWeek(models.Model):
    """A published week whose changes of tier were emitted. The first one is where alerts began, and emitted none: what
    was before it is history."""

    as_of = models.DateField(unique=True)
    at = models.DateTimeField()
    events = models.IntegerField(default=0)
    is_first = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-as_of"]


class AlertScope(models.TextChoices):
    """About whose accounts a person is told."""

    OFF = "off", "Not at all"
    MINE = "mine", "My accounts"
    TEAM = "team", "My team's accounts"
    ALL = "all", "All I may see"


class Mailing(models.TextChoices):
    NO = "no", "No mail"
    AT_ONCE = "at_once", "At once"
    DIGEST = "digest", "In the digest"


class Preference(models.Model):
    """What a person chose about alerts; without a row, the defaults of their role (choices.py).

    `topics` maps a topic's name to {"scope", "in_app", "mail"}; a topic that is not there has its default. `revision`
    grows with every save.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_preference"
    )
    topics = models.JSONField(default=dict)
    digest = models.BooleanField(default=True)
    digest_scope = models.CharField(max_length=4, choices=AlertScope.choices, default=AlertScope.MINE)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"alerts of {self.user}"


class OutgoingState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    DELIVERED = "delivered", "Delivered"
    DEAD = "dead", "Given up"
    CANCELLED = "cancelled", "Cancelled"


class Outgoing(models.Model):
    """Something that is to leave the application at least once. See outgoing.py for how it is claimed.

    WAITING until `due_at`; SENDING while `lease_until` is in the future; the other states are final until somebody
    sends it again. `attempts` counts attempts begun since it was (re)queued, `claims` all claims ever: it fences off a
    worker that lost its claim.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=OutgoingState.choices, default=OutgoingState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    claims = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True)
    """Why the last attempt did not succeed; empty when it did."""

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        """Whether it is neither waiting nor being sent."""
        return self.state not in (OutgoingState.WAITING, OutgoingState.SENDING)


class MailKind(models.TextChoices):
    AT_ONCE = "at_once", "Alerts at once"
    DIGEST = "digest", "Weekly digest"


class Mail(Outgoing):
    """One mail to one person, written when it was made. The texts go once it is sent; that it was sent stays."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_mails")
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    key = models.CharField(max_length=120, unique=True)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "due_at"])]
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.user}"


class Notice(models.Model):
    """One event, told to one person. `mail` is the mail that told it, for those who wanted one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notices")
    made_at = models.DateTimeField(default=timezone.now)
    in_app = models.BooleanField(default=True)
    named = models.BooleanField(default=False)
    """The event names the person, who is told even of an account that they do not see otherwise."""
    mailing = models.CharField(max_length=8, choices=Mailing.choices, default=Mailing.NO)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.SET_NULL, related_name="notices")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "event"], name="alerts_notice_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user"], condition=models.Q(read_at=None, in_app=True), name="alerts_notice_unread"
            ),
            models.Index(fields=["user", "-event"]),
            models.Index(
                fields=["mailing", "user"],
                condition=models.Q(mail=None) & ~models.Q(mailing="no"),
                name="alerts_notice_to_mail",
            ),
        ]
        ordering: ClassVar[list[str]] = ["-event_id"]


class WebhookForm(models.TextChoices):
    SIGNED = "signed", "Signed JSON"
    CHAT = "chat", "Slack-compatible message"


class Webhook(models.Model):
    """An address outside that events are sent to.

    `address` and the secrets are kept sealed (users/sealing.py) and never shown again: a path can be a secret too, and
    `shown_address` is what pages say. `old_secret` signs as well until `old_secret_until`, so that a receiver can take
    its time. `kinds` names kinds of the catalogue; empty: all. `stopped_why`: why it is not active.
    """

    name = models.CharField(max_length=120)
    form = models.CharField(max_length=8, choices=WebhookForm.choices)
    address = models.TextField()
    shown_address = models.CharField(max_length=400)
    kinds = models.JSONField(default=list)
    secret = models.TextField(blank=True)
    secret_made_at = models.DateTimeField(null=True)
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    stopped_why = models.CharField(max_length=400, blank=True)
    revision = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_by_label = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(removed_at=None), name="alerts_webhook_name_once"
            )
        ]
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Delivery(Outgoing):
    """One event for one webhook; a test has no event. `key` is the event's public id, or "test:<uuid>"."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["webhook", "key"], name="alerts_delivery_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["webhook", "-id"]),
        ]
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.webhook}: {self.event.kind if self.event is not None else 'test'}"


class Attempt(models.Model):
    """One attempt at a delivery: what the receiver said, or why it was not reached. Rows are added, never edited."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    claim = models.PositiveIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    """HTTP status; null when there was no answer."""
    error = models.CharField(max_length=400, blank=True)
    answer = models.CharField(max_length=1000, blank=True)
    """The beginning of what the receiver answered."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
