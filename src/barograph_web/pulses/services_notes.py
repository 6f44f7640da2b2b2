"""Writes beside pulses: planned context of an account, and verdicts on what the score claims of it (P6).

Both are chains that only grow; whoever writes names the row that they have seen last (`OvertakenError` otherwise).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from barograph_web.alerts.events import emit
from barograph_web.ops.audit import audit
from barograph_web.plays.errors import OvertakenError, RefusedError
from barograph_web.portfolio.models import Account, Tier, Week
from barograph_web.pulses.models import (
    CAUSES_OF,
    Cause,
    Claim,
    ContextKind,
    HypothesisVerdict,
    PlannedContext,
)
from barograph_web.pulses.numbers import numbers_of
from barograph_web.users.models import User

LONGEST_CONTEXT = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Planned:
    """Something planned at the customer, both days included."""

    kind: str
    words: str
    begins_on: date
    ends_on: date


def plan_context(
    account: Account, planned: Planned, *, by: User, now: datetime, seen: PlannedContext | None = None
) -> PlannedContext:
    """Record planned context, or correct what `seen` said.

    Raises RefusedError for what is missing or an end before the beginning or far away, OvertakenError when `seen` was
    replaced meanwhile.
    """
    _check(planned)
    return _append_context(
        account, seen, by=by, now=now, action="context.planned", kind=planned.kind, words=planned.words.strip(),
        begins_on=planned.begins_on, ends_on=planned.ends_on,
    )  # fmt: skip


def withdraw_context(account: Account, seen: PlannedContext, *, by: User, now: datetime) -> PlannedContext:
    """Planned context does not hold any more: another row says so. Raises OvertakenError as `plan_context` does."""
    return _append_context(
        account, seen, by=by, now=now, action="context.withdrawn", kind=seen.kind, words="",
        begins_on=seen.begins_on, ends_on=seen.ends_on, is_withdrawal=True,
    )  # fmt: skip


def record_verdict(
    account: Account,
    week: Week,
    *,
    claim: str,
    cause: str,
    words: str,
    by: User,
    seen: int | None,
    now: datetime,
) -> HypothesisVerdict:
    """Confirm or reject what the score claims of an account in a week, with the evidence of that day.

    Raises RefusedError for a cause that does not go with the claim, `other` without words, and an account without a
    score; OvertakenError when another verdict than `seen` stands.
    """
    if claim not in Claim.values:
        raise RefusedError("claim", "Choose: the score is right, or it is not.")
    if cause not in [str(c) for c in CAUSES_OF[Claim(claim)]]:
        raise RefusedError("cause", "Choose one of the reasons.")
    if cause == Cause.OTHER and not words.strip():
        raise RefusedError("words", "Say what it is.")
    numbers = numbers_of(account, week)
    if numbers.score is None:
        raise RefusedError("claim", "There is no score this week: it claims nothing.")
    try:
        with transaction.atomic():
            latest = latest_verdict(account.account_id, week.as_of)
            if (latest.pk if latest else None) != seen:
                raise OvertakenError(latest)
            made = HypothesisVerdict.objects.create(
                account_id=account.account_id,
                week=week.as_of,
                claim=claim,
                cause=cause,
                words=words.strip(),
                score=numbers.score,
                tier=numbers.shown,
                model_version=numbers.model_version,
                evidence={"computed_tier": numbers.tier, **numbers.evidence},
                author=by,
                author_label=by.name,
                at=now,
                replaces=latest,
            )
            audit(
                "verdict.recorded",
                made,
                before=_told(latest),
                after=_told(made),
                account_id=account.account_id,
            )
            emit(
                "verdict.recorded", key=f"verdict:{made.pk}", at=now, account_id=account.account_id,
                payload={
                    "verdict_id": made.pk, "verdict": claim, "by_email": by.email,
                    "tier": None if made.tier == Tier.INSUFFICIENT else made.tier, "reason": made.get_cause_display(),
                },
            )  # fmt: skip
            return made
    except IntegrityError as error:
        raise OvertakenError(latest_verdict(account.account_id, week.as_of)) from error


def latest_verdict(account_id: str, week: date) -> HypothesisVerdict | None:
    """The verdict that stands on an account in a week."""
    return HypothesisVerdict.objects.filter(account_id=account_id, week=week, replaced_by=None).first()


def _append_context(
    account: Account, seen: PlannedContext | None, *, by: User, now: datetime, action: str, **columns: Any
) -> PlannedContext:
    try:
        with transaction.atomic():
            if seen is not None and PlannedContext.objects.filter(replaces=seen).exists():
                raise OvertakenError(seen.replaced_by)
            made = PlannedContext.objects.create(
                account_id=account.account_id, by=by, by_label=by.name, at=now, replaces=seen, **columns
            )
            after = {
                "kind": made.kind, "begins_on": made.begins_on.isoformat(), "ends_on": made.ends_on.isoformat(),
                "withdrawn": made.is_withdrawal,
            }  # fmt: skip
            audit(action, made, after=after, account_id=account.account_id)
            return made
    except IntegrityError as error:
        raise OvertakenError(PlannedContext.objects.filter(replaces=seen).first()) from error


def _check(planned: Planned) -> None:
    if planned.kind not in ContextKind.values:
        raise RefusedError("kind", "Choose what is planned.")
    if not planned.words.strip():
        raise RefusedError(
            "words", "Say in a sentence what is planned and what the numbers will look like meanwhile."
        )
    if planned.ends_on < planned.begins_on:
        raise RefusedError("ends_on", "This is before it begins: choose that day or a later one.")
    if planned.ends_on - planned.begins_on > LONGEST_CONTEXT:
        raise RefusedError("ends_on", "This is more than two years: plan the part that is known.")


def _told(verdict: HypothesisVerdict | None) -> dict[str, Any] | None:
    return None if verdict is None else {"claim": verdict.claim, "cause": verdict.cause, "tier": verdict.tier}
