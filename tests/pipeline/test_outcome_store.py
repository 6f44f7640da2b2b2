"""Outcomes read from raw: both clocks, corrections, internal accounts, lapse; written out by hand (O2, S3, X1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from barograph.core.calendar import day_number, to_date
from barograph.core.outcomes.derive import OutcomeSet
from barograph.core.outcomes.record import OUTCOMES
from barograph.definitions.model import LapseRule, OutcomeRules
from barograph.errors import RefusedError
from barograph.pipeline.outcome_store import workspace_outcomes
from barograph.workspace import Workspace
from support.renewals import moment, planted_model, workspace
from support.signal_data import RawTables

DAY = day_number(date(2026, 1, 5))
AUTO = OutcomeRules()


def read(place: Workspace, rules: OutcomeRules = AUTO, day: int = DAY) -> OutcomeSet:
    return workspace_outcomes(place.lake, place.lake.manifest(), rules, day, place.settings.timezone)


def said(found: OutcomeSet) -> list[tuple[str, str]]:
    o = found.outcomes
    return sorted((str(a), OUTCOMES[c]) for a, c in zip(o.account_ids, o.outcome, strict=True))


def term(raw: RawTables, account: str, known: int, **more: object) -> None:
    raw.add("contracts", known=moment(known), contract_id=f"{account}-1", account_id=account,
            start_date=date(2024, 11, 1), end_date=date(2025, 10, 31), **({"arr": 100.0} | more))  # fmt: skip


@pytest.mark.parametrize(("recorded", "outcome"), [(-1, "renewed"), (0, "churned"), (1, "churned")])
def test_a_renewal_counts_when_it_was_recorded_before_the_day(
    recorded: int, outcome: str, tmp_path: Path
) -> None:
    raw = RawTables()
    term(raw, "acme", 20_000)
    raw.add("contracts", known=moment(DAY + recorded, 0), contract_id="acme-2", account_id="acme",
            start_date=date(2025, 11, 1), end_date=date(2026, 10, 31), arr=100.0)  # fmt: skip
    found = read(workspace(tmp_path / "ws", raw.tables, planted_model()))
    assert said(found) == [("acme", outcome)]


def test_the_last_version_known_by_the_day_counts(tmp_path: Path) -> None:
    raw = RawTables()
    term(raw, "acme", 20_000)
    for known, outcome in ((DAY - 20, "renewed"), (DAY - 10, "churned"), (DAY, "renewed")):
        raw.add("outcomes", known=moment(known), account_id="acme", contract_id="acme-1", outcome=outcome,
                effective_at=moment(day_number(date(2025, 10, 31))))  # fmt: skip
    place = workspace(tmp_path / "ws", raw.tables, planted_model())
    assert said(read(place)) == [("acme", "churned")]
    assert said(read(place, day=DAY - 10)) == [("acme", "renewed")]
    assert read(place).outcomes.known.tolist() == [DAY - 9]


def test_the_companys_own_accounts_decide_nothing(tmp_path: Path) -> None:
    raw = RawTables()
    term(raw, "own", 20_000)
    term(raw, "acme", 20_000)
    raw.add("accounts", known=moment(20_000), account_id="own", is_internal=True)
    raw.add("accounts", known=moment(20_000), account_id="acme")
    assert said(read(workspace(tmp_path / "ws", raw.tables, planted_model()))) == [("acme", "churned")]


def test_money_is_that_of_the_reporting_currency(tmp_path: Path) -> None:
    raw = RawTables()
    term(raw, "acme", 20_000, arr_reporting=92.0)
    assert read(workspace(tmp_path / "ws", raw.tables, planted_model())).outcomes.arr_before.tolist() == [
        92.0
    ]


def test_silence_is_judged_on_the_facts_the_rule_names(tmp_path: Path) -> None:
    rules = OutcomeRules(
        source="lapse",
        lapse=LapseRule(source="events", where={"event": "order"}, active_days=60, horizon_days=30),
    )
    raw = RawTables()
    for back in (100, 40, 10):
        raw.add("events", account_id="buys", event="order", occurred_at=moment(DAY - back))
    for back in (100, 40):
        raw.add("events", account_id="quiet", event="order", occurred_at=moment(DAY - back))
    raw.add("events", account_id="quiet", event="visit", occurred_at=moment(DAY - 10))
    found = read(workspace(tmp_path / "ws", raw.tables, planted_model()), rules)
    assert found.outcomes.anchor.tolist() == [DAY, DAY]
    assert said(found) == [("buys", "renewed"), ("quiet", "churned")]
    assert to_date(int(found.outcomes.known[0])) == date(2026, 1, 5)


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    raw = RawTables()
    raw.add("accounts", known=moment(20_000), account_id="acme")
    with pytest.raises(RefusedError, match="no outcomes can be told with source = 'auto'"):
        read(workspace(tmp_path / "ws", raw.tables, planted_model()))
