"""What became of hand-overs: matched deals, and rates with their n and interval (P7). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from barograph.learning.estimates import wilson

LEAST = 5
"""Below this n a rate is not quoted: its interval would say nothing."""


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity, imported or entered. won: None while it is open. imported: it came with the data.

    hand_over: the number of the hand-over that a person entered it for, None when it is matched by account and date.
    """

    key: str
    account_id: str
    kind: str
    opened_on: date
    amount: float | None
    won: bool | None
    title: str = ""
    stage: str = ""
    closed_on: date | None = None
    imported: bool = False
    hand_over: int | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over for the figures. on: the day it was asked for."""

    number: int
    account_id: str
    on: date
    state: str
    answered_in_time: bool | None
    """None while it is not answered and still has time."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its n and 95% interval. value, low and high are None below LEAST, which `words` says."""

    label: str
    events: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    words: str = ""


def match(handed: Iterable[Handed], deals: Iterable[Deal], days: int) -> dict[int, list[Deal]]:
    """Hand-over -> its deals, oldest first.

    A deal that names its hand-over belongs to it. Any other belongs to the last hand-over of its account that was asked
    for on its day or at most `days` before, and was not refused or withdrawn; one deal belongs to one hand-over.
    """
    by_account: dict[str, list[Handed]] = {}
    for one in sorted(handed, key=lambda h: (h.on, h.number)):
        by_account.setdefault(one.account_id, []).append(one)
    found: dict[int, list[Deal]] = {one.number: [] for group in by_account.values() for one in group}
    for deal in sorted(deals, key=lambda d: (d.opened_on, d.key)):
        if deal.hand_over is not None:
            if deal.hand_over in found:
                found[deal.hand_over].append(deal)
            continue
        fitting = [
            one
            for one in by_account.get(deal.account_id, ())
            if one.state in ("asked", "accepted", "concluded")
            and one.on <= deal.opened_on <= one.on + timedelta(days=days)
        ]
        if fitting:
            found[fitting[-1].number].append(deal)
    return found


def rates(handed: Sequence[Handed], matched: dict[int, list[Deal]], days: int, today: date) -> list[Rate]:
    """Accepted in time of those answered or overdue; accepted of those answered; led to a deal; won of those decided.

    Hand-overs whose `days` are not over and that have no deal yet are left out of the third: they may still get one.
    """
    timed = [one for one in handed if one.answered_in_time is not None]
    answered = [one for one in handed if one.state in ("accepted", "concluded", "refused")]
    taken = [one for one in answered if one.state != "refused"]
    ripe = [one for one in taken if matched.get(one.number) or one.on + timedelta(days=days) < today]
    decided = [deal for one in taken for deal in matched.get(one.number, ()) if deal.won is not None]
    return [
        rate("Answered in time", sum(one.answered_in_time is True for one in timed), len(timed)),
        rate("Accepted", len(taken), len(answered)),
        rate("Led to an opportunity", sum(bool(matched.get(one.number)) for one in ripe), len(ripe)),
        rate("Opportunities won", sum(deal.won is True for deal in decided), len(decided)),
    ]


def rate(label: str, events: int, n: int) -> Rate:
    """A rate with Wilson's interval; without a figure below LEAST."""
    if n < LEAST:
        return Rate(label, events, n, None, None, None, f"{events} of {n}: {LEAST} are needed for a rate")
    found = wilson(events, n)
    return Rate(label, events, n, found.value, found.low, found.high, f"{events} of {n}")
