"""What the library fired and what became of it: opened, held back for a person, snoozed, or held out for comparison."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class IncidentKind(models.TextChoices):
    FEED = "feed", "Too much of the portfolio moved at once"
    MODEL = "model", "A new model version"
    FIRST = "first", "History that was filled in"


class IncidentState(models.TextChoices):
    OPEN = "open", "Nobody has looked"
    ACKNOWLEDGED = "acknowledged", "Being looked into"
    RELEASED = "released", "Released: the plays were opened"
    DROPPED = "dropped", "Dropped: nothing was opened"


class DataIncident(models.Model):
    """Plays that were held back together, until a person releases or drops them (the guard, and P9).

    `figures`: what moved, how many accounts and which share, as the library told it.
    """

    key = models.CharField(max_length=200, unique=True)
    week = models.DateField()
    kind = models.CharField(max_length=8, choices=IncidentKind.choices)
    title = models.CharField(max_length=300)
    figures = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=IncidentState.choices, default=IncidentState.OPEN)
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    acknowledged_by_label = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    settled_by_label = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-week", "-pk"]

    def __str__(self) -> str:
        return f"{self.title}, week of {self.week}"

    @property
    def is_final(self) -> bool:
        """Whether it was released or dropped."""
        return self.state in (IncidentState.RELEASED, IncidentState.DROPPED)


class FiringState(models.TextChoices):
    WAITING = "waiting", "Held back"
    OPENED = "opened", "Opened"
    HELD_OUT = "held_out", "Held out for comparison"
    DROPPED = "dropped", "Not opened"


class Firing(models.Model):
    """What became of one key that the library fired; a key is here once, so that a replay of its week does nothing.

    `why` says why it was held back or dropped: snoozed, cool_down, open, or what the library said
    (core/firing.py). `fired` is the library's whole firing, to open the play from later.
    `wake_on`: the day a snoozed one is looked at again.
    """

    key = models.CharField(max_length=700, unique=True)
    account_id = models.CharField(max_length=400)
    play = models.CharField(max_length=120)
    cause = models.CharField(max_length=120, blank=True)
    week = models.DateField()
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    tier = models.CharField(max_length=12, blank=True)
    arr = models.FloatField(null=True)
    fired = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=FiringState.choices)
    why = models.CharField(max_length=30, blank=True)
    words = models.CharField(max_length=400, blank=True)
    wake_on = models.DateField(null=True)
    incident = models.ForeignKey(DataIncident, null=True, on_delete=models.PROTECT, related_name="firings")
    play_run = models.ForeignKey("plays.PlayRun", null=True, on_delete=models.PROTECT, related_name="firings")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-week"]),
            models.Index(fields=["state", "wake_on"]),
            models.Index(fields=["week", "state"]),
        ]
        ordering: ClassVar[list[str]] = ["-week", "account_id", "play"]

    def __str__(self) -> str:
        return self.key


class TriggeredWeek(models.Model):
    """A published week whose triggers were looked at, and what came of them."""

    as_of = models.DateField(unique=True)
    model_version = models.CharField(max_length=120)
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar[list[str]] = ["-as_of"]

    def __str__(self) -> str:
        return self.as_of.isoformat()


class TeamLoad(models.Model):
    """What the cadences and open plays ask of each person a week, as the worker worked it out for a week (P10)."""

    as_of = models.DateField()
    at = models.DateTimeField()
    document = models.JSONField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.as_of.isoformat()


class PlaySnooze(models.Model):
    """A play is left alone for an account until a day, with a reason. A later row stands over an earlier one;
    `until` in the past ends it."""

    account_id = models.CharField(max_length=400)
    play = models.CharField(max_length=120)
    until = models.DateField()
    """The last day that it holds."""
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "play", "-at"])]
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.play} for {self.account_id} until {self.until}"


class HoldOutApproval(models.Model):
    """A leader let a play hold accounts out at random (G1). It holds for that share and delay; the newest counts.

    `seed` is fixed before the first draw.
    """

    play = models.CharField(max_length=120)
    share = models.FloatField()
    delay_days = models.IntegerField(null=True)
    seed = models.CharField(max_length=40)
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"hold-out of {self.play}"


class Assignment(models.Model):
    """Which arm of a play's comparison an account fell into, drawn once, at the first trigger (G1)."""

    account_id = models.CharField(max_length=400)
    play = models.CharField(max_length=120)
    arm = models.CharField(max_length=10)
    """treated, held_out or delayed."""
    begins_on = models.DateField(null=True)
    """When a delayed start opens the play."""
    record = models.JSONField(default=dict)
    """The line of the journal that says so, as pipeline/play_records.py reads it."""
    at = models.DateTimeField()
    journalled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["play", "account_id"], name="plays_assignment_once")
        ]

    def __str__(self) -> str:
        return f"{self.play} for {self.account_id}: {self.arm}"
