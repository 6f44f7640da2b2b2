"""One plain signal per table, for a category that would otherwise have none although its table is there."""

from __future__ import annotations

from typing import Any

from barograph.definitions.base import Category
from barograph.definitions.lint.schema import FEEDS as CATEGORY_TABLES
from barograph.definitions.propose.adapt import SIGNAL, Dropped, adapt
from barograph.definitions.propose.candidates import Candidate
from barograph.definitions.propose.data_profile import DataProfile

_EVERY = "cover every account, so one without has none."
_UP = {"method": "log", "zero": 0, "full": 10}
_DOWN = {"method": "log", "zero": 10, "full": 0}
PLAIN: dict[str, dict[str, Any]] = {
    "interactions": {
        "template": "count", "name": "touches", "label": "touches in a quarter", "source": "interactions",
        "absent": "zero", "window_days": 91, "unit": "touches", "normalise": _UP, "note": f"Touches {_EVERY}",
    },
    "tickets": {
        "template": "count", "name": "tickets_opened", "label": "tickets in a quarter", "source": "tickets",
        "absent": "zero", "window_days": 91, "unit": "tickets", "direction": "down", "normalise": _DOWN,
        "note": f"Tickets {_EVERY}",
    },
    "escalations": {
        "template": "count", "name": "escalations_opened", "label": "escalations in a quarter",
        "source": "escalations", "absent": "zero", "window_days": 91, "unit": "escalations",
        "direction": "down", "normalise": _DOWN, "note": f"Escalations {_EVERY}",
    },
    "contacts": {
        "template": "state_as_of", "name": "contacts_known", "label": "contacts known", "source": "contacts",
        "begins": "valid_from", "ends": "valid_to", "result": "count", "unit": "contacts",
        "normalise": {"method": "range", "zero": 0, "full": 4},
        "note": "One name is a single point of failure.",
    },
    "pulses": {
        "template": "days_since", "name": "pulse_days", "label": "days since the last pulse",
        "source": "pulses", "direction": "down", "unit": "days",
        "normalise": {"method": "range", "zero": 120, "full": 30},
    },
    "contracts": {
        "template": "days_since", "name": "contract_days", "label": "days since the first contract",
        "source": "contracts", "which": "first", "unit": "days",
        "normalise": {"method": "log", "zero": 0, "full": 1500},
    },
    "invoices": {
        "template": "count", "name": "invoices_issued", "label": "invoices in a year", "source": "invoices",
        "window_days": 364, "unit": "invoices", "normalise": _UP,
    },
    "opportunities": {
        "template": "count", "name": "deals_opened", "label": "deals opened in a year",
        "source": "opportunities", "absent": "zero", "window_days": 364, "unit": "deals",
        "normalise": {"method": "log", "zero": 0, "full": 4}, "note": f"Deals {_EVERY}",
    },
    "goals": {
        "template": "state_as_of", "name": "goals_agreed", "label": "goals agreed", "source": "goals",
        "result": "count", "unit": "goals", "normalise": {"method": "range", "zero": 0, "full": 3},
    },
}  # fmt: skip
"""Table -> the signal, in fields of the model file, on columns that the contract requires."""


def fallbacks(profile: DataProfile, categories: set[Category]) -> list[Candidate]:
    """One plain signal for each table that is there and feeds one of these categories."""
    found = []
    for category, tables in CATEGORY_TABLES.items():
        for table in tables if category in categories else ():
            if table == "contracts" and profile.column("accounts", "start_date") is not None:
                continue  # the days as a customer are measured from there
            if table in PLAIN and table in profile.tables:
                signal = adapt(SIGNAL.validate_python({"category": category, **PLAIN[table]}), profile)
                if not isinstance(signal, Dropped):
                    found.append(Candidate(signal, profile.share(profile.tables[table].accounts)))
    return found
