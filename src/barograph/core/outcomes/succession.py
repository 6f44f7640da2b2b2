"""Which terms follow which: the ends of one group (account and product) matched with its beginnings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import BoolArray, FloatArray, IntArray, group_sum

SPAN = 1 << 22
"""Days within a key, more than any calendar here has; half of them lie before 1970."""
_SHIFT = 1 << 21


def key(group: IntArray, day: FloatArray) -> IntArray:
    """group and day as one number that sorts by both."""
    return np.asarray(group * SPAN + day.astype(np.int64) + _SHIFT)


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Distinct (group, first day) of terms, ordered; revenue summed, latest last day kept."""

    keys: IntArray
    group: IntArray
    day: FloatArray
    until: FloatArray
    arr: FloatArray

    @classmethod
    def of(cls, group: IntArray, start: FloatArray, until: FloatArray, arr: FloatArray) -> Beginnings:
        keys, first, place = np.unique(key(group, start), return_index=True, return_inverse=True)
        latest = np.full(len(keys), -np.inf)
        np.maximum.at(latest, place, until)
        total = group_sum(place, arr, len(keys))
        return cls(keys, group[first], start[first], latest, total)


@dataclass(frozen=True, slots=True)
class Endings:
    """Distinct (group, last day) of terms, ordered. begun: the latest first day of the terms that end
    there.
    """

    keys: IntArray
    group: IntArray
    day: FloatArray
    begun: FloatArray


def follower(endings: Endings, begins: Beginnings, grace: int) -> IntArray:
    """Per ending the nearest beginning that can follow it, -1 for none.

    A follower begins within `grace` days of the end, before or after, later than the terms that end, and runs
    on past that end. Of two equally near the one after the end wins.
    """
    after = np.searchsorted(begins.keys, endings.keys, "left")
    best = np.full(len(endings.keys), -1, dtype=np.int64)
    distance = np.full(len(best), np.inf)
    for candidate in (after, after - 1):
        place = np.clip(candidate, 0, max(len(begins.keys) - 1, 0))
        ok = (candidate >= 0) & (candidate < len(begins.keys))
        if len(begins.keys):
            ok &= follows(endings, np.arange(len(best)), begins, place, grace)
            far = np.where(ok, np.abs(begins.day[place] - endings.day), np.inf)
            closer = far < distance
            best[closer], distance[closer] = place[closer], far[closer]
    return best


def predecessor(begins: Beginnings, endings: Endings, grace: int) -> IntArray:
    """Per beginning the nearest ending that it can follow, -1 for none; see `follower`."""
    later = np.searchsorted(endings.keys, begins.keys, "right")
    best = np.full(len(begins.keys), -1, dtype=np.int64)
    distance = np.full(len(best), np.inf)
    for candidate in (later - 1, later):
        place = np.clip(candidate, 0, max(len(endings.keys) - 1, 0))
        ok = (candidate >= 0) & (candidate < len(endings.keys))
        if len(endings.keys):
            ok &= follows(endings, place, begins, np.arange(len(best)), grace)
            far = np.where(ok, np.abs(begins.day - endings.day[place]), np.inf)
            closer = far < distance
            best[closer], distance[closer] = place[closer], far[closer]
    return best


def follows(endings: Endings, e: IntArray, begins: Beginnings, b: IntArray, grace: int) -> BoolArray:
    """Whether beginning b[i] can follow ending e[i]."""
    return np.asarray(
        (endings.group[e] == begins.group[b])
        & (np.abs(begins.day[b] - endings.day[e]) <= grace)
        & (begins.day[b] > endings.begun[e])
        & (begins.until[b] > endings.day[e])
    )


def stays(
    account: IntArray, start: FloatArray, until: FloatArray, who: IntArray, day: FloatArray
) -> BoolArray:
    """Whether account who[i] has a term that began by day[i] and runs past it."""
    if not len(account):
        return np.zeros(len(who), dtype=bool)
    order = np.lexsort((start, account))
    sorted_account = account[order]
    # accounts ascend in the key, so a running maximum never reaches over from one account to the next
    reach = np.maximum.accumulate(key(sorted_account, np.minimum(until[order], float(_SHIFT - 1))))
    wanted = key(who, day)
    place = np.searchsorted(key(sorted_account, start[order]), wanted, "right") - 1
    at = np.maximum(place, 0)
    return np.asarray((place >= 0) & (sorted_account[at] == who) & (reach[at] > wanted))
