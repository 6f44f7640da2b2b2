"""Nothing from the future, no account on both sides, everything tested once (property). L5, S3."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.learning.walkforward import out_of_sample, plan_folds
from support.learning import Planted, company


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
        assert outcomes >= 30
        assert lost >= 10


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
