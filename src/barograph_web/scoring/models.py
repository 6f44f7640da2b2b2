"""Published weeks and what they said of each account: a projection of the lake that can be rebuilt at any time."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from barograph_web.portfolio.models import Account


class Tier(models.TextChoices):
    AT_RISK = "at_risk", "At Risk"
    WATCH = "watch", "Watch"
    HEALTHY = "healthy", "Healthy"
    GROWTH = "growth", "Growth"
    INSUFFICIENT = "insufficient", "Insufficient data"


class Week(models.Model):
    """One published week. `generation` is the lake's, so that a page can say what it shows."""

    as_of = models.DateField(unique=True)
    model_version = models.CharField(max_length=120)
    model_title = models.CharField(max_length=200)
    label = models.CharField(max_length=30)
    outcomes = models.IntegerField(null=True)
    filled_in = models.BooleanField()
    revision = models.IntegerField()
    generation = models.BigIntegerField()
    projected_at = models.DateTimeField()
    head = models.JSONField(default=dict)
    """What the review says of the whole portfolio that week: warnings, tiers, movement, alarm, roll-ups."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-as_of"]


class AccountWeek(models.Model):
    """What was published about one account in one week; the row is narrow because there are many."""

    week = models.ForeignKey(Week, on_delete=models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="weeks")
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    computed_tier = models.CharField(max_length=12, choices=Tier.choices)
    arr = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["week", "account"], name="scoring_account_week_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account", "week"])]


class Standing(models.Model):
    """Where an account stands in one of the newest weeks (two are kept), with all that a page shows of it.

    `detail` is the account's entry of the `barograph.explain/1` document; `review` its entry of
    `barograph.review/1`. The columns beside them are what lists filter and sort by.
    """

    week = models.ForeignKey(Week, on_delete=models.CASCADE, related_name="standings")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="standings")
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    tier_order = models.SmallIntegerField()
    """At Risk 0, Watch 1, Healthy 2, Growth 3, insufficient -1: worst first, unknown before all."""
    previous_tier = models.CharField(max_length=12, null=True)  # noqa: DJ001 - none is not a tier
    tier_since = models.DateField()
    previous_score = models.FloatField(null=True)
    change_4_weeks = models.FloatField(null=True)
    priority = models.FloatField(null=True)
    rank = models.IntegerField(null=True)
    moved = models.CharField(max_length=16, blank=True)
    """worse, newly_healthy, growth, better, score_lost, score_found, moved_by_model, new; empty: did not move."""
    about_to_turn = models.BooleanField(default=False)
    coverage = models.FloatField(null=True)
    arr = models.FloatField(null=True)
    opt_out_on = models.DateField(null=True)
    detail = models.JSONField()
    review = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["week", "account"], name="scoring_standing_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["week", "moved"]),
            models.Index(fields=["week", "rank"]),
            models.Index(fields=["week", "tier_order", "-arr"]),
        ]


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
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author_label = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    effect = models.JSONField(null=True)
    """What it would do: moves between tiers and validation figures; null until computed for this revision."""
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
