"""The words that worked examples of signals are written in, and how an example becomes raw tables.

All examples are as of D = Monday 2024-03-04 (UTC) for the account "A". `ago(n)` is noon n days before that,
so its fact day is D - n; `ago(0)` is noon of the day itself, which is not before D. A window of 28 days is
D - 28 to D - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from barograph.definitions.tables import TABLES
from support.oracle_facts import day_number
from support.oracle_signals import make
from support.signal_data import Raw, RawTables

MONDAY = date(2024, 3, 4)
AS_OF = day_number(MONDAY)
ME = "A"
OTHER = "B"


def ago(days: float) -> datetime:
    """Noon (UTC) of the day that many days before D; parts of a day move the hour."""
    return datetime(2024, 3, 4, 12) - timedelta(days=days)


def day_ago(days: int) -> date:
    """The calendar day that many days before D."""
    return MONDAY - timedelta(days=days)


@dataclass(frozen=True)
class Given:
    """One version of a fact: table, columns, and when it became known (default: when it occurred)."""

    table: str
    columns: dict[str, Any]
    known: datetime | None = None


@dataclass(frozen=True)
class Example:
    """`value` is None when missing; `start` is the account's start date. `shared`: other accounts matter."""

    label: str
    signals: tuple[Any, ...]
    facts: Sequence[Given]
    value: float | None
    n: int
    why: str = "known"
    start: date | None = None
    shared: bool = field(default=False)

    @property
    def signal(self) -> Any:
        """The signal the example is about: the last."""
        return self.signals[-1]


def lay(rows: RawTables, example: Example, account: str = ME) -> None:
    """Adds the facts of an example with "A" called `account`."""
    rows.add("accounts", account_id=account, start_date=example.start)
    for fact in example.facts:
        columns = {"account_id": account, **fact.columns}
        for column in TABLES[fact.table].identity:
            if column.endswith("_id") and column != "account_id":
                columns[column] = f"{account} {columns[column]}"
        rows.add(fact.table, known=fact.known, **columns)


def raw_of(example: Example) -> Raw:
    """The workspace of one example alone."""
    rows = RawTables()
    lay(rows, example)
    return rows.tables


def event(days: float, *, known: datetime | None = None, **columns: Any) -> Given:
    return Given("events", {"event": "login", "occurred_at": ago(days), **columns}, known)


def ticket(name: str, opened: float, resolved: float | None = None, **columns: Any) -> Given:
    """A ticket version; `resolved` also moves its `known` there unless it is given."""
    known = columns.pop("known", ago(opened if resolved is None else resolved))
    times = {"opened_at": ago(opened), "resolved_at": None if resolved is None else ago(resolved)}
    return Given("tickets", {"ticket_id": name, **times, **columns}, known)


def metric(days: int, value: float, **more: Any) -> Given:
    known = more.pop("known", None)
    return Given("metrics", {"date": day_ago(days), "metric": "dau", "value": value, **more}, known)


def survey(
    name: str, days: float, score: float, low: float | None, high: float | None, **columns: Any
) -> Given:
    scale = {"score": score, "scale_min": low, "scale_max": high}
    return Given("surveys", {"response_id": name, "answered_at": ago(days), **scale, **columns})


def invoice(name: str, issued: float, due: float, paid: float | None = None, **columns: Any) -> Given:
    times = {"issued_at": ago(issued), "due_at": ago(due), "paid_at": None if paid is None else ago(paid)}
    known = columns.pop("known", ago(issued if paid is None else min(issued, paid)))
    return Given("invoices", {"invoice_id": name, **times, **columns}, known)


def contact(name: str, role: str, **columns: Any) -> Given:
    known = columns.pop("known", ago(50))
    return Given("contacts", {"contact_id": name, "role": role, **columns}, known)


def reached(name: str, days: float) -> Given:
    return Given("milestones", {"milestone": name, "reached_at": ago(days)})


def contract(name: str, start: int, end: int | None, **columns: Any) -> Given:
    known = columns.pop("known", None)
    dates = {"start_date": day_ago(start), "end_date": None if end is None else day_ago(end)}
    return Given("contracts", {"contract_id": name, **dates, **columns}, known)


def goal(name: str, *, known: float = 50, **columns: Any) -> Given:
    return Given("goals", {"goal_id": name, **columns}, ago(known))


def one(
    label: str, template: str, keys: dict[str, Any], facts: Sequence[Given], *result: Any, **more: Any
) -> Example:
    return Example(label, (make(template, **keys),), facts, *result, **more)


LOGINS: dict[str, Any] = {"source": "events", "window_days": 28}
CASES: dict[str, Any] = {"source": "tickets", "window_days": 28}
