"""Fingerprints. Truths: property (what may change them and what may not), golden (stable over versions)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from barograph.definitions.fingerprint import behaviour_fingerprint, label_fingerprint, signals_fingerprint
from barograph.definitions.model import Population, ScoreModel
from barograph.definitions.starters import STARTERS, load_starter
from barograph.definitions.toml_io import dumps_model, loads_model
from support.definition_models import QUICK, models, sound_fields

GOLDEN = Path(__file__).parents[1] / "golden" / "definitions" / "fingerprints.json"
ROOT = Path(__file__).parents[2]


def prints(model: ScoreModel) -> tuple[str, str, str]:
    return (
        behaviour_fingerprint(model),
        label_fingerprint(model),
        signals_fingerprint(model.signals, model.population),
    )


def edited(path: tuple[Any, ...], value: Any) -> ScoreModel:
    fields: Any = sound_fields()
    place = fields
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    place[path[-1]] = value
    return ScoreModel.model_validate(fields)


SOUND = ScoreModel.model_validate(sound_fields())
LABEL_ONLY: list[tuple[tuple[Any, ...], Any]] = [
    (("name",), "other"),
    (("title",), "Another"),
    (("purpose",), "Why"),
    (("stage",), "predictive"),
    (("outcomes_behind",), 200),
    (("review", "attention_at_most"), 5),
    (("components", 0, "label"), "All"),
    (("components", 0, "meaning"), "What"),
    (("signals", 0, "label"), "Features"),
    (("signals", 0, "note"), "Said why"),
    (("signals", 0, "unit"), "pieces"),
    (("signals", 0, "category"), "value"),
    (("signals", 0, "kind"), "activity"),
    (("signals", 0, "confirmed"), True),
    (("tiers", 1, "label"), "Attention"),
    (("tiers", 1, "definition"), "Other words"),
    (("tiers", 1, "sla"), {"owner_days": 3}),
]
SCORING: list[tuple[tuple[Any, ...], Any]] = [
    (("signals", 0, "weight"), 21),
    (("signals", 0, "normalise"), {"method": "range", "zero": 0, "full": 9}),
    (("signals", 0, "variants"), [{"when": {"plan": "team"}, "applies": False}]),
    (("signals", 0, "missing"), "neutral"),
    (("tiers", 1, "from_score"), 46),
    (("thresholds",), [{"when": {"segment": "smb"}, "from_score": {"watch": 40}}]),
    (("min_coverage",), 0.5),
    (("neutral_points",), 49),
    (("damping", "hysteresis"), 6),
    (("rollup", "material_share"), 0.3),
    (("overlay",), {}),
    (("overlay", "valid_days"), 60),
    (("overlay", "cadence"), [{"when": {"plan": "team"}, "every_days": 30, "valid_days": 50}]),
    (("outcome", "downsold_at_most"), 0.9),
    (
        ("caps",),
        [
            {
                "name": "c",
                "label": "C",
                "when": [{"signal": "tickets", "at_least": 9}],
                "tier_at_most": "watch",
            }
        ],
    ),
    (("growth_gate",), [{"signal": "deals", "at_least": 1}]),
    (
        ("targets",),
        [{"name": "t", "label": "T", "stage": "renewal", "test": {"signal": "deals", "above": 0}}],
    ),
]
MEASURING: list[tuple[tuple[Any, ...], Any]] = [
    (("signals", 0, "window_days"), 56),
    (("signals", 0, "measure"), "team"),
    (("signals", 0, "where"), {"event": "export"}),
    (("signals", 0, "min_support"), 1),
    (("signals", 0, "stale_after_days"), 5),
    (("signals", 0, "name"), "breadth"),
    (("signals", 1, "absent"), "zero"),
    (("population", "grace_days"), 10),
]


def ids(cases: list[tuple[tuple[Any, ...], Any]]) -> list[str]:
    return ["-".join(str(step) for step in path) for path, _ in cases]


@pytest.mark.parametrize(("path", "value"), LABEL_ONLY, ids=ids(LABEL_ONLY))
def test_words_change_the_label_print_alone(path: tuple[Any, ...], value: Any) -> None:
    changed = edited(path, value)
    assert [a == b for a, b in zip(prints(changed), prints(SOUND), strict=True)] == [True, False, True]


@pytest.mark.parametrize(("path", "value"), SCORING, ids=ids(SCORING))
def test_scoring_changes_behaviour_and_not_the_values(path: tuple[Any, ...], value: Any) -> None:
    changed = prints(edited(path, value))
    assert changed[0] != prints(SOUND)[0]
    assert changed[2] == prints(SOUND)[2]


def test_how_often_a_pulse_is_due_changes_no_tier() -> None:
    cadence = [{"when": {"plan": "team"}, "every_days": 30, "valid_days": 50}]
    often, seldom = ({"cadence": [{**cadence[0], "every_days": n}], "every_days": n} for n in (20, 60))
    first, second = (prints(edited(("overlay",), rule)) for rule in (often, seldom))
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, True]


@pytest.mark.parametrize(("path", "value"), MEASURING, ids=ids(MEASURING))
def test_measuring_changes_behaviour_and_values(path: tuple[Any, ...], value: Any) -> None:
    changed = prints(edited(path, value))
    assert changed[0] != prints(SOUND)[0]
    assert changed[2] != prints(SOUND)[2]


def test_values_depend_on_time_zone_and_unit() -> None:
    found = {
        signals_fingerprint(SOUND.signals, Population(), timezone=zone, unit=unit)
        for zone in ("UTC", "Europe/Berlin")
        for unit in ("account", "product")
    }
    assert len(found) == 4


@given(models())
@QUICK
def test_order_of_named_parts_is_no_behaviour(model: ScoreModel) -> None:
    turned = model.model_copy(
        update={
            "signals": model.signals[::-1],
            "components": model.components[::-1],
            "caps": model.caps[::-1],
            "targets": model.targets[::-1],
            "growth_gate": model.growth_gate[::-1],
        }
    )
    assert behaviour_fingerprint(turned) == behaviour_fingerprint(model)
    assert signals_fingerprint(turned.signals, turned.population) == prints(model)[2]
    if len(model.signals) > 1:
        assert label_fingerprint(turned) != label_fingerprint(model)


@given(models())
@QUICK
def test_writing_and_reading_changes_no_print(model: ScoreModel) -> None:
    assert prints(loads_model(dumps_model(model))) == prints(model)


def test_order_counts_where_the_first_match_wins() -> None:
    variants = [{"when": {"plan": "a"}, "applies": False}, {"when": {"segment": "b"}, "applies": False}]
    first, second = (edited(("signals", 0, "variants"), v) for v in (variants, variants[::-1]))
    assert behaviour_fingerprint(first) != behaviour_fingerprint(second)


@pytest.mark.parametrize(
    "where",
    [
        {"event": "a"},
        {"event": ["a"]},
        {"event": {"one_of": ["a"]}},
        {"event": ["a", "a"]},
    ],
)
def test_ways_to_say_the_same_are_the_same(where: Any) -> None:
    told = edited(("signals", 0, "where"), where)
    assert behaviour_fingerprint(told) == behaviour_fingerprint(
        edited(("signals", 0, "where"), {"event": "a"})
    )


def test_kinds_of_values_are_not_the_same() -> None:
    found = {behaviour_fingerprint(edited(("signals", 0, "where"), {"x": v})) for v in (1, "1", True, "true")}
    assert len(found) == 4
    assert prints(edited(("signals", 0, "where"), {"x": 1.0})) == prints(
        edited(("signals", 0, "where"), {"x": 1})
    )


def test_prints_are_twelve_hex_digits() -> None:
    for text in prints(SOUND):
        assert len(text) == 12
        int(text, 16)


def test_shipped_models_have_the_golden_prints() -> None:
    """A change here is a change of what the shipped models do, or of FORMAT: say so in the change log."""
    found = {
        name: dict(zip(("behaviour", "label", "signals"), prints(load_starter(name)), strict=True))
        for name in STARTERS
    }
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_another_process_with_another_hash_seed_agrees() -> None:
    code = (
        "from barograph.definitions.starters import load_starter;"
        "from barograph.definitions.fingerprint import behaviour_fingerprint;"
        "print(behaviour_fingerprint(load_starter('lapse')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT / "src")},
    )
    assert told.stdout.strip() == behaviour_fingerprint(load_starter("lapse"))
