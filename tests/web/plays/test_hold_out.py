"""Truth: state machine. A play holds accounts out only when a leader let it, draws each account once, and the journal
has every draw and every run as pipeline/play_records.py reads them (G1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from barograph.core.calendar import day_number
from barograph.pipeline.play_records import records_of
from barograph_web.ops.workspace import workspace
from barograph_web.plays.errors import RefusedError
from barograph_web.plays.firing import take_in, wake_firings
from barograph_web.plays.hold_out import approve_hold_out, write_journal
from barograph_web.plays.models import Assignment, Firing, FiringState, PlayRun
from support.web_plays import MONDAY, NOW, Desk, account, firing, play, report

Offer = Callable[..., None]
HALF = {"share": 0.5, "never_largest_share": 0}


def _fire_all(desk: Desk, number: int = 30) -> None:
    for n in range(number):
        account(n, desk.carla)
    take_in(report(*(firing(f"A{n}") for n in range(number))), NOW, "v")


def test_without_a_leaders_word_nobody_is_held_out(desk: Desk, with_plays: Offer) -> None:
    with_plays(play(hold_out=HALF))
    _fire_all(desk)
    assert PlayRun.objects.count() == 30
    assert not Assignment.objects.exists()


def test_a_share_is_held_out_once_and_the_journal_has_it(desk: Desk, with_plays: Offer) -> None:
    held = play(hold_out=HALF)
    with_plays(held)
    approve_hold_out(held, by=desk.lena, reason="Does it work?", now=NOW)
    _fire_all(desk)
    arms = dict(Assignment.objects.values_list("account_id", "arm"))
    out = {account_id for account_id, arm in arms.items() if arm == "held_out"}
    assert len(arms) == 30
    assert 5 < len(out) < 25
    assert set(Firing.objects.filter(state=FiringState.HELD_OUT).values_list("account_id", flat=True)) == out
    assert set(PlayRun.objects.values_list("account_id", flat=True)) == set(arms) - out
    week = MONDAY + timedelta(days=70)
    take_in(report(*(firing(a, week) for a in sorted(out)), week=week), NOW + timedelta(days=70), "v")
    assert PlayRun.objects.filter(account_id__in=out).count() == 0, "the arm stays"
    written = write_journal(NOW)
    assert (written, write_journal(NOW)) == (30 + 30 - len(out), 0)
    found = records_of("rescue", workspace().journal.records(), day_number(MONDAY) + 1)
    assert {a.account_id: a.arm for a in found.assignments} == arms
    assert {r.account_id for r in found.runs} == set(arms) - out


def test_a_delayed_start_opens_on_its_day(desk: Desk, with_plays: Offer) -> None:
    delayed = play(hold_out=HALF | {"delay_days": 28})
    with_plays(delayed)
    approve_hold_out(delayed, by=desk.lena, reason="Does it work?", now=NOW)
    _fire_all(desk)
    waiting = Firing.objects.filter(state=FiringState.WAITING).count()
    assert 5 < waiting < 25
    day = MONDAY + timedelta(days=28)
    assert wake_firings(day - timedelta(days=1), NOW + timedelta(days=27)) == 0
    assert wake_firings(day, NOW + timedelta(days=28)) == waiting


def test_an_edit_of_the_share_asks_for_the_leader_again(desk: Desk, with_plays: Offer) -> None:
    approve_hold_out(play(hold_out=HALF), by=desk.lena, reason="Does it work?", now=NOW)
    with_plays(play(hold_out=HALF | {"share": 0.3}))
    _fire_all(desk, 10)
    assert PlayRun.objects.count() == 10


def test_a_hold_out_needs_a_reason_and_a_share(desk: Desk) -> None:
    with pytest.raises(RefusedError):
        approve_hold_out(play(hold_out=HALF), by=desk.lena, reason=" ", now=NOW)
    with pytest.raises(RefusedError):
        approve_hold_out(play(), by=desk.lena, reason="Why not", now=NOW)
