"""Person-periods of a workspace: who was lost within 28 days, and what was known before (planted facts). O2, S3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from barograph.core.calendar import is_grid_day, quarter_starts, to_date
from barograph.definitions.model import LapseRule
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.observations_periods import PERIOD_DAYS
from support.renewals import BEGIN, END, moment, planted_model, workspace
from support.signal_data import RawTables

GONE = {f"c{i:02d}": BEGIN + 150 + 27 * i for i in range(0, 24, 2)}
ACCOUNTS = [f"c{i:02d}" for i in range(24)]


def subscriptions(*, contracts: bool) -> RawTables:
    """Accounts with evergreen contracts (or only metrics), every other one gone from a known day on; c01 belongs to
    c03."""
    raw = RawTables()
    for i, account in enumerate(ACCOUNTS):
        start = BEGIN + 5 * i
        gone = GONE.get(account)
        raw.add("accounts", known=moment(start), account_id=account, name=account, segment="smb",
                start_date=to_date(start), parent_account_id="c03" if account == "c01" else None)  # fmt: skip
        if contracts:
            term = {
                "contract_id": f"{account}-1",
                "account_id": account,
                "start_date": to_date(start),
                "arr": 1200.0,
            }
            raw.add("contracts", known=moment(start), **term)
            if gone is not None:
                raw.add("contracts", known=moment(gone), **term, cancelled_at=moment(gone))
        for day in range(start, END if gone is None else gone, 7):
            raw.add("metrics", account_id=account, date=to_date(day), metric="adoption", value=float(i % 5))
    return raw


@pytest.fixture(scope="module")
def evergreen(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    model = planted_model(0)
    place = workspace(
        tmp_path_factory.mktemp("evergreen") / "ws", subscriptions(contracts=True).tables, model
    )
    return gather(place, DuckDBEngine(), model, day=END, horizons=(90,))


def test_each_subscription_has_a_row_every_28_days_until_it_is_lost(evergreen: Evidence) -> None:
    assert evergreen.periods is not None
    rows = evergreen.periods.rows
    assert evergreen.periods.period == PERIOD_DAYS
    assert set(rows.horizon.tolist()) == {PERIOD_DAYS}
    assert all(is_grid_day(day) for day in set(rows.as_of.tolist()))
    for account in ACCOUNTS:
        mine = rows.account == account
        days, lost = rows.as_of[mine], rows.lost[mine]
        assert (np.diff(np.sort(days)) == PERIOD_DAYS).all()
        gone = GONE.get(account)
        if gone is None:
            assert not lost.any()
        else:
            assert lost.sum() == 1
            assert days.max() == days[lost][0]
            assert days.max() <= gone < days.max() + PERIOD_DAYS


def test_the_quarters_that_are_reported_lose_the_same_accounts(evergreen: Evidence) -> None:
    rows = evergreen.rows
    assert set(rows.decision.tolist()) <= set(quarter_starts(BEGIN, END))
    assert set(rows.account[rows.lost].tolist()) == set(GONE)
    assert evergreen.periods is not None
    assert evergreen.periods.rows.n > 2 * rows.n
    assert evergreen.periods.rows.decision.max() <= rows.decision.max()


def test_tenure_counts_from_the_start_and_families_stay_together(evergreen: Evidence) -> None:
    assert evergreen.periods is not None
    for rows in (evergreen.rows, evergreen.periods.rows):
        assert rows.tenure is not None
        for i, account in enumerate(ACCOUNTS):
            mine = rows.account == account
            assert (rows.tenure[mine] == rows.as_of[mine] - (BEGIN + 5 * i)).all()
        assert set(rows.group[np.isin(rows.account, ["c01", "c03"])].tolist()) == {"c03"}
        assert set(rows.group[rows.account == "c05"].tolist()) == {"c05"}


def test_taking_rows_and_asking_without_periods(evergreen: Evidence, tmp_path: Path) -> None:
    assert evergreen.at(90).periods is evergreen.periods
    model = planted_model(0)
    place = workspace(tmp_path / "ws", subscriptions(contracts=True).tables, model)
    assert gather(place, DuckDBEngine(), model, day=END, horizons=(90,), periods=False).periods is None


def test_a_lapse_is_asked_every_28_days_with_its_own_question(tmp_path: Path) -> None:
    rule = LapseRule(source="metrics", active_days=60, horizon_days=84)
    plain = planted_model(0)
    model = plain.model_copy(
        update={
            "outcome": plain.outcome.model_copy(update={"source": "lapse", "lapse": rule}),
            "population": plain.population.model_copy(update={"rule": "accounts"}),
        }
    )
    place = workspace(tmp_path / "ws", subscriptions(contracts=False).tables, model)
    found = gather(place, DuckDBEngine(), model, day=END)
    assert found.periods is not None and found.periods.period is None
    rows = found.periods.rows
    assert set(rows.horizon.tolist()) == {84}
    assert 2.5 * found.rows.n < rows.n < 3.5 * found.rows.n
    assert set(rows.account[rows.lost].tolist()) == set(GONE)
    begins = np.unique(rows.decision - 84)
    assert set(np.diff(begins).tolist()) == {28}
