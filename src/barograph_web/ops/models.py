"""Work that is done by the worker, when it is due, and the record of every write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone


class RunKind(models.TextChoices):
    REFRESH = "refresh", "Weekly refresh"
    PROJECT = "project", "Bring published weeks into the application"
    IMPORT = "import", "Import of an upload"
    SOURCES = "sources", "Import of the workspace's sources"
    VALIDATE = "validate", "Validation"
    LEARN = "learn", "Proposal of a model"
    BACKUP = "backup", "Backup"
    RETENTION = "retention", "Retention"
    PULSES = "pulses", "Pulses into the workspace"
    PLAYS = "plays", "Plays of a published week"
    GOALS = "goals", "Goals into the workspace"
    MINUTES = "minutes", "Minutes of a review by mail"


class RunState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    DEGRADED = "degraded", "Done, a source is stale"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused for lack of data"


class Run(models.Model):
    """One piece of work. (kind, key) exists once; a worker claims it by a conditional update and holds a lease.

    QUEUED until `due_at` has come and a worker takes it; RUNNING while `lease_until` is in the future; the other
    states are final. `claims` counts how often a worker took it, and fences off one that lost it. `attempts` counts
    the claims that were not handed back. `waiting` says why a queued run was put off.
    """

    kind = models.CharField(max_length=20, choices=RunKind.choices)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    waiting = models.CharField(max_length=400, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claims = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "key"], name="ops_run_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "due_at"])]
        ordering: ClassVar[list[str]] = ["-requested_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}"

    @property
    def is_final(self) -> bool:
        """Whether it ended, well or not."""
        return self.state not in (RunState.QUEUED, RunState.RUNNING)


class RunStep(models.Model):
    """One step of one claim of a run: what it counted, how long it took, what it said."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    claim = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    counts = models.JSONField(default=dict)
    log = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["claim", "position"]


class WorkerBeat(models.Model):
    """A worker's last sign of life: what /healthz and the runs page go by."""

    name = models.CharField(max_length=120, unique=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name


class AppendOnlyError(TypeError):
    """Somebody tried to change what is written once."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Reading and adding. Every way to change or remove rows is refused, but for `without_details`."""

    def update(self, **_fields: Any) -> NoReturn:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("audit events are written once")

    def delete(self) -> NoReturn:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("audit events stay")

    def bulk_update(self, *_args: Any, **_fields: Any) -> NoReturn:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("audit events are written once")

    def bulk_create(self, objs: Iterable[AuditEvent], *args: Any, **options: Any) -> list[AuditEvent]:
        """Adds rows. Raises AppendOnlyError when asked to overwrite those in the way."""
        if options.get("update_conflicts"):
            raise AppendOnlyError("audit events are written once")
        return super().bulk_create(objs, *args, **options)

    def without_details(self, at: datetime, **labels: str) -> int:
        """Take the personal data out, for erasure and retention; how many rows it was taken from.

        What happened, when and to which object stays. `before`, `after` and `reason` are emptied, and `labels`
        (actor_label, object_label, on_behalf_of) replaced where given. No other column can be named.
        """
        unknown = set(labels) - {"actor_label", "object_label", "on_behalf_of"}
        if unknown:
            raise AppendOnlyError(f"{min(unknown)} of an audit event is written once")
        return super().update(before=None, after=None, reason="", details_removed_at=at, **labels)

    def relabelled(self, **labels: str) -> int:
        """Replace a person's name where they acted, without touching what they did; how many rows."""
        unknown = set(labels) - {"actor_label", "object_label", "on_behalf_of"}
        if unknown:
            raise AppendOnlyError(f"{min(unknown)} of an audit event is written once")
        return super().update(**labels)


class AuditEvent(models.Model):
    """One write: who, what, on which object, before and after. Rows are added, never changed.

    Somebody who acted cannot be deleted, only erased (users/erasure.py).

    `details_removed_at` says that personal data was erased, or retention took the details (X4).
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_label = models.CharField(max_length=400)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=10)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=400)
    object_label = models.CharField(max_length=400, blank=True)
    account_id = models.CharField(max_length=400, blank=True, db_index=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    details_removed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[AuditEvent]] = AuditQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["object_type", "object_id"])]
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds the row. Raises AppendOnlyError for a row that exists."""
        if self.pk is not None:
            raise AppendOnlyError("an audit event is written once")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("an audit event stays")


class Erasure(models.Model):
    """Somebody in the imported data who was erased: as a digest, so that the next import does not bring them back.

    `digest` is the SHA-256 of the key that the data knows them by within the account.
    """

    kind = models.CharField(max_length=20)
    account_id = models.CharField(max_length=400)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "account_id", "digest"], name="ops_erasure_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"
