"""Truth: a refresh whose worker is killed in the middle of publishing, and which another worker takes over, leaves what
an uninterrupted one leaves: in the lake and on the pages (H4; issue 4, kill the worker mid-refresh)."""

from __future__ import annotations

import signal
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from barograph.core.calendar import day_number
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.refresh import refresh
from barograph.pipeline.score_store import published_weeks, read_scores
from barograph.workspace import Workspace
from support.web_company import company_copy
from support.web_processes import place_in, wait_until

WEEK = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
COLUMNS = ["account_id", "score", "tier", "computed_tier", "tier_since", "previous_score"]


@pytest.mark.parametrize("point", ["refresh.scores_written", "commit.manifest_replaced"])
def test_killed_and_taken_over_is_as_uninterrupted(company_place: Path, tmp_path: Path, point: str) -> None:
    place = place_in(company_copy(company_place, tmp_path / "ws"), BAROGRAPH_LEASE_SECONDS="2")
    lab = ("-m", "support.web_worker_lab", place.folder, tmp_path / "log")
    first = place.start(*lab, point, LAB_REFRESH=WEEK.isoformat())
    assert first.wait(timeout=180) == -signal.SIGKILL, place.said()
    assert place.rows("SELECT state, claims FROM ops_run") == [("running", 1)]

    second = place.start(*lab)
    try:
        wait_until(lambda: place.rows("SELECT 1 FROM ops_run WHERE finished_at IS NOT NULL") != [], 240)
    finally:
        second.terminate()
        second.wait(timeout=60)

    [(state, claims, error)] = place.rows("SELECT state, claims, error FROM ops_run")
    assert (state, claims) == ("degraded", 2), f"{error}\n{place.said()}"
    assert "exports is stale" in error, (
        "the copy has no exports: a source that fails is said, and the rest goes on"
    )

    control = Workspace.open(company_copy(company_place, tmp_path / "control"))
    refresh(control, DuckDBEngine(), as_of=day_number(WEEK), weeks=1, now=NOW)
    workspace = Workspace.open(place.folder)
    tables = []
    for each in (workspace, control):
        weeks = published_weeks(each.lake.manifest())
        assert max(weeks) == day_number(WEEK)
        tables.append(read_scores(each.lake, weeks[day_number(WEEK)], COLUMNS))
    assert tables[0].equals(tables[1])
    shown = place.rows("SELECT as_of FROM portfolio_week WHERE is_shown ORDER BY as_of DESC LIMIT 1")
    assert str(shown[0][0]) == WEEK.isoformat()
    assert place.rows("SELECT count(*) FROM portfolio_account WHERE is_current")[0][0] > 0
