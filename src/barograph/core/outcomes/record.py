"""Terms, given outcomes and derived outcomes as parallel columns.

Days are local day numbers as floats, NaN where there is none; revenue is recurring, NaN unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray, IntArray, TextArray, texts
from barograph.definitions.model import OutcomeRules

OUTCOMES = ("renewed", "expanded", "downsold", "churned")
RENEWED, EXPANDED, DOWNSOLD, CHURNED = range(4)
ANCHORS = ("decided", "opt_out", "effective", "period_end")
DECIDED, OPT_OUT, EFFECTIVE, PERIOD_END = range(4)
SOURCES = ("given", "contract", "evergreen", "lapse")
GIVEN, CONTRACT, EVERGREEN, LAPSE = range(4)


@dataclass(frozen=True, slots=True)
class Terms:
    """Contract terms as known at one date, one row each. product: "" for none. end: NaN for evergreen."""

    account_ids: TextArray
    contract_ids: TextArray
    product: TextArray
    start: FloatArray
    end: FloatArray
    arr: FloatArray
    notice_days: FloatArray
    cancelled: FloatArray

    def __len__(self) -> int:
        return len(self.account_ids)

    def take(self, rows: AnyArray) -> Terms:
        return Terms(*(getattr(self, f.name)[rows] for f in fields(self)))

    @property
    def lasts_until(self) -> FloatArray:
        """Last day of the term: its end, the cancellation of an evergreen one, or infinity."""
        until = np.where(np.isnan(self.end), self.cancelled, self.end)
        return np.where(np.isnan(until), np.inf, until)


@dataclass(frozen=True, slots=True)
class GivenOutcomes:
    """Recorded decisions. contract_ids: "" for none. outcome: code into OUTCOMES. known: day it was known."""

    account_ids: TextArray
    contract_ids: TextArray
    outcome: CodeArray
    decided: FloatArray
    effective: FloatArray
    arr_before: FloatArray
    arr_after: FloatArray
    known: FloatArray

    def __len__(self) -> int:
        return len(self.account_ids)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Resolved outcomes.

    outcome: code into OUTCOMES. anchor: the day horizons count back from; anchor_kind: code into ANCHORS, and
    decided, opt_out, effective keep all dates there are. cancelled: day of the cancellation. ended: day from
    which a lost customer was gone (rows with ended < as_of are no observations: nothing was left to decide).
    known: first day on which the outcome counts; the same rule for all outcomes of a source, so that none
    becomes known earlier because of what it is. horizon: days at which a lapse must be observed, else NaN.
    account_stays: lost here, but the account has another term that runs on. source: code into SOURCES.
    """

    account_ids: TextArray
    contract_ids: TextArray
    product: TextArray
    outcome: CodeArray
    anchor: IntArray
    anchor_kind: CodeArray
    decided: FloatArray
    opt_out: FloatArray
    effective: FloatArray
    cancelled: FloatArray
    ended: FloatArray
    arr_before: FloatArray
    arr_after: FloatArray
    known: IntArray
    horizon: FloatArray
    account_stays: BoolArray
    source: CodeArray

    def __len__(self) -> int:
        return len(self.account_ids)

    @property
    def lost(self) -> BoolArray:
        return np.asarray(self.outcome == CHURNED)

    def take(self, rows: AnyArray) -> Outcomes:
        return Outcomes(*(getattr(self, f.name)[rows] for f in fields(self)))

    @classmethod
    def join(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """All rows, ordered by anchor, account and contract."""
        whole = cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))
        order = np.lexsort((text_rank(whole.contract_ids), text_rank(whole.account_ids), whole.anchor))
        return whole.take(order)


@dataclass(frozen=True, slots=True)
class Censored:
    """Terms whose decision is not known yet: neither kept nor lost. within_grace: the end has passed."""

    account_ids: TextArray
    contract_ids: TextArray
    end: FloatArray
    within_grace: BoolArray


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the outcomes must know: a code, how many rows, and the sentence."""

    code: str
    count: int
    text: str


def band(before: FloatArray, after: FloatArray, rules: OutcomeRules) -> CodeArray:
    """renewed, expanded or downsold by the share of revenue kept; renewed where that cannot be said."""
    share = np.full(len(before), np.nan)
    np.divide(after, before, out=share, where=before > 0)
    share = np.round(share, 9)
    out = np.full(len(before), RENEWED, dtype=np.int8)
    out[share <= rules.downsold_at_most] = DOWNSOLD
    out[share >= rules.expanded_at_least] = EXPANDED
    return out


def codes_of(*columns: TextArray) -> tuple[IntArray, int]:
    """One number per distinct combination of the columns' values, and how many there are."""
    codes, count = _codes(columns[0])
    for column in columns[1:]:
        more, further = _codes(column)
        distinct, codes = np.unique(codes * further + more, return_inverse=True)
        count = len(distinct)
    return codes, count


def _codes(column: TextArray) -> tuple[IntArray, int]:
    values = column.tolist()
    order = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.fromiter(map(order.__getitem__, values), np.int64, count=len(values)), len(order)


def text_rank(column: TextArray) -> IntArray:
    """Place of each text in the alphabetical order of the column."""
    codes, count = codes_of(column)
    first = np.empty(count, dtype=object)
    first[codes] = column
    rank = np.empty(count, dtype=np.int64)
    rank[sorted(range(count), key=lambda code: str(first[code]))] = np.arange(count)
    return rank[codes]


def no_text(size: int) -> TextArray:
    return texts([""] * size)
