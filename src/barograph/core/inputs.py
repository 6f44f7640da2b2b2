"""One week of signal values for all accounts: what the score is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from barograph.core.arrays import AnyArray, CodeArray, FloatArray, IntArray, TextArray, texts
from barograph.definitions.signal import REASONS
from barograph.errors import BarographError

REASON_CODE: dict[str, int] = {name: code for code, name in enumerate(REASONS)}
KNOWN = REASON_CODE["known"]
NO_DATA = REASON_CODE["no_data"]
STALE_FEED = REASON_CODE["stale_feed"]
TOO_LITTLE_SUPPORT = REASON_CODE["too_little_support"]
NOT_APPLICABLE = REASON_CODE["not_applicable"]


@dataclass(frozen=True, slots=True)
class WeekInputs:
    """Signal values and account state of n accounts at one `as_of` (a local day number).

    signals: column names of `values`, in any order; more than the model scores may be there (caps, gates
    and candidates read them). values: n x p raw values, NaN is missing. reasons: n x p codes into REASONS,
    0 where the value is known and only there. attributes: account state (segment, plan, lifecycle, arr,
    ...), n each.

    Raises BarographError for shapes that do not fit, an account twice, an infinite value, or a value and its
    reason that contradict each other.
    """

    as_of: int
    account_ids: TextArray
    signals: tuple[str, ...]
    values: FloatArray
    reasons: CodeArray
    attributes: Mapping[str, AnyArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.account_ids), len(self.signals))
        if self.values.shape != shape or self.reasons.shape != shape:
            raise BarographError(
                f"values {self.values.shape} and reasons {self.reasons.shape} must both be {shape}."
            )
        for name, column in self.attributes.items():
            if len(column) != shape[0]:
                raise BarographError(
                    f"{len(column)} values for {shape[0]} accounts.", where=f"attribute {name}"
                )
        if len(set(self.account_ids.tolist())) != shape[0]:
            twice = Counter(self.account_ids.tolist()).most_common(1)[0][0]
            raise BarographError(
                f"account {twice!r} is there twice at day {self.as_of}.", where="account_ids"
            )
        wrong = (np.isnan(self.values) != (self.reasons != KNOWN)) | np.isinf(self.values)
        if wrong.any():
            row, at = (int(i) for i in np.argwhere(wrong)[0])
            raise BarographError(
                f"value {self.values[row, at]} with reason {REASONS[self.reasons[row, at]]!r}.",
                hint="A known value is finite and has no reason; a missing one has one.",
                where=f"signal {self.signals[at]}, account {self.account_ids[row]}",
            )

    @classmethod
    def of(
        cls,
        as_of: int,
        account_ids: Sequence[str] | TextArray,
        values: Mapping[str, Any],
        *,
        attributes: Mapping[str, Any] | None = None,
        reasons: Mapping[str, Any] | None = None,
    ) -> WeekInputs:
        """From one column per signal. Missing values without a stated reason are `no_data`."""
        ids = texts(account_ids)
        matrix = np.full((len(ids), len(values)), np.nan)
        codes = np.zeros(matrix.shape, dtype=np.int8)
        for j, (name, column) in enumerate(values.items()):
            matrix[:, j] = np.asarray(column, dtype=float)
            given = None if reasons is None else reasons.get(name)
            codes[:, j] = (
                np.where(np.isnan(matrix[:, j]), NO_DATA, KNOWN) if given is None else np.asarray(given)
            )
        state = {
            name: column if isinstance(column, np.ndarray) else _column(column)
            for name, column in (attributes or {}).items()
        }
        return cls(as_of, ids, tuple(values), matrix, codes, state)

    def column(self, signal: str) -> int:
        """Index of the signal's column. Raises BarographError naming the signal when it was not computed."""
        try:
            return self.signals.index(signal)
        except ValueError:
            raise BarographError(
                f"no values of signal {signal!r} at day {self.as_of}; there are: {', '.join(self.signals)}.",
                hint="Compute the signals of this model for the week first.",
            ) from None

    def value(self, signal: str) -> FloatArray:
        """Raw values of one signal, NaN missing."""
        return self.values[:, self.column(signal)]

    def take(self, rows: IntArray) -> WeekInputs:
        """The same week for the accounts at `rows` only, in that order."""
        return WeekInputs(
            self.as_of,
            self.account_ids[rows],
            self.signals,
            self.values[rows],
            self.reasons[rows],
            {name: column[rows] for name, column in self.attributes.items()},
        )


def _column(values: Sequence[Any]) -> AnyArray:
    """Numbers become a float column with NaN for None; everything else stays an object column."""
    numeric = all(v is None or (isinstance(v, (int, float)) and not isinstance(v, bool)) for v in values)
    if numeric:
        return np.array([np.nan if v is None else float(v) for v in values], dtype=float)
    return texts(values)
