"""What people do to models: drafts and releases. Published weeks are portfolio's rows, named here as well."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from barograph_web.ops.models import Run
from barograph_web.portfolio.models import AccountWeek, Standing, Tier, Week

__all__ = ["AccountWeek", "DraftState", "ModelDraft", "Standing", "Tier", "VersionRelease", "Week"]


class VersionRelease(models.Model):
    """A person looked at what a new version (or a first back-fill) moved and released it (P9)."""

    model_version = models.CharField(max_length=120, unique=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    released_by_label = models.CharField(max_length=200)
    released_at = models.DateTimeField(auto_now_add=True)
    reason = models.TextField(blank=True)


class DraftState(models.TextChoices):
    EDITING = "editing", "Being edited"
    SUBMITTED = "submitted", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Sent back"
    DROPPED = "dropped", "Dropped"


class ModelDraft(models.Model):
    """A model file being edited. `revision` grows with every save, so that two people do not overwrite each other."""

    model = models.CharField(max_length=120)
    based_on = models.CharField(max_length=120)
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=DraftState.choices, default=DraftState.EDITING)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_label = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    effect = models.JSONField(null=True)
    """What it would do: moves between tiers and validation figures; null until computed for this revision."""
    effect_run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    """The newest work on its effect."""
    decision = models.JSONField(default=dict)
    """Who approved it or sent it back, when, why, and the version it became."""
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.model}"
