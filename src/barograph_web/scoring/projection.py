"""Brings published weeks into the application's database, where pages read them.

Everything is read through one manifest. A week's documents are made first, under a row that pages do not show; then
one short transaction puts the week in place with its accounts. Whatever is killed on the way leaves the former
picture, and the next projection clears up and goes on. Bringing the same state in twice changes nothing. Into an
empty database the newest week comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, models, transaction
from filelock import FileLock, Timeout

from barograph.errors import LockedError
from barograph.lake.manifest import Manifest
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import PublishedWeek, published_weeks
from barograph.reports.context import WeekContext
from barograph.workspace import Workspace
from barograph_web.portfolio.models import Account, AccountFact, AccountWeek, Projection, Standing, Week
from barograph_web.scoring.projection_accounts import (
    WEEK_COLUMNS,
    accounts_in,
    columns_of,
    date_of,
    week_row,
    write_account_weeks,
    write_accounts,
)
from barograph_web.scoring.projection_documents import source_of, write_standings
from barograph_web.scoring.projection_facts import facts_from, write_facts

DOCUMENTED = 2
"""Newest weeks that have standings."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ProjectionReport:
    """What a projection did. generation: the lake's. weeks: brought in or replaced; documented: those of them with
    standings; dropped: weeks that were too old or are no longer published. accounts: of the newest week. facts: rows
    that accounts have now, None when the raw tables did not change. unchanged: there was nothing to do."""

    generation: int
    weeks: int = 0
    documented: int = 0
    dropped: int = 0
    accounts: int = 0
    facts: int | None = None
    unchanged: bool = False


def project(
    place: Workspace,
    *,
    now: datetime,
    weeks: int | None = None,
    progress: Progress = lambda _words: None,
) -> ProjectionReport:
    """Bring the newest `weeks` published weeks (default: the setting `history_weeks`) into the database.

    now: with a time zone. progress: called with a few words before each step. Raises LockedError while another
    projection of the workspace is under way, UsageError for an account id longer than 400 characters, LakeError
    when a published file is missing.
    """
    folder = place.path / "application"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "projection.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LockedError(
            "published weeks are being brought in already.",
            where=str(place.path),
            hint="Wait until that is done.",
        ) from error
    try:
        most = weeks or settings.OPTIONS_IN_FORCE.history_weeks
        return _Work(place, place.lake.manifest(), now, most, progress).run()
    finally:
        lock.release()


@dataclass(frozen=True)
class _Work:
    """One projection."""

    place: Workspace
    manifest: Manifest
    now: datetime
    most: int
    progress: Progress

    def run(self) -> ProjectionReport:
        self._clear_up()
        published = published_weeks(self.manifest)
        kept = list(published.values())[-self.most :]
        if not kept:
            dropped = self._drop(Week.objects.all())
            report = ProjectionReport(self.manifest.generation, dropped=dropped, unchanged=not dropped)
            return self._noted(report) if dropped else report
        there = {week.as_of: week for week in Week.objects.defer("head")}
        sources = {w.day: source_of(self.manifest, published, w) for w in kept[-DOCUMENTED:]}
        changed = [w for w in kept if not _same(there.get(date_of(w)), w, sources.get(w.day))]
        facts_source = facts_from(self.manifest, kept[-1].day)
        last = Projection.objects.first()
        facts_changed = last is None or last.facts_from != facts_source
        old = Week.objects.exclude(as_of__in=[date_of(w) for w in kept])
        if not changed and not facts_changed and not old.exists():
            return ProjectionReport(self.manifest.generation, accounts=kept[-1].entry.rows, unchanged=True)
        documented = [w for w in changed if w.day in sources]
        if not there:
            # Pages are open while the first weeks come in: the newest comes first, and never an older one in its place.
            for week in reversed(documented):
                self._add_accounts(week)
                self._write_documented(week, sources[week.day], newest=week is kept[-1])
        self._write_history(changed, sources, published)
        if there:
            for week in documented:
                self._write_documented(week, sources[week.day], newest=week is kept[-1])
        facts = self._write_facts(kept[-1].day) if facts_changed else None
        report = ProjectionReport(
            generation=self.manifest.generation,
            weeks=len(changed),
            documented=len(documented),
            dropped=self._drop(old),
            accounts=kept[-1].entry.rows,
            facts=facts,
        )
        self._drop_documents(kept[-DOCUMENTED:])
        _analyse()
        return self._noted(report, facts_source)

    def _write_history(
        self, changed: Sequence[PublishedWeek], sources: dict[int, str], published: dict[int, PublishedWeek]
    ) -> None:
        """Weeks without standings, newest first, so that accounts that are gone keep their last state."""
        newest = list(published.values())[-1]
        self._add_accounts(newest)
        for week in reversed(changed):
            if week.day in sources:
                self._add_accounts(week)
                continue
            self.progress(f"week of {date_of(week)}")
            self._add_accounts(week)
            table = columns_of(self.place.lake, week, WEEK_COLUMNS)
            with transaction.atomic():
                Week.objects.filter(as_of=date_of(week)).delete()
                row = self._row(week, is_shown=True)
                row.save()
                write_account_weeks(row, table)

    def _write_documented(self, week: PublishedWeek, source: str, *, newest: bool) -> None:
        """One of the newest weeks: its documents aside, then all of it at once."""
        lake = self.place.lake
        row = self._row(week, is_shown=False)
        row.documents_from = source
        row.save()
        context = self._context(week)
        write_standings(
            row,
            context,
            lambda done: self.progress(f"week of {date_of(week)}: {done:,} of {week.entry.rows:,} accounts"),
        )
        table = columns_of(lake, week, WEEK_COLUMNS)
        state = accounts_in(lake, week).to_pylist() if newest else []
        with transaction.atomic():
            Week.objects.filter(as_of=date_of(week)).delete()
            row.is_shown = True
            row.save(update_fields=["is_shown"])
            write_account_weeks(row, table)
            if newest:
                write_accounts(state, is_current=True)
                scored = Standing.objects.filter(week=row).values("account_id")
                Account.objects.filter(is_current=True).exclude(pk__in=scored).update(is_current=False)

    def _add_accounts(self, week: PublishedWeek) -> None:
        """Accounts of the week that were never seen, with their state in it; they are current once the newest week
        is in place."""
        lake = self.place.lake
        ids = columns_of(lake, week, ("account_id",))["account_id"].to_pylist()
        known = set(Account.objects.values_list("account_id", flat=True))
        if new := set(ids) - known:
            rows = (row for row in accounts_in(lake, week).to_pylist() if row["account_id"] in new)
            with transaction.atomic():
                write_accounts(rows, is_current=False)

    def _write_facts(self, day: int) -> int:
        return write_facts(
            self.place.lake, self.manifest, day, lambda kind: self.progress(f"facts of accounts: {kind}")
        )

    def _row(self, week: PublishedWeek, *, is_shown: bool) -> Week:
        table = columns_of(self.place.lake, week, ("tier", "arr"))
        registry = Registry(self.place.path / "registry")
        return week_row(registry, week, table, self.now, is_shown=is_shown)

    def _context(self, week: PublishedWeek) -> WeekContext:
        registry = Registry(self.place.path / "registry")
        version = registry.by_key(week.model)
        return WeekContext(self.place, self.manifest, week, version, registry.model(version))

    def _clear_up(self) -> None:
        """What a killed projection left aside."""
        for row in Week.every.filter(is_shown=False).only("pk"):
            row.delete()

    def _drop(self, weeks: models.QuerySet[Week]) -> int:
        count = 0
        for row in weeks.only("pk"):
            row.delete()
            count += 1
        return count

    def _drop_documents(self, documented: Sequence[PublishedWeek]) -> None:
        """Standings of weeks that are no longer among the newest."""
        older = Week.objects.exclude(as_of__in=[date_of(w) for w in documented]).exclude(documents_from="")
        with transaction.atomic():
            Standing.objects.filter(week__in=list(older.values_list("pk", flat=True))).delete()
            older.update(documents_from="", head={})

    def _noted(self, report: ProjectionReport, facts_source: str = "") -> ProjectionReport:
        Projection.objects.create(
            generation=report.generation,
            at=self.now,
            weeks=report.weeks,
            accounts=report.accounts,
            facts_from=facts_source,
        )
        return report


def _analyse() -> None:
    """Tell the database how the rows are spread now: without it, the order of a list may cost a sort of all rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA analysis_limit = 1000")  # a sample is enough, and takes milliseconds
        for table in (Account, AccountFact, AccountWeek, Standing, Week):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table._meta.db_table)}")


def _same(row: Week | None, week: PublishedWeek, source: str | None) -> bool:
    """Whether the database shows that file of the week, with the documents it should have."""
    return (
        row is not None
        and (row.generation, row.revision, row.model_version)
        == (week.entry.generation, week.revision, week.model)
        and (source is None or row.documents_from == source)
    )
