"""Expansion and downsell as questions of their own (planted truth, refusal with counts, kept once). L7."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from barograph.core.calendar import WEEK, day_number, grid_day, to_date
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.learning.observations import TooFewOutcomesError
from barograph.pipeline.evidence import Evidence, gather
from barograph.pipeline.learn_inputs import Models, models_of
from barograph.pipeline.learn_target import kept_targets, learn_target
from barograph.pipeline.refresh import refresh
from barograph.pipeline.target_chances import definitions_behind
from barograph.reports.learn_head import learning_head
from barograph.reports.learn_target import SCHEMA, target_document
from support.chain import copied, scored_rows
from support.chain_cli import run
from support.renewals import END, NOW, Made, company, planted_model, workspace
from support.signal_data import Raw

SEED = 4


def grown(made: Made) -> Raw:
    """The same company, in which those who stay grow by a third, most often where adoption is high."""
    rng = np.random.default_rng(SEED)
    level: dict[str, list[float]] = {}
    for row in made.raw["metrics"]:
        if row["metric"] == "adoption":
            level.setdefault(row["account_id"], []).append(row["value"])
    outcomes = []
    for row in made.raw["outcomes"]:
        chance = 1 / (1 + np.exp(-1.9 * (np.mean(level.get(row["account_id"], [0.0])) - 0.2)))
        if row["outcome"] == "renewed" and rng.random() < chance:
            outcomes.append({**row, "outcome": "expanded", "arr_after": row["arr_before"] * 4 / 3})
        else:
            outcomes.append(row)
    return {**made.raw, "outcomes": outcomes}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    made = company(380, seed=SEED, rate=0.15)
    return models_of(workspace(tmp_path_factory.mktemp("target") / "ws", grown(made), planted_model()))


@pytest.fixture(scope="module")
def evidence(models: Models) -> Evidence:
    return gather(models.workspace, DuckDBEngine(), models.in_force, day=END, horizons=(90,))


def test_who_grows_is_learnt_from_those_who_stayed_and_kept_beside_the_model(
    models: Models, evidence: Evidence
) -> None:
    before = models.workspace.model_file().read_bytes()
    found = learn_target(models, evidence, "expansion", horizon=90, confirmed=("adoption",), now=NOW)
    rows = evidence.at(90).rows
    assert found.rows.n == int((rows.outcome != "churned").sum())
    assert found.events == int((rows.outcome == "expanded").sum())
    heaviest = found.proposal.signals[0]
    assert (heaviest.name, heaviest.weight >= 50) == ("adoption", True)
    assert found.path is not None and found.path.parent.name == "targets"
    record = json.loads(found.path.read_text(encoding="utf-8"))
    assert record["probability_is_of"] == "no expansion"
    assert record["signals"][0]["points"] == sorted(record["signals"][0]["points"])
    assert record["acceptance"][0]["promoted"]
    assert models.workspace.model_file().read_bytes() == before
    assert [v.key for v in models_of(models.workspace).registry.versions("planted")] == []
    again = learn_target(models, evidence, "expansion", horizon=90, confirmed=("adoption",), now=NOW)
    assert again.path == found.path
    assert len(kept_targets(models, "expansion")) == 1
    document = target_document(found, learning_head(SCHEMA, models, END))
    assert document["workspace_as_of"] == to_date(END).isoformat()
    assert (document["kept"], document["file"]) == (True, "expansion-0001.json")
    assert "accounts that stayed were expanded" in document["headline"]


def test_below_fifty_it_is_refused_with_the_count_that_is_missing(models: Models, evidence: Evidence) -> None:
    with pytest.raises(TooFewOutcomesError, match=r"0 decisions downsold .*50 missing") as refusal:
        learn_target(models, evidence, "downsell", horizon=90, now=NOW)
    assert refusal.value.exit_code == 3
    assert kept_targets(models, "downsell") == []


def test_growth_by_chance_is_not_kept(tmp_path: Path) -> None:
    made = company(220, seed=SEED, rate=0.15)
    rng = np.random.default_rng(0)
    outcomes = [
        {**row, "outcome": "expanded", "arr_after": row["arr_before"] * 2}
        if row["outcome"] == "renewed" and rng.random() < 0.5
        else row
        for row in made.raw["outcomes"]
    ]
    own = models_of(workspace(tmp_path / "ws", {**made.raw, "outcomes": outcomes}, planted_model()))
    seen = gather(own.workspace, DuckDBEngine(), own.in_force, day=END, horizons=(90,))
    found = learn_target(own, seen, "expansion", horizon=90, now=NOW)
    assert found.path is None
    assert "beyond chance" in found.reason or "not passed" in found.reason
    assert not (own.registry.folder / "planted" / "targets").exists()


def test_every_account_gets_its_chance_from_then_on(
    models: Models, evidence: Evidence, tmp_path: Path
) -> None:
    """Calibrated: the mean chance is the rate among those who stayed; who grows has the higher one (planted truth).
    A week before it was learnt, and a signal that means something else since, have none."""
    place = copied(models.workspace, tmp_path / "own")
    own = models_of(place)
    learn_target(own, evidence, "expansion", horizon=90, confirmed=("adoption",), now=NOW)
    week = grid_day(day_number(NOW.date()))
    refresh(place, DuckDBEngine(), as_of=week, weeks=2, now=NOW)
    rows = list(scored_rows(place, week).values())
    chance = np.array([r["expansion_probability"] if r["score"] is not None else np.nan for r in rows])
    adoption = np.array([r["value.adoption"] for r in rows], dtype=np.float64)
    known = ~np.isnan(chance) & ~np.isnan(adoption)
    assert known.sum() > 200
    assert np.all((chance[known] > 0) & (chance[known] < 1))
    stayed = evidence.at(90).rows.outcome
    rate = np.mean(stayed[stayed != "churned"] == "expanded")
    assert abs(chance[known].mean() - rate) < 0.1
    assert chance[known & (adoption > 0.6)].mean() > chance[known & (adoption < -0.2)].mean() + 0.2
    assert "downsell_probability" not in rows[0]
    assert "expansion_probability" not in next(iter(scored_rows(place, week - WEEK).values()))
    shown = run("scores", "-w", place.path, "--as-of", to_date(week).isoformat(), "--format", "json").json
    told = {a["account_id"]: a for a in shown["accounts"]}[rows[0]["account_id"]]
    assert told["expansion_probability"] == pytest.approx(rows[0]["expansion_probability"])
    assert told["downsell_probability"] is None


def test_a_signal_that_means_something_else_silences_what_was_learnt_on_it(
    models: Models, evidence: Evidence, tmp_path: Path
) -> None:
    place = copied(models.workspace, tmp_path / "own")
    found = learn_target(
        models_of(place), evidence, "expansion", horizon=90, confirmed=("adoption",), now=NOW
    )
    assert found.record is not None
    names = tuple(entry["name"] for entry in found.record["signals"])
    model = models_of(place).in_force
    assert definitions_behind(names, model) == found.record["behind"]["signals"]
    other = [
        s.model_copy(update={"min_support": s.min_support + 1}) if s.name == "adoption" else s
        for s in model.signals
    ]
    changed = model.model_copy(update={"signals": tuple(other)})
    assert definitions_behind(names, changed) != found.record["behind"]["signals"]
    assert definitions_behind((*names, "gone"), model) is None
