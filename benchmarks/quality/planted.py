"""Studies over many seeds on planted truth: noise, false signals, false milestones, leaks.

The generator is the one the tests use, so that a study here and a test there speak of the same thing.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barograph.learning.leaks import audit
from barograph.learning.milestones import MilestoneData, find_milestone
from barograph.learning.observations import Candidate
from barograph.learning.recipe import LearnOptions, propose
from barograph.learning.screening import ScreenRules, screen

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from support.learning import Planted, company, expert

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


@dataclass(frozen=True)
class Study:
    """One figure against its goal over `seeds` seeds."""

    name: str
    seeds: int
    value: float
    goal: str
    reached: bool


def noise(seeds: int) -> list[Study]:
    """Pure noise, 25 candidates, 300 and 800 outcomes, an expert whose inputs are noise as well."""
    predictive = anything = 0
    for seed in range(seeds):
        o = company(Planted(n=300 if seed % 2 else 800, effects=(), noise=25, base=-1.0), 10_000 + seed)
        found = propose(o, expert(o, ["n0", "n1", "n2"]) if seed % 4 < 2 else None, FAST)
        predictive += found.stage.label == "predictive"
        anything += found.proposed
    return [
        Study(
            "predictive proposed on pure noise",
            seeds,
            predictive / seeds,
            "<= .05",
            predictive <= 0.05 * seeds,
        ),
        Study("anything proposed on pure noise", seeds, anything / seeds, "(information)", True),
    ]


def false_signals(seeds: int) -> list[Study]:
    """Mean share of false ones among the signals screening accepts: 10 real ones among 50."""
    effects = tuple(np.linspace(0.25, 0.7, 10))
    out = []
    for n in (100, 300, 1_000):
        shares, power = [], []
        for seed in range(seeds):
            o = company(Planted(n=n, effects=effects, noise=40), 20_000 + seed)
            names = screen(o, np.random.default_rng(0), ScreenRules(draws=0)).usable
            shares.append(sum(name.startswith("n") for name in names) / max(len(names), 1))
            power.append(sum(name.startswith("s") for name in names) / 10)
        value = float(np.mean(shares))
        out.append(Study(f"false among accepted signals, n = {n}", seeds, value, "<= .10", value <= 0.10))
        out.append(Study(f"real signals accepted, n = {n}", seeds, float(np.mean(power)), "(power)", True))
    return out


def _milestone(seed: int, n: int, effect: float) -> MilestoneData:
    rng = np.random.default_rng(seed)
    reached = rng.exponential(60, n)
    lost = rng.random(n) < 1 / (1 + np.exp(0.8 + effect * (reached <= 45)))
    ended = np.where(lost & (rng.random(n) < 0.3), rng.uniform(10, 120, n), np.where(lost, 360.0, np.nan))
    reached = np.where(~np.isnan(ended) & (reached > ended), np.nan, reached)
    segment = np.array(["a", "b"], dtype=object)[rng.integers(0, 2, n)]
    return MilestoneData("m", reached, ended, np.full(n, 400.0), lost, np.arange(n), segment)


def false_milestones(seeds: int) -> list[Study]:
    """No effect but accounts that leave early; and the power for a true one."""
    out = []
    for n in (150, 400):
        rate = {}
        for effect in (0.0, 1.4):
            hits = sum(
                find_milestone(
                    _milestone(30_000 + seed, n, effect), np.random.default_rng(seed), permutations=200
                ).published
                for seed in range(seeds)
            )
            rate[effect] = hits / seeds
        out.append(Study(f"false milestones, n = {n}", seeds, rate[0.0], "<= .07", rate[0.0] <= 0.07))
        out.append(Study(f"true milestone published, n = {n}", seeds, rate[1.4], "(power)", True))
    return out


def leaks(seeds: int) -> list[Study]:
    """A field that knows the outcome, in four disguises: refused by name in every seed; honest ones not."""
    refused, false = 0, 0
    for seed in range(seeds):
        o = company(Planted(n=300, effects=(1.2, 0.8), missing=0.1), 40_000 + seed)
        rng = np.random.default_rng(seed)
        false += bool(audit(o).flags)
        disguises = {
            "closing_value": o.lost + 0.1 * rng.normal(size=o.n),
            "exit_score": np.where(o.lost & (rng.random(o.n) < 0.8), rng.normal(size=o.n), np.nan),
            "owner_score": np.where(o.lost & (rng.random(o.n) < 0.5), np.nan, rng.normal(size=o.n)),
            "status_code": (o.lost & (rng.random(o.n) < 0.5)).astype(float),
        }
        wide = o.add(np.column_stack(list(disguises.values())), [Candidate(name) for name in disguises])
        refused += set(disguises) <= set(audit(wide).left_out)
    return [
        Study("planted leaks refused by name", seeds, refused / seeds, "1.00", refused == seeds),
        Study("honest companies with a flag", seeds, false / seeds, "<= .05", false <= 0.05 * seeds),
    ]
