"""Files that people brought, from the upload to the import report."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models


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
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVED)
    preview = models.JSONField(default=dict)
    mapping = models.TextField(blank=True)
    """The mapping file (TOML) that the person settled on."""
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["-received_at"]
