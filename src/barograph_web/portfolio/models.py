"""Accounts as the application knows them, what each published week said of them, and what people add to it.

Account, AccountFact, Week, AccountWeek, Standing and Projection are a projection of the lake that can be rebuilt at
any time (scoring/projection.py writes it). Note, GuestGrant and SavedView are people's and stay.
"""

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
    segment = models.CharField(max_length=200, null=True)
    plan = models.CharField(max_length=200, null=True)
    lifecycle = models.CharField(max_length=60, null=True)
    csm_email = models.CharField(max_length=254, null=True, db_index=True)
    am_email = models.CharField(max_length=254, null=True, db_index=True)
    parent_account_id = models.CharField(max_length=400, null=True, db_index=True)
    arr = models.FloatField(null=True)
    renewal_on = models.DateField(null=True)
    opt_out_on = models.DateField(null=True)
    notice_given = models.BooleanField(null=True)
    last_touch_on = models.DateField(null=True)
    is_current = models.BooleanField(default=True)
    """False once the account is no longer scored; its history stays."""

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["segment"]),
            models.Index(fields=["plan"]),
            models.Index(fields=["name", "account_id"]),
        ]
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
    """One row of the raw tables as it stood when the week was projected: the newest per account and kind.

    `account_id` is the account's own: where products are scored, that of the account they belong to. `data` holds
    the columns that the data contract names, instants as ISO 8601 in UTC. `digest` tells whether it changed.
    """

    account_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=20, choices=FactKind.choices)
    key = models.CharField(max_length=400)
    on = models.DateField(null=True)
    digest = models.CharField(max_length=64)
    data = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account_id", "kind", "key"], name="portfolio_fact_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account_id", "kind", "-on"])]


class Tier(models.TextChoices):
    AT_RISK = "at_risk", "At Risk"
    WATCH = "watch", "Watch"
    HEALTHY = "healthy", "Healthy"
    GROWTH = "growth", "Growth"
    INSUFFICIENT = "insufficient", "Insufficient data"


WORST_FIRST = (Tier.AT_RISK, Tier.INSUFFICIENT, Tier.WATCH, Tier.HEALTHY, Tier.GROWTH)
"""Tiers in the order of `Standing.tier_order`."""


class WeekManager(models.Manager["Week"]):
    """The weeks that pages show; a week that is being brought in is not among them."""

    def get_queryset(self) -> models.QuerySet[Week]:
        return super().get_queryset().filter(is_shown=True)


class Week(models.Model):
    """One published week. `generation` is the lake's that published it."""

    as_of = models.DateField()
    model_version = models.CharField(max_length=120)
    model_title = models.CharField(max_length=200)
    label = models.CharField(max_length=30)
    outcomes = models.IntegerField(null=True)
    filled_in = models.BooleanField()
    revision = models.IntegerField()
    generation = models.BigIntegerField()
    projected_at = models.DateTimeField()
    is_shown = models.BooleanField(default=True)
    totals = models.JSONField(default=dict)
    """Over all accounts, tier -> [accounts, revenue, accounts whose revenue is unknown]."""
    documents_from = models.CharField(max_length=64, blank=True)
    """What the standings' documents were made from, so that equal ones are not made again; empty without any."""
    head = models.JSONField(default=dict)
    """What the review says of the whole portfolio that week: warnings, tiers, movement, alarm, roll-ups. Weeks with
    standings have it."""

    objects: ClassVar[WeekManager] = WeekManager()
    every = models.Manager()

    class Meta:
        base_manager_name = "every"
        default_manager_name = "objects"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["as_of"], condition=models.Q(is_shown=True), name="portfolio_week_shown_once"
            )
        ]
        ordering: ClassVar[list[str]] = ["-as_of"]

    def __str__(self) -> str:
        return self.as_of.isoformat()


class AccountWeek(models.Model):
    """What was published about one account in one week; the row is narrow because there are many."""

    week = models.ForeignKey(Week, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="weeks", db_index=False)
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    computed_tier = models.CharField(max_length=12, choices=Tier.choices)
    arr = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["week", "account"], name="portfolio_account_week_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["account", "week"])]


class Standing(models.Model):
    """Where an account stands in one of the newest weeks (two are kept), with all that a page shows of it.

    Ask for the standings of a week, never for an account's alone: those of a week that is being brought in are here
    as well. `detail` is the account's part of the `barograph.explain/1` document; `review` its entry of
    `barograph.review/1`. The columns beside them are what lists show, filter and sort by; lists leave the documents
    out (`defer`), which are long.
    """

    week = models.ForeignKey(Week, on_delete=models.CASCADE, related_name="standings", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="standings")
    score = models.FloatField(null=True)
    tier = models.CharField(max_length=12, choices=Tier.choices)
    tier_order = models.SmallIntegerField()
    """Worst first: At Risk 0, insufficient data 1, Watch 2, Healthy 3, Growth 4. Unknown is not healthy, so it stands
    before Watch, and it is not At Risk."""
    previous_tier = models.CharField(max_length=12, null=True)
    tier_since = models.DateField()
    previous_score = models.FloatField(null=True)
    change_4_weeks = models.FloatField(null=True)
    """Score now less the score four weeks ago; null where either is unknown."""
    priority = models.FloatField(null=True)
    rank = models.IntegerField(null=True)
    moved = models.CharField(max_length=16, blank=True)
    """worse, newly_healthy, growth, better, score_lost, score_found, moved_by_model, new; empty: did not move."""
    about_to_turn = models.BooleanField(default=False)
    coverage = models.FloatField(null=True)
    arr = models.FloatField(null=True)
    opt_out_on = models.DateField(null=True)
    history = models.JSONField(default=list)
    """Scores of twelve weeks, oldest first; null where there is none."""
    review = models.JSONField()
    detail = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["week", "account"], name="portfolio_standing_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["week", "moved"]),
            models.Index(fields=["week", "rank"]),
            models.Index(fields=["week", "-priority"]),
            models.Index(fields=["week", "tier_order", "-arr", "account"]),
            models.Index(fields=["week", "score", "account"]),
            models.Index(fields=["week", "change_4_weeks", "account"]),
            models.Index(fields=["week", "arr", "account"]),
            models.Index(fields=["week", "opt_out_on", "account"]),
        ]


class Projection(models.Model):
    """One time that published weeks were brought in. The newest row says which state of the lake pages show."""

    generation = models.BigIntegerField()
    at = models.DateTimeField()
    weeks = models.IntegerField()
    accounts = models.IntegerField()
    facts_from = models.CharField(max_length=64, blank=True)
    """What the facts were read from, so that unchanged tables are not read again."""

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]


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
