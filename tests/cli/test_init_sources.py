"""What a person accepted at `init` is kept with the source, so that the weekly import reads the same columns as the
first one did (X1). Truth: examples on files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from barograph.intake import confirmed_before, import_paths
from barograph.workspace import Source, Workspace
from support.chain_cli import run

CONTRACTS = "contract_id,account_id,start_date,end_date,arr\nC1,A1,2025-01-01,2026-12-31,1200\n"


def exports(folder: Path, *accounts: str) -> Path:
    folder.mkdir(exist_ok=True)
    lines = "".join(f"{name},Account {name},2025-0{n}-01\n" for n, name in enumerate(accounts, start=1))
    (folder / "accounts.csv").write_text(f"account_id,name,signup_date\n{lines}")
    (folder / "contracts.csv").write_text(CONTRACTS)
    return folder


def test_the_weekly_import_reads_what_was_accepted(tmp_path: Path) -> None:
    data = exports(tmp_path / "exports", "A1")
    made = run("init", tmp_path / "ws", "--data", data, "--yes")
    assert made.code == 0, made.err
    place = Workspace.open(tmp_path / "ws")
    [source] = place.settings.sources
    assert source.confirmed == ("accounts.start_date = signup_date",)

    exports(data, "A1", "A2")
    later = datetime(2026, 11, 23, tzinfo=UTC)
    import_paths(place, [source.path], now=later, confirm=confirmed_before(source.confirmed))
    rows = [
        row
        for path in place.lake.paths("raw/accounts")
        for row in pq.read_table(path, columns=["account_id", "start_date"]).to_pylist()
    ]
    assert {"account_id": "A2", "start_date": date(2025, 2, 1)} in rows


def test_what_nobody_accepted_is_not_written(tmp_path: Path) -> None:
    made = run("init", tmp_path / "ws", "--data", exports(tmp_path / "exports", "A1"))
    assert made.code == 0, made.err
    [source] = Workspace.open(tmp_path / "ws").settings.sources
    assert source.confirmed == ()
    assert "confirmed" not in (tmp_path / "ws" / "barograph.toml").read_text()


@pytest.mark.parametrize(
    "confirmed", [(), ("accounts.start_date = signup_date", "accounts.plan = Plan, 'old' \"é😀")]
)
def test_a_source_is_written_as_it_is_read(tmp_path: Path, confirmed: tuple[str, ...]) -> None:
    source = Source(path="exports", confirmed=confirmed)
    place = Workspace.create(tmp_path / "ws").with_source(source)
    assert Workspace.open(place.path).settings.sources == (source,)
    assert place.with_source(source).settings.sources == (source,), "the same source twice is one"
