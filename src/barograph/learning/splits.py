"""Dealing accounts into parts: whole groups, never by what became of them after the day a model is judged from."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from barograph.learning.intervals import codes
from barograph.learning.observations import BoolArray, IntArray, Observations, TextArray


def deal(observations: Observations, folds: int, rng: np.random.Generator | None = None) -> IntArray:
    """(n,) fold numbers 0..folds-1; rows of one group share a fold.

    Groups that ever lost and groups that never did are dealt in turn, so every fold has its share of both. In
    order of the group's name without `rng`, in random order with it.
    """
    group = codes(observations.group)
    ever = np.zeros(int(group.max()) + 1 if len(group) else 0, dtype=bool)
    ever[group[observations.lost]] = True
    seat = np.zeros(len(ever), dtype=np.int64)
    for side in (ever, ~ever):
        members = np.flatnonzero(side)
        if rng is not None:
            members = rng.permutation(members)
        seat[members] = np.arange(len(members)) % folds
    return seat[group]


def part_of(group: TextArray, parts: int, seed: int = 0) -> IntArray:
    """(n,) part numbers 0..parts-1 by a hash of seed and group name.

    A group keeps its part whatever other groups and rows there are, and its part says nothing about its
    outcome. Parts are of equal size by chance only.
    """
    if parts < 2:
        return np.zeros(len(group), dtype=np.int64)
    names, place = np.unique(group, return_inverse=True)
    part = np.array([h % parts for h in _hashes(names, seed)], dtype=np.int64)
    return part[place.reshape(-1)]


def keep_share(group: TextArray, share: float, seed: int = 0) -> BoolArray:
    """(n,) True for a `share` (0..1) of the groups, by a hash: whole groups, whatever became of them."""
    names, place = np.unique(group, return_inverse=True)
    kept = np.array([h < share * 2.0**64 for h in _hashes(names, seed)], dtype=bool)
    return np.asarray(kept[place.reshape(-1)], dtype=bool)


def _hashes(names: TextArray, seed: int) -> list[int]:
    salt = seed.to_bytes(8, "little", signed=True)
    digests = (blake2b(str(name).encode(), digest_size=8, salt=salt).digest() for name in names.tolist())
    return [int.from_bytes(digest, "little") for digest in digests]
