"""The list as flat rows for a spreadsheet."""

from __future__ import annotations

from datetime import date

from barograph.cli.output import Cell
from barograph_web.users.models import User
from barograph_web.work.filters import Filters
from barograph_web.work.rows import Row
from barograph_web.work.wording import days_late, source_words
from barograph_web.work.worklist import Worklist

MOST = 5000


def rows(user: User, today: date, filters: Filters) -> list[dict[str, Cell]]:
    """At most MOST rows under the filters, in the order of the list; every row has every column."""
    return [_flat(row, today) for row in Worklist(user, today, filters).rows(MOST)]


def _flat(row: Row, today: date) -> dict[str, Cell]:
    task, item = row.task, row.item
    return {
        "what": row.title,
        "kind": source_words(task) if task is not None else (item.kind if item is not None else ""),
        "account_id": row.where.account_id,
        "account": row.where.name,
        "tier": row.where.tier or None,
        "revenue": row.where.arr,
        "due_on": _iso(row.due_on),
        "days_late": days_late(row.due_on, today) if row.due_on is not None and _is_open(row) else 0,
        "state": task.state if task is not None else "open",
        "snoozed_until": _iso(task.snoozed_until) if task is not None else None,
        "owner": (task.owner_label if task is not None else item.owner_label if item is not None else "")
        or None,
        "pool": (task.pool or None) if task is not None else None,
        "clock_due": row.clock.due_at.isoformat(timespec="seconds") if row.clock is not None else None,
    }


def _is_open(row: Row) -> bool:
    return row.task is None or not row.task.is_final


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
