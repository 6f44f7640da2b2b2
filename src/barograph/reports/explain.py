"""One account explained: the decomposition, why it moved, what would lift it, and its history."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray
from barograph.core.calendar import to_date
from barograph.core.caps import passes
from barograph.core.scopes import in_scope
from barograph.core.thresholds import NONE, tier_name
from barograph.core.words import sentence, value_words
from barograph.definitions.base import SignalTest
from barograph.definitions.model import OutcomeTarget
from barograph.errors import RefusedError
from barograph.pipeline.history import history_days, matrix, point_of, read_point
from barograph.reports.context import Row, WeekContext
from barograph.reports.rollups import rollups
from barograph.reports.scores import account_entry, overlay_entry
from barograph.reports.words import WeekWords

SCHEMA = "barograph.explain/1"
HISTORY_WEEKS = 26


def explain_document(context: WeekContext, account_id: str) -> dict[str, Any]:
    """Everything that was said about one account in a week.

    Raises RefusedError with the nearest names when the account was not scored in that week.
    """
    row = find_account(context, account_id)
    return {**context.head(SCHEMA), **Explanations(WeekWords(context)).entry(row)}


@dataclass(frozen=True)
class Explanations:
    """The accounts of one published week explained. What they share is read once, so that all of a week's accounts
    cost little more than their sentences."""

    words: WeekWords

    @property
    def context(self) -> WeekContext:
        return self.words.context

    def entry(self, row: int) -> dict[str, Any]:
        """One account: the keys of `barograph.explain/1` but for the document's header."""
        words = self.words
        stored = self.context.rows[row]
        return {
            **account_entry(stored, self.context.model, self.context.book),
            "tier_labels": {tier.name: tier.label for tier in self.context.model.tiers},
            "tier_lines": words.tier_lines(row),
            "why": words.why(row),
            "tier_why": words.tier(row),
            **_overlay(words, stored, row),
            "heading_words": words.heading(row),
            "lift": words.lift(row),
            "ledger": [
                {"kind": item.kind, "name": item.name, "points": item.points, "words": text}
                for item, text in words.ledger_lines(row)
            ],
            "signals": _signals(words, row),
            "targets": [_target(words, target, row) for target, applies in self._targets if applies[row]],
            "history": self._history_of(row),
            "part_of": self._wholes.get(stored["account_id"], []),
        }

    @cached_property
    def _targets(self) -> list[tuple[OutcomeTarget, BoolArray]]:
        """Targets with flags of the accounts that they apply to."""
        inputs = self.words.week.scores.inputs
        size = len(inputs.account_ids)
        return [(t, in_scope(t.scope, inputs.attributes, size)) for t in self.context.model.targets]

    @cached_property
    def _wholes(self) -> dict[str, list[str]]:
        """Part -> the wholes that it is rolled up into, largest first."""
        found: dict[str, list[str]] = {}
        for whole in rollups(self.words.week, self.context.model):
            for part in dict.fromkeys(part["account_id"] for part in whole["parts"]):
                found.setdefault(part, []).append(whole["account_id"])
        return found

    @cached_property
    def _history(self) -> tuple[tuple[int, ...], FloatArray, CodeArray]:
        """The weeks that there are, oldest first, with scores and tiers of accounts x weeks."""
        context = self.context
        days = tuple(
            day
            for day in history_days(context.day, HISTORY_WEEKS)
            if day in context.weeks or day == context.day
        )
        points = {day: read_point(context.lake, context.weeks[day]) for day in days if day != context.day}
        points[context.day] = point_of(context.table)
        return (days, *matrix(points, days, self.words.week.scores.account_ids))

    def _history_of(self, row: int) -> list[dict[str, Any]]:
        days, scores, tiers = self._history
        return [
            {
                "as_of": to_date(day).isoformat(),
                "score": None if np.isnan(scores[row, k]) else float(scores[row, k]),
                "tier": _tier(int(tiers[row, k])),
            }
            for k, day in enumerate(days)
        ]


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


def _overlay(words: WeekWords, stored: Row, row: int) -> dict[str, Any]:
    """`overlay` with its words, for a model that has the rule."""
    found = overlay_entry(stored)
    return {"overlay": {**found["overlay"], "words": sentence(words.overlay(row))}} if found else {}


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


def _target(words: WeekWords, target: OutcomeTarget, row: int) -> dict[str, Any]:
    """An outcome that defines health (O1), and whether the account meets it."""
    scores = words.week.scores
    test: SignalTest = target.test
    value = scores.inputs.value(test.signal)[row : row + 1]
    known = not np.isnan(value[0])
    return {
        "name": target.name,
        "label": target.label,
        "stage": target.stage,
        "met": bool(passes(test, value)[0]) if known else None,
        "value": value_words(scores.model.signal(test.signal), float(value[0]), currency=words.currency),
    }


def _tier(code: int) -> str | None:
    return None if code == NONE else tier_name(code)
