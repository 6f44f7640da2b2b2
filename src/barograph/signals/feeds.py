"""Is the source itself alive? The newest row of a feed and the days it missed, as of each date, over all
accounts."""

from __future__ import annotations

from collections.abc import Iterable

from barograph.definitions import signal as s
from barograph.signals.grid import Grid

RUN_DAYS = 4
"""Shorter silences (a weekend, a holiday) are not a gap."""
DEFAULT_WINDOW = 28


def window_of(signal: s.FromSource) -> int:
    """Days of data a signal looks at, for the gap rule."""
    window = getattr(signal, "window_days", None) or getattr(signal, "expiry_days", None)
    return window if isinstance(window, int) else DEFAULT_WINDOW


def watched(signals: Iterable[s.Signal]) -> dict[str, set[int]]:
    """Sources that some signal wants watched -> windows of the gap rule."""
    sources: dict[str, set[int]] = {}
    for signal in signals:
        if isinstance(signal, s.FromSource) and (signal.stale_after_days or signal.max_gap_days):
            windows = sources.setdefault(signal.source, set())
            if signal.max_gap_days:
                windows.add(window_of(signal))
    return sources


def feed_statements(sources: dict[str, set[int]], grid: Grid) -> list[str]:
    """SQL that makes `feeds(k, newest_<source>, gap_<source>_<window>)` from the whole sources."""
    made: list[str] = []
    joins: list[str] = []
    for source, windows in sorted(sources.items()):
        made.append(
            f"CREATE TEMP TABLE seen_{source} AS SELECT DISTINCT t, unnest(range(ks, ke)) AS k FROM "
            f"(SELECT DISTINCT t, "
            f"{grid.after('greatest(t, kf)')} AS ks, {grid.after('kt')} AS ke FROM src_{source} WHERE t IS "
            f"NOT NULL) "
            "WHERE ks < ke"
        )
        day = grid.day("k")
        gaps = "".join(
            f", sum(CASE WHEN following - t > {RUN_DAYS} THEN "
            f"greatest(0, least(following, {day}) - greatest(t + 1, {day} - {w})) ELSE 0 END) AS "
            f"gap_{source}_{w}"
            for w in sorted(windows)
        )
        made.append(
            f"CREATE TEMP TABLE feed_{source} AS SELECT k, max(t) AS newest_{source}{gaps} FROM (SELECT *, "
            f"coalesce(lead(t) OVER (PARTITION BY k ORDER BY t), {day}) AS following FROM seen_{source}) "
            f"GROUP BY k"
        )
        joins.append(f"LEFT JOIN feed_{source} USING (k)")
    made.append(
        f"CREATE TEMP TABLE feeds AS SELECT * FROM (SELECT unnest(range({grid.size})) AS k) {' '.join(joins)}"
    )
    return made


def stale_predicate(signal: s.FromSource) -> str:
    """SQL: whether the feed of a signal is stale at D."""
    tests: list[str] = []
    if signal.stale_after_days:
        tests.append(f"as_of - newest_{signal.source} > {signal.stale_after_days}")
    if signal.max_gap_days:
        tests.append(f"gap_{signal.source}_{window_of(signal)} > {signal.max_gap_days}")
    return f"coalesce({' OR '.join(tests)}, FALSE)" if tests else "FALSE"
