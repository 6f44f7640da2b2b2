"""What lists and pages say of clocks, of the history of a task, and of where a task comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from barograph.reports.render.phrases import date_words
from barograph_web.plays.models import Clock, ClockDemand, Task, TaskEvent

SOON = timedelta(hours=24)
SOURCES = {
    "play": "Play",
    "cadence": "Cadence",
    "review": "Review",
    "pulse": "Pulse",
    "handover": "Hand-over",
    "escalation": "Escalation",
    "person": "Added by hand",
    "api": "From the API",
}
DEMANDS = {
    ClockDemand.OWNER: "owner",
    ClockDemand.TOUCH: "customer touch",
    ClockDemand.PLAN: "plan",
    ClockDemand.RESOLVE: "resolution",
    ClockDemand.ACCEPT: "acceptance",
    ClockDemand.TASK: "done",
}
EVENTS = {
    "made": "added it",
    "done": "completed it",
    "dropped": "dropped it",
    "snoozed": "snoozed it",
    "woken": "woke it",
    "handed_over": "handed it over",
    "moved": "promised another day",
    "breached": "its clock ran out",
    "escalated": "brought it before a lead",
}


@dataclass(frozen=True, slots=True)
class ClockWords:
    """tone: "bad" when it is over, "warn" within a day, "" else; words: what it waits for and how long."""

    tone: str
    words: str
    due_at: datetime


def clock_words(clock: Clock, now: datetime) -> ClockWords:
    """ "customer touch in 5 h", "plan 2 days late", "owner: paused"."""
    what = DEMANDS.get(ClockDemand(clock.demand), clock.demand)
    if clock.paused_at is not None:
        return ClockWords("", f"{what}: paused", clock.due_at)
    left = clock.due_at - now
    if left <= timedelta(0):
        return ClockWords("bad", f"{what} {_span(-left)} late", clock.due_at)
    return ClockWords("warn" if left <= SOON else "", f"{what} in {_span(left)}", clock.due_at)


def source_words(task: Task) -> str:
    """Where a task comes from: the play's title, or the part of the product that asked for it."""
    if task.play_run is not None:
        return task.play_run.title
    return SOURCES.get(task.source, task.source.replace("_", " ").capitalize())


def event_words(event: TaskEvent) -> str:
    """What happened, as a sentence after the name of who did it; of something that nobody did, by itself."""
    told = EVENTS.get(event.what, event.what.replace("_", " "))
    match event.what:
        case "snoozed" if event.after.get("until"):
            told += f" until {date_words(event.after['until'])}"
        case "moved" if event.after.get("due_on"):
            told = f"moved it from {_day(event.before.get('due_on'))} to {_day(event.after['due_on'])}"
        case "handed_over":
            told = f"gave it to {event.after.get('owner') or 'nobody yet'}"
            if event.before.get("owner"):
                told += f", after {event.before['owner']}"
    return told


def days_late(due_on: date, today: date) -> int:
    """How many days over; 0 when it is not."""
    return max(0, (today - due_on).days)


def _day(text: str | None) -> str:
    return date_words(text) if text else "no day"


def _span(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    if hours < 1:
        return f"{max(1, round(hours * 60))} min"
    return f"{round(hours)} h" if hours < 36 else f"{round(hours / 24)} days"
