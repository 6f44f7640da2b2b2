"""The mapping files of examples/ on the data they were written for (reference; X1).

Each set is imported twice: the counts add up, are those of the files, and the second time nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from barograph.intake import ImportReport, read_mapping
from barograph.workspace import Workspace
from support.intake_lab import load, workspace
from support.shared_data import REPOSITORY, data_set

EXAMPLES = REPOSITORY / "examples"


class Imported:
    """One data set in a workspace."""

    def __init__(self, folder: Path, name: str) -> None:
        self.data = data_set(name)
        self.ws: Workspace = workspace(folder)
        self.mapping = EXAMPLES / name / "mapping.toml"
        self.report: ImportReport = load(self.ws, self.data, mapping=self.mapping)

    def one(self, query: str) -> tuple[object, ...]:
        """The first row of a query, with `raw/<table>` as tables."""
        with closing(duckdb.connect()) as connection:
            for dataset in self.ws.lake.manifest().datasets:
                files = [str(path) for path in self.ws.lake.paths(dataset)]
                connection.execute(f'CREATE VIEW "{dataset}" AS SELECT * FROM read_parquet({files})')
            return connection.execute(query).fetchone() or ()

    def counts(self, table: str) -> tuple[int, int, int]:
        """Rows, new and quarantined."""
        found = self.report.table(table)
        return found.rows, found.new, found.quarantined


LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("miaad_saas", "online_retail")]


@pytest.fixture(scope="module", params=["customer360", "interconnect", "ravenstack", *LARGE])
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    yield Imported(tmp_path_factory.mktemp(request.param), request.param)


@pytest.mark.shared_data
def test_a_second_import_changes_nothing(imported: Imported) -> None:
    before = imported.ws.lake.manifest()
    load(imported.ws, imported.data, mapping=imported.mapping)
    assert imported.ws.lake.manifest() == before


@pytest.mark.shared_data
def test_what_each_set_is_known_for(imported: Imported) -> None:
    CHECKS[imported.data.name](imported)


def customer360(found: Imported) -> None:
    assert found.counts("accounts") == (300, 300, 0)
    assert found.one("SELECT count(*) FROM \"raw/accounts\" WHERE region = 'NA'") == (93,)
    assert found.one("SELECT count(*), sum(arr) FROM \"raw/contracts\" WHERE currency = 'USD'")[0] == 300
    assert found.report.table("contacts").clocks == {"declared": 1000}
    # Open tickets have a date in resolved_at that is not a resolution.
    assert found.one('SELECT count(DISTINCT ticket_id) FROM "raw/tickets" WHERE resolved_at IS NOT NULL') == (
        293,
    )
    assert all(table.quarantined == 0 for table in found.report.tables)


def interconnect(found: Imported) -> None:
    assert found.counts("accounts") == found.counts("contracts") == (7043, 7043, 0)
    assert found.report.table("contracts").versions == 7043 + 1869
    assert found.one('SELECT count(*) FROM "raw/contracts" WHERE end_date IS NOT NULL') == (0,)
    assert found.one(
        'SELECT count(*), count(*) FILTER (streaming_tv) FROM "raw/accounts" WHERE internet_service IS NOT NULL'
    ) == (5517, 2707)
    assert found.one('SELECT count(multiple_lines) FROM "raw/accounts"') == (6361,)


def ravenstack(found: Imported) -> None:
    assert found.report.table("contracts").filtered == {"trial without revenue": 778}
    assert found.counts("events") == (25_000, 25_000, 0)
    assert found.one("SELECT count(*) FROM \"raw/outcomes\" WHERE outcome = 'churned'") == (600,)
    # One account was lost twice on one day, under two reasons: one decision, said in two ways.
    assert found.counts("outcomes")[1] == 599
    assert found.one('SELECT count(*) FROM "raw/tickets" WHERE _known_at < opened_at') == (0,)
    assert found.one(
        'SELECT count(*) FROM "raw/tickets" WHERE resolution_time_hours IS NOT NULL AND _known_at < resolved_at'
    ) == (0,)


def miaad_saas(found: Imported) -> None:
    assert found.report.table("contracts").filtered == {"trial without revenue": 6383}
    assert found.counts("contracts")[1] == 5617
    assert found.counts("events") == (521_921, 521_921, 0)
    assert found.one(
        'SELECT count(DISTINCT contract_id) FROM "raw/contracts" WHERE cancelled_at IS NOT NULL'
    ) == (3530,)
    assert found.one('SELECT count(DISTINCT invoice_id) FROM "raw/invoices" WHERE paid_at IS NULL') == (0,)
    assert found.report.table("events").known_accounts_share == 1.0


def online_retail(found: Imported) -> None:
    table = found.report.table("events")
    assert table.rows == 525_461 + 531_282
    # Lines without a customer: an empty id in one file, 0 in the other.
    with closing(duckdb.connect()) as connection:
        missing = 0
        for name, column in (("2009-12_2010-12", "Customer ID"), ("2010-12_2011-12", "CustomerID")):
            row = connection.execute(
                f"SELECT count(*) FROM '{found.data / name}.parquet' WHERE coalesce(\"{column}\", 0) = 0"
            ).fetchone()
            missing += row[0] if row else 0
    assert table.quarantined == missing
    # The second file begins with nine days that the first one has too.
    assert table.unchanged == 14_505
    assert found.one("SELECT count(*) FROM \"raw/events\" WHERE regexp_matches(account_id, '[^0-9]')") == (0,)
    assert found.one("SELECT count(*) FROM \"raw/events\" WHERE (quantity < 0) <> (event = 'return')") == (0,)
    double = found.one('SELECT count(*) FROM (SELECT _key FROM "raw/events" GROUP BY 1 HAVING count(*) > 1)')
    assert double == (0,)


CHECKS = {
    check.__name__: check for check in (customer360, interconnect, ravenstack, miaad_saas, online_retail)
}


def test_every_example_is_a_mapping_and_is_checked() -> None:
    found = {file.parent.name for file in EXAMPLES.glob("*/mapping.toml")}
    assert found >= set(CHECKS)
    for name in found:
        assert read_mapping(EXAMPLES / name / "mapping.toml").name == name
