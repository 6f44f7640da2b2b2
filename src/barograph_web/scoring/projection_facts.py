"""Facts of accounts out of the raw tables: the newest of each kind, as they were known in a week."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction

from barograph.core.calendar import to_date
from barograph.definitions.tables import TABLES, Table
from barograph.engines.duckdb.connection import connect
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.signals.sources import files_sql
from barograph.signals.sql import quote
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.scoring.projection_accounts import batches

NEWEST = 60
"""Facts kept per account and kind."""
BATCH = 200
"""Accounts whose facts are replaced in one transaction."""
MEMORY = "1GiB"
LONGEST_TEXT = 2_000
"""Characters of one text that are shown."""
_LONGEST_KEY = 400
SEPARATOR = " / "


def facts_from(manifest: Manifest, day: int) -> str:
    """Digest of what the facts of a week are read from: the day and the files of the raw tables."""
    files = [entry.path for kind in FactKind.values for entry in manifest.entries(f"raw/{kind}")]
    return hashlib.sha256(json.dumps([day, files]).encode()).hexdigest()


def owner_of(account_id: str) -> str:
    """The account that a scored product belongs to; any other id is its own account's."""
    return account_id.rpartition(SEPARATOR)[0] or account_id


def write_facts(lake: Lake, manifest: Manifest, day: int, progress: Callable[[str], None]) -> int:
    """Bring the facts in line with the raw tables as they were known before `day`; returns how many there are.

    Facts of accounts that are not scored are left out. The facts of one account change in one transaction.
    """
    known = set(Account.objects.values_list("account_id", flat=True))
    known |= {owner_of(name) for name in known}
    total = 0
    for kind in FactKind.values:
        entries = manifest.entries(f"raw/{kind}")
        found = _facts(lake.resolve(entries), TABLES[kind], day) if entries else iter(())
        total += _replace(kind, (pair for pair in found if pair[0] in known))
        progress(kind)
    return total


def _facts(paths: Sequence[Path], table: Table, day: int) -> Iterator[tuple[str, list[AccountFact]]]:
    """Account and its facts, in the order of the account ids."""
    with connect(memory_limit=MEMORY, threads=1) as connection:
        relation = files_sql(paths)
        there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        shown = [
            c.name for c in table.columns if c.name in there and c.name not in {"account_id", "recorded_at"}
        ]
        cursor = connection.execute(_query(relation, shown, day))
        rows = iter(lambda: cursor.fetchmany(5_000), [])
        flat = (row for part in rows for row in part)
        for account_id, group in groupby(flat, key=lambda row: row[0]):
            yield account_id, [_fact(table.name, shown, row) for row in group]


def _query(relation: str, shown: Sequence[str], day: int) -> str:
    """The version of each key that was known before `day`, and of those the newest per account."""
    names = "".join(f", {quote(name)}" for name in shown)
    return (
        f"SELECT account_id, _key, _day, _digest{names} FROM ("
        f"SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY _day DESC NULLS LAST, _seq DESC) AS place "
        f"FROM (SELECT *, row_number() OVER (PARTITION BY _key ORDER BY _known_at DESC, _seq DESC) AS version "
        f"FROM {relation} WHERE _known_day < {int(day)}) "
        f"WHERE version = 1 AND account_id IS NOT NULL AND (_day IS NULL OR _day < {int(day)})) "
        f"WHERE place <= {NEWEST} ORDER BY account_id, place"
    )


def _fact(kind: str, shown: Sequence[str], row: Sequence[Any]) -> AccountFact:
    account_id, key, day, digest, *values = row
    if len(key) > _LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()
    data = {name: _json(value) for name, value in zip(shown, values, strict=True) if value is not None}
    on = None if day is None else to_date(int(day))
    return AccountFact(
        account_id=account_id, kind=kind, key=key.replace("\x00", ""), on=on, digest=digest or "", data=data
    )


def _replace(kind: str, found: Iterator[tuple[str, list[AccountFact]]]) -> int:
    """Have the table hold these facts of a kind and no others; equal ones are left alone."""
    total = 0
    seen: set[str] = set()
    for part in batches(found, BATCH):
        ids = [account_id for account_id, _ in part]
        facts = {(fact.account_id, fact.key, fact.digest): fact for _, some in part for fact in some}
        with transaction.atomic():
            held = AccountFact.objects.filter(kind=kind, account_id__in=ids)
            there = {row[1:]: row[0] for row in held.values_list("pk", "account_id", "key", "digest")}
            for few in batches((pk for row, pk in there.items() if row not in facts), BATCH):
                AccountFact.objects.filter(pk__in=few).delete()
            AccountFact.objects.bulk_create(fact for row, fact in facts.items() if row not in there)
        seen.update(ids)
        total += len(facts)
    held_by = AccountFact.objects.filter(kind=kind).values_list("account_id", flat=True).distinct()
    for few in batches((name for name in held_by.iterator() if name not in seen), BATCH):
        AccountFact.objects.filter(kind=kind, account_id__in=few).delete()
    return total


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
    return [_json(item) for item in value] if isinstance(value, list) else value
