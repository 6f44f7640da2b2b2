"""The data contract as data: every table, its columns, its identity and its clocks.

Names and synonyms are fixed by the published contract (docs/reference/data-contract.md). Importers read
this module to match headers and to coerce values; the signal compiler reads it to know which columns
exist and when a fact of a table happened and became known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal["text", "number", "integer", "boolean", "instant", "day", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the contract.

    `instant` is a moment stored in UTC; `day` is a calendar day in the workspace's time zone; `list` is
    text split at `;`, `,` or `|`. `values` lists the words allowed, empty for any. `synonyms` count in
    this table only; `scale` maps a synonym to the factor that turns it into this column (mrr x 12 is arr).
    `money` columns are converted to the reporting currency. `implies` maps a synonym to what its presence
    says about another column that the source lacks: a `churn_date` is the date of a churn outcome.
    """

    name: str
    type: ColumnType
    required: bool = False
    values: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    scale: tuple[tuple[str, float], ...] = ()
    money: bool = False
    personal: bool = False
    implies: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """A later step in the life of a row: `columns` are known from the moment in `clock` on.

    A source without `recorded_at` knew a ticket's resolution when it was resolved, so such a row is stored
    as one version per phase, each recorded at its own clock.
    """

    clock: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the contract.

    `identity` are the columns that name a row; empty means that the whole row is its identity, and equal
    rows in one file are told apart by their ordinal. `occurred` is when the fact happened. `derived_clock`
    lists the columns tried, in order, for the moment a row without `recorded_at` became known. `one_of`
    are groups of columns of which one must be present in the header and in each row.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...] = ()
    occurred: str | None = None
    derived_clock: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {c.name: c for c in self.columns})

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required)


ACCOUNT_SYNONYMS = (
    "accountExternalId",
    "externalId",
    "companyExternalId",
    "customer_id",
    "company_id",
    "GSID",
    "SFDC Account Id",
)


def _text(
    name: str, *, synonyms: tuple[str, ...] = (), values: tuple[str, ...] = (), personal: bool = False
) -> Column:
    return Column(name, "text", synonyms=synonyms, values=values, personal=personal)


def _id(name: str, *, required: bool = False) -> Column:
    return Column(name, "text", required=required)


def _number(name: str, *, required: bool = False) -> Column:
    return Column(name, "number", required=required)


def _money(name: str, **more: object) -> Column:
    return Column(name, "number", money=True, **more)  # type: ignore[arg-type]


def _instant(name: str, *, required: bool = False, synonyms: tuple[str, ...] = ()) -> Column:
    return Column(name, "instant", required=required, synonyms=synonyms)


def _day(name: str, *, required: bool = False, synonyms: tuple[str, ...] = ()) -> Column:
    return Column(name, "day", required=required, synonyms=synonyms)


def _flag(name: str, *, synonyms: tuple[str, ...] = ()) -> Column:
    return Column(name, "boolean", synonyms=synonyms)


ACCOUNT = Column("account_id", "text", required=True, synonyms=ACCOUNT_SYNONYMS)
RECORDED = _instant("recorded_at")

ACCOUNTS = Table(
    "accounts",
    "an account as known at a time",
    (
        ACCOUNT,
        _text("name"),
        _text("parent_account_id"),
        _text("segment"),
        _text("plan"),
        _text("industry"),
        _text("region"),
        _text("csm_email", synonyms=("OwnerUserAccount", "csm", "owner", "account_owner")),
        _text("am_email"),
        _day("start_date"),
        _text("lifecycle_stage", synonyms=("phase", "stage")),
        Column("domains", "list"),
        _flag("is_internal"),
        _text("touch_model", values=("high_touch", "pooled", "tech_touch")),
        RECORDED,
    ),
    identity=("account_id",),
    derived_clock=("start_date",),
)

CONTRACTS = Table(
    "contracts",
    "one term of a subscription",
    (
        _id("contract_id", required=True),
        ACCOUNT,
        _day("start_date", required=True),
        _day("end_date", synonyms=("NextRenewalDate", "License End Date", "toDate", "contract_end_date")),
        _money(
            "arr",
            synonyms=("TotalContractAmount", "ACV", "annual_contract_value", "mrr"),
            scale=(("mrr", 12.0),),
        ),
        _text("currency"),
        Column("seats", "number", synonyms=("LicenseCount", "seats_purchased", "quantity")),
        _text("product"),
        _text("plan"),
        _flag("auto_renew", synonyms=("autoRenews",)),
        Column("notice_days", "number", synonyms=("noticePeriod",)),
        _number("term_months"),
        _instant("signed_at"),
        _instant("cancelled_at"),
        RECORDED,
    ),
    identity=("contract_id",),
    occurred="start_date",
    derived_clock=("signed_at", "start_date"),
    phases=(Phase("cancelled_at", ("cancelled_at",)),),
)

OUTCOMES = Table(
    "outcomes",
    "a renewal decision",
    (
        ACCOUNT,
        _text("contract_id"),
        Column("outcome", "text", required=True, values=("renewed", "expanded", "downsold", "churned")),
        Column(
            "decided_at",
            "instant",
            synonyms=("churnedAt", "churn_date"),
            implies=(("churnedAt", "outcome", "churned"), ("churn_date", "outcome", "churned")),
        ),
        _instant("effective_at"),
        _money("arr_before"),
        _money("arr_after"),
        _text("currency"),
        _text("reason"),
        RECORDED,
    ),
    identity=("account_id", "contract_id", "effective_at", "decided_at"),
    occurred="decided_at",
    derived_clock=("decided_at", "effective_at"),
    one_of=(("decided_at", "effective_at"),),
)

EVENTS = Table(
    "events",
    "something a user did in the product",
    (
        ACCOUNT,
        _text("user_id"),
        Column("event", "text", required=True),
        _instant("occurred_at", required=True),
        _text("feature"),
        _text("team"),
        Column("quantity", "number"),
        _flag("is_power_user"),
        RECORDED,
    ),
    occurred="occurred_at",
    derived_clock=("occurred_at",),
)

METRICS = Table(
    "metrics",
    "a measurement already aggregated",
    (
        ACCOUNT,
        _day("date", required=True),
        Column("metric", "text", required=True),
        _number("value", required=True),
        RECORDED,
    ),
    identity=("account_id", "date", "metric"),
    occurred="date",
    derived_clock=("date",),
)

TICKETS = Table(
    "tickets",
    "a support case",
    (
        _id("ticket_id", required=True),
        ACCOUNT,
        _text("contact_id"),
        _instant("opened_at", required=True),
        _instant("first_response_at"),
        _instant("resolved_at"),
        _text("priority", values=("p1", "p2", "p3", "p4")),
        _text("kind"),
        _instant("escalated_at"),
        Column("reopened", "number"),
        _number("csat"),
        _text("subject", personal=True),
        RECORDED,
    ),
    identity=("ticket_id",),
    occurred="opened_at",
    derived_clock=("opened_at",),
    phases=(
        Phase("first_response_at", ("first_response_at",)),
        Phase("escalated_at", ("escalated_at",)),
        Phase("resolved_at", ("resolved_at", "csat", "reopened")),
    ),
)

CONTACTS = Table(
    "contacts",
    "a person at the account, as known at a time",
    (
        _id("contact_id", required=True),
        ACCOUNT,
        _text("name", personal=True),
        _text("email", personal=True),
        _text("title", personal=True),
        _text("role", values=("sponsor", "champion", "economic_buyer", "admin", "power_user", "user")),
        _text("status", values=("active", "at_risk", "departed")),
        _day("valid_from"),
        _day("valid_to"),
        RECORDED,
    ),
    identity=("contact_id",),
    occurred="valid_from",
    derived_clock=("valid_from",),
    phases=(Phase("valid_to", ("valid_to",)),),
)

INTERACTIONS = Table(
    "interactions",
    "a touch with people",
    (
        _id("interaction_id", required=True),
        ACCOUNT,
        _instant("occurred_at", required=True),
        _text(
            "kind", values=("meeting", "call", "email", "business_review", "training", "webinar", "onsite")
        ),
        _text("direction"),
        Column("attendees", "list"),
        _flag("executive"),
        _flag("attended"),
        _number("response_hours"),
        _text("notes", personal=True),
        RECORDED,
    ),
    identity=("interaction_id",),
    occurred="occurred_at",
    derived_clock=("occurred_at",),
)

SURVEYS = Table(
    "surveys",
    "an answer",
    (
        _id("response_id", required=True),
        ACCOUNT,
        _text("contact_id"),
        _instant("answered_at", required=True),
        _instant("sent_at"),
        _text("kind", values=("nps", "csat", "ces", "relationship", "transactional")),
        _number("score", required=True),
        _number("scale_min"),
        _number("scale_max"),
        _text("comment", personal=True),
        RECORDED,
    ),
    identity=("response_id",),
    occurred="answered_at",
    derived_clock=("answered_at",),
)

INVOICES = Table(
    "invoices",
    "an invoice",
    (
        _id("invoice_id", required=True),
        ACCOUNT,
        _instant("issued_at", required=True),
        _instant("due_at", required=True),
        _instant("paid_at"),
        _money("amount"),
        _text("currency"),
        _number("failures"),
        RECORDED,
    ),
    identity=("invoice_id",),
    occurred="issued_at",
    derived_clock=("issued_at",),
    phases=(Phase("paid_at", ("paid_at",)),),
)

MILESTONES = Table(
    "milestones",
    "a milestone reached",
    (ACCOUNT, Column("milestone", "text", required=True), _instant("reached_at", required=True), RECORDED),
    identity=("account_id", "milestone"),
    occurred="reached_at",
    derived_clock=("reached_at",),
)

OPPORTUNITIES = Table(
    "opportunities",
    "an expansion or renewal deal",
    (
        _id("opportunity_id", required=True),
        ACCOUNT,
        _text("kind", values=("renewal", "expansion", "cross_sell")),
        _text("stage"),
        _money("amount"),
        _text("currency"),
        _instant("created_at", required=True),
        _instant("closed_at"),
        _flag("won"),
        RECORDED,
    ),
    identity=("opportunity_id",),
    occurred="created_at",
    derived_clock=("created_at",),
    phases=(Phase("closed_at", ("closed_at", "won", "stage")),),
)

PULSES = Table(
    "pulses",
    "the account manager's monthly judgement",
    (
        ACCOUNT,
        _instant("recorded_at", required=True),
        _text("author_email"),
        _text("sponsor_status", values=("active", "at_risk", "missing"), synonyms=("CSM Pulse", "sentiment")),
        _text("executive_engagement", values=("active", "lapsed", "none")),
        _text("outcome_narrative", values=("defensible", "in_development", "missing")),
        _text("reason", personal=True),
        # The tier its author wants shown; only a counter-signed one lifts (core/overlay.py).
        _text("wanted_tier", values=("at_risk", "watch", "healthy", "growth")),
        _text("countersigned_by"),
        _instant("countersigned_at"),
    ),
    identity=("account_id", "recorded_at"),
    occurred="recorded_at",
    # A leader's counter-signature comes after the pulse and counts from then.
    phases=(Phase("countersigned_at", ("countersigned_by", "countersigned_at")),),
)

ESCALATIONS = Table(
    "escalations",
    "an escalation",
    (
        _id("escalation_id", required=True),
        ACCOUNT,
        _instant("opened_at", required=True),
        _instant("resolved_at"),
        _text("severity"),
        _text("owner_email"),
        _text("cause"),
        Column("teams", "list"),
        RECORDED,
    ),
    identity=("escalation_id",),
    occurred="opened_at",
    derived_clock=("opened_at",),
    phases=(Phase("resolved_at", ("resolved_at", "cause")),),
)

GOALS = Table(
    "goals",
    "a customer goal, as known at a time",
    (
        _id("goal_id", required=True),
        ACCOUNT,
        _text("title"),
        _number("baseline"),
        _number("target"),
        _number("measured"),
        _text("unit"),
        _day("due_on"),
        _text("confirmed_by", personal=True),
        _instant("confirmed_at"),
        RECORDED,
    ),
    identity=("goal_id",),
    derived_clock=("confirmed_at",),
)

REFERENCES = Table(
    "references",
    "an advocacy act or ask",
    (
        ACCOUNT,
        _instant("occurred_at", required=True),
        _text("kind", values=("reference_call", "case_study", "review", "event", "referral")),
        _flag("accepted"),
        RECORDED,
    ),
    occurred="occurred_at",
    derived_clock=("occurred_at",),
)

LEGACY_SCORES = Table(
    "legacy_scores",
    "a score from an older system",
    (
        ACCOUNT,
        _day("as_of", required=True),
        _number("score", required=True),
        _number("scale_min"),
        _number("scale_max"),
        _text("higher_is", values=("better", "worse")),
        _text("source"),
        RECORDED,
    ),
    identity=("account_id", "as_of", "source"),
    occurred="as_of",
    derived_clock=("as_of",),
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        ACCOUNTS,
        CONTRACTS,
        OUTCOMES,
        EVENTS,
        METRICS,
        TICKETS,
        CONTACTS,
        INTERACTIONS,
        SURVEYS,
        INVOICES,
        MILESTONES,
        OPPORTUNITIES,
        PULSES,
        ESCALATIONS,
        GOALS,
        REFERENCES,
        LEGACY_SCORES,
    )
}
