"""Who was held out of a play, and when it was opened: lines of the audit journal, written where it happens, never
edited.

The application appends them when it draws and opens; a file of such lines is read the same way, so that a team with
its own task system can measure its plays. A line is a journal record (`barograph.lake.journal`):

- `what = "play assignment"`, `counts` = {play, account_id, key, as_of, arm, compared, share, draw, seed, begins_on}.
  One per account and play, at the first trigger; a second one for the same account is ignored.
- `what = "play run"`, `counts` = {play, account_id, key, opened_on}. One per run that was opened, by a trigger or by
  hand, also for accounts that had been held out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from barograph.core.calendar import day_number, to_date
from barograph.core.play_assignment import Assigned
from barograph.definitions.play import HoldOut
from barograph.errors import UsageError
from barograph.lake.journal import Record, record_from

ASSIGNMENT = "play assignment"
RUN = "play run"
ARMS = ("treated", "held_out", "delayed")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One account's arm, from the day number it was drawn on. compared: it belongs to the comparison. share: held out
    of those drawn then."""

    play: str
    account_id: str
    day: int
    arm: str
    compared: bool
    begins: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a play that was opened on an account on a day."""

    play: str
    account_id: str
    day: int


@dataclass(frozen=True, slots=True)
class PlayRecords:
    """Assignments, one per account (the first), and runs, of one play."""

    assignments: tuple[Assignment, ...]
    runs: tuple[Run, ...]


def assignment_record(
    play: str, assigned: Assigned, rule: HoldOut, *, as_of: int, key: str, seed: str, now: datetime, user: str
) -> Record:
    """The line for a draw on the week `as_of` (a day number). key: of the trigger that it was drawn for."""
    delayed = assigned.arm == "delayed" and rule.delay_days is not None
    begins = to_date(as_of + (rule.delay_days or 0)).isoformat() if delayed else None
    counts = {
        "play": play,
        "account_id": assigned.account_id,
        "key": key,
        "as_of": to_date(as_of).isoformat(),
        "arm": assigned.arm,
        "compared": assigned.compared,
        "share": rule.share,
        "draw": assigned.draw,
        "seed": seed,
        "begins_on": begins,
    }
    return Record.of(now, user, ASSIGNMENT, reason=assigned.why, counts=counts)


def run_record(play: str, account_id: str, *, opened_on: date, key: str, now: datetime, user: str) -> Record:
    """The line for a run that was opened."""
    counts = {"play": play, "account_id": account_id, "key": key, "opened_on": opened_on.isoformat()}
    return Record.of(now, user, RUN, counts=counts)


def records_of(play: str, lines: Iterable[Record], day: int) -> PlayRecords:
    """What is recorded of a play before a day, in order of time.

    Raises UsageError for a line that has not what it must have.
    """
    first: dict[str, Assignment] = {}
    runs: list[Run] = []
    for line in lines:
        if line.what not in (ASSIGNMENT, RUN) or line.counts.get("play") != play:
            continue
        if line.what == RUN:
            found = _run(line)
            if found.day < day:
                runs.append(found)
            continue
        assigned = _assignment(line)
        standing = first.get(assigned.account_id)
        if assigned.day < day and (standing is None or assigned.day < standing.day):
            first[assigned.account_id] = assigned
    ordered = sorted(first.values(), key=lambda a: (a.day, a.account_id))
    return PlayRecords(tuple(ordered), tuple(sorted(runs, key=lambda r: (r.day, r.account_id))))


def lines_of(path: Path) -> Iterator[Record]:
    """The records in a file of JSON lines. Raises UsageError naming the line that is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}.", where=str(path)) from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item: dict[str, Any] = json.loads(line)
            yield record_from({"at": "", "user": "", "reason": "", "generation": None, **item})
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"line {number} is no record: {error}.",
                where=str(path),
                hint='Each line is {"what": "play assignment", "counts": {...}}; see docs/methods/play-effect.md.',
            ) from None


def _assignment(line: Record) -> Assignment:
    arm = _text(line, "arm")
    if arm not in ARMS:
        raise UsageError(f"arm is {arm!r}; it must be one of {', '.join(ARMS)}.", where=_place(line))
    begins = line.counts.get("begins_on")
    return Assignment(
        _text(line, "play"),
        _text(line, "account_id"),
        _day(line, "as_of"),
        arm,
        bool(line.counts.get("compared", True)),
        None if begins is None else _day(line, "begins_on"),
        float(line.counts.get("share") or 0.0),
    )


def _run(line: Record) -> Run:
    return Run(_text(line, "play"), _text(line, "account_id"), _day(line, "opened_on"))


def _text(line: Record, key: str) -> str:
    value = line.counts.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{key} is {value!r}; it must be a text.", where=_place(line))
    return value


def _day(line: Record, key: str) -> int:
    value = _text(line, key)
    try:
        return day_number(date.fromisoformat(value))
    except ValueError:
        raise UsageError(f"{key} is {value!r}; it must be a date, YYYY-MM-DD.", where=_place(line)) from None


def _place(line: Record) -> str:
    return f"{line.what} of {line.counts.get('account_id', 'an account')}"
