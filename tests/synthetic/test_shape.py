"""Property: every table has the shape of the data contract, its references hold, its clocks are in order.

Requirements X1 (the data contract), S3 (both clocks), X5 (hierarchy, several products).
"""

from __future__ import annotations

from datetime import UTC, datetime, time

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from barograph.definitions.tables import TABLES
from barograph.synthetic import CompanySpec, Truth, generate
from barograph.synthetic.frame import ARROW, ATTRIBUTES, build, texts

Company = dict[str, pa.Table]

AHEAD = {
    "accounts": {"start_date"},
    "contracts": {"start_date", "end_date"},
    "goals": {"due_on"},
    "invoices": {"due_at"},
    "outcomes": {"effective_at"},
}
"""Columns that may name a day to come."""


def end_of(spec: CompanySpec) -> datetime:
    return datetime.combine(spec.end, time(), UTC)


def as_instants(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))


def test_every_table_of_the_contract_is_there_and_has_rows(company: Company) -> None:
    assert list(company) == list(TABLES)
    assert all(table.num_rows > 0 for table in company.values())


@pytest.mark.parametrize("name", TABLES)
def test_columns_and_types_are_the_contracts(company: Company, name: str) -> None:
    expected = {column.name: ARROW[column.type] for column in TABLES[name].columns}
    expected |= {attribute: ARROW[kind] for attribute, kind in ATTRIBUTES.get(name, {}).items()}
    assert {field.name: field.type for field in company[name].schema} == expected


@pytest.mark.parametrize("name", TABLES)
def test_required_columns_are_filled_and_words_are_allowed(company: Company, name: str) -> None:
    for column in TABLES[name].columns:
        values = company[name][column.name]
        if column.required:
            assert values.null_count == 0, column.name
        if column.values:
            assert set(pc.unique(values.drop_null()).to_pylist()) <= set(column.values), column.name


DECIDED_IN_THE_APPLICATION = {
    ("pulses", column) for column in ("wanted_tier", "countersigned_by", "countersigned_at")
}
"""Columns that exports of other systems do not have: a form of ours writes them."""


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_the_contract_carries_something(company: Company, name: str) -> None:
    for column in TABLES[name].columns:
        if (name, column.name) in DECIDED_IN_THE_APPLICATION:
            continue
        assert company[name][column.name].null_count < company[name].num_rows, column.name


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.identity])
def test_a_version_is_named_by_identity_and_recorded_at(company: Company, name: str) -> None:
    keys = list(dict.fromkeys([*TABLES[name].identity, "recorded_at"]))
    assert company[name].group_by(keys).aggregate([]).num_rows == company[name].num_rows


@pytest.mark.parametrize("name", TABLES)
def test_every_fact_belongs_to_a_known_account(company: Company, name: str) -> None:
    known = pc.unique(company["accounts"]["account_id"])
    assert pc.all(pc.is_in(company[name]["account_id"], value_set=known)).as_py()


def test_references_between_tables_hold(company: Company) -> None:
    for table, column, target, key in (
        ("accounts", "parent_account_id", "accounts", "account_id"),
        ("outcomes", "contract_id", "contracts", "contract_id"),
        ("tickets", "contact_id", "contacts", "contact_id"),
        ("surveys", "contact_id", "contacts", "contact_id"),
    ):
        used = company[table][column].drop_null()
        assert len(used) > 0
        assert pc.all(pc.is_in(used, value_set=pc.unique(company[target][key]))).as_py(), (table, column)
    people = set(company["contacts"]["contact_id"].to_pylist())
    listed = {
        p for row in company["interactions"]["attendees"].drop_null().to_pylist() for p in row.split(";")
    }
    assert listed and listed <= people


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_recorded_before_it_happened_or_after_the_export(
    company: Company, spec: CompanySpec, name: str
) -> None:
    table = company[name]
    recorded = table["recorded_at"]
    assert recorded.null_count == 0
    assert pc.max(recorded).as_py() < end_of(spec)
    for field in table.schema:
        if field.name in AHEAD.get(name, ()) or field.name == "recorded_at":
            continue
        if pa.types.is_timestamp(field.type) or pa.types.is_date(field.type):
            early = pc.greater(as_instants(table[field.name]), recorded)
            assert not pc.any(early).as_py(), field.name


@pytest.mark.parametrize("name", ["tickets", "invoices", "opportunities", "escalations"])
def test_what_is_known_of_a_fact_only_grows(company: Company, name: str) -> None:
    """S3: a ticket's resolution is in the version recorded after it and in none recorded before."""
    table = TABLES[name]
    key = table.identity[0]
    last = {}
    for row in company[name].sort_by([(key, "ascending"), ("recorded_at", "ascending")]).to_pylist():
        filled = {phase.clock for phase in table.phases if row[phase.clock] is not None}
        assert last.get(row[key], set()) <= filled
        last[row[key]] = filled
    assert any(last.values())


def test_no_fact_of_an_account_follows_its_loss(company: Company) -> None:
    """Nothing happens after the last day but the exit survey and the payment of the last invoice."""
    lost = {
        row["account_id"]: row["effective_at"]
        for row in company["outcomes"].to_pylist()
        if row["outcome"] == "churned"
    }
    assert len(lost) >= 45
    for name, table in TABLES.items():
        if name in ("accounts", "outcomes") or table.occurred is None:
            continue
        happened = as_instants(company[name][table.occurred]).to_pylist()
        for number, (account, at) in enumerate(
            zip(company[name]["account_id"].to_pylist(), happened, strict=True)
        ):
            if account in lost and at >= lost[account]:
                row = company[name].slice(number, 1).to_pylist()[0]
                assert name == "surveys" and row["kind"] == "relationship", (name, row)


def test_hierarchy_products_currencies_and_segments_occur(company: Company) -> None:
    accounts, contracts = company["accounts"], company["contracts"]
    assert set(pc.unique(accounts["segment"]).to_pylist()) == {"enterprise", "mid_market", "smb"}
    assert pc.count_distinct(accounts["parent_account_id"]).as_py() >= 2
    assert pc.unique(accounts.filter(accounts["is_internal"])["account_id"]).to_pylist() == [
        "internal-sandbox"
    ]
    assert set(pc.unique(contracts["product"]).to_pylist()) == {"core", "insights"}
    assert set(pc.unique(company["events"]["product"]).to_pylist()) == {"core", "insights"}
    money = {row["values"]: row["counts"] for row in pc.value_counts(contracts["currency"]).to_pylist()}
    assert set(money) == {"EUR", "USD", "GBP"} and money["EUR"] > 0.7 * contracts.num_rows
    assert set(pc.unique(contracts["notice_days"]).to_pylist()) == {30.0, 60.0, 90.0}
    assert {1.0, 12.0, 24.0, 36.0} == set(pc.unique(contracts["term_months"]).to_pylist())
    evergreen = contracts.filter(pc.is_null(contracts["end_date"]))
    assert set(pc.unique(evergreen["plan"]).to_pylist()) == {"essential"}


def test_arr_after_fits_the_outcome_bands(company: Company) -> None:
    """Decision 5: downsold at 85 % or less, expanded at 105 % or more."""
    for row in company["outcomes"].to_pylist():
        share = row["arr_after"] / row["arr_before"]
        word = (
            "churned"
            if share == 0
            else "downsold"
            if share <= 0.85
            else "expanded"
            if share >= 1.05
            else "renewed"
        )
        assert row["outcome"] == word, row


def test_there_are_enough_outcomes_to_learn_from(company: Company, planted: Truth) -> None:
    resolved = company["outcomes"].filter(pc.is_valid(company["outcomes"]["contract_id"]))
    assert planted.renewals.num_rows >= 250
    assert pc.sum(planted.renewals["lost"]).as_py() >= 45
    assert set(pc.unique(resolved["outcome"]).to_pylist()) == {"renewed", "expanded", "downsold", "churned"}


def test_a_column_outside_the_contract_is_refused() -> None:
    with pytest.raises(KeyError, match="mood"):
        build("accounts", {"account_id": texts(["a"]), "mood": texts(["good"])})


def test_only_the_tables_asked_for_are_made() -> None:
    assert list(generate(CompanySpec(accounts=100), only=["outcomes", "accounts"])) == [
        "accounts",
        "outcomes",
    ]
