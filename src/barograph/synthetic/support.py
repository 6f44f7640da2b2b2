"""Tickets and escalations: readings of the support driver. How many tickets there are says little; how severe
they are and how long they stay open says more."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile, staff_of
from barograph.synthetic.activity import Life, happenings
from barograph.synthetic.frame import (
    HOUR,
    NEVER,
    Coded,
    Columns,
    Floats,
    Ints,
    Step,
    Texts,
    build,
    coded,
    delays,
    known,
    ordinals,
    plain,
    sigmoid,
    stack,
    take,
    texts,
    versions,
)
from barograph.synthetic.latent import Latent, season
from barograph.synthetic.spec import CompanySpec

PRIORITIES = ("p1", "p2", "p3", "p4")
KINDS = ("question", "incident", "defect", "request", "migration")
CAUSES = ("regression", "capacity", "integration", "configuration", "third party")
SEVERITIES = ("critical", "major")
TICKETS_PER_WEEK = (0.55, 0.30, 0.18)
RESPONSE_HOURS = (0.7, 3.0, 9.0, 20.0)
RESOLUTION_HOURS = (30.0, 90.0, 150.0, 260.0)
SUBJECTS = {
    "question": ("How do I share a report with finance?", "Where do I find the audit trail?"),
    "incident": ("Dashboards do not load", "Workflows stopped this morning", "Nobody can sign in"),
    "defect": ("Totals differ between two reports", "Import drops the last row", "Alert is sent twice"),
    "request": ("Please raise our API limit", "Add a field to the export"),
    "migration": (
        "Migration wave: field mapping",
        "Migration wave: history import",
        "Migration wave: user set-up",
    ),
}


def draw(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life, contacts: Columns
) -> Columns:
    """Ticket facts: each column in full, with `account`, before it is split into versions."""
    rng = spec.rng(block, "tickets")
    mood = latent.paths["support"]
    rate = np.take(TICKETS_PER_WEEK, profile.segment)[:, None] * np.exp(-0.35 * mood) * season(spec)[None, :]
    drawn = happenings(rng, spec, lives, rate)
    account, week = drawn.account, drawn.week
    rows = len(drawn)
    here = mood[account, week]
    severe = rng.random(rows) < sigmoid(-1.6 - 1.25 * here)
    worst = rng.random(rows) < 0.3
    priority = np.where(severe, np.where(worst, 0, 1), np.where(rng.random(rows) < 0.6, 2, 3))
    kind = np.where(severe, 1 + (rng.random(rows) < 0.4), rng.choice([0, 2, 3], rows, p=[0.5, 0.2, 0.3]))
    slow = np.exp(-0.75 * here)
    response = np.take(RESPONSE_HOURS, priority) * rng.lognormal(0, 0.6, rows)
    resolution = np.take(RESOLUTION_HOURS, priority) * slow * rng.lognormal(0, 0.6, rows)
    return facts(rng, profile, lives, contacts, account, drawn.at, priority, kind, response, resolution, here)


def facts(
    rng: np.random.Generator,
    profile: Profile,
    lives: Life,
    contacts: Columns,
    account: Ints,
    opened: Ints,
    priority: Ints,
    kind: Ints,
    response: Floats,
    resolution: Floats,
    mood: Floats,
    letter: str = "T",
) -> Columns:
    """Complete tickets from when they were opened, how severe they are and how long they take (hours).

    `letter` keeps the ids of two sets of tickets apart.
    """
    rows = len(account)
    first = opened + (response * HOUR).astype(np.int64)
    escalates = (priority <= 1) & (rng.random(rows) < np.where(priority == 0, 0.25, 0.05))
    escalated = np.where(
        escalates, opened + (np.maximum(response, 0.1) * 3 * HOUR).astype(np.int64) + 1, NEVER
    )
    resolved = opened + (np.maximum(resolution, response * 4 + 0.5) * HOUR).astype(np.int64) + 2
    resolved, escalated, first = (_within(lives, account, at) for at in (resolved, escalated, first))
    csat = np.clip(np.round(3.7 + 0.55 * mood + rng.normal(0, 0.9, rows)), 1, 5)
    words = [KINDS[k] for k in kind.tolist()]
    picks = rng.integers(0, 6, rows).tolist()
    return {
        "account": account,
        "ticket_id": texts(
            [
                f"{profile.ids[a]}-{letter}{number + 1:04d}"
                for a, number in zip(account.tolist(), ordinals(account).tolist(), strict=True)
            ]
        ),
        "account_id": profile.words(account),
        "contact_id": reporter(rng, contacts, account, profile.n),
        "opened_at": opened,
        "first_response_at": first,
        "resolved_at": resolved,
        "priority": Coded(priority, PRIORITIES),
        "kind": Coded(kind, KINDS),
        "escalated_at": escalated,
        "reopened": (rng.random(rows) < sigmoid(-2.4 - 0.5 * mood)).astype(np.float64),
        "csat": np.where(rng.random(rows) < 0.45, csat, np.nan),
        "subject": texts([SUBJECTS[w][p % len(SUBJECTS[w])] for w, p in zip(words, picks, strict=True)]),
    }


def _within(lives: Life, account: Ints, at: Ints) -> Ints:
    """The same moments, unknown from the end of the account's life on: nobody closes its tickets."""
    return np.where(at < lives.ends[account], at, NEVER)


def reporter(rng: np.random.Generator, contacts: Columns, account: Ints, n: int) -> Texts:
    """One of the account's own administrators and users who did not leave; None without any."""
    owner, role, valid_to, ids = (
        plain(contacts, name) for name in ("account", "role", "valid_to", "contact_id")
    )
    staying = ((role == "admin") | (role == "power_user") | (role == "user")) & (valid_to == NEVER)
    owner, ids = owner[staying], ids[staying]
    first = np.searchsorted(owner, np.arange(n))
    count = np.searchsorted(owner, np.arange(n), side="right") - first
    place = first[account] + np.floor(rng.random(len(account)) * count[account]).astype(np.int64)
    safe = np.minimum(place, max(len(ids) - 1, 0))
    chosen = texts(ids[safe].tolist()) if len(ids) else texts([None] * len(account))
    chosen[count[account] == 0] = None
    return chosen


def tickets(spec: CompanySpec, block: int, parts: list[Columns]) -> pa.Table:
    """The `tickets` table from complete facts: rows when opened, answered, escalated and resolved."""
    rng = spec.rng(block, "tickets table")
    columns = stack(parts)
    del columns["account"]
    opened = plain(columns, "opened_at")
    steps = [
        Step(plain(columns, "first_response_at"), ("first_response_at",)),
        Step(plain(columns, "escalated_at"), ("escalated_at",)),
        Step(plain(columns, "resolved_at"), ("resolved_at", "csat", "reopened")),
    ]
    late = np.column_stack([delays(rng, len(opened), spec.late_share) for _ in range(4)])
    return build("tickets", known(versions(columns, opened, steps, late), spec.end_day))


def escalations(
    spec: CompanySpec, block: int, profile: Profile, parts: list[Columns], lives: Life
) -> pa.Table:
    """The `escalations` table: what an escalated ticket set off, a row when opened and one when resolved."""
    rng = spec.rng(block, "escalations")
    sources = stack(parts)
    escalated = plain(sources, "escalated_at")
    sources = take(sources, np.flatnonzero(escalated != NEVER))
    account = plain(sources, "account")
    rows = len(account)
    opened = plain(sources, "escalated_at") + rng.integers(600, 7_200, rows) * 1_000_000
    solved = plain(sources, "resolved_at")
    resolved = np.maximum(np.where(solved == NEVER, 0, solved), opened) + rng.integers(1, 6 * 24, rows) * HOUR
    resolved = np.where((solved == NEVER) | (resolved >= lives.ends[account]), NEVER, resolved)
    csms, _ = staff_of(spec)
    priority = coded(sources, "priority")
    several = rng.random(rows) < 0.4
    columns: Columns = {
        "escalation_id": texts([f"{word}-ESC" for word in plain(sources, "ticket_id")]),
        "account_id": profile.words(account),
        "opened_at": opened,
        "resolved_at": resolved,
        "severity": Coded(np.where(priority.codes == 0, 0, 1), SEVERITIES),
        "owner_email": Coded(profile.csm[account] % len(csms), csms),
        "cause": Coded(rng.integers(0, len(CAUSES), rows), CAUSES),
        "teams": Coded(several.astype(np.int64), ("support;engineering", "support;engineering;product")),
    }
    late = np.column_stack([delays(rng, rows), delays(rng, rows)])
    inside = np.flatnonzero(opened < lives.ends[account])
    shown = versions(
        take(columns, inside),
        opened[inside],
        [Step(resolved[inside], ("resolved_at", "cause"))],
        late[inside],
    )
    return build("escalations", known(shown, spec.end_day))
