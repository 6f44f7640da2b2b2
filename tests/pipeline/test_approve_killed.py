"""Approving and going back, killed anywhere (L6, X1, decision 18): the next run finishes what was begun.

Truths: kill (at every checkpoint, and before every file that takes its place), contract (what an approval leaves
behind), metamorphic (whichever command comes next, the state is the same).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from barograph.definitions.toml_io import load_model
from barograph.errors import UsageError
from barograph.pipeline.learn_approve import finish_approval, rollback
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_record import track_records
from barograph.pipeline.registry import Registry
from barograph.workspace import Workspace
from support.chain import copied, killed_at, killed_before_rename, trace
from support.chain_approve import run_approve, run_rollback, run_week_after
from support.proposals import put_proposal
from support.small_model import small_model
from support.small_workspace import MONDAY, NOW

OTHER = small_model({"active_users": 40, "usage_change": 0}, stage="predictive", outcomes_behind=412)


@dataclass(frozen=True)
class Work:
    """A command, the workspace it starts from, and the one that it leaves when nothing happens to it."""

    start: Workspace
    end: Workspace
    passed: tuple[str, ...]
    run: Callable[..., None]
    more: tuple[Any, ...]


def measured(start: Workspace, folder: Path, run: Callable[..., None], *more: Any) -> Work:
    place = copied(start, folder)
    passed = trace(lambda: run(place.path, *more))
    return Work(start, Workspace.open(place.path), passed, run, more)


@pytest.fixture(scope="module")
def approving(scored: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """A proposal with another name than the model in force: the settings have to point at its file too."""
    place = copied(scored, tmp_path_factory.mktemp("approve") / "start")
    other = OTHER.model_copy(update={"name": "renewals"})
    key = put_proposal(place, other).key
    return measured(place, tmp_path_factory.mktemp("approve") / "end", run_approve, key)


@pytest.fixture(scope="module")
def going_back(scored: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Work:
    place = copied(scored, tmp_path_factory.mktemp("rollback") / "start")
    run_approve(place.path, put_proposal(place, OTHER).key)
    return measured(place, tmp_path_factory.mktemp("rollback") / "end", run_rollback)


@pytest.fixture(params=["approving", "going_back"])
def work(request: pytest.FixtureRequest) -> Work:
    found: Work = request.getfixturevalue(request.param)
    return found


def state(place: Workspace) -> dict[str, Any]:
    """Everything that approving may change: registry, model files, settings, marks, journal."""
    root = place.path
    files = [*root.glob("registry/**/*.*"), *root.glob("models/*"), root / "barograph.toml"]
    said = [
        (r.what, r.reason, r.counts) for r in place.journal.records() if r.what in ("approve", "rollback")
    ]
    return {
        "files": {p.relative_to(root).as_posix(): p.read_text() for p in sorted(files) if p.is_file()},
        "marks": dict(place.lake.manifest().marks),
        "journal": said,
    }


def test_approving_passes_its_points_once(approving: Work, going_back: Work) -> None:
    for each in (approving, going_back):
        assert [p for p in each.passed if p.startswith("approve.")] == [
            "approve.registered",
            "approve.model_written",
        ]
    assert models_of(approving.end).in_force.name == "renewals"
    assert load_model(going_back.end.model_file()) == small_model()


@pytest.mark.parametrize("next_is", ["the same command", "a refresh"])
@pytest.mark.parametrize("point", ["approve.registered", "approve.model_written", "commit.manifest_aside"])
def test_killed_after_the_decision_it_is_finished_by_whatever_comes_next(
    work: Work, tmp_path: Path, point: str, next_is: str
) -> None:
    place = copied(work.start, tmp_path / "w")
    nth = work.passed[: work.passed.index("approve.registered") + 1].count(point) or 1
    if point.startswith("commit."):
        nth = work.passed.count(point)
    assert killed_at(point, nth, work.run, place.path, *work.more)
    assert state(Workspace.open(place.path)) != state(work.end)
    if next_is == "a refresh":
        finish_approval(Workspace.open(place.path), now=NOW)
    else:
        work.run(place.path, *work.more)
    assert state(Workspace.open(place.path)) == state(work.end)


def test_killed_before_any_file_takes_its_place_and_run_again(work: Work, tmp_path: Path) -> None:
    renames = 0
    while True:
        renames += 1
        place = copied(work.start, tmp_path / str(renames))
        if not killed_before_rename(renames, work.run, place.path, *work.more):
            break
        work.run(place.path, *work.more)
        assert state(Workspace.open(place.path)) == state(work.end), f"rename {renames}"
    assert renames >= 5, "definition, record, model file and manifest are four files at least"


def test_a_refresh_after_the_kill_scores_with_what_was_decided(going_back: Work, tmp_path: Path) -> None:
    """Without finishing first, it would take the old file for an edit and undo the decision."""
    start = copied(going_back.start, tmp_path / "w")
    assert killed_at("approve.registered", 1, run_rollback, start.path)
    run_week_after(start.path)
    after = Registry(start.path / "registry").versions("small")
    assert [v.key for v in after] == ["small-v1", "small-v2", "small-v3"]
    assert after[-1].figures["rollback_to"] == "small-v1"
    assert load_model(Workspace.open(start.path).model_file()) == small_model()


def test_nothing_is_left_to_finish_afterwards(work: Work) -> None:
    assert finish_approval(work.end, now=NOW) is None


def test_the_first_approval_keeps_what_was_there_before(raw: Workspace, tmp_path: Path) -> None:
    """Approved before any week was scored: the expert model becomes version 1, and scores the weeks before."""
    place = copied(raw, tmp_path / "w")
    run_approve(place.path, put_proposal(place, OTHER).key)
    one, two = Registry(place.path / "registry").versions("small")
    assert (one.reason, two.figures["replaced"]) == ("first version, from small.toml", "small-v1")
    assert Registry(place.path / "registry").in_force_at("small", MONDAY - 70) == (one, True)
    run_rollback(place.path)
    assert load_model(Workspace.open(place.path).model_file()) == small_model()


def test_the_track_record_follows_the_version(approving: Work, going_back: Work) -> None:
    found = track_records(approving.end.lake.manifest(), "renewals-v1")
    assert found is not None and found.longest_lead == 90
    assert track_records(going_back.end.lake.manifest(), "small-v3") is None


def test_there_is_nothing_to_go_back_to(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    with pytest.raises(UsageError, match="no earlier version of small"):
        rollback(models_of(place), to=None, reason="r", day=MONDAY, now=NOW)
    with pytest.raises(UsageError, match="no model version 'small-v9'"):
        rollback(models_of(place), to="v9", reason="r", day=MONDAY, now=NOW)
    with pytest.raises(UsageError, match="needs a reason"):
        rollback(models_of(place), to=None, reason=" ", day=MONDAY, now=NOW)
