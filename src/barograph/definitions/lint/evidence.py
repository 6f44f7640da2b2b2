"""Rules on how much a value stands on: windows, support, broken feeds, zeros that were never measured."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from barograph.definitions.lint.rule import Context, Finding, Rule, at
from barograph.definitions.lint.sources import sourced
from barograph.definitions.signal import FromSource, SourceSignal

SHORTEST_WINDOW = 14
PULSE_EVERY = 28
FEED_TABLES = ("events", "metrics")
LEAST_SUPPORT = {
    "mean": 2,
    "median": 2,
    "share": 3,
    "response_latency": 2,
    "change": 5,
    "power_user_trend": 5,
}
"""Facts below which a relative figure is an accident, by template."""
WHOLE_TABLES = ("goals",)
"""Tables whose few rows are all there is to know, not a sample: one agreed goal is the plan."""


class WindowFitsSupport(Rule):
    id = "BG-W015"
    severity = "warning"
    title = "window too short"
    reason = "One bad day must not move a tier, and a window must be able to hold the facts asked for (S4)."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            window = getattr(signal, "window_days", None) or getattr(signal, "expiry_days", None)
            if window is None:
                continue
            key = "window_days" if hasattr(signal, "window_days") else "expiry_days"
            most = _most_facts(signal, window)
            if most is not None and signal.min_support > most:
                yield self.found(
                    at(signal, key),
                    f"{window} days of {signal.source} hold at most {most} facts, and min_support is "
                    f"{signal.min_support}.",
                    "Lengthen the window or lower min_support.",
                )
            elif signal.weight > 0 and key == "window_days" and window < SHORTEST_WINDOW:
                yield self.found(
                    at(signal, key),
                    f"{window} days.",
                    f"Use {SHORTEST_WINDOW} days or more for a scored signal.",
                )
            elif (
                signal.template in ("change", "power_user_trend")
                and signal.source in FEED_TABLES
                and window % 7
            ):
                yield self.found(
                    at(signal, key),
                    f"{window} days are no whole weeks, so the two windows hold different weekends.",
                    f"Use {7 * max(2, round(window / 7))} days.",
                )


def _most_facts(signal: SourceSignal, window: int) -> int | None:
    """How many facts of one account the window can hold, for tables with a fixed rhythm."""
    if signal.source == "metrics" and "metric" in signal.where:
        return window
    return ceil(window / PULSE_EVERY) + 1 if signal.source == "pulses" else None


class RelativeFigureNeedsSupport(Rule):
    id = "BG-W016"
    severity = "warning"
    title = "scored mean, share or change without minimum support"
    reason = "From 1 to 2 is +100 %; a change of next to nothing is an accident (S4)."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in context.model.scored:
            least = LEAST_SUPPORT.get(signal.template, 0)
            whole = isinstance(signal, FromSource) and signal.source in WHOLE_TABLES
            if signal.min_support < least and not whole:
                yield self.found(
                    at(signal, "min_support"),
                    f"{signal.min_support} for {signal.template}.",
                    f"Set min_support to {least} or more.",
                )


class FeedCanGoStale(Rule):
    id = "BG-W017"
    severity = "warning"
    title = "signal on a feed without stale_after_days"
    reason = "When a feed breaks, every account would seem to stop using the product (S6)."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            if signal.source in FEED_TABLES and signal.stale_after_days is None:
                yield self.found(
                    at(signal, "stale_after_days"),
                    f"{signal.source} is a feed, and nothing says when it has broken.",
                    "Set stale_after_days (3 for a daily feed).",
                )


class ZeroIsArgued(Rule):
    id = "BG-W018"
    severity = "warning"
    title = 'absent = "zero" without a note'
    reason = "Unknown is not zero. Whoever turns one into the other says why (S6)."

    def check(self, context: Context) -> Iterator[Finding]:
        for signal in sourced(context):
            if signal.absent == "zero" and not signal.note.strip():
                yield self.found(
                    at(signal, "absent"),
                    f"an account that {signal.source} never mentioned counts as having none.",
                    "Write into note why the table covers every account.",
                )


EVIDENCE_RULES: tuple[Rule, ...] = (
    WindowFitsSupport(),
    RelativeFigureNeedsSupport(),
    FeedCanGoStale(),
    ZeroIsArgued(),
)
