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
    data = {
        name: "" if field.initial is None else str(field.initial)
        for name, field in form.fields.items()
        if name != "min_coverage"
    }
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


def test_service_levels_caps_gate_and_variants_arrive_where_they_were_written() -> None:
    """What is not asked for is empty, and what is taken out is gone; everything else stays as it was."""
    signal = next(s for s in MODEL.signals if s.variants and s.variants[0].normalise is not None)
    names = [cap.name for cap in MODEL.caps]
    p1 = names.index("open_p1")
    data = filled(
        **{
            "sla__at_risk__plan_days": 3,
            "sla__watch__plan_days": "",
            f"cap__{p1}__tier": "at_risk",
            f"cap__{p1}__0__at_least": 2,
            f"cap__{names.index('use_stopped')}__tier": "off",
            "gate__0__at_least": 0.8,
            f"variant__{signal.name}__0__full": 0.4321,
        }
    )
    del data["gate__1__on"]  # an empty box is not sent
    form = DraftForm(MODEL, data)
    assert form.is_valid(), form.errors
    made = edited(MODEL, form.edit())
    sla = {tier.name: tier.sla for tier in made.tiers}
    assert (sla["at_risk"].plan_days, sla["at_risk"].owner_days) == (3, 1)
    assert (sla["watch"].plan_days, sla["watch"].touch_days) == (None, 5)
    caps = {cap.name: cap for cap in made.caps}
    assert "use_stopped" not in caps
    assert len(caps) == len(MODEL.caps) - 1
    assert (caps["open_p1"].tier_at_most, caps["open_p1"].when[0].at_least) == ("at_risk", 2)
    assert caps["sponsor_gone"] == MODEL.caps[names.index("sponsor_gone")]
    assert [test.signal for test in made.growth_gate] == [
        MODEL.growth_gate[0].signal,
        *(test.signal for test in MODEL.growth_gate[2:]),
    ]
    assert made.growth_gate[0].at_least == 0.8
    assert made.signal(signal.name).variants[0].normalise.full == 0.4321  # type: ignore[union-attr]
    assert made.signal(signal.name).variants[1:] == signal.variants[1:]
    assert loads_model(dumps_model(made)) == made


def test_rules_beside_the_weights_keep_the_label_and_variants_do_not() -> None:
    """A cap says nothing about what the weights were learnt on; another range of a signal does."""
    learnt = MODEL.model_copy(update={"stage": "predictive", "outcomes_behind": 412})
    form = DraftForm(learnt, filled(learnt, sla__at_risk__plan_days=3, cap__0__tier="watch"))
    assert form.is_valid(), form.errors
    assert edited(learnt, form.edit()).stage == "predictive"
    signal = next(s for s in MODEL.scored if s.variants and s.variants[0].normalise is not None)
    key = next(iter(shape_fields(signal.variants[0].normalise)))  # type: ignore[arg-type]
    form = DraftForm(learnt, filled(learnt, **{f"variant__{signal.name}__0__{key}": 0.3}))
    assert form.is_valid(), form.errors
    assert edited(learnt, form.edit()).stage == "heuristic"


def test_a_service_level_is_whole_days_and_is_said_beside_the_field() -> None:
    form = DraftForm(MODEL, filled(sla__at_risk__plan_days=-1))
    assert not form.is_valid()
    assert "sla__at_risk__plan_days" in form.errors
