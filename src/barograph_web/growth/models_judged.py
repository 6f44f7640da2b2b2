"""The rules in force, and what the worker makes with them of what is projected. All but the rules can be made anew."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from barograph_web.portfolio.models import Account


class RuleSet(models.Model):
    """The numbers that readiness, matching and asking go by (rules.py). Rows are added; the highest number stands."""

    number = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    reason = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]

    def __str__(self) -> str:
        return f"rules {self.number}"


class Judged(models.Model):
    """Which conditions of a rule an account meets, worked out by the worker for the newest week."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="+")
    week = models.DateField()
    rules = models.IntegerField()
    """Number of the rule set, 0 for the one that is shipped."""
    holds = models.BooleanField()
    failing = models.SmallIntegerField()
    unknown = models.SmallIntegerField()
    conditions = models.JSONField()
    arr = models.FloatField(null=True)

    class Meta:
        abstract = True


class Readiness(Judged):
    """Whether an account is ready for expansion. `missing`: products that others have and it has not; null when it is
    not known what it has."""

    missing = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["holds", "failing", "-arr"])]


class Candidate(Judged):
    """Whether an account can be asked for a favour. `people`: contact ids of promoters."""

    people = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["holds", "failing", "-arr"])]


class Finding(models.Model):
    """A document that the worker made for a page, under its name; made anew when `source` changed."""

    name = models.CharField(max_length=40, unique=True)
    source = models.CharField(max_length=64)
    at = models.DateTimeField()
    document = models.JSONField()

    def __str__(self) -> str:
        return self.name
