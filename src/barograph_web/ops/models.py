"""Work that is done by the worker, when it is due, and the record of every write."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class RunKind(models.TextChoices):
    REFRESH = "refresh", "Weekly refresh"
    PROJECT = "project", "Bring published weeks into the application"
    IMPORT = "import", "Import of an upload"
    SOURCES = "sources", "Import of the workspace's sources"
    VALIDATE = "validate", "Validation"
    LEARN = "learn", "Proposal of a model"
    BACKUP = "backup", "Backup"
    RETENTION = "retention", "Retention"


class RunState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    DEGRADED = "degraded", "Done, a source is stale"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused for lack of data"


class Run(models.Model):
    """One piece of work. (kind, key) exists once; a worker claims it by a conditional update and holds a lease."""

    kind = models.CharField(max_length=20, choices=RunKind.choices)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "key"], name="ops_run_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "lease_until"])]
        ordering: ClassVar[list[str]] = ["-requested_at", "-id"]


class RunStep(models.Model):
    """One step of one attempt: what it counted, how long it took, what it said."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    attempt = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    counts = models.JSONField(default=dict)
    log = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["attempt", "position"]


class AppendOnlyError(TypeError):
    """Somebody tried to change what is written once."""


class AuditEvent(models.Model):
    """One write: who, what, on which object, before and after. Rows are added, never changed."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    via = models.CharField(max_length=10)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=200)
    object_label = models.CharField(max_length=200, blank=True)
    account_id = models.CharField(max_length=400, blank=True, db_index=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["object_type", "object_id"])]
        ordering: ClassVar[list[str]] = ["-id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds the row. Raises AppendOnlyError for a row that exists."""
        if self.pk is not None:
            raise AppendOnlyError("an audit event is written once")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("an audit event stays")
