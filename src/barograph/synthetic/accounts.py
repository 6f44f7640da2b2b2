"""Who the accounts are: traits that do not change, and the `accounts` table with its versions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.synthetic.frame import (
    DAY,
    HOUR,
    NEVER,
    Bools,
    Coded,
    Columns,
    Floats,
    Ints,
    add_months,
    build,
    known,
    office_hours,
    stack,
    take,
    texts,
)
from barograph.synthetic.names import company_names, domains, staff
from barograph.synthetic.spec import BLOCK, CompanySpec

SEGMENTS = ("enterprise", "mid_market", "smb")
SEGMENT_SHARE = (0.15, 0.30, 0.55)
PLANS = ("enterprise", "professional", "essential")
REGIONS = ("EMEA", "NA", "APAC", "LATAM")
INDUSTRIES = (
    "manufacturing",
    "retail",
    "software",
    "financial services",
    "healthcare",
    "logistics",
    "media",
    "energy",
)
LEAD_SOURCES = ("partner", "event", "inbound", "outbound", "referral")
TOUCH_MODELS = ("high_touch", "pooled", "tech_touch")
CURRENCIES = ("EUR", "USD", "GBP")
STAGES = ("onboarding", "adopting", "established", "churned")
SEATS = (44.0, 18.0, 8.0)
"""Median seats per segment."""
PRICE = (1_900.0, 1_500.0, 1_150.0)
"""Median recurring revenue per seat and year."""


@dataclass(slots=True)
class Profile:
    """Traits of one block of n accounts, one array element each; days are day numbers, categories positions.

    `term_months` 0 is an evergreen monthly subscription. `parent` is the position of the parent account in
    the block, -1 for none. `quiet` accounts leave no facts but their contract, `internal` ones have no
    contract. `usage_offset` is each account's own normal level of use in logits, and `page_appetite` its
    page views per week, which has nothing to do with its health.
    """

    ids: list[str]
    names: list[str]
    domains: list[str]
    segment: Ints
    industry: Ints
    region: Ints
    lead_source: Ints
    founded_year: Floats
    touch: Ints
    currency: Ints
    parent: Ints
    start_day: Ints
    term_months: Ints
    notice_days: Ints
    auto_renew: Bools
    seats: Ints
    price: Floats
    two_products: Bools
    internal: Bools
    quiet: Bools
    csm: Ints
    am: Ints
    usage_offset: Floats
    page_appetite: Floats
    webinar_appetite: Floats

    @property
    def n(self) -> int:
        return len(self.ids)

    def words(self, accounts: Ints) -> Coded:
        """The `account_id` column for facts of the accounts at these positions."""
        return Coded(accounts, self.ids)


def draw(spec: CompanySpec, block: int) -> Profile:
    """The accounts of one block: two thirds were customers before the window, the others join during it."""
    rng = spec.rng(block, "profile")
    aside = spec.rng(block, "what decides nothing")
    first = block * BLOCK
    n = min(BLOCK, spec.accounts - first)
    numbers = np.arange(first, first + n, dtype=np.int64)
    segment = rng.choice(3, n, p=SEGMENT_SHARE).astype(np.int64)
    earlier = rng.random(n) < 0.68
    start_day = np.where(
        earlier,
        spec.start_day - rng.integers(20, 5 * 365, n),
        rng.integers(spec.start_day, spec.end_day - 14, n),
    )
    start_day = _early_in_month(start_day)
    seats = np.maximum(2, np.round(np.take(SEATS, segment) * rng.lognormal(0, 0.45, n))).astype(np.int64)
    evergreen = (segment == 2) & (rng.random(n) < 0.14)
    term = rng.choice([12, 24, 36], n, p=[0.86, 0.08, 0.06])
    teams = max(6, spec.accounts // 35)
    names = company_names(numbers, spec.seed)
    return Profile(
        ids=[f"A{number:07d}" for number in numbers],
        names=names,
        domains=domains(names),
        segment=segment,
        industry=aside.integers(0, len(INDUSTRIES), n),
        region=aside.choice(len(REGIONS), n, p=[0.45, 0.3, 0.17, 0.08]),
        lead_source=aside.integers(0, len(LEAD_SOURCES), n),
        founded_year=aside.integers(1950, 2022, n).astype(np.float64),
        touch=np.where(rng.random(n) < 0.88, segment, np.minimum(segment + 1, 2)),
        currency=rng.choice(len(CURRENCIES), n, p=[0.84, 0.09, 0.07]),
        parent=_families(rng, n),
        start_day=start_day,
        term_months=np.where(evergreen, 0, term).astype(np.int64),
        notice_days=np.where(evergreen, 30, rng.choice([30, 60, 90], n, p=[0.45, 0.35, 0.20])).astype(
            np.int64
        ),
        auto_renew=rng.random(n) < 0.6,
        seats=seats,
        price=np.take(PRICE, segment) * rng.lognormal(0, 0.18, n),
        two_products=(rng.random(n) < np.take([0.3, 0.16, 0.05], segment)) & ~evergreen,
        internal=np.zeros(n, dtype=np.bool_),
        quiet=np.zeros(n, dtype=np.bool_),
        csm=segment + 3 * rng.integers(0, teams, n),
        am=rng.integers(0, teams, n),
        usage_offset=rng.normal(0, 0.4, n),
        page_appetite=rng.lognormal(6.0, 0.7, n),
        webinar_appetite=rng.gamma(0.8, 0.04, n),
    )


def _early_in_month(days: Ints) -> Ints:
    """Move days after the 28th back to it, so that every month has the anniversary."""
    dates = days.view("datetime64[D]")
    of_month = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    return np.asarray(days - np.maximum(of_month - 27, 0), dtype=np.int64)


def _families(rng: np.random.Generator, n: int) -> Ints:
    """Two accounts in a hundred are the parent of the two accounts that follow them."""
    parent = np.full(n, -1, dtype=np.int64)
    heads = np.flatnonzero(rng.random(n) < 0.02)
    for head in heads.tolist():
        if head + 2 < n and (parent[head : head + 3] == -1).all() and not np.isin(parent, [head]).any():
            parent[head + 1 : head + 3] = head
    return parent


def staff_of(spec: CompanySpec) -> tuple[list[str], list[str]]:
    """Addresses of the CSMs (three segments take turns) and of the account managers."""
    teams = max(6, spec.accounts // 35)
    count = min(3 * teams, 6_000)
    return staff("csm", count, spec.seed), staff("am", min(teams, 2_000), spec.seed)


def table(spec: CompanySpec, block: int, profile: Profile, lost_day: Ints) -> pa.Table:
    """The `accounts` table: a row when signed, at each later stage, when the CSM changes and when lost.

    `lost_day` is the first day on which the account is no longer a customer, `NEVER` while it is one.
    """
    rng = spec.rng(block, "accounts")
    n = profile.n
    csms, ams = staff_of(spec)
    new_csm = np.where(rng.random(n) < 0.25, rng.integers(spec.start_day, spec.end_day, n), NEVER)
    signed = office_hours(rng, profile.start_day - rng.integers(3, 30, n))
    gone = np.where(lost_day == NEVER, np.iinfo(np.int64).max, lost_day)
    new_csm = np.where((new_csm > profile.start_day) & (new_csm < gone), new_csm, NEVER)
    second_csm = (profile.csm + 3) % len(csms)
    base: Columns = {
        "account_id": profile.words(np.arange(n)),
        "name": texts(profile.names),
        "parent_account_id": Coded(profile.parent, profile.ids),
        "segment": Coded(profile.segment, SEGMENTS),
        "plan": Coded(profile.segment, PLANS),
        "industry": Coded(profile.industry, INDUSTRIES),
        "region": Coded(profile.region, REGIONS),
        "am_email": Coded(profile.am % len(ams), ams),
        "start_date": profile.start_day,
        "domains": texts(profile.domains),
        "is_internal": profile.internal,
        "touch_model": Coded(profile.touch, TOUCH_MODELS),
        "founded_year": profile.founded_year,
        "lead_source": Coded(profile.lead_source, LEAD_SOURCES),
    }
    adopting = profile.start_day + 90
    established = add_months(profile.start_day, 12)
    moments = [
        signed,
        np.where(adopting < gone, adopting * DAY + 6 * HOUR, NEVER),
        np.where(established < gone, established * DAY + 6 * HOUR, NEVER),
        np.where(new_csm == NEVER, NEVER, new_csm * DAY + 9 * HOUR),
        np.where(lost_day == NEVER, NEVER, lost_day * DAY + 7 * HOUR),
    ]
    parts = []
    for number, moment in enumerate(moments):
        rows = np.flatnonzero(moment != NEVER)
        at = moment[rows]
        part = take(base, rows)
        stage = np.full(len(rows), 0)
        for later, name in ((1, 1), (2, 2), (4, 3)):
            stage = np.where((moments[later][rows] != NEVER) & (moments[later][rows] <= at), name, stage)
        if number == 0:
            stage[:] = 0
        moved = (moments[3][rows] != NEVER) & (moments[3][rows] <= at)
        part["lifecycle_stage"] = Coded(stage, STAGES)
        part["csm_email"] = Coded(np.where(moved, second_csm[rows], profile.csm[rows] % len(csms)), csms)
        part["recorded_at"] = at
        parts.append(part)
    return build("accounts", known(stack(parts), spec.end_day))
