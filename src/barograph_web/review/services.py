"""Writes of the review: decisions, what became of them, rulings, and the closing of a meeting.

Decisions of one account and week are a chain that only grows. Whoever writes says which decision they have seen last:
when another one stands by then, nothing is written and they are shown it (`OvertakenError`). The database holds
the same rule, for two who press the button in the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from barograph_web.ops.audit import audit
from barograph_web.plays import errors as plays
from barograph_web.plays.services import open_play, plan_made
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.review.models import Decision, DecisionOutcome, Minutes, Verdict
from barograph_web.users.models import User

EVIDENCE = ("why", "tier_why", "change", "track_record", "opt_out", "arr")
"""What is kept of the review's entry beside a decision, as the page said it that day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody decides about an account. owner: None for nobody in particular. Dates are days."""

    verdict: str
    reason: str = ""
    owner: User | None = None
    next_step: str = ""
    due_on: date | None = None
    know_on: date | None = None


class RefusedError(ValueError):
    """The decision breaks a rule. `field` names what to change; the text says how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class OvertakenError(RuntimeError):
    """Another decision was recorded meanwhile: `latest`. Nothing was written."""

    def __init__(self, latest: Decision | None) -> None:
        super().__init__("another decision was recorded meanwhile")
        self.latest = latest


def decide(
    account: Account, week: date, wanted: Wanted, *, by: User, seen: int | None, ruling: bool = False
) -> Decision:
    """Record a decision on an account in the week of that Monday.

    It replaces the one with the number `seen`, None for the first.

    Raises RefusedError (a disagreement without a reason, a next step without a date), OvertakenError when the
    account's last decision of the week is another one than `seen`.
    """
    _check(wanted)
    rows = Standing.objects.filter(week__as_of=week, week__is_shown=True, account=account)
    standing = rows.only("score", "tier", "review").first()
    with transaction.atomic():
        made = _decided(account, week, wanted, standing, by=by, seen=seen, ruling=ruling)
        if made.next_step and made.due_on is not None:
            plan_made(account, by=by, why=f"Decided in the review: {made.next_step}"[:300])
    return made


def _decided(
    account: Account,
    week: date,
    wanted: Wanted,
    standing: Standing | None,
    *,
    by: User,
    seen: int | None,
    ruling: bool,
) -> Decision:
    return _append(
        account,
        week,
        by=by,
        seen=seen,
        action="decision.ruled" if ruling else "decision.recorded",
        verdict=wanted.verdict,
        reason=wanted.reason.strip(),
        owner=wanted.owner,
        owner_label=wanted.owner.name if wanted.owner else "",
        next_step=wanted.next_step.strip(),
        due_on=wanted.due_on,
        know_on=wanted.know_on,
        score=standing.score if standing else None,
        tier=standing.tier if standing else "insufficient",
        evidence={key: standing.review.get(key) for key in EVIDENCE} if standing else {},
        is_ruling=ruling,
    )


def decide_with_play(
    account: Account, week: date, wanted: Wanted, *, play: str, by: User, seen: int | None
) -> Decision:
    """Record a decision and open a play for the account, both or neither.

    play: its name. The reason of the play is that of the decision, else what the review says of the account. Raises as
    `decide`, and RefusedError for a play that there is not or that is open for the account already.
    """
    with transaction.atomic():
        made = decide(account, week, wanted, by=by, seen=seen)
        reason = made.reason or str(made.evidence.get("why") or "") or made.next_step
        try:
            open_play(account, play, by=by, reason=reason)
        except plays.RefusedError as refused:
            raise RefusedError("play", str(refused)) from refused
    return made


def undo(account: Account, week: date, *, by: User, seen: int | None) -> Decision:
    """Take the last decision back by another that says what stood before it; nothing is deleted.

    Raises RefusedError when there is none to take back, OvertakenError as `decide` does.
    """
    latest = latest_of(account.account_id, week)
    if latest is None or latest.is_withdrawal:
        raise RefusedError("verdict", "There is no decision to take back.")
    before = latest.replaces
    if before is None or before.is_withdrawal:
        return _append(
            account, week, by=by, seen=seen, action="decision.withdrawn", verdict=Verdict.NOTE,
            score=latest.score, tier=latest.tier, is_withdrawal=True,
        )  # fmt: skip
    same = {
        name: getattr(before, name)
        for name in (
            "verdict", "reason", "owner", "owner_label", "next_step", "due_on", "know_on", "score", "tier",
            "evidence", "is_ruling",
        )
    }  # fmt: skip
    return _append(account, week, by=by, seen=seen, action="decision.withdrawn", **same)


def close(decision: Decision, result: str, words: str, *, by: User) -> DecisionOutcome:
    """Say what became of a decision. Raises OvertakenError when somebody has, or when it no longer stands."""
    try:
        with transaction.atomic():
            fresh = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
            if Decision.objects.filter(replaces=fresh).exists():
                raise OvertakenError(latest_of(fresh.account_id, fresh.week))
            outcome = DecisionOutcome.objects.create(
                decision=fresh, result=result, words=words.strip(), by=by, by_label=by.name
            )
            audit(
                "decision.closed", fresh, after={"result": result, "words": outcome.words},
                account_id=fresh.account_id,
            )  # fmt: skip
            return outcome
    except IntegrityError as error:
        raise OvertakenError(decision) from error


def close_review(week: Week, scope: str, document: Mapping[str, Any], *, by: User) -> Minutes:
    """Keep the minutes of a meeting as they were sent. The same review can be closed again: both are kept."""
    with transaction.atomic():
        minutes = Minutes.objects.create(
            week=week.as_of, scope=scope, closed_by=by, closed_by_label=by.name, document=dict(document)
        )
        counts = {key: document[key] for key in ("decided", "listed") if key in document}
        audit("review.closed", minutes, after={"scope": scope, **counts})
    return minutes


def latest_of(account_id: str, week: date) -> Decision | None:
    """The last of the chain, taken back or not; None when nobody decided."""
    chain = Decision.objects.filter(account_id=account_id, week=week, replaced_by=None)
    return chain.select_related("replaces", "owner").first()


def _append(
    account: Account, week: date, *, by: User, seen: int | None, action: str, **columns: Any
) -> Decision:
    try:
        with transaction.atomic():
            latest = latest_of(account.account_id, week)
            if (latest.pk if latest else None) != seen:
                raise OvertakenError(latest)
            made = Decision.objects.create(
                account_id=account.account_id, week=week, by=by, by_label=by.name, replaces=latest,
                **columns,
            )  # fmt: skip
            audit(
                action, made, before=told(latest), after=told(made), reason=made.reason,
                account_id=account.account_id,
            )  # fmt: skip
            return made
    except IntegrityError as error:  # two in the same instant: the constraints let one through
        raise OvertakenError(latest_of(account.account_id, week)) from error


def told(decision: Decision | None) -> dict[str, Any] | None:
    """A decision as the audit log keeps it."""
    if decision is None:
        return None
    if decision.is_withdrawal:
        return {"withdrawn": True}
    return {
        "verdict": decision.verdict,
        "owner": decision.owner_label,
        "next_step": decision.next_step,
        "due_on": decision.due_on.isoformat() if decision.due_on else None,
        "know_on": decision.know_on.isoformat() if decision.know_on else None,
    }


def _check(wanted: Wanted) -> None:
    if wanted.verdict not in Verdict.values:
        raise RefusedError("verdict", f"{wanted.verdict!r} is none of {', '.join(Verdict.values)}.")
    if wanted.verdict == Verdict.DISAGREE and not wanted.reason.strip():
        raise RefusedError("reason", "Say what the numbers do not know: a disagreement needs a reason.")
    if wanted.next_step.strip() and wanted.due_on is None:
        raise RefusedError("due_on", "Set the day by which the next step is done.")
    if wanted.due_on is not None and not wanted.next_step.strip():
        raise RefusedError("next_step", "Say what is done by that day.")
    if wanted.know_on and wanted.due_on and wanted.know_on < wanted.due_on:
        raise RefusedError("know_on", "This is before the next step is done: choose that day or a later one.")
    if wanted.verdict == Verdict.NOTE and not (wanted.next_step.strip() or wanted.reason.strip()):
        raise RefusedError(
            "verdict", "Agree, disagree, or write what is done next: there is nothing to record yet."
        )
