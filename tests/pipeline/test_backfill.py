"""Weeks one by one and weeks at once are the same weeks (property; H4, S3): published bytes, not only numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.core.calendar import WEEK, last_grid_days
from barograph.pipeline import refresh as refresh_module
from barograph.pipeline.score_store import published_weeks
from barograph.workspace import Workspace
from support.chain import content, copied, published_files, read, refreshed, scored_rows
from support.small_workspace import AS_OF, MONDAY, bring_in, made, write_exports

WEEKS = 6
DAYS = last_grid_days(MONDAY, WEEKS)


@pytest.fixture(scope="module")
def one_by_one(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    place = copied(raw, tmp_path_factory.mktemp("backfill") / "w")
    for day in DAYS:
        report = refreshed(place, as_of=day)
        assert report.scored == (day,)
    return place


def test_a_backfill_publishes_the_bytes_of_single_refreshes(scored: Workspace, one_by_one: Workspace) -> None:
    at_once, single = content(scored), content(one_by_one)
    assert {key[0] for key in at_once} >= {"raw/events", "signals", "scores"}
    assert at_once == single


@pytest.mark.parametrize("per_batch", [1, 2, 4])
def test_where_batches_end_changes_nothing(
    raw: Workspace, scored: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, per_batch: int
) -> None:
    monkeypatch.setattr(refresh_module, "WEEKS_PER_BATCH", per_batch)
    place = copied(raw, tmp_path / "w")
    refreshed(place, WEEKS)
    assert content(place) == content(scored)


def test_a_backfill_over_standing_weeks_fills_the_gap_only(
    raw: Workspace, scored: Workspace, tmp_path: Path
) -> None:
    place = copied(raw, tmp_path / "w")
    refreshed(place, 2, as_of=DAYS[1])
    report = refreshed(place, WEEKS)
    assert (report.standing, report.scored) == (DAYS[:2], DAYS[2:])
    assert content(place) == content(scored)


def test_data_that_arrives_week_by_week_gives_the_same_weeks(scored: Workspace, tmp_path: Path) -> None:
    """Nothing that a later export holds can reach an earlier week: H4 with imports in between."""
    place = made(tmp_path / "w")
    for k, day in enumerate(DAYS[-3:]):
        until = AS_OF.fromordinal(AS_OF.toordinal() - (MONDAY - day))
        bring_in(place, write_exports(tmp_path / f"exports{k}", until=until))
        refreshed(place, 1 if k else 4, as_of=day)
    for day in DAYS[-3:]:
        assert scored_rows(place, day) == scored_rows(scored, day)


def test_nothing_is_left_to_do_the_second_time(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    before = place.lake.manifest()
    files = content(place)
    report = refreshed(place, WEEKS)
    assert (report.scored, report.standing) == ((), DAYS)
    assert (report.signals_computed, report.account_weeks, report.new_version) == ((), 0, False)
    assert place.lake.manifest() == before
    assert content(place) == files


def test_weeks_before_the_first_version_are_marked(scored: Workspace, one_by_one: Workspace) -> None:
    """Decision 12: a week that was scored after the fact says so; one that was scored in its week does not."""
    filled = published_weeks(scored.lake.manifest())
    assert [week.filled for week in filled.values()] == [True] * (WEEKS - 1) + [False]
    assert not any(week.filled for week in published_weeks(one_by_one.lake.manifest()).values())
    assert {week.model for week in filled.values()} == {"small-v1"}


def test_every_week_has_the_accounts_of_its_population(scored: Workspace) -> None:
    """Property: the internal account is in no table; everybody else is in each of them, once, in order."""
    for key, paths in published_files(scored).items():
        if key[0] != "scores":
            continue
        ids = read(paths[0])["account_id"].to_pylist()
        assert "a11" not in ids
        assert ids == sorted(set(ids))
        assert len(ids) == 14


def test_a_week_far_from_the_standing_ones_stands_alone(scored: Workspace, tmp_path: Path) -> None:
    """An older week that is asked for later has no week before it, and the weeks after it stay as published."""
    place = copied(scored, tmp_path / "w")
    files = content(place)
    early = DAYS[0] - 4 * WEEK
    report = refreshed(place, as_of=early)
    assert report.scored == (early,)
    assert {row["change_statement"] for row in scored_rows(place, early).values()} == {"first_week"}
    after = content(place)
    assert {key: after[key] for key in files} == files
