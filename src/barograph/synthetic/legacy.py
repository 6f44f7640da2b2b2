"""The older system's score: a green-looking number that knows a little more than nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile
from barograph.synthetic.activity import Life
from barograph.synthetic.frame import DAY, HOUR, Coded, Columns, Floats, build, known, take
from barograph.synthetic.latent import Latent, week_of
from barograph.synthetic.spec import CompanySpec

HEALTH_SHARE = 0.27
"""Correlation of the older score with true health; the rest is its own noise, slow and fast."""
SOURCE = "crm_health"


def scores(spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life) -> pa.Table:
    """The `legacy_scores` table: a score per account on the first of each month, 0 to 100."""
    rng = spec.rng(block, "legacy")
    months = np.arange(np.datetime64(spec.start, "M") + 1, np.datetime64(spec.end, "M") + 1)
    day = months.astype("datetime64[D]").astype(np.int64)
    day = day[day < spec.end_day]
    week = week_of(spec, day - 1)
    health = latent.health()[:, week]
    slow = _slow(rng, profile.n, len(day))
    noise = 0.8 * slow + 0.6 * rng.standard_normal(health.shape)
    blend = HEALTH_SHARE * health + np.sqrt(1 - HEALTH_SHARE**2) * noise
    value = np.clip(np.round(66 + 14 * blend), 0, 100)
    account, turn = np.nonzero(np.ones(value.shape, dtype=np.bool_))
    when = day[turn]
    inside = (when * DAY >= lives.begins[account] + 14 * DAY) & (when * DAY < lives.ends[account])
    inside &= ~profile.quiet[account] & ~profile.internal[account]
    rows = len(account)
    columns: Columns = {
        "account_id": profile.words(account),
        "as_of": when,
        "score": value[account, turn],
        "scale_min": np.zeros(rows),
        "scale_max": np.full(rows, 100.0),
        "higher_is": Coded(np.zeros(rows, dtype=np.int64), ("better",)),
        "source": Coded(np.zeros(rows, dtype=np.int64), (SOURCE,)),
        "recorded_at": when * DAY + 6 * HOUR,
    }
    return build("legacy_scores", known(take(columns, np.flatnonzero(inside)), spec.end_day))


def _slow(rng: np.random.Generator, n: int, months: int) -> Floats:
    """Noise that stays with an account for some months."""
    path = rng.standard_normal((n, months))
    path[:, 1:] *= np.sqrt(1 - 0.85**2)
    for month in range(1, months):
        path[:, month] += 0.85 * path[:, month - 1]
    return path
