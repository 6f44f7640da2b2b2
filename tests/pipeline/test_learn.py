"""Learning on a workspace: planted truth, refusal, equal scores of file and scorecard, registry (L2, L3, L5, L6)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from barograph.core.inputs import WeekInputs
from barograph.core.score import score_week
from barograph.definitions.lint.registry import lint
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import RefusedError, UsageError
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn import LearnSettings, Learnt, learn
from barograph.pipeline.learn_approve import approve, rollback
from barograph.pipeline.learn_compare import changes, migration
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_kept import keep_validation, validations
from barograph.pipeline.learn_proposals import ModelProposal, Proposals
from barograph.pipeline.learn_record import track_records
from barograph.pipeline.learn_validate import validate
from barograph.pipeline.refresh import refresh
from barograph.pipeline.score_store import published_weeks
from barograph.reports.track_record import TrackRecordBook
from barograph.workspace import Workspace
from support.chain import copied
from support.renewals import END, NOW, company, planted_model, workspace

SETTINGS = LearnSettings()


def place_of(folder: Path, accounts: int, effect: float, seed: int = 5) -> Workspace:
    return workspace(folder, company(accounts, effect=effect, seed=seed).raw, planted_model())


def evidence_of(models: Models) -> Evidence:
    return gather(models.workspace, DuckDBEngine(), models.in_force, day=END, views=models.views)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """300 accounts whose adoption decides, one week scored. Read only."""
    place = place_of(tmp_path_factory.mktemp("planted") / "ws", 300, 2.0)
    refresh(place, DuckDBEngine(), as_of=END, weeks=2, now=NOW)
    return place


@pytest.fixture(scope="module")
def evidence(planted: Workspace) -> Evidence:
    return evidence_of(models_of(planted))


@pytest.fixture(scope="module")
def learnt(planted: Workspace, evidence: Evidence) -> Learnt:
    return learn(models_of(planted), evidence, SETTINGS, now=NOW)


@pytest.fixture
def own(planted: Workspace, learnt: Learnt, tmp_path: Path) -> Models:
    """A copy to change; the proposal is in it."""
    assert learnt.kept is not None
    return models_of(copied(planted, tmp_path / "own"))


def kept_of(models: Models) -> ModelProposal:
    found = Proposals(models.registry.folder).latest("planted")
    assert found is not None
    return found


def test_the_signal_that_decides_is_found_and_noise_is_not(learnt: Learnt) -> None:
    assert learnt.kind == "scorecard"
    assert learnt.proposal.stage.label == "predictive"
    assert [s.name for s in learnt.proposal.signals] == ["adoption"]
    assert learnt.kept is not None and learnt.kept.promoted


def test_the_definition_scores_as_the_scorecard_does(learnt: Learnt) -> None:
    definition, rows = learnt.definition, learnt.rows.rows
    assert definition is not None
    values = rows.signals
    reasons = np.isnan(values).astype(np.int8)
    ids = np.array([f"r{i}" for i in range(rows.n)], dtype=object)
    scored = score_week(WeekInputs(END, ids, tuple(rows.names), values, reasons), definition)
    np.testing.assert_allclose(scored.score, learnt.proposal.score(rows), atol=1e-9)
    assert [f for f in lint(definition) if f.severity == "error"] == []
    assert (definition.stage, definition.outcomes_behind) == ("predictive", rows.evidence()[0])


def test_tier_lines_fall_where_risk_says_and_the_model_in_force_is_untouched(
    planted: Workspace, learnt: Learnt
) -> None:
    assert learnt.definition is not None
    lines = [t.from_score for t in learnt.definition.tiers]
    assert lines == sorted(set(lines))
    assert load_model(planted.model_file()) == planted_model()
    assert [v.key for v in models_of(planted).registry.versions("planted")] == ["planted-v1"]


def test_noise_proposes_nothing(tmp_path: Path) -> None:
    models = models_of(place_of(tmp_path / "ws", 120, 0.0))
    found = learn(models, evidence_of(models), SETTINGS, now=NOW)
    assert found.kept is None and not found.too_few
    assert "chance" in found.reason or "does not hold" in found.reason
    assert not (models.registry.folder / "planted" / "proposals").exists()


def test_too_few_outcomes_are_refused_with_what_is_missing(tmp_path: Path) -> None:
    models = models_of(place_of(tmp_path / "ws", 24, 1.5))
    found = learn(models, evidence_of(models), SETTINGS, now=NOW)
    missing = found.proposal.stage.missing[0]
    outcomes, lost = found.rows.rows.evidence()
    assert found.too_few and found.kept is None
    assert (missing.outcomes, missing.lost) == (30 - outcomes, max(0, 10 - lost))


def test_what_cannot_be_tested_out_of_time_is_not_brought_in_without_an_override(own: Models) -> None:
    period = (END - 345, END - 215)
    recent = gather(own.workspace, DuckDBEngine(), own.in_force, day=END, views=own.views, period=period)
    found = learn(own, recent, SETTINGS, now=NOW)
    assert found.rows.rows.evidence()[0] >= 60
    assert found.proposal.plan.folds == ()
    assert found.proposal.stage.label in ("heuristic", "validated_heuristic")
    if found.kind == "label":
        assert found.definition is not None and found.definition.signals == own.in_force.signals
    else:
        assert found.kept is None or not found.kept.promoted


def test_approving_writes_the_file_and_a_version_and_leaves_published_weeks(own: Models) -> None:
    proposal = kept_of(own)
    before = {d: w.entry.path for d, w in published_weeks(own.workspace.lake.manifest()).items()}
    done = approve(own, proposal, reason="checked", override=None, day=END, now=NOW)
    after = models_of(own.workspace)
    assert done.version.key == "planted-v2" and done.version.effective_from == END + 7
    assert after.in_force == Proposals(own.registry.folder).model(proposal)
    assert (after.version, after.expert) == (done.version, planted_model())
    assert done.version.figures["proposal"] == proposal.key
    assert {d: w.entry.path for d, w in published_weeks(own.workspace.lake.manifest()).items()} == before
    refresh(own.workspace, DuckDBEngine(), as_of=END + 7, weeks=1, now=NOW)
    assert published_weeks(own.workspace.lake.manifest())[END + 7].model == "planted-v2"


def test_a_failed_test_needs_an_override_which_is_kept(own: Models) -> None:
    failed = replace(kept_of(own), promoted=False, reason="it does not hold.")
    with pytest.raises(RefusedError, match="did not pass the acceptance test"):
        approve(own, failed, reason="r", override=None, day=END, now=NOW)
    assert models_of(own.workspace).in_force == planted_model()
    done = approve(own, failed, reason="r", override="the board wants it", day=END, now=NOW)
    assert (done.override, done.version.figures["override"]) == ("the board wants it", "the board wants it")
    line = (own.workspace.path / "journal").glob("*.jsonl")
    assert "the board wants it" in "".join(p.read_text(encoding="utf-8") for p in line)


def test_a_proposal_for_another_model_in_force_is_not_approved(own: Models) -> None:
    other = replace(kept_of(own), champion="planted-v7", champion_behaviour="another")
    with pytest.raises(UsageError, match="was compared with planted-v7, and planted-v1 is in force now"):
        approve(own, other, reason="first", override=None, day=END, now=NOW)
    approve(own, kept_of(own), reason="first", override=None, day=END, now=NOW)
    with pytest.raises(UsageError, match="planted-p1 is in force already, as planted-v2"):
        approve(models_of(own.workspace), kept_of(own), reason="again", override=None, day=END, now=NOW)
    with pytest.raises(UsageError, match="needs a reason"):
        approve(own, kept_of(own), reason=" ", override=None, day=END, now=NOW)


def test_going_back_is_a_new_version_with_the_old_definition(own: Models) -> None:
    approve(own, kept_of(own), reason="first", override=None, day=END, now=NOW)
    done = rollback(models_of(own.workspace), to=None, reason="it cried wolf", day=END, now=NOW)
    assert (done.version.key, done.version.figures["rollback_to"]) == ("planted-v3", "planted-v1")
    assert load_model(own.workspace.model_file()) == planted_model()
    with pytest.raises(UsageError, match="is that definition already"):
        rollback(models_of(own.workspace), to="v1", reason="again", day=END, now=NOW)


def test_the_track_record_of_a_version_is_what_was_out_of_sample(own: Models, learnt: Learnt) -> None:
    assert TrackRecordBook(own.workspace.lake.manifest(), "planted-v2").of(50.0, "smb") is None
    done = approve(own, kept_of(own), reason="r", override=None, day=END, now=NOW)
    found = track_records(own.workspace.lake.manifest(), done.version.key)
    assert found is not None
    assert {cell["lead_days"] for cell in found.counts} == {30, 60, 90}
    tested = sum(cell["n"] for cell in found.counts if cell["lead_days"] == 90)
    assert 100 <= tested < learnt.rows.rows.n
    book = TrackRecordBook(own.workspace.lake.manifest(), done.version.key)
    known = [
        entry for entry in (book.of(score, "smb", 80) for score in range(5, 100, 10)) if entry is not None
    ]
    assert len(known) >= 2
    assert known[0]["rate"] > known[-1]["rate"]
    assert {entry["lead_days"] for entry in known} == {90}
    assert all(entry["low"] <= entry["rate"] <= entry["high"] and entry["n"] >= 20 for entry in known)


def test_a_diff_names_the_weights_and_counts_every_account_once(own: Models, learnt: Learnt) -> None:
    assert learnt.definition is not None
    found = changes(own.in_force, learnt.definition)
    assert ("weight", "adoption", "40", "100") in [(c.what, c.name, c.before, c.after) for c in found]
    moved = migration(own.workspace, DuckDBEngine(), own.in_force, learnt.definition, until=END)
    assert sum(n for _, _, n, _ in moved.matrix()) == len(moved.account_ids) > 0
    assert changes(own.in_force, own.in_force) == []


def test_validation_judges_all_kinds_on_the_same_rows_and_is_kept_once(
    own: Models, evidence: Evidence
) -> None:
    found = validate(own, evidence, train_at=90, proposed="predictive", seed=0)
    assert [h.days for h in found.horizons] == [30, 60, 90]
    for horizon in found.horizons:
        kinds = {m.kind: m.figures for m in horizon.models}
        assert set(kinds) == {"in_force", "proposed", "heuristic", "equal_weights", "challenger"}
        assert all(f is not None and f.n == len(horizon.rows) for f in kinds.values())
        learnt, opinion = kinds["proposed"], kinds["heuristic"]
        assert learnt is not None and opinion is not None
        assert learnt.auc.value > opinion.auc.value > 0.5
        tiers = next(m for m in horizon.models if m.kind == "in_force").tiers
        assert sum(t.n for t in tiers) == len(horizon.rows)
    document = {"workspace_as_of": "2026-11-16", "horizons": []}
    assert own.version is not None
    path = keep_validation(own, document, found.track_record(own), day=END, now=NOW)
    assert path is not None and json.loads(path.read_text(encoding="utf-8")) == document
    keep_validation(own, document | {"changed": 1}, found.track_record(own), day=END, now=NOW)
    assert validations(own.registry, own.version) == [document]


def test_a_learnt_model_is_never_judged_on_what_it_was_fitted_on(own: Models, evidence: Evidence) -> None:
    approve(own, kept_of(own), reason="r", override=None, day=END, now=NOW)
    after = models_of(own.workspace)
    now = gather(own.workspace, DuckDBEngine(), after.in_force, day=END, views=after.views)
    found = validate(after, now, train_at=90, proposed="predictive", seed=0, challenger=False)
    in_force = next(m for m in found.horizons[-1].models if m.kind == "in_force")
    assert in_force.figures is None and len(in_force.rows) == 0
    assert after.version is not None
    assert found.track_record(after) == after.version.figures["track_record"]


def test_the_same_data_and_seed_give_the_same_proposal_under_another_name_too(
    own: Models, evidence: Evidence, learnt: Learnt
) -> None:
    found = learn(own, evidence, replace(SETTINGS, name="renewals"), now=NOW)
    assert found.kept is not None and learnt.kept is not None
    assert found.kept.key == "renewals-p1"
    assert (found.kept.figures, found.kept.track_record) == (learnt.kept.figures, learnt.kept.track_record)
    assert (found.kept.behaviour, found.kept.seed) == (learnt.kept.behaviour, 0)
    approve(own, found.kept, reason="r", override=None, day=END, now=NOW)
    opened = Workspace.open(own.workspace.path)
    assert opened.model_file().name == "renewals.toml"
    model: ScoreModel = models_of(opened).in_force
    assert model.name == "renewals"
