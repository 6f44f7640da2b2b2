"""Accounts whose health drifts, a play that is triggered when it falls, and what the play truly does: known, because
every account is lived through twice, with and without it, under the same chance.

Health returns to an account's own level by itself, so that whoever compares triggered accounts before and after sees
an effect where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LINE = 55.0
"""A play is triggered under it."""
HEALTHY = 75.0
"""Reached within `WITHIN` weeks of the trigger: recovered."""
WITHIN = 13
WEEKS = 60
BEGIN = 8
"""Week in which the play may first be triggered."""


@dataclass(frozen=True, slots=True)
class Triggered:
    """The accounts that were triggered, one row each.

    score: when they were; after: `WITHIN` weeks later, without the play. recovered_with, recovered_without: what
    becomes of them either way. segment, family: integer codes; families share their luck.
    """

    score: Floats
    after: Floats
    recovered_with: Flags
    recovered_without: Flags
    segment: Ints
    family: Ints

    @property
    def effect(self) -> float:
        """The true effect on these accounts, a difference of shares."""
        return float(self.recovered_with.mean() - self.recovered_without.mean())

    def seen(self, treated: Flags) -> Flags:
        """What becomes of them when these are treated."""
        return np.where(treated, self.recovered_with, self.recovered_without)


def triggered(accounts: int, points: float, seed: int, *, families: int = 1) -> Triggered:
    """Accounts under the line for the first time since `BEGIN`; the play adds `points` of health for the weeks after.

    families: accounts in each family.
    """
    rng = np.random.default_rng(seed)
    health, segment, family = _health(rng, accounts, families)
    under = health[:, BEGIN : WEEKS - WITHIN] < LINE
    found = np.flatnonzero(under.any(axis=1) & (health[:, BEGIN - 1] >= LINE))
    week = BEGIN + under[found].argmax(axis=1)
    ahead = health[found[:, None], week[:, None] + np.arange(1, WITHIN + 1)]
    return Triggered(
        health[found, week],
        ahead[:, -1],
        (ahead + points >= HEALTHY).any(axis=1),
        (ahead >= HEALTHY).any(axis=1),
        segment[found],
        family[found],
    )


@dataclass(frozen=True, slots=True)
class AtLine:
    """Accounts at one date, all of those under the line treated. effect: the true one on accounts at the line."""

    score: Floats
    played: Flags
    good: Flags
    effect: float


def at_line(accounts: int, points: float, seed: int, *, skill: float = 1.0) -> AtLine:
    """Accounts at one date. skill: 1, only the line decides who is treated; less, people decide beside it."""
    rng = np.random.default_rng(seed)
    health, _, _ = _health(rng, accounts, 1)
    score = health[:, BEGIN]
    ahead = health[:, BEGIN + 1 : BEGIN + 1 + WITHIN]
    with_play, without = (ahead + points >= HEALTHY).any(axis=1), (ahead >= HEALTHY).any(axis=1)
    chosen = np.where(rng.random(accounts) < skill, score < LINE, rng.random(accounts) < 0.5)
    near = np.flatnonzero(np.abs(score - LINE) < 2)
    truth = float(np.take(with_play, near).mean() - np.take(without, near).mean())
    return AtLine(score, chosen, np.where(chosen, with_play, without), truth)


def _health(rng: np.random.Generator, accounts: int, families: int) -> tuple[Floats, Ints, Ints]:
    """(accounts x weeks of health, segment, family): each returns to its own level, and family members share it."""
    family = np.arange(accounts) // families
    segment = rng.integers(0, 3, accounts)
    count = int(family.max()) + 1
    shared = rng.normal(0, 9, count)[family] if families > 1 else np.zeros(accounts)
    own = 62 + 3.0 * (segment - 1) + shared + rng.normal(0, 7, accounts)
    health = np.empty((accounts, WEEKS))
    health[:, 0] = own + rng.normal(0, 9, accounts)
    for week in range(1, WEEKS):
        health[:, week] = own + 0.8 * (health[:, week - 1] - own) + rng.normal(0, 5.4, accounts)
    return health, segment, family
