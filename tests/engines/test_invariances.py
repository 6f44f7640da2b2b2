"""Property: how the work is cut does not matter (S3, H4).

A backfill of K weeks equals K single weeks to the last bit; the order of rows, columns and files, the number
of files and the other accounts that are computed along change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from barograph.definitions.model import Population
from barograph.engines.base import SignalEngine
from barograph.engines.duckdb.engine import DuckDBEngine
from support.oracle import compute
from support.oracle_compare import changed_cells, disagreements, run
from support.oracle_facts import calendar_day, day_number
from support.oracle_signals import ALL_SIGNALS, SIGNALS, TEMPLATE_NAMES, stands_alone
from support.signal_data import ACCOUNT_IDS, Raw, RawTables, build_raw

ZONE = "America/New_York"
DAYS = tuple(day_number(date(2024, 10, 21)) + 7 * week for week in range(3))
EVERYBODY = Population(rule="accounts")
SOME_SIGNALS = tuple(signal for many in SIGNALS.values() for signal in many[:4])
"""Up to four of each template; all of them are compared with the oracle elsewhere."""
SPLITS = {"one file, another order": (1, 5), "nine files, another order": (9, 7)}


@pytest.fixture(scope="module")
def raw() -> Raw:
    return build_raw(41, DAYS, timezone=ZONE)


def table_of(
    engine: SignalEngine, folder: Path, raw: Raw, days: Sequence[int] = DAYS, **how: int
) -> pa.Table:
    return run(engine, folder, raw, SOME_SIGNALS, days, population=EVERYBODY, timezone=ZONE, **how)


@pytest.fixture(scope="module")
def backfill(engine: SignalEngine, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """All weeks at once, one file per table in the order in which the rows came."""
    return table_of(engine, tmp_path_factory.mktemp("backfill"), raw)


@pytest.fixture(scope="module")
def weeks(engine: SignalEngine, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """The same weeks, each computed alone."""
    return pa.concat_tables(table_of(engine, tmp_path_factory.mktemp("week"), raw, [day]) for day in DAYS)


def assert_equal(left: pa.Table, right: pa.Table) -> None:
    """Equal to the last bit; the first few cells that are not otherwise."""
    different = changed_cells(left.to_pylist(), right.to_pylist())
    assert not different, different[:8]


def columns_of(template: str) -> list[str]:
    return [s.name + part for s in SIGNALS[template][:4] for part in ("", "__n", "__why")]


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_backfill_equals_single_weeks(backfill: pa.Table, weeks: pa.Table, template: str) -> None:
    names = ["account_id", "as_of", *columns_of(template)]
    assert_equal(weeks.select(names), backfill.select(names))


def test_backfill_of_account_state_equals_single_weeks(backfill: pa.Table, weeks: pa.Table) -> None:
    assert weeks.schema == backfill.schema
    assert_equal(weeks, backfill)


def test_all_templates_at_once_equal_the_oracle(backfill: pa.Table, raw: Raw) -> None:
    expected = compute(raw, SOME_SIGNALS, EVERYBODY, DAYS, ZONE)
    different = disagreements(backfill, expected, SOME_SIGNALS)
    assert not different, "\n".join([f"{len(different)} differences", *different[:8]])


@pytest.mark.parametrize(("files", "shuffle"), SPLITS.values(), ids=SPLITS)
def test_order_and_number_of_files(
    engine: SignalEngine, tmp_path: Path, raw: Raw, backfill: pa.Table, files: int, shuffle: int
) -> None:
    assert_equal(table_of(engine, tmp_path, raw, files=files, shuffle=shuffle), backfill)


def test_rows_come_by_day_then_account(backfill: pa.Table) -> None:
    places = [(row["as_of"], row["account_id"]) for row in backfill.to_pylist()]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def tied_contracts() -> Raw:
    """Forty accounts, each with four terms of one revenue that end on one day: only a stated rule decides."""
    rows = RawTables(ZONE)
    for account in range(40):
        for place in range(4):
            rows.add(
                "contracts",
                contract_id=f"{account}-{place}",
                account_id=f"a{account}",
                start_date=calendar_day(DAYS[0] - 200),
                end_date=calendar_day(DAYS[-1] + 100),
                arr=None if account % 2 else 100.0,
                notice_days=float(15 * ((place + account) % 4)),
                plan=["basic", "pro", "team", "top"][(place + account) % 4],
            )
    return rows.tables


@pytest.mark.parametrize("shuffle", range(4))
def test_ties_among_contracts_are_decided_by_rule(engine: SignalEngine, tmp_path: Path, shuffle: int) -> None:
    raw = tied_contracts()
    expected = compute(raw, (), Population(), DAYS[:1], ZONE)
    table = run(
        engine, tmp_path, raw, (), DAYS[:1], population=Population(), timezone=ZONE, files=4, shuffle=shuffle
    )
    assert not disagreements(table, expected, ())


def copies(raw: Raw, count: int) -> Raw:
    """Every account `count` times over, each copy with keys of its own."""
    return {
        table: [
            {**row, "account_id": f"{row['account_id']}#{i}", "_key": f"{row['_key']}#{i}"}
            for row in rows
            for i in range(count)
        ]
        for table, rows in raw.items()
    }


def test_copies_of_accounts_have_the_same_numbers(
    engine: SignalEngine, tmp_path: Path, raw: Raw, backfill: pa.Table
) -> None:
    expected = [
        {**row, "account_id": f"{row['account_id']}#{i}"} for row in backfill.to_pylist() for i in range(3)
    ]
    expected.sort(key=lambda row: (row["as_of"], row["account_id"]))
    different = changed_cells(table_of(engine, tmp_path, copies(raw, 3)).to_pylist(), expected)
    assert not different, different[:8]


@pytest.mark.parametrize("limit", [{"cells_per_shard": 700}, {"facts_per_shard": 20}])
def test_duckdb_in_shards(tmp_path: Path, raw: Raw, backfill: pa.Table, limit: dict[str, int]) -> None:
    """A few accounts at a time."""
    signals = tuple(many[0] for name, many in SIGNALS.items() if name not in ("ratio", "per_seat"))
    sharded = DuckDBEngine(memory_limit="1GiB", threads=2, **limit)
    table = run(sharded, tmp_path, raw, signals, DAYS, population=EVERYBODY, timezone=ZONE)
    assert_equal(table, backfill.select(table.column_names))


@pytest.fixture(scope="module")
def two_towns() -> tuple[Raw, Raw]:
    """Two workspaces that share no account and no key."""
    here = build_raw(43, DAYS, timezone=ZONE, accounts=ACCOUNT_IDS[:5])
    there = copies(build_raw(44, DAYS, timezone=ZONE, accounts=ACCOUNT_IDS[5:]), 1)
    return here, there


@pytest.mark.slow
def test_without_the_other_accounts(engine: SignalEngine, tmp_path: Path, two_towns: tuple[Raw, Raw]) -> None:
    """Signals that ask nothing of the feed are the same whoever else is in the workspace."""
    here, there = two_towns
    together = {table: [*here[table], *there[table]] for table in here}
    signals = [s for s in ALL_SIGNALS if stands_alone(s)]
    how = {"population": EVERYBODY, "timezone": ZONE}
    alone = run(engine, tmp_path / "alone", here, signals, DAYS[-1:], **how).to_pylist()
    beside = run(engine, tmp_path / "beside", together, signals, DAYS[-1:], **how).to_pylist()
    accounts = {row["account_id"] for rows in here.values() for row in rows}
    assert alone
    different = changed_cells([row for row in beside if row["account_id"] in accounts], alone)
    assert not different, different[:8]
