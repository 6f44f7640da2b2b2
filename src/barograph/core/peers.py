"""Mid-rank percentiles among peers, kept so that a value can be judged against another week's peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, FloatArray, IntArray

_PLACES = 9  # values that differ in the last bits only are ties, whichever engine computed them


@dataclass(frozen=True, slots=True)
class Peers:
    """The known values of one signal in one week, sorted, per group and over all.

    reverse: less is healthier, so the percentile is turned round. min_peers: a smaller group falls back to
    all; when all are fewer, nobody has a percentile.
    """

    groups: Mapping[object, FloatArray]
    everyone: FloatArray
    min_peers: int
    reverse: bool = False

    def rank(
        self,
        values: FloatArray,
        groups: AnyArray,
        own: FloatArray | None = None,
        own_groups: AnyArray | None = None,
    ) -> FloatArray:
        """Percentile 0 to 100 of each value within its group: (lower + half of the equal) / all x 100.

        own: the value with which each account is itself among these peers (NaN: it is not). It is replaced by
        the value judged, so an account whose peers stood still moves by its own move alone. own_groups: the
        group it is filed under, when that differs from `groups`. NaN values stay NaN; NaN as well where fewer
        than `min_peers` values (the account's included) are known.
        """
        judged = np.round(values, _PLACES)
        mine = np.full(len(values), np.nan) if own is None else np.round(own, _PLACES)
        group = self._codes(groups)
        filed = group if own_groups is None else self._codes(own_groups)
        out = np.full(len(values), np.nan)
        waiting = ~np.isnan(judged)
        for code, members in enumerate(self.groups.values()):
            rows = np.flatnonzero(waiting & (group == code))
            mine_here = np.where(filed[rows] == code, mine[rows], np.nan)
            out[rows] = self._percentile(judged[rows], mine_here, members)
        rest = np.flatnonzero(waiting & np.isnan(out))
        out[rest] = self._percentile(judged[rest], mine[rest], self.everyone)
        return 100.0 - out if self.reverse else out

    def _percentile(self, value: FloatArray, own: FloatArray, members: FloatArray) -> FloatArray:
        left = np.searchsorted(members, value, "left")
        right = np.searchsorted(members, value, "right")
        inside = ~np.isnan(own)
        size = len(members) + 1 - inside
        lower = left - (inside & (own < value))
        ties = right - left - (inside & (own == value)) + 1
        return np.where(size >= self.min_peers, (lower + 0.5 * ties) / size * 100.0, np.nan)

    def _codes(self, groups: AnyArray) -> IntArray:
        order = {key: code for code, key in enumerate(self.groups)}
        return np.fromiter((order.get(key, -1) for key in groups.tolist()), np.int64, count=len(groups))


def peers_of(values: FloatArray, groups: AnyArray, *, min_peers: int, reverse: bool = False) -> Peers:
    """The peers of a week. Accounts without a group (None, NaN) count only among everyone."""
    clean = np.round(values, _PLACES)
    known: BoolArray = ~np.isnan(clean)
    members: dict[object, list[int]] = {}
    for row in np.flatnonzero(known).tolist():
        members.setdefault(groups[row], []).append(row)
    named = {key: np.sort(clean[rows]) for key, rows in members.items() if not _is_null(key)}
    return Peers(named, np.sort(clean[known]), min_peers, reverse)


def _is_null(key: object) -> bool:
    return key is None or (isinstance(key, float) and bool(np.isnan(key)))
