"""Reading a data profile from raw files. Truth: reference (small tables with the figures written out)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barograph.definitions.propose import Spread
from barograph.engines.duckdb.profile import profile_lake

START = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
FIRST_DAY = (date(2026, 1, 1) - date(1970, 1, 1)).days


def raw(folder: Path, name: str, rows: list[dict[str, Any]], day: str | None, part: int = 0) -> Path:
    """Rows in the raw layout; `day` is the column that dates them, `_v` in a row the version of its key."""
    complete = []
    for n, row in enumerate(rows):
        values = dict(row)
        key, version = values.pop("_key", str(n)), values.pop("_v", 0)
        moment = values.get(day) if day else None
        days = None if moment is None else (moment - START).days + FIRST_DAY
        values |= {"_key": key, "_known_at": START + timedelta(days=version), "_seq": n, "_day": days}
        complete.append(values)
    path = folder / f"{name}-{part}.parquet"
    pq.write_table(pa.Table.from_pylist(complete), path)
    return path


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def test_columns_versions_and_words(tmp_path: Path) -> None:
    rows = [
        {"account_id": "a", "segment": "smb", "size": 10.0, "_key": "a", "_v": 0},
        {"account_id": "a", "segment": "mid", "size": 30.0, "_key": "a", "_v": 1},
        {"account_id": "b", "segment": "mid", "size": None, "_key": "b"},
        {"account_id": "c", "segment": None, "size": 20.0, "_key": "c"},
    ]
    found = profile_lake({"accounts": [raw(tmp_path, "accounts", rows, None)]})
    accounts = found.tables["accounts"]
    assert (found.accounts, accounts.rows, accounts.accounts) == (3, 3, 3)
    segment, size = accounts.columns["segment"], accounts.columns["size"]
    assert (segment.type, segment.rows, segment.words) == ("text", 2, ("mid",))  # the newest version alone
    assert (size.type, size.rows, size.accounts) == ("number", 2, 2)
    assert size.spread == Spread(21, 25, 29, 20, 30)
    assert not any(name.startswith("_") for name in accounts.columns)
    assert found.known_columns()["accounts"] == {"account_id": "text", "segment": "text", "size": "number"}


def test_columns_without_a_value_are_not_known(tmp_path: Path) -> None:
    rows = [{"account_id": "a", "occurred_at": at(0), "event": "x", "team": None, "user_id": "u"}]
    found = profile_lake({"events": [raw(tmp_path, "events", rows, "occurred_at")]})
    assert found.column("events", "team") is None
    assert "team" not in found.known_columns()["events"]


def test_events_count_the_last_four_weeks_per_account(tmp_path: Path) -> None:
    days = {"a": [0, 10, 90, 95, 100], "b": [70, 99], "c": [1]}
    rows = [
        {
            "account_id": account,
            "event": "save",
            "occurred_at": at(day),
            "user_id": "u" if account == "a" else None,
        }
        for account, found in days.items()
        for day in found
    ]
    rows += [{"account_id": "c", "event": "open", "occurred_at": at(100.5), "user_id": None}]
    found = profile_lake({"events": [raw(tmp_path, "events", rows, "occurred_at")]})
    save, opened = found.events
    assert (save.name, save.rows, save.accounts, save.users) == ("save", 8, 3, 1)
    assert save.spread is not None  # a has 3 and b has 1; c has none and does not count
    assert (save.spread.low, save.spread.high) == pytest.approx((1.2, 2.8))
    assert (save.spread.least, save.spread.median, save.spread.greatest) == (1, 2, 3)
    assert save.every_days == 10  # gaps 10, 80, 5, 5 and 29
    assert (opened.accounts, opened.users) == (1, 0)
    table = found.tables["events"]
    assert (table.first_day, table.last_day) == (FIRST_DAY, FIRST_DAY + 100)
    assert table.repeat_days is not None


def test_metrics_and_their_rhythm(tmp_path: Path) -> None:
    rows = [
        {"account_id": a, "metric": "seats", "date": at(7 * n), "value": float(n), "_key": f"{a}{n}"}
        for a in ("a", "b")
        for n in range(5)
    ]
    found = profile_lake({"metrics": [raw(tmp_path, "metrics", rows, "date")]})
    (seats,) = found.metrics
    assert (seats.name, seats.accounts, seats.every_days) == ("seats", 2, 7)
    assert seats.spread == Spread(0, 2, 4, 0, 4)
    assert found.tables["metrics"].usual_gap_days == 7


def test_milestones_are_measured_from_the_start(tmp_path: Path) -> None:
    accounts = [
        {"account_id": "a", "start_date": date(2026, 1, 1), "_key": "a"},
        {"account_id": "b", "start_date": None, "_key": "b"},
    ]
    contracts = [
        {"account_id": "b", "start_date": at(10).date(), "end_date": None, "_key": "1"},
        {"account_id": "a", "start_date": at(-50).date(), "end_date": at(300).date(), "_key": "2"},
    ]
    reached = [
        {"account_id": a, "milestone": "live", "reached_at": at(30), "_key": a} for a in ("a", "b", "c")
    ]
    found = profile_lake(
        {
            "accounts": [raw(tmp_path, "accounts", accounts, None)],
            "contracts": [raw(tmp_path, "contracts", contracts, None)],
            "milestones": [raw(tmp_path, "milestones", reached, "reached_at")],
        }
    )
    (live,) = found.milestones
    assert live.accounts == 3
    assert live.spread == Spread(21, 25, 29, 20, 30)  # a took 30 days, b 20; nobody knows when c began
    assert found.dated_contracts == 0.5
    assert found.accounts == 3


def test_scales_are_looked_for_only_where_they_are_not_given(tmp_path: Path) -> None:
    rows = [
        {
            "account_id": "a",
            "answered_at": at(n),
            "kind": kind,
            "score": float(score),
            "scale_min": low,
            "scale_max": high,
            "_key": str(n),
        }
        for n, (kind, score, low, high) in enumerate(
            [("nps", 9, 0.0, 10.0), ("nps", 3, 0.0, 10.0), ("csat", 2, None, None), ("csat", 5, None, None)]
        )
    ]
    found = profile_lake({"surveys": [raw(tmp_path, "surveys", rows, "answered_at")]})
    assert found.survey_scales == {"csat": (2.0, 5.0)}


def test_files_with_different_columns_are_one_table(tmp_path: Path) -> None:
    first = raw(tmp_path, "tickets", [{"account_id": "a", "opened_at": at(0), "_key": "1"}], "opened_at", 0)
    second = raw(
        tmp_path,
        "tickets",
        [{"account_id": "b", "opened_at": at(2), "csat": 4.0, "_key": "2"}],
        "opened_at",
        1,
    )
    found = profile_lake({"tickets": [first, second]})
    assert found.tables["tickets"].rows == 2
    assert found.tables["tickets"].columns["csat"].accounts == 1


def test_nothing_and_unknown_tables(tmp_path: Path) -> None:
    path = raw(tmp_path, "other", [{"account_id": "a"}], None)
    assert profile_lake({}).accounts == 0
    found = profile_lake({"other": [path], "events": []})
    assert (found.accounts, dict(found.tables)) == (0, {})
