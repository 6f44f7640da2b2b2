"""Planted books of accounts that decide again and again until they are lost, and person-periods of subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from barograph.learning.observations import Candidate, FloatArray, Observations, observe

DAY0 = 19_705  # a Monday
PERIOD = 28
QUARTER = 84


@dataclass(frozen=True)
class Book:
    """Accounts with a decision every `every` days, at most `times`, lost at `rate` each time whatever is known."""

    accounts: int = 500
    rate: float = 0.12
    times: int = 8
    every: int = 91


def book(planted: Book, seed: int) -> Observations:
    """Renewals with one signal that says nothing."""
    rng = np.random.default_rng(seed)
    name, day, gone = [], [], []
    for account in range(planted.accounts):
        first = DAY0 + int(rng.integers(0, planted.every))
        for time in range(planted.times):
            lost = bool(rng.random() < planted.rate)
            name.append(f"a{account}")
            day.append(first + time * planted.every)
            gone.append(lost)
            if lost:
                break
    x = rng.normal(size=(len(name), 1))
    return observe(name, gone, x, [Candidate("noise")], as_of=np.array(day), horizon=90)


def periods(
    planted: Book,
    seed: int,
    *,
    effects: tuple[float, ...] = (),
    noise: int = 2,
    tenure: FloatArray | None = None,
    newcomers: bool = False,
) -> tuple[Observations, Observations]:
    """(one observation a quarter, person-periods of 28 days) of subscriptions with a known hazard per period.

    rate: of loss per period at the mean of the signals and after the first year. effects: of signals s0, s1, ...
    in log-odds per standard deviation; they keep most of their level from period to period. tenure: log-odds added
    in the tenure periods of `learning.person_periods`. newcomers: accounts begin all the time, also
    before the first row.
    """
    rng = np.random.default_rng(seed)
    k = len(effects)
    level = np.log(planted.rate / (1 - planted.rate))
    rows: list[tuple[str, int, bool, FloatArray, int]] = []
    for account in range(planted.accounts):
        begun = int(rng.integers(-planted.times, planted.times)) if newcomers else -15
        x = rng.normal(size=k + noise)
        for time in range(begun, planted.times):
            age = (time - begun) * PERIOD
            x = 0.97 * x + np.sqrt(1 - 0.97**2) * rng.normal(size=k + noise)
            odds = level - float(x[:k] @ np.array(effects)) if k else level
            if tenure is not None:
                odds += tenure[np.searchsorted([91, 182, 365, 730], age, side="right")]
            lost = bool(rng.random() < 1 / (1 + np.exp(-odds)))
            if time >= 0:
                rows.append((f"a{account}", time, lost, x.copy(), age))
            if lost:
                break
    candidates = [Candidate(f"s{j}", direction="up") for j in range(k)] + [
        Candidate(f"n{j}") for j in range(noise)
    ]
    return _quarters(rows, candidates, planted.times), _observe(rows, candidates, PERIOD)


def _quarters(
    rows: list[tuple[str, int, bool, FloatArray, int]], candidates: list[Candidate], times: int
) -> Observations:
    """The row at the first period of each whole quarter of 84 days, lost when any of its three periods is."""
    fate: dict[tuple[str, int], bool] = {}
    for name, time, lost, _, _ in rows:
        fate[name, time // 3] = fate.get((name, time // 3), False) or lost
    first = [r for r in rows if r[1] % 3 == 0 and r[1] // 3 < times // 3]
    chosen = [(n, time, fate[n, time // 3], x, age) for n, time, _, x, age in first]
    return _observe(chosen, candidates, QUARTER)


def _observe(
    rows: list[tuple[str, int, bool, FloatArray, int]], candidates: list[Candidate], horizon: int
) -> Observations:
    found = observe(
        [r[0] for r in rows],
        [r[2] for r in rows],
        np.array([r[3] for r in rows]),
        candidates,
        as_of=np.array([DAY0 + PERIOD * r[1] for r in rows], dtype=np.int64),
        horizon=horizon,
    )
    return replace(found, tenure=np.array([float(r[4]) for r in rows]))
