"""Parts to wholes (X5): products to their account, children to their parent, with every part shown.

One rule, stated in the model file. The score is a mean of the known parts weighted by revenue (or the plain
mean, or the worst); the tier is the worst among parts that hold a material share of the revenue, else the
tier of the mean. Too little known revenue makes the whole insufficient, as it does an account.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray, TextArray, group_sum
from barograph.core.thresholds import INSUFFICIENT, TierLines
from barograph.definitions.model import Rollup
from barograph.errors import BarographError


@dataclass(frozen=True, slots=True)
class Wholes:
    """m wholes and the p parts they are made of.

    score, tier, coverage (share of the revenue whose part has a score): one per whole. decided_by: index of
    the part that set the tier, -1 when the mean did. share (of the whole's revenue, of all parts) and
    contribution (points of the whole's score): one per part; contributions add up to the score where there
    is one, else 0. equal_weights: wholes in which no revenue is known, so that every part counts the same.
    """

    score: FloatArray
    tier: CodeArray
    coverage: FloatArray
    decided_by: IntArray
    equal_weights: BoolArray
    share: FloatArray
    contribution: FloatArray


def roll_up(
    whole: IntArray,
    score: FloatArray,
    tier: CodeArray,
    revenue: FloatArray,
    *,
    wholes: int,
    rule: Rollup,
    min_coverage: float,
    lines: TierLines,
) -> Wholes:
    """Scores and tiers of wholes from those of their parts.

    whole: index 0..wholes-1 of the whole each part belongs to. score: NaN for null. tier: codes of the parts.
    revenue: NaN for unknown, which weighs nothing beside parts whose revenue is known. lines: of the wholes,
    for the tier of the mean. Raises BarographError for negative revenue and for indices out of range.
    """
    _check(whole, revenue, wholes)
    money = np.nan_to_num(revenue, nan=0.0)
    equal = group_sum(whole, money, wholes) <= 0
    weight = np.where(equal[whole], 1.0, money)
    share = weight / group_sum(whole, weight, wholes)[whole]
    known = ~np.isnan(score)
    coverage = group_sum(whole, share * known, wholes)
    scored = (np.round(coverage, 9) >= min_coverage) & (coverage > 0)
    value = np.nan_to_num(score, nan=0.0)
    if rule.score == "worst":
        part_weight = _first_lowest(whole, np.where(known, score, np.inf))
    elif rule.score == "mean":
        part_weight = known / np.maximum(group_sum(whole, known.astype(float), wholes), 1.0)[whole]
    else:
        part_weight = share * known / np.where(coverage > 0, coverage, 1.0)[whole]
    contribution = np.where(scored[whole], part_weight * value, 0.0)
    total = np.where(scored, np.clip(group_sum(whole, contribution, wholes), 0.0, 100.0), np.nan)
    by_mean = lines.reached(total)
    codes = np.where(scored, lines.codes[np.maximum(by_mean, 0)], INSUFFICIENT).astype(np.int8)
    decided = np.full(wholes, -1, dtype=np.int64)
    if rule.tier == "worst_material":
        material = known & (tier >= 0) & (np.round(share, 9) >= rule.material_share) & scored[whole]
        worst = _first_lowest(whole, np.where(material, tier, np.inf)) > 0
        worst &= material
        codes[whole[worst]], decided[whole[worst]] = tier[worst], np.flatnonzero(worst)
    return Wholes(total, codes, coverage, decided, equal, share, contribution)


@dataclass(frozen=True, slots=True)
class Family:
    """Which accounts make which whole: `ids` of the parents, and one row per (whole, part) pair.

    A parent that is scored itself is one of its own parts. Grandchildren are parts of every ancestor.
    """

    ids: TextArray
    whole: IntArray
    part: IntArray


def families(account_ids: TextArray, parent_ids: TextArray) -> Family:
    """The account hierarchy as (whole, part) pairs; `part` is a row of `account_ids`.

    parent_ids: None or "" for no parent; a parent need not be an account of the list. Raises BarographError
    naming the accounts when somebody is their own ancestor.
    """
    parents = {a: p for a, p in zip(account_ids.tolist(), parent_ids.tolist(), strict=True) if p}
    order = {name: k for k, name in enumerate(dict.fromkeys(parents.values()))}
    pairs: list[tuple[int, int]] = []
    for row, account in enumerate(account_ids.tolist()):
        if account in order:
            pairs.append((order[account], row))
        seen, above = [account], parents.get(account)
        while above is not None:
            if above in seen:
                raise BarographError(
                    f"the accounts {', '.join(str(a) for a in [*seen, above])} are each other's parents.",
                    hint="Correct parent_account_id of one of them and import the accounts again.",
                    where=f"account {account}",
                )
            pairs.append((order[above], row))
            seen.append(above)
            above = parents.get(above)
    pairs.sort()
    ids = np.empty(len(order), dtype=object)
    ids[:] = list(order)
    table = np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)
    return Family(ids, table[:, 0], table[:, 1])


def _check(whole: IntArray, revenue: FloatArray, wholes: int) -> None:
    if len(whole) and (whole.min() < 0 or whole.max() >= wholes):
        raise BarographError(f"parts belong to wholes {whole.min()} to {whole.max()}, there are {wholes}.")
    if (np.nan_to_num(revenue) < 0).any():
        row = int(np.flatnonzero(np.nan_to_num(revenue) < 0)[0])
        raise BarographError(
            f"revenue {revenue[row]:g} of part {row}: it must be 0 or more.",
            hint="Check arr in the contracts of that account.",
        )


def _first_lowest(whole: IntArray, values: FloatArray) -> FloatArray:
    """1.0 for the first part with the lowest value of its whole, else 0.0; infinite values never are it."""
    order = np.lexsort((np.arange(len(values)), values, whole))
    first = np.ones(len(values), dtype=bool)
    first[1:] = whole[order][1:] != whole[order][:-1]
    out = np.zeros(len(values))
    out[order[first]] = 1.0
    return out * np.isfinite(values)
