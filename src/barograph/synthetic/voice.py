"""What people say: surveys with comments, the account managers' pulses, and advocacy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from barograph.synthetic.accounts import Profile, staff_of
from barograph.synthetic.activity import Life, every, happenings
from barograph.synthetic.frame import (
    DAY,
    HOUR,
    NEVER,
    Bools,
    Coded,
    Columns,
    Ints,
    build,
    coded,
    delays,
    known,
    office_hours,
    ordinals,
    sigmoid,
    stack,
    texts,
)
from barograph.synthetic.latent import Latent, week_of
from barograph.synthetic.spec import CompanySpec
from barograph.synthetic.support import reporter

COMMENTS = {
    "good": (
        "The team uses it every day and it saves us hours.",
        "Support answered quickly and the fix held.",
        "The new reports gave our leadership what they had asked for.",
        "Roll-out to the second site went better than planned.",
    ),
    "middling": (
        "Does what it should, but set-up took longer than promised.",
        "Good product, we do not use half of it.",
        "Reports are fine, the search could be better.",
        "Fine so far; we need help with integrations.",
    ),
    "bad": (
        "Too many open tickets and too little explanation.",
        "We still export everything to a spreadsheet.",
        "Nobody here feels responsible for it since our lead left.",
        "We expected a clear result by now and cannot show one.",
    ),
    "exit": (
        "We are moving to a tool that our group already pays for.",
        "We could not show the value to our new management.",
        "The people who wanted it have left.",
    ),
}
SURVEY_KINDS = ("nps", "csat", "relationship")
SPONSOR_WORDS = ("active", "at_risk", "missing")
EXECUTIVE_WORDS = ("active", "lapsed", "none")
NARRATIVE_WORDS = ("defensible", "in_development", "missing")
PULSE_REASONS = (
    "Our sponsor has left and nobody has taken over yet.",
    "The leadership has not met us for months.",
    "The goals are met or close to it, and they say so.",
    "We cannot name a result that they would confirm.",
    "Good work with the project team, results still to come.",
)
"""By what stands out: no sponsor, no executive contact, a defensible narrative, none at all, nothing."""
REFERENCE_KINDS = ("reference_call", "case_study", "review", "event", "referral")


def surveys(
    spec: CompanySpec,
    block: int,
    profile: Profile,
    latent: Latent,
    lives: Life,
    contacts: Columns,
    lost_day: Ints,
) -> pa.Table:
    """The `surveys` table: NPS twice a year, CSAT of the relation each quarter for the larger two segments,
    and an exit survey after a loss. Scores lean on sentiment, a little on health, and mostly on the day."""
    rng = spec.rng(block, "surveys")
    health = latent.health()
    parts = []
    for kind, days, top, share in (("nps", 182, 10, 0.9), ("relationship", 91, 5, 0.45)):
        for _ in range(2):
            account, day = every(spec, days, rng.integers(0, days, profile.n))
            answers = rng.random(len(day)) < share * np.where(profile.segment[account] == 2, 0.5, 1.0)
            sent = office_hours(rng, day)
            at = sent + rng.integers(3_600, 9 * 86_400, len(day)) * 1_000_000
            answers &= (sent >= lives.begins[account]) & (at < lives.ends[account]) & ~profile.quiet[account]
            account, at, sent = account[answers], at[answers], sent[answers]
            week = week_of(spec, at // DAY)
            feeling = 0.55 * latent.paths["sentiment"][account, week] + 0.20 * health[account, week]
            feeling = feeling + rng.normal(0, 1.0, len(at))
            middle, spread, lowest = (7.3, 1.7, 0) if kind == "nps" else (3.8, 0.8, 1)
            score = np.clip(np.round(middle + spread * feeling), lowest, top)
            parts.append(_answers(rng, profile, contacts, account, sent, at, kind, score, float(top)))
    gone = np.flatnonzero((lost_day != NEVER) & (rng.random(profile.n) < 0.5) & ~profile.quiet)
    sent = office_hours(rng, lost_day[gone] + rng.integers(2, 10, len(gone)))
    at = sent + rng.integers(3_600, 5 * 86_400, len(gone)) * 1_000_000
    leaving = _answers(
        rng, profile, contacts, gone, sent, at, "relationship", rng.integers(1, 4, len(gone)) * 1.0, 5.0
    )
    exits = COMMENTS["exit"]
    leaving["comment"] = texts([exits[i] for i in rng.integers(0, len(exits), len(gone)).tolist()])
    complete = stack([*parts, leaving])
    owner = coded(complete, "account_id").codes
    pairs = zip(owner.tolist(), ordinals(owner).tolist(), strict=True)
    complete["response_id"] = texts([f"{profile.ids[a]}-V{o + 1:04d}" for a, o in pairs])
    return build("surveys", known(complete, spec.end_day))


def _answers(
    rng: np.random.Generator,
    profile: Profile,
    contacts: Columns,
    account: Ints,
    sent: Ints,
    at: Ints,
    kind: str,
    score: npt.NDArray[Any],
    top: float,
) -> Columns:
    rows = len(account)
    share = score / top
    mood = ["good" if s >= 0.85 else "middling" if s >= 0.65 else "bad" for s in share.tolist()]
    picks = rng.integers(0, 4, rows).tolist()
    says = (rng.random(rows) < 0.6).tolist()
    comments = [COMMENTS[m][p] if yes else None for m, p, yes in zip(mood, picks, says, strict=True)]
    return {
        "account_id": profile.words(account),
        "contact_id": reporter(rng, contacts, account, profile.n),
        "answered_at": at,
        "sent_at": sent,
        "kind": Coded(np.full(rows, SURVEY_KINDS.index(kind)), SURVEY_KINDS),
        "score": score.astype(np.float64),
        "scale_min": np.full(rows, 0.0 if kind == "nps" else 1.0),
        "scale_max": np.full(rows, top),
        "comment": texts(comments),
        "recorded_at": at + delays(rng, rows),
    }


def pulses(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life, sponsor_known: Bools
) -> pa.Table:
    """The `pulses` table: monthly for enterprise and mid_market, quarterly for smb, one in twelve left out.

    An account manager sees most of what is there: `sponsor_known` (n x weeks) is whether the sponsor's going
    is on record, the other two words follow engagement and value with noise.
    """
    rng = spec.rng(block, "pulses")
    account, day = every(spec, 28, rng.integers(0, 28, profile.n))
    turn = (day - spec.start_day) // 28
    wanted = (profile.segment[account] < 2) | (turn % 3 == 0)
    wanted &= (rng.random(len(day)) < 0.92) & ~profile.quiet[account] & ~profile.internal[account]
    at = office_hours(rng, day)
    wanted &= (at >= lives.begins[account] + 14 * DAY) & (at < lives.ends[account])
    account, day, at = account[wanted], day[wanted], at[wanted]
    rows = len(at)
    week = week_of(spec, day - 3)
    gone = sponsor_known[account, week]
    luck = rng.random(rows)
    sponsor = np.where(
        gone, np.where(luck < 0.70, 2, np.where(luck < 0.9, 1, 0)), np.where(luck < 0.88, 0, 1)
    )
    interest = latent.paths["engagement"][account, week] + rng.normal(0, 0.7, rows)
    story = latent.paths["value"][account, week] + rng.normal(0, 0.7, rows)
    executive = np.where(interest > -0.4, 0, np.where(interest > -1.3, 1, 2))
    narrative = np.where(story > 0.1, 0, np.where(story > -1.0, 1, 2))
    stands_out = np.select([sponsor == 2, executive == 2, narrative == 0, narrative == 2], [0, 1, 2, 3], 4)
    _, ams = staff_of(spec)
    columns: Columns = {
        "account_id": profile.words(account),
        "recorded_at": at,
        "author_email": Coded(profile.am[account] % len(ams), ams),
        "sponsor_status": Coded(sponsor, SPONSOR_WORDS),
        "executive_engagement": Coded(executive, EXECUTIVE_WORDS),
        "outcome_narrative": Coded(narrative, NARRATIVE_WORDS),
        "reason": Coded(stands_out, PULSE_REASONS),
    }
    return build("pulses", known(columns, spec.end_day))


def references(
    spec: CompanySpec, block: int, profile: Profile, latent: Latent, lives: Life, extra: Columns | None
) -> pa.Table:
    """The `references` table: asks and acts of advocacy; healthy customers accept more often."""
    rng = spec.rng(block, "references")
    health = latent.health()
    drawn = happenings(
        rng, spec, lives, np.where(profile.internal[:, None], 0.0, 0.010) * np.exp(0.3 * health)
    )
    account = drawn.account
    columns: Columns = {
        "account_id": profile.words(account),
        "occurred_at": drawn.at,
        "kind": Coded(rng.integers(0, len(REFERENCE_KINDS), len(drawn)), REFERENCE_KINDS),
        "accepted": rng.random(len(drawn)) < sigmoid(0.1 + 0.9 * health[account, drawn.week]),
        "recorded_at": drawn.at + delays(rng, len(drawn)) + HOUR,
    }
    if extra is not None:
        columns = stack([columns, extra])
    return build("references", known(columns, spec.end_day))
