"""How many different keys (users, features) an account has at each position, counted on sorted arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barograph.core.arrays import IntArray
from barograph.engines.duckdb.board import Board
from barograph.signals.weekly import Use, Word


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts in the order of their keys, then of the week they happened in.

    key: number of the key of each fact, rising. entity: of each key. pt, pf, pk: see signals/weekly.py.
    """

    key: IntArray
    entity: IntArray
    pt: IntArray
    pf: IntArray
    pk: IntArray
    flags: IntArray


def keyed_facts(entity: IntArray, h: npt.NDArray[np.uint64], word: IntArray, packing: Word) -> Facts:
    """Facts sorted by key: `h` tells keys apart, `word` holds the rest.

    Two keys of a company's 10 million share a 64-bit hash with a chance of 3 in a million; nothing else is
    approximate.
    """
    order = np.argsort(h)
    h, word = h[order], word[order]
    first = np.ones(len(h), dtype=bool)
    first[1:] = h[1:] != h[:-1]
    key = np.cumsum(first) - 1
    entity = entity[order][first].astype(np.int64)
    if packing.width + len(entity).bit_length() < 64:
        both = (key << packing.width) | word  # sorting bare integers is ten times faster than sorting by them
        both.sort()
        key, word = both >> packing.width, both & ((1 << packing.width) - 1)
    else:
        word = word[np.lexsort((word, key))]
    pt, pf, pk = (((word >> place) & ((1 << packing.bits) - 1)) - packing.before for place in packing.places)
    return Facts(key, entity, pt, pf, pk, word & ((1 << packing.flags) - 1))


def keys_present(board: Board, facts: Facts, use: Use) -> IntArray:
    """How many keys have at least `use.least` facts at each position, flat over entities and positions."""
    begins, ends = use.window(facts.pt, facts.pf, facts.pk)
    counts = (begins < ends) & ((facts.flags >> int(use.column)) & 1).astype(bool)
    span = board.weeks + 2
    place = facts.key[counts] * span
    begins, ends = place + begins[counts], place + ends[counts]
    begins, ends = _merged(begins, ends) if use.least == 1 else _reaching(begins, ends, use.least)
    key = begins // span
    place = key * span
    return board.summed(board.rows(facts.entity[key]), begins - place, ends - place, 1)


def _merged(begins: IntArray, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Stretches without what earlier ones cover. Those of different keys lie apart; they are in order unless facts
    became known late."""
    if (begins[1:] < begins[:-1]).any():
        order = np.argsort(begins)
        begins, ends = begins[order], ends[order]
    covered = np.maximum.accumulate(ends)
    begins[1:] = np.maximum(begins[1:], covered[:-1])
    some = begins < ends
    return begins[some], ends[some]


def _reaching(begins: IntArray, ends: IntArray, least: int) -> tuple[IntArray, IntArray]:
    """The stretches on which the number of facts is `least` or more."""
    at = np.concatenate([2 * ends, 2 * begins + 1])  # the last bit says which end it is
    at.sort()
    level = np.cumsum(2 * (at & 1) - 1)
    at >>= 1
    settled = np.append(at[1:] != at[:-1], True)[: len(at)]
    at, enough = at[settled], level[settled] >= least
    turns = at[np.flatnonzero(np.diff(enough, prepend=False))]
    return turns[0::2], turns[1::2]
