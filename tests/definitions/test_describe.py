"""Definitions in words. Truth: examples, one for each template and shape, as a reader sees them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from barograph.definitions.base import Condition
from barograph.definitions.describe import describe_scope, describe_shape, describe_signal, describe_where
from barograph.definitions.normalise import Shape
from support.definition_models import SIGNAL, TEMPLATE_FIELDS, signal

SHAPE: TypeAdapter[Shape] = TypeAdapter(Shape)

SENTENCES: dict[str, tuple[dict[str, Any], str]] = {
    "count": (
        {"where": {"priority": ["p1", "p2"]}},
        "number of tickets in the last 28 days, where priority is p1 or p2",
    ),
    "sum": (
        {"source": "invoices", "measure": "failures", "window_days": 91},
        "sum of invoices.failures in the last 91 days",
    ),
    "mean": (
        {"measure": "csat", "window_days": 91, "at": "resolved_at"},
        "mean of tickets.csat in the last 91 days, dated by resolved_at",
    ),
    "median": ({"measure": "csat", "window_days": 1}, "median of tickets.csat in the last day"),
    "distinct": (
        {"source": "events", "measure": "user_id", "per_day": True, "window_days": 28},
        "different pairs of user_id and day in events in the last 28 days",
    ),
    "breadth": (
        {"source": "events", "measure": "feature", "min_rows": 3, "window_days": 28},
        "different values of feature in events with at least 3 rows each in the last 28 days",
    ),
    "latest": (
        {"source": "surveys", "measure": "score", "expiry_days": 180},
        "newest surveys.score, not older than 180 days",
    ),
    "days_since": (
        {"source": "interactions", "cap_days": 365, "absent": "zero"},
        "days since the last of interactions, at most 365; an account without any counts as having none",
    ),
    "share": (
        {"where": {"kind": "defect"}, "among": {"kind": {"present": True}}, "window_days": 91},
        "share of tickets rows among those where kind is known in the last 91 days, where kind is defect",
    ),
    "change": (
        {"source": "events", "of": "distinct", "measure": "user_id", "window_days": 28},
        "change of the number of different user_id of events in the last 28 days against the 28 days before",
    ),
    "power_user_trend": (
        {"source": "events", "window_days": 28},
        "change of the number of different user_id with is_power_user in events in the last 28 days "
        "against the 28 days before",
    ),
    "slope": (
        {"of": "sum", "measure": "csat", "window_days": 84},
        "trend per week of the sum of csat of tickets in the last 84 days",
    ),
    "open_as_of": (
        {"closed": "resolved_at", "min_age_days": 7},
        "number of tickets open for 7 days or more (no resolved_at yet)",
    ),
    "overdue_as_of": (
        {"source": "invoices", "result": "sum", "measure": "amount"},
        "sum of amount over invoices past due_at without paid_at",
    ),
    "response_latency": (
        {"start": "opened_at", "end": "first_response_at", "window_days": 91},
        "mean hours from opened_at to first_response_at of tickets in the last 91 days",
    ),
    "milestone": (
        {"source": "milestones", "milestone": "live", "within_days": 45},
        "1 when the milestone live was reached within 45 days of the account's start, else 0",
    ),
    "state_as_of": (
        {"source": "contacts", "where": {"role": "sponsor"}},
        "1 when one of contacts is in force, else 0, where role is sponsor",
    ),
    "stakeholder_coverage": (
        {"source": "contacts", "roles": ["sponsor", "admin"]},
        "share of the roles sponsor and admin held by a contact in force",
    ),
    "ratio": ({"numerator": "a", "denominator": "b", "scale": 0.5}, "a divided by b, times 0.5"),
    "per_seat": ({"numerator": "a"}, "a divided by the seats in force"),
}


def test_every_template_has_an_example() -> None:
    assert set(SENTENCES) == set(TEMPLATE_FIELDS)


@pytest.mark.parametrize("template", SENTENCES)
def test_signals(template: str) -> None:
    fields, sentence = SENTENCES[template]
    assert describe_signal(SIGNAL.validate_python(signal("s", template=template, **fields))) == sentence


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (
            {"method": "range", "zero": -0.5, "full": 0.1},
            "-0.5 scores 0, 0.1 scores 100, in a straight line between",
        ),
        (
            {"method": "log", "zero": 0, "full": 12000},
            "0 scores 0, 12,000 scores 100, by powers of ten between",
        ),
        ({"method": "decay", "half_life": 30}, "0 scores 100, halved with every 30"),
        ({"method": "percentile", "within": "plan"}, "rank among the accounts of the same plan, 0 to 100"),
        (
            {"method": "banded", "bands": [{"below": 2, "points": 0}, {"points": 100}], "missing_points": 40},
            "below 2 scores 0, above that scores 100, unknown scores 40",
        ),
    ],
)
def test_shapes(shape: Any, sentence: str) -> None:
    assert describe_shape(SHAPE.validate_python(shape)) == sentence


def test_conditions_and_scopes() -> None:
    where = {
        "a": Condition(at_least=2, below=5),
        "b": Condition(none_of=("x", "y")),
        "c": Condition(present=False),
    }
    assert describe_where({**where, "d": True, "e": ()}) == (
        "a is at least 2 and below 5 and b is not x or y and c is not known and d is true and e is nothing"
    )
    assert describe_where({}) == ""
    assert describe_scope({}) == "every account"
    assert describe_scope({"segment": ("smb", "mid")}) == "segment is smb or mid"
