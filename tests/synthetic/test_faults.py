"""Planted truth: the faults of real data are there in the measure that was asked for.

Requirements S3 (late rows), S4 (one bad week), S6 (a feed that broke).
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from barograph.synthetic import CompanySpec, generate
from barograph.synthetic.frame import DAY

Company = dict[str, pa.Table]


def days(column: pa.ChunkedArray) -> np.ndarray:
    return column.cast(pa.int64()).to_numpy() // DAY


def test_the_event_feed_is_silent_for_two_weeks_and_the_others_are_not(
    company: Company, spec: CompanySpec
) -> None:
    first, last = spec.feed_gap()
    assert last - first == 14
    weekly = np.bincount((days(company["events"]["occurred_at"]) - spec.start_day) // 7, minlength=spec.weeks)
    silent = [week for week in range(spec.weeks) if first <= spec.start_day + 7 * week < last]
    assert len(silent) == 2
    assert weekly[silent].sum() == 0
    assert (np.delete(weekly, silent) > 0.3 * np.median(weekly)).all()
    views = company["metrics"].filter(pc.equal(company["metrics"]["metric"], "page_views"))
    known = (views["date"].cast(pa.int32()).to_numpy() - spec.start_day) // 7
    assert np.isin(silent, known).all()


def test_the_outage_can_be_left_out() -> None:
    spec = CompanySpec(accounts=150, feed_gap_weeks=0, events_per_user_week=0.2)
    seen = (days(generate(spec, only=["events"])["events"]["occurred_at"]) - spec.start_day) // 7
    assert set(range(spec.weeks)) <= set(seen.tolist())


@pytest.mark.parametrize(
    ("table", "occurred"), [("events", "occurred_at"), ("tickets", "opened_at"), ("invoices", "issued_at")]
)
def test_two_rows_in_a_hundred_are_late_by_one_to_twenty_one_days(
    company: Company, table: str, occurred: str
) -> None:
    rows = company[table]
    if table != "events":
        key = "ticket_id" if table == "tickets" else "invoice_id"
        rows = rows.group_by([key, occurred]).aggregate([("recorded_at", "min")])
        recorded = rows["recorded_at_min"]
    else:
        recorded = rows["recorded_at"]
    delay = (recorded.cast(pa.int64()).to_numpy() - rows[occurred].cast(pa.int64()).to_numpy()) / DAY
    assert delay.min() > 0 and delay.max() < 21 + 1 / 24
    late = delay >= 1
    assert late.mean() == pytest.approx(0.02, abs=4 * np.sqrt(0.02 * 0.98 / len(delay)))
    assert (delay[~late] < 0.05).all()


def test_august_and_the_turn_of_the_year_are_quiet_for_everybody(company: Company) -> None:
    day = pc.strftime(company["events"]["occurred_at"], format="%m-%d")
    month = pc.utf8_slice_codeunits(day, 0, 2)
    per_day = lambda mask, length: pc.sum(mask).as_py() / length  # noqa: E731
    august = per_day(pc.equal(month, "08"), 62)
    july = per_day(pc.equal(month, "07"), 62)
    turn = per_day(pc.and_(pc.greater_equal(day, "12-24"), pc.less_equal(day, "12-30")), 14)
    november = per_day(pc.equal(month, "11"), 27 + 1)
    assert 0.70 < august / july < 0.90
    assert turn / november < 0.75


def test_facts_lie_in_the_window_and_customers_are_older(company: Company, spec: CompanySpec) -> None:
    first = spec.start - timedelta(days=1)
    for name, column in (
        ("events", "occurred_at"),
        ("tickets", "opened_at"),
        ("interactions", "occurred_at"),
    ):
        assert pc.min(company[name][column]).as_py().date() > first
    starts = company["accounts"]["start_date"]
    assert pc.sum(pc.less(starts, pa.scalar(spec.start))).as_py() > 0.5 * len(starts)
