"""Rules on what the model leans on: easy signals, activity, left-out categories, the same thing twice."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.base import CATEGORIES, Category
from barograph.definitions.lint.rule import Context, Finding, Rule, at, points
from barograph.definitions.signal import Signal

EASY: tuple[Category, ...] = ("usage", "support")
HARD: tuple[Category, ...] = ("relationship", "value")
EASY_AT_MOST = 0.6
HARD_AT_LEAST = 0.15
ACTIVITY_AT_MOST = 0.5


class EasySignalsCrowdOut(Rule):
    id = "BG-W011"
    severity = "warning"
    title = "the easy signals crowd out relationship and value"
    reason = (
        "Usage and tickets are easy to get; sponsors and proven value decide renewals that usage misses (S1)."
    )

    def check(self, context: Context) -> Iterator[Finding]:
        if not context.total:
            return
        candidates = [s.name for s in context.model.candidates if s.category in HARD]
        tables = [table for category in HARD for table in context.schema.feeds(category)]
        if not (candidates or tables):
            return
        share = {c: sum(s.weight for s in context.model.scored if s.category == c) for c in CATEGORIES}
        easy = sum(share[c] for c in EASY) / context.total
        hard = sum(share[c] for c in HARD) / context.total
        if easy > EASY_AT_MOST or (hard < HARD_AT_LEAST and easy >= HARD_AT_LEAST):
            have = f"signals {', '.join(candidates)}" if candidates else f"tables {', '.join(tables)}"
            yield self.found(
                "model",
                f"usage and support weigh {points(100 * easy)} %, relationship and value "
                f"{points(100 * hard)} %, and there are {have}.",
                f"Keep usage and support to {points(100 * EASY_AT_MOST)} % and give relationship and value "
                f"{points(100 * HARD_AT_LEAST)} % or more.",
            )


class ActivityLeads(Rule):
    id = "BG-W012"
    severity = "warning"
    title = "activity leads although outcome measures exist"
    reason = "Logins and page views say that people are busy, not that they get what they pay for (O3)."

    def check(self, context: Context) -> Iterator[Finding]:
        scored = context.model.scored
        outcomes = [
            s.name for s in context.model.signals if s.kind == "outcome" and s.category in ("usage", "value")
        ]
        if not scored or not outcomes:
            return
        activity = sum(s.weight for s in scored if s.kind == "activity") / context.total
        heaviest = max(scored, key=lambda s: s.weight)
        if activity > ACTIVITY_AT_MOST or heaviest.kind == "activity":
            yield self.found(
                "model",
                f'activity signals weigh {points(100 * activity)} %, the heaviest is "{heaviest.name}" '
                f"({heaviest.kind}).",
                f"Move points to outcome measures: {', '.join(outcomes[:6])}.",
            )


class CategoryLeftOut(Rule):
    id = "BG-W013"
    severity = "warning"
    title = "a category without any signal although its tables are there"
    reason = "What is never measured is never seen; a candidate costs nothing (S7)."

    def check(self, context: Context) -> Iterator[Finding]:
        present = {s.category for s in context.model.signals}
        for category in CATEGORIES:
            tables = context.schema.feeds(category)
            if category not in present and tables:
                yield self.found(
                    "model",
                    f"no signal of category {category}, and there are tables {', '.join(tables)}.",
                    "Add a candidate (weight = 0).",
                )


class SameThingTwice(Rule):
    id = "BG-W014"
    severity = "warning"
    title = "two scored signals measure the same thing"
    reason = "Counted twice, it weighs twice."

    def check(self, context: Context) -> Iterator[Finding]:
        seen: dict[str, Signal] = {}
        for signal in context.model.scored:
            leave = {
                "name",
                "label",
                "category",
                "kind",
                "unit",
                "component",
                "weight",
                "normalise",
                "variants",
            }
            text = signal.model_dump_json(exclude={*leave, "note", "confirmed", "missing", "direction"})
            if text in seen:
                yield self.found(
                    at(signal),
                    f'measures what "{seen[text].name}" measures.',
                    "Keep one, with the points of both.",
                )
            seen.setdefault(text, signal)


BALANCE_RULES: tuple[Rule, ...] = (
    EasySignalsCrowdOut(),
    ActivityLeads(),
    CategoryLeftOut(),
    SameThingTwice(),
)
