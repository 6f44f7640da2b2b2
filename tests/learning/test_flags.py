"""At Risk as a warning, parts of the rows, downsells, gains (L5, L8, L9). Truths: by hand, property, reference
(`metrics.lift`, scikit-learn), refusal with counts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score

from barograph.learning.flags import downsell_figures, flag_figures, group_figures
from barograph.learning.gains import SHARES, gains
from barograph.learning.metrics import lift
from barograph.learning.observations import Observations
from barograph.learning.reclassified import reclassified
from barograph.learning.separation import spread
from support.learning import Planted, company


@pytest.fixture(scope="module")
def rows() -> Observations:
    return company(Planted(n=400, per_account=2), 3)


def test_precision_and_recall_are_those_of_scikit_learn(rows: Observations) -> None:
    called = rows.signals[:, 0] < -0.5
    found = flag_figures(called, rows)
    assert found.precision.value == pytest.approx(precision_score(rows.lost, called))
    assert found.recall.value == pytest.approx(recall_score(rows.lost, called))
    assert found.arr_precision.value == pytest.approx(
        precision_score(rows.lost, called, sample_weight=rows.arr_before)
    )
    assert found.arr_recall.value == pytest.approx(
        recall_score(rows.lost, called, sample_weight=rows.arr_before)
    )
    assert (found.n, found.lost) == (int(called.sum()), int((called & rows.lost).sum()))
    assert found.precision.low < found.precision.value < found.precision.high


def test_a_worked_account_that_stayed_is_counted_apart(rows: Observations) -> None:
    treated = np.arange(rows.n) % 5 == 0
    called = np.ones(rows.n, dtype=bool)
    found = flag_figures(called, replace(rows, treated=treated))
    assert found.kept_treated == int((treated & ~rows.lost).sum()) > 0
    assert found.precision.value == flag_figures(called, rows).precision.value


def test_small_parts_are_refused_with_the_count_that_is_missing(rows: Observations) -> None:
    lost, kept = np.flatnonzero(rows.lost), np.flatnonzero(~rows.lost)
    part = np.zeros(rows.n, dtype=bool)
    part[lost[:4]] = part[kept[:30]] = True
    called = np.zeros(rows.n, dtype=bool)
    called[lost[:2]] = True
    found = group_figures("smb", part, rows.signals[:, 0], np.full(rows.n, 0.25), called, rows)
    assert (found.n, found.lost, found.expected) == (34, 4, 8.5)
    assert np.isnan(found.auc.value)
    assert np.isnan(found.flag.precision.value) and np.isnan(found.flag.recall.value)
    for words in ("4 lost and 30 kept, 10 of each", "2 At Risk, 5 are", "4 lost, 5 are needed for a recall"):
        assert words in found.note
    whole = group_figures("all", ~np.isnan(rows.signals[:, 0]), rows.signals[:, 0], np.full(rows.n, np.nan),
                          rows.signals[:, 0] < 0, rows)  # fmt: skip
    assert whole.note == "" and np.isnan(whole.expected)
    assert whole.auc.low < whole.auc.value < whole.auc.high


def test_downsells_are_judged_among_those_that_stayed(rows: Observations) -> None:
    stayed = np.flatnonzero(~rows.lost)
    down = np.zeros(rows.n, dtype=bool)
    down[stayed[np.argsort(rows.signals[stayed, 0])[:40]]] = True
    outcome = np.where(rows.lost, "churned", np.where(down, "downsold", "renewed")).astype(object)
    after = np.where(down, rows.arr_before * 0.5, rows.arr_before)
    o = replace(rows, outcome=outcome, arr_after=after)
    found = downsell_figures(o.signals[:, 0], down, o)
    assert (found.n, found.stayed, found.note) == (40, len(stayed), "")
    assert found.arr_lost == pytest.approx(0.5 * rows.arr_before[down].sum())
    assert found.auc.value == 1.0
    assert found.warned.value == 1.0
    few = replace(o, outcome=np.where(np.cumsum(down) > 9, "renewed", outcome).astype(object))
    refused = downsell_figures(o.signals[:, 0], down, few)
    assert np.isnan(refused.auc.value) and "9 downsold, 10 are needed" in refused.note


def test_gains_of_a_tenth_are_the_lift_and_all_accounts_hold_all_losses(rows: Observations) -> None:
    p = np.round(1 / (1 + np.exp(rows.signals[:, 0])), 1)  # many ties
    curve = gains(p, rows.lost, rows.arr_before, rows.account)
    assert [g.share for g in curve] == list(SHARES)
    tenth = next(g for g in curve if g.share == 0.1)
    assert tenth.lift == pytest.approx(lift(p, rows.lost, 0.1))
    assert (curve[-1].caught, curve[-1].caught_arr) == (pytest.approx(1), pytest.approx(1))
    caught = [g.caught for g in curve]
    assert caught == sorted(caught)
    assert all(g.low <= g.caught + 1e-9 and g.caught <= g.high + 1e-9 for g in curve)


@given(st.permutations(range(40)))
@settings(max_examples=20)
def test_the_order_of_rows_does_not_matter_to_gains(order: list[int]) -> None:
    p = np.repeat([0.1, 0.2, 0.2, 0.6], 10)
    lost, money = np.arange(40) % 3 == 0, np.arange(40) + 1.0
    who = np.array([f"a{i}" for i in range(40)], dtype=object)
    one = gains(p, lost, money, who)
    two = gains(p[order], lost[order], money[order], who[order])
    assert [(g.caught, g.caught_arr) for g in two] == [
        (pytest.approx(g.caught), pytest.approx(g.caught_arr)) for g in one
    ]


def test_without_losses_there_is_no_curve() -> None:
    assert (
        gains(np.ones(3), np.zeros(3, dtype=bool), np.ones(3), np.array(["a", "b", "c"], dtype=object)) == ()
    )


def test_every_account_is_in_one_cell_of_the_reclassification() -> None:
    before = np.array(["watch", "watch", "healthy", "watch"], dtype=object)
    after = np.array(["at_risk", "watch", "healthy", "at_risk"], dtype=object)
    lost, arr = np.array([True, False, False, False]), np.array([10.0, np.nan, 5.0, 1.0])
    cells = reclassified(before, after, lost, arr, ("at_risk", "watch", "healthy"))
    assert [(c.before, c.after, c.n, c.lost, c.arr, c.arr_lost) for c in cells] == [
        ("watch", "at_risk", 2, 1, 11.0, 10.0), ("watch", "watch", 1, 0, 0.0, 0.0),
        ("healthy", "healthy", 1, 0, 5.0, 0.0),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.none() | st.integers(-5, 40), st.booleans()), min_size=1, max_size=120))
@settings(max_examples=60)
def test_pieces_hold_every_account_once_and_never_part_equal_values(
    rows: list[tuple[int | None, bool]],
) -> None:
    values = np.array([np.nan if v is None else float(v) for v, _ in rows])
    lost = np.array([g for _, g in rows])
    pieces = spread(values, lost)
    assert sum(p.kept for p in pieces) == int((~lost).sum())
    assert sum(p.lost for p in pieces) == int(lost.sum())
    known = [p for p in pieces if not np.isnan(p.low)]
    assert len(pieces) - len(known) == int(np.isnan(values).any())
    for left, right in pairwise(known):
        assert left.high < right.low
    for p in known:
        inside = (values >= p.low) & (values <= p.high)
        assert int(inside.sum()) == p.kept + p.lost > 0
