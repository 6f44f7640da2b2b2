"""Bad input to learning gets a named refusal or warning with its counts, and the model in force stays (refusal).
L2, L3, L6, S3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from barograph.core.calendar import to_date
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.errors import RefusedError
from barograph.pipeline.evidence import gather
from barograph.pipeline.learn import LearnSettings, Learnt, learn
from barograph.pipeline.learn_inputs import models_of
from barograph.reports.learn import learn_document
from barograph.workspace import Workspace
from support.renewals import BEGIN, END, NOW, company, moment, planted_model, workspace
from support.signal_data import Raw

MODEL = planted_model()
Row = dict[str, Any]


def learnt(place: Workspace) -> Learnt:
    """What learning says about a workspace; whatever it is, the model in force has not changed."""
    models = models_of(place)
    before = place.model_file().read_bytes()
    evidence = gather(place, DuckDBEngine(), models.in_force, day=END, views=models.views, horizons=(90,))
    found = learn(models, evidence, LearnSettings(), now=NOW)
    assert place.model_file().read_bytes() == before
    assert models_of(place).registry.versions("planted") == []
    return found


def notices(found: Learnt) -> str:
    head: dict[str, Any] = {"schema": ""}
    return "\n".join(learn_document(found, MODEL, None, head)["notices"])


def metrics(raw: Raw, change: dict[str, float | None]) -> Raw:
    """The same tables with a metric set to one value everywhere, or (None) without it."""
    rows = [
        row | {"value": change[row["metric"]]} if row["metric"] in change else row
        for row in raw["metrics"]
        if change.get(row["metric"], 0.0) is not None
    ]
    return {**raw, "metrics": rows}


@pytest.mark.parametrize(("rate", "side"), [(0.0, "kept"), (1.0, "lost")])
def test_one_sided_outcomes(rate: float, side: str, tmp_path: Path) -> None:
    found = learnt(workspace(tmp_path / "ws", company(45, rate=rate).raw, MODEL))
    n = found.rows.rows.evidence()[0]
    assert found.kept is None
    assert f"all {n} resolved outcomes are {side}" in found.reason
    assert "10 lost and as many kept" in found.reason


def test_too_few_outcomes_say_how_many_more(tmp_path: Path) -> None:
    found = learnt(workspace(tmp_path / "ws", company(25, rate=0.3).raw, MODEL))
    n, lost = found.rows.rows.evidence()
    assert found.too_few and found.kept is None
    assert f"{30 - n} more resolved outcomes" in found.reason
    assert f"{n} with {lost} lost; 30 with 10 needed" in found.reason


def test_constant_and_absent_signals_are_named_and_left_alone(tmp_path: Path) -> None:
    raw = metrics(company(60, rate=0.3).raw, {"noise_0": 4.0, "noise_1": None})
    found = learnt(workspace(tmp_path / "ws", raw, MODEL))
    n = found.rows.rows.n
    said = notices(found)
    assert all(notice.text in said for notice in found.rows.notices)
    assert f"noise_0 is 4 in all {n} observations that have it" in said
    assert f"noise_1 has no value in any of {n} observations" in said or "noise_1" in found.untestable


def test_complete_separation_is_held_for_review_by_name(tmp_path: Path) -> None:
    found = learnt(workspace(tmp_path / "ws", company(90, rate=0.35, effect=60.0).raw, MODEL))
    assert "adoption alone separates all" in notices(found)
    assert "adoption" in found.proposal.leaks.left_out
    assert "adoption" not in {s.name for s in found.proposal.signals} or found.kind != "scorecard"


def test_decisions_before_the_first_data_are_refused_with_their_count(tmp_path: Path) -> None:
    raw = company(40).raw
    recent = [row for row in raw["metrics"] if row["_day"] >= END - 60]
    early = {**raw, "metrics": recent}
    for table in ("outcomes", "contracts"):
        early[table] = [row for row in raw[table] if row["_known_day"] < BEGIN + 500]
    place = workspace(tmp_path / "ws", early, MODEL)
    with pytest.raises(
        RefusedError, match=r"none can be looked back on: \d+ rows lie before the data begin"
    ) as e:
        gather(place, DuckDBEngine(), MODEL, day=END, horizons=(90,))
    assert "history that reaches back" in str(e.value)


def test_an_account_given_twice_for_one_day_is_one_decision(tmp_path: Path) -> None:
    raw = company(40).raw
    twice: list[Row] = []
    for row in raw["outcomes"]:
        other = row | {"contract_id": f"{row['contract_id']}b", "_key": f"{row['_key']}b"}
        twice += [row, other]
    contracts = list(raw["contracts"])
    for row in raw["contracts"]:
        if row["contract_id"].endswith("-1"):
            contracts.append(row | {"contract_id": f"{row['contract_id']}b", "_key": f"{row['_key']}b"})
    one = gather(workspace(tmp_path / "one", raw, MODEL), DuckDBEngine(), MODEL, day=END, horizons=(90,))
    place = workspace(tmp_path / "two", {**raw, "outcomes": twice, "contracts": contracts}, MODEL)
    two = gather(place, DuckDBEngine(), MODEL, day=END, horizons=(90,))
    assert two.rows.evidence() == one.rows.evidence()
    assert (two.rows.arr_before == 2 * one.rows.arr_before).all()


def test_outcomes_recorded_before_their_decision_day_wait_for_it(tmp_path: Path) -> None:
    """A decision dated after the day it was recorded counts from its own day on, never before."""
    raw = company(40).raw
    ahead = [row | {"_known_at": moment(row["_known_day"] - 20)} for row in raw["outcomes"]]
    ahead = [row | {"_known_day": row["_known_day"] - 20} for row in ahead]
    place = workspace(tmp_path / "ws", {**raw, "outcomes": ahead}, MODEL)
    rows = gather(place, DuckDBEngine(), MODEL, day=END, horizons=(90,)).rows
    assert (rows.known_day >= rows.decision).all()
    assert to_date(int(rows.decision.max())) < to_date(END)
