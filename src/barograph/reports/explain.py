"""One account explained: the decomposition, why it moved, what would lift it, and its history."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from barograph.core.arrays import texts
from barograph.core.calendar import to_date
from barograph.core.caps import passes
from barograph.core.scopes import in_scope
from barograph.core.thresholds import NONE, tier_name
from barograph.core.words import value_words
from barograph.definitions.base import SignalTest
from barograph.definitions.model import OutcomeTarget
from barograph.errors import RefusedError
from barograph.pipeline.history import history_days, matrix, point_of, read_point
from barograph.reports.context import WeekContext
from barograph.reports.rollups import rollups
from barograph.reports.scores import account_entry
from barograph.reports.words import WeekWords

SCHEMA = "barograph.explain/1"
HISTORY_WEEKS = 26


def explain_document(context: WeekContext, account_id: str) -> dict[str, Any]:
    """Everything that was said about one account in a week.

    Raises RefusedError with the nearest names when the account was not scored in that week.
    """
    row = find_account(context, account_id)
    stored = context.rows[row]
    words = WeekWords(context)
    entry = account_entry(stored, context.model, context.book)
    return {
        **context.head(SCHEMA),
        **entry,
        "tier_labels": {tier.name: tier.label for tier in context.model.tiers},
        "tier_lines": words.tier_lines(row),
        "why": words.why(row),
        "tier_why": words.tier(row),
        "heading_words": words.heading(row),
        "lift": words.lift(row),
        "ledger": [
            {"kind": item.kind, "name": item.name, "points": item.points, "words": text}
            for item, text in words.ledger_lines(row)
        ],
        "signals": _signals(words, row),
        "targets": _targets(words, row),
        "history": _history(context, stored["account_id"]),
        "part_of": [
            whole["account_id"]
            for whole in rollups(words.week, context.model)
            if stored["account_id"] in {part["account_id"] for part in whole["parts"]}
        ],
    }


def find_account(context: WeekContext, wanted: str) -> int:
    """Row of an account by its id, or by its name when only one account has it."""
    ids = [row["account_id"] for row in context.rows]
    if wanted in ids:
        return ids.index(wanted)
    names = [(row["name"] or "").casefold() for row in context.rows]
    if names.count(wanted.casefold()) == 1:
        return names.index(wanted.casefold())
    near = difflib.get_close_matches(
        wanted, [*ids, *(row["name"] for row in context.rows if row["name"])], n=3
    )
    hint = f"Nearest: {', '.join(near)}." if near else "`barograph scores` lists the accounts."
    raise RefusedError(
        f"account {wanted!r} is not scored as of {to_date(context.day)} ({len(ids)} accounts are).", hint=hint
    )


def _signals(words: WeekWords, row: int) -> list[dict[str, Any]]:
    """Scored signals with their value in words, heaviest loss first."""
    scores = words.week.scores
    found = []
    for j, signal in enumerate(scores.model.scored):
        value = float(scores.inputs.value(signal.name)[row])
        weight = float(scores.weights[row, j])
        found.append(
            {
                "name": signal.name,
                "label": signal.label,
                "words": value_words(signal, value, currency=words.currency),
                "weight": weight,
                "contribution": float(scores.contributions[row, j]),
                "lost": weight - float(scores.contributions[row, j]),
            }
        )
    return sorted(found, key=lambda s: -s["lost"])


def _targets(words: WeekWords, row: int) -> list[dict[str, Any]]:
    """The outcomes that define health (O1), and whether the account meets them."""
    scores = words.week.scores
    model, inputs = scores.model, scores.inputs

    def entry(target: OutcomeTarget) -> dict[str, Any]:
        test: SignalTest = target.test
        value = inputs.value(test.signal)[row : row + 1]
        known = not np.isnan(value[0])
        return {
            "name": target.name,
            "label": target.label,
            "stage": target.stage,
            "met": bool(passes(test, value)[0]) if known else None,
            "value": value_words(model.signal(test.signal), float(value[0]), currency=words.currency),
        }

    applies = [t for t in model.targets if in_scope(t.scope, inputs.attributes, len(inputs.account_ids))[row]]
    return [entry(target) for target in applies]


def _history(context: WeekContext, account_id: str) -> list[dict[str, Any]]:
    days = history_days(context.day, HISTORY_WEEKS)
    points = {day: read_point(context.lake, context.weeks[day]) for day in days if day in context.weeks}
    points[context.day] = point_of(context.table)
    scores, _ = matrix(points, days, texts([account_id]))
    tiers = {
        day: dict(zip(p.account_ids.tolist(), p.tier.tolist(), strict=True)) for day, p in points.items()
    }
    return [
        {
            "as_of": to_date(day).isoformat(),
            "score": None if np.isnan(scores[0, k]) else float(scores[0, k]),
            "tier": _tier(tiers.get(day, {}).get(account_id)),
        }
        for k, day in enumerate(days)
        if day in points
    ]


def _tier(code: int | None) -> str | None:
    return None if code is None or code == NONE else tier_name(code)
