"""What accounts get to: hand-overs and what came of them, success plans, advocates, escalations.

Each thing is a row that holds its present state, with a revision that grows with every change, and an `Entry` for each
change, added and never edited. `account_id` is the key as everywhere, so that a rebuilt projection keeps people's work.
What is worked out from the projection is in models_judged.py.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q

from barograph_web.growth.models_judged import Candidate, Finding, Judged, Readiness, RuleSet
from barograph_web.ops.models import AppendOnlyError

__all__ = [
    "KEPT",
    "Ask",
    "Candidate",
    "Cause",
    "Confirmed",
    "Consent",
    "DealKind",
    "Entry",
    "Escalation",
    "Favour",
    "Finding",
    "Function",
    "Goal",
    "HandOver",
    "Judged",
    "Kept",
    "Opportunity",
    "Readiness",
    "RuleSet",
    "Severity",
    "SuccessPlan",
    "Thing",
    "UseCaseRequest",
]


class Thing(models.TextChoices):
    """What an entry is about."""

    HAND_OVER = "hand_over", "Hand-over"
    REQUEST = "request", "Request"
    OPPORTUNITY = "opportunity", "Opportunity"
    PLAN = "plan", "Success plan"
    GOAL = "goal", "Goal"
    ASK = "ask", "Ask"
    CONSENT = "consent", "Consent"
    ESCALATION = "escalation", "Escalation"


class Kept(models.Model):
    """A row with a present state. `by` made it; who changed it since is in its entries.

    THING names it in entries; PERSONAL are its columns of free text, which erasure empties.
    """

    THING: ClassVar[str]
    PERSONAL: ClassVar[tuple[str, ...]] = ()

    account_id = models.CharField(max_length=400)
    state = models.CharField(max_length=12)
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True


class Entry(models.Model):
    """One change of one thing: the move, the state after it, and what was said. Rows are added, never edited.

    `revision` is the thing's after the change: one entry for each, so that two people cannot both make the next.
    """

    thing = models.CharField(max_length=12, choices=Thing.choices)
    number = models.PositiveBigIntegerField()
    revision = models.PositiveIntegerField()
    account_id = models.CharField(max_length=400)
    move = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    words = models.TextField(blank=True)
    changes = models.JSONField(default=dict)
    """Column -> its new value as JSON."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["thing", "number", "revision"], name="growth_entry_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-at"])]
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_thing_display()} {self.number}: {self.move}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds the row. Raises AppendOnlyError for a row that exists."""
        if self.pk is not None:
            raise AppendOnlyError("an entry is written once")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Never. Raises AppendOnlyError."""
        raise AppendOnlyError("an entry stays")


class DealKind(models.TextChoices):
    EXPANSION = "expansion", "More of the same"
    CROSS_SELL = "cross_sell", "Another product"


class UseCaseRequest(Kept):
    """Something the customer wants to do that they do not do yet. `asked_by`: who of the customer said so."""

    THING = Thing.REQUEST
    PERSONAL = ("title", "detail", "asked_by")

    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True, max_length=4000)
    asked_by = models.CharField(max_length=200, blank=True)
    product = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "state"]),
            models.Index(fields=["state", "-at"]),
        ]
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return self.title


class HandOver(Kept):
    """An account is handed to its account manager for expansion, with what they need. One at a time is unanswered."""

    THING = Thing.HAND_OVER
    PERSONAL = ("why_now", "talk_to", "achieved", "risks")

    kind = models.CharField(max_length=12, choices=DealKind.choices)
    product = models.CharField(max_length=200, blank=True)
    amount = models.FloatField(null=True)
    """Expected revenue a year, in the reporting currency."""
    why_now = models.TextField(max_length=4000)
    talk_to = models.TextField(max_length=2000)
    achieved = models.TextField(blank=True, max_length=4000)
    risks = models.TextField(blank=True, max_length=4000)
    package = models.JSONField(default=dict)
    """What the application knew of the account that moment: conditions, use, goals, open issues, products."""
    request = models.ForeignKey(
        UseCaseRequest, null=True, on_delete=models.PROTECT, related_name="hand_overs"
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="hand_overs"
    )
    to_label = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    why_refused = models.CharField(max_length=20, blank=True)
    concluded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    """When it was told that nobody answered in time."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(state="asked"), name="growth_hand_over_one_unanswered"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "-at"]),
            models.Index(fields=["state", "due_at"]),
        ]
        ordering: ClassVar[list[str]] = ["-at", "-id"]

    def __str__(self) -> str:
        return f"hand-over of {self.account_id}"


class Opportunity(Kept):
    """A deal entered by hand. `external_id`: what it is called in the data, where it comes in by import too."""

    THING = Thing.OPPORTUNITY
    PERSONAL = ("title",)

    hand_over = models.ForeignKey(HandOver, null=True, on_delete=models.PROTECT, related_name="opportunities")
    kind = models.CharField(max_length=12, choices=DealKind.choices)
    title = models.CharField(max_length=200)
    amount = models.FloatField(null=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    external_id = models.CharField(max_length=400, null=True, unique=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-opened_on"])]
        ordering: ClassVar[list[str]] = ["-opened_on", "-id"]
        verbose_name_plural = "opportunities"

    def __str__(self) -> str:
        return self.title


class SuccessPlan(Kept):
    """What the customer wants to get to. `source_key` names the contract that it began with, and finds it again."""

    THING = Thing.PLAN
    PERSONAL = ("summary",)

    summary = models.TextField(blank=True, max_length=4000)
    """What they bought it for, as sales handed it over."""
    begins_on = models.DateField()
    source_key = models.CharField(max_length=450, null=True, unique=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id"], condition=~Q(state="closed"), name="growth_plan_one_open"
            )
        ]
        ordering: ClassVar[list[str]] = ["-begins_on", "-id"]

    def __str__(self) -> str:
        return f"success plan of {self.account_id}"


class Confirmed(models.TextChoices):
    """How the customer said that a goal was reached."""

    MEETING = "meeting", "In a meeting"
    EMAIL = "email", "By e-mail"
    REVIEW = "review", "In a business review"
    SURVEY = "survey", "In a survey"
    SIGNED = "signed", "In a signed document"


class Goal(Kept):
    """One goal of a plan. Null numbers are unknown. `published` is the revision that the lake has; 0: none yet."""

    THING = Thing.GOAL
    PERSONAL = ("title", "confirmed_by")

    plan = models.ForeignKey(SuccessPlan, on_delete=models.PROTECT, related_name="goals")
    title = models.CharField(max_length=200)
    baseline = models.FloatField(null=True)
    target = models.FloatField(null=True)
    measured = models.FloatField(null=True)
    measured_on = models.DateField(null=True)
    unit = models.CharField(max_length=60, blank=True)
    due_on = models.DateField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    confirmed_how = models.CharField(max_length=10, blank=True, choices=Confirmed.choices)
    confirmed_on = models.DateField(null=True)
    published = models.PositiveIntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "state"])]
        ordering: ClassVar[list[str]] = ["due_on", "id"]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """Its identity in the raw table `goals`."""
        return f"app-goal-{self.pk}"


class Favour(models.TextChoices):
    """What an advocate can be asked for."""

    REFERENCE = "reference", "Reference call"
    CASE_STUDY = "case_study", "Case study"
    EVENT = "event", "Event"
    REVIEW = "review", "Public review"


class Consent(Kept):
    """What somebody of the customer agreed to be used for, until when, and how they said so."""

    THING = Thing.CONSENT
    PERSONAL = ("person", "how")

    person = models.CharField(max_length=200)
    covers = models.JSONField(default=list)
    """Favours; see Favour."""
    how = models.CharField(max_length=400)
    given_on = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "state"])]
        ordering: ClassVar[list[str]] = ["-given_on", "-id"]

    def __str__(self) -> str:
        return f"consent of {self.person}"


class Ask(Kept):
    """A favour that a customer is asked for."""

    THING = Thing.ASK
    PERSONAL = ("person", "what")

    kind = models.CharField(max_length=12, choices=Favour.choices)
    person = models.CharField(max_length=200)
    what = models.TextField(max_length=4000)
    asked_on = models.DateField()
    answered_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT, related_name="asks")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(state="asked"), name="growth_ask_one_unanswered"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "-asked_on"])]
        ordering: ClassVar[list[str]] = ["-asked_on", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.account_id}"


class Severity(models.TextChoices):
    CRITICAL = "critical", "Critical"
    MAJOR = "major", "Major"
    MINOR = "minor", "Minor"


class Cause(models.TextChoices):
    """Why something had to be escalated. The list is short so that causes can be counted."""

    REGRESSION = "regression", "Regression"
    CAPACITY = "capacity", "Capacity or speed"
    INTEGRATION = "integration", "Integration"
    CONFIGURATION = "configuration", "Configuration"
    THIRD_PARTY = "third_party", "Third party"
    MISSING_FEATURE = "missing_feature", "Missing feature"
    EXPECTATION = "expectation", "Expectation set wrongly"
    RESPONSE = "response", "Answered too late"
    COMMERCIAL = "commercial", "Contract or invoice"
    OTHER = "other", "Other"


class Function(models.TextChoices):
    """Who of ours is needed."""

    SUPPORT = "support", "Support"
    ENGINEERING = "engineering", "Engineering"
    PRODUCT = "product", "Product"
    SALES = "sales", "Sales"
    SERVICES = "services", "Services"
    FINANCE = "finance", "Finance"
    LEADERSHIP = "leadership", "Leadership"


class Escalation(Kept):
    """Something that one person cannot settle with the customer. `external_id`: the imported one that it takes up."""

    THING = Thing.ESCALATION
    PERSONAL = ("title", "detail")

    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True, max_length=4000)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="escalations"
    )
    owner_label = models.CharField(max_length=200, blank=True)
    functions = models.JSONField(default=list)
    cause = models.CharField(max_length=20, blank=True, choices=Cause.choices)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    external_id = models.CharField(max_length=400, null=True, unique=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account_id", "state"]),
            models.Index(fields=["state", "-opened_at"]),
        ]
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.title


KEPT: tuple[type[Kept], ...] = (
    UseCaseRequest, HandOver, Opportunity, SuccessPlan, Goal, Consent, Ask, Escalation,
)  # fmt: skip
