"""Sentences of a week's accounts: why a score moved, since when, what holds a tier, what would lift it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from barograph.core.arrays import FloatArray, positions, texts
from barograph.core.calendar import WEEK
from barograph.core.ledger_lines import LedgerItem
from barograph.core.lift import lift
from barograph.core.overlay import BOTH_MISSING, SPONSOR_MISSING
from barograph.core.thresholds import tier_name
from barograph.core.words import day_words, decline_start, moved_words, sentence, value_words
from barograph.core.words_ledger import (
    insufficient_words,
    item_words,
    points_words,
    statement_words,
    tier_label,
)
from barograph.core.words_overlay import overlay_item_words, overlay_words
from barograph.core.words_tiers import lift_words, tier_words, trajectory_words
from barograph.pipeline.history import history_days
from barograph.pipeline.published import published
from barograph.pipeline.score_store import read_scores
from barograph.pipeline.score_table import ScoredWeek
from barograph.reports.context import WeekContext

WEEKS_BACK = 12
MOST_LINES = 3
LEAST_POINTS = 0.05
WORTH_TELLING = 2.0
"""Below this many points a week's change says less than what weighs on the account all along."""


@dataclass(frozen=True, slots=True)
class Decline:
    """A signal's value before its present decline, the points of 100 lost since, and the day it began."""

    value_before: float
    points_lost: float
    since: str


@dataclass(frozen=True)
class WeekWords:
    """The sentences of one published week. `row` is an account's place in `context.table`."""

    context: WeekContext

    @cached_property
    def week(self) -> ScoredWeek:
        """The week as core objects."""
        return published(self.context.table, self.context.day, self.context.model)

    @property
    def currency(self) -> str:
        return self.context.workspace.settings.currency.reporting

    def reasons(self, row: int, at_most: int = MOST_LINES) -> list[str]:
        """What moved the account since last week: limits first, then the points in the direction they went."""
        ledger = self.week.ledger
        net = float(ledger.after[row] - ledger.before[row])
        items = ledger.items(row)
        limits = [item for item in items if item.kind in ("cap", "overlay") and not item.points]
        if any(_holds_down(item) for item in limits):
            net = -1.0  # a limit that now holds the tier is bad news, whatever the points did
        moved = [item for item in items if abs(item.points) >= LEAST_POINTS and item.points * net >= 0]
        return [self._line(item, row) for item in [*limits, *moved][:at_most]]

    def ledger_lines(self, row: int) -> list[tuple[LedgerItem, str]]:
        """Every line of the ledger with its words."""
        return [(item, self._item_words(item, row)) for item in self.week.ledger.items(row)]

    def why(self, row: int) -> str:
        """Why the account stands where it does: what moved it this week, or what weighs on it if little did."""
        ledger = self.week.ledger
        statement = statement_words(ledger, row)
        if np.isnan(self.week.scores.score[row]):
            return sentence(insufficient_words(self.week.scores, row))
        weak = self.weakest(row)
        if statement:
            return sentence(f"{statement}; {weak}" if weak else statement)
        net = float(ledger.after[row] - ledger.before[row])
        reasons = self.reasons(row)
        if abs(net) >= WORTH_TELLING or any(i.kind in ("cap", "overlay") for i in ledger.items(row)):
            return sentence("; ".join(reasons)) if reasons else sentence(weak)
        moved = f"little moved this week ({points_words(net)})"
        return sentence(f"{weak}; {moved}" if weak else moved)

    def weakest(self, row: int) -> str:
        """What costs the account most against a full score, in words."""
        scores = self.week.scores
        lost = scores.weights[row] * (100 - np.nan_to_num(scores.standing.points[row], nan=100.0)) / 100
        order = np.argsort(-lost, kind="stable")
        parts = []
        for j in order[:2]:
            if lost[j] < 3:
                continue
            signal = scores.model.scored[int(j)]
            value = float(scores.values()[row, j])
            text = value_words(signal, value, currency=self.currency)
            parts.append(f"{signal.label} {text} ({points_words(-float(lost[j]))})")
        return " and ".join(parts)

    def tier(self, row: int) -> str:
        """Why the account has its tier: what a pulse does to the one shown, then why the numbers give theirs."""
        numbers = sentence(tier_words(self.week.scores, self.week.states, row))
        return " ".join(part for part in (sentence(self.overlay(row)), numbers) if part)

    def overlay(self, row: int) -> str:
        """What the account's pulse does to the tier shown, or says beside it; a fragment, "" when nothing."""
        week = self.week.overlay
        if week is None:
            return ""
        computed = int(self.week.states.computed[row])
        return overlay_words(week, computed, self.context.day, row, self.context.model)

    def tier_lines(self, row: int) -> dict[str, float]:
        """Tier -> the score from which the account reaches it."""
        lines = self.week.scores.lines
        return {
            tier_name(int(code)): float(line)
            for code, line in zip(lines.codes, lines.lines[row], strict=True)
        }

    def heading(self, row: int) -> str:
        """Where it is heading."""
        code = int(self.week.states.displayed[row])
        return sentence(trajectory_words(self.week.trajectory, row, self.context.model, code))

    def lift(self, row: int) -> str:
        """What would lift it a tier; "" at the top."""
        week = self.week.overlay
        if week is not None and week.rule[row] in (SPONSOR_MISSING, BOTH_MISSING):
            numbers = tier_label(self.context.model, tier_name(self.week.states.computed[row]))
            return sentence(f"a pulse that finds the sponsor again; the numbers alone say {numbers}")
        found = lift(self.week.scores, self.week.states, row)
        return sentence(lift_words(found, self.context.model, currency=self.currency))

    def _line(self, item: LedgerItem, row: int) -> str:
        points = f" ({points_words(item.points)})" if item.points else ""
        decline = self._decline(item.name, row) if item.cause == "moved" and item.points < 0 else None
        if decline is not None:
            signal = self.context.model.signal(item.name)
            moved = moved_words(signal, decline.value_before, item.value_after, self.currency)
            lost = points_words(-decline.points_lost * item.weight_after / 100)
            return f"{moved} since {decline.since} ({lost}, {item.points:+.1f} of them this week)"
        return f"{self._item_words(item, row)}{points}"

    def _item_words(self, item: LedgerItem, row: int) -> str:
        model = self.context.model
        if item.kind == "overlay":
            return overlay_item_words(item, int(self.week.states.computed[row]), model)
        previous = self.context.before.model if self.context.before else None
        return item_words(item, model, previous, self.currency)

    @cached_property
    def past_days(self) -> tuple[int, ...]:
        """The grid days that `since` looks back on."""
        return history_days(self.context.day, WEEKS_BACK)

    @cached_property
    def _past(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Signal -> (points of 100, raw values), accounts x weeks, NaN where unknown or judged by another model."""
        ids = self.week.scores.account_ids
        names = self.week.scores.signals
        shape = (len(ids), len(self.past_days))
        found = {name: (np.full(shape, np.nan), np.full(shape, np.nan)) for name in names}
        for k, day in enumerate(self.past_days):
            table = self._table_of(day)
            if table is None:
                continue
            rows = positions(ids, texts(table["account_id"].to_pylist()))
            there = rows >= 0
            for name in names:
                for kind, history in zip(("points", "value"), found[name], strict=True):
                    column = np.asarray(table[f"{kind}.{name}"].to_numpy(), dtype=np.float64)
                    history[there, k] = column[rows[there]]
        return found

    def _table_of(self, day: int) -> pa.Table | None:
        """The week's points and values; None when it was not published, or by another model."""
        if day == self.context.day:
            return self.context.table
        week = self.context.weeks.get(day)
        if week is None or week.model != self.context.week.model:
            return None
        names = self.week.scores.signals
        columns = ["account_id", *(f"{kind}.{name}" for name in names for kind in ("points", "value"))]
        return read_scores(self.context.lake, week, columns)

    def _decline(self, signal: str, row: int) -> Decline | None:
        """The present decline of a signal, when it began longer ago than a week."""
        if signal not in self._past:
            return None
        points, values = self._past[signal]
        start = decline_start(points[row], self.past_days)
        if start is None or start > self.context.day - WEEK:
            return None
        known = np.flatnonzero(~np.isnan(values[row, : self.past_days.index(start)]))
        if not len(known) or np.isnan(points[row, -1]):
            return None
        before = int(known[-1])
        lost = float(points[row, before] - points[row, -1])
        return Decline(float(values[row, before]), lost, day_words(start, self.context.day))


def _holds_down(item: LedgerItem) -> bool:
    """Whether a line without points is a limit that holds this week."""
    if item.kind == "overlay":
        return item.name != "lift" and not np.isnan(item.value_after)
    return bool(item.value_after)
