"""The quarterly validation (L6, L8, L9, L11): it comes by itself, and two bad quarters in a row are said.

Truths: planted truth (a company whose signal stops working is flagged after two quarters, a sound one is not),
reference (figures counted by hand), contract (when it is due, what it keeps, what a failure costs).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from barograph.core.calendar import WEEK, grid_day, to_date
from barograph.definitions.model import ScoreModel
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline import evidence as evidence_module
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn_approve import approve
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_kept import QUARTER_DAYS, decay, quarters, unseen, validation_due
from barograph.pipeline.learn_record import track_records
from barograph.pipeline.quarterly import judge_quarter
from barograph.pipeline.refresh import refresh
from barograph.reports.context import week_context
from barograph.reports.models import list_document
from barograph.reports.quarter import QuarterRun, validate_when_due
from barograph.reports.review import review_document
from barograph.reports.status import status_document
from barograph.workspace import Workspace
from support.chain import copied
from support.proposals import calibrated, put_proposal
from support.renewals import BEGIN, END, NOW, company, planted_model, workspace

ACCOUNTS = 800
APPROVED = grid_day(BEGIN + 230 + 220)
"""A Monday with 220 days of decisions before it and 340 after it."""
FIRST, SECOND = (grid_day(APPROVED + QUARTER_DAYS * k) + WEEK for k in (1, 2))
LEARNT = planted_model(stage="predictive", outcomes_behind=300)


def on(day: int) -> datetime:
    return NOW + timedelta(days=day - END)


def learnt_model() -> ScoreModel:
    """All weight on the signal that decides."""
    signals = [s.model_dump(mode="json") for s in LEARNT.signals]
    for signal in signals:
        signal["weight"] = 100 if signal["name"] == "adoption" else 0
    return ScoreModel.model_validate({**LEARNT.model_dump(mode="json"), "signals": signals})


@cache
def lived_with(base: Path, *, works: bool) -> Workspace:
    """A learnt version approved on APPROVED and refreshed in the two quarters after it. Read only."""
    made = company(ACCOUNTS, effect=2.0, noise=1, rate=0.4, works_until=None if works else APPROVED, seed=3)
    place = workspace(base / ("sound" if works else "spoilt"), made.raw, planted_model(noise=1))
    refresh(place, DuckDBEngine(), as_of=APPROVED - WEEK, now=on(APPROVED - WEEK))
    figures = calibrated(known_until=APPROVED - 1, stage="predictive")
    model = learnt_model()
    proposal = put_proposal(place, model, figures=figures, now=on(APPROVED))
    approve(models_of(place), proposal, reason="r", override=None, day=APPROVED, now=on(APPROVED))
    for day in (APPROVED, FIRST, SECOND):
        refresh(place, DuckDBEngine(), as_of=day, now=on(day))
        found = run(place, day)
        assert found.due is (day != APPROVED), found
        assert (found.document is not None) is found.due, found.because
    return place


def run(place: Workspace, day: int) -> QuarterRun:
    return validate_when_due(place, DuckDBEngine(), day=day, now=on(day))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quarters")


@pytest.fixture(scope="module")
def spoilt(base: Path) -> Workspace:
    return lived_with(base, works=False)


@pytest.fixture(scope="module")
def sound(base: Path) -> Workspace:
    return lived_with(base, works=True)


def in_force(place: Workspace) -> tuple[Models, Any]:
    models = models_of(place)
    assert models.version is not None
    return models, models.version


def kept_quarters(place: Workspace) -> list[dict[str, Any]]:
    models, version = in_force(place)
    return quarters(models.registry, version)


def test_a_signal_that_stopped_working_is_flagged_after_two_quarters(spoilt: Workspace) -> None:
    models, version = in_force(spoilt)
    kept = quarters(models.registry, version)
    assert [q["workspace_as_of"] for q in kept] == [to_date(d).isoformat() for d in (FIRST, SECOND)]
    assert all(q["lost"] >= 25 for q in kept)
    found = decay(models.registry, version)
    assert found is not None and found.flagged
    assert all(value < found.approved_low for value in found.auc if found.approved_low)
    assert "fix it or decommission it" in found.text


def test_after_one_quarter_it_is_not(spoilt: Workspace, tmp_path: Path) -> None:
    place = copied(spoilt, tmp_path / "w")
    models, version = in_force(place)
    (
        models.registry.folder / "planted/validations" / f"{to_date(SECOND)}-{version.key}-quarter.json"
    ).unlink()
    found = decay(models.registry, version)
    assert found is not None and not found.flagged and len(found.auc) == 1


def test_a_sound_model_is_not_flagged(sound: Workspace) -> None:
    models, version = in_force(sound)
    found = decay(models.registry, version)
    assert found is not None and len(found.auc) == 2
    assert not found.flagged and "fix" not in found.text
    assert all(value > 0.8 for value in found.auc), "adoption lies two standard deviations apart"


def test_the_flag_is_said_wherever_the_model_is_shown(spoilt: Workspace, sound: Workspace) -> None:
    for place, flagged in ((spoilt, True), (sound, False)):
        models, version = in_force(place)
        status = status_document(place, to_date(SECOND))["validation"]
        assert (status["last"], status["quarters"]) == (to_date(SECOND).isoformat(), 2)
        assert (status["fix_or_decommission"], status["next"]) == (
            flagged,
            to_date(SECOND + QUARTER_DAYS).isoformat(),
        )
        (entry,) = [e for e in list_document(models, {})["versions"] if e["version"] == version.key]
        assert entry["fix_or_decommission"] is flagged and len(entry["validations"]) == 2
        warnings = {w["kind"]: w["text"] for w in review_document(week_context(place, SECOND))["warnings"]}
        assert ("fix_or_decommission" in warnings) is flagged
        if flagged:
            assert f"{decay(models.registry, version).auc[-1]:.2f}" in warnings["fix_or_decommission"]  # type: ignore[union-attr]


def test_expert_weights_that_nobody_approved_are_held_to_chance(spoilt: Workspace, tmp_path: Path) -> None:
    """An expert model has no figures to fall below; two quarters without any order are said all the same."""
    place = copied(spoilt, tmp_path / "w")
    models, version = in_force(place)
    expert = replace(version, figures={})
    found = decay(models.registry, expert)
    assert found is not None and found.approved_low is None and found.flagged
    assert "could not be told from chance" in found.text


@pytest.mark.parametrize(
    ("auc", "expert", "lost", "reason"),
    [
        ((0.70, 0.71), (0.60, 0.60), (30, 30), "below what it was approved on"),
        ((0.70, 0.71), (0.60, 0.60), (24, 30), ""),
        ((0.70, 0.78), (0.60, 0.60), (30, 30), ""),
        ((0.78, 0.79), (0.80, 0.81), (30, 30), "worse than the expert weights"),
        ((0.78, 0.79), (0.80, 0.78), (30, 30), ""),
        ((0.78, 0.79), (None, 0.99), (30, 30), ""),
        ((0.70, 0.71, 0.90), (0.6, 0.6, 0.6), (30, 30, 30), ""),
    ],
)
def test_what_counts_as_two_bad_quarters(
    spoilt: Workspace, tmp_path: Path, auc: Any, expert: Any, lost: Any, reason: str
) -> None:
    """Approved on .80, from .74 up; 25 lost are needed in both."""
    place = copied(spoilt, tmp_path / "w")
    models, version = in_force(place)
    folder = models.registry.folder / "planted/validations"
    for file in folder.glob("*-quarter.json"):
        file.unlink()
    for k, (value, other, gone) in enumerate(zip(auc, expert, lost, strict=True)):
        day = to_date(SECOND + 100 * k).isoformat()
        horizon = {"days": 90, "auc": value, "auc_low": 0.6, "expert_auc": other, "lost": gone}
        document = {"workspace_as_of": day, "horizons": [horizon, {**horizon, "days": 30, "auc": 0.1}]}
        (folder / f"{day}-{version.key}-quarter.json").write_text(json.dumps(document), encoding="utf-8")
    found = decay(models.registry, version)
    assert found is not None
    assert found.flagged is bool(reason) and reason in found.text


@pytest.fixture(scope="module")
def evidence(sound: Workspace) -> Evidence:
    models = models_of(sound)
    return gather(sound, DuckDBEngine(), models.in_force, day=SECOND, views=models.views, facts=False)


def test_its_figures_are_those_counted_by_hand(sound: Workspace, evidence: Evidence) -> None:
    models, version = in_force(sound)
    kept = quarters(models.registry, version)[-1]
    rows = evidence.rows
    inside = (
        unseen(models.in_force, models.version, evidence.rows)
        & (rows.known_day >= SECOND - QUARTER_DAYS)
        & (rows.known_day < SECOND)
    )
    assert kept["decisions"] == len(np.unique(evidence.decision[inside]))
    for horizon in kept["horizons"]:
        here = inside & (rows.horizon == horizon["days"])
        score, lost = evidence.views["in_force"].score[here], rows.lost[here]
        assert (horizon["n"], horizon["lost"]) == (int(here.sum()), int(lost.sum()))
        pairs = score[~lost][:, None] - score[lost][None, :]
        assert horizon["auc"] == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean(), abs=1e-6)
        red = score < 35
        assert horizon["at_risk_recall"] == pytest.approx((red & lost).sum() / lost.sum(), abs=1e-6)
        assert sum(tier["n"] for tier in horizon["tiers"]) == horizon["n"]


def test_every_decision_is_in_exactly_one_quarter(sound: Workspace, evidence: Evidence) -> None:
    """Quarters back to back share none and miss none, and none is one that the weights were fitted to."""
    models, _ = in_force(sound)
    found = [judge_quarter(models, evidence, SECOND - QUARTER_DAYS * k) for k in range(3)]
    fresh = unseen(models.in_force, models.version, evidence.rows)
    since = evidence.rows.known_day >= SECOND - 3 * QUARTER_DAYS
    assert sum(q.decisions for q in found if q) == len(np.unique(evidence.decision[fresh & since]))
    assert evidence.rows.known_day[fresh].min() >= APPROVED
    assert judge_quarter(models, evidence, APPROVED) is None


def test_the_track_record_grows_by_what_was_decided(sound: Workspace, evidence: Evidence) -> None:
    models, version = in_force(sound)
    kept = track_records(sound.lake.manifest(), version.key)
    assert kept is not None
    approved = sum(cell["n"] for cell in version.figures["track_record"])
    scored = ~np.isnan(evidence.views["in_force"].score)
    assert sum(cell["n"] for cell in kept.counts) == approved + int(
        (unseen(models.in_force, models.version, evidence.rows) & scored).sum()
    )


def test_when_it_is_due(sound: Workspace) -> None:
    models, version = in_force(sound)
    assert not validation_due(models.registry, version, SECOND + QUARTER_DAYS - 1)
    assert validation_due(models.registry, version, SECOND + QUARTER_DAYS)
    fresh = replace(version, number=9)
    assert not validation_due(models.registry, fresh, APPROVED - 1 + QUARTER_DAYS)
    assert validation_due(models.registry, fresh, APPROVED + QUARTER_DAYS)
    assert validation_due(models.registry, replace(fresh, figures={}), APPROVED)


def test_it_is_kept_once_and_not_run_again(sound: Workspace, tmp_path: Path) -> None:
    place = copied(sound, tmp_path / "w")
    before = place.lake.manifest().generation
    assert run(place, SECOND + WEEK) == QuarterRun(False, None, "not due")
    assert place.lake.manifest().generation == before


def test_without_decisions_it_is_refused_and_tried_again(tmp_path: Path) -> None:
    raw = {k: v for k, v in company(20, seed=2).raw.items() if k not in ("outcomes", "contracts")}
    place = workspace(tmp_path / "w", raw, planted_model(population={"rule": "accounts"}))
    refresh(place, DuckDBEngine(), as_of=END, now=NOW)
    for _ in range(2):
        found = run(place, END)
        assert (found.due, found.document, found.warning) == (True, None, False)
        assert "outcomes" in found.because
    assert kept_quarters(place) == []


@pytest.mark.parametrize("fault", [ValueError("a fault in the figures"), MemoryError()])
def test_a_fault_in_it_costs_a_warning_only(
    sound: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    place = copied(sound, tmp_path / "w")

    def fails(*_args: Any, **_more: Any) -> None:
        raise fault

    monkeypatch.setattr(evidence_module, "gather", fails)
    found = run(place, SECOND + QUARTER_DAYS)
    assert found.warning and found.document is None
    assert found.because.startswith(type(fault).__name__)
    assert len(kept_quarters(place)) == 2
