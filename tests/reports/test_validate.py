"""The document of a validation (L5, L8, L9, L11, H1). Truths: reference (scikit-learn on the same rows), property
(parts add up, intervals hold their figures), by hand, planted truth, refusal with counts, strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from barograph.core.thresholds import AT_RISK, HEALTHY, WATCH
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.evidence import gather
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_validate import by_risk, validate
from barograph.pipeline.learn_validate_judged import Judged
from barograph.pipeline.learn_validate_lines import lines_from_risk
from barograph.reports.learn_head import learning_head
from barograph.reports.validate import SCHEMA, validate_document
from barograph.reports.validate_words import between, headline, refused, subject
from support.renewals import END, company, planted_model, workspace
from support.validated import Validated

KINDS = ["in_force", "proposed", "heuristic", "equal_weights", "challenger"]


def judged_of(validated: Validated, days: int, kind: str) -> Judged:
    horizon = next(h for h in validated.found.horizons if h.days == days)
    return next(m for m in horizon.models if m.kind == kind)


def entries(validated: Validated) -> Iterator[tuple[Judged, dict[str, Any]]]:
    """Every judged model with its entry."""
    for horizon, told in zip(validated.found.horizons, validated.document["horizons"], strict=True):
        yield from zip(horizon.models, told["models"], strict=True)


def test_the_document_is_strict_json_and_has_every_horizon_and_model(validated: Validated) -> None:
    document = validated.document
    json.dumps(document, allow_nan=False)
    assert [h["days"] for h in document["horizons"]] == [30, 60, 90]
    for horizon in document["horizons"]:
        assert [m["kind"] for m in horizon["models"]] == KINDS
        assert {m["n"] for m in horizon["models"]} == {horizon["n"]}


def test_auc_is_that_of_scikit_learn_on_the_same_rows(validated: Validated) -> None:
    for judged, entry in entries(validated):
        o = validated.found.evidence.rows.take(judged.rows)
        assert entry["auc"] == pytest.approx(roc_auc_score(~o.lost, judged.health), abs=1e-6)
        money = roc_auc_score(~o.lost, judged.health, sample_weight=o.arr_before)
        assert entry["arr_auc"] == pytest.approx(money, abs=1e-6)


def test_every_figure_lies_in_its_interval(validated: Validated) -> None:
    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            yield value
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    seen = 0
    for record in walk(validated.document):
        for key in [k.removesuffix("_low") for k in record if k.endswith("_low") and "lead" not in k]:
            low, high = record[f"{key}_low"], record[f"{key}_high"]
            if record.get(key) is not None and low is not None:
                assert low - 1e-6 <= record[key] <= high + 1e-6, key
                seen += 1
    assert seen > 300


def test_tiers_segments_and_worked_rows_are_the_rows(validated: Validated) -> None:
    for judged, entry in entries(validated):
        o = validated.found.evidence.rows.take(judged.rows)
        lost = int(o.lost.sum())
        for parts in (entry["tiers"], entry["segments"], [entry["treated"], entry["untreated"]]):
            assert sum(p["n"] for p in parts) == entry["n"]
            assert sum(p["lost"] for p in parts) == lost
        assert sum(c["n"] for c in entry["calibration"]) == entry["n"]
        assert sum(c["lost"] for c in entry["calibration"]) == lost
        assert sum(t["downsold"] for t in entry["tiers"]) == entry["downsell"]["n"] > 0
        assert entry["downsell"]["stayed"] == entry["n"] - lost
        assert entry["treated"]["n"] == int(o.treated.sum()) > 0


def test_at_risk_as_a_warning_is_what_its_tier_says(validated: Validated) -> None:
    for judged, entry in entries(validated):
        o = validated.found.evidence.rows.take(judged.rows)
        tiers = {t["tier"]: t for t in entry["tiers"]}
        red, watch = tiers["at_risk"], tiers["watch"]
        assert (entry["at_risk_n"], entry["at_risk_lost"]) == (red["n"], red["lost"])
        assert entry["at_risk_recall"] == pytest.approx(red["lost"] / o.lost.sum(), abs=1e-6)
        assert entry["watch_or_worse_n"] == red["n"] + watch["n"]
        worked = (judged.tier == AT_RISK) & ~o.lost & o.treated
        assert entry["at_risk_kept_treated"] == int(worked.sum())
        assert entry["at_risk_arr_lost"] == pytest.approx(red["arr_lost"])


def test_the_signal_that_decides_is_validated_and_noise_is_not(validated: Validated) -> None:
    signals = {s["name"]: s for s in validated.document["signals"]}
    assert signals["adoption"]["verdict"] == "validated"
    assert signals["adoption"]["auc_low"] > 0.7
    assert {s["verdict"] for n, s in signals.items() if n != "adoption"}.isdisjoint({"validated"})
    assert signals["adoption"]["weight"] == 40 and signals["adoption"]["weight_low"] is None
    assert signals["adoption"]["proposed_weight"] > 60
    assert signals["adoption"]["proposed_weight_low"] is not None
    for signal in signals.values():
        kept = sum(p["kept"] for p in signal["pieces"])
        lost = sum(p["lost"] for p in signal["pieces"])
        assert (kept + lost, lost) == (300, validated.document["lost"])
    low = signals["adoption"]["pieces"][0]
    high = [p for p in signals["adoption"]["pieces"] if p["low"] is not None][-1]
    assert low["lost"] > low["kept"] and high["lost"] < high["kept"]


def test_the_learnt_model_is_ahead_of_the_heuristic_and_gives_little_up(validated: Validated) -> None:
    models = {m["kind"]: m for m in validated.document["horizons"][-1]["models"]}
    assert models["in_force"]["in_force_ahead"] is None
    assert models["challenger"]["given_up"] is None
    assert models["proposed"]["in_force_ahead"] < 0
    assert models["proposed"]["in_force_ahead"] == pytest.approx(
        models["in_force"]["auc"] - models["proposed"]["auc"], abs=1e-5
    )
    gap = models["challenger"]["auc"] - models["proposed"]["auc"]
    assert models["proposed"]["given_up"] == pytest.approx(gap, abs=1e-5)
    assert models["proposed"]["given_up_low"] < 0.03


def test_lines_from_risk_have_what_follows_from_them(validated: Validated) -> None:
    line = validated.document["lines"]["proposed"][0]
    judged = judged_of(validated, 90, "in_force")
    o = validated.found.evidence.rows.take(judged.rows)
    score = validated.found.evidence.views["in_force"].score[judged.rows]
    called = score < line["watch_from"]
    assert line["segment"] is None
    assert (line["at_risk_n"], line["at_risk_lost"]) == (int(called.sum()), int((called & o.lost).sum()))
    assert line["at_risk_precision"] == pytest.approx(o.lost[called].mean(), abs=1e-6)
    assert (line["watch_from_now"], line["healthy_from_now"]) == (35, 55)
    own = {entry["segment"] for entry in validated.document["lines"]["proposed"]}
    told = {entry["segment"]: entry["text"] for entry in validated.document["lines"]["refused"]}
    assert own | set(told) == {None, "smb", "ent"}
    for segment, text in told.items():
        here = o.segment == segment
        assert text.startswith(f"{here.sum()} outcomes with {o.lost[here].sum()} lost; 100 with 10 lost")


def test_past_accounts_are_reclassified_once_each_and_a_better_model_sorts_them(validated: Validated) -> None:
    (pair,) = validated.document["reclassified"]
    assert (pair["before"], pair["after"], pair["days"]) == ("in_force", "proposed", 90)
    horizon = validated.document["horizons"][-1]
    assert sum(c["n"] for c in pair["cells"]) == horizon["n"]
    assert sum(c["lost"] for c in pair["cells"]) == horizon["lost"]
    place = {"insufficient": 0, "at_risk": 0, "watch": 1, "healthy": 2, "growth": 3}
    rate = []
    for way in (-1, 1):
        cells = [c for c in pair["cells"] if np.sign(place[c["after"]] - place[c["before"]]) == way]
        rate.append(sum(c["lost"] for c in cells) / sum(c["n"] for c in cells))
    assert rate[0] > 2 * rate[1]
    today = validated.document["migration"]
    assert sum(c["accounts"] for c in today["cells"]) == today["accounts"] > 0


def test_every_kind_has_its_lead_time_and_surprises(validated: Validated) -> None:
    warnings = {w["kind"]: w for w in validated.document["warnings"]}
    assert list(warnings) == KINDS
    tested = validated.document["horizons"][-1]["lost"]
    for kind, warning in warnings.items():
        assert warning["lost"] == tested, kind
        assert warning["flagged"] + warning["surprises"] == warning["lost"]
        red = {
            validated.found.evidence.rows.account[row]
            for days in (30, 60, 90)
            for judged in (judged_of(validated, days, kind),)
            for row, tier, lost in zip(
                judged.rows, judged.tier, validated.found.evidence.rows.lost[judged.rows], strict=True
            )
            if tier == AT_RISK and lost
        }
        assert warning["flagged"] == len(red)


def test_the_first_sentences_say_the_figures(validated: Validated) -> None:
    document, longest = validated.document, validated.document["horizons"][-1]
    assert subject(document) == "in_force"
    model = longest["models"][0]
    first = document["headline"][0]
    assert first.startswith(f"90 days before the decision {model['at_risk_lost']} of {longest['lost']} lost")
    assert f"({100 * model['at_risk_recall']:.0f}%, plausibly" in first
    told = " ".join(document["headline"])
    green = sum(t["lost"] for t in model["tiers"] if t["tier"] in ("healthy", "growth"))
    missed = f"It missed {green} lost account" if green else "No lost account stood Healthy or better"
    assert missed in told
    assert f"{model['at_risk_kept_treated']} had been worked, so may be rescues" in told
    high = longest["models"][1]["in_force_ahead_high"]
    assert "the proposed planted-p1" in told
    assert ("(better, +" if high < 0 else "(no difference can be shown, ") in told
    assert "boosting on all 3 candidates" in told
    assert len(document["green_lost"]) == green


def test_few_outcomes_are_said_before_the_figures_are(validated: Validated) -> None:
    document = json.loads(json.dumps(validated.document))
    longest = document["horizons"][-1]
    longest["lost"] = 6
    longest["models"][0]["segments"][0]["note"] = (
        "3 lost and 40 kept, 10 of each are needed to judge the order"
    )
    told = refused(document)
    assert "Firm figures 90 days before: 6 of the judged decisions were lost, 10 are needed." in told
    assert any("3 lost and 40 kept" in line for line in told)


def test_a_model_that_nobody_could_judge_leaves_the_word_to_the_proposed_one(validated: Validated) -> None:
    document = json.loads(json.dumps(validated.document))
    for horizon in document["horizons"]:
        horizon["models"][0] |= {"n": 0, "auc": None}
    assert subject(document) == "proposed"
    assert headline(document)[0].startswith("The model in force was put together from these outcomes")


def test_tiers_that_a_model_does_not_have_fall_to_the_next_worse() -> None:
    p, base = np.array([0.01, 0.25, 0.9, np.nan]), np.full(4, 0.3)
    assert by_risk(p, base, [0, 1, 2, 3]).tolist() == [3, HEALTHY, AT_RISK, -1]
    assert by_risk(p, base, [0, 1, 2]).tolist() == [HEALTHY, HEALTHY, AT_RISK, -1]
    assert by_risk(p, base, [0, 1]).tolist() == [WATCH, WATCH, AT_RISK, -1]


def test_too_few_outcomes_to_test_anything_still_judge_the_order(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    place = workspace(tmp_path_factory.mktemp("few") / "ws", company(24, seed=5).raw, planted_model())
    models = models_of(place)
    evidence = gather(place, DuckDBEngine(), models.in_force, day=END, views=models.views)
    found = validate(models, evidence, train_at=90, proposed="predictive", seed=0)
    document = validate_document(
        found, {"kind": "predictive", "version": None}, learning_head(SCHEMA, models, END)
    )
    json.dumps(document, allow_nan=False)
    assert not document["out_of_time"]
    present = document["horizons"][-1]["models"][0]
    assert present["auc"] is not None and present["log_loss"] is None and present["calibration"] == []
    told = " ".join(document["refused"])
    assert "too few outcomes to fit and test it out of time" in told
    assert re.search(r"0 outcomes out of time with 0 lost; 30 with 10 lost and 10 kept are needed", told)
    assert "Nothing could be fitted and tested out of time" in document["stands_on"][0]


def test_a_score_that_orders_by_chance_is_said_to_and_gets_no_lines(validated: Validated) -> None:
    rng = np.random.default_rng(0)
    o = validated.found.evidence.at(90).rows
    score, p = rng.uniform(0, 100, o.n), rng.uniform(0.2, 0.4, o.n)
    found = lines_from_risk(planted_model(), score, p, o)
    assert found.lines == ()
    assert found.refused[0][1].startswith("the order of the score cannot be told from chance (AUC 0.")
    document = json.loads(json.dumps(validated.document))
    document["horizons"][-1]["models"][0] |= {"auc": 0.5, "auc_low": 0.44, "auc_high": 0.56}
    told = "cannot be told from chance 90 days before: AUC 0.50, plausibly 0.44 to 0.56."
    assert f"The order of the model in force {told}" in headline(document)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.15, 0.47, "15 to 47%"), (0.0, 0.0019, "0.0 to 0.2%"), (0.995, 1.0, "99.5 to 100.0%")],
)
def test_a_narrow_interval_is_not_written_as_one_number(low: float, high: float, words: str) -> None:
    assert between(low, high) == words


def test_outcomes_of_one_side_have_one_sentence(validated: Validated) -> None:
    document = json.loads(json.dumps(validated.document)) | {"lost": 0}
    assert headline(document) == ["All 300 decisions were kept: there is nothing to compare them with."]
