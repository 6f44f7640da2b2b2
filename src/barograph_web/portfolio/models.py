"""Accounts as the application knows them: a projection of the lake that can be rebuilt, and what people add to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Account(models.Model):
    """One scored unit (an account, or an account's product) with its attributes as of the newest projected week.

    `account_id` is the key that everything people add refers to, so that a rebuilt projection keeps their work.
    Revenue is in the workspace's reporting currency per year. Null is unknown.
    """

    account_id = models.CharField(max_length=400, unique=True)
    name = models.CharField(max_length=400)
    segment = models.CharField(max_length=200, null=True)  # noqa: DJ001 - unknown is not an empty name
    plan = models.CharField(max_length=200, null=True)  # noqa: DJ001
    lifecycle = models.CharField(max_length=60, null=True)  # noqa: DJ001
    csm_email = models.CharField(max_length=254, null=True, db_index=True)  # noqa: DJ001
    am_email = models.CharField(max_length=254, null=True, db_index=True)  # noqa: DJ001
    parent_account_id = models.CharField(max_length=400, null=True, db_index=True)  # noqa: DJ001
    arr = models.FloatField(null=True)
    renewal_on = models.DateField(null=True)
    opt_out_on = models.DateField(null=True)
    notice_given = models.BooleanField(null=True)
    last_touch_on = models.DateField(null=True)
    is_current = models.BooleanField(default=True)
    """False once the account is no longer scored; its history stays."""

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["segment"]), models.Index(fields=["plan"])]
        ordering: ClassVar[list[str]] = ["name", "account_id"]

    def __str__(self) -> str:
        return self.name


class FactKind(models.TextChoices):
    """Which table of the data contract a fact comes from."""

    CONTACT = "contacts", "People"
    CONTRACT = "contracts", "Contracts"
    TICKET = "tickets", "Tickets"
    INTERACTION = "interactions", "Meetings and messages"
    SURVEY = "surveys", "Surveys"
    INVOICE = "invoices", "Invoices"
    MILESTONE = "milestones", "Milestones"
    GOAL = "goals", "Goals"
    PULSE = "pulses", "Pulses"
    OPPORTUNITY = "opportunities", "Opportunities"
    ESCALATION = "escalations", "Escalations"
    REFERENCE = "references", "References"
    OUTCOME = "outcomes", "Decisions on renewal"


class AccountFact(models.Model):
    """One row of the raw tables as it stood when the week was projected: the newest per account and kind."""

    account_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=20, choices=FactKind.choices)
    key = models.CharField(max_length=400)
    on = models.DateField(null=True)
    data = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account_id", "kind", "key"], name="portfolio_fact_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "kind", "-on"])]


class Note(models.Model):
    """What somebody wrote about an account. Written once; a correction is another note that replaces it."""

    account_id = models.CharField(max_length=400, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    author_label = models.CharField(max_length=200)
    written_at = models.DateTimeField(auto_now_add=True)
    body = models.TextField(max_length=10_000)
    replaces = models.OneToOneField("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")
    erased_at = models.DateTimeField(null=True)


class GuestGrant(models.Model):
    """One account shared with one guest until a day, both named."""

    guest = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    account_id = models.CharField(max_length=400)
    until = models.DateField()
    granted_by = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["guest", "account_id"], name="portfolio_grant_once")
        ]


class SavedView(models.Model):
    """A filter and an order of a page, kept under a name by a person or for everybody."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    query = models.CharField(max_length=2000)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="portfolio_view_once")
        ]
        ordering: ClassVar[list[str]] = ["name"]
