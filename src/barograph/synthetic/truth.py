"""What was planted, for tests and studies that ask whether it is found again. No table says it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.synthetic import latent
from barograph.synthetic.accounts import SEGMENTS
from barograph.synthetic.company import Block, Company
from barograph.synthetic.contracts import OPEN, OUTCOMES, true_drivers
from barograph.synthetic.deals import contract_ids
from barograph.synthetic.frame import DAY, NEVER, Coded, Floats, Values, arrow
from barograph.synthetic.spec import CompanySpec
from barograph.synthetic.stories import STORIES, Story
from barograph.synthetic.value import MILESTONE, MILESTONE_DAYS, MILESTONES

MEASURES: dict[str, tuple[str, ...]] = {
    "adoption": ("events: distinct users per seat over 28 days",),
    "trend": ("events: change of distinct users against the 28 days twelve weeks before",),
    "depth": ("events: distinct features over 28 days",),
    "engagement": (
        "interactions: business reviews and meetings with executive over 180 days",
        "pulses: executive_engagement",
    ),
    "support": ("tickets: open p1 and p2", "tickets: hours to resolution over 90 days"),
    "payment": ("invoices: days late over 180 days", "invoices: overdue as of"),
    "value": ("goals: share of the way measured, share confirmed", "pulses: outcome_narrative"),
    "sentiment": ("surveys: score (weak)",),
    "sponsor_gone": ("contacts: no active contact with role sponsor", "pulses: sponsor_status"),
    "champion_gone": ("contacts: no active contact with role champion",),
    "milestone_missed": (f"milestones: {MILESTONE} not within {MILESTONE_DAYS} days of accounts.start_date",),
}
NOISE: tuple[str, ...] = (
    "events: quantity of page_view",
    "metrics: page_views",
    "metrics: storage_gb",
    "interactions: webinar",
    "accounts: founded_year",
    "accounts: lead_source",
    "accounts: region",
    "accounts: industry",
    "milestones: " + ", ".join(MILESTONES[1:]),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What decides, and what was decided.

    weights: fall in the log-odds of losing per standard deviation of each driver; effects: rise in the
    log-odds while a thing is so; measures: which columns read each of them; noise: columns that read nothing.
    segment_effects, intercept: complete the log-odds. decided_before_days: how long before the decision the
    drivers counted. milestone, milestone_days: the milestone and the last day that counts.
    renewals: one row per decided dated term (account_id, contract_id, segment, decided_on, outcome, lost,
    p_lost, drawn, every driver and effect as it then stood); `drawn` is false where a story decided, and
    such rows belong in no study. base_rate: mean p_lost of the drawn rows.
    evergreen: one row per cancelled monthly subscription (account_id, cancelled_on, p_lost in that month).
    stories: the told accounts; changed_recently: ids of those that changed in the last two weeks.
    """

    spec: CompanySpec
    weights: dict[str, float]
    effects: dict[str, float]
    segment_effects: dict[str, float]
    intercept: float
    decided_before_days: int
    measures: dict[str, tuple[str, ...]]
    noise: tuple[str, ...]
    milestone: str
    milestone_days: int
    base_rate: float
    renewals: pa.Table
    evergreen: pa.Table
    stories: tuple[Story, ...]
    changed_recently: tuple[str, ...]

    def log_odds(self) -> Floats:
        """The log-odds of losing each row of `renewals`, from its drivers and the planted weights alone."""
        rows = self.renewals
        total = np.full(rows.num_rows, self.intercept)
        total += np.array([self.segment_effects[word] for word in rows["segment"].to_pylist()])
        for name, weight in self.weights.items():
            total -= weight * rows[name].to_numpy()
        for name, rise in self.effects.items():
            total += rise * rows[name].to_numpy().astype(np.float64)
        return total


def truth(spec: CompanySpec) -> Truth:
    """What was planted in the company of this spec. Costs a fraction of generating its tables."""
    renewals, evergreen = [], []
    for block in Company(spec).blocks():
        renewals.append(_renewals(block))
        evergreen.append(_evergreen(block))
    decided = pa.concat_tables(renewals)
    drawn = decided.filter(decided["drawn"])["p_lost"].to_numpy()
    told = STORIES if spec.stories else ()
    return Truth(
        spec=spec,
        weights=dict(latent.WEIGHTS),
        effects={
            "sponsor_gone": latent.SPONSOR_GONE,
            "champion_gone": latent.CHAMPION_GONE,
            "milestone_missed": latent.MILESTONE_MISSED,
        },
        segment_effects=dict(zip(SEGMENTS, latent.SEGMENT_EFFECT, strict=True)),
        intercept=latent.INTERCEPT,
        decided_before_days=latent.MIND_MADE_UP,
        measures=dict(MEASURES),
        noise=NOISE,
        milestone=MILESTONE,
        milestone_days=MILESTONE_DAYS,
        base_rate=float(drawn.mean()),
        renewals=decided,
        evergreen=pa.concat_tables(evergreen),
        stories=told,
        changed_recently=tuple(story.account_id for story in told if story.changed),
    )


def _renewals(block: Block) -> pa.Table:
    terms, profile = block.terms, block.profile
    rows = np.flatnonzero((terms.outcome != OPEN) & (terms.end_day != NEVER))
    account = terms.account[rows]
    day = terms.decided_at[rows] // DAY
    week = latent.week_of(block.spec, day - latent.MIND_MADE_UP)
    ids = contract_ids(profile, terms)
    columns: dict[str, tuple[Values, pa.DataType]] = {
        "account_id": (profile.words(account), pa.string()),
        "contract_id": (np.array([ids[row] for row in rows.tolist()], dtype=object), pa.string()),
        "segment": (Coded(profile.segment[account], SEGMENTS), pa.string()),
        "decided_on": (day, pa.date32()),
        "outcome": (Coded(terms.outcome[rows], OUTCOMES), pa.string()),
        "lost": (terms.outcome[rows] == OUTCOMES.index("churned"), pa.bool_()),
        "p_lost": (terms.p_lost[rows], pa.float64()),
        "drawn": (terms.drawn[rows], pa.bool_()),
    }
    for name, values in true_drivers(block.spec, block.latent, terms).items():
        columns[name] = (values[rows], pa.float64())
    columns["sponsor_gone"] = (block.latent.sponsor_gone[account, week], pa.bool_())
    columns["champion_gone"] = (block.latent.champion_gone[account, week], pa.bool_())
    columns["milestone_missed"] = (block.latent.milestone_missed[account], pa.bool_())
    return _table(columns)


def _evergreen(block: Block) -> pa.Table:
    terms = block.terms
    rows = np.flatnonzero((terms.outcome != OPEN) & (terms.end_day == NEVER))
    return _table(
        {
            "account_id": (block.profile.words(terms.account[rows]), pa.string()),
            "cancelled_on": (terms.decided_at[rows] // DAY, pa.date32()),
            "p_lost": (terms.p_lost[rows], pa.float64()),
        }
    )


def _table(columns: dict[str, tuple[Values, pa.DataType]]) -> pa.Table:
    return pa.table({name: arrow(values, kind) for name, (values, kind) in columns.items()})
