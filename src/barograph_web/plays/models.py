"""Plays at work: what was fired, the runs it opened, their tasks, and what people did with them.

Accounts are named by `account_id`, as in everything that people add, so that a rebuilt projection keeps their work.
What was fired and held back is in models_firing.py; clocks, touches and decisions about risk are in models_time.py.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from barograph_web.plays.models_firing import (
    Assignment,
    DataIncident,
    Firing,
    FiringState,
    HoldOutApproval,
    IncidentKind,
    IncidentState,
    PlaySnooze,
    TeamLoad,
    TriggeredWeek,
)
from barograph_web.plays.models_time import (
    Clock,
    ClockDemand,
    ClockKind,
    ClockPause,
    PlanMade,
    ReceivedMail,
    RiskDecision,
    RiskKind,
    Touch,
    TouchKind,
)

__all__ = [
    "Assignment",
    "Clock",
    "ClockDemand",
    "ClockKind",
    "ClockPause",
    "DataIncident",
    "Firing",
    "FiringState",
    "HoldOutApproval",
    "IncidentKind",
    "IncidentState",
    "PlanMade",
    "PlayRun",
    "PlaySnooze",
    "Pool",
    "PoolMember",
    "ReceivedMail",
    "RiskDecision",
    "RiskKind",
    "RunState",
    "SegmentStep",
    "Task",
    "TaskEvent",
    "TaskState",
    "TeamLoad",
    "Touch",
    "TouchKind",
    "TriggeredWeek",
]


class RunState(models.TextChoices):
    OPEN = "open", "Open"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Did not succeed"
    CANCELLED = "cancelled", "Cancelled"


class PlayRun(models.Model):
    """One play at work on one account. `key` is that of the transition that opened it, and opens it once.

    The database allows one open run per account, play and cause. `definition` is the play as it was when the run was
    opened, so that a later edit of the file does not change what people promised to do.
    """

    account_id = models.CharField(max_length=400)
    play = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    cause = models.CharField(max_length=120, blank=True)
    """What tells two reasons of one play apart; empty for a play with one reason."""
    key = models.CharField(max_length=700, unique=True)
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    definition = models.JSONField(default=dict)
    tier = models.CharField(max_length=12, blank=True)
    arr = models.FloatField(null=True)
    priority = models.IntegerField(default=3)
    """As in the play's file: 1 goes first, 5 last."""
    week = models.DateField(null=True)
    """The week whose change opened it; null for one that a person opened."""
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.OPEN)
    opened_at = models.DateTimeField()
    check_on = models.DateField(null=True)
    """When it is looked at whether it succeeded; null: nobody said."""
    closed_at = models.DateTimeField(null=True)
    why_closed = models.TextField(blank=True)
    is_manual = models.BooleanField(default=False)
    journalled_at = models.DateTimeField(null=True)
    """When the workspace's journal had that it was opened."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id", "play", "cause"], condition=Q(state="open"), name="plays_run_open_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-opened_at"]),
            models.Index(fields=["state", "play"]),
        ]
        ordering: ClassVar[list[str]] = ["-opened_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.title}, {self.account_id}"


class TaskState(models.TextChoices):
    OPEN = "open", "Open"
    SNOOZED = "snoozed", "Snoozed"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, narrowed to those that count."""

    def unfinished(self) -> TaskQuerySet:
        """Open and snoozed: nobody has done or dropped them."""
        return self.filter(state__in=[TaskState.OPEN, TaskState.SNOOZED])


class Task(models.Model):
    """Something that somebody does for an account by a day.

    `source` says which part of the product asked for it (play, cadence, review, pulse, handover ...), `source_key`
    what for: the same key finds the row, so that asking twice is one task. `revision` grows with every change, and a
    change names the revision that it saw. `owner` null and `pool` empty: nobody, a lead assigns it.
    """

    account_id = models.CharField(max_length=400)
    play_run = models.ForeignKey(PlayRun, null=True, on_delete=models.PROTECT, related_name="tasks")
    position = models.IntegerField(default=0)
    """Its place among the steps of the play."""
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True, max_length=10_000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="tasks"
    )
    owner_label = models.CharField(max_length=200, blank=True)
    pool = models.CharField(max_length=120, blank=True)
    routed = models.CharField(max_length=300, blank=True)
    """Why it is theirs, in words."""
    due_on = models.DateField()
    priority = models.IntegerField(default=0)
    """Greater first; a step of a play has 6 less the play's priority."""
    step = models.CharField(max_length=120, blank=True)
    """Name of the play's step, or of the cadence's duty."""
    hours = models.FloatField(null=True)
    """What it takes, for the team's capacity."""
    done_by = models.CharField(max_length=10, default="task")
    """task: somebody says so. touch, plan, decision: done when one is logged."""
    customer_facing = models.BooleanField(default=False)
    """It speaks with the customer: it waits while something holds such steps (holds.py)."""
    state = models.CharField(max_length=8, choices=TaskState.choices, default=TaskState.OPEN)
    snoozed_until = models.DateField(null=True)
    told_due_on = models.DateField(null=True)
    """The due day of which the owner was told."""
    source = models.CharField(max_length=30)
    source_key = models.CharField(max_length=700, null=True, unique=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["play_run", "position"],
                condition=Q(play_run__isnull=False, source="play"),
                name="plays_task_step_once",
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["owner", "state", "due_on"]),
            models.Index(fields=["account_id", "state"]),
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["pool", "-id"]),
        ]
        ordering: ClassVar[list[str]] = ["due_on", "-priority", "pk"]

    def __str__(self) -> str:
        return f"{self.title}, {self.account_id}"

    @property
    def is_final(self) -> bool:
        """Whether it was done or dropped."""
        return self.state in (TaskState.DONE, TaskState.DROPPED)


class TaskEvent(models.Model):
    """One thing that happened to a task. Rows are added, never edited; `revision` is the task's after it."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="events")
    revision = models.PositiveIntegerField()
    what = models.CharField(max_length=20)
    """made, done, dropped, snoozed, woken, handed_over, breached, escalated, moved."""
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    words = models.TextField(blank=True, max_length=10_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["task", "at"])]
        ordering: ClassVar[list[str]] = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.what}: {self.task}"


class SegmentStep(models.Model):
    """A tech-touch step of a run: sent out as an event for a marketing tool when it is due and nothing holds it."""

    play_run = models.ForeignKey(PlayRun, on_delete=models.PROTECT, related_name="segment_steps")
    position = models.IntegerField()
    title = models.CharField(max_length=300)
    event = models.CharField(max_length=200)
    """What the marketing tool listens for."""
    customer_facing = models.BooleanField(default=True)
    due_on = models.DateField()
    sent_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["play_run", "position"], name="plays_segment_step_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["sent_at", "due_on"])]
        ordering: ClassVar[list[str]] = ["due_on", "pk"]

    def __str__(self) -> str:
        return f"{self.title}, {self.play_run}"


class Pool(models.Model):
    """People who share the work of steps that name the pool; the step says how one of them is chosen."""

    name = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="PoolMember", related_name="pools")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.title


class PoolMember(models.Model):
    """A person in a pool. `turn` grows each time they are given something: the smallest is next."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pool_memberships"
    )
    turn = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pool", "user"], name="plays_pool_member_once")
        ]
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.user} in {self.pool}"
