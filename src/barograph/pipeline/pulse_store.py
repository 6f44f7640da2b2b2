"""Pulses as known at any date, read once from the raw tables for all weeks that are scored.

Every row becomes an interval of days in which it is its account's newest pulse, or its standing counter-signature,
by both clocks; a date then only asks which intervals hold it. P1 tickets are read for accounts whose pulse wants a
lift, because nothing else asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from barograph.core.arrays import CodeArray, IntArray, TextArray, texts
from barograph.core.overlay import (
    ENGAGEMENT,
    NARRATIVE,
    NO_DAY,
    SPONSOR,
    UNANSWERED,
    Pulses,
    taken,
)
from barograph.core.thresholds import NONE
from barograph.definitions.base import TIER_ORDER
from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.engine import describe
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.signals.grid import FOREVER
from barograph.signals.sources import NEXT_KNOWN, Columns, day_sql, files_sql
from barograph.signals.sql import literal, quote

PRODUCT = " / "
"""Between account and product in the id of what is scored, with `unit = "product"`."""


@dataclass(frozen=True, slots=True)
class Spells:
    """Rows that hold at `as_of` D when start < D <= end; `account` is a row of the account ids."""

    account: IntArray
    start: IntArray
    end: IntArray

    def holding(self, day: int) -> IntArray:
        """Rows that hold at a date."""
        return np.flatnonzero((self.start < day) & (day <= self.end))


@dataclass(frozen=True, slots=True)
class PulseHistory:
    """All pulses of a workspace. newest: spells of `facts`; signed: of `signed_day` and `signed_tier`."""

    account_ids: TextArray
    newest: Spells
    facts: Pulses
    signed: Spells
    signed_day: IntArray
    signed_tier: CodeArray
    open_p1: Spells

    def at(self, day: int, wanted: TextArray, *, products: bool = False) -> Pulses:
        """The newest pulse of each of the accounts `wanted` at a date.

        products: ids may name a product of an account after " / "; it has the pulse of its account.
        """
        size = len(self.account_ids)
        row = np.full(size, -1, dtype=np.int64)
        held = self.newest.holding(day)
        row[self.newest.account[held]] = held
        known = taken(self.facts, row)
        held = self.signed.holding(day)
        known.signed_day[self.signed.account[held]] = self.signed_day[held]
        known.signed_tier[self.signed.account[held]] = self.signed_tier[held]
        severe = self.open_p1.account[self.open_p1.holding(day)]
        # Only where a lift is wanted by then: which accounts tickets were read of depends on later pulses.
        known.open_p1[severe] = known.wanted[severe] != NONE
        places = {account: place for place, account in enumerate(self.account_ids.tolist())}
        found = (_place(account, places, products) for account in wanted.tolist())
        return taken(known, np.fromiter(found, dtype=np.int64, count=len(wanted)))


class PulseBook:
    """Reads the history of pulses once for as long as the files are the same."""

    def __init__(self, lake: Lake, timezone: str) -> None:
        self.lake = lake
        self.timezone = timezone
        self._files: tuple[Path, ...] = ()
        self._read: PulseHistory | None = None

    def of(self, manifest: Manifest) -> PulseHistory | None:
        """The history in a state of the lake; None when no pulse was ever imported."""
        pulses = self.lake.resolve(manifest.entries("raw/pulses"))
        tickets = self.lake.resolve(manifest.entries("raw/tickets"))
        files = (*pulses, *tickets)
        if files != self._files:
            self._files = files
            self._read = read_pulses(pulses, tickets, self.timezone) if pulses else None
        return self._read


def read_pulses(pulses: list[Path], tickets: list[Path], timezone: str) -> PulseHistory:
    """The history in raw files of `pulses` and `tickets`."""
    with connect() as connection:
        _stage(connection, pulses, timezone)
        ids = texts(_columns(connection, "SELECT account_id FROM accounts ORDER BY a")[0].to_pylist())
        # A later row takes over from the day it is known on, whichever fact it is of, when its pulse is not older.
        later = "min(s) OVER (PARTITION BY a ORDER BY recorded_at, _known_at, _seq ROWS BETWEEN 1 FOLLOWING "
        later += "AND UNBOUNDED FOLLOWING)"
        newest = _columns(
            connection,
            f"SELECT a, s, e, day, sponsor, engagement, narrative, wanted, reasoned FROM (SELECT *, "
            f"coalesce({later}, {FOREVER}) AS e FROM staged) WHERE s < e ORDER BY a, s",
        )
        signed = _columns(
            connection,
            # A version of the same pulse without the signature ends it; a signature that follows takes over.
            f"SELECT a, s, e, signed, wanted FROM (SELECT a, greatest(s, signed) AS s, signed, wanted, "
            f"least(kt, coalesce({later.replace('min(s)', 'min(greatest(s, signed))')}, {FOREVER})) AS e "
            f"FROM staged WHERE signed IS NOT NULL AND wanted <> {NONE}) WHERE s < e ORDER BY a, s",
        )
        severe = _severe(connection, tickets, timezone)
    day, sponsor, engagement, narrative, wanted, reasoned = newest[3:]
    nobody = Pulses.nobody(len(day))
    facts = Pulses(
        _days(day),
        _codes(sponsor),
        _codes(engagement),
        _codes(narrative),
        _codes(wanted),
        np.asarray(reasoned.to_numpy(zero_copy_only=False), dtype=bool),
        nobody.signed_day,
        nobody.signed_tier,
        nobody.open_p1,
    )
    return PulseHistory(
        ids, _spells(newest), facts, _spells(signed), _days(signed[3]), _codes(signed[4]), _spells(severe)
    )


def _stage(connection: duckdb.DuckDBPyConnection, pulses: list[Path], timezone: str) -> None:
    """Make `staged`, one row per version of a pulse, and `accounts`, their accounts numbered."""
    columns = describe(connection, pulses)
    connection.execute(
        f"CREATE TEMP TABLE versions AS SELECT account_id, _seq, _known_at, recorded_at, "
        f"_day AS day, greatest(_day, _known_day) AS s, coalesce({NEXT_KNOWN}, {FOREVER}) AS kt, "
        f"{_code('sponsor_status', SPONSOR, UNANSWERED, columns)} AS sponsor, "
        f"{_code('executive_engagement', ENGAGEMENT, UNANSWERED, columns)} AS engagement, "
        f"{_code('outcome_narrative', NARRATIVE, UNANSWERED, columns)} AS narrative, "
        f"{_code('wanted_tier', TIER_ORDER, NONE, columns)} AS wanted, "
        f"{_filled('reason', columns)} AS reasoned, "
        f"CASE WHEN {_own_signature(columns)} THEN NULL ELSE {day_sql('countersigned_at', columns, timezone)} END "
        "AS signed "
        f"FROM {files_sql(pulses)} v WHERE account_id IS NOT NULL AND _day IS NOT NULL"
    )
    connection.execute(
        "CREATE TEMP TABLE accounts AS SELECT account_id, CAST(row_number() OVER (ORDER BY account_id) - 1 AS INTEGER) "
        "AS a FROM (SELECT DISTINCT account_id FROM versions)"
    )
    connection.execute(
        "CREATE TEMP TABLE staged AS SELECT accounts.a, versions.* EXCLUDE (account_id) "
        "FROM versions JOIN accounts USING (account_id)"
    )


def _severe(connection: duckdb.DuckDBPyConnection, tickets: list[Path], timezone: str) -> list[pa.Array]:
    """Spells (account, start, end) in which a P1 ticket was open, of accounts whose pulse ever wants a lift."""
    columns = describe(connection, tickets) if tickets else {}
    if not {"priority", "opened_at"} <= set(columns):
        return _columns(connection, "SELECT 0 AS a, 0 AS s, 0 AS e WHERE FALSE")
    closed = day_sql("resolved_at", columns, timezone)
    return _columns(
        connection,
        "SELECT a, s, e FROM (SELECT accounts.a, greatest(v._day, v._known_day) AS s, "
        f"least(v.kt, coalesce({closed}, {FOREVER})) AS e FROM "
        f"(SELECT *, coalesce({NEXT_KNOWN}, {FOREVER}) AS kt FROM {files_sql(tickets)}) v "
        "JOIN accounts USING (account_id) WHERE v.priority = 'p1' "
        f"AND accounts.a IN (SELECT a FROM staged WHERE wanted <> {NONE})) WHERE s < e",
    )


def _code(column: str, words: tuple[str, ...], unknown: int, columns: Columns) -> str:
    if column not in columns:
        return f"CAST({unknown} AS TINYINT)"
    arms = " ".join(f"WHEN {literal(word)} THEN {code}" for code, word in enumerate(words))
    return f"CAST(CASE {quote(column)} {arms} ELSE {unknown} END AS TINYINT)"


def _own_signature(columns: Columns) -> str:
    """Whether the author counter-signed the own pulse, which is no counter-signature."""
    if not {"countersigned_by", "author_email"} <= set(columns):
        return "FALSE"
    return "coalesce(lower(trim(countersigned_by)) = lower(trim(author_email)), FALSE)"


def _filled(column: str, columns: Columns) -> str:
    return f"coalesce(trim({quote(column)}) <> '', FALSE)" if column in columns else "FALSE"


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[pa.Array]:
    return [column.combine_chunks() for column in connection.sql(query).to_arrow_table().columns]


def _spells(columns: list[pa.Array]) -> Spells:
    return Spells(_days(columns[0]), _days(columns[1]), _days(columns[2]))


def _days(column: pa.Array) -> IntArray:
    return np.asarray(column.fill_null(NO_DAY).to_numpy(zero_copy_only=False), dtype=np.int64)


def _codes(column: pa.Array) -> CodeArray:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int8)


def _place(account: str, places: dict[str, int], products: bool) -> int:
    """Place of an account, or of the account that a product belongs to; -1 when it has no pulse."""
    place = places.get(account, -1)
    if place >= 0 or not products:
        return place
    head = account
    while PRODUCT in head and place < 0:
        head = head.rpartition(PRODUCT)[0]
        place = places.get(head, -1)
    return place
