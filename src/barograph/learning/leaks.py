"""The leak audit: candidates that could know the outcome are named and left out until a person confirms them.

A field that is filled in, blanked or last updated because the account left looks like a brilliant signal and
is worthless before the fact. The audit asks six questions, each of which a single honest signal can survive:
recorded too late, does a replay give the same value, exists only for ended accounts, separates implausibly,
stands or falls with the last 30 days, and does its absence alone predict. Names are a seventh."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.learning.binning import band
from barograph.learning.cutpoints import candidate_cuts
from barograph.learning.intervals import codes, mann_whitney_p
from barograph.learning.metrics import auc
from barograph.learning.observations import MIN_LOST, BoolArray, Candidate, FloatArray, IntArray, Observations
from barograph.learning.shapes import cross_fitted_auc
from barograph.learning.splits import deal

Code = Literal[
    "recorded_late", "replay_differs", "only_when_ended", "implausible", "pure_band", "late_jump",
    "missing_predicts", "name",
]  # fmt: skip

LATE_SHARE = 0.01
IMPLAUSIBLE_AUC = 0.95
PURE_ROWS = 20
LATE_JUMP = 0.10
MISSING_AUC = 0.10
ONLY_ENDED_SHARE = 0.02
NAME_PATTERN = re.compile(
    r"(^|[^a-z])(churn|churned|cancel\w*|terminat\w*|offboard\w*|closed?_?(date|at|reason)|end_?date|"
    r"exit_?(survey|interview|reason)|lost_?(reason|date|at)|final_?invoice|win_?back|refund\w*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LeakFlag:
    """One suspicion. `code` is stable, `value` the figure found, `limit` what is allowed, `text` for a
    person.
    """

    name: str
    code: Code
    value: float
    limit: float
    text: str


@dataclass(frozen=True, slots=True)
class LeakAudit:
    """All suspicions and who is left out because of them (flagged and not confirmed by a person)."""

    flags: tuple[LeakFlag, ...]
    left_out: tuple[str, ...]

    def reasons(self) -> tuple[tuple[str, str], ...]:
        """(name, reason) of what is left out, as `ScreenRules.refused` wants it."""
        out = []
        for name in self.left_out:
            out.append((name, "; ".join(flag.text for flag in self.flags if flag.name == name)))
        return tuple(out)


def audit(
    observations: Observations,
    *,
    earlier: FloatArray | None = None,
    late_share: FloatArray | None = None,
    replay_differs: FloatArray | None = None,
    confirmed: Collection[str] = (),
) -> LeakAudit:
    """Ask every candidate the questions that can be asked with what is given.

    earlier: (n, p) the same candidates with as_of 30 days earlier. late_share: (p,) share of the underlying
    rows recorded after as_of. replay_differs: (p,) share of observations whose value replayed as of the date
    differs from the stored one. NaN means not known. confirmed: names a person has looked at and accepted;
    their flags are still listed.
    """
    folds = deal(observations, 5)
    clusters = codes(observations.account)
    flags: list[LeakFlag] = []
    for j, candidate in enumerate(observations.candidates):
        column = observations.signals[:, j]
        flags += _clock_flags(candidate, _at(late_share, j), _at(replay_differs, j))
        flags += _name_flags(candidate)
        known = ~np.isnan(column)
        flags += _missing_flags(candidate, known, observations.lost, clusters)
        if _comparable(observations.lost[known]):
            now = None if earlier is None else earlier[:, j]
            flags += _separation_flags(candidate, column, observations.lost, folds, now)
    named = dict.fromkeys(flag.name for flag in flags)
    return LeakAudit(tuple(flags), tuple(name for name in named if name not in set(confirmed)))


def _at(values: FloatArray | None, j: int) -> float:
    return float("nan") if values is None else float(values[j])


def _comparable(lost: BoolArray) -> bool:
    return int(lost.sum()) >= MIN_LOST and int((~lost).sum()) >= MIN_LOST


def _clock_flags(candidate: Candidate, late: float, replay: float) -> list[LeakFlag]:
    out = []
    if late > LATE_SHARE:
        text = f"{late:.0%} of its rows were recorded after as_of (at most {LATE_SHARE:.0%} allowed)"
        out.append(LeakFlag(candidate.name, "recorded_late", late, LATE_SHARE, text))
    if replay > LATE_SHARE:
        text = f"replayed as of the date, {replay:.0%} of its values differ from the stored ones"
        out.append(LeakFlag(candidate.name, "replay_differs", replay, LATE_SHARE, text))
    return out


def _name_flags(candidate: Candidate) -> list[LeakFlag]:
    if found := NAME_PATTERN.search(candidate.name):
        text = f"its name speaks of the end ({found.group(0).strip('_ .')!r})"
        return [LeakFlag(candidate.name, "name", 1.0, 0.0, text)]
    return []


def _missing_flags(
    candidate: Candidate, known: BoolArray, lost: BoolArray, clusters: IntArray
) -> list[LeakFlag]:
    """Filled for lost accounts only, or gone for them: either way its absence knows the outcome."""
    if known.all() or not known.any() or not _comparable(lost):
        return []
    filled_lost, filled_kept = float(known[lost].mean()), float(known[~lost].mean())
    if filled_kept <= ONLY_ENDED_SHARE and filled_lost >= 10 * max(filled_kept, 0.01):
        text = f"it exists for {filled_lost:.0%} of the lost and {filled_kept:.0%} of the kept accounts"
        return [LeakFlag(candidate.name, "only_when_ended", filled_kept, ONLY_ENDED_SHARE, text)]
    found = auc(known.astype(float), lost)
    if abs(found - 0.5) > MISSING_AUC and mann_whitney_p(known.astype(float), lost, clusters) < 0.01:
        text = (
            f"whether it is known predicts the outcome by itself (known for {filled_lost:.0%} of the lost, "
            f"{filled_kept:.0%} of the kept)"
        )
        return [LeakFlag(candidate.name, "missing_predicts", abs(found - 0.5), MISSING_AUC, text)]
    return []


def _separation_flags(
    candidate: Candidate, column: FloatArray, lost: BoolArray, folds: IntArray, earlier: FloatArray | None
) -> list[LeakFlag]:
    known = ~np.isnan(column)
    x, y = column[known], lost[known]
    if np.ptp(x) == 0:
        return []
    out = []
    found = _strength(x, y, candidate, folds[known])
    if found > IMPLAUSIBLE_AUC:
        text = f"it alone separates with AUC {found:.2f} (above {IMPLAUSIBLE_AUC} nothing honest is known)"
        out.append(LeakFlag(candidate.name, "implausible", found, IMPLAUSIBLE_AUC, text))
    else:
        out += _pure_flags(candidate, x, y)
    if earlier is not None:
        both = known & ~np.isnan(earlier)
        if _comparable(lost[both]) and np.ptp(earlier[both]) > 0:
            now = _strength(column[both], lost[both], candidate, folds[both])
            before = _strength(earlier[both], lost[both], candidate, folds[both])
            if now - before > LATE_JUMP:
                text = f"30 days earlier its AUC is {before:.2f} instead of {now:.2f}"
                out.append(LeakFlag(candidate.name, "late_jump", now - before, LATE_JUMP, text))
    return out


def _strength(x: FloatArray, y: BoolArray, candidate: Candidate, folds: IntArray) -> float:
    """AUC whatever the direction, in .5..1 for monotone shapes; cross-fitted for the others."""
    if candidate.shape == "monotone":
        found = auc(x, y)
        return max(found, 1 - found)
    return cross_fitted_auc(x, y, candidate, folds)


def _pure_flags(candidate: Candidate, x: FloatArray, y: BoolArray) -> list[LeakFlag]:
    """A value or range with 20 rows or more of which every one was lost (or none, against a high base rate).

    A pure band is only astonishing when chance would not make it: probability below one in ten thousand.
    """
    base = float(y.mean())
    cuts = candidate_cuts(x, 10)
    if candidate.shape == "nominal":
        piece = band(x, y, candidate).index(x)
    else:
        piece = np.searchsorted(cuts, x, side="right").astype(np.int64)
    n = np.bincount(piece).astype(float)
    bad = np.bincount(piece, weights=y, minlength=len(n))
    all_lost = (bad == n) & (n >= PURE_ROWS) & (base**n < 1e-4)
    if all_lost.any():
        rows = int(n[all_lost].max())
        text = f"one of its bands holds {rows} accounts and every one was lost"
        return [LeakFlag(candidate.name, "pure_band", float(rows), PURE_ROWS, text)]
    return []
