"""Columns for the choice of signals: judged by what other accounts taught (planted truth, property). L2, L3."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from barograph.learning.columns import columns_of
from barograph.learning.metrics import auc
from barograph.learning.observations import Candidate, observe
from barograph.learning.selection import forward
from support.learning import Planted, company


def _plans(seed: int, n: int = 600):
    """A nominal signal with thirty meaningless levels beside one that matters."""
    rng = np.random.default_rng(seed)
    plan, usage = rng.integers(0, 30, n).astype(float), rng.normal(size=n)
    lost = rng.random(n) < 1 / (1 + np.exp(1.0 + usage))
    candidates = [Candidate("plan", shape="nominal"), Candidate("usage", direction="up")]
    return observe(np.arange(n), lost, np.column_stack([plan, usage]), candidates)


def test_many_levels_do_not_flatter_a_signal_that_says_nothing() -> None:
    on_itself, on_others = [], []
    for seed in range(20):
        o = _plans(seed)
        columns = columns_of(o)
        on_itself.append(auc(columns.bands[0].woe[columns.index[:, 0]], o.lost))
        on_others.append(auc(columns.health[:, 0], o.lost))
    assert np.mean(on_itself) > 0.58
    assert abs(np.mean(on_others) - 0.5) < 0.02


def test_the_choice_leaves_it_out_and_takes_the_real_one() -> None:
    chosen = [forward(columns_of(_plans(seed)).health, _plans(seed).lost, 8).chosen for seed in range(20)]
    assert all(1 in path for path in chosen)
    assert sum(0 in path for path in chosen) <= 2


def test_a_copy_of_what_is_chosen_is_never_chosen() -> None:
    o = company(Planted(n=800, effects=(1.0, 0.8), noise=0), 2)
    health = columns_of(o).health
    path = forward(np.hstack([health, health, health.sum(axis=1, keepdims=True)]), o.lost, 8)
    assert len(path.chosen) <= 2


def test_choosing_and_setting_beside_keep_columns_together() -> None:
    o = company(Planted(n=300, effects=(1.0, 0.5), noise=2, missing=0.2), 3)
    whole = columns_of(o)
    left, right = columns_of(o.choose(["s1", "n0"])), columns_of(o.choose(["s0"]))
    both, picked = left.beside(right), whole.choose([1, 2, 0])
    assert [b.candidate.name for b in both.bands] == ["s1", "n0", "s0"]
    assert (both.index == picked.index).all()
    assert (both.health == picked.health).all()
    assert (whole.index[np.isnan(o.signals[:, 0]), 0] == whole.bands[0].count).all()


def test_screening_does_not_wait_for_the_challengers_library() -> None:
    code = "import sys, barograph.learning.search; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
