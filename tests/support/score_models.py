"""Small score models and weeks for tests of the core, written out or drawn from a seeded generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from barograph.core.inputs import REASON_CODE, WeekInputs
from barograph.definitions.model import ScoreModel

MONDAY = 20_773  # 2026-11-16
TIERS = (
    ("at_risk", "At Risk", 0),
    ("watch", "Watch", 40),
    ("healthy", "Healthy", 60),
    ("growth", "Growth", 80),
)


def signal(name: str, weight: float = 0, component: str = "use", **more: Any) -> dict[str, Any]:
    """A signal as data: a count over 28 days, 0 to 10, unless told otherwise."""
    base: dict[str, Any] = {
        "template": "count",
        "name": name,
        "label": name.replace("_", " "),
        "category": "usage",
        "source": "events",
        "window_days": 28,
        "weight": weight,
        "component": component,
        "normalise": {"method": "range", "zero": 0, "full": 10},
    }
    if more.get("template", "count") not in ("count",):
        del base["window_days"]
    return base | more


def model(*signals: dict[str, Any], **more: Any) -> ScoreModel:
    """A model of these signals with lines at 40, 60 and 80."""
    names = dict.fromkeys(s["component"] for s in signals)
    data: dict[str, Any] = {
        "name": "test",
        "title": "Test",
        "min_coverage": 0.5,
        "components": [{"name": name, "label": name.title()} for name in names],
        "signals": list(signals),
        "tiers": [{"name": n, "label": text, "from_score": at, "definition": ""} for n, text, at in TIERS],
    }
    return ScoreModel.model_validate(data | more)


def week(
    values: Mapping[str, Sequence[float | None]],
    day: int = MONDAY,
    *,
    ids: Sequence[str] | None = None,
    reasons: Mapping[str, Sequence[str]] | None = None,
    **attributes: Sequence[Any],
) -> WeekInputs:
    """A week of accounts a0, a1, ... with None for a missing value; reasons by name."""
    size = len(next(iter(values.values())))
    columns = {name: [np.nan if v is None else v for v in column] for name, column in values.items()}
    codes = {name: [REASON_CODE[w] for w in words] for name, words in (reasons or {}).items()}
    names = [f"a{i}" for i in range(size)] if ids is None else ids
    return WeekInputs.of(day, names, columns, attributes=attributes, reasons=codes)


SEGMENTS = ("smb", "mid", "ent")
LIFECYCLES = ("onboarding", "mature", "renewal")
SHAPES: tuple[dict[str, Any], ...] = (
    {"method": "range", "zero": 0, "full": 10},
    {"method": "range", "zero": 8, "full": 1},
    {"method": "log", "zero": 0, "full": 9},
    {"method": "decay", "half_life": 4},
    {"method": "percentile", "within": "segment", "min_peers": 5},
    {"method": "banded", "bands": [{"below": 2, "points": 5}, {"below": 6, "points": 45}, {"points": 95}]},
    {"method": "banded", "bands": [{"below": 5, "points": 80}, {"points": 20}], "missing_points": 35},
)
MISSING = ("redistribute", "redistribute", "neutral", "insufficient")


def random_model(rng: np.random.Generator, *, signals: int | None = None, plain: bool = False) -> ScoreModel:
    """A model of 1 to 8 signals in 1 to 3 components, with every kind of shape, variant, missing rule and
    cap.

    plain: without caps.
    """
    count = int(rng.integers(1, 9)) if signals is None else signals
    weights = rng.integers(1, 20, count).astype(float)
    weights = np.minimum(weights * 100 / weights.sum(), 100.0)
    drawn = []
    for k in range(count):
        variants: list[dict[str, Any]] = []
        if rng.random() < 0.4:
            variants.append({"when": {"lifecycle": "onboarding"}, "applies": False})
        if rng.random() < 0.4:
            shape = SHAPES[rng.integers(len(SHAPES))]
            variants.append({"when": {"lifecycle": ("renewal", "onboarding")}, "normalise": shape})
        drawn.append(
            signal(
                f"s{k}",
                weights[k],
                f"c{rng.integers(3)}",
                normalise=SHAPES[rng.integers(len(SHAPES))],
                direction=("up", "down")[rng.integers(2)],
                missing=MISSING[rng.integers(len(MISSING))],
                variants=variants,
            )
        )
    caps = [] if plain else [
        {"name": "soft", "label": "Soft", "when": [{"signal": "s0", "below": 2}], "tier_at_most": "watch"},
        {"name": "points", "label": "Points", "when": [{"signal": f"s{count - 1}", "above": 7}],
         "tier_at_most": "healthy", "score_at_most": 55},
        {"name": "hard", "label": "Hard", "when": [{"signal": "s0", "above": 9.5}], "tier_at_most": "at_risk",
         "hard_event": True, "scope": {"segment": ("smb", "mid")}},
    ]  # fmt: skip
    return model(*drawn, caps=caps, min_coverage=float(rng.choice([0.0, 0.3, 0.6])))


def random_week(
    rng: np.random.Generator,
    of: ScoreModel,
    size: int = 40,
    day: int = MONDAY,
    *,
    ids: Sequence[str] | None = None,
    missing: float = 0.2,
) -> WeekInputs:
    """Values 0 to 10 in halves (so that percentiles have ties), some missing for any reason."""
    values, reasons = {}, {}
    reason_codes = [REASON_CODE[r] for r in ("no_data", "no_recent", "stale_feed", "too_new", "pending")]
    for s in of.signals:
        column = rng.integers(0, 21, size) / 2.0
        gone = rng.random(size) < missing
        values[s.name] = np.where(gone, np.nan, column)
        reasons[s.name] = np.where(gone, rng.choice(reason_codes, size), 0)
    names = [f"a{i}" for i in range(size)] if ids is None else ids
    segments = np.array([*SEGMENTS, None], dtype=object)[rng.integers(0, 4, size)]
    lifecycles = np.array(LIFECYCLES, dtype=object)[rng.integers(0, 3, size)]
    attributes = {"segment": segments, "lifecycle": lifecycles}
    return WeekInputs.of(day, names, values, attributes=attributes, reasons=reasons)
