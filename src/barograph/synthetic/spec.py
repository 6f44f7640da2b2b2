"""What a seeded company is made from: its size, its seed, its two dates and its planted faults.

A `CompanySpec` names every fact of the company: two equal specs give equal tables. All times inside this
package are UTC; days are day numbers since 1970-01-01 and instants are microseconds since then.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np

from barograph.errors import UsageError

EPOCH = date(1970, 1, 1)
WEEKS_PER_YEAR = 52
BLOCK = 500
"""Accounts drawn together. Randomness is seeded per block, so the number of accounts written at a time
changes nothing; a different block size would be a different company."""

LIMITS: dict[str, tuple[float, float]] = {
    "accounts": (100, 1_000_000),
    "seed": (0, 2**63 - 1),
    "years": (1, 10),
    "events_per_user_week": (0.001, 200.0),
    "late_share": (0.0, 0.5),
    "feed_gap_weeks": (0, 26),
    "feed_gap_weeks_before_end": (0, 520),
}


@dataclass(frozen=True, slots=True)
class CompanySpec:
    """The settings of one company.

    accounts: 100 to 1,000,000, story accounts included.
    seed: any non-negative integer; another seed is another company with the same planted truth.
    end: the day on which the data was exported; a fact recorded on or after `end` 00:00 UTC is not in it.
    years: how far facts go back (1 to 10); contracts, milestones and people of older accounts go further.
    events_per_user_week: mean rows in `events` for one active user in one week, .001 to 200; under 1 the
        rows are thinned, so sums and shares stay proportional while distinct users are undercounted.
    stories: whether the told accounts (`stories.STORIES`) are part of the company.
    late_share: share of rows of events, tickets and invoices that arrive 1 to 21 days late.
    feed_gap_weeks, feed_gap_weeks_before_end: the outage of the event feed; 0 weeks is no outage.

    Raises UsageError naming the setting, its value and its limits.
    """

    accounts: int = 300
    seed: int = 7
    end: date = date(2026, 11, 16)
    years: int = 2
    events_per_user_week: float = 1.6
    stories: bool = True
    late_share: float = 0.02
    feed_gap_weeks: int = 2
    feed_gap_weeks_before_end: int = 39

    def __post_init__(self) -> None:
        for item in fields(self):
            if item.name not in LIMITS:
                continue
            low, high = LIMITS[item.name]
            value = getattr(self, item.name)
            if not low <= value <= high:
                raise UsageError(
                    f"{value!r} is outside {low:g} to {high:g}.",
                    where=f"CompanySpec.{item.name}",
                    hint=f"Choose {item.name} between {low:g} and {high:g}.",
                )
        if self.feed_gap_weeks and not self.feed_gap_weeks < self.feed_gap_weeks_before_end < self.weeks:
            raise UsageError(
                f"an outage of {self.feed_gap_weeks} weeks from {self.feed_gap_weeks_before_end} weeks "
                f"before the end on does not lie inside {self.weeks} weeks of data.",
                where="CompanySpec.feed_gap_weeks_before_end",
                hint="Move the outage or set feed_gap_weeks to 0.",
            )

    @property
    def weeks(self) -> int:
        """Whole weeks of data before `end`."""
        return self.years * WEEKS_PER_YEAR

    @property
    def start(self) -> date:
        """First day of the window."""
        return self.end - timedelta(weeks=self.weeks)

    @property
    def start_day(self) -> int:
        return (self.start - EPOCH).days

    @property
    def end_day(self) -> int:
        return (self.end - EPOCH).days

    @property
    def blocks(self) -> int:
        """How many blocks of accounts the company has."""
        return -(-self.accounts // BLOCK)

    def feed_gap(self) -> tuple[int, int]:
        """First day of the feed's outage and the day after it, as day numbers; equal if there is none."""
        first = self.end_day - 7 * self.feed_gap_weeks_before_end
        return first, first + 7 * self.feed_gap_weeks

    def rng(self, block: int, topic: str) -> np.random.Generator:
        """The generator for one topic of one block; a new topic never shifts the numbers of another."""
        key = (block, zlib.crc32(topic.encode()))
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=key)))
