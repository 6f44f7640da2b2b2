"""Planted leaks are refused by name in every seed; honest signals are not (planted truth). S3, issue item
1.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from barograph.learning.leaks import audit
from barograph.learning.observations import Candidate, Observations
from barograph.learning.recipe import LearnOptions, propose
from support.learning import Planted, company

SEEDS = range(12)


def _with(o: Observations, name: str, values: np.ndarray, shape: str = "monotone") -> Observations:
    return o.add(values, [Candidate(name, shape=shape)])


def _codes(o: Observations, name: str, **given: object) -> set[str]:
    return {flag.code for flag in audit(o, **given).flags if flag.name == name}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_planted_leak_is_named(seed: int) -> None:
    rng = np.random.default_rng(seed)
    o = company(Planted(n=300), 40 + seed)
    final = np.where(o.lost, 1.0, 0.0) + 0.1 * rng.normal(size=o.n)
    assert "implausible" in _codes(_with(o, "days_since_close", final), "days_since_close")
    exists = np.where(o.lost & (rng.random(o.n) < 0.8), rng.normal(size=o.n), np.nan)
    assert "only_when_ended" in _codes(_with(o, "handover_score", exists), "handover_score")
    blanked = np.where(o.lost & (rng.random(o.n) < 0.6), np.nan, rng.normal(size=o.n))
    assert "missing_predicts" in _codes(_with(o, "owner_score", blanked), "owner_score")
    flag = (o.lost & (rng.random(o.n) < 0.5)).astype(float)
    assert _codes(_with(o, "status_code", flag), "status_code") & {"pure_band", "implausible"}
    assert "name" in _codes(_with(o, "cancel_reason_count", rng.normal(size=o.n)), "cancel_reason_count")


@pytest.mark.parametrize("seed", SEEDS)
def test_honest_signals_are_not_flagged(seed: int) -> None:
    o = company(Planted(n=300, effects=(1.4, 0.8), missing=0.15), 80 + seed)
    earlier = o.signals + 0.3 * np.random.default_rng(seed).normal(size=o.signals.shape)
    found = audit(o, earlier=earlier, late_share=np.zeros(len(o.names)))
    assert found.flags == ()


def test_late_rows_replays_and_the_last_thirty_days() -> None:
    o = company(Planted(n=400), 5)
    p = len(o.names)
    late, replay = np.zeros(p), np.full(p, np.nan)
    late[0], replay[1] = 0.2, 0.05
    found = audit(o, late_share=late, replay_differs=replay)
    assert [(f.name, f.code) for f in found.flags] == [("s0", "recorded_late"), ("s1", "replay_differs")]
    assert "20%" in found.flags[0].text
    earlier = o.signals.copy()
    earlier[:, 0] = np.random.default_rng(0).normal(size=o.n)
    assert _codes(o, "s0", earlier=earlier) == {"late_jump"}


def test_a_person_may_confirm_and_the_flag_stays_visible() -> None:
    o = _with(company(Planted(n=300), 6), "end_date_gap", np.random.default_rng(0).normal(size=300))
    found = audit(o, confirmed=["end_date_gap"])
    assert [f.name for f in found.flags] == ["end_date_gap"]
    assert found.left_out == ()
    assert audit(o).left_out == ("end_date_gap",)


@pytest.mark.parametrize("seed", range(3))
def test_the_learner_leaves_a_leak_out_and_says_so(seed: int) -> None:
    o = company(Planted(n=700, noise=3), 90 + seed)
    rng = np.random.default_rng(seed)
    o = _with(o, "last_login_gap", np.where(o.lost, 1.0, 0.0) + 0.05 * rng.normal(size=o.n))
    options = LearnOptions(
        draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False
    )
    found = propose(o, None, options)
    assert found.leaks.left_out == ("last_login_gap",)
    assert "last_login_gap" not in {s.name for s in found.signals}
    assert found.screening is not None
    verdicts = {s.name: s.verdict for s in found.screening.signals}
    assert verdicts["last_login_gap"] == "refused"
    confirmed = propose(o, None, replace(options, confirmed=("last_login_gap",)))
    assert confirmed.leaks.left_out == ()
    assert confirmed.screening is not None
    assert "last_login_gap" in confirmed.screening.usable
