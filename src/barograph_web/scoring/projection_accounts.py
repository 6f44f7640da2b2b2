"""Accounts and their weeks, from the published tables of scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from barograph.core.calendar import to_date
from barograph.errors import UsageError
from barograph.lake import Lake
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import PublishedWeek, read_scores
from barograph_web.portfolio.models import Account, AccountWeek, Tier, Week

BATCH = 5_000
LONGEST_ID = 400
_TEXTS = {
    "segment": 200,
    "plan": 200,
    "lifecycle": 60,
    "csm_email": 254,
    "am_email": 254,
    "parent_account_id": 400,
}
_STATE = ("name", *_TEXTS, "arr", "term_end_day", "opt_out_day", "notice_given", "last_touch_day")
_WRITTEN = (
    "name",
    *_TEXTS,
    "arr",
    "renewal_on",
    "opt_out_on",
    "notice_given",
    "last_touch_on",
    "is_current",
)


def columns_of(lake: Lake, week: PublishedWeek, wanted: Iterable[str]) -> pa.Table:
    """Some columns of a week; those that its table lacks are null."""
    (path,) = lake.resolve((week.entry,))
    there = set(pa.parquet.read_schema(path).names)
    names = list(wanted)
    table = read_scores(lake, week, [name for name in names if name in there])
    for name in names:
        if name not in there:
            table = table.append_column(name, pa.nulls(table.num_rows))
    return table.select(names)


def accounts_in(lake: Lake, week: PublishedWeek) -> pa.Table:
    """account_id and the state that lists show, as of a week."""
    return columns_of(lake, week, ("account_id", *_STATE))


def account_of(row: Mapping[str, Any], *, is_current: bool) -> Account:
    """The account as a week knows it. Raises UsageError for an id that is too long for an address."""
    account_id = row["account_id"]
    if len(account_id) > LONGEST_ID:
        raise UsageError(
            f"the account id {account_id[:40]!r}… has {len(account_id)} characters; at most {LONGEST_ID} are shown.",
            hint="Shorten the ids in the source and import again.",
        )
    return Account(
        account_id=account_id,
        name=_text(row["name"], 400) or account_id,
        **{name: _text(row[name], longest) for name, longest in _TEXTS.items()},
        arr=row["arr"],
        renewal_on=_day(row["term_end_day"]),
        opt_out_on=_day(row["opt_out_day"]),
        notice_given=row["notice_given"],
        last_touch_on=_day(row["last_touch_day"]),
        is_current=is_current,
    )


def write_accounts(rows: Iterable[Mapping[str, Any]], *, is_current: bool) -> None:
    """Add accounts, or bring those that are there to the state of `rows`; equal ones are left alone."""
    for part in batches(rows, BATCH):
        made = [account_of(row, is_current=is_current) for row in part]
        there = {
            found.pop("account_id"): found
            for found in Account.objects.filter(account_id__in=[a.account_id for a in made]).values(
                "account_id", *_WRITTEN
            )
        }
        changed = [
            account
            for account in made
            if there.get(account.account_id) != {name: getattr(account, name) for name in _WRITTEN}
        ]
        Account.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["account_id"], update_fields=_WRITTEN
        )


def week_row(
    registry: Registry, week: PublishedWeek, table: pa.Table, now: datetime, *, is_shown: bool
) -> Week:
    """The row of a published week with its totals, not saved. table: at least `tier` and `arr`."""
    version = registry.by_key(week.model)
    model = registry.model(version)
    return Week(
        as_of=date_of(week),
        model_version=version.key,
        model_title=model.title[:200],
        label=model.stage,
        outcomes=model.outcomes_behind,
        filled_in=week.filled,
        revision=week.revision,
        generation=week.entry.generation,
        projected_at=now,
        is_shown=is_shown,
        totals=_totals(table),
    )


def write_account_weeks(row: Week, table: pa.Table) -> None:
    """Add what a week said of each account. Its accounts are there. table: see `WEEK_COLUMNS`."""
    for part in table.to_batches(max_chunksize=BATCH):
        rows = part.to_pylist()
        keys = dict(
            Account.objects.filter(account_id__in=[r["account_id"] for r in rows]).values_list(
                "account_id", "pk"
            )
        )
        AccountWeek.objects.bulk_create(
            AccountWeek(
                week=row,
                account_id=keys[r["account_id"]],
                score=r["score"],
                tier=r["tier"],
                computed_tier=r["computed_tier"],
                arr=r["arr"],
            )
            for r in rows
        )


WEEK_COLUMNS = ("account_id", "score", "tier", "computed_tier", "arr")


def date_of(week: PublishedWeek) -> date:
    """The Monday of a published week."""
    return to_date(week.day)


def batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size`."""
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _totals(table: pa.Table) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {tier: [0, 0.0, 0] for tier in Tier.values}
    for tier, arr in zip(table["tier"].to_pylist(), table["arr"].to_pylist(), strict=True):
        cell = found[tier]
        cell[0] += 1
        cell[1] += arr or 0.0
        cell[2] += arr is None
    return found


def _text(value: str | None, longest: int) -> str | None:
    """Text that every database takes: PostgreSQL has no NUL."""
    return None if value is None else str(value).replace("\x00", "")[:longest]


def _day(number: int | None) -> date | None:
    return None if number is None else to_date(int(number))
