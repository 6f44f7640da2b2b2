"""The score model of the small workspace: every kind of line a score can have, in six signals."""

from __future__ import annotations

from typing import Any

from barograph.definitions.model import ScoreModel

SIGNALS: tuple[dict[str, Any], ...] = (
    {"name": "active_users", "label": "active users", "category": "usage", "kind": "activity", "unit": "users",
     "template": "distinct", "source": "events", "measure": "user_id", "window_days": 28,
     "stale_after_days": 6, "component": "adoption", "weight": 25,
     "normalise": {"method": "range", "zero": 0, "full": 9}},
    {"name": "usage_change", "label": "change in use", "category": "usage", "kind": "activity",
     "unit": "change", "template": "change", "source": "events", "window_days": 28, "min_support": 4,
     "stale_after_days": 6, "component": "adoption", "weight": 15,
     "normalise": {"method": "range", "zero": -0.5, "full": 0.1}},
    {"name": "feature_breadth", "label": "features in use", "category": "usage", "unit": "features",
     "template": "breadth", "source": "events", "measure": "feature", "window_days": 28, "min_rows": 2,
     "stale_after_days": 6, "component": "adoption", "weight": 15,
     "normalise": {"method": "percentile", "within": "segment", "min_peers": 5}},
    {"name": "sponsor_active", "label": "active sponsor", "category": "relationship", "unit": "yes_no",
     "template": "state_as_of", "source": "contacts", "where": {"role": "sponsor", "status": "active"},
     "component": "relationship", "weight": 25, "normalise": {"method": "range", "zero": 0, "full": 1}},
    {"name": "oldest_p1", "label": "oldest open P1 ticket", "category": "support", "unit": "days",
     "direction": "down", "template": "open_as_of", "source": "tickets", "where": {"priority": "p1"},
     "closed": "resolved_at", "result": "oldest_days", "absent": "zero", "component": "support", "weight": 20,
     "normalise": {"method": "range", "zero": 21, "full": 0}},
    {"name": "tickets", "label": "tickets in a quarter", "category": "support", "unit": "tickets",
     "direction": "down", "template": "count", "source": "tickets", "window_days": 91, "absent": "zero",
     "normalise": {"method": "range", "zero": 6, "full": 0}},
)  # fmt: skip

FIELDS: dict[str, Any] = {
    "name": "small",
    "title": "The small model",
    "min_coverage": 0.5,
    "components": (
        {"name": "adoption", "label": "Adoption"},
        {"name": "relationship", "label": "Relationship"},
        {"name": "support", "label": "Support"},
    ),
    "tiers": (
        {"name": "at_risk", "label": "At Risk", "from_score": 0, "definition": "Likely to be lost.",
         "sla": {"owner_days": 1, "touch_days": 3, "plan_days": 5}},
        {"name": "watch", "label": "Watch", "from_score": 45, "definition": "Could go either way.",
         "sla": {"touch_days": 5}},
        {"name": "healthy", "label": "Healthy", "from_score": 65, "definition": "On course."},
        {"name": "growth", "label": "Growth", "from_score": 85, "definition": "Room for more."},
    ),
    "growth_gate": ({"signal": "feature_breadth", "at_least": 4},),
    "caps": (
        {"name": "long_p1", "label": "a P1 ticket open for more than a week", "tier_at_most": "watch",
         "when": ({"signal": "oldest_p1", "at_least": 7},)},
    ),
    "targets": (
        {"name": "in_use", "label": "Five people use it", "stage": "activation",
         "test": {"signal": "active_users", "at_least": 5}},
    ),
}  # fmt: skip


def small_model(weights: dict[str, float] | None = None, **changes: Any) -> ScoreModel:
    """The model, with other weights for some signals or other fields of the model."""
    signals = [{**s, "weight": (weights or {}).get(s["name"], s.get("weight", 0))} for s in SIGNALS]
    for signal in signals:
        if signal["weight"] and "component" not in signal:
            signal["component"] = "support"
    return ScoreModel.model_validate({**FIELDS, "signals": signals, **changes})
