"""Is the source itself alive? The newest row of a feed and the days it missed, by date, over all accounts."""

from __future__ import annotations

from collections.abc import Iterable

from barograph.definitions import signal as s
from barograph.signals.grid import Grid
from barograph.signals.sql import quote

RUN_DAYS = 4
"""Shorter silences (a weekend, a holiday) are not a gap."""
DEFAULT_WINDOW = 28

Feed = tuple[str, str]
"""A source table and the column that dates its facts ("" for the table's own)."""


def window_of(signal: s.FromSource) -> int:
    """Days of data a signal looks at, for the gap rule; a comparison looks at both of its windows."""
    if isinstance(signal, s.Change | s.PowerUserTrend):
        return 2 * signal.window_days
    window = getattr(signal, "window_days", None) or getattr(signal, "expiry_days", None)
    return window if isinstance(window, int) else DEFAULT_WINDOW


def watched(signals: Iterable[s.FromSource]) -> dict[Feed, set[int]]:
    """Feeds that some signal wants watched -> windows of the gap rule."""
    feeds: dict[Feed, set[int]] = {}
    for signal in signals:
        if signal.stale_after_days or signal.max_gap_days:
            windows = feeds.setdefault((signal.source, signal.at or ""), set())
            if signal.max_gap_days:
                windows.add(window_of(signal))
    return feeds


def feed_spans(feeds: dict[Feed, set[int]], grid: Grid) -> dict[str, str]:
    """Table -> SQL of its rows (t, ks, ke): the days that a feed has facts of, and when they are known.

    Rows of parts of the accounts, put together, are the rows of all.
    """
    made: dict[str, str] = {}
    for number, (source, at) in enumerate(sorted(feeds)):
        t = quote(f"d__{at}") if at else "t"
        made[f"feed_spans_{number}"] = (
            f"SELECT DISTINCT {t} AS t, {grid.after(f'greatest({t}, kf)')} AS ks, {grid.after('kt')} AS ke "
            f"FROM src_{source} WHERE {t} IS NOT NULL"
        )
    return made


def feed_statements(feeds: dict[Feed, set[int]], grid: Grid) -> list[str]:
    """SQL that makes `feeds(k, newest and gap columns)` from the tables of `feed_spans`."""
    made: list[str] = []
    joins: list[str] = []
    day = grid.day("k")
    for number, (feed, windows) in enumerate(sorted(feeds.items())):
        made.append(
            f"CREATE TEMP TABLE seen_{number} AS "
            f"SELECT DISTINCT t, unnest(range(ks, ke)) AS k FROM feed_spans_{number} WHERE ks < ke"
        )
        gaps = "".join(
            f", sum(CASE WHEN following - t > {RUN_DAYS} THEN greatest(0, least(following, {day}) "
            f"- greatest(t + 1, {day} - {w})) ELSE 0 END) AS {_gap(feed, w)}"
            for w in sorted(windows)
        )
        made.append(
            f"CREATE TEMP TABLE feed_{number} AS SELECT k, max(t) AS {_newest(feed)}{gaps} FROM (SELECT *, "
            f"coalesce(lead(t) OVER (PARTITION BY k ORDER BY t), {day}) AS following FROM seen_{number}) "
            "GROUP BY k"
        )
        joins.append(f"LEFT JOIN feed_{number} USING (k)")
    positions = f"(SELECT unnest(range({grid.size})) AS k)"
    made.append(f"CREATE TEMP TABLE feeds AS SELECT * FROM {positions} {' '.join(joins)}")
    return made


def stale_predicate(signal: s.FromSource) -> str:
    """SQL: whether the feed of a signal is stale at D."""
    feed = (signal.source, signal.at or "")
    tests: list[str] = []
    if signal.stale_after_days:
        tests.append(f"as_of - {_newest(feed)} > {signal.stale_after_days}")
    if signal.max_gap_days:
        tests.append(f"{_gap(feed, window_of(signal))} > {signal.max_gap_days}")
    return f"coalesce({' OR '.join(tests)}, FALSE)" if tests else "FALSE"


def _newest(feed: Feed) -> str:
    return quote(f"newest {feed[0]} {feed[1]}")


def _gap(feed: Feed, window: int) -> str:
    return quote(f"gap {feed[0]} {feed[1]} {window}")
