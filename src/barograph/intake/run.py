"""Import files and database tables into a workspace: the whole of `barograph import`.

One import is one transaction: either all its sources are in the lake, or the workspace is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from barograph.definitions.tables import Table
from barograph.errors import ImportRefusedError, UsageError
from barograph.intake.describe import describe, known_share
from barograph.intake.load import Context, Loaded, load_table, table_order
from barograph.intake.mapping import Mapping, read_mapping
from barograph.intake.prepare import Prepared, Sources
from barograph.intake.report import ImportReport, TableReport
from barograph.intake.sources import Confirm, resolve
from barograph.intake.sql import connect
from barograph.intake.stored import attributes_of, latest_relation
from barograph.intake.write import write_quarantine, write_versions
from barograph.lake import Record, checkpoint
from barograph.lake.store import user_name
from barograph.workspace import Workspace

Step = Callable[[str], None]


def import_paths(
    workspace: Workspace,
    paths: Sequence[str | Path],
    *,
    table: str | None = None,
    mapping: Mapping | Path | None = None,
    known_at: date | datetime | None = None,
    now: datetime,
    confirm: Confirm | None = None,
    reason: str = "",
    step: Step = lambda _: None,
) -> ImportReport:
    """Import `paths` (files, folders, `book.xlsx#Sheet`, `URL#table`) and say what happened.

    `table` names the table of all of them; without it a mapping file or the names decide. `known_at` is when
    rows that do not say so became known (a date is its first moment in the workspace's zone). `now` needs a
    time zone. `confirm` is asked about each guess; without it guesses of columns are not used. `step` is
    called with a line for each step.

    Raises ImportRefusedError, UsageError or LockedError, and then nothing is changed. Importing the same
    again changes nothing in the lake.
    """
    if now.tzinfo is None:
        raise UsageError("the time of an import needs a time zone.")
    settings = workspace.settings
    rules = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    items, skipped = resolve(paths, table=table, mapping=rules, limits=settings.limits, confirm=confirm)
    with workspace.lake.transaction("import") as txn:
        scratch = txn.scratch()
        sources = Sources(scratch, settings.limits)
        attributes = {i.table: attributes_of(txn.entries(f"raw/{i.table}")) for i in items}
        step(f"reading {len(items)} sources")
        prepared, guesses = sources.prepare(
            items, known_attributes=attributes, confirm=confirm, skipped=skipped
        )
        checkpoint("import.staged")
        import_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{txn.generation:06d}"
        with closing(connect(scratch, settings.limits.memory)) as connection:
            context = Context(workspace, workspace.lake, txn, connection, import_id, now, known_at)
            reports = _load_all(context, prepared, step)
        checkpoint("import.written")
        txn.record(_record(now, reason, reports, prepared))
    return ImportReport(
        import_id=import_id,
        at=now.astimezone(UTC).isoformat(timespec="seconds"),
        generation=workspace.lake.manifest().generation,
        reporting_currency=settings.currency.reporting,
        tables=tuple(reports),
        guesses=tuple(guesses),
        skipped=skipped,
    )


def _load_all(context: Context, prepared: list[Prepared], step: Step) -> list[TableReport]:
    by_table = {
        name: tuple(p for p in prepared if p.item.table == name) for name in {p.item.table for p in prepared}
    }
    done: list[tuple[Loaded, TableReport]] = []
    for table in table_order(set(by_table), by_table):
        shown = ", ".join(source.staged.shown for source in by_table[table.name])
        step(f"{table.name}: {shown}")
        try:
            done.append(_load_one(context, table, by_table[table.name]))
        except duckdb.Error as error:
            raise _engine_refusal(error, shown) from error
    try:
        return [replace(report, known_accounts_share=known_share(context, loaded)) for loaded, report in done]
    except duckdb.Error as error:
        raise _engine_refusal(error, "accounts") from error


def _load_one(context: Context, table: Table, sources: tuple[Prepared, ...]) -> tuple[Loaded, TableReport]:
    before = context.txn.entries(f"raw/{table.name}")

    def stored(name: str) -> str | None:
        paths = context.paths(f"raw/{name}")
        return latest_relation(paths) if paths else None

    loaded = load_table(context, table, sources, stored)
    written = write_versions(context, loaded)
    write_quarantine(context, loaded)
    return loaded, describe(context, loaded, written, before)


def _record(now: datetime, reason: str, reports: list[TableReport], prepared: list[Prepared]) -> Record:
    counts = {
        report.table: {
            "rows": report.rows,
            "new": report.new,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "quarantined": report.quarantined,
            "filtered": sum(report.filtered.values()),
        }
        for report in reports
    }
    files = sorted({source.staged.shown for source in prepared})
    return Record.of(now, user_name(), "import", reason=reason, counts={"tables": counts, "files": files})


def _engine_refusal(error: duckdb.Error, where: str) -> ImportRefusedError:
    """What the engine could not do with those files, for a person: a limit of memory or disk, a damaged file."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    text = re.sub(r'"[^"]*staged-\d+\.parquet"', "it", text)
    if isinstance(error, duckdb.OutOfMemoryException):
        return ImportRefusedError(
            "the import needs more memory than it may use.",
            where=where,
            hint="Raise limits.memory in barograph.toml, or import fewer files at a time.",
        )
    if isinstance(error, duckdb.InvalidInputException):
        return ImportRefusedError(
            f"the file is damaged: {text}.", where=where, hint="Nothing was imported. Export it again."
        )
    return ImportRefusedError(
        f"the rows could not be processed: {text}.", where=where, hint="Nothing was imported."
    )
