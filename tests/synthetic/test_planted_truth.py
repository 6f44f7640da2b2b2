"""Planted truth: what decides renewals is visible before them, what does not decide is not.

The bands are about three standard errors wide on 2,000 accounts of four seeds, for other releases of NumPy.
Requirements L1, L4, L10, S3; the signals are read by plain queries (support.seeded_signals).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import kstest
from sklearn.linear_model import LogisticRegression

from barograph.synthetic import CompanySpec, Truth, generate, truth
from support.seeded_signals import auc, read

SEEDS = (1, 2, 3, 4)
Signals = dict[str, npt.NDArray[np.float64]]


@pytest.fixture(scope="module")
def signals() -> dict[int, Signals]:
    """Per lead in days: the signals of all seeds below each other."""
    found: dict[int, list[Signals]] = {30: [], 90: []}
    for seed in SEEDS:
        spec = CompanySpec(accounts=500, seed=seed, stories=False)
        tables, renewals = generate(spec), truth(spec).renewals
        for lead, rows in found.items():
            rows.append(read(tables, renewals, lead))
    return {
        lead: {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}
        for lead, rows in found.items()
    }


@pytest.fixture(scope="module")
def large() -> Truth:
    return truth(CompanySpec(accounts=10_000, seed=5, stories=False))


@pytest.mark.parametrize(
    ("signal", "low", "high"),
    [
        ("users_per_seat", 0.58, 0.70),
        ("usage_change", 0.55, 0.67),
        ("features", 0.57, 0.69),
        ("meetings", 0.53, 0.65),
        ("severe_days_open", 0.52, 0.63),
        ("days_late", 0.52, 0.64),
        ("goal_progress", 0.55, 0.68),
        ("pulse", 0.55, 0.67),
        ("nps", 0.51, 0.63),
    ],
)
def test_a_signal_separates_ninety_days_before(
    signals: dict[int, Signals], signal: str, low: float, high: float
) -> None:
    assert low <= auc(signals[90][signal], signals[90]["lost"]) <= high


@pytest.mark.parametrize("noise", ["page_views", "page_rows", "webinars", "founded_year", "other_milestone"])
@pytest.mark.parametrize("lead", [30, 90])
def test_noise_separates_nothing(signals: dict[int, Signals], noise: str, lead: int) -> None:
    assert abs(auc(signals[lead][noise], signals[lead]["lost"]) - 0.5) < 0.055


def test_the_older_score_is_barely_better_than_chance(signals: dict[int, Signals]) -> None:
    assert 0.53 <= auc(signals[90]["legacy"], signals[90]["lost"]) <= 0.62


def test_signals_grow_clearer_towards_the_decision(signals: dict[int, Signals]) -> None:
    names = ("users_per_seat", "usage_change", "features", "goal_progress", "severe_days_open")
    by_lead = {
        lead: np.mean([auc(rows[name], rows["lost"]) for name in names]) for lead, rows in signals.items()
    }
    assert by_lead[30] > by_lead[90] + 0.015


def test_the_truth_is_better_than_any_signal(signals: dict[int, Signals]) -> None:
    rows = signals[90]
    best = auc(-rows["p_lost"], rows["lost"])
    assert best > 0.88
    assert best > max(auc(rows[name], rows["lost"]) for name in rows if name not in ("lost", "p_lost")) + 0.1


@pytest.mark.parametrize(("signal", "gap"), [("milestone", 0.05), ("sponsor", 0.08)])
def test_milestone_and_sponsor_leave_a_gap_in_retention(
    signals: dict[int, Signals], signal: str, gap: float
) -> None:
    """L4: reached within 45 days, or a sponsor on record, goes with a lower rate of loss 90 days later."""
    have, lost = signals[90][signal], signals[90]["lost"]
    assert lost[have == 0].mean() - lost[have == 1].mean() > gap


def test_day_45_is_the_day_that_counts() -> None:
    """Missing the milestone is decided at day 45, and the dates say on which side an account is."""
    spec = CompanySpec(accounts=500, stories=False)
    planted = truth(spec)
    tables = generate(spec, only=["accounts", "milestones"])
    start = {row["account_id"]: row["start_date"] for row in tables["accounts"].to_pylist()}
    days = {
        row["account_id"]: (row["reached_at"].date() - start[row["account_id"]]).days
        for row in tables["milestones"].to_pylist()
        if row["milestone"] == planted.milestone
    }
    assert planted.milestone_days == 45
    assert {44, 45, 46, 47} <= set(days.values())
    for row in planted.renewals.to_pylist():
        assert row["milestone_missed"] == (days.get(row["account_id"], 10_000) > planted.milestone_days)


def test_planted_weights_are_recovered_from_the_outcomes(large: Truth) -> None:
    rows = large.renewals
    names = [*large.weights, *large.effects]
    design = np.column_stack([rows[name].to_numpy().astype(float) for name in names])
    segments = np.array(rows["segment"].to_pylist())
    design = np.column_stack([design, segments == "enterprise", segments == "smb"])
    fit = LogisticRegression(C=np.inf, max_iter=2_000).fit(design, rows["lost"].to_numpy())
    planted = [-weight for weight in large.weights.values()] + list(large.effects.values())
    planted += [large.segment_effects["enterprise"], large.segment_effects["smb"]]
    p = fit.predict_proba(design)[:, 1]
    whole = np.column_stack([np.ones(len(p)), design])
    errors = np.sqrt(np.diag(np.linalg.inv((whole.T * (p * (1 - p))) @ whole)))
    assert errors.max() < 0.12
    assert (np.abs(np.r_[fit.intercept_, fit.coef_[0]] - [large.intercept, *planted]) < 4 * errors).all()


def test_the_true_probability_is_true(large: Truth) -> None:
    """It follows from the drivers and weights, and outcomes come as often as it says in every tenth of it."""
    p, lost = large.renewals["p_lost"].to_numpy(), large.renewals["lost"].to_numpy()
    assert np.allclose(p, 1 / (1 + np.exp(-large.log_odds())), atol=1e-12)
    for part in np.array_split(np.argsort(p), 10):
        spread = np.sqrt((p[part] * (1 - p[part])).sum()) / len(part)
        assert abs(lost[part].mean() - p[part].mean()) < 4 * spread
    assert large.base_rate == pytest.approx(p.mean())


def test_rates_are_plausible(large: Truth) -> None:
    outcomes = np.array(large.renewals["outcome"].to_pylist())
    share = {word: (outcomes == word).mean() for word in np.unique(outcomes)}
    assert 0.15 < share["churned"] < 0.21
    assert 0.04 < share["downsold"] < 0.10
    assert 0.11 < share["expanded"] < 0.20


def test_the_day_of_a_decision_says_nothing_about_it(large: Truth) -> None:
    """No leak through the calendar: days from term start to decision are spread alike for lost and kept."""
    contract = {row: n for n, row in enumerate(large.renewals["contract_id"].to_pylist())}
    assert len(contract) == large.renewals.num_rows
    month_start = np.array([c[-6:] for c in large.renewals["contract_id"].to_pylist()], dtype="U6")
    started = np.array([f"{m[:4]}-{m[4:]}" for m in month_start], dtype="datetime64[M]").astype(
        "datetime64[D]"
    )
    waited = (large.renewals["decided_on"].to_numpy() - started).astype(int)
    lost = large.renewals["lost"].to_numpy()
    yearly = waited < 400
    assert kstest(waited[lost & yearly], waited[~lost & yearly]).pvalue > 0.001


def test_evergreen_cancellations_are_told_apart(large: Truth) -> None:
    assert large.evergreen.num_rows > 100
    assert not set(large.evergreen["account_id"].to_pylist()) & set(large.renewals["account_id"].to_pylist())
