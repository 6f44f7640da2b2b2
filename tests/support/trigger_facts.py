"""Small portfolios as triggers see them: weekly tiers, scores and signals written down by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from barograph.core.arrays import texts
from barograph.core.calendar import day_number
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.core.trajectory import UNKNOWN
from barograph.core.trigger_facts import TriggerFacts
from barograph.definitions.play import Play

LETTERS = {"r": "at_risk", "w": "watch", "h": "healthy", "g": "growth", "?": "insufficient"}
"""One letter a week; "." is not there."""
START = day_number(date(2026, 1, 5))


def tiers_of(*accounts: str) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Displayed tier codes of accounts written as letters, one per week: "hhwwr"."""
    return np.array(
        [[NONE if x == "." else TIER_CODES[LETTERS[x]] for x in account] for account in accounts],
        dtype=np.int8,
    )


def facts_of(
    tiers: Sequence[str],
    *,
    score: Sequence[Sequence[float]] | None = None,
    components: Mapping[str, Sequence[Sequence[float]]] | None = None,
    signals: Mapping[str, Sequence[Sequence[float]]] | None = None,
    opt_out: Sequence[Sequence[float]] | None = None,
    pulses: Mapping[str, Sequence[Sequence[str | None]]] | None = None,
    pulse_age: Sequence[Sequence[float]] | None = None,
    versions: Sequence[str] | None = None,
    attributes: Mapping[str, Sequence[object]] | None = None,
    arr: Sequence[float] | None = None,
    days: Sequence[int] | None = None,
    about_to_turn: Sequence[Sequence[bool]] | None = None,
) -> TriggerFacts:
    """Facts of accounts a0, a1, ... on consecutive Mondays from 5 January 2026 on."""
    codes = tiers_of(*tiers)
    shape = codes.shape
    empty = np.full(shape, np.nan)
    answers = {
        question: np.full(shape, None, dtype=object)
        for question in ("sponsor_status", "executive_engagement", "outcome_narrative")
    }
    for question, given in (pulses or {}).items():
        answers[question] = np.array(given, dtype=object)
    on = np.array(days if days is not None else [START + 7 * j for j in range(shape[1])], dtype=np.int64)
    return TriggerFacts(
        days=on,
        versions=tuple(versions or ["m-v1"] * shape[1]),
        account_ids=texts([f"a{i}" for i in range(shape[0])]),
        tier=codes,
        score=empty if score is None else np.array(score, dtype=float),
        components={name: np.array(v, dtype=float) for name, v in (components or {}).items()},
        signals={name: np.array(v, dtype=float) for name, v in (signals or {}).items()},
        heading=np.full(shape, UNKNOWN if about_to_turn is None else 2, dtype=np.int8),
        about_to_turn=np.zeros(shape, dtype=bool) if about_to_turn is None else np.array(about_to_turn),
        long_on_watch=np.zeros(shape, dtype=bool),
        lifecycle=np.full(shape, -1, dtype=np.int64),
        stages=(),
        opt_out=empty if opt_out is None else np.array(opt_out, dtype=float),
        term_end=empty,
        pulse_age=empty if pulse_age is None else np.array(pulse_age, dtype=float),
        pulses=answers,
        attributes={name: texts(list(v)) for name, v in (attributes or {}).items()},
        arr=np.full(shape[0], np.nan) if arr is None else np.array(arr, dtype=float),
        computed=codes[:, -1].copy(),
        held_by=texts([""] * shape[0]),
    )


def play_of(trigger: Mapping[str, Any], name: str = "p", **fields: Any) -> Play:
    """A play with one step, started by the trigger."""
    step = {"name": "do", "title": "Do it", "owner": {"rule": "csm"}}
    return Play.model_validate({"name": name, "title": name, "trigger": trigger, "steps": [step], **fields})
