"""A learnt definition says what was learnt, segment by segment and at any tenure (reference: the proposal itself).
L2, L7, H1.
"""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.inputs import WeekInputs
from barograph.core.score import score_week
from barograph.definitions.lint.registry import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model, loads_model
from barograph.learning.observations import Observations
from barograph.learning.person_periods import Training
from barograph.learning.proposal import Proposal
from barograph.learning.recipe import LearnOptions, propose
from barograph.pipeline.learn_definition import learnt_definition
from barograph.pipeline.learn_figures import probability_entry, risk_of, segments_entry
from support.person_periods import Book, periods
from support.segments import divided

FAST = LearnOptions(draws=0, stability=0, challenger=False, propose_shapes=False, propose_derived=False)


def base_model(names: list[str]) -> ScoreModel:
    """A model file with one metric per candidate."""
    signals = [
        {
            "name": name, "label": name, "category": "usage", "unit": "points", "template": "mean", "source": "metrics",
            "where": {"metric": name}, "measure": "value", "window_days": 56, "component": "use",
            "weight": 100 if j == 0 else 0, "normalise": {"method": "range", "zero": -2, "full": 2},
        }
        for j, name in enumerate(names)
    ]  # fmt: skip
    tiers = [
        {"name": n, "label": n.title(), "from_score": at, "definition": n}
        for n, at in (("at_risk", 0), ("watch", 35), ("healthy", 55))
    ]
    return ScoreModel.model_validate(
        {
            "name": "own",
            "title": "Own",
            "components": [{"name": "use", "label": "Use"}],
            "signals": signals,
            "tiers": tiers,
        }
    )


@pytest.fixture(scope="module")
def learnt() -> tuple[Observations, Proposal, ScoreModel]:
    o = divided(2_600, 3, own=True)
    found = propose(o, None, FAST)
    return o, found, learnt_definition(found, base_model(o.names), None, o, "own")


def scored(o: Observations, definition: ScoreModel) -> np.ndarray:
    ids = texts([f"r{i}" for i in range(o.n)])
    reasons = np.isnan(o.signals).astype(np.int8)
    inputs = WeekInputs(0, ids, tuple(o.names), o.signals, reasons, {"segment": o.segment})
    return score_week(inputs, definition).score


def test_own_weights_stand_in_the_file_as_shapes_of_the_segment_and_score_the_same(learnt) -> None:
    o, found, definition = learnt
    assert {w.segment for w in found.own_weights} >= {"smb"}
    np.testing.assert_allclose(scored(o, definition), found.score(o), atol=1e-9)
    assert sum(s.weight for s in definition.scored) == 100
    assert all(s.variants for s in definition.scored)
    assert [f for f in lint(definition) if f.severity == "error"] == []
    again = loads_model(dumps_model(definition))
    np.testing.assert_allclose(scored(o, again), found.score(o), atol=1e-9)


def test_the_kept_figures_say_the_same_probability_in_every_segment(learnt) -> None:
    o, found, _ = learnt
    p = risk_of({"probability": probability_entry(found)}, found.score(o), o.segment)
    assert p is not None
    np.testing.assert_allclose(p, found.p_lost(o), atol=1e-12)
    entries = {e["segment"]: e for e in segments_entry(found)}
    assert set(entries) == {"smb", "mid", "few"}
    assert entries["few"]["gets"] == "pooled" and entries["few"]["weights"] is None
    own = next(e for e in entries.values() if e["gets"] == "own_weights")
    assert sum(w["weight"] for w in own["weights"]) == 100
    assert own["test"]["promoted"] and own["reason"].startswith("own weights, because")


def test_a_version_fitted_on_person_periods_says_it_for_any_tenure_and_time() -> None:
    shifts = np.array([1.0, 0.5, 0.0, 0.0, 0.0])
    judged, fitted = periods(
        Book(accounts=700, rate=0.04, times=21), 9, effects=(1.1, 0.7), noise=1, tenure=shifts, newcomers=True
    )
    found = propose(judged, None, FAST, training=Training(fitted, None, 28))
    assert found.proposed
    figures = {"probability": probability_entry(found)}
    score = found.score(judged)
    p = risk_of(figures, score, judged.segment, tenure=judged.tenure)
    assert p is not None
    np.testing.assert_allclose(p, found.p_lost(judged), atol=1e-12)
    usual = risk_of(figures, score, judged.segment)
    assert usual is not None
    np.testing.assert_allclose(usual, found.risk_of_score(score), atol=1e-12)
    month = risk_of(figures, score, judged.segment, tenure=judged.tenure, days=28)
    assert month is not None and (month <= p).all() and month.mean() < 0.6 * p.mean()
