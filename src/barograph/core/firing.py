"""What a week's triggers come to: plays that fire, what is held back and why, and a data incident if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from barograph.core.calendar import to_date

HeldBecause = Literal[
    "version_not_released", "going_live", "data_incident", "audience", "insufficient", "over"
]

HELD_WORDS: dict[HeldBecause, str] = {
    "version_not_released": "a new version of the model scored this week, and nobody has released what it moved",
    "going_live": "the history behind this week was filled in afterwards, and nobody has released it",
    "data_incident": "so much of the portfolio moved at once that the data is looked at first",
    "audience": "the account is not among those that the play is for",
    "insufficient": "too little is known of the account for a score",
    "over": "what set it off is over by now",
}


@dataclass(frozen=True, slots=True)
class Fired:
    """One play that one account's change sets off.

    key: of play, account and the transition: the same week looked at again gives the same keys. cause: what tells two
    reasons of one play apart (the milestone of a date), "" otherwise. day: day number of the week in which it began.
    reason: in plain words. evidence: JSON-able figures of that week. tier: displayed tier of the week asked about
    (None: not scored any more). milestone, deadline: of a date trigger, days before and the day number of the date.
    """

    play: str
    account_id: str
    key: str
    cause: str
    day: int
    reason: str
    evidence: Mapping[str, Any]
    tier: str | None
    arr: float | None
    priority: int
    milestone: int | None = None
    deadline: int | None = None


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A play that would have fired, and why it does not."""

    fired: Fired
    because: HeldBecause

    @property
    def words(self) -> str:
        """Why, as a sentence without a full stop."""
        return HELD_WORDS[self.because]


@dataclass(frozen=True, slots=True)
class Incident:
    """The fleet-wide guard: more of the portfolio moved at once than accounts do by themselves.

    key: the same for as long as it goes on from week to week. kind: scores (so many scores moved the same way), fired
    (so many accounts would have a play), feed (a feed behind much of the score is silent). moved of accounts, share =
    moved / accounts; arr: revenue of those that moved, None where none is known. signals: (label, accounts it moved
    most), largest first. plays: name -> firings it holds back. what: in plain words.
    """

    key: str
    kind: Literal["scores", "fired", "feed"]
    day: int
    what: str
    moved: int
    accounts: int
    share: float
    arr: float | None
    signals: tuple[tuple[str, int], ...]
    plays: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FiredReport:
    """What plays the week `day` sets off: fired, in order of priority, revenue and account; held back, by play.

    compared_with: the published week before, None for the first. version: key of the model version of the week.
    unreleased: versions in the stretch looked at that nobody has released.
    """

    day: int
    compared_with: int | None
    version: str
    unreleased: tuple[str, ...]
    fired: tuple[Fired, ...]
    held_back: tuple[HeldBack, ...]
    incident: Incident | None


def transition_key(play: str, account_id: str, day: int, cause: str = "") -> str:
    """The key of a transition: `rescue/acme/2026-11-16`, with a cause `renewal/acme/2027-01-31/90`."""
    return "/".join([play, account_id, to_date(day).isoformat(), *([cause] if cause else [])])
