"""The health that nobody sees: drivers per account and week, and what they do to a renewal.

Each driver is a slow process with standard deviation about 1, higher is healthier. It is read through noisy
tables (`truth.MEASURES` says which). The log-odds of losing a renewal are linear in the drivers as they stood
`MIND_MADE_UP` days before the decision, so everything that decides is visible before 30 days to go and fades
towards 60 and 90. The seven weights and the four effects below are the planted truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.synthetic.accounts import Profile
from barograph.synthetic.frame import Bools, Floats, Ints, sigmoid
from barograph.synthetic.spec import CompanySpec

DRIVERS = ("adoption", "trend", "depth", "engagement", "support", "payment", "value", "sentiment")
WEIGHTS: dict[str, float] = {
    "adoption": 1.10,
    "trend": 0.70,
    "depth": 0.55,
    "engagement": 0.75,
    "support": 0.75,
    "payment": 0.50,
    "value": 0.75,
    "sentiment": 0.10,
}
"""Fall in the log-odds of losing per standard deviation of the driver."""
SPONSOR_GONE = 1.80
CHAMPION_GONE = 0.70
MILESTONE_MISSED = 1.20
"""Rise in the log-odds of losing while there is no sponsor, no champion, or when the milestone was missed."""
SEGMENT_EFFECT = (-0.35, 0.0, 0.20)
"""Rise in the log-odds of losing for enterprise, mid_market and smb."""
INTERCEPT = -3.8
MIND_MADE_UP = 45
"""Days before the decision date at which the customer has made up its mind."""

MEMORY = {
    "depth": 0.985,
    "engagement": 0.97,
    "support": 0.975,
    "payment": 0.985,
    "value": 0.985,
    "sentiment": 0.95,
}
"""Weekly autocorrelation; adoption moves in slides instead, see `draw`."""
COMMON = 0.30
"""Loading of every driver on one common mood of the account."""
SLIDE_PER_WEEK = 0.010
CHAMPION_SLIDE = -1.6
"""What adoption loses over the ten weeks after a champion left."""
HEALTH_MEAN = 0.95
HEALTH_SD = 2.70


@dataclass(slots=True)
class Latent:
    """Drivers of one block: `paths[name]` is n x weeks, week 0 starts on the first day of the window.

    `power_shift` (n x weeks) moves the power users' activity alone, in logits; `gone` and `champion_gone` say
    in which weeks a role is empty; `milestone_missed` is fixed per account.
    """

    paths: dict[str, Floats]
    power_shift: Floats
    sponsor_gone: Bools
    champion_gone: Bools
    milestone_missed: Bools

    def log_odds(self, profile: Profile, accounts: Ints, weeks: Ints) -> Floats:
        """Log-odds of losing a renewal that is made up in these weeks, for accounts at these positions."""
        total = INTERCEPT + np.take(SEGMENT_EFFECT, profile.segment[accounts])
        for name, weight in WEIGHTS.items():
            total = total - weight * self.paths[name][accounts, weeks]
        total = total + SPONSOR_GONE * self.sponsor_gone[accounts, weeks]
        total = total + CHAMPION_GONE * self.champion_gone[accounts, weeks]
        return np.asarray(total + MILESTONE_MISSED * self.milestone_missed[accounts])

    def health(self) -> Floats:
        """What a fair judge would feel, n x weeks, mean about 0, standard deviation about 1."""
        total = sum(weight * self.paths[name] for name, weight in WEIGHTS.items())
        total = total - SPONSOR_GONE * self.sponsor_gone - CHAMPION_GONE * self.champion_gone
        total = total - MILESTONE_MISSED * self.milestone_missed[:, None]
        return np.asarray((total + HEALTH_MEAN) / HEALTH_SD)


def week_of(spec: CompanySpec, days: Ints) -> Ints:
    """The week of the window in which a day lies, held to the first and the last."""
    return np.clip((days - spec.start_day) // 7, 0, spec.weeks - 1)


def draw(spec: CompanySpec, block: int, n: int) -> dict[str, Floats]:
    """Driver paths without champion, stories and the trend."""
    rng = spec.rng(block, "latent")
    weeks = spec.weeks
    mood = _autoregression(rng, n, weeks, 0.985)
    paths = {}
    for name, memory in MEMORY.items():
        own = _autoregression(rng, n, weeks, memory)
        paths[name] = COMMON * mood + np.sqrt(1 - COMMON**2) * own
    paths["adoption"] = COMMON * mood + np.sqrt(1 - COMMON**2) * _sliding(rng, n, weeks)
    return paths


def _autoregression(rng: np.random.Generator, n: int, weeks: int, memory: float) -> Floats:
    """A stationary first-order process with standard deviation 1."""
    path = rng.standard_normal((n, weeks))
    path[:, 1:] *= np.sqrt(1 - memory**2)
    for week in range(1, weeks):
        path[:, week] += memory * path[:, week - 1]
    return path


def _sliding(rng: np.random.Generator, n: int, weeks: int) -> Floats:
    """Adoption: a slow process that now and then slides for 10 to 22 weeks and recovers slowly.

    Slides make a decline go on once it has begun, which is why a change of usage says something about the
    weeks to come. The weeks before the window are simulated too, so that it starts in the middle of life.
    """
    before = 104
    noise = rng.standard_normal((n, before + weeks)) * np.sqrt(1 - 0.98**2) * 0.55
    starts = rng.random((n, before + weeks)) < SLIDE_PER_WEEK
    lasts = rng.integers(10, 23, (n, before + weeks))
    depth = rng.uniform(1.4, 3.0, (n, before + weeks))
    path = np.empty((n, before + weeks))
    level = rng.standard_normal(n) * 0.55
    left = np.zeros(n)
    pull = np.zeros(n)
    for week in range(before + weeks):
        begins = starts[:, week] & (left <= 0)
        left = np.where(begins, lasts[:, week], left - 1)
        pull = np.where(begins, depth[:, week] / lasts[:, week], pull)
        level = 0.98 * level + noise[:, week] - np.where(left > 0, pull, 0.0)
        path[:, week] = level
    return np.asarray((path[:, before:] + SLIDE_MEAN) / SLIDE_SD)


TREND_WEEKS = 13
TREND_SD = 0.62
SLIDE_MEAN = 0.89
SLIDE_SD = 1.03


def add_trend(paths: dict[str, Floats]) -> dict[str, Floats]:
    """All drivers, with the trend of adoption over TREND_WEEKS (in the first ones: since the first)."""
    adoption = paths["adoption"]
    earlier = np.maximum(np.arange(adoption.shape[1]) - TREND_WEEKS, 0)
    full = {**paths, "trend": (adoption - adoption[:, earlier]) / TREND_SD}
    return {name: full[name] for name in DRIVERS}


def champion_effect(paths: dict[str, Floats], left_week: Ints) -> None:
    """Let adoption slide over the ten weeks after a champion left; -1 is an account whose champion stayed."""
    weeks = paths["adoption"].shape[1]
    since = np.arange(weeks)[None, :] - left_week[:, None]
    fall = np.clip(since / 10.0, 0.0, 1.0) * np.exp(-np.maximum(since - 26, 0) / 20.0)
    paths["adoption"] += np.where((left_week >= 0)[:, None], CHAMPION_SLIDE * fall, 0.0)


def probability(log_odds: Floats) -> Floats:
    """Probability of losing from log-odds."""
    return np.asarray(sigmoid(log_odds))


def season(spec: CompanySpec) -> Floats:
    """Share of normal activity in each week: August falls by a fifth, the turn of the year by almost half."""
    share = np.ones(spec.weeks)
    days = spec.start_day + 7 * np.arange(spec.weeks) + 3
    dates = days.view("datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    of_month = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    share[month == 8] = 0.80
    share[((month == 12) & (of_month >= 20)) | ((month == 1) & (of_month <= 3))] = 0.55
    return share
