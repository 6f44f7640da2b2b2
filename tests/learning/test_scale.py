"""Growth: screening and fitting stay within seconds as rows grow (growth). L1, L2."""

from __future__ import annotations

import time

import numpy as np

from barograph.learning.scorecard import fit_scorecard
from barograph.learning.screening import ScreenRules, screen
from support.learning import Planted, company


def _seconds(n: int) -> float:
    o = company(Planted(n=n, effects=(0.8, 0.5, 0.4), noise=9), 1)
    start = time.process_time()
    found = screen(o, np.random.default_rng(0), ScreenRules(draws=0))
    assert fit_scorecard(o.choose(found.usable)) is not None
    return time.process_time() - start


def test_ten_times_the_rows_cost_at_most_twenty_times_the_time() -> None:
    _seconds(500)
    small, large = _seconds(3_000), _seconds(30_000)
    assert large < 20 * small + 1.0


def test_many_rows_use_delong_and_agree_with_the_bootstrap() -> None:
    o = company(Planted(n=21_000, noise=1), 2)
    large = {s.name: s for s in screen(o, np.random.default_rng(0)).signals}
    assert {s.auc.method for s in large.values()} == {"delong"}
    some = o.take(np.arange(4_000))
    a = {s.name: s for s in screen(some, np.random.default_rng(0), ScreenRules(draws=400)).signals}
    b = {s.name: s for s in screen(some, np.random.default_rng(0), ScreenRules(draws=0)).signals}
    for name, found in a.items():
        assert abs(found.auc.low - b[name].auc.low) < 0.006
        assert abs(found.auc.high - b[name].auc.high) < 0.006
