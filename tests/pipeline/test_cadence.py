"""Cadences and capacity from published weeks. Truths: planted (accounts of the small company in known states), the same
figures as the core gives on hand-made histories, nothing written (P3, P10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.core.cadence import Decision, Done
from barograph.core.calendar import WEEK, to_date
from barograph.errors import DefinitionError, RefusedError
from barograph.pipeline.cadence import duties, history, team_load
from barograph.workspace import Workspace
from support.chain import content, copied, refreshed, scored_rows
from support.small_workspace import MONDAY

WEEKS = tuple(range(MONDAY - 5 * WEEK, MONDAY + 1, WEEK))


@pytest.fixture(scope="module")
def weekly(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company, six weeks scored one by one. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("cadence") / "weekly")
    for day in WEEKS:
        refreshed(place, as_of=day)
    return place


def test_the_history_is_that_of_the_weeks(weekly: Workspace) -> None:
    found = history(weekly, MONDAY)
    facts = found.facts
    assert found.live_since == WEEKS[0]
    assert tuple(facts.days) == WEEKS
    rows = scored_rows(weekly, MONDAY)
    assert set(rows) <= set(facts.account_ids)
    gone = {a: lost for a, lost in zip(facts.account_ids, facts.lost_on, strict=True) if a not in rows}
    assert gone == {"a15": MONDAY - WEEK}, "a15 is gone from the week of 9 November"
    assert facts.arr[list(facts.account_ids).index("a03")] == 90_000


def test_what_is_due_follows_state_and_touch(weekly: Workspace) -> None:
    """a15 left: exit interview; a05 gave notice: a call within two working days; nobody is asked twice."""
    report = duties(weekly, MONDAY, today=MONDAY + 2)
    by_account: dict[str, set[str]] = {}
    for duty in report.duties:
        by_account.setdefault(duty.account_id, set()).add(duty.name)
    assert by_account["a15"] == {"exit_interview", "post_mortem"}
    assert "save_call" in by_account["a05"]
    keys = [duty.key for duty in report.duties]
    assert len(keys) == len(set(keys))
    tiers = {a: row["tier"] for a, row in scored_rows(weekly, MONDAY).items()}
    for account, tier in tiers.items():
        if tier == "watch" and account != "a05":
            assert by_account[account] & {"watch_review", "action_plan"}, account


def test_going_live_and_what_was_done(weekly: Workspace) -> None:
    stored = content(weekly)
    late = duties(weekly, MONDAY, today=MONDAY, live_since=MONDAY)
    assert all(duty.due_on >= MONDAY for duty in late.duties)
    some = next(duty for duty in late.duties if duty.name == "action_plan")
    done = Done(plans={some.account_id: MONDAY}, decisions={"a03": Decision("accept", MONDAY)})
    after = duties(weekly, MONDAY, today=MONDAY + 1, live_since=MONDAY, done=done)
    assert some.key not in {duty.key for duty in after.duties}
    assert after.stopped == ("a03",)
    assert not [duty for duty in after.duties if duty.account_id == "a03"]
    assert content(weekly) == stored


def test_hours_of_each_csm(weekly: Workspace, tmp_path: Path) -> None:
    found = team_load(weekly, MONDAY, today=MONDAY + 2)
    assert {load.owner for load in found.loads} == {"cs-north@example.com", "cs-south@example.com"}
    assert sum(load.accounts for load in found.loads) == len(history(weekly, MONDAY).facts.account_ids)
    assert not [load for load in found.loads if load.overloaded]
    place = copied(weekly, tmp_path / "w")
    (place.path / "plays").mkdir()
    (place.path / "plays/settings.toml").write_text("[workload]\nhours_per_week = 0.5\n", encoding="utf-8")
    tight = team_load(place, MONDAY, today=MONDAY + 2)
    assert all(load.overloaded for load in tight.loads)
    assert tight.beyond_arr > 0
    assert found.hours == pytest.approx(tight.hours)


def test_wrong_settings_and_no_weeks_are_said(raw: Workspace, weekly: Workspace, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=f"no week is scored as of {to_date(MONDAY)}"):
        duties(raw, MONDAY, today=MONDAY)
    place = copied(weekly, tmp_path / "w")
    (place.path / "plays").mkdir()
    (place.path / "plays/settings.toml").write_text('[[row]]\nstate = "helthy"\n', encoding="utf-8")
    with pytest.raises(
        DefinitionError, match=r'settings.toml: line 2: row 1 > state is "helthy"; nearest: "healthy"'
    ):
        duties(place, MONDAY, today=MONDAY)
