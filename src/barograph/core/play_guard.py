"""The fleet-wide guard: a broken feed moves a large part of the portfolio at once, and must not open hundreds of plays.

Three looks, each enough for an incident; limits are settings of the workspace (`GuardRule`):

scores  Against one of the last weeks (1 to `look_back_weeks`, the nearest that shows it) at least `score_share` of the
        accounts scored in both, and `accounts_at_least` of them, moved by `score_points` or more the same way. It is
        seen for as many weeks as are looked back on, because tiers follow a broken feed only after their
        confirmations, and is one incident for as long as it is seen week after week. A move that brings scores back
        to where they were the week before it is no incident. Weeks of another model version are not compared: they
        have a gate of their own (`release_gates`).
fired   In the last week plays that read scores or signals would open for `fired_share` of the accounts, and
        `accounts_at_least`.
feed    Signals that carry `stale_weight` of the points are without a fresh source for more than half of the accounts:
        what is left of the score is not comparable with last week's.

What an incident holds back is every play of that week that reads scores or signals. Dates, stages and pulses go on, and
so does what counts days for weeks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray
from barograph.core.calendar import to_date
from barograph.core.firing import Fired, HeldBack, Incident
from barograph.core.words import listed, per_cent
from barograph.definitions.play import Play
from barograph.definitions.play_settings import GuardRule
from barograph.definitions.play_trigger import (
    BeforeDate,
    LifecycleStage,
    Manual,
    PulseSays,
    TierHeld,
    TrajectoryIs,
    Trigger,
)

UNGUARDED = (BeforeDate, LifecycleStage, Manual, PulseSays, TierHeld)
"""Triggers that a broken feed cannot set off within weeks: they read contracts, pulses, or count days for long."""
MOST_SIGNALS = 3


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the guard looks at, of n accounts.

    days, versions: of w weeks, oldest first. score: n x w. arr: NaN unknown. stale: label -> share of the points of
    signals whose source is silent for more than half of the accounts; stale_since: day of the first week in a row in
    which that was so.
    """

    days: IntArray
    versions: Sequence[str]
    score: FloatArray
    arr: FloatArray
    stale: Mapping[str, float]
    stale_since: int | None = None

    def without_last(self) -> Fleet:
        """The same a week earlier, as far as scores go."""
        return Fleet(self.days[:-1], self.versions[:-1], self.score[:, :-1], self.arr, {})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: kind and base day (they make the key), the accounts, of how many, and the words."""

    kind: str
    base: int
    rows: BoolArray
    accounts: int
    what: str


def look(
    fleet: Fleet,
    fired: Sequence[Fired],
    rows_of: Mapping[str, int],
    plays: Mapping[str, Play],
    rule: GuardRule,
) -> Seen | None:
    """The first of feed, scores and fired that shows an incident in the last week, None without one.

    rows_of: account -> row. plays: by name.
    """
    if not rule.enabled or not len(fleet.days):
        return None
    return _feed(fleet, rule) or _scores(fleet, rule) or _fired(fleet, fired, rows_of, plays, rule)


def is_guarded(trigger: Trigger) -> bool:
    """Whether an incident holds the trigger back."""
    slow = isinstance(trigger, TrajectoryIs) and trigger.heading == "long_on_watch"
    return not slow and not isinstance(trigger, UNGUARDED)


def hold_back(fired: Sequence[Fired], plays: Mapping[str, Play]) -> tuple[list[Fired], list[HeldBack]]:
    """What goes on during an incident, and what it holds back."""
    free = [one for one in fired if not is_guarded(plays[one.play].trigger)]
    kept = [one for one in fired if is_guarded(plays[one.play].trigger)]
    return free, [HeldBack(one, "data_incident") for one in kept]


def incident_of(
    seen: Seen, fleet: Fleet, held: Sequence[HeldBack], signals: Sequence[tuple[str, int]]
) -> Incident:
    """The incident with its figures. signals: label and accounts that it moved most, largest first."""
    moved = int(seen.rows.sum())
    known = fleet.arr[seen.rows & ~np.isnan(fleet.arr)]
    counts: dict[str, int] = {}
    for item in held:
        counts[item.fired.play] = counts.get(item.fired.play, 0) + 1
    most = listed([f"{label} ({count})" for label, count in signals[:MOST_SIGNALS]])
    return Incident(
        key=f"incident/{seen.kind}/{to_date(seen.base).isoformat()}",
        kind=seen.kind,  # type: ignore[arg-type]
        day=int(fleet.days[-1]),
        what=f"{seen.what}; moved most: {most}" if most else seen.what,
        moved=moved,
        accounts=seen.accounts,
        share=moved / seen.accounts if seen.accounts else 0.0,
        arr=float(known.sum()) if len(known) else None,
        signals=tuple(signals),
        plays=dict(sorted(counts.items())),
    )


def moved_most(before: FloatArray, after: FloatArray, labels: Sequence[str]) -> list[tuple[str, int]]:
    """(label, accounts) by which signal's contribution changed most, largest count first.

    before, after: accounts x signals in points, NaN taken as 0. Accounts in which nothing changed count for none.
    """
    change = np.abs(np.nan_to_num(after) - np.nan_to_num(before))
    if not change.size:
        return []
    best = change.argmax(axis=1)[change.max(axis=1) > 0]
    counts = np.bincount(best, minlength=len(labels))
    found = [(label, int(count)) for label, count in zip(labels, counts.tolist(), strict=True) if count]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _feed(fleet: Fleet, rule: GuardRule) -> Seen | None:
    weight = sum(fleet.stale.values())
    if round(weight, 9) < rule.stale_weight:
        return None
    silent = listed(sorted(fleet.stale, key=lambda label: -fleet.stale[label]))
    everybody = np.ones(len(fleet.arr), dtype=bool)
    what = f"{silent} brought nothing new for most accounts: {per_cent(weight)} of the score is missing"
    since = int(fleet.days[-1]) if fleet.stale_since is None else fleet.stale_since
    return Seen("feed", since, everybody, len(fleet.arr), what)


def _scores(fleet: Fleet, rule: GuardRule) -> Seen | None:
    """What the last week shows. One that goes on from week to week begins where the first of them does."""
    seen = _scores_of_week(fleet, rule)
    if seen is None:
        return None
    earlier = fleet.without_last()
    while (before := _scores_of_week(earlier, rule)) is not None:
        seen = replace(seen, base=before.base)
        earlier = earlier.without_last()
    return seen


def _scores_of_week(fleet: Fleet, rule: GuardRule) -> Seen | None:
    for back in range(1, rule.look_back_weeks + 1):
        found = _moved(fleet, back, rule)
        if found is None:
            continue
        rows, accounts, way = found
        earlier = _moved_share(fleet, back + 1, rule.score_points)
        if earlier is not None and max(earlier[0].mean(), earlier[1].mean()) < rule.score_share / 2:
            continue
        base = int(fleet.days[-1 - back])
        weeks = "since last week" if back == 1 else f"within {back} weeks"
        what = f"{int(rows.sum()):,} of {accounts:,} scores {way} by {rule.score_points:g} points or more {weeks}"
        return Seen("scores", base, rows, accounts, what)
    return None


def _moved(fleet: Fleet, back: int, rule: GuardRule) -> tuple[BoolArray, int, str] | None:
    """(rows, accounts compared, way) of a move since `back` weeks before that is large enough, else None."""
    found = _moved_share(fleet, back, rule.score_points)
    if found is None:
        return None
    both = int((~np.isnan(fleet.score[:, -1]) & ~np.isnan(fleet.score[:, -1 - back])).sum())
    for rows, way in zip(found, ("fell", "rose"), strict=True):
        count = int(rows.sum())
        if count >= rule.accounts_at_least and count >= rule.score_share * both:
            return rows, both, way
    return None


def _moved_share(fleet: Fleet, back: int, points: float) -> tuple[BoolArray, BoolArray] | None:
    """Which scores fell, and which rose, by so many points since `back` weeks before; None without such a week of the
    same version."""
    if back + 1 > len(fleet.days) or len(set(fleet.versions[-1 - back :])) > 1:
        return None
    change = np.round(fleet.score[:, -1] - fleet.score[:, -1 - back], 6)
    return change <= -points, change >= points


def _fired(
    fleet: Fleet,
    fired: Sequence[Fired],
    rows_of: Mapping[str, int],
    plays: Mapping[str, Play],
    rule: GuardRule,
) -> Seen | None:
    rows = np.zeros(len(fleet.arr), dtype=bool)
    for one in fired:
        if one.day == int(fleet.days[-1]) and is_guarded(plays[one.play].trigger):
            rows[rows_of[one.account_id]] = True
    count, accounts = int(rows.sum()), len(rows)
    if count < rule.accounts_at_least or count < rule.fired_share * accounts:
        return None
    what = f"plays would open for {count:,} of {accounts:,} accounts in one week"
    return Seen("fired", int(fleet.days[-1]), rows, accounts, what)
