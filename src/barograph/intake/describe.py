"""The figures of one table's import report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from barograph.intake.load import Context, Loaded
from barograph.intake.report import FileReport, Quarantined, TableReport
from barograph.intake.sql import files, ident, lit
from barograph.intake.stored import filled_columns
from barograph.intake.times import to_local
from barograph.intake.write import Written
from barograph.lake import Entry
from barograph.lake.days import from_day_number, local_day

MOST_FAULTS_SHOWN = 20
NO_ACCOUNTS = "there is no accounts table: the accounts are those that the other tables name."


def describe(context: Context, loaded: Loaded, written: Written, before: tuple[Entry, ...]) -> TableReport:
    """Counts, period, freshness and warnings of a table; `before` are its files before this import.

    The share of known accounts is left open: see `known_share`.
    """
    first, last = _period(context, loaded)
    return TableReport(
        table=loaded.table.name,
        files=_file_reports(loaded),
        known_accounts_share=None,
        first=first,
        last=last,
        fresh_as_of=_fresh(context, loaded),
        clocks=written.clocks,
        versions=written.versions,
        attributes=dict(loaded.attributes),
        currencies=_currencies(context, loaded),
        quarantine=_faults(context, loaded),
        warnings=_warnings(context, loaded, written, before),
    )


def known_share(context: Context, loaded: Loaded) -> float | None:
    """The share of accepted rows whose account is in the accounts table; None without accounts or rows."""
    paths = context.paths("raw/accounts")
    if not paths or "account_id" not in loaded.kinds:
        return None
    row = context.connection.execute(
        f"SELECT sum(n) FILTER (a.account_id IS NOT NULL), sum(n) FROM "
        f"(SELECT account_id, count(*) AS n FROM {loaded.accepted} GROUP BY 1) r "
        f"LEFT JOIN (SELECT DISTINCT account_id FROM {files(paths)}) a ON a.account_id = r.account_id"
    ).fetchone()
    return float((row[0] or 0) / row[1]) if row and row[1] else None


def _file_reports(loaded: Loaded) -> tuple[FileReport, ...]:
    reports = []
    for index, (source, typed) in enumerate(zip(loaded.sources, loaded.typed, strict=True)):
        new, changed = loaded.classes.get(index, (0, 0))
        counts = typed.counts
        reports.append(
            FileReport(
                source.staged.shown,
                counts.rows,
                new,
                changed,
                counts.accepted - new - changed,
                counts.quarantined,
                dict(counts.filtered),
                dict(source.staged.facts),
            )
        )
    return tuple(reports)


def _period(context: Context, loaded: Loaded) -> tuple[date | None, date | None]:
    names = [name for name in (loaded.table.occurred, *loaded.table.derived_clock) if name in loaded.kinds]
    if not names:
        return None, None
    name = str(names[0])
    column, home = ident(name), context.workspace.settings.timezone
    day = column if loaded.kinds[name] == "day" else f"CAST({to_local(column, home)} AS DATE)"
    row = context.connection.execute(f"SELECT min({day}), max({day}) FROM {loaded.accepted}").fetchone()
    return (row[0], row[1]) if row else (None, None)


def _fresh(context: Context, loaded: Loaded) -> date | None:
    """The last day, not after today, on which a version of this table became known."""
    today = local_day(context.now, context.workspace.zone)
    spans = [
        e.meta["known_day"] for e in context.txn.entries(f"raw/{loaded.table.name}") if "known_day" in e.meta
    ]
    known = [span[1] for span in spans if span[1] <= today]
    if len(known) < len(spans):
        paths = context.paths(f"raw/{loaded.table.name}")
        row = context.connection.execute(
            f"SELECT max(_known_day) FROM {files(paths)} WHERE _known_day <= {today}"
        ).fetchone()
        known = [row[0]] if row and row[0] is not None else []
    return from_day_number(max(known)) if known and max(known) > 0 else None


def _currencies(context: Context, loaded: Loaded) -> dict[str, int]:
    amounts = [c.name for c in loaded.table.columns if c.money and c.name in loaded.kinds]
    if not amounts:
        return {}
    there = " OR ".join(f"{ident(name)} IS NOT NULL" for name in amounts)
    rows: list[tuple[Any, ...]] = context.connection.execute(
        f"SELECT coalesce(currency, ''), count(*) FROM {loaded.accepted} WHERE {there} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {str(code): int(count) for code, count in rows}


def _faults(context: Context, loaded: Loaded) -> tuple[Quarantined, ...]:
    """The commonest faults, each with its first row as an example."""
    parts = [
        f'SELECT {lit(source.staged.shown)} AS file, {index} AS number, _row, "column", value, expected '
        f"FROM {typed.name}_bad"
        for index, (source, typed) in enumerate(zip(loaded.sources, loaded.typed, strict=True))
        if typed.counts.quarantined
    ]
    if not parts:
        return ()
    rows = context.connection.execute(
        "SELECT \"column\", expected, count(*) AS n, arg_min(file || ' row ' || _row || ': ' || "
        "coalesce('''' || value || '''', 'nothing'), (number, _row)) "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT {MOST_FAULTS_SHOWN}"
    ).fetchall()
    return tuple(Quarantined(*row) for row in rows)


def _warnings(
    context: Context, loaded: Loaded, written: Written, before: tuple[Entry, ...]
) -> tuple[str, ...]:
    notes = []
    settings = context.workspace.settings
    none, imported = written.clocks.get("none", 0), written.clocks.get("import", 0)
    if none:
        notes.append(
            f"{none:,} rows say nowhere when they became known: they count at every date, and learning "
            "refuses them. Declare a date with --known-at or known_at in the mapping file."
        )
    if imported:
        notes.append(f"{imported:,} rows say something new without a time: they count from this import on.")
    if loaded.widened:
        notes.append(f"attributes became text, as declared: {', '.join(loaded.widened)}.")
    gone = _gone(loaded, before)
    if gone:
        notes.append(
            f"earlier imports had {', '.join(sorted(gone))}, which this one lacks: "
            "changed rows have them empty now."
        )
    assumed = sum(typed.counts.assumed_currency for typed in loaded.typed)
    if assumed:
        notes.append(
            f"{assumed:,} rows with money name no currency: {settings.currency.reporting} was assumed."
        )
    if not context.paths("raw/accounts"):
        notes.append(NO_ACCOUNTS)
    return tuple(notes)


def _gone(loaded: Loaded, before: tuple[Entry, ...]) -> set[str]:
    if not loaded.table.identity or not any(changed for _, changed in loaded.classes.values()):
        return set()
    attributes: Mapping[str, str] = {n: k for e in before for n, k in e.meta.get("attributes", {}).items()}
    return (filled_columns(before) | set(attributes)) - set(loaded.kinds)
