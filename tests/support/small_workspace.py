"""A made-up company of sixteen accounts in five CSV files, written out by rules: no chance in it.

Every account is there for a reason, and `ACCOUNTS` says for which. Days run from Monday 2026-06-29 (START) to
the as_of Monday 2026-11-16 (MONDAY).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from barograph.core.calendar import WEEK, day_number
from barograph.definitions.toml_io import dumps_model
from barograph.intake import ImportReport, import_paths
from barograph.workspace import Workspace
from support.small_model import small_model

MONDAY = day_number(date(2026, 11, 16))
START = MONDAY - 20 * WEEK
NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)

Row = dict[str, Any]
DAY = timedelta(days=1)
AS_OF = date(2026, 11, 16)
FIRST = date(2026, 6, 29)

# id, name, parent, segment, arr, users in week w (0..19), features, what it is for
ACCOUNTS: tuple[tuple[str, str, str, str, int, str, str], ...] = (
    ("a01", "Alder Works", "", "mid", 48000, "steady 8", "steady and healthy"),
    ("a02", "Birch Labs", "", "mid", 36000, "fall 9", "loses its users over six weeks"),
    ("a03", "Cedar Bank", "", "ent", 90000, "steady 9", "an open P1 for ten days: the cap holds its tier"),
    ("a04", "Dogwood Air", "", "ent", 60000, "steady 7", "its sponsor left three weeks ago"),
    ("a05", "Elm Foods", "", "mid", 24000, "steady 4", "gave notice"),
    ("a06", "Fir Studio", "", "smb", 6000, "none", "never used anything: too little is known for a score"),
    ("a07", "Ginkgo Group", "", "ent", 30000, "steady 5", "parent of a08 and a09"),
    ("a08", "Hazel Retail", "a07", "mid", 20000, "steady 6", "child of a07"),
    ("a09", "Ivy Logistics", "a07", "mid", 10000, "fall 6", "child of a07 that goes down"),
    ("a10", '=HYPERLINK("https://x.example")', "", "smb", 5000, "steady 3", "a name that a spreadsheet would run"),
    ("a11", "Juniper (internal)", "", "smb", 1, "steady 9", "internal: never scored"),
    ("a12", "Katsura Media", "", "smb", 12000, "rise 9", "grows"),
    ("a13", "Larch Mills", "", "mid", 15000, "steady 5", "has two products"),
    ("a14", "Maple & Sons", "", "smb", 7000, "steady 2", "hardly used, and its contract ends soon"),
    ("a15", "Nutmeg Travel", "", "mid", 9000, "steady 6", "ended in October: gone from the week of 9 November"),
    ("a16", "Oak Dental", "", "smb", 8000, "begin 4", "began on 4 November: new in the week of 9 November"),
)  # fmt: skip


def users_in(pattern: str, week: int) -> int:
    """How many users of an account are active in week 0 to 19."""
    kind, _, size = pattern.partition(" ")
    match kind:
        case "fall":
            return max(1, int(size) - max(0, week - 13))
        case "rise":
            return min(int(size), 2 + week // 2)
        case "begin":
            return int(size) if week >= 18 else 0
        case "steady":
            return int(size) - (week % 4 == 3)
    return 0


def tables() -> dict[str, list[Row]]:
    """Table -> rows, with texts as a CSV file has them."""
    return {
        "accounts": [_account(*entry) for entry in ACCOUNTS],
        "contracts": [row for entry in ACCOUNTS for row in _contracts(*entry)],
        "events": [row for entry in ACCOUNTS for row in _events(entry[0], entry[5])],
        "tickets": _tickets(),
        "contacts": [row for entry in ACCOUNTS for row in _contacts(entry[0])],
    }


def late_events(account: str, users: int, day: date, recorded: date) -> list[Row]:
    """Events of users nobody saw before, that happened on `day` and were known from `recorded` on."""
    return [
        {"account_id": account, "user_id": f"{account}-late{u}", "event": "edit", "feature": "reports",
         "occurred_at": f"{day}T11:00:00Z", "recorded_at": f"{recorded}T11:00:00Z"}
        for u in range(users)
    ]  # fmt: skip


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A CSV file of rows that have the same keys; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = list(rows)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
    return path


def write_exports(folder: Path, until: date | None = None) -> Path:
    """The five files. until: only rows recorded before this day (UTC)."""
    for name, rows in tables().items():
        known = [row for row in rows if until is None or row["recorded_at"] < until.isoformat()]
        write_csv(folder / f"{name}.csv", known)
    return folder


def made(folder: Path) -> Workspace:
    """A workspace in `folder` with the small model and nothing imported."""
    place = Workspace.create(folder, name="Small company", currency="EUR")
    (folder / "models/small.toml").write_text(dumps_model(small_model()), encoding="utf-8")
    return place


def bring_in(place: Workspace, *paths: Path, now: datetime = NOW, table: str | None = None) -> ImportReport:
    """Import paths at a fixed time."""
    return import_paths(place, list(paths), table=table, now=now)


def _account(account: str, name: str, parent: str, segment: str, arr: int, pattern: str, purpose: str) -> Row:
    return {
        "account_id": account,
        "name": name,
        "parent_account_id": parent,
        "segment": segment,
        "csm_email": "cs-north@example.com" if account < "a08" else "cs-south@example.com",
        "start_date": "2025-01-06",
        "is_internal": "true" if "internal" in name else "false",
        "recorded_at": "2025-01-06T08:00:00Z",
    }


def _contracts(
    account: str, name: str, parent: str, segment: str, arr: int, pattern: str, purpose: str
) -> list[Row]:
    products = ("core", "analytics") if account == "a13" else ("core",)
    began = "2026-11-04" if account == "a16" else "2026-01-06"
    end = {"a14": "2026-12-20", "a15": "2026-10-06"}.get(account, "2027-01-05")
    base = [
        {
            "contract_id": f"{account}-{product}",
            "account_id": account,
            "start_date": began,
            "end_date": end,
            "arr": arr / len(products),
            "currency": "EUR",
            "seats": 10,
            "product": product,
            "notice_days": 30,
            "cancelled_at": "",
            "recorded_at": f"{began}T08:00:00Z",
        }
        for product in products
    ]
    if account == "a05":
        notice = {"cancelled_at": "2026-11-12T09:00:00Z", "recorded_at": "2026-11-12T09:00:00Z"}
        base += [{**base[0], **notice}]
    return base


def _events(account: str, pattern: str) -> list[Row]:
    features = ("board", "reports", "automation", "api")
    found = []
    for week in range(20):
        for user in range(users_in(pattern, week)):
            for visit in range(2):
                day = FIRST + DAY * (WEEK * week + (2 * user + 3 * visit) % 5)
                moment = f"{day}T{9 + user % 8:02d}:30:00Z"
                found.append(
                    {
                        "account_id": account,
                        "user_id": f"{account}-u{user}",
                        "event": "edit" if visit else "view",
                        "feature": features[(user + visit) % len(features)],
                        "occurred_at": moment,
                        "recorded_at": moment,
                    }
                )
    return found


def _tickets() -> list[Row]:
    asked = [
        ("t1", "a03", AS_OF - 10 * DAY, None, "p1"),
        ("t2", "a01", AS_OF - 40 * DAY, AS_OF - 39 * DAY, "p2"),
        ("t3", "a01", AS_OF - 5 * DAY, None, "p3"),
        ("t4", "a09", AS_OF - 20 * DAY, AS_OF - 4 * DAY, "p1"),
        ("t5", "a12", AS_OF - 100 * DAY, AS_OF - 90 * DAY, "p1"),
    ]
    found = []
    for ticket, account, opened, resolved, priority in asked:
        row = {"ticket_id": ticket, "account_id": account, "opened_at": f"{opened}T10:00:00Z",
               "resolved_at": "", "priority": priority, "recorded_at": f"{opened}T10:00:00Z"}  # fmt: skip
        found.append(row)
        if resolved is not None:
            done = f"{resolved}T15:00:00Z"
            found.append({**row, "resolved_at": done, "recorded_at": done})
    return found


def _contacts(account: str) -> list[Row]:
    met = "2026-01-06"
    row = {"contact_id": f"{account}-sponsor", "account_id": account, "role": "sponsor", "status": "active",
           "valid_from": met, "recorded_at": f"{met}T08:00:00Z"}  # fmt: skip
    if account == "a06":
        return []
    if account == "a04":
        left = AS_OF - 21 * DAY
        return [row, {**row, "status": "departed", "recorded_at": f"{left}T08:00:00Z"}]
    return [row]
