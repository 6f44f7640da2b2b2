"""Decisions taken in the Monday review. Rows are added, never edited: a later decision stands over an earlier one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Verdict(models.TextChoices):
    AGREE = "agree", "Agree"
    DISAGREE = "disagree", "Disagree"
    NOTE = "note", "No verdict"


class Decision(models.Model):
    """What somebody decided about one account in one week: whether the score is believed, who does what by when."""

    account_id = models.CharField(max_length=400)
    week = models.DateField()
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.TextField(blank=True, max_length=4000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="owned_decisions"
    )
    owner_label = models.CharField(max_length=200, blank=True)
    next_step = models.TextField(blank=True, max_length=2000)
    due_on = models.DateField(null=True)
    know_on = models.DateField(null=True)
    """When we will know whether it worked."""
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12)
    evidence = models.JSONField(default=dict)
    """What the page said that day: why, change, track record."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["week", "account_id"]),
            models.Index(fields=["due_on"]),
            models.Index(fields=["account_id", "-at"]),
        ]


class DecisionOutcome(models.Model):
    """What became of a decision; one closes it."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="outcome")
    result = models.CharField(
        max_length=10, choices=[("done", "Done"), ("not_done", "Not done"), ("moot", "No longer needed")]
    )
    words = models.TextField(blank=True, max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)


class Minutes(models.Model):
    """A review meeting that was closed: who was there, and the document as it was sent."""

    week = models.DateField()
    scope = models.CharField(max_length=200, blank=True)
    closed_by_label = models.CharField(max_length=200)
    closed_at = models.DateTimeField(auto_now_add=True)
    document = models.JSONField()
