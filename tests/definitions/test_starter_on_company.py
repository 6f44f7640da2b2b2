"""The shipped saas model on the seeded company. Truth: planted (what each told account must look like)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from barograph.core.inputs import WeekInputs
from barograph.core.score import WeekScores, score_week
from barograph.core.thresholds import tier_names
from barograph.core.tiers import advance
from barograph.definitions.propose import fit_ranges, propose_model
from barograph.definitions.propose.data_profile import Spread
from barograph.definitions.starters import load_starter
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.engines.duckdb.profile import profile_lake
from barograph.signals.request import SignalRequest
from barograph.synthetic import CompanySpec
from barograph.synthetic.stories import STORIES
from support.company_lake import write_company

SPEC = CompanySpec(accounts=150)
MODEL = load_starter("saas")
SCOPES = ("segment", "plan", "lifecycle", "touch_model")


@dataclass(frozen=True)
class Week:
    scores: WeekScores
    tiers: dict[str, str]
    values: dict[str, dict[str, float]]

    def tier(self, story: str) -> str:
        return self.tiers[account(story)]

    def score(self, story: str) -> float:
        return float(self.scores.score[list(self.scores.account_ids).index(account(story))])


def account(story: str) -> str:
    return next(s.account_id for s in STORIES if s.key == story)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return write_company(SPEC, tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def week(lake: dict[str, list[Path]]) -> Week:
    request = SignalRequest(lake, MODEL.signals, MODEL.population, (SPEC.end_day,))
    table = DuckDBEngine(memory_limit="1GiB").compute(request)
    ids = table.column("account_id").to_pylist()
    names = [s.name for s in MODEL.signals]
    values = {n: table.column(n).to_numpy(zero_copy_only=False).astype(float) for n in names}
    reasons = {n: table.column(f"{n}__why").to_numpy(zero_copy_only=False) for n in names}
    attributes = {a: np.array(table.column(a).to_pylist(), dtype=object) for a in SCOPES}
    scores = score_week(
        WeekInputs.of(SPEC.end_day, ids, values, reasons=reasons, attributes=attributes), MODEL
    )
    shown = tier_names(advance(None, scores).computed).tolist()
    by_account = {a: {n: float(values[n][i]) for n in names} for i, a in enumerate(ids)}
    return Week(scores, dict(zip(ids, shown, strict=True)), by_account)


def test_scores_spread_over_the_tiers(week: Week) -> None:
    known = week.scores.score[~np.isnan(week.scores.score)]
    assert len(known) >= 0.95 * len(week.tiers)
    assert np.median(known) > 60
    assert np.percentile(known, 90) - np.percentile(known, 10) > 25
    share = {
        tier: sum(t == tier for t in week.tiers.values()) / len(week.tiers)
        for tier in set(week.tiers.values())
    }
    assert 0.02 <= share["at_risk"] <= 0.35
    assert 0.10 <= share["watch"] <= 0.45
    assert share["healthy"] >= 0.20
    assert 0.03 <= share["growth"] <= 0.35


def test_every_signal_has_values(week: Week) -> None:
    for signal in MODEL.signals:
        known = sum(not np.isnan(v[signal.name]) for v in week.values.values())
        assert known >= 0.3 * len(week.values), signal.name


@pytest.mark.parametrize(
    ("story", "tier"),
    [
        ("notice_given", {"at_risk"}),
        ("green_no_sponsor", {"watch"}),
        ("sponsor_just_left", {"watch"}),
        ("open_p1", {"watch"}),
        ("usage_collapse", {"watch"}),
        ("no_data", {"insufficient"}),
        ("growth", {"growth"}),
        ("migration", {"healthy", "growth"}),
        ("advocate", {"healthy", "growth"}),
        ("newly_healthy", {"healthy", "growth"}),
        ("rescued", {"healthy", "growth"}),
        ("onboarding", {"healthy", "growth"}),
        ("child_digital", {"healthy", "growth"}),
        ("overdue", {"watch", "healthy"}),
        ("power_users_dropped", {"watch", "healthy"}),
    ],
)
def test_told_accounts_stand_where_their_story_puts_them(week: Week, story: str, tier: set[str]) -> None:
    assert week.tier(story) in tier, (story, week.score(story))


def test_the_green_account_without_a_sponsor_has_a_good_score(week: Week) -> None:
    """The cap, not the number, is what shows it (decision 7)."""
    assert week.score("green_no_sponsor") > 60


def test_strong_child_scores_above_weak_child(week: Week) -> None:
    assert week.score("child_digital") > week.score("child_south")


def test_the_internal_account_and_the_lost_one_are_not_scored(week: Week) -> None:
    assert account("internal") not in week.tiers


def test_proposal_for_the_company_keeps_the_starters_weights(lake: dict[str, list[Path]]) -> None:
    profile = profile_lake(lake)
    proposal = propose_model(profile)
    assert proposal.base == "saas"
    assert {s.name: s.weight for s in proposal.model.scored} == {s.name: s.weight for s in MODEL.scored}
    assert len(proposal.model.candidates) == 60
    assert proposal.left_out > 0
    names = [s.name for s in proposal.model.signals]
    assert {"founded_year", "accounts_founded_year"} & set(names) == set()  # a year is no measure
    assert "first_workflow_live_in_time" in names
    assert "storage_gb_latest" in names


def test_shipped_ranges_fit_the_company(week: Week) -> None:
    """They tell its accounts apart as they are, so nothing of what carries weight is moved."""
    fitted = fit_ranges(MODEL, {s.name: spread_of(week, s.name) for s in MODEL.signals})
    assert [s.normalise for s in fitted.scored] == [s.normalise for s in MODEL.scored]


def spread_of(week: Week, signal: str) -> Spread:
    found = [v[signal] for v in week.values.values() if not np.isnan(v[signal])]
    low, median, high = (float(q) for q in np.percentile(found, [10, 50, 90]))
    return Spread(low, median, high, min(found), max(found))
