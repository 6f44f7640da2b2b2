"""Two short prints of a model, and one of what its signal values depend on.

behaviour: everything that can change a score, a tier, an outcome or the result of a target: sources,
windows, conditions, weights, shapes, thresholds, caps, damping, overlay, population and outcome rules. A new
behaviour print is a new version of the model.

label: everything else: titles, labels, notes, written definitions, service levels, the length of the review
list, category, kind, unit and direction (they group and phrase a signal; its shape is what scores it), the
stage, how often a pulse is due, and the order in which things are shown.

Both are the first 12 hex digits of SHA-256 over canonical JSON: keys sorted, defaults left out (writing a
default down changes nothing), whole floats as integers, sets (lists in `where`, `one_of`, roles) sorted,
named things sorted by name where their order has no meaning and kept where the first match wins (variants,
thresholds, bands). Nothing depends on hash seeds, dictionary order or the Python version. `FORMAT` is part
of the text that is hashed; it changes when a default, or the meaning of a key, changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from barograph.definitions.model import Population, ScoreModel
from barograph.definitions.overlay import Overlay
from barograph.definitions.signal import Signal, SignalBase

FORMAT = 1
DIGITS = 12

_MODEL_LABELS = ("name", "title", "purpose", "stage", "outcomes_behind", "review")
_SIGNAL_LABELS = ("label", "category", "kind", "unit", "direction", "confirmed", "note")
_PART_LABELS: dict[str, tuple[str, ...]] = {
    "signals": _SIGNAL_LABELS,
    "components": ("label", "meaning"),
    "tiers": ("label", "definition", "sla"),
    "caps": ("name", "label"),
    "targets": ("name", "label"),
}
_DUE = ("every_days",)
_SCORING_KEYS = ("weight", "component", "normalise", "variants", "missing")
_UNORDERED_PARTS = ("signals", "components", "growth_gate", "caps", "targets")
_CONDITION_KEYS = ("where", "among", "scope", "when")
_SET_KEYS = ("one_of", "none_of", "roles", "horizons_days")


def behaviour_fingerprint(model: ScoreModel) -> str:
    """12 hex digits that differ when, and only when, the model could give another number or tier."""
    document = _dump(model)
    for key in _MODEL_LABELS:
        document.pop(key, None)
    for part, labels in _PART_LABELS.items():
        document[part] = [_without(item, labels) for item in document.get(part, ())]
    if model.overlay is not None:
        # Written even with all its defaults: a model with the rule is not one without it.
        rule = _dump(model.overlay)
        cadence = [_without(item, _DUE) for item in rule.pop("cadence", ())]
        document["overlay"] = {**_without(rule, _DUE), **({"cadence": cadence} if cadence else {})}
    return _digest("behaviour", _canonical(document))


def label_fingerprint(model: ScoreModel) -> str:
    """12 hex digits of what a reader sees and no number depends on, the order of the file included."""
    document = _dump(model)
    labels: dict[str, Any] = {key: document[key] for key in _MODEL_LABELS if key in document}
    for part, keys in _PART_LABELS.items():
        keep = (*keys, "name")
        labels[part] = [{k: item[k] for k in keep if k in item} for item in document.get(part, ())]
    if model.overlay is not None:
        labels["overlay"] = [model.overlay.every_days, *(c.every_days for c in model.overlay.cadence)]
    return _digest("label", _canonical(labels, keep_order=True))


def signals_fingerprint(
    signals: Iterable[Signal],
    population: Population,
    *,
    timezone: str = "UTC",
    unit: Literal["account", "product"] = "account",
) -> str:
    """12 hex digits of what stored signal values depend on: definitions, population, time zone and unit.

    Weights, shapes, variants, the rule for missing values and all labels are left out: changing them
    needs a new score, not new signal values. The order of the signals does not matter.
    """
    leave = (*_SIGNAL_LABELS, *_SCORING_KEYS)
    document = {
        "signals": [_without(_dump(signal), leave) for signal in signals],
        "population": _dump(population),
        "timezone": timezone,
        "unit": unit,
    }
    return _digest("signals", _canonical(document))


def _dump(definition: ScoreModel | SignalBase | Population | Overlay) -> dict[str, Any]:
    return definition.model_dump(mode="json", exclude_defaults=True)


def _without(item: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    leave = set(keys)
    return {key: value for key, value in item.items() if key not in leave}


def _digest(kind: str, document: Any) -> str:
    text = _text({"format": FORMAT, "kind": kind, "document": document})
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:DIGITS]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def _canonical(value: Any, key: str = "", *, keep_order: bool = False) -> Any:
    if isinstance(value, Mapping):
        if key in _CONDITION_KEYS:
            return {column: _accepted(test) for column, test in value.items()}
        return {k: _canonical(v, k, keep_order=keep_order) for k, v in value.items()}
    if isinstance(value, list | tuple):
        items = [_canonical(item, keep_order=keep_order) for item in value]
        # A cap's `when` is a list of tests that must all hold, so its order says nothing either.
        unordered = key in _SET_KEYS or key == "when" or (key in _UNORDERED_PARTS and not keep_order)
        return sorted(items, key=_text) if unordered else items
    return _number(value)


def _accepted(test: Any) -> Any:
    """A condition on one column: a value, a list of one and `one_of` of one value all mean the same."""
    if isinstance(test, Mapping):
        rest = {k: _canonical(v, k) for k, v in test.items()}
        return rest["one_of"] if list(rest) == ["one_of"] else rest
    values = test if isinstance(test, list | tuple) else [test]
    return sorted({_text(v): v for v in map(_number, values)}.values(), key=_text)


def _number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
