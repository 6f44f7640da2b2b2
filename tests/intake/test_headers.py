"""Names of columns and files: what the contract fixes (rule 7), and what is only guessed (contract; X1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.definitions.tables import TABLES
from barograph.errors import ImportRefusedError, UsageError
from barograph.intake.guesses import COLUMN_WORDS, FILE_WORDS, guess_columns, guess_table
from barograph.intake.headers import SYSTEM, match_header
from barograph.intake.names import attribute_name, squash
from support.intake_lab import load, rules, stored, workspace, write_csv

CONTRACT_SYNONYMS = {
    "accounts": {
        "account_id": [
            "accountExternalId",
            "externalId",
            "companyExternalId",
            "customer_id",
            "company_id",
            "GSID",
            "SFDC Account Id",
        ],
        "csm_email": ["OwnerUserAccount", "csm", "owner", "account_owner"],
        "lifecycle_stage": ["phase", "stage"],
    },
    "contracts": {
        "arr": ["TotalContractAmount", "ACV", "annual_contract_value", "mrr"],
        "end_date": ["NextRenewalDate", "License End Date", "toDate", "contract_end_date"],
        "notice_days": ["noticePeriod"],
        "auto_renew": ["autoRenews"],
        "seats": ["LicenseCount", "seats_purchased", "quantity"],
    },
    "outcomes": {"decided_at": ["churnedAt", "churn_date"]},
    "pulses": {"sponsor_status": ["CSM Pulse", "sentiment"]},
}


def header(table: str, *names: str, **more: object) -> dict[str, str]:
    found = match_header(TABLES[table], names, shown="x.csv", **more)  # type: ignore[arg-type]
    return {target: names[position] for target, position in found.targets.items()}


@pytest.mark.parametrize(
    ("table", "target", "synonym"),
    [(t, c, s) for t, columns in CONTRACT_SYNONYMS.items() for c, found in columns.items() for s in found],
)
def test_every_synonym_of_the_contract_is_known_in_its_table(table: str, target: str, synonym: str) -> None:
    others = [name for name in TABLES[table].required if name != target]
    for spelling in (synonym, synonym.upper(), synonym.replace("_", "-"), f" {synonym} "):
        found = header(table, spelling, *others)
        assert found[target] == spelling


def test_a_synonym_counts_in_its_own_table_only() -> None:
    """decisions 22: quantity is seats in contracts and quantity in events."""
    assert header("events", "account_id", "event", "occurred_at", "quantity")["quantity"] == "quantity"
    assert header("contracts", "contract_id", "account_id", "start_date", "quantity")["seats"] == "quantity"
    found = header("opportunities", "opportunity_id", "account_id", "created_at", "stage")
    assert found["stage"] == "stage"


@given(st.sampled_from(sorted(TABLES)), st.randoms())
def test_case_and_separators_do_not_matter(table: str, random: object) -> None:
    def spelled(name: str) -> str:
        return "".join(c.upper() if random.random() < 0.5 else c for c in name).replace(  # type: ignore[attr-defined]
            "_",
            random.choice(["_", "-", " ", ""]),  # type: ignore[attr-defined]
        )

    names = [column.name for column in TABLES[table].columns]
    random.shuffle(names)  # type: ignore[attr-defined]
    found = header(table, *map(spelled, names))
    assert {target: squash(source) for target, source in found.items()} == {n: squash(n) for n in names}


def test_the_contracts_own_name_stands_over_a_synonym() -> None:
    found = match_header(TABLES["accounts"], ("customer_id", "account_id"), shown="x")
    assert found.targets["account_id"] == 1
    assert found.attributes == {"customer_id": 0}


@pytest.mark.parametrize("names", [("Account ID", "account_id"), ("customer_id", "company_id")])
def test_two_columns_that_could_be_one_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ImportRefusedError, match="could each be account_id") as caught:
        header("accounts", *names)
    assert "mapping file" in caught.value.hint


def test_a_header_that_does_not_fit_names_the_nearest_columns() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        header("tickets", "ticket", "acount_id", "created_at", "colour")
    text = str(caught.value)
    assert "ticket_id, account_id, opened_at missing" in text
    assert "account_id may be 'acount_id'" in text
    assert "opened_at may be 'created_at' (80%)" in text


def test_guesses_are_not_applied_unless_confirmed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "accounts.csv", [{"account_id": "A", "account_name": "Acme"}])
    ws = workspace(tmp_path)
    report = load(ws, path)
    assert [(g.column, g.target) for g in report.guesses] == [("account_name", "name")]
    assert [(row["name"], row["account_name"]) for row in stored(ws, "raw/accounts")] == [(None, "Acme")]
    other = workspace(tmp_path / "other")
    load(other, path, confirm=lambda guess: guess.target == "name")
    assert [row["name"] for row in stored(other, "raw/accounts")] == ["Acme"]


def test_required_columns_can_be_confirmed(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "tickets.csv", [{"ticket_id": "1", "account_id": "A", "created_at": "2026-01-02"}]
    )
    with pytest.raises(ImportRefusedError, match="opened_at missing"):
        load(workspace(tmp_path), path)
    report = load(workspace(tmp_path / "b"), path, confirm=lambda _: True)
    assert report.table("tickets").new == 1


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("cf_Customer Tier", "customer_tier"),
        ("custom.Tier", "tier"),
        ("traits.planName", "plan_name"),
        ("PaperlessBilling", "paperless_billing"),
        ("ARRGrowth", "arr_growth"),
        ("Größe (m²)", "größe_m2"),
        ("cf_", "cf"),
        ("%%", "unnamed"),
    ],
)
def test_attributes_are_named_in_words(name: str, attribute: str) -> None:
    assert attribute_name(name) == attribute


@given(st.lists(st.text(min_size=1, max_size=12), max_size=8, unique=True))
def test_no_column_is_lost_or_takes_a_reserved_name(names: list[str]) -> None:
    every = ("account_id", *names)
    try:
        found = match_header(TABLES["accounts"], every, shown="x")
    except ImportRefusedError as refusal:
        assert "could each be" in refusal.message
        return
    assert sorted([*found.targets.values(), *found.attributes.values()]) == list(range(len(every)))
    assert not set(found.attributes) & (set(TABLES["accounts"].by_name) | SYSTEM)


def test_one_attribute_with_two_spellings_is_one(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "accounts.csv", [{"account_id": "A", "PaperlessBilling": "x"}]))
    load(ws, write_csv(tmp_path / "accounts.csv", [{"account_id": "B", "paperlessbilling": "y"}]))
    assert [row["paperless_billing"] for row in stored(ws, "raw/accounts")] == ["x", "y"]


def test_a_prefix_of_custom_fields_is_stripped_from_contract_columns_too() -> None:
    assert header("accounts", "account_id", "cf_segment", "traits.region") == {
        "account_id": "account_id",
        "segment": "cf_segment",
        "region": "traits.region",
    }


def test_a_churn_date_says_that_the_outcome_is_churn(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "outcomes.csv", [{"account_id": "A", "churn_date": "2026-01-02"}]))
    assert [row["outcome"] for row in stored(ws, "raw/outcomes")] == ["churned"]


def test_mrr_is_a_twelfth_of_arr(tmp_path: Path) -> None:
    row = {"contract_id": "1", "account_id": "A", "start_date": "2026-01-02", "MRR": "1,000.50"}
    ws = workspace(tmp_path)
    load(ws, write_csv(tmp_path / "contracts.csv", [row]))
    mapped = workspace(tmp_path / "b")
    load(
        mapped,
        tmp_path / "contracts.csv",
        mapping=rules("contracts", "contracts.csv", columns={"arr": "MRR"}),
    )
    assert stored(ws, "raw/contracts")[0]["arr"] == stored(mapped, "raw/contracts")[0]["arr"] == 12006.0


@pytest.mark.parametrize(
    ("name", "table", "confidence"),
    [
        ("accounts.csv", "accounts", 1.0),
        ("Legacy Scores.xlsx", "legacy_scores", 1.0),
        ("ravenstack_accounts.csv", "accounts", 0.9),
        ("product_events.csv.gz", "events", 0.9),
        ("support_tickets.csv", "tickets", 0.9),
        ("crm_accounts.csv", "accounts", 0.9),
        ("account_metrics.csv", "metrics", 0.9),
        ("customer_contacts.csv", "contacts", 0.9),
        ("nps.csv", "surveys", 0.8),
        ("ravenstack_churn_events.csv", "outcomes", 0.8),
        ("subscriptions.csv", "contracts", 0.8),
    ],
)
def test_the_table_is_taken_from_the_files_name(name: str, table: str, confidence: float) -> None:
    assert guess_table(name) == (table, confidence)


def test_a_name_that_says_nothing_is_not_guessed(tmp_path: Path) -> None:
    assert guess_table("campaign_spend.csv") is None
    path = write_csv(tmp_path / "spend.csv", [{"a": 1}])
    with pytest.raises(ImportRefusedError, match="does not say which table"):
        load(workspace(tmp_path), path)
    with pytest.raises(UsageError, match=r"no table 'evnts'.*events"):
        load(workspace(tmp_path / "b"), path, table="evnts")


def test_guesses_name_tables_and_columns_that_exist() -> None:
    assert set(FILE_WORDS.values()) <= set(TABLES)
    for table, columns in COLUMN_WORDS.items():
        assert set(columns) <= set(TABLES[table].by_name)


def test_a_column_of_ids_is_not_guessed_for_a_word() -> None:
    """event_id and event_name are as like to `event`; one of them would make every event a kind of its own."""
    found = guess_columns(
        TABLES["events"], ("event_id", "event_name", "event_timestamp"), ("event", "occurred_at")
    )
    assert {target: name for target, (name, _) in found.items()} == {
        "event": "event_name",
        "occurred_at": "event_timestamp",
    }
    assert "event" not in guess_columns(TABLES["events"], ("event_id",), ("event",))
