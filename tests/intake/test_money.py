"""Money in one reporting currency, with the rate and its date kept (rule 3)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from barograph.workspace import Currency, Rate, Workspace
from support.intake_lab import load, stored, workspace, write_csv

RATES = (
    Rate(currency="EUR", date=date(2026, 1, 1), rate=1.1),
    Rate(currency="EUR", date=date(2026, 7, 1), rate=1.2),
    Rate(currency="GBP", date=date(2026, 1, 1), rate=1.3),
)


def with_rates(folder: Path, rates: tuple[Rate, ...] = RATES) -> Workspace:
    ws = workspace(folder)
    return Workspace(ws.path, ws.settings.model_copy(update={"currency": Currency(rates=rates)}))


def contract(number: int, start: str, arr: str, currency: str | None) -> dict[str, object]:
    row = {"contract_id": str(number), "account_id": "A", "start_date": start, "arr": arr}
    return row if currency is None else row | {"currency": currency}


@pytest.mark.parametrize(
    ("start", "currency", "rate", "day"),
    [
        ("2026-03-01", "EUR", 1.1, date(2026, 1, 1)),
        ("2026-06-30", "EUR", 1.1, date(2026, 1, 1)),
        ("2026-07-01", "eur", 1.2, date(2026, 7, 1)),
        ("2030-01-01", "EUR", 1.2, date(2026, 7, 1)),
        ("2020-01-01", "EUR", 1.1, date(2026, 1, 1)),
        ("2026-03-01", "USD", 1.0, None),
        ("2026-03-01", "", 1.0, None),
    ],
)
def test_a_row_is_converted_at_the_latest_rate_not_after_its_day(
    tmp_path: Path, start: str, currency: str, rate: float, day: date | None
) -> None:
    ws = with_rates(tmp_path)
    load(ws, write_csv(tmp_path / "contracts.csv", [contract(1, start, "1,000", currency)]))
    (row,) = stored(ws, "raw/contracts")
    assert (row["arr"], row["arr_rate"], row["arr_rate_date"]) == (1000.0, rate, day)
    assert row["arr_reporting"] == pytest.approx(1000 * rate)


def test_an_unknown_currency_is_quarantined_with_what_to_do(tmp_path: Path) -> None:
    ws = with_rates(tmp_path)
    rows = [
        contract(1, "2026-01-01", "5", "CHF"),
        contract(2, "2026-01-01", "", "CHF"),
        contract(3, "2026-01-01", "5", "EUR"),
    ]
    report = load(ws, write_csv(tmp_path / "contracts.csv", rows)).table("contracts")
    assert (report.new, report.quarantined) == (2, 1)
    (kept,) = stored(ws, "quarantine/contracts", order="row")
    assert (kept["column"], kept["value"]) == ("currency", "CHF")
    assert "one of USD, EUR, GBP; add the rate" in kept["expected"]


def test_an_amount_that_names_its_currency_is_believed(tmp_path: Path) -> None:
    ws = with_rates(tmp_path)
    rows = [
        contract(1, "2026-01-01", "€ 100", ""),
        contract(2, "2026-01-01", "100 GBP", ""),
        contract(3, "2026-01-01", "EUR 5", "GBP"),
    ]
    report = load(ws, write_csv(tmp_path / "contracts.csv", rows)).table("contracts")
    assert report.currencies == {"EUR": 1, "GBP": 1}
    assert [round(row["arr_reporting"]) for row in stored(ws, "raw/contracts")] == [110, 130]
    (kept,) = stored(ws, "quarantine/contracts", order="row")
    assert kept["value"] == "two different ones"


def test_an_assumed_currency_is_said(tmp_path: Path) -> None:
    report = load(
        with_rates(tmp_path), write_csv(tmp_path / "contracts.csv", [contract(1, "2026-01-01", "5", None)])
    )
    assert "1 rows with money name no currency: USD was assumed." in report.table("contracts").warnings
    assert report.table("contracts").currencies == {"": 1}


def test_a_corrected_rate_restates_what_is_imported_again(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "contracts.csv", [contract(1, "2026-03-01", "100", "EUR")])
    ws = with_rates(tmp_path)
    load(ws, path)
    corrected = Currency(rates=(Rate(currency="EUR", date=date(2026, 1, 1), rate=1.15),))
    again = Workspace(ws.path, ws.settings.model_copy(update={"currency": corrected}))
    assert load(again, path).table("contracts").changed == 1
    assert [row["arr_rate"] for row in stored(ws, "raw/contracts")] == [1.1, 1.15]
