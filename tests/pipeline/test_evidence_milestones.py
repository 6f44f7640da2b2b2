"""Milestones beside first decisions: rows counted by hand, and the planted milestone found (L4, S5)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from barograph.core.calendar import day_number, to_date
from barograph.definitions.model import OutcomeRules
from barograph.errors import RefusedError
from barograph.learning.milestones import find_milestones
from barograph.pipeline.evidence_milestones import milestone_evidence
from barograph.reports.milestones import milestones_document
from support.renewals import END, company, moment, planted_model, workspace
from support.signal_data import RawTables

START = day_number(date(2025, 1, 6))


def test_days_count_from_the_start_and_only_the_first_decision_does(tmp_path: Path) -> None:
    raw = RawTables()
    for account, reached, outcome in (
        ("a", START + 10, "renewed"),
        ("b", START - 5, "churned"),
        ("c", None, "renewed"),
    ):
        raw.add("accounts", known=moment(START), account_id=account, start_date=to_date(START), segment="smb")
        for term, decided in ((1, START + 300), (2, START + 650)):
            raw.add("outcomes", known=moment(decided), account_id=account, contract_id=f"{account}{term}",
                    outcome=outcome if term == 1 else "churned", decided_at=moment(decided))  # fmt: skip
        if reached is not None:
            raw.add("milestones", account_id=account, milestone="live", reached_at=moment(reached))
    raw.add("accounts", known=moment(START), account_id="d", start_date=to_date(START - 400))
    raw.add("outcomes", known=moment(START + 9), account_id="d", contract_id="d1", outcome="renewed",
            decided_at=moment(START + 9))  # fmt: skip
    found = milestone_evidence(workspace(tmp_path / "ws", raw.tables, planted_model()), OutcomeRules(), END)
    (live,) = found.data
    assert (live.name, found.accounts, found.lost, found.before_records) == ("live", 3, 1, 1)
    np.testing.assert_array_equal(live.reached, [10.0, 0.0, np.nan])
    assert live.lost.tolist() == [False, True, False]
    assert live.start.tolist() == [START] * 3


def test_the_planted_milestone_is_found(tmp_path: Path) -> None:
    place = workspace(tmp_path / "ws", company(320, seed=2, noise=0).raw, planted_model(0))
    evidence = milestone_evidence(place, OutcomeRules(), END)
    (found,) = find_milestones(list(evidence.data), np.random.default_rng(0), permutations=400)
    assert found.published
    assert found.gap.value > 0.15
    document = milestones_document(evidence, [found], {})
    assert "associated with" in document["summary"]
    assert document["milestones"][0]["within_days"] == found.days


def test_no_milestones_are_refused(tmp_path: Path) -> None:
    raw = {key: rows for key, rows in company(5).raw.items() if key != "milestones"}
    with pytest.raises(RefusedError, match="0 rows"):
        milestone_evidence(workspace(tmp_path / "ws", raw, planted_model()), OutcomeRules(), END)
