"""Signals as people check them (S6): what each measures, how many accounts it covers, and why it lacks the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from barograph.core.calendar import to_date
from barograph.definitions.describe import describe_signal
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import REASONS, FromSource, Signal

SCHEMA = "barograph.signals/1"
VALUES_SCHEMA = "barograph.signal_values/1"
QUANTILES = (0.1, 0.5, 0.9)


def coverage(signal: Signal, table: pa.Table | None) -> dict[str, Any]:
    """Of the accounts of a week: how many have a value, how many lack it by reason, and how values spread."""
    if table is None or signal.name not in table.column_names:
        return {
            "accounts": None,
            "known": None,
            "coverage": None,
            "missing": {},
            "p10": None,
            "p50": None,
            "p90": None,
        }
    why = table[f"{signal.name}__why"].to_numpy()
    values = np.asarray(table[signal.name].cast(pa.float64()).to_numpy(), dtype=float)
    known = values[~np.isnan(values)]
    counts = {
        REASONS[code]: int(n) for code, n in zip(*np.unique(why, return_counts=True), strict=True) if code
    }
    quantiles = [float(q) for q in np.quantile(known, QUANTILES)] if len(known) else [None, None, None]
    return {
        "accounts": len(why),
        "known": len(known),
        "coverage": len(known) / len(why) if len(why) else None,
        "missing": counts,
        **dict(zip(("p10", "p50", "p90"), quantiles, strict=True)),
    }


def freshness(signal: Signal, newest: dict[str, int | None], day: int) -> int | None:
    """Days from the newest row of the signal's table to the week; None for signals made of others."""
    last = newest.get(signal.source) if isinstance(signal, FromSource) else None
    return None if last is None else day - last


def signal_entry(
    signal: Signal, table: pa.Table | None, newest: dict[str, int | None], day: int
) -> dict[str, Any]:
    """One signal: definition in words, weight, coverage and freshness."""
    return {
        "name": signal.name,
        "label": signal.label,
        "category": signal.category,
        "component": signal.component,
        "kind": signal.kind,
        "template": signal.template,
        "source": signal.source if isinstance(signal, FromSource) else None,
        "unit": signal.unit,
        "direction": signal.direction,
        "weight": signal.weight,
        "measures": describe_signal(signal),
        "note": signal.note,
        "fresh_days": freshness(signal, newest, day),
        **coverage(signal, table),
    }


def signals_document(
    head: dict[str, Any], model: ScoreModel, table: pa.Table | None, newest: dict[str, int | None], day: int
) -> dict[str, Any]:
    """All signals of a model with their state as of a week."""
    entries = [signal_entry(signal, table, newest, day) for signal in model.signals]
    return {**head, "as_of": to_date(day).isoformat(), "signals": entries}


def values_document(head: dict[str, Any], model: ScoreModel, table: pa.Table, day: int) -> dict[str, Any]:
    """Values of every signal per account, with the facts behind them and the reason where one is missing."""
    columns = {
        s.name: (
            table[s.name].to_pylist(),
            table[f"{s.name}__n"].to_pylist(),
            table[f"{s.name}__why"].to_pylist(),
        )
        for s in model.signals
    }
    accounts = [
        {
            "account_id": account,
            "signals": [
                {
                    "name": name,
                    "value": values[i],
                    "facts": facts[i],
                    "missing": REASONS[why[i]] if why[i] else None,
                }
                for name, (values, facts, why) in columns.items()
            ],
        }
        for i, account in enumerate(table["account_id"].to_pylist())
    ]
    return {**head, "as_of": to_date(day).isoformat(), "accounts": accounts}
