"""Product events and metrics: the readings of adoption and depth, and page views that read nothing.

Users are active in a week by the account's adoption and their own habit; which features they touch follows
depth. Page views come from shared screens without a user: their volume is large, moves, follows the season
and is drawn apart from everything that decides a renewal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile
from barograph.synthetic.activity import Life, happenings
from barograph.synthetic.frame import (
    DAY,
    HOUR,
    SECOND,
    Coded,
    Columns,
    Floats,
    Ints,
    build,
    delays,
    known,
    plain,
    sigmoid,
    stack,
    take,
)
from barograph.synthetic.latent import Latent, season
from barograph.synthetic.spec import CompanySpec

FEATURES = (
    ("records", "record_updated"),
    ("dashboards", "dashboard_viewed"),
    ("search", "search_run"),
    ("comments", "comment_added"),
    ("workflows", "workflow_run"),
    ("reports", "report_shared"),
    ("imports", "import_run"),
    ("alerts", "alert_configured"),
    ("integrations", "integration_synced"),
    ("forecasting", "forecast_built"),
    ("api", "api_called"),
    ("automations", "automation_run"),
)
FEATURE_WORDS = tuple(feature for feature, _ in FEATURES)
EVENT_WORDS = (*(event for _, event in FEATURES), "login", "page_view")
LOGIN, PAGE_VIEW = len(FEATURES), len(FEATURES) + 1
VALUE_EVENTS = ("workflow_run", "report_shared")
"""The critical workflow, and value shared inside the customer."""
INSIGHTS_FEATURES = ("dashboards", "reports", "forecasting")
TEAMS = ("operations", "finance", "sales", "support", "planning", "quality")
LOGIN_SHARE = 0.22
PAGE_ROWS_PER_WEEK = 1.5
HOUR_SHARE = np.array(
    [0, 0, 0, 0, 0, 1, 3, 7, 12, 14, 13, 9, 9, 11, 10, 7, 4, 2, 1, 1, 1, 0, 0, 0], dtype=float
)
DAY_SHARE = np.array([20, 21, 21, 20, 15, 1.5, 1.5])


@dataclass(frozen=True, slots=True)
class Demand:
    """What drives use, n x weeks: licences, logits of being active, share of normal, features in use."""

    seats: Ints
    logits: Floats
    share: Floats
    features: Floats


def demand(spec: CompanySpec, profile: Profile, latent: Latent, lives: Life, seats: Ints) -> Demand:
    """Turn drivers into what users do. New accounts ramp up over eight weeks whatever becomes of them."""
    adoption, depth = latent.paths["adoption"], latent.paths["depth"]
    monday = spec.start_day + 7 * np.arange(spec.weeks)
    age = (monday[None, :] - profile.start_day[:, None]) / 7.0
    ramp = np.clip(0.25 + 0.75 * age / 8.0, 0.25, 1.0)
    logits = 0.10 + profile.usage_offset[:, None] + 1.00 * adoption
    features = np.clip(2.0 + 8.0 * sigmoid(0.2 + 0.95 * depth), 2.0, len(FEATURES)) * np.clip(ramp, 0.5, 1.0)
    licences = np.where(lives.weeks, seats, 0)
    return Demand(licences, logits, season(spec)[None, :] * ramp * lives.cooling, features)


def page_views(spec: CompanySpec, block: int, profile: Profile) -> Floats:
    """Page views per account and week (n x weeks): an appetite that wanders, and the season."""
    rng = spec.rng(block, "page views")
    wander = np.cumsum(rng.normal(0, 0.06, (profile.n, spec.weeks)), axis=1)
    noise = rng.normal(0, 0.15, (profile.n, spec.weeks))
    return np.asarray(np.round(profile.page_appetite[:, None] * np.exp(wander + noise) * season(spec)))


def events(
    spec: CompanySpec,
    block: int,
    profile: Profile,
    latent: Latent,
    lives: Life,
    wanted: Demand,
    views: Floats,
) -> pa.Table:
    """The `events` table of one block, by account; its feed knows nothing of the outage."""
    rng = spec.rng(block, "events")
    used = _user_events(rng, spec, profile, latent, wanted)
    seen = _page_events(rng, spec, profile, lives, views)
    columns = stack([used, seen])
    account, at = plain(columns, "account"), plain(columns, "occurred_at")
    del columns["account"]
    first, last = spec.feed_gap()
    keep = (at < first * DAY) | (at >= last * DAY)
    keep &= (at >= lives.begins[account]) & (at < lives.ends[account])
    columns = take(columns, np.flatnonzero(keep))
    return build("events", known(columns, spec.end_day))


def _user_events(
    rng: np.random.Generator, spec: CompanySpec, profile: Profile, latent: Latent, wanted: Demand
) -> Columns:
    weeks = spec.weeks
    seats = wanted.seats.ravel()
    cell = np.repeat(np.arange(seats.size, dtype=np.int32), seats)
    seat = (np.arange(len(cell)) - np.repeat(np.cumsum(seats) - seats, seats)).astype(np.int32)
    most = wanted.seats.max(axis=1)
    first_user = np.cumsum(most) - most
    user = first_user[cell // weeks].astype(np.int32) + seat
    users = int(most.sum())
    number = np.arange(users) - np.repeat(first_user, most)
    power = number % 5 == 0
    habit = (rng.normal(-0.6, 1.9, users) + 1.6 * power).astype(np.float32)
    odds = wanted.logits.ravel().astype(np.float32)[cell] + habit[user]
    if latent.power_shift.any():
        odds += np.where(power[user], latent.power_shift.ravel().astype(np.float32)[cell], np.float32(0))
    chance = wanted.share.ravel().astype(np.float32)[cell] / (1 + np.exp(-odds))
    active = np.flatnonzero(rng.random(len(cell), dtype=np.float32) < chance)
    density = spec.events_per_user_week
    if density >= 1:
        repeats = 1 + rng.poisson(density - 1, len(active))
    else:
        repeats = (rng.random(len(active)) < density).astype(np.int64)
    rows = np.repeat(active, repeats)
    cell, user = cell[rows], user[rows]
    count = len(rows)
    account = cell // weeks
    breadth = wanted.features.ravel().astype(np.float32)[cell]
    feature = (rng.random(count, dtype=np.float32) ** np.float32(1.6) * breadth).astype(np.int32)
    login = rng.random(count, dtype=np.float32) < LOGIN_SHARE
    team = number % np.minimum(len(TEAMS), 1 + np.repeat(most, most) // 4)
    at = _moments(rng, spec, (cell % weeks).astype(np.int64))
    sold = np.isin(FEATURE_WORDS, INSIGHTS_FEATURES)
    insights = sold[feature] & ~login & profile.two_products[account]
    owner = np.repeat(np.arange(profile.n), most).tolist()
    user_ids = [f"{profile.ids[a]}-u{u:03d}" for a, u in zip(owner, number.tolist(), strict=True)]
    return {
        "account": account.astype(np.int64),
        "account_id": Coded(account, profile.ids),
        "user_id": Coded(user, user_ids),
        "event": Coded(np.where(login, LOGIN, feature), EVENT_WORDS),
        "occurred_at": at,
        "feature": Coded(np.where(login, -1, feature), FEATURE_WORDS),
        "team": Coded(team[user], TEAMS),
        "quantity": np.where(login, 1.0, 1.0 + rng.poisson(1.2, count)),
        "is_power_user": power[user],
        "product": Coded(insights.astype(np.int32), ("core", "insights")),
        "recorded_at": at + delays(rng, count, spec.late_share),
    }


def _page_events(
    rng: np.random.Generator, spec: CompanySpec, profile: Profile, lives: Life, views: Floats
) -> Columns:
    """Page views of shared screens: rows and volume owe nothing to users, adoption or the notice given."""
    rate = PAGE_ROWS_PER_WEEK * min(1.0, spec.events_per_user_week)
    drawn = happenings(rng, spec, lives, np.full(views.shape, rate))
    cells = drawn.account * spec.weeks + drawn.week
    rows = np.bincount(cells, minlength=views.size)[cells]
    count = len(drawn)
    nothing = np.full(count, -1, dtype=np.int32)
    return {
        "account": drawn.account,
        "account_id": profile.words(drawn.account),
        "user_id": Coded(nothing, ()),
        "event": Coded(np.full(count, PAGE_VIEW, dtype=np.int32), EVENT_WORDS),
        "occurred_at": drawn.at,
        "feature": Coded(nothing, FEATURE_WORDS),
        "team": Coded(nothing, TEAMS),
        "quantity": np.round(views.ravel()[cells] / rows),
        "is_power_user": np.zeros(count, dtype=np.bool_),
        "product": Coded(np.zeros(count, dtype=np.int32), ("core", "insights")),
        "recorded_at": drawn.at + delays(rng, count, spec.late_share),
    }


def _moments(rng: np.random.Generator, spec: CompanySpec, week: Ints) -> Ints:
    """A moment in each week, by how the working week is spread over days and hours."""
    weekday_first = (spec.start_day + 3) % 7
    share = np.outer(np.roll(DAY_SHARE, -weekday_first), HOUR_SHARE).ravel()
    edges = np.cumsum(share) / share.sum()
    table = np.searchsorted(edges, (np.arange(8192) + 0.5) / 8192).astype(np.int64) * HOUR
    hour = table[rng.integers(0, 8192, len(week), dtype=np.int32)]
    seconds = rng.integers(0, 3_600, len(week), dtype=np.int32).astype(np.int64) * SECOND
    return (spec.start_day + 7 * week) * DAY + hour + seconds


def metrics(spec: CompanySpec, block: int, profile: Profile, lives: Life, views: Floats) -> pa.Table:
    """The `metrics` table: `page_views` per week (dated on its last day), `storage_gb` every four weeks."""
    rng = spec.rng(block, "metrics")
    size = np.exp(rng.normal(2.5, 0.8, profile.n))
    growth = 1.0 + 0.004 * np.arange(spec.weeks)
    storage = np.round(size[:, None] * growth[None, :] * rng.normal(1, 0.03, views.shape), 1)
    parts = []
    for number, (values, step) in enumerate(((views, 1), (storage, 4))):
        account, week = np.nonzero(lives.weeks & ((np.arange(spec.weeks) + 1) % step == 0)[None, :])
        last_day = spec.start_day + 7 * week + 6
        recorded = last_day * DAY + 23 * HOUR + rng.integers(0, 3_000, len(week)) * SECOND
        inside = (recorded < lives.ends[account]) & (last_day * DAY >= lives.begins[account])
        columns: Columns = {
            "account_id": profile.words(account),
            "date": last_day,
            "metric": Coded(np.full(len(week), number), ("page_views", "storage_gb")),
            "value": values[account, week],
            "recorded_at": recorded,
        }
        parts.append(take(columns, np.flatnonzero(inside)))
    return build("metrics", known(stack(parts), spec.end_day))
