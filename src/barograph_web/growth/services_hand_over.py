"""Writes of hand-overs: asked for, answered, concluded; and of requests that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction

from barograph_web.growth import telling
from barograph_web.growth.history import RefusedError, advance, begin
from barograph_web.growth.judging import rejudge
from barograph_web.growth.models import HandOver, UseCaseRequest
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, StandIn, User
from barograph_web.users.permissions import May, may


class WhyRefused(models.TextChoices):
    """Why a hand-over was refused; counted, so the list is short."""

    TIMING = "timing", "Wrong moment"
    BUDGET = "budget", "No budget"
    TALKING = "talking", "Already being talked about"
    NOT_READY = "not_ready", "The account is not ready"
    UNCLEAR = "unclear", "Too little is known"
    NOT_MINE = "not_mine", "Not my account"
    OTHER = "other", "Other"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody hands over. amount: expected revenue a year in the reporting currency, None for unknown."""

    to: User
    kind: str
    why_now: str
    talk_to: str
    achieved: str = ""
    risks: str = ""
    product: str = ""
    amount: float | None = None
    request: UseCaseRequest | None = None


def ask(
    account: Account, wanted: Wanted, *, package: dict[str, Any], rules: GrowthRules, by: User, now: datetime
) -> HandOver:
    """Hand an account over. package: what is known of it, as queries_package.package_of told it.

    The account manager gets a task that is due within the rules' working days. Raises RefusedError for what is left out
    or somebody who cannot take it, OvertakenError when the account has an unanswered hand-over.
    """
    _check(wanted)
    with transaction.atomic():
        row = HandOver(
            account_id=account.account_id, kind=wanted.kind, product=wanted.product.strip(), amount=wanted.amount,
            why_now=wanted.why_now.strip(), talk_to=wanted.talk_to.strip(), achieved=wanted.achieved.strip(),
            risks=wanted.risks.strip(), package=package, request=wanted.request, to=wanted.to,
            to_label=wanted.to.name, due_at=telling.answer_due(now, rules.answer_days),
        )  # fmt: skip
        begin(row, by=by, now=now)
        if wanted.request is not None:
            request = wanted.request
            advance(request, "hand_over", seen=request.revision, by=by, now=now, words=f"Hand-over {row.pk}.")
        telling.hand_over_asked(row, account, days=rules.answer_days, by=by, now=now)
    return row


def accept(row: HandOver, *, seen: int, by: User, now: datetime) -> HandOver:
    """Take it. Raises PermissionDenied for anybody but the one who was asked, their stand-in or a lead."""
    may_answer(row, by, now)
    with transaction.atomic():
        done = advance(row, "accept", seen=seen, by=by, now=now, changes={"answered_at": now})
        telling.hand_over_answered(done, by=by, now=now)
    return done


def refuse(row: HandOver, *, seen: int, why: str, words: str, by: User, now: datetime) -> HandOver:
    """Send it back, with a reason from the list and in words. Raises RefusedError without them, and as `accept`."""
    may_answer(row, by, now)
    if why not in WhyRefused.values:
        raise RefusedError("why", "Choose a reason.")
    if not words.strip():
        raise RefusedError("words", "Say in a sentence why: whoever asked reads it.")
    with transaction.atomic():
        changes = {"answered_at": now, "why_refused": why}
        done = advance(row, "refuse", seen=seen, by=by, now=now, changes=changes, words=words)
        if done.request is not None and done.request.state == "handed_over":
            request = done.request
            advance(
                request, "reopen", seen=request.revision, by=by, now=now, words="The hand-over was refused."
            )
        telling.hand_over_answered(done, by=by, now=now)
        rejudge(done.account_id, now)
    return done


def withdraw(row: HandOver, *, seen: int, words: str, by: User, now: datetime) -> HandOver:
    """Take it back before it is answered. Raises RefusedError without a reason."""
    if not words.strip():
        raise RefusedError("words", "Say why it is taken back.")
    with transaction.atomic():
        done = advance(row, "withdraw", seen=seen, by=by, now=now, words=words)
        if done.request is not None and done.request.state == "handed_over":
            request = done.request
            advance(
                request,
                "reopen",
                seen=request.revision,
                by=by,
                now=now,
                words="The hand-over was taken back.",
            )
        telling.hand_over_taken_back(done, by=by, now=now)
    return done


def send_on(
    row: HandOver,
    *,
    to: User,
    seen: int,
    words: str,
    rules: GrowthRules,
    account: Account,
    by: User,
    now: datetime,
) -> HandOver:
    """Ask somebody else instead; their time begins anew. Raises RefusedError for the same person, or without
    a reason."""
    _check_person(to)
    if to.pk == row.to_id:
        raise RefusedError("to", f"{to.name} has it already.")
    if not words.strip():
        raise RefusedError("words", "Say why somebody else is asked.")
    with transaction.atomic():
        telling.hand_over_taken_back(row, by=by, now=now)
        changes = {
            "to": to, "to_label": to.name, "due_at": telling.answer_due(now, rules.answer_days), "overdue_at": None,
        }  # fmt: skip
        done = advance(row, "send_on", seen=seen, by=by, now=now, changes=changes, words=words)
        telling.hand_over_asked(done, account, days=rules.answer_days, by=by, now=now)
    return done


def conclude(row: HandOver, *, seen: int, words: str, by: User, now: datetime) -> HandOver:
    """Nothing more is expected of it. Raises RefusedError without a sentence on what came of it."""
    if not words.strip():
        raise RefusedError("words", "Say what came of it.")
    return advance(row, "conclude", seen=seen, by=by, now=now, changes={"concluded_at": now}, words=words)


def tell_overdue(now: datetime) -> int:
    """Say of every hand-over that nobody answered in time that it is overdue, once each; how many.

    Called by each worker every so often: whoever sets `overdue_at` first tells.
    """
    told = 0
    late = HandOver.objects.filter(state="asked", due_at__lte=now, overdue_at=None).select_related("to", "by")
    for row in late[:200]:
        with transaction.atomic():
            mine = HandOver.objects.filter(pk=row.pk, state="asked", due_at__lte=now, overdue_at=None)
            if mine.update(overdue_at=now):
                telling.hand_over_overdue(row, now)
                told += 1
    return told


def request_use_case(
    account: Account, *, title: str, detail: str, asked_by: str, product: str, by: User, now: datetime
) -> UseCaseRequest:
    """Keep what a customer wants to do next. Raises RefusedError without a title."""
    if not title.strip():
        raise RefusedError("title", "Say in a few words what they want to do.")
    row = UseCaseRequest(
        account_id=account.account_id, title=title.strip(), detail=detail.strip(), asked_by=asked_by.strip(),
        product=product.strip(),
    )  # fmt: skip
    return begin(row, by=by, now=now)


def decline_request(row: UseCaseRequest, *, seen: int, words: str, by: User, now: datetime) -> UseCaseRequest:
    """Nothing will come of it. Raises RefusedError without a reason."""
    if not words.strip():
        raise RefusedError("words", "Say why nothing comes of it.")
    return advance(row, "decline", seen=seen, by=by, now=now, words=words)


def may_answer(row: HandOver, user: User, now: datetime) -> None:
    """Raises PermissionDenied for anybody but the one who was asked, who stands in for them today, or a lead."""
    if row.to_id == user.pk or may(user, May.LEAD_WORK):
        return
    today = telling.local_day(now)
    away = StandIn.objects.filter(absent=row.to_id, stand_in=user, begins_on__lte=today, ends_on__gte=today)
    if not away.exists():
        raise PermissionDenied(f"{row.to_label} was asked: they, their stand-in or a lead can answer.")


def _check(wanted: Wanted) -> None:
    _check_person(wanted.to)
    if wanted.kind not in ("expansion", "cross_sell"):
        raise RefusedError("kind", "Choose what kind of deal it may become.")
    if not wanted.why_now.strip():
        raise RefusedError("why_now", "Say why now: the account manager begins with it.")
    if not wanted.talk_to.strip():
        raise RefusedError("talk_to", "Say whom to talk to at the customer.")
    if wanted.kind == "cross_sell" and not wanted.product.strip():
        raise RefusedError("product", "Say which product.")
    if wanted.amount is not None and wanted.amount < 0:
        raise RefusedError("amount", "An amount is not below 0.")


def _check_person(user: User) -> None:
    if not user.is_active or user.role in (Role.GUEST, Role.EXECUTIVE):
        raise RefusedError("to", f"{user.name} does not work on accounts: choose somebody who does.")
