"""Observations refuse what cannot be learned from, by name and with counts (refusal; L1, L9, issue: bad
input).
"""

from __future__ import annotations

import numpy as np
import pytest

from barograph.errors import BarographError
from barograph.learning.observations import (
    Candidate,
    DuplicateObservationsError,
    OneSidedOutcomesError,
    TooFewOutcomesError,
    check,
    observe,
    require_evidence,
)
from support.learning import Planted, company


def _plain(n: int = 40, lost: int = 12, **changes: object):
    signals = np.arange(n, dtype=float)[:, None] if "signals" not in changes else changes.pop("signals")
    candidates = changes.pop("candidates", [Candidate("usage")])
    return observe([f"a{i}" for i in range(n)], np.arange(n) < lost, signals, candidates, **changes)


def test_one_account_seen_at_two_horizons_is_one_decision() -> None:
    o = company(Planted(n=50), 1)
    both = observe(
        [*o.account, *o.account], np.r_[o.lost, o.lost], np.vstack([o.signals, o.signals]), o.candidates,
        as_of=np.r_[o.as_of, o.as_of + 30], decision=np.r_[o.decision, o.decision],
    )  # fmt: skip
    assert both.n == 100
    assert both.evidence() == (50, int(o.lost.sum()))
    check(both)


def test_duplicates_at_one_decision_are_refused_by_account() -> None:
    with pytest.raises(DuplicateObservationsError, match=r"'x'.*rows 0 and 1"):
        check(observe(["x", "x", "y"], [True, True, False], np.zeros((3, 1)), [Candidate("u")]))


@pytest.mark.parametrize(("lost", "side"), [(0, "kept"), (40, "lost")])
def test_one_sided_outcomes_are_refused_with_the_count(lost: int, side: str) -> None:
    with pytest.raises(OneSidedOutcomesError, match=f"all 40 resolved outcomes are {side}"):
        check(_plain(lost=lost))


def test_too_few_outcomes_name_what_is_missing() -> None:
    with pytest.raises(
        TooFewOutcomesError, match=r"25 resolved outcomes with 4 lost; 30 with 10.*5 and 6 missing"
    ):
        require_evidence(_plain(n=25, lost=4))
    require_evidence(_plain(n=30, lost=10))


def test_columns_that_say_nothing_are_named() -> None:
    signals = np.column_stack(
        [np.full(40, np.nan), np.full(40, 3.0), np.r_[1.0, 2.0, np.full(38, np.nan)], np.arange(40.0)]
    )
    names = [Candidate(n) for n in ("gone", "flat", "rare", "oracle")]
    codes = {notice.subject: notice.code for notice in check(_plain(signals=signals, candidates=names))}
    assert codes == {
        "gone": "all_missing",
        "flat": "constant",
        "rare": "few_values",
        "oracle": "separates_completely",
    }


def test_treated_observations_are_counted() -> None:
    notices = check(_plain(treated=np.arange(40) < 7))
    assert any(n.code == "treated" and n.text.startswith("7 of 40") for n in notices)


def test_outcomes_known_before_they_happened_are_refused() -> None:
    with pytest.raises(BarographError, match="known before its decision day"):
        check(_plain(known_day=np.full(40, 10), horizon=90))


@pytest.mark.parametrize(
    ("signals", "candidates"),
    [
        (np.full((40, 1), np.inf), [Candidate("u")]),
        (np.zeros((40, 2)), [Candidate("u"), Candidate("u")]),
    ],
)
def test_infinite_values_and_double_names_are_refused(
    signals: np.ndarray, candidates: list[Candidate]
) -> None:
    with pytest.raises(BarographError, match="u"):
        _plain(signals=signals, candidates=candidates)
