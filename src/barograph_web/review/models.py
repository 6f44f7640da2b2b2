"""Decisions taken in the Monday review. Rows are added, never edited: a later decision stands over an earlier one."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Verdict(models.TextChoices):
    AGREE = "agree", "Agree"
    DISAGREE = "disagree", "Disagree"
    NOTE = "note", "No verdict"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions, narrowed to those that count."""

    def standing(self) -> DecisionQuerySet:
        """The last of each account and week, unless it was taken back."""
        return self.filter(replaced_by=None, is_withdrawal=False)

    def open_plans(self) -> DecisionQuerySet:
        """Next steps with a date of which nobody has said what became of them."""
        return self.standing().filter(outcome=None).exclude(next_step="").exclude(due_on=None)


class Decision(models.Model):
    """What somebody decided about one account in one week: whether the score is believed, who does what by when.

    The decisions of one account and week are a chain: each but the first replaces the one before, and two people
    cannot both replace the same one. The last of the chain stands.
    """

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
    is_ruling = models.BooleanField(default=False)
    """A leader settled a disagreement between a person and the numbers."""
    is_withdrawal = models.BooleanField(default=False)
    """The decision before was taken back: nothing is decided."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id", "week"], condition=Q(replaces=None), name="review_decision_first_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["week", "account_id"]),
            models.Index(fields=["due_on"]),
            models.Index(fields=["account_id", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}, week of {self.week}"


class Result(models.TextChoices):
    DONE = "done", "Done"
    NOT_DONE = "not_done", "Not done"
    MOOT = "moot", "No longer needed"


class DecisionOutcome(models.Model):
    """What became of a decision; one closes it."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="outcome")
    result = models.CharField(max_length=10, choices=Result.choices)
    words = models.TextField(blank=True, max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.decision}: {self.get_result_display()}"


class Minutes(models.Model):
    """A review meeting that was closed: whose accounts it was about, and the document as it was sent."""

    week = models.DateField()
    scope = models.CharField(max_length=200, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    closed_by_label = models.CharField(max_length=200)
    closed_at = models.DateTimeField(auto_now_add=True)
    document = models.JSONField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["week"])]
        ordering: ClassVar[list[str]] = ["-closed_at"]
        verbose_name_plural = "minutes"

    def __str__(self) -> str:
        return f"week of {self.week}, {self.scope or 'all accounts'}"
