"""Which decisions are observed from when: properties over drawn outcomes, and cases written out (O2, S3, L9)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.core.calendar import is_grid_day
from barograph.core.outcomes.record import CHURNED, CONTRACT, DOWNSOLD, EXPANDED, OPT_OUT, RENEWED, Outcomes
from barograph.definitions.model import OutcomeRules
from barograph.pipeline.observations_decisions import entities, look_back, one_per_day

RULES = OutcomeRules()
NAN = float("nan")


def outcomes(*rows: dict[str, object]) -> Outcomes:
    """Outcomes with account, anchor and what else matters; renewed at 100 by default."""
    base = {
        "account": "acme", "contract": "", "product": "", "outcome": RENEWED, "anchor": 20_000, "decided": NAN,
        "cancelled": NAN, "ended": NAN, "before": 100.0, "after": 100.0, "known": 20_100, "horizon": NAN, "stays": False,  # noqa: E501
    }  # fmt: skip
    full = [base | row for row in rows]

    def floats(key: str) -> np.ndarray:
        return np.array([float(row[key]) for row in full])

    return Outcomes(
        account_ids=texts([row["account"] for row in full]),
        contract_ids=texts([row["contract"] for row in full]),
        product=texts([row["product"] for row in full]),
        outcome=np.array([row["outcome"] for row in full], dtype=np.int8),
        anchor=np.array([row["anchor"] for row in full], dtype=np.int64),
        anchor_kind=np.full(len(full), OPT_OUT, dtype=np.int8),
        decided=floats("decided"),
        opt_out=floats("anchor"),
        effective=floats("anchor") + 30,
        cancelled=floats("cancelled"),
        ended=floats("ended"),
        arr_before=floats("before"),
        arr_after=floats("after"),
        known=np.array([row["known"] for row in full], dtype=np.int64),
        horizon=floats("horizon"),
        account_stays=np.array([row["stays"] for row in full], dtype=bool),
        source=np.full(len(full), CONTRACT, dtype=np.int8),
    )


def lost(**more: object) -> dict[str, object]:
    return {"outcome": CHURNED, "after": 0.0, "ended": 20_030.0} | more


@given(
    st.lists(st.integers(19_000, 21_000), min_size=1, max_size=20),
    st.sampled_from([(30, 60, 90), (45,), (1, 365)]),
)
def test_every_row_looks_from_a_monday_at_least_the_horizon_ahead(
    anchors: list[int], horizons: tuple[int, ...]
) -> None:
    found = outcomes(*({"anchor": a, "account": f"a{i}"} for i, a in enumerate(anchors)))
    look = look_back(found, horizons)
    assert len(look.as_of) == len(anchors) * len(horizons)
    ahead = found.anchor[look.decision] - look.as_of
    assert all(is_grid_day(day) for day in look.as_of.tolist())
    assert ((ahead >= look.horizon) & (ahead < look.horizon + 7)).all()


@pytest.mark.parametrize("column", ["ended", "cancelled", "decided"])
def test_a_row_is_left_out_only_when_something_was_settled_before_it(column: str) -> None:
    look = look_back(outcomes(lost()), (90,))
    as_of = int(look.as_of[0])
    at = look_back(outcomes(lost(**{column: as_of})), (90,))
    before = look_back(outcomes(lost(**{column: as_of - 1})), (90,))
    assert (len(at.as_of), at.settled) == (1, 0)
    assert (len(before.as_of), before.settled) == (0, 1)


def test_a_lapse_is_looked_at_from_the_day_before_its_silence_whatever_is_asked() -> None:
    found = outcomes({"horizon": 84.0, "outcome": CHURNED, "ended": 19_916.0})
    look = look_back(found, (30, 60, 90))
    assert look.horizon.tolist() == [84]
    assert 19_909 < look.as_of[0] <= 19_916


def test_contracts_decided_on_one_day_are_one_decision() -> None:
    found = one_per_day(
        outcomes(lost(contract="a"), {"contract": "b", "after": 130.0, "known": 20_200}), RULES
    )
    assert len(found) == 1
    assert (found.arr_before[0], found.arr_after[0], found.known[0]) == (200, 130, 20_200)
    assert found.outcome[0] == DOWNSOLD
    assert np.isnan(found.ended[0])
    assert one_per_day(outcomes(lost(contract="a"), lost(contract="b")), RULES).outcome.tolist() == [CHURNED]


def test_a_contract_lost_by_an_account_that_stays_is_a_downsell_of_the_account_and_a_loss_of_the_product() -> (
    None
):
    found = outcomes(lost(product="crm", stays=True), {"product": "erp", "anchor": 20_050, "after": 120.0})
    assert one_per_day(found, RULES).outcome.tolist() == [DOWNSOLD, RENEWED]
    assert one_per_day(found, RULES, "product").outcome.tolist() == [CHURNED, RENEWED]
    assert entities(found, "product").tolist() == ["acme / crm", "acme / erp"]


@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    rows = [
        {"account": f"a{i % 3}", "anchor": 20_000 + i // 3, "contract": f"c{i}", "after": 100.0 + i}
        for i in range(6)
    ]
    one, two = one_per_day(outcomes(*rows), RULES), one_per_day(outcomes(*(rows[i] for i in order)), RULES)
    keys = sorted(zip(one.account_ids, one.anchor, one.arr_after, strict=True))
    assert keys == sorted(zip(two.account_ids, two.anchor, two.arr_after, strict=True))


def test_merged_revenue_that_grew_is_an_expansion() -> None:
    found = one_per_day(outcomes({"contract": "a", "after": 90.0}, {"contract": "b", "after": 130.0}), RULES)
    assert found.outcome.tolist() == [EXPANDED]
    assert replace(found).lost.tolist() == [False]
