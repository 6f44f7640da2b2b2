"""Property and growth: a spec names its company, whatever is made of it and however many accounts at a time.

Requirements H4 (running again gives the same answer), X3 (any size, same definitions).
"""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from barograph.definitions.tables import TABLES
from barograph.errors import UsageError
from barograph.synthetic import Company, CompanySpec, generate, write, write_events
from barograph.synthetic.spec import BLOCK

LIGHT = CompanySpec(accounts=2 * BLOCK + 50, events_per_user_week=0.05)
SMALL = CompanySpec(accounts=120, events_per_user_week=0.3)


def test_same_spec_gives_the_same_tables() -> None:
    first, second = generate(SMALL), generate(replace(SMALL))
    assert all(first[name].equals(second[name]) for name in TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_another_seed_is_another_company(name: str) -> None:
    other = replace(SMALL, seed=SMALL.seed + 1)
    assert not generate(SMALL, only=[name])[name].equals(generate(other, only=[name])[name])


def test_one_table_alone_is_the_table_of_the_whole(company: dict[str, pa.Table], spec: CompanySpec) -> None:
    for name in ("tickets", "outcomes", "escalations"):
        assert generate(spec, only=[name])[name].equals(company[name])


def test_density_of_events_changes_no_other_table() -> None:
    thin, thick = generate(SMALL), generate(replace(SMALL, events_per_user_week=2.0))
    assert thick["events"].num_rows > 3 * thin["events"].num_rows
    assert all(thin[name].equals(thick[name]) for name in TABLES if name != "events")


def test_files_in_chunks_hold_what_memory_holds(tmp_path: Path) -> None:
    whole = generate(LIGHT)
    files = write(LIGHT, tmp_path)
    assert [file.table for file in files] == list(TABLES)
    for file in files:
        stored = pq.read_table(file.path)
        assert stored.num_rows == file.rows
        assert stored.equals(whole[file.table]), file.table


def test_a_block_alone_is_its_part_of_the_whole() -> None:
    whole = generate(LIGHT, only=["tickets"])["tickets"]
    parts = [Company(LIGHT).block(number).tables(["tickets"])["tickets"] for number in (2, 1, 0)]
    assert pa.concat_tables(reversed(parts)).equals(whole)


def test_same_spec_writes_the_same_bytes(tmp_path: Path) -> None:
    for form in ("parquet", "csv"):
        once = write(SMALL, tmp_path / "once", form)
        again = write(SMALL, tmp_path / "again", form)
        assert all(a.path.read_bytes() == b.path.read_bytes() for a, b in zip(once, again, strict=True))


def test_csv_says_what_parquet_says(tmp_path: Path) -> None:
    """Instants are ISO 8601 with Z, unknown is empty, the region NA stays a word."""
    write(SMALL, tmp_path, "csv", only=["accounts", "tickets"])
    strings = arrow_csv.ConvertOptions(
        strings_can_be_null=True, null_values=[""], quoted_strings_can_be_null=False
    )
    for name in ("accounts", "tickets"):
        read = arrow_csv.read_csv(tmp_path / f"{name}.csv", convert_options=strings)
        table = generate(SMALL, only=[name])[name]
        assert read.num_rows == table.num_rows and read.column_names == table.column_names
        recorded = read["recorded_at"].cast(pa.timestamp("us", tz="UTC"))
        assert recorded.equals(table["recorded_at"])
    assert "NA" in pc.unique(generate(SMALL, only=["accounts"])["accounts"]["region"]).to_pylist()
    assert ',"NA",' in (tmp_path / "accounts.csv").read_text()


@pytest.mark.parametrize(("accounts", "wanted"), [(150, 400_000), (600, 60_000)])
def test_events_for_benchmarks_come_in_the_number_wanted(tmp_path: Path, accounts: int, wanted: int) -> None:
    files = {file.table: file for file in write_events(CompanySpec(accounts=accounts), tmp_path, wanted)}
    assert set(files) == {"accounts", "contracts", "outcomes", "events"}
    assert files["events"].rows == pytest.approx(wanted, rel=0.10)
    assert pq.read_schema(files["events"].path).field("account_id").type == pa.string()


def test_the_end_and_the_years_are_arguments() -> None:
    spec = CompanySpec(accounts=150, end=date(2023, 5, 3), years=3, events_per_user_week=0.1)
    events = generate(spec, only=["events"])["events"]
    assert pc.max(events["recorded_at"]).as_py().date() < spec.end
    assert 0 <= (pc.min(events["occurred_at"]).as_py().date() - spec.start).days < 7
    assert (spec.end - spec.start).days == 3 * 52 * 7


def test_memory_holds_one_block_whatever_the_number_of_accounts(tmp_path: Path) -> None:
    """Growth: four times the accounts need no more memory, only four times the rows."""

    def peak(accounts: int) -> tuple[int, int]:
        tracemalloc.start()
        files = write(replace(LIGHT, accounts=accounts), tmp_path / str(accounts), only=["events", "tickets"])
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, sum(file.rows for file in files)

    peak(100)  # imports and caches are not the company's
    one, rows_of_one = peak(BLOCK)
    four, rows_of_four = peak(4 * BLOCK)
    assert four < 1.4 * one
    assert rows_of_four == pytest.approx(4 * rows_of_one, rel=0.15)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accounts", 99),
        ("accounts", 1_000_001),
        ("years", 0),
        ("seed", -1),
        ("events_per_user_week", 0),
        ("late_share", 0.6),
        ("feed_gap_weeks", 27),
        ("feed_gap_weeks_before_end", 2),
        ("feed_gap_weeks_before_end", 104),
    ],
)
def test_a_setting_outside_its_limits_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(UsageError) as refused:
        CompanySpec(**{field: value})  # type: ignore[arg-type]
    assert field in str(refused.value) and str(value) in str(refused.value)


def test_wrong_format_table_block_and_density_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="xlsx"):
        write(SMALL, tmp_path, "xlsx")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="logins"):
        generate(SMALL, only=["logins"])
    with pytest.raises(UsageError, match="block 7"):
        Company(SMALL).block(7)
    with pytest.raises(UsageError, match="per active user"):
        write_events(SMALL, tmp_path, 10**9)
    assert not list(tmp_path.iterdir())
