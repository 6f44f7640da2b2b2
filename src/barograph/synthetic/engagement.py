"""Interactions: readings of engagement and of who is still there, and webinars that read nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile
from barograph.synthetic.activity import Happenings, Life, happenings
from barograph.synthetic.frame import (
    HOUR,
    NEVER,
    Bools,
    Coded,
    Columns,
    Ints,
    Texts,
    build,
    coded,
    delays,
    known,
    ordinals,
    plain,
    sigmoid,
    stack,
    texts,
)
from barograph.synthetic.latent import Latent, season
from barograph.synthetic.spec import CompanySpec

KINDS = ("meeting", "call", "email", "business_review", "training", "webinar", "onsite")
DIRECTIONS = ("inbound", "outbound")
PER_WEEK = {
    "meeting": (0.34, 0.20, 0.10),
    "call": (0.20, 0.14, 0.09),
    "email": (0.55, 0.35, 0.20),
    "business_review": (0.072, 0.045, 0.026),
    "onsite": (0.015, 0.003, 0.0),
}
PULL = {"meeting": 0.55, "call": 0.25, "email": 0.15, "business_review": 0.75, "onsite": 0.4}
"""How strongly the rate of each kind follows engagement, on the log scale."""
NOTES = {
    "meeting": ("Went through open points and next steps.", "Planned the roll-out to the next team."),
    "call": ("Short call on open questions.", "Checked in on adoption."),
    "email": ("Follow-up with notes.", "Question about the roadmap."),
    "business_review": ("Reviewed goals, usage and the plan for the next quarter.",),
    "training": ("Training for new users.",),
    "webinar": ("Marketing webinar.",),
    "onsite": ("Visit on site with the operations team.",),
}


def draw(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life
) -> dict[str, Happenings]:
    """When the touches of each kind happened."""
    rng = spec.rng(block, "interactions")
    mood = latent.paths["engagement"]
    year = season(spec)[None, :]
    drawn = {}
    for kind, per_segment in PER_WEEK.items():
        base = np.take(per_segment, profile.segment)[:, None]
        drawn[kind] = happenings(rng, spec, lives, base * np.exp(PULL[kind] * mood) * year)
    monday = spec.start_day + 7 * np.arange(spec.weeks)
    age = monday[None, :] - profile.start_day[:, None]
    training = np.where((age >= 0) & (age < 90), 0.25, 0.012) * np.exp(0.1 * mood)
    drawn["training"] = happenings(rng, spec, lives, training)
    drawn["webinar"] = happenings(
        rng, spec, lives, np.repeat(profile.webinar_appetite[:, None], spec.weeks, 1)
    )
    return drawn


def facts(
    rng: np.random.Generator,
    profile: Profile,
    latent: Latent,
    contacts: Columns,
    kind: str,
    touches: Happenings,
) -> Columns:
    """Complete interactions of one kind: who came, whether leadership did, how fast replies were.

    A webinar counts as attended or not by chance alone.
    """
    rows = len(touches)
    account, at = touches.account, touches.at
    mood = latent.paths["engagement"][account, touches.week]
    formal = kind in ("meeting", "business_review", "onsite")
    webinar = kind == "webinar"
    sponsor_there = ~latent.sponsor_gone[account, touches.week]
    lean = 0.9 if kind == "business_review" else -1.3
    executive = formal & sponsor_there & (rng.random(rows) < sigmoid(lean + 0.8 * mood))
    came = rng.random(rows) < (0.5 if webinar else sigmoid(1.9 + 0.5 * mood))
    replies = np.exp(2.6 - 0.35 * mood + rng.normal(0, 0.8, rows))
    notes = NOTES[kind]
    return {
        "account_id": profile.words(account),
        "occurred_at": at,
        "kind": Coded(np.full(rows, KINDS.index(kind)), KINDS),
        "direction": Coded(
            np.where(rng.random(rows) < sigmoid(-0.4 + 0.3 * mood * (not webinar)), 0, 1), DIRECTIONS
        ),
        "attendees": _attendees(rng, contacts, account, at, executive, came, profile.n),
        "executive": executive & came,
        "attended": came,
        "response_hours": np.round(replies, 1) if kind == "email" else np.full(rows, np.nan),
        "notes": texts([notes[i % len(notes)] for i in range(rows)]),
        "recorded_at": at + delays(rng, rows) + HOUR,
    }


def _attendees(
    rng: np.random.Generator,
    contacts: Columns,
    account: Ints,
    at: Ints,
    executive: Bools,
    came: Bools,
    n: int,
) -> Texts:
    """Ids of the people present on that day: the sponsor with leadership, else the champion and users."""
    owner, since, until = (plain(contacts, name) for name in ("account", "valid_from", "valid_to"))
    ids, roles = plain(contacts, "contact_id"), plain(contacts, "role")
    first = np.searchsorted(owner, np.arange(n)).tolist()
    last = np.searchsorted(owner, np.arange(n), side="right").tolist()
    begins, ends = since.tolist(), np.where(until == NEVER, np.iinfo(np.int64).max, until).tolist()
    chance = rng.random((len(account), 4)).tolist()
    listed: list[str | None] = []
    for position, day, top, present, luck in zip(
        account.tolist(), (at // (24 * HOUR)).tolist(), executive.tolist(), came.tolist(), chance, strict=True
    ):
        if not present:
            listed.append(None)
            continue
        found = []
        for row in range(first[position], last[position]):
            if not begins[row] <= day < ends[row]:
                continue
            role = roles[row]
            wanted = top if role == "sponsor" else luck[row % 4] < (0.75 if role == "champion" else 0.35)
            if wanted:
                found.append(ids[row])
        listed.append(";".join(found) if found else None)
    return texts(listed)


def table(
    spec: CompanySpec,
    block: int,
    profile: Profile,
    latent: Latent,
    contacts: Columns,
    parts: list[tuple[str, Happenings]],
) -> pa.Table:
    """The `interactions` table from touches of each kind."""
    rng = spec.rng(block, "interactions table")
    complete = stack([facts(rng, profile, latent, contacts, kind, touches) for kind, touches in parts])
    owner = coded(complete, "account_id").codes
    pairs = zip(owner.tolist(), ordinals(owner).tolist(), strict=True)
    complete["interaction_id"] = texts([f"{profile.ids[a]}-I{o + 1:04d}" for a, o in pairs])
    return build("interactions", known(complete, spec.end_day))


def on_days(spec: CompanySpec, account: int, days_before_end: list[int]) -> Happenings:
    """Touches on given days before the end at 10:00 UTC, for stories."""
    days = spec.end_day - np.array(days_before_end, dtype=np.int64)
    weeks = np.clip((days - spec.start_day) // 7, 0, spec.weeks - 1)
    return Happenings(np.full(len(days), account), weeks, days * 24 * HOUR + 10 * HOUR)
