"""What people say about accounts: pulses, rulings on them, planned context, verdicts on the score.

These rows are added, never edited; only text that names people can be erased. Where two people may write at once, each
row but the first names the one that it replaces, and two cannot replace the same one. PulseState and Grade are derived
from them and from imported pulses, and can be rebuilt at any time (state.py, grading.py).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from barograph_web.portfolio.models import Tier


class Sponsor(models.TextChoices):
    ACTIVE = "active", "Active"
    AT_RISK = "at_risk", "At risk"
    MISSING = "missing", "Missing"


class Executives(models.TextChoices):
    ACTIVE = "active", "Active"
    LAPSED = "lapsed", "Lapsed"
    NONE = "none", "None"


class Narrative(models.TextChoices):
    DEFENSIBLE = "defensible", "Defensible"
    IN_DEVELOPMENT = "in_development", "In development"
    MISSING = "missing", "Missing"


class Direction(models.TextChoices):
    """How a pulse stands to the numbers."""

    NONE = "", "Agrees with the numbers"
    BETTER = "better", "Better than the numbers"
    WORSE = "worse", "Worse than the numbers"


class Pulse(models.Model):
    """One person's judgement of one account at one instant. `given_at` is its `recorded_at` in the raw table.

    `score`, `tier` (that of the numbers alone) and `evidence` are what was published when it was given. `given_for` is
    whom the author stood in for.
    """

    account_id = models.CharField(max_length=400)
    given_at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="pulses"
    )
    author_label = models.CharField(max_length=200)
    given_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    given_for_label = models.CharField(max_length=200, blank=True)
    sponsor_status = models.CharField(max_length=16, choices=Sponsor.choices)
    executive_engagement = models.CharField(max_length=16, choices=Executives.choices)
    outcome_narrative = models.CharField(max_length=16, choices=Narrative.choices)
    wanted_tier = models.CharField(max_length=12, choices=Tier.choices, blank=True)
    """The better tier that the author asks to be shown; a leader's counter-signature gives it force."""
    direction = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    reason = models.TextField(blank=True, max_length=4000)
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices, blank=True)
    evidence = models.JSONField(default=dict)
    expires_on = models.DateField()
    """The first day on which it has no force any more."""
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(replaces=None), name="pulses_pulse_first_once"
            ),
            models.UniqueConstraint(fields=["account_id", "given_at"], name="pulses_pulse_instant_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["author", "-given_at"])]
        ordering: ClassVar[list[str]] = ["-given_at", "-pk"]

    def __str__(self) -> str:
        return f"pulse of {self.account_id}, {self.given_at:%Y-%m-%d}"


class Finding(models.TextChoices):
    PULSE = "pulse", "The pulse is right"
    NUMBERS = "numbers", "The numbers stand"


class Ruling(models.Model):
    """A leader decided between a pulse and the numbers. One ends it; a newer pulse begins anew.

    The pulse is named by account and instant, so that imported ones can be ruled on. `lift_until`: the day on which a
    counter-signed lift loses its force; null where nothing was lifted.
    """

    account_id = models.CharField(max_length=400)
    given_at = models.DateTimeField()
    pulse = models.OneToOneField(Pulse, null=True, on_delete=models.PROTECT, related_name="ruling")
    finding = models.CharField(max_length=8, choices=Finding.choices)
    lift_until = models.DateField(null=True)
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account_id", "given_at"], name="pulses_ruling_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.get_finding_display()}"


class Publication(models.Model):
    """A pulse, or the counter-signature of one, that is in the workspace's raw table since an import."""

    pulse = models.OneToOneField(Pulse, null=True, on_delete=models.PROTECT, related_name="publication")
    ruling = models.OneToOneField(Ruling, null=True, on_delete=models.PROTECT, related_name="publication")
    import_id = models.CharField(max_length=64)
    at = models.DateTimeField()


class PulseState(models.Model):
    """Where one account stands: its newest pulse, from the form or imported, and when the next one is due. Derived.

    `email` is the address of who gives it by the settings. `every_days`, `valid_days` and `lift_days` are what the
    overlay rule of the model in force says of this account (lift_days null: its pulses lift nothing). `first_on` is
    the day on which the account was first asked about, `due_on` when the next pulse is due, `expires_on` the first
    day on which the newest has no force any more (null: there is none). `numbers_tier` is the computed tier of the
    newest week, `speaks_for` the tier that the newest pulse speaks for, `direction` how it stands to the numbers.
    `is_settled`: a leader has ruled on it.
    """

    account_id = models.CharField(max_length=400, unique=True)
    email = models.CharField(max_length=254, blank=True, db_index=True)
    every_days = models.PositiveIntegerField()
    valid_days = models.PositiveIntegerField()
    lift_days = models.PositiveIntegerField(null=True)
    first_on = models.DateField()
    due_on = models.DateField()
    expires_on = models.DateField(null=True)
    pulse = models.ForeignKey(Pulse, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField(null=True)
    author_email = models.CharField(max_length=254, blank=True)
    sponsor_status = models.CharField(max_length=16, blank=True)
    executive_engagement = models.CharField(max_length=16, blank=True)
    outcome_narrative = models.CharField(max_length=16, blank=True)
    wanted_tier = models.CharField(max_length=12, blank=True)
    speaks_for = models.CharField(max_length=12, choices=Tier.choices, blank=True)
    numbers_tier = models.CharField(max_length=12, choices=Tier.choices, blank=True)
    direction = models.CharField(max_length=8, choices=Direction.choices, blank=True)
    is_settled = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_on", "account_id"]),
            models.Index(fields=["direction", "is_settled"]),
        ]

    def __str__(self) -> str:
        return f"pulse of {self.account_id}, due {self.due_on}"


class ContextKind(models.TextChoices):
    MIGRATION = "migration", "Migration"
    SHUTDOWN = "shutdown", "Shutdown"
    MERGER = "merger", "Merger or reorganisation"
    OTHER = "other", "Something else planned"


class PlannedContext(models.Model):
    """Something planned at the customer that the numbers are to be read beside, until a day.

    A correction is another row that replaces this one; `is_withdrawal` takes it back.
    """

    account_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=12, choices=ContextKind.choices)
    words = models.TextField(max_length=2000)
    begins_on = models.DateField()
    ends_on = models.DateField()
    is_withdrawal = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("begins_on")), name="pulses_context_ends_after_it_begins"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "ends_on"])]
        ordering: ClassVar[list[str]] = ["ends_on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.account_id} until {self.ends_on}"


class Claim(models.TextChoices):
    CONFIRMED = "confirmed", "Confirmed"
    REJECTED = "rejected", "Rejected"


class Cause(models.TextChoices):
    """Why the score's claim is right, or is not."""

    SEEN = "seen", "I see it at the customer too"
    TOLD = "told", "The customer told us so"
    DATA_WRONG = "data_wrong", "The data are wrong or late"
    PLANNED = "planned", "It was planned, and will pass"
    SEASON = "season", "It is the season"
    OTHER_PLACE = "other_place", "They use or say it where we do not measure"
    PEOPLE = "people", "The people tell another story"
    MODEL = "model", "The model weighs this wrongly for such accounts"
    OTHER = "other", "Something else"


CAUSES_OF = {
    Claim.CONFIRMED: (Cause.SEEN, Cause.TOLD, Cause.OTHER),
    Claim.REJECTED: (
        Cause.DATA_WRONG, Cause.PLANNED, Cause.SEASON, Cause.OTHER_PLACE, Cause.PEOPLE, Cause.MODEL,
        Cause.OTHER,
    ),
}  # fmt: skip
"""Reasons that go with each claim."""


class HypothesisVerdict(models.Model):
    """The score is a hypothesis: somebody confirmed or rejected what it claimed of an account in a week (P6).

    `tier` is the one that was shown; `evidence` what the page said that day. One chain per account and week.
    """

    account_id = models.CharField(max_length=400)
    week = models.DateField()
    claim = models.CharField(max_length=10, choices=Claim.choices)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    words = models.TextField(blank=True, max_length=4000)
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    model_version = models.CharField(max_length=120)
    evidence = models.JSONField(default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="score_verdicts"
    )
    author_label = models.CharField(max_length=200)
    at = models.DateTimeField()
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["account_id", "week"], condition=Q(replaces=None), name="pulses_verdict_first_once"
            )
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["claim", "-week"]),
            models.Index(fields=["account_id", "-week"]),
        ]
        ordering: ClassVar[list[str]] = ["-week", "-pk"]

    def __str__(self) -> str:
        return f"{self.account_id}, week of {self.week}: {self.get_claim_display()}"


class Grade(models.Model):
    """How somebody's calls fared: the document `barograph.judgement/1`, for them and their lead only. Derived."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grade")
    at = models.DateTimeField()
    document = models.JSONField()
