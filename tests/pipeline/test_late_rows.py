"""Facts that arrive after their week was scored (property; H4, S3, decision 12).

Signals are computed again wherever the facts reach, scores that were published stay, and the next week's
ledger says what the late facts did, so that its lines still add up.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from barograph.core.calendar import WEEK, to_date
from barograph.core.ledger_lines import LATE_ROWS
from barograph.pipeline.score_store import published_weeks
from barograph.pipeline.signal_store import read_week, week_name
from barograph.workspace import Workspace
from support.chain import content, copied, imported, refreshed, scored_rows
from support.small_workspace import MONDAY, bring_in, late_events, write_csv

BEFORE = MONDAY - WEEK
LATE = to_date(BEFORE - 10)
"""Ten days before the last standing week: in the windows of both weeks, in none of three weeks before."""


@pytest.fixture(scope="module")
def late(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Workspace]:
    """(as it stood before the late rows, after them and one more week)."""
    root = tmp_path_factory.mktemp("late")
    before = copied(raw, root / "before")
    refreshed(before, 4, as_of=BEFORE)
    after = copied(before, root / "after")
    add_late(after, "a14", LATE)
    refreshed(after, 5)
    return before, after


def add_late(place: Workspace, account: str, day: date) -> None:
    """Six users of an account that was hardly used, known from that day on, imported now."""
    file = write_csv(place.path / "late/events.csv", late_events(account, 6, day, day))
    bring_in(place, file)


def test_published_scores_stay(late: tuple[Workspace, Workspace]) -> None:
    before, after = late
    there = {key: files for key, files in content(before).items() if key[0] == "scores"}
    assert len(there) == 4
    assert there.items() <= content(after).items()


def test_signals_of_the_weeks_they_reach_are_computed_again(late: tuple[Workspace, Workspace]) -> None:
    before, after = late
    same, other = [], []
    for day in range(BEFORE - 3 * WEEK, BEFORE + 1, WEEK):
        key = ("signals", (("as_of", week_name(day)),), "")
        (same if content(before)[key] == content(after)[key] else other).append(day)
    assert (same, other) == ([BEFORE - 3 * WEEK, BEFORE - 2 * WEEK], [BEFORE - WEEK, BEFORE])
    table = read_week(after.lake, after.lake.manifest(), BEFORE)
    assert table is not None
    users = dict(zip(table["account_id"].to_pylist(), table["active_users"].to_pylist(), strict=True))
    assert users["a14"] == 8


def test_the_next_ledger_has_the_late_rows_and_adds_up(late: tuple[Workspace, Workspace]) -> None:
    _, after = late
    rows = scored_rows(after, MONDAY)
    told = {
        account: [item for item in row["change"] if item["name"] == LATE_ROWS]
        for account, row in rows.items()
    }
    assert [account for account, items in told.items() if items] == ["a14"]
    (line,) = told["a14"]
    assert (line["kind"], line["cause"]) == ("data", "restated")
    assert line["points"] > 5
    for row in rows.values():
        if row["score"] is not None:
            total = sum(item["points"] for item in row["change"])
            assert row["previous_score"] + total == pytest.approx(row["score"], abs=1e-9)
    assert rows["a14"]["previous_score"] == scored_rows(after, BEFORE)["a14"]["score"]


def test_the_week_itself_has_them_as_if_they_had_never_been_late(
    late: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    """Metamorphic: a workspace that had the rows in time gives the same score, by another ledger."""
    in_time = imported(tmp_path / "w")
    add_late(in_time, "a14", LATE)
    refreshed(in_time, 5)
    mine, theirs = scored_rows(late[1], MONDAY), scored_rows(in_time, MONDAY)
    for account, row in mine.items():
        assert row["score"] == theirs[account]["score"]
    assert LATE_ROWS not in {item["name"] for item in theirs["a14"]["change"]}


def test_without_another_week_nothing_published_changes(scored: Workspace, tmp_path: Path) -> None:
    """A refresh of the standing weeks computes their signals again and says that the scores stood."""
    place = copied(scored, tmp_path / "w")
    files = content(place)
    add_late(place, "a14", LATE)
    report = refreshed(place, 6)
    assert report.scored == ()
    assert report.signals_computed == (BEFORE - WEEK, BEFORE, MONDAY)
    now = content(place)
    assert {key: now[key] for key in files if key[0] == "scores"} == {
        key: files[key] for key in files if key[0] == "scores"
    }
    assert refreshed(place, 6).signals_computed == ()


def test_restating_adds_a_revision_and_keeps_the_old(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    files = content(place)
    add_late(place, "a14", LATE)
    said = scored_rows(place, MONDAY)["a14"]["score"]
    report = refreshed(place, 2, restate="the event feed was repaired")
    assert report.scored == (BEFORE, MONDAY)
    weeks = published_weeks(place.lake.manifest())
    assert {day: week.revision for day, week in weeks.items() if week.revision} == {BEFORE: 1, MONDAY: 1}
    kept = {key: value for key, value in files.items() if key[0] == "scores"}
    assert kept.items() <= content(place).items()
    assert scored_rows(place, MONDAY)["a14"]["score"] > said + 5
    assert [r.reason for r in place.journal.records() if r.what == "refresh"][-1] == (
        "the event feed was repaired"
    )
    refreshed(place, 1, restate="again")
    assert published_weeks(place.lake.manifest())[MONDAY].revision == 2
    assert kept.items() <= content(place).items()


def test_a_restated_week_has_no_late_rows_left(scored: Workspace, tmp_path: Path) -> None:
    """Restated from the week before the facts reach: every week now stands on the same picture."""
    place = copied(scored, tmp_path / "w")
    add_late(place, "a14", LATE)
    refreshed(place, 4, restate="to see them in their weeks")
    for day in range(BEFORE - 2 * WEEK, MONDAY + 1, WEEK):
        for row in scored_rows(place, day).values():
            assert LATE_ROWS not in {item["name"] for item in row["change"]}


def test_rows_known_only_now_change_no_week_that_stands(scored: Workspace, tmp_path: Path) -> None:
    """What was recorded after the as_of is not late: it does not exist yet for any standing week."""
    place = copied(scored, tmp_path / "w")
    recorded = to_date(MONDAY)
    bring_in(place, write_csv(place.path / "new/events.csv", late_events("a14", 6, LATE, recorded)))
    assert refreshed(place, 6).signals_computed == ()
    assert not any(
        item["name"] == LATE_ROWS for row in scored_rows(place, MONDAY).values() for item in row["change"]
    )
