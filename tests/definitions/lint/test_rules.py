"""Lint. Truths: each rule finds the model that breaks it and not the sound one; shipped models are clean."""

from __future__ import annotations

from typing import Any

import pytest

from barograph.definitions.lint import RULES, contract_columns, lint, rule
from barograph.definitions.lint.schema import RESERVED_NAMES
from barograph.definitions.model import ScoreModel
from barograph.definitions.starters import STARTERS, load_starter
from barograph.signals.accounts import STATE_COLUMNS
from support.broken_models import BANDS_TWICE_TURNED, BROKEN, pulse_scored, weights
from support.definition_models import signal, sound, sound_fields, with_signals

NEEDS_DATA = {"BG-W010"}


def test_ids_are_unique_and_ordered_and_every_rule_has_a_broken_model() -> None:
    found = [r.id for r in RULES]
    assert found == sorted(set(found))
    assert set(found) == set(BROKEN) | NEEDS_DATA
    for each in RULES:
        assert each.title and each.reason.endswith((".", ")."))
        assert each.severity == ("error" if each.id.startswith("BG-E") else "warning")
        assert rule(each.id) is each


def test_nothing_is_found_in_the_sound_model() -> None:
    assert lint(sound()) == []
    assert lint(sound(), contract_columns()) == []


@pytest.mark.parametrize("name", STARTERS)
def test_nothing_is_found_in_shipped_models(name: str) -> None:
    assert lint(load_starter(name)) == []
    assert lint(load_starter(name), contract_columns()) == []


@pytest.mark.parametrize("rule_id", BROKEN)
def test_rule_finds_the_model_that_breaks_it(rule_id: str) -> None:
    make, where, message = BROKEN[rule_id]
    found = [f for f in lint(make()) if f.rule == rule_id]
    assert [f for f in found if f.where == where and message in f.message], found
    assert all(f.fix.endswith(".") and f.reason == rule(rule_id).reason for f in found)
    assert all(f.severity == rule(rule_id).severity for f in found)


@pytest.mark.parametrize("rule_id", BROKEN)
def test_what_breaks_one_rule_breaks_few_others(rule_id: str) -> None:
    """Findings must point at the mistake, not bury it: at most two other rules speak up."""
    others = {f.rule for f in lint(BROKEN[rule_id][0]())} - {rule_id}
    assert len(others) <= 2, others


def test_errors_come_first() -> None:
    found = lint(with_signals(tickets={"direction": "up"}, features={"stale_after_days": None}))
    assert [f.severity for f in found] == ["error", "warning"]


def test_reserved_names_are_those_of_the_account_state() -> None:
    assert set(STATE_COLUMNS) <= RESERVED_NAMES | {"lifecycle_stage"}


class TestWithData:
    """With the workspace's own columns the same rules speak of what was imported."""

    def test_table_that_was_not_imported(self) -> None:
        known = {t: c for t, c in contract_columns().items() if t != "opportunities"}
        found = [f for f in lint(sound(), known) if f.rule == "BG-W010"]
        assert [f.where for f in found] == ['signal "deals" > source']
        assert found[0].message == "your data has no opportunities."

    def test_column_of_the_contract_that_the_data_does_not_have(self) -> None:
        known = contract_columns()
        del known["contacts"]["role"]
        found = [f for f in lint(sound(), known) if f.rule == "BG-E007"]
        assert [f.where for f in found] == ['signal "sponsor" > where']
        assert found[0].message.startswith('your contacts have no column "role"')

    def test_attributes_are_known(self) -> None:
        model = with_signals(signal("x", where={"channel": "mail"}))
        known = contract_columns()
        known["tickets"]["channel"] = "text"
        assert lint(model, known) == []

    def test_attributes_are_taken_on_trust_without_data(self) -> None:
        assert lint(with_signals(signal("x", where={"channel_of_contact": "mail"}))) == []

    def test_attribute_that_is_not_there(self) -> None:
        found = lint(with_signals(signal("x", where={"channel_of_contact": "mail"})), contract_columns())
        assert [f.rule for f in found] == ["BG-E007"]

    def test_scope_on_an_own_attribute(self) -> None:
        model = sound(thresholds=[{"when": {"region_group": "north"}, "from_score": {"watch": 40}}])
        known = contract_columns()
        assert [f.rule for f in lint(model, known)] == ["BG-W019"]
        known["accounts"]["region_group"] = "text"
        assert lint(model, known) == []

    def test_categories_count_only_with_their_tables(self) -> None:
        model = with_signals(touches={"category": "value"})
        known = {t: c for t, c in contract_columns().items() if t != "interactions"}
        assert "BG-W013" not in {f.rule for f in lint(model, known)}

    def test_easy_signals_may_lead_when_there_is_nothing_else(self) -> None:
        fields = sound_fields()
        fields["signals"] = [
            s for s in fields["signals"] if s["category"] in ("usage", "support", "engagement")
        ]
        for each, weight in zip(fields["signals"], (40, 20, 40), strict=True):
            each["weight"] = weight
        fields["population"] = {"rule": "accounts"}
        known = {
            t: c
            for t, c in contract_columns().items()
            if t in ("accounts", "events", "tickets", "interactions")
        }
        assert lint(ScoreModel.model_validate(fields), known) == []
        assert "BG-W011" in {f.rule for f in lint(ScoreModel.model_validate(fields))}

    def test_population_without_contracts(self) -> None:
        known = {t: c for t, c in contract_columns().items() if t != "contracts"}
        assert "BG-E015" in {f.rule for f in lint(sound(), known)}


@pytest.mark.parametrize(
    ("changed", "where", "message"),
    [
        ({"direction": "down", "normalise": {"method": "decay", "half_life": 9}}, None, ""),
        (
            {"direction": "up", "normalise": {"method": "decay", "half_life": 9}},
            "normalise",
            "decay scores lower",
        ),
        ({"direction": "up", "normalise": BANDS_TWICE_TURNED}, "normalise", "the bands rise and fall"),
        ({"direction": "free", "normalise": BANDS_TWICE_TURNED}, None, ""),
        ({"direction": "down", "normalise": {"method": "percentile"}}, None, ""),
        ({"direction": "down", "normalise": {"method": "log", "zero": 9, "full": 0}}, None, ""),
        (
            {"variants": [{"when": {"plan": "a"}, "normalise": {"method": "range", "zero": 0, "full": 1}}]},
            "variants 1 > normalise",
            "range scores higher",
        ),
    ],
)
def test_shapes_against_directions(changed: dict[str, Any], where: str | None, message: str) -> None:
    found = [f for f in lint(with_signals(tickets=changed)) if f.rule == "BG-E016"]
    if where is None:
        assert found == []
    else:
        assert [f.where for f in found] == [f'signal "tickets" > {where}']
        assert message in found[0].message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {
                "template": "mean",
                "source": "metrics",
                "measure": "value",
                "where": {"metric": "m"},
                "window_days": 14,
                "min_support": 20,
                "stale_after_days": 3,
            },
            "hold at most 14 facts",
        ),
        (
            {
                "template": "share",
                "source": "pulses",
                "where": {"sponsor_status": "active"},
                "window_days": 56,
                "min_support": 4,
            },
            "hold at most 3 facts",
        ),
        (
            {
                "template": "change",
                "source": "events",
                "window_days": 30,
                "min_support": 5,
                "stale_after_days": 3,
            },
            "no whole weeks",
        ),
    ],
)
def test_windows_that_cannot_hold_what_is_asked(fields: dict[str, Any], message: str) -> None:
    found = [f for f in lint(with_signals(signal("x", **fields))) if f.rule == "BG-W015"]
    assert message in found[0].message


def test_lowest_tier_of_a_scope_must_begin_at_zero() -> None:
    model = sound(thresholds=[{"when": {"segment": "smb"}, "from_score": {"at_risk": 10}}])
    found = lint(model)
    assert [(f.rule, f.where) for f in found] == [("BG-E004", "threshold 1 (segment is smb)")]


def test_variant_with_a_shape_that_is_not_used() -> None:
    shape = {"method": "range", "zero": 9, "full": 0}
    model = with_signals(
        tickets={"variants": [{"when": {"plan": "a"}, "applies": False, "normalise": shape}]}
    )
    assert [(f.rule, f.where) for f in lint(model)] == [("BG-W020", 'signal "tickets" > variants 1')]


SMB, LARGE = {"segment": "smb"}, {"segment": ("mid", "enterprise")}


@pytest.mark.parametrize(
    ("overlay", "fields", "places"),
    [
        (None, {}, []),
        ({}, {"weight": 0}, []),
        ({"scope": SMB}, {}, ["weight"]),
        ({"scope": SMB}, {"variants": [{"when": SMB, "applies": False}]}, []),
        ({"scope": SMB}, {"variants": [{"when": LARGE, "applies": False}]}, ["weight"]),
        ({"scope": SMB}, {"variants": [{"when": {"segment": ("smb", "mid")}, "applies": False}]}, []),
        (
            {"scope": SMB},
            {"variants": [{"when": {"plan": "a"}}, {"when": SMB, "applies": False}]},
            ["weight"],
        ),
        ({"scope": SMB}, {"variants": [{"when": LARGE}, {"when": SMB, "applies": False}]}, []),
        ({}, {"variants": [{"when": SMB, "applies": False}]}, ["weight"]),
    ],
)
def test_a_pulse_is_overlay_or_signal_by_account(overlay: Any, fields: Any, places: list[str]) -> None:
    """H5: used once for the same account; both side by side where scopes keep them apart."""
    found = [f for f in lint(pulse_scored(overlay, **fields)) if f.rule == "BG-E020"]
    assert [f.where for f in found] == [f'signal "pulse" > {place}' for place in places]


def test_a_cap_or_the_gate_on_a_pulse_counts_it_twice_too() -> None:
    """H5: also through a signal that is made of one."""
    share = signal("per_seat", template="per_seat", numerator="pulse", category="relationship")
    base = pulse_scored(None, weight=0).model_dump()
    test = {"signal": "per_seat", "at_least": 1}
    cap = {"name": "c", "label": "C", "when": [test], "tier_at_most": "watch"}
    pulse = {**base["signals"][-1], "weight": 0}
    fields = {**base, "signals": [*base["signals"][:-1], pulse, share], "overlay": {"scope": SMB}}
    caps = ScoreModel.model_validate({**fields, "caps": [cap], "growth_gate": [test]})
    assert [f.where for f in lint(caps) if f.rule == "BG-E020"] == [
        'signal "per_seat" > cap "c"',
        'signal "per_seat" > growth_gate',
    ]
    apart = ScoreModel.model_validate({**fields, "caps": [{**cap, "scope": LARGE}]})
    assert [f for f in lint(apart) if f.rule == "BG-E020"] == []


def test_findings_read_as_sentences() -> None:
    text = str(lint(weights(tickets=10))[0])
    assert text == (
        "BG-E001 error: model: the weights sum to 95 (20 + 15 + 10 + 20 + 10 + 20), not to 100. Add 5 points."
    )
