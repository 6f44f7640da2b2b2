"""Versions in the shadow (L6, P9, decision 20): scored alongside, shown nowhere, the same whatever kills a run.

Truths: metamorphic (a shadow says what the same definition says in force; a week in force does not notice it),
contract (who may be one), kill (at every publishing point).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from barograph.core.calendar import WEEK
from barograph.definitions.model import ScoreModel
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import UsageError
from barograph.lake import checkpoints
from barograph.pipeline.learn_approve import approve
from barograph.pipeline.learn_compare import stored_migration
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.refresh import refresh
from barograph.pipeline.score_store import (
    PublishedWeek,
    published_weeks,
    read_scores,
    shadow_weeks,
    weeks_of,
)
from barograph.pipeline.shadow import Shadow, shadows, start_shadow, stop_shadow
from barograph.workspace import Workspace
from support.chain import content, copied, killed_at, refreshed, run_refresh, trace
from support.proposals import put_proposal
from support.small_model import FIELDS, small_model
from support.small_workspace import MONDAY, NOW

LINES = {"at_risk": 0, "watch": 60, "healthy": 80, "growth": 90}
OTHER = small_model(
    {"active_users": 40, "usage_change": 0},
    stage="predictive",
    outcomes_behind=412,
    tiers=[{**t, "from_score": LINES[t["name"]]} for t in FIELDS["tiers"]],
)
KEY = "small-p1"
WEEKS = 26
"""Per batch: a refresh publishes its weeks at once."""


def started(place: Workspace, model: ScoreModel = OTHER) -> Workspace:
    """The workspace with a proposal in the shadow."""
    key = put_proposal(place, model).key
    start_shadow(models_of(place), key, reason="to see", day=MONDAY, now=NOW)
    return place


@pytest.fixture(scope="module")
def waiting(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One scored week long ago, a shadow that has scored nothing yet. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("shadow") / "waiting")
    refreshed(place, 1, as_of=MONDAY - 3 * WEEK)
    return started(place)


@pytest.fixture(scope="module")
def alongside(waiting: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Three further weeks, scored by both. Read only."""
    place = copied(waiting, tmp_path_factory.mktemp("shadow") / "alongside")
    report = refreshed(place, 3)
    assert report.shadows == tuple((KEY, MONDAY - WEEK * back) for back in (2, 1, 0))
    assert report.warnings == ()
    return place


def columns_of(place: Workspace, week: PublishedWeek, *names: str) -> dict[str, tuple[object, ...]]:
    rows = read_scores(place.lake, week, ["account_id", *names]).to_pylist()
    return {row["account_id"]: tuple(row[name] for name in names) for row in rows}


def test_the_weeks_in_force_do_not_notice_it(
    waiting: Workspace, alongside: Workspace, tmp_path: Path
) -> None:
    alone = copied(waiting, tmp_path / "alone")
    stop_shadow(models_of(alone), KEY, reason="", now=NOW)
    refreshed(alone, 3)
    mine, its = published_weeks(alongside.lake.manifest()), published_weeks(alone.lake.manifest())
    assert list(mine) == list(its)
    for day in mine:
        assert read_scores(alongside.lake, mine[day]).equals(read_scores(alone.lake, its[day]))
    assert not any(week.shadow or week.model == KEY for week in mine.values())


def test_it_says_what_the_same_definition_says_in_force(
    raw: Workspace, alongside: Workspace, tmp_path: Path
) -> None:
    """Three weeks from nothing: score, tiers with damping, ledger and trajectory are those of a model in force."""
    place = copied(raw, tmp_path / "in_force")
    put_proposal(place, OTHER)
    models = models_of(place)
    kept = Proposals(models.registry.folder).by_key(KEY)
    approve(models, kept, reason="r", override=None, day=MONDAY - 2 * WEEK, now=NOW)
    refreshed(place, 3)
    shadow, force = shadow_weeks(alongside.lake.manifest(), KEY), published_weeks(place.lake.manifest())
    assert list(shadow) == list(force)
    for day, week in shadow.items():
        assert week.shadow
        assert read_scores(alongside.lake, week).equals(read_scores(place.lake, force[day]))


def test_it_is_in_its_own_partition_and_readers_who_do_not_ask_skip_it(alongside: Workspace) -> None:
    manifest = alongside.lake.manifest()
    asked = weeks_of(manifest, KEY)
    assert len(asked) == 3
    assert {week.entry.partition["model"] for week in asked.values()} == {KEY}
    assert set(weeks_of(manifest, "small-v1")) == set(published_weeks(manifest))
    assert shadow_weeks(manifest, "small-v1") == {}


def test_a_refresh_that_finds_the_week_scored_still_adds_the_shadow(
    scored: Workspace, tmp_path: Path
) -> None:
    place = started(copied(scored, tmp_path / "w"))
    report = refreshed(place)
    assert (report.scored, report.shadows) == ((), ((KEY, MONDAY),))
    again = refreshed(place)
    assert (again.scored, again.shadows) == ((), ())


def test_a_restated_week_is_restated_in_the_shadow_too(alongside: Workspace, tmp_path: Path) -> None:
    place = copied(alongside, tmp_path / "w")
    report = refreshed(place, restate="late rows")
    assert report.shadows == ((KEY, MONDAY),)
    assert shadow_weeks(place.lake.manifest(), KEY)[MONDAY].revision == 1


def test_stopping_leaves_what_it_scored(alongside: Workspace, tmp_path: Path) -> None:
    place = copied(alongside, tmp_path / "w")
    done = stop_shadow(models_of(place), "p1", reason="seen enough", now=NOW)
    assert (done.running, done.changed) == (False, True)
    assert not stop_shadow(models_of(place), "p1", reason="", now=NOW).changed
    refresh(place, DuckDBEngine(), as_of=MONDAY + WEEK, now=NOW)
    assert list(shadow_weeks(place.lake.manifest(), KEY))[-1] == MONDAY
    assert shadows(place.lake.manifest()) == ()
    said = [(r.what, r.reason, r.counts) for r in place.journal.records() if r.what == "shadow"]
    assert said[-1] == ("shadow", "seen enough", {"version": KEY, "stopped": True})


def test_approving_it_ends_its_shadow(alongside: Workspace, tmp_path: Path) -> None:
    place = copied(alongside, tmp_path / "w")
    models = models_of(place)
    kept = Proposals(models.registry.folder).by_key(KEY)
    approve(models, kept, reason="it is better", override=None, day=MONDAY, now=NOW)
    assert shadows(place.lake.manifest()) == ()
    start_shadow(models_of(place), "v1", reason="the old one", day=MONDAY, now=NOW)
    report = refresh(place, DuckDBEngine(), as_of=MONDAY + WEEK, now=NOW)
    assert (report.version.key, report.shadows) == ("small-v2", (("small-v1", MONDAY + WEEK),))
    assert published_weeks(place.lake.manifest())[MONDAY + WEEK].model == "small-v2"


def test_starting_twice_changes_nothing(waiting: Workspace, tmp_path: Path) -> None:
    place = copied(waiting, tmp_path / "w")
    generation = place.lake.manifest().generation
    done = start_shadow(models_of(place), "p1", reason="again", day=MONDAY + WEEK, now=NOW)
    assert (done.running, done.changed) == (True, False)
    assert place.lake.manifest().generation == generation
    assert shadows(place.lake.manifest()) == (Shadow(KEY, "2026-11-16"),)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("v1", "which is in force"),
        ("p9", "no proposal"),
        ("v9", "no model version"),
        ("", "no model version"),
    ],
)
def test_who_may_not_be_one(waiting: Workspace, tmp_path: Path, name: str, words: str) -> None:
    place = copied(waiting, tmp_path / "w")
    with pytest.raises(UsageError, match=words):
        start_shadow(models_of(place), name, reason="", day=MONDAY, now=NOW)
    assert [s.key for s in shadows(place.lake.manifest())] == [KEY]


def test_a_definition_that_cannot_be_used_is_refused(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    signals = [s.model_dump(mode="json") for s in OTHER.signals]
    signals[0]["measure"] = "nobody"
    broken = ScoreModel.model_validate({**OTHER.model_dump(mode="json"), "signals": signals})
    put_proposal(place, broken)
    with pytest.raises(UsageError, match="BG-E007"):
        start_shadow(models_of(place), "p1", reason="", day=MONDAY, now=NOW)


def test_a_shadow_that_cannot_be_scored_costs_a_warning_and_no_week(
    waiting: Workspace, tmp_path: Path
) -> None:
    place = copied(waiting, tmp_path / "w")
    file = place.path / "registry/small/proposals/p0001.toml"
    text = file.read_text(encoding="utf-8")
    assert "weight = 40" in text
    file.write_text(text.replace("weight = 40", "weight = 41"), encoding="utf-8")
    report = refreshed(place, 3)
    assert len(report.scored) == 3 and report.shadows == ()
    (warning,) = report.warnings
    assert warning.startswith("small-p1: not scored alongside:") and "fingerprint" in warning


def test_the_matrix_counts_every_account_of_the_last_common_week(alongside: Workspace) -> None:
    manifest = alongside.lake.manifest()
    force, shadow = published_weeks(manifest), shadow_weeks(manifest, KEY)
    found = stored_migration(alongside, force, shadow, until=MONDAY)
    assert found is not None and found.as_shown and found.day == MONDAY
    before = columns_of(alongside, force[MONDAY], "tier", "score", "arr")
    after = columns_of(alongside, shadow[MONDAY], "tier", "score")
    counted: dict[tuple[str, str], tuple[int, float]] = {}
    for account, (tier, _, arr) in before.items():
        pair = (str(tier), str(after[account][0]))
        n, money = counted.get(pair, (0, 0.0))
        counted[pair] = (n + 1, money + float(arr or 0))  # type: ignore[arg-type]
    assert {(a, b): (n, arr) for a, b, n, arr in found.matrix()} == counted
    assert any(a != b for a, b in counted), "the two models agree on everybody: nothing is tested"
    theirs = dict(zip(found.account_ids.tolist(), found.score_after.tolist(), strict=True))
    for account, (_, score) in after.items():
        np.testing.assert_equal(theirs[account], np.nan if score is None else score)
    assert stored_migration(alongside, force, shadow, until=MONDAY - 9 * WEEK) is None


@pytest.fixture(scope="module")
def whole(waiting: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, tuple[str, ...]]:
    place = copied(waiting, tmp_path_factory.mktemp("whole") / "w")
    return place, trace(lambda: run_refresh(place.path, 2, WEEKS))


@pytest.mark.parametrize("point", [p for p in checkpoints.POINTS if p.startswith(("refresh.", "commit."))])
def test_killed_anywhere_and_run_again_it_is_as_if_nothing_had_happened(
    waiting: Workspace, whole: tuple[Workspace, tuple[str, ...]], tmp_path: Path, point: str
) -> None:
    """The week in force and its shadow are one publication: no reader finds one without the other."""
    end, passed = whole
    assert point in passed
    for nth in range(1, passed.count(point) + 1):
        place = copied(waiting, tmp_path / str(nth))
        assert killed_at(point, nth, run_refresh, place.path, 2, WEEKS)
        manifest = place.lake.verify()
        new = [day for day in published_weeks(manifest) if day > MONDAY - 2 * WEEK]
        assert list(shadow_weeks(manifest, KEY)) == new
        run_refresh(place.path, 2, WEEKS)
        assert content(place) == content(end)
        assert place.lake.manifest().marks == end.lake.manifest().marks
