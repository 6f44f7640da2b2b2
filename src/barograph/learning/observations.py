"""Observations: what was known about an account at a date, and what the account decided afterwards.

An observation is one row (account, as_of, horizon) with its resolved outcome and one value per candidate
signal as of that date. Days are whole local calendar days since 1970-01-01; the engine that builds the rows
has already applied both clocks, so nothing here compares instants.

Unresolved (censored) decisions are not observations: they must be left out before, never passed as kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BarographError, RefusedError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
TextArray = NDArray[np.object_]

Direction = Literal["up", "down", "free"]
Kind = Literal["activity", "outcome"]
Shape = Literal["monotone", "free", "nominal"]

OUTCOMES = ("renewed", "expanded", "downsold", "churned")
MIN_OUTCOMES = 30
MIN_LOST = 10


class DuplicateObservationsError(BarographError):
    """One account appears twice for the same decision and horizon."""


class OneSidedOutcomesError(RefusedError):
    """Every resolved outcome is on one side, so nothing can be compared."""


class TooFewOutcomesError(RefusedError):
    """There are fewer resolved outcomes than the evidence rules ask for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is declared about one signal column.

    `direction` 'up' means a larger value is healthier, 'down' a smaller one, 'free' that nobody has said.
    `shape` 'monotone' holds the health to one direction over the whole range; 'free' lets every band find its
    own level (a reviewed choice); 'nominal' means the numbers are codes of categories without order.
    `unit` allows sums: only candidates of one unit are ever added. `derived_from` names the parents of a
    proposed candidate.
    """

    name: str
    category: str = ""
    direction: Direction = "free"
    kind: Kind = "outcome"
    label: str = ""
    shape: Shape = "monotone"
    unit: str = ""
    derived_from: tuple[str, ...] = ()

    @property
    def sign(self) -> int:
        """+1 up, -1 down, 0 free."""
        return {"up": 1, "down": -1, "free": 0}[self.direction]


@dataclass(frozen=True, slots=True)
class Notice:
    """A named warning that does not stop the work: `code` is stable, `text` is for a person."""

    code: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Observations:
    """Parallel arrays of n observations and an (n, p) matrix of candidate values (NaN = unknown).

    account: object, who. as_of, decision, known_day: local day numbers; the outcome became known on
    `known_day` (on or after the decision). horizon: decision - as_of in days. lost: the target, True is the
    bad outcome. outcome: one of OUTCOMES or a name of a second target. arr_before, arr_after: recurring
    revenue in the reporting currency, NaN unknown. treated: somebody worked the account between as_of and
    decision. group: accounts that must never be on both sides of a split (a parent and its children). tenure:
    days since the account began, NaN unknown; None where nothing asks for it.
    """

    account: TextArray
    as_of: IntArray
    decision: IntArray
    horizon: IntArray
    lost: BoolArray
    outcome: TextArray
    arr_before: FloatArray
    arr_after: FloatArray
    known_day: IntArray
    segment: TextArray
    treated: BoolArray
    group: TextArray
    signals: FloatArray
    candidates: tuple[Candidate, ...]
    tenure: FloatArray | None = None

    def __post_init__(self) -> None:
        n = len(self.account)
        for name in _PARALLEL:
            got = len(getattr(self, name))
            if got != n:
                raise BarographError(
                    f"observations: {name} has {got} rows, account has {n}.",
                    hint="Every array of an Observations object has one entry per observation.",
                    where=name,
                )
        if self.signals.shape != (n, len(self.candidates)):
            raise BarographError(
                f"observations: signals is {self.signals.shape}, expected {(n, len(self.candidates))}.",
                hint="One column per candidate, one row per observation.",
                where="signals",
            )
        names = self.names
        if len(set(names)) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise BarographError(f"candidate names appear twice: {', '.join(twice)}.", where="candidates")
        if np.isinf(self.signals).any():
            bad = [names[j] for j in np.flatnonzero(np.isinf(self.signals).any(axis=0))]
            raise BarographError(
                f"signals hold infinite values: {', '.join(bad)}.",
                hint="A ratio with an empty denominator is unknown: give NaN.",
                where="signals",
            )

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.account)

    @property
    def names(self) -> list[str]:
        """Candidate names in column order."""
        return [candidate.name for candidate in self.candidates]

    @property
    def base_rate(self) -> float:
        """Share of rows that were lost; NaN without rows."""
        return float(self.lost.mean()) if self.n else float("nan")

    def evidence(self) -> tuple[int, int]:
        """(resolved decisions, lost decisions): one account seen at 60 and 90 days is one decision."""
        if not self.n:
            return 0, 0
        first = _first_per_decision(self)
        return len(first), int(self.lost[first].sum())

    def take(self, rows: NDArray[Any]) -> Observations:
        """The rows of a boolean mask or an index array, in that order."""
        changes = {name: getattr(self, name)[rows] for name in _PARALLEL}
        tenure = None if self.tenure is None else self.tenure[rows]
        return replace(self, signals=self.signals[rows], tenure=tenure, **changes)

    def choose(self, names: Sequence[str]) -> Observations:
        """The named candidate columns only, in the order given."""
        index = [self.names.index(name) for name in names]
        return replace(
            self, signals=self.signals[:, index], candidates=tuple(self.candidates[j] for j in index)
        )

    def add(self, values: FloatArray, candidates: Sequence[Candidate]) -> Observations:
        """The same rows with further candidate columns on the right."""
        return replace(
            self,
            signals=np.hstack([self.signals, np.asarray(values, dtype=float).reshape(self.n, -1)]),
            candidates=(*self.candidates, *candidates),
        )


_PARALLEL = (
    "account", "as_of", "decision", "horizon", "lost", "outcome", "arr_before", "arr_after", "known_day",
    "segment", "treated", "group",
)  # fmt: skip


def decision_codes(observations: Observations) -> IntArray:
    """(n,) dense numbers 0..k-1 of the decisions behind the rows: one per (account, decision day)."""
    if not observations.n:
        return np.zeros(0, dtype=np.int64)
    who = np.unique(observations.account, return_inverse=True)[1].astype(np.int64).reshape(-1)
    day = observations.decision - observations.decision.min()
    return np.unique(who * (int(day.max()) + 1) + day, return_inverse=True)[1].astype(np.int64).reshape(-1)


def observe(
    account: Sequence[object] | NDArray[Any],
    lost: Sequence[bool] | NDArray[Any],
    signals: NDArray[Any],
    candidates: Sequence[Candidate],
    *,
    as_of: NDArray[Any] | None = None,
    decision: NDArray[Any] | None = None,
    outcome: NDArray[Any] | None = None,
    arr_before: NDArray[Any] | None = None,
    arr_after: NDArray[Any] | None = None,
    known_day: NDArray[Any] | None = None,
    segment: NDArray[Any] | None = None,
    treated: NDArray[Any] | None = None,
    group: NDArray[Any] | None = None,
    horizon: int = 90,
) -> Observations:
    """Build observations from what is at hand; everything not given gets its neutral value.

    Without dates every row has as_of 0 (a snapshot: no statement over time is possible). `decision` defaults
    to as_of + horizon, `known_day` to the decision, `group` to the account.
    """
    target = np.asarray(lost, dtype=bool)
    n = len(target)
    who = _texts(account)
    start = np.zeros(n, dtype=np.int64) if as_of is None else np.asarray(as_of, dtype=np.int64)
    decided = start + horizon if decision is None else np.asarray(decision, dtype=np.int64)
    return Observations(
        account=who,
        as_of=start,
        decision=decided,
        horizon=decided - start,
        lost=target,
        outcome=_texts(np.where(target, "churned", "renewed") if outcome is None else outcome),
        arr_before=_floats(arr_before, n),
        arr_after=_floats(arr_after, n),
        known_day=decided if known_day is None else np.asarray(known_day, dtype=np.int64),
        segment=_texts([""] * n if segment is None else segment),
        treated=np.zeros(n, dtype=bool) if treated is None else np.asarray(treated, dtype=bool),
        group=who if group is None else _texts(group),
        signals=np.asarray(signals, dtype=float).reshape(n, len(candidates)),
        candidates=tuple(candidates),
    )


def check(observations: Observations, *, min_outcomes: int = MIN_OUTCOMES) -> tuple[Notice, ...]:
    """Refuse what cannot be learned from; return named notices about what can, but should be known.

    Raises DuplicateObservationsError, OneSidedOutcomesError, or BarographError for rows whose outcome was
    known before it was decided or whose as_of is not before the decision. Never raises for too few outcomes:
    see `require_evidence`. Notices: `constant`, `all_missing`, `few_values`, `few_outcomes`, `treated`,
    `separates_completely`.
    """
    _refuse_bad_rows(observations)
    resolved, lost = observations.evidence()
    if resolved and lost in (0, resolved):
        side = "kept" if lost == 0 else "lost"
        raise OneSidedOutcomesError(
            f"all {resolved} resolved outcomes are {side}: there is nothing to compare them with.",
            hint=f"At least {MIN_LOST} lost and as many kept decisions are needed; choose a longer period.",
        )
    notices = []
    if resolved < min_outcomes:
        text = f"{resolved} resolved outcomes, {min_outcomes} needed."
        notices.append(Notice("few_outcomes", text))
    if worked := int(observations.treated.sum()):
        notices.append(
            Notice("treated", f"{worked} of {observations.n} observations were worked before the decision.")
        )
    for j, candidate in enumerate(observations.candidates):
        if notice := _column_notice(candidate.name, observations.signals[:, j], observations.lost):
            notices.append(notice)
    return tuple(notices)


def require_evidence(observations: Observations, outcomes: int = MIN_OUTCOMES, lost: int = MIN_LOST) -> None:
    """Raise TooFewOutcomesError, naming what is missing, below `outcomes` resolved or `lost` lost
    decisions.
    """
    have, have_lost = observations.evidence()
    if have < outcomes or have_lost < lost:
        raise TooFewOutcomesError(
            f"{have} resolved outcomes with {have_lost} lost; {outcomes} with {lost} lost are needed "
            f"({max(0, outcomes - have)} and {max(0, lost - have_lost)} missing).",
            hint="Expert weights stay in force, labelled heuristic, until then.",
        )


def _refuse_bad_rows(observations: Observations) -> None:
    keys: dict[tuple[object, int, int], int] = {}
    rows = zip(
        observations.account, observations.decision.tolist(), observations.horizon.tolist(), strict=True
    )
    for row, key in enumerate(rows):
        if key in keys:
            raise DuplicateObservationsError(
                f"account {key[0]!r} has two observations for the decision on day {key[1]} at {key[2]} days "
                f"(rows {keys[key]} and {row}).",
                hint="Roll several contracts up to one decision, or make the contract the account.",
                where=str(key[0]),
            )
        keys[key] = row
    early = np.flatnonzero(observations.known_day < observations.decision)
    late = np.flatnonzero(observations.as_of >= observations.decision)
    for rows_, what in (
        (early, "is known before its decision day"),
        (late, "is as of its decision day or later"),
    ):
        if len(rows_):
            raise BarographError(
                f"{len(rows_)} observations are impossible, first account "
                f"{observations.account[rows_[0]]!r}: the outcome {what}.",
                hint="Check the decision dates of these outcomes.",
                where=str(observations.account[rows_[0]]),
            )


def _column_notice(name: str, values: FloatArray, lost: BoolArray) -> Notice | None:
    known = ~np.isnan(values)
    count = int(known.sum())
    if count == 0:
        return Notice("all_missing", f"{name} has no value in any of {len(values)} observations.", name)
    present = values[known]
    if present.min() == present.max():
        return Notice("constant", f"{name} is {present[0]:g} in all {count} observations that have it.", name)
    if count < MIN_OUTCOMES:
        text = f"{name} is known in {count} of {len(values)} observations; {MIN_OUTCOMES} needed."
        return Notice("few_values", text, name)
    bad, good = present[lost[known]], present[~lost[known]]
    if len(bad) >= MIN_LOST and len(good) >= MIN_LOST and (bad.max() < good.min() or good.max() < bad.min()):
        return Notice(
            "separates_completely", f"{name} alone separates all {count} outcomes without one error.", name
        )
    return None


def _first_per_decision(observations: Observations) -> IntArray:
    seen: dict[tuple[object, int], int] = {}
    for row, key in enumerate(zip(observations.account, observations.decision.tolist(), strict=True)):
        seen.setdefault(key, row)
    return np.fromiter(seen.values(), dtype=np.int64, count=len(seen))


def _texts(values: Sequence[object] | NDArray[Any]) -> TextArray:
    out = np.empty(len(values), dtype=object)
    out[:] = [str(value) for value in values]
    return out


def _floats(values: NDArray[Any] | None, n: int) -> FloatArray:
    return np.full(n, np.nan) if values is None else np.asarray(values, dtype=float)
