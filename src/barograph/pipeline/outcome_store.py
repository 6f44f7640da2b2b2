"""Outcomes of a workspace as known at a day: contract terms, recorded decisions and activity, read from raw.

Every row counts by both clocks: what was recorded on or after the day does not exist yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from barograph.core.arrays import FloatArray, TextArray, texts
from barograph.core.outcomes.derive import Activity, OutcomeSet, derive_outcomes
from barograph.core.outcomes.record import OUTCOMES, GivenOutcomes, Terms
from barograph.definitions.base import Where
from barograph.definitions.model import LapseRule, OutcomeRules
from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.engine import describe
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.signals.conditions import predicate, staged
from barograph.signals.sources import Columns, files_sql
from barograph.signals.sql import local_day, quote


def workspace_outcomes(
    lake: Lake,
    manifest: Manifest,
    rules: OutcomeRules,
    day: int,
    timezone: str,
    edges: Sequence[int] | None = None,
) -> OutcomeSet:
    """Every outcome that counts at `day` under the rules of a model; internal accounts are left out.

    edges: see `derive_outcomes`. Raises RefusedError when no source that the rules allow is imported.
    """
    with connect() as connection:
        source = RawSource(connection, lake, manifest, day, timezone)
        terms = source.terms()
        given = source.given()
        activity = source.activity(rules.lapse) if rules.lapse is not None else None
    return derive_outcomes(rules, day, terms=terms, given=given, activity=activity, edges=edges)


class RawSource:
    """The raw tables of one manifest, read as known before `day`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Lake,
        manifest: Manifest,
        day: int,
        timezone: str,
    ) -> None:
        self.connection = connection
        self.lake = lake
        self.manifest = manifest
        self.day = int(day)
        self.timezone = timezone

    def paths(self, table: str) -> list[Path]:
        """Files of a raw table; empty when it was never imported."""
        return self.lake.resolve(self.manifest.entries(f"raw/{table}"))

    def columns(self, table: str) -> Columns:
        """Columns of a raw table with their SQL types."""
        return describe(self.connection, self.paths(table))

    def terms(self) -> Terms | None:
        """Contract terms, None without a contracts table."""
        paths = self.paths("contracts")
        if not paths:
            return None
        columns = self.columns("contracts")
        days = {name: self._day(name, columns) for name in ("start_date", "end_date", "cancelled_at")}
        rows = self._rows(
            f"SELECT account_id, {_text('contract_id', columns)}, {_text('product', columns)}, "
            f"{days['start_date']}, {days['end_date']}, {_money('arr', columns)}, "
            f"{_number('notice_days', columns)}, "
            f"CASE WHEN {days['cancelled_at']} < {self.day} THEN {days['cancelled_at']} END "
            f"FROM ({self.current('contracts')}) WHERE {days['start_date']} IS NOT NULL "
            f"AND {self.external()} ORDER BY account_id, 2, 4, _seq"
        )
        return Terms(texts(rows[0]), texts(rows[1]), texts(rows[2]), *(_floats(c) for c in rows[3:]))

    def given(self) -> GivenOutcomes | None:
        """Recorded decisions, None without an outcomes table."""
        paths = self.paths("outcomes")
        if not paths:
            return None
        columns = self.columns("outcomes")
        decided, effective = self._day("decided_at", columns), self._day("effective_at", columns)
        words = ", ".join(f"'{word}'" for word in OUTCOMES)
        rows = self._rows(
            f"SELECT account_id, {_text('contract_id', columns)}, outcome, "
            f"CASE WHEN {decided} < {self.day} THEN {decided} END, {effective}, "
            f"{_money('arr_before', columns)}, {_money('arr_after', columns)}, _known_day "
            f"FROM ({self.current('outcomes')}) WHERE outcome IN ({words}) AND {self.external()} "
            "ORDER BY account_id, 2, 5, 4, _seq"
        )
        code = {word: place for place, word in enumerate(OUTCOMES)}
        outcome = np.array([code[word] for word in rows[2]], dtype=np.int8)
        return GivenOutcomes(texts(rows[0]), texts(rows[1]), outcome, *(_floats(c) for c in rows[3:]))

    def activity(self, rule: LapseRule) -> Activity | None:
        """Account and day of every fact that counts as activity; None when its table was never imported."""
        found = self.facts(rule.source, dict(rule.where))
        return None if found is None else Activity(*found)

    def facts(self, table: str, where: Where) -> tuple[TextArray, Any] | None:
        """(account, local day), each once, of the facts of a table that match `where`."""
        if not self.paths(table):
            return None
        columns = self.columns(table)
        asked = ", ".join(
            f"{quote(c) if c in columns else 'CAST(NULL AS VARCHAR)'} AS {staged(c)}" for c in sorted(where)
        )
        rows = self._rows(
            f"SELECT DISTINCT account_id, _day FROM (SELECT *{', ' + asked if asked else ''} "
            f"FROM ({self.current(table)})) WHERE _day < {self.day} AND {predicate(where)} "
            f"AND {self.external()} ORDER BY account_id, _day"
        )
        return texts(rows[0]), np.array(rows[1], dtype=np.int64)

    def current(self, table: str) -> str:
        """SQL of the versions that hold at the day: of each fact the last one known before it."""
        return (
            f"SELECT * FROM {files_sql(self.paths(table))} WHERE _known_day < {self.day} "
            "AND account_id IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) = 1"
        )

    def external(self) -> str:
        """SQL: the account is a customer, not one of the company's own."""
        if not self.paths("accounts") or "is_internal" not in self.columns("accounts"):
            return "TRUE"
        own = f"SELECT account_id FROM ({self.current('accounts')}) WHERE TRY_CAST(is_internal AS BOOLEAN)"
        return f"account_id NOT IN ({own})"

    def _day(self, column: str, columns: Columns) -> str:
        if column not in columns:
            return "CAST(NULL AS INTEGER)"
        return local_day(quote(column), columns[column], self.timezone)

    def _rows(self, query: str) -> list[list[Any]]:
        """The result by column."""
        table = self.connection.sql(query).to_arrow_table()
        return [column.to_pylist() for column in table.columns]


def _text(column: str, columns: Columns) -> str:
    return f"coalesce(CAST({quote(column)} AS VARCHAR), '')" if column in columns else "''"


def _number(column: str, columns: Columns) -> str:
    return f"TRY_CAST({quote(column)} AS DOUBLE)" if column in columns else "CAST(NULL AS DOUBLE)"


def _money(column: str, columns: Columns) -> str:
    """Money in the reporting currency where the import converted it."""
    converted = f"{column}_reporting"
    return _number(converted if converted in columns else column, columns)


def _floats(values: list[Any]) -> FloatArray:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)
