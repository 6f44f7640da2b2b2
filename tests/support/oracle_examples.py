"""Worked examples of every signal template: a few facts, and the value, n and reason a person gets by hand.

The oracle and the engines are held to the same list.
"""

from __future__ import annotations

from support import oracle_examples_states as states
from support import oracle_examples_trends as trends
from support import oracle_examples_windows as windows
from support.oracle_words import Example

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "count": windows.COUNTED,
    "sum": windows.ADDED,
    "mean": windows.AVERAGED,
    "median": windows.MIDDLE,
    "distinct": windows.DIFFERENT,
    "breadth": windows.BROAD,
    "latest": windows.LATEST,
    "days_since": windows.AGES,
    "share": windows.SHARES,
    "change": trends.CHANGES,
    "power_user_trend": trends.POWER,
    "slope": trends.SLOPES,
    "open_as_of": states.OPENED,
    "overdue_as_of": states.OVERDUE,
    "response_latency": states.LATENCIES,
    "milestone": states.MILESTONES,
    "state_as_of": states.STATES,
    "stakeholder_coverage": states.COVERAGE,
    "ratio": trends.DIVIDED,
    "per_seat": trends.SEATED,
}
"""Examples by template."""
