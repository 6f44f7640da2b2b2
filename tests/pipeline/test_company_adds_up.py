"""Every published account-week of the seeded company adds up to 1e-9 and keeps the rules (property; H2, H3, H4)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from barograph.core.ledger_lines import KINDS
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import load_model
from support.chain import scored_table
from support.chain_company import DAYS, Company

EXACT = 1e-9
TIERS = {"at_risk": 0, "watch": 1, "healthy": 2, "growth": 3}


def numbers(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def total(table: pa.Table, prefix: str) -> npt.NDArray[np.float64]:
    """Sum of all columns that begin so, null as nothing."""
    columns = [name for name in table.column_names if name.startswith(prefix)]
    assert columns
    return np.sum([np.nan_to_num(numbers(table, name)) for name in columns], axis=0)


@pytest.fixture(scope="module")
def model(company: Company) -> ScoreModel:
    return load_model(company.place.model_file())


@pytest.fixture(scope="module")
def weeks(company: Company) -> dict[int, pa.Table]:
    return {day: scored_table(company.place, day) for day in DAYS}


def test_there_is_enough_to_look_at(weeks: dict[int, pa.Table]) -> None:
    """Otherwise what follows would hold of nothing."""
    rows = [row for table in weeks.values() for row in table.to_pylist()]
    assert len(rows) > 900
    assert sum(row["score"] is None for row in rows) >= 10
    kinds = {item["kind"] for row in rows for item in row["change"]}
    assert kinds >= {"data", "stale", "weights", "cap"}
    assert {row["tier"] for row in rows} == {*TIERS, "insufficient"}


@pytest.mark.parametrize("day", DAYS)
def test_the_score_is_base_plus_contributions_plus_caps(weeks: dict[int, pa.Table], day: int) -> None:
    table = weeks[day]
    score = numbers(table, "score")
    known = ~np.isnan(score)
    by_signal = (
        numbers(table, "base") + total(table, "contribution.") + np.nan_to_num(numbers(table, "cap_points"))
    )
    by_component = (
        numbers(table, "base")
        + total(table, "component_contribution.")
        + np.nan_to_num(numbers(table, "cap_points"))
    )
    assert np.abs(by_signal - score)[known].max() <= EXACT
    assert np.abs(by_component - score)[known].max() <= EXACT
    assert np.abs(total(table, "weight.") - 100)[known].max() <= EXACT
    assert score[known].min() >= 0
    assert score[known].max() <= 100
    assert all(np.isnan(numbers(table, "base")) == ~known)


@pytest.mark.parametrize("day", DAYS)
def test_contributions_are_weight_times_points(
    weeks: dict[int, pa.Table], model: ScoreModel, day: int
) -> None:
    table = weeks[day]
    for signal in model.scored:
        weight, points = numbers(table, f"weight.{signal.name}"), numbers(table, f"points.{signal.name}")
        contribution = numbers(table, f"contribution.{signal.name}")
        counted = ~np.isnan(contribution)
        assert np.abs(weight * np.nan_to_num(points) / 100 - contribution)[counted].max() <= EXACT


@pytest.mark.parametrize(("before", "day"), list(pairwise(DAYS)))
def test_the_ledger_adds_up_to_the_difference_of_what_was_published(
    weeks: dict[int, pa.Table], before: int, day: int
) -> None:
    earlier = dict(zip(*(weeks[before][c].to_pylist() for c in ("account_id", "score")), strict=True))
    compared = 0
    for row in weeks[day].to_pylist():
        assert row["previous_as_of"] == before
        assert row["previous_score"] == earlier.get(row["account_id"])
        items: list[dict[str, Any]] = row["change"]
        assert {item["kind"] for item in items} <= set(KINDS)
        if row["change_statement"] != "items":
            assert not any(item["points"] for item in items)
            continue
        compared += 1
        summed = row["previous_score"] + sum(item["points"] for item in items)
        assert abs(summed - row["score"]) <= EXACT, row["account_id"]
    assert compared > 50


def test_only_a_first_week_or_a_missing_score_has_no_ledger(weeks: dict[int, pa.Table]) -> None:
    for (_, before), (_, table) in pairwise(weeks.items()):
        earlier = dict(zip(*(before[c].to_pylist() for c in ("account_id", "score")), strict=True))
        for row in table.to_pylist():
            account = row["account_id"]
            expected = (
                "first_week" if account not in earlier
                else "items" if None not in (earlier[account], row["score"])
                else {(True, True): "still_insufficient", (True, False): "was_insufficient",
                      (False, True): "became_insufficient"}[earlier[account] is None, row["score"] is None]
            )  # fmt: skip
            assert row["change_statement"] == expected


def test_nobody_without_a_score_is_shown_in_colour(weeks: dict[int, pa.Table]) -> None:
    for table in weeks.values():
        for row in table.to_pylist():
            assert (row["score"] is None) == (row["tier"] == "insufficient")
            assert (row["score"] is None) == (row["insufficient"] != "enough")


def test_the_tier_began_when_it_is_said_to_have_begun(weeks: dict[int, pa.Table]) -> None:
    """A tier that is shown for n weeks is the one of each of the last n published weeks."""
    shown = {
        day: dict(zip(table["account_id"].to_pylist(), table["tier"].to_pylist(), strict=True))
        for day, table in weeks.items()
    }
    for row in weeks[DAYS[-1]].to_pylist():
        account, since = row["account_id"], row["tier_since"]
        for day in DAYS:
            if account in shown[day] and day >= since:
                assert shown[day][account] == row["tier"]
        earlier = [d for d in DAYS if d < since and account in shown[d]]
        if earlier:
            assert shown[earlier[-1]][account] != row["tier"]
