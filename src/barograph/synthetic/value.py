"""Goals and milestones: readings of the value driver, and the one milestone that matters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile
from barograph.synthetic.activity import Life
from barograph.synthetic.frame import (
    DAY,
    HOUR,
    NEVER,
    Bools,
    Coded,
    Columns,
    Ints,
    build,
    known,
    office_hours,
    plain,
    stack,
    take,
    texts,
)
from barograph.synthetic.latent import Latent, week_of
from barograph.synthetic.spec import CompanySpec

MILESTONE = "first_workflow_live"
MILESTONE_DAYS = 45
"""Reaching MILESTONE on day 45 or before is what counts; day 46 is too late."""
MILESTONES = (MILESTONE, "data_imported", "sso_configured", "admin_trained", "first_integration")
MEDIAN_DAYS = (38.0, 14.0, 35.0, 21.0, 60.0)
SPREAD = (0.65, 0.6, 0.8, 0.7, 0.7)
NEVER_SHARE = (0.05, 0.02, 0.30, 0.10, 0.25)

GOALS = (
    ("Cut handling time per order", 42.0, 30.0, "minutes"),
    ("Raise first-time-right share", 81.0, 92.0, "percent"),
    ("Close the month faster", 9.0, 5.0, "days"),
    ("Bring all sites onto one process", 3.0, 12.0, "sites"),
    ("Reduce manual reports", 60.0, 15.0, "reports"),
    ("Answer customers faster", 26.0, 12.0, "hours"),
)
REVIEW_DAYS = 91
MET_AT = 0.9
"""Share of the way from baseline to target at which the customer confirms a goal as met."""


def draw_milestones(spec: CompanySpec, block: int, n: int) -> Ints:
    """Days from start to each milestone (n x milestones), `NEVER` where it is never reached.

    The milestones are drawn apart from each other and from the drivers.
    """
    rng = spec.rng(block, "milestones")
    days = np.exp(np.log(MEDIAN_DAYS) + np.array(SPREAD) * rng.standard_normal((n, len(MILESTONES))))
    reached = rng.random(days.shape) >= np.array(NEVER_SHARE)
    return np.where(reached, np.maximum(1, np.round(days)).astype(np.int64), NEVER)


def missed(days: Ints) -> Bools:
    """Whether the milestone that matters was not reached in time."""
    return np.asarray((days[:, 0] == NEVER) | (days[:, 0] > MILESTONE_DAYS))


def milestones(spec: CompanySpec, block: int, profile: Profile, days: Ints, lives: Life) -> pa.Table:
    """The `milestones` table, from each account's start on, also before the window."""
    rng = spec.rng(block, "milestones table")
    account, which = np.nonzero((days != NEVER) & ~profile.quiet[:, None] & ~profile.internal[:, None])
    day = profile.start_day[account] + days[account, which]
    at = day * DAY + rng.integers(8 * 60, 17 * 60, len(day)) * 60_000_000
    inside = np.flatnonzero(at < lives.ends[account])
    columns: Columns = {
        "account_id": profile.words(account),
        "milestone": Coded(which, MILESTONES),
        "reached_at": at,
        "recorded_at": at + rng.integers(1, 26, len(day)) * HOUR,
    }
    return build("milestones", known(take(columns, inside), spec.end_day))


def goals(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life, contacts: Columns
) -> pa.Table:
    """The `goals` table: each year one to three goals per account, measured at every quarterly review.

    A row when agreed and a row per review; `measured` follows the value driver, and a goal that is met is
    confirmed by a named person of the customer at that review.
    """
    rng = spec.rng(block, "goals")
    n = profile.n
    per_year = rng.integers(1, 4, n) * (~profile.quiet & ~profile.internal)
    confirmers = _confirmers(profile, contacts)
    parts: list[Columns] = []
    for year in range(spec.years + 1):
        begin = profile.start_day + rng.integers(10, 30, n)
        cycle = np.maximum(0, (spec.start_day - 200 - begin) // 364) + year
        begin = begin + 364 * cycle
        for number in range(3):
            rows = np.flatnonzero((per_year > number) & (begin * DAY < lives.ends))
            if len(rows):
                parts.extend(_goal(rng, spec, profile, latent, lives, rows, begin[rows], number, confirmers))
    return build("goals", known(stack(parts), spec.end_day))


def _confirmers(profile: Profile, contacts: Columns) -> list[str | None]:
    """Who signs off goals at each account: its economic buyer, else its administrator, else None."""
    names: list[str | None] = [None] * profile.n
    owner, roles, people = (plain(contacts, name) for name in ("account", "role", "name"))
    for account, role, name in zip(owner.tolist(), roles, people, strict=True):
        if role == "economic_buyer" or (role == "admin" and names[account] is None):
            names[account] = name
    return names


def _goal(
    rng: np.random.Generator,
    spec: CompanySpec,
    profile: Profile,
    latent: Latent,
    lives: Life,
    rows: Ints,
    begin: Ints,
    number: int,
    confirmers: list[str | None],
) -> list[Columns]:
    """One goal for each account in `rows`, agreed on day `begin`: its versions."""
    count = len(rows)
    which = rng.integers(0, len(GOALS), count)
    baseline = np.take([goal[1] for goal in GOALS], which)
    target = np.take([goal[2] for goal in GOALS], which)
    agreed = office_hours(rng, begin)
    months = begin.view("datetime64[D]").tolist()
    pairs = zip(rows.tolist(), months, strict=True)
    base: Columns = {
        "goal_id": texts([f"{profile.ids[a]}-G{day:%Y%m%d}-{number + 1}" for a, day in pairs]),
        "account_id": profile.words(rows),
        "title": Coded(which, [goal[0] for goal in GOALS]),
        "baseline": baseline,
        "target": target,
        "measured": np.full(count, np.nan),
        "unit": Coded(which, [goal[3] for goal in GOALS]),
        "due_on": begin + 364,
        "confirmed_by": texts([None] * count),
        "confirmed_at": np.full(count, NEVER),
        "recorded_at": agreed,
    }
    parts = [base]
    confirmed_at = np.full(count, NEVER)
    for review in range(1, 5):
        day = begin + REVIEW_DAYS * review - rng.integers(0, 21, count)
        at = office_hours(rng, day)
        mood = latent.paths["value"][rows, week_of(spec, day)]
        share = np.clip(0.55 + 0.06 * review + 0.30 * mood + rng.normal(0, 0.08, count), 0.0, 1.25)
        meets = (share >= MET_AT) & (confirmed_at == NEVER) & (rng.random(count) < 0.9)
        confirmed_at = np.where(meets, at, confirmed_at)
        signed = confirmed_at != NEVER
        names = [
            confirmers[a] if yes else None for a, yes in zip(rows.tolist(), signed.tolist(), strict=True)
        ]
        part: Columns = {
            **base,
            "measured": np.round(baseline + share * (target - baseline), 1),
            "confirmed_by": texts(names),
            "confirmed_at": confirmed_at,
            "recorded_at": at + rng.integers(1, 3, count) * HOUR,
        }
        parts.append(take(part, np.flatnonzero(at < lives.ends[rows])))
    return parts
