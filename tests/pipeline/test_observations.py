"""Observations of a workspace: reference (the engine asked week by week), no leak, planted facts (O2, S3, L1, L9)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from barograph.core.calendar import to_date
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import RefusedError
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.refresh import refresh
from barograph.pipeline.signal_store import SignalPlan
from barograph.pipeline.week_inputs import week_inputs
from barograph.workspace import Workspace
from support.renewals import BEGIN, END, NOW, Made, add_raw, company, moment, planted_model, workspace
from support.signal_data import RawTables

MODEL = planted_model()


@pytest.fixture(scope="module")
def made() -> Made:
    return company(40, seed=3)


@pytest.fixture(scope="module")
def place(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("observations") / "ws", made.raw, MODEL)


@pytest.fixture(scope="module")
def evidence(place: Workspace) -> Evidence:
    return gather(place, DuckDBEngine(), MODEL, day=END)


def keyed(found: Evidence) -> dict[tuple[str, int], tuple[float, ...]]:
    """(account, horizon) -> values."""
    rows = found.rows
    return {
        (str(a), int(h)): tuple(np.round(v, 9).tolist())
        for a, h, v in zip(rows.account, rows.horizon, np.nan_to_num(rows.signals, nan=-99), strict=True)
    }


def test_outcomes_are_those_that_were_planted(evidence: Evidence, made: Made) -> None:
    rows = evidence.at(90).rows
    assert rows.n > 25
    assert {a: bool(x) for a, x in zip(rows.account, rows.lost, strict=True)} == {
        a: made.lost[a] for a in rows.account
    }
    assert set(rows.segment) == {"smb", "ent"}
    assert (rows.known_day >= rows.decision).all()
    assert evidence.horizons == (30, 60, 90)
    assert set(evidence.anchors()) == {"decided"}


def test_values_are_what_the_engine_says_when_asked_for_that_week_alone(
    place: Workspace, evidence: Evidence
) -> None:
    plan = SignalPlan.of(place, MODEL)
    for day in np.unique(evidence.rows.as_of)[[0, 7, -1]].tolist():
        week = week_inputs(DuckDBEngine().compute(plan.request(place.lake, (day,))), day, evidence.rows.names)
        place_of = {a: i for i, a in enumerate(week.account_ids.tolist())}
        rows = np.flatnonzero(evidence.rows.as_of == day)
        expected = week.values[[place_of[a] for a in evidence.rows.account[rows]]]
        np.testing.assert_allclose(evidence.rows.signals[rows], expected, equal_nan=True)


def test_nothing_recorded_on_or_after_the_day_looked_from_is_seen(
    made: Made, evidence: Evidence, tmp_path: Path
) -> None:
    later = RawTables()
    for account, as_of in zip(evidence.at(30).rows.account, evidence.at(30).rows.as_of, strict=True):
        day = to_date(int(as_of) - 1)
        later.add(
            "metrics",
            known=moment(int(as_of), 0),
            account_id=account,
            date=day,
            metric="adoption",
            value=-50.0,
        )
    other = workspace(tmp_path / "late", made.raw, MODEL)
    add_raw(other, later.tables)
    found = keyed(gather(other, DuckDBEngine(), MODEL, day=END, horizons=(30,)))
    before = keyed(evidence)
    assert {key: before[key] for key in found} == found
    seen = RawTables()
    for row in later.tables["metrics"]:
        columns = {k: v for k, v in row.items() if not k.startswith("_")}
        seen.add("metrics", known=row["_known_at"] - timedelta(seconds=1), **columns)
    earlier = workspace(tmp_path / "seen", made.raw, MODEL)
    add_raw(earlier, seen.tables)
    known = keyed(gather(earlier, DuckDBEngine(), MODEL, day=END, horizons=(30,)))
    assert all(known[key] != before[key] for key in known)


def test_stored_weeks_give_the_same_rows(made: Made, evidence: Evidence, tmp_path: Path) -> None:
    other = workspace(tmp_path / "ws", made.raw, MODEL)
    refresh(other, DuckDBEngine(), as_of=END, weeks=60, now=NOW)
    found = gather(other, DuckDBEngine(), MODEL, day=END)
    assert keyed(found) == keyed(evidence)
    np.testing.assert_allclose(
        found.views["in_force"].score, evidence.views["in_force"].score, equal_nan=True
    )


def test_a_history_that_was_rewritten_shows_in_the_replay(made: Made, tmp_path: Path) -> None:
    other = workspace(tmp_path / "ws", made.raw, MODEL)
    refresh(other, DuckDBEngine(), as_of=END, weeks=60, now=NOW)
    rewritten = RawTables()
    for row in made.raw["metrics"]:
        if row["metric"] == "noise_0":
            columns = {k: v for k, v in row.items() if not k.startswith("_")} | {"value": 9.0}
            rewritten.add("metrics", known=row["_known_at"] + timedelta(seconds=1), **columns)
    add_raw(other, rewritten.tables)
    found = gather(other, DuckDBEngine(), MODEL, day=END)
    replay = dict(zip(found.rows.names, found.replay.tolist(), strict=True))
    assert replay["noise_0"] > 0.9
    assert replay["adoption"] == 0


def test_a_source_that_fills_in_the_past_is_late_by_name(made: Made, tmp_path: Path) -> None:
    rows = {
        "metrics": [
            row | {"_known_at": moment(END - 5), "_known_day": END - 5} if row["metric"] == "noise_1" else row
            for row in made.raw["metrics"]
        ]
    }
    other = workspace(tmp_path / "ws", {**made.raw, **rows}, MODEL)
    found = gather(other, DuckDBEngine(), MODEL, day=END)
    late = dict(zip(found.rows.names, found.late_share.tolist(), strict=True))
    assert late["noise_1"] > 0.95
    assert late["adoption"] == 0


def test_the_same_decision_a_month_earlier_stands_beside_it(evidence: Evidence) -> None:
    sixty, ninety = evidence.at(60).rows, evidence.at(90).rows
    before = {str(a): v for a, v in zip(ninety.account, ninety.signals, strict=True)}
    earlier = evidence.at(60).earlier
    checked = [i for i, a in enumerate(sixty.account) if a in before]
    assert len(checked) > 20
    for i in checked:
        np.testing.assert_allclose(earlier[i], before[str(sixty.account[i])], equal_nan=True)


def test_decisions_before_the_data_are_counted_and_left_out(made: Made, tmp_path: Path) -> None:
    begin = BEGIN + 400
    rows = [row for row in made.raw["metrics"] if row["_day"] >= begin]
    found = gather(
        workspace(tmp_path / "ws", {**made.raw, "metrics": rows}, MODEL), DuckDBEngine(), MODEL, day=END
    )
    assert found.rows.as_of.min() >= begin + 28
    assert found.left_out["before_data"] > 0


def test_an_account_worked_after_a_warning_is_treated(made: Made, evidence: Evidence, tmp_path: Path) -> None:
    rows = evidence.at(90)
    red = rows.views["in_force"].tier == 0
    assert red.any() and not red.all()
    worked = RawTables()
    for i, (account, as_of) in enumerate(zip(rows.rows.account, rows.rows.as_of, strict=True)):
        worked.add("escalations", escalation_id=f"e{i}", account_id=account, opened_at=moment(int(as_of) + 3))
    other = workspace(tmp_path / "ws", {**made.raw, **worked.tables}, MODEL)
    found = gather(other, DuckDBEngine(), MODEL, day=END).at(90)
    warned = np.isin(found.views["in_force"].tier, (0, 1))
    assert found.rows.treated.tolist() == warned.tolist()
    assert not evidence.rows.treated.any()


def test_a_period_without_decisions_and_a_lake_without_outcomes_are_refused(
    place: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match="none of 40 decisions"):
        gather(place, DuckDBEngine(), MODEL, day=END, period=(END + 1, None))
    bare = workspace(tmp_path / "ws", {"metrics": company(3).raw["metrics"]}, MODEL)
    with pytest.raises(RefusedError, match="0 outcomes recorded, 0 contract terms"):
        gather(bare, DuckDBEngine(), MODEL, day=END)


def test_a_time_zone_moves_the_decision_day(made: Made, tmp_path: Path) -> None:
    late = [row | {"decided_at": row["decided_at"] + timedelta(hours=11)} for row in made.raw["outcomes"]]
    raw = {**made.raw, "outcomes": late}
    utc = workspace(tmp_path / "utc", raw, MODEL)
    settings = (tmp_path / "utc" / "barograph.toml").read_text(encoding="utf-8")
    days = gather(utc, DuckDBEngine(), MODEL, day=END, horizons=(90,)).rows
    (tmp_path / "utc" / "barograph.toml").write_text(
        settings.replace('"UTC"', '"Asia/Tokyo"'), encoding="utf-8"
    )
    found = gather(Workspace.open(tmp_path / "utc"), DuckDBEngine(), MODEL, day=END, horizons=(90,))
    moved = found.rows
    notice = next(n for n in found.notices if n.code == "day_moved_by_time_zone")
    assert notice.count == len(late)
    assert f"{len(late)} of {len(late)} decisions fall on another day in Asia/Tokyo" in notice.text
    before = dict(zip(days.account, days.decision.tolist(), strict=True))
    assert all(
        day == before[account] + 1
        for account, day in zip(moved.account, moved.decision.tolist(), strict=True)
    )
