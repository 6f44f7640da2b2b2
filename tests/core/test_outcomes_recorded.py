"""Recorded outcomes: anchors that do not leak, bands, and what wins over what (O2, L8, decisions 2 and 5)."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.calendar import to_date
from barograph.core.outcomes.derive import Activity, derive_outcomes
from barograph.core.outcomes.given import from_given
from barograph.core.outcomes.record import ANCHORS, OUTCOMES, SOURCES
from barograph.definitions.model import LapseRule, OutcomeRules
from barograph.errors import RefusedError
from support.outcome_terms import FIRST, LATE, NAN, RULES, day, given, terms


def test_given_outcomes_are_anchored_where_they_were_decided() -> None:
    rows = given(
        {"outcome": "renewed", "decided": "2024-10-01", "effective": "2025-01-01"},
        {"account": "beta", "decided": "2024-11-05", "effective": "2025-01-01"},
        {"account": "gamma", "effective": "2025-01-01"},
    )
    found, _, notices = from_given(rows, terms(FIRST), RULES, LATE)
    kinds = [ANCHORS[k] for k in found.anchor_kind]
    assert list(zip(kinds, [to_date(int(a)).isoformat() for a in found.anchor], strict=True)) == [
        ("decided", "2024-10-01"), ("decided", "2024-11-05"), ("effective", "2025-01-01"),
    ]  # fmt: skip
    assert notices == ()


def test_a_date_for_one_class_only_is_flagged_and_not_used() -> None:
    """Churn has decided_at, renewals do not: both are anchored at the opt-out deadline of their contract."""
    rows = given(
        {"id": "c0", "outcome": "renewed", "effective": "2025-01-01"},
        {"id": "c1", "account": "beta", "decided": "2024-09-17"},
        {"account": "lost", "decided": "2024-09-17"},
    )
    two = terms(FIRST | {"notice": 30}, FIRST | {"account": "beta", "notice": 60})
    found, matched, notices = from_given(rows, two, RULES, LATE)
    assert [to_date(int(a)).isoformat() for a in found.anchor] == ["2024-12-01", "2024-11-01"]
    assert [ANCHORS[k] for k in found.anchor_kind] == ["opt_out", "opt_out"]
    assert matched.tolist() == [0, 1]
    assert found.decided[1] == day("2024-09-17")  # kept, and not used
    assert [(n.code, n.count) for n in notices] == [("one_sided_decided_at", 2), ("no_anchor", 1)]


def test_revenue_decides_what_it_is_called() -> None:
    rows = given(
        {"outcome": "renewed", "effective": "2025-01-01", "before": 100, "after": 60},
        {"outcome": "expanded", "effective": "2025-01-01", "account": "b"},
        {"outcome": "churned", "effective": "2025-01-01", "account": "c", "before": 100, "after": 100},
    )
    found, _, notices = from_given(rows, terms(), RULES, LATE)
    assert [OUTCOMES[o] for o in found.outcome] == ["downsold", "expanded", "churned"]
    assert found.arr_after.tolist() == pytest.approx([60, NAN, 0], nan_ok=True)
    assert [(n.code, n.count) for n in notices] == [("rebanded", 1)]


def test_an_outcome_counts_from_when_it_was_known() -> None:
    rows = given({"effective": "2025-01-01", "known": "2025-03-01"})
    assert len(from_given(rows, terms(), RULES, int(day("2025-03-01")))[0]) == 0
    found, _, _ = from_given(rows, terms(), RULES, int(day("2025-03-02")))
    assert found.known.tolist() == [day("2025-03-02")]


def test_recorded_outcomes_stand_over_derived_ones() -> None:
    """c0 would be derived as churned; the file says renewed. c1 is derived, the file does not name it."""
    both = terms(FIRST, FIRST | {"account": "beta"})
    rows = given({"account": "acme", "outcome": "renewed", "effective": "2025-01-02"})
    result = derive_outcomes(RULES, LATE, terms=both, given=rows)
    assert [(a, OUTCOMES[o], SOURCES[s]) for a, o, s in zip(
        result.outcomes.account_ids, result.outcomes.outcome, result.outcomes.source, strict=True)] == [
        ("acme", "renewed", "given"), ("beta", "churned", "contract")]  # fmt: skip
    only = derive_outcomes(OutcomeRules(source="contracts"), LATE, terms=both, given=rows)
    assert [SOURCES[s] for s in only.outcomes.source] == ["contract", "contract"]
    recorded = derive_outcomes(OutcomeRules(source="outcomes"), LATE, terms=both, given=rows)
    assert [SOURCES[s] for s in recorded.outcomes.source] == ["given"]


def test_a_list_of_losses_beside_contracts_is_one_sided() -> None:
    """The usual churn list: its dates are not used, the contracts' deadlines are."""
    both = terms(
        FIRST | {"notice": 30},
        FIRST | {"account": "beta", "notice": 30},
        {"account": "beta", "start": "2025-01-01"},
    )
    result = derive_outcomes(
        RULES, int(day("2025-06-01")), terms=both, given=given({"decided": "2024-07-01"})
    )
    fixed = result.outcomes.take(result.outcomes.source != SOURCES.index("evergreen"))
    assert [(a, OUTCOMES[o], to_date(int(n)).isoformat()) for a, o, n in zip(
        fixed.account_ids, fixed.outcome, fixed.anchor, strict=True)] == [
        ("acme", "churned", "2024-12-01"), ("beta", "renewed", "2024-12-01")]  # fmt: skip
    assert "one_sided_decided_at" in {n.code for n in result.notices}


def test_a_recorded_loss_ends_an_evergreen_contract() -> None:
    quarters = [int(day(d)) for d in ("2024-01-01", "2024-04-01", "2024-07-01")]
    monthly = terms({"start": "2023-06-01"}, {"start": "2023-06-01", "account": "beta"})
    result = derive_outcomes(
        RULES, LATE, terms=monthly, given=given({"effective": "2024-05-10"}), edges=quarters
    )
    acme = result.outcomes.take(np.asarray(result.outcomes.account_ids == "acme"))
    assert [OUTCOMES[o] for o in acme.outcome] == ["renewed", "churned"]
    assert set(acme.source.tolist()) == {SOURCES.index("evergreen")}


def test_what_a_reader_must_know_of_the_contracts() -> None:
    rows = [
        FIRST,
        FIRST | {"account": "b", "arr": NAN, "notice": 30},
        FIRST | {"account": "c", "cancelled": "2023-12-01"},
    ]
    notices = derive_outcomes(RULES, LATE, terms=terms(*rows)).notices
    assert [(n.code, n.count) for n in notices] == [
        ("no_notice_days", 2),
        ("no_revenue", 1),
        ("never_began", 1),
    ]


def test_without_contracts_the_lapse_rule_holds_and_without_it_nothing_is_told() -> None:
    facts = Activity(texts(["a", "a"]), np.array([0, 25]))
    rules = OutcomeRules(lapse=LapseRule(source="events", active_days=20, horizon_days=10))
    assert len(derive_outcomes(rules, 100, activity=facts).outcomes) > 0
    with pytest.raises(RefusedError, match=r"0 outcomes recorded, 0 contract terms, lapse rule none"):
        derive_outcomes(RULES, 100, activity=facts)
