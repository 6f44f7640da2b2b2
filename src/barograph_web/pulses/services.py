"""Writes of pulses: giving one, and a leader's ruling where one differs from the numbers.

Pulses of an account are a chain that only grows. Whoever writes says which one they have seen last; when another one
stands by then, nothing is written and they are shown it (`OvertakenError`). The database holds the same rule, for two
who press the key in the same instant. What a pulse says in free text is not copied into the audit log, so that it can
be erased for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from barograph_web.alerts.events import emit
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account, Tier
from barograph_web.pulses import chase, state
from barograph_web.pulses.authors import may_give
from barograph_web.pulses.grades import leads_of
from barograph_web.pulses.models import (
    Direction,
    Executives,
    Finding,
    Narrative,
    Pulse,
    PulseState,
    Ruling,
    Sponsor,
)
from barograph_web.pulses.numbers import Numbers, numbers_of
from barograph_web.pulses.stance import Stance, Words, liftable, stance_of
from barograph_web.users.models import User

MOST_TOLD = 50
"""Leaders whom one event names."""
ANSWERS = {
    "sponsor_status": Sponsor,
    "executive_engagement": Executives,
    "outcome_narrative": Narrative,
}
"""Question -> its words, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody says of an account. wants_lift: they ask that it is shown one tier better."""

    sponsor_status: str
    executive_engagement: str
    outcome_narrative: str
    reason: str = ""
    wants_lift: bool = False


class ReasonNeededError(RefusedError):
    """The pulse differs from the numbers and says no reason yet: `stance` and `numbers` are what to show."""

    def __init__(self, stance: Stance, numbers: Numbers) -> None:
        super().__init__(
            "reason",
            f"The numbers say {numbers.label}, your pulse says {Tier(stance.speaks_for).label}: what do you know that "
            "they do not?",
        )
        self.stance = stance
        self.numbers = numbers


def give(
    account: Account, answers: Answers, *, by: User, seen: int | None, now: datetime, today: date
) -> Pulse:
    """Record a pulse. It follows the one with the number `seen`, None for the first one given here.

    Raises PermissionDenied for somebody who does not give this account's pulse, RefusedError for an answer that is
    missing or a lift there is not, ReasonNeededError, and OvertakenError when another pulse was given meanwhile.
    """
    author = may_give(by, account, today)
    if author is None:
        raise PermissionDenied("Somebody else gives the pulse of this account.")
    numbers = numbers_of(account)
    row = state.state_of(account, today)
    words = _words(answers, numbers, row)
    stance = stance_of(words, numbers.tier)
    reason = answers.reason.strip()
    if stance.direction and not reason:
        raise ReasonNeededError(stance, numbers)
    try:
        with transaction.atomic():
            latest = latest_of(account.account_id)
            if (latest.pk if latest else None) != seen:
                raise OvertakenError(latest)
            pulse = Pulse.objects.create(
                account_id=account.account_id,
                given_at=now,
                author=by,
                author_label=by.name,
                given_for=author.given_for,
                given_for_label=author.given_for.name if author.given_for else "",
                sponsor_status=words.sponsor_status,
                executive_engagement=words.executive_engagement,
                outcome_narrative=words.outcome_narrative,
                wanted_tier=words.wanted_tier,
                direction=stance.direction,
                reason=reason,
                score=numbers.score,
                tier=numbers.tier,
                evidence={
                    "week": numbers.week.isoformat() if numbers.week else None,
                    "model_version": numbers.model_version,
                    "shown": numbers.shown,
                    "speaks_for": stance.speaks_for,
                    **numbers.evidence,
                },
                expires_on=today + timedelta(days=row.valid_days + 1),
                replaces=latest,
            )
            audit("pulse.given", pulse, before=told(latest), after=told(pulse), account_id=account.account_id)
            state.take(pulse, stance, numbers.tier, today)
            chase.done(account.account_id, by=by, now=now)
            if stance.direction:
                _tell_diverged(pulse, stance)
            return pulse
    except IntegrityError as error:  # two in the same instant: the constraints let one through
        raise OvertakenError(latest_of(account.account_id)) from error


def rule(
    account: Account, *, given_at: datetime, finding: str, reason: str, by: User, now: datetime, today: date
) -> Ruling:
    """A leader decides between the newest pulse of an account, given at `given_at`, and the numbers.

    Where the pulse asks for a lift, finding it right counter-signs it: the overlay shows the account one tier better
    for as long as the model's rule says. Raises RefusedError without a reason, for one's own pulse or one given in
    one's place, and where nothing differs; OvertakenError when it was decided or a newer pulse was given meanwhile.
    """
    row = PulseState.objects.filter(account_id=account.account_id).select_related("pulse").first()
    there = Ruling.objects.filter(account_id=account.account_id, given_at=given_at).first()
    if there is not None or row is None or row.given_at != given_at:
        raise OvertakenError(there or row)
    if finding not in Finding.values:
        raise RefusedError("finding", "Choose: the pulse is right, or the numbers stand.")
    if not row.direction and not row.wanted_tier:
        raise RefusedError("finding", "The pulse and the numbers agree: there is nothing to decide.")
    if is_own(row, by):
        raise RefusedError("finding", "This is your own pulse: another leader decides on it.")
    if not reason.strip():
        raise RefusedError("reason", "Say why, in a sentence: the author reads it.")
    lifts = finding == Finding.PULSE and bool(row.wanted_tier) and row.lift_days is not None
    try:
        with transaction.atomic():
            made = Ruling.objects.create(
                account_id=account.account_id,
                given_at=given_at,
                pulse=row.pulse,
                finding=finding,
                lift_until=today + timedelta(days=row.lift_days) if lifts and row.lift_days else None,
                reason=reason.strip(),
                by=by,
                by_label=by.name,
                at=now,
            )
            settled = PulseState.objects.filter(pk=row.pk, given_at=given_at, is_settled=False)
            if not settled.update(is_settled=True):
                raise OvertakenError(latest_of(account.account_id))
            audit(
                "pulse.countersigned" if lifts else "pulse.ruled", made,
                after={"finding": finding, "lift_until": _iso(made.lift_until), "wanted": row.wanted_tier},
                account_id=account.account_id,
            )  # fmt: skip
            return made
    except IntegrityError as error:
        there = Ruling.objects.filter(account_id=account.account_id, given_at=given_at).first()
        raise OvertakenError(there) from error


def latest_of(account_id: str) -> Pulse | None:
    """The last pulse given here; None when nobody has."""
    return Pulse.objects.filter(account_id=account_id, replaced_by=None).first()


def told(pulse: Pulse | None) -> dict[str, Any] | None:
    """A pulse as the audit log keeps it: its answers, not its free text."""
    if pulse is None:
        return None
    return {
        **{name: getattr(pulse, name) for name in ANSWERS},
        "direction": str(pulse.direction),
        "wanted_tier": pulse.wanted_tier,
        "given_for": pulse.given_for_label,
        "reason_characters": len(pulse.reason),
    }


def _words(answers: Answers, numbers: Numbers, row: PulseState) -> Words:
    for name, known in ANSWERS.items():
        if getattr(answers, name) not in known.values:
            raise RefusedError(name, "Answer this one too: it takes one key.")
    wanted = ""
    if answers.wants_lift:
        wanted = liftable(numbers.tier)
        if row.lift_days is None:
            raise RefusedError("wants_lift", "By the model in force, pulses lift no account.")
        if not wanted:
            raise RefusedError("wants_lift", f"From {numbers.label} there is nothing to lift to.")
        plain = Words(answers.sponsor_status, answers.executive_engagement, answers.outcome_narrative)
        if stance_of(plain, numbers.tier).direction != Direction.BETTER:
            raise RefusedError("wants_lift", "Your answers are not better than the numbers: nothing to lift.")
    return Words(answers.sponsor_status, answers.executive_engagement, answers.outcome_narrative, wanted)


def is_own(row: PulseState, by: User) -> bool:
    """Whether somebody gave this pulse, or it was given in their place."""
    if row.pulse is not None:
        return by.pk in (row.pulse.author_id, row.pulse.given_for_id)
    return row.author_email.strip().lower() == by.email


def _tell_diverged(pulse: Pulse, stance: Stance) -> None:
    emit(
        "pulse.diverged",
        key=f"pulse:{pulse.pk}",
        at=pulse.given_at,
        account_id=pulse.account_id,
        payload={
            "pulse_id": pulse.pk,
            "author_email": pulse.author.email if pulse.author else "",
            "tier": pulse.tier,
            "says": Tier(stance.speaks_for).label,
            "to_emails": [lead.email for lead in leads_of(pulse.author)][:MOST_TOLD] if pulse.author else [],
        },
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
