"""A form makes the model that it says, and nothing else (O1, L3: the label falls back when hands move learnt weights).
Truth: properties over the shipped models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.definitions.starters import load_starter
from barograph.definitions.toml_io import dumps_model, loads_model
from barograph_web.scoring.editing import Edit, EditError, edited, shape_fields, weight_sum
from barograph_web.scoring.forms import DraftForm

MODEL = load_starter("saas")


def filled(model: object = MODEL, **changes: object) -> dict[str, str]:
    """What a browser would send for the model as it is, with some fields changed."""
    form = DraftForm(model)  # type: ignore[arg-type]
    data = {name: str(field.initial) for name, field in form.fields.items() if name != "min_coverage"}
    return data | {"min_coverage": str(MODEL.min_coverage)} | {k: str(v) for k, v in changes.items()}


@pytest.mark.parametrize("name", ["saas", "evergreen", "lapse"])
def test_a_form_that_nobody_touched_changes_nothing(name: str) -> None:
    model = load_starter(name)  # type: ignore[arg-type]
    form = DraftForm(model, filled(model, min_coverage=model.min_coverage))
    assert form.is_valid(), form.errors
    assert edited(model, form.edit()) == model


def test_weights_ranges_lines_and_coverage_arrive_where_they_were_written() -> None:
    signal = next(s for s in MODEL.scored if set(shape_fields(s.normalise)) == {"zero", "full"})
    form = DraftForm(
        MODEL,
        filled(
            **{
                f"weight__{signal.name}": 3,
                f"shape__{signal.name}__full": 123.5,
                "line__watch": 41,
                "min_coverage": 0.7,
            }
        ),
    )
    assert form.is_valid(), form.errors
    made = edited(MODEL, form.edit())
    assert made.signal(signal.name).weight == 3
    assert made.signal(signal.name).normalise.full == 123.5  # type: ignore[union-attr]
    assert next(t for t in made.tiers if t.name == "watch").from_score == 41
    assert made.min_coverage == 0.7
    assert loads_model(dumps_model(made)) == made


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (Edit(weights={MODEL.scored[0].name: -1}), f"weight:{MODEL.scored[0].name}"),
        (Edit(lines={"watch": 90}), "line:healthy"),
        (
            Edit(
                shapes={
                    s.name: {"zero": 1.0, "full": 1.0}
                    for s in MODEL.scored
                    if "zero" in shape_fields(s.normalise)
                }
            ),
            "shape:",
        ),
    ],
)
def test_what_makes_no_model_is_said_beside_its_field(edit: Edit, field: str) -> None:
    with pytest.raises(EditError) as caught:
        edited(MODEL, edit)
    assert any(key.startswith(field) for key in caught.value.problems)


@given(st.dictionaries(st.sampled_from([s.name for s in MODEL.signals]), st.integers(0, 100).map(float)))
def test_the_sum_is_that_of_the_weights_and_other_signals_stay(weights: dict[str, float]) -> None:
    made = edited(MODEL, Edit(weights=weights))
    expected = sum(weights.get(s.name, s.weight) for s in MODEL.signals)
    assert weight_sum(made) == pytest.approx(expected)
    for before, after in zip(MODEL.signals, made.signals, strict=True):
        assert after.model_copy(update={"weight": before.weight}) == before


def test_hands_on_learnt_weights_make_them_opinion_again() -> None:
    learnt = MODEL.model_copy(update={"stage": "predictive", "outcomes_behind": 400})
    moved = edited(learnt, Edit(weights={learnt.scored[0].name: learnt.scored[0].weight + 1}))
    assert (moved.stage, moved.outcomes_behind) == ("heuristic", 0)
    lines = edited(learnt, Edit(lines={"watch": learnt.tiers[1].from_score + 1}))
    assert (lines.stage, lines.outcomes_behind) == ("predictive", 400)
