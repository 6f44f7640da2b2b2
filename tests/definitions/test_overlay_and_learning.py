"""A pulse is used once (H5): what proposes or learns weights leaves pulses that are overlay alone. Truths: contract."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from barograph.definitions.lint import lint
from barograph.definitions.lint.overlay import no_weight
from barograph.definitions.model import ScoreModel
from barograph.definitions.overlay import Overlay
from barograph.definitions.propose import propose_model
from barograph.definitions.starters import load_starter
from barograph.pipeline import learn_contest
from barograph.pipeline.learn_compare import changes
from support.broken_models import pulse_scored
from support.profiles import profile, table


@pytest.mark.parametrize("name", ["saas", "evergreen"])
def test_shipped_contract_models_have_the_published_rule(name: Any) -> None:
    assert load_starter(name).overlay == Overlay()


def test_lapse_has_no_account_managers_and_no_overlay() -> None:
    assert load_starter("lapse").overlay is None


@pytest.mark.parametrize(
    ("overlay", "left"), [(None, True), ({}, False), ({"scope": {"segment": "smb"}}, False)]
)
def test_learning_leaves_overlaid_pulses_out(
    overlay: dict[str, Any] | None, left: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = pulse_scored(None, weight=0)
    model = ScoreModel.model_validate(base.model_dump() | {"overlay": overlay})
    monkeypatch.setattr(learn_contest, "_choose", lambda _evidence, names: names)
    names = learn_contest.learnable(SimpleNamespace(model=model))  # type: ignore[arg-type]
    assert ("pulse" in names) is left
    assert ("pulse" in no_weight(model)) is not left
    assert "tickets" in names


def test_data_with_little_but_pulses_weighs_them_and_has_no_overlay() -> None:
    words = {"sponsor_status": ("active", "missing"), "outcome_narrative": ("defensible", "missing")}
    data = profile(table("pulses", words=words), table("contracts"))
    made = propose_model(data, "saas").model
    weighed = [s for s in made.scored if getattr(s, "source", "") == "pulses"]
    assert (made.overlay is None) == bool(weighed)
    assert [f for f in lint(made, data.known_columns()) if f.severity == "error"] == []


def test_turning_the_overlay_on_is_named_among_the_changes_of_a_version() -> None:
    before = pulse_scored(None, weight=0)
    after = ScoreModel.model_validate(before.model_dump() | {"overlay": {}})
    assert [(c.what, c.name) for c in changes(before, after)] == [("setting", "overlay")]
