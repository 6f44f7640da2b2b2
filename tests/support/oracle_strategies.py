"""Hypothesis strategies for small workspaces and arbitrary signals: a handful of versions that shrink well.

Two tables are enough for all templates, since a table may carry any attribute: events (no identity: every row
is a fact) and tickets (versions of few keys, which also change hands). Days lie where windows begin and end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from barograph.definitions.tables import TABLES
from support.oracle_facts import calendar_day, day_number, midnight
from support.oracle_signals import make
from support.signal_data import Raw, RawTables

AS_OF = day_number(date(2024, 4, 1))
"""The Monday after the clocks change in Berlin; New York changed three weeks earlier."""
ACCOUNTS = ("a", "b", "c", "d")
SOURCES = ("events", "tickets")
DAYS_BEFORE = (-9, -7, -1, 0, 1, 2, 6, 7, 8, 13, 14, 15, 20, 21, 22, 28, 29, 35, 42, 43, 57, 64, 90)
SECONDS = (0, 0, -1, 1, 43_200)
NOT_SHOWN = ("name", "label", "category", "normalise", "_key", "_day", "_clock", "_digest", "_import")


@dataclass(frozen=True)
class SmallCase:
    """A workspace of few rows, signals of one template, and the weeks to look at."""

    raw: Raw
    signals: tuple[Any, ...]
    days: tuple[int, ...]
    timezone: str

    def __repr__(self) -> str:
        """Days, what the signals declare, and the rows without nulls: what one needs to see a failure."""
        lines = [f"days {self.days} in {self.timezone}"]
        lines += [
            f"{s.name}: {s.model_dump(exclude_defaults=True, exclude=set(NOT_SHOWN))}" for s in self.signals
        ]
        for table, rows in self.raw.items():
            for row in rows:
                shown = {c: str(v) for c, v in row.items() if v is not None and c not in NOT_SHOWN}
                lines.append(f"{table}: {shown}")
        return "\n".join(lines)


@st.composite
def instants(draw: st.DrawFn, rows: RawTables) -> datetime:
    """A moment at or around the local midnight some days before (or after) AS_OF."""
    start = midnight(AS_OF - draw(st.sampled_from(DAYS_BEFORE)), rows.zone)
    return start + timedelta(seconds=draw(st.sampled_from(SECONDS)))


@st.composite
def versions(draw: st.DrawFn, rows: RawTables) -> tuple[str, datetime, dict[str, Any]]:
    """(Table, when known, columns) of one version."""
    table = draw(st.sampled_from(SOURCES))
    moment = instants(rows)
    columns: dict[str, Any] = {
        "account_id": draw(st.sampled_from(ACCOUNTS)),
        TABLES[table].occurred: draw(moment),
        "event": draw(st.sampled_from(("login", "export", "Login"))),
        "user_id": draw(st.sampled_from((None, "u1", "u2", "u3"))),
        "quantity": draw(st.sampled_from((None, 0.0, 1.0, 1.0, -1.0, 2.5, 0.3))),
        "flag": draw(st.sampled_from((None, True, True, False))),
        "role": draw(st.sampled_from((None, "sponsor", "champion"))),
        "milestone": draw(st.sampled_from(("live", "live", "other"))),
        "first_response_at": draw(st.none() | moment),
        "resolved_at": draw(st.none() | moment),
        "due_at": draw(st.none() | moment),
    }
    if table == "tickets":
        columns["ticket_id"] = draw(st.sampled_from(("1", "2", "3", "4", "5")))
    late = draw(st.sampled_from((0, 0, 0, 0, 1, 7, 8, 30, -3)))
    known = columns[TABLES[table].occurred] + timedelta(days=late)
    return table, draw(st.sampled_from((known, known, draw(moment)))), columns


@st.composite
def small_cases(draw: st.DrawFn, template: str) -> SmallCase:
    """A few facts of up to four accounts and three signals of `template` (with what they divide)."""
    rows = RawTables(draw(st.sampled_from(("UTC", "Europe/Berlin", "America/New_York"))))
    for name in ACCOUNTS:
        start = draw(st.none() | st.sampled_from(DAYS_BEFORE))
        rows.add(
            "accounts", account_id=name, start_date=None if start is None else calendar_day(AS_OF - start)
        )
    for table in SOURCES:
        rows.table(table)
    for table, known, columns in draw(st.lists(versions(rows), min_size=1, max_size=14)):
        rows.add(table, known=known, **columns)
    weeks = draw(st.integers(1, 3))
    first = AS_OF - 7 * draw(st.integers(0, weeks - 1))
    signals = [s for i in range(3) for s in draw(signals_of(template, f"s{i}"))]
    return SmallCase(rows.tables, tuple(signals), tuple(first + 7 * w for w in range(weeks)), str(rows.zone))


@st.composite
def wheres(draw: st.DrawFn) -> dict[str, Any]:
    """No condition, or one of every kind."""
    return draw(
        st.sampled_from(
            (
                {},
                {},
                {"event": "login"},
                {"event": ["login", "export"], "flag": True},
                {"event": {"none_of": ["login"]}},
                {"user_id": {"present": True}},
                {"user_id": {"present": False}},
                {"user_id": {"none_of": ["u1"]}},
                {"quantity": {"at_least": 1}},
                {"quantity": {"above": -1, "below": 2.5}},
                {"quantity": 1},
                {"role": {"one_of": ["sponsor"]}},
                {"flag": False},
                {"resolved_at": {"present": False}},
            )
        )
    )


@st.composite
def common_keys(draw: st.DrawFn) -> dict[str, Any]:
    """Source, condition, support, history, freshness and `absent`."""
    keys: dict[str, Any] = {"source": draw(st.sampled_from(SOURCES)), "where": draw(wheres())}
    optional = {
        "at": st.sampled_from(("resolved_at", "due_at")),
        "absent": st.just("zero"),
        "min_support": st.integers(1, 3),
        "min_history_days": st.sampled_from((1, 7, 30)),
        "stale_after_days": st.sampled_from((1, 7, 20)),
        "max_gap_days": st.sampled_from((1, 4, 10)),
    }
    for key, values in optional.items():
        if draw(st.sampled_from((False, False, False, True))):
            keys[key] = draw(values)
    return keys


WINDOW = {"window_days": st.sampled_from((1, 7, 8, 14, 28))}
QUANTITY = {"measure": st.just("quantity")}
OWN_KEYS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "count": WINDOW,
    "sum": {**WINDOW, **QUANTITY},
    "mean": {**WINDOW, **QUANTITY},
    "median": {**WINDOW, **QUANTITY},
    "distinct": {**WINDOW, "measure": st.sampled_from(("user_id", "event")), "per_day": st.booleans()},
    "breadth": {**WINDOW, "measure": st.sampled_from(("user_id", "event")), "min_rows": st.integers(1, 3)},
    "latest": {"expiry_days": st.sampled_from((1, 7, 28, 60)), **QUANTITY},
    "days_since": {"which": st.sampled_from(("last", "first")), "cap_days": st.sampled_from((None, 7, 30))},
    "share": {**WINDOW, "among": wheres(), "measure": st.sampled_from((None, "quantity"))},
    "power_user_trend": {**WINDOW, "flag": st.just("flag")},
    "slope": {"window_days": st.sampled_from((21, 28)), "of": st.just("sum"), **QUANTITY},
    "open_as_of": {
        "closed": st.sampled_from(("resolved_at", "due_at")),
        "result": st.sampled_from(("count", "oldest_days")),
        "min_age_days": st.sampled_from((0, 0, 1, 7, 8)),
    },
    "overdue_as_of": {
        "due": st.sampled_from(("due_at", "first_response_at")),
        "done": st.just("resolved_at"),
    },
    "response_latency": {
        **WINDOW,
        "start": st.sampled_from(("first_response_at", "due_at")),
        "end": st.just("resolved_at"),
        "aggregate": st.sampled_from(("mean", "median")),
    },
    "milestone": {"milestone": st.just("live"), "within_days": st.sampled_from((None, 1, 7, 30))},
    "state_as_of": {
        "begins": st.sampled_from((None, "first_response_at", "due_at")),
        "ends": st.sampled_from((None, "resolved_at")),
        "among": wheres(),
        "result": st.sampled_from(("present", "count", "share")),
    },
    "stakeholder_coverage": {
        "roles": st.sampled_from((("sponsor",), ("sponsor", "champion"), ("sponsor", "champion", "admin"))),
        "begins": st.sampled_from((None, "first_response_at")),
        "ends": st.sampled_from((None, "resolved_at")),
    },
}
"""The keys of a template besides those that all have; change, ratio and per_seat are made in `signals_of`."""


@st.composite
def signals_of(draw: st.DrawFn, template: str, name: str) -> tuple[Any, ...]:
    """One signal of the template called `name`, after the ones it refers to."""
    if template in ("ratio", "per_seat"):
        top = draw(signals_of(draw(st.sampled_from(("count", "sum", "mean"))), f"{name}_top"))
        if template == "per_seat":
            return (*top, make("per_seat", name, numerator=f"{name}_top"))
        bottom = draw(signals_of(draw(st.sampled_from(("count", "distinct", "latest"))), f"{name}_bottom"))
        scale = draw(st.sampled_from((1, 100, 0.5)))
        own = {"numerator": f"{name}_top", "denominator": f"{name}_bottom", "scale": scale}
        return (*top, *bottom, make("ratio", name, **own))
    keys = draw(common_keys())
    if template == "change":
        of = draw(st.sampled_from(("count", "sum", "mean", "distinct")))
        measure = {"count": None, "distinct": "user_id"}.get(of, "quantity")
        return (
            make("change", name, **keys, of=of, measure=measure, window_days=draw(WINDOW["window_days"])),
        )
    own = {key: draw(values) for key, values in OWN_KEYS[template].items()}
    if template == "overdue_as_of":
        own["result"] = draw(st.sampled_from(("count", "sum", "oldest_days")))
        own["measure"] = "quantity" if own["result"] == "sum" else None
    return (make(template, name, **keys, **own),)
