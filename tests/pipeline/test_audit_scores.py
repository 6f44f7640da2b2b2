"""The audit of an older score: figures counted by hand on six accounts, scales and clocks (L10, L11, L8)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from barograph.core.calendar import day_number, to_date
from barograph.definitions.model import OutcomeRules
from barograph.errors import RefusedError, UsageError
from barograph.pipeline.audit_figures import audit_horizon, audit_warning, colours
from barograph.pipeline.audit_scores import AuditedScores, Lines, audited_scores
from barograph.reports.audit_score import audit_document
from support.renewals import moment, planted_model, workspace
from support.signal_data import RawTables

DAY = day_number(date(2026, 11, 16))
DECIDED = day_number(date(2026, 6, 15))  # a Monday
LINES = Lines()
ACCOUNTS = (
    ("red-lost", "churned", 30.0, 900.0),
    ("green-lost", "churned", 80.0, 100.0),
    ("amber-lost", "churned", 60.0, 200.0),
    ("red-kept", "renewed", 40.0, 50.0),
    ("green-kept", "renewed", 90.0, 50.0),
    ("unscored", "churned", None, 10.0),
)


def raw_tables(scores: list[dict[str, Any]] | None = None) -> RawTables:
    raw = RawTables()
    for account, outcome, score, arr in ACCOUNTS:
        raw.add("outcomes", known=moment(DECIDED), account_id=account, contract_id=f"{account}-1", outcome=outcome,
                decided_at=moment(DECIDED), arr_before=arr, arr_after=0.0 if outcome == "churned" else arr)  # fmt: skip
        if score is not None and scores is None:
            for back in (200, 100, 40):
                day = DECIDED - back
                raw.add(
                    "legacy_scores", known=moment(day), account_id=account, as_of=to_date(day), score=score
                )
    for row in scores or []:
        raw.add("legacy_scores", **row)
    return raw


def audited(folder: Path, raw: RawTables, **more: Any) -> AuditedScores:
    settings = {"table": "legacy_scores", "horizons": (30, 90), "lines": LINES, "day": DAY} | more
    return audited_scores(workspace(folder / "ws", raw.tables, planted_model()), OutcomeRules(), **settings)


def test_every_figure_is_the_one_counted_by_hand(tmp_path: Path) -> None:
    found = audited(tmp_path, raw_tables())
    audit = audit_horizon(found, 90, LINES, seed=0)
    assert (len(audit.rows), audit.lost, audit.missing, audit.missing_lost) == (5, 3, 1, 1)
    # kept 40 and 90 against lost 30, 80, 60: 40 beats one of three, 90 all three
    assert audit.auc.value == pytest.approx(4 / 6)
    assert audit.caught.value == pytest.approx(1 / 3)
    assert audit.caught_arr == pytest.approx(900 / 1200)
    assert audit.cells.precision == pytest.approx(1 / 2)
    assert audit.balanced_accuracy.value == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert [(c.tier, c.n, c.lost, c.arr_lost) for c in audit.colours] == [
        ("red", 2, 1, 900), ("amber", 1, 1, 200), ("green", 2, 1, 100)
    ]  # fmt: skip
    accounts = found.outcomes.account_ids[found.look.decision[audit.green_lost]]
    assert accounts.tolist() == ["green-lost"]


def test_warning_counts_from_the_first_red_and_surprises_are_the_never_red(tmp_path: Path) -> None:
    warning = audit_warning(audited(tmp_path, raw_tables()))
    assert (warning.lost, warning.flagged, warning.surprises) == (3, 1, 2)
    assert warning.lead_median == 200
    assert (warning.surprise_arr, warning.lost_arr) == (300, 1200)
    assert (warning.false_alarms, warning.treated_alarms) == (1, 0)


def test_the_document_says_it_in_a_sentence_and_lists_who_was_missed(tmp_path: Path) -> None:
    found = audited(tmp_path, raw_tables())
    horizons = [audit_horizon(found, days, LINES, seed=0) for days in (30, 90)]
    document = audit_document(found, horizons, audit_warning(found), LINES, {"currency": "EUR"})
    assert "catches 33% of what was lost" in document["headline"][0]
    assert [row["account_id"] for row in document["missed"]] == ["green-lost"]
    assert [entry["days"] for entry in document["horizons"]] == [30, 90]


def one(**columns: Any) -> dict[str, Any]:
    return {
        "account_id": "red-lost",
        "as_of": to_date(DECIDED - 100),
        "known": moment(DECIDED - 100),
    } | columns


@pytest.mark.parametrize(
    ("row", "health"),
    [
        ({"score": 30.0}, 30),
        ({"score": 3.0, "scale_min": 0.0, "scale_max": 10.0}, 30),
        ({"score": 70.0, "higher_is": "worse"}, 30),
        ({"score": 8.0, "scale_min": 1.0, "scale_max": 11.0, "higher_is": "worse"}, 30),
        ({"score": 140.0}, 100),
        ({"score": 30.0, "known": moment(DECIDED - 80)}, None),
        ({"score": 30.0, "as_of": to_date(DECIDED - 160), "known": moment(DECIDED - 160)}, None),
    ],
)
def test_scales_directions_lateness_and_age(
    row: dict[str, Any], health: float | None, tmp_path: Path
) -> None:
    rows = [
        one(**row),
        one(account_id="green-kept", score=50.0, as_of=to_date(DECIDED - 300), known=moment(DECIDED - 300)),
    ]
    found = audited(tmp_path, raw_tables(rows), horizons=(90,))
    here = found.health[found.outcomes.account_ids[found.look.decision] == "red-lost"]
    np.testing.assert_allclose(here, [np.nan if health is None else health])


def test_lines_belong_to_the_better_colour_and_must_make_sense() -> None:
    health = np.array([49.9999999, 49.9, 50.0, 69.9, 70.0])
    assert colours(health, LINES).tolist() == ["amber", "red", "amber", "amber", "green"]
    with pytest.raises(UsageError, match="no lines of a score"):
        Lines(70, 50)


def test_without_scores_or_decisions_it_refuses_with_counts(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="legacy_scores has 0 rows"):
        audited(tmp_path, raw_tables([]))
    late = raw_tables([one(as_of=to_date(DECIDED + 5), known=moment(DECIDED + 5), score=50.0)])
    with pytest.raises(RefusedError, match="no decision lies after the first of 1 older scores"):
        audited(tmp_path / "late", late)
