"""Files that people brought, from the upload to the import report, and what the workspace holds."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from barograph_web.ops.models import Run


class UploadState(models.TextChoices):
    RECEIVED = "received", "Received"
    MAPPED = "mapped", "Headers matched"
    QUEUED = "queued", "Waiting for the worker"
    IMPORTED = "imported", "Imported"
    REFUSED = "refused", "Refused"
    DROPPED = "dropped", "Dropped"


class Upload(models.Model):
    """One file as it came. It is kept under its own number; the name people gave it is only shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255)
    suffix = models.CharField(max_length=20)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    by_label = models.CharField(max_length=200)
    via = models.CharField(max_length=10, default="web")
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVED)
    preview = models.JSONField(default=dict)
    """What the file holds, part by part: columns, first rows, likely table (inspecting.py)."""
    choices = models.JSONField(default=dict)
    """What the person settled on, part by part (choices.py)."""
    mapping = models.TextField(blank=True)
    """The mapping file (TOML) that the choices make."""
    check_result = models.JSONField(default=dict)
    """A trial of the import for the revision it names; the workspace was not touched."""
    report = models.JSONField(default=dict)
    """The import report of the newest import, with what the page shows of it."""
    attempts = models.PositiveIntegerField(default=0)
    """How often it was imported. Each import has a name of its own, so that its quarantine is its own."""
    error = models.TextField(blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    """The newest work on it: reading it, a trial, or the import."""
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "-received_at"])]
        ordering: ClassVar[list[str]] = ["-received_at"]

    def __str__(self) -> str:
        return self.name


class DataState(models.Model):
    """What the workspace holds, table by table and signal by signal: one row, made by the worker (snapshot.py)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    generation = models.BigIntegerField()
    """The lake's in which data was published last: a newer one means that something was imported since."""
    taken_at = models.DateTimeField()
    document = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="ingest_one_data_state")
        ]
