"""What an event says as one sentence, for the bell, mails and chat; and which page it leads to.

Texts come from customers' systems: they are made printable here, and escaped by whoever writes them into HTML or chat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.urls import reverse

from barograph.reports.render.phrases import (
    counted,
    date_words,
    printable,
    rough_money,
    score_words,
    tier_words,
)
from barograph_web.alerts.models import Event
from barograph_web.portfolio.queries_list import people
from barograph_web.users.models import User

Said = Mapping[str, Any]
Sentence = Callable[[str, Said], str]
"""(name of the account, payload) -> one sentence without a full stop."""
ADDRESSES = ("owner_email", "to_email", "from_email", "author_email", "by_email")


def sentence(event: Event, account: str, names: Mapping[str, str] | None = None) -> str:
    """What happened. account: the account's name, "" for an event that is about none. names: address -> what to call
    the person; those that are not among them are called by their address."""
    said = dict(event.payload)
    for field in ADDRESSES:
        if said.get(field) and names:
            said[field] = names.get(said[field], said[field])
    return str(printable(_SENTENCES[event.kind](account or event.account_id, said)))


def called(events: Iterable[Event], reader: User | None = None) -> dict[str, str]:
    """Whom some events name: address -> name, "you" for who reads it. One question for all of them."""
    addresses = {
        str(event.payload[field]) for event in events for field in ADDRESSES if event.payload.get(field)
    }
    names = people(addresses) if addresses else {}
    return names | {a: "you" for a in addresses if reader is not None and a.lower() == reader.email}


def because(event: Event) -> str:
    """Why, in the words of the event; "" where it says none."""
    said = event.payload
    told = (
        said.get("reason") or said.get("excerpt") or said.get("what") or said.get("error") or said.get("note")
    )
    return str(printable(told or ""))


def figures(event: Event, currency: str) -> str:
    """Revenue and the opt-out deadline, as far as the event has them: "EUR 84 k, opt-out 28 Dec 2026"."""
    arr, opt_out = event.payload.get("arr"), event.payload.get("opt_out_on")
    parts = [
        rough_money(arr, currency) if arr is not None else "",
        f"opt-out {date_words(opt_out)}" if opt_out else "",
    ]
    return ", ".join(part for part in parts if part)


LINKS: dict[str, Callable[[Event], str]] = {}


def link_with(kind: str, function: Callable[[Event], str]) -> None:
    """Have events of a kind lead to a page of another app: `function(event)` gives its path. Called in
    AppConfig.ready. Without one they lead to the task, the account's page, or the alerts."""
    LINKS[kind] = function


def path_of(event: Event) -> str:
    """The page that an event leads to."""
    found = LINKS.get(event.kind)
    if found is not None:
        return found(event)
    if event.payload.get("task_id"):
        return reverse("work:task", args=[event.payload["task_id"]])
    if event.kind == "refresh.failed":
        return reverse("ops:run", args=[event.payload["run_id"]])
    if event.account_id:
        return reverse("portfolio:account", args=[event.account_id])
    return {
        "import.quarantined": reverse("ingest:quarantine"),
        "model.approved": reverse("scoring:models"),
        "data.incident": reverse("review:week"),
    }.get(event.kind, reverse("alerts:mine"))


def _tier(name: str) -> str:
    return tier_words(name, {})


def _moved(account: str, said: Said) -> str:
    before, after = _tier(said["before"]), _tier(said["after"])
    if said["after"] == "insufficient":
        return f"{account} has no score any more: too little is known ({before} before)"
    if said["before"] == "insufficient":
        return f"{account} has a score again: {after}"
    verb = "fell" if said["direction"] == "down" else "rose"
    return f"{account} {verb} from {before} to {after}, score {score_words(said['score'])}"


def _dropped(account: str, said: Said) -> str:
    return (
        f"{account}: score {score_words(said['score_before'])} to {score_words(said['score'])} in a week, "
        f"still {_tier(said['tier'])}"
    )


def _whose(said: Said) -> str:
    return said.get("owner_email") or (f"pool {said['pool']}" if said.get("pool") else "nobody yet")


def _week(key: str) -> str:
    """A run is named by its Monday, unless somebody asked for it under another name."""
    try:
        return date_words(key[:10])
    except ValueError:
        return key


def _ended(state: str) -> str:
    return "failed" if state == "failed" else "was refused for lack of data"


def _about(account: str) -> str:
    return f" ({account})" if account else ""


_SENTENCES: dict[str, Sentence] = {
    "tier.changed": _moved,
    "score.dropped": _dropped,
    "play.opened": lambda a, s: f"{s['title']} began for {a}",
    "play.closed": lambda a, s: f"{s['title']} {s['outcome']} for {a}",
    "task.assigned": lambda a, s: f"Task for {_whose(s)}: {s['title']}{_about(a)}",
    "task.due": lambda a, s: f"Due: {s['title']}{_about(a)}",
    "task.breached": lambda a, s: (
        f"Service level for the {s['clock']} missed: {s['title']}{_about(a)}, with {_whose(s)}"
    ),
    "task.escalated": lambda a, s: f"Escalated: {s['title']}{_about(a)}, with {_whose(s)}",
    "mention.made": lambda a, s: f"{s['by']} named you on {s['where']}{_about(a)}",
    "data.incident": lambda _, s: (
        f"{counted(s['accounts'], 'account')} ({s['share'] * 100:.0f}%) moved at once: look at the data first"
    ),
    "pulse.due": lambda a, s: (
        f"Pulse of {a} {'overdue since' if s['overdue'] else 'due on'} {date_words(s['due_on'])}"
    ),
    "pulse.expired": lambda a, s: f"The pulse of {a} expired on {date_words(s['expired_on'])}",
    "pulse.diverged": lambda a, s: f"{a}: the numbers say {_tier(s['tier'])}, the pulse says {s['says']}",
    "verdict.recorded": lambda a, s: f"The score of {a} was {s['verdict']}",
    "handover.requested": lambda a, s: f"Hand-over of {a}: {s['title']}",
    "handover.accepted": lambda a, s: (
        f"Hand-over of {a} accepted by {s['to_email'] or 'its receiver'}: {s['title']}"
    ),
    "handover.overdue": lambda a, s: f"Hand-over of {a} not accepted in time: {s['title']}",
    "escalation.opened": lambda a, s: f"Escalation for {a}: {s['title']}",
    "escalation.resolved": lambda a, s: f"Escalation for {a} resolved: {s['title']}",
    "model.approved": lambda _, s: (
        f"Model {s['version']} "
        + ("came into force" if s["how"] == "approved" else "brought an earlier definition back")
        + ". What it moves waits to be released"
    ),
    "import.quarantined": lambda _, s: f"{counted(s['rows'], 'row')} set aside by import {s['import_id']}",
    "refresh.failed": lambda _, s: f"The refresh of {_week(s['key'])} {_ended(s['state'])}",
    "segment.step": lambda a, s: f"{a}: {s['action']} {s['segment'] or s['step']}, play {s['play']}",
}
