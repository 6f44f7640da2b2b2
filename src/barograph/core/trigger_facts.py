"""What triggers look at: figures of n accounts over w published weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, FloatArray, IntArray, TextArray
from barograph.core.scopes import Attributes

CARRY_DAYS = 28
"""What is unknown counts as it last was for so many days; after that it counts as not so."""


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """n accounts (those of the last week) by w published weeks, oldest first; the last column is the week asked about.

    days: day numbers of the weeks, rising. versions: key of the model version of each. tier: displayed tier codes,
    NONE where the account was not there; score and every matrix of `components` and `signals`: NaN where unknown.
    heading: codes of trajectory.HEADINGS. lifecycle: places in `stages`, -1 unknown. opt_out, term_end: day numbers,
    NaN without. pulse_age: days since the newest pulse, NaN without one; pulses: question -> its answer, None without.
    attributes, arr, computed, held_by: of the last week, n values; arr NaN where unknown; computed: the tier by the
    numbers alone; held_by: name of the cap that holds it, "" for none.
    """

    days: IntArray
    versions: tuple[str, ...]
    account_ids: TextArray
    tier: CodeArray
    score: FloatArray
    components: Mapping[str, FloatArray]
    signals: Mapping[str, FloatArray]
    heading: CodeArray
    about_to_turn: BoolArray
    long_on_watch: BoolArray
    lifecycle: AnyArray
    stages: tuple[str, ...]
    opt_out: FloatArray
    term_end: FloatArray
    pulse_age: FloatArray
    pulses: Mapping[str, TextArray]
    attributes: Attributes
    arr: FloatArray
    computed: CodeArray
    held_by: TextArray

    @property
    def shape(self) -> tuple[int, int]:
        """(accounts, weeks)"""
        return len(self.account_ids), len(self.days)


def carried(true: BoolArray, known: BoolArray, days: IntArray) -> BoolArray:
    """Truth by week, n x w, with the unknown weeks as they last were, for CARRY_DAYS at most; else false."""
    out = np.zeros_like(true)
    last = np.zeros(len(true), dtype=bool)
    seen = np.full(len(true), days[0] - CARRY_DAYS - 1 if len(days) else 0, dtype=np.int64)
    for j, day in enumerate(days.tolist()):
        last = np.where(known[:, j], true[:, j], last & (day - seen <= CARRY_DAYS))
        seen = np.where(known[:, j], day, seen)
        out[:, j] = last
    return out


def run_start(holds: BoolArray) -> IntArray:
    """Per row the column at which the run of true that reaches the last column begins, -1 when that is false."""
    width = holds.shape[1]
    if not width:
        return np.full(len(holds), -1, dtype=np.int64)
    backward = ~holds[:, ::-1]
    length = np.where(backward.any(axis=1), backward.argmax(axis=1), width)
    return np.where(length > 0, width - length, -1).astype(np.int64)


def in_a_row(true: BoolArray, known: BoolArray, times: int, days: IntArray) -> BoolArray:
    """Whether the last `times` known weeks were all true; unknown weeks in between do not count, and a stretch of
    them longer than CARRY_DAYS begins anew."""
    if times <= 1:
        return carried(true, known, days)
    count = np.zeros(len(true), dtype=np.int64)
    seen = np.full(len(true), days[0] if len(days) else 0, dtype=np.int64)
    reached = np.zeros_like(true)
    for j, day in enumerate(days.tolist()):
        count = np.where(day - seen > CARRY_DAYS, 0, count)
        count = np.where(known[:, j], np.where(true[:, j], count + 1, 0), count)
        seen = np.where(known[:, j], day, seen)
        reached[:, j] = count >= times
    return reached
