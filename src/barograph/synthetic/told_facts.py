"""Single facts of told accounts that no rate would bring about in time."""

from __future__ import annotations

import numpy as np

from barograph.synthetic.accounts import CURRENCIES, Profile
from barograph.synthetic.activity import Happenings, Life
from barograph.synthetic.engagement import on_days
from barograph.synthetic.frame import DAY, HOUR, NEVER, Coded, Columns, texts
from barograph.synthetic.spec import CompanySpec
from barograph.synthetic.stories import POSITION, told
from barograph.synthetic.support import KINDS, facts
from barograph.synthetic.voice import REFERENCE_KINDS

OPEN_END_HOURS = 10_000.0


def tickets(spec: CompanySpec, block: int, profile: Profile, lives: Life, contacts: Columns) -> list[Columns]:
    """The migration's wave of tickets over ten weeks, and the p1 that has been open for nine days."""
    if not told(spec, block):
        return []
    rng = spec.rng(block, "told tickets")
    back = np.repeat(np.arange(69, 2, -1), np.arange(69, 2, -1) % 7 < 5)
    back = np.repeat(back, np.where(back > 35, 1, 2))
    opened = (spec.end_day - back) * DAY + rng.integers(8 * 3_600, 17 * 3_600, len(back)) * 1_000_000
    rows = len(back)
    account = np.full(rows, POSITION["migration"])
    priority = np.where(rng.random(rows) < 0.7, 2, 3)
    kind = np.full(rows, KINDS.index("migration"))
    quick = rng.uniform(0.5, 4.0, rows)
    wave = facts(
        rng, profile, lives, contacts, account, opened, priority, kind, quick, quick * 12, np.ones(rows), "M"
    )
    at = np.array([(spec.end_day - 9) * DAY + 7 * HOUR])
    one = np.array([POSITION["open_p1"]])
    zero = np.zeros(1)
    incident = np.array([KINDS.index("incident")])
    urgent = np.zeros(1, dtype=np.int64)
    p1 = facts(
        rng,
        profile,
        lives,
        contacts,
        one,
        at,
        urgent,
        incident,
        zero + 0.5,
        zero + OPEN_END_HOURS,
        zero - 1.5,
        "M",
    )
    p1["escalated_at"] = at + 26 * HOUR
    p1["subject"] = texts(["Workflows stopped this morning"])
    return [wave, p1]


def touches(spec: CompanySpec, block: int) -> list[tuple[str, Happenings]]:
    """Work on the rescued account, and what came before two good turns."""
    if not told(spec, block):
        return []
    days = (
        ("meeting", "rescued", [*range(350, 210, -7)]),
        ("business_review", "rescued", [343, 301, 252, 161]),
        ("training", "rescued", [336, 322, 308]),
        ("business_review", "newly_healthy", [41, 6]),
        ("training", "newly_healthy", [55, 27, 13]),
        ("meeting", "newly_healthy", [48, 34, 20, 5]),
        ("business_review", "growth", [97, 17]),
        ("meeting", "growth", [24, 10, 4]),
        ("training", "onboarding", [31, 24, 12]),
        ("meeting", "onboarding", [34, 20, 6]),
        ("meeting", "migration", [66, 52, 38, 24, 11, 4]),
    )
    longest = 7 * spec.weeks
    return [
        (kind, on_days(spec, POSITION[key], [d for d in back if d <= longest])) for kind, key, back in days
    ]


def invoices(spec: CompanySpec, block: int, profile: Profile) -> Columns | None:
    """The invoice that nobody has paid."""
    if not told(spec, block):
        return None
    at = POSITION["overdue"]
    issued = np.array([(spec.end_day - 68) * DAY + 10 * HOUR])
    return {
        "invoice_id": texts([f"{profile.ids[at]}-SEATS-INV"]),
        "account_id": profile.words(np.array([at])),
        "issued_at": issued,
        "due_at": issued + 30 * DAY,
        "paid_at": np.array([NEVER]),
        "amount": np.array([5_400.0]),
        "currency": Coded(np.zeros(1, dtype=np.int64), CURRENCIES),
        "failures": np.array([2.0]),
    }


def references(spec: CompanySpec, block: int, profile: Profile) -> Columns | None:
    """What the advocate did for the product within the last year."""
    if not told(spec, block):
        return None
    back = np.array([300, 210, 120, 60, 20])
    at = (spec.end_day - back) * DAY + 11 * HOUR
    return {
        "account_id": profile.words(np.full(5, POSITION["advocate"])),
        "occurred_at": at,
        "kind": Coded(np.arange(5), REFERENCE_KINDS),
        "accepted": np.ones(5, dtype=np.bool_),
        "recorded_at": at + HOUR,
    }
