"""Signals to hold engines with: per template a fixed set that uses every option it has."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from barograph.definitions.signal import DERIVED_TEMPLATES, Signal

_SIGNAL: TypeAdapter[Any] = TypeAdapter(Signal)


def make(template: str, name: str = "s", **keys: Any) -> Any:
    """A signal of `template`; shape, label and category do not matter to engines."""
    shape = {"method": "range", "zero": 0, "full": 1}
    base = {"name": name, "label": name, "category": "usage", "normalise": shape, "template": template}
    return _SIGNAL.validate_python({**base, **keys})


def _set(template: str, *many: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(make(template, f"{template}_{i}", **keys) for i, keys in enumerate(many))


EVENTS: dict[str, Any] = {"source": "events"}
TICKETS: dict[str, Any] = {"source": "tickets"}
EXPORTS: dict[str, Any] = {**EVENTS, "where": {"event": "export"}}

SIGNALS: dict[str, tuple[Any, ...]] = {
    "count": _set(
        "count",
        {**EVENTS, "window_days": 28},
        {**EVENTS, "window_days": 30, "where": {"event": ["login", "größe"], "is_power_user": True}},
        {
            **EVENTS,
            "window_days": 91,
            "where": {"quantity": {"above": 0.2, "at_most": 100}},
            "min_support": 3,
        },
        {**EVENTS, "window_days": 7, "where": {"feature": {"present": False}}, "stale_after_days": 3},
        {**TICKETS, "window_days": 28, "where": {"priority": {"none_of": ["p1"]}}, "absent": "zero"},
        {**TICKETS, "window_days": 56, "at": "resolved_at"},
        {**TICKETS, "window_days": 30, "where": {"reopened": {"at_least": 1}}, "min_history_days": 60},
        {"source": "metrics", "window_days": 28, "where": {"metric": "dau"}, "max_gap_days": 2},
        {"source": "references", "window_days": 28, "max_gap_days": 8},
        {"source": "opportunities", "window_days": 91, "at": "closed_at", "where": {"won": True}},
        {
            "source": "pulses",
            "window_days": 28,
            "where": {"sponsor_status": {"one_of": ["missing", "at_risk"]}},
        },
        {"source": "outcomes", "window_days": 28, "absent": "zero"},
        {
            **EVENTS,
            "window_days": 28,
            "where": {"no_such_column": {"present": False}, "team": {"present": True}},
        },
        {"source": "goals", "window_days": 91, "at": "confirmed_at", "absent": "zero"},
        {**TICKETS, "window_days": 28, "at": "escalated_at", "stale_after_days": 4, "max_gap_days": 2},
        {"source": "goals", "window_days": 28, "at": "confirmed_at", "stale_after_days": 6},
    ),
    "sum": _set(
        "sum",
        {**EVENTS, "measure": "quantity", "window_days": 28},
        {**EVENTS, "measure": "weight", "window_days": 91, "where": {"team": "ops"}},
        {"source": "metrics", "measure": "value", "window_days": 30, "where": {"metric": "seats_used"}},
        {"source": "invoices", "measure": "amount", "window_days": 56, "at": "paid_at", "min_support": 2},
        {"source": "invoices", "measure": "days_late", "window_days": 91, "absent": "zero"},
        {**EVENTS, "measure": "no_such_column", "window_days": 28},
    ),
    "mean": _set(
        "mean",
        {**EVENTS, "measure": "quantity", "window_days": 28},
        {"source": "surveys", "measure": "score_100", "window_days": 91, "where": {"kind": "csat"}},
        {**TICKETS, "measure": "csat", "window_days": 56, "min_support": 2, "stale_after_days": 10},
        {**TICKETS, "measure": "resolution_hours", "window_days": 91, "at": "resolved_at"},
        {"source": "goals", "measure": "progress", "window_days": 91, "at": "confirmed_at"},
        {"source": "goals", "measure": "progress", "window_days": 28, "at": "recorded_at"},
        {"source": "interactions", "measure": "attended", "window_days": 91},
    ),
    "median": _set(
        "median",
        {**EVENTS, "measure": "quantity", "window_days": 28},
        {**EVENTS, "measure": "weight", "window_days": 7},
        {**TICKETS, "measure": "resolution_hours", "window_days": 56},
        {"source": "metrics", "measure": "value", "window_days": 30, "min_support": 4, "absent": "zero"},
    ),
    "distinct": _set(
        "distinct",
        {**EVENTS, "measure": "user_id", "window_days": 28},
        {**EVENTS, "measure": "user_id", "window_days": 7, "where": {"is_power_user": True}},
        {**EVENTS, "measure": "user_id", "per_day": True, "window_days": 28, "min_support": 5},
        {**EVENTS, "per_day": True, "window_days": 28, "where": {"event": "login"}},
        {**EVENTS, "measure": "quantity", "window_days": 91},
        {**TICKETS, "measure": "kind", "window_days": 56, "at": "first_response_at", "absent": "zero"},
        {"source": "metrics", "per_day": True, "window_days": 30},
    ),
    "breadth": _set(
        "breadth",
        {**EVENTS, "measure": "feature", "window_days": 28},
        {**EVENTS, "measure": "user_id", "min_rows": 2, "window_days": 28},
        {
            **EVENTS,
            "measure": "team",
            "min_rows": 3,
            "window_days": 91,
            "where": {"event": {"none_of": ["login"]}},
        },
        {**TICKETS, "measure": "priority", "min_rows": 2, "window_days": 56, "min_support": 2},
    ),
    "latest": _set(
        "latest",
        {"source": "metrics", "measure": "value", "expiry_days": 28},
        {"source": "surveys", "measure": "score", "expiry_days": 91, "where": {"kind": "nps"}},
        {"source": "surveys", "measure": "score_100", "expiry_days": 56, "min_support": 2},
        {**EVENTS, "measure": "quantity", "expiry_days": 30, "max_gap_days": 5},
        {**TICKETS, "measure": "csat", "expiry_days": 91, "at": "resolved_at", "absent": "zero"},
        {"source": "legacy_scores", "measure": "score", "expiry_days": 7},
    ),
    "days_since": _set(
        "days_since",
        {**EVENTS},
        {**EVENTS, "where": {"event": "export"}, "cap_days": 20},
        {**EVENTS, "which": "first", "where": {"feature": "api"}},
        {"source": "interactions", "where": {"executive": True}, "cap_days": 90, "min_support": 1},
        {"source": "interactions", "which": "first", "cap_days": 30, "absent": "zero"},
        {**TICKETS, "at": "escalated_at"},
        {"source": "goals", "at": "confirmed_at", "where": {"confirmed_by": {"present": True}}},
    ),
    "share": _set(
        "share",
        {**EVENTS, "where": {"event": "login"}, "window_days": 28},
        {**EVENTS, "where": {"is_power_user": True}, "among": {"team": ["sales", "ops"]}, "window_days": 30},
        {**EVENTS, "where": {"feature": "api"}, "measure": "quantity", "window_days": 91, "min_support": 2},
        {**TICKETS, "where": {"priority": "p1"}, "among": {"kind": "bug"}, "window_days": 56},
        {
            "source": "interactions",
            "where": {"attended": True},
            "among": {"attended": {"present": True}},
            "window_days": 91,
        },
    ),
    "change": _set(
        "change",
        {**EVENTS, "window_days": 28},
        {**EVENTS, "of": "sum", "measure": "quantity", "window_days": 28},
        {**EVENTS, "of": "mean", "measure": "weight", "window_days": 30, "min_support": 2},
        {**EVENTS, "of": "distinct", "measure": "user_id", "window_days": 7},
        {**TICKETS, "window_days": 28, "where": {"priority": "p2"}, "min_support": 1, "absent": "zero"},
        {
            "source": "metrics",
            "of": "mean",
            "measure": "value",
            "window_days": 28,
            "where": {"metric": "dau"},
        },
    ),
    "power_user_trend": _set(
        "power_user_trend",
        {**EVENTS, "window_days": 28},
        {**EVENTS, "window_days": 30, "where": {"event": "login"}, "min_support": 3},
        {**EVENTS, "window_days": 7, "measure": "team", "flag": "is_power_user"},
        {**TICKETS, "window_days": 28},
    ),
    "slope": _set(
        "slope",
        {**EVENTS, "window_days": 28},
        {**EVENTS, "of": "sum", "measure": "quantity", "window_days": 56},
        {**EXPORTS, "window_days": 21, "min_support": 2},
        {"source": "metrics", "of": "sum", "measure": "value", "window_days": 91, "absent": "zero"},
    ),
    "open_as_of": _set(
        "open_as_of",
        {**TICKETS, "closed": "resolved_at"},
        {**TICKETS, "closed": "resolved_at", "result": "oldest_days", "where": {"priority": ["p1", "p2"]}},
        {
            **TICKETS,
            "closed": "resolved_at",
            "min_age_days": 7,
            "where": {"priority": "p1"},
            "absent": "zero",
        },
        {**TICKETS, "closed": "first_response_at", "at": "escalated_at", "result": "oldest_days"},
        {"source": "escalations", "closed": "resolved_at", "min_age_days": 1},
        {"source": "opportunities", "closed": "closed_at", "where": {"kind": "expansion"}, "min_support": 1},
        {"source": "goals", "at": "confirmed_at", "closed": "due_on"},
    ),
    "overdue_as_of": _set(
        "overdue_as_of",
        {"source": "invoices"},
        {"source": "invoices", "result": "sum", "measure": "amount", "absent": "zero"},
        {"source": "invoices", "result": "oldest_days", "where": {"failures": {"at_least": 1}}},
        {"source": "goals", "at": "confirmed_at", "due": "due_on", "done": "no_such_column"},
        {"source": "goals", "due": "due_on", "done": "confirmed_at"},
        {**TICKETS, "due": "first_response_at", "done": "resolved_at", "result": "oldest_days"},
    ),
    "response_latency": _set(
        "response_latency",
        {**TICKETS, "start": "opened_at", "end": "first_response_at", "window_days": 28},
        {**TICKETS, "start": "opened_at", "end": "resolved_at", "aggregate": "median", "window_days": 56},
        {
            **TICKETS,
            "start": "opened_at",
            "end": "resolved_at",
            "window_days": 30,
            "where": {"priority": "p1"},
        },
        {"source": "invoices", "start": "issued_at", "end": "paid_at", "window_days": 91, "min_support": 2},
    ),
    "milestone": _set(
        "milestone",
        {"milestone": "go_live"},
        {"milestone": "go_live", "within_days": 30},
        {"milestone": "first_value", "within_days": 90, "absent": "zero"},
        {"milestone": "never", "within_days": 7},
    ),
    "state_as_of": _set(
        "state_as_of",
        {
            "source": "contacts",
            "where": {"role": "sponsor", "status": "active"},
            "begins": "valid_from",
            "ends": "valid_to",
        },
        {"source": "contacts", "where": {"role": "champion"}, "result": "count", "ends": "valid_to"},
        {
            "source": "contacts",
            "where": {"status": "active"},
            "among": {"role": ["sponsor", "champion"]},
            "result": "share",
        },
        {
            "source": "contracts",
            "where": {"plan": "pro"},
            "begins": "start_date",
            "ends": "end_date",
            "result": "count",
        },
        {
            "source": "contracts",
            "where": {"cancelled_at": {"present": True}},
            "begins": "signed_at",
            "absent": "zero",
        },
        {
            "source": "goals",
            "where": {"confirmed_by": {"present": True}},
            "result": "share",
            "min_support": 2,
        },
        {"source": "goals", "where": {"confirmed_by": "Ann"}, "absent": "zero"},
        {"source": "accounts", "where": {"plan": "pro"}},
        {"source": "escalations", "where": {"severity": "high"}, "ends": "resolved_at", "result": "count"},
    ),
    "stakeholder_coverage": _set(
        "stakeholder_coverage",
        {"roles": ["sponsor", "champion", "admin"]},
        {"roles": ["sponsor", "economic_buyer"], "where": {"status": "active"}, "min_support": 1},
        {"roles": ["champion"], "begins": None, "ends": None, "absent": "zero"},
    ),
    "ratio": (
        make("count", "ratio_top", **EVENTS, window_days=28),
        make("distinct", "ratio_bottom", **EVENTS, measure="user_id", window_days=28),
        make("count", "ratio_tickets", **TICKETS, window_days=28),
        make("ratio", "ratio_0", numerator="ratio_top", denominator="ratio_bottom"),
        make("ratio", "ratio_1", numerator="ratio_tickets", denominator="ratio_bottom", scale=100),
        make("ratio", "ratio_2", numerator="ratio_bottom", denominator="ratio_tickets"),
        make("ratio", "ratio_3", numerator="ratio_0", denominator="ratio_1"),
        make("ratio", "ratio_4", numerator="ratio_top", denominator="ratio_tickets", min_support=4),
        make("ratio", "ratio_5", numerator="ratio_top", denominator="ratio_bottom", min_history_days=60),
    ),
    "per_seat": (
        make("distinct", "seat_users", **EVENTS, measure="user_id", window_days=28),
        make("per_seat", "per_seat_0", numerator="seat_users"),
    ),
}
"""Per template, signals over the tables of `signal_data.build_raw` that use every option it has."""

TEMPLATE_NAMES = tuple(SIGNALS)
ALL_SIGNALS = tuple(signal for many in SIGNALS.values() for signal in many)


def stands_alone(signal: Any) -> bool:
    """Whether other accounts cannot change the signal: no feed check and no `absent = "zero"`."""
    if signal.template in DERIVED_TEMPLATES:
        return True
    return signal.stale_after_days is None and signal.max_gap_days is None and signal.absent == "missing"
