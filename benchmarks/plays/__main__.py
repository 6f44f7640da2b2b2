"""Run the study: ``uv run python -m benchmarks.plays``; figures belong into docs/methods/play-effect.md.

`--seeds N` takes other than 2,000 worlds each.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain

import numpy as np

from barograph.core.play_assignment import draw
from barograph.learning.play_effect import play_effect
from barograph.learning.play_threshold import threshold_effect
from barograph.synthetic.play_world import LINE, at_line, triggered

HELD_OUT = (  # accounts in the portfolio, points of health, share held out, accounts in a family
    (400, 0.0, 0.25, 1),
    (400, 6.0, 0.25, 1),
    (1000, 0.0, 0.2, 1),
    (1000, 6.0, 0.2, 1),
    (1000, -4.0, 0.2, 1),
    (3000, 0.0, 0.1, 1),
    (3000, 6.0, 0.1, 1),
    (1500, 0.0, 0.25, 4),
    (1500, 6.0, 0.25, 4),
)
AT_LINE = ((1500, 0.0, 1.0), (1500, 6.0, 1.0), (4000, 0.0, 1.0), (4000, 6.0, 1.0), (4000, 6.0, 0.5))
TRUTH_ACCOUNTS = 400_000


def main() -> int:
    """Measure and print two tables. Always 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plays", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="worlds for every row")
    seeds = parser.parse_args().seeds
    for line in chain(held_out_table(seeds), ("",), at_line_table(seeds)):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 0


def held_out_table(seeds: int) -> Iterator[str]:
    """Accounts drawn by the hash of the product."""
    columns = ("portfolio", "triggered", "held out", "true effect", "mean estimate", "covered", "effect told")
    yield f"| {' | '.join((*columns, 'permutation p < .05', 'before and after'))} |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for accounts, points, share, family in HELD_OUT:
        truth = triggered(TRUTH_ACCOUNTS, points, 10**6, families=family).effect
        found, sizes, naive, p_values = [], [], [], []
        for seed in range(seeds):
            world = triggered(accounts, points, seed, families=family)
            treated = np.array([draw(str(seed), "rescue", str(k)) >= share for k in range(len(world.score))])
            effect = play_effect(
                world.seen(treated), treated, strata=world.segment, families=world.family, seed=seed
            )
            naive.append(float(world.seen(treated)[treated].mean()))
            if not effect.refused:
                found.append(effect)
                sizes.append(len(treated))
                p_values.append(effect.p_value)
        covered = np.mean([e.low <= truth <= e.high for e in found])
        told = np.mean([e.verdict != "cannot_tell" for e in found])
        known = [p for p in p_values if p is not None]
        chance = f"{np.mean([p < 0.05 for p in known]):.3f}" if known else "–"
        mean = np.mean([e.difference for e in found])
        kind = "" if family == 1 else f", families of {family}"
        yield (
            f"| {accounts:,}{kind} | {np.mean(sizes):.0f} | {share:.0%} | {truth:+.3f} | {mean:+.3f} | {covered:.3f} | "
            f"{told:.3f} | {chance} | {np.mean(naive):+.3f} |"
        )


def at_line_table(seeds: int) -> Iterator[str]:
    """Nobody held out."""
    columns = ("accounts", "decided by the line", "true effect at it", "mean estimate", "told", "covered")
    yield f"| {' | '.join((*columns, 'effect told', 'refused'))} |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---|"
    for accounts, points, skill in AT_LINE:
        truth = at_line(TRUTH_ACCOUNTS, points, 10**6).effect
        found, refused = [], Counter[str]()
        for seed in range(seeds):
            world = at_line(accounts, points, seed, skill=skill)
            before = np.random.default_rng(seed).normal(0, 1, (accounts, 2))
            effect = threshold_effect(
                world.score, world.played, world.good, line=LINE, accounts=np.arange(accounts), before=before
            )
            refused[effect.refused] += 1
            if not effect.refused:
                found.append(effect)
        named = ", ".join(f"{name} {n / seeds:.3f}" for name, n in refused.most_common() if name)
        if not found:
            yield f"| {accounts:,} | {skill:.0%} | {truth:+.3f} | – | 0 | – | – | {named} |"
            continue
        covered = np.mean([e.low <= truth <= e.high for e in found])
        told = np.mean([e.verdict != "cannot_tell" for e in found])
        mean = np.mean([e.difference for e in found])
        yield (
            f"| {accounts:,} | {skill:.0%} | {truth:+.3f} | {mean:+.3f} | {len(found) / seeds:.3f} | {covered:.3f} | "
            f"{told:.3f} | {named} |"
        )


if __name__ == "__main__":
    sys.exit(main())
