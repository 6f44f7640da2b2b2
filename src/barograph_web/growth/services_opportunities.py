"""Writes of opportunities that are entered by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from barograph_web.growth.history import RefusedError, advance, begin
from barograph_web.growth.models import DealKind, HandOver, Opportunity
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User


def enter(
    account: Account,
    *,
    title: str,
    kind: str,
    amount: float | None,
    opened_on: date,
    hand_over: HandOver | None,
    external_id: str = "",
    by: User,
    now: datetime,
    today: date,
) -> Opportunity:
    """Keep a deal. Raises RefusedError for what is left out, OvertakenError when its external id is taken."""
    _check(title, kind, amount, opened_on, today)
    if hand_over is not None and hand_over.account_id != account.account_id:
        raise RefusedError("hand_over", "That hand-over is another account's.")
    row = Opportunity(
        account_id=account.account_id, title=title.strip(), kind=kind, amount=amount, opened_on=opened_on,
        hand_over=hand_over, external_id=external_id.strip() or None,
    )  # fmt: skip
    return begin(row, by=by, now=now)


def edit(
    row: Opportunity, *, seen: int, title: str, kind: str, amount: float | None, opened_on: date, by: User,
    now: datetime, today: date,
) -> Opportunity:  # fmt: skip
    """Correct what an open one says."""
    _check(title, kind, amount, opened_on, today)
    changes: dict[str, Any] = {"title": title.strip(), "kind": kind, "amount": amount, "opened_on": opened_on}
    return advance(row, "edit", seen=seen, by=by, now=now, changes=changes)


def close(
    row: Opportunity,
    *,
    won: bool,
    seen: int,
    closed_on: date,
    words: str,
    by: User,
    now: datetime,
    today: date,
) -> Opportunity:
    """It was won or lost. Raises RefusedError for a day before it began or to come, or a loss without a reason."""
    if not row.opened_on <= closed_on <= today:
        raise RefusedError("closed_on", f"Choose a day from {row.opened_on.isoformat()} to today.")
    if not won and not words.strip():
        raise RefusedError("words", "Say why it was lost.")
    move = "win" if won else "lose"
    return advance(row, move, seen=seen, by=by, now=now, changes={"closed_on": closed_on}, words=words)


def reopen(row: Opportunity, *, seen: int, words: str, by: User, now: datetime) -> Opportunity:
    """It goes on after all. Raises RefusedError without a reason."""
    if not words.strip():
        raise RefusedError("words", "Say why it goes on.")
    return advance(row, "reopen", seen=seen, by=by, now=now, changes={"closed_on": None}, words=words)


def _check(title: str, kind: str, amount: float | None, opened_on: date, today: date) -> None:
    if not title.strip():
        raise RefusedError("title", "Give it a name.")
    if kind not in DealKind.values:
        raise RefusedError("kind", "Choose what kind of deal it is.")
    if amount is not None and amount < 0:
        raise RefusedError("amount", "An amount is not below 0.")
    if opened_on > today:
        raise RefusedError("opened_on", "That day is to come: choose today or an earlier one.")
