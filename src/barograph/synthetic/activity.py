"""When things happen to accounts: draws from weekly rates, held to the account's life as a customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.synthetic.accounts import Profile
from barograph.synthetic.frame import DAY, NEVER, SECOND, Bools, Floats, Ints
from barograph.synthetic.spec import CompanySpec


@dataclass(frozen=True, slots=True)
class Life:
    """From when to when (exclusive) each account is a customer that leaves facts, and in which weeks.

    A quiet account has no weeks. `cooling` (n x weeks) is 1 and falls once the customer has given notice.
    """

    begins: Ints
    ends: Ints
    weeks: Bools
    cooling: Floats


@dataclass(frozen=True, slots=True)
class Happenings:
    """Facts drawn from rates, as parallel arrays: position of the account, week of the window, instant."""

    account: Ints
    week: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.at)

    def keep(self, rows: Bools) -> Happenings:
        return Happenings(self.account[rows], self.week[rows], self.at[rows])


def life(spec: CompanySpec, profile: Profile, lost_day: Ints, notice_at: Ints) -> Life:
    """The lives of one block; `lost_day` and `notice_at` (instant) are `NEVER` where they did not come."""
    begins = profile.start_day * DAY
    ends = np.where(lost_day == NEVER, spec.end_day, np.minimum(lost_day, spec.end_day)) * DAY
    monday = spec.start_day + 7 * np.arange(spec.weeks)
    weeks = (monday[None, :] + 7 > profile.start_day[:, None]) & (monday[None, :] * DAY < ends[:, None])
    weeks &= ~profile.quiet[:, None]
    noticed = np.where(notice_at == NEVER, np.iinfo(np.int64).max, notice_at // DAY)
    since = np.maximum(monday[None, :] - noticed[:, None], 0)
    return Life(begins, ends, weeks, np.exp(-since / 45.0))


def happenings(
    rng: np.random.Generator, spec: CompanySpec, lives: Life, rate: Floats, weekend_share: float = 0.0
) -> Happenings:
    """Poisson facts at `rate` per account and week (n x weeks), on working days from 07:00 to 19:00 UTC."""
    weeks = rate.shape[1]
    counts = rng.poisson(np.where(lives.weeks, rate, 0.0)).ravel()
    cell = np.repeat(np.arange(counts.size), counts)
    account, week = np.divmod(cell, weeks)
    weekday = rng.integers(0, 5, len(cell))
    if weekend_share:
        weekday = np.where(rng.random(len(cell)) < weekend_share, 5 + rng.integers(0, 2, len(cell)), weekday)
    monday = spec.start_day + 7 * week
    day = monday + (weekday - (monday + 3) % 7) % 7  # day 4 of 1970 was a Monday
    at = day * DAY + rng.integers(7 * 3_600, 19 * 3_600, len(cell)) * SECOND
    drawn = Happenings(account, week, at)
    return drawn.keep((at >= lives.begins[account]) & (at < lives.ends[account]))


def pick(rng: np.random.Generator, cumulative: Floats, rows: int) -> Ints:
    """Positions drawn from cumulative shares."""
    return np.searchsorted(cumulative, rng.random(rows), side="right").astype(np.int64)


def every(spec: CompanySpec, days: int, phase: Ints) -> tuple[Ints, Ints]:
    """Regular dates: positions of accounts and day numbers, one every `days` from each account's phase on."""
    turns = -(-7 * spec.weeks // days)
    day = spec.start_day + phase[:, None] + days * np.arange(turns)[None, :]
    account = np.repeat(np.arange(len(phase)), turns)
    flat = day.ravel()
    inside = flat < spec.end_day
    return account[inside], flat[inside]
