"""Raw tables for signal tests: a hand-fed builder, a seeded random workspace, and Parquet files of both.

A raw workspace is `dict[table, list[row]]`; a row is one version with the system columns of the raw layout
(`_key`, `_known_at`, `_known_day`, `_day`, `_clock`, `_digest`, `_seq`, `_import`). A table that is not a key
is absent, an empty list is a table with files and no rows, a column that no row has is absent.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.definitions.tables import TABLES
from support.oracle_facts import EPOCH, local_day

Raw = dict[str, list[dict[str, Any]]]

KEY_SEPARATOR = "\u001f"
LONG_AGO = datetime(2000, 1, 1)
ARROW_TYPES = {
    "text": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us"),
    "day": pa.date32(),
    "list": pa.list_(pa.string()),
}
SYSTEM_TYPES = {
    "_key": pa.string(),
    "_known_at": pa.timestamp("us"),
    "_known_day": pa.int32(),
    "_day": pa.int32(),
    "_clock": pa.string(),
    "_digest": pa.string(),
    "_seq": pa.int64(),
    "_import": pa.string(),
}
ACCOUNT_IDS = (
    "acme",
    "Ünïcode & Söhne",
    "日本電気",
    'o\'hare "quoted"',
    "back\\slash",
    "12345",
    "NULL",
    "two words",
    "emoji 🚀",
    "Acme",
    "semi;colon,comma",
    "only in accounts",
    "only in facts",
)


def midnight(day: int, zone: ZoneInfo) -> datetime:
    """The first instant of a local day number, as naive UTC."""
    start = datetime.combine(EPOCH + timedelta(days=day), time(0), tzinfo=zone)
    return start.astimezone(UTC).replace(tzinfo=None)


def calendar_day(day: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=day)


class RawTables:
    """Collects versions and fills in their system columns.

    `known` is when the version became known (default: when its fact occurred, else long ago). Rows of tables
    with identity are versions of one key when their identity columns agree.
    """

    def __init__(self, timezone: str = "UTC") -> None:
        self.zone = ZoneInfo(timezone)
        self.tables: Raw = {}
        self._rows = 0

    def table(self, name: str) -> None:
        """Makes sure that the table is there, if only empty."""
        self.tables.setdefault(name, [])

    def add(self, name: str, /, *, known: datetime | None = None, **columns: Any) -> None:
        """Adds one version."""
        table = TABLES[name]
        occurred = columns.get(table.occurred) if table.occurred else None
        if known is None:
            day = local_day(occurred, self.zone)
            known = LONG_AGO if day is None else occurred
            if not isinstance(known, datetime):
                known = midnight(day, self.zone)
        self._rows += 1
        content = hashlib.sha256(repr(sorted(columns.items(), key=str)).encode()).hexdigest()[:32]
        identity = KEY_SEPARATOR.join(str(columns.get(column, "")) for column in table.identity)
        self.tables.setdefault(name, []).append(
            {
                **columns,
                "_key": identity if table.identity else f"{content}:{self._rows}",
                "_known_at": known,
                "_known_day": local_day(known, self.zone),
                "_day": local_day(occurred, self.zone),
                "_clock": "source",
                "_digest": content,
                "_seq": self._rows,
                "_import": "import-1",
            }
        )


def arrow_type(table: str, column: str, values: Iterable[Any]) -> pa.DataType:
    """The type of a column: the contract's, or for an attribute what its values are."""
    if column in SYSTEM_TYPES:
        return SYSTEM_TYPES[column]
    if column in TABLES[table].by_name:
        return ARROW_TYPES[TABLES[table].by_name[column].type]
    known = next((value for value in values if value is not None), "")
    for kind, type_ in ((bool, pa.bool_()), ((int, float), pa.float64()), (datetime, pa.timestamp("us"))):
        if isinstance(known, kind):
            return type_
    return pa.string()


def any_known(rows: Iterable[Mapping[str, Any]], column: str) -> bool:
    """Whether some row has a value in the column."""
    return any(row.get(column) is not None for row in rows)


def write_raw(
    directory: Path,
    raw: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    files: int = 1,
    shuffle: int | None = None,
) -> dict[str, list[Path]]:
    """Writes every table as Parquet files and returns their paths by table.

    `files` splits each table; such a file leaves out the columns that are null in all of its rows.
    `shuffle` seeds another order of rows, columns and files.
    """
    rng = random.Random(shuffle)  # noqa: S311 - test data
    directory.mkdir(parents=True, exist_ok=True)
    written: dict[str, list[Path]] = {}
    for table, rows in raw.items():
        names = sorted({column for row in rows for column in row}) or [*TABLES[table].by_name, *SYSTEM_TYPES]
        types = {name: arrow_type(table, name, (row.get(name) for row in rows)) for name in names}
        ordered = list(rows)
        if shuffle is not None:
            rng.shuffle(ordered)
            rng.shuffle(names)
        parts = min(files, max(1, len(ordered)))
        for part in range(parts):
            chosen = ordered[part::parts]
            kept = names
            if parts > 1:
                kept = [name for name in names if name in SYSTEM_TYPES or any_known(chosen, name)]
            path = directory / f"{table}-{part}.parquet"
            columns = {name: pa.array([row.get(name) for row in chosen], types[name]) for name in kept}
            pq.write_table(pa.table(columns), path, compression="zstd")
            written.setdefault(table, []).append(path)
        if shuffle is not None:
            rng.shuffle(written[table])
    return written


class Draw:
    """Random values of one workspace, leaning on the places where point-in-time code goes wrong."""

    def __init__(self, seed: int, zone: ZoneInfo, days: Sequence[int]) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - test data
        self.zone = zone
        self.days = days
        self.first, self.last = days[0] - 130, days[-1] + 20

    def pick(self, *options: Any) -> Any:
        return self.rng.choice(options)

    def maybe(self, value: Any, share: float = 0.7) -> Any:
        """`value`, or null."""
        return value if self.rng.random() < share else None

    def day(self) -> int:
        """A local day number; every third lies within two days of an as_of or of a whole week before it."""
        if self.rng.random() < 0.33:
            return self.pick(*self.days) - 7 * self.pick(0, 0, 1, 2, 4, 8, 12) + self.pick(-2, -1, 0, 1)
        return self.rng.randint(self.first, self.last)

    def date(self) -> date:
        return calendar_day(self.day())

    def moment(self) -> datetime:
        """An instant; half of them at the edge of a local day: one second before, on it, one after."""
        start = midnight(self.day(), self.zone)
        if self.rng.random() < 0.5:
            return start + timedelta(seconds=self.pick(-1, 0, 1))
        return start + timedelta(seconds=self.rng.randrange(86_400))

    def later(self, moment: datetime) -> datetime:
        """After `moment` by anything from nothing to ten weeks; now and then before it."""
        delay = self.pick(0, 1, 3600, self.rng.randrange(86_400), self.rng.randrange(70 * 86_400), -7200)
        return moment + timedelta(seconds=delay)

    def known(self, occurred: Any) -> datetime:
        """When a fact became known: mostly at once, sometimes weeks later, rarely before it happened."""
        if not isinstance(occurred, datetime):
            day = local_day(occurred, self.zone)
            occurred = self.moment() if day is None else midnight(day, self.zone)
        choice = self.rng.random()
        if choice < 0.6:
            return occurred
        if choice < 0.7:
            return self.moment()
        if choice < 0.75:
            return occurred - timedelta(days=self.rng.randint(1, 30))
        return occurred + timedelta(seconds=self.rng.randrange(45 * 86_400))

    def number(self) -> float:
        """A number with ties, zeros, negatives and more than six decimals among them."""
        return self.pick(
            0.0, 1.0, 1.0, 2.0, 2.5, -1.5, 0.1, 0.2, 0.3, 1e-7, 3.1234565, self.rng.uniform(-50, 500)
        )


def _account(d: Draw) -> dict[str, Any]:
    return {
        "name": d.maybe(d.pick("Acme", "Søn", "")),
        "segment": d.maybe(d.pick("enterprise", "smb")),
        "plan": d.maybe(d.pick("pro", "basic"), 0.5),
        "region": d.maybe("NA"),
        "csm_email": d.maybe("csm@example.com"),
        "parent_account_id": d.maybe("acme", 0.2),
        "start_date": d.maybe(d.date(), 0.6),
        "lifecycle_stage": d.maybe(d.pick("live", "paused"), 0.2),
        "is_internal": d.maybe(d.rng.random() < 0.15, 0.6),
    }


def _contract(d: Draw) -> dict[str, Any]:
    start = d.date()
    return {
        "contract_id": f"c{d.rng.randrange(60)}",
        "start_date": start,
        "end_date": d.maybe(start + timedelta(days=d.pick(30, 90, 120, d.rng.randint(1, 200)))),
        "arr": d.maybe(d.rng.randrange(1, 10**7) / 100, 0.85),
        "seats": d.maybe(d.pick(0.0, 5.0, 10.0, 250.0)),
        "plan": d.maybe(d.pick("pro", "basic")),
        "product": d.maybe(d.pick("core", "analytics", "Ω add-on"), 0.6),
        "notice_days": d.maybe(d.pick(0.0, 30.0, 60.0, 90.0)),
        "signed_at": d.maybe(d.moment()),
        "cancelled_at": d.maybe(d.moment(), 0.2),
    }


def _event(d: Draw) -> dict[str, Any]:
    return {
        "event": d.pick("login", "export", "Login", "größe"),
        "occurred_at": d.moment(),
        "user_id": d.maybe(d.pick("u1", "u2", "u3", "ü4"), 0.85),
        "feature": d.maybe(d.pick("report", "api", "Report")),
        "team": d.maybe(d.pick("sales", "ops")),
        "quantity": d.maybe(d.number()),
        "is_power_user": d.maybe(d.rng.random() < 0.6),
        "weight": d.maybe(d.number(), 0.5),
        "product": d.maybe(d.pick("core", "analytics", "unsold"), 0.3),
    }


def _metric(d: Draw) -> dict[str, Any]:
    return {"date": d.date(), "metric": d.pick("seats_used", "dau"), "value": d.number()}


def _ticket(d: Draw) -> dict[str, Any]:
    opened = d.moment()
    return {
        "ticket_id": f"t{d.rng.randrange(400)}",
        "opened_at": opened,
        "first_response_at": d.maybe(d.later(opened)),
        "resolved_at": d.maybe(d.later(opened), 0.6),
        "priority": d.maybe(d.pick("p1", "p2", "p3")),
        "kind": d.maybe(d.pick("bug", "question")),
        "escalated_at": d.maybe(d.later(opened), 0.2),
        "reopened": d.maybe(d.pick(0.0, 1.0, 2.0)),
        "csat": d.maybe(d.pick(1.0, 3.0, 4.0, 5.0), 0.5),
        "product": d.maybe(d.pick("core", "analytics"), 0.3),
    }


def _contact(d: Draw) -> dict[str, Any]:
    return {
        "contact_id": f"p{d.rng.randrange(200)}",
        "role": d.maybe(d.pick("sponsor", "champion", "admin", "user"), 0.9),
        "status": d.maybe(d.pick("active", "at_risk", "departed")),
        "valid_from": d.maybe(d.date()),
        "valid_to": d.maybe(d.date(), 0.3),
    }


def _interaction(d: Draw) -> dict[str, Any]:
    return {
        "interaction_id": f"i{d.rng.randrange(400)}",
        "occurred_at": d.moment(),
        "kind": d.maybe(d.pick("meeting", "call", "email")),
        "executive": d.maybe(d.rng.random() < 0.4),
        "attended": d.maybe(d.rng.random() < 0.7),
        "attendees": d.maybe(["ann", "bob"]),
        "response_hours": d.maybe(d.number()),
    }


def _survey(d: Draw) -> dict[str, Any]:
    low, high = d.pick((1.0, 5.0), (0.0, 10.0), (1.0, 7.0), (3.0, 3.0))
    return {
        "response_id": f"s{d.rng.randrange(200)}",
        "answered_at": d.moment(),
        "kind": d.maybe(d.pick("nps", "csat")),
        "score": d.pick(1.0, 2.0, 3.0, 4.0, 5.0),
        "scale_min": d.maybe(low, 0.9),
        "scale_max": d.maybe(high, 0.9),
    }


def _invoice(d: Draw) -> dict[str, Any]:
    issued = d.moment()
    due = issued + timedelta(days=d.pick(0, 14, 30))
    return {
        "invoice_id": f"b{d.rng.randrange(300)}",
        "issued_at": issued,
        "due_at": due,
        "paid_at": d.maybe(d.later(d.pick(issued, due)), 0.6),
        "amount": d.maybe(d.number(), 0.9),
        "failures": d.maybe(d.pick(0.0, 1.0, 3.0)),
    }


def _milestone(d: Draw) -> dict[str, Any]:
    return {"milestone": d.pick("go_live", "first_value"), "reached_at": d.moment()}


def _opportunity(d: Draw) -> dict[str, Any]:
    return {
        "opportunity_id": f"o{d.rng.randrange(200)}",
        "kind": d.maybe(d.pick("renewal", "expansion")),
        "amount": d.maybe(d.number()),
        "created_at": d.moment(),
        "closed_at": d.maybe(d.moment(), 0.5),
        "won": d.maybe(d.rng.random() < 0.5),
    }


def _pulse(d: Draw) -> dict[str, Any]:
    return {"recorded_at": d.moment(), "sponsor_status": d.maybe(d.pick("active", "at_risk", "missing"))}


def _escalation(d: Draw) -> dict[str, Any]:
    opened = d.moment()
    return {
        "escalation_id": f"e{d.rng.randrange(100)}",
        "opened_at": opened,
        "resolved_at": d.maybe(d.later(opened), 0.5),
        "severity": d.maybe(d.pick("high", "low")),
    }


def _goal(d: Draw) -> dict[str, Any]:
    return {
        "goal_id": f"g{d.rng.randrange(100)}",
        "baseline": d.maybe(d.pick(0.0, 10.0), 0.9),
        "target": d.maybe(d.pick(10.0, 40.0), 0.9),
        "measured": d.maybe(d.pick(-5.0, 5.0, 17.0, 60.0), 0.8),
        "due_on": d.maybe(d.date()),
        "confirmed_by": d.maybe("Ann"),
        "confirmed_at": d.maybe(d.moment(), 0.6),
    }


def _reference(d: Draw) -> dict[str, Any]:
    return {
        "occurred_at": d.moment(),
        "kind": d.maybe("case_study"),
        "accepted": d.maybe(d.rng.random() < 0.5),
    }


def _legacy_score(d: Draw) -> dict[str, Any]:
    return {"as_of": d.date(), "score": d.number(), "source": d.maybe(d.pick("old", "older"))}


MAKERS: dict[str, tuple[Callable[[Draw], dict[str, Any]], int]] = {
    "accounts": (_account, 1),
    "contracts": (_contract, 3),
    "events": (_event, 45),
    "metrics": (_metric, 25),
    "tickets": (_ticket, 14),
    "contacts": (_contact, 7),
    "interactions": (_interaction, 10),
    "surveys": (_survey, 7),
    "invoices": (_invoice, 8),
    "milestones": (_milestone, 2),
    "opportunities": (_opportunity, 4),
    "pulses": (_pulse, 4),
    "escalations": (_escalation, 2),
    "goals": (_goal, 4),
    "references": (_reference, 3),
    "legacy_scores": (_legacy_score, 6),
}
"""How a row of each table is drawn, and how many facts an account has about."""


def build_raw(
    seed: int,
    days: Sequence[int],
    *,
    timezone: str = "UTC",
    accounts: Sequence[str] = ACCOUNT_IDS,
    tables: Sequence[str] = tuple(MAKERS),
    empty: Sequence[str] = (),
) -> Raw:
    """A workspace of `tables` around the as_of `days`, the same for the same arguments.

    Facts are nulled, tied, duplicated, known late (or before they happen), corrected (a changed where-column
    or measure, a backdated or withdrawn closing, another day, another account) and put one second around
    local midnights. `empty` names tables that are there without a row.
    """
    rows = RawTables(timezone)
    draw = Draw(seed, rows.zone, days)
    for name in empty:
        rows.table(name)
    for name in tables:
        maker, about = MAKERS[name]
        versions: list[tuple[datetime, dict[str, Any]]] = []
        for account in accounts:
            if account == ("only in facts" if name == "accounts" else "only in accounts"):
                continue
            size = 1 if name == "accounts" else draw.rng.randint(0, 2 * about)
            for _ in range(size):
                versions += _versions(draw, name, {"account_id": account, **maker(draw)}, accounts)
        draw.rng.shuffle(versions)
        rows.table(name)
        for known, columns in versions:
            rows.add(name, known=known, **columns)
    return rows.tables


def _versions(
    draw: Draw, name: str, columns: dict[str, Any], accounts: Sequence[str]
) -> list[tuple[datetime, dict[str, Any]]]:
    """One fact as one or more versions; without identity one or two equal rows."""
    table = TABLES[name]
    known = draw.known(columns.get(table.occurred) if table.occurred else None)
    found = [(known, columns)]
    if not table.identity:
        return found * draw.pick(1, 1, 1, 2)
    while draw.rng.random() < 0.35:
        fresh = MAKERS[name][0](draw)
        changing = [column for column in fresh if column not in table.identity]
        if not changing:
            break
        changed = draw.rng.sample(changing, k=min(len(changing), draw.pick(1, 1, 2, 3)))
        columns = {**columns, **{column: fresh[column] for column in changed}}
        if "account_id" not in table.identity and draw.rng.random() < 0.08:
            columns["account_id"] = draw.pick(*accounts)
        delay = draw.pick(0, 1, 86_400, draw.rng.randrange(60 * 86_400), -draw.rng.randrange(10 * 86_400))
        known += timedelta(seconds=delay)
        found.append((known, columns))
    return found
