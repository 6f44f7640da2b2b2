"""Clocks that run on work, the touches that stop them, and what was decided about accounts at risk."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ClockKind(models.TextChoices):
    RESPONSE = "response", "Response"
    RESOLUTION = "resolution", "Resolution"


class ClockDemand(models.TextChoices):
    """What stops a clock. owner: somebody has the account's work. touch: a logged customer touch (never a click).
    plan: a written plan with a day. resolve: the play's own end. accept: a hand-over was accepted. task: the task."""

    OWNER = "owner", "An owner"
    TOUCH = "touch", "A customer touch"
    PLAN = "plan", "A plan"
    RESOLVE = "resolve", "The play's end"
    ACCEPT = "accept", "Acceptance"
    TASK = "task", "The task"


class Clock(models.Model):
    """Working time in which something is due for an account. `key` starts it once.

    `allowed_hours` are hours of the working calendar; `due_at` is when they are used up, and moves when a pause ends.
    While `paused_at` is set, nothing is due. `breached_at` and `escalated_at` are set once each, by whoever finds it
    first; a clock that is stopped late stays breached. `cancelled`: it no longer counts (the play was cancelled, the
    loss accepted), neither as kept nor as missed.
    """

    key = models.CharField(max_length=700, unique=True)
    account_id = models.CharField(max_length=400)
    play_run = models.ForeignKey("plays.PlayRun", null=True, on_delete=models.PROTECT, related_name="clocks")
    task = models.ForeignKey("plays.Task", null=True, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind.choices)
    demand = models.CharField(max_length=8, choices=ClockDemand.choices)
    tier = models.CharField(max_length=12, blank=True)
    arr = models.FloatField(null=True)
    allowed_hours = models.FloatField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)
    met = models.BooleanField(null=True)
    """Whether it was stopped in time; null while it goes on, and when it was cancelled in time."""
    why_stopped = models.CharField(max_length=300, blank=True)
    breached_at = models.DateTimeField(null=True)
    """When it was due without being stopped; not when somebody noticed."""
    escalate_at = models.DateTimeField(null=True)
    """When a lead hears of it; set at the breach."""
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    escalated_to_label = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Whose attainment it counts for: the owner when it was stopped or breached."""
    owner_label = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "stopped_at"]),
            models.Index(
                fields=["due_at"], name="plays_clock_running", condition=Q(stopped_at=None, paused_at=None)
            ),
        ]
        ordering: ClassVar[list[str]] = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_demand_display()} for {self.account_id}"

    @property
    def is_running(self) -> bool:
        """Neither stopped nor paused."""
        return self.stopped_at is None and self.paused_at is None


class ClockPause(models.Model):
    """A span in which a clock stood still, and why."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(ended_at=None), name="plays_clock_paused_once"
            )
        ]
        ordering: ClassVar[list[str]] = ["began_at", "pk"]

    def __str__(self) -> str:
        return f"pause of {self.clock}"


class TouchKind(models.TextChoices):
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    EMAIL = "email", "E-mail"
    MESSAGE = "message", "Message"
    OTHER = "other", "Other"


class Touch(models.Model):
    """Somebody of ours spoke with the customer. Written once; `external_id` names it where it came from.

    `source`: app, api, import or mail. A touch is what ends the time to intervene.
    """

    account_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=10, choices=TouchKind.choices)
    at = models.DateTimeField()
    note = models.TextField(blank=True, max_length=4000)
    source = models.CharField(max_length=10)
    external_id = models.CharField(max_length=1000, null=True, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-at"])]
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} with {self.account_id}"


class PlanMade(models.Model):
    """Somebody wrote a plan with a day for an account. Written once; it ends the time to plan."""

    account_id = models.CharField(max_length=400)
    at = models.DateTimeField()
    why = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-at"])]
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"plan for {self.account_id}"


class ReceivedMail(models.Model):
    """A mail that was read from the workspace's box, by its Message-ID; of its text nothing is kept.

    `accounts`: how many accounts it was a touch of; 0: nobody in it belongs to an account.
    """

    message_id = models.CharField(max_length=500, unique=True)
    sent_at = models.DateTimeField(null=True)
    accounts = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.message_id


class RiskKind(models.TextChoices):
    INVEST = "invest", "Invest"
    ACCEPT = "accept", "Accept the loss"
    WITHDRAWN = "withdrawn", "Taken back"


class RiskDecision(models.Model):
    """Invest in an account at risk, or accept that it is lost (P3). Rows are added; the newest of an account stands.

    Invest names a sponsor, a budget and the day of the next look. Accept stops the clocks, and the forecast counts
    `arr` as lost.
    """

    account_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=10, choices=RiskKind.choices)
    sponsor = models.CharField(max_length=200, blank=True)
    budget = models.FloatField(null=True)
    """In the workspace's reporting currency."""
    next_on = models.DateField(null=True)
    reason = models.TextField(max_length=4000)
    tier = models.CharField(max_length=12, blank=True)
    arr = models.FloatField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(replaces=None), name="plays_risk_decision_first_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-at"])]
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.account_id}"
