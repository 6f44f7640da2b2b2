"""Which models a validation looks at, and on which rows (L5, L6). Truths: reference (scikit-learn on scores worked out
anew), property (nothing is judged on what it was fitted to), planted truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from barograph.definitions.toml_io import save_model
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn import LearnSettings, learn
from barograph.pipeline.learn_approve import approve
from barograph.pipeline.learn_inputs import Models, models_of, previous_version
from barograph.pipeline.learn_validate import Validation, validate
from barograph.pipeline.refresh import refresh
from barograph.reports.learn_head import learning_head
from barograph.reports.validate import SCHEMA, validate_document
from barograph.workspace import Workspace
from support.renewals import END, NOW, company, planted_model, workspace


def changed(place: Workspace, weight: int) -> Models:
    """Another expert opinion: `weight` on adoption, the rest on noise; a version of its own from the next week on."""
    model = planted_model()
    weights = {"adoption": weight, "noise_0": 100 - weight}
    signals = [s.model_copy(update={"weight": weights.get(s.name, 0)}) for s in model.signals]
    save_model(model.model_copy(update={"signals": tuple(signals)}), place.model_file())
    refresh(place, DuckDBEngine(), as_of=END + 7, weeks=1, now=NOW)
    return models_of(place)


def seen(models: Models) -> Evidence:
    previous = previous_version(models)
    beside = {} if previous is None else {"previous": previous[0]}
    return gather(
        models.workspace, DuckDBEngine(), models.in_force, day=END, views={**models.views, **beside}
    )


def document_of(models: Models, found: Validation) -> dict[str, object]:
    document = validate_document(
        found, {"kind": "predictive", "version": None}, learning_head(SCHEMA, models, END)
    )
    json.dumps(document, allow_nan=False)
    return document


def made(folder: Path, accounts: int) -> Workspace:
    """The planted company with one scored week."""
    found = workspace(folder / "ws", company(accounts, effect=2.0, seed=5).raw, planted_model())
    refresh(found, DuckDBEngine(), as_of=END, weeks=1, now=NOW)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return made(tmp_path, 160)


def test_the_version_before_stands_beside_the_one_in_force(place: Workspace) -> None:
    assert previous_version(models_of(place)) is None
    models = changed(place, 80)
    previous = previous_version(models)
    assert previous is not None and previous[1].key == "planted-v1"
    evidence = seen(models)
    found = validate(
        models, evidence, train_at=90, proposed="predictive", seed=0, challenger=False, previous=previous
    )
    horizon = found.horizons[-1]
    kinds = {m.kind: m for m in horizon.models}
    before, present = kinds["previous"], kinds["in_force"]
    assert before.figures is not None and present.figures is not None
    points = evidence.views["previous"].points[before.rows]
    by_hand = points @ np.array([40, 30, 30]) / 100
    o = found.evidence.rows.take(before.rows)
    assert before.figures.auc.value == pytest.approx(roc_auc_score(~o.lost, by_hand))
    assert present.figures.auc.value > before.figures.auc.value
    pairs = {(p.before, p.after): p for p in found.reclassified}
    assert sum(c.n for c in pairs["previous", "in_force"].cells) == len(before.rows)
    document_of(models, found)


def test_a_version_that_measures_otherwise_cannot_be_looked_at(place: Workspace) -> None:
    model = planted_model()
    first = model.signals[0].model_copy(update={"window_days": 84})
    save_model(model.model_copy(update={"signals": (first, *model.signals[1:])}), place.model_file())
    refresh(place, DuckDBEngine(), as_of=END + 7, weeks=1, now=NOW)
    assert previous_version(models_of(place)) is None


def test_a_learnt_model_in_force_is_told_by_models_learnt_alike_until_later_rows_come(
    tmp_path: Path,
) -> None:
    place = made(tmp_path, 300)
    models = models_of(place)
    learnt = learn(models, seen(models), LearnSettings(), now=NOW)
    assert learnt.kept is not None and learnt.kept.kind == "scorecard"
    approve(models, learnt.kept, reason="r", override=None if learnt.kept.promoted else "o", day=END, now=NOW)
    after = models_of(place)
    assert previous_version(after) is None, "the expert weights are looked at anyway"
    found = validate(after, seen(after), train_at=90, proposed="predictive", seed=0, challenger=False)
    document = document_of(after, found)
    horizon = found.horizons[-1]
    assert {m.kind: len(m.rows) for m in horizon.models}["in_force"] == 0
    assert document["listed_kind"] == "proposed"
    judged = next(m for m in horizon.models if m.kind == "proposed")
    green = int(((judged.tier >= 2) & horizon.observations.lost).sum())
    listed = document["green_lost"]
    assert isinstance(listed, list) and len(listed) == green
    assert all(account["score"] is None for account in listed)
    lines = document["lines"]
    assert isinstance(lines, dict) and lines["approved"] == learnt.kept.figures["tiers"] != []
    told = document["headline"]
    assert isinstance(told, list)
    assert told[0].startswith("The model in force was put together from these outcomes")
    weights = {s["name"]: s["weight_low"] for s in document["signals"]}  # type: ignore[attr-defined]
    assert weights["adoption"] is not None
