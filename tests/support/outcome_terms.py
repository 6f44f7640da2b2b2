"""Contract terms and recorded outcomes written with dates, for tests of what becomes of renewals."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from barograph.core.arrays import texts
from barograph.core.calendar import day_number, to_date
from barograph.core.outcomes.record import OUTCOMES, GivenOutcomes, Outcomes, Terms
from barograph.definitions.model import OutcomeRules

NAN = float("nan")
RULES = OutcomeRules()
LATE = day_number(date(2030, 1, 1))


def day(text: str | None) -> float:
    return NAN if text is None else float(day_number(date.fromisoformat(text)))


FIRST = {"start": "2024-01-01", "end": "2024-12-31"}


def terms(*rows: dict[str, Any]) -> Terms:
    """Rows with start, end and what else matters; account "acme", revenue 100, no product by default."""
    full = [
        {
            "account": "acme",
            "id": f"c{i}",
            "product": "",
            "end": None,
            "arr": 100.0,
            "notice": NAN,
            "cancelled": None,
        }
        | row
        for i, row in enumerate(rows)
    ]
    return Terms(
        texts([r["account"] for r in full]),
        texts([r["id"] for r in full]),
        texts([r["product"] for r in full]),
        np.array([day(r["start"]) for r in full]),
        np.array([day(r["end"]) for r in full]),
        np.array([float(r["arr"]) for r in full]),
        np.array([float(r["notice"]) for r in full]),
        np.array([day(r["cancelled"]) for r in full]),
    )


def said(found: Outcomes) -> list[tuple[str, str, str]]:
    """(contract, outcome, day of the effective end)"""
    return [
        (str(c), OUTCOMES[o], to_date(int(e)).isoformat())
        for c, o, e in zip(found.contract_ids, found.outcome, found.effective, strict=True)
    ]


def given(*rows: dict[str, Any]) -> GivenOutcomes:
    full = [
        {"account": "acme", "id": "", "outcome": "churned", "decided": None, "effective": None, "before": NAN,
         "after": NAN, "known": "2025-03-01"} | row
        for row in rows
    ]  # fmt: skip
    return GivenOutcomes(
        texts([r["account"] for r in full]),
        texts([r["id"] for r in full]),
        np.array([OUTCOMES.index(r["outcome"]) for r in full], dtype=np.int8),
        np.array([day(r["decided"]) for r in full]),
        np.array([day(r["effective"]) for r in full]),
        np.array([float(r["before"]) for r in full]),
        np.array([float(r["after"]) for r in full]),
        np.array([day(r["known"]) for r in full]),
    )
