"""Truth: properties of a claim. A run is in one worker's hands at a time, is taken over when that one fell silent, and
what a worker writes after it lost a run changes nothing (issue 4, worker)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from barograph.errors import UsageError
from barograph_web.ops import leases
from barograph_web.ops.models import Run, RunKind, RunState
from barograph_web.ops.services import request_run, retry_run

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
LEASE = timedelta(seconds=120)
pytestmark = pytest.mark.django_db


def asked(key: str = "2026-11-16", due_at: datetime = NOW) -> Run:
    return request_run(RunKind.RETENTION, key, {"a": 1}, due_at=due_at)


def test_asking_twice_is_one_run_as_it_was_first_asked_for() -> None:
    first = asked()
    second = request_run(RunKind.RETENTION, first.key, {"a": 2})
    assert second.pk == first.pk
    assert second.arguments == {"a": 1}


def test_a_kind_there_is_not_and_an_empty_key_are_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        request_run("nonsense", "key")
    with pytest.raises(ValueError, match="1 to 120"):
        request_run(RunKind.RETENTION, "")


def test_of_two_workers_one_gets_the_run() -> None:
    run = asked()
    first = leases.claim_next("a", NOW, LEASE)
    assert first == leases.Claim(run.pk, 1, "a")
    assert leases.claim_next("b", NOW, LEASE) is None


def test_what_is_not_due_waits_and_the_oldest_comes_first() -> None:
    later = asked("later", NOW + timedelta(minutes=1))
    asked("second", NOW - timedelta(minutes=1))
    first = asked("first", NOW - timedelta(minutes=2))
    claim = leases.claim_next("a", NOW, LEASE)
    assert claim is not None
    assert claim.run_id == first.pk
    leases.claim_next("a", NOW, LEASE)
    assert leases.claim_next("a", NOW, LEASE) is None
    found = leases.claim_next("a", NOW + timedelta(minutes=1), LEASE)
    assert found is not None
    assert found.run_id == later.pk


def test_a_silent_worker_is_taken_over_from_when_its_lease_ran_out_and_not_before() -> None:
    asked()
    leases.claim_next("a", NOW, LEASE)
    assert leases.claim_next("b", NOW + LEASE, LEASE) is None
    second = leases.claim_next("b", NOW + LEASE + timedelta(seconds=1), LEASE)
    assert second is not None
    assert (second.number, second.worker) == (2, "b")


def test_a_worker_that_lost_its_run_changes_nothing_any_more() -> None:
    asked()
    first = leases.claim_next("a", NOW, LEASE)
    later = NOW + LEASE * 2
    second = leases.claim_next("b", later, LEASE)
    assert first is not None
    assert second is not None
    assert not leases.extend(first, later, LEASE)
    assert not leases.finish(first, RunState.FAILED, later, result={}, error="from a")
    assert not leases.hand_back(first, later, "from a")
    assert leases.finish(second, RunState.DONE, later, result={"n": 1})
    run = Run.objects.get()
    assert (run.state, run.result, run.error, run.worker) == (RunState.DONE, {"n": 1}, "", "b")


def test_a_heartbeat_keeps_the_run() -> None:
    asked()
    claim = leases.claim_next("a", NOW, LEASE)
    assert claim is not None
    assert leases.extend(claim, NOW + LEASE, LEASE)
    assert leases.claim_next("b", NOW + LEASE + timedelta(seconds=1), LEASE) is None


def test_a_run_that_kills_its_workers_ends_as_failed_after_three() -> None:
    asked()
    moment = NOW
    for _ in range(leases.ATTEMPTS):
        assert leases.claim_next("a", moment, LEASE) is not None
        moment += LEASE * 2
    assert leases.claim_next("a", moment, LEASE) is None
    run = Run.objects.get()
    assert run.state == RunState.FAILED
    assert "3 times" in run.error


def test_handing_back_is_no_attempt_unless_it_counts() -> None:
    asked()
    claim = leases.claim_next("a", NOW, LEASE)
    assert claim is not None
    leases.hand_back(claim, NOW + LEASE, "stopped")
    run = Run.objects.get()
    assert (run.state, run.attempts, run.claims, run.waiting) == (RunState.QUEUED, 0, 1, "stopped")
    assert leases.claim_next("a", NOW, LEASE) is None
    again = leases.claim_next("a", NOW + LEASE, LEASE)
    assert again is not None
    leases.hand_back(again, NOW, "database", counts=True)
    assert Run.objects.get().attempts == 1


def test_doing_it_again_begins_from_the_start_and_not_while_it_goes_on() -> None:
    run = asked()
    with pytest.raises(UsageError, match="waiting or under way"):
        retry_run(run, None, NOW)
    claim = leases.claim_next("a", NOW, LEASE)
    assert claim is not None
    leases.finish(claim, RunState.FAILED, NOW, result={}, error="no")
    run.refresh_from_db()
    assert run.is_final
    again = retry_run(run, None, NOW)
    assert (again.state, again.error, again.attempts, again.is_final) == (RunState.QUEUED, "", 0, False)
