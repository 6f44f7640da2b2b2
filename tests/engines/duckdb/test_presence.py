"""Reference: keys counted on sorted arrays are those that a plain loop counts (S2, S3)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.engines.duckdb.board import Board
from barograph.engines.duckdb.presence import keyed_facts, keys_present
from barograph.errors import BarographError
from barograph.signals.weekly import Use, Word

WEEKS, BEFORE, ENTITIES = 6, 5, 3
FACTS = st.lists(
    st.tuples(
        st.integers(0, ENTITIES - 1),
        st.integers(0, 3),
        st.integers(-BEFORE, WEEKS - 1),
        st.integers(0, 4),
        st.integers(-BEFORE, WEEKS),
        st.integers(0, 3),
    ),
    max_size=40,
)
"""(entity, key, week it happened, weeks until it was known, week it was superseded, flags)"""
USES = st.builds(
    Use,
    slot=st.just("s"),
    column=st.sampled_from(["0", "1"]),
    lag=st.integers(0, 2),
    length=st.one_of(st.none(), st.integers(1, 3)),
    least=st.integers(1, 3),
)


def packed(facts: list[tuple[int, ...]], word: Word) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pt, pf, pk = word.places
    words = [
        ((t + BEFORE) << pt) | ((min(t + late, WEEKS) + BEFORE) << pf) | ((gone + BEFORE) << pk) | flags
        for _, _, t, late, gone, flags in facts
    ]
    hashes = [(entity * 7 + key + 1) * 0x9E3779B97F4A7C15 % 2**64 for entity, key, *_ in facts]
    return (
        np.array([f[0] for f in facts], dtype=np.int32),
        np.array(hashes, dtype=np.uint64),
        np.array(words, dtype=np.int64),
    )


def plain(facts: list[tuple[int, ...]], use: Use) -> list[list[int]]:
    found = [[0] * WEEKS for _ in range(ENTITIES)]
    for entity in range(ENTITIES):
        for k in range(WEEKS):
            counts: dict[int, int] = {}
            for who, key, t, late, gone, flags in facts:
                end = gone if use.length is None else min(t + use.lag + use.length, gone)
                begin = max(t + use.lag, min(t + late, WEEKS), 0)
                if who == entity and flags >> int(use.column) & 1 and begin <= k < end:
                    counts[key] = counts.get(key, 0) + 1
            found[entity][k] = sum(1 for n in counts.values() if n >= use.least)
    return found


@pytest.mark.parametrize("bits", [4, 20])
@settings(max_examples=150, deadline=None)
@given(FACTS, USES)
def test_keys_present_are_those_of_a_plain_loop(bits: int, facts: list[tuple[int, ...]], use: Use) -> None:
    """Four bits a position fit with the key into one integer; twenty do not, and are sorted the long way."""
    word = Word(BEFORE, bits, 2)
    board = Board(0, ENTITIES, WEEKS)
    found = keys_present(board, keyed_facts(*packed(facts, word), word), use)
    assert found.reshape(ENTITIES, WEEKS).tolist() == plain(facts, use)


def test_sums_that_leave_64_bits_are_refused() -> None:
    board = Board(0, 1, 4)
    at = np.array([0, 0])
    with pytest.raises(BarographError, match="too large"):
        board.summed(at, at, at + 2, np.array([2**62, 2**62]))
