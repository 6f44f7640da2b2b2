"""Truth: how a run ends follows from what its handler did; its steps say what happened (issue 4, weekly refresh)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from barograph.errors import ImportRefusedError, LockedError, RefusedError
from barograph_web.ops import handlers, leases, worker
from barograph_web.ops.current import acting
from barograph_web.ops.models import AuditEvent, Run, RunKind, RunState, RunStep
from barograph_web.ops.running import RunContext
from barograph_web.ops.services import request_run
from barograph_web.users.models import Role, User

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
pytestmark = pytest.mark.django_db
Handler = Callable[[RunContext], Mapping[str, Any] | None]


@pytest.fixture
def done_by(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    """Run a handler once as a worker would; the run afterwards."""

    def once(handler: Handler, *, stopping: threading.Event | None = None, by: User | None = None) -> Run:
        monkeypatch.setitem(handlers.HANDLERS, str(RunKind.RETENTION), handler)
        run = request_run(RunKind.RETENTION, "key", {"days": 3}, by, due_at=NOW)
        claim = leases.claim_next("test", NOW, timedelta(minutes=2))
        assert claim is not None
        worker.perform(claim, clock=lambda: NOW, stopping=stopping)
        run.refresh_from_db()
        return run

    yield once


def test_a_run_that_went_well_keeps_its_result_steps_counts_and_log(done_by: Callable[..., Run]) -> None:
    def handler(run: RunContext) -> dict[str, int]:
        with run.step("First") as step:
            step.count(rows=10)
            step.count(rejected=2)
            step.progress("scores", 1, 4)
            step.log("one line")
        with run.step("Second"):
            pass
        return {"days": run.arguments["days"]}

    run = done_by(handler)
    assert (run.state, run.result, run.attempts, run.worker) == (RunState.DONE, {"days": 3}, 1, "test")
    first, second = RunStep.objects.filter(run=run)
    assert first.counts == {"rows": 10, "rejected": 2, "scores": "1 / 4"}
    assert (first.state, first.log, first.position) == (RunState.DONE, "one line", 1)
    assert first.finished_at is not None
    assert second.name == "Second"


def test_a_source_that_failed_degrades_the_run_and_the_rest_goes_on(done_by: Callable[..., Run]) -> None:
    def handler(run: RunContext) -> None:
        with run.step("Source a") as step:
            step.degrade("a.csv does not exist")
            run.degrade("a.csv is stale")
        with run.step("Scores"):
            pass

    run = done_by(handler)
    assert run.state == RunState.DEGRADED
    assert run.result["stale"] == ["a.csv is stale"]
    assert [s.state for s in RunStep.objects.filter(run=run)] == [RunState.DEGRADED, RunState.DONE]


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (
            RefusedError("there is nothing to score.", hint="Import."),
            RunState.REFUSED,
            "nothing to score. Import.",
        ),
        (ImportRefusedError("no such column."), RunState.FAILED, "no such column."),
        (ZeroDivisionError("division"), RunState.FAILED, "ZeroDivisionError: division"),
    ],
)
def test_what_a_handler_raises_decides_how_the_run_ends(
    done_by: Callable[..., Run], error: Exception, state: RunState, words: str
) -> None:
    def handler(run: RunContext) -> None:
        with run.step("Step"):
            raise error

    run = done_by(handler)
    assert run.state == state
    assert words in run.error
    step = RunStep.objects.get(run=run)
    assert step.state == (RunState.REFUSED if state == RunState.REFUSED else RunState.FAILED)
    assert str(error) in step.log


def test_a_workspace_that_is_locked_lets_the_run_wait_and_is_no_failure(done_by: Callable[..., Run]) -> None:
    def handler(run: RunContext) -> None:
        with run.step("Import"):
            raise LockedError("another process is writing (refresh).")

    run = done_by(handler)
    assert (run.state, run.attempts) == (RunState.QUEUED, 0)
    assert run.due_at == NOW + worker.LOCKED_AGAIN
    assert "another process is writing" in run.waiting
    assert RunStep.objects.get(run=run).state == RunState.QUEUED


def test_a_worker_that_is_stopped_finishes_the_step_and_hands_the_run_back(
    done_by: Callable[..., Run],
) -> None:
    stopping = threading.Event()
    finished = []

    def handler(run: RunContext) -> None:
        with run.step("First"):
            stopping.set()
            finished.append("first")
        with run.step("Second"):
            finished.append("second")

    run = done_by(handler, stopping=stopping)
    assert finished == ["first"]
    assert (run.state, run.attempts, run.claims) == (RunState.QUEUED, 0, 1)
    assert [s.name for s in RunStep.objects.filter(run=run)] == ["First"]


def test_a_worker_that_lost_the_run_stops_at_the_next_step_and_writes_no_end(
    done_by: Callable[..., Run],
) -> None:
    finished = []

    def handler(run: RunContext) -> None:
        with run.step("First"):
            later = NOW + timedelta(hours=1)
            assert leases.claim_next("other", later, timedelta(minutes=2)) is not None
        with run.step("Second"):
            finished.append("second")

    run = done_by(handler)
    assert finished == []
    assert (run.state, run.worker, run.claims) == (RunState.RUNNING, "other", 2)


def test_a_broken_database_is_tried_again_three_times(
    monkeypatch: pytest.MonkeyPatch, done_by: Callable[..., Run]
) -> None:
    def handler(run: RunContext) -> None:
        raise OperationalError("server closed the connection to postgresql://me:secret@host/db")

    monkeypatch.setattr(worker.connection, "close", lambda: None)
    run = done_by(handler)
    assert (run.state, run.attempts) == (RunState.QUEUED, 1)
    assert "secret" not in run.waiting
    for _ in range(2):
        claim = leases.claim_next("test", run.due_at, timedelta(minutes=2))
        assert claim is not None
        worker.perform(claim, clock=lambda: NOW)
        run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "secret" not in run.error


def test_what_a_run_writes_is_whose_who_asked_for_it(done_by: Callable[..., Run]) -> None:
    otto = User.objects.create_user("otto@example.com", name="Otto", role=Role.OPS)
    seen = []

    def handler(run: RunContext) -> None:
        seen.append((acting().user, acting().via, acting().request_id))

    run = done_by(handler, by=otto)
    assert seen == [(otto, "worker", f"run-{run.pk}")]


def test_nothing_here_does_that_kind_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(handlers.HANDLERS, str(RunKind.RETENTION))
    request_run(RunKind.RETENTION, "key", due_at=NOW)
    assert worker.work_off(lambda: NOW) == [RunState.FAILED]
    assert "retention" in Run.objects.get().error


def test_asking_for_a_run_and_retrying_it_is_audited() -> None:
    run = request_run(RunKind.RETENTION, "key", {"days": 1})
    event = AuditEvent.objects.get()
    assert (event.action, event.object_id) == ("run.requested", str(run.pk))
    request_run(RunKind.RETENTION, "key", {"days": 1})
    assert AuditEvent.objects.count() == 1


def test_a_handler_is_registered_once() -> None:
    with pytest.raises(ValueError, match="already"):
        handlers.register(RunKind.RETENTION, lambda _run: None)
    with pytest.raises(ValueError, match="nonsense"):
        handlers.register("nonsense", lambda _run: None)
