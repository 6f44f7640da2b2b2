"""Truth: a source that fails is said and the rest goes on; the weeks between are filled; the schedule asks once a week
(issue 4, weekly refresh). The refresh itself is tested with real data in test_refresh_killed.py."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from barograph.core.calendar import day_number
from barograph.errors import ImportRefusedError, LockedError
from barograph.intake import import_paths
from barograph.workspace import Source, Workspace
from barograph_web.ops import leases, refresh, schedule_rows, worker
from barograph_web.ops.models import Run, RunKind, RunState, RunStep
from barograph_web.ops.services import request_run
from barograph_web.options import OPTIONS, Options

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = day_number(date(2026, 11, 16))
pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = Workspace.create(
        tmp_path / "ws",
        sources=(
            Source(path="good.csv"),
            Source(path="postgresql://me:hunter2@host/db#accounts"),
            Source(path="bad.csv"),
            Source(path="odd.csv"),
        ),
    )
    monkeypatch.setattr(refresh, "workspace", lambda: made)
    return made


def answer(_place: Workspace, paths: list[str], **_rest: Any) -> SimpleNamespace:
    """An import that succeeds, refuses or breaks by the name of the file."""
    if "bad" in paths[0]:
        raise ImportRefusedError("no such column.", where="bad.csv")
    if "odd" in paths[0]:
        raise ZeroDivisionError
    table = SimpleNamespace(rows=10, new=3, changed=2, quarantined=1)
    return SimpleNamespace(tables=(table, table), warnings=("orders: old",), skipped={"x.bin": "not read"})


def done(kind: RunKind) -> Run:
    run = request_run(kind, "key", due_at=NOW)
    claim = leases.claim_next("w", NOW, timedelta(minutes=1))
    assert claim is not None
    worker.perform(claim, clock=lambda: NOW)
    run.refresh_from_db()
    return run


def test_each_source_is_a_step_and_a_bad_one_keeps_no_other_out(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "import_paths", answer)
    monkeypatch.setattr(worker, "follow_ups", lambda _kind: [])
    run = done(RunKind.SOURCES)
    assert run.state == RunState.DEGRADED
    assert run.result["sources"] == 2
    assert [line.split(" is stale")[0] for line in run.result["stale"]] == ["bad.csv", "odd.csv"]
    steps = list(RunStep.objects.filter(run=run))
    assert [s.state for s in steps] == [RunState.DONE, RunState.DONE, RunState.DEGRADED, RunState.DEGRADED]
    assert steps[0].counts == {"tables": 2, "rows": 20, "new": 6, "changed": 4, "rejected": 2}
    assert "orders: old" in steps[0].log
    assert "x.bin: not read" in steps[0].log
    assert "no such column" in steps[2].log
    everything = " ".join(f"{s.name} {s.log}" for s in steps)
    assert "hunter2" not in everything


def test_a_locked_workspace_lets_the_whole_run_wait(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: Any, **_rest: Any) -> None:
        raise LockedError("another process is writing.")

    monkeypatch.setattr(refresh, "import_paths", locked)
    assert done(RunKind.SOURCES).state == RunState.QUEUED


@pytest.mark.parametrize(
    ("published", "most", "weeks"),
    [
        ([], 104, refresh.FIRST_WEEKS),
        ([], 4, 4),
        ([0], 104, 1),
        ([-1], 104, 1),
        ([-1, -5], 104, 1),
        ([-5], 104, 5),
        ([-60], 26, 26),
        ([+3, -2], 104, 2),
    ],
)
def test_weeks_since_the_last_published_one_are_filled(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, published: list[int], most: int, weeks: int
) -> None:
    days = dict.fromkeys((MONDAY + 7 * n for n in published), None)
    monkeypatch.setattr(refresh, "published_weeks", lambda _manifest: days)
    assert refresh.missing_weeks(place, MONDAY, most) == weeks


def test_without_any_table_the_refresh_is_refused_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Workspace.create(tmp_path / "ws")
    (made.path / "models" / "m.toml").write_text(
        (Path(refresh.__file__).parents[2] / "barograph/definitions/starters/saas.toml").read_text(
            encoding="utf-8"
        )
    )
    monkeypatch.setattr(refresh, "workspace", lambda: made)
    run = request_run(RunKind.REFRESH, "2026-11-16", {"as_of": "2026-11-16"}, due_at=NOW)
    assert worker.work_off(lambda: NOW) == [RunState.REFUSED]
    run.refresh_from_db()
    assert "nothing to score" in run.error
    assert "barograph import" in run.error


def test_a_day_that_is_none_fails_with_the_value(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    request_run(RunKind.REFRESH, "someday", {}, due_at=NOW)
    assert worker.work_off(lambda: NOW) == [RunState.FAILED]
    assert "'someday' is not a date" in Run.objects.get().error


@pytest.mark.parametrize(
    ("newest", "scored"),
    [
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2026, 6, 20), date(2026, 11, 16)),
        (date(2026, 3, 31), date(2026, 3, 30)),
        (date(2011, 12, 9), date(2011, 12, 5)),
    ],
)
def test_data_that_ended_half_a_year_ago_are_scored_to_their_end(
    tmp_path: Path, newest: date, scored: date
) -> None:
    """An export of years past must not become a page of weeks in which nobody is a customer (R1)."""
    made = with_orders(tmp_path, [newest, newest - timedelta(days=400)])
    assert refresh.week_to_score(made, MONDAY) == day_number(scored)


def test_a_workspace_without_any_dated_fact_is_scored_today(tmp_path: Path) -> None:
    assert refresh.week_to_score(Workspace.create(tmp_path / "ws"), MONDAY) == MONDAY


def with_orders(folder: Path, days: list[date], now: datetime = NOW) -> Workspace:
    """A workspace in which something was bought on some days, imported at `now`."""
    made = Workspace.create(folder / "ws")
    lines = [f"A{n},{day}T10:00:00,purchase" for n, day in enumerate(days)]
    (folder / "events.csv").write_text("account_id,occurred_at,event\n" + "\n".join(lines) + "\n")
    import_paths(made, [folder / "events.csv"], now=now)
    return made


def scheduled(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    defaults = {option.name: option.default for option in OPTIONS}
    monkeypatch.setattr(
        settings, "OPTIONS_IN_FORCE", Options(defaults | values, dict.fromkeys(defaults, "default"))
    )


def test_the_schedule_asks_once_a_week_for_the_newest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_rows, "_worth_asking", lambda _due: True)
    scheduled(monkeypatch)
    for hours in range(0, 24 * 21, 7):
        schedule_rows.request_due(NOW + timedelta(hours=hours))
    assert sorted(Run.objects.values_list("key", flat=True)) == ["2026-11-16", "2026-11-23", "2026-11-30"]
    schedule_rows.request_due(NOW + timedelta(weeks=40))
    assert Run.objects.count() == 4, "a sleep of many weeks asks for one"


def test_never_asks_for_nothing_and_an_empty_workspace_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Workspace.create(tmp_path / "ws")
    monkeypatch.setattr(schedule_rows, "workspace", lambda: empty)
    scheduled(monkeypatch, refresh_weekday="never")
    assert schedule_rows.request_due(NOW) is None
    scheduled(monkeypatch)
    assert schedule_rows.request_due(NOW) is None, "there is no table yet"
    assert not Run.objects.exists()


def test_the_first_weeks_wait_until_everything_is_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weeks are published once. Somebody who uploads file after file says when they are done, or the next Monday
    does; a Monday that was due before the first file asks for nothing."""
    scheduled(monkeypatch)
    made = with_orders(tmp_path, [date(2026, 11, 10)], now=NOW + timedelta(hours=2))
    monkeypatch.setattr(schedule_rows, "workspace", lambda: made)
    assert schedule_rows.request_due(NOW + timedelta(hours=3)) is None
    asked = schedule_rows.request_due(NOW + timedelta(days=7))
    assert asked is not None
    assert asked.key == "2026-11-23"


def test_sources_that_are_set_are_refreshed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Workspace.create(tmp_path / "ws", sources=(Source(path="exports"),))
    monkeypatch.setattr(schedule_rows, "workspace", lambda: made)
    scheduled(monkeypatch)
    assert schedule_rows.request_due(NOW) is not None, "the sources are all there is to bring"
