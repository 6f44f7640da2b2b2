"""Nothing from the future, no account on both sides, everything tested once, and no side of the outcome favoured
in training (property, planted truth). L5, S3."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.learning.splits import keep_share, part_of
from barograph.learning.walkforward import PARTS, out_of_sample, plan_folds
from support.learning import Planted, company
from support.person_periods import Book, book, periods


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.integers(200, 600), st.integers(0, 60), st.integers(1, 3))
def test_training_rows_were_known_and_embargoed(seed: int, n: int, grace: int, per_account: int) -> None:
    o = company(Planted(n=n, noise=0, per_account=per_account), seed)
    plan = plan_folds(o, np.random.default_rng(0), grace=grace)
    tested = np.concatenate([f.test for f in plan.folds]) if plan.folds else np.zeros(0, dtype=int)
    assert len(np.unique(tested)) == len(tested)
    for fold in plan.folds:
        assert (o.known_day[fold.train] < fold.start).all()
        assert (o.as_of[fold.train] + o.horizon[fold.train] + grace <= fold.start).all()
        assert (o.as_of[fold.test] >= fold.start).all()
        assert not np.isin(o.group[fold.train], o.group[fold.test]).any()
        outcomes, lost = o.take(fold.train).evidence()
        assert outcomes >= 20
        assert lost >= 7


def test_outcomes_known_late_train_nobody_before() -> None:
    o = company(Planted(n=400), 1)
    late = replace(o, known_day=o.known_day + 10_000)
    plan = plan_folds(late, np.random.default_rng(0))
    assert plan.kind == "none"
    assert "nothing to train on" in plan.reason


def test_a_snapshot_is_cross_validated_by_group_and_says_so() -> None:
    o = company(Planted(n=200, per_account=2), 2)
    flat = replace(o, as_of=np.zeros(200, dtype=np.int64), horizon=o.decision)
    plan = plan_folds(flat, np.random.default_rng(0))
    assert plan.kind == "cross_validated"
    assert "not out of time" in plan.reason
    assert (plan.tested == np.arange(200)).all()
    for fold in plan.folds:
        assert not np.isin(flat.group[fold.train], flat.group[fold.test]).any()


def test_predictions_land_on_their_rows() -> None:
    o = company(Planted(n=500), 3)
    plan = plan_folds(o, np.random.default_rng(0))
    p = out_of_sample(plan, lambda _train, test: test / 1000.0, o.n)
    assert p[plan.tested] == pytest.approx(plan.tested / 1000.0)
    assert np.isnan(np.delete(p, plan.tested)).all()
    assert 2 <= len(plan.folds) <= 8


RATE = 0.12


@pytest.mark.parametrize("every", [91, 364])
def test_training_holds_as_many_lost_as_the_population(every: int) -> None:
    """Accounts decide again and again until they are lost, and no signal says who: over 12 books the share of lost
    in the training rows of each fold is the population's, and an account is never on both sides."""
    inside = total = 0
    mean: list[float] = []
    for seed in range(12):
        o = book(Book(accounts=500, rate=RATE, times=8, every=every), seed)
        plan = plan_folds(o, np.random.default_rng(0), min_outcomes=100, min_lost=25, seed=seed)
        assert "parts" in plan.reason
        for fold in plan.folds:
            assert not np.isin(o.group[fold.train], o.group[fold.test]).any()
            n = len(fold.train)
            share = float(o.lost[fold.train].mean())
            mean.append(share)
            inside += abs(share - RATE) <= 1.96 * np.sqrt(RATE * (1 - RATE) / n)
            total += 1
    assert total > 100
    assert inside / total > 0.85
    assert float(np.mean(mean)) == pytest.approx(RATE, abs=0.01)


def test_accounts_that_decide_once_are_not_dealt() -> None:
    o = company(Planted(n=400), 5)
    plan = plan_folds(o, np.random.default_rng(0))
    assert "every account decides once" in plan.reason
    assert len({fold.start for fold in plan.folds}) == len(plan.folds)


def test_every_row_of_a_block_is_judged_once_whatever_its_part() -> None:
    o = book(Book(accounts=500, rate=RATE, times=8), 3)
    plan = plan_folds(o, np.random.default_rng(0), min_outcomes=100, min_lost=25)
    start = min(fold.start for fold in plan.folds)
    assert (plan.tested == np.flatnonzero(o.as_of >= start)).all()
    assert len(plan.folds) == len({fold.start for fold in plan.folds}) * PARTS[1][1]


def test_rows_to_fit_on_may_be_others_than_those_judged() -> None:
    judged, fitted = periods(Book(accounts=400, rate=0.03, times=26), 2)
    plan = plan_folds(judged, np.random.default_rng(0), training=fitted, min_outcomes=100, min_lost=25)
    assert plan.folds
    for fold in plan.folds:
        assert (fitted.known_day[fold.train] < fold.start).all()
        assert not np.isin(fitted.group[fold.train], judged.group[fold.test]).any()
    flat = replace(judged, as_of=np.zeros(judged.n, dtype=np.int64), horizon=judged.decision)
    assert plan_folds(flat, np.random.default_rng(0), training=fitted).kind == "none"


@given(
    st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=60), st.integers(1, 7), st.integers(0, 9)
)
def test_an_account_keeps_its_part_whoever_else_is_there(names: list[str], parts: int, seed: int) -> None:
    group = np.array(names, dtype=object)
    part = part_of(group, parts, seed)
    assert ((part >= 0) & (part < parts)).all()
    for name in set(names):
        assert len(set(part[group == name].tolist())) == 1
        assert part_of(np.array([name], dtype=object), parts, seed)[0] == part[names.index(name)]


def test_a_share_of_the_accounts_is_drawn_whole_and_says_nothing_of_their_outcome() -> None:
    o = book(Book(accounts=3_000, rate=RATE, times=4), 1)
    kept = keep_share(o.group, 0.3)
    assert kept.mean() == pytest.approx(0.3, abs=0.03)
    assert not np.isin(o.group[kept], o.group[~kept]).any()
    assert o.lost[kept].mean() == pytest.approx(o.lost.mean(), abs=0.02)
